/* Tests of selectors and JSONPaths: what they choose, and the API server's words for what they cannot read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cluster/jsonpath.h"
#include "cluster/selector.h"

static bool matches(const char *selector, const char *labels)
{
	struct selector *s = NULL;
	struct err err = { 0 };
	json_t *l = json_loads(labels, 0, NULL);
	if (selector_parse_labels(selector, &s, &err) < 0)
		fail_msg("%s: %s", selector, err.message);
	bool yes = selector_match_labels(s, l);
	selector_free(s);
	json_decref(l);
	return yes;
}

static void label_selectors_choose(void **state)
{
	(void)state;
	static const struct {
		const char *selector, *labels;
		bool yes;
	} rows[] = {
		{ "", "{\"a\":\"1\"}", true },
		{ "a", "{\"a\":\"1\"}", true },
		{ "a", "{\"b\":\"1\"}", false },
		{ "!a", "{\"b\":\"1\"}", true },
		{ "!a", "{\"a\":\"1\"}", false },
		{ "a=1", "{\"a\":\"1\"}", true },
		{ "a==1", "{\"a\":\"2\"}", false },
		{ "a!=1", "{\"a\":\"2\"}", true },
		{ "a!=1", "{}", true },
		{ "a=", "{\"a\":\"\"}", true },
		{ "a=", "{}", false },
		{ "a in (1,2)", "{\"a\":\"2\"}", true },
		{ "a in (1,2)", "{\"a\":\"3\"}", false },
		{ "a in (,2)", "{\"a\":\"\"}", true },
		{ "a notin (1,2)", "{\"a\":\"3\"}", true },
		{ "a notin (1,2)", "{}", true },
		{ " a , b = 2 ", "{\"a\":\"1\",\"b\":\"2\"}", true },
		{ "a>1", "{\"a\":\"2\"}", true },
		{ "a<1", "{\"a\":\"2\"}", false },
		{ "a>1", "{\"a\":\"x\"}", false },
		{ "example.com/app=x", "{\"example.com/app\":\"x\"}", true },
		{ "in in (in)", "{\"in\":\"in\"}", true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (matches(rows[i].selector, rows[i].labels) != rows[i].yes)
			fail_msg("%s on %s", rows[i].selector, rows[i].labels);
}

static void wrong_label_selectors_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *selector, *message;
	} rows[] = {
		{ "a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt" },
		{ "=a", "found '=', expected: !, identifier, or 'end of string'" },
		{ "a,", "found '', expected: identifier after ','" },
		{ "a=1 b", "found 'b', expected: ',' or 'end of string'" },
		{ "a in 1", "unable to parse requirement: found '1', expected: '('" },
		{ "a in (1", "unable to parse requirement: found '', expected: ',' or ')'" },
		{ "a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an "
			 "integer" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct selector *s;
		struct err err = { 0 };
		assert_int_equal(selector_parse_labels(rows[i].selector, &s, &err), -1);
		assert_int_equal(err.code, ERR_INVALID);
		assert_string_equal(err.message, rows[i].message);
	}
	struct selector *s;
	struct err err = { 0 };
	assert_int_equal(selector_parse_labels("a/b/c=1", &s, &err), -1);
	assert_int_equal(selector_parse_labels("a=-x-", &s, &err), -1);
}

static void selector_objects_choose(void **state)
{
	(void)state;
	struct selector *s = NULL;
	json_t *o = json_loads("{\"matchLabels\":{\"a\":\"1\"},\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"In\","
			       "\"values\":[\"x\",\"y\"]},{\"key\":\"c\",\"operator\":\"DoesNotExist\"}]}",
			       0, NULL),
	       *yes = json_loads("{\"a\":\"1\",\"b\":\"y\"}", 0, NULL), *no = json_loads("{\"a\":\"1\",\"b\":\"y\",\"c\":\"\"}", 0, NULL),
	       *bad = json_loads("{\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"Near\"}]}", 0, NULL);
	struct err err = { 0 };
	assert_int_equal(selector_from_object(o, &s, &err), 0);
	assert_true(selector_match_labels(s, yes));
	assert_false(selector_match_labels(s, no));
	selector_free(s);
	assert_int_equal(selector_from_object(bad, &s, &err), -1);
	assert_int_equal(selector_from_object(NULL, &s, &err), -1);
	json_decref(o);
	json_decref(yes);
	json_decref(no);
	json_decref(bad);
}

static void field_selectors_choose(void **state)
{
	(void)state;
	static const char *const fields[] = { "status.phase", "spec.unschedulable", NULL };
	const struct kind k = { .selectable = fields };
	struct selector *s = NULL;
	struct err err = { 0 };
	json_t *o = json_loads("{\"metadata\":{\"name\":\"a,b\"},\"status\":{\"phase\":\"Running\"}}", 0, NULL);
	assert_int_equal(selector_parse_fields("metadata.name=a\\,b,status.phase!=Failed,spec.unschedulable=", &k, &s, &err), 0);
	assert_string_equal(selector_exact(s, "metadata.name"), "a,b");
	assert_null(selector_exact(s, "status.phase"));
	assert_true(selector_match_object(NULL, s, o));
	selector_free(s);
	assert_int_equal(selector_parse_fields("status.phase==Failed", &k, &s, &err), 0);
	assert_false(selector_match_object(NULL, s, o));
	selector_free(s);
	assert_int_equal(selector_parse_fields("x=1", &k, &s, &err), -1);
	assert_string_equal(err.message, "field label not supported: x");
	assert_int_equal(selector_parse_fields("metadata.name", &k, &s, &err), -1);
	assert_string_equal(err.message, "invalid selector: 'metadata.name'; can't understand 'metadata.name'");
	assert_int_equal(selector_parse_fields("metadata.name=a\\x", &k, &s, &err), -1);
	assert_int_equal(selector_parse_fields("metadata.name=a\\", &k, &s, &err), -1);
	json_decref(o);
}

static void paths_find(void **state)
{
	(void)state;
	static const struct {
		const char *path, *wanted;
	} rows[] = {
		{ ".a.b", "[1]" },
		{ "$.a.b", "[1]" },
		{ ".a['b']", "[1]" },
		{ ".x\\.y", "[9]" },
		{ "['x.y']", "[9]" },
		{ ".list[0].n", "[1]" },
		{ ".list[-1].n", "[3]" },
		{ ".list[-2].n", "[2]" },
		{ ".list[1:].n", "[2,3]" },
		{ ".list[0:2].n", "[1,2]" },
		{ ".list[0,2].n", "[1,3]" },
		{ ".list[*].n", "[1,2,3]" },
		{ ".list[?(@.t==\"b\")].n", "[2]" },
		{ ".list[?(@.t=='b')].n", "[2]" },
		{ ".list[?(@.n>1)].t", "[\"b\",\"c\"]" },
		{ ".list[?(@.n<=1)].t", "[\"a\"]" },
		{ ".list[?(@.t != 'b')].n", "[1,3]" },
		{ ".list[?(@.on==true)].n", "[3]" },
		{ ".list[?(@.on)].n", "[3]" },
		{ ".list[?(@.n==@.m)].t", "[\"b\"]" },
		{ "..n", "[1,2,3]" },
		{ ".nothing.there", "[]" },
		{ ".list[7]", "[]" },
		{ ".a.*", "[1]" },
	};
	json_t *o = json_loads("{\"a\":{\"b\":1},\"x.y\":9,\"list\":[{\"t\":\"a\",\"n\":1,\"m\":7},{\"t\":\"b\",\"n\":2,\"m\":2},"
			       "{\"t\":\"c\",\"n\":3,\"on\":true}]}",
			       0, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct jsonpath_result r;
		struct err err = { 0 };
		if (jsonpath_find(o, rows[i].path, &r, &err) < 0)
			fail_msg("%s: %s", rows[i].path, err.message);
		json_t *found = json_array(), *wanted = json_loads(rows[i].wanted, 0, NULL);
		for (size_t k = 0; k < r.values.len; k++)
			json_array_append(found, (json_t *)r.values.ptr[k]);
		if (!json_equal(found, wanted))
			fail_msg("%s gives %s", rows[i].path, json_dumps(found, 0));
		json_decref(found);
		json_decref(wanted);
		jsonpath_release(&r);
	}
	json_decref(o);
}

static void texts_that_are_no_paths_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = { ".a[", ".a[x]", ".a['b]", ".a[?(@.b==)]", ".a[?(b)]", ".a[?(@.b==1]", ".list[?(@.n=1)]" };
	json_t *o = json_loads("{\"a\":{\"b\":1},\"list\":[{\"n\":1}]}", 0, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct jsonpath_result r;
		struct err err = { 0 };
		if (jsonpath_find(o, rows[i], &r, &err) == 0)
			fail_msg("%s was read", rows[i]);
		assert_int_equal(err.code, ERR_INVALID);
	}
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(label_selectors_choose),
		cmocka_unit_test(wrong_label_selectors_are_refused),
		cmocka_unit_test(selector_objects_choose),
		cmocka_unit_test(field_selectors_choose),
		cmocka_unit_test(paths_find),
		cmocka_unit_test(texts_that_are_no_paths_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
