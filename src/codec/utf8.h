/* UTF-8 as Unicode defines it: no surrogates, no overlong forms, nothing above U+10FFFF. NUL is a character. */
#ifndef CORACLE_CODEC_UTF8_H
#define CORACLE_CODEC_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Length of the sequence at p (p < end), 1 to 4; 0 when it is none. The second byte's range excludes overlong forms,
 * surrogates and what is above U+10FFFF. */
static inline size_t utf8_length(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (n == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || (size_t)(end - p) < n)
		return 0;
	unsigned char least = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char most = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	if (s[1] < least || s[1] > most)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool utf8_valid(struct slice s);
/* Writes one character, 1 to 4 bytes; 0 when c is none. */
size_t utf8_put(char *to, uint32_t c);

#endif
