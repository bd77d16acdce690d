/* Checking a graph that came out of a model image: see graph.h. */
#include "infer/graph.h"

#include "base/check.h"
#include "infer/kernels/kernel.h"

static size_t alignment(size_t bytes)
{
	return bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1;
}

const void *graph_at(const struct graph *g, struct span s, size_t bytes)
{
	if (s.offset == 0 || s.offset % alignment(bytes))
		return NULL;
	return image_at(g->image, s.offset, s.n, bytes);
}

struct slice graph_text(const struct graph *g, struct span s)
{
	const char *p = s.n ? graph_at(g, s, 1) : NULL;
	return slice_of(p, p ? s.n : 0);
}

static int check_text(const struct graph *g, struct span s, const char *what, struct err *err)
{
	if (s.n && (s.n > INT32_MAX || !graph_at(g, s, 1)))
		return err_set(err, ERR_CORRUPT, "model image: %s lies outside", what);
	return 0;
}

static int check_columns(struct graph *g, struct err *err)
{
	const struct graph_root *root = g->root;
	if (root->columns_n == 0 || root->columns_n > GRAPH_COLUMNS_MAX)
		return err_set(err, ERR_CORRUPT, "model image: %u input columns", root->columns_n);
	if (root->columns.n == 0)
		return 0;
	if (root->columns.n != root->columns_n)
		return err_set(err, ERR_CORRUPT, "model image: columns do not match their number");
	g->columns = graph_at(g, root->columns, sizeof *g->columns);
	if (!g->columns)
		return err_set(err, ERR_CORRUPT, "model image: columns lie outside");
	for (uint32_t i = 0; i < root->columns_n; i++) {
		if (g->columns[i].kind >= COLUMN_KINDS)
			return err_set(err, ERR_CORRUPT, "model image: column %u is of no kind", i);
		if (check_text(g, g->columns[i].name, "a column's name", err) < 0)
			return -1;
	}
	return 0;
}

static int check_node(struct graph *g, uint32_t i, struct err *err)
{
	const struct graph_node *n = &g->nodes[i];
	if (n->op == OP_NONE || n->op >= OP_COUNT)
		return err_set(err, ERR_CORRUPT, "model image: node %u has no operator", i);
	const struct kernel *k = kernel_table[n->op];
	if (n->inputs.n < k->inputs_least || n->inputs.n > k->inputs_most)
		return err_set(err, ERR_CORRUPT, "model image: node %u (%s) has too many or too few inputs", i,
			       k->name);
	const uint32_t *inputs = n->inputs.n ? graph_at(g, n->inputs, sizeof *inputs) : NULL;
	const void *params = graph_at(g, (struct span){n->params, 1}, k->params_bytes);
	if (!params || n->params % 8 || (n->inputs.n && !inputs))
		return err_set(err, ERR_CORRUPT, "model image: node %u (%s) lies outside", i, k->name);
	for (uint64_t j = 0; j < n->inputs.n; j++) {
		if (inputs[j] >= i)
			return err_set(err, ERR_CORRUPT, "model image: node %u (%s) needs a later one", i, k->name);
	}
	if (k->check && k->check(g, params, err) < 0)
		return -1;
	struct graph_type *in = n->inputs.n ? calloc(n->inputs.n, sizeof *in) : NULL;
	if (n->inputs.n && !in)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (uint64_t j = 0; j < n->inputs.n; j++)
		in[j] = g->types[inputs[j]];
	int rc = k->infer(g, params, in, n->inputs.n, &g->types[i], err);
	free(in);
	if (rc == 0 && (g->types[i].columns < 0 || g->types[i].columns > GRAPH_COLUMNS_MAX))
		return err_set(err, ERR_CORRUPT, "model image: node %u (%s) is too wide", i, k->name);
	return rc;
}

static int check_methods(const struct graph *g, struct err *err)
{
	for (int m = 0; m < MODEL_METHODS; m++) {
		struct span s = g->root->methods[m];
		if (s.n == 0)
			continue;
		const uint32_t *nodes = s.n <= GRAPH_NODES_MAX ? graph_at(g, s, sizeof *nodes) : NULL;
		if (!nodes)
			return err_set(err, ERR_CORRUPT, "model image: a method's answers lie outside");
		for (uint64_t i = 0; i < s.n; i++) {
			/* Ascending, so that no value is asked for twice. */
			if (nodes[i] >= g->nodes_n || (i && nodes[i] <= nodes[i - 1]))
				return err_set(err, ERR_CORRUPT, "model image: a method's answer is no node");
			if (g->nodes[nodes[i]].op == OP_INPUT_TEXT)
				return err_set(err, ERR_CORRUPT, "model image: a method answers with its input");
		}
	}
	return 0;
}

int graph_check(const struct image *image, struct graph *out, struct err *err)
{
	struct graph g = {.image = image};
	const struct image_header *header = image_at(image, 0, 1, sizeof *header);
	if (!header)
		return err_set(err, ERR_CORRUPT, "model image: no header");
	g.root = graph_at(&g, (struct span){header->root, 1}, sizeof *g.root);
	if (!g.root)
		return err_set(err, ERR_CORRUPT, "model image: no graph");
	if (g.root->version != GRAPH_VERSION)
		return err_set(err, ERR_CORRUPT, "model image: graph version %u, not %d", g.root->version,
			       GRAPH_VERSION);
	if (g.root->nodes.n == 0 || g.root->nodes.n > GRAPH_NODES_MAX)
		return err_set(err, ERR_CORRUPT, "model image: %llu nodes", (unsigned long long)g.root->nodes.n);
	g.nodes = graph_at(&g, g.root->nodes, sizeof *g.nodes);
	if (!g.nodes)
		return err_set(err, ERR_CORRUPT, "model image: nodes lie outside");
	g.nodes_n = (uint32_t)g.root->nodes.n;
	if (check_text(&g, g.root->format, "the format", err) < 0 ||
	    check_text(&g, g.root->library, "the version", err) < 0 ||
	    check_text(&g, g.root->class_name, "the class", err) < 0 ||
	    check_text(&g, g.root->summary, "the summary", err) < 0 ||
	    check_text(&g, g.root->expecting, "a class name", err) < 0 || check_columns(&g, err) < 0)
		return -1;
	g.types = calloc(g.nodes_n, sizeof *g.types);
	if (!g.types)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	int rc = 0;
	uint64_t inputs = 0;
	for (uint32_t i = 0; rc == 0 && i < g.nodes_n; i++) {
		rc = check_node(&g, i, err);
		if (rc == 0 && (inputs += g.nodes[i].inputs.n) > GRAPH_INPUTS_MAX)
			rc = err_set(err, ERR_CORRUPT, "model image: more than %d inputs", GRAPH_INPUTS_MAX);
	}
	if (rc == 0)
		rc = check_methods(&g, err);
	if (rc < 0) {
		free(g.types);
		return -1;
	}
	*out = g;
	return 0;
}

void graph_release(struct graph *g)
{
	free(g->types);
	*g = (struct graph){0};
}
