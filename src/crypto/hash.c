/* Digests: see hash.h. Algorithms are fetched once; OpenSSL's own look-up costs more than hashing a small body. */
#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

static EVP_MD *algorithms[HASH_KINDS];
static pthread_key_t contexts; /* a thread's own, for digests made at once: making one costs more than a small digest */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_context(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void fetch(void)
{
	static const char *const names[HASH_KINDS] = { "MD5", "SHA1", "SHA256", "SHA512" };
	for (int i = 0; i < HASH_KINDS; i++) {
		algorithms[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (!algorithms[i])
			abort();
	}
	if (pthread_key_create(&contexts, free_context))
		abort();
}

static const EVP_MD *algorithm(enum hash_kind kind)
{
	pthread_once(&once, fetch);
	return algorithms[kind];
}

size_t hash_size(enum hash_kind kind)
{
	static const uint8_t sizes[HASH_KINDS] = { 16, 20, 32, 64 };
	return sizes[kind];
}

void hash_init(struct hash *h, enum hash_kind kind)
{
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || !EVP_DigestInit_ex2(h->ctx, algorithm(kind), NULL))
		abort();
}

void hash_update(struct hash *h, const void *p, size_t n)
{
	if (n && !EVP_DigestUpdate(h->ctx, p, n))
		abort();
}

void hash_final(struct hash *h, uint8_t *out)
{
	if (!EVP_DigestFinal_ex(h->ctx, out, NULL))
		abort();
	hash_drop(h);
}

void hash_drop(struct hash *h)
{
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}

static EVP_MD_CTX *thread_context(void)
{
	EVP_MD_CTX *ctx = pthread_getspecific(contexts);
	if (!ctx && (!(ctx = EVP_MD_CTX_new()) || pthread_setspecific(contexts, ctx)))
		abort();
	return ctx;
}

/* The digest of `a` followed by `b`. */
static void digest_two(enum hash_kind kind, struct slice a, struct slice b, uint8_t *out)
{
	const EVP_MD *md = algorithm(kind);
	EVP_MD_CTX *ctx = thread_context();
	if (!EVP_DigestInit_ex2(ctx, md, NULL) || (a.len && !EVP_DigestUpdate(ctx, a.ptr, a.len)) ||
	    (b.len && !EVP_DigestUpdate(ctx, b.ptr, b.len)) || !EVP_DigestFinal_ex(ctx, out, NULL))
		abort();
}

void hash_once(enum hash_kind kind, struct slice s, uint8_t *out)
{
	digest_two(kind, s, slice_of(NULL, 0), out);
}

/* RFC 2104. Written out: OpenSSL's EVP_MAC costs several allocations a call. */
void hmac_once(enum hash_kind kind, struct slice key, struct slice s, uint8_t *out)
{
	uint8_t pad[128], block[128] = { 0 }, inner[HASH_BYTES_MAX];
	size_t block_bytes = kind == HASH_SHA512 ? 128 : 64;
	if (key.len > block_bytes)
		hash_once(kind, key, block);
	else if (key.len)
		memcpy(block, key.ptr, key.len);
	for (size_t i = 0; i < block_bytes; i++)
		pad[i] = block[i] ^ 0x36;
	digest_two(kind, slice_of(pad, block_bytes), s, inner);
	for (size_t i = 0; i < block_bytes; i++)
		pad[i] = block[i] ^ 0x5c;
	digest_two(kind, slice_of(pad, block_bytes), slice_of(inner, hash_size(kind)), out);
	OPENSSL_cleanse(block, sizeof block);
	OPENSSL_cleanse(pad, sizeof pad);
}

bool secret_eq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
