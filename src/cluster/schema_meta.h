/*
 * The metadata of every object, as fields (meta/v1 of Kubernetes 1.34). It stands here and not with the other field
 * tables because the kinds of a CustomResourceDefinition have it too.
 */
#ifndef CORACLE_CLUSTER_SCHEMA_META_H
#define CORACLE_CLUSTER_SCHEMA_META_H

#include "cluster/schema.h"

extern const struct schema_type type_meta_ObjectMeta;
extern const struct schema_type type_meta_OwnerReference;
extern const struct schema_type type_meta_ManagedFieldsEntry;

#endif
