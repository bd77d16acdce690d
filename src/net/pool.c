/* Worker pools: see pool.h. */
#include "net/pool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/waiting.h"

enum { IDLE_SECONDS = 10 };

/* Handlers keep struct err and small tables on the stack and nothing large; sanitizers triple what a frame needs. */
#ifdef __SANITIZE_ADDRESS__
enum { STACK_BYTES = 4 << 20 };
#else
enum { STACK_BYTES = 512 << 10 };
#endif

/* A thread that sleeps until it is called. It has a semaphore of its own, because whoever wakes from a condition variable
 * finds its mutex held by the one who called, and marks it as contended for the next. */
struct idler {
	struct idler *next;
	sem_t call;
	bool called; /* off the list; the post is to come or there */
};

struct pool {
	const char *name;
	unsigned threads_max, running_max;
	size_t queue_max;
	pthread_mutex_t lock;
	pthread_cond_t gone;
	struct task *first, **last;
	size_t queued;
	unsigned threads;
	unsigned running;    /* called or at work, and not in an announced wait */
	struct idler *idle;  /* last in, first out: the others may grow old and leave */
	bool stopping;
};

int pool_new(const char *name, unsigned threads_max, unsigned running_max, size_t queue_max, struct pool **out,
	     struct err *err)
{
	struct pool *p = calloc(1, sizeof *p);
	if (!p)
		return err_set(err, ERR_NO_MEMORY, "no memory for a worker pool");
	p->name = name;
	p->threads_max = threads_max;
	p->running_max = running_max ? running_max : threads_max;
	p->queue_max = queue_max;
	p->last = &p->first;
	pthread_mutexattr_t adaptive; /* held briefly and often: spinning a little is cheaper than sleeping */
	pthread_mutexattr_init(&adaptive);
	pthread_mutexattr_settype(&adaptive, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&p->lock, &adaptive);
	pthread_mutexattr_destroy(&adaptive);
	pthread_cond_init(&p->gone, NULL);
	*out = p;
	return 0;
}

static struct idler *call_one(struct pool *p);

/* Without the lock, so that the one who is called finds it free. */
static void wake(struct idler *one)
{
	if (one)
		sem_post(&one->call);
}

static void wait_begins(void *arg)
{
	struct pool *p = arg;
	pthread_mutex_lock(&p->lock);
	p->running--;
	struct idler *one = call_one(p);
	pthread_mutex_unlock(&p->lock);
	wake(one);
}

/* There may be more running than running_max for a while: whoever finishes next makes way. */
static void wait_ends(void *arg)
{
	struct pool *p = arg;
	pthread_mutex_lock(&p->lock);
	p->running++;
	pthread_mutex_unlock(&p->lock);
}

/* False: ten seconds have passed. */
static bool sleep_until_called(struct idler *me)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_SECONDS;
	while (sem_clockwait(&me->call, CLOCK_MONOTONIC, &until) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

static void unlist(struct pool *p, const struct idler *me)
{
	struct idler **at = &p->idle;
	while (*at != me)
		at = &(*at)->next;
	*at = me->next;
}

/* With the lock held, by a thread that was running. False: it has been idle for long, or the pool stops. */
static bool wait_for_call(struct pool *p, struct idler *me)
{
	p->running--;
	if (p->stopping)
		return false;
	me->called = false;
	me->next = p->idle;
	p->idle = me;
	pthread_mutex_unlock(&p->lock);
	bool woken = sleep_until_called(me);
	pthread_mutex_lock(&p->lock);
	if (!woken && !me->called) {
		unlist(p, me);
		return false;
	}
	if (!woken) { /* called at the last moment: the post is on its way */
		pthread_mutex_unlock(&p->lock);
		while (sem_wait(&me->call) < 0)
			continue;
		pthread_mutex_lock(&p->lock);
	}
	return true;
}

static void *worker(void *arg)
{
	struct pool *p = arg;
	struct idler me = { 0 };
	sem_init(&me.call, 0, 0);
	pthread_setname_np(pthread_self(), p->name);
	if (p->running_max < p->threads_max)
		waiting_hook(wait_begins, wait_ends, p);
	pthread_mutex_lock(&p->lock);
	do {
		while (p->first && !p->stopping && p->running <= p->running_max) {
			struct task *t = p->first;
			p->first = t->next;
			if (!p->first)
				p->last = &p->first;
			p->queued--;
			pthread_mutex_unlock(&p->lock);
			t->run(t);
			pthread_mutex_lock(&p->lock);
		}
	} while (wait_for_call(p, &me));
	p->threads--;
	pthread_cond_signal(&p->gone);
	pthread_mutex_unlock(&p->lock);
	sem_destroy(&me.call);
	return NULL;
}

/* With the lock held. */
static bool add_thread(struct pool *p)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = pthread_create(&thread, &attr, worker, p);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->threads += rc == 0;
	p->running += rc == 0;
	return rc == 0;
}

/* With the lock held: one more thread for what is queued, when one more may run. Gives the one to wake, or NULL. */
static struct idler *call_one(struct pool *p)
{
	struct idler *one = p->idle;
	if (!p->first || p->stopping || p->running >= p->running_max)
		return NULL;
	if (one) {
		p->idle = one->next;
		one->called = true;
		p->running++;
	} else if (p->threads < p->threads_max) {
		(void)add_thread(p);
	}
	return one;
}

int pool_put(struct pool *p, struct task *t)
{
	struct idler *one = NULL;
	int rc = -1;
	pthread_mutex_lock(&p->lock);
	if (p->stopping || p->queued >= p->queue_max)
		goto done;
	t->next = NULL;
	*p->last = t;
	p->last = &t->next;
	p->queued++;
	one = call_one(p);
	if (!p->threads) { /* there is nobody, and nobody can be made */
		p->first = NULL;
		p->last = &p->first;
		p->queued = 0;
		goto done;
	}
	rc = 0;
done:
	pthread_mutex_unlock(&p->lock);
	wake(one);
	return rc;
}

struct task *pool_free(struct pool *p)
{
	if (!p)
		return NULL;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	for (struct idler *one; (one = p->idle);) {
		p->idle = one->next;
		one->called = true;
		p->running++;
		wake(one);
	}
	while (p->threads)
		pthread_cond_wait(&p->gone, &p->lock);
	pthread_mutex_unlock(&p->lock);
	pthread_cond_destroy(&p->gone);
	pthread_mutex_destroy(&p->lock);
	struct task *dropped = p->first;
	free(p);
	return dropped;
}
