/* Requests and answers over real sockets: inline and worker routes, bodies, streams, keep-alive, drain. */
#include "peer.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/check.h"
#include "base/limits.h"
#include "net/conn.h"

/* ---- handlers ---- */

static void hello(struct http_exchange *x)
{
	http_header_str(x, "x-custom", "a\r\nb");
	http_reply(x, 200, "text/plain", SLICE_LIT("hello\n"));
}

static void echo(struct http_exchange *x)
{
	assert_true(x->body_complete);
	http_reply(x, 200, "application/octet-stream", x->body);
}

static void params(struct http_exchange *x)
{
	struct slice q = http_query(x, "q");
	char *text = arena_printf(x->arena, "%.*s|%.*s|%.*s|%d", SLICE_ARG(http_param(x, "a")),
				  SLICE_ARG(http_param(x, "b")), SLICE_ARG(q), q.ptr != NULL);
	http_reply(x, 200, "text/plain", slice_str(text));
}

static void nothing(struct http_exchange *x)
{
	(void)x;
}

static void offloaded(struct http_exchange *x)
{
	http_reply_copy(x, 200, NULL, x->body);
}

static void offload(struct http_exchange *x)
{
	http_offload(x, offloaded);
}

/* Answers with the length and a sum of the body it pulls. */
static void count(struct http_exchange *x)
{
	char block[30000];
	struct err err = { 0 };
	unsigned long long total = 0, sum = 0;
	for (;;) {
		size_t n;
		if (http_body_read(x, block, sizeof block, &n, &err) < 0) {
			http_reply_copy(x, err_info(err.code)->http, "text/plain", slice_str(err.message));
			return;
		}
		if (!n)
			break;
		for (size_t i = 0; i < n; i++)
			sum = sum * 31 + (unsigned char)block[i];
		total += n;
	}
	char text[64];
	(void)snprintf(text, sizeof text, "%llu %llx", total, sum);
	http_reply_copy(x, 200, "text/plain", slice_str(text));
}

static void all(struct http_exchange *x)
{
	struct slice body;
	struct err err = { 0 };
	if (http_body_all(x, 3 << 20, &body, &err) < 0)
		http_reply_copy(x, err_info(err.code)->http, NULL, slice_str(err.message));
	else
		http_reply(x, 200, NULL, body);
}

static char big[3 << 20];

/* ?n= bytes of `big`, streamed in pieces of ?step=, announced when ?length is there. */
static void stream_out(struct http_exchange *x)
{
	uint64_t n = 0, step = 1000;
	struct err err = { 0 };
	(void)slice_u64(http_query(x, "n"), &n);
	(void)slice_u64(http_query(x, "step"), &step);
	int64_t length = http_query(x, "length").ptr ? (int64_t)n : -1;
	if (http_reply_begin(x, 200, "text/plain", length, &err) < 0)
		return;
	for (uint64_t at = 0; at < n; at += step)
		if (http_reply_write(x, big + at, at + step > n ? n - at : step, &err) < 0)
			return;
	if (!http_query(x, "abort").ptr)
		(void)http_reply_end(x, &err);
}

static void large(struct http_exchange *x)
{
	http_reply(x, 200, "text/plain", slice_of(big, sizeof big));
}

static struct http_stream *live;
static _Atomic int closed;

static void on_close(void *arg)
{
	(void)arg;
	atomic_fetch_add(&closed, 1);
}

static void detach(struct http_exchange *x)
{
	live = http_reply_detach(x, 200, "application/json", on_close, NULL);
	(void)http_stream_write(live, "first\n", 6);
}

static _Atomic int turns_taken, others_at;

static void others(struct task *t)
{
	(void)t;
	atomic_store(&others_at, atomic_load(&turns_taken));
}

/* The first one posts something to its own loop. */
static void turn(struct http_exchange *x)
{
	static struct task task = { .run = others };
	if (!atomic_fetch_add(&turns_taken, 1))
		loop_post(x->conn->loop, &task);
	http_reply(x, 200, "text/plain", SLICE_LIT("1"));
}

static void deny(struct http_exchange *x, const struct err *err)
{
	char *text = arena_printf(x->arena, "{\"code\":%d,\"message\":\"%s\"}", err_info(err->code)->http, err->message);
	http_reply(x, err_info(err->code)->http, "application/json", slice_str(text));
}

/* Uses up the memory of its request, then has more header fields than fit without; ?stream begins an answer. */
static void fields_without_memory(struct http_exchange *x)
{
	struct err err = { 0 };
	for (size_t n = 1 << 20; n >= 16; n /= 2)
		while (arena_alloc(x->arena, n))
			;
	for (int i = 0; i < 40; i++)
		http_header_fmt(x, "x-field", "%0*d", 80, i);
	if (!http_query(x, "stream").ptr)
		http_reply(x, 200, "text/plain", SLICE_LIT("as if nothing was"));
	else if (http_reply_begin(x, 200, "text/plain", 3, &err) == 0 && http_reply_write(x, "abc", 3, &err) == 0)
		(void)http_reply_end(x, &err);
}

static int authenticate(struct http_exchange *x, enum route_access access, struct err *err)
{
	if (access == ACCESS_AUTHENTICATED && !http_has_field(x, "authorization"))
		return err_set(err, ERR_UNAUTHENTICATED, "no authorization");
	return 0;
}

static const struct route routes[] = {
	{ HTTP_GET, "/hello", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, hello },
	{ HTTP_POST, "/echo", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 4 << 20, echo },
	{ HTTP_GET, "/private", NULL, ACCESS_AUTHENTICATED, ROUTE_INLINE, 0, hello },
	{ HTTP_GET, "/worker/fields", "stream", ACCESS_PUBLIC, ROUTE_WORKER, 0, fields_without_memory },
	{ HTTP_GET, "/fields", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, fields_without_memory },
	{ HTTP_GET, "/turn", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, turn },
	{ HTTP_POST, "/private/echo", NULL, ACCESS_AUTHENTICATED, ROUTE_INLINE, 1 << 10, echo },
	{ HTTP_GET, "/p/{a}:do", "special", ACCESS_PUBLIC, ROUTE_INLINE, 0, hello },
	{ HTTP_GET, "/p/{a}:do", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, params },
	{ HTTP_GET, "/p/{a}/x/{b...}", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, params },
	{ HTTP_GET, "/nothing", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, nothing },
	{ HTTP_POST, "/offload", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 1 << 20, offload },
	{ HTTP_POST, "/worker/echo", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 1 << 20, echo },
	{ HTTP_POST | HTTP_PUT, "/worker/count", NULL, ACCESS_PUBLIC, ROUTE_WORKER, -1, count },
	{ HTTP_POST, "/worker/small", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 2 << 20, count },
	{ HTTP_POST, "/worker/all", NULL, ACCESS_PUBLIC, ROUTE_WORKER, -1, all },
	{ HTTP_GET, "/worker/stream", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 0, stream_out },
	{ HTTP_GET, "/worker/large", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 0, large },
	{ HTTP_GET, "/worker/detach", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 0, detach },
	{ HTTP_GET, "/detach", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, detach },
};

static struct fixture f = {
	.listeners = { { .name = "test", .address = "127.0.0.1:0", .routes = routes, .routes_n = sizeof routes / sizeof *routes,
			 .fail = deny, .authenticate = authenticate, .gzip_answers = true } },
	.listeners_n = 1,
};
static struct buf got;

static int start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)('a' + i % 23);
	buf_init(&got, 64 << 20);
	fixture_start(&f, 2);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	server_free(f.server);
	buf_release(&got);
	return 0;
}

/* ---- tests ---- */

static void test_inline(void **state)
{
	(void)state;
	int fd = peer_connect(&f, "test");
	for (int i = 0; i < 3; i++) {
		peer_say(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(peer_read_one(fd, &got), 200);
		assert_true(slice_is(peer_body(&got), "hello\n"));
		assert_non_null(strstr(got.ptr, "\r\nx-custom: a  b\r\n"));
		assert_non_null(strstr(got.ptr, "\r\nDate: "));
		assert_non_null(strstr(got.ptr, " GMT\r\n"));
		assert_non_null(strstr(got.ptr, "\r\nx-request-id: "));
		assert_null(strstr(got.ptr, "Connection"));
	}
	close(fd);
}

static void test_head(void **state)
{
	(void)state;
	peer_talk(&f, "test", "HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &got);
	assert_non_null(strstr(got.ptr, "Content-Length: 6\r\n"));
	assert_non_null(strstr(got.ptr, "Connection: close\r\n"));
	assert_int_equal(peer_body(&got).len, 0);
}

static void test_http_1_0(void **state)
{
	(void)state;
	peer_talk(&f, "test", "GET /hello HTTP/1.0\r\n\r\n", &got);
	assert_true(slice_is(peer_body(&got), "hello\n"));
	peer_talk(&f, "test", "GET /worker/stream?n=5000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &got);
	assert_true(slice_eq(peer_body(&got), slice_of(big, 5000)));
	assert_null(strstr(got.ptr, "chunked"));
}

static void test_pipelined(void **state)
{
	(void)state;
	peer_talk(&f, "test",
		  "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
		  "POST /worker/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\nT: v\r\n\r\n"
		  "POST /worker/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nghi"
		  "GET /p/m:do?q=a%20b+c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &got);
	const char *at = got.ptr;
	static const char *const bodies[] = { "\r\n\r\nhello\n", "\r\n\r\nabc", "\r\n\r\ndef", "\r\n\r\nghi", "\r\n\r\nm||a b c|1" };
	for (size_t i = 0; i < 5; i++) {
		at = strstr(at, bodies[i]);
		if (!at)
			fail_msg("no %s in %s", bodies[i], got.ptr);
	}
}

static void test_routes(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		int status;
		const char *body;
	} cases[] = {
		{ "/p/m:do", 200, "m|||0" },
		{ "/p/a:b:do?q=", 200, "a:b|||1" },
		{ "/p/m:do:do", 200, "m:do|||0" },
		{ "/p/m:do?special", 200, "hello\n" },
		{ "/p/m:do?special=1&q", 200, "hello\n" },
		{ "/p/:do", 404, NULL },
		{ "/p/a/b:do", 404, NULL },
		{ "/p/a/x/", 200, "a|||0" },
		{ "/p/a/x/b/c%2Fd", 200, "a|b/c%2Fd||0" },
		{ "/p//x/b", 404, NULL },
		{ "/echo", 405, NULL },
		{ "/none", 404, NULL },
		{ "/nothing", 500, NULL },
		{ "/private", 401, NULL },
		{ "http://other:80/hello", 200, "hello\n" },
	};
	int fd = peer_connect(&f, "test");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[200];
		(void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", cases[i].target);
		peer_say(fd, text);
		assert_int_equal(peer_read_one(fd, &got), cases[i].status);
		if (cases[i].body && !slice_is(peer_body(&got), cases[i].body))
			fail_msg("%s: %s", cases[i].target, got.ptr);
		if (cases[i].status == 405)
			assert_non_null(strstr(got.ptr, "\r\nAllow: POST\r\n"));
	}
	close(fd);
}

static void post_big(int fd, const char *path, size_t n, bool chunked)
{
	char head[200];
	(void)snprintf(head, sizeof head, chunked ? "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
						  : "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", path, n);
	peer_say(fd, head);
	for (size_t at = 0; at < n;) {
		size_t part = n - at < 70001 ? n - at : 70001;
		if (chunked) {
			(void)snprintf(head, sizeof head, "%zX\r\n", part);
			peer_say(fd, head);
		}
		peer_send(fd, big + at, part);
		at += part;
		if (chunked)
			peer_say(fd, "\r\n");
	}
	if (chunked)
		peer_say(fd, "0\r\n\r\n");
}

static void expect_count(int fd, size_t n)
{
	char text[64];
	unsigned long long sum = 0;
	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + (unsigned char)big[i];
	(void)snprintf(text, sizeof text, "%zu %llx", n, sum);
	assert_int_equal(peer_read_one(fd, &got), 200);
	assert_string_equal(peer_body(&got).ptr, text);
}

static void test_bodies(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 100, 16000, 20000, 1 << 20, (1 << 20) + 1, 3 << 20 };
	int fd = peer_connect(&f, "test");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int chunked = 0; chunked < 2; chunked++) {
			post_big(fd, "/worker/count", sizes[i], chunked);
			expect_count(fd, sizes[i]);
			post_big(fd, "/echo", sizes[i], chunked);
			assert_int_equal(peer_read_one(fd, &got), 200);
			assert_true(slice_eq(peer_body(&got), slice_of(big, sizes[i])));
			post_big(fd, "/worker/all", sizes[i], chunked);
			assert_int_equal(peer_read_one(fd, &got), 200);
			assert_true(slice_eq(peer_body(&got), slice_of(big, sizes[i])));
		}
	post_big(fd, "/offload", 50000, false);
	assert_int_equal(peer_read_one(fd, &got), 200);
	assert_int_equal(peer_body(&got).len, 50000);
	close(fd);
}

static void test_too_large(void **state)
{
	(void)state;
	static const char *const paths[] = { "/offload", "/worker/small", "/worker/echo", "/hello" };
	for (size_t i = 0; i < 4; i++)
		for (int chunked = 0; chunked < 2; chunked++) {
			int fd = peer_connect(&f, "test");
			post_big(fd, paths[i], 3 << 20, chunked);
			assert_int_equal(peer_read_one(fd, &got), i == 3 ? 405 : 413);
			assert_int_equal(recv(fd, big, 1, 0) > 0, 0);
			close(fd);
		}
}

static void test_expect(void **state)
{
	(void)state;
	static const char *const paths[] = { "/echo", "/worker/count" };
	for (size_t i = 0; i < 2; i++) {
		int fd = peer_connect(&f, "test");
		char text[200];
		size_t n = i ? 2 << 20 : 5;
		(void)snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %zu\r\n\r\n",
			       paths[i], n);
		peer_say(fd, text);
		assert_int_equal(peer_read_one(fd, &got), 100);
		peer_send(fd, big, n);
		assert_int_equal(peer_read_one(fd, &got), 200);
		close(fd);
	}
	peer_talk(&f, "test", "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n", &got);
	assert_int_equal(memcmp(got.ptr, "HTTP/1.1 413 ", 13), 0);
}

/* An empty body gets its 100 Continue as well, in front of a final answer on a connection that goes on; an answer that
 * comes in place of a 100 ends the connection (peer_talk reads to its end). */
static void test_expect_of_an_empty_body(void **state)
{
	(void)state;
	static const char *const paths[] = { "/echo", "/worker/count" };
	for (size_t i = 0; i < 2; i++) {
		int fd = peer_connect(&f, "test");
		char text[200];
		(void)snprintf(text, sizeof text,
			       "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", paths[i]);
		for (int again = 0; again < 2; again++) {
			peer_say(fd, text);
			assert_int_equal(peer_read_one(fd, &got), 100);
			assert_int_equal(peer_read_one(fd, &got), 200);
		}
		close(fd);
	}
	peer_talk(&f, "test", "POST /nowhere HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n", &got);
	assert_int_equal(memcmp(got.ptr, "HTTP/1.1 404 ", 13), 0);
	assert_non_null(memmem(got.ptr, got.len, "\r\nConnection: close\r\n", 21));
}

/* The body of a chunked answer. */
static void dechunk(struct slice s, struct buf *out)
{
	buf_reset(out);
	for (;;) {
		char *end;
		size_t n = strtoul(s.ptr, &end, 16);
		assert_int_equal(memcmp(end, "\r\n", 2), 0);
		s = slice_from(s, (size_t)(end + 2 - s.ptr));
		assert_true(s.len >= n + 2);
		buf_append(out, s.ptr, n);
		assert_int_equal(memcmp(s.ptr + n, "\r\n", 2), 0);
		s = slice_from(s, n + 2);
		if (!n)
			break;
	}
	assert_int_equal(s.len, 0);
}

static void test_streams_out(void **state)
{
	(void)state;
	static const char *const queries[] = { "n=0", "n=1", "n=100000&step=7", "n=3000000", "n=3000000&step=200000" };
	static const size_t sizes[] = { 0, 1, 100000, 3000000, 3000000 };
	struct buf plain;
	buf_init(&plain, 8 << 20);
	for (size_t i = 0; i < 5; i++) {
		char text[200];
		(void)snprintf(text, sizeof text, "GET /worker/stream?%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", queries[i]);
		peer_talk(&f, "test", text, &got);
		dechunk(peer_body(&got), &plain);
		assert_true(slice_eq(buf_view(&plain), slice_of(big, sizes[i])));
		(void)snprintf(text, sizeof text, "GET /worker/stream?length&%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			       queries[i]);
		peer_talk(&f, "test", text, &got);
		assert_true(slice_eq(peer_body(&got), slice_of(big, sizes[i])));
	}
	peer_talk(&f, "test", "GET /worker/stream?n=100000&abort HTTP/1.1\r\nHost: x\r\n\r\n", &got);
	assert_null(memmem(got.ptr, got.len, "\r\n0\r\n\r\n", 7));
	int fd = peer_connect(&f, "test");
	for (int i = 0; i < 3; i++) {
		peer_say(fd, "GET /worker/stream?length&n=3000000&step=200000 HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(peer_read_one(fd, &got), 200);
		assert_true(slice_eq(peer_body(&got), slice_of(big, 3000000)));
		peer_say(fd, "HEAD /worker/stream?length&n=3000000 HTTP/1.1\r\nHost: x\r\n\r\n");
		char c;
		buf_reset(&got);
		while (got.len < 4 || memcmp(got.ptr + got.len - 4, "\r\n\r\n", 4) != 0) {
			assert_int_equal(recv(fd, &c, 1, 0), 1);
			buf_char(&got, c);
		}
	}
	close(fd);
	buf_release(&plain);
}

static void test_gzip(void **state)
{
	(void)state;
	peer_talk(&f, "test", "GET /worker/large HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\nConnection: close\r\n\r\n", &got);
	assert_non_null(strstr(got.ptr, "\r\nContent-Encoding: gzip\r\n"));
	assert_true(got.len < 100000);
	assert_int_equal((unsigned char)peer_body(&got).ptr[0], 0x1f);
	struct slice zipped = peer_body(&got);
	/* and back, as a request body, inline and streamed */
	static const char *const paths[] = { "/echo", "/worker/count", "/worker/echo" };
	struct buf copy;
	buf_init(&copy, 8 << 20);
	buf_slice(&copy, zipped);
	for (size_t i = 0; i < 3; i++) {
		int fd = peer_connect(&f, "test");
		char text[200];
		(void)snprintf(text, sizeof text, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
			       paths[i], copy.len);
		peer_say(fd, text);
		peer_send(fd, copy.ptr, copy.len);
		if (i == 1) {
			expect_count(fd, sizeof big);
		} else if (i == 0) {
			assert_int_equal(peer_read_one(fd, &got), 200);
			assert_true(slice_eq(peer_body(&got), slice_of(big, sizeof big)));
		} else {
			assert_int_equal(peer_read_one(fd, &got), 413); /* grows over the route's 1 MiB */
		}
		close(fd);
	}
	buf_release(&copy);
	peer_talk(&f, "test", "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", &got);
	assert_int_equal(memcmp(got.ptr, "HTTP/1.1 415 ", 13), 0);
	peer_talk(&f, "test", "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nxyzw", &got);
	assert_int_equal(memcmp(got.ptr, "HTTP/1.1 400 ", 13), 0);
	/* a handler that offloads while it is on a worker already, because its body was compressed */
	static const char hello_deflated[] = "\x78\xda\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15";
	int fd = peer_connect(&f, "test");
	peer_say(fd, "POST /offload HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\nContent-Length: 13\r\n\r\n");
	peer_send(fd, hello_deflated, sizeof hello_deflated - 1);
	assert_int_equal(peer_read_one(fd, &got), 200);
	assert_string_equal(peer_body(&got).ptr, "hello");
	close(fd);
}

static void wait_closed(int n)
{
	for (int i = 0; i < 2000 && atomic_load(&closed) < n; i++)
		usleep(5000);
	assert_int_equal(atomic_load(&closed), n);
}

static void test_detached(void **state)
{
	(void)state;
	static const char *const paths[] = { "/detach", "/worker/detach" };
	struct buf plain;
	buf_init(&plain, 8 << 20);
	for (int i = 0; i < 2; i++) {
		atomic_store(&closed, 0);
		int fd = peer_connect(&f, "test");
		char text[100], c;
		(void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
		peer_say(fd, text);
		buf_reset(&got);
		while (!got.len || !strstr(got.ptr, "first\n\r\n")) {
			assert_int_equal(recv(fd, &c, 1, 0), 1);
			buf_char(&got, c);
		}
		assert_int_equal(http_stream_write(live, "second\n", 7), 0);
		assert_int_equal(http_stream_write(live, big, 1 << 20), 0);
		http_stream_end(live);
		assert_int_equal(http_stream_write(live, "x", 1), -1);
		peer_read_all(fd, &got);
		dechunk(peer_body(&got), &plain);
		assert_int_equal(plain.len, 13 + (1 << 20));
		close(fd);
		wait_closed(1);
		http_stream_unref(live);

		fd = peer_connect(&f, "test"); /* a client that leaves */
		peer_say(fd, text);
		assert_int_equal(recv(fd, &c, 1, 0), 1);
		close(fd);
		wait_closed(2);
		assert_int_equal(http_stream_write(live, "x", 1), -1);
		http_stream_unref(live);

		fd = peer_connect(&f, "test"); /* a client that does not read */
		peer_say(fd, text);
		assert_int_equal(recv(fd, &c, 1, 0), 1);
		int rc = 0;
		for (int k = 0; k < 100 && rc == 0; k++)
			rc = http_stream_write(live, big, 1 << 20);
		assert_int_equal(rc, -1);
		wait_closed(3);
		http_stream_unref(live);
		close(fd);
	}
	buf_release(&plain);
}

/* Byte by byte, the most fragmented stream there is. */
static void test_dribble(void **state)
{
	(void)state;
	static const char text[] =
		"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd"
		"POST /worker/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nefg\r\n0\r\n\r\n";
	int fd = peer_connect(&f, "test");
	for (size_t i = 0; i < sizeof text - 1; i++) {
		peer_send(fd, text + i, 1);
		usleep(200);
	}
	buf_reset(&got);
	peer_read_all(fd, &got);
	assert_non_null(strstr(got.ptr, "\r\n\r\nabcd"));
	assert_non_null(strstr(got.ptr, "\r\n\r\nefg"));
	close(fd);
}

static void make_head(char *out, size_t padding)
{
	static const char start_of[] = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nPadding: ";
	memcpy(out, start_of, sizeof start_of - 1);
	memset(out + sizeof start_of - 1, 'p', padding);
	memcpy(out + sizeof start_of - 1 + padding, "\r\n\r\n", 5);
}

static void test_big_head(void **state)
{
	(void)state;
	char *head = malloc(200000);
	make_head(head, 60000);
	int fd = peer_connect(&f, "test");
	for (int i = 0; i < 2; i++) {
		peer_say(fd, head);
		peer_say(fd, "3\r\nabc\r\n0\r\n\r\n");
		assert_int_equal(peer_read_one(fd, &got), 200);
		assert_true(slice_is(peer_body(&got), "abc"));
	}
	make_head(head, 100000);
	peer_say(fd, head);
	assert_int_equal(peer_read_one(fd, &got), 431);
	close(fd);
	free(head);
}

static void refused(const char *text, int status)
{
	peer_talk(&f, "test", text, &got);
	char want[32];
	(void)snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
	if (got.len < 13 || memcmp(got.ptr, want, 13) != 0)
		fail_msg("%s: wanted %d, got %.*s", text, status, (int)got.len, got.ptr ? got.ptr : "");
	assert_non_null(strstr(got.ptr, "Connection: close"));
}

#define POST(fields, rest) "POST /echo HTTP/1.1\r\nHost: x\r\n" fields "\r\n" rest

static void test_smuggling(void **state)
{
	(void)state;
	refused(POST("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
	refused(POST("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400);
	refused(POST("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400);
	refused(POST("Content-Length: 3, 3\r\n", "abc"), 400);
	refused(POST("Content-Length: +3\r\n", "abc"), 400);
	refused(POST("Content-Length: -3\r\n", "abc"), 400);
	refused(POST("Content-Length: 0x3\r\n", "abc"), 400);
	refused(POST("Content-Length:\r\n", "abc"), 400);
	refused(POST("Content-Length: 3 4\r\n", "abc"), 400);
	refused(POST("Content-Length: 99999999999999999999\r\n", "abc"), 400);
	refused(POST("Content-Length : 3\r\n", "abc"), 400);
	refused(POST(" Content-Length: 3\r\n", "abc"), 400);
	refused(POST("A: b\r\n c\r\n", ""), 400);
	refused(POST("A: b\r\n\tc\r\n", ""), 400);
	refused(POST("A: b\nC: d\r\n", ""), 400);
	refused(POST("A: b\rC: d\r\n", ""), 400);
	refused(POST("A\r\n", ""), 400);
	refused(POST(": b\r\n", ""), 400);
	refused(POST("A: \x01\r\n", ""), 400);
	refused(POST("A\x80: b\r\n", ""), 400);
	refused(POST("Host: y\r\n", ""), 400);
	refused(POST("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501);
	refused(POST("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501);
	refused(POST("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501);
	refused(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
	refused("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
	refused("GET /hello HTTP/1.1\r\n\r\n", 400);
	refused("GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
	refused("GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
	refused("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505);
	refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
	refused("GET /hello\r\n\r\n", 400);
	refused("GET  /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refused("GET /hello  HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refused("GET /hello HTTP/1.1 \r\nHost: x\r\n\r\n", 400);
	refused("GET /hel\tlo HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refused("GET /hello#x HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refused("GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400);
	refused("GET /hello http/1.1\r\nHost: x\r\n\r\n", 400);
	refused("GET /hello HTTP/1.1\nHost: x\n\n", 400);
	refused("\x16\x03\x01\x02\x01\r\n", 400);
	refused(" GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400);
}

static void test_bad_chunks(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\r\n", "x\r\n", "3 \r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
		"-3\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "1000000000000000\r\n", "3;\x01\r\nabc\r\n0\r\n\r\n",
		"3\r\nabc\r\n0\r\nno colon\r\n\r\n", "3\r\nabc\r\n0\r\n folded: x\r\n\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[300];
		(void)snprintf(text, sizeof text, POST("Transfer-Encoding: chunked\r\n", "%s"), bad[i]);
		refused(text, 400);
		(void)snprintf(text, sizeof text, "POST /worker/count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s", bad[i]);
		refused(text, 400);
	}
}

/* ---- clients that do not let go ---- */

struct flood {
	int fd;
	const char *text;
	_Atomic bool stop;
};

static void *flood_send(void *arg)
{
	struct flood *o = arg;
	struct buf b;
	buf_init(&b, 1 << 20);
	while (b.len < 256 << 10)
		buf_str(&b, o->text);
	while (!atomic_load(&o->stop) && send(o->fd, b.ptr, b.len, MSG_NOSIGNAL) > 0)
		;
	buf_release(&b);
	return NULL;
}

static void *flood_read(void *arg)
{
	struct flood *o = arg;
	static char block[1 << 20];
	while (recv(o->fd, block, sizeof block, 0) > 0)
		;
	return NULL;
}

/* Says `first` and then `text` without end; somebody else on the same loop must be served meanwhile. */
static void flooded(const char *first, const char *text)
{
	struct fixture one = f;
	struct flood o = { .text = text };
	pthread_t sender, reader;
	struct timespec from, to;
	fixture_start(&one, 1);
	o.fd = peer_connect(&one, "test");
	peer_say(o.fd, first);
	pthread_create(&sender, NULL, flood_send, &o);
	pthread_create(&reader, NULL, flood_read, &o);
	usleep(200000);
	int fd = peer_connect(&one, "test");
	struct timeval t = { .tv_sec = 3 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	clock_gettime(CLOCK_MONOTONIC, &from);
	peer_say(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
	int status = peer_read_one(fd, &got);
	clock_gettime(CLOCK_MONOTONIC, &to);
	close(fd);
	atomic_store(&o.stop, true);
	shutdown(o.fd, SHUT_RDWR);
	pthread_join(sender, NULL);
	pthread_join(reader, NULL);
	close(o.fd);
	server_free(one.server);
	assert_int_equal(status, 200);
	assert_true(to.tv_sec - from.tv_sec < 2);
}

/* A pipelining client's requests are not answered in one go: what was posted to the loop comes in between. */
static void test_pipelining_gives_others_a_turn(void **state)
{
	(void)state;
	enum { N = 300 };
	static const char one[] = "GET /turn HTTP/1.1\r\nHost: x\r\n\r\n";
	struct buf all_of_them;
	buf_init(&all_of_them, 1 << 20);
	for (int i = 0; i < N; i++)
		buf_str(&all_of_them, one);
	int fd = peer_connect(&f, "test");
	peer_send(fd, all_of_them.ptr, all_of_them.len);
	for (int i = 0; i < N; i++)
		assert_int_equal(peer_read_one(fd, &got), 200);
	close(fd);
	buf_release(&all_of_them);
	assert_int_equal(turns_taken, N);
	assert_true(others_at > 0 && others_at < N);
}

static void test_talking_into_a_stream(void **state)
{
	(void)state;
	flooded("GET /detach HTTP/1.1\r\nHost: x\r\n\r\n", "what nobody hears ");
	http_stream_unref(live);
}

static void test_empty_lines_without_end(void **state)
{
	(void)state;
	refused("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", 400);
	flooded("", "\r\n\r\n\r\n\r\n");
}

/* ---- what idle connections hold ---- */

struct census {
	struct task task;
	struct net_loop *loop;
	size_t conns, slots;
	_Atomic bool done;
};

static void count_slots(struct task *t)
{
	struct census *n = (struct census *)t;
	for (const struct http_conn *c = n->loop->conns; c; c = c->next) {
		n->conns++;
		n->slots += c->slot != NULL;
	}
	atomic_store(&n->done, true);
}

static void test_idle_connections_hold_no_buffers(void **state)
{
	(void)state;
	enum { N = 20 };
	struct fixture one = f;
	int fds[N];
	fixture_start(&one, 1);
	for (int i = 0; i < N; i++) {
		fds[i] = peer_connect(&one, "test");
		peer_say(fds[i], i % 2 ? "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n" : "GET /worker/large HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(peer_read_one(fds[i], &got), 200);
	}
	for (int i = 0; i < 100; i++) { /* ticks are a second apart */
		struct census n = { .task.run = count_slots, .loop = &one.server->loops[0] };
		loop_post(n.loop, &n.task);
		while (!atomic_load(&n.done))
			usleep(1000);
		assert_int_equal(n.conns, N);
		if (!n.slots)
			break;
		assert_true(i < 50);
		usleep(100000);
	}
	for (int i = 0; i < N; i++) { /* and go on from there */
		peer_say(fds[i], "POST /worker/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
		assert_int_equal(peer_read_one(fds[i], &got), 200);
		assert_true(slice_is(peer_body(&got), "abc"));
		close(fds[i]);
	}
	server_free(one.server);
}

/* An answer without some of its header fields is another answer. */
static void test_fields_without_memory(void **state)
{
	(void)state;
	refused("GET /fields HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 503);
	refused("GET /worker/fields?stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 503);
}

/* Who may not ask is told so before anything is done with the body. */
static void test_who_asks_comes_before_the_body(void **state)
{
	(void)state;
	refused("POST /private/echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n"
		"Connection: close\r\n\r\nabc", 401);
}

static void run_once(void *arg)
{
	atomic_fetch_add((_Atomic int *)arg, 1);
}

static void test_background(void **state)
{
	(void)state;
	static _Atomic int ran;
	for (int i = 0; i < 100; i++)
		assert_int_equal(server_run(f.server, run_once, &ran), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(server_run_after(f.server, i % 20, run_once, &ran), 0);
	assert_int_equal(server_run_after(f.server, 3600000, run_once, &ran), 0);
	for (int i = 0; i < 2000 && atomic_load(&ran) < 200; i++)
		usleep(5000);
	assert_int_equal(atomic_load(&ran), 200);
}

/* Timers that are due while the server goes away: run or dropped, never half. */
static void test_background_at_the_end(void **state)
{
	(void)state;
	static _Atomic int ran;
	for (int i = 0; i < 100; i++) {
		struct fixture one = f;
		fixture_start(&one, 1);
		for (int k = 0; k < 50; k++)
			(void)server_run_after(one.server, k % 5, run_once, &ran);
		usleep(i % 10 * 300);
		server_free(one.server);
	}
}

static void tell_policy(struct http_exchange *x)
{
	http_reply(x, 200, NULL, slice_str(sched_getscheduler(0) == SCHED_BATCH ? "batch" : "other"));
}

/* Batch listeners share a loop of their own, and nobody else is on it. */
static void test_batch_listeners(void **state)
{
	(void)state;
	static const struct route tell[] = { { HTTP_GET, "/", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, tell_policy } };
	static const char *const names[] = { "quick", "bulk", "bulk-2", "quick-2" };
	struct fixture one = { .listeners_n = 4 };
	int fds[12];
	for (size_t i = 0; i < 4; i++)
		one.listeners[i] = (struct listener){ .name = names[i], .address = "127.0.0.1:0", .routes = tell, .routes_n = 1,
						      .batch = names[i][0] == 'b' };
	fixture_start(&one, 2);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		const char *name = names[i % 4];
		fds[i] = peer_connect(&one, name);
		peer_say(fds[i], "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(peer_read_one(fds[i], &got), 200);
		assert_true(slice_is(peer_body(&got), name[0] == 'b' ? "batch" : "other"));
	}
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	assert_int_equal(server_drain(one.server), 0);
	server_free(one.server);
}

static void test_start_refusals(void **state)
{
	(void)state;
	static const struct route no_rule[] = { { HTTP_GET, "/", NULL, ACCESS_UNSET, ROUTE_INLINE, 0, hello } };
	static const struct route no_auth[] = { { HTTP_GET, "/", NULL, ACCESS_AUTHENTICATED, ROUTE_INLINE, 0, hello } };
	struct server *s;
	struct err err = { 0 };
	struct server_options o = { .clock = &clock_os };
	assert_int_equal(server_new(&o, &s, &err), 0);
	struct listener l = { .name = "a", .address = "127.0.0.1:0", .routes = no_rule, .routes_n = 1 };
	assert_int_equal(server_listen(s, &l, &err), -1);
	assert_non_null(strstr(err.message, "has no access rule"));
	err_clear(&err);
	l.routes = no_auth;
	assert_int_equal(server_listen(s, &l, &err), -1);
	err_clear(&err);
	l.routes = routes;
	l.routes_n = 1;
	l.address = server_address(f.server, "test");
	assert_int_equal(server_listen(s, &l, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_non_null(strstr(err.message, "--listen a="));
	err_clear(&err);
	l.address = "127.0.0.1";
	assert_int_equal(server_listen(s, &l, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	server_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inline),	    cmocka_unit_test(test_head),     cmocka_unit_test(test_http_1_0),
		cmocka_unit_test(test_pipelined),   cmocka_unit_test(test_routes),   cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_too_large),   cmocka_unit_test(test_expect),   cmocka_unit_test(test_expect_of_an_empty_body), cmocka_unit_test(test_streams_out),
		cmocka_unit_test(test_gzip),	    cmocka_unit_test(test_detached), cmocka_unit_test(test_dribble),
		cmocka_unit_test(test_big_head),    cmocka_unit_test(test_smuggling), cmocka_unit_test(test_bad_chunks),
		cmocka_unit_test(test_pipelining_gives_others_a_turn), cmocka_unit_test(test_talking_into_a_stream),
		cmocka_unit_test(test_empty_lines_without_end), cmocka_unit_test(test_idle_connections_hold_no_buffers),
		cmocka_unit_test(test_fields_without_memory),
		cmocka_unit_test(test_who_asks_comes_before_the_body), cmocka_unit_test(test_background_at_the_end),
		cmocka_unit_test(test_batch_listeners),
		cmocka_unit_test(test_background),  cmocka_unit_test(test_start_refusals),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
