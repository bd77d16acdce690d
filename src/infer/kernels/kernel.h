/*
 * What a kernel is: the one face behind which every operator of ops.h runs.
 *
 * - `check` sees hostile parameters; every other function may trust them.
 * - `infer` derives the output's type from the inputs'. It is called again by the planner when a transformer is put in
 *   front of a predictor and an input turns out to be sparse; saying no to `csr` makes the planner put a DENSE in
 * front.
 * - `prepare` makes the step's state once, in the plan's arena; a kernel picks its instruction set there.
 * - `run` computes r->rows rows; it is called by many threads at once and writes only to its output value and its own
 *   scratch. What one row gives never depends on the rows beside it.
 */
#ifndef CORACLE_INFER_KERNELS_KERNEL_H
#define CORACLE_INFER_KERNELS_KERNEL_H

#include "infer/graph.h"

enum isa { ISA_PLAIN, ISA_AVX2 /* and FMA */ };
/* The best this machine has. */
enum isa isa_detect(void);

/* Sparse rows. Row i has entries start[i] to start[i + 1], in no particular order, each column at most once. */
struct csr {
	size_t *start; /* rows of a block + 1 */
	uint32_t *column;
	double *value;
	size_t cap;
};

/* One value of a run, for the current block of rows. */
struct value {
	void *data;  /* dense: [rows, columns] of the type's dtype */
	void *place; /* its own memory; `data` may point to the caller's instead */
	struct csr csr;
};

struct step;
struct run;

struct kernel {
	const char *name;
	size_t params_bytes;
	uint32_t inputs_least, inputs_most;
	bool in_place; /* the output may be the first input's memory, where types are equal */
	int (*check)(const struct graph *g, const void *params, struct err *err);
	int (*infer)(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		     struct graph_type *out, struct err *err);
	int (*prepare)(struct step *s, struct arena *arena, struct err *err);
	int (*run)(const struct step *s, struct run *r);
	/* Nanoseconds for one row, roughly. */
	double (*cost)(const struct step *s);
	/* More than the name, for `inspect`; may be NULL. */
	void (*describe)(const struct graph *g, const void *params, FILE *to);
	/* Scratch that outlives a run (kept with the workspace) and resources of the step; all may be NULL. */
	void *(*scratch_new)(const struct step *s);
	void (*scratch_free)(void *scratch);
	void (*release)(struct step *s);
};

extern const struct kernel *const kernel_table[OP_COUNT];

/* One operator of a plan. */
struct step {
	const struct kernel *kernel;
	enum op op;
	const struct graph *graph; /* where params lies */
	const void *params;
	void *state; /* of prepare */
	enum isa isa;
	uint32_t *in, in_n, out;        /* values of the plan */
	const struct graph_type *types; /* of every value of the plan */
	uint32_t number;                /* which scratch of a workspace is its own */
};

/* What the caller of model_run gave, checked: kernels INPUT and INPUT_TEXT read it. */
struct feed {
	const struct tensor *in;
	size_t in_n;
	size_t rows;
	bool columns;              /* one tensor a column; else one matrix or text vector */
	const uint32_t *tensor_of; /* columns: the tensor of each input column */
};

struct run {
	const struct feed *feed;
	struct value *values;
	void **scratch;
	size_t rows, first; /* of this block; `first` is its first row's number in the batch */
	struct err *err;
};

static inline const double *run_f64(const struct step *s, const struct run *r, uint32_t input)
{
	return r->values[s->in[input]].data;
}

static inline double *run_out_f64(const struct step *s, const struct run *r)
{
	return r->values[s->out].data;
}

/* --- for the kernels --- */

/* ERR_CORRUPT, naming the kernel's operator. */
#define kernel_bad(err, name, ...) err_set((err), ERR_CORRUPT, "model image: " name ": " __VA_ARGS__)

/* Is `s` n items of `bytes` inside the image? An absent one is fine when `optional`. */
bool kernel_span(const struct graph *g, struct span s, uint64_t n, size_t bytes, bool optional);
static inline const double *kernel_f64(const struct graph *g, struct span s)
{
	return s.n ? graph_at(g, s, sizeof(double)) : NULL;
}
/* Only float64 matrices; csr as said. ERR_UNSUPPORTED otherwise. */
int kernel_want_f64(const char *name, const struct graph_type *in, bool csr_too, struct err *err);
/* Room for at least n more entries in a CSR value (used: entries so far). False: out of memory. */
bool csr_room(struct csr *c, size_t used, size_t n);

#define KERNEL_AVX2 __attribute__((target("avx2,fma,bmi,bmi2,popcnt")))

#endif
