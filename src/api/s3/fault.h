/*
 * S3's error codes. One table (fault.c) names the code and the status of everything that can go wrong, whichever layer
 * found it: S3's own faults (enum s3_error), those of the object store and of signatures (err.sub), and for the rest
 * the common table base/err_table.h.
 *
 * Source: "Error responses", Amazon S3 API Reference.
 */
#ifndef CORACLE_API_S3_FAULT_H
#define CORACLE_API_S3_FAULT_H

#include "base/err.h"
#include "net/http.h"

/* Values of err.sub that are S3's own; apart from those of store/object.h and crypto/sigv4.h. */
enum s3_error {
	S3_OWN = 100,
	S3_ACCESS_DENIED,
	S3_INVALID_ACCESS_KEY,
	S3_INVALID_URI,
	S3_MALFORMED_XML,
	S3_BAD_DIGEST,
	S3_INVALID_DIGEST,
	S3_CHECKSUM_INVALID,
	S3_CHECKSUMS_MANY,
	S3_CHECKSUM_TYPE,
	S3_TRAILER,
	S3_SHA256_MISMATCH,
	S3_INCOMPLETE_BODY,
	S3_LENGTH_MISSING,
	S3_METADATA_TOO_LARGE,
	S3_NO_VERSION,
	S3_INVALID_RANGE,
	S3_INVALID_PART_NUMBER,
	S3_STORAGE_CLASS,
	S3_ACL_UNSUPPORTED,
	S3_COPY_TO_ITSELF,
	S3_MALFORMED_POST,
	S3_METHOD,
	/* what is not configured, since it cannot be */
	S3_NO_POLICY,
	S3_NO_LIFECYCLE,
	S3_NO_TAGS,
	S3_NO_OBJECT_LOCK,
	S3_NO_RETENTION,
	S3_NO_ENCRYPTION,
	S3_NO_REPLICATION,
	S3_NO_CORS,
	S3_NO_WEBSITE,
	S3_NO_OWNERSHIP,
	S3_NO_PUBLIC_ACCESS_BLOCK,
};

/* Sets code, sub and the table's own text; returns -1. */
#define s3_fault(err, sub) s3_fault_at((err), (sub), __FILE__, __LINE__)
int s3_fault_at(struct err *err, enum s3_error sub, const char *file, int line);

struct s3_fault_name {
	const char *code;
	int status;
	const char *text; /* AWS', or what the error says */
};
struct s3_fault_name s3_fault_name(const struct err *err);

/* Answers with the error document; the listener's `fail`. */
void s3_fail(struct http_exchange *x, const struct err *err);

#endif
