/*
 * The pickle machine: what its files share. load.h has the entry (load_pickle).
 *
 *   pickle.c          the machine: stack, memo, frames, the loop over opcodes, limits
 *   pickle_op.c       what each opcode of pickle_table.h does; pickle_scalar.c: those of numbers, text and bytes
 *   allow.c           which (module, name) may be named, and as what: allow_table.h
 *   make_builtin.c    constructors for builtins, collections, copyreg, codecs, Cython's helpers
 *   make_numpy.c      constructors for dtypes, arrays, scalars, random states
 *   make_dtype.c      numpy's dtypes by their fields and offsets
 *   joblib.c          joblib's arrays between the opcodes, and the codecs around them
 *   pickle_check.c    no cycles, bounded depth, bounded size when written out: the promise of pyvalue.h
 *
 * Nothing in a pickle is ever called. REDUCE, NEWOBJ and BUILD are constructions of data on allowed names.
 */
#ifndef CORACLE_INFER_LOAD_PICKLE_H
#define CORACLE_INFER_LOAD_PICKLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "infer/load/pyvalue.h"
#include "infer/load/source.h"

enum { SMALL_INTS = 257 };

struct pickle {
	struct source *src;
	struct arena *arena;
	struct err *err;
	VEC(struct py *) stack;
	VEC(size_t) marks; /* height of the stack at each mark */
	struct py **memo;
	size_t memo_cap, memo_puts;
	uint64_t frame_end; /* position; 0: not in a frame */
	uint64_t op_at;	    /* position of the opcode that runs */
	uint64_t objects;
	int64_t cpu_start_ms;
	uint64_t charged, charge_max; /* bytes of structure, besides strings and array data */
	uint64_t derived;	      /* bytes of strings and arrays made from others */
	bool joblib; /* arrays may stand between the opcodes */
	bool started, done;
	struct py *none, *yes, *no, *empty_tuple, *ints[SMALL_INTS];
	struct py *result;
};

/* --- memory and values; all set p->err and return NULL or -1 on failure --- */

/* Structure, counted against charge_max. */
int pickle_charge(struct pickle *p, uint64_t bytes);
void *pickle_alloc(struct pickle *p, size_t n, size_t bytes);
/* Strings and array data made from what the file has, bounded by the bytes read so far. */
void *pickle_data(struct pickle *p, size_t n, size_t bytes);
struct py *pickle_value(struct pickle *p, enum py_kind kind);
struct py *pickle_int(struct pickle *p, int64_t n);
struct py *pickle_text(struct pickle *p, enum py_kind kind, struct slice bytes);
/* A tuple or list of these items, copied. */
struct py *pickle_seq(struct pickle *p, enum py_kind kind, struct py *const *items, size_t n);
/* Appends to a list or set (dict: n pairs in a row). */
int pickle_extend(struct pickle *p, struct py *seq, struct py *const *items, size_t n);
int pickle_put_pairs(struct pickle *p, struct py *dict, struct py *const *items, size_t n);

int pickle_push(struct pickle *p, struct py *v);
struct py *pickle_pop(struct pickle *p);
struct py *pickle_top(struct pickle *p);

/* ERR_MALFORMED, ERR_FORBIDDEN, ERR_UNSUPPORTED; the loop adds opcode and position. */
#define pickle_bad(p, ...) err_set((p)->err, ERR_MALFORMED, __VA_ARGS__)
#define pickle_refuse(p, ...) err_set((p)->err, ERR_FORBIDDEN, __VA_ARGS__)
#define pickle_lacks(p, ...) err_set((p)->err, ERR_UNSUPPORTED, __VA_ARGS__)

/* --- opcodes --- */

enum pickle_arg {
	ARG_NONE,
	ARG_U1,	   /* num */
	ARG_U2,
	ARG_I4,
	ARG_U4,
	ARG_U8,
	ARG_F8,	   /* real, big-endian */
	ARG_LINE,  /* text, valid until the next byte is read */
	ARG_LONG_LINE, /* however long */
	ARG_TEXT1, /* text, kept: length in 1, 4 or 8 bytes */
	ARG_TEXT4,
	ARG_TEXT8,
	ARG_TEXT4S, /* the length is signed */
};

struct pickle_operand {
	int64_t num;
	double real;
	struct slice text;
};

struct pickle_op {
	const char *name;
	enum pickle_arg arg;
	int (*run)(struct pickle *p, const struct pickle_operand *arg);
};
/* By opcode byte; name NULL: no such opcode. */
extern const struct pickle_op pickle_ops[256];

/* Runs one pickle from its first opcode to STOP. The caller has filled src, arena, err, charge_max and joblib, and, for a
 * pickle in a pickle, what the outer one has used up. */
int pickle_run(struct pickle *p);
/* Frees stack and memo; the values stay in the arena. */
void pickle_release(struct pickle *p);

/* --- allowed names --- */

enum allow_kind {
	ALLOW_NAME,  /* may be mentioned */
	ALLOW_CLASS, /* and have instances: PY_OBJECT */
	ALLOW_DICT,  /* a class whose instances are dicts */
	ALLOW_MAKE,  /* make builds the value */
};

struct allowed {
	struct py_class cls; /* first: PY_GLOBAL and PY_OBJECT point here */
	enum allow_kind kind;
	int (*make)(struct pickle *p, const struct allowed *what, struct py *args, struct py **out);
};

/* ERR_FORBIDDEN naming module.name and why. */
int allow_find(struct pickle *p, struct slice module, struct slice name, const struct allowed **out);
static inline const struct allowed *allowed_of(const struct py *global)
{
	return (const struct allowed *)global->object.cls;
}

/* --- constructions --- */

/* callable(*args) */
int pickle_reduce(struct pickle *p, struct py *callable, struct py *args, struct py **out);
/* cls.__new__(cls, *args) */
int pickle_new(struct pickle *p, struct py *cls, struct py *args, struct py **out);
/* object.__setstate__(state), in place */
int pickle_build(struct pickle *p, struct py *object, struct py *state);

struct py *pickle_object(struct pickle *p, const struct py_class *cls, struct py *args, struct py *state);

int make_dtype(struct pickle *p, struct slice text, const struct py_dtype **out);
int build_dtype(struct pickle *p, struct py *dtype, struct py *state);
int build_array(struct pickle *p, struct py *array, struct py *state);
/* Checks shape (a tuple of ints) against dtype: rank, signs, product. Fills shape, rank, count and data's length. */
int array_shape(struct pickle *p, const struct py_dtype *dtype, const struct py *shape, struct py_array *out,
		size_t *bytes);
/* Hands `data` over in machine order, aligned. */
int array_data(struct pickle *p, struct py_array *array, struct slice data);

/* joblib.c: after BUILD of a NumpyArrayWrapper the array's bytes stand in the stream. Turns the wrapper into it. */
bool joblib_is_wrapper(const struct py *object);
int joblib_read(struct pickle *p, struct py *wrapper);

/* pickle_check.c */
int pickle_check(struct pickle *p, struct py *root);

#endif
