/* Objects have one version here, "null" (as in a bucket that never had versioning). */
#ifndef CORACLE_API_S3_VERSION_H
#define CORACLE_API_S3_VERSION_H

#include "api/s3/call.h"
#include "api/s3/fault.h"

static inline bool s3_version_is_null(struct slice version)
{
	return !version.len || slice_is(version, "null");
}

/* ?versionId= names another one: NoSuchVersion. */
static inline int s3_version_check(const struct s3_call *c, struct err *err)
{
	return s3_version_is_null(http_query(c->x, "versionId")) ? 0 : s3_fault(err, S3_NO_VERSION);
}

#endif
