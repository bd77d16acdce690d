/* The kind tables: defaults, checks, columns, as the store uses them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/fs.h"
#include "cluster/resource.h"
#include "codec/json.h"
#include "control/kinds/kinds.h"
#include "store/db.h"

#define SERVICE(name, spec) \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" name "\"},\"spec\":{" spec "}}"

struct fixture {
	struct cluster *c;
};

static int setup(void **state)
{
	static struct fixture f;
	struct cluster_options options = { 0 };
	struct err err = { 0 };
	if (cluster_new(&options, &f.c, &err) < 0 || kinds_add(f.c, &err) < 0 || cluster_start(f.c, &err) < 0)
		fail_msg("%s", err.message);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	cluster_free(((struct fixture *)*state)->c);
	return 0;
}

static json_t *parse(const char *text)
{
	json_t *v;
	struct err err = { 0 };
	if (json_decode(slice_str(text), 0, &v, &err) < 0)
		fail_msg("%s in %s", err.message, text);
	return v;
}

static const struct kind *kind_named(struct cluster *c, const char *api_version, const char *name)
{
	const struct kind *k = cluster_kind_of(c, api_version, name);
	if (!k)
		fail_msg("no kind %s %s", api_version, name);
	return k;
}

/* NULL with *err. */
static json_t *create(struct cluster *c, const char *text, struct err *err)
{
	json_t *in = parse(text), *out = NULL;
	const struct kind *k = kind_named(c, json_str_at(in, "apiVersion"), json_str_at(in, "kind"));
	struct resource_call call = { .kind = k, .namespace = k->flags & KIND_NAMESPACED ? "default" : NULL, .manager = "test" };
	err_clear(err);
	(void)cluster_create(c, &call, in, &out, err);
	resource_call_release(&call);
	json_decref(in);
	kind_unref(k);
	return out;
}

static void refused(struct cluster *c, const char *text, enum err_code code, const char *part)
{
	struct err err = { 0 };
	json_t *out = create(c, text, &err);
	assert_null(out);
	if (err.code != code || !strstr(err.message, part))
		fail_msg("%s: not \"%s\"", err.message, part);
}

static json_t *made(struct cluster *c, const char *text)
{
	struct err err = { 0 };
	json_t *out = create(c, text, &err);
	if (!out)
		fail_msg("%s", err.message);
	return out;
}

struct order {
	int at, core, apps, knative;
};

static void note(void *ctx, const struct kind *k)
{
	struct order *o = ctx;
	o->at++;
	if (strcmp(k->plural, "services") == 0 && !*k->group)
		o->core = o->at;
	if (strcmp(k->plural, "deployments") == 0)
		o->apps = o->at;
	if (strcmp(k->plural, "services") == 0 && *k->group)
		o->knative = o->at;
}

static void core_comes_first_then_apps(void **state)
{
	struct order o = { 0 };
	cluster_kinds_each(((struct fixture *)*state)->c, note, &o);
	assert_true(o.core > 0 && o.core < o.apps && o.apps < o.knative);
}

static void check_table(void *ctx, const struct kind *k)
{
	(void)ctx;
	assert_non_null(k->group);
	assert_non_null(k->version);
	assert_non_null(k->plural);
	assert_non_null(k->singular);
	assert_non_null(k->type);
	assert_non_null(k->type->name);
	assert_non_null(k->type->doc ? k->type->doc : k->flags & KIND_CUSTOM ? "" : NULL);
	assert_true(k->columns_n > 0);
	for (size_t i = 0; i < k->columns_n; i++) {
		assert_non_null(k->columns[i].name);
		assert_non_null(k->columns[i].type);
		assert_non_null(k->columns[i].format);
		assert_non_null(k->columns[i].doc);
		assert_true((k->columns[i].path != NULL) != (k->columns[i].cell != NULL));
	}
	for (size_t i = 0; i < k->type->fields_n; i++)
		assert_true(k->type->fields[i].name && *k->type->fields[i].name);
}

static void every_kind_has_names_fields_columns_and_sentences(void **state)
{
	cluster_kinds_each(((struct fixture *)*state)->c, check_table, NULL);
}

static void cells_of_an_empty_object_are_no_trouble_cell(void *ctx, const struct kind *k)
{
	json_t *empty = json_object(), *cells = kind_table_cells(k, empty, 0);
	(void)ctx;
	assert_int_equal(json_array_size(cells), k->columns_n);
	json_decref(cells);
	json_decref(empty);
}

static void cells_of_an_empty_object_are_no_trouble(void **state)
{
	cluster_kinds_each(((struct fixture *)*state)->c, cells_of_an_empty_object_are_no_trouble_cell, NULL);
}

static void defaults_are_filled_in_once(void **state)
{
	struct cluster *c = ((struct fixture *)*state)->c;
	static const char *const objects[] = {
		"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\"},\"spec\":{\"selector\":{\"matchLabels\":"
		"{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"x\",\"image\":\"y:1\","
		"\"ports\":[{\"containerPort\":80}],\"livenessProbe\":{\"httpGet\":{\"port\":80}}}],\"volumes\":[{\"name\":\"v\"},"
		"{\"name\":\"s\",\"secret\":{\"secretName\":\"q\"}}]}}}}",
		"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"},\"spec\":{\"type\":\"NodePort\",\"ports\":[{\"port\":80}]}}",
		"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"q\"},\"stringData\":{\"a\":\"b\"}}",
		"{\"apiVersion\":\"batch/v1\",\"kind\":\"CronJob\",\"metadata\":{\"name\":\"c\"},\"spec\":{\"schedule\":\"* * * * *\","
		"\"jobTemplate\":{\"spec\":{\"template\":{\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"x\",\"image\":\"y\"}]}}}}}}",
		"{\"apiVersion\":\"serving.kserve.io/v1beta1\",\"kind\":\"InferenceService\",\"metadata\":{\"name\":\"i\"},\"spec\":{\"predictor\":"
		"{\"model\":{\"modelFormat\":{\"name\":\"mlflow\"},\"storageUri\":\"s3://a/b\"}},\"transformer\":{\"containers\":[{\"name\":\"t\","
		"\"image\":\"z\"}]}}}",
		"{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"metadata\":{\"name\":\"f\"},\"spec\":{\"serviceName\":\"s\",\"selector\":"
		"{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"x\","
		"\"image\":\"y\"}]}}}}",
		"{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\",\"metadata\":{\"name\":\"n\"},\"spec\":{\"podSelector\":{}}}",
		"{\"apiVersion\":\"storage.k8s.io/v1\",\"kind\":\"StorageClass\",\"metadata\":{\"name\":\"k\"},\"provisioner\":\"p\"}",
	};
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
		json_t *o = made(c, objects[i]), *again = NULL;
		const struct kind *k = kind_named(c, json_str_at(o, "apiVersion"), json_str_at(o, "kind"));
		struct resource_call call = { .kind = k, .namespace = json_str_at(o, "metadata.namespace"),
					      .name = json_str_at(o, "metadata.name"), .manager = "test" };
		struct err err = { 0 };
		bool changed = true;
		if (cluster_update(c, &call, o, &again, &changed, &err) < 0)
			fail_msg("%s", err.message);
		assert_false(changed);
		assert_true(json_equal(o, again));
		resource_call_release(&call);
		kind_unref(k);
		json_decref(o);
		json_decref(again);
	}
}

static void what_seed_004_prints_is_what_its_service_gets(void **state)
{
	struct cluster *c = ((struct fixture *)*state)->c;
	json_t *o = made(c, "{\"apiVersion\":\"serving.kserve.io/v1beta1\",\"kind\":\"InferenceService\",\"metadata\":{\"name\":"
			    "\"textclustering\"},\"spec\":{\"predictor\":{\"serviceAccountName\":\"sa\",\"sklearn\":{\"storageUri\":"
			    "\"s3://textclustering\"}},\"transformer\":{\"containers\":[{\"env\":[{\"name\":\"STORAGE_URI\",\"value\":"
			    "\"s3://textclustering/transformer.joblib\"}],\"image\":\"someone/sklearn-transformer:latest\",\"name\":"
			    "\"textclustering-transformer\"}],\"serviceAccountName\":\"sa\"}}}");
	json_t *want = parse("{\"predictor\":{\"serviceAccountName\":\"sa\",\"sklearn\":{\"name\":\"kserve-container\",\"protocolVersion\":"
			     "\"v1\",\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"2Gi\"},\"requests\":{\"cpu\":\"1\",\"memory\":"
			     "\"2Gi\"}},\"runtimeVersion\":\"v0.7.0\",\"storageUri\":\"s3://textclustering\"}},\"transformer\":{\"containers\":"
			     "[{\"env\":[{\"name\":\"STORAGE_URI\",\"value\":\"s3://textclustering/transformer.joblib\"}],\"image\":"
			     "\"someone/sklearn-transformer:latest\",\"name\":\"kserve-container\",\"resources\":{\"limits\":{\"cpu\":\"1\","
			     "\"memory\":\"2Gi\"},\"requests\":{\"cpu\":\"1\",\"memory\":\"2Gi\"}}}],\"serviceAccountName\":\"sa\"}}");
	assert_true(json_equal(json_object_get(o, "spec"), want));
	assert_string_equal(json_string_value(json_array_get(json_at(o, "metadata.finalizers"), 0)), "inferenceservice.finalizers");
	json_decref(want);
	json_decref(o);
}

static void what_cannot_be_is_refused_with_its_path(void **state)
{
	struct cluster *c = ((struct fixture *)*state)->c;
	refused(c, "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"bad\"},\"spec\":{\"selector\":{\"matchLabels\":"
		   "{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"c\"}},\"spec\":{\"containers\":[{\"name\":\"x\"}]}}}}",
		ERR_UNPROCESSABLE,
		"Deployment.apps \"bad\" is invalid: [spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does not "
		"match template `labels`, spec.template.spec.containers[0].image: Required value]");
	refused(c, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"ports\":[{\"port\":80},{\"port\":70000}]}}",
		ERR_UNPROCESSABLE, "spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive");
	refused(c, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"ports\":[{\"port\":80}],\"selector\":"
		   "{\"a\":\"b c\"}}}",
		ERR_UNPROCESSABLE, "spec.selector: Invalid value: \"b c\": a valid label must be");
	refused(c, "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"bad\"},\"spec\":{\"selector\":{\"matchLabels\":"
		   "{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\",\"-\":\"\"}},\"spec\":{\"containers\":[{\"name\":\"x\",\"image\":"
		   "\"y\"}]}}}}",
		ERR_UNPROCESSABLE, "Deployment.apps \"bad\" is invalid: spec.template.labels: Invalid value: \"-\": name part must consist of");
	refused(c, "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":\"x\"},\"spec\":{}}", ERR_UNPROCESSABLE,
		"spec.accessModes: Required value: at least 1 access mode is required");
	refused(c, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"},\"data\":{\"a b\":\"\"}}", ERR_UNPROCESSABLE, "data[a b]");
	refused(c, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"b\","
		   "\"resources\":{\"requests\":{\"cpu\":\"2\"},\"limits\":{\"cpu\":\"1\"}}}]}}",
		ERR_UNPROCESSABLE, "must be less than or equal to cpu limit of 1");
	refused(c, "{\"apiVersion\":\"serving.kserve.io/v1beta1\",\"kind\":\"InferenceService\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"predictor\":"
		   "{\"sklearn\":{\"storageUri\":\"s3://a\"},\"model\":{\"modelFormat\":{\"name\":\"a\"}}}}}",
		ERR_FORBIDDEN, "Exactly one of [");
	refused(c, "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\",\"metadata\":{\"name\":\"x\"},\"roleRef\":"
		   "{\"kind\":\"Role\",\"name\":\"r\"}}",
		ERR_UNPROCESSABLE, "roleRef.kind: Unsupported value: \"Role\"");
}

static json_t *cell(const struct kind *k, const json_t *object, const char *column, int64_t now_ns)
{
	json_t *cells = kind_table_cells(k, object, now_ns), *out = NULL;
	for (size_t i = 0; i < k->columns_n; i++)
		if (strcmp(k->columns[i].name, column) == 0)
			out = json_incref(json_array_get(cells, i));
	json_decref(cells);
	assert_non_null(out);
	return out;
}

static void shows(struct cluster *c, const char *text, const char *column, const char *want)
{
	json_t *o = parse(text);
	const struct kind *k = kind_named(c, json_str_at(o, "apiVersion"), json_str_at(o, "kind"));
	json_t *got = cell(k, o, column, INT64_C(1000000000) * 3600);
	struct buf b;
	buf_init(&b, 4096);
	json_encode(got, JSON_ENCODE_COMPACT, &b);
	assert_string_equal(b.ptr, want);
	buf_release(&b);
	json_decref(got);
	kind_unref(k);
	json_decref(o);
}

static void cells_say_what_kubectl_shows(void **state)
{
	struct cluster *c = ((struct fixture *)*state)->c;
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"ports\":[{\"port\":80,\"protocol\":\"TCP\"},{\"port\":9000,\"nodePort\":30100,"
		 "\"protocol\":\"UDP\"}]}}", "Port(s)", "\"80/TCP,9000:30100/UDP\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"type\":\"LoadBalancer\"}}", "External-IP", "\"<pending>\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"creationTimestamp\":\"1970-01-01T00:56:50Z\"}}", "Age", "\"3m10s\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"deletionTimestamp\":\"1970-01-01T00:56:50Z\"},\"status\":{\"phase\":\"Running\"}}",
	      "Status", "\"Terminating\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{},{}]},\"status\":{\"phase\":\"Running\",\"containerStatuses\":["
		 "{\"ready\":true,\"restartCount\":1,\"state\":{\"running\":{}},\"lastState\":{\"terminated\":{\"finishedAt\":\"1970-01-01T00:59:00Z\"}}},"
		 "{\"ready\":false,\"restartCount\":0,\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}}", "Restarts", "\"1 (60s ago)\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"status\":{\"accessModes\":[\"ReadWriteMany\",\"ReadWriteOnce\"]}}",
	      "Access Modes", "\"RWO,RWX\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Endpoints\",\"subsets\":[{\"addresses\":[{\"ip\":\"1.1.1.1\"},{\"ip\":\"1.1.1.2\"},{\"ip\":\"1.1.1.3\"},"
		 "{\"ip\":\"1.1.1.4\"}],\"ports\":[{\"port\":80}]}]}", "Endpoints", "\"1.1.1.1:80,1.1.1.2:80,1.1.1.3:80 + 1 more...\"");
	shows(c, "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":2,\"selector\":{\"matchLabels\":{\"b\":\"2\",\"a\":\"1\"},"
		 "\"matchExpressions\":[{\"key\":\"c\",\"operator\":\"NotIn\",\"values\":[\"x\",\"y\"]}]}}}", "Selector", "\"a=1,b=2,c notin (x,y)\"");
	shows(c, "{\"apiVersion\":\"serving.kserve.io/v1beta1\",\"kind\":\"InferenceService\",\"status\":{\"components\":{\"predictor\":{\"traffic\":["
		 "{\"tag\":\"prev\",\"percent\":20,\"revisionName\":\"a\"},{\"latestRevision\":true,\"percent\":80,\"revisionName\":\"b\"}]}}}}",
	      "Latest", "80");
	shows(c, "{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"HorizontalPodAutoscaler\",\"spec\":{\"targetCPUUtilizationPercentage\":80},\"status\":{}}",
	      "Targets", "\"cpu: <unknown>/80%\"");
	shows(c, "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"involvedObject\":{\"kind\":\"InferenceService\",\"name\":\"x\"}}", "Object",
	      "\"inferenceservice/x\"");
}

static void the_node_is_made_once_and_refreshed(void **state)
{
	struct cluster *c = ((struct fixture *)*state)->c;
	struct err err = { 0 };
	for (int i = 0; i < 2; i++)
		if (kinds_node_ensure(c, &err) < 0)
			fail_msg("%s", err.message);
	const struct kind *k = kind_named(c, "v1", "Node");
	json_t *node = cluster_find(c, k, NULL, KINDS_NODE_NAME), *status = cell(k, node, "Status", 0);
	assert_string_equal(json_string_value(status), "Ready");
	assert_int_equal(json_string_length(json_at(node, "status.nodeInfo.bootID")), 36);
	/* It was made ready once; that it still is does not change since when. */
	struct resource_call call = { .kind = k, .name = KINDS_NODE_NAME, .subresource = "status" };
	struct patch_options merge = { .type = PATCH_MERGE };
	json_t *old = json_deep_copy(json_at(node, "status.conditions")), *c0 = json_array_get(old, 0);
	json_object_set_new(c0, "lastTransitionTime", json_string("2001-02-03T04:05:06Z"));
	json_object_set_new(json_array_get(old, 1), "lastTransitionTime", json_string("2001-02-03T04:05:06Z"));
	json_object_set_new(json_array_get(old, 1), "status", json_string("True"));
	json_t *patch = json_pack("{s:{s:o}}", "status", "conditions", old);
	if (cluster_patch(c, &call, &merge, patch, NULL, NULL, &err) < 0 || kinds_node_ensure(c, &err) < 0)
		fail_msg("%s", err.message);
	json_decref(node);
	node = cluster_find(c, k, NULL, KINDS_NODE_NAME);
	const json_t *now = json_at(node, "status.conditions");
	assert_string_equal(json_str_at(json_array_get(now, 0), "lastTransitionTime"), "2001-02-03T04:05:06Z");
	assert_string_not_equal(json_str_at(json_array_get(now, 1), "lastTransitionTime"), "2001-02-03T04:05:06Z");
	json_decref(patch);
	resource_call_release(&call);
	json_decref(status);
	json_decref(node);
	kind_unref(k);
}

/* ---- addresses of Services ---- */

enum { RACERS = 8, ROUNDS = 20 };

struct race {
	struct cluster *c;
	pthread_barrier_t start;
	atomic_int won[ROUNDS];
};

struct racer {
	struct race *race;
	int number;
};

/* In each round all want the same: by turns an address and a node port. */
static void *race(void *arg)
{
	struct racer *r = arg;
	char text[320];
	for (int round = 0; round < ROUNDS; round++) {
		struct err err = { 0 };
		if (round % 2)
			snprintf(text, sizeof text, SERVICE("r%d-%d", "\"type\":\"NodePort\",\"ports\":[{\"port\":80,\"nodePort\":%d}]"),
				 r->number, round, 30500 + round);
		else
			snprintf(text, sizeof text, SERVICE("r%d-%d", "\"clusterIP\":\"10.96.0.%d\",\"ports\":[{\"port\":80}]"),
				 r->number, round, 50 + round);
		pthread_barrier_wait(&r->race->start);
		json_t *out = create(r->race->c, text, &err);
		if (out)
			atomic_fetch_add(&r->race->won[round], 1);
		else if (err.code != ERR_UNPROCESSABLE || !strstr(err.message, "already allocated"))
			fail_msg("%s", err.message);
		json_decref(out);
	}
	return NULL;
}

static void two_services_never_get_the_same_address(void **state)
{
	struct cluster_options options = { 0 };
	struct race r = { 0 };
	struct racer racers[RACERS];
	pthread_t threads[RACERS];
	char dir[] = "/tmp/test-kinds-XXXXXX", path[64];
	struct err err = { 0 };
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/cluster.db", dir);
	/* On disk a commit takes long enough for others to look meanwhile. */
	if (cluster_db_open(path, &options.db, &err) < 0 || cluster_new(&options, &r.c, &err) < 0 ||
	    kinds_add(r.c, &err) < 0 || cluster_start(r.c, &err) < 0)
		fail_msg("%s", err.message);
	pthread_barrier_init(&r.start, NULL, RACERS);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){ &r, i };
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(atomic_load(&r.won[i]), 1);
	pthread_barrier_destroy(&r.start);
	cluster_settle(r.c);
	cluster_free(r.c);
	db_close(options.db);
	fs_remove_tree(dir, NULL);
}

static size_t node_ports_in_use(struct cluster *c)
{
	const struct kind *k = kind_named(c, "v1", "Service");
	struct resource_call call = { .kind = k };
	struct resource_list list;
	struct err err = { 0 };
	json_t *seen = json_object();
	const json_t *service, *p;
	size_t i, j;
	assert_int_equal(cluster_list(c, &call, NULL, &list, &err), 0);
	json_array_foreach(list.items, i, service)
		json_array_foreach(json_at(service, "spec.ports"), j, p)
		{
			char key[32];
			snprintf(key, sizeof key, "%lld", (long long)json_int_at(p, "nodePort", 0));
			if (json_int_at(p, "nodePort", 0))
				json_object_set_new(seen, key, json_true());
		}
	size_t n = json_object_size(seen);
	json_decref(seen);
	resource_list_release(&list);
	kind_unref(k);
	return n;
}

static void a_range_is_used_to_its_end(void **state)
{
	enum { ALL = 2768, MANY = 2700 };
	struct cluster *c = ((struct fixture *)*state)->c;
	struct err err = { 0 };
	struct buf b;
	char *text = NULL;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < MANY; i++)
		buf_printf(&b, "%s{\"port\":%d,\"name\":\"p%d\"}", i ? "," : "", i + 1, i);
	assert_true(asprintf(&text, SERVICE("many", "\"type\":\"NodePort\",\"ports\":[%s]"), b.ptr) > 0);
	json_decref(made(c, text));
	free(text);
	buf_release(&b);
	for (int i = 0; i <= ALL - MANY && err.code == ERR_OK; i++) {
		char one[200];
		snprintf(one, sizeof one, SERVICE("one-%d", "\"type\":\"NodePort\",\"ports\":[{\"port\":80}]"), i);
		json_decref(create(c, one, &err));
	}
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_string_equal(err.message, "Internal error occurred: failed to allocate a nodePort: range is full");
	assert_int_equal(node_ports_in_use(c), ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(core_comes_first_then_apps),
		cmocka_unit_test(every_kind_has_names_fields_columns_and_sentences),
		cmocka_unit_test(cells_of_an_empty_object_are_no_trouble),
		cmocka_unit_test(defaults_are_filled_in_once),
		cmocka_unit_test(two_services_never_get_the_same_address),
		cmocka_unit_test(a_range_is_used_to_its_end),
		cmocka_unit_test(what_seed_004_prints_is_what_its_service_gets),
		cmocka_unit_test(what_cannot_be_is_refused_with_its_path),
		cmocka_unit_test(cells_say_what_kubectl_shows),
		cmocka_unit_test(the_node_is_made_once_and_refreshed),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
