/*
 * JSONPath as kubectl and printer columns write it, without the braces:
 *   .a.b   ['a']   .a\.b   [0]   [-1]   [1:3]   [*]   .*   ..a   [?(@.type=="Ready")]   [?(@.n>3)]   [?(@.x)]   [0,2]
 * Comparisons are ==, !=, <, <=, >, >= between a path and a string, number, true or false, or two paths.
 */
#ifndef CORACLE_CLUSTER_JSONPATH_H
#define CORACLE_CLUSTER_JSONPATH_H

#include <jansson.h>

#include "base/err.h"
#include "base/vec.h"

struct jsonpath_result {
	VEC(const json_t *) values; /* borrowed from the object */
};

/* Finds nothing where a step leads nowhere; ERR_INVALID for text that is no path. Bounded in results and depth. */
int jsonpath_find(const json_t *object, const char *path, struct jsonpath_result *out, struct err *err);
void jsonpath_release(struct jsonpath_result *r);
/* The first value, borrowed, or NULL. */
const json_t *jsonpath_first(const json_t *object, const char *path);

#endif
