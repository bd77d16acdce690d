/*
 * A growing byte buffer that knows how large it may become (curl's dynbuf with a sticky flag).
 * After an append that would pass `max`, `failed` is set and later appends do nothing: check once at the end.
 * `ptr[len]` is always NUL once something was appended. Out of memory aborts.
 */
#ifndef CORACLE_BASE_BUF_H
#define CORACLE_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct buf {
	char *ptr;
	size_t len, cap, max;
	bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
/* Empty again, storage kept. */
void buf_reset(struct buf *b);

/* Room for n more bytes at ptr+len; NULL when that would pass max. The caller writes and adds to len. */
char *buf_reserve(struct buf *b, size_t n);
void buf_append(struct buf *b, const void *p, size_t n);
void buf_slice(struct buf *b, struct slice s);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);

static inline struct slice buf_view(const struct buf *b)
{
	return slice_of(b->ptr, b->len);
}

#endif
