/*
 * A model engine for tests of what stands above it: defines every symbol of infer/model.h. Include it in one .c of a
 * test. predict gives the sum of a row (or the length of a text) as an integer when the input is integers or text, as
 * a float otherwise; predict_proba gives [sum, 1 - sum].
 */
#ifndef CORACLE_TESTS_FAKE_MODEL_H
#define CORACLE_TESTS_FAKE_MODEL_H

#include <stdatomic.h>
#include <stdlib.h>

#include "infer/model.h"

struct model {
	_Atomic int refs;
	struct model_input input;
	int64_t cost_ns;
	int64_t width; /* of transform's rows: each is the text's length, repeated */
	const char *class;
	_Atomic int runs;
};

static _Atomic int fake_models;

static struct model *fake_model(int64_t columns, bool text)
{
	struct model *m = calloc(1, sizeof *m);
	*m = (struct model){.refs = 1, .input = {.columns = columns, .text = text}, .class = "FakeModel"};
	atomic_fetch_add(&fake_models, 1);
	return m;
}

void model_ref(struct model *m)
{
	atomic_fetch_add(&m->refs, 1);
}

void model_unref(struct model *m)
{
	if (atomic_fetch_sub(&m->refs, 1) == 1) {
		atomic_fetch_sub(&fake_models, 1);
		free(m);
	}
}

/* A test may put these in. */
static int (*fake_open)(const char *path, struct model **out, struct err *err);
static int (*fake_fuse)(struct model *first, struct model *second, struct model **out, struct err *err);

int model_open(const char *path, const struct model_options *options, struct model **out, struct err *err)
{
	(void)options;
	if (fake_open)
		return fake_open(path, out, err);
	return err_set(err, ERR_NOT_FOUND, "%s: a fake opens nothing", path);
}

int model_fuse(struct model *first, enum model_method method, struct model *second, struct model **out, struct err *err)
{
	(void)method;
	if (fake_fuse)
		return fake_fuse(first, second, out, err);
	return err_set(err, ERR_UNSUPPORTED, "a fake fuses nothing");
}

bool model_has(const struct model *m, enum model_method method)
{
	return method == MODEL_DEFAULT || method == MODEL_PREDICT || method == MODEL_PREDICT_PROBA ||
	       (method == MODEL_TRANSFORM && m->width);
}

const char *model_method_name(enum model_method method)
{
	static const char *const names[] = {"default",           "predict",   "predict_proba", "predict_log_proba",
					    "decision_function", "transform", "score_samples"};
	return names[method];
}

enum model_method model_method_parse(struct slice name)
{
	for (int i = 1; i < MODEL_METHODS; i++)
		if (slice_is(name, model_method_name((enum model_method)i)))
			return (enum model_method)i;
	return MODEL_METHODS;
}

const struct model_input *model_input(const struct model *m)
{
	return &m->input;
}

const char *model_format(const struct model *m)
{
	(void)m;
	return "fake";
}

const char *model_version(const struct model *m)
{
	(void)m;
	return "1";
}

const char *model_class(const struct model *m)
{
	return m->class;
}

int64_t model_cost_ns(const struct model *m)
{
	return m->cost_ns;
}

size_t model_bytes(const struct model *m)
{
	return sizeof *m;
}

void model_describe(const struct model *m, FILE *to)
{
	fprintf(to, "%s\n", m->class);
}

static double fake_number(const struct tensor *t, int64_t i)
{
	switch (t->dtype) {
#define CASE(name, type)                                                                                               \
	case name:                                                                                                     \
		return (double)((const type *)t->data)[i]
		CASE(DTYPE_BOOL, bool);
		CASE(DTYPE_U8, uint8_t);
		CASE(DTYPE_U16, uint16_t);
		CASE(DTYPE_U32, uint32_t);
		CASE(DTYPE_U64, uint64_t);
		CASE(DTYPE_I8, int8_t);
		CASE(DTYPE_I16, int16_t);
		CASE(DTYPE_I32, int32_t);
		CASE(DTYPE_I64, int64_t);
		CASE(DTYPE_F32, float);
		CASE(DTYPE_F64, double);
#undef CASE
	case DTYPE_STRING:
		return (double)((const struct slice *)t->data)[i].len;
	default:
		abort();
	}
}

int model_run(const struct model *m, enum model_method method, const struct tensor *in, size_t in_n, struct tensor *out,
	      size_t out_max, size_t *out_n, struct arena *arena, struct err *err)
{
	int64_t rows = in_n ? in[0].shape[0] : 0, width = in_n > 1         ? (int64_t)in_n
							  : in[0].rank > 1 ? in[0].shape[1]
									   : 1;
	bool real = false;
	atomic_fetch_add(&((struct model *)m)->runs, 1);
	if (out_max < 1)
		return err_set(err, ERR_INTERNAL, "no room");
	if (m->input.columns >= 0 && !m->input.text && width != m->input.columns)
		return err_set(err, ERR_INVALID, "X has %lld features, but %s is expecting %lld features as input.",
			       (long long)width, m->class, (long long)m->input.columns);
	if (m->input.text && (in[0].dtype != DTYPE_STRING || width != 1))
		return err_set(err, ERR_INVALID, "texts are wanted");
	for (size_t i = 0; i < in_n; i++)
		real |= in[i].dtype == DTYPE_F64 || in[i].dtype == DTYPE_F32;
	if (method == MODEL_TRANSFORM) {
		if (tensor_alloc(out, DTYPE_F64, 2, (int64_t[]){rows, m->width}, arena, err) < 0)
			return -1;
		for (int64_t i = 0; i < rows * m->width; i++)
			((double *)out->data)[i] = fake_number(&in[0], i / m->width);
		*out_n = 1;
		return 0;
	}
	bool proba = method == MODEL_PREDICT_PROBA;
	if (tensor_alloc(out, proba || real ? DTYPE_F64 : DTYPE_I64, proba ? 2 : 1, (int64_t[]){rows, 2}, arena, err) <
	    0)
		return -1;
	for (int64_t r = 0; r < rows; r++) {
		double sum = 0;
		for (int64_t c = 0; c < width; c++)
			sum += in_n > 1 ? fake_number(&in[c], r) : fake_number(&in[0], r * width + c);
		if (proba) {
			((double *)out->data)[r * 2] = sum;
			((double *)out->data)[r * 2 + 1] = 1 - sum;
		} else if (real) {
			((double *)out->data)[r] = sum;
		} else {
			((int64_t *)out->data)[r] = (int64_t)sum;
		}
	}
	*out_n = 1;
	return 0;
}

/* tensor.h, for as long as the engine's own is not linked: weak, so that both may be there. */
__attribute__((weak)) size_t dtype_bytes(enum dtype d)
{
	static const unsigned char bytes[] = {[DTYPE_BOOL] = 1, [DTYPE_U8] = 1,
					      [DTYPE_U16] = 2,  [DTYPE_U32] = 4,
					      [DTYPE_U64] = 8,  [DTYPE_I8] = 1,
					      [DTYPE_I16] = 2,  [DTYPE_I32] = 4,
					      [DTYPE_I64] = 8,  [DTYPE_F16] = 2,
					      [DTYPE_BF16] = 2, [DTYPE_F32] = 4,
					      [DTYPE_F64] = 8,  [DTYPE_STRING] = sizeof(struct slice)};
	return bytes[d];
}

__attribute__((weak)) int64_t tensor_count(const struct tensor *t)
{
	int64_t n = 1;
	for (int i = 0; i < t->rank; i++)
		n *= t->shape[i];
	return n;
}

__attribute__((weak)) int tensor_alloc(struct tensor *t, enum dtype dtype, int rank, const int64_t *shape,
				       struct arena *a, struct err *err)
{
	*t = (struct tensor){.dtype = dtype, .rank = rank};
	for (int i = 0; i < rank; i++)
		t->shape[i] = shape[i];
	t->data = arena_zalloc(a, (size_t)tensor_count(t) * dtype_bytes(dtype));
	return t->data ? 0 : err_set(err, ERR_NO_MEMORY, "no memory");
}

#endif
