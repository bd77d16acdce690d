/* The bytes of a model file: see source.h. */
#include "infer/load/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { WINDOW_BYTES = 64 << 10 };

void source_init_memory(struct source *s, struct slice bytes)
{
	const char *p = bytes.ptr ? bytes.ptr : "";
	*s = (struct source){ .at = p, .start = p, .end = p + bytes.len };
}

int source_init_decoder(struct source *s, struct decoder *d, struct err *err)
{
	char *window = malloc(WINDOW_BYTES);
	if (!window) {
		decoder_free(d);
		return err_set(err, ERR_NO_MEMORY, "no memory for reading the model");
	}
	*s = (struct source){ .at = window, .start = window, .end = window, .decoder = d, .window = window,
			      .window_bytes = WINDOW_BYTES };
	return 0;
}

void source_release(struct source *s)
{
	decoder_free(s->decoder);
	free(s->window);
	*s = (struct source){ 0 };
}

uint64_t source_left(const struct source *s)
{
	uint64_t in_window = (uint64_t)(s->end - s->at), more = s->decoder ? decoder_left(s->decoder) : 0;
	return more > UINT64_MAX - in_window ? UINT64_MAX : in_window + more;
}

static int cut_off(const struct source *s, struct err *err)
{
	return err_set(err, ERR_MALFORMED, "the file ends at byte %llu, in the middle of its data",
		       (unsigned long long)(s->taken_before + (uint64_t)(s->end - s->start)));
}

/* Moves what is left of the window to its start, and makes room for n bytes in all. */
static int make_room(struct source *s, size_t n, struct err *err)
{
	size_t have = (size_t)(s->end - s->at);
	s->taken_before += (uint64_t)(s->at - s->start);
	memmove(s->window, s->at, have);
	if (n > s->window_bytes) {
		char *p = realloc(s->window, n);
		if (!p)
			return err_set(err, ERR_NO_MEMORY, "no memory for reading the model");
		s->window = p;
		s->window_bytes = n;
	}
	s->at = s->start = s->window;
	s->end = s->window + have;
	return 0;
}

/* One read of the decoder into the window, which first gets twice the room: it grows with what really came, so a length
 * that lies costs nothing. *got 0 at the end. */
static int refill(struct source *s, size_t *got, struct err *err)
{
	size_t have = (size_t)(s->end - s->at);
	if (make_room(s, MAX(2 * have, (size_t)WINDOW_BYTES), err) < 0 ||
	    decoder_read(s->decoder, s->window + have, s->window_bytes - have, got, err) < 0)
		return -1;
	s->end += *got;
	return 0;
}

static int more(struct source *s, struct err *err)
{
	size_t got = 0;
	if (s->decoder && refill(s, &got, err) < 0)
		return -1;
	return got ? 0 : cut_off(s, err);
}

int source_fill(struct source *s, size_t n, struct err *err)
{
	if (n > source_left(s))
		return cut_off(s, err);
	while ((size_t)(s->end - s->at) < n)
		if (more(s, err) < 0)
			return -1;
	return 0;
}

int source_ended(struct source *s, bool *out, struct err *err)
{
	if (s->at == s->end && s->decoder) {
		size_t got;
		if (refill(s, &got, err) < 0)
			return -1;
	}
	*out = s->at == s->end;
	return 0;
}

int source_line(struct source *s, size_t bytes_max, struct slice *out, struct err *err)
{
	size_t seen = 0;
	for (;;) {
		size_t have = (size_t)(s->end - s->at);
		const char *nl = have > seen ? memchr(s->at + seen, '\n', have - seen) : NULL;
		if ((nl ? (size_t)(nl - s->at) : have) > bytes_max)
			return err_set(err, ERR_TOO_LARGE, "a line of more than %zu bytes at byte %llu", bytes_max,
				       (unsigned long long)source_tell(s));
		if (nl) {
			*out = slice_of(s->at, (size_t)(nl - s->at));
			s->at = nl + 1;
			return 0;
		}
		seen = have;
		if (more(s, err) < 0)
			return -1;
	}
}

int source_keep(struct source *s, uint64_t n, size_t align, struct arena *a, struct slice *out, struct err *err)
{
	if (n > source_left(s))
		return cut_off(s, err);
	if (!s->decoder && ((uintptr_t)s->at & (align - 1)) == 0) {
		*out = slice_of(s->at, (size_t)n);
		s->at += n;
		return 0;
	}
	char *to = arena_alloc(a, (size_t)n);
	if (!to)
		return err_set(err, ERR_TOO_LARGE, "the values of this file need more than the %zu bytes that a load may use",
			       a->bytes_max);
	size_t done = MIN((size_t)n, (size_t)(s->end - s->at));
	memcpy(to, s->at, done);
	s->at += done;
	while (done < n) {
		size_t got;
		if (!s->decoder)
			return cut_off(s, err);
		if (decoder_read(s->decoder, to + done, (size_t)n - done, &got, err) < 0)
			return -1;
		if (got == 0)
			return cut_off(s, err);
		done += got;
		s->taken_before += got;
	}
	*out = slice_of(to, (size_t)n);
	return 0;
}
