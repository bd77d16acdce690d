/* Operators on single numbers: scalers, thresholds, imputation. They do what numpy does, one rounding a step, since a
 * tree behind a scaler compares the very digits. */
#include <math.h>

#include "base/check.h"
#include "infer/kernels/kernel.h"
#include "infer/kernels/scale.h"

/* The sparse output, with room for the input's entries; the caller fills the values. */
static struct csr *same_pattern(const struct step *s, struct run *r)
{
	const struct csr *in = &r->values[s->in[0]].csr;
	struct csr *out = &r->values[s->out].csr;
	size_t n = in->start[r->rows];
	if (in == out)
		return out;
	if (!csr_room(out, 0, n))
		return NULL;
	memcpy(out->start, in->start, (r->rows + 1) * sizeof *in->start);
	if (n)
		memcpy(out->column, in->column, n * sizeof *in->column);
	return out;
}

/* --- scale --- */

static int scale_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_scale *p = params;
	const struct span *all[] = {&p->minus, &p->over, &p->times, &p->plus};
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (!kernel_span(g, *all[i], p->k, sizeof(double), true))
			return kernel_bad(err, "scale", "numbers lie outside");
	}
	return p->k ? 0 : kernel_bad(err, "scale", "no columns");
}

static int scale_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		       struct graph_type *out, struct err *err)
{
	const struct op_scale *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("scale", in, p->minus.n == 0 && p->plus.n == 0 && !p->clip, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "scale", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = *in;
	out->dtype = DTYPE_F64;
	return 0;
}

static int scale_prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_scale *p = s->params;
	struct scale *c = arena_alloc(arena, sizeof *c);
	if (!c)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	*c = (struct scale){
	    .k = p->k,
	    .minus = kernel_f64(s->graph, p->minus),
	    .over = kernel_f64(s->graph, p->over),
	    .times = kernel_f64(s->graph, p->times),
	    .plus = kernel_f64(s->graph, p->plus),
	    .clip = p->clip,
	    .low = p->low,
	    .high = p->high,
	};
	s->state = c;
	return 0;
}

static void scale_row(const struct scale *c, const double *x, double *y)
{
	if (x != y)
		memcpy(y, x, c->k * sizeof *y);
	for (size_t i = 0; c->minus && i < c->k; i++)
		y[i] -= c->minus[i];
	for (size_t i = 0; c->over && i < c->k; i++)
		y[i] /= c->over[i];
	for (size_t i = 0; c->times && i < c->k; i++)
		y[i] *= c->times[i];
	for (size_t i = 0; c->plus && i < c->k; i++)
		y[i] += c->plus[i];
	for (size_t i = 0; c->clip && i < c->k; i++)
		y[i] = y[i] < c->low ? c->low : y[i] > c->high ? c->high : y[i];
}

static int scale_run(const struct step *s, struct run *r)
{
	const struct scale *c = s->state;
	if (s->types[s->in[0]].csr) {
		const struct csr *x = &r->values[s->in[0]].csr;
		struct csr *y = same_pattern(s, r);
		if (!y)
			return err_set(r->err, ERR_NO_MEMORY, "out of memory");
		for (size_t e = 0, n = y->start[r->rows]; e < n; e++) {
			double v = x->value[e];
			if (c->over)
				v /= c->over[y->column[e]];
			y->value[e] = c->times ? v * c->times[y->column[e]] : v;
		}
		return 0;
	}
	const double *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++)
		scale_row(c, x + i * c->k, y + i * c->k);
	return 0;
}

static double scale_cost(const struct step *s)
{
	return 3 + 2 * (s->types[s->in[0]].csr ? 120 : (double)s->types[s->in[0]].columns);
}

static void scale_describe(const struct graph *g, const void *params, FILE *to)
{
	const struct op_scale *p = params;
	(void)g;
	fprintf(to, "%s%s%s%s%s", p->minus.n ? " -" : "", p->over.n ? " /" : "", p->times.n ? " *" : "",
		p->plus.n ? " +" : "", p->clip ? " clip" : "");
}

const struct kernel kernel_scale = {
    .name = "scale",
    .params_bytes = sizeof(struct op_scale),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .check = scale_check,
    .infer = scale_infer,
    .prepare = scale_prepare,
    .run = scale_run,
    .cost = scale_cost,
    .describe = scale_describe,
};

/* --- binarize --- */

static int binarize_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			  struct graph_type *out, struct err *err)
{
	const struct op_binarize *p = params;
	(void)g;
	(void)in_n;
	/* Below zero, the zeros of a sparse row would become ones. */
	if (kernel_want_f64("binarize", in, p->threshold >= 0, err) < 0)
		return -1;
	*out = *in;
	out->dtype = DTYPE_F64;
	return 0;
}

static int binarize_run(const struct step *s, struct run *r)
{
	const struct op_binarize *p = s->params;
	const double *x;
	double *y;
	size_t n;
	if (s->types[s->in[0]].csr) {
		struct csr *out = same_pattern(s, r);
		if (!out)
			return err_set(r->err, ERR_NO_MEMORY, "out of memory");
		x = r->values[s->in[0]].csr.value;
		y = out->value;
		n = out->start[r->rows];
	} else {
		x = run_f64(s, r, 0);
		y = run_out_f64(s, r);
		n = r->rows * (size_t)s->types[s->out].columns;
	}
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] > p->threshold;
	return 0;
}

const struct kernel kernel_binarize = {
    .name = "binarize",
    .params_bytes = sizeof(struct op_binarize),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .infer = binarize_infer,
    .run = binarize_run,
};

/* --- impute --- */

static int impute_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_impute *p = params;
	if (p->k == 0 || !kernel_span(g, p->values, p->k, sizeof(double), false))
		return kernel_bad(err, "impute", "numbers lie outside");
	return 0;
}

static int impute_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			struct graph_type *out, struct err *err)
{
	const struct op_impute *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("impute", in, false, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "impute", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = *in;
	return 0;
}

static int impute_run(const struct step *s, struct run *r)
{
	const struct op_impute *p = s->params;
	const double *x = run_f64(s, r, 0), *values = kernel_f64(s->graph, p->values);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++, x += p->k, y += p->k) {
		for (size_t c = 0; c < p->k; c++)
			y[c] = (p->nan ? isnan(x[c]) : x[c] == p->missing) ? values[c] : x[c];
	}
	return 0;
}

const struct kernel kernel_impute = {
    .name = "impute",
    .params_bytes = sizeof(struct op_impute),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .check = impute_check,
    .infer = impute_infer,
    .run = impute_run,
};
