/* OpenAPI documents made from the kind tables: schemas (openapi_schema.c), paths (openapi_paths.c), protobuf. */
#ifndef CORACLE_API_KUBERNETES_OPENAPI_H
#define CORACLE_API_KUBERNETES_OPENAPI_H

#include "api/kubernetes/catalog.h"

enum openapi_version { OPENAPI_V2, OPENAPI_V3 };

/* Name of a kind's schema: its type's, or the group turned round: "io.kserve.serving.v1beta1.InferenceService". */
enum { OPENAPI_NAME_BYTES = 512 };
const char *openapi_kind_name(const struct kind *k, char *out);
/* {"$ref": …} */
json_t *openapi_ref(enum openapi_version v, const char *name);

/* Adds the kind, its list and every type below it that is not there yet. */
void openapi_add_schemas(json_t *schemas, const struct kind *k, enum openapi_version v);
void openapi_add_paths(json_t *paths, const struct kind *k, enum openapi_version v);

/* An OpenAPI v2 document in gnostic's protobuf form, which kubectl reads. */
void openapi_v2_protobuf(const json_t *document, struct buf *out);

#endif
