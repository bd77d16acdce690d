/* Scores to probabilities and logarithms. The formulas are those of scikit-learn and scipy.special, in their order. */
#include <math.h>

#include "infer/kernels/kernel.h"

static bool binary(uint32_t mode)
{
	return mode == ACTIVATE_BINARY || mode == ACTIVATE_BINARY_SOFTMAX;
}

static int check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_activate *p = params;
	(void)g;
	return p->mode < ACTIVATE_MODES ? 0 : kernel_bad(err, "activate", "no such mode");
}

static int infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		 struct graph_type *out, struct err *err)
{
	const struct op_activate *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("activate", in, false, err) < 0)
		return -1;
	if (in->columns < 1 || (binary(p->mode) && in->columns != 1))
		return kernel_bad(err, "activate", "wrong width");
	*out = *in;
	if (binary(p->mode))
		*out = (struct graph_type){.dtype = DTYPE_F64, .columns = 2};
	return 0;
}

static double row_max(const double *x, size_t n)
{
	double max = x[0];
	for (size_t i = 1; i < n; i++)
		max = x[i] > max ? x[i] : max;
	return max;
}

static void softmax(const double *x, double *y, size_t n)
{
	double max = row_max(x, n), sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += y[i] = exp(x[i] - max);
	for (size_t i = 0; i < n; i++)
		y[i] /= sum;
}

static void log_share(const double *x, double *y, size_t n)
{
	double max = row_max(x, n), sum = 0;
	if (!isfinite(max))
		max = 0;
	for (size_t i = 0; i < n; i++)
		sum += exp(x[i] - max);
	double total = log(sum) + max;
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] - total;
}

/* `of_none`: what each gets where all are zero. */
static void share(const double *x, double *y, size_t n, double of_none)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	for (size_t i = 0; i < n; i++)
		y[i] = sum == 0 ? of_none : x[i] / sum;
}

static double logistic(double x)
{
	return 1 / (1 + exp(-x)); /* scipy's expit: 0 where exp overflows */
}

static void row(uint32_t mode, const double *x, double *y, size_t n)
{
	switch (mode) {
	case ACTIVATE_LOGISTIC:
		for (size_t i = 0; i < n; i++)
			y[i] = logistic(x[i]);
		break;
	case ACTIVATE_BINARY:
		y[1] = x[0];
		y[0] = 1 - y[1];
		break;
	case ACTIVATE_BINARY_SOFTMAX:
		softmax((double[]){-x[0], x[0]}, y, 2);
		break;
	case ACTIVATE_SOFTMAX:
		softmax(x, y, n);
		break;
	case ACTIVATE_SHARE:
		share(x, y, n, (double)NAN);
		break;
	case ACTIVATE_SHARE_UNIFORM:
		share(x, y, n, 1 / (double)n);
		break;
	case ACTIVATE_SHARE_ZERO:
		share(x, y, n, 0);
		break;
	case ACTIVATE_LOG:
		for (size_t i = 0; i < n; i++)
			y[i] = log(x[i]);
		break;
	case ACTIVATE_EXP:
		for (size_t i = 0; i < n; i++)
			y[i] = exp(x[i]);
		break;
	case ACTIVATE_LOG_SHARE:
		log_share(x, y, n);
		break;
	case ACTIVATE_HUBER:
		for (size_t i = 0; i < n; i++)
			y[i] = ((x[i] < -1 ? -1 : x[i] > 1 ? 1 : x[i]) + 1) / 2;
		break;
	default:
		break;
	}
}

static int run(const struct step *s, struct run *r)
{
	const struct op_activate *p = s->params;
	size_t n = (size_t)s->types[s->in[0]].columns, m = (size_t)s->types[s->out].columns;
	const double *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++, x += n, y += m)
		row(p->mode, x, y, n);
	return 0;
}

static double cost(const struct step *s)
{
	return 2 + 15 * (double)s->types[s->in[0]].columns;
}

static void describe(const struct graph *g, const void *params, FILE *to)
{
	static const char *const names[ACTIVATE_MODES] = {
	    "logistic", "binary", "binary softmax", "softmax", "share",
	    "log",      "exp",    "log share",      "huber",   "share or uniform"};
	(void)g;
	fprintf(to, " %s", names[((const struct op_activate *)params)->mode]);
}

const struct kernel kernel_activate = {
    .name = "activate",
    .params_bytes = sizeof(struct op_activate),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .check = check,
    .infer = infer,
    .run = run,
    .cost = cost,
    .describe = describe,
};
