/*
 * A vocabulary: terms to columns, as a hash table that lies in the model image and is used in place.
 *
 * Slots stand in groups of 16 with one tag byte each (0: empty), so that one comparison looks at a whole group and a
 * word that is not there is nearly always told by the tags alone: most words of a document are not.
 */
#ifndef CORACLE_INFER_TEXT_VOCABULARY_H
#define CORACLE_INFER_TEXT_VOCABULARY_H

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "infer/graph.h"

enum { VOCABULARY_GROUP = 16 };

struct vocabulary_entry {
	uint32_t offset, length; /* of the term's bytes */
	uint32_t hash;           /* its low half */
	uint32_t column;
};

/* For running. Without terms, slots is 0. */
struct vocabulary {
	const uint8_t *tags;
	const struct vocabulary_entry *entries;
	const uint8_t *bytes;
	size_t groups; /* a power of two, or 0 */
};

/* Writes the table. Equal terms: the last counts. ERR_TOO_LARGE. */
int vocabulary_put(struct graph_builder *b, const struct slice *terms, const uint32_t *columns, size_t n,
		   struct op_vocabulary *out, struct err *err);
/* Every column below `columns`, every term inside. */
bool vocabulary_check(const struct graph *g, const struct op_vocabulary *v, uint64_t columns);
struct vocabulary vocabulary_of(const struct graph *g, const struct op_vocabulary *v);

#define VOCABULARY_K0 0xa0761d6478bd642fu
#define VOCABULARY_K1 0xe7037ed1a0b428dbu

static inline uint64_t vocabulary_mix(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)a * b;
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Reads up to 7 bytes past p + n: scan buffers and model images allow that. */
static inline uint64_t vocabulary_hash(const uint8_t *p, size_t n)
{
	uint64_t h = n * VOCABULARY_K0, last;
	for (; n > 8; n -= 8, p += 8) {
		memcpy(&last, p, 8);
		h = vocabulary_mix(h ^ last, VOCABULARY_K1);
	}
	memcpy(&last, p, 8);
	last &= n ? ~(uint64_t)0 >> (64 - 8 * n) : 0;
	return vocabulary_mix(h ^ last, VOCABULARY_K1);
}

static inline uint8_t vocabulary_tag(uint64_t hash)
{
	return (uint8_t)(hash >> 56) | 1; /* not 0 */
}

/* Bit i: tag i of the group is `tag`. */
static inline uint32_t vocabulary_match(const uint8_t *group, uint8_t tag)
{
#ifdef __SSE2__
	__m128i tags = _mm_loadu_si128((const __m128i *)group);
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag)));
#else
	uint32_t bits = 0;
	for (unsigned i = 0; i < VOCABULARY_GROUP; i++)
		bits |= (uint32_t)(group[i] == tag) << i;
	return bits;
#endif
}

static inline bool vocabulary_same(const uint8_t *a, const uint8_t *b, size_t n)
{
	/* Terms are short: eight bytes at a time, masked, beats a call. */
	uint64_t x, y;
	for (; n > 8; n -= 8, a += 8, b += 8) {
		memcpy(&x, a, 8);
		memcpy(&y, b, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a, 8);
	memcpy(&y, b, 8);
	return n == 0 || (x ^ y) << (64 - 8 * n) == 0;
}

/* The column of a term, or GRAPH_NONE. Reads past the term as vocabulary_hash does. */
static inline uint32_t vocabulary_find(const struct vocabulary *v, const uint8_t *p, size_t n)
{
	if (v->groups == 0)
		return GRAPH_NONE;
	uint64_t hash = vocabulary_hash(p, n);
	uint8_t tag = vocabulary_tag(hash);
	size_t group = (size_t)(hash >> 32) & (v->groups - 1);
	for (size_t probe = 0; probe < v->groups; probe++, group = (group + 1) & (v->groups - 1)) {
		const uint8_t *tags = v->tags + group * VOCABULARY_GROUP;
		for (uint32_t bits = vocabulary_match(tags, tag); bits; bits &= bits - 1) {
			const struct vocabulary_entry *e =
			    &v->entries[group * VOCABULARY_GROUP + (size_t)__builtin_ctz(bits)];
			if (e->hash == (uint32_t)hash && e->length == n && vocabulary_same(v->bytes + e->offset, p, n))
				return e->column;
		}
		if (vocabulary_match(tags, 0))
			return GRAPH_NONE;
	}
	return GRAPH_NONE;
}

#endif
