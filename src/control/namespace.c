/* What every namespace has in Kubernetes: the service account "default" and the API server's CA in a ConfigMap. */
#include "codec/json.h"
#include "control/child.h"

int64_t namespace_work(void *control, const char *key, struct err *err)
{
	struct control *c = control;
	json_t *ns = cluster_find(c->o.cluster, c->kinds.namespace_, NULL, key);
	bool active = ns && !json_at(ns, "metadata.deletionTimestamp");
	int rc = 0;
	json_decref(ns);
	if (!active)
		return 0;
	json_t *account = cluster_find(c->o.cluster, c->kinds.service_account, key, "default");
	if (!account)
		rc = child_ensure(c, c->kinds.service_account, "kube-controller-manager",
				  json_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind", "ServiceAccount", "metadata",
					    child_metadata(key, "default", NULL, NULL, NULL)),
				  NULL, err);
	json_decref(account);
	if (rc == 0 && c->o.ca_pem)
		rc = child_ensure(c, c->kinds.config_map, "kube-controller-manager",
				  json_pack("{s:s, s:s, s:o, s:{s:s}}", "apiVersion", "v1", "kind", "ConfigMap",
					    "metadata", child_metadata(key, "kube-root-ca.crt", NULL, NULL, NULL),
					    "data", "ca.crt", c->o.ca_pem),
				  NULL, err);
	return rc;
}
