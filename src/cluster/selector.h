/*
 * Label and field selectors, with the API server's grammar and error texts.
 *   labels: a=b, a==b, a!=b, a in (x,y), a notin (x,y), a, !a, a>1, a<1; joined by commas
 *   fields: path=value, path==value, path!=value; joined by commas; "\\", "\," and "\=" escape
 */
#ifndef CORACLE_CLUSTER_SELECTOR_H
#define CORACLE_CLUSTER_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "cluster/kind.h"

struct selector;

/* NULL or "" selects everything: *out is NULL then, which the functions below take. ERR_INVALID. */
int selector_parse_labels(const char *text, struct selector **out, struct err *err);
/* Knows the kind's `selectable` fields: another one is `field label not supported: x`. */
int selector_parse_fields(const char *text, const struct kind *k, struct selector **out, struct err *err);
/* A LabelSelector object: matchLabels and matchExpressions. NULL object selects nothing by Kubernetes' rule: ERR_INVALID. */
int selector_from_object(const json_t *label_selector, struct selector **out, struct err *err);
void selector_free(struct selector *s);

/* `labels`: the metadata.labels object or NULL. */
bool selector_match_labels(const struct selector *s, const json_t *labels);
bool selector_match_object(const struct selector *labels, const struct selector *fields, const json_t *object);
/* The value that a field selector demands exactly (metadata.name=x), or NULL. */
const char *selector_exact(const struct selector *fields, const char *path);

#endif
