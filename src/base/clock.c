/* The real clock: see clock.h. */
#include "base/clock.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t os_wall(const struct clock *c)
{
	(void)c;
	return read_ns(CLOCK_REALTIME);
}

static int64_t os_mono(const struct clock *c)
{
	(void)c;
	return read_ns(CLOCK_MONOTONIC);
}

const struct clock clock_os = { .wall_ns = os_wall, .mono_ns = os_mono };
