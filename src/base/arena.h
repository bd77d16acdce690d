/*
 * A bump allocator for things that die together: one a request, one a load, one a controller pass.
 *
 * - has a cap in bytes; over it arena_alloc returns NULL and `overflow` stays set, so a parser may check once at
 *   the end (callers that hand NULL on must check at once)
 * - arena_reset runs the cleanups in reverse order and keeps the first chunk: a warmed arena allocates nothing
 * - not thread-safe; memory is aligned to 16 bytes and not zeroed by arena_alloc
 */
#ifndef CORACLE_BASE_ARENA_H
#define CORACLE_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct arena_chunk;
struct arena_cleanup;

struct arena {
	struct arena_chunk *first, *last;
	char *at, *end;
	struct arena_cleanup *cleanups;
	size_t used, bytes_max, chunk_bytes;
	bool overflow;
};

/* bytes_max 0 means 64 MiB. chunk_bytes 0 means 16 KiB; the first chunk is made at the first allocation. */
void arena_init(struct arena *a, size_t chunk_bytes, size_t bytes_max);
void arena_reset(struct arena *a);
void arena_release(struct arena *a);

void *arena_alloc(struct arena *a, size_t bytes);
void *arena_zalloc(struct arena *a, size_t bytes);
/* Room for n items of `bytes` each; NULL on overflow of the product too. */
void *arena_array(struct arena *a, size_t n, size_t bytes);

/* Copies, NUL-terminated; {NULL, 0} and NULL over the cap. */
struct slice arena_dup(struct arena *a, struct slice s);
char *arena_cstr(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* fn(arg) runs at the next reset or release. False over the cap: fn has then been called at once. */
bool arena_defer(struct arena *a, void (*fn)(void *), void *arg);

#endif
