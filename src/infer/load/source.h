/*
 * The bytes of a model file in order, from memory or from a decoder. Memory is handed out in place; what a decoder
 * makes lies in a window that moves, so it is copied by whoever keeps it.
 *
 * Running out of bytes is one error, ERR_MALFORMED "the file ends at byte N, in the middle of its data": a cut-off
 * file gives it at whatever byte it was cut.
 */
#ifndef CORACLE_INFER_LOAD_SOURCE_H
#define CORACLE_INFER_LOAD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "codec/compress.h"

struct source {
	const char *at, *end; /* the window */
	uint64_t taken_before; /* bytes of the stream before the window's start */
	const char *start;
	struct decoder *decoder; /* NULL: the window is everything */
	char *window;		 /* of the decoder; grows to the largest item asked for */
	size_t window_bytes;
};

void source_init_memory(struct source *s, struct slice bytes);
/* Takes the decoder. */
int source_init_decoder(struct source *s, struct decoder *d, struct err *err);
void source_release(struct source *s);

/* Bytes taken so far: the position that messages name. */
static inline uint64_t source_tell(const struct source *s)
{
	return s->taken_before + (uint64_t)(s->at - s->start);
}
/* The most that can still come. */
uint64_t source_left(const struct source *s);
/* True when not one byte is left. */
int source_ended(struct source *s, bool *out, struct err *err);

int source_fill(struct source *s, size_t n, struct err *err);
/* n bytes in one piece, valid until the next call. */
static inline int source_take(struct source *s, size_t n, const char **out, struct err *err)
{
	if ((size_t)(s->end - s->at) < n && source_fill(s, n, err) < 0)
		return -1;
	*out = s->at;
	s->at += n;
	return 0;
}
/* Up to and without '\n', which is taken too. */
int source_line(struct source *s, size_t bytes_max, struct slice *out, struct err *err);
/* n bytes that live as long as the arena and the file do; at an address that is a multiple of `align` (1 or 16). */
int source_keep(struct source *s, uint64_t n, size_t align, struct arena *a, struct slice *out, struct err *err);

#endif
