/*
 * Loop threads: an epoll loop each (libuv), with an inbox for other threads, a list of its connections, and slots to
 * reuse. A tick a second looks at deadlines while there are connections; an idle loop never wakes.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "net/conn.h"

static void on_wake(uv_async_t *h)
{
	struct net_loop *l = h->data;
	pthread_mutex_lock(&l->lock);
	struct task *t = l->inbox;
	l->inbox = NULL;
	l->inbox_last = &l->inbox;
	pthread_mutex_unlock(&l->lock);
	while (t) {
		struct task *next = t->next; /* running it may free it */
		t->run(t);
		t = next;
	}
}

void loop_post(struct net_loop *l, struct task *t)
{
	pthread_mutex_lock(&l->lock);
	t->next = NULL;
	*l->inbox_last = t;
	l->inbox_last = &t->next;
	pthread_mutex_unlock(&l->lock);
	uv_async_send(&l->wake);
}

int loop_init(struct net_loop *l, struct server *s, struct err *err)
{
	int rc = uv_loop_init(&l->uv);
	if (rc)
		return err_set(err, ERR_INTERNAL, "no event loop: %s", uv_strerror(rc));
	l->server = s;
	l->inbox_last = &l->inbox;
	pthread_mutex_init(&l->lock, NULL);
	uv_async_init(&l->uv, &l->wake, on_wake);
	uv_timer_init(&l->uv, &l->tick);
	l->wake.data = l->tick.data = l;
	random_fill(&random_os, &l->ids, sizeof l->ids);
	return 0;
}

/* SplitMix64: unlike neighbours from a counter. Ids are for logs and prove nothing. */
uint64_t loop_next_id(struct net_loop *l)
{
	uint64_t z = l->ids += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* ---- slots ---- */

struct http_slot *loop_slot_take(struct net_loop *l)
{
	struct http_slot *s = l->slots;
	if (!s)
		return slot_new();
	l->slots = s->next;
	l->slots_n--;
	return s;
}

void loop_slot_give(struct net_loop *l, struct http_slot *s)
{
	s->in_at = s->in_len = s->in_scanned = 0;
	if (l->slots_n >= SLOTS_KEEP) {
		slot_free(s);
		return;
	}
	s->next = l->slots;
	l->slots = s;
	l->slots_n++;
}

/* ---- tick ---- */

static void on_tick(uv_timer_t *h)
{
	struct net_loop *l = h->data;
	int64_t now = server_now(l->server);
	for (struct http_conn *c = l->conns, *next; c; c = next) {
		next = c->next;
		conn_check(c, now);
	}
	if (atomic_load(&l->server->draining))
		for (struct http_conn *c = l->conns, *next; c; c = next) {
			next = c->next;
			conn_drain(c, now);
		}
	/* Memory of a busy hour goes back in a quiet minute. */
	if (l->slots_n > 8)
		slot_free(loop_slot_take(l));
	if (!l->conns) {
		uv_timer_stop(h);
		l->ticking = false;
		while (l->slots)
			slot_free(loop_slot_take(l));
	}
}

void loop_tick_start(struct net_loop *l, unsigned every_ms)
{
	if (l->ticking)
		return;
	l->ticking = true;
	uv_timer_start(&l->tick, on_tick, every_ms, every_ms);
}

/* ---- thread ---- */

static void *loop_main(void *arg)
{
	struct net_loop *l = arg;
	if (l->batch) /* where that is refused it is only slower */
		(void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){ 0 });
	uv_run(&l->uv, UV_RUN_DEFAULT);
	return NULL;
}

int loop_start(struct net_loop *l, unsigned index, struct err *err)
{
	char name[16];
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&l->thread, NULL, loop_main, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		return err_errno(err, rc, "starting a loop thread");
	(void)snprintf(name, sizeof name, "loop-%u", index % 1000);
	pthread_setname_np(l->thread, name);
	l->started = true;
	return 0;
}

static void close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void on_stop(struct task *t)
{
	struct net_loop *l = (struct net_loop *)((char *)t - offsetof(struct net_loop, stop_task));
	while (l->conns)
		conn_close(l->conns);
	uv_walk(&l->uv, close_handle, NULL);
}

void loop_stop(struct net_loop *l)
{
	l->stop_task.run = on_stop;
	loop_post(l, &l->stop_task);
	if (l->started)
		pthread_join(l->thread, NULL);
	else
		uv_run(&l->uv, UV_RUN_DEFAULT);
	uv_loop_close(&l->uv);
	while (l->slots)
		slot_free(loop_slot_take(l));
	pthread_mutex_destroy(&l->lock);
}
