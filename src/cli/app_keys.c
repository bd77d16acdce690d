/*
 * Certificates, the TLS context and the S3 keys. Reading them is a good part of a start and needs nothing else, so a
 * thread does it while databases are opened; the part "keys ready" waits for it, before the first listener is bound.
 */
#include <errno.h>

#include "cli/app_parts.h"

static int read_keys(struct app *a, struct err *err)
{
	const struct config *c = a->config;
	const struct pki_options pki = {
		.dir = datadir_path(a->data, "pki"),
		.names = (const char *const *)c->tls_sans.ptr,
		.names_n = c->tls_sans.len,
		.clock = &clock_os,
	};
	if (pki_open(&pki, &a->pki, err) < 0)
		return -1;
	const struct tls_options tls = {
		.certificate_pem = a->pki.server_certificate,
		.key_pem = a->pki.server_key,
		.client_ca_pem = a->pki.ca_certificate,
	};
	return tls_context_new(&tls, &a->tls, err) < 0 ? -1 : credentials_open(a->data, c, &a->keys, err);
}

static void *keys_main(void *arg)
{
	struct app *a = arg;
	a->keys_rc = read_keys(a, &a->keys_err);
	return NULL;
}

int keys_start(struct app *a, struct err *err)
{
	int rc = pthread_create(&a->keys_thread, NULL, keys_main, a);
	a->keys_reading = rc == 0;
	return rc ? err_errno(err, rc, "starting a thread") : 0;
}

int keys_wait(struct app *a, struct err *err)
{
	pthread_join(a->keys_thread, NULL);
	a->keys_reading = false;
	if (a->keys_rc < 0)
		*err = a->keys_err;
	return a->keys_rc;
}

void keys_stop(struct app *a)
{
	if (a->keys_reading)
		pthread_join(a->keys_thread, NULL);
	tls_context_free(a->tls);
	pki_release(&a->pki);
}
