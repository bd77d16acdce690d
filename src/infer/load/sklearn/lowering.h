/*
 * Lowering: fitted scikit-learn estimators (pyvalue.h) to nodes of a graph (graph.h).
 *
 * An estimator is a function `lower_x(l, est, in, out)`: `in` says where its rows come from, `out` gets the nodes whose
 * values are its methods' answers. One row in estimator_table.h makes it known. Attributes are read as each version of
 * scikit-learn from 0.20 on wrote them; what is not understood is ERR_UNSUPPORTED with class, attribute and advice,
 * never a guess. Functions return 0, or -1 with l->err set.
 */
#ifndef CORACLE_INFER_LOAD_SKLEARN_LOWERING_H
#define CORACLE_INFER_LOAD_SKLEARN_LOWERING_H

#include "infer/graph.h"
#include "infer/load/pyvalue.h"

struct lowering {
	struct graph_builder b;
	struct arena *arena;
	struct err *err;
	int depth; /* of estimators inside estimators */
	/* The request's columns. */
	struct graph_column *columns;
	uint32_t columns_n;
	struct slice *names; /* NULL: unnamed */
};

/*
 * Rows on their way from one estimator to the next: a node's value, or still columns of the request, of which nobody
 * has said yet whether they are numbers or text.
 */
struct flow {
	uint32_t node;        /* GRAPH_NONE: columns of the request */
	int64_t columns;      /* width */
	const uint32_t *pick; /* of the request's columns, `columns` of them; NULL: all */
	bool series;          /* a single column handed on as one-dimensional, as text vectorizers want it */
	bool csr, integers;   /* integers: a dense copy has dtype int64 */
	bool finite;          /* has passed a FINITE that lets no NaN through */
};

struct answer {
	uint32_t *nodes;
	size_t n; /* 0: no such method */
};

struct answers {
	struct answer of[MODEL_METHODS]; /* but TRANSFORM */
	bool transforms;
	struct flow flow; /* what transform gives */
};

typedef int lower_fn(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out);

/* Any estimator: looks it up in the table. */
lower_fn lower_estimator;
/* Is it one that we know? */
bool lower_knows(const struct py *est);

#define ESTIMATOR(package, name, fn) lower_fn fn;
#include "infer/load/sklearn/estimator_table.h"
#undef ESTIMATOR

/* --- what goes in --- */

/* Which numbers an estimator refuses. */
enum finite_rule { FINITE_ANYTHING, FINITE_OR_NAN, FINITE_ONLY, FINITE_FLOAT32, FINITE_FLOAT32_OR_NAN };

/* The flow as a matrix of numbers, `width` wide (-1: any), checked for what `est` refuses. */
int flow_numbers(struct lowering *l, const struct py *est, const struct flow *in, int64_t width, enum finite_rule rule,
		 struct flow *out);
/* The same, and never sparse. */
int flow_dense(struct lowering *l, const struct py *est, const struct flow *in, int64_t width, enum finite_rule rule,
	       struct flow *out);
/* The flow as one column of text; gives its node. */
int flow_text(struct lowering *l, const struct py *est, const struct flow *in, uint32_t *node);
/* Some columns of a flow; `series` as in struct flow. */
int flow_pick(struct lowering *l, const struct flow *in, const uint32_t *columns, size_t n, bool series,
	      struct flow *out);
struct flow flow_of(uint32_t node, int64_t columns);

/* --- what comes out --- */

void answer_one(struct lowering *l, struct answers *out, enum model_method method, uint32_t node);
void answer_flow(struct answers *out, struct flow flow);
/* predict from scores: [rows] > 0 or the first largest, named by `classes`. */
int answer_labels(struct lowering *l, const struct py *est, const struct py *classes, uint32_t scores, int64_t m,
		  struct answers *out);
/* Index to class. `as_float`: whole numbers and booleans become float64. */
int lower_labels(struct lowering *l, const struct py *est, const struct py *classes, uint32_t index, bool as_float,
		 uint32_t *node, size_t *n);

/* --- nodes that many need --- */

uint32_t lower_activate(struct lowering *l, uint32_t in, uint32_t mode);
uint32_t lower_pick(struct lowering *l, uint32_t in, uint32_t mode);
/* x W' + bias: `rows` is [m, k], as coef_ and components_ are. bias [m] and shift [k] may be NULL. */
uint32_t lower_matrix(struct lowering *l, uint32_t in, size_t k, size_t m, const double *rows, const double *bias,
		      const double *shift, bool vector);

/* --- attributes --- */

/* "sklearn.cluster._kmeans.KMeans" and "KMeans". */
const char *sk_describe(const struct lowering *l, const struct py *est);
const char *sk_class(const struct py *est);
/* Major * 100 + minor of the scikit-learn that wrote it; 0 when it does not say. */
int sk_version(const struct py *est);
bool sk_has(const struct py *est, const char *name); /* present and not None */
/* ERR_UNSUPPORTED: "sklearn…Class: fmt". */
int sk_unsupported(struct lowering *l, const struct py *est, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

struct sk_array {
	const double *at;
	size_t rows, columns; /* of a vector: 1 and its length */
	int rank;
};
/* A numeric attribute of rank 0 (a number), 1 or 2, as float64. */
int sk_array(struct lowering *l, const struct py *est, const char *name, struct sk_array *out);
/* A vector (or a [1, n] or [n, 1] matrix) of length n; n 0: any. */
int sk_vector(struct lowering *l, const struct py *est, const char *name, size_t n, const double **out);
/* A bool attribute, `fallback` when this version has none. */
int sk_flag(struct lowering *l, const struct py *est, const char *name, bool fallback, bool *out);
/* A str attribute, `fallback` when this version has none or it is None. */
int sk_word(struct lowering *l, const struct py *est, const char *name, const char *fallback, struct slice *out);
/* Columns the estimator was fitted on; -1 when it does not say. */
int64_t sk_width(const struct lowering *l, const struct py *est);

#endif
