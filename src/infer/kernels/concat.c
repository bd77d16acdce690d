/* Values side by side: the transformers of a FeatureUnion or a ColumnTransformer. */
#include "base/check.h"
#include "infer/kernels/kernel.h"

static int infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		 struct graph_type *out, struct err *err)
{
	const struct op_concat *p = params;
	int64_t columns = 0;
	(void)g;
	/* Labels: of one kind, and dense. */
	bool labels = !in->csr && in->dtype != DTYPE_F64;
	for (size_t i = 0; i < in_n; i++) {
		if (labels ? in[i].csr || in[i].dtype != in->dtype : kernel_want_f64("concat", &in[i], true, err) < 0)
			return labels ? kernel_bad(err, "concat", "values of several kinds") : -1;
		if (p->csr && p->integers && !(in[i].csr && in[i].dtype == DTYPE_I64))
			return kernel_bad(err, "concat", "integers from what is none");
		if (ckd_add(&columns, columns, in[i].columns) || columns > GRAPH_COLUMNS_MAX)
			return kernel_bad(err, "concat", "too many columns");
	}
	if (labels) {
		*out = (struct graph_type){.dtype = in->dtype, .columns = columns};
		return p->csr ? kernel_bad(err, "concat", "labels are not sparse") : 0;
	}
	*out = (struct graph_type){
	    .dtype = p->csr && p->integers ? DTYPE_I64 : DTYPE_F64, .csr = p->csr != 0, .columns = columns};
	return 0;
}

static void dense_row(const struct step *s, struct run *r, size_t row, double *y)
{
	for (uint32_t j = 0; j < s->in_n; j++) {
		const struct graph_type *t = &s->types[s->in[j]];
		const struct value *v = &r->values[s->in[j]];
		size_t n = (size_t)t->columns;
		if (t->csr) {
			memset(y, 0, n * sizeof *y);
			for (size_t e = v->csr.start[row]; e < v->csr.start[row + 1]; e++)
				y[v->csr.column[e]] = v->csr.value[e];
		} else {
			memcpy(y, (const double *)v->data + row * n, n * sizeof *y);
		}
		y += n;
	}
}

/* Appends the row at entry `at`; -1: out of memory. */
static int sparse_row(const struct step *s, struct run *r, size_t row, size_t *at)
{
	struct csr *out = &r->values[s->out].csr;
	uint32_t first = 0;
	for (uint32_t j = 0; j < s->in_n; j++) {
		const struct graph_type *t = &s->types[s->in[j]];
		const struct value *v = &r->values[s->in[j]];
		size_t n = (size_t)t->columns;
		if (t->csr) {
			size_t from = v->csr.start[row], count = v->csr.start[row + 1] - from;
			if (!csr_room(out, *at, count))
				return -1;
			for (size_t e = 0; e < count; e++) {
				out->column[*at + e] = first + v->csr.column[from + e];
				out->value[*at + e] = v->csr.value[from + e];
			}
			*at += count;
		} else {
			const double *x = (const double *)v->data + row * n;
			if (!csr_room(out, *at, n))
				return -1;
			for (size_t c = 0; c < n; c++) {
				if (x[c] == 0)
					continue;
				out->column[*at] = first + (uint32_t)c;
				out->value[(*at)++] = x[c];
			}
		}
		first += (uint32_t)n;
	}
	return 0;
}

/* Any dtype, all dense. */
static void plain_rows(const struct step *s, struct run *r)
{
	size_t item = dtype_bytes(s->types[s->out].dtype);
	uint8_t *y = r->values[s->out].data;
	for (size_t row = 0; row < r->rows; row++) {
		for (uint32_t j = 0; j < s->in_n; j++) {
			size_t bytes = (size_t)s->types[s->in[j]].columns * item;
			memcpy(y, (const uint8_t *)r->values[s->in[j]].data + row * bytes, bytes);
			y += bytes;
		}
	}
}

static int run(const struct step *s, struct run *r)
{
	if (s->types[s->out].dtype != DTYPE_F64 && !s->types[s->out].csr) {
		plain_rows(s, r);
		return 0;
	}
	size_t columns = (size_t)s->types[s->out].columns, at = 0;
	bool csr = s->types[s->out].csr;
	struct csr *out = &r->values[s->out].csr;
	if (csr)
		out->start[0] = 0;
	for (size_t row = 0; row < r->rows; row++) {
		if (!csr) {
			dense_row(s, r, row, run_out_f64(s, r) + row * columns);
			continue;
		}
		if (sparse_row(s, r, row, &at) < 0)
			return err_set(r->err, ERR_NO_MEMORY, "out of memory");
		out->start[row + 1] = at;
	}
	return 0;
}

static double cost(const struct step *s)
{
	return 10 + (s->types[s->out].csr ? 200 : 0.5 * (double)s->types[s->out].columns);
}

const struct kernel kernel_concat = {
    .name = "concat",
    .params_bytes = sizeof(struct op_concat),
    .inputs_least = 1,
    .inputs_most = GRAPH_NODES_MAX,
    .infer = infer,
    .run = run,
    .cost = cost,
};
