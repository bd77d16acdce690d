/* Control-plane JSON: what is no JSON is refused with its place, what is written reads back the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "codec/json.h"

static void what_is_no_json_is_refused(void **state)
{
	static const struct {
		struct slice text;
		const char *why;
	} cases[] = {
		{ SLICE_LIT(""), "line 1, column 1: " },
		{ SLICE_LIT("1\0"), "line 1, column 2: NUL byte" },
		{ SLICE_LIT("[1\0]"), "line 1, column 3: NUL byte" },
		{ SLICE_LIT("{\n\"a\": 1\0,\n\"b\": 2}"), "line 2, column 7: NUL byte" },
		{ SLICE_LIT("{} \0"), "line 1, column 4: NUL byte" },
		{ SLICE_LIT("\"a\\u0000\""), "line 1, column " },
		{ SLICE_LIT("{\"a\":1,\"a\":2}"), "line 1, column " },
		{ SLICE_LIT("18446744073709551616"), "line 1, column " },
		{ SLICE_LIT("\"\xff\""), "line 1, column " },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = { 0 };
		json_t *v = NULL;
		if (json_decode(cases[i].text, 0, &v, &err) == 0)
			fail_msg("case %zu is taken", i);
		if (err.code != ERR_MALFORMED || !slice_starts(slice_str(err.message), cases[i].why))
			fail_msg("case %zu: %s", i, err.message);
	}
}

static void reals_are_written_as_short_as_can_be(void **state)
{
	static const char *const texts[] = { "0.1", "0.03", "1.0", "100000.0", "1e+16", "1e-07", "5e-324", "0.30000000000000004" };
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct buf out;
		json_t *v = json_real(strtod(texts[i], NULL));
		buf_init(&out, 100);
		assert_int_equal(json_encode(v, JSON_ENCODE_COMPACT, &out), 0);
		assert_string_equal(out.ptr, texts[i]);
		buf_release(&out);
		json_decref(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(reals_are_written_as_short_as_can_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
