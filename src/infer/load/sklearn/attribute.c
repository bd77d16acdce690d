/* Reading attributes of fitted estimators: see lowering.h. */
#include <stdarg.h>

#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

const char *sk_class(const struct py *est)
{
	return est && (est->kind == PY_OBJECT) && est->object.cls ? est->object.cls->name : "?";
}

const char *sk_describe(const struct lowering *l, const struct py *est)
{
	return py_describe(est, l->arena);
}

int sk_version(const struct py *est)
{
	const struct py *v = py_get(est, "_sklearn_version");
	struct slice rest = v && v->kind == PY_STR ? v->bytes : slice_of(NULL, 0);
	uint64_t major, minor;
	if (!slice_u64(slice_cut(&rest, '.'), &major) || !slice_u64(slice_cut(&rest, '.'), &minor) || major > 99 ||
	    minor > 99)
		return 0;
	return (int)(major * 100 + minor);
}

bool sk_has(const struct py *est, const char *name)
{
	return !py_is_none(py_get(est, name));
}

int sk_unsupported(struct lowering *l, const struct py *est, const char *fmt, ...)
{
	va_list ap;
	char text[512];
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(l->err, ERR_UNSUPPORTED, "%s: %s", sk_describe(l, est), text);
}

/* Numbers as objects: what SimpleImputer keeps of strategy='constant' since 1.8. */
static bool object_numbers(struct lowering *l, const struct py *v, const double **out)
{
	const struct py_array *a = v->array;
	double *to = arena_array(l->arena, (size_t)a->count, sizeof *to);
	for (int64_t i = 0; to && i < a->count; i++) {
		if (!py_as_f64(a->items[i], &to[i]))
			return false;
	}
	*out = to;
	return to != NULL;
}

int sk_array(struct lowering *l, const struct py *est, const char *name, struct sk_array *out)
{
	const struct py *v = py_get(est, name);
	const double *at;
	int64_t n;
	double number;
	if (!v)
		return sk_unsupported(
		    l, est, "attribute %s is absent: the estimator is not fitted, or of a version we do not know",
		    name);
	if (py_as_f64(v, &number)) {
		double *one = arena_alloc(l->arena, sizeof *one);
		if (!one)
			return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
		*one = number;
		*out = (struct sk_array){one, 1, 1, 0};
		return 0;
	}
	if (v->kind != PY_ARRAY || v->array->rank > 2 || v->array->count == 0)
		return sk_unsupported(l, est, "attribute %s is %s, not a vector or matrix of numbers", name,
				      py_describe(v, l->arena));
	bool objects = v->array->dtype->kind == 'O' && v->array->rank == 1;
	if (objects ? !object_numbers(l, v, &at) : !py_array_f64(v, l->arena, &at, &n))
		return sk_unsupported(l, est, "attribute %s is %s, not numbers", name, py_describe(v, l->arena));
	int rank = v->array->rank;
	*out = (struct sk_array){.at = at, .rank = rank};
	out->rows = rank == 2 ? (size_t)v->array->shape[0] : 1;
	out->columns = rank == 0 ? 1 : (size_t)v->array->shape[rank - 1];
	return 0;
}

int sk_vector(struct lowering *l, const struct py *est, const char *name, size_t n, const double **out)
{
	struct sk_array a;
	if (sk_array(l, est, name, &a) < 0)
		return -1;
	if ((a.rows != 1 && a.columns != 1) || (n && a.rows * a.columns != n))
		return sk_unsupported(l, est, "attribute %s has %zu x %zu numbers, not %zu", name, a.rows, a.columns,
				      n);
	*out = a.at;
	return 0;
}

int sk_flag(struct lowering *l, const struct py *est, const char *name, bool fallback, bool *out)
{
	if (!py_get(est, name)) {
		*out = fallback;
		return 0;
	}
	return py_bool(est, name, out, l->err);
}

int sk_word(struct lowering *l, const struct py *est, const char *name, const char *fallback, struct slice *out)
{
	if (!sk_has(est, name)) {
		*out = slice_str(fallback);
		return 0;
	}
	return py_str(est, name, out, l->err);
}

/* --- width --- */

/* Attributes whose last dimension is the number of features. */
static const char *const wide_as_input[] = {
    "coef_",  "components_", "cluster_centers_", "theta_",   "feature_log_prob_", "statistics_",
    "scale_", "mean_",       "center_",          "max_abs_",
};

/* Estimators that hand on as many columns as they get. */
static bool keeps_width(const struct py *est)
{
	static const char *const names[] = {"Normalizer", "FunctionTransformer", "Binarizer", "MaxAbsScaler"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (py_is(est, "sklearn.preprocessing", names[i]))
			return true;
	}
	return est && (est->kind == PY_STR || est->kind == PY_NONE); /* "passthrough" */
}

static const struct py *item(const struct py *list, size_t i)
{
	return list && (list->kind == PY_LIST || list->kind == PY_TUPLE) && i < list->seq.n ? list->seq.items[i] : NULL;
}

static bool takes_text(const struct py *est)
{
	static const char *const names[] = {"CountVectorizer", "TfidfVectorizer", "HashingVectorizer"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (py_is(est, "sklearn.feature_extraction", names[i]))
			return true;
	}
	return false;
}

static int64_t width_at_depth(const struct lowering *l, const struct py *est, int depth)
{
	int64_t n;
	if (!est || est->kind != PY_OBJECT || depth > 32)
		return -1;
	if (takes_text(est))
		return 1;
	if (py_as_i64(py_get(est, "n_features_in_"), &n) || py_as_i64(py_get(est, "n_features_"), &n) ||
	    py_as_i64(py_get(est, "_n_features"), &n))
		return n;
	for (size_t i = 0; i < COUNT_OF(wide_as_input); i++) {
		const struct py *v = py_get(est, wide_as_input[i]);
		if (v && v->kind == PY_ARRAY && v->array->rank > 0)
			return v->array->shape[v->array->rank - 1];
	}
	const struct py *best = py_get(est, "best_estimator_"); /* a search; its n_features_in_ is no attribute */
	if (best)
		return width_at_depth(l, best, depth + 1);
	bool chain = py_is(est, "sklearn.pipeline", "Pipeline");
	const struct py *parts = py_get(est, chain ? "steps" : "transformer_list");
	for (size_t i = 0; item(parts, i); i++) {
		const struct py *part = item(item(parts, i), 1);
		n = width_at_depth(l, part, depth + 1);
		if (n >= 0)
			return n;
		if (chain && !keeps_width(part))
			break;
	}
	return -1;
}

int64_t sk_width(const struct lowering *l, const struct py *est)
{
	return width_at_depth(l, est, 0);
}
