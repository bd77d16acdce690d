/* Data of a V2 tensor: from JSON, nested or flat, or from bytes. Shape and datatype are known before. */
#ifndef CORACLE_API_V2_DATA_H
#define CORACLE_API_V2_DATA_H

#include "codec/json_pull.h"
#include "infer/tensor.h"

/* "FP64", ...; DTYPE_NONE for none of them. */
enum dtype v2_dtype(struct slice name);

/* Takes the array that comes next into t, whose dtype, rank and shape are set. ERR_INVALID: a value of another type,
 * out of range, or not as many as the shape says. -1 without err when j has failed. */
int v2_data_from_json(struct json_pull *j, struct tensor *t, struct arena *a, struct err *err);
/* Little-endian, row-major; BYTES elements each behind their length in four bytes. */
int v2_data_from_bytes(struct slice bytes, struct tensor *t, struct arena *a, struct err *err);

/* How many bytes it takes as bytes; and those. */
size_t v2_data_size(const struct tensor *t);
void v2_data_to_bytes(const struct tensor *t, char *out);

#endif
