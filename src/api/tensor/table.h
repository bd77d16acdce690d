/* Rows of JSON objects as columns; see read.h. The reader's own. */
#ifndef CORACLE_API_TENSOR_TABLE_H
#define CORACLE_API_TENSOR_TABLE_H

#include "api/tensor/values.h"
#include "base/map.h"
#include "infer/model.h"

struct table_column {
	struct slice name;
	struct values values;
};

struct table {
	const struct model_input *input; /* whose columns these are; NULL: anybody's */
	struct table_column *columns;
	size_t n, cap;
	uint32_t *slots; /* column + 1 by the hash of its name; 0: free */
	size_t mask;
	size_t rows;
};

/* Takes one object. -1: j failed, or *fault is set and *member names where (empty: the object itself). */
int table_take(struct table *t, struct json_pull *j, struct arena *a, struct slice *member, struct values_fault *fault);
/* Takes the value at `at` of a row that is a list, for `input`, which is given; what lies beyond its columns is passed over.
 * The caller counts rows and sees to it that all have every column. -1: j failed, or *fault is set. */
int table_take_cell(struct table *t, struct json_pull *j, size_t at, enum pull_kind kind, struct arena *a,
		    struct values_fault *fault);
/* A tensor a column. -1 when the arena is full. */
int table_finish(struct table *t, struct arena *a, struct tensor **out, size_t *out_n);

#endif
