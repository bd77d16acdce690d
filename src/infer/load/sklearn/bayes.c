/* Naive Bayes: each kind is a log likelihood a class; predict is the first largest, probabilities its shares
 * (naive_bayes.py). */
#include <math.h>

#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

static int answer_likelihood(struct lowering *l, const struct py *est, uint32_t jll, size_t m, struct answers *out)
{
	uint32_t node, shares = lower_activate(l, jll, ACTIVATE_LOG_SHARE);
	size_t n;
	if (lower_labels(l, est, py_get(est, "classes_"), lower_pick(l, jll, PICK_ARGMAX), false, &node, &n) < 0)
		return -1;
	if (n != m)
		return sk_unsupported(l, est, "it has %zu classes but likelihoods for %zu", n, m);
	answer_one(l, out, MODEL_PREDICT, node);
	answer_one(l, out, MODEL_PREDICT_LOG_PROBA, shares);
	answer_one(l, out, MODEL_PREDICT_PROBA, lower_activate(l, shares, ACTIVATE_EXP));
	return 0;
}

int lower_gaussian_nb(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct sk_array theta, variance;
	const double *prior;
	struct flow x;
	/* sigma_ until 0.24, var_ since 1.0. */
	const char *name = py_get(est, "var_") ? "var_" : "sigma_";
	if (sk_array(l, est, "theta_", &theta) < 0 || sk_array(l, est, name, &variance) < 0 ||
	    sk_vector(l, est, "class_prior_", theta.rows, &prior) < 0 ||
	    flow_dense(l, est, in, (int64_t)theta.columns, FINITE_ONLY, &x) < 0)
		return -1;
	size_t m = theta.rows, k = theta.columns;
	if (variance.rows != m || variance.columns != k)
		return sk_unsupported(l, est, "theta_ and %s differ in shape", name);
	double *constants = arena_array(l->arena, m, sizeof *constants);
	if (!constants)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < m; i++) {
		double sum = 0;
		for (size_t j = 0; j < k; j++)
			sum += log(2 * M_PI * variance.at[i * k + j]);
		constants[i] = log(prior[i]) - 0.5 * sum;
	}
	struct op_gaussian op = {
	    .k = (uint32_t)k,
	    .m = (uint32_t)m,
	    .means = graph_put(&l->b, theta.at, m * k, sizeof *theta.at),
	    .variances = graph_put(&l->b, variance.at, m * k, sizeof *variance.at),
	    .constants = graph_put(&l->b, constants, m, sizeof *constants),
	};
	return answer_likelihood(l, est, graph_node1(&l->b, OP_GAUSSIAN, x.node, &op, sizeof op), m, out);
}

int lower_multinomial_nb(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct sk_array log_prob;
	const double *prior;
	struct flow x;
	if (sk_array(l, est, "feature_log_prob_", &log_prob) < 0 ||
	    sk_vector(l, est, "class_log_prior_", log_prob.rows, &prior) < 0 ||
	    flow_numbers(l, est, in, (int64_t)log_prob.columns, FINITE_ONLY, &x) < 0)
		return -1;
	/* The complement's prior counts only where there is but one class. */
	if (py_is(est, "sklearn.naive_bayes", "ComplementNB") && log_prob.rows > 1)
		prior = NULL;
	uint32_t jll = lower_matrix(l, x.node, log_prob.columns, log_prob.rows, log_prob.at, prior, NULL, false);
	return answer_likelihood(l, est, jll, log_prob.rows, out);
}

int lower_bernoulli_nb(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct sk_array log_prob;
	const double *prior;
	struct flow x;
	if (sk_array(l, est, "feature_log_prob_", &log_prob) < 0 ||
	    sk_vector(l, est, "class_log_prior_", log_prob.rows, &prior) < 0 ||
	    flow_numbers(l, est, in, (int64_t)log_prob.columns, FINITE_ONLY, &x) < 0)
		return -1;
	if (sk_has(est, "binarize")) {
		struct op_binarize op = {0};
		if (py_f64(est, "binarize", &op.threshold, l->err) < 0)
			return -1;
		if (x.csr && op.threshold < 0)
			return sk_unsupported(l, est, "binarize is negative, but it gets sparse rows");
		x.node = graph_node1(&l->b, OP_BINARIZE, x.node, &op, sizeof op);
	}
	size_t m = log_prob.rows, k = log_prob.columns;
	double *rows = arena_array(l->arena, m * k, sizeof *rows), *bias = arena_array(l->arena, m, sizeof *bias);
	if (!rows || !bias)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < m; i++) {
		bias[i] = prior[i];
		for (size_t j = 0; j < k; j++) {
			double yes = log_prob.at[i * k + j], no = log(1 - exp(yes));
			rows[i * k + j] = yes - no;
			bias[i] += no;
		}
	}
	return answer_likelihood(l, est, lower_matrix(l, x.node, k, m, rows, bias, NULL, false), m, out);
}

int lower_categorical_nb(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *tables = py_get(est, "feature_log_prob_");
	const double *prior;
	struct flow x;
	if (!tables || tables->kind != PY_LIST || tables->seq.n == 0 || tables->seq.n > GRAPH_COLUMNS_MAX)
		return sk_unsupported(l, est, "attribute feature_log_prob_ is no list of tables");
	size_t k = tables->seq.n, m = 0, total = 0, at = 0;
	uint32_t *counts = arena_array(l->arena, k, sizeof *counts);
	const double **table = arena_array(l->arena, k, sizeof *table);
	if (!counts || !table)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < k; i++) {
		const struct py *t = tables->seq.items[i];
		int64_t n;
		if (t->kind != PY_ARRAY || t->array->rank != 2 || (i && (size_t)t->array->shape[0] != m) ||
		    t->array->shape[1] > GRAPH_COLUMNS_MAX || !py_array_f64(t, l->arena, &table[i], &n))
			return sk_unsupported(l, est, "table %zu of feature_log_prob_ is %s", i,
					      py_describe(t, l->arena));
		m = (size_t)t->array->shape[0];
		counts[i] = (uint32_t)t->array->shape[1];
		total += counts[i];
	}
	if (sk_vector(l, est, "class_log_prior_", m, &prior) < 0 ||
	    flow_dense(l, est, in, (int64_t)k, FINITE_ONLY, &x) < 0)
		return -1;
	double *all = arena_array(l->arena, total * m, sizeof *all);
	if (!all)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < k; i++) {
		for (size_t c = 0; c < counts[i]; c++) {
			for (size_t j = 0; j < m; j++)
				all[at++] = table[i][j * counts[i] + c];
		}
	}
	struct op_categories op = {
	    .k = (uint32_t)k,
	    .m = (uint32_t)m,
	    .counts = graph_put(&l->b, counts, k, sizeof *counts),
	    .tables = graph_put(&l->b, all, total * m, sizeof *all),
	    .bias = graph_put(&l->b, prior, m, sizeof *prior),
	};
	return answer_likelihood(l, est, graph_node1(&l->b, OP_CATEGORIES, x.node, &op, sizeof op), m, out);
}
