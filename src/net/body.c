/*
 * Request bodies. Three layers, each pulled by the next: the socket, what frames the body (a length or chunks), and
 * Content-Encoding. The loop gathers small bodies without blocking (body_gather); a worker pulls long ones with
 * http_body_read, which blocks. Both take the framed bytes through body_next, so there is one place for each rule.
 *
 * Memory grows with what has come, never with what was announced.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/limits.h"
#include "net/conn.h"

enum {
	CODED_IN_BYTES = 16 << 10,
	GATHER_TURN_BYTES = 1 << 20, /* of one body before the loop looks at other connections */
};

int64_t body_cap(const struct http_slot *s)
{
	int64_t cap = s->x.route->body_max;
	return cap < 0 ? INT64_MAX : cap;
}

static int too_large(const struct http_slot *s, struct err *err)
{
	return err_set(err, ERR_TOO_LARGE, "the body is larger than the %lld bytes that are taken here",
		       (long long)body_cap(s));
}

int body_plan(struct http_conn *c, enum body_plan *plan, struct err *err)
{
	struct http_slot *s = c->slot;
	struct http_exchange *x = &s->x;
	const struct route *r = x->route;
	x->content_length = s->head.chunked ? -1 : MAX(s->head.content_length, 0);
	s->body_left = x->content_length;
	s->body_whole = x->content_length == 0;
	x->body_complete = s->body_whole;
	x->body = SLICE_LIT("");
	*plan = BODY_PLAN_NONE;
	if (s->body_whole)
		return 0;
	if (x->content_length > body_cap(s) || !r->body_max)
		return too_large(s, err);
	if (!r->raw_body && s->head.content_encoding.len &&
	    inflate_coding(s->head.content_encoding, &s->body_coded, err) < 0)
		return -1;
	*plan = r->mode == ROUTE_WORKER && x->content_length > limits.http_buffered_body_bytes ? BODY_PLAN_STREAM
											     : BODY_PLAN_GATHER;
	return 0;
}

/* Reads more of the socket into the free end of the input; 1 something came, 0 would block, -1 (err). */
static int fill(struct http_conn *c, int *events, struct err *err)
{
	struct http_slot *s = c->slot;
	assert(s->in_at == s->in_len);
	s->in_at = s->in_len = s->body_at; /* the head stays: slices point into it */
	ssize_t got = conn_recv(c, s->in + s->in_len, s->in_cap - s->in_len, events);
	if (got == -1)
		return 0;
	if (got <= 0)
		return err_set(err, ERR_MALFORMED, "the body ended early");
	s->in_len += (size_t)got;
	return 1;
}

/* The next framed bytes: 1 with *data (in the input buffer, or already in `out` when they were read straight into it),
 * or with body_whole set and *data empty; 0 would block; -1 (err). */
static int body_next(struct http_conn *c, void *out, size_t out_bytes, struct slice *data, int *events, struct err *err)
{
	struct http_slot *s = c->slot;
	for (;;) {
		size_t have = s->in_len - s->in_at;
		*data = (struct slice){ 0 };
		if (s->body_whole)
			return 1;
		if (!s->head.chunked && have) {
			*data = slice_of(s->in + s->in_at, MIN(MIN(have, out_bytes), (size_t)s->body_left));
			s->in_at += data->len;
		} else if (!s->head.chunked && out_bytes) {
			ssize_t got = conn_recv(c, out, MIN(out_bytes, (size_t)s->body_left), events);
			if (got == -1)
				return 0;
			if (got <= 0)
				return err_set(err, ERR_MALFORMED, "the body ended %lld bytes early",
					       (long long)s->body_left);
			*data = slice_of(out, (size_t)got);
		} else if (have) {
			size_t used;
			/* A chunk decoder that is offered no more than fits gives no more than fits. */
			int rc = http1_chunk_next(&s->chunk, s->in + s->in_at, MIN(have, MAX(out_bytes, 1)), &used, data);
			if (rc < 0)
				return err_set(err, ERR_MALFORMED, "the chunked body is malformed");
			s->in_at += used;
			s->body_whole = rc == 1;
			if (!data->len)
				continue;
			return 1;
		} else {
			int rc = fill(c, events, err);
			if (rc <= 0)
				return rc;
			continue;
		}
		s->body_left -= (int64_t)data->len;
		s->body_whole = s->body_left == 0;
		return 1;
	}
}

/* A body that fits behind its head stays where it arrives. */
static bool in_place(const struct http_slot *s)
{
	return !s->head.chunked && !s->gathered.len && (size_t)s->head.content_length <= s->in_cap - s->body_at &&
	       s->body_left == s->head.content_length;
}

static int gather_in_place(struct http_conn *c, int *events, struct err *err)
{
	struct http_slot *s = c->slot;
	size_t want = s->body_at + (size_t)s->body_left;
	while (s->in_len < want) {
		ssize_t got = c->readable ? conn_recv(c, s->in + s->in_len, s->in_cap - s->in_len, events) : -1;
		if (got == -1) {
			*events = UV_READABLE;
			return 0;
		}
		if (got <= 0)
			return err_set(err, ERR_MALFORMED, "the body ended %zu bytes early", want - s->in_len);
		s->in_len += (size_t)got;
	}
	s->x.body = slice_of(s->in + s->body_at, (size_t)s->body_left);
	s->in_at = want;
	s->body_left = 0;
	s->body_whole = s->x.body_complete = true;
	return 1;
}

int body_gather(struct http_conn *c, int *events, struct err *err)
{
	struct http_slot *s = c->slot;
	bool worker = s->x.route->mode == ROUTE_WORKER;
	if (in_place(s))
		return gather_in_place(c, events, err);
	size_t budget = GATHER_TURN_BYTES;
	int64_t cap = MIN(body_cap(s), worker ? limits.http_buffered_body_bytes : limits.request_arena_bytes);
	while (!s->body_whole) {
		size_t n = s->gathered.len;
		if (worker && s->head.chunked && n >= (size_t)limits.http_buffered_body_bytes)
			return 1; /* the worker pulls the rest */
		if ((int64_t)n >= cap && s->head.chunked && body_cap(s) > cap && !worker)
			return err_set(err, ERR_TOO_LARGE, "the body is larger than limits.request_arena_bytes");
		if (s->in_at == s->in_len && (!c->readable || !budget)) {
			*events = UV_READABLE; /* others have their turn */
			return 0;
		}
		size_t room = MAX((size_t)16 << 10, MIN(n, (size_t)1 << 20));
		if (!s->head.chunked)
			room = MIN(room, (size_t)s->body_left);
		char *to = buf_reserve(&s->gathered, room);
		struct slice data;
		int rc = body_next(c, to, room, &data, events, err);
		if (rc <= 0)
			return rc;
		if (data.ptr != to && data.len)
			memcpy(to, data.ptr, data.len);
		s->gathered.len += data.len;
		budget -= MIN(budget, data.len);
		if ((int64_t)s->gathered.len > body_cap(s))
			return too_large(s, err);
	}
	s->x.body = slice_of(s->gathered.ptr ? s->gathered.ptr : "", s->gathered.len);
	s->x.body_complete = true;
	return 1;
}

int body_decode_whole(struct http_slot *s, struct err *err)
{
	struct slice in = s->x.body;
	struct inflate *f = inflate_new(s->head.content_encoding);
	struct buf *out = &s->zipped; /* free until the answer */
	int64_t cap = MIN(body_cap(s), limits.request_arena_bytes);
	int rc = f ? 0 : err_set(err, ERR_NO_MEMORY, "no memory to decompress the body");
	size_t n = 1;
	buf_reset(out);
	while (rc == 0 && (n || in.len)) {
		char *to = buf_reserve(out, (size_t)64 << 10);
		rc = inflate_run(f, &in, to, (size_t)64 << 10, &n, err);
		if (rc == 0)
			out->len += n;
		if (rc == 0 && (int64_t)out->len > cap)
			rc = too_large(s, err);
	}
	if (rc == 0 && !inflate_ended(f))
		rc = err_set(err, ERR_MALFORMED, "the compressed body ended early");
	inflate_free(f);
	if (rc < 0)
		return -1;
	s->x.body = arena_dup(&s->arena, buf_view(out));
	buf_reset(out);
	s->body_coded = false;
	return s->x.body.ptr ? 0 : err_set(err, ERR_NO_MEMORY, "the body does not fit the memory of one request");
}

int body_continue(struct http_conn *c)
{
	static const struct slice text[2] = { { "HTTP/1.1 100 Continue\r\n\r\n", 25 } };
	struct http_slot *s = c->slot;
	int events;
	bool owed = s->must_continue && s->in_at == s->in_len;
	s->must_continue = false;
	return !owed || conn_send(c, text, false, &events) == (ssize_t)text[0].len ? 0 : -1;
}

/* Framed bytes, blocking: *n 0 at the end. */
static int framed_read(struct http_conn *c, void *out, size_t out_bytes, size_t *n, struct err *err)
{
	struct http_slot *s = c->slot;
	size_t left = s->gathered.len - s->gathered_at;
	if (left) {
		*n = MIN(left, out_bytes);
		memcpy(out, s->gathered.ptr + s->gathered_at, *n);
		s->gathered_at += *n;
		return 0;
	}
	if (!s->body_whole && body_continue(c) < 0)
		return err_set(err, ERR_CANCELLED, "the client is gone");
	for (;;) {
		struct slice data;
		int events = UV_READABLE;
		int rc = body_next(c, out, out_bytes, &data, &events, err);
		if (rc < 0 || (rc == 0 && conn_wait(c, events, err) < 0))
			return -1;
		if (rc == 0)
			continue;
		if (data.len && data.ptr != out)
			memcpy(out, data.ptr, data.len);
		*n = data.len;
		return 0;
	}
}

/* Content-Encoding over framed bytes, with the compressed piece in hand. */
struct body_coded {
	struct inflate *inflate;
	struct slice in;
	char block[CODED_IN_BYTES];
};

static void free_coded(void *coded)
{
	inflate_free(((struct body_coded *)coded)->inflate);
}

static int coded_start(struct http_slot *s, struct err *err)
{
	struct body_coded *coded = arena_alloc(&s->arena, sizeof *coded);
	if (coded) {
		coded->inflate = inflate_new(s->head.content_encoding);
		coded->in = (struct slice){ 0 };
	}
	if (!coded || !coded->inflate || !arena_defer(&s->arena, free_coded, coded))
		return err_set(err, ERR_NO_MEMORY, "no memory to decompress the body");
	s->coded = coded;
	return 0;
}

static int coded_read(struct http_conn *c, void *out, size_t out_bytes, size_t *n, struct err *err)
{
	struct http_slot *s = c->slot;
	if (!s->coded && coded_start(s, err) < 0)
		return -1;
	struct body_coded *coded = s->coded;
	for (;;) {
		bool end = false;
		if (!coded->in.len) {
			size_t got;
			if (framed_read(c, coded->block, sizeof coded->block, &got, err) < 0)
				return -1;
			coded->in = slice_of(coded->block, got);
			end = got == 0;
		}
		if (inflate_run(coded->inflate, &coded->in, out, out_bytes, n, err) < 0)
			return -1;
		if (*n)
			return 0;
		if (end && !inflate_ended(coded->inflate))
			return err_set(err, ERR_MALFORMED, "the compressed body ended early");
		if (end)
			return 0;
	}
}

int http_body_read(struct http_exchange *x, void *out, size_t out_bytes, size_t *n, struct err *err)
{
	struct http_slot *s = SLOT_OF(x);
	assert(out_bytes);
	if (x->body_complete) {
		struct slice rest = slice_sub(x->body, (size_t)s->body_read, out_bytes);
		if (rest.len)
			memcpy(out, rest.ptr, rest.len);
		s->body_read += (int64_t)rest.len;
		*n = rest.len;
		return 0;
	}
	size_t got = 0;
	if ((s->body_coded ? coded_read : framed_read)(x->conn, out, out_bytes, &got, err) < 0)
		return -1;
	s->body_read += (int64_t)got;
	if (s->body_read > body_cap(s))
		return too_large(s, err);
	*n = got;
	return 0;
}

static void free_buf(void *b)
{
	buf_release(b);
}

int http_body_all(struct http_exchange *x, size_t bytes_max, struct slice *out, struct err *err)
{
	if (x->body_complete) {
		if (x->body.len > bytes_max)
			return err_set(err, ERR_TOO_LARGE, "the body is larger than %zu bytes", bytes_max);
		*out = x->body;
		return 0;
	}
	struct buf *b = arena_alloc(x->arena, sizeof *b);
	if (!b)
		return err_set(err, ERR_NO_MEMORY, "the body does not fit the memory of one request");
	buf_init(b, SIZE_MAX / 2);
	if (!arena_defer(x->arena, free_buf, b))
		return err_set(err, ERR_NO_MEMORY, "the body does not fit the memory of one request");
	for (;;) {
		size_t n, room = MAX((size_t)64 << 10, MIN(b->len, (size_t)4 << 20));
		char *to = buf_reserve(b, room);
		if (http_body_read(x, to, room, &n, err) < 0)
			return -1;
		if (!n)
			break;
		b->len += n;
		if (b->len > bytes_max)
			return err_set(err, ERR_TOO_LARGE, "the body is larger than %zu bytes", bytes_max);
	}
	*out = slice_of(b->ptr, b->len);
	return 0;
}
