/*
 * Our own certificate authority, made at first start in a directory and reused afterwards:
 *
 *   ca.crt ca.key            the authority, ten years
 *   server.crt server.key    localhost, 127.0.0.1, ::1, the host's name, kubernetes, kubernetes.default,
 *                            kubernetes.default.svc(.cluster.local) and the names asked for
 *   admin.crt admin.key      client certificate CN=admin, O=system:masters
 *
 * Keys are EC P-256, mode 0600. The server and admin certificates are made anew when they do not cover a name that is
 * asked for, do not belong to the authority, or end within 30 days; the authority never is, because clients trust it:
 * a broken ca.crt is an error, and a ca.key that is not its own when something has to be signed.
 */
#ifndef CORACLE_CRYPTO_PKI_H
#define CORACLE_CRYPTO_PKI_H

#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

struct pki_options {
	const char *dir;	  /* made when missing */
	const char *const *names; /* further DNS names or addresses of the server certificate */
	size_t names_n;
	const struct clock *clock;
};

/* PEM texts, NUL-terminated, owned by the struct. */
struct pki {
	struct slice ca_certificate;
	struct slice server_certificate, server_key;
	struct slice admin_certificate, admin_key;
};

int pki_open(const struct pki_options *options, struct pki *out, struct err *err);
void pki_release(struct pki *p);

/* Who a certificate (DER) names: subject CN and each O, as Kubernetes reads them (user and groups). In the arena. */
int pki_certificate_names(struct slice der, struct arena *arena, struct slice *common_name, struct slice **organizations,
			  size_t *organizations_n, struct err *err);

#endif
