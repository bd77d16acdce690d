/* Log likelihoods that are no linear map: Gaussian and categorical naive Bayes. */
#include <math.h>

#include "base/check.h"
#include "infer/kernels/kernel.h"

/* --- gaussian --- */

static int gaussian_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_gaussian *p = params;
	uint64_t n = (uint64_t)p->k * p->m;
	if (p->k == 0 || p->m == 0 || p->m > GRAPH_COLUMNS_MAX || !kernel_span(g, p->means, n, sizeof(double), false) ||
	    !kernel_span(g, p->variances, n, sizeof(double), false) ||
	    !kernel_span(g, p->constants, p->m, sizeof(double), false))
		return kernel_bad(err, "gaussian", "numbers lie outside");
	return 0;
}

static int gaussian_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			  struct graph_type *out, struct err *err)
{
	const struct op_gaussian *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("gaussian", in, false, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "gaussian", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = (struct graph_type){.dtype = DTYPE_F64, .columns = p->m};
	return 0;
}

static int gaussian_run(const struct step *s, struct run *r)
{
	const struct op_gaussian *p = s->params;
	const double *means = kernel_f64(s->graph, p->means), *variances = kernel_f64(s->graph, p->variances);
	const double *constants = kernel_f64(s->graph, p->constants), *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++, x += p->k) {
		for (size_t m = 0; m < p->m; m++) {
			const double *mean = means + m * p->k, *variance = variances + m * p->k;
			double sum = 0;
			for (size_t k = 0; k < p->k; k++)
				sum += (x[k] - mean[k]) * (x[k] - mean[k]) / variance[k];
			*y++ = constants[m] - 0.5 * sum;
		}
	}
	return 0;
}

static double gaussian_cost(const struct step *s)
{
	const struct op_gaussian *p = s->params;
	return 5 + 3.0 * p->k * p->m;
}

const struct kernel kernel_gaussian = {
    .name = "gaussian",
    .params_bytes = sizeof(struct op_gaussian),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = gaussian_check,
    .infer = gaussian_infer,
    .run = gaussian_run,
    .cost = gaussian_cost,
};

/* --- categories --- */

static int categories_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_categories *p = params;
	if (p->k == 0 || p->m == 0 || p->m > GRAPH_COLUMNS_MAX ||
	    !kernel_span(g, p->counts, p->k, sizeof(uint32_t), false) ||
	    !kernel_span(g, p->bias, p->m, sizeof(double), false))
		return kernel_bad(err, "categories", "numbers lie outside");
	const uint32_t *counts = graph_at(g, p->counts, sizeof *counts);
	uint64_t rows = 0, n;
	for (uint32_t i = 0; i < p->k; i++) {
		if (counts[i] == 0)
			return kernel_bad(err, "categories", "a column has none");
		rows += counts[i];
	}
	if (ckd_mul(&n, rows, (uint64_t)p->m) || !kernel_span(g, p->tables, n, sizeof(double), false))
		return kernel_bad(err, "categories", "tables lie outside");
	return 0;
}

static int categories_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			    struct graph_type *out, struct err *err)
{
	const struct op_categories *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("categories", in, false, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "categories", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = (struct graph_type){.dtype = DTYPE_F64, .columns = p->m};
	return 0;
}

static int categories_run(const struct step *s, struct run *r)
{
	const struct op_categories *p = s->params;
	const uint32_t *counts = graph_at(s->graph, p->counts, sizeof *counts);
	const double *bias = kernel_f64(s->graph, p->bias), *tables = kernel_f64(s->graph, p->tables),
		     *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++, x += p->k, y += p->m) {
		const double *table = tables;
		memset(y, 0, p->m * sizeof *y);
		for (size_t k = 0; k < p->k; table += (size_t)counts[k] * p->m, k++) {
			/* scikit-learn casts to int, and refuses what is below zero or was not there at fit. */
			if (!(x[k] > -1 && x[k] < counts[k]))
				return err_set(r->err, ERR_INVALID,
					       "instance %zu: column %zu has category %g, which is not one of the %u "
					       "that the model knows",
					       r->first + i, k, x[k], counts[k]);
			const double *row = table + (size_t)x[k] * p->m;
			for (size_t m = 0; m < p->m; m++)
				y[m] += row[m];
		}
		for (size_t m = 0; m < p->m; m++)
			y[m] += bias[m];
	}
	return 0;
}

const struct kernel kernel_categories = {
    .name = "categories",
    .params_bytes = sizeof(struct op_categories),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = categories_check,
    .infer = categories_infer,
    .run = categories_run,
};
