/* The pull reader: every value, every way to be wrong, and places of errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "codec/json_pull.h"

/* Reads any value by taking (a not NULL) and writes it in a plain form; a caller of the reader as they are written. */
static void dump(struct json_pull *j, struct arena *a, struct buf *out)
{
	struct slice s;
	union number n;
	enum pull_kind kind = pull_kind(j);
	switch (kind) {
	case PULL_OBJECT:
		buf_char(out, '{');
		if (pull_object(j))
			while (pull_key(j, a, &s)) {
				buf_printf(out, "%.*s=", SLICE_ARG(s));
				dump(j, a, out);
				buf_char(out, ';');
			}
		buf_char(out, '}');
		break;
	case PULL_ARRAY:
		buf_char(out, '[');
		if (pull_array(j))
			while (pull_item(j)) {
				dump(j, a, out);
				buf_char(out, ';');
			}
		buf_char(out, ']');
		break;
	case PULL_STRING:
		if (pull_string(j, a, &s))
			buf_printf(out, "'%.*s'", SLICE_ARG(s));
		break;
	case PULL_NUMBER:
		switch (pull_number(j, &n)) {
		case NUMBER_I64:
			buf_i64(out, n.i);
			break;
		case NUMBER_F64:
			buf_printf(out, "%.17g", n.f);
			break;
		default:
			buf_char(out, '#');
		}
		break;
	case PULL_NONE:
		break;
	default:
		if (pull_literal(j, kind))
			buf_char(out, kind == PULL_TRUE ? 't' : kind == PULL_FALSE ? 'f' : 'n');
	}
}

/* Taken and skipped: both agree on what is JSON. NULL: refused, with the message in err. */
static const char *read_text(struct slice text, struct err *err)
{
	static char result[4096];
	struct arena a;
	struct buf out;
	struct json_pull j, k;
	struct err other = {0};
	char *exact = malloc(text.len ? text.len : 1); /* without a byte behind it, for the sanitizer */
	if (text.len)
		memcpy(exact, text.ptr, text.len);
	arena_init(&a, 0, 1 << 20);
	buf_init(&out, sizeof result - 1);
	pull_init(&j, slice_of(exact, text.len));
	dump(&j, &a, &out);
	int rc = pull_end(&j, err);
	pull_init(&k, slice_of(exact, text.len));
	(void)pull_skip(&k);
	assert_int_equal(pull_end(&k, &other), rc);
	if (rc < 0)
		assert_string_equal(err->message, other.message);
	(void)snprintf(result, sizeof result, "%.*s", (int)out.len, out.ptr ? out.ptr : "");
	buf_release(&out);
	arena_release(&a);
	free(exact);
	return rc < 0 ? NULL : result;
}

static void every_value_is_read(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"{}", "{}"},
	    {"[]", "[]"},
	    {" [ 1 , -2.5,true,false , null ] ", "[1;-2.5;t;f;n;]"},
	    {"{\"a\":1,\"b\":[{\"c\":\"d\"}],\"\":{}}", "{a=1;b=[{c='d';};];={};}"},
	    {"\"plain\"", "'plain'"},
	    {"\"q\\\"s\\\\b\\/\\b\\f\\n\\r\\t.\"", "'q\"s\\b/\b\f\n\r\t.'"},
	    {"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "'A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'"},
	    {"\"\xc3\xa9\xf0\x9f\x98\x80 longer than eight bytes, then \\n\"",
	     "'\xc3\xa9\xf0\x9f\x98\x80 longer than eight bytes, then \n'"},
	    {"[[[[]]],{\"a\":[]}]", "[[[[];];];{a=[];};]"},
	    {"{\"\\u0061\":0}", "{a=0;}"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		const char *got = read_text(slice_str(rows[i].text), &err);
		if (!got)
			fail_msg("%s: %s", rows[i].text, err.message);
		assert_string_equal(got, rows[i].want);
	}
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
	static const struct {
		struct slice text;
		const char *want;
	} rows[] = {
	    {SLICE_LIT(""), "Expecting value: line 1 column 1 (char 0)"},
	    {SLICE_LIT("[1,]"), "Expecting value: line 1 column 4 (char 3)"},
	    {SLICE_LIT("[1 2]"), "Expecting ',' delimiter: line 1 column 4 (char 3)"},
	    {SLICE_LIT("{\"a\" 1}"), "Expecting ':' delimiter: line 1 column 6 (char 5)"},
	    {SLICE_LIT("{\"a\":1,}"), "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"},
	    {SLICE_LIT("{1:2}"), "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
	    {SLICE_LIT("[1]\n\n x"), "Extra data: line 3 column 2 (char 6)"},
	    {SLICE_LIT("[1"), "Expecting ',' delimiter: line 1 column 3 (char 2)"},
	    {SLICE_LIT("\"a"), "Unterminated string starting: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"a\\n"), "Unterminated string starting: line 1 column 1 (char 0)"},
	    {SLICE_LIT("\"a\\"), "Unterminated string starting: line 1 column 1 (char 0)"},
	    {SLICE_LIT("\"a\\\""), "Unterminated string starting: line 1 column 1 (char 0)"},
	    {SLICE_LIT("\"a\tb\""), "Invalid control character: line 1 column 3 (char 2)"},
	    {SLICE_LIT("\"\0\""), "Invalid control character: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\\x\""), "Invalid \\escape: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\\u12g4\""), "Invalid \\uXXXX escape: line 1 column 4 (char 3)"},
	    {SLICE_LIT("\"\\u12\""), "Invalid \\uXXXX escape: line 1 column 4 (char 3)"},
	    {SLICE_LIT("\"\\ud800\""), "Lone surrogate in a \\uXXXX escape: line 1 column 8 (char 7)"},
	    {SLICE_LIT("\"\\ud800\\u0041\""), "Lone surrogate in a \\uXXXX escape: line 1 column 8 (char 7)"},
	    {SLICE_LIT("\"\\udc00\\ud800\""), "Lone surrogate in a \\uXXXX escape: line 1 column 8 (char 7)"},
	    {SLICE_LIT("\"\xff\""), "Invalid UTF-8: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\xc0\xaf\""), "Invalid UTF-8: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\xed\xa0\x80\""), "Invalid UTF-8: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\xf4\x90\x80\x80\""), "Invalid UTF-8: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\xe2\x82\""), "Invalid UTF-8: line 1 column 2 (char 1)"},
	    {SLICE_LIT("\"\\n\xe2\x82\""), "Invalid UTF-8: line 1 column 4 (char 3)"},
	    {SLICE_LIT("nul"), "Expecting value: line 1 column 1 (char 0)"},
	    {SLICE_LIT("[NaN]"), "Expecting value: line 1 column 2 (char 1)"},
	    {SLICE_LIT("[-Infinity]"), "Expecting value: line 1 column 2 (char 1)"},
	    {SLICE_LIT("[01]"), "Expecting value: line 1 column 2 (char 1)"},
	    {SLICE_LIT("]"), "Expecting value: line 1 column 1 (char 0)"},
	    {SLICE_LIT("[}"), "Expecting value: line 1 column 2 (char 1)"},
	    {SLICE_LIT("'a'"), "Expecting value: line 1 column 1 (char 0)"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		const char *got = read_text(rows[i].text, &err);
		if (got)
			fail_msg("%s was read as %s", rows[i].text.ptr, got);
		assert_int_equal(err.code, ERR_MALFORMED);
		assert_string_equal(err.message, rows[i].want);
	}
}

static void nesting_is_limited(void **state)
{
	struct err err = {0};
	char text[2200];
	size_t n = (size_t)limits.json_depth;
	(void)state;
	memset(text, '[', n);
	memset(text + n, ']', n);
	assert_non_null(read_text(slice_of(text, 2 * n), &err));
	memset(text, '[', n + 1);
	memset(text + n + 1, ']', n + 1);
	assert_null(read_text(slice_of(text, 2 * n + 2), &err));
	assert_non_null(strstr(err.message, "Nested too deeply"));
}

static void objects_and_arrays_may_alternate_to_any_depth(void **state)
{
	struct err err = {0};
	struct buf b;
	(void)state;
	buf_init(&b, 1 << 16);
	for (int i = 0; i < 32; i++)
		buf_str(&b, i % 3 ? "{\"k\":" : "[");
	buf_str(&b, "1");
	for (int i = 31; i >= 0; i--)
		buf_str(&b, i % 3 ? "}" : "]");
	assert_non_null(read_text(buf_view(&b), &err));
	buf_release(&b);
}

static void a_string_without_escapes_is_a_slice_of_the_text(void **state)
{
	struct json_pull j;
	struct slice text = SLICE_LIT("\"borrowed\""), out;
	(void)state;
	pull_init(&j, text);
	assert_true(pull_string(&j, NULL, &out));
	assert_ptr_equal(out.ptr, text.ptr + 1);
}

static void a_full_arena_is_no_fault_of_the_text(void **state)
{
	struct json_pull j;
	struct arena a;
	struct slice out;
	struct err err = {0};
	char text[200];
	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "\"\\n", 3);
	text[199] = '"';
	arena_init(&a, 64, 64);
	pull_init(&j, slice_of(text, sizeof text));
	assert_false(pull_string(&j, &a, &out));
	assert_int_equal(pull_end(&j, &err), -1);
	assert_int_equal(err.code, ERR_NO_MEMORY);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_value_is_read),
	    cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
	    cmocka_unit_test(nesting_is_limited),
	    cmocka_unit_test(objects_and_arrays_may_alternate_to_any_depth),
	    cmocka_unit_test(a_string_without_escapes_is_a_slice_of_the_text),
	    cmocka_unit_test(a_full_arena_is_no_fault_of_the_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
