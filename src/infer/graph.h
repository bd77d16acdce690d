/*
 * The graph: what every model file is lowered to. It lies in a model image (image.h) as plain structs and offsets.
 *
 * - A node is an operator (ops.h) over earlier nodes; node i yields value i, so the order is topological and there are
 *   no cycles to look for.
 * - Every value is a batch of rows: a dense matrix [rows, columns], a vector [rows], or a CSR matrix. No operator mixes
 *   rows, which is why a batch may be cut anywhere without changing a digit.
 * - Types are never stored: graph_check derives them from the operators, so that a file cannot contradict itself.
 * - The image is hostile. graph_check looks at every offset, count and index once; kernels then check nothing.
 */
#ifndef CORACLE_INFER_GRAPH_H
#define CORACLE_INFER_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "infer/image.h"
#include "infer/model.h"
#include "infer/ops.h"
#include "infer/tensor.h"

enum {
	GRAPH_VERSION = 1,
	GRAPH_NODES_MAX = 1 << 12,
	GRAPH_INPUTS_MAX = 1 << 14, /* of all nodes together */
	GRAPH_COLUMNS_MAX = INT32_MAX, /* columns of a value: CSR indices are 32 bits */
	GRAPH_NONE = 0xffffffff,
};

/* --- in the image --- */

struct graph_node {
	uint32_t op; /* enum op */
	uint32_t reserved;
	struct span inputs; /* uint32_t: earlier nodes */
	uint64_t params;    /* offset of the operator's struct op_… */
};

enum graph_column_kind { COLUMN_ANY, COLUMN_NUMBER, COLUMN_TEXT, COLUMN_KINDS };

struct graph_column {
	struct span name; /* bytes; empty: unnamed */
	uint32_t kind;	  /* enum graph_column_kind */
	uint32_t reserved;
};

struct graph_root {
	uint32_t version;
	uint32_t columns_n;		    /* of the input */
	struct span columns;		    /* struct graph_column: none (all unnamed numbers) or columns_n */
	struct span nodes;		    /* struct graph_node */
	struct span methods[MODEL_METHODS]; /* uint32_t: the nodes whose values are the method's answer; none: no such method */
	struct span format, library, class_name, summary, expecting; /* bytes. expecting: who refuses a wrong width */
};

/* --- in memory --- */

struct graph_type {
	enum dtype dtype; /* of a CSR value: what a dense copy of it has; CSR itself holds f64 */
	bool csr;
	bool vector; /* [rows]; columns is 1 */
	int64_t columns;
};

struct graph {
	const struct image *image;
	const struct graph_root *root;
	const struct graph_node *nodes;
	uint32_t nodes_n;
	const struct graph_column *columns; /* NULL: all unnamed numbers */
	struct graph_type *types;	    /* of each node */
};

/* Checks everything. `out` borrows the image. ERR_CORRUPT says what is wrong. */
int graph_check(const struct image *image, struct graph *out, struct err *err);
void graph_release(struct graph *g);

/* s.n items of `bytes` each, aligned to 8 when bytes >= 8 (to their size below that). NULL: outside the image. */
const void *graph_at(const struct graph *g, struct span s, size_t bytes);
/* The bytes of a span that graph_check has seen. */
struct slice graph_text(const struct graph *g, struct span s);

/* --- building --- */

/*
 * Used by the lowerings. Failing is sticky (b->w->failed, b->failed): a chain of calls is checked once, by graph_fits or
 * graph_finish. A call given GRAPH_NONE as input, or after a failure, gives GRAPH_NONE.
 */
struct graph_builder {
	struct image_writer *w;
	struct arena *arena;
	struct graph_node *nodes;
	uint32_t nodes_n, nodes_cap;
	struct graph_root root;
	bool failed; /* too many nodes, or the arena is full */
};

void graph_builder_init(struct graph_builder *b, struct image_writer *w, struct arena *arena);
/* Copies n items of `bytes` each into the image. */
struct span graph_put(struct graph_builder *b, const void *items, size_t n, size_t bytes);
struct span graph_put_text(struct graph_builder *b, struct slice s);
uint32_t graph_node(struct graph_builder *b, enum op op, const uint32_t *inputs, size_t inputs_n, const void *params,
		    size_t params_bytes);
/* One input. */
uint32_t graph_node1(struct graph_builder *b, enum op op, uint32_t input, const void *params, size_t params_bytes);
void graph_method(struct graph_builder *b, enum model_method method, const uint32_t *nodes, size_t n);
/* ERR_TOO_LARGE after a failure. */
int graph_fits(const struct graph_builder *b, struct err *err);
/* Writes nodes and root; gives the root's offset for image_finish. */
int graph_finish(struct graph_builder *b, uint64_t *root, struct err *err);

#endif
