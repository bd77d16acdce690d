/*
 * Sets of fields, as structured-merge-diff has them: which paths of an object are meant. In memory a set is a tree of
 * JSON objects whose keys are path elements as FieldsV1 writes them ("f:spec", `k:{"name":"x"}`, `v:"x"`); a path that
 * belongs to the set has the member ".", true. FieldsV1 text writes a leaf as {} instead.
 *
 * The functions on typed values take a field (`struct schema_field`), NULL meaning that the type is not known: objects are
 * then maps, everything else is one value.
 */
#ifndef CORACLE_CLUSTER_FIELDSET_H
#define CORACLE_CLUSTER_FIELDSET_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "cluster/schema.h"

/* ---- algebra; all results are new references, arguments stay as they are ---- */

json_t *fieldset_decode(const json_t *fields_v1); /* what is not a tree of objects is dropped */
json_t *fieldset_encode(const json_t *set);	  /* keys in order */
bool fieldset_empty(const json_t *set);
bool fieldset_equal(const json_t *a, const json_t *b);
json_t *fieldset_union(const json_t *a, const json_t *b);
json_t *fieldset_intersection(const json_t *a, const json_t *b);
/* Without the very paths of b. */
json_t *fieldset_difference(const json_t *a, const json_t *b);
/* The paths as text, ".spec.ports[port=80].name", in order: array of strings. */
json_t *fieldset_paths(const json_t *set);

/* ---- typed values ---- */

struct fieldset_diff {
	json_t *added, *removed, *modified; /* sets */
};

/* What differs between two values (NULL: absent). */
void fieldset_compare(const struct schema_field *f, const json_t *before, const json_t *after,
		      struct fieldset_diff *out);
void fieldset_diff_release(struct fieldset_diff *d);
/* The paths that a configuration speaks about. */
json_t *fieldset_of(const struct schema_field *f, const json_t *value);
/* With the named fields on the way to each path (those that the type declares). */
json_t *fieldset_with_named(const struct schema_field *f, const json_t *set);
/* `config` put into `live`, item by item as the type says. New reference. */
json_t *fieldset_merge(const struct schema_field *f, const json_t *live, const json_t *config);
/* The value without the paths of the set. New reference, or NULL when nothing is left. */
json_t *fieldset_remove(const struct schema_field *f, const json_t *value, const json_t *set);
/* ERR_INVALID: a field that the type doesn't have, a wrong shape, two items with one key (".spec.x: field not declared in
 * schema"). */
int fieldset_check(const struct schema_field *f, const json_t *value, struct err *err);

#endif
