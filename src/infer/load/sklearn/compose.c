/* Estimators made of estimators: Pipeline, FeatureUnion, ColumnTransformer, and searches that keep their best. */
#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

enum { PARTS_MAX = 1024 };

/* --- parts: (name, estimator[, columns]) --- */

static const struct py *parts_of(const struct py *est, const char *name)
{
	const struct py *v = py_get(est, name);
	return v && (v->kind == PY_LIST || v->kind == PY_TUPLE) ? v : NULL;
}

static const struct py *part_item(const struct py *part, size_t i)
{
	return part && (part->kind == PY_TUPLE || part->kind == PY_LIST) && i < part->seq.n ? part->seq.items[i] : NULL;
}

static struct slice part_name(const struct py *part)
{
	const struct py *name = part_item(part, 0);
	return name && name->kind == PY_STR ? name->bytes : SLICE_LIT("?");
}

static bool passes(const struct py *est)
{
	return py_is_str(est, "passthrough");
}

static bool drops(const struct py *est)
{
	return py_is_str(est, "drop");
}

/* --- pipeline --- */

int lower_pipeline(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *steps = parts_of(est, "steps");
	struct flow f = *in;
	struct answers a = {.transforms = true, .flow = *in};
	if (!steps || steps->seq.n == 0)
		return sk_unsupported(l, est, "attribute steps is no list of steps");
	for (size_t i = 0; i < steps->seq.n; i++) {
		const struct py *step = part_item(steps->seq.items[i], 1);
		if (py_is_none(step) || passes(step)) {
			a = (struct answers){.transforms = true, .flow = f};
			continue;
		}
		if (lower_estimator(l, step, &f, &a) < 0)
			return -1;
		if (i + 1 < steps->seq.n && !a.transforms)
			return sk_unsupported(l, est, "its step '%.*s' does not transform",
					      SLICE_ARG(part_name(steps->seq.items[i])));
		f = a.flow;
	}
	*out = a;
	return 0;
}

/* --- side by side --- */

struct side {
	struct flow flows[PARTS_MAX];
	size_t n;
	bool sparse; /* one of them is */
};

static int add_side(struct lowering *l, const struct py *est, struct side *s, struct flow f, const double *weight)
{
	if (s->n == PARTS_MAX)
		return sk_unsupported(l, est, "it has more than %d transformers", PARTS_MAX);
	/* Columns of the request that are only passed on become numbers here. */
	if (f.node == GRAPH_NONE && flow_numbers(l, est, &f, -1, FINITE_ANYTHING, &f) < 0)
		return -1;
	if (weight) {
		double *times = arena_array(l->arena, (size_t)f.columns, sizeof *times);
		if (!times)
			return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
		for (int64_t i = 0; i < f.columns; i++)
			times[i] = *weight;
		struct op_scale op = {.k = (uint32_t)f.columns};
		op.times = graph_put(&l->b, times, (size_t)f.columns, sizeof *times);
		f.node = graph_node1(&l->b, OP_SCALE, f.node, &op, sizeof op);
		f.integers = false;
	}
	if (f.columns == 0)
		return 0;
	s->sparse |= f.csr;
	s->flows[s->n++] = f;
	return 0;
}

static int answer_side(struct lowering *l, const struct py *est, const struct side *s, bool sparse, struct answers *out)
{
	uint32_t *nodes = arena_array(l->arena, s->n + 1, sizeof *nodes);
	struct flow f = {.csr = sparse, .finite = true, .integers = sparse};
	if (!nodes)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	if (s->n == 0)
		return sk_unsupported(l, est, "all its transformers are dropped");
	for (size_t i = 0; i < s->n; i++) {
		nodes[i] = s->flows[i].node;
		f.columns += s->flows[i].columns;
		f.finite &= s->flows[i].finite;
		f.integers &= s->flows[i].csr && s->flows[i].integers;
	}
	if (f.columns > GRAPH_COLUMNS_MAX)
		return sk_unsupported(l, est, "its result has %lld columns", (long long)f.columns);
	struct op_concat op = {.csr = sparse, .integers = f.integers};
	if (s->n == 1 && s->flows[0].csr == sparse)
		f.node = nodes[0];
	else
		f.node = graph_node(&l->b, OP_CONCAT, nodes, s->n, &op, sizeof op);
	answer_flow(out, f);
	return 0;
}

static int weight_of(struct lowering *l, const struct py *est, struct slice name, double *weight, bool *found)
{
	const struct py *weights = py_get(est, "transformer_weights");
	*found = false;
	if (py_is_none(weights))
		return 0;
	const struct py *v = py_get(weights, arena_cstr(l->arena, name));
	if (!v)
		return 0;
	if (!py_as_f64(v, weight))
		return sk_unsupported(l, est, "transformer_weights has %s for '%.*s'", py_describe(v, l->arena),
				      SLICE_ARG(name));
	*found = true;
	return 0;
}

static int lower_part(struct lowering *l, const struct py *est, const struct py *part, const struct flow *in,
		      struct side *side)
{
	struct slice name = part_name(part);
	const struct py *inner = part_item(part, 1);
	double weight;
	bool weighted;
	struct answers a;
	if (weight_of(l, est, name, &weight, &weighted) < 0)
		return -1;
	if (passes(inner)) {
		a = (struct answers){.transforms = true, .flow = *in};
	} else {
		if (lower_estimator(l, inner, in, &a) < 0)
			return err_wrap(l->err, "%.*s", SLICE_ARG(name));
		if (!a.transforms)
			return sk_unsupported(l, est, "its part '%.*s' does not transform", SLICE_ARG(name));
	}
	return add_side(l, est, side, a.flow, weighted ? &weight : NULL);
}

int lower_feature_union(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *parts = parts_of(est, "transformer_list");
	struct side *side = arena_zalloc(l->arena, sizeof *side);
	if (!parts)
		return sk_unsupported(l, est, "attribute transformer_list is no list");
	if (!side)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < parts->seq.n; i++) {
		const struct py *inner = part_item(parts->seq.items[i], 1);
		if (py_is_none(inner) || drops(inner))
			continue;
		if (lower_part(l, est, parts->seq.items[i], in, side) < 0)
			return -1;
	}
	return answer_side(l, est, side, side->sparse, out);
}

/* --- columns --- */

/* Which of the flow's columns a specification means. */
struct columns {
	uint32_t *at;
	size_t n;
	bool series; /* one, named alone */
};

static int column_named(struct lowering *l, const struct py *est, struct slice name, const struct flow *in,
			uint32_t *out)
{
	for (int64_t i = 0; l->names && in->node == GRAPH_NONE && i < in->columns; i++) {
		if (slice_eq(l->names[in->pick ? in->pick[i] : (uint32_t)i], name)) {
			*out = (uint32_t)i;
			return 0;
		}
	}
	return sk_unsupported(l, est, "column '%.*s' is not among the input's names", SLICE_ARG(name));
}

static int column_of(struct lowering *l, const struct py *est, const struct py *v, const struct flow *in, uint32_t *out)
{
	int64_t i;
	if (v->kind == PY_STR)
		return column_named(l, est, v->bytes, in, out);
	if (!py_as_i64(v, &i))
		return sk_unsupported(l, est, "a column is %s; supported are names, numbers, lists, slices and masks",
				      py_describe(v, l->arena));
	if (i < 0)
		i += in->columns;
	if (i < 0 || i >= in->columns)
		return sk_unsupported(l, est, "column %lld is not among %lld", (long long)i, (long long)in->columns);
	*out = (uint32_t)i;
	return 0;
}

/* slice(start, stop, step) of numbers (stop not included) or names (included, as pandas has it). */
static int columns_slice(struct lowering *l, const struct py *est, const struct py *args, const struct flow *in,
			 struct columns *out)
{
	int64_t bounds[3] = {0, in->columns, 1};
	for (size_t i = 0; i < 3 && args && i < args->seq.n; i++) {
		const struct py *v = args->seq.items[i];
		uint32_t named;
		if (py_is_none(v))
			continue;
		if (v->kind == PY_STR && i < 2) {
			if (column_named(l, est, v->bytes, in, &named) < 0)
				return -1;
			bounds[i] = (int64_t)named + (int64_t)i;
		} else if (!py_as_i64(v, &bounds[i])) {
			return sk_unsupported(l, est, "a slice of columns has %s in it", py_describe(v, l->arena));
		} else if (i < 2) {
			bounds[i] += bounds[i] < 0 ? in->columns : 0;
			bounds[i] = MIN(MAX(bounds[i], 0), in->columns);
		}
	}
	if (bounds[2] < 1)
		return sk_unsupported(l, est, "a slice of columns runs backwards");
	for (int64_t i = bounds[0]; i < bounds[1]; i += bounds[2])
		out->at[out->n++] = (uint32_t)i;
	return 0;
}

static bool boolean_items(const struct py *v)
{
	if (v->kind == PY_ARRAY)
		return v->array->dtype->kind == 'b';
	return v->seq.n > 0 && v->seq.items[0]->kind == PY_BOOL;
}

static int columns_mask(struct lowering *l, const struct py *est, const struct py *v, const struct flow *in,
			struct columns *out)
{
	int64_t n = v->kind == PY_ARRAY ? v->array->count : (int64_t)v->seq.n;
	const int64_t *mask = NULL;
	if (n != in->columns || (v->kind == PY_ARRAY && !py_array_i64(v, l->arena, &mask, &n)))
		return sk_unsupported(l, est, "a mask of columns has %lld items for %lld columns", (long long)n,
				      (long long)in->columns);
	for (int64_t i = 0; i < n; i++) {
		if (mask ? mask[i] != 0 : v->seq.items[i]->num != 0)
			out->at[out->n++] = (uint32_t)i;
	}
	return 0;
}

static int columns_list(struct lowering *l, const struct py *est, const struct py *v, const struct flow *in,
			struct columns *out)
{
	struct slice *names;
	const int64_t *numbers;
	int64_t count;
	size_t n;
	if (v->kind != PY_ARRAY) {
		for (size_t i = 0; i < v->seq.n; i++) {
			if (column_of(l, est, v->seq.items[i], in, &out->at[out->n++]) < 0)
				return -1;
		}
		return 0;
	}
	if (py_array_i64(v, l->arena, &numbers, &count)) {
		for (int64_t i = 0; i < count; i++) {
			struct py number = {.kind = PY_INT, .num = numbers[i]};
			if (column_of(l, est, &number, in, &out->at[out->n++]) < 0)
				return -1;
		}
		return 0;
	}
	if (!py_strings(v, l->arena, &names, &n))
		return sk_unsupported(l, est, "columns are given as %s", py_describe(v, l->arena));
	for (size_t i = 0; i < n; i++) {
		if (column_named(l, est, names[i], in, &out->at[out->n++]) < 0)
			return -1;
	}
	return 0;
}

static int read_columns(struct lowering *l, const struct py *est, const struct py *v, const struct flow *in,
			struct columns *out)
{
	/* 1.5 and 1.6 wrap a remainder's numbers in a list that warns its readers. */
	if (py_is(v, "sklearn.compose", "_RemainderColsList"))
		v = py_get(v, "data");
	size_t listed = !v                                          ? 0
			: v->kind == PY_ARRAY                       ? (size_t)v->array->count
			: v->kind == PY_LIST || v->kind == PY_TUPLE ? v->seq.n
								    : 0;
	*out = (struct columns){.at = arena_array(l->arena, (size_t)in->columns + listed + 1, sizeof *out->at)};
	if (!out->at)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	if (!v || v->kind == PY_NONE)
		return sk_unsupported(l, est, "a transformer has no columns");
	if (v->kind == PY_OBJECT && strcmp(v->object.cls->name, "slice") == 0)
		return columns_slice(l, est, v->object.args, in, out);
	if (v->kind == PY_LIST || v->kind == PY_TUPLE || v->kind == PY_ARRAY)
		return boolean_items(v) ? columns_mask(l, est, v, in, out) : columns_list(l, est, v, in, out);
	out->series = true;
	out->n = 1;
	return column_of(l, est, v, in, &out->at[0]);
}

int lower_column_transformer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *parts = parts_of(est, "transformers_");
	struct side *side = arena_zalloc(l->arena, sizeof *side);
	bool sparse;
	if (!parts)
		return sk_unsupported(l, est, "attribute transformers_ is absent: it is not fitted");
	if (!side)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	if (sk_flag(l, est, "sparse_output_", false, &sparse) < 0)
		return -1;
	int64_t width = sk_width(l, est);
	if (width >= 0 && width != in->columns)
		return sk_unsupported(l, est, "it expects %lld features, but gets %lld", (long long)width,
				      (long long)in->columns);
	for (size_t i = 0; i < parts->seq.n; i++) {
		const struct py *part = parts->seq.items[i], *inner = part_item(part, 1);
		struct columns c;
		struct flow picked;
		if (drops(inner))
			continue;
		if (read_columns(l, est, part_item(part, 2), in, &c) < 0)
			return -1;
		if (c.n == 0)
			continue; /* scikit-learn skips it too */
		if (flow_pick(l, in, c.at, c.n, c.series, &picked) < 0 || lower_part(l, est, part, &picked, side) < 0)
			return -1;
	}
	return answer_side(l, est, side, sparse && side->sparse, out);
}

/* --- searches --- */

int lower_search(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *best = py_get(est, "best_estimator_");
	if (!best)
		return sk_unsupported(l, est, "attribute best_estimator_ is absent: fit it with refit=True");
	return lower_estimator(l, best, in, out);
}
