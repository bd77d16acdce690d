/*
 * The work queue: queue.h. A key is one `struct item` in `items`; it is idle, waiting in line, running, or running with
 * `again` set. Those that wait for a time stand in an unordered array: a controller has few of them.
 */
#include "cluster/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/waiting.h"

enum { BACKOFF_MS = 50, BACKOFF_MS_MAX = 60000, THREADS_MAX = 64 };

struct item {
	char *key;
	struct item *next; /* in line */
	bool queued, running, again, delayed;
	int64_t due_ns; /* when delayed, CLOCK_MONOTONIC */
	unsigned failures;
};

struct queue {
	struct queue_options o;
	char *name;
	pthread_mutex_t lock;
	pthread_cond_t work;	/* something is in line, or stopping, or an earlier time is due */
	pthread_cond_t settled; /* nothing is in line or running */
	pthread_cond_t gone;	/* a thread left */
	struct map items;
	struct item *first, *last;
	VEC(struct item *) delayed;
	unsigned running;
	unsigned waiting; /* of them: in an announced wait */
	unsigned threads;
	bool stopping;
};

int queue_new(const struct queue_options *o, struct queue **out, struct err *err)
{
	if (MAX(o->threads, o->threads_max) > THREADS_MAX)
		return err_set(err, ERR_INVALID, "a queue has at most %d threads", THREADS_MAX);
	struct queue *q = calloc(1, sizeof *q);
	if (!q || !(q->name = strdup(o->name ? o->name : "queue")))
		abort();
	q->o = *o;
	q->o.threads = o->threads ? o->threads : 1;
	q->o.threads_max = MAX(o->threads_max, q->o.threads);
	q->o.backoff_ms = o->backoff_ms ? o->backoff_ms : BACKOFF_MS;
	q->o.backoff_ms_max = o->backoff_ms_max ? o->backoff_ms_max : BACKOFF_MS_MAX;
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->work, &attr);
	pthread_cond_init(&q->settled, NULL);
	pthread_cond_init(&q->gone, NULL);
	pthread_condattr_destroy(&attr);
	map_init(&q->items);
	*out = q;
	return 0;
}

static int64_t now_ns(void)
{
	return clock_mono_ns(&clock_os);
}

/* ---- all below: `lock` is held ---- */

static struct item *item_of(struct queue *q, const char *key)
{
	struct item *it = map_get(&q->items, slice_str(key));
	if (it)
		return it;
	it = calloc(1, sizeof *it);
	if (!it || !(it->key = strdup(key)))
		abort();
	map_put(&q->items, slice_str(key), it);
	return it;
}

static void forget_if_idle(struct queue *q, struct item *it)
{
	if (it->queued || it->running || it->delayed || it->failures)
		return;
	map_remove(&q->items, slice_str(it->key));
	free(it->key);
	free(it);
}

static void undelay(struct queue *q, struct item *it)
{
	for (size_t i = 0; it->delayed && i < q->delayed.len; i++) {
		if (q->delayed.ptr[i] != it)
			continue;
		q->delayed.ptr[i] = q->delayed.ptr[--q->delayed.len];
		it->delayed = false;
	}
}

static int add_thread(struct queue *q);

/* No thread is free for what stands in line or waits for its time, though one more may work: only with announced waits. */
static bool starved(const struct queue *q)
{
	return (q->first || q->delayed.len) && q->waiting && q->threads == q->running &&
	       q->running - q->waiting < q->o.threads;
}

static void stand_in(struct queue *q)
{
	if (starved(q) && q->threads < q->o.threads_max && !q->stopping)
		(void)add_thread(q);
}

static void enqueue(struct queue *q, struct item *it)
{
	undelay(q, it);
	if (it->running) {
		it->again = true;
		return;
	}
	if (it->queued)
		return;
	it->queued = true;
	it->next = NULL;
	if (q->last)
		q->last->next = it;
	else
		q->first = it;
	q->last = it;
	pthread_cond_signal(&q->work);
	stand_in(q);
}

static void delay(struct queue *q, struct item *it, int64_t delay_ms)
{
	int64_t wait, due;
	if (ckd_mul(&wait, delay_ms, (int64_t)1000000) || ckd_add(&due, now_ns(), wait))
		due = INT64_MAX;
	if (it->queued || it->again || (it->delayed && it->due_ns <= due))
		return;
	if (!it->delayed)
		*vec_push(&q->delayed) = it;
	it->delayed = true;
	it->due_ns = due;
	pthread_cond_signal(&q->work); /* one thread must learn of the earlier time */
	stand_in(q);
}

/* Puts what is due in line; the earliest time of the rest, INT64_MAX for none. */
static int64_t promote(struct queue *q)
{
	int64_t now = now_ns(), earliest = INT64_MAX;
	for (size_t i = 0; i < q->delayed.len;) {
		struct item *it = q->delayed.ptr[i];
		if (it->due_ns <= now) {
			enqueue(q, it); /* takes it out of the array */
		} else {
			earliest = MIN(earliest, it->due_ns);
			i++;
		}
	}
	return earliest;
}

/* NULL: the thread is to leave. */
static struct item *wait_for_work(struct queue *q)
{
	for (;;) {
		int64_t due = promote(q);
		bool spare = q->threads - q->waiting > q->o.threads; /* made for a wait that is over */
		if (q->stopping || spare)
			return NULL;
		if (q->first)
			break;
		if (due == INT64_MAX) {
			pthread_cond_wait(&q->work, &q->lock);
		} else {
			struct timespec t = { .tv_sec = (time_t)(due / 1000000000), .tv_nsec = (long)(due % 1000000000) };
			pthread_cond_timedwait(&q->work, &q->lock, &t);
		}
	}
	struct item *it = q->first;
	q->first = it->next;
	if (!q->first)
		q->last = NULL;
	it->queued = false;
	it->running = true;
	q->running++;
	stand_in(q);
	return it;
}

static int64_t backoff_ms(const struct queue *q, unsigned failures)
{
	int64_t wait = q->o.backoff_ms;
	for (unsigned i = 1; i < failures && wait < q->o.backoff_ms_max; i++)
		wait *= 2;
	return MIN(wait, q->o.backoff_ms_max);
}

static void finish(struct queue *q, struct item *it, int64_t result)
{
	it->running = false;
	q->running--;
	it->failures = result < 0 ? it->failures + 1 : 0;
	if (it->again) {
		it->again = false;
		enqueue(q, it);
	} else if (result < 0) {
		delay(q, it, backoff_ms(q, it->failures));
	} else if (result > 0) {
		delay(q, it, result);
	}
	forget_if_idle(q, it);
	if (q->running == 0 && !q->first)
		pthread_cond_broadcast(&q->settled);
}

static void wait_begins(void *arg)
{
	struct queue *q = arg;
	pthread_mutex_lock(&q->lock);
	q->waiting++;
	stand_in(q);
	pthread_mutex_unlock(&q->lock);
}

static void wait_ends(void *arg)
{
	struct queue *q = arg;
	pthread_mutex_lock(&q->lock);
	q->waiting--;
	pthread_mutex_unlock(&q->lock);
}

static void *thread_main(void *arg)
{
	struct queue *q = arg;
	struct item *it;
	if (q->o.threads_max > q->o.threads)
		waiting_hook(wait_begins, wait_ends, q);
	pthread_mutex_lock(&q->lock);
	while ((it = wait_for_work(q))) {
		struct err err = { 0 };
		pthread_mutex_unlock(&q->lock);
		int64_t result = q->o.work(q->o.ctx, it->key, &err);
		if (result < 0)
			LOG_WARN("queue", "work failed, it will be tried again", LOG_S("queue", q->name),
				 LOG_S("key", it->key), LOG_S("reason", err.message), LOG_S("detail", err.detail));
		pthread_mutex_lock(&q->lock);
		finish(q, it, result);
	}
	q->threads--;
	pthread_cond_signal(&q->work); /* a call meant for this one must not be lost */
	pthread_cond_signal(&q->gone);
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* 0, or the error number. */
static int add_thread(struct queue *q)
{
	pthread_attr_t attr;
	pthread_t thread;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = pthread_create(&thread, &attr, thread_main, q);
	pthread_attr_destroy(&attr);
	q->threads += rc == 0;
	return rc;
}

/* ---- the face ---- */

int queue_start(struct queue *q, struct err *err)
{
	int rc = 0;
	pthread_mutex_lock(&q->lock);
	for (unsigned i = 0; i < q->o.threads && rc == 0; i++)
		rc = add_thread(q);
	pthread_mutex_unlock(&q->lock);
	if (rc == 0)
		return 0;
	queue_stop(q);
	return err_errno(err, rc, "starting a thread of the queue %s", q->name);
}

void queue_stop(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_broadcast(&q->work);
	while (q->threads > 0)
		pthread_cond_wait(&q->gone, &q->lock);
	pthread_cond_broadcast(&q->settled);
	pthread_mutex_unlock(&q->lock);
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	queue_stop(q);
	size_t i = 0;
	struct slice key;
	void *value;
	while (map_next(&q->items, &i, &key, &value)) {
		free(((struct item *)value)->key);
		free(value);
	}
	map_release(&q->items);
	vec_release(&q->delayed);
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->work);
	pthread_cond_destroy(&q->settled);
	pthread_cond_destroy(&q->gone);
	free(q->name);
	free(q);
}

void queue_add(struct queue *q, const char *key)
{
	pthread_mutex_lock(&q->lock);
	if (!q->stopping)
		enqueue(q, item_of(q, key));
	pthread_mutex_unlock(&q->lock);
}

void queue_add_after(struct queue *q, const char *key, int64_t delay_ms)
{
	pthread_mutex_lock(&q->lock);
	if (!q->stopping && delay_ms > 0)
		delay(q, item_of(q, key), delay_ms);
	else if (!q->stopping)
		enqueue(q, item_of(q, key));
	pthread_mutex_unlock(&q->lock);
}

bool queue_pressed(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	bool pressed = q->first && starved(q) && q->threads == q->o.threads_max;
	pthread_mutex_unlock(&q->lock);
	return pressed;
}

unsigned queue_failures(struct queue *q, const char *key)
{
	pthread_mutex_lock(&q->lock);
	const struct item *it = map_get(&q->items, slice_str(key));
	unsigned n = it ? it->failures : 0;
	pthread_mutex_unlock(&q->lock);
	return n;
}

void queue_settle(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	while ((q->first || q->running > 0) && !q->stopping)
		pthread_cond_wait(&q->settled, &q->lock);
	pthread_mutex_unlock(&q->lock);
}
