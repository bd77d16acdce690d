/* The HTTP client over libcurl: see client.h. */
#include "net/client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/waiting.h"
#include "net/address.h"
#include "net/client_curl.h"

enum {
	ARENA_BODY_BYTES = 1 << 20,
	ERROR_BODY_BYTES = 64 << 10,
	HEADERS_MAX = 256,
	CONNECT_MS = 10000,
	SLOW_BYTES = 1024,
	SLOW_SECONDS = 30,
	IDLE_BYTES = 16 << 10,
};

struct fetch {
	const struct client_request *q;
	const struct client_curl *curl;
	CURL *easy;
	struct err *err;
	bool failed; /* err is set */
	bool enough; /* of an error's body: the rest is not waited for, it may have no end */
	struct http_field fields[HEADERS_MAX];
	size_t fields_n;
	int status;
	int64_t bytes, sent;
	int64_t mark_bytes, mark_ns; /* when the last IDLE_BYTES had come */
	struct buf body;
};

/* ---- the address policy ---- */

static bool within(uint32_t a, uint32_t net, unsigned bits)
{
	return (a ^ net) >> (32 - bits) == 0;
}

static const char *refused_v4(uint32_t a, unsigned allowed)
{
	if (within(a, 0xa9fe0000, 16))
		return "a link-local address, where clouds serve their metadata";
	if (a == 0x646464c8) /* 100.100.100.200, and 192.0.0.192 below */
		return "a metadata address";
	if (within(a, 0, 8) || within(a, 0xe0000000, 3) || within(a, 0xc0000000, 24))
		return "not an address of a host";
	if (within(a, 0x7f000000, 8))
		return allowed & CLIENT_ALLOW_LOOPBACK ? NULL : "a loopback address";
	if (within(a, 0x0a000000, 8) || within(a, 0xac100000, 12) || within(a, 0xc0a80000, 16) || within(a, 0x64400000, 10))
		return allowed & CLIENT_ALLOW_PRIVATE ? NULL : "a private address";
	return NULL;
}

static uint32_t word_at(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static const char *refused_v6(const unsigned char a[16], unsigned allowed)
{
	static const unsigned char zero[16], ec2[16] = { 0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54 };
	static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };
	if (memcmp(a, ec2, 16) == 0)
		return "a metadata address";
	if ((a[0] == 0xfe && (a[1] & 0xc0) == 0x80))
		return "a link-local address";
	if (a[0] == 0xff || memcmp(a, zero, 16) == 0)
		return "not an address of a host";
	if (memcmp(a, zero, 15) == 0 && a[15] == 1)
		return allowed & CLIENT_ALLOW_LOOPBACK ? NULL : "a loopback address";
	/* an IPv4 address in IPv6 clothes: mapped, compatible, NAT64, 6to4 */
	if ((memcmp(a, zero, 10) == 0 && a[10] == 0xff && a[11] == 0xff) || memcmp(a, zero, 12) == 0 ||
	    memcmp(a, nat64, 12) == 0)
		return refused_v4(word_at(a + 12), allowed);
	if (a[0] == 0x20 && a[1] == 0x02)
		return refused_v4(word_at(a + 2), allowed);
	if ((a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0xc0))
		return allowed & CLIENT_ALLOW_PRIVATE ? NULL : "a private address";
	return NULL;
}

const char *client_address_refused(const struct sockaddr *a, unsigned allowed)
{
	if (a->sa_family == AF_INET)
		return refused_v4(ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr), allowed);
	if (a->sa_family == AF_INET6)
		return refused_v6(((const struct sockaddr_in6 *)(const void *)a)->sin6_addr.s6_addr, allowed);
	return "not an internet address";
}

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct fetch *f = arg;
	(void)purpose;
	const char *why = client_address_refused(&a->addr, f->q->addresses);
	if (!why)
		return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	char text[64];
	address_text(&a->addr, text, sizeof text);
	if (!f->failed) { /* the first address tried names the reason */
		err_clear(f->err);
		err_set(f->err, ERR_FORBIDDEN, "%s leads to %s, %s: requests to it are refused", f->q->url, text, why);
		f->failed = true;
	}
	return CURL_SOCKET_BAD;
}

/* ---- headers ---- */

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;
	struct slice line = slice_trim(slice_of(p, size * n));
	if (slice_starts(line, "HTTP/")) { /* a new hop, or the answer after 100 Continue */
		f->fields_n = 0;
		f->status = 0;
		const char *space = memchr(line.ptr, ' ', line.len);
		uint64_t status;
		if (space && slice_u64(slice_sub(slice_from(line, (size_t)(space + 1 - line.ptr)), 0, 3), &status))
			f->status = (int)status;
		return size * n;
	}
	const char *colon = memchr(line.ptr, ':', line.len);
	if (!colon || f->fields_n == HEADERS_MAX)
		return size * n;
	struct slice name = slice_of(line.ptr, (size_t)(colon - line.ptr));
	f->fields[f->fields_n++] = (struct http_field){
		arena_dup(f->q->arena, name),
		arena_dup(f->q->arena, slice_trim(slice_from(line, name.len + 1))),
	};
	return size * n;
}

struct slice client_field(const struct client_response *r, const char *name)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (slice_is_nocase(r->fields[i].name, name))
			return r->fields[i].value;
	return (struct slice){ 0 };
}

/* ---- bodies ---- */

static size_t fail_with(struct fetch *f, int ignored)
{
	(void)ignored; /* err_set's -1: libcurl wants a short count */
	f->failed = true;
	return 0;
}

static bool write_fd(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(fd, p, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;
	const struct client_request *q = f->q;
	n *= size;
	if (f->status >= 300 && f->status < 400 && q->redirects_max)
		return n; /* of a hop that is followed */
	if (f->status >= 400) {
		buf_append(&f->body, p, MIN(n, ERROR_BODY_BYTES - f->body.len));
		f->enough = f->body.len == ERROR_BODY_BYTES;
		return f->enough ? 0 : n; /* a short count ends the transfer */
	}
	f->bytes += (int64_t)n;
	bool to_arena = !q->write && !q->to_fd;
	int64_t most = q->bytes_max ? q->bytes_max : to_arena ? ARENA_BODY_BYTES : INT64_MAX;
	if (f->bytes > most)
		return fail_with(f, err_set(f->err, ERR_TOO_LARGE, "%s is larger than %lld bytes", q->url, (long long)most));
	if (q->write && q->write(q->write_arg, p, n) < 0)
		return fail_with(f, err_set(f->err, ERR_CANCELLED, "the transfer of %s was given up", q->url));
	if (q->to_fd && !write_fd(q->fd, p, n))
		return fail_with(f, err_errno(f->err, errno, "storing %s", q->url));
	if (to_arena)
		buf_append(&f->body, p, n);
	return n;
}

static size_t on_read(char *p, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;
	n *= size;
	if (!f->q->read) {
		struct slice part = slice_sub(f->q->body, (size_t)f->sent, n);
		memcpy(p, part.ptr ? part.ptr : "", part.len);
		f->sent += (int64_t)part.len;
		return part.len;
	}
	ssize_t got = f->q->read(f->q->read_arg, p, n);
	if (got >= 0)
		return (size_t)got;
	(void)fail_with(f, err_set(f->err, ERR_CANCELLED, "the body for %s could not be read", f->q->url));
	return CURL_READFUNC_ABORT;
}

/* A body that must be sent again after a redirect or on a stale connection. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct fetch *f = arg;
	if (f->q->read || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	f->sent = offset;
	return CURL_SEEKFUNC_OK;
}

/* libcurl calls it once a second, and oftener while something moves. */
static int on_progress(void *arg, curl_off_t total, curl_off_t got, curl_off_t upload, curl_off_t sent)
{
	struct fetch *f = arg;
	int64_t now = clock_mono_ns(&clock_os);
	(void)total;
	(void)upload;
	if (got + sent - f->mark_bytes >= IDLE_BYTES) {
		f->mark_bytes = got + sent;
		f->mark_ns = now;
	}
	struct err why = { 0 };
	if (f->q->check(f->q->check_arg, (now - f->mark_ns) / 1000000, &why) == 0)
		return 0;
	f->failed = true;
	if (f->err)
		*f->err = why;
	return 1;
}

/* ---- the request ---- */

#define SET(option, value) ((void)f->curl->setopt(f->easy, (option), (value)))

static void set_method(struct fetch *f)
{
	const struct client_request *q = f->q;
	bool has_body = q->read || q->body.len;
	const char *method = q->method ? q->method : has_body ? "POST" : "GET";
	if (strcmp(method, "HEAD") == 0) {
		SET(CURLOPT_NOBODY, 1L);
		return;
	}
	if (has_body || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_READFUNCTION, on_read);
		SET(CURLOPT_READDATA, f);
		SET(CURLOPT_SEEKFUNCTION, on_seek);
		SET(CURLOPT_SEEKDATA, f);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)(q->read ? q->body_bytes : (int64_t)q->body.len));
	}
	SET(CURLOPT_CUSTOMREQUEST, method);
}

static void set_trust(struct fetch *f)
{
	const struct client_request *q = f->q;
	if (q->insecure) {
		SET(CURLOPT_SSL_VERIFYPEER, 0L);
		SET(CURLOPT_SSL_VERIFYHOST, 0L);
	} else if (q->ca_file) {
		SET(CURLOPT_CAINFO, q->ca_file);
	}
	if (q->certificate_file)
		SET(CURLOPT_SSLCERT, q->certificate_file);
	if (q->key_file)
		SET(CURLOPT_SSLKEY, q->key_file);
}

static void set_limits(struct fetch *f)
{
	const struct client_request *q = f->q;
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, q->redirects_max > 0 && !q->connect_to ? 1L : 0L);
	SET(CURLOPT_MAXREDIRS, (long)q->redirects_max);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(q->connect_ms ? q->connect_ms : CONNECT_MS));
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
	SET(CURLOPT_OPENSOCKETDATA, f);
	if (q->check) {
		f->mark_ns = clock_mono_ns(&clock_os);
		SET(CURLOPT_NOPROGRESS, 0L);
		SET(CURLOPT_XFERINFOFUNCTION, on_progress);
		SET(CURLOPT_XFERINFODATA, f);
	}
	if (q->deadline_ms) {
		SET(CURLOPT_TIMEOUT_MS, (long)q->deadline_ms);
	} else {
		SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
		SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
	}
}

static struct curl_slist *set_lists(struct fetch *f, struct curl_slist **connect_to)
{
	const struct client_request *q = f->q;
	struct curl_slist *headers = NULL;
	for (size_t i = 0; i < q->headers_n; i++)
		headers = f->curl->slist_append(headers, q->headers[i]);
	headers = f->curl->slist_append(headers, "Expect:");
	SET(CURLOPT_HTTPHEADER, headers);
	*connect_to = NULL;
	if (q->connect_to) {
		char *entry = arena_printf(q->arena, "::%s", q->connect_to);
		*connect_to = entry ? f->curl->slist_append(NULL, entry) : NULL;
		SET(CURLOPT_CONNECT_TO, *connect_to);
	}
	return headers;
}

static int outcome(struct fetch *f, CURLcode code, const char *detail)
{
	const char *url = f->q->url, *why = detail[0] ? detail : f->curl->strerror(code);
	if (f->failed)
		return -1;
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return err_set(f->err, ERR_INVALID, "%s: %s", url, why);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(f->err, ERR_DEADLINE, "%s: %s", url, why);
	case CURLE_TOO_MANY_REDIRECTS:
		return err_set(f->err, ERR_INVALID, "%s: more than %d redirects", url, f->q->redirects_max);
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return err_set(f->err, ERR_INVALID, "%s: %s", url, why);
	default:
		return err_set(f->err, ERR_UNAVAILABLE, "%s: %s", url, why);
	}
}

static int finish(struct fetch *f, struct client_response *out)
{
	struct slice body = f->body.len ? arena_dup(f->q->arena, buf_view(&f->body)) : SLICE_LIT("");
	struct http_field *fields = arena_array(f->q->arena, f->fields_n + 1, sizeof *fields);
	if (!body.ptr || !fields)
		return err_set(f->err, ERR_NO_MEMORY, "the answer of %s does not fit the memory given", f->q->url);
	memcpy(fields, f->fields, f->fields_n * sizeof *fields);
	*out = (struct client_response){
		.status = f->status, .fields = fields, .fields_n = f->fields_n, .bytes = f->bytes, .body = body
	};
	return 0;
}

int client_fetch(const struct client_request *q, struct client_response *out, struct err *err)
{
	assert(q->arena);
	struct slice url = slice_str(q->url);
	if (!slice_starts(url, "http://") && !slice_starts(url, "https://"))
		return err_set(err, ERR_INVALID, "%.*s is not an http or https URL", SLICE_ARG(slice_sub(url, 0, 256)));
	const struct client_curl *curl = client_curl(err);
	if (!curl)
		return -1;
	struct fetch *f = calloc(1, sizeof *f);
	if (!f || !(f->easy = curl->easy_init())) {
		free(f);
		return err_set(err, ERR_NO_MEMORY, "no memory for a request");
	}
	char detail[CURL_ERROR_SIZE] = "";
	struct curl_slist *connect_to, *headers;
	f->q = q;
	f->curl = curl;
	f->err = err;
	buf_init(&f->body, SIZE_MAX / 2);
	SET(CURLOPT_URL, q->url);
	SET(CURLOPT_ERRORBUFFER, detail);
	set_limits(f);
	set_method(f);
	set_trust(f);
	headers = set_lists(f, &connect_to);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, f);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, f);
	waiting_begin();
	CURLcode code = curl->perform(f->easy);
	waiting_end();
	if (code == CURLE_WRITE_ERROR && f->enough)
		code = CURLE_OK;
	/* an address refused before another one answered is no failure */
	if (code == CURLE_OK && f->failed) {
		f->failed = false;
		err_clear(err);
	}
	int rc = outcome(f, code, detail);
	if (rc == 0)
		rc = finish(f, out);
	curl->cleanup(f->easy);
	curl->slist_free_all(headers);
	curl->slist_free_all(connect_to);
	buf_release(&f->body);
	free(f);
	return rc;
}
