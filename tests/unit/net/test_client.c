/* The HTTP client against our own server: bodies both ways, redirects, limits, TLS with our authority, addresses. */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>

#include "base/fs.h"
#include "crypto/pki.h"
#include "crypto/tls.h"
#include "net/client.h"

static char big[1 << 20];

static void hello(struct http_exchange *x)
{
	struct slice auth = http_field(x, "authorization");
	http_header(x, "x-authorization", auth);
	http_header(x, "x-host", x->host);
	http_header_str(x, "x-certificate", x->peer_certificate.len ? "yes" : "no");
	http_header_str(x, "x-tls", x->tls ? "yes" : "no");
	http_reply(x, 200, "text/plain", SLICE_LIT("hello"));
}

static void large(struct http_exchange *x)
{
	http_reply(x, 200, NULL, slice_of(big, sizeof big));
}

static void echo(struct http_exchange *x)
{
	http_header(x, "x-method", x->method_name);
	http_reply(x, 200, NULL, x->body);
}

static void redirect(struct http_exchange *x)
{
	http_header(x, "Location", http_query(x, "to"));
	http_reply(x, 302, NULL, SLICE_LIT("moved"));
}

static void failing(struct http_exchange *x)
{
	http_reply(x, 403, NULL, SLICE_LIT("no"));
}

/* An error that goes on until the client hangs up. */
static void endless(struct http_exchange *x)
{
	struct err err = { 0 };
	if (http_reply_begin(x, 404, "text/plain", -1, &err) == 0)
		while (http_reply_write(x, big, 1000, &err) == 0)
			;
}

static const struct route routes[] = {
	{ HTTP_GET, "/endless", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 0, endless },
	{ HTTP_GET, "/hello", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, hello },
	{ HTTP_GET, "/large", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 0, large },
	{ HTTP_POST | HTTP_PUT | HTTP_PATCH, "/echo", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 4 << 20, echo },
	{ HTTP_GET, "/redirect", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, redirect },
	{ HTTP_GET, "/403", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, failing },
};

static struct fixture f;
static struct arena arena;
static char dir[] = "/tmp/coracle-client-XXXXXX";
static char ca_path[100], cert_path[100], key_path[100];
static struct tls_context *tls;

static int start(void **state)
{
	struct err err = { 0 };
	struct pki pki;
	(void)state;
	assert_non_null(mkdtemp(dir));
	struct pki_options o = { .dir = dir, .clock = &clock_os };
	assert_int_equal(pki_open(&o, &pki, &err), 0);
	struct tls_options t = { .certificate_pem = pki.server_certificate, .key_pem = pki.server_key,
				 .client_ca_pem = pki.ca_certificate };
	assert_int_equal(tls_context_new(&t, &tls, &err), 0);
	pki_release(&pki);
	(void)snprintf(ca_path, sizeof ca_path, "%s/ca.crt", dir);
	(void)snprintf(cert_path, sizeof cert_path, "%s/admin.crt", dir);
	(void)snprintf(key_path, sizeof key_path, "%s/admin.key", dir);
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)('a' + i % 23);
	f.listeners[0] = (struct listener){ .name = "plain", .address = "127.0.0.1:0", .routes = routes,
					    .routes_n = sizeof routes / sizeof *routes };
	f.listeners[1] = f.listeners[0];
	f.listeners[1].name = "both";
	f.listeners[1].tls = tls;
	f.listeners[1].ask_client_certificate = true;
	f.listeners[2] = f.listeners[1];
	f.listeners[2].name = "tls";
	f.listeners[2].tls_only = true;
	f.listeners_n = 3;
	fixture_start(&f, 1);
	arena_init(&arena, 0, 0);
	return 0;
}

static int stop(void **state)
{
	struct err err = { 0 };
	(void)state;
	arena_release(&arena);
	server_free(f.server);
	tls_context_free(tls);
	return fs_remove_tree(dir, &err);
}

static const char *url_of(const char *scheme, const char *listener, const char *path)
{
	return arena_printf(&arena, "%s://%s%s", scheme, server_address(f.server, listener), path);
}

static struct client_request get(const char *url)
{
	return (struct client_request){ .url = url, .addresses = CLIENT_ALLOW_LOOPBACK, .arena = &arena, .deadline_ms = 20000 };
}

static struct client_response must(const struct client_request *q, int status)
{
	struct client_response r;
	struct err err = { 0 };
	if (client_fetch(q, &r, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(r.status, status);
	return r;
}

static void must_not(const struct client_request *q, enum err_code code, const char *text)
{
	struct client_response r;
	struct err err = { 0 };
	assert_int_equal(client_fetch(q, &r, &err), -1);
	if (err.code != code || !strstr(err.message, text))
		fail_msg("%d %s", err.code, err.message);
}

static void test_get(void **state)
{
	(void)state;
	struct client_request q = get(url_of("http", "plain", "/hello"));
	struct client_response r = must(&q, 200);
	assert_true(slice_is(r.body, "hello"));
	assert_true(slice_is(client_field(&r, "CONTENT-TYPE"), "text/plain"));
	assert_true(slice_is(client_field(&r, "x-tls"), "no"));
	q.method = "HEAD";
	r = must(&q, 200);
	assert_int_equal(r.body.len, 0);
	assert_true(slice_is(client_field(&r, "content-length"), "5"));
	q = get(url_of("http", "plain", "/403"));
	r = must(&q, 403);
	assert_true(slice_is(r.body, "no"));
	q = get(url_of("http", "plain", "/endless"));
	q.deadline_ms = 5000;
	r = must(&q, 404);
	assert_int_equal(r.body.len, 64 << 10);
}

static ssize_t give(void *arg, void *p, size_t n)
{
	size_t *left = arg;
	n = n < *left ? n : *left;
	memcpy(p, big + (sizeof big - *left), n);
	*left -= n;
	return (ssize_t)n;
}

static void test_bodies(void **state)
{
	(void)state;
	static const char *const headers[] = { "Content-Type: application/json" };
	struct client_request q = get(url_of("http", "plain", "/echo"));
	q.body = SLICE_LIT("{}");
	q.headers = headers;
	q.headers_n = 1;
	struct client_response r = must(&q, 200);
	assert_true(slice_is(r.body, "{}"));
	assert_true(slice_is(client_field(&r, "x-method"), "POST"));
	for (int chunked = 0; chunked < 2; chunked++) {
		size_t left = sizeof big;
		q = get(url_of("http", "plain", "/echo"));
		q.method = "PATCH";
		q.read = give;
		q.read_arg = &left;
		q.body_bytes = chunked ? -1 : (int64_t)sizeof big;
		r = must(&q, 200);
		assert_true(slice_eq(r.body, slice_of(big, sizeof big)));
		assert_true(slice_is(client_field(&r, "x-method"), "PATCH"));
	}
}

static int take(void *arg, const void *p, size_t n)
{
	struct buf *b = arg;
	buf_append(b, p, n);
	return b->len > 500000 && b->max == 600000 ? -1 : 0;
}

static void test_sinks(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 4 << 20);
	struct client_request q = get(url_of("http", "plain", "/large"));
	q.write = take;
	q.write_arg = &b;
	struct client_response r = must(&q, 200);
	assert_int_equal(r.bytes, sizeof big);
	assert_int_equal(b.len, sizeof big);
	q.bytes_max = sizeof big - 1;
	must_not(&q, ERR_TOO_LARGE, "is larger than");
	buf_reset(&b);
	b.max = 600000;
	q.bytes_max = 0;
	must_not(&q, ERR_CANCELLED, "given up");
	buf_release(&b);
	q = get(url_of("http", "plain", "/large"));
	q.to_fd = true;
	q.fd = memfd_create("sink", MFD_CLOEXEC);
	must(&q, 200);
	assert_int_equal(lseek(q.fd, 0, SEEK_END), sizeof big);
	close(q.fd);
	q.to_fd = false;
	q.bytes_max = 10;
	must_not(&q, ERR_TOO_LARGE, "10 bytes");
}

static void test_redirects(void **state)
{
	(void)state;
	static const char *const headers[] = { "Authorization: Bearer secret" };
	struct client_request q =
		get(arena_printf(&arena, "%s?to=%s", url_of("http", "plain", "/redirect"), url_of("http", "both", "/hello")));
	q.headers = headers;
	q.headers_n = 1;
	must(&q, 302);
	q.redirects_max = 3;
	struct client_response r = must(&q, 200);
	assert_true(slice_is(client_field(&r, "x-authorization"), "")); /* another port is another host */
	q.url = arena_printf(&arena, "%s?to=/redirect?to=/redirect", url_of("http", "plain", "/redirect"));
	q.redirects_max = 1;
	must_not(&q, ERR_INVALID, "redirects");
	q.url = arena_printf(&arena, "%s?to=file:///etc/passwd", url_of("http", "plain", "/redirect"));
	must_not(&q, ERR_INVALID, "rotocol");
	q.url = arena_printf(&arena, "%s?to=http://169.254.169.254/latest", url_of("http", "plain", "/redirect"));
	must_not(&q, ERR_FORBIDDEN, "169.254.169.254:80, a link-local address");
}

static void test_policy(void **state)
{
	(void)state;
	struct client_request q = get(url_of("http", "plain", "/hello"));
	q.addresses = 0;
	must_not(&q, ERR_FORBIDDEN, "loopback");
	q.url = "http://localhost:1/";
	must_not(&q, ERR_FORBIDDEN, "loopback");
	q.url = "ftp://x/";
	must_not(&q, ERR_INVALID, "not an http");
	q = get("http://127.0.0.1:1/");
	must_not(&q, ERR_UNAVAILABLE, "127.0.0.1");
	q.url = "http://0x7f.1/"; /* however it is written */
	q.addresses = 0;
	must_not(&q, ERR_FORBIDDEN, "127.0.0.1:80");
	q = get("http://minio-service.tenant-tiny:9000/hello");
	q.connect_to = server_address(f.server, "plain");
	struct client_response r = must(&q, 200);
	assert_true(slice_is(client_field(&r, "x-host"), "minio-service.tenant-tiny:9000"));
}

static void test_tls(void **state)
{
	(void)state;
	struct client_request q = get(url_of("https", "tls", "/hello"));
	must_not(&q, ERR_UNAVAILABLE, "ertificate");
	q.ca_file = ca_path;
	struct client_response r = must(&q, 200);
	assert_true(slice_is(client_field(&r, "x-tls"), "yes"));
	assert_true(slice_is(client_field(&r, "x-certificate"), "no"));
	q.certificate_file = cert_path;
	q.key_file = key_path;
	r = must(&q, 200);
	assert_true(slice_is(client_field(&r, "x-certificate"), "yes"));
	q.url = url_of("https", "both", "/large");
	q.bytes_max = 2 << 20;
	r = must(&q, 200);
	assert_true(slice_eq(r.body, slice_of(big, sizeof big)));
	q.url = url_of("https", "both", "/echo");
	q.body = slice_of(big, sizeof big);
	r = must(&q, 200);
	assert_true(slice_eq(r.body, slice_of(big, sizeof big)));
	q = get(url_of("http", "both", "/hello"));
	must(&q, 200);
	q = get(url_of("http", "tls", "/hello"));
	r = must(&q, 400);
	assert_non_null(memmem(r.body.ptr, r.body.len, "TLS only", 8));
}

static void test_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned least; /* what must be allowed; ~0: never */
	} cases[] = {
		{ "169.254.169.254", ~0u }, { "169.254.0.1", ~0u }, { "100.100.100.200", ~0u }, { "0.0.0.0", ~0u },
		{ "224.0.0.1", ~0u }, { "255.255.255.255", ~0u }, { "192.0.0.192", ~0u }, { "fe80::1", ~0u },
		{ "febf::1", ~0u }, { "::", ~0u }, { "ff02::1", ~0u }, { "fd00:ec2::254", ~0u },
		{ "::ffff:169.254.169.254", ~0u }, { "64:ff9b::a9fe:a9fe", ~0u }, { "2002:a9fe:a9fe::1", ~0u },
		{ "127.0.0.1", CLIENT_ALLOW_LOOPBACK }, { "127.255.0.1", CLIENT_ALLOW_LOOPBACK },
		{ "::1", CLIENT_ALLOW_LOOPBACK }, { "::ffff:127.0.0.1", CLIENT_ALLOW_LOOPBACK },
		{ "::127.0.0.1", CLIENT_ALLOW_LOOPBACK }, { "10.0.0.1", CLIENT_ALLOW_PRIVATE },
		{ "172.16.0.1", CLIENT_ALLOW_PRIVATE }, { "172.31.255.255", CLIENT_ALLOW_PRIVATE },
		{ "192.168.1.1", CLIENT_ALLOW_PRIVATE }, { "100.64.0.1", CLIENT_ALLOW_PRIVATE },
		{ "fc00::1", CLIENT_ALLOW_PRIVATE }, { "fd12::1", CLIENT_ALLOW_PRIVATE },
		{ "8.8.8.8", 0 }, { "172.32.0.1", 0 }, { "100.128.0.1", 0 }, { "2606:4700::1", 0 }, { "192.0.1.1", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sockaddr_in a4 = { .sin_family = AF_INET };
		struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
		bool v4 = inet_pton(AF_INET, cases[i].text, &a4.sin_addr) == 1;
		assert_true(v4 || inet_pton(AF_INET6, cases[i].text, &a6.sin6_addr) == 1);
		const struct sockaddr *a = v4 ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6;
		for (unsigned allowed = 0; allowed < 4; allowed++) {
			bool want = cases[i].least != ~0u && (cases[i].least & allowed) == cases[i].least;
			if ((client_address_refused(a, allowed) == NULL) != want)
				fail_msg("%s with %u", cases[i].text, allowed);
		}
	}
}

/* check: gives up when nothing has come for a while. */
static int impatient(void *arg, int64_t idle_ms, struct err *err)
{
	int *asked = arg;
	++*asked;
	return idle_ms < 500 ? 0 : err_set(err, ERR_CONFLICT, "changed its mind");
}

static void test_check(void **state)
{
	(void)state;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int asked = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* the kernel accepts, nobody answers */
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	struct client_request q = get(arena_printf(&arena, "http://127.0.0.1:%d/", ntohs(a.sin_port)));
	q.check = impatient;
	q.check_arg = &asked;
	must_not(&q, ERR_CONFLICT, "changed its mind");
	assert_true(asked > 1);
	close(fd);
	q.url = url_of("http", "plain", "/large");
	asked = 0;
	must(&q, 200);
	assert_true(asked > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),	 cmocka_unit_test(test_bodies), cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_redirects), cmocka_unit_test(test_policy), cmocka_unit_test(test_tls),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_check),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
