/*
 * Answers (http.h): composing a head, whole replies, and streams that a worker writes.
 *
 * A whole answer is one or two pieces: head and body together in the slot's block when both fit, else head and the
 * body where it lies. Nothing is sent before the handler has returned. A streamed answer gathers in `stream`; it is
 * sent when STREAM_FLUSH_BYTES are there, the worker waits for the client when STREAM_PENDING_BYTES are, and what is
 * left when the handler returns is the loop's to send.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "net/conn.h"

static const struct {
	short status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 424, "Failed Dependency" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

enum { HEAD_BYTES = 400 }; /* a head's own lines, without Content-Type and the handler's fields */

static const char *reason_of(int status)
{
	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

/* ---- header fields ---- */

static bool extra_room(struct http_slot *s, size_t n)
{
	if (n <= s->extra_cap - s->extra_len)
		return true;
	size_t cap = s->extra_cap * 2;
	while (cap - s->extra_len < n)
		cap *= 2;
	char *p = arena_alloc(&s->arena, cap);
	if (!p)
		return false;
	memcpy(p, s->extra, s->extra_len);
	s->extra = p;
	s->extra_cap = cap;
	return true;
}

/* Fields that are net's own business. */
static bool is_framing(struct slice name)
{
	return slice_is_nocase(name, "content-length") || slice_is_nocase(name, "transfer-encoding") ||
	       slice_is_nocase(name, "connection") || slice_is_nocase(name, "date") ||
	       slice_is_nocase(name, "x-request-id");
}

void http_header(struct http_exchange *x, const char *name, struct slice value)
{
	struct http_slot *s = SLOT_OF(x);
	struct slice n = slice_str(name);
	assert(s->state == REPLY_NONE);
	/* A name may come from outside (metadata): one that is no token would break the head. */
	if (!http1_is_token(n) || is_framing(n))
		return;
	if (!extra_room(s, n.len + value.len + 4)) {
		s->extra_failed = true;
		return;
	}
	s->has_type |= slice_is_nocase(n, "content-type");
	s->has_encoding |= slice_is_nocase(n, "content-encoding");
	char *p = s->extra + s->extra_len;
	memcpy(p, n.ptr, n.len);
	p += n.len;
	*p++ = ':';
	*p++ = ' ';
	if (value.len)
		memcpy(p, value.ptr, value.len);
	if (!http1_is_value(value)) /* no value can end its line */
		for (size_t i = 0; i < value.len; i++)
			if (!http1_is_value(slice_of(p + i, 1)))
				p[i] = ' ';
	p += value.len;
	*p++ = '\r';
	*p++ = '\n';
	s->extra_len = (size_t)(p - s->extra);
}

void http_header_str(struct http_exchange *x, const char *name, const char *value)
{
	http_header(x, name, slice_str(value));
}

void http_header_fmt(struct http_exchange *x, const char *name, const char *fmt, ...)
{
	char block[512];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(block, sizeof block, fmt, ap);
	va_end(ap);
	char *text = block;
	if (n >= (int)sizeof block) {
		text = arena_alloc(x->arena, (size_t)n + 1);
		if (text)
			(void)vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (text && n >= 0)
		http_header(x, name, slice_of(text, (size_t)n));
	else
		SLOT_OF(x)->extra_failed = true;
}

/* ---- heads ---- */

/* "Tue, 24 Nov 2026 14:18:05 GMT", made once a second and thread. */
static const char *date_text(const struct clock *clock, int64_t mono_ns)
{
	static _Thread_local struct {
		const struct clock *clock;
		int64_t until_ns;
		char text[64];
	} last;
	if (mono_ns < last.until_ns && last.clock == clock)
		return last.text;
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t wall = clock_wall_ns(clock);
	time_t sec = (time_t)(wall / 1000000000);
	struct tm tm;
	gmtime_r(&sec, &tm);
	(void)snprintf(last.text, sizeof last.text, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
		       tm.tm_mday % 100, months + 3 * tm.tm_mon, (tm.tm_year + 1900) % 10000, tm.tm_hour % 100,
		       tm.tm_min % 100, tm.tm_sec % 100);
	last.clock = clock;
	last.until_ns = mono_ns + 1000000000 - wall % 1000000000;
	return last.text;
}

static char *put(char *p, const char *text, size_t n)
{
	memcpy(p, text, n);
	return p + n;
}

#define PUT_LIT(p, s) put((p), (s), sizeof(s) - 1)

static char *put_number(char *p, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return put(p, digits + at, sizeof digits - at);
}

static char *put_head(char *p, const struct http_exchange *x, int status, const char *type, int64_t length)
{
	const struct http_slot *s = SLOT_OF(x);
	const char *reason = reason_of(status);
	if (status == 200) {
		p = PUT_LIT(p, "HTTP/1.1 200 OK\r\nDate: ");
	} else {
		p = PUT_LIT(p, "HTTP/1.1 ");
		p = put_number(p, (uint64_t)status);
		*p++ = ' ';
		p = put(p, reason, strlen(reason));
		p = PUT_LIT(p, "\r\nDate: ");
	}
	p = put(p, date_text(x->conn->loop->server->clock, s->on_worker ? server_now(x->conn->loop->server)
									: x->started_mono_ns), 29);
	if (type && !s->has_type) {
		p = PUT_LIT(p, "\r\nContent-Type: ");
		p = put(p, type, strlen(type));
	}
	if (length >= 0 && status >= 200 && status != 204 && status != 304) {
		p = PUT_LIT(p, "\r\nContent-Length: ");
		p = put_number(p, (uint64_t)length);
	} else if (s->chunked_out) {
		p = PUT_LIT(p, "\r\nTransfer-Encoding: chunked");
	}
	if (!s->keep)
		p = PUT_LIT(p, "\r\nConnection: close");
	else if (s->head.http_1_0)
		p = PUT_LIT(p, "\r\nConnection: keep-alive");
	p = PUT_LIT(p, "\r\nx-request-id: ");
	p = put(p, s->request_id, HTTP_REQUEST_ID_CHARS);
	p = PUT_LIT(p, "\r\n");
	p = put(p, s->extra, s->extra_len);
	return PUT_LIT(p, "\r\n");
}

static size_t head_bound(const struct http_slot *s, const char *type)
{
	return HEAD_BYTES + s->extra_len + (type ? strlen(type) : 0);
}

/* What every kind of answer settles first. length -1: not known. */
static void settle(struct http_exchange *x, int status, int64_t length)
{
	struct http_slot *s = SLOT_OF(x);
	assert(s->state == REPLY_NONE && status >= 200 && status <= 599);
	s->status = status;
	s->no_body = x->method == HTTP_HEAD || status == 204 || status == 304;
	s->keep = s->head.keep_alive && s->body_whole && !s->must_continue &&
		  !atomic_load_explicit(&x->conn->loop->server->draining, memory_order_relaxed);
	s->chunked_out = length < 0 && !s->head.http_1_0 && status != 204 && status != 304;
	if (length < 0 && s->head.http_1_0 && !s->no_body)
		s->keep = false; /* ends with the connection */
	s->announced = length;
}

void reply_compose(struct http_exchange *x, int status, const char *type, int64_t length, struct buf *to)
{
	settle(x, status, length);
	struct http_slot *s = SLOT_OF(x);
	char *p = buf_reserve(to, head_bound(s, type));
	char *end = put_head(p, x, status, type, length);
	to->len += (size_t)(end - p);
}

/* ---- whole answers ---- */

static bool worth_gzip(const struct http_exchange *x, int status, size_t body_bytes)
{
	const struct http_slot *s = SLOT_OF(x);
	return s->on_worker && body_bytes >= GZIP_LEAST_BYTES && x->conn->listener->l.gzip_answers && status == 200 &&
	       x->method != HTTP_HEAD && !s->has_encoding && http1_accepts(s->head.accept_encoding, "gzip");
}

void http_reply(struct http_exchange *x, int status, const char *type, struct slice body)
{
	struct http_slot *s = SLOT_OF(x);
	if (worth_gzip(x, status, body.len) && deflate_gzip(body, &s->zipped)) {
		http_header_str(x, "Content-Encoding", "gzip");
		http_header_str(x, "Vary", "Accept-Encoding");
		body = buf_view(&s->zipped);
	}
	if (s->extra_failed) { /* an answer without some of its header fields is another answer */
		s->extra_len = 0;
		s->has_type = s->extra_failed = false;
		status = 503;
		type = NULL;
		body = SLICE_LIT("");
	}
	settle(x, status, (int64_t)body.len);
	if (s->no_body)
		body.len = 0;
	size_t bound = head_bound(s, type);
	char *block = bound <= sizeof s->out_block ? s->out_block : arena_alloc(&s->arena, bound);
	s->state = REPLY_WHOLE;
	if (!block) { /* header fields beyond the memory of one request */
		s->state = REPLY_ABORTED;
		return;
	}
	char *p = put_head(block, x, status, type, s->announced);
	if (block == s->out_block && body.len <= sizeof s->out_block - (size_t)(p - block)) {
		p = put(p, body.ptr ? body.ptr : "", body.len);
		body.len = 0;
	}
	s->pieces[0] = slice_of(block, (size_t)(p - block));
	s->pieces[1] = body;
}

void http_reply_copy(struct http_exchange *x, int status, const char *type, struct slice body)
{
	struct http_slot *s = SLOT_OF(x);
	if (head_bound(s, type) + body.len > sizeof s->out_block) {
		struct slice copy = arena_dup(&s->arena, body);
		if (!copy.ptr) {
			status = 503;
			copy = SLICE_LIT("");
		}
		body = copy;
	}
	http_reply(x, status, type, body);
}

bool http_replied(const struct http_exchange *x)
{
	return SLOT_OF(x)->state != REPLY_NONE;
}

static void fail_plainly(struct http_exchange *x, const struct err *err)
{
	char text[ERR_MESSAGE_BYTES + 2];
	int n = snprintf(text, sizeof text, "%s\n", err->message);
	http_reply_copy(x, err_info(err->code)->http, "text/plain; charset=utf-8", slice_of(text, (size_t)n));
}

void reply_fail(struct http_exchange *x, const struct err *err)
{
	const struct listener *l = &x->conn->listener->l;
	if (SLOT_OF(x)->state != REPLY_NONE) /* too late for words */
		return http_reply_abort(x);
	if (err_info(err->code)->http == 503)
		http_header_str(x, "Retry-After", "1");
	if (l->fail)
		l->fail(x, err);
	if (SLOT_OF(x)->state == REPLY_NONE)
		fail_plainly(x, err);
}

/* ---- sending ---- */

int reply_flush(struct http_conn *c, int *events)
{
	struct http_slot *s = c->slot;
	for (;;) {
		bool whole = s->pieces[0].len || s->pieces[1].len;
		size_t left = s->stream.len - s->stream_at;
		struct slice stream[2] = { slice_of(s->stream.ptr ? s->stream.ptr + s->stream_at : NULL, left) };
		if (!whole && !left)
			return 1;
		ssize_t n = conn_send(c, whole ? s->pieces : stream, false, events);
		if (n == -1)
			return 0;
		if (n < 0)
			return -1;
		s->bytes_sent += n;
		if (!whole) {
			s->stream_at += (size_t)n;
			if (s->stream_at == s->stream.len)
				s->stream_at = s->stream.len = 0;
			continue;
		}
		size_t first = MIN((size_t)n, s->pieces[0].len);
		s->pieces[0] = slice_from(s->pieces[0], first);
		s->pieces[1] = slice_from(s->pieces[1], (size_t)n - first);
	}
}

/* ---- streamed answers ---- */

int http_reply_begin(struct http_exchange *x, int status, const char *type, int64_t length, struct err *err)
{
	struct http_slot *s = SLOT_OF(x);
	assert(s->on_worker);
	if (s->extra_failed)
		return err_set(err, ERR_NO_MEMORY, "the answer's header fields do not fit the memory of one request");
	reply_compose(x, status, type, length, &s->stream);
	s->state = REPLY_OPEN;
	return 0;
}

static int gone(struct http_slot *s, struct err *err)
{
	s->state = REPLY_ABORTED;
	return err_set(err, ERR_CANCELLED, "the client is gone");
}

/* Sends until at most `left_max` bytes wait. */
static int drain_to(struct http_exchange *x, size_t left_max, struct err *err)
{
	struct http_slot *s = SLOT_OF(x);
	while (s->stream.len - s->stream_at > left_max) {
		int events;
		int rc = reply_flush(x->conn, &events);
		if (rc < 0)
			return gone(s, err);
		if (rc == 0 && s->stream.len - s->stream_at > left_max && conn_wait(x->conn, events, err) < 0) {
			s->state = REPLY_ABORTED;
			return -1;
		}
	}
	return 0;
}

/* Sends framed bytes, or keeps what the socket does not take yet, up to the bound. */
static int push(struct http_exchange *x, struct slice p, struct err *err)
{
	struct http_slot *s = SLOT_OF(x);
	int events;
	while (p.len) {
		size_t waiting = s->stream.len - s->stream_at;
		if (!waiting && p.len >= STREAM_FLUSH_BYTES) { /* straight from the caller's memory */
			ssize_t n = conn_send(x->conn, (struct slice[2]){ p }, false, &events);
			if (n < -1)
				return gone(s, err);
			if (n > 0) {
				s->bytes_sent += n;
				p = slice_from(p, (size_t)n);
				continue;
			}
		}
		if (waiting >= STREAM_PENDING_BYTES && drain_to(x, STREAM_PENDING_BYTES / 2, err) < 0)
			return -1;
		waiting = s->stream.len - s->stream_at;
		if (s->stream_at > STREAM_PENDING_BYTES / 2) {
			buf_consume(&s->stream, s->stream_at);
			s->stream_at = 0;
		}
		struct slice part = slice_sub(p, 0, STREAM_PENDING_BYTES - MIN(waiting, (size_t)STREAM_PENDING_BYTES - 1));
		buf_slice(&s->stream, part);
		p = slice_from(p, part.len);
		if (waiting + part.len >= STREAM_FLUSH_BYTES && reply_flush(x->conn, &events) < 0)
			return gone(s, err);
	}
	return 0;
}

static int push_chunk(struct http_exchange *x, struct slice p, struct err *err)
{
	char size[20];
	int n = snprintf(size, sizeof size, "%zx\r\n", p.len);
	if (push(x, slice_of(size, (size_t)n), err) < 0 || push(x, p, err) < 0)
		return -1;
	return push(x, SLICE_LIT("\r\n"), err);
}

static int check_open(struct http_slot *s, int64_t more, struct err *err)
{
	if (s->state != REPLY_OPEN)
		return err_set(err, ERR_CANCELLED, "the answer has ended");
	if (s->announced >= 0 && more > s->announced - s->written) {
		s->state = REPLY_ABORTED;
		return err_set(err, ERR_INTERNAL, "more was written than the %lld bytes announced",
			       (long long)s->announced);
	}
	return 0;
}

int http_reply_write(struct http_exchange *x, const void *p, size_t n, struct err *err)
{
	struct http_slot *s = SLOT_OF(x);
	if (s->no_body && s->state == REPLY_OPEN)
		return 0;
	if (check_open(s, (int64_t)n, err) < 0)
		return -1;
	s->written += (int64_t)n;
	if (!s->chunked_out)
		return push(x, slice_of(p, n), err);
	if (s->chunk_out.len + n < STREAM_FLUSH_BYTES) {
		buf_append(&s->chunk_out, p, n);
		return 0;
	}
	if (s->chunk_out.len && push_chunk(x, buf_view(&s->chunk_out), err) < 0)
		return -1;
	s->chunk_out.len = 0;
	return n ? push_chunk(x, slice_of(p, n), err) : 0;
}

int http_reply_end(struct http_exchange *x, struct err *err)
{
	struct http_slot *s = SLOT_OF(x);
	if (check_open(s, 0, err) < 0)
		return -1;
	if (!s->no_body && s->announced >= 0 && s->written != s->announced) {
		s->state = REPLY_ABORTED;
		return err_set(err, ERR_INTERNAL, "%lld of the %lld bytes announced were written",
			       (long long)s->written, (long long)s->announced);
	}
	if (s->chunked_out && !s->no_body) {
		if (s->chunk_out.len && push_chunk(x, buf_view(&s->chunk_out), err) < 0)
			return -1;
		if (push(x, SLICE_LIT("0\r\n\r\n"), err) < 0)
			return -1;
	}
	s->state = REPLY_ENDED;
	return 0;
}

int reply_finish_open(struct http_exchange *x)
{
	http_reply_abort(x);
	return -1;
}

void http_reply_abort(struct http_exchange *x)
{
	struct http_slot *s = SLOT_OF(x);
	s->keep = false;
	s->state = REPLY_ABORTED;
}
