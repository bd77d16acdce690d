/*
 * Numbers as text, exactly: what is read is the double nearest to the text (ties to even), what is written is the
 * shortest text that reads back as the same double, in the form of Python's repr (1e-07, 0.1, 100000.0).
 *
 * Neither allocates nor depends on a locale. Reading: Clinger's fast path, then one 64 x 128 bit product (Lemire,
 * "Number parsing at a gigabyte per second", 2021), and strtod for the few texts that this leaves undecided. Writing:
 * Giulietti's Schubfach (2020).
 */
#ifndef CORACLE_CODEC_NUMBER_H
#define CORACLE_CODEC_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum number_kind {
	NUMBER_BAD = 0, /* no number of JSON (RFC 8259 6) */
	NUMBER_I64,     /* no fraction, no exponent, fits */
	NUMBER_U64,     /* the same, above INT64_MAX */
	NUMBER_F64,     /* everything else, longer integers too */
	NUMBER_HUGE,    /* larger than the largest double */
};

union number {
	int64_t i;
	uint64_t u;
	double f;
};

/* Reads a JSON number from p on. *length: how many bytes it has; what follows is the caller's to judge. */
enum number_kind number_read(const char *p, const char *end, union number *out, size_t *length);

enum { NUMBER_CHARS = 32 }; /* room that any of these needs */

/* Each returns the number of bytes written, without NUL. `v` is finite. */
size_t number_write_f64(char *out, double v);
size_t number_write_i64(char *out, int64_t v);
size_t number_write_u64(char *out, uint64_t v);

#endif
