/*
 * Kinds made at run time from one CustomResourceDefinition: all its served versions, with what their tables point to,
 * in one reference-counted block. kind_ref and kind_unref of any of them count for the whole.
 */
#ifndef CORACLE_CLUSTER_DYNAMIC_H
#define CORACLE_CLUSTER_DYNAMIC_H

#include "cluster/kind.h"

struct kind_dynamic;

void dynamic_ref(struct kind_dynamic *d);
void dynamic_unref(struct kind_dynamic *d);

/* `crd` is a valid CustomResourceDefinition, immutable. One reference is the caller's. ERR_INVALID when a version's
 * schema or columns cannot be read. */
int dynamic_new(const json_t *crd, struct kind_dynamic **out, struct err *err);
/* The served versions, most important first (stored when equal); borrowed. */
const struct kind *const *dynamic_kinds(const struct kind_dynamic *d, size_t *n);
/* metadata.uid and resourceVersion of the definition it was made from. */
bool dynamic_is_of(const struct kind_dynamic *d, const json_t *crd);

#endif
