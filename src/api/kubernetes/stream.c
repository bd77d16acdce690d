/*
 * The thread behind stream.h. A stream is on the list from start until it is over or its client left; it has two
 * references then, the list's and the connection's (whose on_close may come long after the end was sent).
 */
#include "api/kubernetes/stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"

enum { TICK_MS = 250 };

struct kube_stream {
	struct kube_streams *all;
	const struct kube_stream_ops *ops;
	void *arg;
	int64_t end_mono_ns; /* 0: none */
	struct http_stream *to;
	atomic_int refs;
	/* under all->lock */
	bool ready, gone, listed;
	struct kube_stream *prev, *next; /* the list */
	struct kube_stream *ready_next;
};

struct kube_streams {
	const struct clock *clock;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct kube_stream *first;
	struct kube_stream *ready_first, *ready_last;
	size_t count;
	bool stopping;
};

static void unref(struct kube_stream *s)
{
	if (atomic_fetch_sub(&s->refs, 1) == 1)
		free(s);
}

static void queue(struct kube_stream *s)
{
	if (s->ready || !s->listed)
		return;
	s->ready = true;
	s->ready_next = NULL;
	if (s->all->ready_last)
		s->all->ready_last->ready_next = s;
	else
		s->all->ready_first = s;
	s->all->ready_last = s;
	pthread_cond_signal(&s->all->wake);
}

void kube_stream_wake(void *arg)
{
	struct kube_stream *s = arg;
	pthread_mutex_lock(&s->all->lock);
	queue(s);
	pthread_mutex_unlock(&s->all->lock);
}

static void on_client_gone(void *arg)
{
	struct kube_stream *s = arg;
	pthread_mutex_lock(&s->all->lock);
	s->gone = true;
	queue(s);
	pthread_mutex_unlock(&s->all->lock);
	unref(s);
}

static void unlist(struct kube_stream *s)
{
	struct kube_streams *all = s->all;
	if (s->prev)
		s->prev->next = s->next;
	else
		all->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	s->listed = false;
	all->count--;
}

/* With the lock held, which is given up meanwhile. */
static void serve(struct kube_stream *s, bool tick)
{
	struct kube_streams *all = s->all;
	bool gone = s->gone, late = s->end_mono_ns && clock_mono_ns(all->clock) >= s->end_mono_ns;
	bool over = gone || all->stopping;
	pthread_mutex_unlock(&all->lock);
	if (!over)
		over = !s->ops->pump(s->arg, s->to, tick) || late;
	if (over) {
		if (!gone)
			http_stream_end(s->to);
		s->ops->close(s->arg);
		http_stream_unref(s->to);
	}
	pthread_mutex_lock(&all->lock);
	if (over) {
		bool queued = s->ready;
		if (queued) { /* woken while it ended: take it out again */
			struct kube_stream **at = &all->ready_first, *last = NULL;
			while (*at != s) {
				last = *at;
				at = &(*at)->ready_next;
			}
			*at = s->ready_next;
			if (all->ready_last == s)
				all->ready_last = last;
		}
		unlist(s);
		unref(s);
	}
}

static void serve_ready(struct kube_streams *all)
{
	struct kube_stream *s;
	while ((s = all->ready_first)) {
		all->ready_first = s->ready_next;
		if (!all->ready_first)
			all->ready_last = NULL;
		s->ready = false;
		serve(s, false);
	}
}

static void serve_tick(struct kube_streams *all)
{
	struct kube_stream *s = all->first, *next;
	for (; s; s = next) {
		atomic_fetch_add(&s->refs, 1);
		serve(s, true);
		next = s->listed ? s->next : all->first;
		bool again = !s->listed;
		unref(s);
		if (again)
			return; /* the list changed under us: the next tick is soon enough for the rest */
	}
}

static void *run(void *arg)
{
	struct kube_streams *all = arg;
	struct timespec at;
	pthread_mutex_lock(&all->lock);
	while (!all->stopping || all->first) {
		if (all->stopping && all->first) {
			serve(all->first, false);
			continue;
		}
		if (!all->ready_first && all->first) {
			clock_gettime(CLOCK_MONOTONIC, &at);
			at.tv_nsec += (long)TICK_MS * 1000000;
			at.tv_sec += at.tv_nsec / 1000000000;
			at.tv_nsec %= 1000000000;
			if (pthread_cond_timedwait(&all->wake, &all->lock, &at) != 0)
				serve_tick(all);
		} else if (!all->ready_first) {
			pthread_cond_wait(&all->wake, &all->lock);
		}
		serve_ready(all);
	}
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

int kube_streams_new(const struct clock *clock, struct kube_streams **out, struct err *err)
{
	struct kube_streams *all = calloc(1, sizeof *all);
	pthread_condattr_t attr;
	if (!all)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	all->clock = clock;
	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&all->wake, &attr);
	pthread_condattr_destroy(&attr);
	int rc = pthread_create(&all->thread, NULL, run, all);
	if (rc != 0) {
		free(all);
		return err_errno(err, rc, "starting the thread of watches");
	}
	*out = all;
	return 0;
}

void kube_streams_stop(struct kube_streams *all)
{
	pthread_mutex_lock(&all->lock);
	all->stopping = true;
	pthread_cond_signal(&all->wake);
	pthread_mutex_unlock(&all->lock);
}

void kube_streams_free(struct kube_streams *all)
{
	if (!all)
		return;
	kube_streams_stop(all);
	pthread_join(all->thread, NULL);
	pthread_cond_destroy(&all->wake);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

int kube_stream_new(struct kube_streams *all, const struct kube_stream_ops *ops, void *arg, int64_t life_ms,
		    struct kube_stream **out, struct err *err)
{
	pthread_mutex_lock(&all->lock);
	bool full = all->stopping || all->count >= (size_t)limits.api_watches;
	pthread_mutex_unlock(&all->lock);
	if (full)
		return err_set(err, ERR_TOO_MANY, "too many open watches: the limit is %lld",
			       (long long)limits.api_watches);
	struct kube_stream *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	s->all = all;
	s->ops = ops;
	s->arg = arg;
	s->refs = 2;
	s->end_mono_ns = life_ms ? clock_mono_ns(all->clock) + life_ms * 1000000 : 0;
	*out = s;
	return 0;
}

void kube_stream_start(struct kube_stream *s, struct http_exchange *x, int status, const char *type)
{
	struct kube_streams *all = s->all;
	s->to = http_reply_detach(x, status, type, on_client_gone, s);
	pthread_mutex_lock(&all->lock);
	s->next = all->first;
	if (all->first)
		all->first->prev = s;
	all->first = s;
	s->listed = true;
	all->count++;
	queue(s);
	pthread_mutex_unlock(&all->lock);
}

void kube_stream_drop(struct kube_stream *s)
{
	s->ops->close(s->arg);
	free(s);
}
