/*
 * Readers without locks: a reader marks that it is reading, loads a shared pointer, uses what it points to, and leaves;
 * a writer swaps the pointer and then waits until every reader that may have seen the old value has left.
 *
 * This is sleepable RCU (McKenney, 2006) in little: each thread counts itself in and out of one of two counters of its
 * stripe; the writer turns the readers that come to the other counter and waits for the first to be empty, twice,
 * because a reader may have read the side just before the turn. A reader costs two atomic additions on a cache line
 * that is mostly its own.
 *
 * Reading sections are short and never block: they cover a look-up, not a request. One writer at a time.
 */
#ifndef CORACLE_SERVING_GRACE_H
#define CORACLE_SERVING_GRACE_H

#include <stdatomic.h>

enum { GRACE_STRIPES = 16 };

struct grace {
	struct {
		_Alignas(64) atomic_uint in[2];
	} stripes[GRACE_STRIPES];
	atomic_uint side;
};

/* Zeroed memory is a grace at rest. */

/* Which stripe the calling thread counts in. */
unsigned grace_stripe(void);
void grace_wait(struct grace *g);

/* Returns a ticket for grace_leave. Loads of shared pointers that follow are memory_order_seq_cst. */
static inline atomic_uint *grace_enter(struct grace *g)
{
	unsigned side = atomic_load_explicit(&g->side, memory_order_relaxed) & 1;
	atomic_uint *ticket = &g->stripes[grace_stripe()].in[side];
	atomic_fetch_add_explicit(ticket, 1, memory_order_seq_cst);
	return ticket;
}

static inline void grace_leave(atomic_uint *ticket)
{
	atomic_fetch_sub_explicit(ticket, 1, memory_order_release);
}

#endif
