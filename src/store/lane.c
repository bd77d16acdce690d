/* A digest on a second core: see lane.h. */
#include "store/lane.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"

enum { BLOCKS = 4, BLOCK_BYTES = 256 << 10, STACK_BYTES = 256 << 10 };

struct lane {
	struct hash state;
	atomic_uint *count;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	size_t filled, hashed; /* blocks, ever */
	size_t last_len;       /* of the last block, once `ended` */
	bool ended;
	/* the writer's own */
	size_t at; /* bytes in block filled % BLOCKS */
	char blocks[BLOCKS][BLOCK_BYTES];
};

static void *lane_main(void *arg)
{
	struct lane *l = arg;
	pthread_mutex_lock(&l->lock);
	for (;;) {
		while (l->hashed == l->filled && !l->ended)
			pthread_cond_wait(&l->changed, &l->lock);
		if (l->hashed == l->filled)
			break;
		const char *block = l->blocks[l->hashed % BLOCKS];
		size_t n = l->ended && l->hashed + 1 == l->filled ? l->last_len : BLOCK_BYTES;
		pthread_mutex_unlock(&l->lock);
		hash_update(&l->state, block, n);
		pthread_mutex_lock(&l->lock);
		l->hashed++;
		pthread_cond_signal(&l->changed);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static bool take_one(atomic_uint *count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (processors < 2)
		return false;
	if (atomic_fetch_add(count, 1) < (unsigned)processors)
		return true;
	atomic_fetch_sub(count, 1);
	return false;
}

struct lane *lane_start(struct hash *state, atomic_uint *count)
{
	if (!take_one(count))
		return NULL;
	struct lane *l = malloc(sizeof *l);
	if (!l)
		abort();
	l->state = *state;
	l->count = count;
	l->filled = l->hashed = l->last_len = l->at = 0;
	l->ended = false;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&l->thread, &attr, lane_main, l);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (rc == 0) {
		*state = (struct hash){ 0 };
		return l;
	}
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->changed);
	free(l);
	atomic_fetch_sub(count, 1);
	return NULL;
}

/* Hands on the block being filled and waits for a free one. */
static void submit(struct lane *l)
{
	pthread_mutex_lock(&l->lock);
	l->filled++;
	l->at = 0;
	pthread_cond_signal(&l->changed);
	while (l->filled - l->hashed == BLOCKS)
		pthread_cond_wait(&l->changed, &l->lock);
	pthread_mutex_unlock(&l->lock);
}

void lane_write(struct lane *l, const void *p, size_t n)
{
	const char *from = p;
	while (n) {
		size_t take = MIN(n, (size_t)BLOCK_BYTES - l->at);
		memcpy(l->blocks[l->filled % BLOCKS] + l->at, from, take);
		l->at += take;
		from += take;
		n -= take;
		if (l->at == BLOCK_BYTES)
			submit(l);
	}
}

void lane_end(struct lane *l, uint8_t *digest)
{
	pthread_mutex_lock(&l->lock);
	l->last_len = l->at ? l->at : BLOCK_BYTES;
	l->filled += l->at > 0;
	l->ended = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	if (digest)
		hash_final(&l->state, digest);
	hash_drop(&l->state);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->changed);
	atomic_fetch_sub(l->count, 1);
	free(l);
}
