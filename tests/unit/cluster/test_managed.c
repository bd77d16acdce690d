/* Ownership of fields: what updates and server-side applies leave in managedFields, and whom they take fields from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/decode.h"
#include "cluster/fieldset.h"
#include "cluster/managed.h"
#include "codec/json.h"
#include "control/kinds/types.h"

static const struct kind deployment = { .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments",
					.flags = KIND_STATUS, .type = &type_apps_Deployment };
static const struct kind configmap = { .group = "", .version = "v1", .kind = "ConfigMap", .plural = "configmaps",
				       .type = &type_core_ConfigMap };
static const struct kind service = { .group = "", .version = "v1", .kind = "Service", .plural = "services",
				     .flags = KIND_STATUS, .type = &type_core_Service };

static const int64_t second = 1000000000;

static json_t *parse(const char *text)
{
	json_t *v;
	struct err err = { 0 };
	if (json_decode(slice_str(text), 0, &v, &err) < 0)
		fail_msg("%s in %s", err.message, text);
	return v;
}

static json_t *decoded(const struct kind *k, const char *text)
{
	json_t *in = parse(text), *out = NULL, *warnings = NULL;
	struct fault_list faults = { 0 };
	struct err err = { 0 };
	if (decode_object(k, in, FIELDS_STRICT, &out, &warnings, &faults, &err) < 0)
		fail_msg("%s", err.message);
	json_decref(in);
	return out;
}

static void owns(const json_t *object, const char *manager, const char *operation, const char *fields)
{
	json_t *list = json_at(object, "metadata.managedFields"), *entry;
	size_t i;
	json_array_foreach(list, i, entry)
	{
		if (strcmp(json_str_at(entry, "manager"), manager) != 0 || strcmp(json_str_at(entry, "operation"), operation) != 0)
			continue;
		struct buf b;
		buf_init(&b, 1 << 20);
		json_encode(json_object_get(entry, "fieldsV1"), JSON_ENCODE_SORTED, &b);
		assert_string_equal(b.ptr, fields);
		buf_release(&b);
		return;
	}
	fail_msg("%s owns nothing", manager);
}

static void owns_nothing(const json_t *object, const char *manager)
{
	json_t *entry;
	size_t i;
	json_array_foreach(json_at(object, "metadata.managedFields"), i, entry)
		assert_string_not_equal(json_str_at(entry, "manager"), manager);
}

static json_t *update(const struct kind *k, const json_t *old, json_t *object, const char *manager, int64_t now_ns)
{
	struct err err = { 0 };
	assert_int_equal(managed_update(k, old, object, manager, NULL, now_ns, &err), 0);
	return object;
}

static json_t *apply(const struct kind *k, const json_t *live, const char *text, const char *manager, bool force)
{
	json_t *config = parse(text), *out = NULL, *causes = NULL;
	struct err err = { 0 };
	if (managed_apply(k, live, config, manager, NULL, force, second, &out, &causes, &err) < 0)
		fail_msg("%s", err.message);
	json_decref(config);
	return out;
}

static void a_new_object_belongs_to_who_made_it(void **state)
{
	(void)state;
	json_t *cm = decoded(&configmap, "{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"labels\":{\"x\":\"y\"}},\"data\":{\"k\":\"v\"}}");
	update(&configmap, NULL, cm, "curl", second);
	owns(cm, "curl", "Update", "{\"f:data\":{\".\":{},\"f:k\":{}},\"f:metadata\":{\"f:labels\":{\".\":{},\"f:x\":{}}}}");
	assert_string_equal(json_str_at(json_array_get(json_at(cm, "metadata.managedFields"), 0), "time"), "1970-01-01T00:00:01Z");
	json_decref(cm);
}

static void items_are_owned_by_their_keys_and_members_that_go_always_writes_are_not_new(void **state)
{
	(void)state;
	json_t *d = decoded(&deployment,
			    "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":2,\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":"
			    "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"m\",\"image\":\"i\",\"command\":[\"c\"],"
			    "\"ports\":[{\"containerPort\":80}],\"resources\":{}}]}},\"strategy\":{\"type\":\"Recreate\"}}}");
	update(&deployment, NULL, d, "kubectl-create", second);
	owns(d, "kubectl-create", "Update",
	     "{\"f:spec\":{\"f:replicas\":{},\"f:selector\":{},\"f:strategy\":{\"f:type\":{}},\"f:template\":{\"f:metadata\":{\"f:labels\":"
	     "{\".\":{},\"f:a\":{}}},\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"m\\\"}\":{\".\":{},\"f:command\":{},\"f:image\":{},"
	     "\"f:name\":{},\"f:ports\":{\".\":{},\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},"
	     "\"f:containerPort\":{}}},\"f:resources\":{}}}}}}}");
	json_decref(d);
}

static void a_change_moves_the_field_and_an_empty_one_changes_nothing(void **state)
{
	(void)state;
	json_t *a = decoded(&configmap, "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"1\",\"l\":\"2\"}}");
	update(&configmap, NULL, a, "first", second);
	json_t *b = json_deep_copy(a);
	json_object_set_new(json_object_get(b, "data"), "k", json_string("9"));
	update(&configmap, a, b, "second", 2 * second);
	owns(b, "first", "Update", "{\"f:data\":{\".\":{},\"f:l\":{}}}");
	owns(b, "second", "Update", "{\"f:data\":{\"f:k\":{}}}");
	json_t *c = json_deep_copy(b);
	json_object_del(json_object_get(c, "metadata"), "managedFields");
	update(&configmap, b, c, "third", 3 * second);
	assert_true(json_equal(b, c));
	json_object_del(json_object_get(c, "data"), "l");
	update(&configmap, b, c, "third", 3 * second);
	owns(c, "first", "Update", "{\"f:data\":{}}");
	owns_nothing(c, "third");
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

static void an_applied_configuration_owns_what_it_names_and_no_more(void **state)
{
	(void)state;
	json_t *a = apply(&configmap, NULL, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"1\"}}",
			  "kubectl", false);
	owns(a, "kubectl", "Apply", "{\"f:data\":{\"f:a\":{}}}");
	json_t *b = apply(&configmap, a, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"b\":\"2\"}}", "kubectl", false);
	assert_null(json_at(b, "data.a")); /* given up, and nobody else's */
	assert_string_equal(json_str_at(b, "data.b"), "2");
	owns(b, "kubectl", "Apply", "{\"f:data\":{\"f:b\":{}}}");
	json_decref(a);
	json_decref(b);
}

static void what_another_manager_owns_stays_when_it_is_given_up(void **state)
{
	(void)state;
	json_t *a = apply(&configmap, NULL, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"1\",\"b\":\"2\"}}", "x", false);
	json_t *b = apply(&configmap, a, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"1\"}}", "y", false);
	json_t *c = apply(&configmap, b, "{\"metadata\":{\"name\":\"cm\"}}", "x", false);
	assert_string_equal(json_str_at(c, "data.a"), "1");
	assert_null(json_at(c, "data.b"));
	owns_nothing(c, "x");
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

static void an_apply_against_another_owner_is_a_conflict_unless_forced(void **state)
{
	(void)state;
	json_t *a = apply(&configmap, NULL, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"2\"}}", "kubectl", false);
	json_t *config = parse("{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"1\"}}"), *out = NULL, *causes = NULL;
	struct err err = { 0 };
	assert_int_equal(managed_apply(&configmap, a, config, "other", NULL, false, second, &out, &causes, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_string_equal(err.message, "Apply failed with 1 conflict: conflict with \"kubectl\": .data.a");
	assert_int_equal(json_array_size(causes), 1);
	assert_string_equal(json_str_at(json_array_get(causes, 0), "field"), ".data.a");
	assert_string_equal(json_str_at(json_array_get(causes, 0), "reason"), "FieldManagerConflict");
	json_decref(causes);
	json_decref(config);
	json_t *b = apply(&configmap, a, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"1\"}}", "other", true);
	assert_string_equal(json_str_at(b, "data.a"), "1");
	owns_nothing(b, "kubectl");
	owns(b, "other", "Apply", "{\"f:data\":{\"f:a\":{}}}");
	json_decref(a);
	json_decref(b);
}

static void conflicts_with_an_updater_name_it_and_its_version(void **state)
{
	(void)state;
	json_t *a = decoded(&deployment, "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":2,\"paused\":true}}");
	update(&deployment, NULL, a, "scaler", second);
	json_t *config = parse("{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":3,\"paused\":false}}"), *out = NULL, *causes = NULL;
	struct err err = { 0 };
	assert_int_equal(managed_apply(&deployment, a, config, "me", NULL, false, second, &out, &causes, &err), -1);
	assert_string_equal(err.message, "Apply failed with 2 conflicts: conflicts with \"scaler\" using apps/v1:\n"
					 "- .spec.paused\n- .spec.replicas");
	json_decref(causes);
	json_decref(config);
	json_decref(a);
}

static void applied_items_of_a_list_are_merged_by_key(void **state)
{
	(void)state;
	json_t *a = apply(&service, NULL, "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":80,\"name\":\"http\"},{\"port\":81,\"name\":\"x\"}]}}",
			  "x", false);
	json_t *b = apply(&service, a, "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":90,\"name\":\"other\"}]}}", "y", false);
	assert_int_equal(json_array_size(json_at(b, "spec.ports")), 3);
	json_t *c = apply(&service, b, "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":80,\"name\":\"web\"}]}}", "x", false);
	json_t *ports = json_at(c, "spec.ports");
	assert_int_equal(json_array_size(ports), 2);
	owns(c, "x", "Apply",
	     "{\"f:spec\":{\"f:ports\":{\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:name\":{},\"f:port\":{}}}}}");
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

static void status_is_not_applied_through_the_main_resource(void **state)
{
	(void)state;
	json_t *a = apply(&deployment, NULL, "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":1},\"status\":{\"replicas\":5}}", "x", false);
	assert_null(json_at(a, "status.replicas"));
	owns(a, "x", "Apply", "{\"f:spec\":{\"f:replicas\":{}}}");
	json_decref(a);
}

static void a_configuration_the_type_does_not_have_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"foo\":1}}",
		  "failed to create typed patch object (/w; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema" },
		{ "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":\"x\"}}",
		  "failed to create typed patch object (/w; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float)" },
		{ "{\"metadata\":{\"name\":\"w\",\"managedFields\":[{}]}}", "metadata.managedFields must be nil" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *config = parse(bad[i][0]), *out = NULL, *causes = NULL;
		struct err err = { 0 };
		assert_int_equal(managed_apply(&deployment, NULL, config, "x", NULL, false, second, &out, &causes, &err), -1);
		assert_string_equal(err.message, bad[i][1]);
		json_decref(config);
	}
}

static void the_oldest_of_many_updaters_become_one(void **state)
{
	(void)state;
	json_t *was = decoded(&configmap, "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"0\"}}");
	update(&configmap, NULL, was, "m0", second);
	for (int i = 1; i < 15; i++) {
		char key[8], manager[8];
		json_t *is = json_deep_copy(was);
		(void)snprintf(key, sizeof key, "k%d", i);
		(void)snprintf(manager, sizeof manager, "m%d", i);
		json_object_set_new(json_object_get(is, "data"), key, json_string("x"));
		update(&configmap, was, is, manager, (i + 1) * second);
		json_decref(was);
		was = is;
	}
	assert_int_equal(json_array_size(json_at(was, "metadata.managedFields")), 10);
	assert_string_equal(json_str_at(json_array_get(json_at(was, "metadata.managedFields"), 0), "manager"), "ancient-changes");
	json_decref(was);
}

static void kubectls_own_client_side_fields_are_no_conflict(void **state)
{
	(void)state;
	json_t *a = decoded(&configmap,
			    "{\"metadata\":{\"name\":\"cm\",\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":"
			    "\"{\\\"data\\\":{\\\"a\\\":\\\"1\\\"}}\"}},\"data\":{\"a\":\"1\"}}");
	update(&configmap, NULL, a, "kubectl-client-side-apply", second);
	json_t *b = apply(&configmap, a, "{\"metadata\":{\"name\":\"cm\"},\"data\":{\"a\":\"2\"}}", "kubectl", false);
	assert_string_equal(json_str_at(b, "data.a"), "2");
	json_decref(a);
	json_decref(b);
}

static void sets_of_fields_follow_set_algebra(void **state)
{
	(void)state;
	json_t *v1 = parse("{\"f:a\":{\".\":{},\"f:b\":{}},\"f:c\":{\"k:{\\\"name\\\":\\\"x\\\"}\":{}},\"f:l\":{\"v:\\\"y\\\"\":{}}}");
	json_t *other = parse("{\"f:a\":{},\"f:l\":{\"v:\\\"y\\\"\":{}}}");
	json_t *a = fieldset_decode(v1), *b = fieldset_decode(other), *r = fieldset_encode(a);
	assert_true(json_equal(r, v1));
	json_decref(r);
	json_t *d = fieldset_difference(a, b);
	r = fieldset_encode(d);
	struct buf text;
	buf_init(&text, 4096);
	json_encode(r, JSON_ENCODE_SORTED, &text);
	assert_string_equal(text.ptr, "{\"f:a\":{\"f:b\":{}},\"f:c\":{\"k:{\\\"name\\\":\\\"x\\\"}\":{}}}");
	buf_release(&text);
	json_decref(r);
	json_t *both = fieldset_intersection(a, b), *all = fieldset_union(d, both);
	assert_true(fieldset_equal(all, a));
	json_t *paths = fieldset_paths(a);
	assert_int_equal(json_array_size(paths), 4);
	assert_string_equal(json_string_value(json_array_get(paths, 2)), ".c[name=\"x\"]");
	assert_string_equal(json_string_value(json_array_get(paths, 3)), ".l[=\"y\"]");
	json_decref(paths);
	json_decref(both);
	json_decref(all);
	json_decref(d);
	json_decref(a);
	json_decref(b);
	json_decref(v1);
	json_decref(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_object_belongs_to_who_made_it),
		cmocka_unit_test(items_are_owned_by_their_keys_and_members_that_go_always_writes_are_not_new),
		cmocka_unit_test(a_change_moves_the_field_and_an_empty_one_changes_nothing),
		cmocka_unit_test(an_applied_configuration_owns_what_it_names_and_no_more),
		cmocka_unit_test(what_another_manager_owns_stays_when_it_is_given_up),
		cmocka_unit_test(an_apply_against_another_owner_is_a_conflict_unless_forced),
		cmocka_unit_test(conflicts_with_an_updater_name_it_and_its_version),
		cmocka_unit_test(applied_items_of_a_list_are_merged_by_key),
		cmocka_unit_test(status_is_not_applied_through_the_main_resource),
		cmocka_unit_test(a_configuration_the_type_does_not_have_is_refused),
		cmocka_unit_test(the_oldest_of_many_updaters_become_one),
		cmocka_unit_test(kubectls_own_client_side_fields_are_no_conflict),
		cmocka_unit_test(sets_of_fields_follow_set_algebra),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
