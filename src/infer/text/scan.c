/* The first pass in plain C: see scan.h. */
#include "infer/text/scan.h"

#include <stdlib.h>
#include <string.h>

#include "infer/text/unicode.h"

bool scan_reserve(struct scan *s, size_t n)
{
	if (n > SIZE_MAX / 4 - SCAN_PAD)
		return false;
	/* No bytes need room too: whoever writes them pads them. */
	if (s->cap && n <= s->cap)
		return true;
	size_t cap = (n + n / 4 + 1024) & ~(size_t)1023;
	free(s->text);
	free(s->words);
	s->text = malloc(cap + SCAN_PAD);
	s->words = malloc(cap / 8 + SCAN_PAD);
	s->cap = s->text && s->words ? cap : 0;
	return s->cap != 0;
}

void scan_release(struct scan *s)
{
	free(s->text);
	free(s->words);
	*s = (struct scan){0};
}

static bool ascii_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

size_t scan_characters(struct scan *s, struct slice text, size_t at, size_t until, bool lower)
{
	const uint8_t *in = (const uint8_t *)text.ptr;
	uint8_t *out = s->text;
	size_t to = s->len;
	while (at < until) {
		uint8_t c = in[at];
		if (c < 0x80) {
			out[to] = lower && c >= 'A' && c <= 'Z' ? c | 0x20 : c;
			s->words[to >> 6] |= (uint64_t)ascii_word(c) << (to & 63);
			to++;
			at++;
			continue;
		}
		s->ascii = false;
		size_t bytes, got;
		if (lower)
			got = unicode_lower(in, text.len, at, &bytes, out + to);
		else
			got = utf8_write(utf8_read(in + at, text.len - at, &bytes), out + to);
		at += bytes;
		/* One character may have become two, of which only the first is a letter. */
		for (size_t end = to + got; to < end;) {
			size_t one;
			uint32_t lowered = utf8_read(out + to, end - to, &one);
			if (unicode_word(lowered))
				scan_mark(s->words, to, (1u << one) - 1);
			to += one;
		}
	}
	s->len = to;
	return at;
}

void scan_plain(struct scan *s, struct slice text, bool lower)
{
	s->len = 0;
	s->ascii = true;
	memset(s->words, 0,
	       s->cap / 8 + SCAN_PAD < text.len / 4 + SCAN_PAD ? s->cap / 8 + SCAN_PAD : text.len / 4 + SCAN_PAD);
	scan_characters(s, text, 0, text.len, lower);
	memset(s->text + s->len, 0, SCAN_PAD);
}
