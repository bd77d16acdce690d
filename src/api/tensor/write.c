/* Tensors as JSON: see write.h. */
#include "api/tensor/write.h"

#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "codec/number.h"
#include "codec/utf8.h"

enum { FIRST_BYTES = 512 };

void json_text_init(struct json_text *t, struct arena *a)
{
	*t = (struct json_text){.a = a};
}

static char *make_room(struct json_text *t, size_t n)
{
	size_t want, cap = t->cap ? t->cap * 2 : FIRST_BYTES;
	if (t->failed || ckd_add(&want, t->len, n))
		return NULL;
	cap = MAX(cap, want);
	char *p = arena_alloc(t->a, cap);
	if (!p) {
		t->failed = true;
		return NULL;
	}
	if (t->len)
		memcpy(p, t->ptr, t->len);
	t->ptr = p;
	t->cap = cap;
	return p + t->len;
}

char *json_text_room(struct json_text *t, size_t n)
{
	return n <= t->cap - t->len && t->ptr ? t->ptr + t->len : make_room(t, n);
}

void json_text_add(struct json_text *t, struct slice s)
{
	char *p = json_text_room(t, s.len);
	if (!p || !s.len)
		return;
	memcpy(p, s.ptr, s.len);
	t->len += s.len;
}

struct slice json_text_view(const struct json_text *t)
{
	return slice_of(t->ptr, t->len);
}

void json_text_i64(struct json_text *t, int64_t v)
{
	char *p = json_text_room(t, NUMBER_CHARS);
	if (p)
		t->len += number_write_i64(p, v);
}

void json_text_f64(struct json_text *t, double v)
{
	char *p = json_text_room(t, NUMBER_CHARS);
	if (!p)
		return;
	if (isfinite(v)) {
		t->len += number_write_f64(p, v);
		return;
	}
	memcpy(p, "null", 4);
	t->len += 4;
}

/* ---- text ---- */

static char *put_escape(char *p, unsigned char c)
{
	static const char hex[] = "0123456789abcdef", short_for[] = "\b\f\n\r\t\"\\", short_as[] = "bfnrt\"\\";
	const char *known = c ? strchr(short_for, c) : NULL;
	*p++ = '\\';
	if (known) {
		*p++ = short_as[known - short_for];
		return p;
	}
	memcpy(p, "u00", 3);
	p[3] = hex[c >> 4];
	p[4] = hex[c & 15];
	return p + 5;
}

void json_text_string(struct json_text *t, struct slice s)
{
	size_t bound;
	char *start =
	    ckd_mul(&bound, s.len, (size_t)6) || ckd_add(&bound, bound, (size_t)2) ? NULL : json_text_room(t, bound);
	if (!start)
		return;
	char *p = start;
	*p++ = '"';
	while (s.len) {
		unsigned char c = (unsigned char)*s.ptr;
		if (c < 0x20 || c == '"' || c == '\\') {
			p = put_escape(p, c);
			s = slice_from(s, 1);
			continue;
		}
		size_t n = utf8_length(s.ptr, s.ptr + s.len);
		memcpy(p, n ? s.ptr : "\xef\xbf\xbd", n ? n : 3);
		p += n ? n : 3;
		s = slice_from(s, n ? n : 1);
	}
	*p++ = '"';
	t->len += (size_t)(p - start);
}

/* ---- tensors ---- */

struct writer {
	const struct tensor *tensor;
	const char *what;
	bool flat;
	struct json_text *out;
	struct err *err;
	int64_t next; /* item */
};

static double half_of(uint16_t h)
{
	int exponent = h >> 10 & 31;
	double fraction = h & 1023, v;
	if (exponent == 31)
		v = fraction != 0 ? NAN : INFINITY;
	else
		v = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
	return h >> 15 ? -v : v;
}

static double bf16_of(uint16_t h)
{
	uint32_t bits = (uint32_t)h << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

static int infinite(const struct writer *w)
{
	return err_set(w->err, ERR_INVALID,
		       "%s: value %lld is infinite, which JSON cannot say: ask for binary tensors (V2 with "
		       "binary_data)",
		       w->what, (long long)w->next);
}

static int put_real(struct writer *w, double v)
{
	if (isinf(v))
		return infinite(w);
	json_text_f64(w->out, v);
	return 0;
}

static int put_item(struct writer *w)
{
	const void *d = w->tensor->data;
	int64_t i = w->next;
	switch (w->tensor->dtype) {
	case DTYPE_BOOL:
		json_text_add(w->out, ((const unsigned char *)d)[i] ? SLICE_LIT("true") : SLICE_LIT("false"));
		return 0;
	case DTYPE_U8:
		json_text_i64(w->out, ((const uint8_t *)d)[i]);
		return 0;
	case DTYPE_U16:
		json_text_i64(w->out, ((const uint16_t *)d)[i]);
		return 0;
	case DTYPE_U32:
		json_text_i64(w->out, ((const uint32_t *)d)[i]);
		return 0;
	case DTYPE_U64: {
		char *p = json_text_room(w->out, NUMBER_CHARS);
		if (p)
			w->out->len += number_write_u64(p, ((const uint64_t *)d)[i]);
		return 0;
	}
	case DTYPE_I8:
		json_text_i64(w->out, ((const int8_t *)d)[i]);
		return 0;
	case DTYPE_I16:
		json_text_i64(w->out, ((const int16_t *)d)[i]);
		return 0;
	case DTYPE_I32:
		json_text_i64(w->out, ((const int32_t *)d)[i]);
		return 0;
	case DTYPE_I64:
		json_text_i64(w->out, ((const int64_t *)d)[i]);
		return 0;
	case DTYPE_F16:
		return put_real(w, half_of(((const uint16_t *)d)[i]));
	case DTYPE_BF16:
		return put_real(w, bf16_of(((const uint16_t *)d)[i]));
	case DTYPE_F32:
		return put_real(w, (double)((const float *)d)[i]);
	case DTYPE_F64:
		return put_real(w, ((const double *)d)[i]);
	case DTYPE_STRING:
		json_text_string(w->out, ((const struct slice *)d)[i]);
		return 0;
	case DTYPE_NONE:
		break;
	}
	return err_set(w->err, ERR_INTERNAL, "%s has no type", w->what);
}

static void put_char(struct json_text *t, char c)
{
	char *p = json_text_room(t, 1);
	if (p) {
		*p = c;
		t->len++;
	}
}

static int put_list(struct writer *w, int depth)
{
	const struct tensor *t = w->tensor;
	int64_t n = w->flat ? tensor_count(t) : t->shape[depth];
	bool last = w->flat || depth + 1 == t->rank;
	put_char(w->out, '[');
	for (int64_t i = 0; i < n; i++) {
		if (i)
			put_char(w->out, ',');
		if (!last) {
			if (put_list(w, depth + 1) < 0)
				return -1;
			continue;
		}
		if (put_item(w) < 0)
			return -1;
		w->next++;
	}
	put_char(w->out, ']');
	return w->out->failed ? err_set(w->err, ERR_NO_MEMORY, "the answer does not fit the memory of one request") : 0;
}

int tensor_json_write(const struct tensor *tensor, const char *what, bool flat, struct json_text *out, struct err *err)
{
	struct writer w = {.tensor = tensor, .what = what, .flat = flat, .out = out, .err = err};
	if (!flat && !tensor->rank) {
		if (put_item(&w) < 0)
			return -1;
		return out->failed ? err_set(err, ERR_NO_MEMORY, "the answer does not fit the memory of one request")
				   : 0;
	}
	return put_list(&w, 0);
}
