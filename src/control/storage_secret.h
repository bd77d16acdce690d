/*
 * Credentials of a fetch, as KServe's credential builder finds them: the secrets of the pod's service account, or the
 * entry of Secret storage-config that `storage.key` names. What was found lives in the arena.
 */
#ifndef CORACLE_CONTROL_STORAGE_SECRET_H
#define CORACLE_CONTROL_STORAGE_SECRET_H

#include <jansson.h>

#include "base/arena.h"
#include "cluster/resource.h"
#include "control/fetch.h"

struct storage_kinds {
	const struct kind *service_account, *secret, *config_map;
};

struct storage_credentials {
	bool found; /* a secret with S3 keys or annotations */
	struct fetch_s3 s3;
	const char *secret; /* its name; "" none */
	const char *ca_pem; /* of s3-cabundle-configmap; NULL: none */
};

/* service_account NULL or "": "default". ERR_NOT_FOUND when the account is not there (but for default, which then has
 * nothing), or a secret that it names while no other secret gives keys; ERR_INVALID for a broken secret. */
int storage_credentials_of(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_,
			   const char *service_account, struct arena *arena, struct storage_credentials *out,
			   struct err *err);

/* `storage`: the {key, path, parameters} of a predictor. *uri lies in the arena: "s3://BUCKET/PATH". */
int storage_config_of(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_,
		      const json_t *storage, struct arena *arena, const char **uri, struct storage_credentials *out,
		      struct err *err);

#endif
