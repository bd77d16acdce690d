/* The request's numbers and strings as values, and the check that they are finite. */
#include <math.h>

#include "infer/kernels/kernel.h"

/* --- numbers of any dtype to float64 --- */

static double half(uint16_t h)
{
	unsigned exponent = h >> 10 & 31, fraction = h & 1023;
	double v = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
		   : exponent     ? ldexp(1024 + fraction, (int)exponent - 25)
				  : ldexp(fraction, -24);
	return h & 0x8000 ? -v : v;
}

static double brain(uint16_t h)
{
	uint32_t bits = (uint32_t)h << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

#define CONVERT(type)                                                                                                  \
	for (size_t i = 0; i < n; i++)                                                                                 \
		to[i * step] = (double)((const type *)from)[i * from_step];                                            \
	break

/* n numbers, every from_step-th to every step-th. */
static void convert(double *to, size_t step, const void *from, size_t from_step, enum dtype dtype, size_t n)
{
	switch (dtype) {
	case DTYPE_BOOL:
		for (size_t i = 0; i < n; i++)
			to[i * step] = ((const uint8_t *)from)[i * from_step] != 0;
		break;
	case DTYPE_U8:
		CONVERT(uint8_t);
	case DTYPE_U16:
		CONVERT(uint16_t);
	case DTYPE_U32:
		CONVERT(uint32_t);
	case DTYPE_U64:
		CONVERT(uint64_t);
	case DTYPE_I8:
		CONVERT(int8_t);
	case DTYPE_I16:
		CONVERT(int16_t);
	case DTYPE_I32:
		CONVERT(int32_t);
	case DTYPE_I64:
		CONVERT(int64_t);
	case DTYPE_F32:
		CONVERT(float);
	case DTYPE_F64:
		CONVERT(double);
	case DTYPE_F16:
		for (size_t i = 0; i < n; i++)
			to[i * step] = half(((const uint16_t *)from)[i * from_step]);
		break;
	case DTYPE_BF16:
		for (size_t i = 0; i < n; i++)
			to[i * step] = brain(((const uint16_t *)from)[i * from_step]);
		break;
	case DTYPE_NONE:
	case DTYPE_STRING:
		break;
	}
}

static int input_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_input *p = params;
	if (p->columns.n == 0)
		return 0;
	const uint32_t *c = p->columns.n <= GRAPH_COLUMNS_MAX ? graph_at(g, p->columns, sizeof *c) : NULL;
	if (!c)
		return kernel_bad(err, "input", "columns lie outside");
	for (uint64_t i = 0; i < p->columns.n; i++) {
		if (c[i] >= g->root->columns_n)
			return kernel_bad(err, "input", "no column %u", c[i]);
	}
	return 0;
}

static int input_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		       struct graph_type *out, struct err *err)
{
	const struct op_input *p = params;
	(void)in;
	(void)in_n;
	const uint32_t *c = p->columns.n ? graph_at(g, p->columns, sizeof *c) : NULL;
	size_t n = c ? p->columns.n : g->root->columns_n;
	/* The request is bound by these kinds: a column that is read as a number is one. */
	for (size_t i = 0; g->columns && i < n; i++) {
		if (g->columns[c ? c[i] : i].kind != COLUMN_NUMBER)
			return kernel_bad(err, "input", "a column is no number");
	}
	*out = (struct graph_type){.dtype = DTYPE_F64, .columns = (int64_t)n};
	return 0;
}

static int input_run(const struct step *s, struct run *r)
{
	const struct op_input *p = s->params;
	const struct feed *f = r->feed;
	const uint32_t *pick = p->columns.n ? graph_at(s->graph, p->columns, sizeof *pick) : NULL;
	size_t n = (size_t)s->types[s->out].columns, width = s->graph->root->columns_n;
	struct value *v = &r->values[s->out];
	const struct tensor *t = f->in;
	if (!f->columns && !pick) {
		if (t->dtype == DTYPE_F64)
			v->data = (double *)t->data + r->first * width;
		else
			convert(v->data, 1, (const uint8_t *)t->data + r->first * width * dtype_bytes(t->dtype), 1,
				t->dtype, r->rows * width);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		size_t column = pick ? pick[i] : i;
		double *to = (double *)v->data + i;
		if (f->columns) {
			t = &f->in[f->tensor_of[column]];
			convert(to, n, (const uint8_t *)t->data + r->first * dtype_bytes(t->dtype), 1, t->dtype,
				r->rows);
		} else {
			convert(to, n, (const uint8_t *)t->data + (r->first * width + column) * dtype_bytes(t->dtype),
				width, t->dtype, r->rows);
		}
	}
	return 0;
}

static double input_cost(const struct step *s)
{
	return 2 + 0.3 * (double)s->types[s->out].columns;
}

const struct kernel kernel_input = {
    .name = "input",
    .params_bytes = sizeof(struct op_input),
    .check = input_check,
    .infer = input_infer,
    .run = input_run,
    .cost = input_cost,
};

/* --- text --- */

static int text_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_input_text *p = params;
	if (p->column >= g->root->columns_n || !g->columns || g->columns[p->column].kind != COLUMN_TEXT)
		return kernel_bad(err, "input text", "no such column");
	return 0;
}

static int text_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		      struct graph_type *out, struct err *err)
{
	(void)g;
	(void)params;
	(void)in;
	(void)in_n;
	(void)err;
	*out = (struct graph_type){.dtype = DTYPE_STRING, .vector = true, .columns = 1};
	return 0;
}

static int text_run(const struct step *s, struct run *r)
{
	const struct op_input_text *p = s->params;
	const struct feed *f = r->feed;
	const struct tensor *t = f->columns ? &f->in[f->tensor_of[p->column]] : f->in;
	struct slice *rows = t->data;
	r->values[s->out].data = rows + r->first;
	return 0;
}

const struct kernel kernel_input_text = {
    .name = "text",
    .params_bytes = sizeof(struct op_input_text),
    .check = text_check,
    .infer = text_infer,
    .run = text_run,
};

/* --- finite --- */

static int finite_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_finite *p = params;
	if (p->who.n && (p->who.n > 1024 || !graph_at(g, p->who, 1)))
		return kernel_bad(err, "finite", "a name lies outside");
	return 0;
}

static int finite_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			struct graph_type *out, struct err *err)
{
	(void)g;
	(void)params;
	(void)in_n;
	if (kernel_want_f64("finite", in, true, err) < 0)
		return -1;
	*out = *in;
	return 0;
}

static int finite_refuse(const struct step *s, struct run *r, const double *x, size_t n, size_t columns)
{
	const struct op_finite *p = s->params;
	struct slice who = graph_text(s->graph, p->who);
	for (size_t i = 0; i < n; i++) {
		size_t row = r->first + (columns ? i / columns : 0);
		if (isnan(x[i]) && !p->allow_nan)
			return err_set(r->err, ERR_INVALID,
				       "Input X contains NaN (instance %zu). %.*s does not accept missing values "
				       "encoded as NaN natively.",
				       row, SLICE_ARG(who));
		if (isinf(x[i]) || (p->float32 && fabs(x[i]) > 3.4028235677973366e38))
			return err_set(r->err, ERR_INVALID,
				       "Input X contains infinity or a value too large for dtype('%s') (instance %zu).",
				       p->float32 ? "float32" : "float64", row);
	}
	return 0;
}

static int finite_run(const struct step *s, struct run *r)
{
	const struct op_finite *p = s->params;
	bool csr = s->types[s->in[0]].csr;
	const double *x = csr ? r->values[s->in[0]].csr.value : run_f64(s, r, 0);
	size_t columns = csr ? 0 : (size_t)s->types[s->in[0]].columns;
	size_t n = csr ? r->values[s->in[0]].csr.start[r->rows] : r->rows * columns;
	/* x * 0 is 0 for what is finite and NaN for the rest. */
	double zero = 0, big = 0;
	for (size_t i = 0; i < n; i++) {
		zero += x[i] * 0;
		big = fabs(x[i]) > big ? fabs(x[i]) : big;
	}
	if (zero == 0 && !(p->float32 && big > 3.4028235e38))
		return 0;
	return finite_refuse(s, r, x, n, columns);
}

static double finite_cost(const struct step *s)
{
	return 2 + 0.7 * (double)s->types[s->in[0]].columns;
}

const struct kernel kernel_finite = {
    .name = "finite",
    .params_bytes = sizeof(struct op_finite),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = finite_check,
    .infer = finite_infer,
    .run = finite_run,
    .cost = finite_cost,
};
