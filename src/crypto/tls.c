/* TLS by OpenSSL: see tls.h. */
#include "crypto/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct tls_context {
	SSL_CTX *ssl;
};

struct tls {
	SSL *ssl;
	unsigned char *peer_der;
	int peer_der_len;
	bool up;
};

static const char *why(char *out, size_t out_bytes)
{
	ERR_error_string_n(ERR_peek_last_error(), out, out_bytes);
	ERR_clear_error();
	return out;
}

static BIO *bio_of(struct slice pem)
{
	return BIO_new_mem_buf(pem.ptr ? pem.ptr : "", (int)pem.len);
}

static int use_chain(SSL_CTX *ctx, struct slice pem)
{
	BIO *b = bio_of(pem);
	X509 *x = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
	int ok = x && SSL_CTX_use_certificate(ctx, x) == 1;
	X509_free(x);
	while (ok && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)))
		ok = SSL_CTX_add0_chain_cert(ctx, x) == 1;
	if (ok)
		ERR_clear_error(); /* the end of the file */
	BIO_free(b);
	return ok ? 0 : -1;
}

static int use_key(SSL_CTX *ctx, struct slice pem)
{
	BIO *b = bio_of(pem);
	EVP_PKEY *k = b ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : NULL;
	int ok = k && SSL_CTX_use_PrivateKey(ctx, k) == 1 && SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(k);
	BIO_free(b);
	return ok ? 0 : -1;
}

static int use_client_ca(SSL_CTX *ctx, struct slice pem)
{
	BIO *b = bio_of(pem);
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	X509 *x;
	int n = 0;
	while (b && (x = PEM_read_bio_X509(b, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(store, x) == 1 && SSL_CTX_add_client_CA(ctx, x) == 1;
		X509_free(x);
	}
	BIO_free(b);
	ERR_clear_error();
	return n ? 0 : -1;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
		       unsigned in_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	(void)ssl;
	(void)arg;
	unsigned char *picked;
	if (SSL_select_next_proto(&picked, out_len, ours, sizeof ours - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = picked;
	return SSL_TLSEXT_ERR_OK;
}

/* The handshake goes on whatever the client's certificate is; only a verified one is ever reported. */
static int verify_later(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	(void)ctx;
	return 1;
}

int tls_context_new(const struct tls_options *o, struct tls_context **out, struct err *err)
{
	char text[256];
	struct tls_context *c = calloc(1, sizeof *c);
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	if (!c || !ctx) {
		free(c);
		SSL_CTX_free(ctx);
		return err_set(err, ERR_NO_MEMORY, "no memory for a TLS context");
	}
	c->ssl = ctx;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"coracle", 7);
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
	int rc = 0;
	if (use_chain(ctx, o->certificate_pem) < 0)
		rc = err_set(err, ERR_INVALID, "the TLS certificate cannot be used: %s", why(text, sizeof text));
	else if (use_key(ctx, o->key_pem) < 0)
		rc = err_set(err, ERR_INVALID, "the TLS key cannot be used: %s", why(text, sizeof text));
	else if (o->client_ca_pem.len && use_client_ca(ctx, o->client_ca_pem) < 0)
		rc = err_set(err, ERR_INVALID, "the certificate authority for clients cannot be used: %s",
			     why(text, sizeof text));
	if (rc < 0) {
		tls_context_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void tls_context_free(struct tls_context *c)
{
	if (!c)
		return;
	SSL_CTX_free(c->ssl);
	free(c);
}

struct tls *tls_new(struct tls_context *c, int fd, bool ask_client_certificate)
{
	struct tls *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->ssl = SSL_new(c->ssl);
	if (!t->ssl || SSL_set_fd(t->ssl, fd) != 1) {
		tls_free(t);
		return NULL;
	}
	SSL_set_accept_state(t->ssl);
	SSL_set_verify(t->ssl, ask_client_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verify_later);
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	OPENSSL_free(t->peer_der);
	free(t);
}

static void wait_of(struct tls *t, int rc, enum tls_wait *wait)
{
	int e = SSL_get_error(t->ssl, rc);
	*wait = e == SSL_ERROR_WANT_READ ? TLS_WAIT_READ : e == SSL_ERROR_WANT_WRITE ? TLS_WAIT_WRITE : TLS_WAIT_NOTHING;
	ERR_clear_error();
}

int tls_handshake(struct tls *t, enum tls_wait *wait)
{
	ERR_clear_error();
	int rc = SSL_do_handshake(t->ssl);
	if (rc != 1) {
		wait_of(t, rc, wait);
		return -1;
	}
	X509 *x = SSL_get0_peer_certificate(t->ssl);
	if (x && SSL_get_verify_result(t->ssl) == X509_V_OK)
		t->peer_der_len = i2d_X509(x, &t->peer_der);
	t->up = true;
	return 0;
}

ssize_t tls_read(struct tls *t, void *out, size_t n, enum tls_wait *wait)
{
	size_t got;
	ERR_clear_error();
	int rc = SSL_read_ex(t->ssl, out, n, &got);
	if (rc == 1)
		return (ssize_t)got;
	if (SSL_get_error(t->ssl, rc) == SSL_ERROR_ZERO_RETURN)
		return 0;
	wait_of(t, rc, wait);
	return -1;
}

ssize_t tls_write(struct tls *t, const void *p, size_t n, enum tls_wait *wait)
{
	size_t put;
	ERR_clear_error();
	int rc = SSL_write_ex(t->ssl, p, n, &put);
	if (rc == 1)
		return (ssize_t)put;
	wait_of(t, rc, wait);
	return -1;
}

bool tls_pending(const struct tls *t)
{
	return SSL_has_pending(t->ssl) == 1;
}

void tls_close(struct tls *t)
{
	ERR_clear_error();
	if (t->up)
		(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
}

struct slice tls_peer_certificate(const struct tls *t)
{
	return slice_of(t->peer_der, t->peer_der_len > 0 ? (size_t)t->peer_der_len : 0);
}
