/*
 * Connections on the loop: one step function a phase. A step does what it can without blocking and says what comes
 * next: another step, the socket, or nothing because somebody else has the connection now (or it is gone).
 *
 *   SNIFF -> HANDSHAKE -> HEAD -> [BODY] -> handler (here or on a worker) -> SEND -> HEAD | LINGER | closed
 *                                                                        \-> STREAM -> closed
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/route.h"

enum step { STEP_MORE, STEP_NEXT /* a request is over, and the next may be there */, STEP_READ, STEP_WRITE, STEP_AWAY };

enum {
	LINGER_MS = 2000,
	LINGER_BYTES = 4 << 20,	    /* thrown away of what a client says when nobody listens */
	EMPTY_LINES_MAX = 4,	    /* before a request; RFC 9112 2.2 asks for one */
	TURN_REQUESTS = 32,	    /* pipelined ones of a connection before others have their turn */
	DRAIN_IDLE_MS = 250, /* a connection that was busy this short ago may be about to ask again */
};

static void conn_event(uv_poll_t *h, int status, int events);

static enum step wait_for(int events)
{
	return events & UV_WRITABLE ? STEP_WRITE : STEP_READ;
}

static void conn_poll(struct http_conn *c, int events)
{
	if (c->polled == events)
		return;
	if (events)
		uv_poll_start(&c->poll, events, conn_event);
	else
		uv_poll_stop(&c->poll);
	c->polled = events;
}

static void enter(struct http_conn *c, enum conn_phase phase)
{
	int64_t now = server_now(c->loop->server);
	c->phase = phase;
	c->since_ns = c->window_ns = now;
	c->window_bytes = c->window_waited_ns = 0;
}

static void on_closed(uv_handle_t *h)
{
	free(h->data);
}

void conn_close(struct http_conn *c)
{
	struct net_loop *l = c->loop;
	if (c->phase == PHASE_CLOSED)
		return;
	if (c->phase == PHASE_LINGER)
		atomic_fetch_sub(&l->lingering, 1);
	c->phase = PHASE_CLOSED;
	uv_close((uv_handle_t *)&c->poll, on_closed);
	if (c->tls) {
		tls_close(c->tls);
		tls_free(c->tls);
	}
	close(c->fd);
	if (c->stream)
		stream_closed(c->stream);
	if (c->slot) {
		c->slot->in_at = c->slot->in_len;
		slot_reset(c->slot);
		loop_slot_give(l, c->slot);
	}
	if (c->prev)
		c->prev->next = c->next;
	else
		l->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	account_connection(c->listener->account, -1);
	atomic_fetch_sub(&c->listener->connections, 1);
	atomic_fetch_sub(&l->conns_n, 1);
}

static enum step gone(struct http_conn *c)
{
	conn_close(c);
	return STEP_AWAY;
}

/* ---- before the first request ---- */

static enum step refuse(struct http_conn *c, const struct err *err);

static enum step plain_refused(struct http_conn *c)
{
	struct err err;
	err_clear(&err);
	err_set(&err, ERR_MALFORMED, "plain HTTP is spoken to a port that speaks TLS only: use https");
	c->slot = loop_slot_take(c->loop);
	exchange_begin(c);
	return refuse(c, &err);
}

static enum step step_sniff(struct http_conn *c)
{
	const struct listener *l = &c->listener->l;
	unsigned char first;
	ssize_t n = recv(c->fd, &first, 1, MSG_PEEK);
	if (n < 0)
		return STEP_READ;
	if (n == 0)
		return gone(c);
	if (first != 0x16) { /* a TLS record of type handshake: no method begins so */
		enter(c, PHASE_HEAD);
		return l->tls_only ? plain_refused(c) : STEP_MORE;
	}
	c->tls = tls_new(l->tls, c->fd, l->ask_client_certificate);
	if (!c->tls)
		return gone(c);
	enter(c, PHASE_HANDSHAKE);
	return STEP_MORE;
}

static enum step step_handshake(struct http_conn *c)
{
	enum tls_wait wait = TLS_WAIT_NOTHING;
	if (tls_handshake(c->tls, &wait) == 0) {
		enter(c, PHASE_HEAD);
		c->readable = true;
		return STEP_MORE;
	}
	if (wait == TLS_WAIT_NOTHING)
		return gone(c);
	return wait == TLS_WAIT_WRITE ? STEP_WRITE : STEP_READ;
}

/* ---- a request ---- */

static enum step answered(struct http_conn *c);

/* Answers what net itself refuses. What follows on the connection is not trusted. */
static enum step refuse(struct http_conn *c, const struct err *err)
{
	c->slot->head.keep_alive = false;
	reply_fail(&c->slot->x, err);
	return answered(c);
}

static void worker_run(struct task *t);

/* Hands the connection to a pool. With `pulls` the worker will read the socket itself. */
static enum step dispatch(struct http_conn *c, struct pool *pool, bool pulls)
{
	conn_poll(c, pulls ? 0 : UV_READABLE);
	c->slot->on_worker = true;
	c->window_bytes = c->window_waited_ns = 0;
	c->task.run = worker_run;
	atomic_store(&c->owner, pulls ? OWNER_CALL : OWNER_WORKER);
	if (pool_put(pool, &c->task) == 0)
		return STEP_AWAY;
	atomic_store(&c->owner, OWNER_LOOP);
	struct err err;
	err_clear(&err);
	err_set(&err, ERR_UNAVAILABLE, "too many requests are waiting");
	c->slot->offload = NULL;
	reply_fail(&c->slot->x, &err);
	return answered(c);
}

static enum step run(struct http_conn *c)
{
	struct http_slot *s = c->slot;
	const struct route *r = s->x.route;
	if (r->mode == ROUTE_WORKER)
		return dispatch(c, c->listener->pool, !s->x.body_complete);
	if (s->body_coded) /* decompressing is no work for the loop */
		return dispatch(c, c->loop->server->compute, false);
	exchange_run(&s->x);
	if (s->offload)
		return dispatch(c, c->loop->server->compute, false);
	return answered(c);
}

static void take_head(struct http_exchange *x, const struct http_slot *s)
{
	x->method = s->head.method;
	x->method_name = s->head.method_name;
	x->target = s->head.target;
	x->path = s->head.path;
	x->query = s->head.query;
	x->has_query = s->head.has_query;
	x->host = s->head.host;
	x->fields = s->fields;
	x->fields_n = s->head.fields_n;
	x->app = x->conn->listener->l.app;
}

static enum step not_routed(struct http_conn *c, unsigned allowed, const struct err *err)
{
	struct http_slot *s = c->slot;
	char text[64];
	s->body_whole = !s->head.chunked && s->head.content_length <= 0;
	if (allowed) {
		route_methods_text(allowed, text, sizeof text);
		http_header_str(&s->x, "Allow", text);
	}
	reply_fail(&s->x, err);
	return answered(c);
}

/* A head of `bytes` is at in_at. */
static enum step begin(struct http_conn *c, size_t bytes)
{
	struct http_slot *s = c->slot;
	struct err err;
	unsigned allowed = 0;
	enum body_plan plan;
	err_clear(&err);
	exchange_begin(c);
	if (http1_head_parse(slice_of(s->in + s->in_at, bytes), s->fields, (size_t)limits.http_headers, &s->head, &err) < 0)
		return refuse(c, &err);
	s->in_at += bytes;
	s->body_at = s->in_at;
	s->in_scanned = 0;
	s->must_continue = s->head.expect_continue;
	take_head(&s->x, s);
	if (route_find(&c->listener->l, &s->x, &allowed, &err) < 0)
		return not_routed(c, allowed, &err);
	if (body_plan(c, &plan, &err) < 0)
		return refuse(c, &err);
	if (plan == BODY_PLAN_STREAM)
		return dispatch(c, c->listener->pool, true);
	if (body_continue(c) < 0)
		return gone(c);
	if (plan == BODY_PLAN_NONE)
		return run(c);
	c->phase = PHASE_BODY;
	c->window_ns = 0;
	return STEP_MORE;
}

/* Room for `bytes` from in_at on. */
static void make_room(struct http_slot *s, size_t bytes)
{
	if (s->in_cap - s->in_at >= bytes)
		return;
	memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
	s->in_len -= s->in_at;
	s->in_at = 0;
	if (s->in_cap >= bytes)
		return;
	size_t cap = (size_t)limits.http_head_bytes + SLOT_IN_BYTES;
	assert(s->in == s->in_block && bytes <= cap);
	char *big = malloc(cap);
	if (!big)
		abort();
	memcpy(big, s->in, s->in_len);
	s->in = big;
	s->in_cap = cap;
}

/* Looks at what came of a head: 1 whole (*bytes), 0 more is needed, -1 refused. */
static int look_for_head(struct http_conn *c, size_t *bytes, struct err *err)
{
	struct http_slot *s = c->slot;
	for (int i = 0; i < EMPTY_LINES_MAX && !s->in_scanned && s->in_len - s->in_at >= 2 &&
			memcmp(s->in + s->in_at, "\r\n", 2) == 0; i++)
		s->in_at += 2;
	size_t n = s->in_len - s->in_at, before = s->in_scanned;
	if (!n || (n == 1 && s->in[s->in_at] == '\r'))
		return 0;
	int rc = http1_head_end(s->in + s->in_at, n, &s->in_scanned, bytes);
	if (rc < 0)
		return err_set(err, ERR_MALFORMED,
			       "this is no HTTP/1.1 request: a line does not end in CRLF, or TLS is spoken to a plain port");
	if (rc > 0 ? *bytes > (size_t)limits.http_head_bytes : n >= (size_t)limits.http_head_bytes)
		return err_set(err, ERR_HEADERS_TOO_LARGE, "the request's header fields are larger than %lld bytes",
			       (long long)limits.http_head_bytes);
	if (rc == 0 && !before)
		c->since_ns = server_now(c->loop->server);
	return rc;
}

static enum step step_head(struct http_conn *c)
{
	struct err err;
	if (!c->slot) {
		if (!c->readable)
			return STEP_READ;
		c->slot = loop_slot_take(c->loop);
	}
	struct http_slot *s = c->slot;
	for (;;) {
		size_t bytes;
		int rc = look_for_head(c, &bytes, &err);
		if (rc > 0) {
			make_room(s, bytes + IN_ROOM_BYTES);
			return begin(c, bytes);
		}
		if (rc < 0) {
			exchange_begin(c);
			return refuse(c, &err);
		}
		if (c->eof)
			return gone(c);
		if (!c->readable) {
			if (s->in_at == s->in_len) {
				c->slot = NULL;
				loop_slot_give(c->loop, s);
			}
			return STEP_READ;
		}
		make_room(s, s->in_len - s->in_at + 1);
		int events = UV_READABLE;
		ssize_t got = conn_recv(c, s->in + s->in_len, s->in_cap - s->in_len, &events);
		if (got == -2)
			return gone(c);
		if (got > 0)
			s->in_len += (size_t)got;
		else if (got == -1 && events == UV_WRITABLE)
			return STEP_WRITE;
	}
}

static enum step step_body(struct http_conn *c)
{
	struct err err;
	int events = UV_READABLE;
	err_clear(&err);
	int rc = body_gather(c, &events, &err);
	if (rc > 0)
		return run(c);
	if (rc == 0) {
		if (!c->window_ns)
			enter(c, PHASE_BODY);
		return wait_for(events);
	}
	return c->eof ? gone(c) : refuse(c, &err);
}

/* ---- an answer ---- */

/* A handler has run, or net has answered itself. */
static enum step answered(struct http_conn *c)
{
	assert(c->slot->state != REPLY_NONE && c->slot->state != REPLY_OPEN);
	c->phase = PHASE_SEND;
	c->window_ns = 0;
	return STEP_MORE;
}

/* The answer is a stream from now on; the request is over. */
static enum step detached(struct http_conn *c)
{
	struct http_slot *s = c->slot;
	account_request(c->listener->account, &s->x, s->status, 0, server_now(c->loop->server));
	s->in_at = s->in_len;
	slot_reset(s);
	loop_slot_give(c->loop, s);
	c->slot = NULL;
	enter(c, PHASE_STREAM);
	return STEP_MORE;
}

/* Between two requests on a kept connection. */
static void next_request(struct http_conn *c, int64_t now)
{
	slot_reset(c->slot);
	c->phase = PHASE_HEAD;
	c->since_ns = now;
	c->window_ns = 0;
}

static enum step step_send(struct http_conn *c)
{
	struct http_slot *s = c->slot;
	int events = UV_WRITABLE;
	if (s->state == REPLY_DETACHED)
		return detached(c);
	int rc = reply_flush(c, &events);
	if (rc == 0) {
		if (!c->window_ns)
			enter(c, PHASE_SEND);
		return wait_for(events);
	}
	if (rc < 0)
		return gone(c);
	int64_t now = server_now(c->loop->server);
	account_request(c->listener->account, &s->x, s->status, s->bytes_sent, now);
	if (s->state == REPLY_ABORTED)
		return gone(c);
	if (s->keep) {
		next_request(c, now);
		return STEP_NEXT;
	}
	/* Closing with unread bytes would make the kernel reset the connection, and the answer could be lost. */
	if (s->body_whole && s->in_at == s->in_len)
		return gone(c);
	if (c->tls)
		tls_close(c->tls);
	shutdown(c->fd, SHUT_WR);
	enter(c, PHASE_LINGER);
	atomic_fetch_add(&c->loop->lingering, 1);
	return STEP_MORE;
}

static enum step step_linger(struct http_conn *c)
{
	struct http_slot *s = c->slot;
	for (;;) {
		ssize_t n = recv(c->fd, s->in_block, sizeof s->in_block, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return STEP_READ;
		c->lingered += n;
		if (n <= 0 || c->lingered > LINGER_BYTES)
			return gone(c);
	}
}

static enum step step_stream(struct http_conn *c)
{
	char scratch[512];
	int events = UV_READABLE;
	while (c->readable && !c->eof) { /* only to notice the end; what a client says here is not heard */
		ssize_t n = conn_recv(c, scratch, sizeof scratch, &events);
		c->lingered += MAX(n, 0);
		if (n == -2 || c->lingered > LINGER_BYTES)
			return gone(c);
		if (n <= 0)
			break;
	}
	if (c->eof)
		return gone(c);
	int rc = stream_flush(c->stream, c, &events);
	if (rc < 0 || rc == 2)
		return gone(c);
	if (rc == 1) {
		c->window_ns = 0;
		return STEP_READ;
	}
	if (!c->window_ns)
		enter(c, PHASE_STREAM);
	return events == UV_WRITABLE ? STEP_WRITE : STEP_READ;
}

/* ---- driving ---- */

static enum step (*const steps[])(struct http_conn *) = {
	[PHASE_SNIFF] = step_sniff, [PHASE_HANDSHAKE] = step_handshake, [PHASE_HEAD] = step_head,
	[PHASE_BODY] = step_body,   [PHASE_SEND] = step_send,		[PHASE_STREAM] = step_stream,
	[PHASE_LINGER] = step_linger,
};

static void call_back(struct http_conn *c);

static void advance(struct http_conn *c)
{
	for (int requests = 0;;) {
		switch (steps[c->phase](c)) {
		case STEP_MORE:
			continue;
		case STEP_NEXT:
			if (++requests < TURN_REQUESTS)
				continue;
			atomic_store(&c->owner, OWNER_CALL);
			call_back(c);
			return;
		case STEP_READ:
			conn_poll(c, UV_READABLE);
			return;
		case STEP_WRITE:
			conn_poll(c, c->phase == PHASE_STREAM ? UV_READABLE | UV_WRITABLE : UV_WRITABLE);
			return;
		case STEP_AWAY:
			return;
		}
	}
}

static void conn_event(uv_poll_t *h, int status, int events)
{
	struct http_conn *c = h->data;
	int owner = atomic_load_explicit(&c->owner, memory_order_acquire);
	if (owner != OWNER_LOOP) {
		/* Bytes, or the end, while a worker has it: look again when it comes back. */
		conn_poll(c, 0);
		if (owner == OWNER_CALL ||
		    atomic_compare_exchange_strong(&c->owner, &owner, OWNER_CALL))
			return;
		/* it came back just now */
	}
	if (status < 0) {
		conn_close(c);
		return;
	}
	if (events & (UV_READABLE | UV_DISCONNECT))
		c->readable = true;
	advance(c);
}

void conn_resume(struct http_conn *c)
{
	advance(c);
}

static void on_called(struct task *t)
{
	struct http_conn *c = (struct http_conn *)((char *)t - offsetof(struct http_conn, task));
	atomic_store(&c->owner, OWNER_LOOP);
	/* What came while polling was off is seen by polling again; what TLS has read ahead is not. */
	c->readable |= c->tls && tls_pending(c->tls);
	if (c->phase != PHASE_CLOSED)
		advance(c);
}

static void call_back(struct http_conn *c)
{
	c->task.run = on_called;
	loop_post(c->loop, &c->task);
}

/* On a worker. */
static void worker_run(struct task *t)
{
	struct http_conn *c = (struct http_conn *)((char *)t - offsetof(struct http_conn, task));
	struct http_slot *s = c->slot;
	exchange_run(&s->x);
	c->phase = PHASE_SEND;
	c->window_ns = 0;
	int events;
	if (s->state == REPLY_DETACHED || s->state == REPLY_ABORTED || !s->keep || reply_flush(c, &events) != 1 ||
	    s->in_at != s->in_len || c->readable || (c->tls && tls_pending(c->tls))) {
		call_back(c);
		return;
	}
	int64_t now = server_now(c->loop->server);
	account_request(c->listener->account, &s->x, s->status, s->bytes_sent, now);
	next_request(c, now);
	int owner = OWNER_WORKER;
	if (!atomic_compare_exchange_strong(&c->owner, &owner, OWNER_LOOP))
		call_back(c);
}

void conn_open(struct net_loop *loop, struct net_listener *nl, int fd)
{
	struct http_conn *c = calloc(1, sizeof *c);
	if (!c)
		abort();
	c->loop = loop;
	c->listener = nl;
	c->fd = fd;
	c->poll.data = c;
	c->peer_len = address_of_peer(fd, c->peer, sizeof c->peer);
	c->next = loop->conns;
	if (c->next)
		c->next->prev = c;
	loop->conns = c;
	account_connection(nl->account, 1);
	uv_poll_init(&loop->uv, &c->poll, fd);
	enter(c, nl->l.tls ? PHASE_SNIFF : PHASE_HEAD);
	loop_tick_start(loop, 1000);
	c->readable = c->phase == PHASE_HEAD; /* a request mostly comes with its connection */
	advance(c);
}

/* ---- deadlines ---- */

static bool over(const struct http_conn *c, int64_t now_ns, int64_t ms)
{
	return now_ns - c->since_ns > ms * 1000000;
}

static void slow(struct http_conn *c, const char *what)
{
	struct err err;
	err_clear(&err);
	err_set(&err, ERR_REQUEST_TIMEOUT, "the %s came too slowly", what);
	if (c->phase == PHASE_HEAD)
		exchange_begin(c);
	if (refuse(c, &err) == STEP_MORE)
		advance(c);
}

void conn_check(struct http_conn *c, int64_t now_ns)
{
	if (atomic_load_explicit(&c->owner, memory_order_acquire) != OWNER_LOOP)
		return;
	bool begun = c->slot && c->slot->in_len > c->slot->in_at;
	switch (c->phase) {
	case PHASE_SNIFF:
	case PHASE_HANDSHAKE:
		if (over(c, now_ns, limits.http_head_ms))
			conn_close(c);
		return;
	case PHASE_HEAD:
		if (begun && over(c, now_ns, limits.http_head_ms))
			slow(c, "request's head");
		else if (!begun && over(c, now_ns, limits.http_idle_ms))
			conn_close(c);
		else if (!begun && c->slot) { /* a worker handed it back so */
			loop_slot_give(c->loop, c->slot);
			c->slot = NULL;
		}
		return;
	case PHASE_BODY:
		if (c->window_ns && conn_too_slow(c, now_ns))
			slow(c, "body");
		return;
	case PHASE_SEND:
	case PHASE_STREAM:
		if (c->window_ns && conn_too_slow(c, now_ns))
			conn_close(c);
		return;
	case PHASE_LINGER:
		if (over(c, now_ns, LINGER_MS))
			conn_close(c);
		return;
	case PHASE_CLOSED:
		return;
	}
}

void conn_drain(struct http_conn *c, int64_t now_ns)
{
	if (atomic_load_explicit(&c->owner, memory_order_acquire) != OWNER_LOOP)
		return;
	if (c->phase == PHASE_STREAM) {
		stream_finish(c->stream);
		return;
	}
	bool idle = c->phase == PHASE_SNIFF || (c->phase == PHASE_HEAD && (!c->slot || c->slot->in_at == c->slot->in_len));
	if (!idle || now_ns - c->since_ns < DRAIN_IDLE_MS * 1000000LL)
		return;
	/* A request may lie in the socket: it is answered, and says that the connection closes. */
	char first;
	if (c->phase == PHASE_HEAD && recv(c->fd, &first, 1, MSG_PEEK) > 0) {
		c->readable = true;
		advance(c);
		return;
	}
	conn_close(c);
}
