/* A revision and what is counted of it. The serving module's own. */
#ifndef CORACLE_SERVING_REVISION_H
#define CORACLE_SERVING_REVISION_H

#include <stdatomic.h>

#include "serving/endpoint.h"

/* Series of one model name, shared by the revisions that have it. */
struct model_metrics;

struct revision {
	_Atomic int64_t held;      /* one of them is the endpoint's */
	struct endpoint_spec spec; /* strings are its own */
	char *reason;              /* why nothing serves; NULL: it serves */
	struct model_metrics *metrics;
};

/* One reference. `reason` not NULL: a revision that does not serve. */
struct revision *revision_new(const struct endpoint_spec *spec, const char *reason);
static inline void revision_hold(struct revision *r)
{
	atomic_fetch_add_explicit(&r->held, 1, memory_order_relaxed);
}

#endif
