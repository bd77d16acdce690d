/* Slices: see slice.h. */
#include "base/slice.h"

static bool is_letter(unsigned char c)
{
	c |= 0x20;
	return c >= 'a' && c <= 'z';
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		unsigned char x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
		if (x != y && ((x ^ y) != 0x20 || !is_letter(x)))
			return false;
	}
	return true;
}

int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;
	if (d)
		return d;
	return a.len < b.len ? -1 : a.len > b.len;
}

ptrdiff_t slice_find(struct slice a, char c)
{
	const char *p = a.len ? memchr(a.ptr, c, a.len) : NULL;
	return p ? p - a.ptr : -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice a)
{
	while (a.len && is_space(a.ptr[0]))
		a.ptr++, a.len--;
	while (a.len && is_space(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

struct slice slice_cut(struct slice *rest, char sep)
{
	struct slice s = *rest;
	ptrdiff_t at = slice_find(s, sep);
	if (at < 0) {
		*rest = (struct slice){ 0 };
		return s;
	}
	s.len = (size_t)at;
	rest->ptr += at + 1;
	rest->len -= (size_t)at + 1;
	return s;
}

bool slice_u64(struct slice a, uint64_t *out)
{
	uint64_t v = 0;
	if (!a.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (a.ptr[i] < '0' || a.ptr[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(a.ptr[i] - '0'), &v))
			return false;
	}
	*out = v;
	return true;
}

bool slice_i64(struct slice a, int64_t *out)
{
	bool minus = a.len && a.ptr[0] == '-';
	uint64_t v;
	if (!slice_u64(minus ? slice_from(a, 1) : a, &v))
		return false;
	if (v > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	*out = minus ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}
