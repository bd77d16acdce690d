/*
 * Bodies with Content-Encoding aws-chunked, from the wire to the bytes they carry, as a pull reader:
 *
 *   size[;chunk-signature=hex]\r\n bytes \r\n … 0[;chunk-signature=hex]\r\n [name:value\r\n…
 *   [x-amz-trailer-signature:hex\r\n]] \r\n
 *
 * STREAMING-AWS4-HMAC-SHA256-PAYLOAD[-TRAILER] and STREAMING-UNSIGNED-PAYLOAD-TRAILER. A signed chunk's bytes are given
 * out only after its signature held, so a chunk is held in memory (limits.s3_chunk_bytes); an unsigned one streams.
 * ERR_MALFORMED for broken framing or a short body; ERR_FORBIDDEN with sub SIGV4_MISMATCH for a wrong signature.
 */
#ifndef CORACLE_CRYPTO_AWS_CHUNKED_H
#define CORACLE_CRYPTO_AWS_CHUNKED_H

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/sigv4.h"

enum { AWS_TRAILERS_MAX = 4, AWS_TRAILER_BYTES_MAX = 512, AWS_LINE_BYTES_MAX = 1024 };

struct aws_chunked {
	/* set by the caller */
	int (*read)(void *arg, void *p, size_t n, size_t *got, struct err *err); /* *got 0 at the end */
	void *arg;
	bool is_signed, has_trailer;
	struct sigv4_chain chain;
	/* given at the end: trailer fields, names in lower case, NUL-terminated */
	char trailer_names[AWS_TRAILERS_MAX][64], trailer_values[AWS_TRAILERS_MAX][AWS_TRAILER_BYTES_MAX];
	size_t trailers_n;
	/* own */
	struct buf in, chunk;
	size_t in_at, chunk_at;
	uint64_t left; /* bytes of an unsigned chunk still to come */
	bool source_ended, inside, ended;
};

void aws_chunked_init(struct aws_chunked *d);
void aws_chunked_release(struct aws_chunked *d);
/* *got 0 at the end, after the last chunk and the trailer were checked and nothing followed. */
int aws_chunked_read(struct aws_chunked *d, void *out, size_t n, size_t *got, struct err *err);
/* Value of a trailer field, or {NULL, 0}; after the end. */
struct slice aws_chunked_trailer(const struct aws_chunked *d, const char *name);

#endif
