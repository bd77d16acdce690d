/* Constructing Python's own types, and the three constructions of the pickle protocol: see pickle.h and make.h. */
#include "infer/load/make.h"

#include <string.h>

#include "base/check.h"
#include "codec/utf8.h"

struct py *pickle_object(struct pickle *p, const struct py_class *cls, struct py *args, struct py *state)
{
	struct py *v = pickle_value(p, PY_OBJECT);
	if (v) {
		v->object.cls = cls;
		v->object.args = args && args->seq.n ? args : NULL;
		v->object.state = state && state->kind != PY_NONE ? state : NULL;
	}
	return v;
}

static int give(struct py *v, struct py **out)
{
	if (!v)
		return -1;
	*out = v;
	return 0;
}

static int bad_args(struct pickle *p, const struct allowed *what)
{
	return pickle_bad(p, "%s.%s with arguments that it does not have", what->cls.module, what->cls.name);
}

static bool is_seq(const struct py *v)
{
	return v->kind == PY_LIST || v->kind == PY_TUPLE || v->kind == PY_SET;
}

static int make_seq(struct pickle *p, enum py_kind kind, const struct allowed *what, struct py *args, struct py **out)
{
	if (args->seq.n == 0)
		return give(pickle_seq(p, kind, NULL, 0), out);
	const struct py *from = args->seq.items[0];
	if (args->seq.n != 1 || !is_seq(from))
		return bad_args(p, what);
	return give(pickle_seq(p, kind, from->seq.items, from->seq.n), out);
}

MAKER(make_set)
{
	return make_seq(p, PY_SET, what, args, out);
}

MAKER(make_list)
{
	return make_seq(p, PY_LIST, what, args, out);
}

MAKER(make_tuple)
{
	return make_seq(p, PY_TUPLE, what, args, out);
}

/* dict(), dict(a dict), and the one argument that collections' dicts take (defaultdict's factory is never called). */
MAKER(make_dict)
{
	struct py *v = pickle_value(p, PY_DICT);
	if (!v || args->seq.n > 2)
		return v ? bad_args(p, what) : -1;
	for (size_t i = 0; i < args->seq.n; i++) {
		const struct py *from = args->seq.items[i];
		if (from->kind == PY_NONE || (from->kind == PY_GLOBAL && strcmp(what->cls.name, "defaultdict") == 0))
			continue;
		if (from->kind != PY_DICT)
			return bad_args(p, what);
		for (size_t k = 0; k < from->dict.n; k++) {
			struct py *const pair[] = { from->dict.pairs[k].key, from->dict.pairs[k].value };
			if (pickle_put_pairs(p, v, pair, 1) < 0)
				return -1;
		}
	}
	return give(v, out);
}

/* Text whose characters are all below 256, one byte each. */
static int latin1(struct pickle *p, struct slice text, struct py **out)
{
	char *to = pickle_data(p, text.len, 1);
	size_t n = 0;
	if (!to)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];
		if (c >= 0x80) {
			if (c > 0xc3 || i + 1 == text.len)
				return pickle_bad(p, "text that is not Latin-1");
			c = (uint8_t)(c << 6 | (text.ptr[++i] & 0x3f));
		}
		to[n++] = (char)c;
	}
	return give(pickle_text(p, PY_BYTES, slice_of(to, n)), out);
}

MAKER(make_encoded)
{
	if (args->seq.n != 2 || args->seq.items[0]->kind != PY_STR || args->seq.items[1]->kind != PY_STR)
		return bad_args(p, what);
	const struct py *encoding = args->seq.items[1];
	if (!py_is_str(encoding, "latin1") && !py_is_str(encoding, "latin-1") && !py_is_str(encoding, "iso-8859-1"))
		return pickle_refuse(p, "_codecs.encode is only for bytes written as latin1");
	return latin1(p, args->seq.items[0]->bytes, out);
}

MAKER(make_bytes)
{
	size_t n = args->seq.n;
	if (n == 0)
		return give(pickle_text(p, PY_BYTES, slice_of("", 0)), out);
	struct py *from = args->seq.items[0];
	if (n == 1 && from->kind == PY_BYTES)
		return give(pickle_text(p, PY_BYTES, from->bytes), out);
	if (n == 2 && from->kind == PY_STR)
		return make_encoded(p, what, args, out);
	return bad_args(p, what);
}

MAKER(make_reconstructed)
{
	if (args->seq.n != 3 || args->seq.items[0]->kind != PY_GLOBAL || args->seq.items[1]->kind != PY_GLOBAL)
		return bad_args(p, what);
	struct py *cls = args->seq.items[0], *base = args->seq.items[1], *state = args->seq.items[2];
	const struct allowed *row = allowed_of(cls);
	if (py_is(base, "builtins", "object") || py_is(base, "__builtin__", "object"))
		return pickle_new(p, cls, p->empty_tuple, out);
	if (row->kind == ALLOW_DICT && strcmp(base->object.cls->name, "dict") == 0)
		return make_dict(p, row, pickle_seq(p, PY_TUPLE, &state, 1), out);
	return pickle_refuse(p, "%s built on %s", py_describe(cls, p->arena), py_describe(base, p->arena));
}

MAKER(make_newobj)
{
	if (args->seq.n == 0 || args->seq.items[0]->kind != PY_GLOBAL)
		return bad_args(p, what);
	struct py *rest = pickle_seq(p, PY_TUPLE, args->seq.items + 1, args->seq.n - 1);
	return rest ? pickle_new(p, args->seq.items[0], rest, out) : -1;
}

MAKER(make_cython)
{
	if (args->seq.n != 3 || args->seq.items[0]->kind != PY_GLOBAL)
		return bad_args(p, what);
	if (allowed_of(args->seq.items[0])->kind != ALLOW_CLASS)
		return bad_args(p, what);
	return give(pickle_object(p, args->seq.items[0]->object.cls, NULL, args->seq.items[2]), out);
}

MAKER(make_newobj_cython)
{
	if (args->seq.n != 1 || args->seq.items[0]->kind != PY_GLOBAL)
		return bad_args(p, what);
	return pickle_new(p, args->seq.items[0], p->empty_tuple, out);
}

/* --- the protocol's constructions --- */

int pickle_reduce(struct pickle *p, struct py *callable, struct py *args, struct py **out)
{
	if (callable->kind != PY_GLOBAL)
		return pickle_refuse(p, "%s is no name that can be constructed", py_describe(callable, p->arena));
	if (args->kind != PY_TUPLE)
		return pickle_bad(p, "arguments that are not a tuple");
	const struct allowed *row = allowed_of(callable);
	switch (row->kind) {
	case ALLOW_MAKE:
		return row->make(p, row, args, out);
	case ALLOW_DICT:
		return make_dict(p, row, args, out);
	case ALLOW_CLASS:
		return give(pickle_object(p, &row->cls, args, NULL), out);
	case ALLOW_NAME:
		break;
	}
	return pickle_refuse(p, "%s.%s may be mentioned but not called", row->cls.module, row->cls.name);
}

int pickle_new(struct pickle *p, struct py *cls, struct py *args, struct py **out)
{
	if (cls->kind != PY_GLOBAL)
		return pickle_refuse(p, "%s is no class", py_describe(cls, p->arena));
	if (args->kind != PY_TUPLE)
		return pickle_bad(p, "arguments that are not a tuple");
	const struct allowed *row = allowed_of(cls);
	if (row->kind == ALLOW_CLASS)
		return give(pickle_object(p, &row->cls, args, NULL), out);
	if (row->kind == ALLOW_DICT)
		return make_dict(p, row, args, out);
	return pickle_refuse(p, "%s.%s may not have instances", row->cls.module, row->cls.name);
}

/* A dict by another name may have attributes of its own; scikit-learn's Bunch has private ones, which do not count. */
static int build_dict(struct pickle *p, const struct py *state)
{
	if (state->kind == PY_NONE)
		return 0;
	if (state->kind != PY_DICT)
		return pickle_bad(p, "a dict whose attributes are %s", py_describe(state, p->arena));
	for (size_t i = 0; i < state->dict.n; i++) {
		const struct py *k = state->dict.pairs[i].key;
		if (k->kind != PY_STR || !slice_starts(k->bytes, "_"))
			return pickle_lacks(p, "a dict with attributes of its own");
	}
	return 0;
}

int pickle_build(struct pickle *p, struct py *object, struct py *state)
{
	switch (object->kind) {
	case PY_OBJECT:
		if (object->object.state)
			return pickle_bad(p, "%s gets its state twice", py_describe(object, p->arena));
		object->object.state = state->kind == PY_NONE ? NULL : state;
		if (joblib_is_wrapper(object))
			return joblib_read(p, object);
		return 0;
	case PY_ARRAY:
		return build_array(p, object, state);
	case PY_DTYPE:
		return build_dtype(p, object, state);
	case PY_DICT:
		return build_dict(p, state);
	default:
		return pickle_refuse(p, "%s has no state that a file could set", py_describe(object, p->arena));
	}
}
