/*
 * Tensors as JSON: compact, integers as integers, floats as the shortest text that reads back the same, NaN as null.
 * Infinity has no form in JSON and is refused, naming the place and the binary form.
 */
#ifndef CORACLE_API_TENSOR_WRITE_H
#define CORACLE_API_TENSOR_WRITE_H

#include "base/buf.h"
#include "infer/tensor.h"

/* Text that grows in an arena. */
struct json_text {
	struct arena *a;
	char *ptr;
	size_t len, cap;
	bool failed; /* the arena is full: sticky */
};

void json_text_init(struct json_text *t, struct arena *a);
/* Room for n more bytes at ptr + len; NULL when failed. */
char *json_text_room(struct json_text *t, size_t n);
void json_text_add(struct json_text *t, struct slice s);
/* In quotes, escaped. Bytes that are no UTF-8 become U+FFFD. */
void json_text_string(struct json_text *t, struct slice s);
/* A number of JSON; NaN is null, infinity null too: see tensor_json_write for where it is refused. */
void json_text_f64(struct json_text *t, double v);
void json_text_i64(struct json_text *t, int64_t v);
struct slice json_text_view(const struct json_text *t);

/* Nested lists by the tensor's shape, or with `flat` one list. ERR_INVALID names `what` and the index. */
int tensor_json_write(const struct tensor *tensor, const char *what, bool flat, struct json_text *out, struct err *err);

#endif
