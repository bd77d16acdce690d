/* Undoing Content-Encoding gzip and deflate, in pieces, with a cap on how much may come out of how little. */
#ifndef CORACLE_NET_INFLATE_H
#define CORACLE_NET_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct inflate;

/* Is it a coding that we undo, nothing ("identity", absent: *coded false), or unknown (ERR_MEDIA_TYPE)? */
int inflate_coding(struct slice content_encoding, bool *coded, struct err *err);

/* NULL when memory is short. `coding`: gzip, x-gzip or deflate. */
struct inflate *inflate_new(struct slice coding);
void inflate_free(struct inflate *f);
/* Takes from *in, gives *n bytes. *n 0 with `in` empty: more input is needed, or inflate_ended. ERR_MALFORMED for a
 * broken stream, ERR_TOO_LARGE over limits.inflate_ratio. */
int inflate_run(struct inflate *f, struct slice *in, void *out, size_t out_bytes, size_t *n, struct err *err);
bool inflate_ended(const struct inflate *f);

/* The other way: one gzip member, level 1. False when it would not get smaller or memory is short. */
bool deflate_gzip(struct slice in, struct buf *out);

#endif
