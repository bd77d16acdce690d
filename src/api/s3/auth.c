/*
 * The one place where a signature is checked: see call.h.
 *
 * A request without a signature is refused, but for a browser's form, whose policy is signed inside its body: it gets
 * a call that is marked, and the table of operations gives that to one handler only.
 */
#include <stdlib.h>

#include "api/s3/call.h"
#include "api/s3/fault.h"
#include "codec/base64.h"
#include "crypto/hash.h"

static const char empty_sha256[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static const struct {
	const char *value;
	enum s3_body_kind kind;
	bool header_only; /* the chain of chunks starts at the signature of an Authorization header */
} body_kinds[] = {
    {"UNSIGNED-PAYLOAD", S3_BODY_UNSIGNED, false},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", S3_BODY_CHUNKED, true},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", S3_BODY_CHUNKED_TRAILER, true},
    {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", S3_BODY_UNSIGNED_TRAILER, false},
};

/* A missing field was signed as the digest of nothing: then the body must be empty. */
static int body_kind(struct s3_call *c, struct err *err)
{
	struct slice v = c->claim.payload.ptr ? c->claim.payload : slice_str(empty_sha256);
	for (size_t i = 0; i < sizeof body_kinds / sizeof *body_kinds; i++)
		if (slice_is(v, body_kinds[i].value) && !(body_kinds[i].header_only && c->claim.kind != SIGV4_HEADER)) {
			c->body = body_kinds[i].kind;
			return 0;
		}
	c->body = S3_BODY_HASHED;
	if (hex_decode(v, c->body_sha256, sizeof c->body_sha256))
		return 0;
	if (slice_starts(v, "STREAMING-"))
		return err_set(err, ERR_UNSUPPORTED, "x-amz-content-sha256: %.*s is not implemented", SLICE_ARG(v));
	return err_set(err, ERR_INVALID,
		       "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
		       "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
		       "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.");
}

static bool is_form(const struct s3_call *c)
{
	return c->x->method == HTTP_POST && c->bucket.len && !c->key.len && !c->x->has_query &&
	       slice_starts(http_field(c->x, "content-type"), "multipart/form-data");
}

static int request_of(const struct s3_call *c, struct sigv4_request *out, struct err *err)
{
	const struct http_exchange *x = c->x;
	struct sigv4_field *fields = arena_array(x->arena, x->fields_n, sizeof *fields);
	if (!fields)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	for (size_t i = 0; i < x->fields_n; i++)
		fields[i] = (struct sigv4_field){x->fields[i].name, x->fields[i].value};
	*out = (struct sigv4_request){
	    .method = x->method_name, .path = x->path, .query = x->query, .fields = fields, .fields_n = x->fields_n};
	return 0;
}

/* Version 2 signs the bucket as part of the path, also where the Host names it. */
static int v2_path(const struct s3_call *c, struct sigv4_request *r, struct err *err)
{
	char *path = arena_printf(c->x->arena, "/%.*s%.*s", SLICE_ARG(c->bucket), SLICE_ARG(r->path));
	if (!path)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	r->path = slice_str(path);
	return 0;
}

/* The derived key of the day is kept between requests. */
static int check(struct s3_call *c, const struct sigv4_request *r, struct err *err)
{
	struct s3_api *api = c->api;
	struct sigv4_key key;
	pthread_mutex_lock(&api->lock);
	key = api->key;
	pthread_mutex_unlock(&api->lock);
	struct sigv4_key before = key;
	if (sigv4_check(r, &c->claim, api->secret_key, clock_wall_ns(api->clock), &key, c->x->arena, err) < 0)
		return -1;
	if (memcmp(&before, &key, sizeof key) != 0) {
		pthread_mutex_lock(&api->lock);
		api->key = key;
		pthread_mutex_unlock(&api->lock);
	}
	return 0;
}

static int verify(struct s3_call *c, bool virtual_host, struct err *err)
{
	struct sigv4_request r;
	if (request_of(c, &r, err) < 0 || sigv4_parse(&r, c->x->arena, &c->claim, err) < 0)
		return -1;
	if (c->claim.kind == SIGV4_NONE) {
		c->anonymous_form = is_form(c);
		c->body = S3_BODY_UNSIGNED;
		return c->anonymous_form ? 0 : s3_fault(err, S3_ACCESS_DENIED);
	}
	if (!slice_eq(c->claim.access_key, c->api->access_key))
		return s3_fault(err, S3_INVALID_ACCESS_KEY);
	if (c->claim.kind == SIGV2_PRESIGNED && virtual_host && v2_path(c, &r, err) < 0)
		return -1;
	if (check(c, &r, err) < 0)
		return -1;
	return body_kind(c, err);
}

int s3_authenticate(struct http_exchange *x, enum route_access access, struct err *err)
{
	if (access == ACCESS_PUBLIC)
		return 0;
	bool virtual_host;
	struct s3_call *c = arena_zalloc(x->arena, sizeof *c);
	struct principal *p = arena_zalloc(x->arena, sizeof *p);
	if (!c || !p)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	c->api = x->app;
	c->x = x;
	if (s3_address(c->api, x, &c->bucket, &c->key, &virtual_host, err) < 0 || verify(c, virtual_host, err) < 0)
		return -1;
	p->name = c->anonymous_form ? SLICE_LIT("anonymous") : c->api->access_key;
	p->anonymous = c->anonymous_form;
	p->proof = c;
	x->principal = p;
	return 0;
}

static struct slice form_field(const struct http_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_nocase(fields[i].name, name))
			return fields[i].value;
	return slice_of(NULL, 0);
}

static bool policy_mac_holds(enum hash_kind kind, struct slice key, struct slice policy, struct slice given)
{
	uint8_t mac[HASH_BYTES_MAX];
	hmac_once(kind, key, policy, mac);
	return given.len == hash_size(kind) && secret_eq(mac, given.ptr, given.len);
}

int s3_authenticate_form(const struct s3_call *c, const struct http_field *fields, size_t n, struct err *err)
{
	struct slice policy = form_field(fields, n, "policy"), signature = form_field(fields, n, "x-amz-signature");
	struct slice key_id = form_field(fields, n, "awsaccesskeyid"), mac = {0};
	struct sigv4_claim claim = {0};
	uint8_t key[SIGV4_KEY_BYTES], bytes[32];
	bool ok;
	if (!policy.len)
		return s3_fault(err, S3_ACCESS_DENIED);
	if (signature.ptr) {
		if (!slice_is(form_field(fields, n, "x-amz-algorithm"), "AWS4-HMAC-SHA256") ||
		    !sigv4_credential_parse(form_field(fields, n, "x-amz-credential"), &claim))
			return s3_fault(err, S3_MALFORMED_POST);
		sigv4_key_derive(c->api->secret_key, claim.date, claim.region, claim.service, key);
		ok = hex_decode(signature, bytes, sizeof bytes) &&
		     policy_mac_holds(HASH_SHA256, slice_of(key, sizeof key), policy, slice_of(bytes, sizeof bytes));
		key_id = claim.access_key;
	} else {
		signature = form_field(fields, n, "signature");
		ok = signature.len && base64_decode(signature, BASE64_STANDARD, c->x->arena, &mac) &&
		     policy_mac_holds(HASH_SHA1, c->api->secret_key, policy, mac);
	}
	if (!slice_eq(key_id, c->api->access_key))
		return s3_fault(err, S3_INVALID_ACCESS_KEY);
	if (ok)
		return 0;
	err_set(err, ERR_FORBIDDEN,
		"The request signature we calculated does not match the signature you provided. Check your key and "
		"signing method.");
	return err_sub(err, SIGV4_MISMATCH);
}
