/*
 * A model image: the lowered model (graph, constants, strings) in one region of memory, addressed by offsets, never by
 * pointers, so that it can be made in one process and used, read-only and in place, in another.
 *
 * Writing happens in a loader (load/), into memory that grows, and from there into a memfd. Reading treats every offset,
 * length and count as hostile: image_at answers NULL for what does not lie inside. Offset 0 is the header, so 0 also
 * means "none".
 */
#ifndef CORACLE_INFER_IMAGE_H
#define CORACLE_INFER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum { IMAGE_ALIGN = 64, IMAGE_MAGIC = 0x314d4943 /* "CIM1" */ };

/* At offset 0. */
struct image_header {
	uint32_t magic, version;
	uint64_t bytes; /* of the whole region */
	uint64_t root;	/* offset of struct graph_root (graph.h) */
};

/* --- writing --- */

struct image_writer {
	int fd; /* memfd that takes the finished image, or -1 */
	uint8_t *base; /* may move when it grows */
	size_t len, cap, max;
	bool failed; /* over max or out of memory: sticky, checked once at the end */
};

int image_writer_init(struct image_writer *w, int fd, size_t bytes_max, struct err *err);
void image_writer_release(struct image_writer *w);
/* Room for n zeroed bytes, aligned to IMAGE_ALIGN (IMAGE_ALIGN bytes past the end stay readable for SIMD tails).
 * Returns the offset; 0 when failed. */
uint64_t image_reserve(struct image_writer *w, size_t n);
uint64_t image_put(struct image_writer *w, const void *p, size_t n);
/* Pointer to what was reserved, until the next reserve or put. */
void *image_writer_at(struct image_writer *w, uint64_t offset);
/* Writes the header; the region is complete. With a descriptor it is written there, and the memory holds nothing more. */
int image_finish(struct image_writer *w, uint64_t root, struct err *err);

/* --- reading --- */

struct image {
	const uint8_t *base;
	size_t len;
	bool mapped; /* munmap at release; else free */
};

/* Takes ownership of a finished writer's memory. */
int image_take(struct image_writer *w, struct image *out, struct err *err);
/* Maps a sealed memfd read-only. Checks the header only; graph_check (graph.h) checks the rest. */
int image_map(int fd, size_t bytes_max, struct image *out, struct err *err);
void image_release(struct image *im);

/* n items of `bytes` each at `offset`, aligned for their type; NULL when any of it lies outside or the product
 * overflows. n 0 gives a pointer that must not be read. */
static inline const void *image_at(const struct image *im, uint64_t offset, uint64_t n, size_t bytes)
{
	uint64_t total;
	if (__builtin_mul_overflow(n, (uint64_t)bytes, &total) || offset > im->len || total > im->len - offset ||
	    (offset & (bytes >= 8 ? 7 : bytes ? (uint64_t)bytes - 1 : 0) && (bytes & (bytes - 1)) == 0))
		return NULL;
	return im->base + offset;
}

#endif
