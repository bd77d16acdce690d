/*
 * The operators of the graph and their parameters, as they lie in a model image.
 *
 * To add one: a row in OPS, a parameter struct here, and a kernel (kernels/kernel.h) in the table of kernels/table.c.
 * K is the width of the input, M of the output. Matrices are row-major. All numbers are float64 unless said otherwise.
 */
#ifndef CORACLE_INFER_OPS_H
#define CORACLE_INFER_OPS_H

#include <stdint.h>

/* n items at an offset of the image. n 0: absent. */
struct span {
	uint64_t offset, n;
};

/* OP(ENUM, kernel): what the enum constant and the kernel of an operator are called. */
#define OPS(OP)                  \
	OP(INPUT, input)         \
	OP(INPUT_TEXT, input_text) \
	OP(FINITE, finite)       \
	OP(LINEAR, linear)       \
	OP(DISTANCE, distance)   \
	OP(PICK, pick)           \
	OP(LABEL, label)         \
	OP(ACTIVATE, activate)   \
	OP(DENSE, dense)         \
	OP(SELECT, select)       \
	OP(TEXT, text)           \
	OP(TFIDF, tfidf)         \
	OP(NORMALIZE, normalize) \
	OP(SCALE, scale)         \
	OP(BINARIZE, binarize)   \
	OP(IMPUTE, impute)       \
	OP(CONCAT, concat)       \
	OP(TREES, trees)         \
	OP(GAUSSIAN, gaussian)   \
	OP(CATEGORIES, categories)

enum op {
	OP_NONE = 0,
#define OP(name, lower) OP_##name,
	OPS(OP)
#undef OP
	OP_COUNT
};

/* INPUT: numbers of the request as float64. */
struct op_input {
	struct span columns; /* uint32_t: which, in which order; absent: all */
};

/* INPUT_TEXT: one column of strings. Only TEXT takes it. */
struct op_input_text {
	uint32_t column;
	uint32_t reserved;
};

/* FINITE: the value itself; the run fails when a number is not finite, in the words of scikit-learn's check_array. */
struct op_finite {
	uint32_t allow_nan; /* NaN passes, infinity does not */
	uint32_t float32;   /* the estimator casts to float32 first: what overflows there is infinity too */
	struct span who;    /* bytes: class name for the message */
};

/* LINEAR: out = (x - shift) W + bias, over dense or CSR x (CSR: no shift). */
struct op_linear {
	uint32_t k, m;
	uint32_t stride; /* of W in numbers, at least m; a multiple of 8 above 8, of 4 above 1; padding is zero */
	uint32_t vector; /* m is 1 and the value is a vector */
	struct span weights;	 /* [k, stride]: one row a feature, which is what sparse rows want */
	struct span bias, shift; /* [m] and [k], each may be absent */
};

/* DISTANCE: Euclidean distance to each of m centers. */
struct op_distance {
	uint32_t k, m;
	struct span centers; /* [m, k] */
	struct span squares; /* [m]: squared norms, for CSR rows */
};

/* PICK: one int64 a row. ARGMAX and ARGMIN take the first of equals, and a NaN before anything (as numpy does). */
enum { PICK_ARGMAX, PICK_ARGMIN, PICK_POSITIVE /* 1 when > 0; K is 1 */, PICK_MODES };
struct op_pick {
	uint32_t mode;
	uint32_t reserved;
};

/* LABEL: index to class label. */
struct op_label {
	uint32_t dtype; /* enum dtype: BOOL, I64, F64 or STRING */
	uint32_t reserved;
	struct span labels; /* items of dtype; for STRING: struct span, each of bytes */
};

/* ACTIVATE: element by element, or over a row, out of place. */
enum {
	ACTIVATE_LOGISTIC,	/* 1 / (1 + exp(-x)) */
	ACTIVATE_BINARY,	/* K 1, M 2: [1 - p, p] */
	ACTIVATE_BINARY_SOFTMAX, /* K 1, M 2: softmax of [-x, x] */
	ACTIVATE_SOFTMAX,	/* exp(x - max) over the row's sum */
	ACTIVATE_SHARE,		/* x over the row's sum */
	ACTIVATE_LOG,
	ACTIVATE_EXP,
	ACTIVATE_LOG_SHARE,	/* x - log(sum(exp(x))) */
	ACTIVATE_HUBER,		/* modified Huber loss to a probability: (clip(x, -1, 1) + 1) / 2 */
	ACTIVATE_SHARE_UNIFORM, /* as SHARE; a row of zeros gives 1/K each */
	ACTIVATE_SHARE_ZERO,	/* as SHARE; a row of zeros stays */
	ACTIVATE_MODES
};
struct op_activate {
	uint32_t mode;
	uint32_t reserved;
};

/* DENSE: a CSR value as a dense one. */
struct op_dense {
	uint32_t dtype; /* enum dtype: F64 or I64 */
	uint32_t reserved;
};

/* SELECT: some columns, in this order. */
struct op_select {
	struct span columns; /* uint32_t */
};

/* Terms to columns: text/vocabulary.h. No terms: all absent. */
struct op_vocabulary {
	struct span tags;    /* uint8_t, a multiple of 16 that is a power of two */
	struct span entries; /* struct vocabulary_entry, as many */
	struct span bytes;   /* of the terms, and 8 more */
};

/* TEXT: one text a row to a CSR row of counts. */
enum { TEXT_WORDS, TEXT_CHARACTERS, TEXT_CHARACTERS_IN_WORDS, TEXT_ANALYZERS };
struct op_text {
	uint32_t analyzer;
	uint32_t word_least; /* characters of the shortest word, when there is no pattern */
	uint32_t ngram_min, ngram_max;
	uint32_t lowercase, binary;
	uint32_t accents; /* enum accent_rule */
	uint32_t hashing, alternate_sign; /* hashing: no vocabulary */
	uint32_t columns;
	uint32_t integers; /* a dense copy of the value is int64 */
	uint32_t reserved;
	struct span pattern; /* bytes: of PCRE2; absent: runs of word characters */
	struct op_vocabulary vocabulary, stop;
};

/* TFIDF: what is not zero becomes x, or 1 + log x, times its column's weight. */
struct op_tfidf {
	uint32_t sublinear;
	uint32_t reserved;
	struct span idf; /* [K]; absent: 1 */
};

/* NORMALIZE: each row over its norm. A norm of at most `tiny` counts as 1 (dense), one of 0 always does. */
enum { NORM_L1, NORM_L2, NORM_MAX /* of absolute values */, NORM_MAX_SIGNED /* scikit-learn before 0.22 */, NORMS };
struct op_normalize {
	uint32_t norm;
	uint32_t reserved;
	double tiny;
};

/* SCALE: column by column, in this order and each where present: - minus, / over, * times, + plus, clip. Sparse rows have
 * over and times only. */
struct op_scale {
	uint32_t k;
	uint32_t clip;
	double low, high; /* of clip; NaN stays */
	struct span minus, over, times, plus; /* [k] */
};

/* BINARIZE: 1 where x > threshold, else 0. On sparse rows the threshold is not negative. */
struct op_binarize {
	double threshold;
};

/* IMPUTE: what is missing becomes its column's value. */
struct op_impute {
	uint32_t k;
	uint32_t nan; /* NaN is what is missing, else `missing` */
	double missing;
	struct span values; /* [k] */
};

/* CONCAT: columns side by side: numbers, sparse or not; or dense values of one other dtype. */
struct op_concat {
	uint32_t csr; /* the value is sparse */
	uint32_t integers;
};

/*
 * TREES: the sum over trees of the leaf each row falls into, over `divide`. Rows are compared as float32, as scikit-learn
 * does it; its float64 threshold t is kept as the largest float32 that is not above t, which compares the same.
 */
struct op_tree_node {
	float threshold;  /* left where x <= threshold */
	uint32_t feature; /* | TREE_NAN_LEFT: NaN goes left, else right */
	uint32_t left, right; /* later nodes of the same tree; in a leaf both are the node itself */
};
#define TREE_NAN_LEFT 0x80000000u

struct op_trees {
	uint32_t k, m;
	uint32_t vector; /* m is 1 and the value is a vector */
	uint32_t nans;	 /* NaN may come, so TREE_NAN_LEFT counts */
	double divide;
	struct span starts; /* uint32_t [trees + 1]: each tree's first node (its root), and the end */
	struct span depths; /* uint32_t [trees]: steps from the root to its deepest leaf */
	struct span nodes;  /* struct op_tree_node */
	struct span leaf_of; /* uint32_t [nodes]: a leaf's row in leaves */
	struct span leaves;  /* [leaves, m] */
};

/* GAUSSIAN: log likelihoods, constant - sum((x - mean)^2 / variance) / 2. */
struct op_gaussian {
	uint32_t k, m;
	struct span means, variances; /* [m, k] */
	struct span constants;	      /* [m] */
};

/* CATEGORIES: sums over columns of a table row that the column's (truncated) value picks, plus `bias`. */
struct op_categories {
	uint32_t k, m;
	struct span counts; /* uint32_t [k]: categories of each column */
	struct span tables; /* [sum of counts, m] */
	struct span bias;   /* [m] */
};

#endif
