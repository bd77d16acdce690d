/*
 * The patches of the Kubernetes API: documents in, a new document out; the inputs are untouched. Costs are bounded: a
 * JSON patch has at most 10,000 operations and may not grow the document past limits.api_object_bytes.
 *   JSON patch        RFC 6902
 *   merge patch       RFC 7386
 *   strategic merge   merge keys and $patch, $deleteFromPrimitiveList, $setElementOrder, $retainKeys directives
 */
#ifndef CORACLE_CLUSTER_PATCH_H
#define CORACLE_CLUSTER_PATCH_H

#include <jansson.h>

#include "cluster/schema.h"

int patch_json(const json_t *doc, const json_t *operations, json_t **out, struct err *err);
int patch_merge(const json_t *doc, const json_t *patch, json_t **out, struct err *err);
/* `type`: fields of the whole object. */
int patch_strategic(const struct schema_type *type, const json_t *doc, const json_t *patch, json_t **out,
		    struct err *err);

/* What is left of the patch once lists and directives have been worked in: how the API server shows a strategic merge
 * patch whose result is no object of the kind. New reference. */
json_t *patch_strategic_rest(const struct schema_type *type, const json_t *doc, const json_t *patch);

#endif
