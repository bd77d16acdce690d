/*
 * s3://BUCKET[/PREFIX]: an exact key is that one object; otherwise every object below PREFIX/ (a step boundary: "mod"
 * does not take "model.joblib"). Keys that end in '/' are folders that consoles leave behind; they are skipped.
 *
 * Two sources with one face: our own object store, read in place, and any S3 over HTTP (ListObjectsV2, GetObject,
 * Signature V4).
 */
#include <errno.h>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/url.h"
#include "codec/xml.h"
#include "control/beneath.h"
#include "control/fetch_parts.h"
#include "crypto/hash.h"
#include "crypto/sigv4.h"
#include "net/client.h"
#include "store/object.h"

enum { PAGE_ITEMS = 1000, LIST_BYTES_MAX = 8 << 20, ARENA_BYTES = 64 << 20 };

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct key_page {
	struct slice *keys; /* in the arena */
	size_t n;
	bool more;
	struct slice token; /* where the next page begins: last key, or continuation token */
};

struct s3_source {
	struct fetch_sink *sink;
	const struct fetch_s3 *s3;
	struct slice bucket, prefix; /* prefix without trailing '/' */
	const char *endpoint;        /* as the user wrote it, for messages */
	char host[280];              /* HOST:PORT, or HOST where the port is the scheme's */
	const char *connect_to;
	bool https;
	int (*page)(struct s3_source *s, struct slice token, struct arena *arena, struct key_page *out,
		    struct err *err);
	int (*get)(struct s3_source *s, struct slice key, struct fetch_file *f, struct err *err);
};

static int s3_refuse(struct s3_source *s, struct err *err, enum err_code code, const char *s3_code, const char *message)
{
	return err_set(err, code, "s3://%.*s%s%.*s: %s: %s (S3 at %s)", SLICE_ARG(s->bucket), s->prefix.len ? "/" : "",
		       s->prefix.len > 300 ? 300 : (int)s->prefix.len, s->prefix.len ? s->prefix.ptr : "", s3_code,
		       message, s->endpoint);
}

/* ---- our own store ---- */

static bool secret_same(const char *a, const char *b)
{
	size_t n = strlen(a);
	return n == strlen(b) && secret_eq(a, b, n);
}

/* What S3 would answer to these keys. */
static int own_check_keys(struct s3_source *s, struct err *err)
{
	const struct fetch_options *o = s->sink->o;
	const struct fetch_s3 *k = s->s3;
	if (!k || k->anonymous || !k->access_key || !*k->access_key)
		return s3_refuse(s, err, ERR_FORBIDDEN, "AccessDenied",
				 k && k->anonymous ? "Access Denied."
						   : "Access Denied: the service account has no secret with "
						     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	if (!o->s3_access_key || !secret_same(k->access_key, o->s3_access_key))
		return s3_refuse(s, err, ERR_FORBIDDEN, "InvalidAccessKeyId",
				 "The AWS Access Key Id you provided does not exist in our records.");
	if (!o->s3_secret_key || !k->secret_key || !secret_same(k->secret_key, o->s3_secret_key))
		return s3_refuse(s, err, ERR_FORBIDDEN, "SignatureDoesNotMatch",
				 "The request signature we calculated does not match the signature you provided. Check "
				 "your key and signing method.");
	return 0;
}

static int own_error(struct s3_source *s, struct err *err)
{
	if (err->sub == OBJECT_NO_BUCKET || err->sub == OBJECT_BUCKET_NAME)
		return s3_refuse(s, err, ERR_NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist");
	return err_wrap(err, "s3://%.*s", SLICE_ARG(s->bucket));
}

static int own_page(struct s3_source *s, struct slice token, struct arena *arena, struct key_page *out, struct err *err)
{
	struct object_query q = {.bucket = s->bucket, .prefix = s->prefix, .after = token, .max = PAGE_ITEMS};
	struct object_page page;
	if (object_list(s->sink->o->objects, &q, arena, &page, err) < 0)
		return own_error(s, err);
	struct slice *keys = arena_array(arena, page.n + 1, sizeof *keys);
	if (!keys)
		return err_set(err, ERR_NO_MEMORY, "listing is too large");
	for (size_t i = 0; i < page.n; i++)
		keys[i] = page.items[i].info.key;
	*out = (struct key_page){keys, page.n, page.truncated, page.n ? keys[page.n - 1] : slice_of(NULL, 0)};
	return 0;
}

static int own_get(struct s3_source *s, struct slice key, struct fetch_file *f, struct err *err)
{
	struct arena arena;
	struct object *o;
	arena_init(&arena, 0, ARENA_BYTES);
	int rc = object_open(s->sink->o->objects, s->bucket, key, &arena, &o, err);
	if (rc < 0) {
		arena_release(&arena);
		return own_error(s, err);
	}
	struct slice bytes;
	for (int64_t at = 0, size = object_info(o)->size; rc == 0 && at < size; at += (int64_t)bytes.len) {
		rc = object_view(o, at, &bytes, err);
		if (rc == 0)
			rc = fetch_file_write(f, bytes.ptr, bytes.len, err);
		else
			err_wrap(err, "s3://%.*s/%.*s", SLICE_ARG(s->bucket), SLICE_ARG(key));
	}
	object_close(o);
	arena_release(&arena);
	return rc;
}

/* ---- another S3 ---- */

/* Signs and sends; the answer's body goes to `f`, or to the arena when f is NULL. */
static int remote_send(struct s3_source *s, const char *path, const char *query, struct fetch_file *f,
		       struct arena *arena, struct client_response *answer, struct err *err)
{
	const struct fetch_s3 *k = s->s3;
	const struct clock *clock = s->sink->o->clock ? s->sink->o->clock : &clock_os;
	char amz_date[TIME_TEXT_BYTES];
	time_format_basic(clock_wall_ns(clock), amz_date, sizeof amz_date);
	struct sigv4_field fields[4] = {
	    {SLICE_LIT("host"), slice_str(s->host)},
	    {SLICE_LIT("x-amz-content-sha256"), SLICE_LIT(EMPTY_SHA256)},
	    {SLICE_LIT("x-amz-date"), slice_str(amz_date)},
	};
	size_t fields_n = 3, headers_n = 0;
	const char *headers[4];
	bool sign = k && !k->anonymous && k->access_key && *k->access_key;
	if (sign && k->session_token && *k->session_token)
		fields[fields_n++] =
		    (struct sigv4_field){SLICE_LIT("x-amz-security-token"), slice_str(k->session_token)};
	for (size_t i = 1; i < fields_n; i++)
		headers[headers_n++] =
		    arena_printf(arena, "%.*s: %.*s", SLICE_ARG(fields[i].name), SLICE_ARG(fields[i].value));
	if (sign) {
		struct sigv4_request signed_request = {.method = SLICE_LIT("GET"),
						       .path = slice_str(path),
						       .query = slice_str(query),
						       .fields = fields,
						       .fields_n = fields_n};
		const char *region = k->region && *k->region ? k->region : "us-east-1";
		struct slice value = sigv4_authorization(
		    &signed_request, slice_str(k->access_key), slice_str(k->secret_key ? k->secret_key : ""),
		    slice_str(region), SLICE_LIT("s3"), slice_str(amz_date), SLICE_LIT(EMPTY_SHA256), arena);
		headers[headers_n++] = arena_printf(arena, "Authorization: %.*s", SLICE_ARG(value));
	}
	struct client_request q = {
	    .url = arena_printf(arena, "%s://%s%s%s%s", s->https ? "https" : "http", s->host, path, *query ? "?" : "",
				query),
	    .headers = headers,
	    .headers_n = headers_n,
	    .addresses = fetch_addresses(s->sink->o),
	    .connect_to = s->connect_to,
	    .ca_file = k && k->ca_file && *k->ca_file ? k->ca_file : NULL,
	    .insecure = k && !k->verify,
	    .check = s->sink->o->check,
	    .check_arg = s->sink->o->check_arg,
	    .arena = arena,
	};
	if (arena->overflow)
		return err_set(err, ERR_NO_MEMORY, "request is too large");
	if (f) {
		q.write = fetch_file_receive;
		q.write_arg = f;
	} else {
		q.bytes_max = LIST_BYTES_MAX;
	}
	if (client_fetch(&q, answer, err) < 0) {
		if (f && f->err.code)
			*err = f->err;
		return -1;
	}
	return 0;
}

/* The error an answer carries, or its status. */
static int remote_error(struct s3_source *s, const struct client_response *answer, struct arena *arena, struct err *err)
{
	struct xml_node *root;
	struct slice code = {0}, message = {0};
	if (xml_parse(answer->body, arena, &root, NULL) == 0) {
		code = xml_child_text(root, "Code");
		message = xml_child_text(root, "Message");
	}
	const char *name = code.len ? arena_cstr(arena, code) : arena_printf(arena, "HTTP %d", answer->status);
	const char *text = message.len ? arena_cstr(arena, message) : "no error document";
	enum err_code as = answer->status == 404                            ? ERR_NOT_FOUND
			   : answer->status == 401 || answer->status == 403 ? ERR_FORBIDDEN
			   : answer->status == 400                          ? ERR_INVALID
									    : ERR_UNAVAILABLE;
	return s3_refuse(s, err, as, name ? name : "", text ? text : "");
}

static void bucket_path(struct s3_source *s, struct slice key, struct buf *out)
{
	if (!s->s3 || !s->s3->virtual_host) {
		buf_char(out, '/');
		url_encode(s->bucket, URL_ENCODE_ALL, out);
	}
	if (key.len || (s->s3 && s->s3->virtual_host))
		buf_char(out, '/');
	url_encode(key, URL_ENCODE_PATH, out);
}

static int remote_keys(struct s3_source *s, const struct client_response *answer, struct arena *arena,
		       struct key_page *out, struct err *err)
{
	struct xml_node *root;
	if (xml_parse(answer->body, arena, &root, err) < 0)
		return err_wrap(err, "listing of s3://%.*s from %s", SLICE_ARG(s->bucket), s->endpoint);
	bool encoded = slice_is(xml_child_text(root, "EncodingType"), "url");
	size_t n = 0;
	for (const struct xml_node *c = root->first; c; c = c->next)
		n += slice_is(c->name, "Contents");
	*out = (struct key_page){.keys = arena_array(arena, n + 1, sizeof *out->keys)};
	if (!out->keys)
		return err_set(err, ERR_NO_MEMORY, "listing is too large");
	for (const struct xml_node *c = root->first; c; c = c->next) {
		if (!slice_is(c->name, "Contents"))
			continue;
		const struct xml_node *key = xml_child(c, "Key");
		struct slice text = key ? key->text : slice_of("", 0);
		if (encoded && !url_decode_query(text, arena, &text))
			return err_set(err, ERR_UNAVAILABLE, "%s sent a key that cannot be decoded", s->endpoint);
		out->keys[out->n++] = text;
	}
	out->more = slice_is(xml_child_text(root, "IsTruncated"), "true");
	out->token = xml_child_text(root, "NextContinuationToken");
	if (out->more && !out->token.len)
		return err_set(err, ERR_UNAVAILABLE, "%s cut its listing off without a token to go on", s->endpoint);
	return 0;
}

static int remote_page(struct s3_source *s, struct slice token, struct arena *arena, struct key_page *out,
		       struct err *err)
{
	struct buf path, query;
	struct client_response answer;
	buf_init(&path, 1 << 16);
	buf_init(&query, 1 << 16);
	bucket_path(s, slice_of(NULL, 0), &path);
	if (token.len) {
		buf_str(&query, "continuation-token=");
		url_encode(token, URL_ENCODE_ALL, &query);
		buf_char(&query, '&');
	}
	buf_str(&query, "encoding-type=url&list-type=2&prefix=");
	url_encode(s->prefix, URL_ENCODE_ALL, &query);
	int rc = path.failed || query.failed ? err_set(err, ERR_INVALID, "storageUri is too long")
					     : remote_send(s, path.ptr, query.ptr, NULL, arena, &answer, err);
	if (rc == 0)
		rc = answer.status == 200 ? remote_keys(s, &answer, arena, out, err)
					  : remote_error(s, &answer, arena, err);
	buf_release(&path);
	buf_release(&query);
	return rc;
}

static int remote_get(struct s3_source *s, struct slice key, struct fetch_file *f, struct err *err)
{
	struct arena arena;
	struct buf path;
	struct client_response answer;
	arena_init(&arena, 0, ARENA_BYTES);
	buf_init(&path, 1 << 16);
	bucket_path(s, key, &path);
	int rc = path.failed ? err_set(err, ERR_INVALID, "key is too long")
			     : remote_send(s, path.ptr, "", f, &arena, &answer, err);
	if (rc == 0 && answer.status != 200)
		rc = remote_error(s, &answer, &arena, err);
	buf_release(&path);
	arena_release(&arena);
	return rc;
}

/* ---- both ---- */

static int take_object(struct s3_source *s, struct slice key, struct slice name, struct err *err)
{
	struct fetch_file f;
	if (!beneath_ok(name))
		return err_set(err, ERR_FORBIDDEN, "s3://%.*s: the key \"%.*s\" cannot be a file name",
			       SLICE_ARG(s->bucket), key.len > 300 ? 300 : (int)key.len, key.ptr);
	if (fetch_file_begin(s->sink, name, &f, err) < 0)
		return -1;
	int rc = s->get(s, key, &f, err);
	if (fetch_file_end(&f, rc == 0, err) < 0)
		rc = -1;
	if (rc == 0)
		fetch_log(s->sink->o, "Downloaded object %.*s to /mnt/models/%.*s", SLICE_ARG(key), SLICE_ARG(name));
	return rc;
}

/* 1: `key` was the exact object, nothing else is wanted. */
static int take_key(struct s3_source *s, struct slice key, struct slice *only, struct err *err)
{
	struct slice p = s->prefix;
	if (!key.len || key.ptr[key.len - 1] == '/')
		return 0;
	if (p.len && slice_eq(key, p)) {
		size_t at = key.len;
		while (at > 0 && key.ptr[at - 1] != '/')
			at--;
		*only = slice_from(key, at);
		return take_object(s, key, *only, err) < 0 ? -1 : 1;
	}
	if (p.len && !(key.len > p.len && key.ptr[p.len] == '/'))
		return 0;
	struct slice name = p.len ? slice_from(key, p.len + 1) : key;
	*only = name;
	return take_object(s, key, name, err);
}

static int take_all(struct s3_source *s, struct err *err)
{
	struct arena pages[2];
	struct key_page page = {.more = true};
	char last[1025] = "";
	int rc = 0;
	arena_init(&pages[0], 0, ARENA_BYTES);
	arena_init(&pages[1], 0, ARENA_BYTES);
	for (int turn = 0; rc == 0 && page.more; turn ^= 1) {
		arena_reset(&pages[turn]); /* the token lies in the other one */
		rc = s->page(s, page.token, &pages[turn], &page, err);
		for (size_t i = 0; rc == 0 && i < page.n; i++) {
			struct slice only;
			rc = take_key(s, page.keys[i], &only, err);
			if (rc >= 0 && s->sink->files == 1 && !last[0])
				snprintf(last, sizeof last, "%.*s", SLICE_ARG(only));
		}
	}
	arena_release(&pages[0]);
	arena_release(&pages[1]);
	if (rc < 0)
		return -1;
	if (!s->sink->files)
		return s3_refuse(s, err, ERR_NOT_FOUND, "NoSuchKey",
				 s->prefix.len ? "no object has this key or lies below it" : "the bucket is empty");
	return s->sink->files == 1 && fetch_is_archive(slice_str(last)) ? fetch_unpack(s->sink, slice_str(last), err)
									: 0;
}

/* Host, scheme and bucket style from the endpoint as the user wrote it. */
static int remote_endpoint(struct s3_source *s, char *host_port, size_t n, struct err *err)
{
	const char *at = s->endpoint;
	s->https = !s->s3 || s->s3->https;
	if (!strncmp(at, "https://", 8) || !strncmp(at, "http://", 7)) {
		s->https = at[4] == 's';
		at += s->https ? 8 : 7;
	}
	struct slice host = slice_str(at);
	while (host.len && host.ptr[host.len - 1] == '/')
		host.len--;
	if (!host.len || slice_find(host, '/') >= 0 || slice_find(host, '@') >= 0 || host.len > 250)
		return err_set(err, ERR_INVALID, "S3 endpoint \"%.200s\" is not HOST:PORT", s->endpoint);
	bool bucket_host = s->s3 && s->s3->virtual_host;
	if (bucket_host)
		snprintf(s->host, sizeof s->host, "%.*s.%.*s", SLICE_ARG(s->bucket), SLICE_ARG(host));
	else
		snprintf(s->host, sizeof s->host, "%.*s", SLICE_ARG(host));
	bool has_port = false;
	for (size_t i = host.len; i-- > 0 && host.ptr[i] != ']';)
		has_port = has_port || host.ptr[i] == ':';
	snprintf(host_port, n, "%.*s%s", SLICE_ARG(host), has_port ? "" : s->https ? ":443" : ":80");
	return 0;
}

int fetch_from_s3(struct fetch_sink *sink, const struct fetch_request *r, struct err *err)
{
	struct slice rest = slice_str(r->uri + strlen("s3://"));
	struct s3_source s = {.sink = sink, .s3 = r->s3, .bucket = slice_cut(&rest, '/')};
	char host_port[280], amazon[128];
	struct fetch_route route = {.kind = FETCH_OWN_S3};
	while (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	s.prefix = rest.ptr ? rest : slice_of("", 0);
	s.endpoint = r->s3 && r->s3->endpoint ? r->s3->endpoint : "";
	if (!s.bucket.len)
		return err_set(err, ERR_INVALID, "storageUri \"%.300s\" names no bucket", r->uri);
	if (*s.endpoint || !sink->o->objects) {
		if (!*s.endpoint) {
			snprintf(amazon, sizeof amazon, "https://s3.%.60s.amazonaws.com",
				 r->s3 && r->s3->region && *r->s3->region ? r->s3->region : "us-east-1");
			s.endpoint = amazon;
		}
		if (remote_endpoint(&s, host_port, sizeof host_port, err) < 0)
			return -1;
		fetch_route_of(sink->o, host_port, &route);
	}
	if (route.kind == FETCH_OWN_S3 && sink->o->objects) {
		if (!*s.endpoint)
			s.endpoint = "the embedded object store";
		s.page = own_page;
		s.get = own_get;
		if (own_check_keys(&s, err) < 0)
			return -1;
	} else {
		s.connect_to = route.connect_to[0] ? route.connect_to : NULL;
		s.page = remote_page;
		s.get = remote_get;
	}
	return take_all(&s, err);
}
