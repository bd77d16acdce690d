/*
 * The opcodes of numbers, text and bytes: see pickle.h. The text forms are those of protocol 0, which Python 2 wrote by
 * default.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "codec/utf8.h"
#include "infer/load/pickle_op.h"

enum { DIGITS_MAX = 4300 /* as Python's own limit */, BIGINT_BYTES_MAX = 4096 };

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
