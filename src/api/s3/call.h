/*
 * A verified request. Only authentication (auth.c) makes one, so a handler that takes it cannot run on a request whose
 * signature did not hold.
 */
#ifndef CORACLE_API_S3_CALL_H
#define CORACLE_API_S3_CALL_H

#include <pthread.h>

#include "api/s3/s3.h"
#include "crypto/sigv4.h"

enum { S3_OWNER_CHARS = 64, S3_DOMAINS_MAX = 16 };

struct s3_operation;

struct s3_api {
	struct object_store *store;
	struct slice access_key, secret_key, region;
	struct slice domains[S3_DOMAINS_MAX];
	size_t domains_n;
	char owner[S3_OWNER_CHARS + 1]; /* canonical id of the one user */
	const struct clock *clock;
	const struct random *random;
	pthread_mutex_t lock; /* of key */
	struct sigv4_key key; /* the last derived one */
};

/* How the body is covered by the signature: decided by the signed x-amz-content-sha256. */
enum s3_body_kind {
	S3_BODY_HASHED, /* its SHA-256 was signed */
	S3_BODY_UNSIGNED,
	S3_BODY_CHUNKED,          /* aws-chunked, each chunk signed */
	S3_BODY_CHUNKED_TRAILER,  /* and a signed trailer */
	S3_BODY_UNSIGNED_TRAILER, /* aws-chunked, unsigned, with a trailer */
};

struct s3_call {
	struct s3_api *api;
	struct http_exchange *x;
	struct slice bucket, key; /* decoded; empty: the service, the bucket */
	enum s3_body_kind body;
	uint8_t body_sha256[32]; /* S3_BODY_HASHED */
	struct sigv4_claim claim;
	const struct s3_operation *operation; /* once it was looked up */
	bool anonymous_form;                  /* no signature yet: a browser's form, which carries its own (post.c) */
};

/* The listener's authenticate function: signature, then x->principal with the call as its proof. */
int s3_authenticate(struct http_exchange *x, enum route_access access, struct err *err);

/* The same for a browser's form, whose signature is over the policy in its fields: x-amz-… of version 4, or
 * AWSAccessKeyId and signature of version 2. */
int s3_authenticate_form(const struct s3_call *c, const struct http_field *fields, size_t fields_n, struct err *err);

/* Bucket and key from path and Host: path style, or "bucket.DOMAIN". *virtual_host says which. */
int s3_address(const struct s3_api *api, struct http_exchange *x, struct slice *bucket, struct slice *key,
	       bool *virtual_host, struct err *err);
/* A key as stored: leading slashes dropped (MinIO's rule), and it must be UTF-8. */
int s3_key_clean(struct slice *key, struct err *err);

#endif
