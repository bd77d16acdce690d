/* The tensors of a request to the input of a plan: shapes, kinds and names checked, in the words of scikit-learn. */
#ifndef CORACLE_INFER_BIND_H
#define CORACLE_INFER_BIND_H

#include "infer/graph.h"
#include "infer/kernels/kernel.h"

/* `out` borrows `in` and, for named columns, the arena. ERR_INVALID. */
int bind_input(const struct graph *g, const struct tensor *in, size_t in_n, struct arena *arena, struct feed *out,
	       struct err *err);

#endif
