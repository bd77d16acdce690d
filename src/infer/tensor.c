/* Tensors: see tensor.h. */
#include "infer/tensor.h"

#include "base/check.h"

static const struct {
	uint8_t bytes;
	const char *v2;
} dtypes[] = {
    [DTYPE_NONE] = {0, ""},      [DTYPE_BOOL] = {1, "BOOL"},  [DTYPE_U8] = {1, "UINT8"},
    [DTYPE_U16] = {2, "UINT16"}, [DTYPE_U32] = {4, "UINT32"}, [DTYPE_U64] = {8, "UINT64"},
    [DTYPE_I8] = {1, "INT8"},    [DTYPE_I16] = {2, "INT16"},  [DTYPE_I32] = {4, "INT32"},
    [DTYPE_I64] = {8, "INT64"},  [DTYPE_F16] = {2, "FP16"},   [DTYPE_BF16] = {2, "BF16"},
    [DTYPE_F32] = {4, "FP32"},   [DTYPE_F64] = {8, "FP64"},   [DTYPE_STRING] = {sizeof(struct slice), "BYTES"},
};

size_t dtype_bytes(enum dtype d)
{
	return (size_t)d < COUNT_OF(dtypes) ? dtypes[d].bytes : 0;
}

const char *dtype_v2_name(enum dtype d)
{
	return (size_t)d < COUNT_OF(dtypes) ? dtypes[d].v2 : "";
}

int64_t tensor_count(const struct tensor *t)
{
	int64_t n = 1;
	if (t->rank < 0 || t->rank > TENSOR_RANK_MAX)
		return -1;
	for (int i = 0; i < t->rank; i++) {
		if (t->shape[i] < 0 || ckd_mul(&n, n, t->shape[i]))
			return -1;
	}
	return n;
}

int tensor_alloc(struct tensor *t, enum dtype dtype, int rank, const int64_t *shape, struct arena *a, struct err *err)
{
	struct tensor made = {.dtype = dtype, .rank = rank};
	if (rank < 0 || rank > TENSOR_RANK_MAX)
		return err_set(err, ERR_INVALID, "a tensor of %d dimensions: at most %d", rank, TENSOR_RANK_MAX);
	for (int i = 0; i < rank; i++)
		made.shape[i] = shape[i];
	int64_t n = tensor_count(&made);
	size_t bytes;
	if (n < 0 || ckd_mul(&bytes, (size_t)n, dtype_bytes(dtype)))
		return err_set(err, ERR_TOO_LARGE, "a tensor's size does not fit");
	made.data = arena_zalloc(a, bytes ? bytes : 1); /* an empty tensor has an address too */
	if (!made.data)
		return err_set(err, ERR_TOO_LARGE, "a tensor of %zu bytes is over the memory limit of one request",
			       bytes);
	*t = made;
	return 0;
}
