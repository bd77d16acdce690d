/*
 * What a pickle says, as data: the tree that the pickle VM (pickle.h) builds and the estimators' loaders (sklearn/)
 * read. Nothing here is code: a class is a name, an instance a name and a state, a function a name.
 *
 * All of it lies in the load's arena (long strings and array data may lie in the file's bytes) and is immutable once
 * the VM has returned. Values may be shared. What the VM has checked: no value contains itself, nesting is below
 * limits.pickle_depth, and the whole, written out as a tree, is at most limits.pickle_objects values; so a plain
 * recursive walk of it ends. A value here is 32 bytes; a dict may hold a key twice (the last one counts).
 */
#ifndef CORACLE_INFER_LOAD_PYVALUE_H
#define CORACLE_INFER_LOAD_PYVALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum py_kind {
	PY_NONE,
	PY_BOOL,   /* num */
	PY_INT,	   /* num; one that does not fit int64 is PY_BIGINT */
	PY_BIGINT, /* bytes: little-endian two's complement */
	PY_FLOAT,  /* real */
	PY_STR,	   /* bytes, UTF-8 (surrogates refused) */
	PY_BYTES,  /* bytes; bytearray too */
	PY_LIST,   /* seq */
	PY_TUPLE,  /* seq */
	PY_SET,	   /* seq, insertion order; frozenset too */
	PY_DICT,   /* dict, insertion order; OrderedDict and defaultdict too */
	PY_GLOBAL, /* object.cls: a class or function mentioned by name (dtype=<class 'numpy.float64'>) */
	PY_OBJECT, /* object: an instance of an allowed class */
	PY_ARRAY,  /* array: numpy.ndarray (matrix and memmap too) */
	PY_DTYPE,  /* dtype */
	PY_SCALAR, /* array of rank 0: numpy.float64(…) and the like */
};

struct py;

struct py_pair {
	struct py *key, *value;
};

/* (module, name) as the pickle wrote it; both NUL-terminated. */
struct py_class {
	const char *module, *name;
};

struct py_dtype;
struct py_dtype_field {
	const char *name;
	uint32_t offset;
	const struct py_dtype *dtype;
};

struct py_dtype {
	char kind;   /* numpy's: 'b' bool, 'i', 'u', 'f', 'c', 'S', 'U' (UCS-4), 'O', 'V' (record: fields) */
	bool swapped; /* big-endian on disk; the VM hands data out in machine order, so loaders see false */
	uint32_t bytes; /* of one item */
	const struct py_dtype_field *fields;
	uint32_t fields_n;
};

enum { PY_RANK_MAX = 8 };

struct py_array {
	const struct py_dtype *dtype;
	int rank;
	int64_t shape[PY_RANK_MAX];
	int64_t count;	/* product of shape, checked */
	bool fortran;	/* column-major; py_array_f64 and its kin give row-major whatever this says */
	struct slice data; /* count * dtype->bytes bytes, machine order; aligned to 16; empty for 'O' */
	struct py **items; /* for 'O': count values in row-major order */
};

struct py {
	enum py_kind kind;
	uint32_t mark; /* the VM's own */
	union {
		int64_t num;
		double real;
		struct slice bytes;
		struct {
			struct py **items;
			size_t n;
		} seq;
		struct {
			struct py_pair *pairs;
			size_t n;
		} dict;
		struct {
			const struct py_class *cls;
			struct py *args;  /* tuple given to __new__ or the reconstructor; NULL: none */
			struct py *state; /* what BUILD gave: usually a dict; NULL: none */
		} object;
		const struct py_array *array;
		const struct py_dtype *dtype;
	};
};

/* Value of a dict's string key, or of an instance's state; NULL when absent. */
struct py *py_get(const struct py *v, const char *name);
/* Is it an instance (or the name) of a class called `name` in module `module` or below it ("sklearn.cluster")? */
bool py_is(const struct py *v, const char *module, const char *name);
bool py_is_none(const struct py *v); /* NULL too */
bool py_is_str(const struct py *v, const char *text);

/* Readers of one attribute: ERR_UNSUPPORTED when it is absent or of another type, naming class and attribute. numpy
 * scalars and bools count as numbers. */
int py_i64(const struct py *object, const char *name, int64_t *out, struct err *err);
int py_f64(const struct py *object, const char *name, double *out, struct err *err);
int py_bool(const struct py *object, const char *name, bool *out, struct err *err);
int py_str(const struct py *object, const char *name, struct slice *out, struct err *err);
/* A value as such. */
bool py_as_i64(const struct py *v, int64_t *out);
bool py_as_f64(const struct py *v, double *out);

/* The items of a numeric array, row-major and converted: where they lie when they are so already, else a copy in the
 * arena; false when it is no numeric array. */
bool py_array_f64(const struct py *v, struct arena *a, const double **out, int64_t *count);
bool py_array_i64(const struct py *v, struct arena *a, const int64_t **out, int64_t *count);
/* A row-major [rows, columns] of 8-byte items into `to`, whose [columns, rows] have `stride` items from row to row. */
void py_transpose(const void *from, size_t rows, size_t columns, void *to, size_t stride);
/* Items of a list, tuple, or array of strings ('U', 'S' or 'O'), as UTF-8 in the arena. */
bool py_strings(const struct py *v, struct arena *a, struct slice **out, size_t *n);
/* "sklearn.cluster._kmeans.KMeans", "numpy.ndarray of float64 [3, 4]", "int": for error texts. */
const char *py_describe(const struct py *v, struct arena *a);

#endif
