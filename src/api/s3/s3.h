/*
 * The S3 protocol on the embedded object store.
 *
 * Signatures are checked once, by the listener's authenticate function, before a handler runs; handlers get the
 * request only in its verified form. Path style and, with `domain` set, virtual-host style ("bucket.DOMAIN").
 */
#ifndef CORACLE_API_S3_S3_H
#define CORACLE_API_S3_S3_H

#include "base/clock.h"
#include "base/err.h"
#include "net/server.h"
#include "store/object.h"

struct s3_api;

struct s3_options {
	struct object_store *store;
	const char *access_key, *secret_key; /* of the one user */
	const char *region;                  /* NULL: "us-east-1"; signatures for any region are accepted */
	const char *const *domains;          /* buckets also answer as BUCKET.DOMAIN; "localhost" is always one */
	size_t domains_n;
	const struct clock *clock;
	const struct random *random;
};

/* What it points to outlives the api. */
int s3_api_new(const struct s3_options *options, struct s3_api **out, struct err *err);
/* Fills routes, app, authenticate and fail; name, address and TLS are the caller's. */
void s3_api_listener(struct s3_api *api, struct listener *out);
void s3_api_free(struct s3_api *api);

/* The operations behind the signed routes, for listings. False after the last. */
struct s3_operation_doc {
	const char *name;  /* AWS': "ListObjectsV2" */
	unsigned methods;  /* of enum http_method */
	const char *path;  /* "/", "/{bucket}" or "/{bucket}/{key...}" */
	const char *query; /* parameter that must be there, or NULL */
};
bool s3_operation_at(size_t i, struct s3_operation_doc *out);

#endif
