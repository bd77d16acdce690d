/* Operators that scale a row's numbers, sparse or dense: tf-idf weights and norms. A sparse value that nobody else
 * needs is changed where it lies (the planner then gives both sides one value). */
#include <math.h>

#include "base/check.h"
#include "infer/kernels/kernel.h"

/* The sparse output with a copy of the input's entries, or the input itself where both are one. NULL: out of memory. */
static struct csr *csr_output(const struct step *s, struct run *r)
{
	const struct csr *in = &r->values[s->in[0]].csr;
	struct csr *out = &r->values[s->out].csr;
	if (s->in[0] == s->out)
		return out;
	size_t n = in->start[r->rows];
	if (!csr_room(out, 0, n))
		return NULL;
	memcpy(out->start, in->start, (r->rows + 1) * sizeof *in->start);
	if (n) {
		memcpy(out->column, in->column, n * sizeof *in->column);
		memcpy(out->value, in->value, n * sizeof *in->value);
	}
	return out;
}

static int same_numbers(const char *name, const struct graph_type *in, struct graph_type *out, struct err *err)
{
	if (kernel_want_f64(name, in, true, err) < 0)
		return -1;
	*out = *in;
	out->dtype = DTYPE_F64;
	return 0;
}

/* --- tfidf --- */

struct tfidf {
	bool sublinear;
	const double *idf;
};

static int tfidf_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_tfidf *p = params;
	if (p->idf.n && (p->idf.n > GRAPH_COLUMNS_MAX || !graph_at(g, p->idf, sizeof(double))))
		return kernel_bad(err, "tfidf", "weights lie outside");
	return 0;
}

static int tfidf_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		       struct graph_type *out, struct err *err)
{
	const struct op_tfidf *p = params;
	(void)g;
	(void)in_n;
	if (p->idf.n && (uint64_t)in->columns != p->idf.n)
		return kernel_bad(err, "tfidf", "%lld columns, not %llu", (long long)in->columns,
				  (unsigned long long)p->idf.n);
	return same_numbers("tfidf", in, out, err);
}

static int tfidf_prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_tfidf *p = s->params;
	struct tfidf *t = arena_alloc(arena, sizeof *t);
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	*t = (struct tfidf){p->sublinear != 0, kernel_f64(s->graph, p->idf)};
	s->state = t;
	return 0;
}

static double weight(const struct tfidf *t, double x, size_t column)
{
	if (t->sublinear)
		x = log(x) + 1;
	return t->idf ? x * t->idf[column] : x;
}

static int tfidf_run(const struct step *s, struct run *r)
{
	const struct tfidf *t = s->state;
	if (s->types[s->in[0]].csr) {
		struct csr *y = csr_output(s, r);
		if (!y)
			return err_set(r->err, ERR_NO_MEMORY, "out of memory");
		for (size_t e = 0, n = y->start[r->rows]; e < n; e++)
			y->value[e] = weight(t, y->value[e], y->column[e]);
		return 0;
	}
	size_t columns = (size_t)s->types[s->out].columns;
	const double *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows * columns; i++)
		y[i] = x[i] != 0 ? weight(t, x[i], i % columns) : 0;
	return 0;
}

static double tfidf_cost(const struct step *s)
{
	const struct tfidf *t = s->state;
	double entries = s->types[s->in[0]].csr ? 120 : (double)s->types[s->in[0]].columns;
	return entries * (t->sublinear ? 8 : 1);
}

static void tfidf_describe(const struct graph *g, const void *params, FILE *to)
{
	const struct op_tfidf *p = params;
	(void)g;
	fprintf(to, "%s%s", p->sublinear ? " sublinear" : "", p->idf.n ? " idf" : "");
}

const struct kernel kernel_tfidf = {
    .name = "tfidf",
    .params_bytes = sizeof(struct op_tfidf),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .check = tfidf_check,
    .infer = tfidf_infer,
    .prepare = tfidf_prepare,
    .run = tfidf_run,
    .cost = tfidf_cost,
    .describe = tfidf_describe,
};

/* --- normalize --- */

static int normalize_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_normalize *p = params;
	(void)g;
	return p->norm < NORMS ? 0 : kernel_bad(err, "normalize", "no such norm");
}

static int normalize_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			   struct graph_type *out, struct err *err)
{
	(void)g;
	(void)params;
	(void)in_n;
	return same_numbers("normalize", in, out, err);
}

static double norm_of(uint32_t norm, const double *x, size_t n)
{
	double v = 0;
	switch (norm) {
	case NORM_L1:
		for (size_t i = 0; i < n; i++)
			v += fabs(x[i]);
		return v;
	case NORM_L2:
		for (size_t i = 0; i < n; i++)
			v += x[i] * x[i];
		return sqrt(v);
	case NORM_MAX:
		for (size_t i = 0; i < n; i++)
			v = fabs(x[i]) > v ? fabs(x[i]) : v;
		return v;
	default:
		v = n ? x[0] : 0;
		for (size_t i = 1; i < n; i++)
			v = x[i] > v ? x[i] : v;
		return v;
	}
}

static int normalize_run(const struct step *s, struct run *r)
{
	const struct op_normalize *p = s->params;
	if (s->types[s->in[0]].csr) {
		struct csr *y = csr_output(s, r);
		if (!y)
			return err_set(r->err, ERR_NO_MEMORY, "out of memory");
		for (size_t i = 0; i < r->rows; i++) {
			double *x = y->value + y->start[i];
			size_t n = y->start[i + 1] - y->start[i];
			double norm = norm_of(p->norm, x, n);
			for (size_t e = 0; norm != 0 && e < n; e++)
				x[e] /= norm;
		}
		return 0;
	}
	size_t columns = (size_t)s->types[s->out].columns;
	const double *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++, x += columns, y += columns) {
		double norm = norm_of(p->norm, x, columns);
		/* As scikit-learn compares: a signed norm may be negative, and is small then too. */
		if (norm == 0 || norm < p->tiny)
			norm = 1;
		for (size_t c = 0; c < columns; c++)
			y[c] = x[c] / norm;
	}
	return 0;
}

static double normalize_cost(const struct step *s)
{
	return 10 + 1.5 * (s->types[s->in[0]].csr ? 120 : (double)s->types[s->in[0]].columns);
}

const struct kernel kernel_normalize = {
    .name = "normalize",
    .params_bytes = sizeof(struct op_normalize),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .check = normalize_check,
    .infer = normalize_infer,
    .run = normalize_run,
    .cost = normalize_cost,
};
