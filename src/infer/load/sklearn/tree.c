/*
 * Decision trees and forests. A tree's nodes are read from its record array by the names and offsets of its fields,
 * which grew over the versions (missing_go_to_left since 1.3), and laid out anew in pre-order.
 */
#include <math.h>

#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

enum { TREES_MAX = 1 << 20 };

/* --- one tree's arrays --- */

struct tree {
	size_t n, outputs, classes; /* nodes; values is [n, outputs, classes] */
	int64_t *left, *right, *feature;
	double *threshold;
	uint8_t *nan_left;
	const double *values;
};

static const struct py_dtype_field *field(const struct py_dtype *d, const char *name)
{
	for (uint32_t i = 0; i < d->fields_n; i++) {
		if (strcmp(d->fields[i].name, name) == 0)
			return &d->fields[i];
	}
	return NULL;
}

static bool read_ints(const struct py_array *a, const char *name, int64_t *out)
{
	const struct py_dtype_field *f = field(a->dtype, name);
	if (!f || (f->dtype->kind != 'i' && f->dtype->kind != 'u') || (f->dtype->bytes != 8 && f->dtype->bytes != 4))
		return false;
	for (int64_t i = 0; i < a->count; i++) {
		const char *at = a->data.ptr + (size_t)i * a->dtype->bytes + f->offset;
		int32_t narrow;
		if (f->dtype->bytes == 8) {
			memcpy(&out[i], at, 8);
		} else {
			memcpy(&narrow, at, 4);
			out[i] = narrow;
		}
	}
	return true;
}

static bool read_doubles(const struct py_array *a, const char *name, double *out)
{
	const struct py_dtype_field *f = field(a->dtype, name);
	if (!f || f->dtype->kind != 'f' || f->dtype->bytes != 8)
		return false;
	for (int64_t i = 0; i < a->count; i++)
		memcpy(&out[i], a->data.ptr + (size_t)i * a->dtype->bytes + f->offset, 8);
	return true;
}

static int read_tree(struct lowering *l, const struct py *est, struct tree *out)
{
	const struct py *tree = py_get(est, "tree_");
	const struct py *nodes = py_get(tree, "nodes"), *values = py_get(tree, "values");
	struct tree t = {0};
	int64_t count;
	if (!py_is(tree, "sklearn.tree", "Tree"))
		return sk_unsupported(l, est, "attribute tree_ is %s: it is not fitted",
				      tree ? py_describe(tree, l->arena) : "absent");
	if (!nodes || nodes->kind != PY_ARRAY || nodes->array->dtype->kind != 'V' || nodes->array->rank != 1 ||
	    !values || values->kind != PY_ARRAY || values->array->rank != 3 ||
	    values->array->shape[0] != nodes->array->count || nodes->array->count < 1 ||
	    nodes->array->count > INT32_MAX)
		return sk_unsupported(l, est, "its tree has no nodes and values in the shape that we know");
	const struct py_array *a = nodes->array;
	t.n = (size_t)a->count;
	t.outputs = (size_t)values->array->shape[1];
	t.classes = (size_t)values->array->shape[2];
	t.left = arena_array(l->arena, t.n, sizeof *t.left);
	t.right = arena_array(l->arena, t.n, sizeof *t.right);
	t.feature = arena_array(l->arena, t.n, sizeof *t.feature);
	t.threshold = arena_array(l->arena, t.n, sizeof *t.threshold);
	t.nan_left = arena_zalloc(l->arena, t.n);
	if (!t.left || !t.right || !t.feature || !t.threshold || !t.nan_left)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	if (!read_ints(a, "left_child", t.left) || !read_ints(a, "right_child", t.right) ||
	    !read_ints(a, "feature", t.feature) || !read_doubles(a, "threshold", t.threshold) ||
	    !py_array_f64(values, l->arena, &t.values, &count))
		return sk_unsupported(l, est, "its tree's nodes are %s: fields are missing or of another type",
				      py_describe(nodes, l->arena));
	const struct py_dtype_field *missing = field(a->dtype, "missing_go_to_left");
	for (size_t i = 0; missing && missing->dtype->bytes == 1 && i < t.n; i++)
		t.nan_left[i] = a->data.ptr[i * a->dtype->bytes + missing->offset] != 0;
	*out = t;
	return 0;
}

/* --- the ensemble --- */

struct ensemble {
	struct lowering *l;
	const struct py *est; /* for messages */
	size_t k, m;          /* columns; numbers of a leaf */
	size_t trees_n;
	uint32_t *starts, *depths;
	struct op_tree_node *nodes;
	uint32_t *leaf_of;
	double *leaves;
	size_t nodes_n, leaves_n, cap;
};

/* The largest float32 that is not above t: x <= t says the same of every float32 x. */
static float threshold32(double t)
{
	float f = (float)t;
	return (double)f > t ? nextafterf(f, -INFINITY) : f;
}

struct pending {
	int64_t node;
	uint32_t depth;
	uint32_t *link; /* where its number goes */
};

/* Children of every node, in range and met once, are left to this walk: a node met twice would make more nodes than
 * there are. `leaf` writes m numbers for a node. */
static int add_nodes(struct ensemble *e, const struct tree *t,
		     void (*leaf)(const struct ensemble *, const struct tree *, size_t, double *))
{
	struct lowering *l = e->l;
	struct pending *stack = arena_array(l->arena, t->n + 2, sizeof *stack);
	uint32_t first = (uint32_t)e->nodes_n, root, depth = 0;
	size_t n = 0;
	if (!stack)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	stack[n++] = (struct pending){0, 0, &root};
	while (n > 0) {
		struct pending p = stack[--n];
		if (p.node < 0 || (size_t)p.node >= t->n || e->nodes_n - first == t->n)
			return sk_unsupported(l, e->est, "its tree's nodes do not make a tree");
		uint32_t at = (uint32_t)e->nodes_n++;
		struct op_tree_node *node = &e->nodes[at];
		*p.link = at;
		depth = MAX(depth, p.depth);
		if (t->left[p.node] < 0) {
			*node = (struct op_tree_node){.left = at, .right = at};
			e->leaf_of[at] = (uint32_t)e->leaves_n;
			leaf(e, t, (size_t)p.node, e->leaves + e->leaves_n++ * e->m);
			continue;
		}
		int64_t feature = t->feature[p.node];
		if (feature < 0 || (size_t)feature >= e->k || n + 2 > t->n + 2)
			return sk_unsupported(l, e->est, "its tree tests feature %lld of %zu", (long long)feature,
					      e->k);
		node->threshold = threshold32(t->threshold[p.node]);
		node->feature = (uint32_t)feature | (t->nan_left[p.node] ? TREE_NAN_LEFT : 0);
		stack[n++] = (struct pending){t->right[p.node], p.depth + 1, &node->right};
		stack[n++] = (struct pending){t->left[p.node], p.depth + 1, &node->left};
	}
	e->starts[e->trees_n] = first;
	e->depths[e->trees_n++] = depth;
	e->starts[e->trees_n] = (uint32_t)e->nodes_n;
	return 0;
}

static int ensemble_init(struct ensemble *e, struct lowering *l, const struct py *est, const struct tree *trees,
			 size_t n, size_t k, size_t m)
{
	size_t nodes = 0, leaves;
	for (size_t i = 0; i < n; i++)
		nodes += trees[i].n;
	*e = (struct ensemble){.l = l, .est = est, .k = k, .m = m, .cap = nodes};
	if (ckd_mul(&leaves, nodes, m) || nodes > INT32_MAX)
		return sk_unsupported(l, est, "it has too many nodes");
	e->starts = arena_array(l->arena, n + 1, sizeof *e->starts);
	e->depths = arena_array(l->arena, n, sizeof *e->depths);
	e->nodes = arena_array(l->arena, nodes, sizeof *e->nodes);
	e->leaf_of = arena_zalloc(l->arena, nodes * sizeof *e->leaf_of);
	e->leaves = arena_array(l->arena, leaves, sizeof *e->leaves);
	if (!e->starts || !e->depths || !e->nodes || !e->leaf_of || !e->leaves)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	return 0;
}

static uint32_t ensemble_node(struct ensemble *e, uint32_t in, double divide, bool nans, bool vector)
{
	struct graph_builder *b = &e->l->b;
	struct op_trees op = {
	    .k = (uint32_t)e->k,
	    .m = (uint32_t)e->m,
	    .vector = vector,
	    .nans = nans,
	    .divide = divide,
	    .starts = graph_put(b, e->starts, e->trees_n + 1, sizeof *e->starts),
	    .depths = graph_put(b, e->depths, e->trees_n, sizeof *e->depths),
	    .nodes = graph_put(b, e->nodes, e->nodes_n, sizeof *e->nodes),
	    .leaf_of = graph_put(b, e->leaf_of, e->nodes_n, sizeof *e->leaf_of),
	    .leaves = graph_put(b, e->leaves, e->leaves_n * e->m, sizeof *e->leaves),
	};
	return graph_node1(b, OP_TREES, in, &op, sizeof op);
}

/* --- leaves --- */

static void leaf_as_is(const struct ensemble *e, const struct tree *t, size_t node, double *to)
{
	memcpy(to, t->values + node * e->m, e->m * sizeof *to);
}

/* Regression: values is [n, outputs, 1], or has room for classes it does not use. */
static void leaf_of_regression(const struct ensemble *e, const struct tree *t, size_t node, double *to)
{
	for (size_t i = 0; i < e->m; i++)
		to[i] = t->values[(node * t->outputs + i) * t->classes];
}

/* Shares of each output's classes, as predict_proba of one tree gives them. */
static void leaf_shares(const struct ensemble *e, const struct tree *t, size_t node, double *to)
{
	leaf_as_is(e, t, node, to);
	for (size_t o = 0; o < t->outputs; o++, to += t->classes) {
		double sum = 0;
		for (size_t c = 0; c < t->classes; c++)
			sum += to[c];
		for (size_t c = 0; sum != 0 && c < t->classes; c++)
			to[c] /= sum;
	}
}

/* --- versions --- */

/* Do this tree's rules let NaN in? 1.3 on for best splits, 1.6 on for random ones. */
static bool tree_takes_nan(const struct py *est, bool classifier)
{
	static const char *const of_classes[] = {"gini", "log_loss", "entropy"};
	static const char *const of_numbers[] = {"squared_error", "friedman_mse", "poisson"};
	int version = sk_version(est);
	const struct py *splitter = py_get(est, "splitter"), *criterion = py_get(est, "criterion");
	bool extra = strncmp(sk_class(est), "Extra", 5) == 0, known = false;
	if (version < 103 || sk_has(est, "monotonic_cst"))
		return false;
	for (size_t i = 0; i < 3; i++)
		known |= py_is_str(criterion, classifier ? of_classes[i] : of_numbers[i]);
	if (version < 106)
		return known && !extra && py_is_str(splitter, "best");
	return known && (py_is_str(splitter, "random") || (!extra && py_is_str(splitter, "best")));
}

/* Before 1.4 a tree's predict_proba divides by the leaf's sum; since, leaves hold shares. */
static bool leaves_are_shares(const struct py *est)
{
	return sk_version(est) >= 104;
}

/* --- classes --- */

/* The classes of output i: classes_ itself, or its item. */
static const struct py *classes_of(const struct py *est, size_t outputs, size_t i)
{
	const struct py *v = py_get(est, "classes_");
	if (outputs == 1 && v && v->kind == PY_ARRAY)
		return v;
	return v && v->kind == PY_LIST && i < v->seq.n ? v->seq.items[i] : NULL;
}

static uint32_t columns_of(struct lowering *l, uint32_t node, size_t from, size_t n)
{
	uint32_t *columns = arena_array(l->arena, n, sizeof *columns);
	if (!columns) {
		l->b.failed = true;
		return GRAPH_NONE;
	}
	for (size_t i = 0; i < n; i++)
		columns[i] = (uint32_t)(from + i);
	struct op_select op = {.columns = graph_put(&l->b, columns, n, sizeof *columns)};
	return graph_node1(&l->b, OP_SELECT, node, &op, sizeof op);
}

/* predict from `scores` and probabilities from `proba` (which may be one), output by output. */
static int answer_classes(struct lowering *l, const struct py *est, const struct tree *t, uint32_t scores,
			  uint32_t proba, bool divide, struct answers *out)
{
	uint32_t *labels = arena_array(l->arena, t->outputs, sizeof *labels);
	uint32_t *shares = arena_array(l->arena, t->outputs, sizeof *shares);
	uint32_t *logs = arena_array(l->arena, t->outputs, sizeof *logs);
	/* Until 0.20 several outputs' labels came as float64. */
	bool floats = t->outputs > 1 && sk_version(est) && sk_version(est) < 21;
	if (!labels || !shares || !logs)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < t->outputs; i++) {
		const struct py *classes = classes_of(est, t->outputs, i);
		size_t n = classes && classes->kind == PY_ARRAY ? (size_t)classes->array->count : 0;
		uint32_t score = scores;
		if (n == 0 || n > t->classes)
			return sk_unsupported(l, est, "attribute classes_ does not fit its trees");
		bool whole = t->outputs == 1 && n == t->classes;
		if (!whole)
			score = columns_of(l, scores, i * t->classes, n);
		if (lower_labels(l, est, classes, lower_pick(l, score, PICK_ARGMAX), floats, &labels[i], &n) < 0)
			return -1;
		shares[i] = whole ? proba : columns_of(l, proba, i * t->classes, n);
		if (divide)
			shares[i] = lower_activate(l, shares[i], ACTIVATE_SHARE_ZERO);
	}
	/* Answers are in the order of their nodes. */
	for (size_t i = 0; i < t->outputs; i++)
		logs[i] = lower_activate(l, shares[i], ACTIVATE_LOG);
	if (t->outputs > 1) {
		struct op_concat op = {0};
		answer_one(l, out, MODEL_PREDICT, graph_node(&l->b, OP_CONCAT, labels, t->outputs, &op, sizeof op));
	} else {
		answer_one(l, out, MODEL_PREDICT, labels[0]);
	}
	out->of[MODEL_PREDICT_PROBA] = (struct answer){shares, t->outputs};
	out->of[MODEL_PREDICT_LOG_PROBA] = (struct answer){logs, t->outputs};
	return 0;
}

/* --- estimators --- */

static int lower_one(struct lowering *l, const struct py *est, const struct flow *in, bool classifier,
		     struct answers *out)
{
	struct tree t;
	struct ensemble e;
	struct flow x;
	bool nans = tree_takes_nan(est, classifier);
	int64_t width = sk_width(l, est);
	if (read_tree(l, est, &t) < 0 ||
	    flow_dense(l, est, in, width, nans ? FINITE_FLOAT32_OR_NAN : FINITE_FLOAT32, &x) < 0)
		return -1;
	size_t m = classifier ? t.outputs * t.classes : t.outputs;
	if (ensemble_init(&e, l, est, &t, 1, (size_t)x.columns, m) < 0 ||
	    add_nodes(&e, &t, classifier ? leaf_as_is : leaf_of_regression) < 0)
		return -1;
	uint32_t node = ensemble_node(&e, x.node, 1, nans, !classifier && m == 1);
	if (classifier)
		return answer_classes(l, est, &t, node, node, !leaves_are_shares(est), out);
	answer_one(l, out, MODEL_PREDICT, node);
	return 0;
}

int lower_tree_classifier(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	return lower_one(l, est, in, true, out);
}

int lower_tree_regressor(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	return lower_one(l, est, in, false, out);
}

static int lower_forest(struct lowering *l, const struct py *est, const struct flow *in, bool classifier,
			struct answers *out)
{
	const struct py *members = py_get(est, "estimators_");
	struct ensemble e;
	struct flow x;
	if (!members || members->kind != PY_LIST || members->seq.n == 0 || members->seq.n > TREES_MAX)
		return sk_unsupported(l, est, "attribute estimators_ is no list of trees: it is not fitted");
	size_t n = members->seq.n;
	struct tree *trees = arena_array(l->arena, n, sizeof *trees);
	if (!trees)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < n; i++) {
		if (read_tree(l, members->seq.items[i], &trees[i]) < 0)
			return -1;
		if (trees[i].outputs != trees[0].outputs || trees[i].classes != trees[0].classes)
			return sk_unsupported(l, est, "its trees differ in outputs");
	}
	/* A forest has its own check, which asks its trees since 1.4. */
	bool nans = sk_version(est) >= 104 && tree_takes_nan(members->seq.items[0], classifier);
	if (flow_dense(l, est, in, sk_width(l, est), nans ? FINITE_FLOAT32_OR_NAN : FINITE_FLOAT32, &x) < 0)
		return -1;
	size_t m = classifier ? trees[0].outputs * trees[0].classes : trees[0].outputs;
	if (ensemble_init(&e, l, est, trees, n, (size_t)x.columns, m) < 0)
		return -1;
	bool divide = !leaves_are_shares(est);
	for (size_t i = 0; i < n; i++) {
		if (add_nodes(&e, &trees[i], !classifier ? leaf_of_regression : divide ? leaf_shares : leaf_as_is) < 0)
			return -1;
	}
	uint32_t node = ensemble_node(&e, x.node, (double)n, nans, !classifier && m == 1);
	if (classifier)
		return answer_classes(l, est, &trees[0], node, node, false, out);
	answer_one(l, out, MODEL_PREDICT, node);
	return 0;
}

int lower_forest_classifier(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	return lower_forest(l, est, in, true, out);
}

int lower_forest_regressor(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	return lower_forest(l, est, in, false, out);
}
