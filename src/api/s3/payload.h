/*
 * The body of a verified request: unwrapped from aws-chunked, checked against everything that was signed or announced
 * (length, SHA-256, MD5, checksum header or trailer). Nothing of a body is handed on as complete before all of it held.
 */
#ifndef CORACLE_API_S3_PAYLOAD_H
#define CORACLE_API_S3_PAYLOAD_H

#include "api/s3/checksum.h"

/* Into the store: *out is ended, verified, and nobody's yet. `otherwise` is the checksum to compute when
 * the client names none. */
int s3_payload_store(const struct s3_call *c, const struct s3_announced *announced, enum checksum_kind otherwise,
		     struct content **out, struct err *err);
/* Into memory, for XML documents: at most limits.s3_document_bytes. In the arena. `checksums`: the checksum headers are
 * about this body (those of CompleteMultipartUpload are about the object). */
int s3_payload_document(const struct s3_call *c, bool checksums, struct slice *out, struct err *err);

#endif
