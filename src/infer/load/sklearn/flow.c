/* Rows on their way between estimators: see lowering.h. */
#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

struct flow flow_of(uint32_t node, int64_t columns)
{
	return (struct flow){.node = node, .columns = columns};
}

static int mark(struct lowering *l, const struct py *est, uint32_t column, enum graph_column_kind kind)
{
	struct graph_column *c = &l->columns[column];
	if (c->kind != COLUMN_ANY && c->kind != (uint32_t)kind)
		return sk_unsupported(l, est, "input column %u is used both as text and as a number", column);
	c->kind = kind;
	return 0;
}

/* Columns of the request become a node. */
static int read_numbers(struct lowering *l, const struct py *est, const struct flow *in, uint32_t *node)
{
	for (int64_t i = 0; i < in->columns; i++) {
		if (mark(l, est, in->pick ? in->pick[i] : (uint32_t)i, COLUMN_NUMBER) < 0)
			return -1;
	}
	struct op_input op = {0};
	if (in->pick)
		op.columns = graph_put(&l->b, in->pick, (size_t)in->columns, sizeof *in->pick);
	*node = graph_node(&l->b, OP_INPUT, NULL, 0, &op, sizeof op);
	return 0;
}

static uint32_t check_finite(struct lowering *l, const struct py *est, uint32_t node, enum finite_rule rule)
{
	struct op_finite op = {
	    .allow_nan = rule == FINITE_OR_NAN || rule == FINITE_FLOAT32_OR_NAN,
	    .float32 = rule == FINITE_FLOAT32 || rule == FINITE_FLOAT32_OR_NAN,
	    .who = graph_put_text(&l->b, slice_str(sk_class(est))),
	};
	return graph_node1(&l->b, OP_FINITE, node, &op, sizeof op);
}

int flow_numbers(struct lowering *l, const struct py *est, const struct flow *in, int64_t width, enum finite_rule rule,
		 struct flow *out)
{
	struct flow f = *in;
	if (width >= 0 && f.columns != width)
		return sk_unsupported(l, est, "it expects %lld features, but gets %lld from the step before it",
				      (long long)width, (long long)f.columns);
	if (f.node == GRAPH_NONE && read_numbers(l, est, in, &f.node) < 0)
		return -1;
	f.pick = NULL;
	f.series = false;
	bool strict = rule == FINITE_ONLY || rule == FINITE_FLOAT32;
	if (rule != FINITE_ANYTHING && (!f.finite || rule == FINITE_FLOAT32)) {
		f.node = check_finite(l, est, f.node, rule);
		f.finite |= strict;
	}
	*out = f;
	return 0;
}

int flow_dense(struct lowering *l, const struct py *est, const struct flow *in, int64_t width, enum finite_rule rule,
	       struct flow *out)
{
	if (flow_numbers(l, est, in, width, rule, out) < 0)
		return -1;
	if (out->csr) {
		struct op_dense op = {.dtype = DTYPE_F64};
		out->node = graph_node1(&l->b, OP_DENSE, out->node, &op, sizeof op);
		out->csr = out->integers = false;
	}
	return 0;
}

int flow_text(struct lowering *l, const struct py *est, const struct flow *in, uint32_t *node)
{
	if (in->node != GRAPH_NONE)
		return sk_unsupported(l, est, "it takes text, but gets numbers from the step before it");
	if (in->columns != 1)
		return sk_unsupported(
		    l, est,
		    "it takes one column of text, but gets %lld columns; give it the column's name alone, "
		    "not a list of names",
		    (long long)in->columns);
	uint32_t column = in->pick ? in->pick[0] : 0;
	if (in->pick && !in->series)
		return sk_unsupported(
		    l, est,
		    "it takes one column of text, but gets a table; name its column as a string, not as a "
		    "list");
	if (mark(l, est, column, COLUMN_TEXT) < 0)
		return -1;
	struct op_input_text op = {.column = column};
	*node = graph_node(&l->b, OP_INPUT_TEXT, NULL, 0, &op, sizeof op);
	return 0;
}

int flow_pick(struct lowering *l, const struct flow *in, const uint32_t *columns, size_t n, bool series,
	      struct flow *out)
{
	uint32_t *picked = arena_array(l->arena, n + 1, sizeof *picked);
	if (!picked)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < n; i++)
		picked[i] = in->pick ? in->pick[columns[i]] : columns[i];
	*out = *in;
	out->columns = (int64_t)n;
	out->series = series;
	if (in->node == GRAPH_NONE) {
		out->pick = picked;
		return 0;
	}
	if (in->csr) {
		struct op_dense dense = {.dtype = DTYPE_F64};
		out->node = graph_node1(&l->b, OP_DENSE, in->node, &dense, sizeof dense);
		out->csr = out->integers = false;
	}
	struct op_select op = {.columns = graph_put(&l->b, columns, n, sizeof *columns)};
	out->node = graph_node1(&l->b, OP_SELECT, out->node, &op, sizeof op);
	return 0;
}

/* --- answers --- */

void answer_one(struct lowering *l, struct answers *out, enum model_method method, uint32_t node)
{
	uint32_t *nodes = arena_alloc(l->arena, sizeof *nodes);
	if (!nodes) {
		l->b.failed = true;
		return;
	}
	*nodes = node;
	out->of[method] = (struct answer){nodes, 1};
}

void answer_flow(struct answers *out, struct flow flow)
{
	out->transforms = true;
	out->flow = flow;
}

/* --- labels --- */

enum label_kind { LABEL_NONE, LABEL_INT, LABEL_FLOAT, LABEL_BOOL, LABEL_TEXT };

static enum label_kind kind_of_item(const struct py *v)
{
	switch (v->kind) {
	case PY_BOOL:
		return LABEL_BOOL;
	case PY_INT:
		return LABEL_INT;
	case PY_FLOAT:
		return LABEL_FLOAT;
	case PY_STR:
		return LABEL_TEXT;
	default:
		return LABEL_NONE;
	}
}

static enum label_kind kind_of_labels(const struct py *classes)
{
	if (!classes || classes->kind != PY_ARRAY || classes->array->rank != 1)
		return LABEL_NONE;
	const struct py_array *a = classes->array;
	switch (a->dtype->kind) {
	case 'i':
	case 'u':
		return LABEL_INT;
	case 'f':
		return LABEL_FLOAT;
	case 'b':
		return LABEL_BOOL;
	case 'U':
		return LABEL_TEXT;
	case 'O':
		break;
	default:
		return LABEL_NONE;
	}
	enum label_kind kind = a->count ? kind_of_item(a->items[0]) : LABEL_NONE;
	for (int64_t i = 1; i < a->count; i++) {
		if (kind_of_item(a->items[i]) != kind)
			return LABEL_NONE;
	}
	return kind;
}

static bool label_numbers(struct lowering *l, const struct py *classes, enum label_kind kind, const int64_t **ints,
			  const double **reals, int64_t *n)
{
	const struct py_array *a = classes->array;
	if (a->dtype->kind != 'O')
		return kind == LABEL_FLOAT ? py_array_f64(classes, l->arena, reals, n)
					   : py_array_i64(classes, l->arena, ints, n);
	*n = a->count;
	int64_t *i64 = arena_array(l->arena, (size_t)a->count, sizeof *i64);
	double *f64 = arena_array(l->arena, (size_t)a->count, sizeof *f64);
	for (int64_t i = 0; i64 && f64 && i < a->count; i++) {
		if (kind == LABEL_FLOAT ? !py_as_f64(a->items[i], &f64[i]) : !py_as_i64(a->items[i], &i64[i]))
			return false;
	}
	*ints = i64;
	*reals = f64;
	return i64 && f64;
}

int lower_labels(struct lowering *l, const struct py *est, const struct py *classes, uint32_t index, bool as_float,
		 uint32_t *node, size_t *n)
{
	enum label_kind kind = kind_of_labels(classes);
	struct op_label op = {0};
	if (kind == LABEL_TEXT) {
		struct slice *texts;
		if (!py_strings(classes, l->arena, &texts, n))
			return sk_unsupported(l, est, "attribute classes_ cannot be read as strings");
		struct span *spans = arena_array(l->arena, *n, sizeof *spans);
		if (!spans)
			return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
		for (size_t i = 0; i < *n; i++)
			spans[i] = graph_put_text(&l->b, texts[i]);
		op = (struct op_label){.dtype = DTYPE_STRING, .labels = graph_put(&l->b, spans, *n, sizeof *spans)};
	} else {
		const int64_t *ints = NULL;
		const double *reals = NULL;
		int64_t count = 0;
		if (kind == LABEL_NONE || !label_numbers(l, classes, kind, &ints, &reals, &count))
			return sk_unsupported(
			    l, est,
			    "attribute classes_ is %s; supported are integers, floats, booleans and strings, "
			    "all of one kind",
			    classes ? py_describe(classes, l->arena) : "absent");
		*n = (size_t)count;
		if (as_float && kind != LABEL_FLOAT) {
			double *converted = arena_array(l->arena, *n + 1, sizeof *converted);
			if (!converted)
				return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
			for (size_t i = 0; i < *n; i++)
				converted[i] = (double)ints[i];
			reals = converted;
			kind = LABEL_FLOAT;
		}
		if (kind == LABEL_BOOL) {
			uint8_t *bools = arena_alloc(l->arena, *n + 1);
			for (size_t i = 0; bools && i < *n; i++)
				bools[i] = ints[i] != 0;
			op = (struct op_label){.dtype = DTYPE_BOOL};
			op.labels = graph_put(&l->b, bools, bools ? *n : 0, 1);
		} else if (kind == LABEL_INT) {
			op = (struct op_label){.dtype = DTYPE_I64, .labels = graph_put(&l->b, ints, *n, sizeof *ints)};
		} else {
			op =
			    (struct op_label){.dtype = DTYPE_F64, .labels = graph_put(&l->b, reals, *n, sizeof *reals)};
		}
	}
	*node = graph_node1(&l->b, OP_LABEL, index, &op, sizeof op);
	return 0;
}

int answer_labels(struct lowering *l, const struct py *est, const struct py *classes, uint32_t scores, int64_t m,
		  struct answers *out)
{
	uint32_t index = lower_pick(l, scores, m == 1 ? PICK_POSITIVE : PICK_ARGMAX), node;
	size_t n;
	if (lower_labels(l, est, classes, index, false, &node, &n) < 0)
		return -1;
	if (n != (m == 1 ? 2 : (size_t)m))
		return sk_unsupported(l, est, "it has %zu classes but scores for %lld", n, (long long)m);
	answer_one(l, out, MODEL_PREDICT, node);
	return 0;
}

/* --- nodes --- */

uint32_t lower_activate(struct lowering *l, uint32_t in, uint32_t mode)
{
	struct op_activate op = {.mode = mode};
	return graph_node1(&l->b, OP_ACTIVATE, in, &op, sizeof op);
}

uint32_t lower_pick(struct lowering *l, uint32_t in, uint32_t mode)
{
	struct op_pick op = {.mode = mode};
	return graph_node1(&l->b, OP_PICK, in, &op, sizeof op);
}

uint32_t lower_matrix(struct lowering *l, uint32_t in, size_t k, size_t m, const double *rows, const double *bias,
		      const double *shift, bool vector)
{
	/* Rows of W start on cache lines, padded with zeros: graph.h's rule for strides. */
	size_t stride = m == 1 ? 1 : m > 8 ? (m + 7) & ~(size_t)7 : (m + 3) & ~(size_t)3, n;
	if (k > GRAPH_COLUMNS_MAX || m > GRAPH_COLUMNS_MAX || ckd_mul(&n, k, stride) || n > SIZE_MAX / sizeof(double)) {
		l->b.failed = true;
		return GRAPH_NONE;
	}
	struct op_linear op = {.k = (uint32_t)k, .m = (uint32_t)m, .stride = (uint32_t)stride, .vector = vector};
	op.weights = (struct span){image_reserve(l->b.w, n * sizeof(double)), n};
	if (!op.weights.offset)
		return GRAPH_NONE;
	double *to = image_writer_at(l->b.w, op.weights.offset);
	py_transpose(rows, m, k, to, stride);
	op.bias = graph_put(&l->b, bias, bias ? m : 0, sizeof *bias);
	op.shift = graph_put(&l->b, shift, shift ? k : 0, sizeof *shift);
	return graph_node1(&l->b, OP_LINEAR, in, &op, sizeof op);
}
