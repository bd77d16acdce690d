/* A fitted estimator to a graph: the table of classes, and what stands around the nodes. See lowering.h. */
#include "base/check.h"
#include "infer/load/load.h"
#include "infer/load/sklearn/lowering.h"

enum { DEPTH_MAX = 32 };

static const struct {
	const char *package, *name;
	lower_fn *lower;
} estimators[] = {
#define ESTIMATOR(package, name, fn) {package, name, fn},
#include "infer/load/sklearn/estimator_table.h"
#undef ESTIMATOR
};

static lower_fn *find(const struct py *est)
{
	for (size_t i = 0; est && est->kind == PY_OBJECT && i < COUNT_OF(estimators); i++) {
		if (py_is(est, estimators[i].package, estimators[i].name))
			return estimators[i].lower;
	}
	return NULL;
}

bool lower_knows(const struct py *est)
{
	return find(est) != NULL;
}

int lower_estimator(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	lower_fn *lower = find(est);
	if (!lower && (!est || est->kind != PY_OBJECT))
		return err_set(l->err, ERR_UNSUPPORTED,
			       "%s is no estimator: the file must hold a fitted scikit-learn estimator",
			       py_describe(est, l->arena));
	if (!lower)
		return sk_unsupported(
		    l, est, "this class cannot be served yet: use one of the classes listed in docs/infer.md");
	if (l->depth == DEPTH_MAX)
		return sk_unsupported(l, est, "estimators are nested more than %d deep", DEPTH_MAX);
	l->depth++;
	*out = (struct answers){0};
	int rc = lower(l, est, in, out);
	l->depth--;
	/* A node that did not fit is no node: whoever came next would take its place for the model's input. */
	return rc < 0 ? rc : graph_fits(&l->b, l->err);
}

static const struct py *first_of(const struct py *parts)
{
	const struct py *pair =
	    parts && (parts->kind == PY_LIST || parts->kind == PY_TUPLE) && parts->seq.n ? parts->seq.items[0] : NULL;
	return pair && (pair->kind == PY_TUPLE || pair->kind == PY_LIST) && pair->seq.n > 1 ? pair->seq.items[1] : NULL;
}

/* Whoever looks at the request first. */
static const struct py *first_estimator(const struct py *est)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		const struct py *inner = NULL;
		if (py_is(est, "sklearn.pipeline", "Pipeline"))
			inner = first_of(py_get(est, "steps"));
		else if (py_is(est, "sklearn.pipeline", "FeatureUnion"))
			inner = first_of(py_get(est, "transformer_list"));
		else
			inner = py_get(est, "best_estimator_");
		if (!inner || inner->kind != PY_OBJECT)
			break;
		est = inner;
	}
	return est;
}

/* The names of the table that it was fitted on. Before 1.0 only a ColumnTransformer kept them, to itself. */
static const struct py *names_of(struct lowering *l, const struct py *root, const struct py *first)
{
	static const char *const private_names[] = {"_feature_names_in" /* 0.24 */, "_df_columns" /* 0.21 to 0.23 */};
	const struct py *names = py_get(root, "feature_names_in_");
	if (!names)
		names = py_get(first, "feature_names_in_");
	for (size_t i = 0; !names && i < COUNT_OF(private_names); i++) {
		const struct py *v = py_get(first, private_names[i]);
		struct slice *texts;
		size_t n;
		/* Columns without names of their own are numbered there. */
		if (v && py_strings(v, l->arena, &texts, &n))
			names = v;
	}
	return names;
}

static int read_columns(struct lowering *l, const struct py *root)
{
	const struct py *first = first_estimator(root);
	const struct py *names = names_of(l, root, first);
	size_t names_n = 0;
	if (!py_is_none(names) && !py_strings(names, l->arena, &l->names, &names_n))
		return sk_unsupported(l, first, "attribute feature_names_in_ is %s, not strings",
				      py_describe(names, l->arena));
	int64_t width = sk_width(l, root);
	if (width < 0 && names_n)
		width = (int64_t)names_n;
	if (width <= 0 || width > GRAPH_COLUMNS_MAX)
		return sk_unsupported(
		    l, first,
		    "its number of input features is not in the file (n_features_in_ is absent): fit it, "
		    "or put it in a pipeline with its predictor");
	if (names_n && names_n != (size_t)width)
		return sk_unsupported(l, first, "attribute feature_names_in_ has %zu names for %lld features", names_n,
				      (long long)width);
	l->columns_n = (uint32_t)width;
	l->columns = arena_zalloc(l->arena, (size_t)width * sizeof *l->columns);
	if (!l->columns)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	return 0;
}

static void write_columns(struct lowering *l)
{
	bool plain = !l->names;
	for (uint32_t i = 0; i < l->columns_n; i++)
		plain &= l->columns[i].kind == COLUMN_NUMBER;
	l->b.root.columns_n = l->columns_n;
	if (plain)
		return;
	for (uint32_t i = 0; l->names && i < l->columns_n; i++)
		l->columns[i].name = graph_put_text(&l->b, l->names[i]);
	l->b.root.columns = graph_put(&l->b, l->columns, l->columns_n, sizeof *l->columns);
}

static void write_methods(struct lowering *l, const struct answers *a)
{
	for (int m = 1; m < MODEL_METHODS; m++)
		graph_method(&l->b, (enum model_method)m, a->of[m].nodes, a->of[m].n);
	if (!a->transforms)
		return;
	uint32_t node = a->flow.node;
	if (a->flow.csr) {
		struct op_dense op = {.dtype = a->flow.integers ? DTYPE_I64 : DTYPE_F64};
		node = graph_node1(&l->b, OP_DENSE, node, &op, sizeof op);
	}
	graph_method(&l->b, MODEL_TRANSFORM, &node, 1);
}

static void summarize(struct lowering *l, const struct py *est, int depth, struct slice name, char *to, size_t room)
{
	size_t at = strlen(to);
	if (depth > 8 || at + 200 > room)
		return;
	(void)snprintf(to + at, room - at, "%*s%.*s%s%s\n", depth * 2, "", SLICE_ARG(name), name.len ? ": " : "",
		       est && est->kind == PY_STR ? "passthrough or drop" : sk_class(est));
	static const char *const lists[] = {"steps", "transformer_list", "transformers_"};
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const struct py *parts = py_get(est, lists[i]);
		for (size_t j = 0; parts && parts->kind == PY_LIST && j < parts->seq.n; j++) {
			const struct py *part = parts->seq.items[j];
			if (part->kind == PY_TUPLE && part->seq.n > 1 && part->seq.items[0]->kind == PY_STR)
				summarize(l, part->seq.items[1], depth + 1, part->seq.items[0]->bytes, to, room);
		}
	}
}

int lower_sklearn(const struct py *root, struct arena *arena, struct image_writer *w, uint64_t *graph_root,
		  struct err *err)
{
	struct lowering l = {.arena = arena, .err = err};
	graph_builder_init(&l.b, w, arena);
	if (!lower_knows(root)) {
		struct answers none;
		return lower_estimator(&l, root, NULL, &none);
	}
	if (read_columns(&l, root) < 0)
		return -1;
	struct flow in = {.node = GRAPH_NONE, .columns = l.columns_n};
	struct answers answers;
	if (lower_estimator(&l, root, &in, &answers) < 0)
		return -1;
	if (answers.transforms && answers.flow.node == GRAPH_NONE) {
		/* A pipeline of nothing but passthrough. */
		if (flow_numbers(&l, root, &answers.flow, -1, FINITE_ANYTHING, &answers.flow) < 0)
			return -1;
	}
	write_methods(&l, &answers);
	write_columns(&l);
	char summary[4096] = "";
	summarize(&l, root, 0, slice_of(NULL, 0), summary, sizeof summary);
	const struct py *version = py_get(root, "_sklearn_version");
	l.b.root.summary = graph_put_text(&l.b, slice_str(summary));
	l.b.root.format = graph_put_text(&l.b, SLICE_LIT("sklearn"));
	if (version && version->kind == PY_STR)
		l.b.root.library = graph_put_text(&l.b, version->bytes);
	l.b.root.class_name = graph_put_text(&l.b, slice_str(sk_class(root)));
	l.b.root.expecting = graph_put_text(&l.b, slice_str(sk_class(first_estimator(root))));
	return graph_finish(&l.b, graph_root, err);
}
