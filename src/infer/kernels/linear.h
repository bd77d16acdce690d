/* LINEAR: out = (x - shift) W + bias. Three inner loops, each plain and AVX2. */
#ifndef CORACLE_INFER_KERNELS_LINEAR_H
#define CORACLE_INFER_KERNELS_LINEAR_H

#include "infer/kernels/kernel.h"

struct linear {
	size_t k, m, stride;
	const double *weights;      /* [k, stride] */
	const double *bias, *shift; /* [stride], zero where absent; [k] or NULL */
	/* y has m columns, no padding. */
	void (*dense)(const struct linear *l, const double *x, size_t rows, double *y);
	void (*sparse)(const struct linear *l, const struct csr *x, size_t rows, double *y);
};

void linear_dense_plain(const struct linear *l, const double *x, size_t rows, double *y);
void linear_sparse_plain(const struct linear *l, const struct csr *x, size_t rows, double *y);
/* m > 1, and m == 1. */
void linear_dense_avx2(const struct linear *l, const double *x, size_t rows, double *y);
void linear_dot_avx2(const struct linear *l, const double *x, size_t rows, double *y);
void linear_sparse_avx2(const struct linear *l, const struct csr *x, size_t rows, double *y);
struct scale;

/* Can a scaler in front go into the map? Only (x - minus) / over, and where the map has no shift yet. */
bool linear_takes_scale(const struct linear *l, const struct scale *c);
/* Makes the step do both: its own weights and shift, in the arena. */
int linear_fold_scale(struct step *s, const struct scale *c, struct arena *arena, struct err *err);
/* Picks them for an instruction set. */
void linear_pick(struct linear *l, enum isa isa);

#endif
