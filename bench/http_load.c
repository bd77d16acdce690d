/*
 * A load generator for bench/: N keep-alive connections, each with one request in flight, bodies taken in turn.
 *
 *   http_load --connections 16 --seconds 3 --bodies FILE [--header "Name: value"]... http://127.0.0.1:PORT/path
 *
 *   http_load --connections 16 --seconds 3 --requests FILE http://127.0.0.1:PORT/
 *
 * FILE has one body a line; with --requests whole requests, each after a line with its length (their signatures are made
 * before, so that signing costs nothing here). Prints one JSON object: requests, errors (answers other than 200, broken connections), rate
 * a second, p50_us and p99_us, cpu_ns (its own, so that the caller can tell it from other load). One thread and epoll:
 * what it costs is the kernel's socket work and little more, so one core of it drives any server that needs as much.
 * Loopback only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 1024,
	ANSWER_BYTES = 64 << 10,
	HEADERS_BYTES = 4 << 10,
	STEPS = 64, /* of the histogram within a power of two */
	BUCKETS = 48 * STEPS,
};

struct request {
	char *bytes;
	size_t len;
};

struct connection {
	int fd;
	int64_t began_ns;
	size_t got, want; /* want 0: the head is not complete */
	bool failed, no_body; /* no_body: the answer to a HEAD */
	char answer[ANSWER_BYTES];
};

static struct {
	int connections;
	double seconds;
	const char *bodies, *requests, *host, *path;
	uint16_t port;
	char headers[HEADERS_BYTES];
} options = {.connections = 16, .seconds = 3};

static struct request *requests;
static size_t requests_n, next_body;
static uint64_t done, errors, histogram[BUCKETS];

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "http_load: %s: %s\n", what, errno ? strerror(errno) : "wrong usage");
	exit(2);
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- latencies ---- */

static size_t bucket_of(uint64_t ns)
{
	if (ns < STEPS)
		return ns;
	int shift = 63 - __builtin_clzll(ns) - 6;
	size_t b = (size_t)(shift + 1) * STEPS + ((ns >> shift) - STEPS);
	return b < BUCKETS ? b : BUCKETS - 1;
}

static double value_of(size_t bucket)
{
	if (bucket < STEPS)
		return (double)bucket;
	size_t shift = bucket / STEPS - 1;
	return (double)((uint64_t)(bucket % STEPS + STEPS) << shift);
}

static double percentile_us(double p)
{
	uint64_t rank = (uint64_t)((double)done * p), seen = 0;
	for (size_t b = 0; b < BUCKETS; b++) {
		seen += histogram[b];
		if (seen > rank)
			return value_of(b) / 1000;
	}
	return 0;
}

/* ---- requests ---- */

static void add_request(const char *body, size_t len)
{
	struct request *r = realloc(requests, (requests_n + 1) * sizeof *requests);
	char *head;
	int n = asprintf(&head, "POST %s HTTP/1.1\r\nHost: %s:%u\r\n%sContent-Length: %zu\r\n\r\n", options.path,
			 options.host, options.port, options.headers, len);
	if (!r || n < 0)
		die("memory");
	requests = r;
	r += requests_n++;
	r->len = (size_t)n + len;
	r->bytes = realloc(head, r->len + 1);
	if (!r->bytes)
		die("memory");
	memcpy(r->bytes + n, body, len);
}

/* LENGTH LF BYTES, again and again. */
static void read_requests(void)
{
	FILE *f = fopen(options.requests, "r");
	char *line = NULL;
	size_t cap = 0;
	if (!f)
		die(options.requests);
	while (getline(&line, &cap, f) > 0) {
		struct request *r = realloc(requests, (requests_n + 1) * sizeof *requests);
		if (!r)
			die("memory");
		requests = r;
		r += requests_n++;
		r->len = strtoul(line, NULL, 10);
		r->bytes = malloc(r->len + 1);
		if (!r->bytes || fread(r->bytes, 1, r->len, f) != r->len)
			die("a request is shorter than its length");
	}
	free(line);
	fclose(f);
	errno = 0;
	if (!requests_n)
		die("no requests");
}

static void read_bodies(void)
{
	FILE *f = fopen(options.bodies, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	if (!f)
		die(options.bodies);
	while ((n = getline(&line, &cap, f)) > 0)
		add_request(line, (size_t)n - (line[n - 1] == '\n'));
	free(line);
	fclose(f);
	errno = 0;
	if (!requests_n)
		die("no bodies");
}

/* ---- connections ---- */

static void reopen(struct connection *c, int poll_fd)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(options.port)};
	struct epoll_event e = {.events = EPOLLIN, .data = {.ptr = c}};
	int on = 1;
	if (inet_pton(AF_INET, options.host, &to.sin_addr) != 1)
		die("the host is not an IPv4 address");
	if (c->fd >= 0)
		close(c->fd);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &e) < 0)
		die("epoll_ctl");
}

/* Blocks when the socket is full, which a request of some kilobytes does not make it. */
static void begin(struct connection *c)
{
	const struct request *r = &requests[next_body++ % requests_n];
	c->got = c->want = 0;
	c->failed = false;
	c->no_body = r->len > 5 && memcmp(r->bytes, "HEAD ", 5) == 0;
	c->began_ns = now_ns();
	for (size_t sent = 0; sent < r->len;) {
		ssize_t n = send(c->fd, r->bytes + sent, r->len - sent, MSG_NOSIGNAL);
		if (n < 0) {
			c->failed = true;
			return;
		}
		sent += (size_t)n;
	}
}

/* Looks for the end of the head, and how long the answer is. */
static void look_at_head(struct connection *c)
{
	const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4);
	if (!end)
		return;
	c->failed |= c->got < 12 || memcmp(c->answer, "HTTP/1.1 200", 12) != 0;
	c->want = (size_t)(end + 4 - c->answer);
	for (const char *p = c->answer; p < end; p++) {
		if (!c->no_body && *p == '\n' && strncasecmp(p + 1, "content-length:", 15) == 0)
			c->want += strtoul(p + 16, NULL, 10);
	}
}

/* Takes what came; true when the answer is complete or broken. What follows the head is counted, not kept. */
static bool take(struct connection *c)
{
	size_t at = c->want ? 0 : c->got;
	ssize_t n = recv(c->fd, c->answer + at, sizeof c->answer - at, 0);
	if (n <= 0 || (!c->want && c->got + (size_t)n == sizeof c->answer && !memmem(c->answer, sizeof c->answer, "\r\n\r\n", 4))) {
		c->failed = true;
		return true;
	}
	c->got += (size_t)n;
	if (!c->want)
		look_at_head(c);
	return c->want && c->got >= c->want;
}

static void finish(struct connection *c, int poll_fd)
{
	if (c->failed) {
		if (!errors++)
			fprintf(stderr, "http_load: first error: %.*s\n", (int)(c->got < 600 ? c->got : 600), c->answer);
		reopen(c, poll_fd);
	} else {
		done++;
		histogram[bucket_of((uint64_t)(now_ns() - c->began_ns))]++;
	}
}

static int64_t run(void)
{
	static struct epoll_event events[CONNECTIONS_MAX];
	struct connection *all = calloc((size_t)options.connections, sizeof *all);
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!all || poll_fd < 0)
		die("start");
	for (int i = 0; i < options.connections; i++) {
		all[i].fd = -1;
		reopen(&all[i], poll_fd);
	}
	int64_t from = now_ns(), until = from + (int64_t)(options.seconds * 1e9);
	for (int i = 0; i < options.connections; i++)
		begin(&all[i]);
	while (now_ns() < until) {
		int n = epoll_wait(poll_fd, events, options.connections, 100);
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;
			if (!take(c))
				continue;
			finish(c, poll_fd);
			begin(c);
		}
	}
	return now_ns() - from;
}

/* ---- command line ---- */

static void parse_url(const char *url)
{
	char *host;
	if (strncmp(url, "http://", 7) != 0)
		die("the URL does not begin with http://");
	const char *colon = strchr(url + 7, ':'), *slash = strchr(url + 7, '/');
	if (!colon || !slash || colon > slash)
		die("the URL is not http://HOST:PORT/PATH");
	host = strndup(url + 7, (size_t)(colon - url - 7));
	if (!host)
		die("memory");
	options.host = host;
	options.port = (uint16_t)strtoul(colon + 1, NULL, 10);
	options.path = slash;
}

static void parse(int argc, char **argv)
{
	int i = 1;
	for (; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--connections") == 0)
			options.connections = (int)strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--seconds") == 0)
			options.seconds = strtod(argv[i + 1], NULL);
		else if (strcmp(argv[i], "--bodies") == 0)
			options.bodies = argv[i + 1];
		else if (strcmp(argv[i], "--requests") == 0)
			options.requests = argv[i + 1];
		else if (strcmp(argv[i], "--header") == 0) {
			size_t n = strlen(options.headers);
			(void)snprintf(options.headers + n, sizeof options.headers - n, "%s\r\n", argv[i + 1]);
		} else
			die(argv[i]);
	}
	if (i + 1 != argc || !options.bodies == !options.requests || options.connections < 1 || options.connections > CONNECTIONS_MAX)
		die("http_load --connections N --seconds S --bodies FILE [--header H]... http://HOST:PORT/PATH");
	parse_url(argv[i]);
}

int main(int argc, char **argv)
{
	struct rusage used;
	parse(argc, argv);
	if (options.requests)
		read_requests();
	else
		read_bodies();
	double took = (double)run() / 1e9;
	getrusage(RUSAGE_SELF, &used);
	long long cpu_ns = (long long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000 +
			   (long long)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
	printf("{\"requests\":%llu,\"errors\":%llu,\"rate\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"cpu_ns\":%lld}\n",
	       (unsigned long long)done, (unsigned long long)errors, (double)done / took, percentile_us(0.5),
	       percentile_us(0.99), cpu_ns);
	return 0;
}
