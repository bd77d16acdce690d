/* Values cut and laid out anew. */
#include "infer/kernels/kernel.h"

/* --- dense --- */

static int dense_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_dense *p = params;
	(void)g;
	return p->dtype == DTYPE_F64 || p->dtype == DTYPE_I64 ? 0 : kernel_bad(err, "dense", "no such kind");
}

static int dense_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		       struct graph_type *out, struct err *err)
{
	const struct op_dense *p = params;
	(void)g;
	(void)in_n;
	if (!in->csr)
		return kernel_bad(err, "dense", "the value is dense already");
	if (p->dtype == DTYPE_I64 && in->dtype != DTYPE_I64)
		return kernel_bad(err, "dense", "integers from what is none");
	*out = (struct graph_type){.dtype = (enum dtype)p->dtype, .columns = in->columns};
	return 0;
}

static int dense_run(const struct step *s, struct run *r)
{
	const struct op_dense *p = s->params;
	const struct csr *x = &r->values[s->in[0]].csr;
	size_t columns = (size_t)s->types[s->out].columns;
	uint8_t *y = r->values[s->out].data;
	memset(y, 0, r->rows * columns * 8);
	for (size_t i = 0; i < r->rows; i++, y += columns * 8) {
		for (size_t e = x->start[i]; e < x->start[i + 1]; e++) {
			if (p->dtype == DTYPE_F64)
				((double *)y)[x->column[e]] = x->value[e];
			else
				((int64_t *)y)[x->column[e]] = (int64_t)x->value[e];
		}
	}
	return 0;
}

static double dense_cost(const struct step *s)
{
	return 100 + 0.5 * (double)s->types[s->out].columns;
}

const struct kernel kernel_dense = {
    .name = "dense",
    .params_bytes = sizeof(struct op_dense),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = dense_check,
    .infer = dense_infer,
    .run = dense_run,
    .cost = dense_cost,
};

/* --- select --- */

struct select {
	const uint32_t *columns;
	size_t n;
};

static int select_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_select *p = params;
	if (p->columns.n == 0 || p->columns.n > GRAPH_COLUMNS_MAX || !graph_at(g, p->columns, sizeof(uint32_t)))
		return kernel_bad(err, "select", "columns lie outside");
	return 0;
}

static int select_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
			struct graph_type *out, struct err *err)
{
	const struct op_select *p = params;
	(void)in_n;
	if (kernel_want_f64("select", in, false, err) < 0)
		return -1;
	const uint32_t *c = graph_at(g, p->columns, sizeof *c);
	for (uint64_t i = 0; i < p->columns.n; i++) {
		if (c[i] >= in->columns)
			return kernel_bad(err, "select", "no column %u", c[i]);
	}
	*out = (struct graph_type){.dtype = DTYPE_F64, .columns = (int64_t)p->columns.n};
	return 0;
}

static int select_prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_select *p = s->params;
	struct select *state = arena_alloc(arena, sizeof *state);
	if (!state)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	*state = (struct select){graph_at(s->graph, p->columns, sizeof(uint32_t)), p->columns.n};
	s->state = state;
	return 0;
}

static int select_run(const struct step *s, struct run *r)
{
	const struct select *state = s->state;
	size_t columns = (size_t)s->types[s->in[0]].columns;
	const double *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	for (size_t i = 0; i < r->rows; i++, x += columns) {
		for (size_t j = 0; j < state->n; j++)
			*y++ = x[state->columns[j]];
	}
	return 0;
}

const struct kernel kernel_select = {
    .name = "select",
    .params_bytes = sizeof(struct op_select),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = select_check,
    .infer = select_infer,
    .prepare = select_prepare,
    .run = select_run,
};
