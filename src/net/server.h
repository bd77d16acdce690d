/*
 * Listeners, routes and threads: sockets to exchanges (net/http.h).
 *
 *   struct server *s; server_new(&options, &s, err); server_listen(s, &listener, err)…; server_start(s, err);
 *   … server_drain(s) on SIGTERM: stops accepting, finishes every request in flight, returns when all are answered
 *   or limits.drain_ms has passed; server_free(s).
 */
#ifndef CORACLE_NET_SERVER_H
#define CORACLE_NET_SERVER_H

#include "base/clock.h"
#include "net/http.h"

struct tls_context; /* crypto/tls.h */

/* Who may call a route. 0 is refused at start: a route without a rule is a bug. */
enum route_access {
	ACCESS_UNSET = 0,
	ACCESS_PUBLIC,	      /* anybody who reaches the listener (health, discovery of versions) */
	ACCESS_TOKEN,	      /* the listener's token when one is configured, else anybody */
	ACCESS_AUTHENTICATED, /* a principal that the listener's authenticate function accepted */
	ACCESS_SIGNED,	      /* S3: a verified signature, or anonymous where the domain then decides */
};

enum route_mode { ROUTE_INLINE, ROUTE_WORKER };

typedef void http_handler(struct http_exchange *x);

/*
 * A pattern is literal text with {name} for one non-empty run without '/', and a final {name...} for the rest, which
 * may be empty. A {name} ends at the literal that follows it: "/v1/models/{model}:predict". Matching is on the
 * encoded path. `query` NULL, or a parameter that must be present ("uploads"). First match in table order wins.
 * A path that matches with other methods only is answered by the listener's `fail` with ERR_METHOD.
 */
struct route {
	unsigned methods; /* of enum http_method; HTTP_GET answers HEAD too */
	const char *pattern;
	const char *query;
	enum route_access access;
	enum route_mode mode;
	int64_t body_max; /* bytes, 0: no body allowed to be read (a body is refused with 413), -1: no limit here */
	http_handler *handle;
	bool raw_body; /* leave Content-Encoding alone */
};

struct listener {
	const char *name;    /* "s3" */
	const char *address; /* "127.0.0.1:9000", port 0: the kernel chooses */
	const struct route *routes;
	size_t routes_n;
	struct tls_context *tls; /* NULL: plain only. With it: see tls_only */
	bool tls_only;		 /* false: TLS and plain on one port by sniffing */
	bool ask_client_certificate;
	void *app;
	/* Sets x->principal or fails; called before the handler, on the thread that runs it. NULL: everybody is anonymous
	 * and a table with a rule above ACCESS_PUBLIC is refused at start. */
	int (*authenticate)(struct http_exchange *x, enum route_access access, struct err *err);
	/* Writes the protocol's own error body for what net itself refuses (no route, 413, bad request, overload). */
	void (*fail)(struct http_exchange *x, const struct err *err);
	/* Workers that run at once, those in an announced wait (base/waiting.h) apart; 0: no bound. For handlers that are
	 * short but for such waits: they then cost no context switch each. */
	unsigned running_max;
	/* Throughput before latency: its connections have a loop of their own, whose thread is woken without taking the
	 * processor from another (SCHED_BATCH), so that it finds more at once and never delays the other listeners'. */
	bool batch;
	bool gzip_answers; /* bodies of 128 KiB and more, when accepted */
};

struct server_options {
	const struct clock *clock;
	unsigned loops; /* 0: half of the CPUs, from 1 to 4: what blocks or computes runs on other threads, and the fewer
			 * loops, the more requests one wake-up brings */
	bool access_log;
};

struct server;

int server_new(const struct server_options *options, struct server **out, struct err *err);
/* Binds at once. ERR_EXISTS when the port is taken, naming port and flag (--listen NAME=HOST:PORT). The listener and
 * what it points to must outlive the server. */
int server_listen(struct server *s, const struct listener *l, struct err *err);
/* Real address of a bound listener, "127.0.0.1:40123"; NULL when there is no such name. */
const char *server_address(const struct server *s, const char *listener);
int server_start(struct server *s, struct err *err);
/* Returns the number of requests that were cut off: 0 is a clean drain. */
int server_drain(struct server *s);
void server_free(struct server *s);

/* Runs fn(arg) on a background worker, or once after delay_ms; for controllers' timers and retries. */
int server_run(struct server *s, void (*fn)(void *), void *arg);
int server_run_after(struct server *s, int64_t delay_ms, void (*fn)(void *), void *arg);

#endif
