/* Tests of the resource store: writes, conflicts, no-op writes, subresources, deletion, restarts. */
#include "fixture.h"

static void a_start_makes_four_namespaces(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "default", "kube-system", "kube-public", "kube-node-lease" };
	for (size_t i = 0; i < 4; i++) {
		json_t *ns = get(f, &namespace_kind, NULL, names[i]);
		assert_string_equal(str(ns, "status.phase"), "Active");
		assert_string_equal(json_string_value(json_array_get(json_at(ns, "spec.finalizers"), 0)), "kubernetes");
		json_decref(ns);
	}
}

static void a_new_object_gets_what_the_server_sets(void **state)
{
	struct fixture *f = *state;
	json_t *o = create(f, &config_kind, "default",
			   "{\"metadata\":{\"name\":\"a\",\"uid\":\"mine\",\"creationTimestamp\":\"2000-01-01T00:00:00Z\"},"
			   "\"data\":{\"k\":\"v\"}}");
	assert_string_equal(str(o, "apiVersion"), "v1");
	assert_string_equal(str(o, "kind"), "ConfigMap");
	assert_string_equal(str(o, "metadata.namespace"), "default");
	assert_string_equal(str(o, "metadata.creationTimestamp"), "2023-11-14T22:13:20Z");
	assert_int_equal(strlen(str(o, "metadata.uid")), 36);
	assert_true(version_of(o) > 0);
	json_t *entry = json_array_get(json_at(o, "metadata.managedFields"), 0);
	assert_string_equal(str(entry, "manager"), "test");
	json_t *again = get(f, &config_kind, "default", "a");
	assert_true(json_equal(o, again));
	json_decref(again);
	json_decref(o);
}

static void names_are_generated(void **state)
{
	struct fixture *f = *state;
	json_t *a = create(f, &config_kind, "default", "{\"metadata\":{\"generateName\":\"gen-\"}}"),
	       *b = create(f, &config_kind, "default", "{\"metadata\":{\"generateName\":\"gen-\"}}");
	assert_int_equal(strlen(str(a, "metadata.name")), 9);
	assert_string_not_equal(str(a, "metadata.name"), str(b, "metadata.name"));
	json_decref(a);
	json_decref(b);
}

static void wrong_writes_are_refused_in_the_servers_words(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default" },
			     other = { .kind = &config_kind, .namespace = "nowhere" };
	json_t *o = parse("{\"metadata\":{\"name\":\"a\"}}"), *bad = parse("{\"metadata\":{\"name\":\"A_b\"}}"),
	       *none = parse("{}"), *wrong = parse("{\"apiVersion\":\"v2\",\"metadata\":{\"name\":\"a\"}}");
	json_decref(make(f, &config_kind, "default", "a"));
	refused(cluster_create(f->c, &call, o, NULL, err), ERR_EXISTS, "configmaps \"a\" already exists");
	refused(cluster_create(f->c, &other, o, NULL, err), ERR_NOT_FOUND, "namespaces \"nowhere\" not found");
	refused(cluster_create(f->c, &call, none, NULL, err), ERR_UNPROCESSABLE,
		"ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required");
	refused(cluster_create(f->c, &call, wrong, NULL, err), ERR_INVALID,
		"the API version in the data (v2) does not match the expected API version (v1)");
	struct err why = { 0 };
	assert_int_equal(cluster_create(f->c, &call, bad, NULL, &why), -1);
	assert_int_equal(why.code, ERR_UNPROCESSABLE);
	assert_string_equal(str(json_array_get(call.causes, 0), "field"), "metadata.name");
	call.name = "b";
	refused(cluster_get(f->c, &call, NULL, err), ERR_NOT_FOUND, "configmaps \"b\" not found");
	struct resource_call deployment = { .kind = &deployment_kind, .namespace = "default", .name = "b" };
	refused(cluster_get(f->c, &deployment, NULL, err), ERR_NOT_FOUND, "deployments.apps \"b\" not found");
	resource_call_release(&call);
	resource_call_release(&other);
	json_decref(o);
	json_decref(bad);
	json_decref(none);
	json_decref(wrong);
}

static void an_update_with_an_old_version_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "a", .manager = "test" };
	json_t *first = make(f, &config_kind, "default", "a"), *second = set_data(f, "default", "a", "k", "1");
	assert_true(version_of(second) > version_of(first));
	refused(cluster_update(f->c, &call, first, NULL, NULL, err), ERR_CONFLICT,
		"Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to "
		"the latest version and try again");
	/* Without a version it overwrites. */
	json_t *blind = parse("{\"metadata\":{\"name\":\"a\"},\"data\":{\"z\":\"26\"}}"), *out = NULL;
	ok(cluster_update(f->c, &call, blind, &out, NULL, err));
	assert_null(json_at(out, "data.k"));
	assert_string_equal(str(out, "data.z"), "26");
	assert_string_equal(str(out, "metadata.uid"), str(first, "metadata.uid"));
	resource_call_release(&call);
	json_decref(first);
	json_decref(second);
	json_decref(blind);
	json_decref(out);
}

static void a_write_that_changes_nothing_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "a", .manager = "another" };
	json_decref(make(f, &config_kind, "default", "a"));
	json_t *before = set_data(f, "default", "a", "k", "1"), *out = NULL;
	struct resource_call all = { .kind = &config_kind };
	struct resource_list list;
	ok(cluster_list(f->c, &all, NULL, &list, err));
	int64_t version = list.resource_version;
	resource_list_release(&list);
	bool changed = true;
	atomic_fetch_add(&now_ns, (long long)5000000000);
	ok(cluster_update(f->c, &call, before, &out, &changed, err));
	assert_false(changed);
	assert_true(json_equal(before, out));
	json_decref(out);
	json_decref(set_data(f, "default", "a", "k", "1"));
	ok(cluster_list(f->c, &all, NULL, &list, err));
	assert_int_equal(list.resource_version, version);
	resource_list_release(&list);
	resource_call_release(&call);
	json_decref(before);
}

static const char deployment_text[] =
	"{\"metadata\":{\"name\":\"web\"},\"spec\":{\"replicas\":1,\"selector\":{\"matchLabels\":{\"app\":\"web\"}},"
	"\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}},"
	"\"status\":{\"replicas\":9}}";

static void status_and_spec_have_doors_of_their_own(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &deployment_kind, .namespace = "default", .name = "web", .manager = "test" };
	struct patch_options merge = { .type = PATCH_MERGE };
	json_t *o = create(f, &deployment_kind, "default", deployment_text), *out = NULL,
	       *patch = parse("{\"spec\":{\"replicas\":3},\"status\":{\"replicas\":3}}");
	assert_int_equal(json_int_at(o, "status.replicas", 0), 0);
	assert_int_equal(json_int_at(o, "metadata.generation", 0), 1);
	ok(cluster_patch(f->c, &call, &merge, patch, &out, NULL, err));
	assert_int_equal(json_int_at(out, "spec.replicas", 0), 3);
	assert_int_equal(json_int_at(out, "status.replicas", 0), 0);
	assert_int_equal(json_int_at(out, "metadata.generation", 0), 2);
	json_decref(out);
	call.subresource = "status";
	json_t *other = parse("{\"spec\":{\"replicas\":7},\"status\":{\"replicas\":3}}");
	ok(cluster_patch(f->c, &call, &merge, other, &out, NULL, err));
	assert_int_equal(json_int_at(out, "spec.replicas", 0), 3);
	assert_int_equal(json_int_at(out, "status.replicas", 0), 3);
	assert_int_equal(json_int_at(out, "metadata.generation", 0), 2);
	json_decref(out);
	call.subresource = "approval";
	refused(cluster_get(f->c, &call, &out, err), ERR_NOT_FOUND, "the server could not find the requested resource");
	resource_call_release(&call);
	json_decref(other);
	json_decref(patch);
	json_decref(o);
}

static void scale_reads_and_writes_replicas(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = {
		.kind = &deployment_kind, .namespace = "default", .name = "web", .subresource = "scale", .manager = "test"
	};
	struct patch_options merge = { .type = PATCH_MERGE };
	json_decref(create(f, &deployment_kind, "default", deployment_text));
	json_t *scale = NULL, *out = NULL, *patch = parse("{\"spec\":{\"replicas\":5}}"),
	       *negative = parse("{\"spec\":{\"replicas\":-1}}");
	ok(cluster_get(f->c, &call, &scale, err));
	assert_string_equal(str(scale, "kind"), "Scale");
	assert_int_equal(json_int_at(scale, "spec.replicas", 0), 1);
	assert_string_equal(str(scale, "status.selector"), "app=web");
	ok(cluster_patch(f->c, &call, &merge, patch, &out, NULL, err));
	assert_string_equal(str(out, "kind"), "Scale");
	assert_int_equal(json_int_at(out, "spec.replicas", 0), 5);
	assert_true(version_of(out) > version_of(scale));
	json_t *whole = get(f, &deployment_kind, "default", "web");
	assert_int_equal(json_int_at(whole, "spec.replicas", 0), 5);
	assert_int_equal(json_int_at(whole, "metadata.generation", 0), 2);
	struct err why = { 0 };
	assert_int_equal(cluster_patch(f->c, &call, &merge, negative, NULL, NULL, &why), -1);
	assert_int_equal(why.code, ERR_UNPROCESSABLE);
	resource_call_release(&call);
	json_decref(whole);
	json_decref(out);
	json_decref(scale);
	json_decref(patch);
	json_decref(negative);
}

static void immutable_fields_stay(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &deployment_kind, .namespace = "default", .name = "web" };
	struct patch_options merge = { .type = PATCH_MERGE };
	json_decref(create(f, &deployment_kind, "default", deployment_text));
	json_t *patch = parse("{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"other\"}}}}");
	refused(cluster_patch(f->c, &call, &merge, patch, NULL, NULL, err), ERR_UNPROCESSABLE,
		"Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"other\"}}: field is "
		"immutable");
	resource_call_release(&call);
	json_decref(patch);
}

static void a_dry_run_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .dry_run = true };
	json_t *o = parse("{\"metadata\":{\"name\":\"a\"}}"), *out = NULL;
	ok(cluster_create(f->c, &call, o, &out, err));
	assert_int_equal(strlen(str(out, "metadata.uid")), 36);
	assert_null(json_at(out, "metadata.resourceVersion"));
	assert_null(get(f, &config_kind, "default", "a"));
	json_decref(out);
	json_decref(make(f, &config_kind, "default", "a"));
	call.name = "a";
	ok(cluster_delete(f->c, &call, NULL, NULL, NULL, err));
	json_t *still = get(f, &config_kind, "default", "a");
	assert_non_null(still);
	json_decref(still);
	json_decref(o);
	resource_call_release(&call);
}

static void server_side_apply_creates_merges_and_conflicts(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "a", .manager = "one" };
	struct patch_options apply = { .type = PATCH_APPLY };
	json_t *config = parse("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"1\","
			       "\"l\":\"2\"}}"),
	       *less = parse("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"1\"}}"),
	       *other = parse("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"9\"}}"),
	       *out = NULL, *again = NULL;
	bool created = false;
	ok(cluster_patch(f->c, &call, &apply, config, &out, &created, err));
	assert_true(created);
	ok(cluster_patch(f->c, &call, &apply, config, &again, &created, err));
	assert_false(created);
	assert_true(json_equal(out, again));
	json_decref(out);
	json_decref(again);
	ok(cluster_patch(f->c, &call, &apply, less, &out, &created, err));
	assert_null(json_at(out, "data.l"));
	json_decref(out);
	call.manager = "two";
	struct err why = { 0 };
	assert_int_equal(cluster_patch(f->c, &call, &apply, other, NULL, NULL, &why), -1);
	assert_int_equal(why.code, ERR_CONFLICT);
	assert_string_equal(str(json_array_get(call.causes, 0), "reason"), "FieldManagerConflict");
	assert_string_equal(str(json_array_get(call.causes, 0), "field"), ".data.k");
	apply.force = true;
	ok(cluster_patch(f->c, &call, &apply, other, &out, NULL, err));
	assert_string_equal(str(out, "data.k"), "9");
	json_decref(out);
	resource_call_release(&call);
	json_decref(config);
	json_decref(less);
	json_decref(other);
}

static void a_finalizer_holds_until_it_is_taken_away(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "a", .manager = "test" };
	json_t *out = NULL, *more = parse("{\"metadata\":{\"finalizers\":[\"example.com/a\",\"example.com/b\"]}}"),
	       *none = parse("{\"metadata\":{\"finalizers\":null}}");
	struct patch_options merge = { .type = PATCH_MERGE };
	bool gone = true;
	json_decref(create(f, &config_kind, "default", "{\"metadata\":{\"name\":\"a\",\"finalizers\":[\"example.com/a\"]}}"));
	ok(cluster_delete(f->c, &call, NULL, &out, &gone, err));
	assert_false(gone);
	assert_string_equal(str(out, "metadata.deletionTimestamp"), str(out, "metadata.creationTimestamp"));
	long long version = version_of(out);
	json_decref(out);
	ok(cluster_delete(f->c, &call, NULL, &out, &gone, err));
	assert_false(gone);
	assert_int_equal(version_of(out), version);
	json_decref(out);
	struct err why = { 0 };
	assert_int_equal(cluster_patch(f->c, &call, &merge, more, NULL, NULL, &why), -1);
	assert_int_equal(why.code, ERR_UNPROCESSABLE);
	ok(cluster_patch(f->c, &call, &merge, none, &out, NULL, err));
	json_decref(out);
	assert_null(get(f, &config_kind, "default", "a"));
	resource_call_release(&call);
	json_decref(more);
	json_decref(none);
}

static void preconditions_guard_a_deletion(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "a" };
	json_t *o = make(f, &config_kind, "default", "a");
	struct delete_options other = { .grace_s = -1, .uid = "other" },
			      right = { .grace_s = -1,
					.uid = str(o, "metadata.uid"),
					.resource_version = str(o, "metadata.resourceVersion") };
	char text[400];
	snprintf(text, sizeof text,
		 "Operation cannot be fulfilled on configmaps \"a\": Precondition failed: UID in precondition: other, UID in "
		 "object meta: %s",
		 str(o, "metadata.uid"));
	refused(cluster_delete(f->c, &call, &other, NULL, NULL, err), ERR_CONFLICT, text);
	ok(cluster_delete(f->c, &call, &right, NULL, NULL, err));
	assert_null(get(f, &config_kind, "default", "a"));
	json_decref(o);
}

static void a_pod_on_a_node_has_its_grace(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &pod_kind, .namespace = "default", .name = "p" };
	struct delete_options now = { .grace_s = 0 };
	json_t *out = NULL;
	bool gone = true;
	json_decref(create(f, &pod_kind, "default",
			   "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"nodeName\":\"n\",\"terminationGracePeriodSeconds\":7,"
			   "\"containers\":[]}}"));
	ok(cluster_delete(f->c, &call, NULL, &out, &gone, err));
	assert_false(gone);
	assert_int_equal(json_int_at(out, "metadata.deletionGracePeriodSeconds", 0), 7);
	json_decref(out);
	ok(cluster_delete(f->c, &call, &now, NULL, &gone, err));
	assert_true(gone);
	/* Nobody confirms it: the time does. */
	json_decref(create(f, &pod_kind, "default",
			   "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"nodeName\":\"n\",\"containers\":[]}}"));
	ok(cluster_delete(f->c, &call, NULL, NULL, NULL, err));
	cluster_settle(f->c);
	out = get(f, &pod_kind, "default", "p");
	assert_non_null(out);
	json_decref(out);
	atomic_fetch_add(&now_ns, (long long)31 * 1000000000);
	cluster_settle(f->c);
	assert_null(get(f, &pod_kind, "default", "p"));
}

static void a_large_object_is_refused(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default" };
	size_t n = (size_t)limits.api_object_bytes;
	char *big = malloc(n + 1);
	memset(big, 'x', n);
	big[n] = 0;
	json_t *o = json_pack("{s:{s:s},s:{s:s}}", "metadata", "name", "a", "data", "k", big);
	struct err why = { 0 };
	assert_int_equal(cluster_create(f->c, &call, o, NULL, &why), -1);
	assert_int_equal(why.code, ERR_TOO_LARGE);
	assert_null(get(f, &config_kind, "default", "a"));
	json_decref(o);
	free(big);
}

static void a_restart_finds_everything_as_it_was(void **state)
{
	struct fixture *f = *state;
	json_decref(make(f, &config_kind, "default", "a"));
	json_decref(make(f, &config_kind, "default", "gone"));
	json_t *b = set_data(f, "default", "a", "k", "1");
	json_decref(make(f, &config_kind, "kube-public", "b"));
	erase(f, &config_kind, "default", "gone");
	struct resource_call all = { .kind = &config_kind };
	struct resource_list before, after;
	ok(cluster_list(f->c, &all, NULL, &before, err));
	close_store(f);
	assert_int_equal(open_store(f, true), 0);
	ok(cluster_list(f->c, &all, NULL, &after, err));
	assert_true(json_equal(before.items, after.items));
	/* The deletion had the last version; none is handed out twice. */
	assert_int_equal(after.resource_version, before.resource_version);
	json_t *next = make(f, &config_kind, "default", "c");
	assert_int_equal(version_of(next), before.resource_version + 1);
	json_decref(next);
	resource_list_release(&before);
	resource_list_release(&after);
	json_decref(b);
}

/* What a kill leaves is what the database file holds at that moment: a copy of it, log included, is opened. */
static void what_was_acknowledged_survives_a_crash(void **state)
{
	struct fixture *f = *state;
	struct fixture copy = { 0 };
	for (int i = 0; i < 40; i++) {
		char name[16];
		snprintf(name, sizeof name, "a%02d", i);
		json_decref(make(f, &config_kind, "default", name));
		if (i % 3 == 0)
			json_decref(set_data(f, "default", name, "k", "1"));
		if (i % 5 == 0)
			erase(f, &config_kind, "default", name);
	}
	snprintf(copy.dir, sizeof copy.dir, "/tmp/test-cluster-XXXXXX");
	assert_non_null(mkdtemp(copy.dir));
	snprintf(copy.path, sizeof copy.path, "%s/cluster.db", copy.dir);
	for (int i = 0; i < 2; i++) {
		static const char *const suffixes[] = { "", "-wal" };
		char from[200], to[200], *bytes;
		size_t n;
		snprintf(from, sizeof from, "%s%s", f->path, suffixes[i]);
		snprintf(to, sizeof to, "%s%s", copy.path, suffixes[i]);
		ok(fs_slurp(from, (size_t)64 << 20, &bytes, &n, err));
		ok(fs_replace(to, slice_of(bytes, n), 0600, err));
		free(bytes);
	}
	assert_int_equal(open_store(&copy, true), 0);
	struct resource_call all = { .kind = &config_kind };
	struct resource_list mine, theirs;
	ok(cluster_list(f->c, &all, NULL, &mine, err));
	ok(cluster_list(copy.c, &all, NULL, &theirs, err));
	assert_int_equal(json_array_size(mine.items), 32);
	assert_true(json_equal(mine.items, theirs.items));
	resource_list_release(&mine);
	resource_list_release(&theirs);
	ok(db_verify(copy.db, err));
	close_store(&copy);
	fs_remove_tree(copy.dir, NULL);
}

static void a_collection_is_deleted_in_groups(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .manager = "test" };
	struct list_options some = { .label_selector = "x=1" };
	struct resource_list list;
	for (int i = 0; i < 150; i++) {
		char text[200];
		snprintf(text, sizeof text, "{\"metadata\":{\"name\":\"n%03d\",\"labels\":{\"x\":\"%d\"}%s}}", i, i % 2,
			 i == 11 ? ",\"finalizers\":[\"example.com/hold\"]" : "");
		json_decref(create(f, &config_kind, "default", text));
	}
	ok(cluster_delete_collection(f->c, &call, &some, NULL, &list, err));
	assert_int_equal(json_array_size(list.items), 75);
	resource_list_release(&list);
	ok(cluster_list(f->c, &call, &some, &list, err));
	assert_int_equal(json_array_size(list.items), 1);
	assert_string_equal(str(json_array_get(list.items, 0), "metadata.name"), "n011");
	assert_true(*str(json_array_get(list.items, 0), "metadata.deletionTimestamp"));
	resource_list_release(&list);
	ok(cluster_list(f->c, &call, NULL, &list, err));
	assert_int_equal(json_array_size(list.items), 76);
	resource_list_release(&list);
	call.dry_run = true;
	ok(cluster_delete_collection(f->c, &call, NULL, NULL, NULL, err));
	ok(cluster_list(f->c, &call, NULL, &list, err));
	assert_int_equal(json_array_size(list.items), 76);
	resource_list_release(&list);
}

static int add_one(json_t *object, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	char text[24];
	json_t *data = json_object_get(object, "data");
	if (!data) {
		data = json_object();
		json_object_set_new(object, "data", data);
	}
	snprintf(text, sizeof text, "%ld", strtol(str(data, "n"), NULL, 10) + 1);
	json_object_set_new(data, "n", json_string(text));
	return 1;
}

static void *count_up(void *arg)
{
	struct fixture *f = arg;
	for (int i = 0; i < 25; i++) {
		struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "n", .manager = "test" };
		struct err why = { 0 };
		if (cluster_modify(f->c, &call, add_one, NULL, NULL, &why) < 0)
			return "failed";
		resource_call_release(&call);
	}
	return NULL;
}

static void no_modification_is_lost(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[4];
	json_decref(make(f, &config_kind, "default", "n"));
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, count_up, f);
	for (int i = 0; i < 4; i++) {
		void *failed;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	json_t *o = get(f, &config_kind, "default", "n");
	assert_string_equal(str(o, "data.n"), "100");
	json_decref(o);
}

static void ensure_creates_then_changes_only_its_own(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .manager = "controller" };
	json_t *want = parse("{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"1\"}},\"data\":{\"mine\":\"1\"}}"), *out = NULL;
	bool changed = false;
	ok(cluster_ensure(f->c, &call, want, &out, &changed, err));
	assert_true(changed);
	json_decref(out);
	json_decref(set_data(f, "default", "a", "yours", "2"));
	ok(cluster_ensure(f->c, &call, want, &out, &changed, err));
	assert_false(changed);
	json_decref(out);
	json_object_set_new(json_object_get(want, "data"), "mine", json_string("3"));
	ok(cluster_ensure(f->c, &call, want, &out, &changed, err));
	assert_true(changed);
	assert_string_equal(str(out, "data.mine"), "3");
	assert_string_equal(str(out, "data.yours"), "2");
	json_decref(out);
	json_decref(want);
	resource_call_release(&call);
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, setup_memory, teardown)
#define ON_DISK(t) cmocka_unit_test_setup_teardown(t, setup_disk, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(a_start_makes_four_namespaces),
		IN_MEMORY(a_new_object_gets_what_the_server_sets),
		ON_DISK(a_new_object_gets_what_the_server_sets),
		IN_MEMORY(names_are_generated),
		IN_MEMORY(wrong_writes_are_refused_in_the_servers_words),
		ON_DISK(wrong_writes_are_refused_in_the_servers_words),
		IN_MEMORY(an_update_with_an_old_version_is_a_conflict),
		ON_DISK(an_update_with_an_old_version_is_a_conflict),
		IN_MEMORY(a_write_that_changes_nothing_writes_nothing),
		IN_MEMORY(status_and_spec_have_doors_of_their_own),
		IN_MEMORY(scale_reads_and_writes_replicas),
		IN_MEMORY(immutable_fields_stay),
		ON_DISK(a_dry_run_leaves_no_trace),
		IN_MEMORY(server_side_apply_creates_merges_and_conflicts),
		ON_DISK(a_finalizer_holds_until_it_is_taken_away),
		IN_MEMORY(preconditions_guard_a_deletion),
		IN_MEMORY(a_pod_on_a_node_has_its_grace),
		IN_MEMORY(a_large_object_is_refused),
		ON_DISK(a_restart_finds_everything_as_it_was),
		ON_DISK(what_was_acknowledged_survives_a_crash),
		IN_MEMORY(a_collection_is_deleted_in_groups),
		ON_DISK(a_collection_is_deleted_in_groups),
		IN_MEMORY(no_modification_is_lost),
		ON_DISK(no_modification_is_lost),
		IN_MEMORY(ensure_creates_then_changes_only_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
