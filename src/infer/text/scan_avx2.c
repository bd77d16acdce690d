/* The first pass, 32 ASCII bytes at a time: see scan.h. A block with any other byte goes character by character. */
#include "infer/text/scan.h"

#ifdef __x86_64__

#include <immintrin.h>
#include <string.h>

#include "infer/kernels/kernel.h"

#define INLINE static inline __attribute__((always_inline)) KERNEL_AVX2

/* 0xff where low <= v <= high, for bytes below 0x80. */
INLINE __m256i between(__m256i v, char low, char high)
{
	__m256i from = _mm256_sub_epi8(v, _mm256_set1_epi8(low));
	return _mm256_cmpeq_epi8(_mm256_min_epu8(from, _mm256_set1_epi8((char)(high - low))), from);
}

KERNEL_AVX2 void scan_avx2(struct scan *s, struct slice text, bool lower)
{
	const __m256i twenty = _mm256_set1_epi8(0x20), line = _mm256_set1_epi8('_');
	size_t at = 0, zero = text.len / 4 + SCAN_PAD, room = s->cap / 8 + SCAN_PAD;
	s->len = 0;
	s->ascii = true;
	memset(s->words, 0, zero < room ? zero : room);
	while (text.len - at >= 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(text.ptr + at));
		if (_mm256_movemask_epi8(v)) {
			at = scan_characters(s, text, at, at + 32, lower);
			continue;
		}
		__m256i lowered = _mm256_or_si256(v, _mm256_and_si256(between(v, 'A', 'Z'), twenty));
		__m256i word = _mm256_or_si256(_mm256_or_si256(between(lowered, 'a', 'z'), between(v, '0', '9')),
					       _mm256_cmpeq_epi8(v, line));
		_mm256_storeu_si256((__m256i *)(s->text + s->len), lower ? lowered : v);
		scan_mark(s->words, s->len, (uint32_t)_mm256_movemask_epi8(word));
		s->len += 32;
		at += 32;
	}
	scan_characters(s, text, at, text.len, lower);
	memset(s->text + s->len, 0, SCAN_PAD);
}

#endif
