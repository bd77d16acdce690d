/*
 * CRCs: see crc.h. Tables of eight bytes at a time, made at first use; CRC-32C by the processor's own instruction
 * where there is one, CRC-32 by zlib.
 */
#include "crypto/crc.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

static const uint64_t poly_ieee = 0xedb88320, poly_castagnoli = 0x82f63b78, poly_nvme = 0x9a6c9329ac4bc9b5;

enum { LANE_BYTES = 4096 };

static uint32_t castagnoli[8][256];
static uint32_t castagnoli_lane[4][256]; /* a value after LANE_BYTES zeros, by each of its bytes */
static uint64_t nvme[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT, lane_once = PTHREAD_ONCE_INIT;

static void make_tables(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint32_t c = i;
		uint64_t d = i;
		for (int k = 0; k < 8; k++) {
			c = (c >> 1) ^ (c & 1 ? (uint32_t)poly_castagnoli : 0);
			d = (d >> 1) ^ (d & 1 ? poly_nvme : 0);
		}
		castagnoli[0][i] = c;
		nvme[0][i] = d;
	}
	for (int t = 1; t < 8; t++)
		for (unsigned i = 0; i < 256; i++) {
			castagnoli[t][i] = (castagnoli[t - 1][i] >> 8) ^ castagnoli[0][castagnoli[t - 1][i] & 255];
			nvme[t][i] = (nvme[t - 1][i] >> 8) ^ nvme[0][nvme[t - 1][i] & 255];
		}
}

static uint64_t join(uint64_t poly, int width, uint64_t a, uint64_t b, uint64_t n);

/* Appending zeros is linear: 32 single bits make the table of every byte. */
static void make_lane_table(void)
{
	for (int bit = 0; bit < 32; bit++) {
		uint32_t shifted = (uint32_t)join(poly_castagnoli, 32, (uint64_t)1 << bit, 0, LANE_BYTES);
		for (unsigned i = 0; i < 256; i++)
			if (i & 1u << (bit & 7))
				castagnoli_lane[bit >> 3][i] ^= shifted;
	}
}

static uint64_t load64(const unsigned char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

uint32_t crc_ieee(uint32_t crc, const void *p, size_t n)
{
	return (uint32_t)crc32_z(crc, p, n);
}

static uint32_t castagnoli_tables(uint32_t crc, const unsigned char *p, size_t n)
{
	pthread_once(&once, make_tables);
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t v = load64(p) ^ crc;
		crc = 0;
		for (int i = 0; i < 8; i++)
			crc ^= castagnoli[7 - i][(v >> (8 * i)) & 255];
	}
	while (n--)
		crc = (crc >> 8) ^ castagnoli[0][(crc ^ *p++) & 255];
	return crc;
}

#ifdef __x86_64__
static uint32_t after_lane(uint32_t crc)
{
	return castagnoli_lane[0][crc & 255] ^ castagnoli_lane[1][(crc >> 8) & 255] ^
	       castagnoli_lane[2][(crc >> 16) & 255] ^ castagnoli_lane[3][crc >> 24];
}

/* The instruction has a latency of three and a throughput of one, so three runs at once cost no more than one. */
__attribute__((target("sse4.2"))) static uint32_t castagnoli_sse42(uint32_t crc, const unsigned char *p, size_t n)
{
	uint64_t c = crc;
	for (; n >= 3 * LANE_BYTES; n -= 3 * LANE_BYTES, p += 3 * LANE_BYTES) {
		uint64_t c1 = 0, c2 = 0;
		for (size_t i = 0; i < LANE_BYTES; i += 8) {
			c = _mm_crc32_u64(c, load64(p + i));
			c1 = _mm_crc32_u64(c1, load64(p + LANE_BYTES + i));
			c2 = _mm_crc32_u64(c2, load64(p + 2 * LANE_BYTES + i));
		}
		c = after_lane((uint32_t)c) ^ c1;
		c = after_lane((uint32_t)c) ^ c2;
	}
	for (; n >= 8; n -= 8, p += 8)
		c = _mm_crc32_u64(c, load64(p));
	while (n--)
		c = _mm_crc32_u8((uint32_t)c, *p++);
	return (uint32_t)c;
}
#endif

uint32_t crc_castagnoli(uint32_t crc, const void *p, size_t n)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2")) {
		if (n >= 3 * LANE_BYTES)
			pthread_once(&lane_once, make_lane_table);
		return ~castagnoli_sse42(~crc, p, n);
	}
#endif
	return ~castagnoli_tables(~crc, p, n);
}

uint64_t crc_nvme(uint64_t crc, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	pthread_once(&once, make_tables);
	crc = ~crc;
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t v = load64(p) ^ crc;
		crc = 0;
		for (int i = 0; i < 8; i++)
			crc ^= nvme[7 - i][(v >> (8 * i)) & 255];
	}
	while (n--)
		crc = (crc >> 8) ^ nvme[0][(crc ^ *p++) & 255];
	return ~crc;
}

/* a * b modulo the polynomial, all bit-reversed: the highest of `width` bits is x^0. */
static uint64_t multiply(uint64_t poly, int width, uint64_t a, uint64_t b)
{
	uint64_t product = 0;
	for (uint64_t m = (uint64_t)1 << (width - 1); m; m >>= 1) {
		if (a & m)
			product ^= b;
		b = (b >> 1) ^ (b & 1 ? poly : 0);
	}
	return product;
}

/* Appending n bytes multiplies by x^(8 n): by squaring, from x^8 on. */
static uint64_t join(uint64_t poly, int width, uint64_t a, uint64_t b, uint64_t n)
{
	uint64_t power = (uint64_t)1 << (width - 9);
	for (; n; n >>= 1) {
		if (n & 1)
			a = multiply(poly, width, power, a);
		power = multiply(poly, width, power, power);
	}
	return a ^ b;
}

uint32_t crc_ieee_join(uint32_t a, uint32_t b, uint64_t b_bytes)
{
	return (uint32_t)join(poly_ieee, 32, a, b, b_bytes);
}

uint32_t crc_castagnoli_join(uint32_t a, uint32_t b, uint64_t b_bytes)
{
	return (uint32_t)join(poly_castagnoli, 32, a, b, b_bytes);
}

uint64_t crc_nvme_join(uint64_t a, uint64_t b, uint64_t b_bytes)
{
	return join(poly_nvme, 64, a, b, b_bytes);
}
