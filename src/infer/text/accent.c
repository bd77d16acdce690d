/*
 * Accents: see accent.h. Decomposing character by character and sorting marks by combining class is NFKD (UAX 15);
 * for ACCENT_ASCII and ACCENT_UNICODE the order does not matter, since no mark survives.
 */
#include "infer/text/accent.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "infer/text/unicode.h"

enum { DECOMPOSED_MAX = 64 }; /* characters of one; Unicode's longest has 18 */

static bool room(struct accent_buffer *b, size_t used, size_t more)
{
	if (more <= b->cap - used)
		return true;
	if (b->cap > SIZE_MAX / 4)
		return false;
	size_t cap = b->cap * 2 > used + more + 256 ? b->cap * 2 : used + more + 256;
	char *p = realloc(b->at, cap);
	if (!p)
		return false;
	b->at = p;
	b->cap = cap;
	return true;
}

static bool is_ascii(struct slice s)
{
	unsigned char any = 0;
	for (size_t i = 0; i < s.len; i++)
		any |= (unsigned char)s.ptr[i];
	return any < 0x80;
}

static int decompose(uint32_t c, utf8proc_int32_t *to)
{
	int boundary = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, to, DECOMPOSED_MAX,
						     UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
	if (n < 1 || n > DECOMPOSED_MAX) {
		to[0] = (utf8proc_int32_t)c;
		return 1;
	}
	return (int)n;
}

/* Does the text change under NFKD? Marks out of canonical order count as a change. */
static bool changes(struct slice text)
{
	const uint8_t *in = (const uint8_t *)text.ptr;
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	int last_class = 0;
	for (size_t i = 0, bytes; i < text.len; i += bytes) {
		uint32_t c = utf8_read(in + i, text.len - i, &bytes);
		if (decompose(c, parts) != 1 || (uint32_t)parts[0] != c)
			return true;
		int class = utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
		if (class && last_class > class)
			return true;
		last_class = class;
	}
	return false;
}

bool accent_strip(enum accent_rule rule, struct slice text, struct accent_buffer *to, struct slice *out)
{
	*out = text;
	if (rule == ACCENT_KEEP || is_ascii(text) || (rule == ACCENT_UNICODE_OLD && !changes(text)))
		return true;
	const uint8_t *in = (const uint8_t *)text.ptr;
	size_t used = 0;
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	for (size_t i = 0, bytes; i < text.len; i += bytes) {
		uint32_t c = utf8_read(in + i, text.len - i, &bytes);
		int n = decompose(c, parts);
		if (!room(to, used, (size_t)n * UTF8_BYTES_MAX))
			return false;
		for (int j = 0; j < n; j++) {
			uint32_t part = (uint32_t)parts[j];
			if (rule == ACCENT_ASCII ? part < 0x80 : !unicode_combining(part))
				used += utf8_write(part, (uint8_t *)to->at + used);
		}
	}
	*out = slice_of(to->at, used);
	return true;
}
