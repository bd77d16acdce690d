/* V2 tensor data: see data.h. */
#include "api/v2/data.h"

#include <float.h>
#include <math.h>

#include "base/check.h"
#include "codec/utf8.h"

enum dtype v2_dtype(struct slice name)
{
	for (int d = DTYPE_NONE + 1; d <= DTYPE_STRING; d++)
		if (slice_is(name, dtype_v2_name((enum dtype)d)))
			return (enum dtype)d;
	return DTYPE_NONE;
}

/* Least and most of an integer type. */
static const struct {
	int64_t least;
	uint64_t most;
} ranges[] = {
    [DTYPE_U8] = {0, UINT8_MAX},          [DTYPE_U16] = {0, UINT16_MAX},        [DTYPE_U32] = {0, UINT32_MAX},
    [DTYPE_U64] = {0, UINT64_MAX},        [DTYPE_I8] = {INT8_MIN, INT8_MAX},    [DTYPE_I16] = {INT16_MIN, INT16_MAX},
    [DTYPE_I32] = {INT32_MIN, INT32_MAX}, [DTYPE_I64] = {INT64_MIN, INT64_MAX},
};

struct filling {
	struct tensor *t;
	struct arena *a;
	int64_t next, count;
	struct err *err;
};

static int misfit(struct filling *f, const char *what)
{
	return err_set(f->err, ERR_INVALID, "input '%.*s': value %lld is %s, which %s cannot hold",
		       SLICE_ARG(slice_sub(f->t->name, 0, 100)), (long long)f->next, what, dtype_v2_name(f->t->dtype));
}

/* A number with no fraction as two's complement, if it is within [-2^63, 2^64). */
static bool whole(enum number_kind kind, const union number *n, uint64_t *bits, bool *negative)
{
	*negative = kind == NUMBER_I64 && n->i < 0;
	if (kind == NUMBER_I64 || kind == NUMBER_U64) {
		*bits = n->u;
		return true;
	}
	if (kind != NUMBER_F64 || n->f != trunc(n->f) || n->f < -0x1p63 || n->f >= 0x1p64)
		return false;
	*negative = n->f < 0;
	*bits = *negative ? (uint64_t)(int64_t)n->f : (uint64_t)n->f;
	return true;
}

static int put_integer(struct filling *f, enum number_kind kind, const union number *n)
{
	enum dtype d = f->t->dtype;
	uint64_t bits;
	bool negative;
	if (!whole(kind, n, &bits, &negative))
		return misfit(f, "no integer");
	if (negative ? (int64_t)bits < ranges[d].least : bits > ranges[d].most)
		return misfit(f, "out of range");
	size_t bytes = dtype_bytes(d);
	memcpy((char *)f->t->data + (size_t)f->next * bytes, &bits,
	       bytes); /* little-endian, as every machine this runs on */
	return 0;
}

static int put_real(struct filling *f, enum number_kind kind, const union number *n)
{
	double v = kind == NUMBER_I64 ? (double)n->i : kind == NUMBER_U64 ? (double)n->u : n->f;
	if (kind == NUMBER_HUGE || (f->t->dtype == DTYPE_F32 && fabs(v) > FLT_MAX && isinf((float)v)))
		return misfit(f, "out of range");
	if (f->t->dtype == DTYPE_F32)
		((float *)f->t->data)[f->next] = (float)v;
	else
		((double *)f->t->data)[f->next] = v;
	return 0;
}

static int put_number(struct filling *f, struct json_pull *j)
{
	union number n;
	enum number_kind kind = pull_number(j, &n);
	if (kind == NUMBER_BAD)
		return -1;
	switch (f->t->dtype) {
	case DTYPE_F32:
	case DTYPE_F64:
		return put_real(f, kind, &n);
	case DTYPE_BOOL:
		if (kind != NUMBER_I64 || (n.i != 0 && n.i != 1))
			return misfit(f, "a number other than 0 and 1");
		((unsigned char *)f->t->data)[f->next] = (unsigned char)n.i;
		return 0;
	case DTYPE_STRING:
		return misfit(f, "a number");
	default:
		return put_integer(f, kind, &n);
	}
}

static int put_value(struct filling *f, struct json_pull *j, enum pull_kind kind)
{
	enum dtype d = f->t->dtype;
	if (f->next == f->count)
		return err_set(f->err, ERR_INVALID, "input '%.*s' has more than the %lld values of its shape",
			       SLICE_ARG(slice_sub(f->t->name, 0, 100)), (long long)f->count);
	switch (kind) {
	case PULL_NUMBER:
		return put_number(f, j);
	case PULL_STRING:
		if (d != DTYPE_STRING)
			return misfit(f, "a text");
		return pull_string(j, f->a, &((struct slice *)f->t->data)[f->next]) ? 0 : -1;
	case PULL_TRUE:
	case PULL_FALSE:
		if (d != DTYPE_BOOL)
			return misfit(f, "a truth value");
		((unsigned char *)f->t->data)[f->next] = kind == PULL_TRUE;
		return pull_literal(j, kind) ? 0 : -1;
	case PULL_NULL: {
		const union number nan = {.f = NAN};
		if (d != DTYPE_F64 && d != DTYPE_F32)
			return misfit(f, "null");
		return pull_literal(j, kind) ? put_real(f, NUMBER_F64, &nan) : -1;
	}
	case PULL_OBJECT:
		return misfit(f, "an object");
	default:
		return -1;
	}
}

/* Row-major order is the order of the text, however deep the lists are; depth is the reader's to limit. */
static int fill(struct filling *f, struct json_pull *j)
{
	if (!pull_array(j))
		return -1;
	while (pull_item(j)) {
		enum pull_kind kind = pull_kind(j);
		if (kind == PULL_ARRAY) {
			if (fill(f, j) < 0)
				return -1;
			continue;
		}
		if (put_value(f, j, kind) < 0)
			return -1;
		f->next++;
	}
	return j->failed ? -1 : 0;
}

int v2_data_from_json(struct json_pull *j, struct tensor *t, struct arena *a, struct err *err)
{
	struct filling f = {.t = t, .a = a, .count = tensor_count(t), .err = err};
	struct slice name = slice_sub(t->name, 0, 100);
	if (t->dtype == DTYPE_F16 || t->dtype == DTYPE_BF16)
		return err_set(err, ERR_INVALID, "input '%.*s': %s cannot be sent as JSON, only as binary data",
			       SLICE_ARG(name), dtype_v2_name(t->dtype));
	/* A value takes two bytes of text, but for the last: no shape makes more memory than text came. */
	if (f.count > (j->end - j->at) / 2 + 1)
		return err_set(err, ERR_INVALID, "input '%.*s' does not have the %lld values of its shape",
			       SLICE_ARG(name), (long long)f.count);
	size_t bytes = (size_t)f.count * dtype_bytes(t->dtype);
	t->data = arena_alloc(a, bytes ? bytes : 1);
	if (!t->data)
		return err_set(err, ERR_NO_MEMORY, "input '%.*s' does not fit the memory of one request",
			       SLICE_ARG(name));
	if (fill(&f, j) < 0)
		return -1;
	if (f.next != f.count)
		return err_set(err, ERR_INVALID, "input '%.*s' has %lld of the %lld values of its shape",
			       SLICE_ARG(name), (long long)f.next, (long long)f.count);
	return 0;
}

static int wrong_size(const struct tensor *t, size_t have, struct err *err)
{
	return err_set(err, ERR_INVALID, "input '%.*s': %zu bytes are not what its shape and datatype need",
		       SLICE_ARG(slice_sub(t->name, 0, 100)), have);
}

static int texts_from_bytes(struct slice bytes, int64_t count, struct tensor *t, struct arena *a, struct err *err)
{
	struct slice rest = bytes, *texts;
	if (count > (int64_t)(bytes.len / 4))
		return wrong_size(t, bytes.len, err);
	texts = arena_array(a, (size_t)count + 1, sizeof *texts);
	if (!texts)
		return err_set(err, ERR_NO_MEMORY, "the input does not fit the memory of one request");
	for (int64_t i = 0; i < count; i++) {
		uint32_t n;
		if (rest.len < sizeof n)
			return wrong_size(t, bytes.len, err);
		memcpy(&n, rest.ptr, sizeof n);
		rest = slice_from(rest, sizeof n);
		if (n > rest.len)
			return wrong_size(t, bytes.len, err);
		texts[i] = slice_of(rest.ptr, n);
		if (!utf8_valid(texts[i]))
			return err_set(err, ERR_INVALID, "input '%.*s': value %lld is not UTF-8",
				       SLICE_ARG(slice_sub(t->name, 0, 100)), (long long)i);
		rest = slice_from(rest, n);
	}
	if (rest.len)
		return wrong_size(t, bytes.len, err);
	t->data = texts;
	return 0;
}

int v2_data_from_bytes(struct slice bytes, struct tensor *t, struct arena *a, struct err *err)
{
	int64_t count = tensor_count(t);
	size_t item = dtype_bytes(t->dtype), want;
	if (t->dtype == DTYPE_STRING)
		return texts_from_bytes(bytes, count, t, a, err);
	if (ckd_mul(&want, (size_t)count, item) || want != bytes.len)
		return wrong_size(t, bytes.len, err);
	if (t->dtype == DTYPE_BOOL)
		for (size_t i = 0; i < bytes.len; i++)
			if ((unsigned char)bytes.ptr[i] > 1)
				return err_set(err, ERR_INVALID, "input '%.*s': byte %zu is no BOOL",
					       SLICE_ARG(slice_sub(t->name, 0, 100)), i);
	if ((uintptr_t)bytes.ptr % item == 0) {
		t->data = (void *)(uintptr_t)bytes.ptr; /* read only, where it lies */
		return 0;
	}
	t->data = arena_alloc(a, want ? want : 1);
	if (!t->data)
		return err_set(err, ERR_NO_MEMORY, "the input does not fit the memory of one request");
	memcpy(t->data, bytes.ptr, want);
	return 0;
}

size_t v2_data_size(const struct tensor *t)
{
	size_t n = (size_t)tensor_count(t), total = 0;
	if (t->dtype != DTYPE_STRING)
		return n * dtype_bytes(t->dtype);
	for (size_t i = 0; i < n; i++)
		total += sizeof(uint32_t) + ((const struct slice *)t->data)[i].len;
	return total;
}

void v2_data_to_bytes(const struct tensor *t, char *out)
{
	size_t n = (size_t)tensor_count(t);
	if (t->dtype != DTYPE_STRING) {
		if (n)
			memcpy(out, t->data, n * dtype_bytes(t->dtype));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct slice s = ((const struct slice *)t->data)[i];
		uint32_t len = (uint32_t)s.len;
		memcpy(out, &len, sizeof len);
		if (len)
			memcpy(out + sizeof len, s.ptr, len);
		out += sizeof len + len;
	}
}
