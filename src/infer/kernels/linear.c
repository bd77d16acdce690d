/* The linear map: parameters, and the plain loops that say what it computes. See linear.h. */
#include "infer/kernels/linear.h"

#include "base/check.h"
#include "infer/kernels/scale.h"

static int check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_linear *p = params;
	if (p->k == 0 || p->m == 0 || p->m > GRAPH_COLUMNS_MAX || p->stride < p->m || p->vector > 1 ||
	    (p->vector && p->m != 1))
		return kernel_bad(err, "linear", "wrong widths");
	if (p->m > 1 && (p->stride % 4 || (p->m > 8 && p->stride % 8)))
		return kernel_bad(err, "linear", "wrong stride");
	uint64_t n = (uint64_t)p->k * p->stride;
	if (!kernel_span(g, p->weights, n, sizeof(double), false) ||
	    !kernel_span(g, p->bias, p->m, sizeof(double), true) ||
	    !kernel_span(g, p->shift, p->k, sizeof(double), true))
		return kernel_bad(err, "linear", "numbers lie outside");
	return 0;
}

static int infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		 struct graph_type *out, struct err *err)
{
	const struct op_linear *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("linear", in, p->shift.n == 0, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "linear", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = (struct graph_type){.dtype = DTYPE_F64, .vector = p->vector, .columns = p->m};
	return 0;
}

void linear_pick(struct linear *l, enum isa isa)
{
	l->dense = linear_dense_plain;
	l->sparse = linear_sparse_plain;
#ifdef __x86_64__
	if (isa >= ISA_AVX2) {
		l->dense = l->m == 1 ? linear_dot_avx2 : linear_dense_avx2;
		if (l->m > 1)
			l->sparse = linear_sparse_avx2;
	}
#endif
	(void)isa;
}

static int prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_linear *p = s->params;
	struct linear *l = arena_alloc(arena, sizeof *l);
	double *bias = arena_zalloc(arena, p->stride * sizeof *bias);
	if (!l || !bias)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	if (p->bias.n)
		memcpy(bias, kernel_f64(s->graph, p->bias), p->m * sizeof *bias);
	*l = (struct linear){
	    .k = p->k,
	    .m = p->m,
	    .stride = p->stride,
	    .weights = kernel_f64(s->graph, p->weights),
	    .bias = bias,
	    .shift = kernel_f64(s->graph, p->shift),
	};
	linear_pick(l, s->isa);
	s->state = l;
	return 0;
}

enum { FOLD_NUMBERS_MAX = 1 << 22 /* weights copied for a scaler: 32 MiB */ };

bool linear_takes_scale(const struct linear *l, const struct scale *c)
{
	return !l->shift && !c->times && !c->plus && !c->clip && (!c->over || l->k * l->stride <= FOLD_NUMBERS_MAX);
}

int linear_fold_scale(struct step *s, const struct scale *c, struct arena *arena, struct err *err)
{
	struct linear *l = s->state;
	if (c->over) {
		double *weights = arena_alloc(arena, (l->k * l->stride + IMAGE_ALIGN / 8) * sizeof *weights);
		if (!weights)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		for (size_t k = 0; k < l->k; k++) {
			for (size_t m = 0; m < l->stride; m++)
				weights[k * l->stride + m] = l->weights[k * l->stride + m] / c->over[k];
		}
		l->weights = weights;
	}
	l->shift = c->minus;
	return 0;
}

void linear_dense_plain(const struct linear *l, const double *x, size_t rows, double *y)
{
	for (size_t r = 0; r < rows; r++, x += l->k, y += l->m) {
		memset(y, 0, l->m * sizeof *y);
		for (size_t k = 0; k < l->k; k++) {
			double v = l->shift ? x[k] - l->shift[k] : x[k];
			const double *w = l->weights + k * l->stride;
			for (size_t m = 0; m < l->m; m++)
				y[m] += v * w[m];
		}
		for (size_t m = 0; m < l->m; m++)
			y[m] += l->bias[m];
	}
}

void linear_sparse_plain(const struct linear *l, const struct csr *x, size_t rows, double *y)
{
	for (size_t r = 0; r < rows; r++, y += l->m) {
		memset(y, 0, l->m * sizeof *y);
		for (size_t i = x->start[r]; i < x->start[r + 1]; i++) {
			double v = x->value[i];
			const double *w = l->weights + (size_t)x->column[i] * l->stride;
			for (size_t m = 0; m < l->m; m++)
				y[m] += v * w[m];
		}
		for (size_t m = 0; m < l->m; m++)
			y[m] += l->bias[m];
	}
}

static int run(const struct step *s, struct run *r)
{
	const struct linear *l = s->state;
	if (s->types[s->in[0]].csr)
		l->sparse(l, &r->values[s->in[0]].csr, r->rows, run_out_f64(s, r));
	else
		l->dense(l, run_f64(s, r, 0), r->rows, run_out_f64(s, r));
	return 0;
}

static double cost(const struct step *s)
{
	const struct linear *l = s->state;
	size_t entries = s->types[s->in[0]].csr ? MIN(l->k, 200) : l->k;
	return 10 + 0.25 * (double)entries * (double)l->m;
}

static void describe(const struct graph *g, const void *params, FILE *to)
{
	const struct op_linear *p = params;
	(void)g;
	fprintf(to, " %u x %u%s%s", p->k, p->m, p->bias.n ? ", bias" : "", p->shift.n ? ", shifted" : "");
}

const struct kernel kernel_linear = {
    .name = "linear",
    .params_bytes = sizeof(struct op_linear),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = check,
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .cost = cost,
    .describe = describe,
};
