/*
 * Hash map: see map.h. Linear probing at a load of at most 3/4; removal shifts the run back, so there are no
 * tombstones. An entry is free when its value is NULL.
 */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

uint64_t hash_seed(void)
{
	static uint64_t chosen;
	uint64_t s = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
	if (!s) {
		uint64_t none = 0;
		random_fill(&random_os, &s, sizeof s);
		s |= 1;
		if (!__atomic_compare_exchange_n(&chosen, &none, s, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			s = none;
	}
	return s;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t r = (__uint128_t)a * b;
	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

/* Multiply-and-fold over 8 byte words, after Wang Yi's wyhash. */
uint64_t hash_bytes(const void *p, size_t n, uint64_t key)
{
	const unsigned char *s = p;
	uint64_t h = key ^ 0xa0761d6478bd642fULL, w;
	size_t left = n;
	for (; left >= 8; left -= 8, s += 8) {
		memcpy(&w, s, 8);
		h = mix(h ^ w, 0xe7037ed1a0b428dbULL ^ key);
	}
	w = 0;
	if (left)
		memcpy(&w, s, left);
	h = mix(h ^ w, 0x8ebc6af09c88c6e3ULL ^ key);
	return mix(h ^ n, 0x589965cc75374cc3ULL);
}

void map_prepare(void)
{
	(void)hash_seed();
}

void map_init(struct map *m)
{
	*m = (struct map){ 0 };
}

void map_release(struct map *m)
{
	for (size_t i = 0; i < m->cap; i++)
		free(m->entries[i].key);
	free(m->entries);
	*m = (struct map){ 0 };
}

static struct map_entry *slot(const struct map *m, struct slice key, uint64_t hash)
{
	size_t mask = m->cap - 1;
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct map_entry *e = &m->entries[i];
		if (!e->value || (e->hash == hash && slice_eq(slice_of(e->key, e->key_len), key)))
			return e;
	}
}

void *map_get(const struct map *m, struct slice key)
{
	if (!m->len)
		return NULL;
	return slot(m, key, hash_bytes(key.ptr, key.len, hash_seed()))->value;
}

static void grow(struct map *m)
{
	struct map old = *m;
	m->cap = old.cap ? old.cap * 2 : 16;
	m->entries = calloc(m->cap, sizeof *m->entries);
	if (!m->entries)
		abort();
	for (size_t i = 0; i < old.cap; i++) {
		struct map_entry *e = &old.entries[i];
		if (e->value)
			*slot(m, slice_of(e->key, e->key_len), e->hash) = *e;
	}
	free(old.entries);
}

void *map_put(struct map *m, struct slice key, void *value)
{
	assert(value);
	if ((m->len + 1) * 4 > m->cap * 3)
		grow(m);
	uint64_t hash = hash_bytes(key.ptr, key.len, hash_seed());
	struct map_entry *e = slot(m, key, hash);
	void *before = e->value;
	if (!before) {
		e->key = malloc(key.len + 1);
		if (!e->key)
			abort();
		if (key.len)
			memcpy(e->key, key.ptr, key.len);
		e->key[key.len] = 0;
		e->key_len = key.len;
		e->hash = hash;
		m->len++;
	}
	e->value = value;
	return before;
}

void *map_remove(struct map *m, struct slice key)
{
	if (!m->len)
		return NULL;
	struct map_entry *e = slot(m, key, hash_bytes(key.ptr, key.len, hash_seed()));
	void *before = e->value;
	if (!before)
		return NULL;
	free(e->key);
	*e = (struct map_entry){ 0 };
	m->len--;
	size_t mask = m->cap - 1, hole = (size_t)(e - m->entries);
	for (size_t i = (hole + 1) & mask; m->entries[i].value; i = (i + 1) & mask) {
		size_t home = m->entries[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			m->entries[hole] = m->entries[i];
			m->entries[i] = (struct map_entry){ 0 };
			hole = i;
		}
	}
	return before;
}

bool map_next(const struct map *m, size_t *i, struct slice *key, void **value)
{
	for (; *i < m->cap; ++*i) {
		const struct map_entry *e = &m->entries[*i];
		if (e->value) {
			*key = slice_of(e->key, e->key_len);
			*value = e->value;
			++*i;
			return true;
		}
	}
	return false;
}
