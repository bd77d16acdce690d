/* Quantities: see quantity.h. Everything is computed in billionths in 128 bits, which the largest value fits. */
#include "cluster/quantity.h"

#include <stdio.h>
#include <string.h>

typedef unsigned __int128 wide;

enum form { FORM_DECIMAL, FORM_BINARY, FORM_EXPONENT };

struct quantity {
	wide nano;
	bool negative;
	enum form form;
};

static const wide nano_max = (wide)INT64_MAX * 1000000000;

/* v * base^n, no more than nano_max. */
static wide grow(wide v, unsigned base, int n)
{
	while (n-- > 0) {
		if (v > nano_max / base)
			return nano_max;
		v *= base;
	}
	return v;
}

/* v / 10^n, rounded up. */
static wide shrink(wide v, int n)
{
	bool rest = false;
	while (n-- > 0 && v) {
		rest |= v % 10 != 0;
		v /= 10;
	}
	return v + rest;
}

static bool suffix(const char *s, enum form *form, int *ten, int *two)
{
	static const struct {
		char text[3];
		int ten, two;
	} known[] = {
		{ "n", -9, 0 }, { "u", -6, 0 }, { "m", -3, 0 }, { "", 0, 0 },	{ "k", 3, 0 },	 { "M", 6, 0 },
		{ "G", 9, 0 },	{ "T", 12, 0 }, { "P", 15, 0 }, { "E", 18, 0 }, { "Ki", 0, 10 }, { "Mi", 0, 20 },
		{ "Gi", 0, 30 }, { "Ti", 0, 40 }, { "Pi", 0, 50 }, { "Ei", 0, 60 },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i].text, s) == 0) {
			*ten = known[i].ten;
			*two = known[i].two;
			*form = *two ? FORM_BINARY : FORM_DECIMAL;
			return true;
		}
	}
	if (*s != 'e' && *s != 'E')
		return false;
	bool minus = *++s == '-';
	int n = 0, digits = 0;
	s += minus || *s == '+';
	for (; *s >= '0' && *s <= '9' && digits < 4; s++, digits++)
		n = n * 10 + (*s - '0');
	if (*s || !digits)
		return false;
	*ten = minus ? -n : n;
	*two = 0;
	*form = FORM_EXPONENT;
	return true;
}

static bool parse(const char *s, struct quantity *q)
{
	wide v = 0;
	int scale = 0, ten, two, digits = 0;
	bool point = false, rest = false;
	q->negative = *s == '-';
	s += *s == '-' || *s == '+';
	for (; (*s >= '0' && *s <= '9') || *s == '.'; s++) {
		if (*s == '.') {
			if (point)
				return false;
			point = true;
			continue;
		}
		digits++;
		if (v > nano_max / 10) { /* digits that no longer count, but for rounding and size */
			rest |= *s != '0';
			scale -= !point;
			continue;
		}
		v = v * 10 + (unsigned)(*s - '0');
		scale += point;
	}
	if (!digits || !suffix(s, &q->form, &ten, &two))
		return false;
	v += rest;
	ten += 9 - scale;
	if (ten > 0) {
		v = grow(v, 10, ten);
		ten = 0;
	}
	v = grow(v, 2, two);
	v = shrink(v, -ten);
	q->nano = v > nano_max ? nano_max : v;
	return true;
}

static void print(wide v, bool negative, const char *suffix_text, char *out)
{
	char digits[48], *p = digits + sizeof digits - 1;
	*p = 0;
	do {
		*--p = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v);
	(void)snprintf(out, QUANTITY_TEXT_BYTES, "%s%s%s", negative ? "-" : "", p, suffix_text);
}

static void print_binary(const struct quantity *q, char *out)
{
	static const char names[][3] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
	wide v = q->nano / 1000000000;
	size_t i = 0;
	while (i + 1 < sizeof names / sizeof *names && v % 1024 == 0) {
		v /= 1024;
		i++;
	}
	print(v, q->negative, names[i], out);
}

static void print_decimal(const struct quantity *q, char *out)
{
	static const char names[][2] = { "n", "u", "m", "", "k", "M", "G", "T", "P", "E" };
	char exponent[8];
	wide v = q->nano;
	size_t i = 0;
	while (i + 1 < sizeof names / sizeof *names && v % 1000 == 0) {
		v /= 1000;
		i++;
	}
	(void)snprintf(exponent, sizeof exponent, "e%d", (int)i * 3 - 9);
	print(v, q->negative, q->form != FORM_EXPONENT ? names[i] : i == 3 ? "" : exponent, out);
}

bool quantity_canonical(const char *text, char out[QUANTITY_TEXT_BYTES])
{
	struct quantity q;
	if (!parse(text, &q))
		return false;
	if (q.nano == 0)
		(void)snprintf(out, QUANTITY_TEXT_BYTES, "0");
	else if (q.form == FORM_BINARY && q.nano >= (wide)1024 * 1000000000 && q.nano % 1000000000 == 0)
		print_binary(&q, out);
	else
		print_decimal(&q, out);
	return true;
}

static bool scaled(const char *text, int digits, int64_t *out)
{
	struct quantity q;
	if (!parse(text, &q))
		return false;
	wide v = shrink(q.nano, digits);
	int64_t n = v > INT64_MAX ? INT64_MAX : (int64_t)v;
	*out = q.negative ? -n : n;
	return true;
}

bool quantity_milli(const char *text, int64_t *out)
{
	return scaled(text, 6, out);
}

bool quantity_units(const char *text, int64_t *out)
{
	return scaled(text, 9, out);
}

int quantity_cmp(const char *a, const char *b)
{
	struct quantity x = { 0 }, y = { 0 };
	(void)(parse(a, &x) || (memset(&x, 0, sizeof x), true));
	(void)(parse(b, &y) || (memset(&y, 0, sizeof y), true));
	if (x.nano == 0)
		x.negative = false;
	if (y.nano == 0)
		y.negative = false;
	if (x.negative != y.negative)
		return x.negative ? -1 : 1;
	int sign = x.nano < y.nano ? -1 : x.nano > y.nano;
	return x.negative ? -sign : sign;
}
