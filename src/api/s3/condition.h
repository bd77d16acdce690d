/* If-Match and its siblings (RFC 9110 13), on reads, on the source of a copy, and on writes. */
#ifndef CORACLE_API_S3_CONDITION_H
#define CORACLE_API_S3_CONDITION_H

#include "api/s3/call.h"

enum s3_verdict { S3_PROCEED, S3_NOT_MODIFIED, S3_FAILED };

/* The four fields of a condition: the request's own, and those of the source of a copy. */
struct s3_condition_names {
	const char *match, *none_match, *modified_since, *unmodified_since;
};
extern const struct s3_condition_names s3_condition_own, s3_condition_source;

enum s3_verdict s3_condition_read(const struct s3_call *c, const struct s3_condition_names *names,
				  const struct object_info *info);
/* Does If-Range (RFC 9110 13.1.5) let a range count? Also without one. */
bool s3_condition_range(const struct s3_call *c, const struct object_info *info);
/* If-None-Match: * and If-Match of a write; other forms are not implemented. */
int s3_condition_write(const struct s3_call *c, struct object_condition *out, struct err *err);
int s3_condition_failed(struct err *err);
/* Without white space and quotes. */
struct slice s3_etag_bare(struct slice text);

#endif
