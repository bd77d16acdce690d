/*
 * JSON values as tensors: straight from the text into tensor memory, in one pass, as numpy.array and pandas.DataFrame
 * would take them.
 *
 * - nested lists of equal lengths give a tensor of that rank; all-integer ones are INT64, with any fraction (or an
 * integer beyond 64 bits) FP64, null is NaN and makes FP64; true and false are BOOL alone and 0 and 1 beside numbers;
 * text is BYTES and stands beside nothing else
 * - objects, in a list or in a list in a list, are rows of a table: one tensor of shape [rows] a key, in the order of
 * first appearance; a key that is missing in a row is null there. A member may hold one value, a list of values or an
 * object of index to value ({"0": 3.5}): then the object is that many rows. A table of one column has shape [rows, 1].
 * - given what a model takes, a column that it reads as a number takes texts that are numbers ("1.5"), one that it reads
 * as text takes nothing else, one that it does not read takes anything; and where not all its columns are numbers, lists
 * of values are rows of a table, in the model's order, whose cells have each the kind of their column
 * - strings are slices of the text, or of the arena where escapes were undone
 *
 * Faults of shape or type are ERR_INVALID and name the place: "instances[3]: 2 values where instances[0] has 4".
 */
#ifndef CORACLE_API_TENSOR_READ_H
#define CORACLE_API_TENSOR_READ_H

#include "codec/json_pull.h"
#include "infer/model.h"

struct tensor_json {
	struct tensor *tensors;
	size_t n;
	bool table; /* one tensor a column */
};

/* Takes one array. `what` is its name in messages, `input` what will take it (NULL: anything). -1 with err set; or, when j has
 * failed, with what pull_end says. */
int tensor_json_read(struct json_pull *j, const char *what, const struct model_input *input, struct arena *a,
		     struct tensor_json *out, struct err *err);

#endif
