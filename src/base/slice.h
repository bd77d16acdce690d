/*
 * A borrowed run of bytes. A slice owns nothing: whoever handed it out says how long it lives.
 * Not NUL-terminated; print with "%.*s", SLICE_ARG(s).
 */
#ifndef CORACLE_BASE_SLICE_H
#define CORACLE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *ptr;
	size_t len;
};

#define SLICE_LIT(s) ((struct slice){ .ptr = (s), .len = sizeof(s) - 1 })
#define SLICE_ARG(s) (int)((s).len), ((s).ptr ? (s).ptr : "")

static inline struct slice slice_of(const void *ptr, size_t len)
{
	return (struct slice){ .ptr = ptr, .len = len };
}

static inline struct slice slice_str(const char *s)
{
	return (struct slice){ .ptr = s, .len = s ? strlen(s) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

static inline bool slice_starts(struct slice a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.len >= n && memcmp(a.ptr, prefix, n) == 0;
}

static inline bool slice_ends(struct slice a, const char *suffix)
{
	size_t n = strlen(suffix);
	return a.len >= n && memcmp(a.ptr + a.len - n, suffix, n) == 0;
}

/* The rest of `a` from byte `from` on; empty when `from` is past the end. */
static inline struct slice slice_from(struct slice a, size_t from)
{
	if (from >= a.len)
		return slice_of(a.ptr ? a.ptr + a.len : NULL, 0);
	return slice_of(a.ptr + from, a.len - from);
}

static inline struct slice slice_sub(struct slice a, size_t from, size_t len)
{
	struct slice s = slice_from(a, from);
	if (s.len > len)
		s.len = len;
	return s;
}

/* ASCII only, the rule of HTTP header names, hosts and URI schemes. */
bool slice_eq_nocase(struct slice a, struct slice b);

/* Here, so that a name of another length than the literal's costs no call. */
static inline bool slice_is_nocase(struct slice a, const char *s)
{
	size_t n = strlen(s);
	return a.len == n && slice_eq_nocase(a, slice_of(s, n));
}

/* Byte order, a shorter prefix first: the order of S3 keys and of SQLite's BLOB collation. */
int slice_cmp(struct slice a, struct slice b);

/* Index of `c` in `a`, or -1. */
ptrdiff_t slice_find(struct slice a, char c);

/* Without leading and trailing spaces, tabs, CR and LF. */
struct slice slice_trim(struct slice a);

/* Cuts `*rest` at the first `sep`: returns what stands before it and advances `*rest` past it. At the end
 * `*rest` becomes {NULL, 0}; a call with ptr NULL returns {NULL, 0}, so `while ((s = slice_cut(&r, ',')).ptr)`
 * visits every piece, empty ones too. */
struct slice slice_cut(struct slice *rest, char sep);

/* Decimal digits only, the whole slice, at least one; false on anything else or overflow; *out untouched then. */
bool slice_u64(struct slice a, uint64_t *out);
bool slice_i64(struct slice a, int64_t *out);

#endif
