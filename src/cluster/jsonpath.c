/* JSONPath: jsonpath.h. Each step maps the list of values that were reached to the list that it reaches from there. */
#include "cluster/jsonpath.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/slice.h"

enum { RESULTS_MAX = 10000, NAME_MAX_BYTES = 512, DEPTH_MAX = 128, NESTING_MAX = 8 };

struct evaluation {
	const char *at; /* the path's text */
	int nesting;	/* of filters */
	struct err *err;
};

static int evaluate(struct evaluation *e, const char *end, struct jsonpath_result *r);

static int bad(struct evaluation *e, const char *what)
{
	return err_set(e->err, ERR_INVALID, "JSONPath: %s at \"%.40s\"", what, e->at);
}

static void reach(struct jsonpath_result *r, const json_t *v)
{
	if (v && r->values.len < RESULTS_MAX)
		*vec_push(&r->values) = v;
}

static void take_over(struct jsonpath_result *r, struct jsonpath_result *next)
{
	vec_release(&r->values);
	*r = *next;
}

void jsonpath_release(struct jsonpath_result *r)
{
	vec_release(&r->values);
}

/* ---- steps ---- */

static void step_name(struct jsonpath_result *r, const char *name)
{
	struct jsonpath_result next = { 0 };
	for (size_t i = 0; i < r->values.len; i++)
		reach(&next, json_object_get(r->values.ptr[i], name));
	take_over(r, &next);
}

static void children(const json_t *v, struct jsonpath_result *out)
{
	const char *key;
	json_t *child;
	size_t i;
	json_array_foreach(v, i, child)
		reach(out, child);
	json_object_foreach((json_t *)v, key, child)
		reach(out, child);
}

static void step_all(struct jsonpath_result *r)
{
	struct jsonpath_result next = { 0 };
	for (size_t i = 0; i < r->values.len; i++)
		children(r->values.ptr[i], &next);
	take_over(r, &next);
}

static void descend(const json_t *v, struct jsonpath_result *out, int depth)
{
	struct jsonpath_result below = { 0 };
	reach(out, v);
	if (depth == DEPTH_MAX || out->values.len == RESULTS_MAX)
		return;
	children(v, &below);
	for (size_t i = 0; i < below.values.len; i++)
		if (json_is_object(below.values.ptr[i]) || json_is_array(below.values.ptr[i]))
			descend(below.values.ptr[i], out, depth + 1);
	jsonpath_release(&below);
}

static void step_descend(struct jsonpath_result *r)
{
	struct jsonpath_result next = { 0 };
	for (size_t i = 0; i < r->values.len; i++)
		descend(r->values.ptr[i], &next, 0);
	take_over(r, &next);
}

/* Python's rule for bounds that are negative or too large. */
static int64_t clamp(int64_t i, int64_t n)
{
	if (i < 0)
		i += n;
	return i < 0 ? 0 : i > n ? n : i;
}

static void step_slice(struct jsonpath_result *r, int64_t from, int64_t to, int64_t by)
{
	struct jsonpath_result next = { 0 };
	for (size_t i = 0; i < r->values.len; i++) {
		const json_t *v = r->values.ptr[i];
		int64_t n = (int64_t)json_array_size(v);
		for (int64_t k = clamp(from, n); k < clamp(to, n); k += by)
			reach(&next, json_array_get(v, (size_t)k));
	}
	take_over(r, &next);
}

/* ---- text ---- */

static void spaces(struct evaluation *e)
{
	while (*e->at == ' ')
		e->at++;
}

static bool number(struct evaluation *e, int64_t *out)
{
	const char *p = e->at;
	size_t n = *p == '-';
	while (p[n] >= '0' && p[n] <= '9' && n < 20)
		n++;
	if (!slice_i64(slice_of(p, n), out))
		return false;
	e->at += n;
	return true;
}

/* 'a' or "a", with backslash escapes. */
static bool quoted(struct evaluation *e, char *out)
{
	char quote = *e->at;
	size_t n = 0;
	const char *p = e->at + 1;
	if (quote != '\'' && quote != '"')
		return false;
	for (; *p && *p != quote; p++) {
		if (*p == '\\' && p[1])
			p++;
		if (n == NAME_MAX_BYTES - 1)
			return false;
		out[n++] = *p;
	}
	if (!*p)
		return false;
	out[n] = 0;
	e->at = p + 1;
	return true;
}

/* ---- filters ---- */

enum comparison { CMP_EXISTS, CMP_EQ, CMP_NE, CMP_LE, CMP_GE, CMP_LT, CMP_GT };

struct filter {
	const char *left, *left_end; /* path after "@" */
	enum comparison how;
	const char *right, *right_end; /* path, when the literal is NULL */
	json_t *literal;
};

/* Where a path inside a filter ends: at an operator or the closing parenthesis outside brackets and quotes. */
static const char *path_end(const char *p)
{
	int depth = 0;
	for (; *p; p++) {
		if (*p == '\'' || *p == '"') {
			char quote = *p++;
			while (*p && *p != quote)
				p += *p == '\\' && p[1] ? 2 : 1;
			if (!*p)
				break;
		} else if (*p == '[' || *p == '(') {
			depth++;
		} else if (*p == ']' || *p == ')') {
			if (depth-- == 0)
				break;
		} else if (depth == 0 && strchr("=!<> ", *p)) {
			break;
		}
	}
	return p;
}

static int parse_literal(struct evaluation *e, struct filter *f)
{
	char text[NAME_MAX_BYTES];
	if (*e->at == '@') {
		f->right = e->at + 1;
		f->right_end = e->at = path_end(e->at);
		return 0;
	}
	if (quoted(e, text)) {
		f->literal = json_string(text);
		return f->literal ? 0 : bad(e, "the text is not UTF-8");
	}
	if (!strncmp(e->at, "true", 4) || !strncmp(e->at, "false", 5)) {
		f->literal = json_boolean(*e->at == 't');
		e->at += *e->at == 't' ? 4 : 5;
		return 0;
	}
	char *end;
	double v = strtod(e->at, &end);
	if (end == e->at)
		return bad(e, "a filter compares with a text, a number, true, false or a path");
	f->literal = json_real(v);
	e->at = end;
	return f->literal ? 0 : bad(e, "the number is not finite");
}

static int parse_filter(struct evaluation *e, struct filter *f)
{
	static const char *const ops[] = { NULL, "==", "!=", "<=", ">=", "<", ">" };
	spaces(e);
	if (*e->at != '@')
		return bad(e, "a filter begins with @");
	f->left = e->at + 1;
	f->left_end = e->at = path_end(e->at);
	spaces(e);
	f->how = CMP_EXISTS;
	for (int i = 1; i < (int)COUNT_OF(ops) && f->how == CMP_EXISTS; i++) {
		if (strncmp(e->at, ops[i], strlen(ops[i])) != 0)
			continue;
		f->how = (enum comparison)i;
		e->at += strlen(ops[i]);
	}
	spaces(e);
	if (f->how != CMP_EXISTS && parse_literal(e, f) < 0)
		return -1;
	spaces(e);
	if (strncmp(e->at, ")]", 2) != 0)
		return bad(e, "a filter ends with )]");
	e->at += 2;
	return 0;
}

static int order(const json_t *a, const json_t *b, bool *comparable)
{
	*comparable = true;
	if (json_is_number(a) && json_is_number(b)) {
		double x = json_number_value(a), y = json_number_value(b);
		return x < y ? -1 : x > y;
	}
	if (json_is_string(a) && json_is_string(b))
		return strcmp(json_string_value(a), json_string_value(b));
	*comparable = json_is_boolean(a) && json_is_boolean(b);
	return *comparable ? json_is_true(a) - json_is_true(b) : 1;
}

static bool compare(enum comparison how, const json_t *a, const json_t *b)
{
	bool comparable;
	int o = order(a, b, &comparable);
	if (!comparable)
		return how == CMP_NE;
	switch (how) {
	case CMP_EQ:
		return o == 0;
	case CMP_NE:
		return o != 0;
	case CMP_LE:
		return o <= 0;
	case CMP_GE:
		return o >= 0;
	case CMP_LT:
		return o < 0;
	case CMP_GT:
		return o > 0;
	case CMP_EXISTS:
		break;
	}
	return true;
}

static int inner_first(struct evaluation *e, const char *path, const char *end, const json_t *v, const json_t **out)
{
	struct evaluation inner = { .at = path, .nesting = e->nesting + 1, .err = e->err };
	struct jsonpath_result r = { 0 };
	if (inner.nesting > NESTING_MAX)
		return bad(e, "filters are nested too deep");
	reach(&r, v);
	int rc = evaluate(&inner, end, &r);
	*out = rc == 0 && r.values.len ? r.values.ptr[0] : NULL;
	jsonpath_release(&r);
	return rc;
}

static int step_filter(struct evaluation *e, struct jsonpath_result *r)
{
	struct filter f = { 0 };
	struct jsonpath_result items = *r, next = { 0 };
	int rc = parse_filter(e, &f);
	*r = (struct jsonpath_result){ 0 };
	for (size_t i = 0; rc == 0 && i < items.values.len; i++) {
		const json_t *list = items.values.ptr[i], *v;
		size_t k;
		json_array_foreach(list, k, v)
		{
			const json_t *left = NULL, *right = f.literal;
			rc = inner_first(e, f.left, f.left_end, v, &left);
			if (rc == 0 && f.right)
				rc = inner_first(e, f.right, f.right_end, v, &right);
			if (rc < 0)
				break;
			if (left && (f.how == CMP_EXISTS || (right && compare(f.how, left, right))))
				reach(&next, v);
		}
	}
	jsonpath_release(&items);
	json_decref(f.literal);
	*r = next;
	return rc;
}

/* ---- brackets ---- */

static int step_numbers(struct evaluation *e, struct jsonpath_result *r)
{
	int64_t from = 0, to = INT64_MAX, by = 1;
	bool has_from = number(e, &from);
	if (*e->at == ':') {
		e->at++;
		if (!number(e, &to))
			to = INT64_MAX;
		if (*e->at == ':') {
			e->at++;
			if (!number(e, &by) || by < 1)
				return bad(e, "a step is a positive number");
		}
	} else if (has_from) {
		to = from == -1 ? INT64_MAX : from + 1;
	} else {
		return bad(e, "not an index");
	}
	if (has_from && to == from + 1 && from < 0) { /* [-2] */
		struct jsonpath_result next = { 0 };
		for (size_t i = 0; i < r->values.len; i++) {
			int64_t k = from + (int64_t)json_array_size(r->values.ptr[i]);
			if (k >= 0)
				reach(&next, json_array_get(r->values.ptr[i], (size_t)k));
		}
		take_over(r, &next);
		return 0;
	}
	step_slice(r, from, to, by);
	return 0;
}

/* One member of a union: an index, a slice or a quoted name. */
static int step_member(struct evaluation *e, struct jsonpath_result *r)
{
	char name[NAME_MAX_BYTES];
	spaces(e);
	if (*e->at == '*') {
		e->at++;
		step_all(r);
		return 0;
	}
	if (*e->at == '\'' || *e->at == '"') {
		if (!quoted(e, name))
			return bad(e, "the quoted name does not end, or is too long");
		step_name(r, name);
		return 0;
	}
	return step_numbers(e, r);
}

static int step_bracket(struct evaluation *e, struct jsonpath_result *r)
{
	struct jsonpath_result all = { 0 };
	int rc = 0;
	e->at++;
	if (!strncmp(e->at, "?(", 2)) {
		e->at += 2;
		return step_filter(e, r);
	}
	for (;;) {
		struct jsonpath_result one = { 0 };
		for (size_t i = 0; i < r->values.len; i++)
			reach(&one, r->values.ptr[i]);
		rc = step_member(e, &one);
		for (size_t i = 0; i < one.values.len; i++)
			reach(&all, one.values.ptr[i]);
		jsonpath_release(&one);
		spaces(e);
		if (rc < 0 || *e->at != ',')
			break;
		e->at++;
	}
	take_over(r, &all);
	if (rc == 0 && *e->at != ']')
		rc = bad(e, "a bracket does not end");
	if (rc == 0)
		e->at++;
	return rc;
}

static int step_dot(struct evaluation *e, const char *end, struct jsonpath_result *r)
{
	char name[NAME_MAX_BYTES];
	size_t n = 0;
	while (e->at < end && *e->at != '.' && *e->at != '[') {
		if (*e->at == '\\' && e->at + 1 < end)
			e->at++;
		if (n == sizeof name - 1)
			return bad(e, "a name is too long");
		name[n++] = *e->at++;
	}
	name[n] = 0;
	if (!strcmp(name, "*"))
		step_all(r);
	else if (n > 0)
		step_name(r, name);
	return 0;
}

static int evaluate(struct evaluation *e, const char *end, struct jsonpath_result *r)
{
	while (e->at < end) {
		int rc;
		if (*e->at == '[') {
			rc = step_bracket(e, r);
		} else {
			if (!strncmp(e->at, "..", 2) && e->at + 2 < end) {
				step_descend(r);
				e->at += 2;
				if (*e->at == '[')
					continue;
			} else if (*e->at == '.') {
				e->at++;
			}
			rc = step_dot(e, end, r);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

int jsonpath_find(const json_t *object, const char *path, struct jsonpath_result *out, struct err *err)
{
	struct evaluation e = { .at = path, .err = err };
	struct jsonpath_result r = { 0 };
	if (*path == '$')
		e.at++;
	reach(&r, object);
	if (evaluate(&e, path + strlen(path), &r) < 0) {
		jsonpath_release(&r);
		return -1;
	}
	*out = r;
	return 0;
}

const json_t *jsonpath_first(const json_t *object, const char *path)
{
	struct jsonpath_result r = { 0 };
	if (jsonpath_find(object, path, &r, NULL) < 0)
		return NULL;
	const json_t *v = r.values.len ? r.values.ptr[0] : NULL;
	jsonpath_release(&r);
	return v;
}
