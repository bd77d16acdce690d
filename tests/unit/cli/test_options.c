/* Tests of cli/options.c: the GNU forms of options, operands, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h" /* before cmocka.h, which has a macro named as its fail() */

#include <cmocka.h>

#include <string.h>

#include "base/check.h"

static const struct option rows[] = {
	{ "data", 'd', "DIR", "" }, { "detach", 0, NULL, "" }, { "listen", 'l', "NAME=ADDRESS", "" }, OPTION_END
};
static const struct command command = { .name = "up", .operands = "PATH", .options = rows, .operands_most = 2 };

static int parse(struct options *o, struct err *err, size_t n, const char *const *words)
{
	char *argv[16];
	for (size_t i = 0; i < n; i++)
		argv[i] = (char *)words[i];
	*err = (struct err){ 0 };
	return options_parse(&command, (int)n, argv, o, err);
}

#define PARSE(o, err, ...)                                                                             \
	parse((o), (err), COUNT_OF(((const char *const[]){ "up", __VA_ARGS__ })),                      \
	      (const char *const[]){ "up", __VA_ARGS__ })

static void every_form_of_an_option_is_read(void **state)
{
	(void)state;
	struct options o;
	struct err err;
	assert_int_equal(PARSE(&o, &err, "--data", "a", "x", "--listen=b=c", "-ld", "--detach", "-d", "e"), 0);
	assert_string_equal(options_get(&o, "data", ""), "e"); /* the last one counts */
	assert_string_equal(options_get(&o, "listen", ""), "d");
	assert_string_equal(o.given[1].value, "b=c");
	assert_true(options_has(&o, "detach"));
	assert_int_equal(o.operands_n, 1);
	assert_string_equal(o.operands[0], "x");
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	struct options o;
	struct err err;
	assert_int_equal(PARSE(&o, &err, "--", "--data", "-"), 0);
	assert_int_equal(o.operands_n, 2);
	assert_string_equal(o.operands[0], "--data");
	assert_string_equal(options_get(&o, "data", "none"), "none");
}

static void a_lone_dash_is_an_operand(void **state)
{
	(void)state;
	struct options o;
	struct err err;
	assert_int_equal(PARSE(&o, &err, "-"), 0);
	assert_string_equal(o.operands[0], "-");
}

static void what_is_wrong_is_named(void **state)
{
	(void)state;
	struct options o;
	struct err err;
	assert_int_equal(PARSE(&o, &err, "--dta", "x"), -1);
	assert_non_null(strstr(err.message, "--dta"));
	assert_int_equal(PARSE(&o, &err, "--data"), -1);
	assert_non_null(strstr(err.message, "--data needs a value: DIR"));
	assert_int_equal(PARSE(&o, &err, "--detach=1"), -1);
	assert_non_null(strstr(err.message, "takes no value"));
	assert_int_equal(PARSE(&o, &err, "a", "b", "c"), -1);
	assert_non_null(strstr(err.message, "\"c\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_an_option_is_read),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_lone_dash_is_an_operand),
		cmocka_unit_test(what_is_wrong_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
