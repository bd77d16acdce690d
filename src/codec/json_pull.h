/*
 * A pull reader for JSON (RFC 8259) whose values go straight where they belong: tensors, not trees. The caller asks for
 * the kind of the next value and then takes it; nothing is built, nothing is read twice.
 *
 *   pull_init(&j, text);
 *   if (pull_object(&j))
 *     while (pull_key(&j, arena, &key))
 *       … take exactly one value: pull_object, pull_array, pull_string, pull_number, pull_literal or pull_skip
 *   if (pull_end(&j, &err) < 0) …
 *
 * - after the first error every call says "no" and the loops end, so that the error is looked at once, at the end;
 *   its text has line, column and offset, as Python's json module words them
 * - nesting is limited (limits.json_depth), strings are checked to be UTF-8, escapes are undone, a lone surrogate is
 *   refused; a string without escapes is a slice of the text itself
 * - NaN and Infinity, which some writers put out, are refused: null is NaN here, infinity has no form in JSON
 */
#ifndef CORACLE_CODEC_JSON_PULL_H
#define CORACLE_CODEC_JSON_PULL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "codec/number.h"

struct json_pull {
	const char *at, *end, *start;
	int depth;
	bool fresh; /* just inside '[' or '{' */
	bool failed;
	bool no_memory;
	const char *what, *where;
};

enum pull_kind { PULL_NONE, PULL_OBJECT, PULL_ARRAY, PULL_STRING, PULL_NUMBER, PULL_TRUE, PULL_FALSE, PULL_NULL };

void pull_init(struct json_pull *j, struct slice text);

/* Of the value that comes next, by its first byte; PULL_NONE (and failed) when none does. */
static inline enum pull_kind pull_kind(struct json_pull *j);

/* Enters; false: it is not one, or too deep. */
bool pull_object(struct json_pull *j);
bool pull_array(struct json_pull *j);
/* Is there one more element? False: the array was left (or an error). */
static inline bool pull_item(struct json_pull *j);
/* The same for a member, and its key. */
bool pull_key(struct json_pull *j, struct arena *a, struct slice *key);

bool pull_string(struct json_pull *j, struct arena *a, struct slice *out);
/* NUMBER_BAD: failed. NUMBER_HUGE is not an error of the reader. */
enum number_kind pull_number(struct json_pull *j, union number *out);
/* true, false or null, as pull_kind told. */
bool pull_literal(struct json_pull *j, enum pull_kind kind);
/* Any value, checked like one that is taken. */
bool pull_skip(struct json_pull *j);

/* Fails at the current place; `what` is kept, not copied. */
void pull_fail(struct json_pull *j, const char *what);
/* Nothing but white space may follow. ERR_MALFORMED "Expecting value: line 1 column 1 (char 0)", ERR_NO_MEMORY. */
int pull_end(struct json_pull *j, struct err *err);

/* ---- the two that run once a value ---- */

extern const unsigned char pull_kinds[256]; /* enum pull_kind of a value's first byte */
enum pull_kind pull_no_kind(struct json_pull *j);
bool pull_no_item(struct json_pull *j, char close);

static inline void pull_space(struct json_pull *j)
{
	while (j->at < j->end && (unsigned char)*j->at <= ' ' &&
	       (*j->at == ' ' || *j->at == '\n' || *j->at == '\r' || *j->at == '\t'))
		j->at++;
}

static inline enum pull_kind pull_kind(struct json_pull *j)
{
	if (j->failed)
		return PULL_NONE;
	pull_space(j);
	if (j->at < j->end && pull_kinds[(unsigned char)*j->at])
		return (enum pull_kind)pull_kinds[(unsigned char)*j->at];
	return pull_no_kind(j);
}

/* Between two members or elements: true when one more must follow. */
static inline bool pull_more(struct json_pull *j, char close)
{
	if (j->failed)
		return false;
	pull_space(j);
	if (j->at < j->end && *j->at == ',' && !j->fresh) {
		j->at++;
		return true;
	}
	return pull_no_item(j, close);
}

static inline bool pull_item(struct json_pull *j)
{
	return pull_more(j, ']');
}

#endif
