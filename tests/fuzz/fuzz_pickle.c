/* Pickles and joblib files, codecs included: whatever is accepted keeps the promises of pyvalue.h. */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "infer/load/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_array(const struct py *v, struct arena *a)
{
	const struct py_array *array = v->array;
	int64_t n = 1;
	assert(array->rank >= 0 && array->rank <= PY_RANK_MAX && !array->dtype->swapped);
	for (int i = 0; i < array->rank; i++)
		n *= array->shape[i];
	assert(n == array->count);
	if (array->dtype->kind != 'O') {
		assert(array->data.len == (size_t)n * array->dtype->bytes && ((uintptr_t)array->data.ptr & 15) == 0);
		for (size_t i = 0; i < array->data.len; i += 64)
			(void)*(volatile const char *)(array->data.ptr + i);
	}
	const double *f;
	const int64_t *k;
	int64_t count;
	struct slice *s;
	size_t m;
	(void)py_array_f64(v, a, &f, &count);
	(void)py_array_i64(v, a, &k, &count);
	(void)py_strings(v, a, &s, &m);
}

/* Plain recursion: the VM has checked that it ends. */
static void walk(const struct py *v, struct arena *a, int depth)
{
	assert(v && depth <= limits.pickle_depth);
	(void)py_describe(v, a);
	switch (v->kind) {
	case PY_LIST:
	case PY_TUPLE:
	case PY_SET:
		for (size_t i = 0; i < v->seq.n; i++)
			walk(v->seq.items[i], a, depth + 1);
		return;
	case PY_DICT:
		for (size_t i = 0; i < v->dict.n; i++) {
			walk(v->dict.pairs[i].key, a, depth + 1);
			walk(v->dict.pairs[i].value, a, depth + 1);
		}
		return;
	case PY_OBJECT:
		if (v->object.args)
			walk(v->object.args, a, depth + 1);
		if (v->object.state)
			walk(v->object.state, a, depth + 1);
		(void)py_get(v, "n_features_in_");
		return;
	case PY_ARRAY:
	case PY_SCALAR:
		check_array(v, a);
		for (int64_t i = 0; v->array->items && i < v->array->count; i++)
			walk(v->array->items[i], a, depth + 1);
		return;
	default:
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct arena a;
	struct py *root = NULL;
	limits.pickle_objects = 100000;
	limits.pickle_depth = 64;
	/* Exactly as long as it is: a read past the end is seen. */
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	for (size_t i = 0; i < size; i++)
		copy[i] = (char)data[i];
	arena_init(&a, 4096, (size_t)256 << 20);
	if (load_pickle(slice_of(copy, size), &a, &root, &err) == 0)
		walk(root, &a, 0);
	else
		assert(!root && err.code != ERR_OK && err.message[0]);
	arena_release(&a);
	free(copy);
	return 0;
}
