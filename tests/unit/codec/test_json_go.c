/* Broken JSON in the words of Go's encoding/json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "codec/json_go.h"

static void the_first_wrong_byte_is_named(void **state)
{
	static const char *const cases[][2] = {
		{ "not json", "invalid character 'o' in literal null (expecting 'u')" },
		{ "", "unexpected end of JSON input" },
		{ "{\"a\":1", "unexpected end of JSON input" },
		{ "\"abc", "unexpected end of JSON input" },
		{ "\"a\nb\"", "invalid character '\\n' in string literal" },
		{ "\"\\x\"", "invalid character 'x' in string escape code" },
		{ "\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape" },
		{ "-x", "invalid character 'x' in numeric literal" },
		{ "1.x", "invalid character 'x' after decimal point in numeric literal" },
		{ "1e+", "unexpected end of JSON input" },
		{ "01", "invalid character '1' after top-level value" },
		{ "[1 2]", "invalid character '2' after array element" },
		{ "{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair" },
		{ "{'a':1}", "invalid character '\\'' looking for beginning of object key string" },
		{ "{\"a\":1\x01}", "invalid character '\\x01' after object key:value pair" },
		{ "yaml: true", "invalid character 'y' looking for beginning of value" },
		{ "\xc3\xa9", "invalid character 'Ã' looking for beginning of value" },
	};
	char out[128];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(json_go_error(slice_str(cases[i][0]), out, sizeof out));
		assert_string_equal(out, cases[i][1]);
	}
}

static void good_json_has_no_error(void **state)
{
	static const char *const good[] = { "null", " [1, -0.5e+3, \"\\u00e9\\n\", true, false, {}] ", "{\"a\":{\"b\":[]}}", "0" };
	char out[128];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (json_go_error(slice_str(good[i]), out, sizeof out))
			fail_msg("%s: %s", good[i], out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_wrong_byte_is_named),
		cmocka_unit_test(good_json_has_no_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
