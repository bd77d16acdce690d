/*
 * Detached answers (http_stream in http.h): a buffer that any thread appends to and the loop sends.
 * References: one of the maker, one of the connection, one of a post that is under way.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "net/conn.h"

struct http_stream {
	struct task task;
	_Atomic int refs;
	struct net_loop *loop;
	struct http_conn *conn; /* the loop thread's */
	void (*on_close)(void *arg);
	void *arg;
	bool chunked;
	pthread_mutex_t lock; /* what follows */
	struct buf out;
	size_t sent;
	bool posted, running, ended, closed;
};

void http_stream_unref(struct http_stream *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	buf_release(&s->out);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void on_posted(struct task *t)
{
	struct http_stream *s = (struct http_stream *)t;
	pthread_mutex_lock(&s->lock);
	s->posted = false;
	pthread_mutex_unlock(&s->lock);
	if (s->conn)
		conn_resume(s->conn);
	http_stream_unref(s);
}

struct http_stream *http_reply_detach(struct http_exchange *x, int status, const char *type,
				      void (*on_close)(void *arg), void *arg)
{
	struct http_slot *slot = SLOT_OF(x);
	struct http_stream *s = calloc(1, sizeof *s);
	if (!s)
		abort();
	s->task.run = on_posted;
	s->refs = 2;
	s->loop = x->conn->loop;
	s->conn = x->conn;
	s->on_close = on_close;
	s->arg = arg;
	pthread_mutex_init(&s->lock, NULL);
	buf_init(&s->out, SIZE_MAX / 2);
	slot->head.keep_alive = false; /* its slot is given back, so nothing can follow on the connection */
	reply_compose(x, status, type, -1, &s->out);
	s->chunked = slot->chunked_out;
	s->ended = slot->no_body;
	slot->state = REPLY_DETACHED;
	x->conn->stream = s;
	return s;
}

/* With the lock held. */
static void post(struct http_stream *s)
{
	if (s->posted || !s->running || s->closed)
		return;
	s->posted = true;
	atomic_fetch_add(&s->refs, 1);
	loop_post(s->loop, &s->task);
}

int http_stream_write(struct http_stream *s, const void *p, size_t n)
{
	pthread_mutex_lock(&s->lock);
	bool open = !s->closed && !s->ended;
	if (open && s->out.len - s->sent + n > (size_t)limits.http_stream_bytes) {
		/* The client does not keep up: an end without the last chunk, so that it never looks complete. */
		s->ended = true;
		s->chunked = false;
		s->out.len = s->sent = 0;
		open = false;
		post(s);
	} else if (open && n) {
		if (s->chunked)
			buf_printf(&s->out, "%zx\r\n", n);
		buf_append(&s->out, p, n);
		if (s->chunked)
			buf_str(&s->out, "\r\n");
		post(s);
	}
	pthread_mutex_unlock(&s->lock);
	return open ? 0 : -1;
}

void http_stream_end(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	if (!s->ended && !s->closed) {
		s->ended = true;
		if (s->chunked)
			buf_str(&s->out, "0\r\n\r\n");
		post(s);
	}
	pthread_mutex_unlock(&s->lock);
}

void stream_finish(struct http_stream *s)
{
	http_stream_end(s);
}

int stream_flush(struct http_stream *s, struct http_conn *c, int *events)
{
	int rc = 1;
	pthread_mutex_lock(&s->lock);
	s->running = true;
	while (s->sent < s->out.len) {
		struct slice pieces[2] = { slice_of(s->out.ptr + s->sent, s->out.len - s->sent) };
		ssize_t n = conn_send(c, pieces, false, events);
		if (n <= 0) {
			rc = n == -1 ? 0 : -1;
			break;
		}
		s->sent += (size_t)n;
	}
	if (s->sent == s->out.len) {
		if (s->out.cap > SLOT_KEEP_BYTES)
			buf_release(&s->out);
		s->sent = s->out.len = 0;
	} else if (s->sent > SLOT_KEEP_BYTES) {
		buf_consume(&s->out, s->sent);
		s->sent = 0;
	}
	if (rc == 1 && s->ended)
		rc = 2;
	pthread_mutex_unlock(&s->lock);
	return rc;
}

void stream_closed(struct http_stream *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = true;
	pthread_mutex_unlock(&s->lock);
	s->conn = NULL;
	if (s->on_close)
		s->on_close(s->arg);
	http_stream_unref(s);
}
