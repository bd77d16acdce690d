/*
 * Reading the values of a pickle: see pyvalue.h. One table-like switch turns an item of any numeric dtype into a
 * number; everything else here is looking up and describing.
 */
#include "infer/load/pyvalue.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"

/* --- finding --- */

static struct py *dict_get(const struct py *d, const char *name)
{
	if (!d || d->kind != PY_DICT)
		return NULL;
	/* From the end: a key written twice counts as Python counts it, the last time. */
	for (size_t i = d->dict.n; i-- > 0;) {
		const struct py *k = d->dict.pairs[i].key;
		if ((k->kind == PY_STR || k->kind == PY_BYTES) && slice_is(k->bytes, name))
			return d->dict.pairs[i].value;
	}
	return NULL;
}

struct py *py_get(const struct py *v, const char *name)
{
	if (!v || v->kind == PY_DICT)
		return dict_get(v, name);
	if (v->kind != PY_OBJECT || !v->object.state)
		return NULL;
	const struct py *state = v->object.state;
	/* An instance with __slots__ has the pair (its dict, its slots). */
	if (state->kind == PY_TUPLE && state->seq.n == 2) {
		struct py *found = dict_get(state->seq.items[1], name);
		return found ? found : dict_get(state->seq.items[0], name);
	}
	return dict_get(state, name);
}

bool py_is(const struct py *v, const char *module, const char *name)
{
	if (!v || (v->kind != PY_OBJECT && v->kind != PY_GLOBAL) || strcmp(v->object.cls->name, name) != 0)
		return false;
	size_t n = strlen(module);
	const char *at = v->object.cls->module;
	return strncmp(at, module, n) == 0 && (at[n] == 0 || at[n] == '.');
}

bool py_is_none(const struct py *v)
{
	return !v || v->kind == PY_NONE;
}

bool py_is_str(const struct py *v, const char *text)
{
	return v && v->kind == PY_STR && slice_is(v->bytes, text);
}

/* --- numbers --- */

static float half_to_float(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023, bits;
	if (exponent == 31) {
		bits = sign | 0x7f800000u | fraction << 13;
	} else if (exponent) {
		bits = sign | (exponent + 112) << 23 | fraction << 13;
	} else {
		float f = (float)fraction * 0x1p-24f;
		return sign ? -f : f;
	}
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

#define READ_AS(type, to, from, n)                     \
	for (int64_t i_ = 0; i_ < (n); i_++) {         \
		type x_;                               \
		memcpy(&x_, (from) + i_ * (int64_t)sizeof x_, sizeof x_); \
		(to)[i_] = (__typeof__(*(to)))x_;      \
	}                                              \
	return true

/* Defines: n items at p of dtype d as numbers of one C type. */
#define DEFINE_CONVERT(name, out_type, with_floats)                                      \
	static bool name(const struct py_dtype *d, const char *p, int64_t n, out_type *to) \
	{                                                                                \
		switch (d->kind << 8 | (int)MIN(d->bytes, 255u)) {                       \
		case 'b' << 8 | 1:                                                       \
		case 'u' << 8 | 1:                                                       \
			READ_AS(uint8_t, to, p, n);                                      \
		case 'u' << 8 | 2:                                                       \
			READ_AS(uint16_t, to, p, n);                                     \
		case 'u' << 8 | 4:                                                       \
			READ_AS(uint32_t, to, p, n);                                     \
		case 'u' << 8 | 8:                                                       \
			READ_AS(uint64_t, to, p, n);                                     \
		case 'i' << 8 | 1:                                                       \
			READ_AS(int8_t, to, p, n);                                       \
		case 'i' << 8 | 2:                                                       \
			READ_AS(int16_t, to, p, n);                                      \
		case 'i' << 8 | 4:                                                       \
			READ_AS(int32_t, to, p, n);                                      \
		case 'i' << 8 | 8:                                                       \
			READ_AS(int64_t, to, p, n);                                      \
		default:                                                                 \
			return with_floats(d, p, n, to);                                 \
		}                                                                        \
	}

static bool floats_f64(const struct py_dtype *d, const char *p, int64_t n, double *to)
{
	if (d->kind != 'f')
		return false;
	if (d->bytes == 8) {
		READ_AS(double, to, p, n);
	}
	if (d->bytes == 4) {
		READ_AS(float, to, p, n);
	}
	if (d->bytes != 2)
		return false;
	for (int64_t i = 0; i < n; i++) {
		uint16_t h;
		memcpy(&h, p + 2 * i, sizeof h);
		to[i] = half_to_float(h);
	}
	return true;
}

static bool no_floats(const struct py_dtype *d, const char *p, int64_t n, int64_t *to)
{
	(void)d, (void)p, (void)n, (void)to;
	return false;
}

DEFINE_CONVERT(convert_f64, double, floats_f64)
DEFINE_CONVERT(convert_i64, int64_t, no_floats)

bool py_as_i64(const struct py *v, int64_t *out)
{
	if (!v)
		return false;
	if (v->kind == PY_INT || v->kind == PY_BOOL) {
		*out = v->num;
		return true;
	}
	if (v->kind != PY_SCALAR)
		return false;
	int64_t n;
	if (!convert_i64(v->array->dtype, v->array->data.ptr, 1, &n))
		return false;
	/* An uint64 above INT64_MAX came out negative. */
	if (v->array->dtype->kind == 'u' && n < 0)
		return false;
	*out = n;
	return true;
}

bool py_as_f64(const struct py *v, double *out)
{
	if (!v)
		return false;
	if (v->kind == PY_FLOAT) {
		*out = v->real;
		return true;
	}
	if (v->kind == PY_INT || v->kind == PY_BOOL) {
		*out = (double)v->num;
		return true;
	}
	double x;
	if (v->kind != PY_SCALAR || !convert_f64(v->array->dtype, v->array->data.ptr, 1, &x))
		return false;
	*out = x;
	return true;
}

/* --- attributes --- */

static const char *class_name(const struct py *object)
{
	return object->kind == PY_OBJECT || object->kind == PY_GLOBAL ? object->object.cls->name : "a dict";
}

static int attribute(const struct py *object, const char *name, const struct py **out, struct err *err)
{
	const struct py *v = py_get(object, name);
	if (!v)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s has no attribute %s: not fitted, or written by a version that is not supported",
			       class_name(object), name);
	*out = v;
	return 0;
}

static int wrong_type(const struct py *object, const char *name, const struct py *v, const char *want, struct err *err)
{
	struct arena a;
	arena_init(&a, 256, 4096);
	const char *have = py_describe(v, &a);
	(void)err_set(err, ERR_UNSUPPORTED, "%s.%s is %s, not %s", class_name(object), name, have ? have : "?", want);
	arena_release(&a);
	return -1;
}

int py_i64(const struct py *object, const char *name, int64_t *out, struct err *err)
{
	const struct py *v = NULL;
	if (attribute(object, name, &v, err) < 0)
		return -1;
	return py_as_i64(v, out) ? 0 : wrong_type(object, name, v, "an integer", err);
}

int py_f64(const struct py *object, const char *name, double *out, struct err *err)
{
	const struct py *v = NULL;
	if (attribute(object, name, &v, err) < 0)
		return -1;
	return py_as_f64(v, out) ? 0 : wrong_type(object, name, v, "a number", err);
}

int py_bool(const struct py *object, const char *name, bool *out, struct err *err)
{
	const struct py *v = NULL;
	int64_t n;
	if (attribute(object, name, &v, err) < 0)
		return -1;
	if (!py_as_i64(v, &n))
		return wrong_type(object, name, v, "a bool", err);
	*out = n != 0;
	return 0;
}

int py_str(const struct py *object, const char *name, struct slice *out, struct err *err)
{
	const struct py *v = NULL;
	if (attribute(object, name, &v, err) < 0)
		return -1;
	if (v->kind != PY_STR)
		return wrong_type(object, name, v, "a string", err);
	*out = v->bytes;
	return 0;
}

/* --- arrays --- */

static const struct py_array *array_of(const struct py *v)
{
	if (!v || (v->kind != PY_ARRAY && v->kind != PY_SCALAR) || v->array->dtype->kind == 'O')
		return NULL;
	return v->array;
}

/* Tiles of eight rows, so that each cache line that is written is filled at once, and of as many columns as make the reads
 * long runs. */
void py_transpose(const void *from, size_t rows, size_t columns, void *to, size_t stride)
{
	enum { TILE_ROWS = 8, TILE_COLUMNS = 64 };
	const uint64_t *in = from;
	uint64_t *out = to;
	for (size_t j = 0; j < columns; j += TILE_COLUMNS) {
		size_t j_end = MIN(j + TILE_COLUMNS, columns);
		for (size_t i = 0; i < rows; i += TILE_ROWS) {
			size_t i_end = MIN(i + TILE_ROWS, rows);
			for (size_t y = j; y < j_end; y++)
				for (size_t x = i; x < i_end; x++)
					out[y * stride + x] = in[x * columns + y];
		}
	}
}

/* Column-major to row-major: `from` and `to` hold count items of `bytes`. */
static void reorder(const struct py_array *a, const void *from, void *to, size_t bytes)
{
	const char *in = from;
	char *out = to;
	int64_t index[PY_RANK_MAX] = { 0 }, stride[PY_RANK_MAX], step = 1;
	if (a->rank == 2 && bytes == sizeof(uint64_t)) {
		py_transpose(from, (size_t)a->shape[1], (size_t)a->shape[0], to, (size_t)a->shape[1]);
		return;
	}
	for (int d = 0; d < a->rank; d++) {
		stride[d] = step;
		step *= a->shape[d];
	}
	int64_t at = 0;
	for (int64_t i = 0; i < a->count; i++) {
		memcpy(out + (size_t)i * bytes, in + (size_t)at * bytes, bytes);
		for (int d = a->rank - 1; d >= 0; d--) {
			at += stride[d];
			if (++index[d] < a->shape[d])
				break;
			at -= stride[d] * a->shape[d];
			index[d] = 0;
		}
	}
}

/* The items of an array that has them as they are wanted; NULL for any other. */
static const void *items_in_place(const struct py_array *a, char kind)
{
	bool same = a->dtype->kind == kind && a->dtype->bytes == 8;
	return same && ((uintptr_t)a->data.ptr & 7) == 0 ? a->data.ptr : NULL;
}

#define DEFINE_ARRAY(name, out_type, kind, convert)                                                \
	bool name(const struct py *v, struct arena *a, const out_type **out, int64_t *count)       \
	{                                                                                          \
		const struct py_array *from = array_of(v);                                         \
		if (!from)                                                                         \
			return false;                                                              \
		const out_type *flat = items_in_place(from, kind);                                 \
		if (!flat) {                                                                       \
			out_type *copy = arena_array(a, (size_t)MAX(from->count, 1), sizeof *copy); \
			if (!copy || !convert(from->dtype, from->data.ptr, from->count, copy))     \
				return false;                                                      \
			flat = copy;                                                               \
		}                                                                                  \
		if (from->fortran && from->rank > 1) {                                             \
			out_type *rows = arena_array(a, (size_t)MAX(from->count, 1), sizeof *rows); \
			if (!rows)                                                                 \
				return false;                                                      \
			reorder(from, flat, rows, sizeof *rows);                                                 \
			flat = rows;                                                               \
		}                                                                                  \
		*out = flat;                                                                       \
		*count = from->count;                                                              \
		return true;                                                                       \
	}

DEFINE_ARRAY(py_array_f64, double, 'f', convert_f64)
DEFINE_ARRAY(py_array_i64, int64_t, 'i', convert_i64)

/* One fixed-width UCS-4 item without its trailing zeros, as UTF-8. */
static bool ucs4_text(const char *p, uint32_t bytes, struct arena *a, struct slice *out)
{
	uint32_t n = bytes / 4, c;
	while (n > 0 && (memcpy(&c, p + 4 * (size_t)(n - 1), 4), c == 0))
		n--;
	char *to = arena_alloc(a, 4 * (size_t)n + 1), *at = to;
	if (!to)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&c, p + 4 * (size_t)i, 4);
		if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return false;
		if (c < 0x80) {
			*at++ = (char)c;
			continue;
		}
		int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
		static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
		*at++ = (char)(lead[more] | c >> (6 * more));
		while (more-- > 0)
			*at++ = (char)(0x80 | ((c >> (6 * more)) & 0x3f));
	}
	*at = 0;
	*out = slice_of(to, (size_t)(at - to));
	return true;
}

static bool fixed_strings(const struct py_array *from, struct arena *a, struct slice *to)
{
	uint32_t bytes = from->dtype->bytes;
	for (int64_t i = 0; i < from->count; i++) {
		const char *p = from->data.ptr + (size_t)i * bytes;
		if (from->dtype->kind == 'S') {
			size_t n = bytes;
			while (n > 0 && p[n - 1] == 0)
				n--;
			to[i] = slice_of(p, n);
		} else if (!ucs4_text(p, bytes, a, &to[i])) {
			return false;
		}
	}
	return true;
}

bool py_strings(const struct py *v, struct arena *a, struct slice **out, size_t *n)
{
	if (!v)
		return false;
	struct py **items = NULL;
	size_t count;
	if (v->kind == PY_LIST || v->kind == PY_TUPLE || v->kind == PY_SET) {
		items = v->seq.items;
		count = v->seq.n;
	} else if (v->kind == PY_ARRAY && v->array->rank >= 1) {
		items = v->array->items;
		count = (size_t)v->array->count;
		char kind = v->array->dtype->kind;
		if (kind != 'O' && kind != 'U' && kind != 'S')
			return false;
	} else {
		return false;
	}
	struct slice *to = arena_array(a, MAX(count, (size_t)1), sizeof *to);
	if (!to)
		return false;
	if (v->kind == PY_ARRAY && v->array->dtype->kind != 'O') {
		if (!fixed_strings(v->array, a, to))
			return false;
		if (v->array->fortran && v->array->rank > 1) {
			struct slice *rows = arena_array(a, MAX(count, (size_t)1), sizeof *rows);
			if (!rows)
				return false;
			reorder(v->array, to, rows, sizeof *rows);
			to = rows;
		}
	} else {
		for (size_t i = 0; i < count; i++) {
			if (items[i]->kind != PY_STR)
				return false;
			to[i] = items[i]->bytes;
		}
	}
	*out = to;
	*n = count;
	return true;
}

/* --- describing --- */

static void describe_dtype(const struct py_dtype *d, struct buf *b)
{
	switch (d->kind) {
	case 'b':
		buf_str(b, "bool");
		return;
	case 'i':
	case 'u':
	case 'f':
	case 'c':
		buf_printf(b, "%s%u", d->kind == 'i' ? "int" : d->kind == 'u' ? "uint" : d->kind == 'f' ? "float" : "complex",
			   d->bytes * 8);
		return;
	case 'O':
		buf_str(b, "object");
		return;
	case 'V':
		buf_str(b, d->fields_n ? "record" : "void");
		return;
	default:
		buf_printf(b, "%c%u", d->kind, d->kind == 'U' ? d->bytes / 4 : d->bytes);
	}
}

static void describe(const struct py *v, struct buf *b)
{
	static const char *const plain[] = {
		[PY_NONE] = "None", [PY_BOOL] = "bool", [PY_INT] = "int",   [PY_BIGINT] = "int",  [PY_FLOAT] = "float",
		[PY_STR] = "str",   [PY_BYTES] = "bytes", [PY_LIST] = "list", [PY_TUPLE] = "tuple", [PY_SET] = "set",
		[PY_DICT] = "dict",
	};
	switch (v->kind) {
	case PY_OBJECT:
		buf_printf(b, "%s.%s", v->object.cls->module, v->object.cls->name);
		return;
	case PY_GLOBAL:
		buf_printf(b, "the name %s.%s", v->object.cls->module, v->object.cls->name);
		return;
	case PY_DTYPE:
		buf_str(b, "numpy.dtype ");
		describe_dtype(v->dtype, b);
		return;
	case PY_SCALAR:
		buf_str(b, "numpy.");
		describe_dtype(v->array->dtype, b);
		return;
	case PY_ARRAY:
		buf_str(b, "numpy.ndarray of ");
		describe_dtype(v->array->dtype, b);
		buf_str(b, " [");
		for (int i = 0; i < v->array->rank; i++)
			buf_printf(b, "%s%lld", i ? ", " : "", (long long)v->array->shape[i]);
		buf_char(b, ']');
		return;
	default:
		buf_str(b, plain[v->kind]);
	}
}

const char *py_describe(const struct py *v, struct arena *a)
{
	if (!v)
		return "nothing";
	struct buf b;
	buf_init(&b, 4096);
	describe(v, &b);
	const char *text = b.failed ? "?" : arena_cstr(a, buf_view(&b));
	buf_release(&b);
	return text ? text : "?";
}
