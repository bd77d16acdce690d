/* Tokens: see jwt.h. OpenSSL signs in DER; JOSE wants the two numbers of 32 bytes behind each other. */
#include "crypto/jwt.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/hash.h"

enum { TOKEN_BYTES_MAX = 16 << 10, NUMBER_BYTES = 32, SIGNATURE_BYTES = 2 * NUMBER_BYTES, POINT_BYTES = 1 + 2 * NUMBER_BYTES };

struct jwt_key {
	EVP_PKEY *key;
	unsigned char point[POINT_BYTES]; /* the public key: 4, x, y */
	char id[48];
};

static int refused(struct err *err, const char *what)
{
	char text[200];
	ERR_error_string_n(ERR_get_error(), text, sizeof text);
	ERR_clear_error();
	return err_set(err, ERR_INTERNAL, "%s: %s", what, text);
}

static int not_valid(struct err *err, const char *why)
{
	ERR_clear_error();
	return err_set(err, ERR_UNAUTHENTICATED, "invalid bearer token: %s", why);
}

/* ---- the key ---- */

static int write_key(const char *path, EVP_PKEY *key, struct err *err)
{
	char *text;
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = -1;
	if (!bio || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
		refused(err, "writing a key");
	} else {
		long n = BIO_get_mem_data(bio, &text);
		rc = fs_replace(path, slice_of(text, (size_t)n), 0600, err);
		OPENSSL_cleanse(text, (size_t)n);
	}
	BIO_free(bio);
	return rc;
}

static int read_key(const char *path, EVP_PKEY **out, struct err *err)
{
	char *text = NULL;
	size_t n = 0;
	char group[32] = "";
	if (fs_slurp(path, TOKEN_BYTES_MAX, &text, &n, err) < 0)
		return -1;
	BIO *bio = BIO_new_mem_buf(text, (int)n);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	OPENSSL_cleanse(text, n);
	free(text);
	if (!key || EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1 || strcmp(group, "prime256v1") != 0) {
		EVP_PKEY_free(key);
		ERR_clear_error();
		return err_set(err, ERR_CORRUPT, "%s is no P-256 private key", path);
	}
	*out = key;
	return 0;
}

static int identify(struct jwt_key *k, struct err *err)
{
	uint8_t digest[HASH_BYTES_MAX];
	size_t n = 0;
	struct buf id;
	/* An uncompressed point, whatever form the file had. */
	if (EVP_PKEY_get_octet_string_param(k->key, OSSL_PKEY_PARAM_PUB_KEY, k->point, sizeof k->point, &n) != 1 ||
	    n != POINT_BYTES || k->point[0] != 4)
		return refused(err, "reading a public key");
	hash_once(HASH_SHA256, slice_of(k->point, n), digest);
	buf_init(&id, sizeof k->id);
	base64_encode(slice_of(digest, 32), BASE64_URL, &id);
	snprintf(k->id, sizeof k->id, "%s", id.ptr);
	buf_release(&id);
	return 0;
}

int jwt_key_open(const char *path, struct jwt_key **out, struct err *err)
{
	struct jwt_key *k = calloc(1, sizeof *k);
	int rc = 0;
	if (!k)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	if (path && access(path, F_OK) == 0) {
		rc = read_key(path, &k->key, err);
	} else {
		k->key = EVP_EC_gen("P-256");
		if (!k->key)
			rc = refused(err, "making a key");
		else if (path)
			rc = write_key(path, k->key, err);
	}
	if (rc == 0)
		rc = identify(k, err);
	if (rc < 0) {
		jwt_key_free(k);
		return -1;
	}
	*out = k;
	return 0;
}

void jwt_key_free(struct jwt_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

json_t *jwt_key_set(const struct jwt_key *k)
{
	struct buf x, y;
	buf_init(&x, 64);
	buf_init(&y, 64);
	base64_encode(slice_of(k->point + 1, NUMBER_BYTES), BASE64_URL, &x);
	base64_encode(slice_of(k->point + 1 + NUMBER_BYTES, NUMBER_BYTES), BASE64_URL, &y);
	json_t *set = json_pack("{s:[{s:s,s:s,s:s,s:s,s:s,s:s,s:s}]}", "keys", "use", "sig", "kty", "EC", "kid", k->id, "crv",
				"P-256", "alg", "ES256", "x", x.ptr, "y", y.ptr);
	buf_release(&x);
	buf_release(&y);
	return set;
}

/* ---- signatures ---- */

static int der_to_raw(const unsigned char *der, size_t n, unsigned char raw[SIGNATURE_BYTES])
{
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &der, (long)n);
	int ok = s && BN_bn2binpad(ECDSA_SIG_get0_r(s), raw, NUMBER_BYTES) == NUMBER_BYTES &&
		 BN_bn2binpad(ECDSA_SIG_get0_s(s), raw + NUMBER_BYTES, NUMBER_BYTES) == NUMBER_BYTES;
	ECDSA_SIG_free(s);
	return ok ? 0 : -1;
}

/* Malloc'd by OpenSSL; 0 on failure. */
static int raw_to_der(const unsigned char *raw, unsigned char **der)
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	BIGNUM *a = BN_bin2bn(raw, NUMBER_BYTES, NULL), *b = BN_bin2bn(raw + NUMBER_BYTES, NUMBER_BYTES, NULL);
	int n = 0;
	if (s && a && b && ECDSA_SIG_set0(s, a, b) == 1) {
		a = b = NULL;
		n = i2d_ECDSA_SIG(s, der);
	}
	BN_free(a);
	BN_free(b);
	ECDSA_SIG_free(s);
	return n > 0 ? n : 0;
}

static int sign(const struct jwt_key *k, struct slice text, unsigned char raw[SIGNATURE_BYTES], struct err *err)
{
	unsigned char der[256];
	size_t n = sizeof der;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, k->key) == 1 &&
		 EVP_DigestSign(ctx, der, &n, (const unsigned char *)text.ptr, text.len) == 1 && der_to_raw(der, n, raw) == 0;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : refused(err, "signing a token");
}

static bool verify(const struct jwt_key *k, struct slice text, struct slice raw)
{
	unsigned char *der = NULL;
	if (raw.len != SIGNATURE_BYTES)
		return false;
	int n = raw_to_der((const unsigned char *)raw.ptr, &der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = n && ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, k->key) == 1 &&
		 EVP_DigestVerify(ctx, der, (size_t)n, (const unsigned char *)text.ptr, text.len) == 1;
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	return ok;
}

static void append_json(const json_t *v, struct buf *out)
{
	struct buf text;
	buf_init(&text, TOKEN_BYTES_MAX);
	if (json_encode(v, JSON_ENCODE_COMPACT, &text) < 0)
		out->failed = true;
	base64_encode(buf_view(&text), BASE64_URL, out);
	buf_release(&text);
}

int jwt_sign(const struct jwt_key *k, const json_t *claims, char **token, struct err *err)
{
	unsigned char raw[SIGNATURE_BYTES];
	struct buf b;
	json_t *header = json_pack("{s:s,s:s}", "alg", "ES256", "kid", k->id);
	buf_init(&b, TOKEN_BYTES_MAX);
	append_json(header, &b);
	buf_char(&b, '.');
	append_json(claims, &b);
	json_decref(header);
	int rc = b.failed ? err_set(err, ERR_TOO_LARGE, "the claims of a token are too large") : 0;
	if (rc == 0)
		rc = sign(k, buf_view(&b), raw, err);
	if (rc == 0) {
		buf_char(&b, '.');
		base64_encode(slice_of(raw, sizeof raw), BASE64_URL, &b);
		char *out = strdup(b.ptr);
		if (b.failed || !out) {
			free(out);
			rc = err_set(err, ERR_TOO_LARGE, "the claims of a token are too large");
		} else {
			*token = out;
		}
	}
	buf_release(&b);
	return rc;
}

static int read_parts(const struct jwt_key *k, struct slice token, struct arena *arena, json_t **claims, struct err *err)
{
	struct slice rest = token, head = slice_cut(&rest, '.'), body = slice_cut(&rest, '.'), raw, text, plain;
	json_t *header = NULL;
	if (!body.ptr || !rest.ptr || slice_find(rest, '.') >= 0)
		return not_valid(err, "not a token");
	struct slice is_signed = slice_of(token.ptr, (size_t)(body.ptr + body.len - token.ptr));
	if (!base64_decode(head, BASE64_URL, arena, &text) || !base64_decode(rest, BASE64_URL, arena, &raw) ||
	    !base64_decode(body, BASE64_URL, arena, &plain))
		return not_valid(err, "not a token");
	if (json_decode(text, 0, &header, NULL) < 0)
		return not_valid(err, "not a token");
	const char *alg = json_string_value(json_object_get(header, "alg"));
	bool known = alg && !strcmp(alg, "ES256");
	json_decref(header);
	if (!known)
		return not_valid(err, "signed with another algorithm");
	if (!verify(k, is_signed, raw))
		return not_valid(err, "the signature does not hold");
	if (json_decode(plain, 0, claims, NULL) < 0)
		return not_valid(err, "no claims");
	return 0;
}

int jwt_verify(const struct jwt_key *k, struct slice token, json_t **claims, struct err *err)
{
	struct arena arena;
	json_t *found = NULL;
	if (token.len > TOKEN_BYTES_MAX)
		return not_valid(err, "too long");
	arena_init(&arena, 0, 4 * TOKEN_BYTES_MAX);
	int rc = read_parts(k, token, &arena, &found, err);
	arena_release(&arena);
	if (rc == 0 && !json_is_object(found)) {
		json_decref(found);
		return not_valid(err, "no claims");
	}
	if (rc == 0)
		*claims = found;
	return rc;
}
