/* Random bytes, passed in so that tests can replay. `random_os` is getrandom(2): fit for keys and uids. */
#ifndef CORACLE_BASE_RANDOM_H
#define CORACLE_BASE_RANDOM_H

#include <stddef.h>

struct random {
	void (*fill)(const struct random *, void *out, size_t n);
};

extern const struct random random_os;

static inline void random_fill(const struct random *r, void *out, size_t n)
{
	r->fill(r, out, n);
}

enum { UUID_CHARS = 36 };
/* RFC 9562 version 4, lower case; `out` has room for UUID_CHARS + 1. */
void random_uuid(const struct random *r, char *out);
/* n characters from `alphabet` without bias, and a NUL. */
void random_string(const struct random *r, const char *alphabet, char *out, size_t n);

#endif
