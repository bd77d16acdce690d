/* Numbers: reading is exact, writing is shortest and in Python's form. strtod and printf("%.17g") are the reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/number.h"

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static double of_bits(uint64_t bits)
{
	double v;
	memcpy(&v, &bits, sizeof v);
	return v;
}

static enum number_kind read_text(const char *text, union number *out, size_t *length)
{
	return number_read(text, text + strlen(text), out, length);
}

static void check_read(const char *text)
{
	union number got;
	size_t length;
	double want = strtod(text, NULL);
	enum number_kind kind = read_text(text, &got, &length);
	if (isinf(want)) {
		assert_int_equal(kind, NUMBER_HUGE);
		return;
	}
	if (kind != NUMBER_F64 || length != strlen(text) || memcmp(&got.f, &want, sizeof want) != 0)
		fail_msg("%s was read as %a (kind %d, %zu bytes), it is %a", text, got.f, kind, length, want);
}

static void check_write(double v)
{
	char ours[NUMBER_CHARS + 1], digits[NUMBER_CHARS] = "", theirs[64];
	size_t n = number_write_f64(ours, v), d = 0;
	ours[n] = 0;
	double back = strtod(ours, NULL);
	if (memcmp(&back, &v, sizeof v) != 0)
		fail_msg("%a was written as %s, which is %a", v, ours, back);
	/* The fewest digits that read back the same, correctly rounded: those of %.*e. */
	int precision = 0;
	do
		(void)snprintf(theirs, sizeof theirs, "%.*e", precision, v);
	while (strtod(theirs, NULL) != v && ++precision < 17);
	for (const char *p = ours; *p && *p != 'e'; p++)
		if (*p >= '0' && *p <= '9' && (d || *p != '0'))
			digits[d++] = *p;
	while (d && digits[d - 1] == '0')
		d--;
	digits[d] = 0;
	char want[64];
	size_t w = 0;
	for (const char *p = theirs; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			want[w++] = *p;
	want[w] = 0;
	/* At a power of two the interval is lopsided, and a shorter text than %e's may lie in it. */
	if (v != 0 && strcmp(digits, want) != 0 && (frexp(fabs(v), &precision) != 0.5 || d >= w))
		fail_msg("%a was written as %s, the shortest is %s", v, ours, theirs);
}

static void random_doubles_are_written_shortest_and_read_back(void **state)
{
	(void)state;
	for (int i = 0; i < 40000; i++) {
		double kinds[] = {of_bits(next()), (double)(next() >> 11) * 0x1p-53,
				  (double)(int64_t)(next() >> 30) / 1000, of_bits(next() & 0x7ff0000000000003u),
				  of_bits(next() >> (11 + next() % 52))};
		for (size_t k = 0; k < 5; k++)
			if (isfinite(kinds[k]))
				check_write(kinds[k]);
	}
}

static void random_texts_are_read_as_the_nearest_double(void **state)
{
	char text[128];
	(void)state;
	for (int i = 0; i < 40000; i++) {
		double v = of_bits(next());
		if (!isfinite(v))
			continue;
		(void)snprintf(text, sizeof text, "%.*e", (int)(1 + next() % 40), v);
		check_read(text);
		(void)snprintf(text, sizeof text, "%llu.%llu", (unsigned long long)(next() >> next() % 64),
			       (unsigned long long)next());
		check_read(text);
		(void)snprintf(text, sizeof text, "%llue%d", (unsigned long long)next(), (int)(next() % 700) - 350);
		check_read(text);
	}
}

static void texts_at_the_edges_are_read_exactly(void **state)
{
	(void)state;
	const char *const texts[] = {
	    "0.1",
	    "0.0",
	    "-0.0",
	    "1e0",
	    "1E+2",
	    "1e-2",
	    "2.2250738585072014e-308",
	    "2.2250738585072011e-308",
	    "4.9406564584124654e-324",
	    "2.4703282292062327e-324",
	    "2.4703282292062328e-324",
	    "1.7976931348623157e308",
	    "1.7976931348623158e308",
	    "1.7976931348623159e308",
	    "1e309",
	    "1e400",
	    "1e-400",
	    "0e999999999999",
	    "9007199254740993e0",
	    "9007199254740992.5",
	    "9007199254740993.00000000000000000000000000000001",
	    "0.500000000000000166533453693773481063544750213623046875",
	    "1e99999999999999999999",
	    "1e-99999999999999999999",
	    "3.518437208883201171875e13",
	    "62.5364939768271845828",
	    "8.10109172351e-10",
	    "1.50000000000000011102230246251565",
	    "123456789012345678901234567890",
	    "100000000000000000000",
	    "18446744073709551616",
	    "-9223372036854775809",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check_read(texts[i]);
	char text[1200];
	for (size_t zeros = 700; zeros < 1100; zeros += 100) { /* a tie that only the last digit breaks */
		int n = snprintf(text, sizeof text, "9007199254740993.");
		memset(text + n, '0', zeros);
		text[(size_t)n + zeros] = 0;
		check_read(text);
		text[(size_t)n + zeros - 1] = '1';
		check_read(text);
	}
}

static void integers_stay_integers_as_long_as_they_fit(void **state)
{
	static const struct {
		const char *text;
		enum number_kind kind;
		int64_t i;
	} rows[] = {
	    {"0", NUMBER_I64, 0},
	    {"-0", NUMBER_I64, 0},
	    {"9223372036854775807", NUMBER_I64, INT64_MAX},
	    {"-9223372036854775808", NUMBER_I64, INT64_MIN},
	    {"9223372036854775808", NUMBER_U64, INT64_MIN},
	    {"18446744073709551615", NUMBER_U64, -1},
	    {"18446744073709551616", NUMBER_F64, 0},
	    {"1.0", NUMBER_F64, 0},
	    {"1e3", NUMBER_F64, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		union number got;
		size_t n;
		assert_int_equal(read_text(rows[i].text, &got, &n), rows[i].kind);
		assert_int_equal(n, strlen(rows[i].text));
		if (rows[i].kind != NUMBER_F64)
			assert_int_equal(got.i, rows[i].i);
	}
}

static void what_is_no_json_number_is_refused(void **state)
{
	static const char *const texts[] = {"",     "-",  "+1",  ".5",  "1.",       "01",  "-01",
					    "1.e5", "1e", "1e+", "NaN", "Infinity", "0x10"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		union number got;
		size_t n = 0;
		enum number_kind kind = read_text(texts[i], &got, &n);
		/* "0x10" begins with a number; who reads on sees that it does not end there */
		assert_true(kind == NUMBER_BAD || n < strlen(texts[i]));
	}
}

static void doubles_are_written_as_python_writes_them(void **state)
{
	static const struct {
		double v;
		const char *text;
	} rows[] = {
	    {0.0, "0.0"},
	    {-0.0, "-0.0"},
	    {1, "1.0"},
	    {-2.5, "-2.5"},
	    {0.1, "0.1"},
	    {1e-4, "0.0001"},
	    {1e-5, "1e-05"},
	    {1.5e-7, "1.5e-07"},
	    {123456789012345680.0, "1.2345678901234568e+17"},
	    {1e15, "1000000000000000.0"},
	    {1e16, "1e+16"},
	    {9007199254740993.0, "9007199254740992.0"},
	    {5e-324, "5e-324"},
	    {1.7976931348623157e308, "1.7976931348623157e+308"},
	    {1e100, "1e+100"},
	    {0.30000000000000004, "0.30000000000000004"},
	    {100000.5, "100000.5"},
	    {1e22, "1e+22"},
	    {2.2250738585072014e-308, "2.2250738585072014e-308"},
	    {12345.678, "12345.678"},
	    {0.001, "0.001"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[NUMBER_CHARS + 1];
		text[number_write_f64(text, rows[i].v)] = 0;
		assert_string_equal(text, rows[i].text);
	}
}

static void integers_are_written_to_the_last_digit(void **state)
{
	char text[NUMBER_CHARS + 1], want[32];
	(void)state;
	for (int shift = 0; shift < 64; shift++) {
		for (int i = 0; i < 100; i++) {
			uint64_t v = next() >> shift;
			text[number_write_u64(text, v)] = 0;
			(void)snprintf(want, sizeof want, "%llu", (unsigned long long)v);
			assert_string_equal(text, want);
			text[number_write_i64(text, (int64_t)v)] = 0;
			(void)snprintf(want, sizeof want, "%lld", (long long)v);
			assert_string_equal(text, want);
		}
	}
	text[number_write_i64(text, INT64_MIN)] = 0;
	assert_string_equal(text, "-9223372036854775808");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_doubles_are_written_shortest_and_read_back),
	    cmocka_unit_test(random_texts_are_read_as_the_nearest_double),
	    cmocka_unit_test(texts_at_the_edges_are_read_exactly),
	    cmocka_unit_test(integers_stay_integers_as_long_as_they_fit),
	    cmocka_unit_test(what_is_no_json_number_is_refused),
	    cmocka_unit_test(doubles_are_written_as_python_writes_them),
	    cmocka_unit_test(integers_are_written_to_the_last_digit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
