/* HTTP/1 request heads: see http1_head.h. One pass over the bytes, a table says what each may be. */
#include "net/http1_head.h"

#include "base/check.h"
#include "base/limits.h"

enum { TOKEN = 1, TARGET = 2, VALUE = 4, HOST = 8 };

/* RFC 9110 5.6.2 (token), 5.5 (field-value: VCHAR, SP, HTAB, obs-text); RFC 3986 3.2.2 (host). A target is any
 * visible ASCII but '#': clients send more than RFC 3986 allows, and nobody may send a fragment. */
static const unsigned char classes[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = TOKEN | TARGET | VALUE | HOST,
	['"'] = TARGET | VALUE,
	['#'] = TOKEN | VALUE,
	['$'] = TOKEN | TARGET | VALUE | HOST,
	['%'] = TOKEN | TARGET | VALUE | HOST,
	['&'] = TOKEN | TARGET | VALUE | HOST,
	['\''] = TOKEN | TARGET | VALUE | HOST,
	['('] = TARGET | VALUE | HOST,
	[')'] = TARGET | VALUE | HOST,
	['*'] = TOKEN | TARGET | VALUE | HOST,
	['+'] = TOKEN | TARGET | VALUE | HOST,
	[','] = TARGET | VALUE | HOST,
	['-'] = TOKEN | TARGET | VALUE | HOST,
	['.'] = TOKEN | TARGET | VALUE | HOST,
	['/'] = TARGET | VALUE,
	['0' ... '9'] = TOKEN | TARGET | VALUE | HOST,
	[':'] = TARGET | VALUE | HOST,
	[';'] = TARGET | VALUE | HOST,
	['<'] = TARGET | VALUE,
	['='] = TARGET | VALUE | HOST,
	['>'] = TARGET | VALUE,
	['?'] = TARGET | VALUE,
	['@'] = TARGET | VALUE,
	['A' ... 'Z'] = TOKEN | TARGET | VALUE | HOST,
	['['] = TARGET | VALUE | HOST,
	['\\'] = TARGET | VALUE,
	[']'] = TARGET | VALUE | HOST,
	['^'] = TOKEN | TARGET | VALUE,
	['_'] = TOKEN | TARGET | VALUE | HOST,
	['`'] = TOKEN | TARGET | VALUE,
	['a' ... 'z'] = TOKEN | TARGET | VALUE | HOST,
	['{'] = TARGET | VALUE,
	['|'] = TOKEN | TARGET | VALUE,
	['}'] = TARGET | VALUE,
	['~'] = TOKEN | TARGET | VALUE | HOST,
	[0x80 ... 0xff] = VALUE,
};

static bool all_of(struct slice s, unsigned char class)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(classes[(unsigned char)s.ptr[i]] & class))
			return false;
	return true;
}

bool http1_is_token(struct slice s)
{
	return s.len && all_of(s, TOKEN);
}

bool http1_is_value(struct slice s)
{
	return all_of(s, VALUE);
}

int http1_head_end(const char *p, size_t n, size_t *scanned, size_t *end)
{
	if (n && !(classes[(unsigned char)p[0]] & TOKEN))
		return -1;
	for (size_t i = *scanned; i < n; i++) {
		const char *lf = memchr(p + i, '\n', n - i);
		if (!lf)
			break;
		i = (size_t)(lf - p);
		if (i == 0 || p[i - 1] != '\r')
			return -1;
		if (i >= 2 && p[i - 2] == '\n') {
			*end = i + 1;
			return 1;
		}
	}
	*scanned = n;
	return 0;
}

static inline uint64_t load8(const char *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof w);
	return w;
}

static inline uint32_t load4(const char *p)
{
	uint32_t w;
	memcpy(&w, p, sizeof w);
	return w;
}

/* `name` is lower case, has letters and '-' only, and s.len characters, of which there are at least four. A token's bytes
 * with 0x20 set are letters in lower case and '-', or nothing that is either. */
static bool name_is(struct slice s, const char *name)
{
	const uint64_t lower8 = 0x2020202020202020u;
	const uint32_t lower4 = 0x20202020u;
	size_t i = 0;
	if (s.len < 8)
		return (load4(s.ptr) | lower4) == load4(name) &&
		       (load4(s.ptr + s.len - 4) | lower4) == load4(name + s.len - 4);
	for (; i + 8 < s.len; i += 8)
		if ((load8(s.ptr + i) | lower8) != load8(name + i))
			return false;
	return (load8(s.ptr + s.len - 8) | lower8) == load8(name + s.len - 8);
}

static const struct {
	const char *name;
	size_t len;
	enum http_method method;
} methods[] = {
	{ "GET", 3, HTTP_GET },	      { "POST", 4, HTTP_POST },	  { "PUT", 3, HTTP_PUT },	{ "HEAD", 4, HTTP_HEAD },
	{ "DELETE", 6, HTTP_DELETE }, { "PATCH", 5, HTTP_PATCH }, { "OPTIONS", 7, HTTP_OPTIONS },
};

static enum http_method method_of(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (name.len == methods[i].len && memcmp(name.ptr, methods[i].name, name.len) == 0)
			return methods[i].method;
	return HTTP_METHOD_OTHER;
}

/* The end of a run of bytes of a target, eight at a time: white space and below, DEL and above, or '#' end the fast
 * part. */
static const char *target_run(const char *p, const char *end)
{
	const uint64_t each = 0x0101010101010101u, high = 0x8080808080808080u;
	while (end - p >= 8) {
		uint64_t w = load8(p), hash = w ^ (each * '#'), del = w ^ (each * 0x7f);
		if (((w - each * 0x21) | w | ((hash - each) & ~hash) | ((del - each) & ~del)) & high)
			break;
		p += 8;
	}
	while (p < end && (classes[(unsigned char)*p] & TARGET))
		p++;
	return p;
}

static int parse_target(struct http1_head *h, struct err *err)
{
	struct slice t = h->target;
	if (t.len > (size_t)limits.http_target_bytes)
		return err_set(err, ERR_URI_TOO_LONG, "the request target is longer than %lld bytes",
			       (long long)limits.http_target_bytes);
	if (!t.len)
		return err_set(err, ERR_MALFORMED, "the request has no target");
	struct slice rest = t;
	if (t.ptr[0] != '/') {
		if (slice_is(t, "*") && h->method == HTTP_OPTIONS) {
			h->path = t;
			return 0;
		}
		/* absolute-form (RFC 9112 3.2.2): its authority replaces Host */
		size_t scheme = slice_starts(t, "http://") ? 7 : slice_starts(t, "https://") ? 8 : 0;
		if (!scheme)
			return err_set(err, ERR_MALFORMED, "the request target does not begin with '/'");
		rest = slice_from(t, scheme);
		size_t n = 0;
		while (n < rest.len && rest.ptr[n] != '/' && rest.ptr[n] != '?')
			n++;
		h->host = slice_of(rest.ptr, n);
		if (!n || !all_of(h->host, HOST))
			return err_set(err, ERR_MALFORMED, "the request target names no valid host");
		rest = slice_from(rest, n);
		if (!rest.len || rest.ptr[0] == '?') {
			h->path = SLICE_LIT("/");
			h->has_query = rest.len > 0;
			h->query = slice_from(rest, 1);
			return 0;
		}
	}
	const char *q = memchr(rest.ptr, '?', rest.len);
	h->path = slice_of(rest.ptr, q ? (size_t)(q - rest.ptr) : rest.len);
	if (q) {
		h->has_query = true;
		h->query = slice_from(rest, h->path.len + 1);
	}
	return 0;
}

static int parse_line(struct slice line, struct http1_head *h, struct err *err)
{
	size_t m = 0;
	while (m < line.len && (classes[(unsigned char)line.ptr[m]] & TOKEN))
		m++;
	if (!m || m >= line.len || line.ptr[m] != ' ')
		return err_set(err, ERR_MALFORMED, "the request line is not METHOD TARGET HTTP/1.1");
	h->method_name = slice_of(line.ptr, m);
	h->method = method_of(h->method_name);
	size_t t = (size_t)(target_run(line.ptr + m + 1, line.ptr + line.len) - line.ptr);
	h->target = slice_of(line.ptr + m + 1, t - m - 1);
	if (t >= line.len || line.ptr[t] != ' ')
		return err_set(err, ERR_MALFORMED, "the request line is not METHOD TARGET HTTP/1.1");
	struct slice version = slice_from(line, t + 1);
	if (version.len == 8 && load8(version.ptr) == load8("HTTP/1.1"))
		return parse_target(h, err);
	if (slice_is(version, "HTTP/1.0"))
		h->http_1_0 = true;
	else if (version.len == 8 && slice_starts(version, "HTTP/") && version.ptr[6] == '.')
		return err_set(err, ERR_VERSION, "only HTTP/1.1 and HTTP/1.0 are spoken here");
	else
		return err_set(err, ERR_MALFORMED, "the request line is not METHOD TARGET HTTP/1.1");
	return parse_target(h, err);
}

/* What the framing fields of one request said so far. */
struct seen {
	bool host, length, coding, close, keep_alive;
};

static int content_length(struct slice v, struct http1_head *h, struct seen *seen, struct err *err)
{
	uint64_t n;
	if (seen->length)
		return err_set(err, ERR_MALFORMED, "more than one Content-Length");
	if (v.len > 18 || !slice_u64(v, &n))
		return err_set(err, ERR_MALFORMED, "Content-Length is not a number");
	seen->length = true;
	h->content_length = (int64_t)n;
	return 0;
}

static int known_field(struct slice name, struct slice v, struct http1_head *h, struct seen *seen, struct err *err)
{
	switch (name.len) {
	case 4:
		if (!name_is(name, "host"))
			return 0;
		if (seen->host)
			return err_set(err, ERR_MALFORMED, "more than one Host");
		if (!all_of(v, HOST))
			return err_set(err, ERR_MALFORMED, "Host is not a host name");
		seen->host = true;
		if (!h->host.ptr)
			h->host = v;
		return 0;
	case 6:
		if (name_is(name, "expect") && slice_is_nocase(v, "100-continue"))
			h->expect_continue = true;
		return 0;
	case 10:
		if (name_is(name, "connection")) {
			seen->close |= http1_list_has(v, "close");
			seen->keep_alive |= http1_list_has(v, "keep-alive");
		}
		return 0;
	case 14:
		return name_is(name, "content-length") ? content_length(v, h, seen, err) : 0;
	case 15:
		if (name_is(name, "accept-encoding") && !h->accept_encoding.ptr)
			h->accept_encoding = v;
		return 0;
	case 16:
		if (!name_is(name, "content-encoding"))
			return 0;
		if (h->content_encoding.ptr)
			return err_set(err, ERR_MALFORMED, "more than one Content-Encoding");
		h->content_encoding = v;
		return 0;
	case 17:
		if (!name_is(name, "transfer-encoding"))
			return 0;
		if (seen->coding)
			return err_set(err, ERR_MALFORMED, "more than one Transfer-Encoding");
		if (!slice_is_nocase(v, "chunked"))
			return err_set(err, ERR_UNSUPPORTED, "the only Transfer-Encoding spoken here is chunked");
		seen->coding = h->chunked = true;
		return 0;
	default:
		return 0;
	}
}

static int check_framing(struct http1_head *h, const struct seen *seen, struct err *err)
{
	if (h->chunked && seen->length)
		return err_set(err, ERR_MALFORMED, "both Content-Length and Transfer-Encoding");
	if (h->chunked && h->http_1_0)
		return err_set(err, ERR_MALFORMED, "Transfer-Encoding in HTTP/1.0");
	if (!seen->host && !h->http_1_0)
		return err_set(err, ERR_MALFORMED, "no Host");
	h->keep_alive = !seen->close && (!h->http_1_0 || seen->keep_alive);
	if (h->http_1_0)
		h->expect_continue = false;
	return 0;
}

/* The end of a run of field-value bytes, eight at a time: anything below a space, or DEL, ends the fast part. */
static const char *value_run(const char *p, const char *end)
{
	const uint64_t each = 0x0101010101010101u, high = 0x8080808080808080u;
	while (end - p >= 8) {
		uint64_t w, del;
		memcpy(&w, p, sizeof w);
		del = w ^ (each * 0x7f);
		if ((((w - each * 0x20) & ~w) | ((del - each) & ~del)) & high)
			break;
		p += 8;
	}
	while (classes[(unsigned char)*p] & VALUE)
		p++;
	return p;
}

/* One line from *at on: name ":" OWS value OWS CRLF. The head is known to end in CRLF CRLF, the last at `end`. */
static int parse_field(const char **at, const char *end, struct http_field *f, struct err *err)
{
	const char *p = *at, *start = p;
	while (classes[(unsigned char)*p] & TOKEN)
		p++;
	if (p == start || *p != ':')
		return err_set(err, ERR_MALFORMED, "a header line is not NAME: VALUE");
	f->name = slice_of(start, (size_t)(p - start));
	p++;
	while (*p == ' ' || *p == '\t')
		p++;
	start = p;
	p = value_run(p, end);
	if (p[0] != '\r' || p[1] != '\n')
		return err_set(err, ERR_MALFORMED, "a header line has a control character");
	*at = p + 2;
	while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	f->value = slice_of(start, (size_t)(p - start));
	return 0;
}

int http1_head_parse(struct slice text, struct http_field *fields, size_t fields_max, struct http1_head *out,
		     struct err *err)
{
	struct http1_head h = { .content_length = -1 };
	struct seen seen = { 0 };
	const char *end = text.ptr + text.len - 2; /* of the last field line */
	const char *cr = memchr(text.ptr, '\r', text.len);
	if (cr[1] != '\n')
		return err_set(err, ERR_MALFORMED, "a bare CR in the request line");
	if (parse_line(slice_of(text.ptr, (size_t)(cr - text.ptr)), &h, err) < 0)
		return -1;
	const char *at = cr + 2;
	while (at < end) {
		if (h.fields_n == fields_max)
			return err_set(err, ERR_HEADERS_TOO_LARGE, "more than %zu header fields", fields_max);
		struct http_field *f = &fields[h.fields_n++];
		if (parse_field(&at, end, f, err) < 0 || known_field(f->name, f->value, &h, &seen, err) < 0)
			return -1;
	}
	if (check_framing(&h, &seen, err) < 0)
		return -1;
	*out = h;
	return 0;
}

static struct slice list_item(struct slice *rest, struct slice *parameters)
{
	struct slice item = slice_cut(rest, ',');
	if (!item.ptr)
		return item;
	struct slice all = item;
	item = slice_trim(slice_cut(&all, ';'));
	*parameters = all;
	return item;
}

bool http1_list_has(struct slice list, const char *token)
{
	struct slice item, parameters;
	while ((item = list_item(&list, &parameters)).ptr)
		if (slice_is_nocase(item, token))
			return true;
	return false;
}

bool http1_accepts(struct slice accept_encoding, const char *coding)
{
	struct slice item, parameters;
	while ((item = list_item(&accept_encoding, &parameters)).ptr) {
		if (!slice_is_nocase(item, coding))
			continue;
		struct slice p = slice_trim(parameters);
		/* q=0, q=0.0, q=0.000 say no */
		return !(p.len >= 3 && (p.ptr[0] | 0x20) == 'q' && p.ptr[1] == '=' && p.ptr[2] == '0' &&
			 p.len == 3 + strspn(slice_from(p, 3).ptr, ".0"));
	}
	return false;
}
