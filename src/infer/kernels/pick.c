/* Scores to an index, and an index to a class label. */
#include <math.h>

#include "codec/utf8.h"
#include "infer/kernels/kernel.h"

/* --- pick --- */

static int pick_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_pick *p = params;
	(void)g;
	return p->mode < PICK_MODES ? 0 : kernel_bad(err, "pick", "no such mode");
}

static int pick_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		      struct graph_type *out, struct err *err)
{
	const struct op_pick *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("pick", in, false, err) < 0)
		return -1;
	if (in->columns < 1 || (p->mode == PICK_POSITIVE && in->columns != 1))
		return kernel_bad(err, "pick", "wrong width");
	*out = (struct graph_type){.dtype = DTYPE_I64, .vector = true, .columns = 1};
	return 0;
}

static int64_t largest(const double *x, size_t n)
{
	size_t best = 0;
	for (size_t i = 0; i < n; i++) {
		if (isnan(x[i]))
			return (int64_t)i;
		if (x[i] > x[best])
			best = i;
	}
	return (int64_t)best;
}

static int64_t smallest(const double *x, size_t n)
{
	size_t best = 0;
	for (size_t i = 0; i < n; i++) {
		if (isnan(x[i]))
			return (int64_t)i;
		if (x[i] < x[best])
			best = i;
	}
	return (int64_t)best;
}

static int pick_run(const struct step *s, struct run *r)
{
	const struct op_pick *p = s->params;
	size_t n = (size_t)s->types[s->in[0]].columns;
	const double *x = run_f64(s, r, 0);
	int64_t *y = r->values[s->out].data;
	for (size_t i = 0; i < r->rows; i++, x += n)
		y[i] = p->mode == PICK_ARGMAX ? largest(x, n) : p->mode == PICK_ARGMIN ? smallest(x, n) : x[0] > 0;
	return 0;
}

static double pick_cost(const struct step *s)
{
	return 2 + 0.7 * (double)s->types[s->in[0]].columns;
}

const struct kernel kernel_pick = {
    .name = "pick",
    .params_bytes = sizeof(struct op_pick),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = pick_check,
    .infer = pick_infer,
    .run = pick_run,
    .cost = pick_cost,
};

/* --- label --- */

struct label {
	size_t n, bytes;
	const void *items; /* n of `bytes` each */
};

static int label_check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_label *p = params;
	size_t bytes = p->dtype == DTYPE_BOOL                           ? 1
		       : p->dtype == DTYPE_I64 || p->dtype == DTYPE_F64 ? 8
									: sizeof(struct span);
	if (bytes > 8 && p->dtype != DTYPE_STRING)
		return kernel_bad(err, "label", "no such kind");
	if (p->labels.n == 0 || p->labels.n > GRAPH_COLUMNS_MAX || !graph_at(g, p->labels, bytes))
		return kernel_bad(err, "label", "labels lie outside");
	if (p->dtype == DTYPE_STRING) {
		const struct span *text = graph_at(g, p->labels, sizeof *text);
		for (uint64_t i = 0; i < p->labels.n; i++) {
			if (text[i].n && (text[i].n > INT32_MAX || !graph_at(g, text[i], 1)))
				return kernel_bad(err, "label", "a label lies outside");
			if (!utf8_valid(graph_text(g, text[i])))
				return kernel_bad(err, "label", "a label is not UTF-8");
		}
	}
	return 0;
}

static int label_infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		       struct graph_type *out, struct err *err)
{
	const struct op_label *p = params;
	(void)g;
	(void)in_n;
	if (in->dtype != DTYPE_I64 || in->csr)
		return kernel_bad(err, "label", "takes indices");
	*out = *in;
	out->dtype = (enum dtype)p->dtype;
	return 0;
}

static int label_prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_label *p = s->params;
	struct label *l = arena_alloc(arena, sizeof *l);
	if (!l)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	*l = (struct label){.n = p->labels.n, .bytes = dtype_bytes((enum dtype)p->dtype)};
	if (p->dtype == DTYPE_STRING) {
		struct slice *texts = arena_array(arena, l->n, sizeof *texts);
		if (!texts)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		const struct span *spans = graph_at(s->graph, p->labels, sizeof *spans);
		for (size_t i = 0; i < l->n; i++)
			texts[i] = graph_text(s->graph, spans[i]);
		l->items = texts;
	} else {
		l->items = graph_at(s->graph, p->labels, l->bytes);
	}
	s->state = l;
	return 0;
}

static int label_run(const struct step *s, struct run *r)
{
	const struct label *l = s->state;
	size_t n = r->rows * (size_t)s->types[s->in[0]].columns;
	const int64_t *x = r->values[s->in[0]].data;
	uint8_t *y = r->values[s->out].data;
	const uint8_t *items = l->items;
	for (size_t i = 0; i < n; i++, y += l->bytes) {
		/* An index comes from as many scores as there are labels, unless the image is hostile. */
		size_t at = (size_t)x[i] < l->n ? (size_t)x[i] : 0;
		if (l->bytes == 8)
			memcpy(y, items + at * 8, 8);
		else
			memcpy(y, items + at * l->bytes, l->bytes);
	}
	return 0;
}

static double label_cost(const struct step *s)
{
	return 2 + 1.5 * (double)s->types[s->in[0]].columns;
}

static void label_describe(const struct graph *g, const void *params, FILE *to)
{
	const struct op_label *p = params;
	(void)g;
	fprintf(to, " of %llu", (unsigned long long)p->labels.n);
}

const struct kernel kernel_label = {
    .name = "label",
    .params_bytes = sizeof(struct op_label),
    .inputs_least = 1,
    .inputs_most = 1,
    .in_place = true,
    .check = label_check,
    .infer = label_infer,
    .prepare = label_prepare,
    .run = label_run,
    .cost = label_cost,
    .describe = label_describe,
};
