/* Decision trees: see trees.h. */
#include "infer/kernels/trees.h"

#include <math.h>

#include "base/check.h"

/* --- checking --- */

/* One tree: children later than their parent and inside, so every walk ends, after at most `depth` steps. `deep` is
 * room for one number a node. */
static bool check_tree(const struct op_trees *p, const struct op_tree_node *nodes, const uint32_t *leaf_of,
		       uint32_t from, uint32_t to, uint32_t depth, uint64_t leaves, uint32_t *deep)
{
	if (from >= to || to > p->nodes.n)
		return false;
	memset(deep + from, 0, (to - from) * sizeof *deep);
	for (uint32_t i = from; i < to; i++) {
		const struct op_tree_node *n = &nodes[i];
		if ((n->feature & ~TREE_NAN_LEFT) >= p->k)
			return false;
		if (n->left == i || n->right == i) {
			if (n->left != n->right || leaf_of[i] >= leaves || deep[i] > depth)
				return false;
			continue;
		}
		if (n->left < i || n->left >= to || n->right < i || n->right >= to)
			return false;
		deep[n->left] = MAX(deep[n->left], deep[i] + 1);
		deep[n->right] = MAX(deep[n->right], deep[i] + 1);
	}
	return true;
}

static int check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_trees *p = params;
	if (p->k == 0 || p->k >= TREE_NAN_LEFT || p->m == 0 || p->m > GRAPH_COLUMNS_MAX || p->vector > 1 ||
	    (p->vector && p->m != 1) || p->depths.n == 0 || p->nodes.n > UINT32_MAX || p->leaves.n % p->m)
		return kernel_bad(err, "trees", "wrong widths");
	const uint32_t *starts = graph_at(g, p->starts, sizeof *starts),
		       *depths = graph_at(g, p->depths, sizeof *depths);
	const struct op_tree_node *nodes = graph_at(g, p->nodes, sizeof *nodes);
	const uint32_t *leaf_of = graph_at(g, p->leaf_of, sizeof *leaf_of);
	if (!starts || !depths || !nodes || !leaf_of || !graph_at(g, p->leaves, sizeof(double)) ||
	    p->starts.n != p->depths.n + 1 || p->leaf_of.n != p->nodes.n)
		return kernel_bad(err, "trees", "parts lie outside");
	uint32_t *deep = malloc((p->nodes.n + 1) * sizeof *deep);
	if (!deep)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	int rc = 0;
	for (uint64_t i = 0; rc == 0 && i < p->depths.n; i++) {
		if (!check_tree(p, nodes, leaf_of, starts[i], starts[i + 1], depths[i], p->leaves.n / p->m, deep))
			rc = kernel_bad(err, "trees", "tree %llu is no tree", (unsigned long long)i);
	}
	free(deep);
	return rc;
}

static int infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		 struct graph_type *out, struct err *err)
{
	const struct op_trees *p = params;
	(void)g;
	(void)in_n;
	if (kernel_want_f64("trees", in, false, err) < 0)
		return -1;
	if (in->columns != p->k)
		return kernel_bad(err, "trees", "%lld columns, not %u", (long long)in->columns, p->k);
	*out = (struct graph_type){.dtype = DTYPE_F64, .vector = p->vector, .columns = p->m};
	return 0;
}

/* --- walking --- */

static inline uint32_t next_node(const struct op_tree_node *n, const float *x, bool nans)
{
	float v = x[n->feature & ~TREE_NAN_LEFT];
	bool left = v <= n->threshold;
	if (nans)
		left |= (v != v) & (n->feature >> 31);
	/* Two neighbours in memory: picking one is an index, not a branch. */
	return (&n->left)[!left];
}

static void add_leaf(const struct trees *t, uint32_t node, double *y)
{
	const double *leaf = t->leaves + (size_t)t->leaf_of[node] * t->m;
	for (size_t i = 0; i < t->m; i++)
		y[i] += leaf[i];
}

void trees_plain(const struct trees *t, const float *x, size_t rows, double *y)
{
	memset(y, 0, rows * t->m * sizeof *y);
	for (size_t r = 0; r < rows; r++, x += t->k, y += t->m) {
		for (size_t i = 0; i < t->n; i++) {
			uint32_t at = t->starts[i];
			while (t->nodes[at].left != at)
				at = next_node(&t->nodes[at], x, t->nans);
			add_leaf(t, at, y);
		}
	}
}

enum { EIGHT = 8, STRIDE = 4 /* steps between looks whether all have arrived */ };

/* at[i] goes down from where it is to its leaf, over row x[i]. */
static inline __attribute__((always_inline)) void descend(const struct op_tree_node *nodes, const float *const x[EIGHT],
							  uint32_t at[EIGHT], uint32_t depth, const bool nans)
{
	for (uint32_t d = 0; d < depth; d += STRIDE) {
		uint32_t before[EIGHT], moved = 0;
		for (size_t s = 0; s < STRIDE; s++) {
			for (size_t i = 0; i < EIGHT; i++) {
				before[i] = at[i];
				at[i] = next_node(&nodes[at[i]], x[i], nans);
			}
		}
		for (size_t i = 0; i < EIGHT; i++)
			moved |= before[i] ^ at[i];
		if (!moved)
			return;
	}
}

static void descend_any(const struct trees *t, const float *const x[EIGHT], uint32_t at[EIGHT], uint32_t depth)
{
	if (t->nans)
		descend(t->nodes, x, at, depth, true);
	else
		descend(t->nodes, x, at, depth, false);
}

/* Eight rows through each tree. */
static void eight_rows(const struct trees *t, const float *x, double *y)
{
	const float *rows[EIGHT];
	uint32_t at[EIGHT];
	for (size_t i = 0; i < EIGHT; i++)
		rows[i] = x + i * t->k;
	for (size_t n = 0; n < t->n; n++) {
		for (size_t i = 0; i < EIGHT; i++)
			at[i] = t->starts[n];
		descend_any(t, rows, at, t->depths[n]);
		for (size_t i = 0; i < EIGHT; i++)
			add_leaf(t, at[i], y + i * t->m);
	}
}

/* One row through eight trees at a time. */
static void one_row(const struct trees *t, const float *x, double *y)
{
	const float *rows[EIGHT];
	uint32_t at[EIGHT];
	for (size_t i = 0; i < EIGHT; i++)
		rows[i] = x;
	for (size_t n = 0; n < t->n; n += EIGHT) {
		size_t some = MIN(EIGHT, t->n - n);
		uint32_t depth = 0;
		for (size_t i = 0; i < EIGHT; i++) {
			at[i] = t->starts[n + MIN(i, some - 1)];
			depth = MAX(depth, t->depths[n + MIN(i, some - 1)]);
		}
		descend_any(t, rows, at, depth);
		for (size_t i = 0; i < some; i++)
			add_leaf(t, at[i], y);
	}
}

void trees_eight(const struct trees *t, const float *x, size_t rows, double *y)
{
	memset(y, 0, rows * t->m * sizeof *y);
	size_t r = 0;
	for (; r + EIGHT <= rows; r += EIGHT)
		eight_rows(t, x + r * t->k, y + r * t->m);
	for (; r < rows; r++)
		one_row(t, x + r * t->k, y + r * t->m);
}

/* --- the kernel --- */

struct floats {
	float *at;
	size_t cap;
};

static void *scratch_new(const struct step *s)
{
	(void)s;
	return calloc(1, sizeof(struct floats));
}

static void scratch_free(void *scratch)
{
	free(((struct floats *)scratch)->at);
	free(scratch);
}

static int prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_trees *p = s->params;
	struct trees *t = arena_alloc(arena, sizeof *t);
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	*t = (struct trees){
	    .k = p->k,
	    .m = p->m,
	    .n = p->depths.n,
	    .starts = graph_at(s->graph, p->starts, sizeof(uint32_t)),
	    .depths = graph_at(s->graph, p->depths, sizeof(uint32_t)),
	    .nodes = graph_at(s->graph, p->nodes, sizeof(struct op_tree_node)),
	    .leaf_of = graph_at(s->graph, p->leaf_of, sizeof(uint32_t)),
	    .leaves = kernel_f64(s->graph, p->leaves),
	    .nans = p->nans != 0,
	};
	s->state = t;
	return 0;
}

static int run(const struct step *s, struct run *r)
{
	const struct op_trees *p = s->params;
	const struct trees *t = s->state;
	const double *x = run_f64(s, r, 0);
	double *y = run_out_f64(s, r);
	struct floats *f = r->scratch[s->number];
	size_t n = r->rows * t->k;
	if (n > f->cap) {
		float *more = realloc(f->at, n * sizeof *more);
		if (!more)
			return err_set(r->err, ERR_NO_MEMORY, "out of memory");
		f->at = more;
		f->cap = n;
	}
	for (size_t i = 0; i < n; i++)
		f->at[i] = (float)x[i];
	if (s->isa == ISA_PLAIN)
		trees_plain(t, f->at, r->rows, y);
	else
		trees_eight(t, f->at, r->rows, y);
	for (size_t i = 0; p->divide != 1 && i < r->rows * t->m; i++)
		y[i] /= p->divide;
	return 0;
}

static double cost(const struct step *s)
{
	const struct trees *t = s->state;
	double steps = 0;
	for (size_t i = 0; i < t->n; i++)
		steps += t->depths[i];
	return 10 + 1.5 * steps + (double)(t->n * t->m);
}

static void describe(const struct graph *g, const void *params, FILE *to)
{
	const struct op_trees *p = params;
	(void)g;
	fprintf(to, " %llu, %llu nodes", (unsigned long long)p->depths.n, (unsigned long long)p->nodes.n);
}

const struct kernel kernel_trees = {
    .name = "trees",
    .params_bytes = sizeof(struct op_trees),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = check,
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .cost = cost,
    .describe = describe,
    .scratch_new = scratch_new,
    .scratch_free = scratch_free,
};
