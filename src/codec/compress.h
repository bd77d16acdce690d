/*
 * Undoing compression: zlib, gzip, bzip2, xz, lzma (the old .lzma form), LZ4 frames, Zstandard. A decoder pulls its
 * input and is pulled for its output, so memory stays at the codec's own window whatever the sizes are.
 *
 * Every decoder has two caps, so that a small file cannot become a large problem: bytes in all, and, past a grace that
 * every file may use, output over input. What follows the compressed data is an error, but for what the format itself
 * allows: further members (gzip, bzip2, xz, LZ4, Zstandard) and gzip's and xz's zero padding.
 */
#ifndef CORACLE_CODEC_COMPRESS_H
#define CORACLE_CODEC_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum compress_format {
	COMPRESS_NONE,
	COMPRESS_ZLIB,
	COMPRESS_GZIP,
	COMPRESS_BZIP2,
	COMPRESS_XZ,
	COMPRESS_LZMA,
	COMPRESS_LZ4,
	COMPRESS_ZSTD,
};

enum { COMPRESS_SNIFF_BYTES = 8 };

/* From the first COMPRESS_SNIFF_BYTES bytes (fewer when there are no more). */
enum compress_format compress_sniff(struct slice head);

/* Where the compressed bytes come from: next() gives a piece, valid until the next call; an empty one is the end. */
struct decoder_input {
	int (*next)(void *ctx, struct slice *piece, struct err *err);
	void *ctx;
};

struct decoder_caps {
	uint64_t bytes_max;   /* of output */
	uint64_t grace_bytes; /* output below this is allowed from any input */
	uint64_t ratio;	      /* output / input above it */
};

struct decoder;

int decoder_new(enum compress_format format, struct decoder_input input, const struct decoder_caps *caps,
		struct decoder **out, struct err *err);
/* The whole input in memory, which must outlive the decoder. */
int decoder_new_memory(enum compress_format format, struct slice input, const struct decoder_caps *caps,
		       struct decoder **out, struct err *err);
void decoder_free(struct decoder *d);

/* Up to n bytes; fewer only at the end, *got 0 there. ERR_MALFORMED broken or cut off, ERR_TOO_LARGE over a cap. */
int decoder_read(struct decoder *d, void *to, size_t n, size_t *got, struct err *err);
/* The most that the caps let come after what was read: a claimed length above it is a lie. UINT64_MAX when the input's
 * size is not known. */
uint64_t decoder_left(const struct decoder *d);

/* All of it into memory from malloc, NUL-terminated. */
int decompress(enum compress_format format, struct slice input, const struct decoder_caps *caps, char **out,
	       size_t *out_len, struct err *err);

#endif
