/* Inside a plan: for plan.c, plan_fold.c and plan_run.c only. */
#ifndef CORACLE_INFER_PLAN_PRIV_H
#define CORACLE_INFER_PLAN_PRIV_H

#include <stdatomic.h>

#include "infer/plan.h"

enum { PLAN_POOL = 16 }; /* workspaces kept; more are made for more threads and freed after use */

struct workspace;

struct plan {
	struct arena arena;
	enum isa isa;
	struct step *steps;
	uint32_t steps_n, prepared;
	struct graph_type *types;
	uint32_t values_n;
	uint32_t *outputs, outputs_n;
	size_t *places; /* of each value, in a workspace's block */
	size_t block_rows, block_bytes;
	double cost_ns;
	_Atomic(struct workspace *) pool[PLAN_POOL];
};

/* Joins steps: see plan_fold.c. */
int plan_fold(struct plan *p, struct err *err);
void plan_pool_release(struct plan *p);

#endif
