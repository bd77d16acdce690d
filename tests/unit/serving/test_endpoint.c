/* Endpoints: look-up by host and name, swap under readers, what is not ready, hosts in every form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "../fake_model.h"
#include "base/buf.h"
#include "serving/endpoint.h"
#include "serving/grace.h"
#include "serving/host.h"

static struct serving *serving;

static int setup(void **state)
{
	struct err err = {0};
	(void)state;
	return serving_new(&(struct serving_options){.domain = "example.com"}, &serving, &err);
}

static int teardown(void **state)
{
	(void)state;
	serving_free(serving);
	return atomic_load(&fake_models) == 0 ? 0 : -1;
}

static void publish(const char *namespace_, const char *name, const char *host, struct model *m)
{
	struct err err = {0};
	struct endpoint_spec spec = {
	    .namespace_ = namespace_, .name = name, .hosts = &host, .hosts_n = host != NULL, .model = m};
	if (serving_publish(serving, &spec, &err) < 0)
		fail_msg("%s", err.message);
	model_unref(m);
}

static struct revision *hold(const char *host, const char *namespace_, const char *name, struct err *err)
{
	struct revision *r = NULL;
	struct serving_address who = {slice_str(host), slice_str(namespace_), slice_str(name)};
	err_clear(err);
	return serving_hold(serving, &who, &r, err) == 0 ? r : NULL;
}

static void a_host_is_found_in_any_case_and_with_any_port(void **state)
{
	struct err err = {0};
	(void)state;
	struct model *m = fake_model(4, false);
	publish("models", "iris", "iris.models.example.com", m);
	const char *const forms[] = {"iris.models.example.com", "IRIS.Models.Example.COM:8080",
				     "iris.models.example.com."};
	for (size_t i = 0; i < 3; i++) {
		struct revision *r = hold(forms[i], NULL, "iris", &err);
		assert_non_null(r);
		assert_ptr_equal(revision_model(r), m);
		revision_release(r);
	}
	assert_null(hold("iris.models.example.org", NULL, "iris", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(err.sub, SERVING_NO_HOST);
	assert_null(hold("iris.models.example.com", NULL, "rose", &err));
	assert_int_equal(err.sub, SERVING_NO_MODEL);
	assert_string_equal(err.message, "Model with name rose does not exist.");
}

static void a_name_alone_finds_the_only_one_or_the_one_in_default(void **state)
{
	struct err err = {0};
	struct revision *r;
	(void)state;
	publish("a", "iris", NULL, fake_model(4, false));
	assert_non_null(r = hold(NULL, NULL, "iris", &err));
	revision_release(r);
	publish("b", "iris", NULL, fake_model(4, false));
	assert_null(hold(NULL, NULL, "iris", &err));
	assert_int_equal(err.code, ERR_INVALID);
	assert_non_null(strstr(err.message, "a"));
	assert_non_null(strstr(err.message, "b"));
	assert_non_null(r = hold(NULL, "b", "iris", &err));
	assert_string_equal(revision_spec(r)->namespace_, "b");
	revision_release(r);
	publish("default", "iris", NULL, fake_model(4, false));
	assert_non_null(r = hold(NULL, NULL, "iris", &err));
	assert_string_equal(revision_spec(r)->namespace_, "default");
	revision_release(r);
	assert_null(hold(NULL, "c", "iris", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void a_component_is_reached_by_its_hosts_only(void **state)
{
	struct err err = {0};
	const char *host = "t-predictor-default.ns";
	(void)state;
	publish("ns", "t", "t.ns.example.com", fake_model(-1, true));
	struct model *m = fake_model(100, false);
	struct endpoint_spec spec = {
	    .namespace_ = "ns", .name = "t", .component = "predictor", .hosts = &host, .hosts_n = 1, .model = m};
	assert_int_equal(serving_publish(serving, &spec, &err), 0);
	model_unref(m);
	struct revision *r = hold("t-predictor-default.ns", NULL, "t", &err);
	assert_non_null(r);
	assert_false(model_input(revision_model(r))->text);
	revision_release(r);
	r = hold(NULL, "ns", "t", &err);
	assert_non_null(r);
	assert_true(model_input(revision_model(r))->text);
	revision_release(r);
	serving_remove(serving, "ns", "t");
	assert_null(hold("t-predictor-default.ns", NULL, "t", &err));
	assert_null(hold("t.ns.example.com", NULL, "t", &err));
}

static void a_host_belongs_to_one_endpoint(void **state)
{
	struct err err = {0};
	const char *host = "x.example.com";
	(void)state;
	publish("a", "one", host, fake_model(1, false));
	struct model *m = fake_model(1, false);
	struct endpoint_spec spec = {.namespace_ = "a", .name = "two", .hosts = &host, .hosts_n = 1, .model = m};
	assert_int_equal(serving_publish(serving, &spec, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_null(hold(NULL, "a", "two", &err));
	serving_remove(serving, "a", "one");
	assert_int_equal(serving_publish(serving, &spec, &err), 0);
	model_unref(m);
}

static void hosts_are_replaced_with_the_revision(void **state)
{
	struct err err = {0};
	(void)state;
	publish("a", "m", "old.example.com", fake_model(1, false));
	publish("a", "m", "new.example.com", fake_model(2, false));
	assert_null(hold("old.example.com", NULL, "m", &err));
	struct revision *r = hold("new.example.com", NULL, "m", &err);
	assert_non_null(r);
	assert_int_equal(model_input(revision_model(r))->columns, 2);
	revision_release(r);
}

static void a_held_revision_outlives_its_replacement_and_removal(void **state)
{
	struct err err = {0};
	(void)state;
	publish("a", "m", NULL, fake_model(1, false));
	struct revision *old = hold(NULL, "a", "m", &err);
	publish("a", "m", NULL, fake_model(2, false));
	assert_int_equal(atomic_load(&fake_models), 2);
	assert_int_equal(model_input(revision_model(old))->columns, 1);
	serving_remove(serving, "a", "m");
	assert_int_equal(atomic_load(&fake_models), 1);
	metric_observe_ns(revision_seconds(old, SERVING_PREDICT), 1000);
	revision_release(old);
	assert_int_equal(atomic_load(&fake_models), 0);
}

static void what_is_not_ready_says_why_and_never_replaces_what_serves(void **state)
{
	struct err err = {0};
	struct endpoint_spec spec = {.namespace_ = "a", .name = "m"};
	(void)state;
	assert_int_equal(serving_unready(serving, &spec, NULL, &err), 0);
	assert_null(hold(NULL, "a", "m", &err));
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_string_equal(err.message, "Model with name m is not ready.");
	assert_int_equal(serving_unready(serving, &spec, "the file is empty", &err), 0);
	assert_null(hold(NULL, "a", "m", &err));
	assert_string_equal(err.message, "Model with name m is not ready. the file is empty");
	publish("a", "m", NULL, fake_model(3, false));
	assert_int_equal(serving_unready(serving, &spec, "a newer one is broken", &err), 0);
	struct revision *r = hold(NULL, "a", "m", &err);
	assert_non_null(r);
	revision_release(r);
}

static void a_method_the_model_lacks_is_refused(void **state)
{
	struct err err = {0};
	(void)state;
	struct model *m = fake_model(1, false);
	struct endpoint_spec spec = {.name = "m", .model = m, .method = MODEL_DECISION_FUNCTION};
	assert_int_equal(serving_publish(serving, &spec, &err), -1);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	model_unref(m);
}

static void list(void *ctx, const struct serving_item *item)
{
	buf_printf(ctx, "%s/%s=%d ", item->namespace_, item->name, !item->reason);
}

static void listings_are_by_name_and_by_host(void **state)
{
	struct err err = {0};
	struct buf out;
	(void)state;
	buf_init(&out, 4096);
	publish("b", "zeta", "z.example.com", fake_model(1, false));
	publish("a", "beta", NULL, fake_model(1, false));
	struct endpoint_spec spec = {.namespace_ = "a", .name = "alpha"};
	assert_int_equal(serving_unready(serving, &spec, "", &err), 0);
	assert_int_equal(serving_each(serving, NULL, list, &out), 3);
	assert_string_equal(out.ptr, "a/alpha=0 a/beta=1 b/zeta=1 ");
	buf_reset(&out);
	assert_int_equal(serving_each(serving, &(struct serving_address){.host = SLICE_LIT("Z.example.com:80")}, list, &out), 1);
	assert_string_equal(out.ptr, "b/zeta=1 ");
	assert_int_equal(serving_each(serving, &(struct serving_address){.host = SLICE_LIT("y.example.com")}, list, &out), 0);
	buf_release(&out);
}

static void a_thousand_hosts_are_told_apart(void **state)
{
	struct err err = {0};
	(void)state;
	for (int i = 0; i < 1000; i++) {
		char name[32], host[64];
		(void)snprintf(name, sizeof name, "m%d", i);
		(void)snprintf(host, sizeof host, "m%d.ns.example.com", i);
		publish("ns", name, host, fake_model(i, false));
	}
	for (int i = 0; i < 1000; i++) {
		char name[32], host[64];
		(void)snprintf(name, sizeof name, "m%d", i);
		(void)snprintf(host, sizeof host, "m%d.ns.example.com", i);
		struct revision *r = hold(host, NULL, name, &err);
		assert_non_null(r);
		assert_int_equal(model_input(revision_model(r))->columns, i);
		revision_release(r);
	}
}

/* ---- readers beside a writer ---- */

enum { READERS = 4, SWAPS = 100, READS = 20 };

static _Atomic bool stop;
static _Atomic int reads[READERS];

static void *reader(void *arg)
{
	_Atomic int *found = arg;
	struct err err;
	while (!atomic_load(&stop)) {
		struct revision *r = hold(*found % 2 ? "m.example.com" : NULL, NULL, "m", &err);
		if (!r)
			continue;
		/* A freed model's columns would be caught by the sanitizer. */
		*found += model_input(revision_model(r))->columns > 0;
		revision_release(r);
	}
	return NULL;
}

static bool all_read(void)
{
	for (size_t i = 0; i < READERS; i++)
		if (atomic_load(&reads[i]) < READS)
			return false;
	return true;
}

static void revisions_are_swapped_under_readers(void **state)
{
	pthread_t threads[READERS];
	(void)state;
	for (size_t i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, reader, &reads[i]);
	for (int i = 0; i < SWAPS || !all_read(); i++) {
		publish("a", "m", i % 3 ? "m.example.com" : "n.example.com", fake_model(1 + i, false));
		if (i % 10 == 0)
			serving_remove(serving, "a", "m");
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
}

static void kserves_host_forms_are_all_there(void **state)
{
	struct host_forms f = {0};
	(void)state;
	host_forms_add(&f, "iris", "models", "example.com", true);
	host_forms_add_component(&f, "iris", "predictor", "models", "example.com", false);
	const char *const want[] = {
	    "iris.models.example.com",
	    "iris-models.example.com",
	    "iris.models",
	    "iris.models.svc",
	    "iris.models.svc.cluster.local",
	    "iris-predictor.models",
	    "iris-predictor.models.svc",
	    "iris-predictor.models.svc.cluster.local",
	    "iris-predictor-default.models",
	    "iris-predictor-default.models.svc",
	    "iris-predictor-default.models.svc.cluster.local",
	};
	assert_int_equal(f.n, sizeof want / sizeof *want);
	for (size_t i = 0; i < f.n; i++)
		assert_string_equal(f.names[i], want[i]);
}

static void addresses_are_not_names(void **state)
{
	(void)state;
	assert_true(host_is_address(SLICE_LIT("127.0.0.1:8080")));
	assert_true(host_is_address(SLICE_LIT("localhost:1")));
	assert_true(host_is_address(SLICE_LIT("[::1]:80")));
	assert_false(host_is_address(SLICE_LIT("iris.models.example.com:80")));
	assert_false(host_is_address(SLICE_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    T(a_host_is_found_in_any_case_and_with_any_port),
	    T(a_name_alone_finds_the_only_one_or_the_one_in_default),
	    T(a_component_is_reached_by_its_hosts_only),
	    T(a_host_belongs_to_one_endpoint),
	    T(hosts_are_replaced_with_the_revision),
	    T(a_held_revision_outlives_its_replacement_and_removal),
	    T(what_is_not_ready_says_why_and_never_replaces_what_serves),
	    T(a_method_the_model_lacks_is_refused),
	    T(listings_are_by_name_and_by_host),
	    T(a_thousand_hosts_are_told_apart),
	    T(revisions_are_swapped_under_readers),
#undef T
	    cmocka_unit_test(kserves_host_forms_are_all_there),
	    cmocka_unit_test(addresses_are_not_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
