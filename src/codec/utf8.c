/* UTF-8: see utf8.h. ASCII is skipped eight bytes at a time, since names and documents are mostly that. */
#include "codec/utf8.h"

#include <string.h>

bool utf8_valid(struct slice s)
{
	const char *p = s.ptr, *end = s.len ? p + s.len : p;
	while (p < end) {
		uint64_t eight;
		if (end - p >= 8 && (memcpy(&eight, p, 8), (eight & 0x8080808080808080u) == 0)) {
			p += 8;
			continue;
		}
		size_t n = utf8_length(p, end);
		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

size_t utf8_put(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	to[0] = (char)(lead[n] | c >> (6 * (n - 1)));
	for (size_t i = 1; i < n; i++)
		to[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
	return n;
}
