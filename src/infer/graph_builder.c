/* Writing a graph into a model image: see graph.h. */
#include "infer/graph.h"

#include "base/check.h"

void graph_builder_init(struct graph_builder *b, struct image_writer *w, struct arena *arena)
{
	*b = (struct graph_builder){.w = w, .arena = arena, .root.version = GRAPH_VERSION};
}

struct span graph_put(struct graph_builder *b, const void *items, size_t n, size_t bytes)
{
	size_t total;
	if (n == 0)
		return (struct span){0, 0};
	if (ckd_mul(&total, n, bytes)) {
		b->failed = true;
		return (struct span){0, 0};
	}
	return (struct span){image_put(b->w, items, total), n};
}

struct span graph_put_text(struct graph_builder *b, struct slice s)
{
	return graph_put(b, s.ptr, s.len, 1);
}

static bool grow(struct graph_builder *b)
{
	uint32_t cap = b->nodes_cap ? b->nodes_cap * 2 : 64;
	struct graph_node *more = cap <= GRAPH_NODES_MAX ? arena_array(b->arena, cap, sizeof *more) : NULL;
	if (!more)
		return false;
	if (b->nodes_n)
		memcpy(more, b->nodes, b->nodes_n * sizeof *more);
	b->nodes = more;
	b->nodes_cap = cap;
	return true;
}

uint32_t graph_node(struct graph_builder *b, enum op op, const uint32_t *inputs, size_t inputs_n, const void *params,
		    size_t params_bytes)
{
	for (size_t i = 0; i < inputs_n; i++) {
		if (inputs[i] == GRAPH_NONE)
			return GRAPH_NONE;
	}
	if (b->nodes_n == b->nodes_cap && !b->failed && !grow(b))
		b->failed = true;
	if (b->failed)
		return GRAPH_NONE;
	b->nodes[b->nodes_n] = (struct graph_node){
	    .op = op,
	    .inputs = graph_put(b, inputs, inputs_n, sizeof *inputs),
	    .params = image_put(b->w, params, params_bytes),
	};
	return b->nodes_n++;
}

uint32_t graph_node1(struct graph_builder *b, enum op op, uint32_t input, const void *params, size_t params_bytes)
{
	return graph_node(b, op, &input, 1, params, params_bytes);
}

void graph_method(struct graph_builder *b, enum model_method method, const uint32_t *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (nodes[i] == GRAPH_NONE)
			return;
	}
	b->root.methods[method] = graph_put(b, nodes, n, sizeof *nodes);
}

int graph_fits(const struct graph_builder *b, struct err *err)
{
	if (b->w->failed)
		return err_set(err, ERR_TOO_LARGE, "the model is larger than the limit of %zu bytes", b->w->max);
	if (b->failed)
		return err_set(err, ERR_TOO_LARGE, "the model has too many parts");
	return 0;
}

int graph_finish(struct graph_builder *b, uint64_t *root, struct err *err)
{
	b->root.nodes = graph_put(b, b->nodes, b->nodes_n, sizeof *b->nodes);
	uint64_t at = image_put(b->w, &b->root, sizeof b->root);
	if (graph_fits(b, err) < 0)
		return -1;
	*root = at;
	return 0;
}
