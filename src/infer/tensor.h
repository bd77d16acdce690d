/*
 * Typed, dense, row-major tensors that borrow their memory (an arena, a model image, a request body).
 * Strings are slices of UTF-8. A CSR matrix is what text kernels hand to linear ones inside a plan; it never crosses
 * this header.
 */
#ifndef CORACLE_INFER_TENSOR_H
#define CORACLE_INFER_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum dtype {
	DTYPE_NONE = 0,
	DTYPE_BOOL,
	DTYPE_U8,
	DTYPE_U16,
	DTYPE_U32,
	DTYPE_U64,
	DTYPE_I8,
	DTYPE_I16,
	DTYPE_I32,
	DTYPE_I64,
	DTYPE_F16,
	DTYPE_BF16,
	DTYPE_F32,
	DTYPE_F64,
	DTYPE_STRING, /* items are struct slice */
};

enum { TENSOR_RANK_MAX = 8, TENSOR_NAME_BYTES = 64 };

struct tensor {
	enum dtype dtype;
	int rank;
	int64_t shape[TENSOR_RANK_MAX];
	struct slice name; /* may be empty */
	void *data;
};

size_t dtype_bytes(enum dtype d);
/* "FP64", "INT64", "BYTES"…: the names of the Open Inference Protocol V2. */
const char *dtype_v2_name(enum dtype d);
/* Product of the shape; -1 when it does not fit or a dimension is negative. */
int64_t tensor_count(const struct tensor *t);
/* Allocates zeroed data for shape in the arena. */
int tensor_alloc(struct tensor *t, enum dtype dtype, int rank, const int64_t *shape, struct arena *a, struct err *err);

#endif
