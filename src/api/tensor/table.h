/* Rows of JSON objects as columns; see read.h. The reader's own. */
#ifndef CORACLE_API_TENSOR_TABLE_H
#define CORACLE_API_TENSOR_TABLE_H

#include "api/tensor/values.h"

struct table_column {
	struct slice name;
	struct values values;
};

struct table {
	struct table_column *columns;
	size_t n, cap;
	uint32_t *slots; /* column + 1 by the hash of its name; 0: free */
	size_t mask;
	size_t rows;
};

/* Takes one object. -1: j failed, or *fault is set and *member names where (empty: the object itself). */
int table_take(struct table *t, struct json_pull *j, struct arena *a, struct slice *member, struct values_fault *fault);
/* A tensor a column. -1 when the arena is full. */
int table_finish(struct table *t, struct arena *a, struct tensor **out, size_t *out_n);

#endif
