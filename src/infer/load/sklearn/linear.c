/*
 * Linear models. Scores are X coef_' + intercept_; a binary classifier has one row of coef_ and its score is a vector.
 * Probabilities: scikit-learn's linear_model/_logistic.py, _stochastic_gradient.py, LinearClassifierMixin.
 */
#include "base/check.h"
#include "infer/load/sklearn/lowering.h"

/* X coef_' + intercept_. *m: rows of coef_; flat: coef_ is a vector. */
static int scores(struct lowering *l, const struct py *est, const struct flow *in, bool vector_of_one, uint32_t *node,
		  size_t *m)
{
	struct sk_array coef, intercept;
	struct flow x;
	const struct py *c = py_get(est, "coef_");
	if (c && c->kind == PY_OBJECT)
		return sk_unsupported(l, est,
				      "attribute coef_ is sparse; call densify() on the estimator before saving it");
	if (sk_array(l, est, "coef_", &coef) < 0 || sk_array(l, est, "intercept_", &intercept) < 0)
		return -1;
	size_t n = intercept.rows * intercept.columns;
	if (n != 1 && n != coef.rows)
		return sk_unsupported(l, est, "coef_ has %zu rows but intercept_ %zu numbers", coef.rows, n);
	if (flow_numbers(l, est, in, (int64_t)coef.columns, FINITE_ONLY, &x) < 0)
		return -1;
	double *bias = arena_array(l->arena, coef.rows, sizeof *bias);
	if (!bias)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < coef.rows; i++)
		bias[i] = intercept.at[n == 1 ? 0 : i];
	bool vector = coef.rows == 1 && (coef.rank < 2 || vector_of_one);
	*node = lower_matrix(l, x.node, coef.columns, coef.rows, coef.at, bias, NULL, vector);
	*m = coef.rows;
	return 0;
}

int lower_linear_regressor(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	/* The stochastic and the SVM regressors keep a vector and flatten whatever comes out. */
	bool flat = py_is(est, "sklearn.svm", "LinearSVR") || py_is(est, "sklearn.linear_model", "SGDRegressor");
	uint32_t node;
	size_t m;
	if (scores(l, est, in, flat, &node, &m) < 0)
		return -1;
	answer_one(l, out, MODEL_PREDICT, node);
	return 0;
}

int lower_linear_classifier(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	uint32_t node;
	size_t m;
	if (scores(l, est, in, true, &node, &m) < 0)
		return -1;
	answer_one(l, out, MODEL_DECISION_FUNCTION, node);
	return answer_labels(l, est, py_get(est, "classes_"), node, (int64_t)m, out);
}

static void answer_proba(struct lowering *l, uint32_t proba, struct answers *out)
{
	answer_one(l, out, MODEL_PREDICT_PROBA, proba);
	answer_one(l, out, MODEL_PREDICT_LOG_PROBA, lower_activate(l, proba, ACTIVATE_LOG));
}

/* One logistic function a class, then shares of their sum. */
static uint32_t one_versus_rest(struct lowering *l, uint32_t decision, bool binary)
{
	uint32_t p = lower_activate(l, decision, ACTIVATE_LOGISTIC);
	return lower_activate(l, p, binary ? ACTIVATE_BINARY : ACTIVATE_SHARE);
}

int lower_logistic(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct slice multi, solver;
	if (lower_linear_classifier(l, est, in, out) < 0 || sk_word(l, est, "multi_class", "auto", &multi) < 0 ||
	    sk_word(l, est, "solver", "lbfgs", &solver) < 0)
		return -1;
	const struct py *classes = py_get(est, "classes_");
	bool binary = classes->array->count <= 2, ovr;
	if (slice_is(multi, "ovr") || slice_is(multi, "warn"))
		ovr = true;
	else if (slice_is(multi, "auto") || slice_is(multi, "deprecated"))
		ovr = binary || slice_is(solver, "liblinear");
	else if (slice_is(multi, "multinomial"))
		ovr = false;
	else
		return sk_unsupported(l, est, "multi_class is '%.*s'; known are auto, ovr and multinomial",
				      SLICE_ARG(multi));
	uint32_t decision = out->of[MODEL_DECISION_FUNCTION].nodes[0];
	answer_proba(l,
		     ovr ? one_versus_rest(l, decision, binary)
			 : lower_activate(l, decision, binary ? ACTIVATE_BINARY_SOFTMAX : ACTIVATE_SOFTMAX),
		     out);
	return 0;
}

int lower_sgd_classifier(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct slice loss;
	if (lower_linear_classifier(l, est, in, out) < 0 || sk_word(l, est, "loss", "hinge", &loss) < 0)
		return -1;
	uint32_t decision = out->of[MODEL_DECISION_FUNCTION].nodes[0];
	bool binary = py_get(est, "classes_")->array->count == 2;
	if (slice_is(loss, "log") || slice_is(loss, "log_loss"))
		answer_proba(l, one_versus_rest(l, decision, binary), out);
	if (slice_is(loss, "modified_huber"))
		answer_proba(l,
			     lower_activate(l, lower_activate(l, decision, ACTIVATE_HUBER),
					    binary ? ACTIVATE_BINARY : ACTIVATE_SHARE_UNIFORM),
			     out);
	return 0;
}

int lower_ridge_classifier(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *binarizer = py_get(est, "_label_binarizer"), *kind = py_get(binarizer, "y_type_");
	if (kind && kind->kind == PY_STR && slice_starts(kind->bytes, "multilabel"))
		return sk_unsupported(l, est, "multilabel targets are not supported: train one classifier a label");
	uint32_t node;
	size_t m;
	if (scores(l, est, in, true, &node, &m) < 0)
		return -1;
	/* Since 0.23 classes_ is a property of the label binarizer. */
	const struct py *classes = py_get(est, "classes_");
	if (!classes)
		classes = py_get(binarizer, "classes_");
	answer_one(l, out, MODEL_DECISION_FUNCTION, node);
	return answer_labels(l, est, classes, node, (int64_t)m, out);
}
