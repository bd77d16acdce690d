/* Time stamps against known dates, and every day of four centuries there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/time.h"

static void test_forms(void **state)
{
	(void)state;
	char out[TIME_TEXT_BYTES];
	int64_t ns, other;
	assert_true(time_parse_http(slice_str("Sun, 06 Nov 1994 08:49:37 GMT"), &ns));
	assert_int_equal(ns, 784111777000000000);
	assert_true(time_parse_http(slice_str("Sunday, 06-Nov-94 08:49:37 GMT"), &other) && other == ns);
	assert_true(time_parse_http(slice_str("Sun Nov  6 08:49:37 1994"), &other) && other == ns);
	assert_true(time_parse_rfc3339(slice_str("1994-11-06T09:49:37.000+01:00"), &other) && other == ns);
	assert_true(time_parse_basic(slice_str("19941106T084937Z"), &other) && other == ns);
	time_format_http(ns, out, sizeof out);
	assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
	time_format_rfc3339(ns, out, sizeof out);
	assert_string_equal(out, "1994-11-06T08:49:37Z");
	time_format_fraction(ns + 123456789, 3, out, sizeof out);
	assert_string_equal(out, "1994-11-06T08:49:37.123Z");
	time_format_basic(-1, out, sizeof out);
	assert_string_equal(out, "19691231T235959Z");
	assert_true(time_parse_rfc3339(slice_str("2024-02-29T00:00:00.123456789Z"), &ns) && ns % 1000000000 == 123456789);
}

static void test_refusals(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z",
					   "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zx", "24-1-1T0:0:0Z",
					   "2262-04-11T23:47:16-23:59", "1677-09-21T00:12:44+23:59" };
	int64_t ns = 7;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(time_parse_rfc3339(slice_str(bad[i]), &ns));
	assert_false(time_parse_http(slice_str("Sun, 6 Nov 1994 08:49:37 GMT"), &ns));
	assert_int_equal(ns, 7);
}

static void test_every_day(void **state)
{
	(void)state;
	int64_t day_ns = 86400LL * 1000000000, back;
	for (int64_t day = -80000; day < 90000; day++) {
		struct time_civil c;
		time_civil(day * day_ns + 5, &c);
		assert_true(time_of_civil(&c, &back));
		assert_int_equal(back, day * day_ns + 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms), cmocka_unit_test(test_refusals),
					    cmocka_unit_test(test_every_day) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
