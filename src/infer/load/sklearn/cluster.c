/*
 * KMeans and MiniBatchKMeans. predict: the first smallest |c|^2 - 2 x c, which is scikit-learn's own formula, so that
 * points equally far from two centers go to the same one. transform: Euclidean distances.
 */
#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

int lower_kmeans(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct sk_array centers;
	struct flow x;
	if (sk_array(l, est, "cluster_centers_", &centers) < 0 ||
	    flow_numbers(l, est, in, (int64_t)centers.columns, FINITE_ONLY, &x) < 0)
		return -1;
	size_t m = centers.rows, k = centers.columns;
	double *twice = arena_array(l->arena, m * k, sizeof *twice),
	       *squares = arena_array(l->arena, m, sizeof *squares);
	if (!twice || !squares)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < m; i++) {
		squares[i] = 0;
		for (size_t j = 0; j < k; j++) {
			double c = centers.at[i * k + j];
			squares[i] += c * c;
			twice[i * k + j] = -2 * c;
		}
	}
	uint32_t scores = lower_matrix(l, x.node, k, m, twice, squares, NULL, false);
	answer_one(l, out, MODEL_PREDICT, lower_pick(l, scores, PICK_ARGMIN));
	struct op_distance op = {
	    .k = (uint32_t)k,
	    .m = (uint32_t)m,
	    .centers = graph_put(&l->b, centers.at, m * k, sizeof *centers.at),
	    .squares = graph_put(&l->b, squares, m, sizeof *squares),
	};
	struct flow to = flow_of(graph_node1(&l->b, OP_DISTANCE, x.node, &op, sizeof op), (int64_t)m);
	to.finite = true;
	answer_flow(out, to);
	return 0;
}
