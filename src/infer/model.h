/*
 * A model file as a function: open, ask what it holds, run.
 *
 * A model is immutable once opened and shared by any number of threads; every run brings its own arena.
 * Several models may be run as one: model_fuse(transformer, predictor) is how an InferenceService's transformer and
 * predictor become one plan.
 */
#ifndef CORACLE_INFER_MODEL_H
#define CORACLE_INFER_MODEL_H

#include <stdio.h>

#include "infer/tensor.h"

struct map;
struct model;

/* Methods that a model can answer, named as scikit-learn names them. */
enum model_method {
	MODEL_DEFAULT = 0, /* predict, or transform where there is no predict */
	MODEL_PREDICT,
	MODEL_PREDICT_PROBA,
	MODEL_PREDICT_LOG_PROBA,
	MODEL_DECISION_FUNCTION,
	MODEL_TRANSFORM,
	MODEL_SCORE_SAMPLES,
	MODEL_METHODS
};

struct model_options {
	/* true: load in a child of the loader process (infer/load/sandbox.h); false: in this process. */
	bool sandbox;
	int64_t deadline_ms; /* 0: limits.load_ms */
	bool plain;	     /* kernels in plain C only, for tests: the answers agree to rounding */
};

/*
 * path: a model file, or a folder: its only model.*, else its only file with a known extension.
 * ERR_NOT_FOUND nothing there; ERR_MALFORMED broken file; ERR_FORBIDDEN a pickle that names what is not allowed (the
 * message has module and name); ERR_UNSUPPORTED a class, parameter or version we do not run (named, with what to do);
 * ERR_TOO_LARGE over a limit, ERR_DEADLINE too slow.
 */
int model_open(const char *path, const struct model_options *options, struct model **out, struct err *err);
void model_ref(struct model *m);
void model_unref(struct model *m);

/* One model that runs `first` with `method` and feeds its rows to `second`. References are taken. */
int model_fuse(struct model *first, enum model_method method, struct model *second, struct model **out,
	       struct err *err);

bool model_has(const struct model *m, enum model_method method);
const char *model_method_name(enum model_method method);
/* MODEL_METHODS when the name is none of ours. */
enum model_method model_method_parse(struct slice name);

/* What a model reads a column of its input as. */
enum model_column { MODEL_COLUMN_UNREAD, MODEL_COLUMN_NUMBER, MODEL_COLUMN_TEXT };

/* What one input row is. */
struct model_input {
	bool text;		    /* each row is one string */
	bool mixed;		    /* several columns, and not all of them are numbers */
	int64_t columns;	    /* how many, -1 when any */
	const unsigned char *kinds; /* enum model_column of each; NULL: all are numbers */
	const char *const *names;   /* feature names, or NULL */
	size_t names_n;
	const struct map *places; /* name to its number, from 1 on; NULL without names */
};
const struct model_input *model_input(const struct model *m);
/* "sklearn", and the library version that wrote it ("" when unknown), and its class. */
const char *model_format(const struct model *m);
const char *model_version(const struct model *m);
const char *model_class(const struct model *m);
/* Estimated run time of one row in nanoseconds, from the plan: decides between loop and compute pool. */
int64_t model_cost_ns(const struct model *m);
/* Resident bytes of the image. */
size_t model_bytes(const struct model *m);

/*
 * Runs one method on a batch. `in`: [rows, columns] of any numeric dtype, [rows] or [rows, 1] of strings for text,
 * or (DataFrame) named columns: in_n > 1, each [rows]. `out` gets up to out_max tensors, in the arena: usually one.
 * predict gives [rows] of the label's own kind (i64, f64, string, bool) or [rows, k]; the rest gives f64 (or f32
 * where the library computes in float32).
 * ERR_INVALID: wrong shape or type; the message names the row, the width found and the width wanted, in
 * scikit-learn's words ("X has 3 features, but KMeans is expecting 100 features as input.").
 */
int model_run(const struct model *m, enum model_method method, const struct tensor *in, size_t in_n,
	      struct tensor *out, size_t out_max, size_t *out_n, struct arena *arena, struct err *err);

/* Human-readable description: classes, graph, inputs, outputs, versions, protections active at load. */
void model_describe(const struct model *m, FILE *to);

#endif
