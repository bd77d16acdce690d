/* Numbers and text: see number.h. */
#include "codec/number.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { POWER_LEAST = -342, POWER_MOST = 324, POWER_EXACT_MOST = 55, DIGITS_MAX = 19 };

struct power {
	uint64_t high, low;
};

static const struct power powers[POWER_MOST - POWER_LEAST + 1] = {
#include "codec/power_table.h"
};

static const double exact_tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
				    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { EXACT_TENS_MOST = 22 };

/* floor(log2(10^k)), floor(log10(2^e)), floor(log10(3/4 * 2^e)): right for every argument used here. */
static int log2_of_ten_to(int k)
{
	return (k * 1741647) >> 19;
}

static int log10_of_two_to(int e)
{
	return (e * 1262611) >> 22;
}

static int log10_of_three_quarters_two_to(int e)
{
	return (e * 1262611 - 524031) >> 22;
}

static double of_bits(uint64_t bits)
{
	double v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

/* ---- reading ---- */

/* The double nearest to w * 10^q, w not 0. False: undecided. */
static bool nearest(uint64_t w, int q, double *out)
{
	if (q < POWER_LEAST) { /* below half of the least double: w < 2^64 */
		*out = 0;
		return true;
	}
	if (q > 308) {
		*out = INFINITY;
		return true;
	}
	const struct power *g = &powers[q - POWER_LEAST];
	int zeros = __builtin_clzll(w);
	w <<= zeros;
	/* The product has 192 bits, of which x are the upper 128. As g is rounded up by less than one, the exact
	 * product's upper part lies between x - 1 and x + 1. */
	unsigned __int128 low = (unsigned __int128)w * g->low;
	unsigned __int128 x = (unsigned __int128)w * g->high + (uint64_t)(low >> 64);
	bool tail = (uint64_t)low != 0, exact = q >= 0 && q <= POWER_EXACT_MOST;
	int top = (uint64_t)(x >> 127) ? 127 : 126;
	int exponent = top + 64 + log2_of_ten_to(q) - 127 - zeros; /* of the value's first bit */
	int keep = exponent >= -1022 ? 53 : 53 - (-1022 - exponent);
	if (exponent > 1023) {
		*out = INFINITY;
		return true;
	}
	if (keep < 0) {
		*out = 0;
		return true;
	}
	int drop = top + 1 - keep;
	unsigned __int128 half = (unsigned __int128)1 << (drop - 1);
	unsigned __int128 rest = drop < 128 ? x & ((half << 1) - 1) : x;
	uint64_t m = drop < 128 ? (uint64_t)(x >> drop) : 0;
	if (rest == half && !exact)
		return false;
	m += rest > half || (rest == half && (tail || m & 1));
	/* A mantissa that rounded up to the next power of two carries into the exponent, from subnormal to normal too.
	 */
	*out = of_bits(keep == 53 ? ((uint64_t)(exponent + 1022) << 52) + m : m);
	return true;
}

/* By strtod, from digits that are all there: 767 decide any double, and one more says whether anything follows. */
static double slowly(const char *p, const char *end, int64_t exponent)
{
	enum { SIGNIFICANT = 770 };
	char text[SIGNIFICANT + 32];
	size_t n = 0;
	bool more = false, point = false;
	int64_t scale = exponent;
	for (; p < end; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if ((unsigned)(*p - '0') > 9)
			break;
		scale -= point;
		if (!n && *p == '0')
			continue;
		if (n < SIGNIFICANT) {
			text[n++] = *p;
		} else {
			more |= *p != '0';
			scale++;
		}
	}
	if (more) {
		text[n++] = '1';
		scale--;
	}
	if (!n)
		return 0;
	if (scale > 100000 || scale < -100000)
		scale = scale > 0 ? 100000 : -100000;
	text[n++] = 'e';
	n += number_write_i64(text + n, scale);
	text[n] = 0;
	return strtod(text, NULL);
}

/* What stands before the exponent. */
struct digits {
	const char *start, *end;
	uint64_t value; /* of the first DIGITS_MAX significant ones */
	int64_t scale;  /* value * 10^scale, but for what was cut off */
	bool cut, point;
};

static inline bool is_digit(const char *p, const char *end)
{
	return p < end && (unsigned)(*p - '0') <= 9;
}

static const char *read_more_digits(const char *p, const char *end, struct digits *d, int *n)
{
	for (; is_digit(p, end); p++) {
		unsigned digit = (unsigned)(*p - '0');
		if (*n < DIGITS_MAX) {
			d->value = d->value * 10 + digit;
			*n += d->value != 0;
			d->scale -= d->point;
		} else {
			d->cut |= digit != 0;
			d->scale += !d->point;
		}
	}
	return p;
}

/* A whole number of 20 digits, of which the last was cut off, may still fit 64 bits. */
static bool twenty_digits(struct digits *d)
{
	uint64_t v;
	if (__builtin_mul_overflow(d->value, (uint64_t)10, &v) ||
	    __builtin_add_overflow(v, (uint64_t)(d->end[-1] - '0'), &v))
		return false;
	d->value = v;
	return true;
}

static enum number_kind as_double(const struct digits *d, int64_t exponent, bool minus, union number *out)
{
	int64_t q = d->scale + exponent;
	double v = 0, above;
	if (d->value == 0) {
		v = 0;
	} else if (!d->cut && d->value <= (uint64_t)1 << 53 && q >= -EXACT_TENS_MOST && q <= EXACT_TENS_MOST) {
		v = q < 0 ? (double)d->value / exact_tens[-q] : (double)d->value * exact_tens[q];
	} else {
		int bounded = q > 400 ? 400 : q < -400 ? -400 : (int)q;
		if (!nearest(d->value, bounded, &v) ||
		    (d->cut && (!nearest(d->value + 1, bounded, &above) || above != v)))
			v = slowly(d->start, d->end, exponent);
	}
	out->f = minus ? -v : v;
	return isinf(v) ? NUMBER_HUGE : NUMBER_F64;
}

/* Apart, so that its frame costs nothing where read_short is enough. */
__attribute__((noinline)) static enum number_kind read_any(const char *p, const char *end, union number *out, size_t *length)
{
	const char *start = p;
	bool minus = p < end && *p == '-';
	struct digits d = {.start = p += minus};
	int n = 0;
	if (!is_digit(p, end))
		return NUMBER_BAD;
	if (*p == '0' && is_digit(p + 1, end))
		return NUMBER_BAD;
	p = read_more_digits(p, end, &d, &n);
	bool integer = true;
	if (p < end && *p == '.') {
		if (!is_digit(p + 1, end))
			return NUMBER_BAD;
		integer = false;
		d.point = true;
		p = read_more_digits(p + 1, end, &d, &n);
	}
	d.end = p;
	int64_t exponent = 0;
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		bool down = p < end && *p == '-';
		p += p < end && (*p == '-' || *p == '+');
		if (!is_digit(p, end))
			return NUMBER_BAD;
		for (; is_digit(p, end); p++)
			exponent = exponent < 1000000000 ? exponent * 10 + (*p - '0') : exponent;
		exponent = down ? -exponent : exponent;
		integer = false;
	}
	*length = (size_t)(p - start);
	if (integer && (d.scale == 0 || (d.scale == 1 && twenty_digits(&d)))) {
		if (d.value <= (uint64_t)INT64_MAX + minus) {
			out->i = (int64_t)(minus ? -d.value : d.value);
			return NUMBER_I64;
		}
		if (!minus) {
			out->u = d.value;
			return NUMBER_U64;
		}
		d.scale = 0; /* all of it is in the value now */
		d.cut = false;
	}
	return as_double(&d, exponent, minus, out);
}

/* Most numbers: up to 18 digits and no exponent. NUMBER_BAD: something else. */
static enum number_kind read_short(const char *p, const char *end, union number *out, size_t *length)
{
	enum { SHORT_DIGITS = 18 };
	const char *start = p;
	bool minus = *p == '-';
	uint64_t v = 0;
	p += minus;
	const char *first = p, *point = NULL;
	for (; is_digit(p, end); p++) /* what overflows is too long, which is seen below */
		v = v * 10 + (unsigned)(*p - '0');
	if (p == first || (*first == '0' && p - first > 1))
		return NUMBER_BAD;
	ptrdiff_t digits = p - first, fraction = 0;
	if (p < end && *p == '.') {
		point = p++;
		for (; is_digit(p, end); p++)
			v = v * 10 + (unsigned)(*p - '0');
		fraction = p - point - 1;
		digits += fraction;
		if (!fraction)
			return NUMBER_BAD;
	}
	if (digits > SHORT_DIGITS || (p < end && (*p | 0x20) == 'e') || (point && v > (uint64_t)1 << 53))
		return NUMBER_BAD;
	*length = (size_t)(p - start);
	if (!point) {
		out->i = minus ? -(int64_t)v : (int64_t)v;
		return NUMBER_I64;
	}
	double f = (double)v / exact_tens[fraction];
	out->f = minus ? -f : f;
	return NUMBER_F64;
}

enum number_kind number_read(const char *p, const char *end, union number *out, size_t *length)
{
	enum number_kind kind = p < end ? read_short(p, end, out, length) : NUMBER_BAD;
	return kind ? kind : read_any(p, end, out, length);
}

/* ---- writing ---- */

static const char pairs[201] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
			       "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
			       "8081828384858687888990919293949596979899";

static int count_digits(uint64_t v)
{
	int n = 1;
	for (;;) {
		if (v < 10)
			return n;
		if (v < 100)
			return n + 1;
		if (v < 1000)
			return n + 2;
		if (v < 10000)
			return n + 3;
		v /= 10000;
		n += 4;
	}
}

/* Exactly n digits, ending before out + n. */
static void put_digits(char *out, uint64_t v, int n)
{
	while (n >= 2) {
		n -= 2;
		memcpy(out + n, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (n)
		out[0] = (char)('0' + v % 10);
}

size_t number_write_u64(char *out, uint64_t v)
{
	int n = count_digits(v);
	put_digits(out, v, n);
	return (size_t)n;
}

size_t number_write_i64(char *out, int64_t v)
{
	if (v >= 0)
		return number_write_u64(out, (uint64_t)v);
	*out = '-';
	return 1 + number_write_u64(out + 1, -(uint64_t)v);
}

/* The upper 64 bits of g * c / 2^64 (c < 2^63), with the last bit set when anything below was not zero: enough to
 * compare with a multiple of four. g's excess of less than one may leave 1 below, which does not count. */
static uint64_t scale_to_odd(const struct power *g, uint64_t c)
{
	uint64_t carry = (uint64_t)(((unsigned __int128)g->low * c) >> 64);
	unsigned __int128 y = (unsigned __int128)g->high * c + carry;
	return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

struct decimal {
	uint64_t digits;
	int exponent; /* digits * 10^exponent */
};

/* Of c * 2^q: the shortest decimal inside the interval of what rounds to it, and of those the nearest. */
static struct decimal shortest(uint64_t c, int q, bool lower_is_closer)
{
	bool odd = c & 1; /* the interval's ends belong to it for even c: round half to even */
	uint64_t middle = c << 2, above = middle + 2, below = lower_is_closer ? middle - 1 : middle - 2;
	int k = lower_is_closer ? log10_of_three_quarters_two_to(q) : log10_of_two_to(q);
	int h = q + log2_of_ten_to(-k) + 1;
	const struct power *g = &powers[-k - POWER_LEAST];
	uint64_t v = scale_to_odd(g, middle << h);
	uint64_t least = scale_to_odd(g, below << h) + odd, most = scale_to_odd(g, above << h) - odd;
	uint64_t s = v >> 2;
	if (s >= 10) { /* one digit fewer? */
		uint64_t tens = s / 10;
		bool lower_in = least <= 40 * tens, upper_in = 40 * tens + 40 <= most;
		if (lower_in != upper_in)
			return (struct decimal){tens + upper_in, k + 1};
	}
	bool lower_in = least <= 4 * s, upper_in = 4 * s + 4 <= most;
	if (lower_in != upper_in)
		return (struct decimal){s + upper_in, k};
	uint64_t half = 4 * s + 2;
	return (struct decimal){s + (v > half || (v == half && s & 1)), k};
}

/* Python's repr: plain from 1e-4 to below 1e16, at least one digit after the point. */
static size_t put_decimal(char *out, struct decimal d)
{
	char *p = out;
	while (d.digits % 10 == 0) { /* few: s of a short decimal may end in zeros */
		d.digits /= 10;
		d.exponent++;
	}
	int n = count_digits(d.digits), point = n + d.exponent; /* 0.digits * 10^point */
	if (point > 16 || point < -3) {
		put_digits(p + 1, d.digits, n);
		p[0] = p[1];
		p[1] = '.';
		p += n > 1 ? n + 1 : 1;
		*p++ = 'e';
		int e = point - 1;
		*p++ = e < 0 ? '-' : '+';
		e = e < 0 ? -e : e;
		int en = e > 99 ? 3 : 2;
		put_digits(p, (uint64_t)e, en);
		return (size_t)(p + en - out);
	}
	if (point <= 0) {
		memcpy(p, "0.0000", 6);
		put_digits(p + 2 - point, d.digits, n);
		return (size_t)(2 - point + n);
	}
	if (point >= n) {
		put_digits(p, d.digits, n);
		memset(p + n, '0', (size_t)(point - n));
		memcpy(p + point, ".0", 2);
		return (size_t)point + 2;
	}
	put_digits(p + 1, d.digits, n);
	memmove(p, p + 1, (size_t)point);
	p[point] = '.';
	return (size_t)n + 1;
}

size_t number_write_f64(char *out, double v)
{
	uint64_t bits;
	assert(isfinite(v));
	memcpy(&bits, &v, sizeof bits);
	size_t sign = bits >> 63;
	if (sign)
		*out++ = '-';
	bits &= ~((uint64_t)1 << 63);
	uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
	int biased = (int)(bits >> 52);
	if (!bits) {
		memcpy(out, "0.0", 3);
		return sign + 3;
	}
	if (!biased)
		return sign + put_decimal(out, shortest(fraction, -1074, false));
	uint64_t c = fraction | (uint64_t)1 << 52;
	int q = biased - 1075;
	/* Whole numbers below 2^53 need no search. */
	if (q <= 0 && q >= -52 && !(c & (((uint64_t)1 << -q) - 1))) {
		c >>= -q;
		size_t n = number_write_u64(out, c);
		memcpy(out + n, ".0", 2);
		return sign + n + 2;
	}
	return sign + put_decimal(out, shortest(c, q, !fraction && biased > 1));
}
