/* Base64 (RFC 4648) and hexadecimal. Decoding is strict: no white space, canonical padding. */
#ifndef CORACLE_CODEC_BASE64_H
#define CORACLE_CODEC_BASE64_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

enum base64_alphabet {
	BASE64_STANDARD, /* + / with padding */
	BASE64_URL,	 /* - _ without padding (RFC 7515) */
};

void base64_encode(struct slice bytes, enum base64_alphabet alphabet, struct buf *out);
/* False when it is not that; *out lies in the arena. */
bool base64_decode(struct slice text, enum base64_alphabet alphabet, struct arena *a, struct slice *out);

/* Lower case; `out` has room for 2 n + 1. */
void hex_encode(const void *bytes, size_t n, char *out);
/* Either case; false unless text has exactly 2 n digits. */
bool hex_decode(struct slice text, void *out, size_t n);

#endif
