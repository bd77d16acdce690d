/*
 * Chunked bodies (RFC 9112 7.1), a byte at a time over whatever pieces arrive. Strict: sizes are 1 to 15 hex digits,
 * lines end in CRLF, no white space around a size, extensions and trailers are bounded and thrown away.
 */
#ifndef CORACLE_NET_HTTP1_CHUNK_H
#define CORACLE_NET_HTTP1_CHUNK_H

#include <stdint.h>

#include "base/slice.h"

enum { HTTP1_CHUNK_EXTRA_MAX = 16 << 10 }; /* bytes of extensions and trailers of one body */

/* Zeroed is the start of a body. */
struct http1_chunk {
	uint8_t state, digits;
	uint16_t extra;
	uint64_t left;
};

/* Takes *used of the n bytes. 0: goes on, *data is what was found, inside p (empty when all n were framing);
 * 1: the body ends here; -1: malformed. */
int http1_chunk_next(struct http1_chunk *c, const char *p, size_t n, size_t *used, struct slice *data);

#endif
