/* Tests of watches and lists: order, resuming, bookmarks, selectors, waking, pages of one snapshot. */
#include "fixture.h"

static struct watch *watch(struct fixture *f, const struct kind *k, const char *namespace_, const struct watch_options *o)
{
	struct resource_call call = { .kind = k, .namespace = namespace_ };
	struct watch *w = NULL;
	ok(cluster_watch(f->c, &call, o, &w, err));
	return w;
}

/* "ADDED a 1" and so on into `out`, "-" when there is nothing. */
static const char *next(struct watch *w)
{
	static char text[200];
	static const char *const names[] = { "ADDED", "MODIFIED", "DELETED", "BOOKMARK" };
	struct watch_event e;
	struct err err = { 0 };
	int rc = watch_next(w, &e, &err);
	if (rc < 0) {
		assert_int_equal(err.code, ERR_GONE);
		return "GONE";
	}
	if (rc == 0)
		return "-";
	assert_int_equal(e.type == WATCH_ADDED ? e.resource_version : version_of(e.object), e.resource_version);
	snprintf(text, sizeof text, "%s %s %s", names[e.type], str(e.object, "metadata.name"), str(e.object, "data.k"));
	json_decref(e.object);
	return text;
}

static void changes_come_in_order_each_once(void **state)
{
	struct fixture *f = *state;
	json_decref(make(f, &config_kind, "default", "old"));
	struct watch *w = watch(f, &config_kind, "default", &(struct watch_options){ 0 });
	assert_string_equal(next(w), "ADDED old ");
	assert_string_equal(next(w), "-");
	json_decref(make(f, &config_kind, "default", "a"));
	json_decref(set_data(f, "default", "a", "k", "1"));
	json_decref(make(f, &config_kind, "kube-public", "elsewhere"));
	json_decref(set_data(f, "default", "a", "k", "1")); /* changes nothing */
	json_decref(set_data(f, "default", "a", "k", "2"));
	erase(f, &config_kind, "default", "a");
	assert_string_equal(next(w), "ADDED a ");
	assert_string_equal(next(w), "MODIFIED a 1");
	assert_string_equal(next(w), "MODIFIED a 2");
	assert_string_equal(next(w), "DELETED a 2");
	assert_string_equal(next(w), "-");
	watch_close(w);
}

static void a_watch_resumes_after_any_version(void **state)
{
	struct fixture *f = *state;
	char version[32];
	json_t *a = make(f, &config_kind, "default", "a");
	snprintf(version, sizeof version, "%lld", version_of(a));
	json_decref(a);
	for (int i = 0; i < 50; i++) {
		char value[8];
		snprintf(value, sizeof value, "%d", i);
		json_decref(set_data(f, "default", "a", "k", value));
	}
	struct watch *w = watch(f, &config_kind, NULL, &(struct watch_options){ .resource_version = version });
	for (int i = 0; i < 50; i++) {
		char wanted[32];
		snprintf(wanted, sizeof wanted, "MODIFIED a %d", i);
		assert_string_equal(next(w), wanted);
	}
	assert_string_equal(next(w), "-");
	watch_close(w);
}

static void initial_events_end_with_a_bookmark(void **state)
{
	struct fixture *f = *state;
	struct watch_event e;
	json_decref(make(f, &config_kind, "default", "a"));
	json_decref(make(f, &config_kind, "default", "b"));
	struct watch *w = watch(f, &config_kind, NULL, &(struct watch_options){ .send_initial_events = true });
	assert_string_equal(next(w), "ADDED a ");
	/* What happens meanwhile comes after the mark. */
	json_decref(make(f, &config_kind, "default", "c"));
	assert_string_equal(next(w), "ADDED b ");
	struct err err = { 0 };
	assert_int_equal(watch_next(w, &e, &err), 1);
	assert_int_equal(e.type, WATCH_BOOKMARK);
	assert_string_equal(json_string_value(json_object_get(json_at(e.object, "metadata.annotations"),
							      "k8s.io/initial-events-end")),
			    "true");
	assert_string_equal(str(e.object, "kind"), "ConfigMap");
	json_decref(e.object);
	assert_string_equal(next(w), "ADDED c ");
	assert_string_equal(next(w), "-");
	watch_close(w);
}

static void a_bookmark_says_how_far_an_idle_watch_has_seen(void **state)
{
	struct fixture *f = *state;
	struct watch_event e;
	struct watch *w = watch(f, &config_kind, NULL, &(struct watch_options){ 0 });
	assert_string_equal(next(w), "-");
	json_t *pod = create(f, &pod_kind, "default", "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[]}}");
	assert_string_equal(next(w), "-");
	watch_bookmark(w, &e);
	assert_int_equal(e.resource_version, version_of(pod));
	assert_int_equal(version_of(e.object), version_of(pod));
	json_decref(e.object);
	json_decref(pod);
	watch_close(w);
}

static void selectors_turn_changes_into_arrivals_and_departures(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default", .name = "a" };
	struct patch_options merge = { .type = PATCH_MERGE };
	json_t *in = parse("{\"metadata\":{\"labels\":{\"x\":\"1\"}}}"), *out = parse("{\"metadata\":{\"labels\":{\"x\":null}}}");
	struct watch *w = watch(f, &config_kind, NULL, &(struct watch_options){ .label_selector = "x" }),
		     *by_name = watch(f, &config_kind, NULL, &(struct watch_options){ .field_selector = "metadata.name=a" });
	json_decref(make(f, &config_kind, "default", "a"));
	json_decref(make(f, &config_kind, "default", "b"));
	ok(cluster_patch(f->c, &call, &merge, in, NULL, NULL, err));
	json_decref(set_data(f, "default", "a", "k", "1"));
	ok(cluster_patch(f->c, &call, &merge, out, NULL, NULL, err));
	json_decref(set_data(f, "default", "a", "k", "2"));
	erase(f, &config_kind, "default", "a");
	assert_string_equal(next(w), "ADDED a ");
	assert_string_equal(next(w), "MODIFIED a 1");
	assert_string_equal(next(w), "DELETED a 1");
	assert_string_equal(next(w), "-");
	for (int i = 0; i < 5; i++)
		assert_int_equal(strncmp(next(by_name), i ? "MODIFIED a" : "ADDED a", 7), 0);
	assert_string_equal(next(by_name), "DELETED a 2");
	assert_string_equal(next(by_name), "-");
	watch_close(w);
	watch_close(by_name);
	resource_call_release(&call);
	json_decref(in);
	json_decref(out);
}

static void who_falls_behind_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t window = limits.api_watch_window;
	limits.api_watch_window = 16;
	json_decref(make(f, &config_kind, "default", "a"));
	struct watch *slow = watch(f, &config_kind, NULL, &(struct watch_options){ 0 });
	assert_string_equal(next(slow), "ADDED a ");
	for (int i = 0; i < 40; i++) {
		char value[8];
		snprintf(value, sizeof value, "%d", i);
		json_decref(set_data(f, "default", "a", "k", value));
	}
	assert_string_equal(next(slow), "GONE");
	assert_string_equal(next(slow), "GONE");
	struct resource_call call = { .kind = &config_kind };
	struct watch_options old = { .resource_version = "5" };
	struct watch *w;
	struct err err = { 0 };
	assert_int_equal(cluster_watch(f->c, &call, &old, &w, &err), -1);
	assert_int_equal(err.code, ERR_GONE);
	assert_int_equal(strncmp(err.message, "too old resource version: 5 (", 29), 0);
	watch_close(slow);
	limits.api_watch_window = window;
}

static void old_events_are_forgotten_by_age_too(void **state)
{
	struct fixture *f = *state;
	json_t *a = make(f, &config_kind, "default", "a");
	char version[32];
	snprintf(version, sizeof version, "%lld", version_of(a));
	json_decref(set_data(f, "default", "a", "k", "1"));
	struct watch *w = watch(f, &config_kind, NULL, &(struct watch_options){ .resource_version = version });
	assert_string_equal(next(w), "MODIFIED a 1");
	assert_string_equal(next(w), "-");
	atomic_fetch_add(&now_ns, (long long)600 * 1000000000);
	cluster_settle(f->c);
	struct resource_call call = { .kind = &config_kind };
	struct watch_options old = { .resource_version = version };
	struct watch *late;
	struct err err = { 0 };
	assert_int_equal(cluster_watch(f->c, &call, &old, &late, &err), -1);
	assert_int_equal(err.code, ERR_GONE);
	/* Who has read everything is not concerned. */
	json_decref(set_data(f, "default", "a", "k", "2"));
	assert_string_equal(next(w), "MODIFIED a 2");
	watch_close(w);
	json_decref(a);
}

static void a_restart_keeps_watches_that_are_up_to_date(void **state)
{
	struct fixture *f = *state;
	char version[32], older[32];
	json_t *a = make(f, &config_kind, "default", "a");
	snprintf(older, sizeof older, "%lld", version_of(a));
	json_decref(make(f, &config_kind, "default", "gone"));
	erase(f, &config_kind, "default", "gone");
	struct resource_call call = { .kind = &config_kind };
	struct resource_list list;
	ok(cluster_list(f->c, &call, NULL, &list, err));
	snprintf(version, sizeof version, "%lld", (long long)list.resource_version);
	resource_list_release(&list);
	/* Another resource moves on. */
	json_decref(create(f, &pod_kind, "default", "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[]}}"));
	close_store(f);
	assert_int_equal(open_store(f, true), 0);
	struct watch *w = watch(f, &config_kind, NULL, &(struct watch_options){ .resource_version = version });
	json_decref(set_data(f, "default", "a", "k", "1"));
	assert_string_equal(next(w), "MODIFIED a 1");
	watch_close(w);
	struct watch_options old = { .resource_version = older };
	struct err err = { 0 };
	assert_int_equal(cluster_watch(f->c, &call, &old, &w, &err), -1);
	assert_int_equal(err.code, ERR_GONE);
	json_decref(a);
}

static void count(void *arg)
{
	atomic_fetch_add((atomic_int *)arg, 1);
}

static void a_watch_wakes_once_until_it_is_read(void **state)
{
	struct fixture *f = *state;
	atomic_int wakes = 0;
	struct watch *w = watch(f, &config_kind, "default", &(struct watch_options){ .wake = count, .arg = &wakes });
	assert_string_equal(next(w), "-");
	json_decref(make(f, &config_kind, "kube-public", "elsewhere"));
	assert_int_equal(wakes, 0);
	json_decref(make(f, &config_kind, "default", "a"));
	json_decref(make(f, &config_kind, "default", "b"));
	assert_int_equal(wakes, 1);
	assert_string_equal(next(w), "ADDED a ");
	json_decref(make(f, &config_kind, "default", "c"));
	assert_int_equal(wakes, 1);
	assert_string_equal(next(w), "ADDED b ");
	assert_string_equal(next(w), "ADDED c ");
	assert_string_equal(next(w), "-");
	json_decref(make(f, &config_kind, "default", "d"));
	assert_int_equal(wakes, 2);
	watch_close(w);
}

/* ---- writers and watchers at once ---- */

enum { WRITERS = 4, WRITES = 60 };

static void *write_much(void *arg)
{
	struct fixture *f = arg;
	static atomic_int serial;
	int me = atomic_fetch_add(&serial, 1) % WRITERS;
	for (int i = 0; i < WRITES; i++) {
		char text[160];
		struct err err = { 0 };
		struct resource_call call = { .kind = &config_kind, .namespace = "default", .manager = "test" };
		snprintf(text, sizeof text, "{\"metadata\":{\"name\":\"w%d-%d\"},\"data\":{\"k\":\"%d\"}}", me, i, i);
		json_t *o = json_loads(text, 0, NULL);
		if (cluster_create(f->c, &call, o, NULL, &err) < 0)
			abort();
		json_decref(o);
		if (i % 3 == 0) {
			char name[16];
			snprintf(name, sizeof name, "w%d-%d", me, i);
			call.name = name;
			if (cluster_delete(f->c, &call, NULL, NULL, NULL, &err) < 0)
				abort();
		}
		resource_call_release(&call);
	}
	return NULL;
}

struct reader {
	struct fixture *f;
	struct watch *watch;
	int events;
	bool ordered;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool wake;
};

static void wake_reader(void *arg)
{
	struct reader *r = arg;
	pthread_mutex_lock(&r->lock);
	r->wake = true;
	pthread_cond_signal(&r->woken);
	pthread_mutex_unlock(&r->lock);
}

/* Every write is one event, versions only grow, and an object that was told of can be read at that version or later. */
static void *read_much(void *arg)
{
	struct reader *r = arg;
	int64_t last = 0;
	r->ordered = true;
	while (r->events < WRITERS * (WRITES + WRITES / 3)) {
		struct watch_event e;
		struct err err = { 0 };
		int rc = watch_next(r->watch, &e, &err);
		if (rc < 0)
			abort();
		if (rc == 0) {
			pthread_mutex_lock(&r->lock);
			while (!r->wake)
				pthread_cond_wait(&r->woken, &r->lock);
			r->wake = false;
			pthread_mutex_unlock(&r->lock);
			continue;
		}
		r->ordered &= e.resource_version > last;
		last = e.resource_version;
		r->events++;
		struct resource_call call = { .kind = &config_kind };
		struct resource_list list;
		if (r->events % 16 == 0) {
			if (cluster_list(r->f->c, &call, NULL, &list, &err) < 0)
				abort();
			r->ordered &= list.resource_version >= e.resource_version;
			resource_list_release(&list);
		}
		json_decref(e.object);
	}
	return NULL;
}

static void watchers_see_every_write_in_order(void **state)
{
	struct fixture *f = *state;
	struct reader readers[2];
	pthread_t writers[WRITERS], threads[2];
	for (int i = 0; i < 2; i++) {
		readers[i] = (struct reader){ .f = f };
		pthread_mutex_init(&readers[i].lock, NULL);
		pthread_cond_init(&readers[i].woken, NULL);
		readers[i].watch = watch(f, &config_kind, NULL,
					 &(struct watch_options){ .wake = wake_reader, .arg = &readers[i] });
		pthread_create(&threads[i], NULL, read_much, &readers[i]);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&writers[i], NULL, write_much, f);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i], NULL);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		assert_true(readers[i].ordered);
		assert_string_equal(next(readers[i].watch), "-");
		watch_close(readers[i].watch);
		pthread_mutex_destroy(&readers[i].lock);
		pthread_cond_destroy(&readers[i].woken);
	}
}

/* ---- lists ---- */

static const char *names_of(const struct resource_list *l)
{
	static char text[400];
	size_t i, n = 0;
	json_t *o;
	text[0] = 0;
	json_array_foreach(l->items, i, o)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", str(o, "metadata.name"));
	return text;
}

static void lists_are_in_order_and_selected(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind, .namespace = "default" };
	struct list_options labels = { .label_selector = "x in (1,2),!y" }, field = { .field_selector = "metadata.name!=b" },
			    bad = { .field_selector = "spec.x=1" };
	struct resource_list list;
	json_decref(create(f, &config_kind, "default", "{\"metadata\":{\"name\":\"c\",\"labels\":{\"x\":\"1\"}}}"));
	json_decref(create(f, &config_kind, "default", "{\"metadata\":{\"name\":\"b\",\"labels\":{\"x\":\"2\"}}}"));
	json_decref(create(f, &config_kind, "default",
			   "{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"1\",\"y\":\"1\"}}}"));
	json_decref(make(f, &config_kind, "kube-public", "z"));
	ok(cluster_list(f->c, &call, NULL, &list, err));
	assert_string_equal(names_of(&list), "a b c");
	resource_list_release(&list);
	ok(cluster_list(f->c, &call, &labels, &list, err));
	assert_string_equal(names_of(&list), "b c");
	resource_list_release(&list);
	ok(cluster_list(f->c, &call, &field, &list, err));
	assert_string_equal(names_of(&list), "a c");
	resource_list_release(&list);
	call.namespace = NULL;
	ok(cluster_list(f->c, &call, NULL, &list, err));
	assert_string_equal(names_of(&list), "a b c z");
	resource_list_release(&list);
	refused(cluster_list(f->c, &call, &bad, &list, err), ERR_INVALID,
		"\"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
}

static void pages_are_one_snapshot(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind };
	struct list_options o = { .limit = 2 };
	struct resource_list page;
	for (char c = 'a'; c <= 'f'; c++)
		json_decref(make(f, &config_kind, "default", (char[]){ c, 0 }));
	ok(cluster_list(f->c, &call, &o, &page, err));
	assert_string_equal(names_of(&page), "a b");
	assert_int_equal(page.remaining, 4);
	int64_t version = page.resource_version;
	char *token = strdup(page.continue_token);
	resource_list_release(&page);
	/* The world moves on; the snapshot does not. */
	erase(f, &config_kind, "default", "c");
	erase(f, &config_kind, "default", "b");
	json_decref(set_data(f, "default", "d", "k", "new"));
	json_decref(make(f, &config_kind, "default", "ca"));
	erase(f, &config_kind, "default", "f");
	json_decref(make(f, &config_kind, "default", "f"));
	o.continue_token = token;
	ok(cluster_list(f->c, &call, &o, &page, err));
	assert_string_equal(names_of(&page), "c d");
	assert_null(json_at(json_array_get(page.items, 1), "data.k"));
	assert_int_equal(page.resource_version, version);
	assert_int_equal(page.remaining, 2);
	free(token);
	token = strdup(page.continue_token);
	resource_list_release(&page);
	o.continue_token = token;
	ok(cluster_list(f->c, &call, &o, &page, err));
	assert_string_equal(names_of(&page), "e f");
	assert_null(page.continue_token);
	resource_list_release(&page);
	free(token);
	/* A whole list of that version, and of now. */
	char text[32];
	snprintf(text, sizeof text, "%lld", (long long)version);
	struct list_options exact = { .resource_version = text, .exact = true };
	ok(cluster_list(f->c, &call, &exact, &page, err));
	assert_string_equal(names_of(&page), "a b c d e f");
	resource_list_release(&page);
	ok(cluster_list(f->c, &call, NULL, &page, err));
	assert_string_equal(names_of(&page), "a ca d e f");
	resource_list_release(&page);
}

static void tokens_and_versions_from_nowhere_are_refused(void **state)
{
	struct fixture *f = *state;
	struct resource_call call = { .kind = &config_kind };
	struct resource_list page;
	struct list_options bad = { .continue_token = "bad" }, future = { .resource_version = "999999" };
	json_decref(make(f, &config_kind, "default", "a"));
	refused(cluster_list(f->c, &call, &bad, &page, err), ERR_INVALID,
		"invalid continue token: continue key is not valid: invalid character 'm' looking for beginning of value");
	json_t *a = get(f, &config_kind, "default", "a");
	char text[100];
	snprintf(text, sizeof text, "Timeout: Too large resource version: 999999, current: %lld", version_of(a));
	refused(cluster_list(f->c, &call, &future, &page, err), ERR_DEADLINE, text);
	assert_string_equal(str(json_array_get(call.causes, 0), "reason"), "ResourceVersionTooLarge");
	json_decref(a);
	/* {"v":"meta.k8s.io/v1","rv":1,"start":"default/a"}: before what is kept */
	struct list_options old = {
		.continue_token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJkZWZhdWx0L2EifQ"
	};
	ok(cluster_list(f->c, &call, &old, &page, err));
	assert_string_equal(names_of(&page), "");
	resource_list_release(&page);
	atomic_fetch_add(&now_ns, (long long)600 * 1000000000);
	cluster_settle(f->c);
	struct err why = { 0 };
	assert_int_equal(cluster_list(f->c, &call, &old, &page, &why), -1);
	assert_int_equal(why.code, ERR_GONE);
	/* The rest, as it is now, may be had all the same. */
	json_decref(make(f, &config_kind, "default", "b"));
	struct list_options rest = { .continue_token = call.continue_token };
	ok(cluster_list(f->c, &call, &rest, &page, err));
	assert_string_equal(names_of(&page), "b");
	resource_list_release(&page);
	resource_call_release(&call);
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, setup_memory, teardown)
#define ON_DISK(t) cmocka_unit_test_setup_teardown(t, setup_disk, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MEMORY(changes_come_in_order_each_once),
		ON_DISK(changes_come_in_order_each_once),
		IN_MEMORY(a_watch_resumes_after_any_version),
		IN_MEMORY(initial_events_end_with_a_bookmark),
		IN_MEMORY(a_bookmark_says_how_far_an_idle_watch_has_seen),
		IN_MEMORY(selectors_turn_changes_into_arrivals_and_departures),
		IN_MEMORY(who_falls_behind_is_told),
		IN_MEMORY(old_events_are_forgotten_by_age_too),
		ON_DISK(a_restart_keeps_watches_that_are_up_to_date),
		IN_MEMORY(a_watch_wakes_once_until_it_is_read),
		IN_MEMORY(watchers_see_every_write_in_order),
		ON_DISK(watchers_see_every_write_in_order),
		IN_MEMORY(lists_are_in_order_and_selected),
		IN_MEMORY(pages_are_one_snapshot),
		IN_MEMORY(tokens_and_versions_from_nowhere_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
