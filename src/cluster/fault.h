/*
 * What is wrong with single fields of an object, collected, then made into one 422 with the API server's texts:
 *   Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
 */
#ifndef CORACLE_CLUSTER_FAULT_H
#define CORACLE_CLUSTER_FAULT_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

enum fault_kind {
	FAULT_REQUIRED,
	FAULT_INVALID,
	FAULT_DUPLICATE,
	FAULT_FORBIDDEN,
	FAULT_NOT_FOUND,
	FAULT_UNSUPPORTED, /* detail: `supported values: "a", "b"` */
	FAULT_TOO_LONG,
	FAULT_TOO_MANY,
	FAULT_TYPE, /* Invalid value: "string": … must be of type integer */
};

struct fault_list {
	json_t *causes; /* array of {reason, message, field}, NULL while empty */
};

/* value: shown after "Invalid value: "; NULL for none (REQUIRED, FORBIDDEN). `field` is a path: "spec.ports[0].port". */
void fault_add(struct fault_list *l, const char *field, enum fault_kind kind, const json_t *value, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void fault_add_str(struct fault_list *l, const char *field, enum fault_kind kind, const char *value, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
size_t fault_count(const struct fault_list *l);
/* -1 with ERR_UNPROCESSABLE when the list is not empty, else 0. `who`: `Deployment.apps "web"`. */
int fault_refuse(const struct fault_list *l, const char *who, struct err *err);
void fault_release(struct fault_list *l);

#endif
