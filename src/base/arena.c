/* Arenas: see arena.h. Chunks are a singly linked list; a large request gets a chunk of its own size. */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { ALIGN = 16 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t bytes; /* of data */
	_Alignas(ALIGN) char data[];
};

struct arena_cleanup {
	struct arena_cleanup *next;
	void (*fn)(void *);
	void *arg;
};

void arena_init(struct arena *a, size_t chunk_bytes, size_t bytes_max)
{
	*a = (struct arena){
		.chunk_bytes = chunk_bytes ? chunk_bytes : 16 << 10,
		.bytes_max = bytes_max ? bytes_max : (size_t)64 << 20,
	};
}

static void run_cleanups(struct arena *a)
{
	while (a->cleanups) {
		struct arena_cleanup *c = a->cleanups;
		a->cleanups = c->next;
		c->fn(c->arg);
	}
}

static void free_after(struct arena_chunk *c)
{
	while (c) {
		struct arena_chunk *next = c->next;
		free(c);
		c = next;
	}
}

void arena_reset(struct arena *a)
{
	run_cleanups(a);
	if (a->first) {
		free_after(a->first->next);
		a->first->next = NULL;
		a->last = a->first;
		a->at = a->first->data;
		a->end = a->first->data + a->first->bytes;
		a->used = a->first->bytes;
	}
	a->overflow = false;
}

void arena_release(struct arena *a)
{
	run_cleanups(a);
	free_after(a->first);
	*a = (struct arena){ .chunk_bytes = a->chunk_bytes, .bytes_max = a->bytes_max };
}

static bool grow(struct arena *a, size_t bytes)
{
	size_t want = MAX(bytes, a->chunk_bytes);
	/* Later chunks double up to 1 MiB, so that a large parse makes few of them. */
	if (a->last && a->last->bytes < (size_t)1 << 20)
		want = MAX(want, a->last->bytes * 2);
	if (want > a->bytes_max - MIN(a->used, a->bytes_max))
		want = bytes;
	size_t total;
	if (want > a->bytes_max - MIN(a->used, a->bytes_max) || ckd_add(&total, want, sizeof(struct arena_chunk)))
		return false;
	struct arena_chunk *c = malloc(total);
	if (!c)
		return false;
	c->next = NULL;
	c->bytes = want;
	if (a->last)
		a->last->next = c;
	else
		a->first = c;
	a->last = c;
	a->at = c->data;
	a->end = c->data + want;
	a->used += want;
	return true;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	size_t need;
	if (ckd_add(&need, bytes, (size_t)ALIGN - 1)) {
		a->overflow = true;
		return NULL;
	}
	need &= ~((size_t)ALIGN - 1);
	if (need > (size_t)(a->end - a->at) && !grow(a, need)) {
		a->overflow = true;
		return NULL;
	}
	void *p = a->at;
	a->at += need;
	return p;
}

void *arena_zalloc(struct arena *a, size_t bytes)
{
	void *p = arena_alloc(a, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t bytes)
{
	size_t total;
	if (ckd_mul(&total, n, bytes)) {
		a->overflow = true;
		return NULL;
	}
	return arena_alloc(a, total);
}

char *arena_cstr(struct arena *a, struct slice s)
{
	size_t n;
	if (ckd_add(&n, s.len, (size_t)1))
		return NULL;
	char *p = arena_alloc(a, n);
	if (!p)
		return NULL;
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = 0;
	return p;
}

struct slice arena_dup(struct arena *a, struct slice s)
{
	char *p = arena_cstr(a, s);
	return slice_of(p, p ? s.len : 0);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	char *p = arena_alloc(a, (size_t)n + 1);
	if (p)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

bool arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct arena_cleanup *c = arena_alloc(a, sizeof *c);
	if (!c) {
		fn(arg);
		return false;
	}
	*c = (struct arena_cleanup){ .next = a->cleanups, .fn = fn, .arg = arg };
	a->cleanups = c;
	return true;
}
