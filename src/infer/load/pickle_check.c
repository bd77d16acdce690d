/*
 * The last look at what a pickle built, before anyone walks it: no value contains itself, nesting is bounded, and so is
 * the number of values when the whole is written out as a tree (a hundred bytes of tuples of tuples, each mentioned
 * twice, are 2^50 values to whoever walks them). Whoever reads values may then use plain recursion.
 *
 * An explicit stack; each container is visited once, its size and depth kept in a side table that `mark` points into.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "infer/load/pickle.h"

struct seen {
	uint64_t size; /* values below and with it, 0 while it is being visited */
	uint32_t depth;
};

struct visit {
	struct py *v;
	size_t next; /* child to look at */
	uint64_t size;
	uint32_t depth;
};

struct check {
	VEC(struct seen) seen;
	VEC(struct visit) stack;
};

/* Child i of v, NULL past the last; *skip for one that is not there. */
static struct py *child(const struct py *v, size_t i, bool *skip)
{
	*skip = false;
	switch (v->kind) {
	case PY_LIST:
	case PY_TUPLE:
	case PY_SET:
		return i < v->seq.n ? v->seq.items[i] : NULL;
	case PY_DICT:
		if (i / 2 >= v->dict.n)
			return NULL;
		return i % 2 ? v->dict.pairs[i / 2].value : v->dict.pairs[i / 2].key;
	case PY_OBJECT:
		if (i >= 2)
			return NULL;
		*skip = !(i ? v->object.state : v->object.args);
		return i ? v->object.state : v->object.args;
	case PY_ARRAY:
		return v->array->items && i < (size_t)v->array->count ? v->array->items[i] : NULL;
	default:
		return NULL;
	}
}

static bool is_leaf(const struct py *v)
{
	bool skip;
	return !child(v, 0, &skip) && !skip;
}

static int enter(struct pickle *p, struct check *c, struct py *v)
{
	if (c->stack.len >= (size_t)limits.pickle_depth)
		return err_set(p->err, ERR_TOO_LARGE, "its values are nested deeper than %lld (limit pickle_depth)",
			       (long long)limits.pickle_depth);
	(void)vec_push(&c->seen);
	v->mark = (uint32_t)c->seen.len;
	*vec_push(&c->stack) = (struct visit){ .v = v, .size = 1 };
	return 0;
}

/* One step at the visit on top of the stack. */
static int advance(struct pickle *p, struct check *c)
{
	struct visit *top = &c->stack.ptr[c->stack.len - 1];
	bool skip;
	struct py *next = child(top->v, top->next, &skip);
	if (!next && !skip) {
		struct seen *s = &c->seen.ptr[top->v->mark - 1];
		s->size = top->size;
		s->depth = top->depth + 1;
		c->stack.len--;
		return 0;
	}
	if (skip || is_leaf(next)) {
		top->next++;
		top->size += !skip;
	} else if (next->mark == 0) {
		return enter(p, c, next);
	} else {
		const struct seen *s = &c->seen.ptr[next->mark - 1];
		if (s->size == 0)
			return pickle_bad(p, "%s contains itself", py_describe(next, p->arena));
		top->next++;
		top->size += s->size;
		top->depth = MAX(top->depth, s->depth);
	}
	if (top->size > (uint64_t)limits.pickle_objects)
		return err_set(p->err, ERR_TOO_LARGE,
			       "written out, its shared values are more than %lld (limit pickle_objects)",
			       (long long)limits.pickle_objects);
	if (top->depth >= limits.pickle_depth)
		return err_set(p->err, ERR_TOO_LARGE, "its values are nested deeper than %lld (limit pickle_depth)",
			       (long long)limits.pickle_depth);
	return 0;
}

int pickle_check(struct pickle *p, struct py *root)
{
	struct check c = { 0 };
	int rc = is_leaf(root) ? 0 : enter(p, &c, root);
	while (rc == 0 && c.stack.len)
		rc = advance(p, &c);
	vec_release(&c.seen);
	vec_release(&c.stack);
	return rc;
}
