/*
 * The pickle machine: see pickle.h.
 *
 * Why an own one: Python's loads by calling what the file names. This one has no call to make; a name is looked up in a
 * table, and what is not there ends the load. It is also stricter than Python's in what parsers disagree about, so that
 * no scanner sees another file than we do: PROTO only first, frames that neither overlap nor cut an opcode, nothing
 * after STOP, memo entries in about the order they are written.
 *
 * Limits: nesting of marks and of values, objects, bytes of structure in proportion to the file (a byte of pickle makes
 * at most some 50 bytes of structure, so more is a bomb), memo entries, CPU time.
 *
 * Follows the opcodes of Python's Lib/pickletools.py and PEP 3154 and 574.
 */
#include "infer/load/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"

enum { LINE_BYTES = 16 << 10, OPS_BETWEEN_CLOCKS = 1 << 16, DATA_GRACE_BYTES = 16 << 20, DATA_RATIO = 6 };

/* --- memory --- */

int pickle_charge(struct pickle *p, uint64_t bytes)
{
	p->charged += bytes;
	if (p->charged <= p->charge_max)
		return 0;
	return err_set(p->err, ERR_TOO_LARGE,
		       "its values need more than %llu MiB of structure, which no model file of this size does",
		       (unsigned long long)(p->charge_max >> 20));
}

static int arena_full(struct pickle *p)
{
	return err_set(p->err, ERR_TOO_LARGE, "its values need more than the %zu MiB that a load may use",
		       p->arena->bytes_max >> 20);
}

static void *plain_alloc(struct pickle *p, size_t n, size_t bytes)
{
	void *at = arena_array(p->arena, MAX(n, (size_t)1), bytes);
	if (!at)
		(void)arena_full(p);
	return at;
}

void *pickle_data(struct pickle *p, size_t n, size_t bytes)
{
	uint64_t total;
	/* What is derived from the file's bytes (decoded text, swapped arrays) is a small multiple of them, unless the file
	 * derives the same bytes again and again. */
	if (ckd_mul(&total, n, bytes) || total > DATA_GRACE_BYTES + DATA_RATIO * source_tell(p->src) - p->derived) {
		(void)err_set(p->err, ERR_TOO_LARGE, "it copies the same bytes more often than any model file does");
		return NULL;
	}
	p->derived += total;
	return plain_alloc(p, n, bytes);
}

void *pickle_alloc(struct pickle *p, size_t n, size_t bytes)
{
	size_t total;
	if (ckd_mul(&total, MAX(n, (size_t)1), bytes)) {
		(void)arena_full(p);
		return NULL;
	}
	return pickle_charge(p, total) < 0 ? NULL : plain_alloc(p, n, bytes);
}

struct py *pickle_value(struct pickle *p, enum py_kind kind)
{
	if (++p->objects > (uint64_t)limits.pickle_objects) {
		(void)err_set(p->err, ERR_TOO_LARGE, "more than %lld objects (limit pickle_objects)",
			      (long long)limits.pickle_objects);
		return NULL;
	}
	struct py *v = pickle_alloc(p, 1, sizeof *v);
	if (v) {
		memset(v, 0, sizeof *v);
		v->kind = kind;
	}
	return v;
}

struct py *pickle_int(struct pickle *p, int64_t n)
{
	bool small = n >= 0 && n < SMALL_INTS;
	if (small && p->ints[n])
		return p->ints[n];
	struct py *v = pickle_value(p, PY_INT);
	if (v)
		v->num = n;
	if (small)
		p->ints[n] = v;
	return v;
}

struct py *pickle_text(struct pickle *p, enum py_kind kind, struct slice bytes)
{
	struct py *v = pickle_value(p, kind);
	if (v)
		v->bytes = bytes;
	return v;
}

struct py *pickle_seq(struct pickle *p, enum py_kind kind, struct py *const *items, size_t n)
{
	if (kind == PY_TUPLE && n == 0)
		return p->empty_tuple;
	struct py *v = pickle_value(p, kind);
	if (!v || n == 0)
		return v;
	if (kind != PY_TUPLE)
		return pickle_extend(p, v, items, n) < 0 ? NULL : v;
	v->seq.items = pickle_alloc(p, n, sizeof *items);
	if (!v->seq.items)
		return NULL;
	memcpy(v->seq.items, items, n * sizeof *items);
	v->seq.n = n;
	return v;
}

/* Room that a growing sequence of n items has: a function of n, so that no value has to carry it. */
static size_t room_of(size_t n)
{
	return n <= 4 ? n : (size_t)1 << (64 - __builtin_clzll((unsigned long long)n - 1));
}

/* `at` with room for n items (which hold `used`), moved when it has not. */
static void *room(struct pickle *p, void *at, size_t used, size_t n, size_t bytes)
{
	if (used && n <= room_of(used))
		return at;
	void *to = pickle_alloc(p, room_of(n), bytes);
	if (to && used)
		memcpy(to, at, used * bytes);
	return to;
}

int pickle_extend(struct pickle *p, struct py *seq, struct py *const *items, size_t n)
{
	if (n == 0)
		return 0;
	struct py **to = room(p, seq->seq.items, seq->seq.n, seq->seq.n + n, sizeof *to);
	if (!to)
		return -1;
	memcpy(to + seq->seq.n, items, n * sizeof *items);
	seq->seq.items = to;
	seq->seq.n += n;
	return 0;
}

int pickle_put_pairs(struct pickle *p, struct py *dict, struct py *const *items, size_t n)
{
	if (n == 0)
		return 0;
	struct py_pair *to = room(p, dict->dict.pairs, dict->dict.n, dict->dict.n + n, sizeof *to);
	if (!to)
		return -1;
	for (size_t i = 0; i < n; i++) {
		enum py_kind k = items[2 * i]->kind;
		if (k == PY_LIST || k == PY_DICT || k == PY_SET || k == PY_ARRAY)
			return pickle_bad(p, "a %s cannot be the key of a dict", py_describe(items[2 * i], p->arena));
		to[dict->dict.n + i] = (struct py_pair){ .key = items[2 * i], .value = items[2 * i + 1] };
	}
	dict->dict.pairs = to;
	dict->dict.n += n;
	return 0;
}

/* --- stack --- */

int pickle_push(struct pickle *p, struct py *v)
{
	if (!v)
		return -1;
	if (p->stack.len == p->stack.cap && pickle_charge(p, (p->stack.cap + 16) * sizeof v) < 0)
		return -1;
	*vec_push(&p->stack) = v;
	return 0;
}

static size_t floor_of(const struct pickle *p)
{
	return p->marks.len ? p->marks.ptr[p->marks.len - 1] : 0;
}

struct py *pickle_top(struct pickle *p)
{
	if (p->stack.len <= floor_of(p)) {
		(void)pickle_bad(p, "the stack is empty");
		return NULL;
	}
	return p->stack.ptr[p->stack.len - 1];
}

struct py *pickle_pop(struct pickle *p)
{
	struct py *v = pickle_top(p);
	if (v)
		p->stack.len--;
	return v;
}

/* --- the loop --- */

static int frame_check(struct pickle *p)
{
	if (p->frame_end && source_tell(p->src) > p->frame_end)
		return pickle_bad(p, "its data crosses the end of a frame");
	return 0;
}

static uint64_t little_endian(const char *at, size_t n)
{
	uint64_t v = 0;
	for (size_t i = n; i-- > 0;)
		v = v << 8 | (uint8_t)at[i];
	return v;
}

static int read_number(struct pickle *p, enum pickle_arg kind, int64_t *out)
{
	static const uint8_t width[] = { [ARG_U1] = 1,	  [ARG_U2] = 2,	   [ARG_I4] = 4,    [ARG_U4] = 4,    [ARG_U8] = 8,
					 [ARG_F8] = 8,	  [ARG_TEXT1] = 1, [ARG_TEXT4] = 4, [ARG_TEXT8] = 8, [ARG_TEXT4S] = 4 };
	const char *at;
	if (source_take(p->src, width[kind], &at, p->err) < 0)
		return -1;
	uint64_t v = little_endian(at, width[kind]);
	*out = kind == ARG_I4 || kind == ARG_TEXT4S ? (int64_t)(int32_t)v : (int64_t)v;
	return 0;
}

static int read_operand(struct pickle *p, enum pickle_arg kind, struct pickle_operand *arg)
{
	switch (kind) {
	case ARG_NONE:
		return 0;
	case ARG_LINE:
	case ARG_LONG_LINE:
		return source_line(p->src, kind == ARG_LINE ? LINE_BYTES : SIZE_MAX, &arg->text, p->err);
	case ARG_F8: {
		int64_t n;
		if (read_number(p, kind, &n) < 0)
			return -1;
		uint64_t bits = __builtin_bswap64((uint64_t)n);
		memcpy(&arg->real, &bits, sizeof bits);
		return 0;
	}
	case ARG_TEXT1:
	case ARG_TEXT4:
	case ARG_TEXT4S:
	case ARG_TEXT8:
		if (read_number(p, kind, &arg->num) < 0)
			return -1;
		if (arg->num < 0)
			return pickle_bad(p, "a length below zero or above 2^63");
		return source_keep(p->src, (uint64_t)arg->num, 1, p->arena, &arg->text, p->err);
	default:
		return read_number(p, kind, &arg->num);
	}
}

static int step(struct pickle *p)
{
	const char *at;
	p->op_at = source_tell(p->src);
	if (p->op_at == p->frame_end)
		p->frame_end = 0;
	if (source_take(p->src, 1, &at, p->err) < 0)
		return -1;
	uint8_t code = (uint8_t)*at;
	const struct pickle_op *op = &pickle_ops[code];
	if (!op->name)
		return pickle_bad(p, "byte 0x%02x at %llu is no pickle opcode", code, (unsigned long long)p->op_at);
	struct pickle_operand arg = { 0 };
	if (read_operand(p, op->arg, &arg) < 0 || frame_check(p) < 0 || op->run(p, &arg) < 0 || frame_check(p) < 0)
		return err_wrap(p->err, "%s at byte %llu", op->name, (unsigned long long)p->op_at);
	p->started = true;
	return 0;
}

static int check_time(struct pickle *p)
{
	struct timespec ts;
	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) < 0)
		return 0;
	int64_t ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (p->cpu_start_ms == 0)
		p->cpu_start_ms = ms + 1;
	if (ms - p->cpu_start_ms < limits.load_ms)
		return 0;
	return err_set(p->err, ERR_DEADLINE, "reading it took more than %lld ms of CPU time (limit load_ms)",
		       (long long)limits.load_ms);
}

int pickle_run(struct pickle *p)
{
	p->none = pickle_value(p, PY_NONE);
	p->yes = pickle_value(p, PY_BOOL);
	p->no = pickle_value(p, PY_BOOL);
	p->empty_tuple = pickle_value(p, PY_TUPLE);
	if (!p->none || !p->yes || !p->no || !p->empty_tuple)
		return -1;
	p->yes->num = 1;
	for (uint64_t n = 0; !p->done; n++)
		if ((n % OPS_BETWEEN_CLOCKS == 0 && check_time(p) < 0) || step(p) < 0)
			return -1;
	return 0;
}

void pickle_release(struct pickle *p)
{
	vec_release(&p->stack);
	vec_release(&p->marks);
	free(p->memo);
	p->memo = NULL;
}
