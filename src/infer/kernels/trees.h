/* TREES: ensembles of decision trees. */
#ifndef CORACLE_INFER_KERNELS_TREES_H
#define CORACLE_INFER_KERNELS_TREES_H

#include "infer/kernels/kernel.h"

struct trees {
	size_t k, m, n; /* columns, numbers of a leaf, trees */
	const uint32_t *starts, *depths;
	const struct op_tree_node *nodes;
	const uint32_t *leaf_of;
	const double *leaves;
	bool nans;
};

/* y [rows, m] gets the sum of the leaves, in the order of the trees. The plain walk goes down one tree for one row; the
 * other goes down eight at a time without a branch on what is compared, so that their loads overlap. Same digits. */
void trees_plain(const struct trees *t, const float *x, size_t rows, double *y);
void trees_eight(const struct trees *t, const float *x, size_t rows, double *y);

#endif
