/* The whole control loop in one process, in memory, with a fake model engine: manifests in, endpoints and status out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../fake_model.h"
#include "base/fs.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "control/condition.h"
#include "control/control.h"
#include "control/image.h"
#include "control/kinds/kinds.h"
#include "cluster/event.h"
#include "serving/endpoint.h"
#include "store/object.h"

/* ---- the engine: a file's content says what it is ---- */

static int open_by_content(const char *path, struct model **out, struct err *err)
{
	static const char *const names[] = {"", "/model.joblib", "/transformer.joblib"};
	char file[512], *text = NULL;
	size_t len;
	for (size_t i = 0; !text && i < 3; i++) {
		snprintf(file, sizeof file, "%s%s", path, names[i]);
		fs_slurp(file, 1000, &text, &len, NULL);
	}
	if (!text)
		return err_set(err, ERR_NOT_FOUND, "%s: no model file", path);
	bool good = !strncmp(text, "model", 5) || !strncmp(text, "transformer", 11);
	if (good)
		*out = fake_model(!strncmp(text, "model", 5) ? 4 : -1, text[0] == 't');
	free(text);
	return good ? 0 : err_set(err, ERR_MALFORMED, "%s: it is broken", file);
}

static int fuse(struct model *first, struct model *second, struct model **out, struct err *err)
{
	(void)second, (void)err;
	*out = fake_model(first->input.columns, first->input.text);
	return 0;
}

/* ---- a cluster ---- */

struct fixture {
	char dir[64];
	struct cluster *cluster;
	struct serving *serving;
	struct object_store *objects;
	struct recorder *recorder;
	struct control *control;
};

static void start_control(struct fixture *f, bool with_objects)
{
	struct err err = {0};
	struct control_options o = {
	    .cluster = f->cluster, .serving = f->serving, .objects = with_objects ? f->objects : NULL,
	    .recorder = f->recorder, .data_dir = f->dir, .inference_address = "127.0.0.1:18080",
	    .s3_address = "127.0.0.1:19000", .s3_access_key = "minio", .s3_secret_key = "minio123", .ca_pem = "PEM"};
	if (control_new(&o, &f->control, &err) < 0 || control_start(f->control, &err) < 0)
		fail_msg("%s", err.message);
}

static void stop_control(struct fixture *f)
{
	control_stop(f->control);
	control_free(f->control);
	f->control = NULL;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err = {0};
	fake_open = open_by_content;
	fake_fuse = fuse;
	snprintf(f->dir, sizeof f->dir, "/tmp/test-isvc-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	if (object_store_open(&(struct object_store_options){.dir = f->dir, .fs = &fs_os}, &f->objects, &err) < 0 ||
	    cluster_new(&(struct cluster_options){0}, &f->cluster, &err) < 0 || kinds_add(f->cluster, &err) < 0 ||
	    cluster_start(f->cluster, &err) < 0 || recorder_new(f->cluster, &f->recorder, &err) < 0 ||
	    serving_new(&(struct serving_options){.domain = "example.com"}, &f->serving, &err) < 0) {
		print_error("%s\n", err.message);
		return -1;
	}
	start_control(f, true);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	stop_control(f);
	recorder_free(f->recorder);
	serving_free(f->serving);
	cluster_free(f->cluster);
	object_store_close(f->objects);
	fs_remove_tree(f->dir, NULL);
	free(f);
	return atomic_load(&fake_models) == 0 ? 0 : -1;
}

static void settle(struct fixture *f)
{
	for (int i = 0; i < 3; i++) {
		control_settle(f->control);
		cluster_settle(f->cluster);
		recorder_settle(f->recorder);
	}
}

/* Waits for what takes time (a retry after its delay): until `path` of the object is `value`. */
static json_t *find(struct fixture *f, const char *api_version, const char *kind, const char *ns, const char *name)
{
	const struct kind *k = cluster_kind_of(f->cluster, api_version, kind);
	assert_non_null(k);
	json_t *o = cluster_find(f->cluster, k, ns, name);
	kind_unref(k);
	return o;
}

static void apply(struct fixture *f, const char *yaml)
{
	json_t *documents, *item;
	struct err err = {0};
	size_t i;
	if (yaml_decode(slice_str(yaml), YAML_GOYAML, &documents, &err) < 0)
		fail_msg("%s", err.message);
	json_array_foreach(documents, i, item) {
		if (json_is_null(item))
			continue; /* after the last "---" */
		const struct kind *k = cluster_kind_of(f->cluster, json_str_at(item, "apiVersion"),
						       json_str_at(item, "kind"));
		assert_non_null(k);
		struct resource_call call = {.kind = k, .namespace = json_str_at(item, "metadata.namespace"),
					     .name = json_str_at(item, "metadata.name"), .manager = "test"};
		json_t *out = NULL;
		if (cluster_ensure(f->cluster, &call, item, &out, NULL, &err) < 0)
			fail_msg("%s", err.message);
		json_decref(out);
		resource_call_release(&call);
		kind_unref(k);
	}
	json_decref(documents);
}

static void erase(struct fixture *f, const char *api_version, const char *kind, const char *ns, const char *name)
{
	const struct kind *k = cluster_kind_of(f->cluster, api_version, kind);
	struct resource_call call = {.kind = k, .namespace = ns, .name = name};
	struct err err = {0};
	json_t *out = NULL;
	bool gone;
	if (cluster_delete(f->cluster, &call, NULL, &out, &gone, &err) < 0)
		fail_msg("%s", err.message);
	json_decref(out);
	resource_call_release(&call);
	kind_unref(k);
}

static void put(struct fixture *f, const char *bucket, const char *key, const char *text)
{
	struct content *c;
	struct arena arena;
	struct object_info info;
	struct err err = {0};
	arena_init(&arena, 0, 0);
	bucket_create(f->objects, slice_str(bucket), NULL);
	assert_int_equal(content_begin(f->objects, 0, CHECKSUM_NONE, &c, &err), 0);
	assert_int_equal(content_write(c, text, strlen(text), &err), 0);
	assert_int_equal(content_end(c, &err), 0);
	struct object_put p = {.bucket = slice_str(bucket), .key = slice_str(key)};
	assert_int_equal(object_put(f->objects, &p, c, &arena, &info, &err), 0);
	arena_release(&arena);
}

static json_t *isvc(struct fixture *f)
{
	return find(f, "serving.kserve.io/v1beta1", "InferenceService", "ns", "tc");
}

static void expect(struct fixture *f, const char *path, const char *value)
{
	json_t *o = isvc(f);
	assert_non_null(o);
	const char *is = json_str_at(o, path);
	if (!is || strcmp(is, value) != 0) {
		char *text = json_dumps(json_object_get(o, "status"), JSON_INDENT(1));
		fail_msg("%s is %s, not %s\n%s", path, is ? is : "missing", value, text);
	}
	json_decref(o);
}

static void expect_condition(struct fixture *f, const char *type, const char *status, const char *reason)
{
	json_t *o = isvc(f);
	const json_t *c = condition_find(json_at(o, "status.conditions"), type);
	const char *is = json_str_at(c, "status"), *why = json_str_at(c, "reason");
	if (!is || strcmp(is, status) != 0 || (reason && (!why || strcmp(why, reason) != 0))) {
		char *text = json_dumps(json_object_get(o, "status"), JSON_INDENT(1));
		fail_msg("%s is %s (%s), not %s\n%s", type, is ? is : "missing", why ? why : "", status, text);
	}
	json_decref(o);
}

static void expect_failure(struct fixture *f, const char *text)
{
	json_t *o = isvc(f);
	const char *is = json_str_at(o, "status.modelStatus.lastFailureInfo.message");
	if (!is || !strstr(is, text))
		fail_msg("failure is \"%s\", not \"%s\"", is ? is : "missing", text);
	json_decref(o);
}

/* The revision that answers to a host, "" when none does. */
static void expect_answer(struct fixture *f, const char *host, const char *revision)
{
	struct serving_address who = {.host = slice_str(host)};
	struct revision *r = NULL;
	struct err err = {0};
	if (serving_hold(f->serving, &who, &r, &err) < 0) {
		if (*revision)
			fail_msg("%s: %s", host, err.message);
		return;
	}
	assert_string_equal(revision_spec(r)->revision, revision);
	revision_release(r);
}

static size_t count(struct fixture *f, const char *api_version, const char *kind, const char *ns)
{
	const struct kind *k = cluster_kind_of(f->cluster, api_version, kind);
	struct resource_call call = {.kind = k, .namespace = ns};
	struct resource_list list;
	assert_int_equal(cluster_list(f->cluster, &call, &(struct list_options){0}, &list, NULL), 0);
	size_t n = json_array_size(list.items);
	resource_list_release(&list);
	kind_unref(k);
	return n;
}

#define NAMESPACE "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n---\n"
#define SECRET                                                                                                         \
	"apiVersion: v1\nkind: Secret\nmetadata:\n  name: s3creds\n  namespace: ns\n  annotations:\n"                   \
	"    serving.kserve.io/s3-endpoint: minio-service.tenant-tiny:9000\n"                                          \
	"    serving.kserve.io/s3-usehttps: '0'\n"                                                                     \
	"stringData: {AWS_ACCESS_KEY_ID: minio, AWS_SECRET_ACCESS_KEY: minio123}\n---\n"
#define ACCOUNT "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa, namespace: ns}\nsecrets: [{name: s3creds}]\n---\n"
#define HEAD                                                                                                           \
	"apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: tc, namespace: ns}\nspec:\n"
#define PREDICTOR(uri) "  predictor: {serviceAccountName: sa, sklearn: {storageUri: '" uri "'}}\n"
#define TRANSFORMER(image)                                                                                             \
	"  transformer:\n    serviceAccountName: sa\n    containers:\n    - name: t\n      image: " image "\n"          \
	"      env: [{name: STORAGE_URI, value: 's3://textclustering/transformer.joblib'}]\n"
#define SEED HEAD PREDICTOR("s3://textclustering") TRANSFORMER("agmangas/sklearn-transformer:latest")

static void alias(struct fixture *f)
{
	json_t *map = NULL;
	struct err err = {0};
	assert_int_equal(
	    image_alias_set(NULL, "agmangas/sklearn-transformer", "coracle/sklearn-transformer", NULL, &map, &err), 0);
	const struct kind *k = cluster_kind_of(f->cluster, "v1", "ConfigMap");
	struct resource_call call = {.kind = k, .namespace = IMAGE_ALIASES_NAMESPACE, .name = IMAGE_ALIASES_CONFIGMAP};
	json_t *out = NULL;
	if (cluster_create(f->cluster, &call, map, &out, &err) < 0)
		fail_msg("%s", err.message);
	json_decref(out);
	json_decref(map);
	kind_unref(k);
}

static void ready_seed(struct fixture *f)
{
	put(f, "textclustering", "model.joblib", "model");
	put(f, "textclustering", "transformer.joblib", "transformer");
	alias(f);
	apply(f, NAMESPACE SECRET ACCOUNT SEED);
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
}

/* ---- tests ---- */

static void the_seeds_service_becomes_ready_with_all_that_stands_for_it(void **state)
{
	struct fixture *f = *state;
	ready_seed(f);
	expect(f, "status.url", "http://tc.ns.example.com");
	expect(f, "status.address.url", "http://tc.ns.svc.cluster.local");
	expect(f, "status.components.predictor.latestReadyRevision", "tc-predictor-default-00001");
	expect(f, "status.components.transformer.latestReadyRevision", "tc-transformer-default-00001");
	expect(f, "status.components.predictor.url", "http://tc-predictor-default.ns.example.com");
	expect(f, "status.modelStatus.transitionStatus", "UpToDate");
	expect(f, "status.clusterServingRuntimeName", "kserve-sklearnserver");
	expect(f, "spec.predictor.sklearn.runtimeVersion", "v0.7.0");
	json_t *o = isvc(f);
	const json_t *c, *conditions = json_at(o, "status.conditions");
	static const char *const order[] = {"IngressReady",	    "LatestDeploymentReady",	   "PredictorConfigurationReady",
					    "PredictorReady",	    "PredictorRouteReady",	   "Ready",
					    "RoutesReady",	    "Stopped",			   "TransformerConfigurationReady",
					    "TransformerReady", "TransformerRouteReady"};
	size_t i;
	assert_int_equal(json_array_size(conditions), 11);
	json_array_foreach(conditions, i, c)
		assert_string_equal(json_str_at(c, "type"), order[i]);
	assert_int_equal(json_int_at(json_array_get(json_at(o, "status.components.predictor.traffic"), 0), "percent", 0), 100);
	json_decref(o);
	assert_int_equal(count(f, "serving.knative.dev/v1", "Revision", "ns"), 2);
	assert_int_equal(count(f, "serving.knative.dev/v1", "Route", "ns"), 2);
	assert_int_equal(count(f, "serving.knative.dev/v1", "Configuration", "ns"), 2);
	assert_int_equal(count(f, "serving.knative.dev/v1", "Service", "ns"), 2);
	assert_int_equal(count(f, "v1", "Pod", "ns"), 2);
	assert_int_equal(count(f, "apps/v1", "Deployment", "ns"), 2);
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
	expect_answer(f, "tc-transformer-default.ns.svc.cluster.local", "tc-predictor-default-00001");
	expect_answer(f, "tc-predictor-default.ns", "tc-predictor-default-00001");
	json_t *e = find(f, "v1", "Endpoints", "ns", "tc-predictor-default-00001-private");
	const json_t *subset = json_array_get(json_object_get(e, "subsets"), 0);
	assert_int_equal(json_int_at(json_array_get(json_object_get(subset, "ports"), 0), "port", 0), 18080);
	json_decref(e);
}

static void a_second_apply_and_a_second_pass_write_nothing(void **state)
{
	struct fixture *f = *state;
	ready_seed(f);
	const struct kind *k = cluster_kind_of(f->cluster, "v1", "Pod");
	struct resource_call call = {.kind = k};
	struct resource_list before, after;
	assert_int_equal(cluster_list(f->cluster, &call, &(struct list_options){0}, &before, NULL), 0);
	apply(f, SEED);
	settle(f);
	stop_control(f);
	start_control(f, true);
	settle(f);
	assert_int_equal(cluster_list(f->cluster, &call, &(struct list_options){0}, &after, NULL), 0);
	assert_int_equal(before.resource_version, after.resource_version);
	resource_list_release(&before);
	resource_list_release(&after);
	kind_unref(k);
}

static void a_secret_that_comes_late_is_waited_for(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "model");
	apply(f, NAMESPACE HEAD PREDICTOR("s3://textclustering"));
	settle(f);
	expect_condition(f, "Ready", "False", NULL);
	expect_failure(f, "serviceaccount \"sa\" not found");
	apply(f, ACCOUNT);
	settle(f);
	expect_failure(f, "secret \"s3creds\" of serviceaccount \"sa\" not found");
	apply(f, SECRET);
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	expect_answer(f, "tc-predictor-default.ns.example.com", "tc-predictor-default-00001");
}

static void what_went_wrong_is_in_the_status(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "nonsense");
	apply(f, NAMESPACE SECRET ACCOUNT HEAD PREDICTOR("s3://missing/model"));
	settle(f);
	expect_failure(f, "s3://missing/model: NoSuchBucket");
	expect_failure(f, "minio-service.tenant-tiny:9000");
	expect(f, "status.modelStatus.transitionStatus", "BlockedByFailedLoad");
	expect(f, "status.modelStatus.lastFailureInfo.modelRevisionName", "tc-predictor-default-00001");
	expect_condition(f, "PredictorReady", "False", "RevisionFailed");
	expect_condition(f, "IngressReady", "False", NULL);
	apply(f, HEAD PREDICTOR("s3://textclustering"));
	settle(f);
	expect_failure(f, "/mnt/models/model.joblib: it is broken");
	expect(f, "status.modelStatus.lastFailureInfo.reason", "ModelLoadFailed");
}

/* Of what no Pod or object may be, no Deployment comes: the status has to say it, or nobody does. */
static void a_spec_that_makes_no_valid_pod_says_so(void **state)
{
	struct fixture *f = *state;
	apply(f, NAMESPACE SECRET ACCOUNT HEAD "  predictor:\n    sklearn:\n      storageUri: s3://textclustering\n"
					       "      resources: {limits: {memory: 1Gi}}\n");
	settle(f);
	expect_condition(f, "Ready", "False", "InvalidPredictorSpec");
	expect_failure(f, "spec.predictor.containers[0].resources.requests: Invalid value: \"2Gi\": must be less than or equal to "
			  "memory limit of 1Gi");
	apply(f, HEAD "  predictor:\n    annotations: {a b: c}\n    sklearn:\n      storageUri: s3://textclustering\n"
			"      resources: {limits: {memory: 2Gi}}\n");
	settle(f);
	expect_condition(f, "Ready", "False", "InvalidPredictorSpec");
	expect_failure(f, "metadata.annotations: Invalid value: \"a b\"");
}

static void a_new_revision_that_fails_leaves_the_old_one_serving(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "model");
	put(f, "bad", "model.joblib", "nonsense");
	put(f, "good", "model.joblib", "model");
	apply(f, NAMESPACE SECRET ACCOUNT HEAD PREDICTOR("s3://textclustering"));
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	apply(f, HEAD PREDICTOR("s3://bad"));
	settle(f);
	expect_condition(f, "Ready", "False", "RevisionFailed");
	expect_condition(f, "RoutesReady", "True", NULL);
	expect_condition(f, "LatestDeploymentReady", "False", NULL);
	expect(f, "status.components.predictor.latestReadyRevision", "tc-predictor-default-00001");
	expect(f, "status.components.predictor.latestCreatedRevision", "tc-predictor-default-00002");
	expect(f, "status.modelStatus.states.activeModelState", "Loaded");
	expect(f, "status.modelStatus.states.targetModelState", "FailedToLoad");
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
	/* so it does after a restart, without the object store */
	stop_control(f);
	serving_free(f->serving);
	assert_int_equal(serving_new(&(struct serving_options){.domain = "example.com"}, &f->serving, NULL), 0);
	start_control(f, false);
	settle(f);
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
	stop_control(f);
	start_control(f, true);
	apply(f, HEAD PREDICTOR("s3://good"));
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	expect(f, "status.components.predictor.latestReadyRevision", "tc-predictor-default-00003");
	expect(f, "status.components.predictor.previousRolledoutRevision", "tc-predictor-default-00001");
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00003");
	assert_int_equal(count(f, "v1", "Pod", "ns"), 1);
}

static void an_image_that_nobody_knows_is_an_image_pull_error_until_it_has_an_alias(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "model");
	put(f, "textclustering", "transformer.joblib", "transformer");
	apply(f, NAMESPACE SECRET ACCOUNT SEED);
	settle(f);
	expect_condition(f, "Ready", "False", NULL);
	expect_condition(f, "PredictorReady", "True", NULL);
	expect_condition(f, "TransformerReady", "False", NULL);
	expect_failure(f, "coracle image alias agmangas/sklearn-transformer:latest coracle/sklearn-transformer");
	expect_answer(f, "tc-predictor-default.ns", "tc-predictor-default-00001");
	expect_answer(f, "tc.ns.example.com", "");
	alias(f);
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
}

static void deleting_it_removes_everything(void **state)
{
	struct fixture *f = *state;
	char path[160];
	struct stat st;
	ready_seed(f);
	erase(f, "serving.kserve.io/v1beta1", "InferenceService", "ns", "tc");
	settle(f);
	assert_null(isvc(f));
	static const char *const kinds[][2] = {
	    {"v1", "Pod"}, {"apps/v1", "Deployment"}, {"apps/v1", "ReplicaSet"}, {"v1", "Service"}, {"v1", "Endpoints"},
	    {"serving.knative.dev/v1", "Service"}, {"serving.knative.dev/v1", "Configuration"},
	    {"serving.knative.dev/v1", "Revision"}, {"serving.knative.dev/v1", "Route"}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (count(f, kinds[i][0], kinds[i][1], "ns"))
			fail_msg("%s is left", kinds[i][1]);
	expect_answer(f, "tc.ns.example.com", "");
	snprintf(path, sizeof path, "%s/models/ns/tc", f->dir);
	assert_int_equal(stat(path, &st), -1);
}

static void a_restart_needs_no_fetch(void **state)
{
	struct fixture *f = *state;
	ready_seed(f);
	stop_control(f);
	serving_free(f->serving);
	assert_int_equal(serving_new(&(struct serving_options){.domain = "example.com"}, &f->serving, NULL), 0);
	start_control(f, false);
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
}

static void what_is_not_supported_is_never_ready(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "model");
	apply(f, NAMESPACE SECRET ACCOUNT HEAD PREDICTOR("s3://textclustering")
		     "  explainer: {containers: [{name: e, image: x}]}\n");
	settle(f);
	expect_condition(f, "Ready", "False", "ExplainerNotSupported");
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
	erase(f, "serving.kserve.io/v1beta1", "InferenceService", "ns", "tc");
	settle(f);
	apply(f, HEAD "  predictor: {xgboost: {storageUri: 's3://textclustering'}}\n");
	settle(f);
	expect_condition(f, "Ready", "False", "NoSupportingRuntime");
	expect_failure(f, "No runtime found to support specified framework/version");
	expect(f, "status.modelStatus.transitionStatus", "InvalidSpec");
	apply(f, HEAD "  predictor: {xgboost: null, serviceAccountName: sa, model: {modelFormat: {name: sklearn}, "
		      "storageUri: 's3://textclustering'}}\n");
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
}

static void a_canary_keeps_the_traffic_where_it_is(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "model");
	put(f, "good", "model.joblib", "model");
	apply(f, NAMESPACE SECRET ACCOUNT HEAD PREDICTOR("s3://textclustering"));
	settle(f);
	apply(f, HEAD "  predictor: {serviceAccountName: sa, canaryTrafficPercent: 10, sklearn: {storageUri: 's3://good'}}\n");
	settle(f);
	expect_condition(f, "Ready", "False", "CanaryNotSupported");
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
}

static void a_claim_binds_at_once_and_can_hold_a_model(void **state)
{
	struct fixture *f = *state;
	char path[256];
	apply(f, NAMESPACE "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: ns}\n"
			   "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n");
	settle(f);
	json_t *claim = find(f, "v1", "PersistentVolumeClaim", "ns", "data");
	assert_string_equal(json_str_at(claim, "status.phase"), "Bound");
	assert_string_equal(json_str_at(claim, "status.capacity.storage"), "1Gi");
	snprintf(path, sizeof path, "%s/volumes/%s/model.joblib", f->dir, json_str_at(claim, "metadata.uid"));
	json_t *volume = find(f, "v1", "PersistentVolume", NULL, json_str_at(claim, "spec.volumeName"));
	assert_string_equal(json_str_at(volume, "status.phase"), "Bound");
	json_decref(volume);
	json_decref(claim);
	assert_int_equal(fs_replace(path, SLICE_LIT("model"), 0600, NULL), 0);
	apply(f, HEAD "  predictor: {sklearn: {storageUri: 'pvc://data'}}\n");
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	erase(f, "v1", "PersistentVolumeClaim", "ns", "data");
	settle(f);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(count(f, "v1", "PersistentVolume", NULL), 0);
}

static void a_claim_that_names_a_volume_waits_for_it(void **state)
{
	struct fixture *f = *state;
	apply(f, NAMESPACE "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: ns}\n"
			   "spec: {volumeName: pv, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n");
	settle(f);
	json_t *claim = find(f, "v1", "PersistentVolumeClaim", "ns", "data");
	assert_string_equal(json_str_at(claim, "status.phase"), "Pending");
	json_decref(claim);
	apply(f, "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: pv}\nspec: {accessModes: [ReadWriteOnce], "
		 "capacity: {storage: 2Gi}, hostPath: {path: /data}}\n");
	settle(f);
	claim = find(f, "v1", "PersistentVolumeClaim", "ns", "data");
	assert_string_equal(json_str_at(claim, "status.phase"), "Bound");
	assert_string_equal(json_str_at(claim, "status.capacity.storage"), "2Gi");
	json_decref(claim);
}

static void what_a_crash_left_is_swept_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	char path[256];
	static const char *const left[] = {"models/ns/gone", "logs/pods/ns_gone_1-2-3", "volumes/1-2-3"};
	ready_seed(f);
	stop_control(f);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, left[i]);
		assert_int_equal(fs_mkdirs(path, 0700, NULL), 0);
	}
	start_control(f, false);
	settle(f);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, left[i]);
		assert_int_equal(access(path, F_OK), -1);
	}
	snprintf(path, sizeof path, "%s/models/ns/tc/tc-predictor-default-00001/model.joblib", f->dir);
	assert_int_equal(access(path, F_OK), 0);
	expect_condition(f, "Ready", "True", NULL);
}

static void a_deleted_pod_comes_back_with_the_model_read_anew(void **state)
{
	struct fixture *f = *state;
	put(f, "textclustering", "model.joblib", "model");
	apply(f, NAMESPACE SECRET ACCOUNT HEAD PREDICTOR("s3://textclustering"));
	settle(f);
	put(f, "textclustering", "model.joblib", "nonsense");
	const struct kind *k = cluster_kind_of(f->cluster, "v1", "Pod");
	struct resource_call call = {.kind = k, .namespace = "ns"};
	struct resource_list list;
	assert_int_equal(cluster_list(f->cluster, &call, &(struct list_options){0}, &list, NULL), 0);
	assert_int_equal(json_array_size(list.items), 1);
	erase(f, "v1", "Pod", "ns", json_str_at(json_array_get(list.items, 0), "metadata.name"));
	resource_list_release(&list);
	settle(f);
	expect_failure(f, "it is broken");
	expect_answer(f, "tc.ns.example.com", "tc-predictor-default-00001");
	assert_int_equal(count(f, "v1", "Pod", "ns"), 1);
	kind_unref(k);
}

static void a_transformer_comes_and_goes(void **state)
{
	struct fixture *f = *state;
	ready_seed(f);
	apply(f, HEAD PREDICTOR("s3://textclustering") "  transformer: null\n");
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	expect_answer(f, "tc-predictor-default.ns", "tc-predictor-default-00001");
	assert_int_equal(count(f, "v1", "Pod", "ns"), 1);
	apply(f, SEED);
	settle(f);
	expect_condition(f, "Ready", "True", NULL);
	expect_answer(f, "tc-transformer-default.ns", "tc-predictor-default-00001");
}

static void namespaces_have_a_default_account_and_the_ca(void **state)
{
	struct fixture *f = *state;
	apply(f, NAMESPACE);
	settle(f);
	json_t *account = find(f, "v1", "ServiceAccount", "ns", "default");
	json_t *ca = find(f, "v1", "ConfigMap", "ns", "kube-root-ca.crt");
	assert_non_null(account);
	assert_string_equal(json_string_value(json_object_get(json_object_get(ca, "data"), "ca.crt")), "PEM");
	json_decref(account);
	json_decref(ca);
	erase(f, "v1", "ServiceAccount", "ns", "default");
	settle(f);
	account = find(f, "v1", "ServiceAccount", "ns", "default");
	assert_non_null(account);
	json_decref(account);
}

static void a_pod_of_ones_own_says_why_it_waits(void **state)
{
	struct fixture *f = *state;
	apply(f, NAMESPACE "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ns}\n"
			   "spec: {containers: [{name: c, image: busybox}]}\n---\n"
			   "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: ns}\n"
			   "spec: {replicas: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
			   "spec: {containers: [{name: c, image: busybox}]}}}\n");
	settle(f);
	json_t *pod = find(f, "v1", "Pod", "ns", "p");
	const json_t *scheduled = condition_find(json_at(pod, "status.conditions"), "PodScheduled");
	assert_string_equal(json_str_at(pod, "status.phase"), "Pending");
	assert_string_equal(json_str_at(scheduled, "reason"), "Unschedulable");
	json_decref(pod);
	json_t *deployment = find(f, "apps/v1", "Deployment", "ns", "d");
	assert_int_equal(json_int_at(deployment, "status.unavailableReplicas", 0), 2);
	assert_true(condition_is(json_at(deployment, "status.conditions"), "Progressing", "False"));
	json_decref(deployment);
	erase(f, "v1", "Pod", "ns", "p");
	settle(f);
	assert_null(find(f, "v1", "Pod", "ns", "p"));
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(the_seeds_service_becomes_ready_with_all_that_stands_for_it),
	    TEST(a_second_apply_and_a_second_pass_write_nothing),
	    TEST(a_secret_that_comes_late_is_waited_for),
	    TEST(what_went_wrong_is_in_the_status),
	    TEST(a_spec_that_makes_no_valid_pod_says_so),
	    TEST(a_new_revision_that_fails_leaves_the_old_one_serving),
	    TEST(an_image_that_nobody_knows_is_an_image_pull_error_until_it_has_an_alias),
	    TEST(deleting_it_removes_everything),
	    TEST(a_restart_needs_no_fetch),
	    TEST(what_is_not_supported_is_never_ready),
	    TEST(a_canary_keeps_the_traffic_where_it_is),
	    TEST(a_claim_binds_at_once_and_can_hold_a_model),
	    TEST(a_claim_that_names_a_volume_waits_for_it),
	    TEST(what_a_crash_left_is_swept_and_nothing_else),
	    TEST(a_deleted_pod_comes_back_with_the_model_read_anew),
	    TEST(a_transformer_comes_and_goes),
	    TEST(namespaces_have_a_default_account_and_the_ca),
	    TEST(a_pod_of_ones_own_says_why_it_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
