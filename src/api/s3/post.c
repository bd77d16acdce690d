/*
 * PostObject, a browser's form with a signed policy: see operation.h. The form's fields take the place of headers, so
 * that the same code takes content headers and metadata from them and refuses what is not built.
 */
#include "api/s3/fault.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/policy.h"
#include "api/s3/reply.h"
#include "codec/url.h"
#include "codec/xml.h"

/* ${filename} in the key is the name of the file that was chosen. */
static int key_of(const struct s3_call *c, const struct form *f, struct slice *out, struct err *err)
{
	static const char mark[] = "${filename}";
	struct slice key = form_field_value(f, "key");
	const char *at = key.len ? memmem(key.ptr, key.len, mark, sizeof mark - 1) : NULL;
	if (at) {
		size_t before = (size_t)(at - key.ptr);
		key = slice_str(arena_printf(c->x->arena, "%.*s%.*s%.*s", (int)before, key.ptr, SLICE_ARG(f->file_name),
					     SLICE_ARG(slice_from(key, before + sizeof mark - 1))));
	}
	if (s3_key_clean(&key, err) < 0)
		return -1;
	*out = key;
	return key.len ? 0 : err_set(err, ERR_INVALID, "Bucket POST must contain a field named 'key'.");
}

static int read_file(const struct s3_call *c, struct form *f, const struct s3_policy *policy, struct content **out,
		     struct err *err)
{
	struct content *content = NULL;
	struct slice bytes;
	if (content_begin(c->api->store, 0, CHECKSUM_NONE, &content, err) < 0)
		return -1;
	int rc;
	while ((rc = form_read(f, &bytes, err)) == 0 && bytes.len) {
		if ((rc = content_write(content, bytes.ptr, bytes.len, err)) < 0)
			break;
		if (policy->size_most >= 0 && content_size(content) > policy->size_most) {
			rc = err_set(err, ERR_TOO_LARGE, "Your proposed upload exceeds the maximum allowed size");
			break;
		}
	}
	if (rc == 0 && content_size(content) < policy->size_least) {
		err_set(err, ERR_INVALID, "Your proposed upload is smaller than the minimum allowed size");
		rc = err_sub(err, OBJECT_PART_TOO_SMALL);
	}
	if (rc == 0)
		rc = content_end(content, err);
	if (rc < 0)
		content_drop(content);
	else
		*out = content;
	return rc;
}

/* Names that a form has without the prefix that headers have. */
static int plain_names(const struct form *f, struct err *err)
{
	struct slice acl = form_field_value(f, "acl");
	if (form_field_value(f, "tagging").len)
		return err_set(err, ERR_UNSUPPORTED, "tags are not implemented");
	if (acl.len && !slice_is(acl, "private"))
		return s3_fault(err, S3_ACL_UNSUPPORTED);
	return 0;
}

static int reply(const struct s3_call *c, const struct form *f, struct slice key, const char *etag, struct err *err)
{
	struct slice redirect = form_field_value(f, "success_action_redirect");
	struct slice status = form_field_value(f, "success_action_status");
	struct buf path;
	buf_init(&path, 8192);
	url_encode(key, URL_ENCODE_PATH, &path);
	s3_header_etag(c->x, etag);
	if (redirect.len) {
		const char *mark = slice_find(redirect, '?') < 0 ? "?" : "&";
		http_header(c->x, "Location",
			    slice_str(arena_printf(c->x->arena, "%.*s%sbucket=%.*s&key=%.*s&etag=%%22%s%%22",
						   SLICE_ARG(redirect), mark, SLICE_ARG(c->bucket),
						   SLICE_ARG(buf_view(&path)), etag)));
		buf_release(&path);
		return s3_reply_empty(c, 303);
	}
	struct slice location =
	    slice_str(arena_printf(c->x->arena, "%s://%.*s/%.*s/%.*s", c->x->tls ? "https" : "http",
				   SLICE_ARG(c->x->host), SLICE_ARG(c->bucket), SLICE_ARG(buf_view(&path))));
	buf_release(&path);
	http_header(c->x, "Location", location);
	if (!slice_is(status, "201"))
		return s3_reply_empty(c, slice_is(status, "200") ? 200 : 204);
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "PostResponse");
	xml_text(b, "Location", location);
	xml_text(b, "Bucket", c->bucket);
	xml_text(b, "Key", key);
	s3_xml_etag(b, etag);
	xml_close(b, "PostResponse");
	s3_common_headers(c->x);
	http_reply(c->x, 201, "application/xml", buf_view(b));
	return 0;
}

static int take(const struct s3_call *c, struct form *f, struct err *err)
{
	struct http_exchange fields_as_headers = *c->x;
	struct s3_call form_call = *c;
	struct object_put put = {.bucket = c->bucket};
	struct s3_policy policy;
	struct content *content;
	struct object_info info;
	fields_as_headers.fields = f->fields;
	fields_as_headers.fields_n = f->fields_n;
	form_call.x = &fields_as_headers;
	if (s3_authenticate_form(c, f->fields, f->fields_n, err) < 0 ||
	    s3_policy_check(f, c->bucket, clock_wall_ns(c->api->clock), &policy, err) < 0 ||
	    key_of(c, f, &put.key, err) < 0 || plain_names(f, err) < 0 || s3_fields_refuse(&form_call, err) < 0 ||
	    s3_fields_take(&form_call, &put.headers, err) < 0 || read_file(c, f, &policy, &content, err) < 0 ||
	    object_put(c->api->store, &put, content, c->x->arena, &info, err) < 0)
		return -1;
	return reply(c, f, put.key, info.etag, err);
}

static int read_body(void *x, void *p, size_t n, size_t *got, struct err *err)
{
	return http_body_read(x, p, n, got, err);
}

int s3_post_object(const struct s3_call *c, struct err *err)
{
	if (!c->anonymous_form)
		return s3_fault(err, S3_METHOD);
	struct form *f = arena_alloc(c->x->arena, sizeof *f);
	if (!f)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	f->read = read_body;
	f->arg = c->x;
	f->content_type = http_field(c->x, "content-type");
	f->arena = c->x->arena;
	int rc = form_begin(f, err);
	if (rc == 0)
		rc = take(c, f, err);
	form_release(f);
	return rc;
}
