/*
 * The first pass over a document: lower case, and which bytes belong to words. The text is copied once, into a buffer
 * that may be read a little past its end; words are then runs of ones in a bitmap.
 */
#ifndef CORACLE_INFER_TEXT_SCAN_H
#define CORACLE_INFER_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { SCAN_PAD = 64 };

struct scan {
	uint8_t *text; /* UTF-8, SCAN_PAD readable zero bytes behind it */
	size_t len, cap;
	uint64_t *words; /* bit i: byte i is of a word character (unicode_word) */
	bool ascii;      /* every byte is */
};

/* Room for n bytes of text and their bits. False: out of memory. */
bool scan_reserve(struct scan *s, size_t n);
void scan_release(struct scan *s);

/* Lower case may need half as much again: reserve n + n / 2 first. */
void scan_plain(struct scan *s, struct slice text, bool lower);
void scan_avx2(struct scan *s, struct slice text, bool lower);

/* The part both share: characters from `at` on until at least `until`, appended. Gives where it stopped. */
size_t scan_characters(struct scan *s, struct slice text, size_t at, size_t until, bool lower);

/* Appends `n` bits of `bits` for the bytes at position `at`. n <= 32, and the words beyond are zero. */
static inline void scan_mark(uint64_t *words, size_t at, uint64_t bits)
{
	size_t shift = at & 63;
	words[at >> 6] |= bits << shift;
	if (shift > 32)
		words[(at >> 6) + 1] |= bits >> (64 - shift);
}

#endif
