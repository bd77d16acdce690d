/*
 * Time, passed in so that tests can stop it. `clock_os` is the real one.
 * wall: nanoseconds since 1970 UTC. mono: nanoseconds that never go back, for deadlines.
 */
#ifndef CORACLE_BASE_CLOCK_H
#define CORACLE_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*wall_ns)(const struct clock *);
	int64_t (*mono_ns)(const struct clock *);
};

extern const struct clock clock_os;

static inline int64_t clock_wall_ns(const struct clock *c)
{
	return c->wall_ns(c);
}

static inline int64_t clock_mono_ns(const struct clock *c)
{
	return c->mono_ns(c);
}

#endif
