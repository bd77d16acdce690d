/*
 * TLS for the server: a context (certificate, key, whose client certificates count) shared by listeners, and one
 * `struct tls` per connection over a non-blocking socket. TLS 1.2 and 1.3; ALPN offers http/1.1.
 *
 * A `struct tls` is used by one thread at a time. It reads ahead, so after a short tls_read ask tls_pending before
 * waiting for the socket.
 */
#ifndef CORACLE_CRYPTO_TLS_H
#define CORACLE_CRYPTO_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

struct tls_context;
struct tls;

struct tls_options {
	struct slice certificate_pem; /* leaf first, then what chains it */
	struct slice key_pem;
	struct slice client_ca_pem; /* empty: client certificates are never verified, so never reported */
};

int tls_context_new(const struct tls_options *options, struct tls_context **out, struct err *err);
void tls_context_free(struct tls_context *c);

/* What a call that could not finish waits for. */
enum tls_wait { TLS_WAIT_NOTHING, TLS_WAIT_READ, TLS_WAIT_WRITE };

/* Server side of `fd`, which stays the caller's. NULL when memory is short. */
struct tls *tls_new(struct tls_context *c, int fd, bool ask_client_certificate);
void tls_free(struct tls *t);

/* 0 done; -1 with *wait when the socket must be waited for, or TLS_WAIT_NOTHING when the handshake failed. */
int tls_handshake(struct tls *t, enum tls_wait *wait);
/* Bytes; 0 at the peer's end; -1 with *wait as above. */
ssize_t tls_read(struct tls *t, void *out, size_t n, enum tls_wait *wait);
ssize_t tls_write(struct tls *t, const void *p, size_t n, enum tls_wait *wait);
/* Something may be read without the socket becoming readable. */
bool tls_pending(const struct tls *t);
/* Tells the peer that no more comes (close_notify); does not wait. */
void tls_close(struct tls *t);
/* DER of the client's certificate when it was verified, else empty; lives as long as `t`. */
struct slice tls_peer_certificate(const struct tls *t);

#endif
