/*
 * The server: listeners, loops and pools, from start to drain; see server.h.
 *
 * Loop 0 accepts for all listeners and gives each connection to the loop that has fewest. Draining: stop listening
 * (after taking what the kernel had already accepted), answer what is in flight with Connection: close, close idle
 * connections, end streams; whatever is left after limits.drain_ms is cut off and counted.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/route.h"

enum {
	LOOPS_MAX = 16,
	BACKGROUND_THREADS = 16,
	BACKGROUND_QUEUE = 1 << 20,
	ACCEPT_TURN = 64,
	ACCEPT_PAUSE_MS = 100,
	DRAIN_TICK_MS = 10,
};

struct job {
	struct task task;
	void (*fn)(void *);
	void *arg;
};

struct delayed {
	uv_timer_t timer;
	struct task task;
	struct server *server;
	struct delayed *next, *prev;
	struct job *job;
	int64_t delay_ms;
};

int server_new(const struct server_options *options, struct server **out, struct err *err)
{
	struct server *s = calloc(1, sizeof *s);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (!s)
		return err_set(err, ERR_NO_MEMORY, "no memory for a server");
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to sockets without MSG_NOSIGNAL */
	pthread_mutex_init(&s->background_lock, NULL);
	s->clock = options->clock;
	s->access_log = options->access_log;
	unsigned wanted = options->loops ? MIN(options->loops, LOOPS_MAX) : (unsigned)MAX(1, MIN(cpus / 2, 4));
	s->loops = calloc(wanted + 1, sizeof *s->loops); /* one more for batch listeners */
	if (!s->loops || pool_new("compute", (unsigned)MAX(2, cpus), 0, (size_t)limits.worker_queue, &s->compute, err) < 0 ||
	    pool_new("background", BACKGROUND_THREADS, 0, BACKGROUND_QUEUE, &s->background, err) < 0)
		goto failed;
	for (; s->loops_n < wanted; s->loops_n++)
		if (loop_init(&s->loops[s->loops_n], s, err) < 0)
			goto failed;
	uv_timer_init(&s->loops[0].uv, &s->accept_pause);
	s->accept_pause.data = s;
	*out = s;
	return 0;
failed:
	server_free(s);
	return -1;
}

/* ---- listening ---- */

struct arrival {
	struct task task;
	struct net_listener *nl;
	struct net_loop *loop;
	int fd;
};

static void on_arrival(struct task *t)
{
	struct arrival *a = (struct arrival *)t;
	conn_open(a->loop, a->nl, a->fd);
	free(a);
}

static struct net_loop *loop_with_fewest(struct server *s, bool batch)
{
	struct net_loop *best = NULL;
	for (unsigned i = 0; i < s->loops_n; i++) {
		struct net_loop *l = &s->loops[i];
		if (l->batch == batch && (!best || atomic_load_explicit(&l->conns_n, memory_order_relaxed) <
						    atomic_load_explicit(&best->conns_n, memory_order_relaxed)))
			best = l;
	}
	return best;
}

static void take(struct net_listener *nl, int fd)
{
	struct server *s = nl->server;
	int on = 1;
	if (atomic_load(&nl->connections) >= limits.http_connections) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct net_loop *l = loop_with_fewest(s, nl->l.batch);
	atomic_fetch_add(&nl->connections, 1);
	atomic_fetch_add(&l->conns_n, 1);
	if (l == &s->loops[0]) {
		conn_open(l, nl, fd);
		return;
	}
	struct arrival *a = malloc(sizeof *a);
	if (!a)
		abort();
	*a = (struct arrival){ .task = { .run = on_arrival }, .nl = nl, .loop = l, .fd = fd };
	loop_post(l, &a->task);
}

static void on_connection(uv_poll_t *h, int status, int events);

static void on_accept_again(uv_timer_t *h)
{
	struct server *s = h->data;
	for (struct net_listener *nl = s->listeners; nl; nl = nl->next)
		if (!uv_is_closing((uv_handle_t *)&nl->poll))
			uv_poll_start(&nl->poll, UV_READABLE, on_connection);
}

static void accept_some(struct net_listener *nl, int most)
{
	for (int i = 0; i < most; i++) {
		int fd = accept4(nl->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			take(nl, fd);
			continue;
		}
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK) { /* out of descriptors or memory: let some close */
			LOG_WARN("net", "accept failed", LOG_S("listener", nl->l.name), LOG_I("errno", errno));
			for (struct net_listener *each = nl->server->listeners; each; each = each->next)
				uv_poll_stop(&each->poll);
			uv_timer_start(&nl->server->accept_pause, on_accept_again, ACCEPT_PAUSE_MS, 0);
		}
		return;
	}
}

static void on_connection(uv_poll_t *h, int status, int events)
{
	(void)events;
	if (status == 0)
		accept_some(h->data, ACCEPT_TURN);
}

static int open_socket(const struct listener *l, struct err *err)
{
	struct sockaddr_storage a;
	socklen_t a_len;
	int on = 1;
	if (address_resolve(l->address, &a, &a_len, err) < 0)
		return err_wrap(err, "--listen %s", l->name);
	int fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, errno, "a socket for listener %s", l->name);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, a_len) < 0 || listen(fd, SOMAXCONN) < 0) {
		int rc = errno;
		close(fd);
		if (rc == EADDRINUSE)
			return err_set(err, ERR_EXISTS, "%s is taken by another program: choose another port with "
							"--listen %s=HOST:PORT", l->address, l->name);
		return err_errno(err, rc, "listening on %s (--listen %s=HOST:PORT)", l->address, l->name);
	}
	return fd;
}

/* The loop of batch listeners comes with the first of them. */
static int need_batch_loop(struct server *s, struct err *err)
{
	struct net_loop *last = &s->loops[s->loops_n - 1];
	if (last->batch)
		return 0;
	if (loop_init(last + 1, s, err) < 0)
		return -1;
	last[1].batch = true;
	s->loops_n++;
	return 0;
}

int server_listen(struct server *s, const struct listener *l, struct err *err)
{
	if (route_check(l, err) < 0)
		return -1;
	if (l->tls_only && !l->tls)
		return err_set(err, ERR_INVALID, "listener %s wants TLS and has no certificate", l->name);
	if (l->batch && need_batch_loop(s, err) < 0)
		return -1;
	struct net_listener *nl = calloc(1, sizeof *nl);
	if (!nl)
		return err_set(err, ERR_NO_MEMORY, "no memory for a listener");
	nl->l = *l;
	nl->server = s;
	nl->fd = open_socket(l, err);
	if (nl->fd < 0 || pool_new(l->name, (unsigned)limits.worker_threads, l->running_max,
				  (size_t)limits.worker_queue, &nl->pool, err) < 0) {
		if (nl->fd >= 0)
			close(nl->fd);
		free(nl);
		return -1;
	}
	address_of_socket(nl->fd, nl->address, sizeof nl->address);
	nl->account = account_new(l->name, s->access_log);
	nl->poll.data = nl;
	uv_poll_init(&s->loops[0].uv, &nl->poll, nl->fd);
	nl->next = s->listeners;
	s->listeners = nl;
	return 0;
}

const char *server_address(const struct server *s, const char *listener)
{
	for (const struct net_listener *nl = s->listeners; nl; nl = nl->next)
		if (strcmp(nl->l.name, listener) == 0)
			return nl->address;
	return NULL;
}

int server_start(struct server *s, struct err *err)
{
	for (struct net_listener *nl = s->listeners; nl; nl = nl->next)
		uv_poll_start(&nl->poll, UV_READABLE, on_connection);
	for (unsigned i = 0; i < s->loops_n; i++)
		if (loop_start(&s->loops[i], i, err) < 0)
			return -1;
	s->started = true;
	return 0;
}

/* ---- background work ---- */

static void run_job(struct task *t)
{
	struct job *j = (struct job *)t;
	j->fn(j->arg);
	free(j);
}

static struct job *job_new(void (*fn)(void *), void *arg)
{
	struct job *j = malloc(sizeof *j);
	if (!j)
		abort();
	*j = (struct job){ .task = { .run = run_job }, .fn = fn, .arg = arg };
	return j;
}

static int put_job(struct server *s, struct job *j)
{
	pthread_mutex_lock(&s->background_lock);
	int rc = s->background ? pool_put(s->background, &j->task) : -1;
	pthread_mutex_unlock(&s->background_lock);
	return rc;
}

int server_run(struct server *s, void (*fn)(void *), void *arg)
{
	struct job *j = job_new(fn, arg);
	if (put_job(s, j) == 0)
		return 0;
	free(j);
	return -1;
}

static void free_delayed(uv_handle_t *h)
{
	struct delayed *d = h->data;
	free(d->job);
	free(d);
}

static void drop_delayed(struct delayed *d)
{
	*(d->prev ? &d->prev->next : &d->server->delayed) = d->next;
	if (d->next)
		d->next->prev = d->prev;
	uv_close((uv_handle_t *)&d->timer, free_delayed);
}

static void on_due(uv_timer_t *h)
{
	struct delayed *d = h->data;
	if (put_job(d->server, d->job) == 0)
		d->job = NULL;
	drop_delayed(d);
}

static void on_delay(struct task *t)
{
	struct delayed *d = (struct delayed *)((char *)t - offsetof(struct delayed, task));
	struct server *s = d->server;
	d->next = s->delayed;
	if (d->next)
		d->next->prev = d;
	s->delayed = d;
	uv_timer_init(&s->loops[0].uv, &d->timer);
	d->timer.data = d;
	uv_update_time(&s->loops[0].uv);
	uv_timer_start(&d->timer, on_due, (uint64_t)d->delay_ms, 0);
}

int server_run_after(struct server *s, int64_t delay_ms, void (*fn)(void *), void *arg)
{
	struct delayed *d = calloc(1, sizeof *d);
	if (!d)
		abort();
	d->server = s;
	d->task.run = on_delay;
	d->delay_ms = MAX(delay_ms, 0);
	d->job = job_new(fn, arg);
	loop_post(&s->loops[0], &d->task);
	return 0;
}

/* ---- the end ---- */

static void on_drain(struct task *t)
{
	struct net_loop *l = (struct net_loop *)((char *)t - offsetof(struct net_loop, drain_task));
	struct server *s = l->server;
	if (l == &s->loops[0]) {
		uv_timer_stop(&s->accept_pause);
		for (struct net_listener *nl = s->listeners; nl; nl = nl->next) {
			accept_some(nl, (int)limits.http_connections);
			uv_close((uv_handle_t *)&nl->poll, NULL);
			close(nl->fd);
			nl->fd = -1;
		}
	}
	l->ticking = false;
	loop_tick_start(l, DRAIN_TICK_MS);
	atomic_store(&l->drained, true);
}

static bool all_drain(const struct server *s)
{
	for (unsigned i = 0; i < s->loops_n; i++)
		if (!atomic_load(&s->loops[i].drained))
			return false;
	return true;
}

static int64_t unanswered(struct server *s)
{
	int64_t n = 0;
	for (unsigned i = 0; i < s->loops_n; i++)
		n += atomic_load(&s->loops[i].conns_n) - atomic_load(&s->loops[i].lingering);
	return n;
}

int server_drain(struct server *s)
{
	if (!s->started || atomic_exchange(&s->draining, true))
		return 0;
	for (unsigned i = 0; i < s->loops_n; i++) {
		s->loops[i].drain_task.run = on_drain;
		loop_post(&s->loops[i], &s->loops[i].drain_task);
	}
	int64_t until = server_now(&(struct server){ .clock = &clock_os }) + limits.drain_ms * 1000000;
	do {
		struct timespec nap = { .tv_nsec = 5000000 };
		nanosleep(&nap, NULL);
	} while ((!all_drain(s) || unanswered(s) > 0) && server_now(&(struct server){ .clock = &clock_os }) < until);
	return (int)unanswered(s);
}

/* Workers that wait for a client wake and fail. */
static void on_cut(struct task *t)
{
	struct net_loop *l = (struct net_loop *)((char *)t - offsetof(struct net_loop, cut_task));
	for (struct http_conn *c = l->conns; c; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
}

static void free_jobs(struct task *t)
{
	while (t) {
		struct task *next = t->next;
		free(t);
		t = next;
	}
}

void server_free(struct server *s)
{
	if (!s)
		return;
	atomic_store(&s->draining, true);
	for (unsigned i = 0; i < s->loops_n && s->started; i++) {
		s->loops[i].cut_task.run = on_cut;
		loop_post(&s->loops[i], &s->loops[i].cut_task);
	}
	for (struct net_listener *nl = s->listeners; nl; nl = nl->next)
		(void)pool_free(nl->pool); /* dropped requests are closed by their loops */
	(void)pool_free(s->compute);
	pthread_mutex_lock(&s->background_lock);
	struct pool *background = s->background;
	s->background = NULL;
	pthread_mutex_unlock(&s->background_lock);
	free_jobs(pool_free(background));
	for (unsigned i = 0; i < s->loops_n; i++)
		loop_stop(&s->loops[i]);
	while (s->delayed) { /* their loop is gone, and with it the handles */
		struct delayed *d = s->delayed;
		s->delayed = d->next;
		free(d->job);
		free(d);
	}
	while (s->listeners) {
		struct net_listener *nl = s->listeners;
		s->listeners = nl->next;
		if (nl->fd >= 0)
			close(nl->fd);
		account_free(nl->account);
		free(nl);
	}
	pthread_mutex_destroy(&s->background_lock);
	free(s->loops);
	free(s);
}
