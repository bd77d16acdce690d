/*
 * metadata.managedFields: who owns which field, and server-side apply, as in structured-merge-diff (FieldsV1 text form
 * "f:spec", "k:{…}", "v:…").
 */
#ifndef CORACLE_CLUSTER_MANAGED_H
#define CORACLE_CLUSTER_MANAGED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cluster/kind.h"

/* After a create (old NULL), update or patch by `manager`: what differs from `old` becomes its own (operation Update),
 * what is gone belongs to nobody. Edits object's metadata.managedFields. A write that changes nothing leaves them as
 * they are in `old`. subresource NULL, or "status"…. */
int managed_update(const struct kind *k, const json_t *old, json_t *object, const char *manager,
		   const char *subresource, int64_t now_ns, struct err *err);

/* Server-side apply of `config` on `live` (NULL: nothing is there yet): *out is the merged object with its
 * managedFields. What the manager applied before and leaves out now is removed unless others own it. ERR_CONFLICT with
 * *causes (FieldManagerConflict) unless `force`. */
int managed_apply(const struct kind *k, const json_t *live, const json_t *config, const char *manager,
		  const char *subresource, bool force, int64_t now_ns, json_t **out, json_t **causes, struct err *err);

#endif
