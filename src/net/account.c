/*
 * Metrics and access log: see account.h. A series per listener and status is made when it is first needed and its
 * pointer kept, so a request costs three relaxed atomic additions.
 */
#include "net/account.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/metric.h"

enum { STATUS_MAX = 600 };

struct account {
	const char *listener;
	bool access_log;
	struct metric_family *requests;
	struct metric_series *connections, *seconds;
	_Atomic(struct metric_series *) by_status[STATUS_MAX];
};

struct account *account_new(const char *listener, bool access_log)
{
	struct account *a = calloc(1, sizeof *a);
	if (!a)
		abort();
	a->listener = listener;
	a->access_log = access_log;
	a->requests = metric_family("coracle_http_requests_total", METRIC_COUNTER, "listener,code",
				    "HTTP requests answered.");
	a->connections = metric_series(metric_family("coracle_http_connections", METRIC_GAUGE, "listener",
						     "Open HTTP connections."), &listener);
	a->seconds = metric_series(metric_family("coracle_http_request_seconds", METRIC_HISTOGRAM, "listener",
						 "Time from the end of a request's head to the end of its answer."),
				   &listener);
	return a;
}

void account_free(struct account *a)
{
	free(a);
}

void account_connection(struct account *a, int change)
{
	metric_add(a->connections, change);
}

static struct metric_series *series_of(struct account *a, int status)
{
	struct metric_series *s = atomic_load_explicit(&a->by_status[status], memory_order_acquire);
	if (s)
		return s;
	char code[8];
	(void)snprintf(code, sizeof code, "%d", status);
	s = metric_series(a->requests, (const char *const[]){ a->listener, code });
	atomic_store_explicit(&a->by_status[status], s, memory_order_release);
	return s;
}

void account_request(struct account *a, const struct http_exchange *x, int status, int64_t bytes_sent, int64_t now_ns)
{
	int64_t took = now_ns - x->started_mono_ns;
	if (status > 0 && status < STATUS_MAX)
		metric_add(series_of(a, status), 1);
	metric_observe_ns(a->seconds, took);
	if (!a->access_log)
		return;
	LOG_INFO("access", "request", LOG_S("listener", a->listener), LOG_S("id", x->request_id),
		 LOG_SL("peer", x->peer), LOG_SL("user", x->principal ? x->principal->name : SLICE_LIT("")),
		 LOG_SL("method", slice_sub(x->method_name, 0, 32)), LOG_SL("path", slice_sub(x->path, 0, 1024)),
		 LOG_I("status", status), LOG_I("bytes", bytes_sent), LOG_I("us", took / 1000));
}
