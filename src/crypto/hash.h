/*
 * Message digests and HMAC over OpenSSL, and comparison in constant time. Nothing here fails: the algorithms are built
 * in and out of memory aborts.
 */
#ifndef CORACLE_CRYPTO_HASH_H
#define CORACLE_CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum hash_kind { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512, HASH_KINDS };
enum { HASH_BYTES_MAX = 64 };

/* 16, 20, 32, 64. */
size_t hash_size(enum hash_kind kind);

/* A digest being made: hash_init, hash_update…, then hash_final or hash_drop, which free it. */
struct hash {
	void *ctx;
};

void hash_init(struct hash *h, enum hash_kind kind);
void hash_update(struct hash *h, const void *p, size_t n);
/* `out` has room for hash_size(kind). */
void hash_final(struct hash *h, uint8_t *out);
/* Frees without an answer; a zeroed or finished one is left alone. */
void hash_drop(struct hash *h);
/* All at once. */
void hash_once(enum hash_kind kind, struct slice s, uint8_t *out);

void hmac_once(enum hash_kind kind, struct slice key, struct slice s, uint8_t *out);

/* Takes as long for any two of n bytes. */
bool secret_eq(const void *a, const void *b, size_t n);

#endif
