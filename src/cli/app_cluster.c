/* The resource store with its kinds, who may speak to it, and the Kubernetes listener. */
#include "cli/app_parts.h"

#include <string.h>

#include "api/kubernetes/kubeconfig.h"
#include "api/kubernetes/kubernetes.h"
#include "base/buf.h"
#include "cluster/event.h"
#include "cluster/identity.h"
#include "cluster/resource.h"
#include "control/kinds/kinds.h"

int cluster_part_start(struct app *a, struct err *err)
{
	const struct cluster_options options = {.clock = &clock_os, .random = &random_os, .db = a->cluster_db};
	if (cluster_new(&options, &a->cluster, err) < 0 || kinds_add(a->cluster, err) < 0)
		return -1;
	const struct identity_options identity = {.pki_dir = datadir_path(a->data, "pki"), .cluster = a->cluster};
	if (identity_new(&identity, &a->identity, err) < 0 || recorder_new(a->cluster, &a->recorder, err) < 0)
		return -1;
	return 0;
}

void cluster_part_stop(struct app *a)
{
	recorder_free(a->recorder);
	identity_free(a->identity);
	cluster_free(a->cluster);
}

int kubernetes_part_start(struct app *a, struct err *err)
{
	const struct kubernetes_options options = {
	    .cluster = a->cluster,
	    .identity = a->identity,
	    .clock = &clock_os,
	    .random = &random_os,
	    .logs_dir = datadir_path(a->data, "logs/pods"),
	    .proxy = app_proxy,
	    .proxy_arg = a,
	};
	struct listener l = {0};
	if (kubernetes_api_new(&options, &a->kubernetes, err) < 0)
		return -1;
	kubernetes_api_listener(a->kubernetes, &l);
	return part_listen(a, LISTENER_KUBERNETES, &l, err);
}

void kubernetes_part_drain(struct app *a)
{
	if (a->kubernetes)
		kubernetes_api_drain(a->kubernetes);
}

void kubernetes_part_stop(struct app *a)
{
	kubernetes_api_free(a->kubernetes);
}

/* server: "HOST:PORT" as clients reach it. */
void app_kubeconfig(const struct app *a, const char *server, struct buf *out)
{
	char url[300];
	(void)snprintf(url, sizeof url, "https://%s", server);
	const struct kubeconfig k = {
	    .server = url,
	    .ca_pem = a->pki.ca_certificate,
	    .client_cert_pem = a->pki.admin_certificate,
	    .client_key_pem = a->pki.admin_key,
	    .token = identity_admin_token(a->identity),
	};
	kubeconfig_print(&k, out);
}
