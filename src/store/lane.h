/*
 * A digest that is made on a second core while its bytes are written: MD5 costs as much as everything else of a large
 * upload together. Bytes are copied into a ring of blocks; the caller waits only when the ring is full.
 *
 * A lane is a thread. There are no more of them than processors; where there is none to have, the caller hashes itself.
 */
#ifndef CORACLE_STORE_LANE_H
#define CORACLE_STORE_LANE_H

#include <stdatomic.h>

#include "crypto/hash.h"

struct lane;

/* Takes over `state`, which has seen what came before. NULL when no processor is free: the state is still the caller's.
 * `count` is the number of lanes that run, shared by those that shall be bounded together. */
struct lane *lane_start(struct hash *state, atomic_uint *count);
void lane_write(struct lane *l, const void *p, size_t n);
/* Waits for the rest, gives the digest (NULL: not wanted) and frees the lane. */
void lane_end(struct lane *l, uint8_t *digest);

#endif
