/*
 * JSON patch (RFC 6902): see patch.h. Operations work on one deep copy, in order; the first that fails ends it all.
 * A document cannot grow past limits.api_object_bytes by `copy`, nor deeper than limits.json_depth by any operation, so
 * that a short patch cannot cost much.
 */
#include "cluster/patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/slice.h"

enum { OPERATIONS_MAX = 10000, TOKENS_MAX = 128, WEIGHED_DOCUMENTS_MAX = 64 };

struct pointer {
	char *tokens[TOKENS_MAX]; /* unescaped, in the arena */
	size_t n;
};

struct run {
	json_t *doc;
	struct arena arena; /* of one operation */
	int64_t copied, weighed;
	struct err *err;
};

static int refuse(struct run *r, const char *op, const char *path, const char *why)
{
	return err_set(r->err, ERR_UNPROCESSABLE, "the server rejected our request due to an error in our request: %s "
		       "operation does not apply: doc is missing path: %s: %s", op, path, why);
}

/* "/a~1b/0" to tokens. */
static int parse(struct run *r, const char *text, struct pointer *p)
{
	struct slice rest = slice_str(text), piece;
	p->n = 0;
	if (!*text)
		return 0;
	if (*text != '/')
		return err_set(r->err, ERR_INVALID, "error decoding patch: a path begins with \"/\": %.100s", text);
	rest = slice_from(rest, 1);
	while ((piece = slice_cut(&rest, '/')).ptr) {
		char *t = arena_cstr(&r->arena, piece), *to = t;
		if (!t || p->n == TOKENS_MAX || (int64_t)p->n >= limits.json_depth)
			return err_set(r->err, ERR_INVALID, "error decoding patch: a path is too long");
		for (const char *from = t; *from; from++) {
			if (from[0] == '~' && (from[1] == '0' || from[1] == '1'))
				*to++ = *++from == '0' ? '~' : '/';
			else
				*to++ = *from;
		}
		*to = 0;
		p->tokens[p->n++] = t;
	}
	return 0;
}

/* An index into an array of n items; `past` allows n itself and "-". */
static int index_of(const char *token, size_t n, bool past, size_t *out)
{
	uint64_t v;
	if (past && strcmp(token, "-") == 0) {
		*out = n;
		return 0;
	}
	if (!slice_u64(slice_str(token), &v) || (token[0] == '0' && token[1]))
		return -1;
	if (v > n || (v == n && !past))
		return -1;
	*out = (size_t)v;
	return 0;
}

static json_t *child(json_t *v, const char *token)
{
	size_t i;
	if (json_is_object(v))
		return json_object_get(v, token);
	if (json_is_array(v) && index_of(token, json_array_size(v), false, &i) == 0)
		return json_array_get(v, i);
	return NULL;
}

static json_t *find(json_t *doc, const struct pointer *p, size_t n)
{
	for (size_t i = 0; i < n && doc; i++)
		doc = child(doc, p->tokens[i]);
	return doc;
}

/* Bytes as compact text, roughly, and the depth below. */
static int64_t weigh(const json_t *v, int *depth)
{
	int64_t bytes = 0;
	int below = 0, d;
	const char *key;
	const json_t *item;
	size_t i;
	if (json_is_object(v)) {
		json_object_foreach((json_t *)v, key, item)
		{
			bytes += (int64_t)strlen(key) + 4 + weigh(item, &d);
			below = d > below ? d : below;
		}
		*depth = below + 1;
		return bytes + 2;
	}
	if (json_is_array(v)) {
		json_array_foreach(v, i, item)
		{
			bytes += weigh(item, &d) + 1;
			below = d > below ? d : below;
		}
		*depth = below + 1;
		return bytes + 2;
	}
	*depth = 0;
	return json_is_string(v) ? (int64_t)json_string_length(v) + 2 : 8;
}

/* Takes `value` in any case. */
static int put(struct run *r, const char *op, const char *path, const struct pointer *p, json_t *value, bool replace)
{
	int depth;
	size_t at;
	json_t *parent;
	r->weighed += weigh(value, &depth);
	if ((int64_t)p->n + depth > limits.json_depth || r->weighed > WEIGHED_DOCUMENTS_MAX * limits.api_object_bytes) {
		json_decref(value);
		return err_set(r->err, ERR_TOO_LARGE, "the patch nests too deep or moves too much");
	}
	if (p->n == 0) {
		json_decref(r->doc);
		r->doc = value;
		return 0;
	}
	const char *last = p->tokens[p->n - 1];
	parent = find(r->doc, p, p->n - 1);
	if (json_is_object(parent)) {
		if (replace && !json_object_get(parent, last)) {
			json_decref(value);
			return refuse(r, op, path, "missing value");
		}
		json_object_set_new(parent, last, value);
		return 0;
	}
	if (json_is_array(parent) && index_of(last, json_array_size(parent), !replace, &at) == 0) {
		if (replace)
			json_array_set_new(parent, at, value);
		else
			json_array_insert_new(parent, at, value);
		return 0;
	}
	json_decref(value);
	return refuse(r, op, path, "missing value");
}

/* *taken (may be NULL): what stood there. */
static int take(struct run *r, const char *op, const char *path, const struct pointer *p, json_t **taken)
{
	size_t at;
	json_t *v = find(r->doc, p, p->n), *parent;
	if (!v || p->n == 0)
		return refuse(r, op, path, "missing value");
	if (taken)
		*taken = json_incref(v);
	parent = find(r->doc, p, p->n - 1);
	if (json_is_object(parent))
		json_object_del(parent, p->tokens[p->n - 1]);
	else if (index_of(p->tokens[p->n - 1], json_array_size(parent), false, &at) == 0)
		json_array_remove(parent, at);
	return 0;
}

static bool inside(const struct pointer *outer, const struct pointer *p)
{
	if (p->n <= outer->n)
		return false;
	for (size_t i = 0; i < outer->n; i++)
		if (strcmp(outer->tokens[i], p->tokens[i]) != 0)
			return false;
	return true;
}

static int copy_or_move(struct run *r, const char *op, const char *path, const struct pointer *to, const char *from_text)
{
	struct pointer from;
	json_t *value;
	int depth;
	if (!from_text)
		return err_set(r->err, ERR_INVALID, "error decoding patch: %s without from", op);
	if (parse(r, from_text, &from) < 0)
		return -1;
	if (strcmp(op, "move") == 0) {
		if (inside(&from, to))
			return refuse(r, op, path, "a value cannot move into itself");
		if (take(r, op, from_text, &from, &value) < 0)
			return -1;
		return put(r, op, path, to, value, false);
	}
	value = find(r->doc, &from, from.n);
	if (!value)
		return refuse(r, op, from_text, "missing value");
	r->copied += weigh(value, &depth);
	if (r->copied > limits.api_object_bytes)
		return err_set(r->err, ERR_TOO_LARGE, "the patch copies more than %lld bytes",
			       (long long)limits.api_object_bytes);
	return put(r, op, path, to, json_deep_copy(value), false);
}

static int apply(struct run *r, const json_t *operation)
{
	const char *op = json_string_value(json_object_get(operation, "op"));
	const char *path = json_string_value(json_object_get(operation, "path"));
	const json_t *value = json_object_get(operation, "value");
	struct pointer p;
	if (!op || !path)
		return err_set(r->err, ERR_INVALID, "error decoding patch: an operation needs op and path");
	if (parse(r, path, &p) < 0)
		return -1;
	if (strcmp(op, "remove") == 0)
		return take(r, op, path, &p, NULL);
	if (strcmp(op, "move") == 0 || strcmp(op, "copy") == 0)
		return copy_or_move(r, op, path, &p, json_string_value(json_object_get(operation, "from")));
	if (strcmp(op, "test") == 0) {
		json_t *there = find(r->doc, &p, p.n);
		bool same = there ? value && json_equal(there, value) : !value || json_is_null(value);
		return same ? 0
			    : err_set(r->err, ERR_UNPROCESSABLE, "the server rejected our request due to an error in our "
				      "request: testing value %s failed", path);
	}
	if (strcmp(op, "add") != 0 && strcmp(op, "replace") != 0)
		return err_set(r->err, ERR_INVALID, "error decoding patch: unexpected kind: %.40s", op);
	if (!value)
		return err_set(r->err, ERR_INVALID, "error decoding patch: %s without value", op);
	return put(r, op, path, &p, json_deep_copy(value), op[0] == 'r');
}

int patch_json(const json_t *doc, const json_t *operations, json_t **out, struct err *err)
{
	struct run r = { .err = err };
	size_t i;
	const json_t *operation;
	int rc = 0;
	if (!json_is_array(operations))
		return err_set(err, ERR_INVALID, "error decoding patch: a JSON patch must be an array of operations");
	if (json_array_size(operations) > OPERATIONS_MAX)
		return err_set(err, ERR_TOO_LARGE, "The allowed maximum operations in a JSON patch is %d, got %zu",
			       OPERATIONS_MAX, json_array_size(operations));
	arena_init(&r.arena, 0, 0);
	r.doc = json_deep_copy(doc);
	json_array_foreach(operations, i, operation)
	{
		arena_reset(&r.arena);
		rc = apply(&r, operation);
		if (rc < 0)
			break;
	}
	arena_release(&r.arena);
	if (rc < 0)
		json_decref(r.doc);
	else
		*out = r.doc;
	return rc;
}
