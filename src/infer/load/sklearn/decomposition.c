/* TruncatedSVD, PCA and IncrementalPCA: (x - mean_) components_', over the standard deviations when whitened. */
#include <float.h>
#include <math.h>

#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

static struct flow projected(struct lowering *l, const struct flow *x, const struct sk_array *c, const double *rows,
			     const double *bias, const double *shift)
{
	struct flow f =
	    flow_of(lower_matrix(l, x->node, c->columns, c->rows, rows, bias, shift, false), (int64_t)c->rows);
	f.finite = x->finite;
	return f;
}

int lower_truncated_svd(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct sk_array c;
	struct flow x;
	if (sk_array(l, est, "components_", &c) < 0 ||
	    flow_numbers(l, est, in, (int64_t)c.columns, FINITE_ONLY, &x) < 0)
		return -1;
	answer_flow(out, projected(l, &x, &c, c.at, NULL, NULL));
	return 0;
}

static int whitened(struct lowering *l, const struct py *est, const struct sk_array *c, const double **rows)
{
	const double *variance;
	double *scaled = arena_array(l->arena, c->rows * c->columns, sizeof *scaled);
	if (!scaled)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	if (sk_vector(l, est, "explained_variance_", c->rows, &variance) < 0)
		return -1;
	for (size_t i = 0; i < c->rows; i++) {
		double scale = sqrt(variance[i]);
		/* Since 1.5 a vanishing component is not blown up without bound. */
		if (sk_version(est) >= 105 && scale < DBL_EPSILON)
			scale = DBL_EPSILON;
		for (size_t j = 0; j < c->columns; j++)
			scaled[i * c->columns + j] = c->at[i * c->columns + j] / scale;
	}
	*rows = scaled;
	return 0;
}

int lower_pca(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct sk_array c;
	struct flow x;
	bool whiten;
	const double *mean = NULL, *rows, *bias = NULL;
	if (sk_array(l, est, "components_", &c) < 0 ||
	    flow_numbers(l, est, in, (int64_t)c.columns, FINITE_ONLY, &x) < 0 ||
	    sk_flag(l, est, "whiten", false, &whiten) < 0)
		return -1;
	rows = c.at;
	if (sk_has(est, "mean_") && sk_vector(l, est, "mean_", c.columns, &mean) < 0)
		return -1;
	if (whiten && whitened(l, est, &c, &rows) < 0)
		return -1;
	if (x.csr && mean) {
		/* Sparse rows stay sparse: the mean goes through the projection instead. */
		double *moved = arena_zalloc(l->arena, c.rows * sizeof *moved);
		if (!moved)
			return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
		for (size_t i = 0; i < c.rows; i++) {
			for (size_t j = 0; j < c.columns; j++)
				moved[i] -= mean[j] * rows[i * c.columns + j];
		}
		bias = moved;
		mean = NULL;
	}
	answer_flow(out, projected(l, &x, &c, rows, bias, mean));
	return 0;
}
