/*
 * Checksums beside the MD5, as S3 writes them: base64 in headers, trailers and XML.
 * Source: "Checking object integrity", Amazon S3 User Guide. Algorithms not in the table are ignored: newer clients add
 * some, and what we do not check we do not claim to have checked.
 */
#ifndef CORACLE_API_S3_CHECKSUM_H
#define CORACLE_API_S3_CHECKSUM_H

#include "api/s3/call.h"
#include "base/buf.h"

struct checksum_name {
	const char *algorithm; /* "CRC32" */
	const char *header;    /* "x-amz-checksum-crc32" */
	const char *element;   /* "ChecksumCRC32" */
};
extern const struct checksum_name checksum_names[CHECKSUM_KINDS];

/* CHECKSUM_NONE when it is not in the table. Any case. */
enum checksum_kind checksum_of_algorithm(struct slice text);
enum checksum_kind checksum_of_header(struct slice name);

/* Base64, with "-parts" after a composite one's. False: not that many bytes. */
bool checksum_parse(enum checksum_kind kind, struct slice text, struct arena *a, struct checksum *out);
/* {NULL, 0} for none. In the arena. */
struct slice checksum_text(const struct checksum *checksum, uint32_t parts, struct arena *a);
const char *checksum_type(const struct checksum *checksum);
/* The element with the value and, with `type`, ChecksumType; nothing for none. */
void checksum_xml(struct buf *b, const struct checksum *checksum, uint32_t parts, bool type, struct arena *a);
/* Of bytes in memory. */
void checksum_compute(enum checksum_kind kind, struct slice bytes, struct checksum *out);

/* What a client announced of a body. */
struct s3_announced {
	int64_t size; /* decoded bytes; -1: not said */
	bool has_md5, has_checksum;
	uint8_t md5[16];
	struct checksum checksum; /* kind also without a value: to be computed */
	const char *trailer;      /* field that will bring the value, or NULL */
};
int s3_announced_read(const struct s3_call *c, struct s3_announced *out, struct err *err);

#endif
