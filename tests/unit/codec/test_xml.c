/* Tests of codec/xml.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "codec/xml.h"

static void trees_have_local_names_and_text(void **state)
{
	(void)state;
	struct arena a;
	struct err err = { 0 };
	struct xml_node *root = NULL;
	arena_init(&a, 0, 0);
	assert_int_equal(xml_parse(SLICE_LIT("<?xml version='1.0'?><s:D xmlns:s='u'> <O><Key> a&amp;b </Key><N/></O><O/></s:D>"),
				   &a, &root, &err),
			 0);
	assert_true(slice_is(root->name, "D"));
	const struct xml_node *o = xml_child(root, "O");
	assert_true(slice_is(xml_child_text(o, "Key"), "a&b"));
	assert_true(xml_child_text(o, "N").ptr && !xml_child_text(o, "N").len);
	assert_null(xml_child_text(o, "Other").ptr);
	assert_true(slice_is(o->next->name, "O"));
	arena_release(&a);
}

static void hostile_documents_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "<a>", "<a></b>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a/><b/>",
					   "<a>\x01</a>", "<a>\xff</a>" };
	struct arena a;
	struct xml_node *root = NULL;
	arena_init(&a, 0, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = { 0 };
		assert_int_equal(xml_parse(slice_str(bad[i]), &a, &root, &err), -1);
		assert_int_equal(err.code, ERR_MALFORMED);
	}
	char deep[400] = "";
	for (int i = 0; i < 100; i++)
		memcpy(deep + 3 * i, "<a>", 4);
	struct err err = { 0 };
	assert_int_equal(xml_parse(slice_str(deep), &a, &root, &err), -1);
	assert_non_null(strstr(err.message, "deeply"));
	assert_null(root);
	arena_release(&a);
}

static void what_is_written_is_escaped(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1000);
	xml_open(&b, "L xmlns=\"u\"");
	xml_text(&b, "K", SLICE_LIT("a<b>&\"\r\x01"));
	xml_int(&b, "N", -3);
	xml_close(&b, "L xmlns=\"u\"");
	assert_string_equal(b.ptr, "<L xmlns=\"u\"><K>a&lt;b&gt;&amp;&#34;&#13;\xef\xbf\xbd</K><N>-3</N></L>");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_have_local_names_and_text),
		cmocka_unit_test(hostile_documents_are_refused),
		cmocka_unit_test(what_is_written_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
