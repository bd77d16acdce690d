/* Parts of answers: see reply.h. */
#include "api/s3/reply.h"

#include "base/check.h"
#include "codec/time.h"
#include "codec/url.h"
#include "codec/xml.h"

enum { DOCUMENT_BYTES_MAX = 32 << 20 };

void s3_common_headers(struct http_exchange *x)
{
	struct slice origin = http_field(x, "origin");
	http_header_str(x, "Server", "Coracle");
	http_header_str(x, "x-amz-request-id", x->request_id);
	if (!origin.ptr)
		return;
	http_header(x, "Access-Control-Allow-Origin", origin);
	http_header_str(x, "Access-Control-Allow-Credentials", "true");
	http_header_str(
	    x, "Access-Control-Expose-Headers",
	    "Date, ETag, Server, Connection, Accept-Ranges, Content-Range, Content-Encoding, Content-Length, "
	    "Content-Type, Content-Disposition, Last-Modified, Content-Language, Cache-Control, "
	    "x-amz-request-id, x-amz-*, *");
	http_header_str(x, "Vary", "Origin");
}

static void release(void *b)
{
	buf_release(b);
}

struct buf *s3_document(struct http_exchange *x)
{
	struct buf *b = arena_alloc(x->arena, sizeof *b);
	if (!b)
		return NULL;
	buf_init(b, DOCUMENT_BYTES_MAX);
	if (!arena_defer(x->arena, release, b))
		return NULL;
	xml_begin(b);
	return b;
}

int s3_reply_document(const struct s3_call *c, struct buf *b, struct err *err)
{
	if (!b || b->failed)
		return err_set(err, ERR_NO_MEMORY, "the answer does not fit the memory of one request");
	s3_common_headers(c->x);
	http_reply(c->x, 200, "application/xml", buf_view(b));
	return 0;
}

int s3_reply_empty(const struct s3_call *c, int status)
{
	s3_common_headers(c->x);
	http_reply(c->x, status, NULL, SLICE_LIT(""));
	return 0;
}

static char *put_digits(char *p, int v, int n)
{
	for (int i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

/* A list has a thousand of these, so printf's way is too long. */
static void put_time(struct buf *b, int64_t ms)
{
	struct time_civil c;
	char text[TIME_TEXT_BYTES], *p = text;
	time_civil(ms * 1000000, &c);
	const struct {
		int value, digits;
		char then;
	} fields[] = {{c.year, 4, '-'},
		      {c.month, 2, '-'},
		      {c.day, 2, 'T'},
		      {c.hour, 2, ':'},
		      {c.minute, 2, ':'},
		      {c.second, 2, '.'},
		      {c.nanosecond / 1000000, 3, 'Z'}};
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		p = put_digits(p, fields[i].value, fields[i].digits);
		*p++ = fields[i].then;
	}
	buf_append(b, text, (size_t)(p - text));
}

void s3_xml_time(struct buf *b, const char *name, int64_t ms)
{
	xml_open(b, name);
	put_time(b, ms);
	xml_close(b, name);
}

void s3_xml_etag(struct buf *b, const char *etag)
{
	xml_open(b, "ETag");
	buf_str(b, "&#34;");
	buf_str(b, etag);
	buf_str(b, "&#34;");
	xml_close(b, "ETag");
}

void s3_xml_owner(struct buf *b, const struct s3_api *api, const char *name)
{
	xml_open(b, name);
	xml_str(b, "ID", api->owner);
	xml_str(b, "DisplayName", "coracle");
	xml_close(b, name);
}

void s3_xml_key(struct buf *b, const char *name, struct slice key, bool encode)
{
	if (!encode) {
		xml_text(b, name, key);
		return;
	}
	xml_open(b, name);
	url_encode(key, URL_ENCODE_PATH, b);
	xml_close(b, name);
}

void s3_header_etag(struct http_exchange *x, const char *etag)
{
	char text[64];
	size_t n = MIN(strlen(etag), sizeof text - 2);
	text[0] = text[n + 1] = '"';
	memcpy(text + 1, etag, n);
	http_header(x, "ETag", slice_of(text, n + 2));
}

void s3_header_time(struct http_exchange *x, const char *name, int64_t ms)
{
	char text[TIME_TEXT_BYTES];
	time_format_http(ms * 1000000, text, sizeof text);
	http_header_str(x, name, text);
}

int s3_query_number(const struct s3_call *c, const char *name, int64_t otherwise, int64_t most, int64_t *out,
		    struct err *err)
{
	struct slice text = http_query(c->x, name);
	int64_t v = otherwise;
	if (text.len && (!slice_i64(text, &v) || v < 0))
		return err_set(err, ERR_INVALID, "Argument %s must be an integer of at least 0", name);
	*out = MIN(v, most);
	return 0;
}
