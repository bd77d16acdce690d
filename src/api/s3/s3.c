/* The S3 listener: its routes and what they share; see s3.h. */
#include "api/s3/s3.h"

#include <stdlib.h>
#include <unistd.h>

#include "api/s3/call.h"
#include "api/s3/fault.h"
#include "api/s3/operation.h"
#include "api/s3/reply.h"
#include "base/check.h"
#include "base/log.h"
#include "codec/base64.h"
#include "crypto/hash.h"

/* MinIO's health checks: whoever reaches this is served. */
static void health(struct http_exchange *x)
{
	http_header_str(x, "Server", "Coracle");
	http_reply(x, 200, NULL, SLICE_LIT(""));
}

/* A browser asks before it sends: any origin may, since nothing here rests on cookies. */
static void preflight(struct http_exchange *x)
{
	struct slice method = http_field(x, "access-control-request-method"),
		     headers = http_field(x, "access-control-request-headers");
	s3_common_headers(x);
	if (method.ptr)
		http_header(x, "Access-Control-Allow-Methods", method);
	if (headers.ptr)
		http_header(x, "Access-Control-Allow-Headers", headers);
	http_reply(x, 204, NULL, SLICE_LIT(""));
}

enum { DELETE_BODY_BYTES = 64 << 10 }; /* a few clients send one; it is not looked at */

/* The operations behind these are in operation.c: a bucket named by the Host leaves its place in the path. */
static const struct route routes[] = {
    {HTTP_GET, "/minio/health/live", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, health},
    {HTTP_GET, "/minio/health/ready", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, health},
    {HTTP_GET, "/minio/health/cluster", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, health},
    {HTTP_GET, "/minio/health/cluster/read", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, health},
    {HTTP_OPTIONS, "/{path...}", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, preflight},
    {HTTP_PUT | HTTP_POST, "/{path...}", NULL, ACCESS_SIGNED, ROUTE_WORKER, -1, s3_dispatch, .raw_body = true},
    {HTTP_GET, "/{path...}", NULL, ACCESS_SIGNED, ROUTE_WORKER, 0, s3_dispatch, .raw_body = true},
    {HTTP_DELETE, "/{path...}", NULL, ACCESS_SIGNED, ROUTE_WORKER, DELETE_BODY_BYTES, s3_dispatch, .raw_body = true},
};

/* A canonical user id is 64 hex digits: here of the access key. */
static void make_owner(struct s3_api *api)
{
	uint8_t digest[32];
	hash_once(HASH_SHA256, api->access_key, digest);
	hex_encode(digest, sizeof digest, api->owner);
}

int s3_api_new(const struct s3_options *o, struct s3_api **out, struct err *err)
{
	if (!o->access_key || !*o->access_key || !o->secret_key || !*o->secret_key)
		return err_set(err, ERR_INVALID, "S3 needs an access key and a secret key");
	if (o->domains_n >= S3_DOMAINS_MAX)
		return err_set(err, ERR_INVALID, "more than %d domains of buckets", S3_DOMAINS_MAX - 1);
	struct s3_api *api = calloc(1, sizeof *api);
	if (!api)
		abort();
	api->store = o->store;
	api->access_key = slice_str(o->access_key);
	api->secret_key = slice_str(o->secret_key);
	api->region = slice_str(o->region ? o->region : "us-east-1");
	api->clock = o->clock ? o->clock : &clock_os;
	api->random = o->random ? o->random : &random_os;
	for (size_t i = 0; i < o->domains_n; i++)
		api->domains[api->domains_n++] = slice_str(o->domains[i]);
	api->domains[api->domains_n++] = SLICE_LIT("localhost");
	pthread_mutex_init(&api->lock, NULL);
	make_owner(api);
	*out = api;
	return 0;
}

void s3_api_listener(struct s3_api *api, struct listener *out)
{
	out->routes = routes;
	out->routes_n = COUNT_OF(routes);
	out->app = api;
	out->authenticate = s3_authenticate;
	out->fail = s3_fail;
	out->batch = true;
	out->running_max = (unsigned)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

void s3_api_free(struct s3_api *api)
{
	if (!api)
		return;
	pthread_mutex_destroy(&api->lock);
	free(api);
}
