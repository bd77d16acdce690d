/*
 * See informer.h. One thread for all watches: a wake says only "somewhere", and asking each watch costs a lock each,
 * which is cheap beside a thread per kind.
 */
#include "control/informer.h"

#include <pthread.h>

#include "base/log.h"
#include "base/vec.h"

struct subscription {
	informer_fn *fn;
	void *arg;
};

struct source {
	const struct kind *kind;
	struct watch *watch;
	VEC(struct subscription) subscriptions;
};

struct informer {
	struct cluster *cluster;
	VEC(struct source) sources;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t changed, settled;
	bool woken, stopping;
	uint64_t rounds_begun, rounds_ended; /* a round asks every watch until it has nothing */
};

int informer_new(struct cluster *c, struct informer **out, struct err *err)
{
	struct informer *i = calloc(1, sizeof *i);
	if (!i)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	i->cluster = c;
	pthread_mutex_init(&i->lock, NULL);
	pthread_cond_init(&i->changed, NULL);
	pthread_cond_init(&i->settled, NULL);
	*out = i;
	return 0;
}

void informer_add(struct informer *i, const struct kind *k, informer_fn *fn, void *arg)
{
	struct source *s = NULL;
	for (size_t n = 0; n < i->sources.len; n++)
		if (i->sources.ptr[n].kind == k)
			s = &i->sources.ptr[n];
	if (!s) {
		s = vec_push(&i->sources);
		s->kind = k;
	}
	*vec_push(&s->subscriptions) = (struct subscription){fn, arg};
}

static void on_wake(void *arg)
{
	struct informer *i = arg;
	pthread_mutex_lock(&i->lock);
	i->woken = true;
	pthread_cond_signal(&i->changed);
	pthread_mutex_unlock(&i->lock);
}

static int open_watch(struct informer *i, struct source *s, struct err *err)
{
	struct resource_call call = {.kind = s->kind};
	struct watch_options options = {.resource_version = "0", .wake = on_wake, .arg = i};
	int rc = cluster_watch(i->cluster, &call, &options, &s->watch, err);
	resource_call_release(&call);
	return rc;
}

static void drain(struct informer *i, struct source *s)
{
	struct watch_event event;
	struct err err = {0};
	int rc;
	if (!s->watch && open_watch(i, s, &err) < 0) {
		LOG_WARN("control", "cannot watch", LOG_S("kind", s->kind->kind), LOG_S("error", err.message));
		s->watch = NULL;
		return;
	}
	while ((rc = watch_next(s->watch, &event, &err)) == 1) {
		if (event.type != WATCH_BOOKMARK)
			for (size_t n = 0; n < s->subscriptions.len; n++)
				s->subscriptions.ptr[n].fn(s->subscriptions.ptr[n].arg, event.type, event.object);
		json_decref(event.object);
	}
	if (rc < 0) { /* fell behind: from the beginning, at the next round */
		watch_close(s->watch);
		s->watch = NULL;
		on_wake(i);
	}
}

static void *informer_thread(void *arg)
{
	struct informer *i = arg;
	pthread_mutex_lock(&i->lock);
	for (;;) {
		while (!i->woken && !i->stopping)
			pthread_cond_wait(&i->changed, &i->lock);
		if (i->stopping)
			break;
		i->woken = false;
		i->rounds_begun++;
		pthread_mutex_unlock(&i->lock);
		for (size_t n = 0; n < i->sources.len; n++)
			drain(i, &i->sources.ptr[n]);
		pthread_mutex_lock(&i->lock);
		i->rounds_ended = i->rounds_begun;
		pthread_cond_broadcast(&i->settled);
	}
	pthread_mutex_unlock(&i->lock);
	return NULL;
}

int informer_start(struct informer *i, struct err *err)
{
	for (size_t n = 0; n < i->sources.len; n++)
		if (open_watch(i, &i->sources.ptr[n], err) < 0)
			return -1;
	for (size_t n = 0; n < i->sources.len; n++)
		drain(i, &i->sources.ptr[n]);
	if (pthread_create(&i->thread, NULL, informer_thread, i) != 0)
		return err_set(err, ERR_NO_MEMORY, "cannot start a thread");
	i->running = true;
	return 0;
}

void informer_stop(struct informer *i)
{
	if (i->running) {
		pthread_mutex_lock(&i->lock);
		i->stopping = true;
		pthread_cond_signal(&i->changed);
		pthread_cond_broadcast(&i->settled);
		pthread_mutex_unlock(&i->lock);
		pthread_join(i->thread, NULL);
		i->running = false;
	}
	for (size_t n = 0; n < i->sources.len; n++) {
		if (i->sources.ptr[n].watch)
			watch_close(i->sources.ptr[n].watch);
		i->sources.ptr[n].watch = NULL;
	}
}

void informer_settle(struct informer *i)
{
	pthread_mutex_lock(&i->lock);
	uint64_t wanted = i->rounds_begun + 1;
	i->woken = true;
	pthread_cond_signal(&i->changed);
	while (i->running && !i->stopping && i->rounds_ended < wanted)
		pthread_cond_wait(&i->settled, &i->lock);
	pthread_mutex_unlock(&i->lock);
}

void informer_free(struct informer *i)
{
	if (!i)
		return;
	informer_stop(i);
	for (size_t n = 0; n < i->sources.len; n++)
		vec_release(&i->sources.ptr[n].subscriptions);
	vec_release(&i->sources);
	pthread_cond_destroy(&i->changed);
	pthread_cond_destroy(&i->settled);
	pthread_mutex_destroy(&i->lock);
	free(i);
}
