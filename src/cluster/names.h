/* How names, labels and other keys of the Kubernetes API are spelled, with the API server's words for what is wrong. */
#ifndef CORACLE_CLUSTER_NAMES_H
#define CORACLE_CLUSTER_NAMES_H

#include <stdbool.h>

#include "cluster/kind.h"

/* All: NULL when it is good, else a static text. */
const char *name_error(enum kind_names rule, const char *name);
/* "app", "example.com/app": label and annotation keys, finalizers. */
const char *name_qualified_error(const char *key);
const char *name_label_value_error(const char *value);

/* Keys and values of the labels in object[field], which stands at `path`. */
void labels_validate(const json_t *object, const char *field, const char *path, struct fault_list *faults);
/* The metadata of a whole object: labels, annotations, finalizers, ownerReferences. */
void metadata_validate(const json_t *object, struct fault_list *faults);

#endif
