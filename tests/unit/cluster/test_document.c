/* Documents that are alike share what is equal, and stay what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cluster/write.h"
#include "codec/json.h"

static json_t *parse(const char *text)
{
	json_t *v;
	struct err err = { 0 };
	if (json_decode(slice_str(text), 0, &v, &err) < 0)
		fail_msg("%s in %s", err.message, text);
	return v;
}

static void reads(const json_t *v, const char *want)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	json_encode(v, JSON_ENCODE_COMPACT, &b);
	assert_string_equal(b.ptr, want);
	buf_release(&b);
}

#define META(name) "{\"name\":\"" name "\",\"namespace\":\"default\",\"labels\":{\"app\":\"iris\"}}"
#define SPEC(image, port) "{\"containers\":[{\"image\":\"" image "\",\"env\":[]},{\"image\":\"proxy\"}],\"port\":" port "}"
#define OBJECT(name, image, port) "{\"metadata\":" META(name) ",\"spec\":" SPEC(image, port) "}"

static void what_is_equal_is_held_once(void **state)
{
	(void)state;
	json_t *a = parse(OBJECT("a", "one", "1")), *b = parse(OBJECT("b", "two", "1")),
	       *c = parse(OBJECT("c", "two", "1"));
	document_share(b, a);
	reads(a, OBJECT("a", "one", "1"));
	reads(b, OBJECT("b", "two", "1"));
	assert_ptr_not_equal(json_at(a, "spec"), json_at(b, "spec"));
	assert_ptr_equal(json_at(a, "spec.port"), json_at(b, "spec.port"));
	json_t *in_a = json_at(a, "spec.containers"), *in_b = json_at(b, "spec.containers");
	assert_ptr_not_equal(json_array_get(in_a, 0), json_array_get(in_b, 0));
	assert_ptr_equal(json_array_get(in_a, 1), json_array_get(in_b, 1));
	assert_ptr_equal(json_at(a, "metadata.labels"), json_at(b, "metadata.labels"));

	/* The metadata is about to get a version: it is never the same one. */
	document_share(c, b);
	assert_ptr_equal(json_at(b, "spec"), json_at(c, "spec"));
	json_t *same = parse(OBJECT("c", "two", "1"));
	document_share(same, c);
	assert_ptr_not_equal(json_at(same, "metadata"), json_at(c, "metadata"));
	assert_ptr_equal(json_at(same, "metadata.name"), json_at(c, "metadata.name"));
	json_decref(a);
	json_decref(b);
	reads(c, OBJECT("c", "two", "1"));
	json_decref(c);
	reads(same, OBJECT("c", "two", "1"));
	json_decref(same);
}

static void an_object_keeps_the_order_of_its_members(void **state)
{
	(void)state;
	json_t *a = parse("{\"data\":{\"x\":\"1\",\"y\":\"2\"}}"), *b = parse("{\"data\":{\"y\":\"2\",\"x\":\"1\"}}");
	json_t *less = parse("{\"data\":{\"x\":\"1\"}}"), *other = parse("{\"data\":[\"1\"]}");
	document_share(b, a);
	reads(b, "{\"data\":{\"y\":\"2\",\"x\":\"1\"}}");
	assert_ptr_equal(json_at(a, "data.x"), json_at(b, "data.x"));
	document_share(less, a);
	reads(less, "{\"data\":{\"x\":\"1\"}}");
	document_share(other, a);
	reads(other, "{\"data\":[\"1\"]}");
	document_share(a, other);
	reads(a, "{\"data\":{\"x\":\"1\",\"y\":\"2\"}}");
	json_decref(a);
	json_decref(b);
	json_decref(less);
	json_decref(other);
}

static void what_somebody_else_holds_is_not_changed(void **state)
{
	(void)state;
	json_t *a = parse(OBJECT("a", "one", "1")), *b = parse(OBJECT("b", "two", "1"));
	json_t *held = json_incref(json_at(b, "spec")), *port = json_at(held, "port");
	document_share(b, a);
	assert_ptr_equal(json_at(b, "spec"), held);
	assert_ptr_equal(json_at(held, "port"), port);
	json_decref(held);
	json_decref(a);
	json_decref(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_equal_is_held_once),
		cmocka_unit_test(an_object_keeps_the_order_of_its_members),
		cmocka_unit_test(what_somebody_else_holds_is_not_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
