/* Waiting for readers: see grace.h. */
#include "serving/grace.h"

#include <sched.h>
#include <time.h>

enum { YIELDS = 64 };

unsigned grace_stripe(void)
{
	static atomic_uint threads;
	static _Thread_local unsigned mine;
	if (!mine)
		mine = atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) % GRACE_STRIPES + 1;
	return mine - 1;
}

static void wait_empty(atomic_uint *in)
{
	/* A reader that was preempted comes back within a time slice or two: yield first, then sleep. */
	for (unsigned i = 0; atomic_load_explicit(in, memory_order_seq_cst); i++) {
		struct timespec nap = {.tv_nsec = 50000};
		if (i < YIELDS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
	}
}

void grace_wait(struct grace *g)
{
	for (int turn = 0; turn < 2; turn++) {
		unsigned old = atomic_fetch_xor_explicit(&g->side, 1, memory_order_seq_cst) & 1;
		for (unsigned i = 0; i < GRACE_STRIPES; i++)
			wait_empty(&g->stripes[i].in[old]);
	}
}
