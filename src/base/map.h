/*
 * A hash map from bytes to pointers (open addressing, linear probing, seeded SipHash-like mixing so that keys from
 * outside cannot be made to collide). Keys are copied; values belong to the caller. Iteration order is undefined.
 */
#ifndef CORACLE_BASE_MAP_H
#define CORACLE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct map_entry {
	char *key;
	size_t key_len;
	uint64_t hash;
	void *value;
};

struct map {
	struct map_entry *entries;
	size_t len, cap;
};

/* Chooses the seed now: for a process that will fork children which may not ask the system for randomness. */
void map_prepare(void);

void map_init(struct map *m);
void map_release(struct map *m); /* frees keys, not values */

void *map_get(const struct map *m, struct slice key);
/* Returns the value that stood there before, or NULL. `value` is not NULL. */
void *map_put(struct map *m, struct slice key, void *value);
void *map_remove(struct map *m, struct slice key);

/* `size_t i = 0; while (map_next(m, &i, &key, &value))`; no put or remove meanwhile. */
bool map_next(const struct map *m, size_t *i, struct slice *key, void **value);

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);
/* This process' own: with it, keys from outside cannot be made to collide. */
uint64_t hash_seed(void);

#endif
