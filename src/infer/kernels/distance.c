/*
 * Euclidean distance to each center. Dense rows sum squared differences, which stays accurate next to a center, where
 * scikit-learn's |x|^2 - 2xc + |c|^2 cancels; the two agree wherever that is accurate itself.
 */
#include <math.h>

#include "base/check.h"
#include "infer/kernels/kernel.h"

struct distance {
	size_t k, m;
	const double *centers, *squares;
};

static int check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_distance *p = params;
	if (p->k == 0 || p->m == 0 || p->m > GRAPH_COLUMNS_MAX)
		return kernel_bad(err, "distance", "wrong widths");
	if (!kernel_span(g, p->centers, (uint64_t)p->k * p->m, sizeof(double), false) ||
	    !kernel_span(g, p->squares, p->m, sizeof(double), false))
		return kernel_bad(err, "distance", "numbers lie outside");
	return 0;
}

static int infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		 struct graph_type *out, struct err *err)
{
	const struct op_distance *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("distance", in, true, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "distance", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = (struct graph_type){.dtype = DTYPE_F64, .columns = p->m};
	return 0;
}

static int prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_distance *p = s->params;
	struct distance *d = arena_alloc(arena, sizeof *d);
	if (!d)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	*d = (struct distance){p->k, p->m, kernel_f64(s->graph, p->centers), kernel_f64(s->graph, p->squares)};
	s->state = d;
	return 0;
}

static int run(const struct step *s, struct run *r)
{
	const struct distance *d = s->state;
	double *y = run_out_f64(s, r);
	if (s->types[s->in[0]].csr) {
		const struct csr *x = &r->values[s->in[0]].csr;
		for (size_t i = 0; i < r->rows; i++) {
			double square = 0;
			for (size_t e = x->start[i]; e < x->start[i + 1]; e++)
				square += x->value[e] * x->value[e];
			for (size_t m = 0; m < d->m; m++) {
				double dot = 0;
				for (size_t e = x->start[i]; e < x->start[i + 1]; e++)
					dot += x->value[e] * d->centers[m * d->k + x->column[e]];
				double v = square - 2 * dot + d->squares[m];
				*y++ = v > 0 ? sqrt(v) : 0;
			}
		}
		return 0;
	}
	const double *x = run_f64(s, r, 0);
	for (size_t i = 0; i < r->rows; i++, x += d->k) {
		const double *c = d->centers;
		for (size_t m = 0; m < d->m; m++, c += d->k) {
			double a = 0, b = 0;
			size_t k = 0;
			for (; k + 2 <= d->k; k += 2) {
				double u = x[k] - c[k], v = x[k + 1] - c[k + 1];
				a += u * u;
				b += v * v;
			}
			if (k < d->k)
				a += (x[k] - c[k]) * (x[k] - c[k]);
			*y++ = sqrt(a + b);
		}
	}
	return 0;
}

static double cost(const struct step *s)
{
	const struct distance *d = s->state;
	size_t entries = s->types[s->in[0]].csr ? MIN(d->k, 200) : d->k;
	return 5 + 0.7 * (double)entries * (double)d->m;
}

const struct kernel kernel_distance = {
    .name = "distance",
    .params_bytes = sizeof(struct op_distance),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = check,
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .cost = cost,
};
