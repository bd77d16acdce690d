/*
 * The work queue of controllers: keys, each at most once in the queue and never on two threads at once; a key added
 * while it is being worked on runs again afterwards. Failures come back after a delay that doubles per key.
 *
 * `threads` work at once. A thread inside an announced wait (base/waiting.h) does not count: another one is made for what
 * stands in line, up to `threads_max`, and leaves when nothing is left to do. So what waits long costs the others nothing
 * until threads_max keys wait at once; queue_pressed says when that is so.
 */
#ifndef CORACLE_CLUSTER_QUEUE_H
#define CORACLE_CLUSTER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"

struct queue;

struct queue_options {
	const char *name; /* in logs and metrics */
	unsigned threads;     /* 0: 1 */
	unsigned threads_max; /* 0: as `threads` */
	/* 0: done; >0: run again after that many ms; -1: failed, err is logged, run again with backoff. */
	int64_t (*work)(void *ctx, const char *key, struct err *err);
	void *ctx;
	int64_t backoff_ms;	/* first delay after a failure, doubled each time; 0: 50 */
	int64_t backoff_ms_max; /* 0: 60000 */
	const struct clock *clock; /* NULL: clock_os (delays always run by the monotonic system clock) */
};

int queue_new(const struct queue_options *options, struct queue **out, struct err *err);
/* Starts the threads; keys may be added before. */
int queue_start(struct queue *q, struct err *err);
/* Waits for running work, drops the rest. */
void queue_stop(struct queue *q);
void queue_free(struct queue *q);

/* Any thread. `key` is copied: "namespace/name" by custom. */
void queue_add(struct queue *q, const char *key);
void queue_add_after(struct queue *q, const char *key, int64_t delay_ms);
/* Is a key in line that no thread can be had for, because all are in announced waits? */
bool queue_pressed(struct queue *q);
/* How often the key failed in a row. */
unsigned queue_failures(struct queue *q, const char *key);
/* Waits until no key is queued or running (keys that wait for a delay do not count). */
void queue_settle(struct queue *q);

#endif
