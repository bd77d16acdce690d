/*
 * The policy of a browser's form: JSON that says until when, and which fields may have which values.
 * Source: "POST Policy", Amazon S3 API Reference.
 */
#ifndef CORACLE_API_S3_POLICY_H
#define CORACLE_API_S3_POLICY_H

#include "api/s3/form.h"

struct s3_policy {
	int64_t size_least, size_most; /* of the file; most -1: no limit */
};

/* Does the form keep to the policy in its own field "policy"? ERR_FORBIDDEN with the condition that failed. A field
 * that no condition names fails, too. */
int s3_policy_check(const struct form *f, struct slice bucket, int64_t now_ns, struct s3_policy *out, struct err *err);

#endif
