/* Patches: what RFC 6902, RFC 7386 and Kubernetes' strategic merge promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/limits.h"
#include "cluster/patch.h"
#include "codec/json.h"
#include "control/kinds/types.h"

static json_t *parse(const char *text)
{
	json_t *v;
	struct err err = { 0 };
	if (json_decode(slice_str(text), 0, &v, &err) < 0)
		fail_msg("%s in %s", err.message, text);
	return v;
}

static void same(json_t *got, const char *want)
{
	json_t *expected = parse(want);
	struct buf b;
	buf_init(&b, 1 << 20);
	json_encode(got, JSON_ENCODE_COMPACT, &b);
	if (!json_equal(got, expected))
		fail_msg("got %s\nnot %s", b.ptr, want);
	buf_release(&b);
	json_decref(expected);
	json_decref(got);
}

static void json_becomes(const char *doc, const char *patch, const char *want)
{
	json_t *d = parse(doc), *p = parse(patch), *was = json_deep_copy(d), *out = NULL;
	struct err err = { 0 };
	if (patch_json(d, p, &out, &err) < 0)
		fail_msg("%s", err.message);
	assert_true(json_equal(d, was));
	same(out, want);
	json_decref(was);
	json_decref(d);
	json_decref(p);
}

static void json_refused(const char *doc, const char *patch, enum err_code code)
{
	json_t *d = parse(doc), *p = parse(patch), *out = NULL;
	struct err err = { 0 };
	assert_int_equal(patch_json(d, p, &out, &err), -1);
	assert_int_equal(err.code, code);
	assert_null(out);
	json_decref(d);
	json_decref(p);
}

static void json_patch_follows_rfc_6902(void **state)
{
	(void)state;
	json_becomes("{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":1}]", "{\"foo\":\"bar\",\"baz\":1}");
	json_becomes("{\"a\":[1,2]}", "[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":9},{\"op\":\"add\",\"path\":\"/a/-\",\"value\":3}]",
		     "{\"a\":[1,9,2,3]}");
	json_becomes("{\"a\":{\"b\":1},\"c\":2}", "[{\"op\":\"remove\",\"path\":\"/a/b\"},{\"op\":\"replace\",\"path\":\"/c\",\"value\":null}]",
		     "{\"a\":{},\"c\":null}");
	json_becomes("{\"a/b\":1,\"m~n\":2}", "[{\"op\":\"test\",\"path\":\"/a~1b\",\"value\":1},{\"op\":\"remove\",\"path\":\"/m~0n\"}]",
		     "{\"a/b\":1}");
	json_becomes("{\"a\":{\"x\":1}}", "[{\"op\":\"move\",\"from\":\"/a/x\",\"path\":\"/y\"},{\"op\":\"copy\",\"from\":\"/y\",\"path\":\"/a/z\"}]",
		     "{\"a\":{\"z\":1},\"y\":1}");
	json_becomes("{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"b\":2}}]", "{\"b\":2}");
	json_becomes("{\"\":{\"x\":1}}", "[{\"op\":\"replace\",\"path\":\"//x\",\"value\":2}]", "{\"\":{\"x\":2}}");
	json_becomes("{}", "[{\"op\":\"test\",\"path\":\"/gone\",\"value\":null}]", "{}");
}

static void a_json_patch_that_does_not_apply_is_refused(void **state)
{
	(void)state;
	json_refused("{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]", ERR_UNPROCESSABLE);
	json_refused("{}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]", ERR_UNPROCESSABLE);
	json_refused("{\"a\":[]}", "[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":1}]", ERR_UNPROCESSABLE);
	json_refused("{\"a\":[1]}", "[{\"op\":\"remove\",\"path\":\"/a/00\"}]", ERR_UNPROCESSABLE);
	json_refused("{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":2}]", ERR_UNPROCESSABLE);
	json_refused("{\"a\":{}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]", ERR_UNPROCESSABLE);
	json_refused("{}", "[{\"op\":\"frob\",\"path\":\"/a\",\"value\":1}]", ERR_INVALID);
	json_refused("{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]", ERR_INVALID);
	json_refused("{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", ERR_INVALID);
	json_refused("{}", "{\"op\":\"add\"}", ERR_INVALID);
	json_refused("{}", "[1]", ERR_INVALID);
}

static void a_short_patch_cannot_grow_a_document_without_end(void **state)
{
	json_t *doc = parse("{\"a\":[\"0123456789012345678901234567890123456789\"]}"), *p = json_array(), *out = NULL;
	struct err err = { 0 };
	(void)state;
	for (int i = 0; i < 40; i++) /* each doubles */
		json_array_append_new(p, json_pack("{s:s,s:s,s:s}", "op", "copy", "from", "/a", "path", "/a/-"));
	assert_int_equal(patch_json(doc, p, &out, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	json_decref(p);
	p = json_array();
	for (int i = 0; i < 10001; i++)
		json_array_append_new(p, json_pack("{s:s,s:s,s:i}", "op", "add", "path", "/b", "value", 1));
	err_clear(&err);
	assert_int_equal(patch_json(doc, p, &out, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	json_decref(p);
	json_decref(doc);
}

static void nesting_by_copies_stays_within_the_limit(void **state)
{
	json_t *doc = parse("{\"a\":{}}"), *p = json_array(), *out = NULL;
	struct err err = { 0 };
	(void)state;
	for (int i = 0; i < 200; i++) {
		json_array_append_new(p, json_pack("{s:s,s:s,s:s}", "op", "move", "from", "/a", "path", "/t"));
		json_array_append_new(p, json_pack("{s:s,s:s,s:{}}", "op", "add", "path", "/a", "value"));
		json_array_append_new(p, json_pack("{s:s,s:s,s:s}", "op", "move", "from", "/t", "path", "/a/b"));
	}
	assert_int_equal(patch_json(doc, p, &out, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	json_decref(p);
	json_decref(doc);
}

static void merge_patch_follows_rfc_7386(void **state)
{
	static const char *const cases[][3] = {
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
		{ "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		json_t *d = parse(cases[i][0]), *p = parse(cases[i][1]), *was = json_deep_copy(d), *out = NULL;
		struct err err = { 0 };
		assert_int_equal(patch_merge(d, p, &out, &err), 0);
		assert_true(json_equal(d, was));
		same(out, cases[i][2]);
		json_decref(was);
		json_decref(d);
		json_decref(p);
	}
}

static void strategic(const char *doc, const char *patch, const char *want)
{
	json_t *d = parse(doc), *p = parse(patch), *was = json_deep_copy(d), *patch_was = json_deep_copy(p), *out = NULL;
	struct err err = { 0 };
	if (patch_strategic(&type_apps_Deployment, d, p, &out, &err) < 0)
		fail_msg("%s", err.message);
	assert_true(json_equal(d, was));
	assert_true(json_equal(p, patch_was));
	same(out, want);
	json_decref(patch_was);
	json_decref(was);
	json_decref(d);
	json_decref(p);
}

#define POD(spec) "{\"spec\":{\"template\":{\"spec\":" spec "}}}"

static void strategic_merge_finds_items_by_their_key(void **state)
{
	(void)state;
	strategic(POD("{\"containers\":[{\"name\":\"a\",\"image\":\"1\"},{\"name\":\"b\",\"image\":\"2\"}]}"),
		  POD("{\"containers\":[{\"name\":\"b\",\"image\":\"3\"}]}"),
		  POD("{\"containers\":[{\"name\":\"a\",\"image\":\"1\"},{\"name\":\"b\",\"image\":\"3\"}]}"));
	/* new items of a patch without an order come first, as apimachinery has it */
	strategic(POD("{\"containers\":[{\"name\":\"a\"}]}"), POD("{\"containers\":[{\"name\":\"c\"}]}"),
		  POD("{\"containers\":[{\"name\":\"c\"},{\"name\":\"a\"}]}"));
	strategic(POD("{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\",\"value\":\"1\"}]}]}"),
		  POD("{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\",\"value\":\"2\"}]}]}"),
		  POD("{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\",\"value\":\"2\"}]}]}"));
	/* lists without a merge key are replaced */
	strategic(POD("{\"containers\":[{\"name\":\"a\",\"args\":[\"x\",\"y\"]}]}"),
		  POD("{\"containers\":[{\"name\":\"a\",\"args\":[\"z\"]}]}"),
		  POD("{\"containers\":[{\"name\":\"a\",\"args\":[\"z\"]}]}"));
	strategic("{\"metadata\":{\"finalizers\":[\"a\",\"b\"]}}", "{\"metadata\":{\"finalizers\":[\"b\",\"c\"]}}",
		  "{\"metadata\":{\"finalizers\":[\"a\",\"b\",\"c\"]}}");
	strategic("{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":\"2\"}}}", "{\"metadata\":{\"labels\":{\"a\":null,\"c\":\"3\"}}}",
		  "{\"metadata\":{\"labels\":{\"b\":\"2\",\"c\":\"3\"}}}");
}

static void strategic_merge_follows_its_directives(void **state)
{
	(void)state;
	strategic(POD("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"),
		  POD("{\"containers\":[{\"name\":\"a\",\"$patch\":\"delete\"}]}"), POD("{\"containers\":[{\"name\":\"b\"}]}"));
	strategic(POD("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"),
		  POD("{\"containers\":[{\"$patch\":\"replace\"},{\"name\":\"c\"}]}"), POD("{\"containers\":[{\"name\":\"c\"}]}"));
	strategic(POD("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}"),
		  POD("{\"$setElementOrder/containers\":[{\"name\":\"c\"},{\"name\":\"a\"}],\"containers\":[{\"name\":\"a\",\"image\":\"x\"}]}"),
		  POD("{\"containers\":[{\"name\":\"b\"},{\"name\":\"c\"},{\"name\":\"a\",\"image\":\"x\"}]}"));
	strategic("{\"metadata\":{\"finalizers\":[\"a\",\"b\",\"c\"]}}",
		  "{\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":[\"a\",\"c\"]}}", "{\"metadata\":{\"finalizers\":[\"b\"]}}");
	strategic("{\"metadata\":{\"finalizers\":[\"a\",\"b\",\"c\"]}}",
		  "{\"metadata\":{\"$setElementOrder/finalizers\":[\"c\",\"b\",\"d\"],\"finalizers\":[\"d\"],"
		  "\"$deleteFromPrimitiveList/finalizers\":[\"a\"]}}", "{\"metadata\":{\"finalizers\":[\"c\",\"b\",\"d\"]}}");
	strategic("{\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":1}}}}",
		  "{\"spec\":{\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}}",
		  "{\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}");
	strategic("{\"spec\":{\"selector\":{\"a\":1},\"replicas\":2}}", "{\"spec\":{\"$patch\":\"replace\",\"paused\":true}}",
		  "{\"spec\":{\"paused\":true}}");
	strategic("{\"spec\":{\"selector\":{\"a\":1}}}", "{\"spec\":{\"$patch\":\"delete\"}}", "{\"spec\":{}}");
	/* what is new keeps neither nulls nor directives */
	strategic("{}", POD("{\"$setElementOrder/containers\":[{\"name\":\"a\"}],\"containers\":[{\"name\":\"a\",\"image\":null}]}"),
		  POD("{\"containers\":[{\"name\":\"a\"}]}"));
}

static void a_strategic_patch_without_the_merge_key_is_refused(void **state)
{
	static const char *const bad[] = {
		POD("{\"containers\":[{\"image\":\"x\"}]}"),
		POD("{\"containers\":[{\"$patch\":\"delete\"}]}"),
		POD("{\"containers\":[{\"name\":\"a\",\"$patch\":\"frob\"}]}"),
		POD("{\"$setElementOrder/containers\":1,\"containers\":[{\"name\":\"a\"}]}"),
		POD("{\"$setElementOrder/containers\":[{\"name\":\"b\"}],\"containers\":[{\"name\":\"a\"}]}"),
		POD("{\"$patch\":\"frob\"}"),
		POD("{\"$deleteFromPrimitiveList/containers\":{}}"),
		"[]",
	};
	json_t *doc = parse(POD("{\"containers\":[{\"name\":\"a\"}]}"));
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		json_t *p = parse(bad[i]), *out = NULL;
		struct err err = { 0 };
		if (patch_strategic(&type_apps_Deployment, doc, p, &out, &err) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(err.code, ERR_INVALID);
		json_decref(p);
	}
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_patch_follows_rfc_6902),
		cmocka_unit_test(a_json_patch_that_does_not_apply_is_refused),
		cmocka_unit_test(a_short_patch_cannot_grow_a_document_without_end),
		cmocka_unit_test(nesting_by_copies_stays_within_the_limit),
		cmocka_unit_test(merge_patch_follows_rfc_7386),
		cmocka_unit_test(strategic_merge_finds_items_by_their_key),
		cmocka_unit_test(strategic_merge_follows_its_directives),
		cmocka_unit_test(a_strategic_patch_without_the_merge_key_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
