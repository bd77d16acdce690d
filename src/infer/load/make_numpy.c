/*
 * numpy's arrays, scalars and the rest: see make.h. Shape, dtype and data must agree exactly; data is handed on in machine
 * order and aligned, in place where the file's bytes allow it.
 */
#include <string.h>

#include "base/check.h"
#include "infer/load/make.h"

enum { DATA_ALIGN = 16 };

/* Between _reconstruct and BUILD; an array that never gets its state stays empty. */
static const struct py_dtype unbuilt_dtype = { .kind = 'u', .bytes = 1 };
static const struct py_array unbuilt = { .dtype = &unbuilt_dtype, .rank = 1 };

static struct py *new_array(struct pickle *p, enum py_kind kind, const struct py_array *array)
{
	struct py *v = pickle_value(p, kind);
	if (v)
		v->array = array;
	return v;
}

int array_shape(struct pickle *p, const struct py_dtype *dtype, const struct py *shape, struct py_array *out, size_t *bytes)
{
	struct py_array a = { .dtype = dtype, .count = 1 };
	if (shape->kind != PY_TUPLE && shape->kind != PY_LIST)
		return pickle_bad(p, "an array whose shape is %s", py_describe(shape, p->arena));
	if (shape->seq.n > PY_RANK_MAX)
		return pickle_lacks(p, "an array of %zu dimensions, of at most %d", shape->seq.n, PY_RANK_MAX);
	a.rank = (int)shape->seq.n;
	for (int i = 0; i < a.rank; i++) {
		if (!py_as_i64(shape->seq.items[i], &a.shape[i]) || a.shape[i] < 0)
			return pickle_bad(p, "an array with a dimension that is no size");
		if (ckd_mul(&a.count, a.count, a.shape[i]))
			return pickle_bad(p, "an array with more items than there are addresses");
	}
	/* Items without bytes could be any number of items in no memory. */
	if (dtype->bytes == 0 && a.count > 0)
		return pickle_bad(p, "an array of items of no bytes");
	if (ckd_mul(bytes, (size_t)a.count, (size_t)dtype->bytes) || *bytes > PTRDIFF_MAX)
		return pickle_bad(p, "an array with more bytes than there are addresses");
	*out = a;
	return 0;
}

static void reverse(char *at, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		char c = at[i];
		at[i] = at[n - 1 - i];
		at[n - 1 - i] = c;
	}
}

static bool needs_swap(const struct py_dtype *d)
{
	for (uint32_t i = 0; i < d->fields_n; i++)
		if (needs_swap(d->fields[i].dtype))
			return true;
	return d->swapped && d->fields_n == 0;
}

/* One item to machine order. Recursion is bounded: make_dtype.c limits the nesting of records. */
static void swap_item(const struct py_dtype *d, char *at)
{
	if (d->fields_n) {
		for (uint32_t i = 0; i < d->fields_n; i++)
			swap_item(d->fields[i].dtype, at + d->fields[i].offset);
		return;
	}
	if (!d->swapped)
		return;
	size_t unit = d->kind == 'U' ? 4 : d->kind == 'c' ? d->bytes / 2 : d->kind == 'V' ? 1 : d->bytes;
	for (size_t i = 0; i + unit <= d->bytes; i += unit)
		reverse(at + i, unit);
}

/* The dtype that handed-out data has. */
static const struct py_dtype *in_machine_order(struct pickle *p, const struct py_dtype *d)
{
	struct py_dtype *n = pickle_alloc(p, 1, sizeof *n);
	if (!n)
		return NULL;
	*n = *d;
	n->swapped = false;
	if (d->fields_n) {
		struct py_dtype_field *fields = pickle_alloc(p, d->fields_n, sizeof *fields);
		if (!fields)
			return NULL;
		for (uint32_t i = 0; i < d->fields_n; i++) {
			fields[i] = d->fields[i];
			fields[i].dtype = in_machine_order(p, d->fields[i].dtype);
			if (!fields[i].dtype)
				return NULL;
		}
		n->fields = fields;
	}
	return n;
}

int array_data(struct pickle *p, struct py_array *array, struct slice data)
{
	bool swap = needs_swap(array->dtype);
	array->data = data;
	if (data.len == 0 || (!swap && ((uintptr_t)data.ptr & (DATA_ALIGN - 1)) == 0))
		return 0;
	char *to = pickle_data(p, data.len, 1);
	if (!to)
		return -1;
	memcpy(to, data.ptr, data.len);
	if (swap) {
		for (int64_t i = 0; i < array->count; i++)
			swap_item(array->dtype, to + (size_t)i * array->dtype->bytes);
		array->dtype = in_machine_order(p, array->dtype);
		if (!array->dtype)
			return -1;
	}
	array->data.ptr = to;
	return 0;
}

static bool raw_bytes(const struct py *v, struct slice *out)
{
	/* Python 2's str came out as text when all of it is ASCII. */
	if (v->kind != PY_BYTES && v->kind != PY_STR)
		return false;
	*out = v->bytes;
	return true;
}

/* --- arrays --- */

MAKER(make_array)
{
	static const char *const kinds[] = { "ndarray", "matrix", "memmap" };
	bool known = false;
	if (args->seq.n != 3 || args->seq.items[0]->kind != PY_GLOBAL)
		return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
	const struct py_class *cls = args->seq.items[0]->object.cls;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		known |= strncmp(cls->module, "numpy", 5) == 0 && strcmp(cls->name, kinds[i]) == 0;
	if (!known)
		return pickle_refuse(p, "%s.%s is no kind of array that a model may hold", cls->module, cls->name);
	*out = new_array(p, PY_ARRAY, &unbuilt);
	return *out ? 0 : -1;
}

static int object_items(struct pickle *p, struct py_array *a, const struct py *list)
{
	if (list->kind != PY_LIST || list->seq.n != (size_t)a->count)
		return pickle_bad(p, "an array of %lld objects whose data is %s of another length", (long long)a->count,
				  py_describe(list, p->arena));
	a->items = pickle_alloc(p, (size_t)a->count, sizeof *a->items);
	if (!a->items)
		return -1;
	/* The list is in row-major order even when the array was column-major. */
	if (a->count)
		memcpy(a->items, list->seq.items, (size_t)a->count * sizeof *a->items);
	a->fortran = false;
	return 0;
}

/* state: (version, shape, dtype, is column-major, bytes or list of objects); without version in old files */
int build_array(struct pickle *p, struct py *array, struct py *state)
{
	if (array->array != &unbuilt)
		return pickle_bad(p, "an array gets its state twice");
	if (state->kind != PY_TUPLE || (state->seq.n != 5 && state->seq.n != 4))
		return pickle_bad(p, "an array's state that is none");
	struct py **s = state->seq.items + (state->seq.n - 4), *shape = s[0];
	int64_t version = 1, fortran;
	if (state->seq.n == 5 && (!py_as_i64(state->seq.items[0], &version) || version < 0 || version > 1))
		return pickle_lacks(p, "an array's state of another version");
	if (s[1]->kind != PY_DTYPE || !py_as_i64(s[2], &fortran))
		return pickle_bad(p, "an array's state that is none");
	struct py_array *a = pickle_alloc(p, 1, sizeof *a);
	size_t bytes;
	if (!a || array_shape(p, s[1]->dtype, shape, a, &bytes) < 0)
		return -1;
	a->fortran = fortran && a->rank > 1;
	if (a->dtype->kind == 'O') {
		if (object_items(p, a, s[3]) < 0)
			return -1;
	} else {
		struct slice data;
		if (!raw_bytes(s[3], &data) || data.len != bytes)
			return pickle_bad(p, "an array of %zu bytes whose data is %s of another length", bytes,
					  py_describe(s[3], p->arena));
		if (array_data(p, a, data) < 0)
			return -1;
	}
	array->array = a;
	return 0;
}

MAKER(make_frombuffer)
{
	struct slice data;
	if (args->seq.n < 4 || args->seq.n > 5 || args->seq.items[1]->kind != PY_DTYPE ||
	    !raw_bytes(args->seq.items[0], &data))
		return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
	const struct py *order = args->seq.items[3];
	if (!py_is_str(order, "C") && !py_is_str(order, "F"))
		return pickle_lacks(p, "an array in an order that is neither C nor F");
	struct py_array *a = pickle_alloc(p, 1, sizeof *a);
	size_t bytes;
	if (!a || array_shape(p, args->seq.items[1]->dtype, args->seq.items[2], a, &bytes) < 0)
		return -1;
	if (a->dtype->kind == 'O')
		return pickle_bad(p, "an array of objects in a buffer of bytes");
	if (data.len != bytes)
		return pickle_bad(p, "an array of %zu bytes whose data has %zu", bytes, data.len);
	a->fortran = a->rank > 1 && py_is_str(order, "F");
	if (array_data(p, a, data) < 0)
		return -1;
	*out = new_array(p, PY_ARRAY, a);
	return *out ? 0 : -1;
}

MAKER(make_scalar)
{
	struct slice data;
	if (args->seq.n != 2 || args->seq.items[0]->kind != PY_DTYPE)
		return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
	const struct py_dtype *d = args->seq.items[0]->dtype;
	if (d->kind == 'O')
		return pickle_lacks(p, "a numpy scalar that is an object");
	if (!raw_bytes(args->seq.items[1], &data) || data.len != d->bytes)
		return pickle_bad(p, "a numpy scalar of %u bytes whose data is %s of another length", d->bytes,
				  py_describe(args->seq.items[1], p->arena));
	struct py_array *a = pickle_alloc(p, 1, sizeof *a);
	if (!a)
		return -1;
	*a = (struct py_array){ .dtype = d, .count = 1 };
	if (array_data(p, a, data) < 0)
		return -1;
	*out = new_array(p, PY_SCALAR, a);
	return *out ? 0 : -1;
}

/* Masked arrays stand in the results of parameter searches; no prediction needs them. */
MAKER(make_masked)
{
	if (args->seq.n != 4 || args->seq.items[0]->kind != PY_GLOBAL || args->seq.items[1]->kind != PY_GLOBAL ||
	    strcmp(args->seq.items[0]->object.cls->name, "MaskedArray") != 0)
		return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
	*out = pickle_object(p, args->seq.items[0]->object.cls, NULL, NULL);
	return *out ? 0 : -1;
}

/* Column names, which ColumnTransformer kept as pandas gave them before scikit-learn 0.24. */
MAKER(make_index)
{
	if (args->seq.n != 2 || args->seq.items[0]->kind != PY_GLOBAL || args->seq.items[1]->kind != PY_DICT)
		return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
	struct py *data = py_get(args->seq.items[1], "data");
	if (data && data->kind != PY_ARRAY)
		return pickle_lacks(p, "a pandas index of %s", py_describe(data, p->arena));
	*out = data ? data : pickle_object(p, args->seq.items[0]->object.cls, NULL, args->seq.items[1]);
	return *out ? 0 : -1;
}

MAKER(make_ufunc)
{
	const struct allowed *found;
	if (args->seq.n != 2 || args->seq.items[0]->kind != PY_STR || args->seq.items[1]->kind != PY_STR)
		return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
	if (allow_find(p, args->seq.items[0]->bytes, args->seq.items[1]->bytes, &found) < 0)
		return -1;
	struct py *v = pickle_value(p, PY_GLOBAL);
	if (!v)
		return -1;
	v->object.cls = &found->cls;
	*out = v;
	return 0;
}
