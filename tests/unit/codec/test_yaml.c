/* YAML and JSON of the control plane: types of plain scalars by dialect, refusals with their place, round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "codec/url.h"
#include "codec/yaml.h"

static char *as_json(const char *yaml, enum yaml_dialect dialect)
{
	json_t *documents;
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, 1 << 20);
	if (yaml_decode(slice_str(yaml), dialect, &documents, &err) < 0) {
		buf_str(&b, err.message);
	} else {
		assert_int_equal(json_encode(documents, JSON_ENCODE_SORTED, &b), 0);
		json_decref(documents);
	}
	return b.ptr;
}

static void check(const char *yaml, const char *go, const char *py)
{
	char *a = as_json(yaml, YAML_GOYAML), *b = as_json(yaml, YAML_PYYAML);
	assert_string_equal(a, go);
	assert_string_equal(b, py ? py : go);
	free(a);
	free(b);
}

static void test_scalars(void **state)
{
	(void)state;
	check("[~, null, '', \"x\", abc, 1.2.3, 1_000]", "[[null,null,\"\",\"x\",\"abc\",\"1.2.3\",1000]]", NULL);
	check("[yes, on, y, Off, n]", "[[true,true,true,false,false]]", "[[true,true,\"y\",false,\"n\"]]");
	check("[0x1F, 0b101, 0o17, 017, -12, +5]", "[[31,5,15,15,-12,5]]", "[[31,5,\"0o17\",15,-12,5]]");
	check("[1e3, 1.5, .5, 1.5e+3, 1.]", "[[1000.0,1.5,0.5,1500.0,1.0]]", "[[\"1e3\",1.5,0.5,1500.0,1.0]]");
	check("[1:30, 08, 2001-01-01]", "[[\"1:30\",\"08\",\"2001-01-01\"]]", "[[90,\"08\",\"2001-01-01\"]]");
	check("1: a\ntrue: b\n", "[{\"1\":\"a\",\"true\":\"b\"}]", NULL);
	check("!!str 12", "[\"12\"]", NULL);
}

static void test_documents(void **state)
{
	(void)state;
	check("", "[]", NULL);
	check("a: 1\n---\nb: 2\n", "[{\"a\":1},{\"b\":2}]", NULL);
	check("a: &x {k: 1}\nb:\n  <<: *x\n  l: 2\n", "[{\"a\":{\"k\":1},\"b\":{\"k\":1,\"l\":2}}]", NULL);
}

static void test_refusals(void **state)
{
	(void)state;
	check("a:\n\tb: 1\n", "line 2, column 1: found character that cannot start any token", NULL);
	check("a: 1\nb: 2\na: 3\n", "line 3, column 1: duplicate key \"a\"", NULL);
	check("? [1]\n: 2\n", "line 1, column 3: a key must be a scalar", NULL);
	check("a: !ruby/object x\n", "line 1, column 4: unknown tag, or text that does not fit it: \"!ruby/object\"", NULL);
	check("a: *b\n", "line 1, column 4: unknown anchor \"b\"", NULL);
}

static void test_laughs(void **state)
{
	(void)state;
	struct buf b;
	json_t *documents;
	struct err err = { 0 };
	buf_init(&b, 1 << 16);
	buf_str(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&b, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buf_printf(&b, "%s*a%d", j ? ", " : "", i - 1);
		buf_str(&b, "]\n");
	}
	assert_int_equal(yaml_decode(buf_view(&b), YAML_GOYAML, &documents, &err), -1);
	assert_non_null(strstr(err.message, "nodes, aliases counted"));
	buf_reset(&b);
	for (int i = 0; i < 1000; i++)
		buf_str(&b, "[");
	assert_int_equal(yaml_decode(buf_view(&b), YAML_GOYAML, &documents, &err), -1);
	assert_non_null(strstr(err.message, "nested deeper"));
	buf_reset(&b); /* depth by way of anchors */
	buf_str(&b, "a0: &a0 [[[[[[[[[[x]]]]]]]]]]\n");
	for (int i = 1; i < 20; i++)
		buf_printf(&b, "a%d: &a%d [[[[[[[[[[*a%d]]]]]]]]]]\n", i, i, i - 1);
	assert_int_equal(yaml_decode(buf_view(&b), YAML_GOYAML, &documents, &err), -1);
	assert_non_null(strstr(err.message, "nested deeper"));
	buf_release(&b);
}

static void test_write(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":[1,2.5,1e31,-1e-9,1.5e300,true,null,\"yes\",\"1\",\"a: b\",\"two\\nlines\\n\",\"\",\" x\"],\"e\":{},\"f\":[],"
				   "\"on\":\"2001-01-01T00:00:00Z\"}";
	json_t *value, *documents;
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, 1 << 16);
	assert_int_equal(json_decode(slice_str(text), 0, &value, &err), 0);
	assert_int_equal(yaml_encode(value, &b), 0);
	for (int dialect = 0; dialect < 2; dialect++) {
		assert_int_equal(yaml_decode(buf_view(&b), (enum yaml_dialect)dialect, &documents, &err), 0);
		assert_true(json_equal(json_array_get(documents, 0), value));
		json_decref(documents);
	}
	json_decref(value);
	buf_release(&b);
}

static void test_json(void **state)
{
	(void)state;
	json_t *value;
	struct err err = { 0 };
	assert_int_equal(json_decode(slice_str("{\"a\":{\"b\":\"c\",\"n\":7}}"), 0, &value, &err), 0);
	assert_string_equal(json_str_at(value, "a.b"), "c");
	assert_int_equal(json_int_at(value, "a.n", 1), 7);
	assert_null(json_at(value, "a.x.y"));
	json_decref(value);
	assert_int_equal(json_decode(slice_str("{\"a\":1,\n\"a\":2}"), 0, &value, &err), -1);
	assert_non_null(strstr(err.message, "line 2"));
	assert_int_equal(json_decode(slice_str("[1,]"), 0, &value, &err), -1);
	struct buf b;
	buf_init(&b, 4096);
	for (int i = 0; i < 100; i++)
		buf_char(&b, '[');
	assert_int_equal(json_decode(buf_view(&b), 0, &value, &err), -1);
	assert_non_null(strstr(err.message, "nested deeper"));
	buf_release(&b);
}

static void test_text_codings(void **state)
{
	(void)state;
	struct arena a;
	struct slice out;
	struct buf b;
	arena_init(&a, 1024, 1 << 20);
	buf_init(&b, 4096);
	base64_encode(slice_str("hello?>"), BASE64_STANDARD, &b);
	assert_string_equal(b.ptr, "aGVsbG8/Pg==");
	assert_true(base64_decode(buf_view(&b), BASE64_STANDARD, &a, &out) && slice_is(out, "hello?>"));
	assert_false(base64_decode(slice_str("aGVsbG8/Pg="), BASE64_STANDARD, &a, &out));
	assert_false(base64_decode(slice_str("aGVsbG8/Ph=="), BASE64_STANDARD, &a, &out));
	buf_reset(&b);
	url_encode(slice_str("a b/c~é"), URL_ENCODE_PATH, &b);
	assert_string_equal(b.ptr, "a%20b/c~%C3%A9");
	assert_true(url_decode(buf_view(&b), &a, &out) && slice_is(out, "a b/c~é"));
	assert_false(url_decode(slice_str("%zz"), &a, &out));
	assert_false(url_decode(slice_str("%4"), &a, &out));
	buf_release(&b);
	arena_release(&a);
}

/* As many anchors as aliases of the first: the work must not be their product. */
static void test_many_anchors(void **state)
{
	(void)state;
	enum { N = 60000 };
	json_t *documents;
	struct err err = { 0 };
	struct buf b;
	buf_init(&b, 4 << 20);
	for (int i = 0; i < N; i++)
		buf_printf(&b, "- &a%d 1\n", i);
	for (int i = 0; i < N; i++)
		buf_str(&b, "- *a0\n");
	buf_str(&b, "- &a0 2\n- *a0\n");
	clock_t began = clock();
	assert_int_equal(yaml_decode(buf_view(&b), YAML_GOYAML, &documents, &err), 0);
	assert_true((clock() - began) / CLOCKS_PER_SEC < 5);
	const json_t *list = json_array_get(documents, 0);
	assert_int_equal(json_array_size(list), 2 * N + 2);
	assert_int_equal(json_integer_value(json_array_get(list, 2 * N - 1)), 1);
	assert_int_equal(json_integer_value(json_array_get(list, 2 * N + 1)), 2); /* the last of a name counts */
	json_decref(documents);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars), cmocka_unit_test(test_documents), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_laughs),	cmocka_unit_test(test_write),	  cmocka_unit_test(test_json),
		cmocka_unit_test(test_text_codings), cmocka_unit_test(test_many_anchors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
