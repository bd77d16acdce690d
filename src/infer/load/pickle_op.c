/* The opcodes of stack, containers, memo, names and constructions: see pickle.h. Those of numbers and text: pickle_scalar.c. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "infer/load/pickle_op.h"

enum { PROTOCOL_MAX = 5, MEMO_GAP = 1 << 16 };

/* --- marks --- */

OP_PLAIN(op_mark)
{
	if (p->marks.len >= (size_t)limits.pickle_depth)
		return err_set(p->err, ERR_TOO_LARGE, "nesting deeper than %lld (limit pickle_depth)",
			       (long long)limits.pickle_depth);
	*vec_push(&p->marks) = p->stack.len;
	return 0;
}

/* Takes what stands above the last mark, and the mark. The items stay valid until the next push. */
static int pop_mark(struct pickle *p, struct py ***items, size_t *n)
{
	if (p->marks.len == 0)
		return pickle_bad(p, "no mark on the stack");
	size_t at = p->marks.ptr[--p->marks.len];
	*items = p->stack.ptr ? p->stack.ptr + at : NULL;
	*n = p->stack.len - at;
	p->stack.len = at;
	return 0;
}

OP_PLAIN(op_pop)
{
	/* As Python: with nothing above the mark it is the mark that goes. */
	if (p->marks.len && p->marks.ptr[p->marks.len - 1] == p->stack.len) {
		p->marks.len--;
		return 0;
	}
	return pickle_pop(p) ? 0 : -1;
}

OP_PLAIN(op_pop_mark)
{
	struct py **items = NULL;
	size_t n = 0;
	return pop_mark(p, &items, &n);
}

OP_PLAIN(op_dup)
{
	return pickle_push(p, pickle_top(p));
}

OP_PLAIN(op_stop)
{
	p->result = pickle_pop(p);
	if (!p->result)
		return -1;
	if (p->stack.len || p->marks.len)
		return pickle_bad(p, "%zu values are left on the stack", p->stack.len + p->marks.len);
	p->done = true;
	return 0;
}

/* --- containers --- */

OP_PLAIN(op_empty_list)
{
	return pickle_push(p, pickle_value(p, PY_LIST));
}

OP_PLAIN(op_empty_dict)
{
	return pickle_push(p, pickle_value(p, PY_DICT));
}

OP_PLAIN(op_empty_set)
{
	return pickle_push(p, pickle_value(p, PY_SET));
}

OP_PLAIN(op_empty_tuple)
{
	return pickle_push(p, p->empty_tuple);
}

static int marked_seq(struct pickle *p, enum py_kind kind)
{
	struct py **items = NULL;
	size_t n = 0;
	if (pop_mark(p, &items, &n) < 0)
		return -1;
	return pickle_push(p, pickle_seq(p, kind, items, n));
}

OP_PLAIN(op_list)
{
	return marked_seq(p, PY_LIST);
}

OP_PLAIN(op_tuple)
{
	return marked_seq(p, PY_TUPLE);
}

OP_PLAIN(op_frozenset)
{
	return marked_seq(p, PY_SET);
}

static int small_tuple(struct pickle *p, size_t n)
{
	if (p->stack.len < n || (p->marks.len && p->stack.len - n < p->marks.ptr[p->marks.len - 1]))
		return pickle_bad(p, "the stack has fewer than %zu values", n);
	p->stack.len -= n;
	return pickle_push(p, pickle_seq(p, PY_TUPLE, p->stack.ptr + p->stack.len, n));
}

OP_PLAIN(op_tuple1)
{
	return small_tuple(p, 1);
}

OP_PLAIN(op_tuple2)
{
	return small_tuple(p, 2);
}

OP_PLAIN(op_tuple3)
{
	return small_tuple(p, 3);
}

static int extend_top(struct pickle *p, enum py_kind kind, struct py **items, size_t n)
{
	struct py *seq = pickle_top(p);
	if (!seq)
		return -1;
	if (seq->kind != kind)
		return pickle_bad(p, "items for %s", py_describe(seq, p->arena));
	return pickle_extend(p, seq, items, n);
}

OP_PLAIN(op_append)
{
	struct py *v = pickle_pop(p);
	return v ? extend_top(p, PY_LIST, &v, 1) : -1;
}

OP_PLAIN(op_appends)
{
	struct py **items = NULL;
	size_t n = 0;
	return pop_mark(p, &items, &n) < 0 ? -1 : extend_top(p, PY_LIST, items, n);
}

OP_PLAIN(op_additems)
{
	struct py **items = NULL;
	size_t n = 0;
	return pop_mark(p, &items, &n) < 0 ? -1 : extend_top(p, PY_SET, items, n);
}

static int put_pairs(struct pickle *p, struct py *dict, struct py **items, size_t n)
{
	if (!dict)
		return -1;
	if (dict->kind != PY_DICT)
		return pickle_bad(p, "keys for %s", py_describe(dict, p->arena));
	if (n % 2)
		return pickle_bad(p, "a key without a value");
	return pickle_put_pairs(p, dict, items, n / 2);
}

OP_PLAIN(op_dict)
{
	struct py **items = NULL, *dict = pickle_value(p, PY_DICT);
	size_t n = 0;
	if (pop_mark(p, &items, &n) < 0 || put_pairs(p, dict, items, n) < 0)
		return -1;
	return pickle_push(p, dict);
}

OP_PLAIN(op_setitems)
{
	struct py **items = NULL;
	size_t n = 0;
	return pop_mark(p, &items, &n) < 0 ? -1 : put_pairs(p, pickle_top(p), items, n);
}

OP_PLAIN(op_setitem)
{
	struct py *pair[2];
	if (!(pair[1] = pickle_pop(p)) || !(pair[0] = pickle_pop(p)))
		return -1;
	return put_pairs(p, pickle_top(p), pair, 2);
}

/* --- memo --- */

static int memo_put(struct pickle *p, uint64_t index)
{
	struct py *v = pickle_top(p);
	if (!v)
		return -1;
	/* Picklers number entries as they write them; a far jump only asks for memory. */
	if (index > 4 * (uint64_t)p->memo_puts + MEMO_GAP)
		return pickle_bad(p, "memo entry %llu after %zu entries", (unsigned long long)index, p->memo_puts);
	if (index >= (uint64_t)limits.pickle_memo)
		return err_set(p->err, ERR_TOO_LARGE, "more than %lld memo entries (limit pickle_memo)",
			       (long long)limits.pickle_memo);
	if (index >= p->memo_cap) {
		size_t cap = MAX((size_t)index + 1, MAX(p->memo_cap * 2, (size_t)256));
		if (pickle_charge(p, (cap - p->memo_cap) * sizeof *p->memo) < 0)
			return -1;
		struct py **to = realloc(p->memo, cap * sizeof *to);
		if (!to)
			return err_set(p->err, ERR_NO_MEMORY, "no memory for the memo");
		memset(to + p->memo_cap, 0, (cap - p->memo_cap) * sizeof *to);
		p->memo = to;
		p->memo_cap = cap;
	}
	p->memo[index] = v;
	p->memo_puts++;
	return 0;
}

static int memo_get(struct pickle *p, uint64_t index)
{
	if (index >= p->memo_cap || !p->memo[index])
		return pickle_bad(p, "memo entry %llu was never written", (unsigned long long)index);
	return pickle_push(p, p->memo[index]);
}

OP(op_put)
{
	return memo_put(p, (uint64_t)arg->num);
}

OP(op_get)
{
	return memo_get(p, (uint64_t)arg->num);
}

OP_PLAIN(op_memoize)
{
	return memo_put(p, p->memo_puts);
}

OP(op_put_text)
{
	uint64_t index;
	return slice_u64(arg->text, &index) ? memo_put(p, index) : pickle_bad(p, "not a memo entry's number");
}

OP(op_get_text)
{
	uint64_t index;
	return slice_u64(arg->text, &index) ? memo_get(p, index) : pickle_bad(p, "not a memo entry's number");
}

/* --- names and constructions --- */

static int find(struct pickle *p, struct slice module, struct slice name, struct py **out)
{
	const struct allowed *found;
	if (allow_find(p, module, name, &found) < 0)
		return -1;
	struct py *v = pickle_value(p, PY_GLOBAL);
	if (!v)
		return -1;
	v->object.cls = &found->cls;
	*out = v;
	return 0;
}

/* The first of the two lines is in arg; the second is read here. */
static int find_by_lines(struct pickle *p, const struct pickle_operand *arg, struct py **out)
{
	struct slice module = arena_dup(p->arena, arg->text), name;
	if (!module.ptr)
		return err_set(p->err, ERR_TOO_LARGE, "out of memory");
	if (source_line(p->src, 4096, &name, p->err) < 0)
		return -1;
	return find(p, module, name, out);
}

OP(op_global)
{
	struct py *v;
	return find_by_lines(p, arg, &v) < 0 ? -1 : pickle_push(p, v);
}

OP_PLAIN(op_stack_global)
{
	struct py *name = pickle_pop(p), *module = name ? pickle_pop(p) : NULL, *v;
	if (!module)
		return -1;
	if (module->kind != PY_STR || name->kind != PY_STR)
		return pickle_bad(p, "a global whose module or name is not a string");
	return find(p, module->bytes, name->bytes, &v) < 0 ? -1 : pickle_push(p, v);
}

OP_PLAIN(op_reduce)
{
	struct py *args = pickle_pop(p), *callable = args ? pickle_pop(p) : NULL, *v;
	return !callable || pickle_reduce(p, callable, args, &v) < 0 ? -1 : pickle_push(p, v);
}

OP_PLAIN(op_newobj)
{
	struct py *args = pickle_pop(p), *cls = args ? pickle_pop(p) : NULL, *v;
	return !cls || pickle_new(p, cls, args, &v) < 0 ? -1 : pickle_push(p, v);
}

OP_PLAIN(op_newobj_ex)
{
	struct py *kwargs = pickle_pop(p), *args = kwargs ? pickle_pop(p) : NULL, *cls = args ? pickle_pop(p) : NULL, *v;
	if (!cls)
		return -1;
	if (kwargs->kind != PY_DICT || kwargs->dict.n)
		return pickle_refuse(p, "construction of %s with keyword arguments is refused", py_describe(cls, p->arena));
	return pickle_new(p, cls, args, &v) < 0 ? -1 : pickle_push(p, v);
}

OP_PLAIN(op_build)
{
	struct py *state = pickle_pop(p), *object = state ? pickle_top(p) : NULL;
	return object ? pickle_build(p, object, state) : -1;
}

OP(op_inst)
{
	struct py *cls = NULL, **items = NULL, *v = NULL;
	size_t n = 0;
	if (find_by_lines(p, arg, &cls) < 0 || pop_mark(p, &items, &n) < 0)
		return -1;
	struct py *args = pickle_seq(p, PY_TUPLE, items, n);
	return !args || pickle_reduce(p, cls, args, &v) < 0 ? -1 : pickle_push(p, v);
}

OP_PLAIN(op_obj)
{
	struct py **items = NULL, *v = NULL;
	size_t n = 0;
	if (pop_mark(p, &items, &n) < 0)
		return -1;
	if (n == 0)
		return pickle_bad(p, "no class on the stack");
	struct py *cls = items[0], *args = pickle_seq(p, PY_TUPLE, items + 1, n - 1);
	return !args || pickle_reduce(p, cls, args, &v) < 0 ? -1 : pickle_push(p, v);
}

/* --- the file around it --- */

OP(op_proto)
{
	if (p->started)
		return pickle_bad(p, "a protocol version in the middle of a pickle");
	if (arg->num > PROTOCOL_MAX)
		return pickle_lacks(p, "protocol %lld; 0 to %d are known", (long long)arg->num, PROTOCOL_MAX);
	return 0;
}

OP(op_frame)
{
	if (p->frame_end && source_tell(p->src) != p->frame_end)
		return pickle_bad(p, "a frame inside a frame");
	if (arg->num < 0 || (uint64_t)arg->num > source_left(p->src))
		return pickle_bad(p, "a frame that is longer than the file");
	p->frame_end = arg->num ? source_tell(p->src) + (uint64_t)arg->num : 0;
	return 0;
}

OP_PLAIN(op_persistent)
{
	return pickle_refuse(p, "a persistent id refers to something outside of the file, which a model may not do");
}

OP(op_extension)
{
	return pickle_refuse(p, "extension code %lld names a global that only the writer's registry knows",
			     (long long)arg->num);
}

OP_PLAIN(op_buffer)
{
	return pickle_refuse(p, "an out-of-band buffer refers to data outside of the file, which a model may not do");
}

const struct pickle_op pickle_ops[256] = {
#define PICKLE_OP(code, name_, arg_, run_) [code] = { .name = #name_, .arg = ARG_##arg_, .run = run_ },
#include "infer/load/pickle_table.h"
#undef PICKLE_OP
};
