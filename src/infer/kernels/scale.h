/* SCALE, as far as the planner folds it. */
#ifndef CORACLE_INFER_KERNELS_SCALE_H
#define CORACLE_INFER_KERNELS_SCALE_H

#include <stdbool.h>
#include <stddef.h>

struct scale {
	size_t k;
	const double *minus, *over, *times, *plus; /* NULL: absent */
	bool clip;
	double low, high;
};

#endif
