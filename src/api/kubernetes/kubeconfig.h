/*
 * The kubeconfig file that kubectl and the client libraries read: one cluster, one user, one context, named "coracle".
 * Mode 0600, replaced as a whole; certificates are inline, so that the file can be copied to another machine.
 */
#ifndef CORACLE_API_KUBECONFIG_H
#define CORACLE_API_KUBECONFIG_H

#include "base/buf.h"

struct kubeconfig {
	const char *server;                           /* "https://127.0.0.1:6443" */
	struct slice ca_pem;                          /* empty: the machine's own authorities */
	struct slice client_cert_pem, client_key_pem; /* both or neither */
	const char *token;                            /* NULL: none */
	const char *namespace_;                       /* NULL: "default" */
	const char *context;                          /* NULL: "coracle" */
};

void kubeconfig_print(const struct kubeconfig *k, struct buf *out);

#endif
