/*
 * A plan: one method of a model (or of a transformer and a predictor) as a list of steps with memory laid out.
 *
 * Made once at load: nodes that the method does not need are dropped, scalers fold into the linear map behind them,
 * values get places in one block of memory by their life times, and each kernel picks its instruction set. Immutable
 * then, and shared by threads; what a run writes is a workspace, taken from the plan's own small pool, so that a warmed
 * plan allocates nothing but the answer.
 *
 * A batch runs in blocks of rows that keep the block's values in the cache. No operator mixes rows, so neither the
 * block size nor the number of threads can change a digit.
 */
#ifndef CORACLE_INFER_PLAN_H
#define CORACLE_INFER_PLAN_H

#include "infer/graph.h"
#include "infer/kernels/kernel.h"

struct plan;

/* One stage of a plan: the nodes of `graph` that `method` needs, fed by the stage before it. */
struct plan_stage {
	const struct graph *graph;
	enum model_method method;
};

/* Graphs are borrowed and outlive the plan. A stage whose predecessor's width differs: ERR_INVALID in scikit-learn's
 * words. Only the last stage may have several answers. */
int plan_build(const struct plan_stage *stages, size_t n, enum isa isa, struct plan **out, struct err *err);
void plan_free(struct plan *p);

size_t plan_outputs(const struct plan *p);
struct graph_type plan_output_type(const struct plan *p, size_t i);
double plan_cost_ns(const struct plan *p);
void plan_describe(const struct plan *p, FILE *to);

/* `out`: plan_outputs(p) tensors of the right shape, to be filled. */
int plan_run(const struct plan *p, const struct feed *feed, struct tensor *out, struct err *err);

#endif
