/* What the kind tables share: cells of `kubectl get`, and short ways of writing a table. */
#ifndef CORACLE_CONTROL_KINDS_CELLS_H
#define CORACLE_CONTROL_KINDS_CELLS_H

#include "base/check.h"
#include "cluster/kind.h"
#include "control/kinds/types.h"

/* Columns: COLUMN(name, type, priority, cell function, doc). */
#define COLUMN(n, t, p, c, d) { .name = (n), .type = (t), .format = "", .priority = (p), .cell = (c), .doc = (d) }
#define COLUMN_NAME { .name = "Name", .type = "string", .format = "name", .path = ".metadata.name", \
		      .doc = "Unique within the namespace, for its kind." }
#define COLUMN_AGE COLUMN("Age", "string", 0, cell_age, "Time since the object was made.")
/* A column of a custom kind: the JSONPath is its whole meaning. */
#define COLUMN_PATH(n, t, p, jsonpath) { .name = (n), .type = (t), .format = "", .priority = (p), .path = jsonpath, \
					 .doc = "Custom resource definition column (in JSONPath format): " jsonpath }
#define COLUMNS(k) .columns = columns_##k, .columns_n = COUNT_OF(columns_##k)
#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }

json_t *cell_age(const json_t *object, int64_t now_ns);

/* Helpers for cell functions. */
json_t *cell_at(const json_t *object, const char *path); /* the value there, "<none>" when missing or "" */
json_t *cell_integer_at(const json_t *object, const char *path); /* 0 when missing */
/* One member of each item of a list, joined by commas: names or images of containers. */
json_t *cell_joined(const json_t *list, const char *member);
/* {"a":"b"} as "a=b,c=d", sorted; "<none>" when empty. */
json_t *cell_labels(const json_t *labels);
/* A LabelSelector as text. */
json_t *cell_selector(const json_t *selector);
/* Time since the RFC 3339 text. */
json_t *cell_since(const char *time, int64_t now_ns);

/* Cells of objects with a pod template at spec.template. */
json_t *cell_template_containers(const json_t *object, int64_t now_ns);
json_t *cell_template_images(const json_t *object, int64_t now_ns);
json_t *cell_spec_selector(const json_t *object, int64_t now_ns);

#endif
