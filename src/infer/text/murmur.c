/* MurmurHash3_x86_32. */
#include "infer/text/murmur.h"

#include <string.h>

static uint32_t rotate(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static uint32_t scramble(uint32_t k)
{
	return rotate(k * 0xcc9e2d51u, 15) * 0x1b873593u;
}

uint32_t murmur3_32(const uint8_t *p, size_t n, uint32_t seed)
{
	uint32_t h = seed;
	size_t i = 0;
	for (; i + 4 <= n; i += 4) {
		uint32_t k;
		memcpy(&k, p + i, 4); /* little-endian, as every machine we build for */
		h = rotate(h ^ scramble(k), 13) * 5 + 0xe6546b64u;
	}
	uint32_t tail = 0;
	for (size_t left = n - i; left-- > 0;)
		tail = tail << 8 | p[i + left];
	if (n & 3)
		h ^= scramble(tail);
	h ^= (uint32_t)n;
	h = (h ^ h >> 16) * 0x85ebca6bu;
	h = (h ^ h >> 13) * 0xc2b2ae35u;
	return h ^ h >> 16;
}
