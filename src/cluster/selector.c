/*
 * Selectors: requirements that must all hold. Grammar and texts of labels are those of apimachinery's pkg/labels (a small
 * lexer: words, operators, parentheses, commas), those of fields of pkg/fields. See selector.h.
 */
#include "cluster/selector.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/vec.h"
#include "cluster/names.h"
#include "codec/json.h"

enum { REQUIREMENTS_MAX = 1000, VALUES_MAX = 10000, VALUE_BYTES_MAX = 4096 };

enum op { OP_EXISTS, OP_NOT_EXISTS, OP_IN, OP_NOT_IN, OP_GREATER, OP_LESS };

struct requirement {
	char *key;
	enum op op;
	VEC(char *) values;
	int64_t number; /* of > and < */
};

struct selector {
	VEC(struct requirement) all;
};

void selector_free(struct selector *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->all.len; i++) {
		struct requirement *r = &s->all.ptr[i];
		free(r->key);
		for (size_t k = 0; k < r->values.len; k++)
			free(r->values.ptr[k]);
		vec_release(&r->values);
	}
	vec_release(&s->all);
	free(s);
}

static char *dup(struct slice s)
{
	char *out = strndup(s.ptr ? s.ptr : "", s.len);
	if (!out)
		abort();
	return out;
}

/* ---- the lexer of label selectors ---- */

enum token { T_END, T_WORD, T_NOT, T_EQUAL, T_NOT_EQUAL, T_GREATER, T_LESS, T_OPEN, T_CLOSE, T_COMMA, T_BAD };

struct lexer {
	struct slice rest;
	enum token now;
	struct slice text; /* of the token */
	struct slice before; /* `rest` before it, to go back */
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool special(char c)
{
	return c && strchr("=!(),><", c);
}

static enum token lex_symbol(struct slice s, size_t *n)
{
	static const struct {
		const char *text;
		enum token token;
	} symbols[] = { { "==", T_EQUAL }, { "!=", T_NOT_EQUAL }, { "=", T_EQUAL }, { "!", T_NOT },  { ">", T_GREATER },
			{ "<", T_LESS },   { "(", T_OPEN },	  { ")", T_CLOSE }, { ",", T_COMMA } };
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
		if (slice_starts(s, symbols[i].text)) {
			*n = strlen(symbols[i].text);
			return symbols[i].token;
		}
	}
	*n = 1;
	return T_BAD;
}

static void lex(struct lexer *l)
{
	l->before = l->rest;
	while (l->rest.len && blank(l->rest.ptr[0]))
		l->rest = slice_from(l->rest, 1);
	if (l->rest.len == 0) {
		l->now = T_END;
		l->text = slice_of("", 0);
		return;
	}
	size_t n = 0;
	if (special(l->rest.ptr[0])) {
		l->now = lex_symbol(l->rest, &n);
	} else {
		while (n < l->rest.len && !blank(l->rest.ptr[n]) && !special(l->rest.ptr[n]))
			n++;
		l->now = T_WORD;
	}
	l->text = slice_sub(l->rest, 0, n);
	l->rest = slice_from(l->rest, n);
}

static int expected(const struct lexer *l, const char *what, bool in_requirement, struct err *err)
{
	return err_set(err, ERR_INVALID, "%sfound '%.*s', expected: %s",
		       in_requirement ? "unable to parse requirement: " : "", SLICE_ARG(slice_sub(l->text, 0, 200)), what);
}

/* ---- requirements of labels ---- */

static int check_key(const char *key, struct err *err)
{
	const char *why = name_qualified_error(key);
	return why ? err_set(err, ERR_INVALID, "unable to parse requirement: key: Invalid value: \"%.253s\": %s", key, why) : 0;
}

static int check_values(struct requirement *r, struct err *err)
{
	if (r->op == OP_GREATER || r->op == OP_LESS) {
		if (!slice_i64(slice_str(r->values.ptr[0]), &r->number))
			return err_set(err, ERR_INVALID,
				       "unable to parse requirement: values[0]: Invalid value: \"%.253s\": for 'Gt', 'Lt' "
				       "operators, the value must be an integer",
				       r->values.ptr[0]);
		return 0;
	}
	for (size_t i = 0; i < r->values.len; i++) {
		const char *why = name_label_value_error(r->values.ptr[i]);
		if (why)
			return err_set(err, ERR_INVALID,
				       "unable to parse requirement: values[%zu][%s]: Invalid value: \"%.253s\": %s", i, r->key,
				       r->values.ptr[i], why);
	}
	return 0;
}

/* After `in` or `notin`: (a, b, c). An empty piece is the empty string. */
static int parse_set(struct lexer *l, struct requirement *r, struct err *err)
{
	if (l->now != T_OPEN)
		return expected(l, "'('", true, err);
	lex(l);
	for (;;) {
		if (l->now == T_WORD) {
			*vec_push(&r->values) = dup(l->text);
			lex(l);
		} else if (l->now == T_COMMA || l->now == T_CLOSE) {
			*vec_push(&r->values) = dup(slice_of("", 0));
		} else {
			return expected(l, "',', ')' or identifier", true, err);
		}
		if (r->values.len > VALUES_MAX)
			return err_set(err, ERR_INVALID, "a selector has at most %d values", VALUES_MAX);
		if (l->now == T_CLOSE)
			break;
		if (l->now != T_COMMA)
			return expected(l, "',' or ')'", true, err);
		lex(l);
	}
	lex(l);
	return 0;
}

static int parse_one_value(struct lexer *l, struct requirement *r, struct err *err)
{
	if (l->now == T_END || l->now == T_COMMA) { /* `a=` asks for the empty string */
		*vec_push(&r->values) = dup(slice_of("", 0));
		return 0;
	}
	if (l->now != T_WORD)
		return expected(l, "identifier", true, err);
	*vec_push(&r->values) = dup(l->text);
	lex(l);
	return 0;
}

static int parse_operator(struct lexer *l, struct requirement *r, struct err *err)
{
	enum token t = l->now;
	bool in = t == T_WORD && slice_is(l->text, "in"), notin = t == T_WORD && slice_is(l->text, "notin");
	if (!in && !notin && t != T_EQUAL && t != T_NOT_EQUAL && t != T_GREATER && t != T_LESS)
		return expected(l, "in, notin, =, ==, !=, gt, lt", true, err);
	lex(l);
	r->op = in || t == T_EQUAL ? OP_IN : notin || t == T_NOT_EQUAL ? OP_NOT_IN : t == T_GREATER ? OP_GREATER : OP_LESS;
	if (in || notin)
		return parse_set(l, r, err);
	return parse_one_value(l, r, err);
}

static int parse_requirement(struct lexer *l, struct requirement *r, struct err *err)
{
	bool negated = l->now == T_NOT;
	if (negated)
		lex(l);
	if (l->now != T_WORD)
		return expected(l, "identifier", true, err);
	r->key = dup(l->text);
	lex(l);
	if (check_key(r->key, err) < 0)
		return -1;
	if (l->now == T_END || l->now == T_COMMA) {
		r->op = negated ? OP_NOT_EXISTS : OP_EXISTS;
		return 0;
	}
	if (negated)
		return expected(l, "',' or 'end of string'", false, err);
	if (parse_operator(l, r, err) < 0)
		return -1;
	return check_values(r, err);
}

static int parse_all(struct lexer *l, struct selector *s, struct err *err)
{
	lex(l);
	while (l->now != T_END) {
		if (l->now != T_WORD && l->now != T_NOT)
			return expected(l, "!, identifier, or 'end of string'", false, err);
		if (s->all.len == REQUIREMENTS_MAX)
			return err_set(err, ERR_INVALID, "a selector has at most %d requirements", REQUIREMENTS_MAX);
		if (parse_requirement(l, vec_push(&s->all), err) < 0)
			return -1;
		if (l->now == T_END)
			break;
		if (l->now != T_COMMA)
			return expected(l, "',' or 'end of string'", false, err);
		lex(l);
		if (l->now != T_WORD && l->now != T_NOT)
			return expected(l, "identifier after ','", false, err);
	}
	return 0;
}

static struct selector *selector_new(void)
{
	struct selector *s = calloc(1, sizeof *s);
	if (!s)
		abort();
	return s;
}

static int keep_or_free(struct selector *s, int rc, struct selector **out)
{
	if (rc < 0 || s->all.len == 0) {
		selector_free(s);
		s = NULL;
	}
	if (rc == 0)
		*out = s;
	return rc;
}

int selector_parse_labels(const char *text, struct selector **out, struct err *err)
{
	struct lexer l = { .rest = slice_str(text) };
	struct selector *s = selector_new();
	return keep_or_free(s, text ? parse_all(&l, s, err) : 0, out);
}

/* ---- LabelSelector objects ---- */

static int from_expression(const json_t *e, struct requirement *r, struct err *err)
{
	static const struct {
		const char *name;
		enum op op;
		bool values;
	} ops[] = { { "In", OP_IN, true },
		    { "NotIn", OP_NOT_IN, true },
		    { "Exists", OP_EXISTS, false },
		    { "DoesNotExist", OP_NOT_EXISTS, false } };
	const char *key = json_string_value(json_object_get(e, "key")), *op = json_string_value(json_object_get(e, "operator"));
	const json_t *values = json_object_get(e, "values"), *v;
	size_t i, k;
	r->key = dup(slice_str(key ? key : ""));
	if (check_key(r->key, err) < 0)
		return -1;
	for (k = 0; op && k < sizeof ops / sizeof *ops; k++)
		if (!strcmp(ops[k].name, op))
			break;
	if (!op || k == sizeof ops / sizeof *ops)
		return err_set(err, ERR_INVALID, "\"%.64s\" is not a valid label selector operator", op ? op : "");
	r->op = ops[k].op;
	if (ops[k].values != (json_array_size(values) > 0))
		return err_set(err, ERR_INVALID, "values: Invalid value: must be %s for operator %s",
			       ops[k].values ? "non-empty" : "empty", op);
	json_array_foreach(values, i, v)
	{
		if (!json_is_string(v))
			return err_set(err, ERR_INVALID, "values of a label selector must be strings");
		*vec_push(&r->values) = dup(slice_str(json_string_value(v)));
	}
	return check_values(r, err);
}

static int from_object(const json_t *o, struct selector *s, struct err *err)
{
	const json_t *e;
	json_t *v;
	const char *key;
	size_t i;
	json_object_foreach(json_object_get(o, "matchLabels"), key, v)
	{
		struct requirement *r = vec_push(&s->all);
		r->key = dup(slice_str(key));
		r->op = OP_IN;
		if (!json_is_string(v))
			return err_set(err, ERR_INVALID, "values of a label selector must be strings");
		*vec_push(&r->values) = dup(slice_str(json_string_value(v)));
		if (check_key(r->key, err) < 0 || check_values(r, err) < 0)
			return -1;
	}
	json_array_foreach(json_object_get(o, "matchExpressions"), i, e)
		if (from_expression(e, vec_push(&s->all), err) < 0)
			return -1;
	return 0;
}

int selector_from_object(const json_t *label_selector, struct selector **out, struct err *err)
{
	if (!json_is_object(label_selector))
		return err_set(err, ERR_INVALID, "a label selector that is missing selects nothing");
	struct selector *s = selector_new();
	return keep_or_free(s, from_object(label_selector, s, err), out);
}

/* ---- field selectors ---- */

/* A piece up to an unescaped comma; escapes are kept. */
static struct slice cut_term(struct slice *rest)
{
	size_t i = 0;
	while (i < rest->len && rest->ptr[i] != ',')
		i += rest->ptr[i] == '\\' ? 2 : 1;
	if (i > rest->len)
		i = rest->len;
	struct slice term = slice_sub(*rest, 0, i);
	*rest = i < rest->len ? slice_from(*rest, i + 1) : slice_of(NULL, 0);
	return term;
}

static char *unescape(struct slice s, struct err *err)
{
	struct buf b;
	buf_init(&b, VALUE_BYTES_MAX);
	buf_str(&b, "");
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\\') {
			char next = i + 1 < s.len ? s.ptr[i + 1] : 0;
			if (next != '\\' && next != ',' && next != '=') {
				err_set(err, ERR_INVALID, "invalid field selector: invalid escape sequence in value: %.*s",
					SLICE_ARG(slice_sub(s, 0, 200)));
				buf_release(&b);
				return NULL;
			}
			c = next;
			i++;
		} else if (c == '=') {
			err_set(err, ERR_INVALID, "invalid field selector: unescaped '=' in value: %.*s",
				SLICE_ARG(slice_sub(s, 0, 200)));
			buf_release(&b);
			return NULL;
		}
		buf_char(&b, c);
	}
	char *out = b.failed ? NULL : dup(buf_view(&b));
	if (!out)
		err_set(err, ERR_INVALID, "invalid field selector: the value is too long");
	buf_release(&b);
	return out;
}

static bool selectable(const struct kind *k, const char *path)
{
	if (!strcmp(path, "metadata.name") || !strcmp(path, "metadata.namespace"))
		return true;
	for (const char *const *f = k ? k->selectable : NULL; f && *f; f++)
		if (!strcmp(*f, path))
			return true;
	return false;
}

static int parse_term(struct slice term, struct slice whole, const struct kind *k, struct requirement *r, struct err *err)
{
	size_t i = 0;
	while (i < term.len && term.ptr[i] != '=' && !(term.ptr[i] == '!' && i + 1 < term.len && term.ptr[i + 1] == '='))
		i++;
	if (i == term.len)
		return err_set(err, ERR_INVALID, "invalid selector: '%.*s'; can't understand '%.*s'",
			       SLICE_ARG(slice_sub(whole, 0, 300)), SLICE_ARG(slice_sub(term, 0, 300)));
	bool no = term.ptr[i] == '!', twice = !no && i + 1 < term.len && term.ptr[i + 1] == '=';
	r->key = dup(slice_sub(term, 0, i));
	r->op = no ? OP_NOT_IN : OP_IN;
	char *value = unescape(slice_from(term, i + (no || twice ? 2 : 1)), err);
	if (!value)
		return -1;
	*vec_push(&r->values) = value;
	if (selectable(k, r->key))
		return 0;
	if (k && k->selectable)
		return err_set(err, ERR_INVALID, "field label not supported: %.200s", r->key);
	return err_set(err, ERR_INVALID,
		       "\"%.200s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", r->key);
}

int selector_parse_fields(const char *text, const struct kind *k, struct selector **out, struct err *err)
{
	struct selector *s = selector_new();
	struct slice rest = slice_str(text), whole = rest;
	int rc = 0;
	while (rc == 0 && rest.len > 0) {
		struct slice term = cut_term(&rest);
		if (term.len == 0)
			continue;
		rc = s->all.len == REQUIREMENTS_MAX
			     ? err_set(err, ERR_INVALID, "a selector has at most %d requirements", REQUIREMENTS_MAX)
			     : parse_term(term, whole, k, vec_push(&s->all), err);
	}
	return keep_or_free(s, rc, out);
}

/* ---- matching ---- */

static bool has_value(const struct requirement *r, const char *value)
{
	for (size_t i = 0; i < r->values.len; i++)
		if (!strcmp(r->values.ptr[i], value))
			return true;
	return false;
}

static bool holds(const struct requirement *r, const char *value)
{
	int64_t number;
	switch (r->op) {
	case OP_EXISTS:
		return value != NULL;
	case OP_NOT_EXISTS:
		return value == NULL;
	case OP_IN:
		return value && has_value(r, value);
	case OP_NOT_IN:
		return !value || !has_value(r, value);
	case OP_GREATER:
		return value && slice_i64(slice_str(value), &number) && number > r->number;
	case OP_LESS:
		return value && slice_i64(slice_str(value), &number) && number < r->number;
	}
	return false;
}

bool selector_match_labels(const struct selector *s, const json_t *labels)
{
	for (size_t i = 0; s && i < s->all.len; i++)
		if (!holds(&s->all.ptr[i], json_string_value(json_object_get(labels, s->all.ptr[i].key))))
			return false;
	return true;
}

/* A missing field is the empty string. */
static bool match_fields(const struct selector *s, const json_t *object)
{
	for (size_t i = 0; s && i < s->all.len; i++) {
		const json_t *v = json_at(object, s->all.ptr[i].key);
		char text[32] = "";
		const char *value = json_string_value(v);
		if (json_is_boolean(v))
			value = json_is_true(v) ? "true" : "false";
		else if (json_is_integer(v))
			snprintf(text, sizeof text, "%lld", (long long)json_integer_value(v));
		if (!holds(&s->all.ptr[i], value ? value : text))
			return false;
	}
	return true;
}

bool selector_match_object(const struct selector *labels, const struct selector *fields, const json_t *object)
{
	return selector_match_labels(labels, json_object_get(json_object_get(object, "metadata"), "labels")) &&
	       match_fields(fields, object);
}

const char *selector_exact(const struct selector *fields, const char *path)
{
	for (size_t i = 0; fields && i < fields->all.len; i++) {
		const struct requirement *r = &fields->all.ptr[i];
		if (r->op == OP_IN && r->values.len == 1 && !strcmp(r->key, path))
			return r->values.ptr[0];
	}
	return NULL;
}
