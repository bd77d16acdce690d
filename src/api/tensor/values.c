/* Lists of scalars: see values.h. Every kind but text takes eight bytes an item, so widening happens in place. */
#include "api/tensor/values.h"

#include <math.h>
#include <stdlib.h>

enum { FIRST_CAP = 32, FLOAT_CHARS = 63 };

static bool full(struct values_fault *fault)
{
	*fault = (struct values_fault){0};
	return false;
}

static bool grow(struct values *v, size_t item, size_t least, struct arena *a, struct values_fault *fault)
{
	size_t cap = v->cap ? v->cap * 2 : FIRST_CAP;
	while (cap < least)
		cap *= 2;
	void *data = arena_array(a, cap, item);
	if (!data)
		return full(fault);
	if (v->n)
		memcpy(data, v->data, v->n * item);
	v->data = data;
	v->cap = cap;
	return true;
}

static inline bool room(struct values *v, size_t item, struct arena *a, struct values_fault *fault)
{
	return v->n < v->cap || grow(v, item, v->n + 1, a, fault);
}

static void widen(struct values *v)
{
	for (size_t i = 0; v->kind != VALUES_REAL && i < v->n; i++)
		v->reals[i] = (double)v->ints[i];
	v->kind = VALUES_REAL;
}

static const char *const among[] = {
    [VALUES_NONE] = "",        [VALUES_BOOL] = "truth values", [VALUES_INT] = "numbers",
    [VALUES_REAL] = "numbers", [VALUES_TEXT] = "texts",
};

static bool misfit(const struct values *v, const char *came, struct values_fault *fault)
{
	*fault = (struct values_fault){came, among[v->use == VALUES_AS_TEXTS ? VALUES_TEXT : v->kind]};
	return false;
}

static bool is_text(const struct values *v)
{
	return v->kind == VALUES_TEXT || v->use == VALUES_AS_TEXTS;
}

static bool push_real(struct values *v, double f, struct arena *a, struct values_fault *fault)
{
	if (!room(v, sizeof f, a, fault))
		return false;
	if (v->kind != VALUES_REAL)
		widen(v);
	v->reals[v->n++] = f;
	return true;
}

static bool push_int(struct values *v, int64_t i, enum values_kind kind, struct arena *a, struct values_fault *fault)
{
	if (v->kind == VALUES_REAL)
		return push_real(v, (double)i, a, fault);
	if (!room(v, sizeof i, a, fault))
		return false;
	if (v->kind < kind)
		v->kind = kind;
	v->ints[v->n++] = i;
	return true;
}

static bool take_number(struct values *v, struct json_pull *j, struct arena *a, struct values_fault *fault)
{
	union number number;
	if (is_text(v))
		return misfit(v, "a number", fault);
	switch (pull_number(j, &number)) {
	case NUMBER_I64:
		return push_int(v, number.i, VALUES_INT, a, fault);
	case NUMBER_U64:
		return push_real(v, (double)number.u, a, fault);
	case NUMBER_F64:
		return push_real(v, number.f, a, fault);
	case NUMBER_HUGE:
		*fault = (struct values_fault){"a number outside of float64's range", among[VALUES_REAL]};
		return false;
	default:
		return false;
	}
}

/* Behind a comma and at most one space; the comma is then taken. */
static inline bool another_number(struct json_pull *j)
{
	if (j->end - j->at < 3 || j->at[0] != ',')
		return false;
	size_t skip = j->at[1] == ' ' ? 2 : 1;
	if (pull_kinds[(unsigned char)j->at[skip]] != PULL_NUMBER)
		return false;
	j->at += skip;
	return true;
}

bool values_take_numbers(struct values *v, struct json_pull *j, struct arena *a, size_t *n, struct values_fault *fault)
{
	size_t taken = 0;
	do {
		union number number;
		size_t length;
		enum number_kind kind = number_read(j->at, j->end, &number, &length);
		if (v->n < v->cap && v->kind == VALUES_REAL && kind == NUMBER_F64) {
			v->reals[v->n++] = number.f;
			j->at += length;
		} else if (v->n < v->cap && v->kind == VALUES_INT && kind == NUMBER_I64) {
			v->ints[v->n++] = number.i;
			j->at += length;
		} else if (!take_number(v, j, a, fault)) {
			*n = taken; /* the one that failed is the next */
			return false;
		}
		taken++;
	} while (another_number(j));
	*n = taken;
	return true;
}

/* As Python's float() reads it, but for underscores. */
static bool text_number(struct slice text, double *out)
{
	char chars[FLOAT_CHARS + 1], *end;
	union number n;
	size_t length;
	text = slice_trim(text);
	enum number_kind kind = number_read(text.ptr, text.ptr + text.len, &n, &length);
	if (kind != NUMBER_BAD && length == text.len) {
		*out = kind == NUMBER_I64 ? (double)n.i : kind == NUMBER_U64 ? (double)n.u : n.f;
		return kind != NUMBER_HUGE;
	}
	if (!text.len || text.len > FLOAT_CHARS)
		return false;
	for (size_t i = 0; i < text.len; i++) /* strtod knows more: hexadecimal, nan(x) */
		if (!text.ptr[i] || !strchr("0123456789.+-eEiInNfFaAtTyY", text.ptr[i]))
			return false;
	memcpy(chars, text.ptr, text.len);
	chars[text.len] = 0;
	*out = strtod(chars, &end);
	return *end == 0;
}

static bool take_number_text(struct values *v, struct json_pull *j, struct arena *a, struct values_fault *fault)
{
	struct slice text;
	double f;
	if (!pull_string(j, a, &text))
		return false;
	if (text_number(text, &f))
		return push_real(v, f, a, fault);
	const char *came = arena_printf(a, "could not convert string to float: '%.*s'", SLICE_ARG(slice_sub(text, 0, 60)));
	*fault = (struct values_fault){came, ""};
	return false;
}

static bool take_text(struct values *v, struct json_pull *j, struct arena *a, struct values_fault *fault)
{
	if (v->use == VALUES_AS_NUMBERS)
		return take_number_text(v, j, a, fault);
	if (v->kind != VALUES_TEXT && v->kind != VALUES_NONE)
		return misfit(v, "a text", fault);
	if (!room(v, sizeof(struct slice), a, fault))
		return false;
	v->kind = VALUES_TEXT;
	if (!pull_string(j, a, &v->texts[v->n]))
		return false;
	v->n++;
	return true;
}

bool values_take(struct values *v, struct json_pull *j, enum pull_kind kind, struct arena *a,
		 struct values_fault *fault)
{
	if (v->use == VALUES_UNREAD) {
		v->n++;
		return pull_skip(j);
	}
	switch (kind) {
	case PULL_NUMBER:
		return take_number(v, j, a, fault);
	case PULL_STRING:
		return take_text(v, j, a, fault);
	case PULL_TRUE:
	case PULL_FALSE:
		if (is_text(v))
			return misfit(v, "a truth value", fault);
		return pull_literal(j, kind) && push_int(v, kind == PULL_TRUE, VALUES_BOOL, a, fault);
	case PULL_NULL:
		if (is_text(v))
			return misfit(v, "null", fault);
		return pull_literal(j, kind) && push_real(v, NAN, a, fault);
	case PULL_OBJECT:
		return misfit(v, "an object", fault);
	case PULL_ARRAY:
		return misfit(v, "a list", fault);
	case PULL_NONE:
		break;
	}
	return false;
}

bool values_pad(struct values *v, size_t n, struct arena *a, struct values_fault *fault)
{
	if (v->n >= n)
		return true;
	if (v->use == VALUES_UNREAD) {
		v->n = n;
		return true;
	}
	if (is_text(v))
		return misfit(v, "nothing", fault);
	if (n > v->cap && !grow(v, sizeof *v->reals, n, a, fault))
		return false;
	widen(v);
	while (v->n < n)
		v->reals[v->n++] = NAN;
	return true;
}

bool values_finish(struct values *v, struct tensor *out, struct arena *a)
{
	static const enum dtype dtypes[] = {
	    [VALUES_NONE] = DTYPE_F64, [VALUES_BOOL] = DTYPE_BOOL,   [VALUES_INT] = DTYPE_I64,
	    [VALUES_REAL] = DTYPE_F64, [VALUES_TEXT] = DTYPE_STRING,
	};
	if (v->use == VALUES_UNREAD) {
		v->kind = VALUES_BOOL;
		v->data = arena_zalloc(a, v->n ? v->n : 1);
	} else if (v->kind == VALUES_BOOL) {
		unsigned char *bytes = v->data; /* behind what is still to be read */
		for (size_t i = 0; i < v->n; i++)
			bytes[i] = v->ints[i] != 0;
	}
	out->dtype = dtypes[v->kind];
	out->data = v->data;
	return v->data || v->use != VALUES_UNREAD;
}
