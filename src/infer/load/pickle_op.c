/*
 * What each opcode does: see pickle.h. The text forms are those of protocol 0 (Python 2 wrote them by default).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "codec/utf8.h"
#include "infer/load/pickle.h"

enum { PROTOCOL_MAX = 5, DIGITS_MAX = 4300, BIGINT_BYTES_MAX = 4096, MEMO_GAP = 1 << 16 };

#define OP(name) static int name(struct pickle *p, const struct pickle_operand *arg)
#define OP_PLAIN(name) static int name(struct pickle *p, __attribute__((unused)) const struct pickle_operand *arg)

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

/* --- numbers --- */

OP_PLAIN(op_none)
{
	return pickle_push(p, p->none);
}

OP_PLAIN(op_true)
{
	return pickle_push(p, p->yes);
}

OP_PLAIN(op_false)
{
	return pickle_push(p, p->no);
}

OP(op_int)
{
	return pickle_push(p, pickle_int(p, arg->num));
}

OP(op_float)
{
	struct py *v = pickle_value(p, PY_FLOAT);
	if (v)
		v->real = arg->real;
	return pickle_push(p, v);
}

OP(op_float_text)
{
	char text[64], *end;
	struct slice s = slice_trim(arg->text);
	/* strtod also reads hexadecimal, which Python's float does not. */
	if (s.len == 0 || s.len >= sizeof text || slice_find(s, 'x') >= 0 || slice_find(s, 'X') >= 0)
		return pickle_bad(p, "not a number");
	memcpy(text, s.ptr, s.len);
	text[s.len] = 0;
	double x = strtod(text, &end);
	if (end != text + s.len)
		return pickle_bad(p, "not a number");
	return op_float(p, &(struct pickle_operand){ .real = x });
}

static int push_bigint(struct pickle *p, const uint8_t *little_endian, size_t n)
{
	char *to = pickle_alloc(p, n, 1);
	if (!to)
		return -1;
	memcpy(to, little_endian, n);
	return pickle_push(p, pickle_text(p, PY_BIGINT, slice_of(to, n)));
}

OP(op_long)
{
	size_t n = arg->text.len;
	const uint8_t *at = (const uint8_t *)arg->text.ptr;
	if (n > BIGINT_BYTES_MAX)
		return err_set(p->err, ERR_TOO_LARGE, "an integer of %zu bytes, of at most %d", n, BIGINT_BYTES_MAX);
	/* Bytes that only repeat the sign say nothing. */
	while (n > 1 && ((at[n - 1] == 0 && at[n - 2] < 0x80) || (at[n - 1] == 0xff && at[n - 2] >= 0x80)))
		n--;
	if (n > 8)
		return push_bigint(p, at, n);
	uint64_t v = n && at[n - 1] >= 0x80 ? UINT64_MAX : 0;
	for (size_t i = n; i-- > 0;)
		v = v << 8 | at[i];
	return pickle_push(p, pickle_int(p, (int64_t)v));
}

/* Decimal digits beyond int64, as little-endian two's complement. */
static int decimal_bigint(struct pickle *p, struct slice digits, bool negative)
{
	uint8_t out[DIGITS_MAX / 2 + 2] = { 0 };
	size_t n = 1;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return pickle_bad(p, "not an integer");
		unsigned carry = (unsigned)(digits.ptr[i] - '0');
		for (size_t k = 0; k < n; k++) {
			carry += out[k] * 10u;
			out[k] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry)
			out[n++] = (uint8_t)carry;
	}
	if (out[n - 1] >= 0x80)
		n++;
	unsigned carry = 1;
	for (size_t k = 0; negative && k < n; k++) {
		carry += (uint8_t)~out[k];
		out[k] = (uint8_t)carry;
		carry >>= 8;
	}
	return push_bigint(p, out, n);
}

static int push_decimal(struct pickle *p, struct slice s)
{
	int64_t n;
	s = slice_trim(s);
	if (s.len && s.ptr[s.len - 1] == 'L')
		s.len--;
	if (slice_i64(s, &n))
		return pickle_push(p, pickle_int(p, n));
	bool negative = slice_starts(s, "-");
	if (negative)
		s = slice_from(s, 1);
	if (s.len == 0)
		return pickle_bad(p, "not an integer");
	if (s.len > DIGITS_MAX)
		return err_set(p->err, ERR_TOO_LARGE, "an integer of %zu digits, of at most %d", s.len, DIGITS_MAX);
	return decimal_bigint(p, s, negative);
}

OP(op_int_text)
{
	if (slice_is(arg->text, "01"))
		return pickle_push(p, p->yes);
	if (slice_is(arg->text, "00"))
		return pickle_push(p, p->no);
	return push_decimal(p, arg->text);
}

OP(op_long_text)
{
	return push_decimal(p, arg->text);
}

/* --- text and bytes --- */

static int push_text(struct pickle *p, struct slice text)
{
	if (!utf8_valid(text))
		return pickle_bad(p, "a string that is not UTF-8");
	return pickle_push(p, pickle_text(p, PY_STR, text));
}

OP(op_unicode)
{
	return push_text(p, arg->text);
}

OP(op_bytes)
{
	return pickle_push(p, pickle_text(p, PY_BYTES, arg->text));
}

static bool all_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((uint8_t)s.ptr[i] >= 0x80)
			return false;
	return true;
}

/* Python 2's str is text or bytes: text when it is ASCII. */
OP(op_string)
{
	return pickle_push(p, pickle_text(p, all_ascii(arg->text) ? PY_STR : PY_BYTES, arg->text));
}

static int hex_digits(struct slice s, size_t at, size_t n, uint32_t *out)
{
	uint32_t v = 0;
	if (at > s.len || n > s.len - at)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char c = s.ptr[at + i];
		uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0') :
			     c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) :
			     c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) :
						    16;
		if (d > 15)
			return -1;
		v = v << 4 | d;
	}
	*out = v;
	return 0;
}

/* The escapes of repr(str) in Python 2. */
static int unescape(struct slice s, char *to, size_t *len)
{
	static const char from[] = "\\'\"abfnrtv", plain[] = "\\'\"\a\b\f\n\r\t\v";
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '\\') {
			to[n++] = s.ptr[i];
			continue;
		}
		if (++i == s.len)
			return -1;
		const char *known = memchr(from, s.ptr[i], sizeof from - 1);
		uint32_t v;
		if (known) {
			to[n++] = plain[known - from];
		} else if (s.ptr[i] == 'x' && hex_digits(s, i + 1, 2, &v) == 0) {
			to[n++] = (char)v;
			i += 2;
		} else if (s.ptr[i] >= '0' && s.ptr[i] <= '7') {
			v = 0;
			for (size_t k = 0; k < 3 && i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '7'; k++)
				v = v * 8 + (uint32_t)(s.ptr[i++] - '0');
			to[n++] = (char)v;
			i--;
		} else {
			return -1;
		}
	}
	*len = n;
	return 0;
}

OP(op_string_text)
{
	struct slice s = arg->text;
	if (s.len < 2 || (s.ptr[0] != '\'' && s.ptr[0] != '"') || s.ptr[s.len - 1] != s.ptr[0])
		return pickle_bad(p, "a string without its quotes");
	s = slice_sub(s, 1, s.len - 2);
	char *to = pickle_data(p, s.len, 1);
	size_t n;
	if (!to)
		return -1;
	if (unescape(s, to, &n) < 0)
		return pickle_bad(p, "a string with a broken escape");
	return op_string(p, &(struct pickle_operand){ .text = slice_of(to, n) });
}

/* Latin-1 with \uXXXX and \UXXXXXXXX: Python's raw-unicode-escape. */
OP(op_unicode_text)
{
	struct slice s = arg->text;
	size_t room, n = 0;
	if (ckd_mul(&room, s.len, (size_t)2))
		return pickle_bad(p, "a string that is too long");
	char *to = pickle_data(p, room, 1);
	if (!to)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		uint32_t c = (uint8_t)s.ptr[i];
		if (c == '\\' && i + 1 < s.len && (s.ptr[i + 1] == 'u' || s.ptr[i + 1] == 'U')) {
			size_t digits = s.ptr[i + 1] == 'u' ? 4 : 8;
			if (hex_digits(s, i + 2, digits, &c) < 0)
				return pickle_bad(p, "a string with a broken escape");
			i += 1 + digits;
		}
		size_t k = utf8_put(to + n, c);
		if (k == 0)
			return pickle_bad(p, "a string with a character that Unicode does not have");
		n += k;
	}
	return pickle_push(p, pickle_text(p, PY_STR, slice_of(to, n)));
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
