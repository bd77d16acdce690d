/* A growing list of JSON scalars of one type, in an arena; the type widens as numpy's does. The reader's own. */
#ifndef CORACLE_API_TENSOR_VALUES_H
#define CORACLE_API_TENSOR_VALUES_H

#include "codec/json_pull.h"
#include "infer/tensor.h"

enum values_kind { VALUES_NONE, VALUES_BOOL, VALUES_INT, VALUES_REAL, VALUES_TEXT };

/* What they are for: whatever they are; a column of numbers, where a text is read as Python's float() reads it; a column of
 * texts; one that nobody reads, of which only the length is kept. */
enum values_use { VALUES_AS_THEY_COME, VALUES_AS_NUMBERS, VALUES_AS_TEXTS, VALUES_UNREAD };

struct values {
	enum values_kind kind;
	enum values_use use;
	size_t n, cap;
	union {
		int64_t *ints; /* VALUES_BOOL too */
		double *reals;
		struct slice *texts;
		void *data;
	};
};

/* What came where it does not fit, for messages: "a text", "numbers"; NULL when the arena is full. */
struct values_fault {
	const char *came, *among;
};

/* Takes the scalar that comes next (`kind` as pull_kind told) and appends it. False: j failed, or *fault is set. */
bool values_take(struct values *v, struct json_pull *j, enum pull_kind kind, struct arena *a,
		 struct values_fault *fault);
/* Takes numbers as long as one follows another behind a comma; the first comes next. *n is how many. False as above. */
bool values_take_numbers(struct values *v, struct json_pull *j, struct arena *a, size_t *n, struct values_fault *fault);
/* Appends nulls up to n values in all. */
bool values_pad(struct values *v, size_t n, struct arena *a, struct values_fault *fault);
/* As a tensor's data: BOOL is packed to bytes; no values are FP64; those that were not kept are BOOL, false. False: the
 * arena is full. */
bool values_finish(struct values *v, struct tensor *out, struct arena *a);

#endif
