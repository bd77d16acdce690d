/* Tests of the collector: owners and dependents, namespaces, expiry. */
#include "fixture.h"

/* A ConfigMap owned by `owner`; `block`: it asks the owner to wait for it. */
static json_t *owned(struct fixture *f, const char *namespace_, const char *name, const json_t *owner, bool block,
		     const char *finalizer)
{
	struct resource_call call = { .kind = &config_kind, .namespace = namespace_ };
	json_t *ref = cluster_owner_reference(owner), *out = NULL;
	json_object_set_new(ref, "blockOwnerDeletion", json_boolean(block));
	json_t *o = json_pack("{s:{s:s,s:[o]}}", "metadata", "name", name, "ownerReferences", ref);
	if (finalizer)
		json_object_set_new(json_object_get(o, "metadata"), "finalizers", json_pack("[s]", finalizer));
	ok(cluster_create(f->c, &call, o, &out, err));
	json_decref(o);
	resource_call_release(&call);
	return out;
}

static void remove_how(struct fixture *f, const char *name, enum delete_propagation how, bool *gone)
{
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = name };
	struct delete_options o = { .propagation = how, .grace_s = -1 };
	ok(cluster_delete(f->c, &call, &o, NULL, gone, err));
}

static bool is_there(struct fixture *f, const char *namespace_, const char *name)
{
	json_t *o = get(f, &config_kind, namespace_, name);
	json_decref(o);
	return o != NULL;
}

static void drop_finalizers(struct fixture *f, const char *namespace_, const char *name)
{
	struct resource_call call = { .kind = &config_kind, .namespace = namespace_, .name = name };
	struct patch_options merge = { .type = PATCH_MERGE };
	json_t *none = parse("{\"metadata\":{\"finalizers\":null}}");
	ok(cluster_patch(f->c, &call, &merge, none, NULL, NULL, err));
	resource_call_release(&call);
	json_decref(none);
}

static void dependents_go_with_their_owner(void **state)
{
	struct fixture *f = *state;
	bool gone = false;
	json_t *a = make(f, &config_kind, "default", "a"), *b = owned(f, "default", "b", a, true, NULL),
	       *c = owned(f, "default", "c", b, true, NULL);
	remove_how(f, "a", DELETE_DEFAULT, &gone);
	assert_true(gone);
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "b"));
	assert_false(is_there(f, "default", "c"));
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

static void a_second_owner_keeps_a_dependent(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default" };
	json_t *a = make(f, &config_kind, "default", "a"), *b = make(f, &config_kind, "default", "b"),
	       *ref = cluster_owner_reference(b);
	json_object_set_new(ref, "controller", json_false());
	json_t *o = json_pack("{s:{s:s,s:[o,o]}}", "metadata", "name", "c", "ownerReferences", cluster_owner_reference(a), ref);
	ok(cluster_create(f->c, &call, o, NULL, err));
	erase(f, &config_kind, "default", "a");
	cluster_settle(f->c);
	json_t *c = get(f, &config_kind, "default", "c");
	assert_int_equal(json_array_size(json_at(c, "metadata.ownerReferences")), 1);
	json_decref(c);
	erase(f, &config_kind, "default", "b");
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "c"));
	json_decref(o);
	json_decref(a);
	json_decref(b);
}

static void orphans_stay_without_their_owner(void **state)
{
	struct fixture *f = *state;
	bool gone = true;
	json_t *a = make(f, &config_kind, "default", "a");
	json_decref(owned(f, "default", "b", a, true, NULL));
	remove_how(f, "a", DELETE_ORPHAN, &gone);
	assert_false(gone);
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "a"));
	json_t *b = get(f, &config_kind, "default", "b");
	assert_non_null(b);
	assert_null(json_at(b, "metadata.ownerReferences"));
	json_decref(a);
	json_decref(b);
}

static void foreground_deletion_waits_for_those_that_block(void **state)
{
	struct fixture *f = *state;
	bool gone = true;
	json_t *a = make(f, &config_kind, "default", "a");
	json_decref(owned(f, "default", "b", a, true, "example.com/hold"));
	json_decref(owned(f, "default", "c", a, true, NULL));
	remove_how(f, "a", DELETE_FOREGROUND, &gone);
	assert_false(gone);
	cluster_settle(f->c);
	assert_true(is_there(f, "default", "a"));
	assert_true(is_there(f, "default", "b"));
	assert_false(is_there(f, "default", "c"));
	drop_finalizers(f, "default", "b");
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "b"));
	assert_false(is_there(f, "default", "a"));
	json_decref(a);
}

static void foreground_deletion_does_not_wait_for_others(void **state)
{
	struct fixture *f = *state;
	json_t *a = make(f, &config_kind, "default", "a");
	json_decref(owned(f, "default", "b", a, false, "example.com/hold"));
	remove_how(f, "a", DELETE_FOREGROUND, NULL);
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "a"));
	json_t *b = get(f, &config_kind, "default", "b");
	assert_int_not_equal(strlen(str(b, "metadata.deletionTimestamp")), 0);
	json_decref(a);
	json_decref(b);
}

static void a_dependent_of_nobody_goes(void **state)
{
	struct fixture *f = *state;
	json_t *a = make(f, &config_kind, "default", "a");
	erase(f, &config_kind, "default", "a");
	json_decref(owned(f, "default", "late", a, true, NULL));
	/* An owner in another namespace is none. */
	json_t *b = make(f, &config_kind, "kube-public", "b");
	json_decref(owned(f, "default", "crossed", b, true, NULL));
	/* A kind that is not known here is left alone. */
	json_decref(create(f, &config_kind, "default",
			   "{\"metadata\":{\"name\":\"foreign\",\"ownerReferences\":[{\"apiVersion\":\"example.com/v1\","
			   "\"kind\":\"Thing\",\"name\":\"x\",\"uid\":\"u\"}]}}"));
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "late"));
	assert_false(is_there(f, "default", "crossed"));
	assert_true(is_there(f, "default", "foreign"));
	json_decref(a);
	json_decref(b);
}

static void a_restart_goes_on_collecting(void **state)
{
	struct fixture *f = *state;
	json_t *a = make(f, &config_kind, "default", "a");
	json_decref(owned(f, "default", "b", a, true, NULL));
	/* Deleted by a program that was killed before its collector came to it. */
	struct cluster_options o = { .clock = &stopped_clock };
	close_store(f);
	ok(cluster_db_open(f->path, &f->db, err));
	o.db = f->db;
	ok(cluster_new(&o, &f->c, err));
	ok(cluster_kind_add(f->c, &namespace_kind, err));
	ok(cluster_kind_add(f->c, &config_kind, err));
	erase(f, &config_kind, "default", "a");
	assert_true(is_there(f, "default", "b"));
	ok(cluster_start(f->c, err));
	cluster_settle(f->c);
	assert_false(is_there(f, "default", "b"));
	json_decref(a);
}

static void a_namespace_is_emptied_then_goes(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &namespace_kind, .name = "x" };
	json_t *out = NULL, *o = parse("{\"metadata\":{\"name\":\"c\"}}");
	bool gone = true;
	json_decref(make(f, &namespace_kind, NULL, "x"));
	json_decref(make(f, &config_kind, "x", "a"));
	json_decref(create(f, &config_kind, "x", "{\"metadata\":{\"name\":\"b\",\"finalizers\":[\"example.com/hold\"]}}"));
	ok(cluster_delete(f->c, &call, NULL, &out, &gone, err));
	assert_false(gone);
	assert_string_equal(str(out, "status.phase"), "Terminating");
	json_decref(out);
	cluster_settle(f->c);
	assert_false(is_there(f, "x", "a"));
	assert_true(is_there(f, "x", "b"));
	json_t *ns = get(f, &namespace_kind, NULL, "x"), *condition = json_array_get(json_at(ns, "status.conditions"), 3);
	assert_string_equal(str(condition, "type"), "NamespaceContentRemaining");
	assert_string_equal(str(condition, "status"), "True");
	assert_string_equal(str(condition, "message"),
			    "Some resources are remaining: configmaps. has 1 resource instances");
	json_decref(ns);
	struct resource_call late = { .kind = &config_kind, .namespace = "x" };
	refused(cluster_create(f->c, &late, o, NULL, err), ERR_FORBIDDEN,
		"configmaps \"c\" is forbidden: unable to create new content in namespace x because it is being terminated");
	assert_string_equal(str(json_array_get(late.causes, 0), "reason"), "NamespaceTerminating");
	resource_call_release(&late);
	drop_finalizers(f, "x", "b");
	cluster_settle(f->c);
	assert_null(get(f, &namespace_kind, NULL, "x"));
	/* And can be made anew. */
	json_decref(make(f, &namespace_kind, NULL, "x"));
	json_decref(o);
}

static void the_first_namespaces_stay(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &namespace_kind, .name = "default" };
	refused(cluster_delete(f->c, &call, NULL, NULL, NULL, err), ERR_FORBIDDEN,
		"namespaces \"default\" is forbidden: this namespace may not be deleted");
}

static void *fill(void *arg)
{
	struct fixture *f = arg;
	for (int i = 0; i < 200; i++) {
		char text[64];
		struct err err = { 0 };
		struct resource_call call = { .kind = &config_kind, .namespace = "x" };
		snprintf(text, sizeof text, "{\"metadata\":{\"name\":\"n%d\"}}", i);
		json_t *o = json_loads(text, 0, NULL);
		int rc = cluster_create(f->c, &call, o, NULL, &err);
		json_decref(o);
		resource_call_release(&call);
		if (rc < 0)
			return err.code == ERR_FORBIDDEN || err.code == ERR_NOT_FOUND ? NULL : "failed";
	}
	return NULL;
}

static void nothing_is_left_behind_in_a_namespace_that_goes(void **state)
{
	struct fixture *f = *state;
	pthread_t writer;
	void *failed;
	json_decref(make(f, &namespace_kind, NULL, "x"));
	pthread_create(&writer, NULL, fill, f);
	erase(f, &namespace_kind, NULL, "x");
	pthread_join(writer, &failed);
	assert_null(failed);
	cluster_settle(f->c);
	assert_null(get(f, &namespace_kind, NULL, "x"));
	struct resource_call all = { .kind = &config_kind, .namespace = "x" };
	struct resource_list list;
	ok(cluster_list(f->c, &all, NULL, &list, err));
	assert_int_equal(json_array_size(list.items), 0);
	resource_list_release(&list);
}

static void events_expire(void **state)
{
	struct fixture *f = *state;
	json_decref(create(f, &event_kind, "default",
			   "{\"metadata\":{\"name\":\"e\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p\","
			   "\"namespace\":\"default\"}}"));
	atomic_fetch_add(&now_ns, (long long)3599 * 1000000000);
	cluster_settle(f->c);
	json_t *e = get(f, &event_kind, "default", "e");
	assert_non_null(e);
	json_decref(e);
	close_store(f);
	assert_int_equal(open_store(f, true), 0);
	atomic_fetch_add(&now_ns, (long long)2 * 1000000000);
	cluster_settle(f->c);
	assert_null(get(f, &event_kind, "default", "e"));
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, setup_memory, teardown)
#define ON_DISK(t) cmocka_unit_test_setup_teardown(t, setup_disk, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(dependents_go_with_their_owner),
		ON_DISK(dependents_go_with_their_owner),
		IN_MEMORY(a_second_owner_keeps_a_dependent),
		IN_MEMORY(orphans_stay_without_their_owner),
		IN_MEMORY(foreground_deletion_waits_for_those_that_block),
		IN_MEMORY(foreground_deletion_does_not_wait_for_others),
		IN_MEMORY(a_dependent_of_nobody_goes),
		ON_DISK(a_restart_goes_on_collecting),
		IN_MEMORY(a_namespace_is_emptied_then_goes),
		IN_MEMORY(the_first_namespaces_stay),
		IN_MEMORY(nothing_is_left_behind_in_a_namespace_that_goes),
		ON_DISK(nothing_is_left_behind_in_a_namespace_that_goes),
		ON_DISK(events_expire),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
