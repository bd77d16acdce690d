/*
 * Bytes in and out of a connection, plain or TLS, and the least rate that they must keep. Never blocks but in
 * conn_wait, which workers call.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/waiting.h"
#include "net/conn.h"

enum { WOULD_BLOCK = -1, BROKEN = -2 };

static ssize_t tls_outcome(ssize_t n, enum tls_wait wait, int *events)
{
	if (n >= 0)
		return n;
	*events = wait == TLS_WAIT_WRITE ? UV_WRITABLE : UV_READABLE;
	return wait == TLS_WAIT_NOTHING ? BROKEN : WOULD_BLOCK;
}

static ssize_t outcome(ssize_t n, int want, int *events)
{
	if (n >= 0)
		return n;
	*events = want;
	return errno == EAGAIN || errno == EWOULDBLOCK ? WOULD_BLOCK : BROKEN;
}

ssize_t conn_recv(struct http_conn *c, void *p, size_t n, int *events)
{
	ssize_t got;
	if (c->tls) {
		enum tls_wait wait = TLS_WAIT_NOTHING;
		got = tls_read(c->tls, p, n, &wait);
		got = tls_outcome(got, wait, events);
		c->readable = got > 0;
		if (got > 0 && (size_t)got < n)
			c->readable = tls_pending(c->tls);
	} else {
		do
			got = recv(c->fd, p, n, 0);
		while (got < 0 && errno == EINTR);
		got = outcome(got, UV_READABLE, events);
		c->readable = got == (ssize_t)n;
	}
	if (got == 0)
		c->eof = true;
	if (got > 0)
		conn_progress(c, (size_t)got);
	return got;
}

ssize_t conn_send(struct http_conn *c, const struct slice pieces[2], bool more, int *events)
{
	ssize_t put;
	if (c->tls) {
		enum tls_wait wait = TLS_WAIT_NOTHING;
		const struct slice *one = pieces[0].len ? &pieces[0] : &pieces[1];
		put = tls_write(c->tls, one->ptr, one->len, &wait);
		put = tls_outcome(put, wait, events);
	} else {
		int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
		do {
			if (pieces[0].len && pieces[1].len) {
				struct iovec iov[2] = { { (void *)(uintptr_t)pieces[0].ptr, pieces[0].len },
							{ (void *)(uintptr_t)pieces[1].ptr, pieces[1].len } };
				struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
				put = sendmsg(c->fd, &msg, flags);
			} else {
				const struct slice *one = pieces[0].len ? &pieces[0] : &pieces[1];
				put = send(c->fd, one->ptr, one->len, flags);
			}
		} while (put < 0 && errno == EINTR);
		put = outcome(put, UV_WRITABLE, events);
	}
	if (put > 0)
		conn_progress(c, (size_t)put);
	return put;
}

void conn_progress(struct http_conn *c, size_t n)
{
	c->window_bytes += (int64_t)n;
}

static bool window_failed(const struct http_conn *c)
{
	int64_t least = limits.http_body_rate_bytes * limits.http_body_grace_ms / 1000;
	return c->window_bytes < (least ? least : 1);
}

bool conn_too_slow(struct http_conn *c, int64_t now_ns)
{
	if (now_ns - c->window_ns < limits.http_body_grace_ms * 1000000)
		return false;
	bool failed = window_failed(c);
	c->window_ns = now_ns;
	c->window_bytes = 0;
	return failed;
}

int conn_wait(struct http_conn *c, int events, struct err *err)
{
	int64_t grace_ns = limits.http_body_grace_ms * 1000000;
	int64_t left_ms = (grace_ns - c->window_waited_ns) / 1000000 + 1;
	struct pollfd p = { .fd = c->fd, .events = events == UV_WRITABLE ? POLLOUT : POLLIN };
	int64_t from = server_now(c->loop->server);
	waiting_begin();
	int rc = poll(&p, 1, (int)left_ms);
	int e = errno;
	waiting_end();
	errno = e;
	if (rc < 0 && errno != EINTR)
		return err_errno(err, errno, "waiting for the client");
	c->window_waited_ns += server_now(c->loop->server) - from;
	if (c->window_waited_ns < grace_ns)
		return 0;
	bool failed = window_failed(c);
	c->window_waited_ns = 0;
	c->window_bytes = 0;
	if (failed)
		return err_set(err, ERR_REQUEST_TIMEOUT, "less than %lld bytes a second came or went over %lld ms",
			       (long long)limits.http_body_rate_bytes, (long long)limits.http_body_grace_ms);
	return 0;
}
