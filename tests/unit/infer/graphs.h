/* Small graphs for the tests of graph, plan and model. */
#ifndef CORACLE_TESTS_GRAPHS_H
#define CORACLE_TESTS_GRAPHS_H

#include "infer/graph.h"
#include "infer/image.h"

struct making {
	struct arena arena;
	struct image_writer w;
	struct graph_builder b;
};

/* Begins a graph with `columns` numeric input columns, or one of text. */
void making_init(struct making *m, uint32_t columns, bool text);
/* Ends it with one answer, and gives the image. */
void making_finish(struct making *m, enum model_method method, uint32_t node, struct image *out);
void making_release(struct making *m);

uint32_t make_input(struct making *m);
uint32_t make_text_input(struct making *m);
/* x W + bias: rows is [k, m], without padding. */
uint32_t make_linear(struct making *m, uint32_t in, uint32_t k, uint32_t n, const double *rows, const double *bias,
		     const double *shift);
uint32_t make_pick(struct making *m, uint32_t in, uint32_t mode);
/* Words of 2 letters and more against a vocabulary. */
struct op_text make_text_options(struct making *m, const char *const *terms, size_t n);

#endif
