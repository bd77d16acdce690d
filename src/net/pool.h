/*
 * A bounded pool of worker threads with one queue. Threads are made when work waits and nobody is free, and leave
 * after ten idle seconds: an idle pool costs nothing. Tasks are embedded in what they work on: no allocation.
 *
 * With `running_max` only so many threads run at once, and one that finishes takes the next task without sleeping in
 * between: short tasks then cost no context switch each. Threads inside an announced wait (base/waiting.h) do not count.
 */
#ifndef CORACLE_NET_POOL_H
#define CORACLE_NET_POOL_H

#include <stddef.h>

#include "base/err.h"

struct task {
	struct task *next;
	void (*run)(struct task *);
};

struct pool;

/* `name` (up to 15 characters) is the threads' name, kept. running_max 0: as many as there are. */
int pool_new(const char *name, unsigned threads_max, unsigned running_max, size_t queue_max, struct pool **out, struct err *err);
/* Lets what was started run to its end. Gives back what was still queued and never will run. */
struct task *pool_free(struct pool *p);
/* -1 when the queue is full or the pool is being freed. The task belongs to the pool until `run` is called. */
int pool_put(struct pool *p, struct task *t);

#endif
