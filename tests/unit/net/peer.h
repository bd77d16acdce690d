/* For net's tests: a server on a free port with a table of routes, and a plain blocking client socket. */
#ifndef CORACLE_TESTS_NET_PEER_H
#define CORACLE_TESTS_NET_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/address.h"
#include "net/server.h"

struct fixture {
	struct server *server;
	struct listener listeners[4];
	size_t listeners_n;
};

static inline void fixture_start(struct fixture *f, unsigned loops)
{
	struct err err = { 0 };
	struct server_options o = { .clock = &clock_os, .loops = loops };
	assert_int_equal(server_new(&o, &f->server, &err), 0);
	for (size_t i = 0; i < f->listeners_n; i++)
		if (server_listen(f->server, &f->listeners[i], &err) < 0)
			fail_msg("%s", err.message);
	assert_int_equal(server_start(f->server, &err), 0);
}

static inline int peer_connect(struct fixture *f, const char *listener)
{
	struct sockaddr_storage a;
	socklen_t len;
	struct err err = { 0 };
	assert_int_equal(address_resolve(server_address(f->server, listener), &a, &len, &err), 0);
	int fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, len), 0);
	struct timeval t = { .tv_sec = 20 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	return fd;
}

static inline void peer_send(int fd, const void *p, size_t n)
{
	const char *at = p;
	while (n) {
		ssize_t put = send(fd, at, n, MSG_NOSIGNAL);
		if (put <= 0)
			return; /* the server may have answered and closed */
		at += put;
		n -= (size_t)put;
	}
}

static inline void peer_say(int fd, const char *text)
{
	peer_send(fd, text, strlen(text));
}

/* Reads until the peer closes. */
static inline void peer_read_all(int fd, struct buf *out)
{
	char block[65536];
	ssize_t n;
	while ((n = recv(fd, block, sizeof block, 0)) > 0)
		buf_append(out, block, (size_t)n);
	if (n < 0 && errno == EAGAIN)
		fail_msg("the server neither answers nor closes; so far: %.*s", (int)out->len, out->ptr ? out->ptr : "");
}

/* One answer with Content-Length (or none); head and body in `out`, which is emptied first. Returns the status. */
static inline int peer_read_one(int fd, struct buf *out)
{
	char c;
	buf_reset(out);
	while (out->len < 4 || memcmp(out->ptr + out->len - 4, "\r\n\r\n", 4) != 0) {
		ssize_t n = recv(fd, &c, 1, 0);
		if (n <= 0)
			return n == 0 ? -1 : -2;
		buf_char(out, c);
	}
	size_t want = 0;
	const char *at = strcasestr(out->ptr, "\r\nContent-Length: ");
	if (at)
		want = strtoul(at + 18, NULL, 10);
	while (want) {
		char block[4096];
		ssize_t n = recv(fd, block, want < sizeof block ? want : sizeof block, 0);
		if (n <= 0)
			return -1;
		buf_append(out, block, (size_t)n);
		want -= (size_t)n;
	}
	return (int)strtoul(out->ptr + 9, NULL, 10);
}

static inline struct slice peer_body(const struct buf *b)
{
	const char *end = memmem(b->ptr, b->len, "\r\n\r\n", 4);
	return end ? slice_from(buf_view(b), (size_t)(end + 4 - b->ptr)) : (struct slice){ 0 };
}

/* A whole conversation on one connection: says `text`, reads until the server closes. */
static inline void peer_talk(struct fixture *f, const char *listener, const char *text, struct buf *out)
{
	int fd = peer_connect(f, listener);
	buf_reset(out);
	peer_say(fd, text);
	peer_read_all(fd, out);
	close(fd);
}

#endif
