/* Tests of kinds made by CustomResourceDefinitions, and of their tables. */
#include "fixture.h"

static const char crontabs[] =
	"{\"metadata\":{\"name\":\"crontabs.example.com\"},\"spec\":{\"group\":\"example.com\",\"scope\":\"Namespaced\","
	"\"names\":{\"plural\":\"crontabs\",\"kind\":\"CronTab\",\"shortNames\":[\"ct\"]},\"versions\":["
	"{\"name\":\"v1beta1\",\"served\":true,\"storage\":false,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\","
	"\"x-kubernetes-preserve-unknown-fields\":true}}},"
	"{\"name\":\"v1\",\"served\":true,\"storage\":true,\"subresources\":{\"status\":{},\"scale\":{"
	"\"specReplicasPath\":\".spec.replicas\",\"statusReplicasPath\":\".status.replicas\"}},"
	"\"additionalPrinterColumns\":[{\"name\":\"Spec\",\"type\":\"string\",\"jsonPath\":\".spec.cron\"},"
	"{\"name\":\"Ready\",\"type\":\"string\",\"jsonPath\":\".status.conditions[?(@.type=='Ready')].status\"},"
	"{\"name\":\"N\",\"type\":\"integer\",\"jsonPath\":\".spec.replicas\",\"priority\":1},"
	"{\"name\":\"Age\",\"type\":\"date\",\"jsonPath\":\".metadata.creationTimestamp\"}],"
	"\"selectableFields\":[{\"jsonPath\":\".spec.cron\"}],"
	"\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{"
	"\"cron\":{\"type\":\"string\"},\"replicas\":{\"type\":\"integer\",\"minimum\":0}}},\"status\":{\"type\":\"object\","
	"\"properties\":{\"replicas\":{\"type\":\"integer\"},\"conditions\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
	"\"properties\":{\"type\":{\"type\":\"string\"},\"status\":{\"type\":\"string\"}}}}}}}}}}]}}";

static const char *condition(const json_t *crd, const char *type)
{
	size_t i;
	const json_t *c;
	json_array_foreach(json_at(crd, "status.conditions"), i, c)
		if (!strcmp(str(c, "type"), type))
			return str(c, "status");
	return "";
}

static const struct kind *kind(struct fixture *f, const char *version)
{
	return cluster_kind(f->c, "example.com", version, "crontabs");
}

static void a_definition_makes_kinds(void **state)
{
	struct fixture *f = *state;
	uint64_t generation = cluster_kinds_generation(f->c);
	json_decref(create(f, &crd_kind, NULL, crontabs));
	assert_true(cluster_kinds_generation(f->c) > generation);
	json_t *crd = get(f, &crd_kind, NULL, "crontabs.example.com");
	assert_string_equal(condition(crd, "Established"), "True");
	assert_string_equal(condition(crd, "NamesAccepted"), "True");
	assert_string_equal(str(crd, "status.acceptedNames.listKind"), "CronTabList");
	assert_string_equal(str(crd, "status.acceptedNames.singular"), "crontab");
	assert_string_equal(json_string_value(json_array_get(json_at(crd, "status.storedVersions"), 0)), "v1");
	const struct kind *v1 = kind(f, "v1"), *beta = kind(f, "v1beta1"), *first = kind(f, NULL),
			  *by_kind = cluster_kind_of(f->c, "example.com/v1", "CronTab");
	assert_ptr_equal(first, v1);
	assert_ptr_equal(by_kind, v1);
	assert_ptr_equal(kind_storage(beta), v1);
	assert_true(v1->flags & KIND_STATUS);
	assert_false(beta->flags & KIND_STATUS);
	/* One object, seen in two versions. */
	json_t *o = create(f, v1, "default", "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"cron\":\"* *\",\"replicas\":2}}");
	json_t *other = get(f, beta, "default", "a");
	assert_string_equal(str(o, "apiVersion"), "example.com/v1");
	assert_string_equal(str(other, "apiVersion"), "example.com/v1beta1");
	assert_string_equal(str(other, "spec.cron"), "* *");
	assert_string_equal(str(other, "metadata.uid"), str(o, "metadata.uid"));
	json_decref(create(f, beta, "default", "{\"metadata\":{\"name\":\"b\"},\"spec\":{\"cron\":\"1\"}}"));
	json_t *b = get(f, v1, "default", "b");
	assert_string_equal(str(b, "apiVersion"), "example.com/v1");
	json_decref(b);
	json_decref(other);
	json_decref(o);
	kind_unref(v1);
	kind_unref(beta);
	kind_unref(first);
	kind_unref(by_kind);
	json_decref(crd);
}

static void a_custom_object_is_checked_by_its_schema(void **state)
{
	struct fixture *f = *state;
	json_decref(create(f, &crd_kind, NULL, crontabs));
	const struct kind *v1 = kind(f, "v1");
	struct resource_call call = { .kind = v1, .namespace = "default" };
	json_t *bad = parse("{\"metadata\":{\"name\":\"a\"},\"spec\":{\"replicas\":\"many\"}}"),
	       *unknown = parse("{\"metadata\":{\"name\":\"a\"},\"spec\":{\"cron\":\"x\",\"more\":1}}"), *out = NULL;
	struct err why = { 0 };
	assert_int_equal(cluster_create(f->c, &call, bad, NULL, &why), -1);
	assert_int_equal(why.code, ERR_UNPROCESSABLE);
	assert_string_equal(why.message, "CronTab.example.com \"a\" is invalid: spec.replicas: Invalid value: \"string\": "
					 "spec.replicas in body must be of type integer: \"string\"");
	call.fields = FIELDS_WARN;
	ok(cluster_create(f->c, &call, unknown, &out, err));
	assert_null(json_at(out, "spec.more"));
	assert_string_equal(json_string_value(json_array_get(call.warnings, 0)), "unknown field \"spec.more\"");
	/* Custom kinds want a version for an update. */
	call.name = "a";
	refused(cluster_update(f->c, &call, unknown, NULL, NULL, err), ERR_UNPROCESSABLE,
		"CronTab.example.com \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update");
	struct patch_options strategic = { .type = PATCH_STRATEGIC };
	why = (struct err){ 0 };
	assert_int_equal(cluster_patch(f->c, &call, &strategic, unknown, NULL, NULL, &why), -1);
	assert_int_equal(why.code, ERR_MEDIA_TYPE);
	resource_call_release(&call);
	json_decref(out);
	json_decref(bad);
	json_decref(unknown);
	kind_unref(v1);
}

static void columns_come_from_the_definition(void **state)
{
	struct fixture *f = *state;
	json_decref(create(f, &crd_kind, NULL, crontabs));
	const struct kind *v1 = kind(f, "v1");
	json_t *o = create(f, v1, "default", "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"cron\":\"* *\",\"replicas\":2}}"),
	       *columns = kind_table_columns(v1),
	       *cells = kind_table_cells(v1, o, atomic_load(&now_ns) + (int64_t)200 * 1000000000),
	       *wanted = parse("[\"a\",\"* *\",null,2,\"3m20s\"]");
	assert_int_equal(json_array_size(columns), 5);
	assert_string_equal(str(json_array_get(columns, 1), "name"), "Spec");
	assert_string_equal(str(json_array_get(columns, 1), "description"),
			    "Custom resource definition column (in JSONPath format): .spec.cron");
	assert_int_equal(json_int_at(json_array_get(columns, 3), "priority", 0), 1);
	assert_true(json_equal(cells, wanted));
	json_decref(wanted);
	json_decref(cells);
	json_decref(columns);
	json_decref(o);
	kind_unref(v1);
}

static void selectable_fields_select(void **state)
{
	struct fixture *f = *state;
	json_decref(create(f, &crd_kind, NULL, crontabs));
	const struct kind *v1 = kind(f, "v1");
	json_decref(create(f, v1, "default", "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"cron\":\"1\"}}"));
	json_decref(create(f, v1, "default", "{\"metadata\":{\"name\":\"b\"},\"spec\":{\"cron\":\"2\"}}"));
	struct resource_call call = { .kind = v1 };
	struct list_options o = { .field_selector = "spec.cron=2" }, bad = { .field_selector = "spec.x=2" };
	struct resource_list list;
	ok(cluster_list(f->c, &call, &o, &list, err));
	assert_int_equal(json_array_size(list.items), 1);
	assert_string_equal(str(json_array_get(list.items, 0), "metadata.name"), "b");
	resource_list_release(&list);
	refused(cluster_list(f->c, &call, &bad, &list, err), ERR_INVALID, "field label not supported: spec.x");
	kind_unref(v1);
}

static void a_definition_that_changes_changes_its_kinds(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &crd_kind, .name = "crontabs.example.com" };
	struct patch_options json = { .type = PATCH_JSON };
	json_decref(create(f, &crd_kind, NULL, crontabs));
	const struct kind *old = kind(f, "v1beta1");
	json_t *ops = parse("[{\"op\":\"remove\",\"path\":\"/spec/versions/0\"}]");
	ok(cluster_patch(f->c, &call, &json, ops, NULL, NULL, err));
	assert_null(kind(f, "v1beta1"));
	/* Who still holds the old one may go on using it. */
	json_decref(make(f, old, "default", "a"));
	kind_unref(old);
	resource_call_release(&call);
	json_decref(ops);
}

static void a_definition_takes_its_objects_along(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &crd_kind, .name = "crontabs.example.com" };
	json_t *out = NULL;
	bool gone = true;
	json_decref(create(f, &crd_kind, NULL, crontabs));
	const struct kind *v1 = kind(f, "v1");
	json_decref(create(f, v1, "default", "{\"metadata\":{\"name\":\"a\",\"finalizers\":[\"example.com/hold\"]}}"));
	json_decref(make(f, v1, "kube-public", "b"));
	ok(cluster_delete(f->c, &call, NULL, &out, &gone, err));
	assert_false(gone);
	assert_string_equal(condition(out, "Terminating"), "True");
	json_decref(out);
	cluster_settle(f->c);
	assert_null(get(f, v1, "kube-public", "b"));
	struct resource_call late = { .kind = v1, .namespace = "default" }, hold = { .kind = v1, .namespace = "default", .name = "a" };
	json_t *c = parse("{\"metadata\":{\"name\":\"c\"}}"), *none = parse("{\"metadata\":{\"finalizers\":null}}");
	refused(cluster_create(f->c, &late, c, NULL, err), ERR_METHOD,
		"create not allowed while custom resource definition is terminating");
	struct patch_options merge = { .type = PATCH_MERGE };
	ok(cluster_patch(f->c, &hold, &merge, none, NULL, NULL, err));
	cluster_settle(f->c);
	assert_null(get(f, &crd_kind, NULL, "crontabs.example.com"));
	assert_null(kind(f, NULL));
	kind_unref(v1);
	/* And it can come back. */
	json_decref(create(f, &crd_kind, NULL, crontabs));
	v1 = kind(f, "v1");
	assert_non_null(v1);
	json_decref(make(f, v1, "default", "a"));
	kind_unref(v1);
	resource_call_release(&hold);
	json_decref(c);
	json_decref(none);
}

static void a_definition_of_a_built_in_kind_is_stored_and_ours_goes_on(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &crd_kind, .name = "deployments.apps" };
	json_decref(create(f, &crd_kind, NULL,
			   "{\"metadata\":{\"name\":\"deployments.apps\"},\"spec\":{\"group\":\"apps\",\"scope\":\"Namespaced\","
			   "\"names\":{\"plural\":\"deployments\",\"kind\":\"Deployment\"},\"versions\":[{\"name\":\"v1\","
			   "\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\"}}}]}}"));
	json_t *crd = get(f, &crd_kind, NULL, "deployments.apps");
	assert_string_equal(condition(crd, "Established"), "True");
	json_decref(crd);
	const struct kind *k = cluster_kind(f->c, "apps", "v1", "deployments");
	assert_ptr_equal(k, &deployment_kind);
	json_decref(create(f, k, "default",
			   "{\"metadata\":{\"name\":\"d\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{"
			   "\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[]}}}}"));
	ok(cluster_delete(f->c, &call, NULL, NULL, NULL, err));
	cluster_settle(f->c);
	assert_null(get(f, &crd_kind, NULL, "deployments.apps"));
	json_t *d = get(f, k, "default", "d");
	assert_non_null(d);
	json_decref(d);
}

static void a_name_that_is_taken_is_not_accepted(void **state)
{
	struct fixture *f = *state;
	json_decref(create(f, &crd_kind, NULL, crontabs));
	json_decref(create(f, &crd_kind, NULL,
			   "{\"metadata\":{\"name\":\"others.example.com\"},\"spec\":{\"group\":\"example.com\","
			   "\"scope\":\"Cluster\",\"names\":{\"plural\":\"others\",\"kind\":\"CronTab\"},\"versions\":[{"
			   "\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{"
			   "\"type\":\"object\"}}}]}}"));
	json_t *crd = get(f, &crd_kind, NULL, "others.example.com");
	assert_string_equal(condition(crd, "NamesAccepted"), "False");
	assert_string_equal(condition(crd, "Established"), "False");
	assert_null(cluster_kind(f->c, "example.com", NULL, "others"));
	json_decref(crd);
}

static void a_restart_makes_the_kinds_again(void **state)
{
	struct fixture *f = *state;
	json_decref(create(f, &crd_kind, NULL, crontabs));
	const struct kind *v1 = kind(f, "v1");
	json_t *o = make(f, v1, "default", "a");
	kind_unref(v1);
	close_store(f);
	assert_int_equal(open_store(f, true), 0);
	v1 = kind(f, "v1");
	assert_non_null(v1);
	json_t *again = get(f, v1, "default", "a");
	assert_true(json_equal(o, again));
	kind_unref(v1);
	json_decref(o);
	json_decref(again);
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, setup_memory, teardown)
#define ON_DISK(t) cmocka_unit_test_setup_teardown(t, setup_disk, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(a_definition_makes_kinds),
		IN_MEMORY(a_custom_object_is_checked_by_its_schema),
		IN_MEMORY(columns_come_from_the_definition),
		IN_MEMORY(selectable_fields_select),
		IN_MEMORY(a_definition_that_changes_changes_its_kinds),
		ON_DISK(a_definition_takes_its_objects_along),
		IN_MEMORY(a_definition_of_a_built_in_kind_is_stored_and_ours_goes_on),
		IN_MEMORY(a_name_that_is_taken_is_not_accepted),
		ON_DISK(a_restart_makes_the_kinds_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
