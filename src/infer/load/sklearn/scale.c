/* Scalers and what else works on one number or one row at a time (preprocessing/_data.py, impute/_base.py). */
#include <float.h>
#include <math.h>

#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

/* An attribute of `k` numbers, or NULL in *out when it is None. */
static int optional(struct lowering *l, const struct py *est, const char *name, size_t k, const double **out)
{
	*out = NULL;
	return sk_has(est, name) ? sk_vector(l, est, name, k, out) : 0;
}

static struct span put(struct lowering *l, const double *v, size_t n)
{
	return graph_put(&l->b, v, v ? n : 0, sizeof *v);
}

static int answer_scale(struct lowering *l, const struct py *est, struct flow f, struct op_scale *op,
			struct answers *out)
{
	op->k = (uint32_t)f.columns;
	if (f.csr && (op->minus.n || op->plus.n || op->clip))
		return sk_unsupported(l, est, "it shifts or clips, but gets sparse rows");
	f.node = graph_node1(&l->b, OP_SCALE, f.node, op, sizeof *op);
	f.integers = false;
	answer_flow(out, f);
	return 0;
}

/* (x - shift) / scale, each where the estimator has it. */
static int shift_and_scale(struct lowering *l, const struct py *est, const struct flow *in, const char *shift_flag,
			   const char *shift_name, const char *scale_flag, struct answers *out)
{
	bool shifts, scales;
	const double *shift = NULL, *scale = NULL;
	struct flow f;
	if (sk_flag(l, est, shift_flag, true, &shifts) < 0 || sk_flag(l, est, scale_flag, true, &scales) < 0 ||
	    flow_numbers(l, est, in, sk_width(l, est), FINITE_OR_NAN, &f) < 0)
		return -1;
	size_t k = (size_t)f.columns;
	/* mean_ is kept without with_mean too; it is not used then. */
	if ((shifts && optional(l, est, shift_name, k, &shift) < 0) ||
	    (scales && optional(l, est, "scale_", k, &scale) < 0))
		return -1;
	struct op_scale op = {.minus = put(l, shift, k), .over = put(l, scale, k)};
	return answer_scale(l, est, f, &op, out);
}

int lower_standard_scaler(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	return shift_and_scale(l, est, in, "with_mean", "mean_", "with_std", out);
}

int lower_robust_scaler(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	return shift_and_scale(l, est, in, "with_centering", "center_", "with_scaling", out);
}

int lower_min_max_scaler(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const double *scale, *least;
	struct flow f;
	bool clip;
	if (flow_dense(l, est, in, sk_width(l, est), FINITE_OR_NAN, &f) < 0 ||
	    sk_flag(l, est, "clip", false, &clip) < 0)
		return -1;
	size_t k = (size_t)f.columns;
	if (sk_vector(l, est, "scale_", k, &scale) < 0 || sk_vector(l, est, "min_", k, &least) < 0)
		return -1;
	struct op_scale op = {.times = put(l, scale, k), .plus = put(l, least, k), .clip = clip};
	const struct py *range = py_get(est, "feature_range");
	if (clip && (!range || (range->kind != PY_TUPLE && range->kind != PY_LIST) || range->seq.n != 2 ||
		     !py_as_f64(range->seq.items[0], &op.low) || !py_as_f64(range->seq.items[1], &op.high)))
		return sk_unsupported(l, est, "feature_range is not two numbers");
	return answer_scale(l, est, f, &op, out);
}

int lower_max_abs_scaler(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const double *scale;
	struct flow f;
	bool clip;
	if (flow_numbers(l, est, in, sk_width(l, est), FINITE_OR_NAN, &f) < 0 ||
	    sk_flag(l, est, "clip", false, &clip) < 0 || sk_vector(l, est, "scale_", (size_t)f.columns, &scale) < 0)
		return -1;
	struct op_scale op = {.over = put(l, scale, (size_t)f.columns), .clip = clip, .low = -1, .high = 1};
	return answer_scale(l, est, f, &op, out);
}

int lower_normalizer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct slice norm;
	struct flow f;
	int version = sk_version(est);
	/* Before 1.0 only a norm of exactly 0 was left alone, before 0.23 the largest value was not the largest
	 * absolute one. */
	struct op_normalize op = {.tiny = !version || version >= 100 ? 10 * DBL_EPSILON : -(double)INFINITY};
	if (flow_numbers(l, est, in, -1, FINITE_ONLY, &f) < 0 || sk_word(l, est, "norm", "l2", &norm) < 0)
		return -1;
	if (slice_is(norm, "l1"))
		op.norm = NORM_L1;
	else if (slice_is(norm, "l2"))
		op.norm = NORM_L2;
	else if (slice_is(norm, "max"))
		op.norm = !version || version >= 23 ? NORM_MAX : NORM_MAX_SIGNED;
	else
		return sk_unsupported(l, est, "norm is '%.*s'; supported are 'l1', 'l2' and 'max'", SLICE_ARG(norm));
	f.node = graph_node1(&l->b, OP_NORMALIZE, f.node, &op, sizeof op);
	f.integers = false;
	answer_flow(out, f);
	return 0;
}

int lower_binarizer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct op_binarize op = {0};
	struct flow f;
	if (py_f64(est, "threshold", &op.threshold, l->err) < 0 || flow_numbers(l, est, in, -1, FINITE_ONLY, &f) < 0)
		return -1;
	if (f.csr && op.threshold < 0)
		return sk_unsupported(l, est, "threshold is negative, but it gets sparse rows");
	f.node = graph_node1(&l->b, OP_BINARIZE, f.node, &op, sizeof op);
	f.integers = false;
	answer_flow(out, f);
	return 0;
}

int lower_function_transformer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *func = py_get(est, "func");
	bool validate = false;
	if (!py_is_none(func))
		return sk_unsupported(l, est, "func is %s: code in a model is not run; only func=None is supported",
				      py_describe(func, l->arena));
	const struct py *v = py_get(est, "validate");
	if (v && v->kind == PY_BOOL)
		validate = v->num != 0;
	struct flow f = *in;
	if (validate && flow_numbers(l, est, in, -1, FINITE_ONLY, &f) < 0)
		return -1;
	answer_flow(out, f);
	return 0;
}

/* Columns that had no value at fit, and so have no statistic, are dropped unless they are kept on purpose. */
static int drop_empty(struct lowering *l, const double *statistics, struct flow *f)
{
	uint32_t *kept = arena_array(l->arena, (size_t)f->columns + 1, sizeof *kept);
	size_t n = 0;
	if (!kept)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (int64_t i = 0; i < f->columns; i++) {
		if (!isnan(statistics[i]))
			kept[n++] = (uint32_t)i;
	}
	return n == (size_t)f->columns ? 0 : flow_pick(l, f, kept, n, false, f);
}

int lower_simple_imputer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct slice strategy;
	bool indicator, keep;
	const double *statistics;
	struct flow f;
	double missing = (double)NAN;
	const struct py *v = py_get(est, "missing_values");
	if (v && !py_is_str(v, "NaN") && !py_as_f64(v, &missing))
		return sk_unsupported(l, est, "missing_values is %s, not a number", py_describe(v, l->arena));
	if (sk_word(l, est, "strategy", "mean", &strategy) < 0 ||
	    sk_flag(l, est, "add_indicator", false, &indicator) < 0 ||
	    sk_flag(l, est, "keep_empty_features", false, &keep) < 0 ||
	    flow_dense(l, est, in, sk_width(l, est), isnan(missing) ? FINITE_OR_NAN : FINITE_ONLY, &f) < 0 ||
	    sk_vector(l, est, "statistics_", (size_t)f.columns, &statistics) < 0)
		return -1;
	if (indicator)
		return sk_unsupported(
		    l, est, "add_indicator=True is not supported yet: add the indicator as a feature of its own");
	struct op_impute op = {.k = (uint32_t)f.columns, .nan = isnan(missing), .missing = missing};
	op.values = put(l, statistics, (size_t)f.columns);
	f.node = graph_node1(&l->b, OP_IMPUTE, f.node, &op, sizeof op);
	f.finite = true;
	/* A constant filled them too before 1.8. */
	bool drops = !keep && (!slice_is(strategy, "constant") || sk_version(est) >= 108);
	if (drops && drop_empty(l, statistics, &f) < 0)
		return -1;
	for (uint32_t i = 0; i < op.k; i++)
		f.finite &= isfinite(statistics[i]) != 0;
	answer_flow(out, f);
	return 0;
}
