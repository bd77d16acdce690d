/*
 * From an InferenceService to what its components want. Source: KServe's v1beta1 API and its component reconcilers
 * (pkg/controller/v1beta1/inferenceservice/components, pkg/webhook/admission/pod). Names are those of its 0.7.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "control/isvc.h"
#include "control/kinds/podspec.h"
#include "crypto/hash.h"

#define KSERVE_CONTAINER "kserve-container"

const struct component_info component_infos[COMPONENTS] = {
    [COMPONENT_PREDICTOR] = {"predictor", "Predictor", "-predictor-default"},
    [COMPONENT_TRANSFORMER] = {"transformer", "Transformer", "-transformer-default"},
};

/* Keys of a predictor that name a framework, and the protocol that its servers speak when none is asked for. */
static const struct {
	const char *key, *protocol;
} frameworks[] = {
    {"sklearn", "v1"}, {"xgboost", "v1"}, {"lightgbm", "v1"},    {"tensorflow", "v1"}, {"pmml", "v1"},
    {"paddle", "v1"},  {"pytorch", "v1"}, {"huggingface", "v1"}, {"onnx", "v2"},       {"triton", "v2"},
};

/* Keys of a component that are no part of a pod. */
static const char *const extension_keys[] = {
    "model",       "minReplicas",    "maxReplicas",          "scaleTarget", "scaleMetric",          "scaleMetricType",
    "autoScaling", "timeout",        "containerConcurrency", "logger",      "canaryTrafficPercent", "batcher",
    "labels",      "annotations",    "deploymentStrategy",   "workerSpec",  "storageUris",          "name",
    "containers",  "initContainers",
};

/* Keys of a framework that are no part of a container. */
static const char *const framework_keys[] = {
    "storageUri", "runtimeVersion", "protocolVersion", "storage", "modelFormat", "runtime", "name", "args", "env",
};

static bool is_one_of(const char *key, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(key, list[i]))
			return true;
	return false;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static void fail(struct isvc_failure *f, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void fail(struct isvc_failure *f, const char *reason, const char *fmt, ...)
{
	if (f->reason)
		return;
	f->reason = reason;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(f->message, sizeof f->message, fmt, ap);
	va_end(ap);
}

const json_t *isvc_main_container(const json_t *containers)
{
	const json_t *item;
	size_t i;
	json_array_foreach(containers, i, item) if (!strcmp(text(item, "name"), KSERVE_CONTAINER)) return item;
	return json_array_get(containers, 0);
}

/* ---- containers ---- */

static const char *env_value(const json_t *container, const char *name)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(container, "env"), i,
			   item) if (!strcmp(text(item, "name"), name)) return text(item, "value");
	return "";
}

/* {{.Name}}, {{.Namespace}} and {{.Labels.x}} as runtimes use them. */
static json_t *expand(struct isvc_plan *p, const char *s)
{
	struct buf out;
	buf_init(&out, 1 << 16);
	const json_t *labels = json_at(p->isvc, "metadata.labels");
	while (*s) {
		const char *open = strstr(s, "{{"), *close = open ? strstr(open, "}}") : NULL;
		if (!close) {
			buf_str(&out, s);
			break;
		}
		buf_append(&out, s, (size_t)(open - s));
		struct slice name = slice_trim(slice_of(open + 2, (size_t)(close - open - 2)));
		if (slice_is(name, ".Name"))
			buf_str(&out, p->name);
		else if (slice_is(name, ".Namespace"))
			buf_str(&out, p->namespace_);
		else if (slice_starts(name, ".Labels."))
			buf_str(&out, text(labels, arena_printf(&p->arena, "%.*s", SLICE_ARG(slice_from(name, 8)))));
		else
			buf_append(&out, open, (size_t)(close + 2 - open));
		s = close + 2;
	}
	json_t *value = json_stringn(out.ptr ? out.ptr : "", out.len);
	buf_release(&out);
	return value;
}

static void expand_all(struct isvc_plan *p, json_t *container)
{
	static const char *const lists[] = {"command", "args"};
	size_t i;
	json_t *item;
	for (size_t l = 0; l < COUNT_OF(lists); l++) {
		json_t *list = json_object_get(container, lists[l]);
		json_array_foreach(list, i, item) if (json_is_string(item))
		    json_array_set_new(list, i, expand(p, json_string_value(item)));
	}
	json_array_foreach(json_object_get(container, "env"), i,
			   item) if (json_is_string(json_object_get(item, "value")))
	    json_object_set_new(item, "value", expand(p, text(item, "value")));
}

/* Items of `more` go behind those of container[key]; env entries of one name replace. */
static void add_items(json_t *container, const char *key, const json_t *more)
{
	json_t *list = json_object_get(container, key), *item, *old;
	size_t i, j;
	if (!json_array_size(more))
		return;
	if (!json_is_array(list)) {
		json_object_set_new(container, key, json_deep_copy(more));
		return;
	}
	json_array_foreach((json_t *)more, i, item)
	{
		bool replaced = false;
		if (!strcmp(key, "env")) {
			json_array_foreach(list, j, old)
			{
				if (!strcmp(text(old, "name"), text(item, "name"))) {
					json_array_set_new(list, j, json_deep_copy(item));
					replaced = true;
				}
			}
		}
		if (!replaced)
			json_array_append_new(list, json_deep_copy(item));
	}
}

/* The runtime's container with what the framework's own fields say. */
static json_t *framework_container(struct isvc_plan *p, const json_t *runtime, const json_t *framework)
{
	json_t *container = json_deep_copy(isvc_main_container(json_object_get(runtime, "containers"))), *value;
	const char *key, *version = text(framework, "runtimeVersion");
	if (!container)
		container = json_object();
	json_object_foreach((json_t *)framework, key,
			    value) if (!is_one_of(key, framework_keys, COUNT_OF(framework_keys)))
	    json_object_set_new(container, key, json_deep_copy(value));
	add_items(container, "args", json_object_get(framework, "args"));
	add_items(container, "env", json_object_get(framework, "env"));
	json_object_set_new(container, "name", json_string(KSERVE_CONTAINER));
	const char *image = text(container, "image"), *colon = strrchr(image, ':'), *slash = strrchr(image, '/');
	if (*version && !json_object_get(framework, "image")) {
		size_t n = colon && (!slash || colon > slash) ? (size_t)(colon - image) : strlen(image);
		json_object_set_new(container, "image", json_sprintf("%.*s:%s", (int)n, image, version));
	}
	expand_all(p, container);
	return container;
}

/* ---- components ---- */

/* The pod-level fields of a component around `container` (taken). */
static void set_pod_spec(struct component *m, const json_t *spec, json_t *container)
{
	json_t *pod = json_object(), *value, *containers = json_array();
	const char *key;
	json_object_foreach((json_t *)spec, key, value)
	{
		bool framework = false;
		for (size_t i = 0; i < COUNT_OF(frameworks); i++)
			framework = framework || !strcmp(key, frameworks[i].key);
		if (!framework && !is_one_of(key, extension_keys, COUNT_OF(extension_keys)))
			json_object_set_new(pod, key, json_deep_copy(value));
	}
	json_array_append_new(containers, container);
	json_object_set_new(pod, "containers", containers);
	json_object_set_new(pod, "containerConcurrency", json_integer(json_int_at(spec, "containerConcurrency", 0)));
	json_object_set_new(pod, "timeoutSeconds", json_integer(json_int_at(spec, "timeout", 300)));
	m->pod_spec = pod;
	m->image = text(container, "image");
}

static void set_annotations(struct component *m, const json_t *spec)
{
	json_t *a = json_object(), *own = json_object_get(spec, "annotations");
	if (own)
		json_object_update(a, own);
	json_object_set_new(a, "autoscaling.knative.dev/class", json_string("kpa.autoscaling.knative.dev"));
	json_object_set_new(a, "autoscaling.knative.dev/min-scale",
			    json_sprintf("%lld", (long long)json_int_at(spec, "minReplicas", 1)));
	if (*m->uri)
		json_object_set_new(a, "internal.serving.kserve.io/storage-initializer-sourceuri", json_string(m->uri));
	m->annotations = a;
}

/* What the image is here: an alias's target, or a built-in; and what the manifest leaves to it. */
static void set_image(struct control *c, struct isvc_plan *p, struct component *m, const json_t *container)
{
	struct image_settings settings = {"", ""};
	json_t *stored =
	    cluster_find(c->o.cluster, c->kinds.config_map, IMAGE_ALIASES_NAMESPACE, IMAGE_ALIASES_CONFIGMAP);
	const char *target = image_alias_find(stored, m->image, &p->arena, &settings);
	json_decref(stored);
	for (size_t i = 0; !target && i < c->o.images_n; i++)
		if (image_same(c->o.images[i].name, m->image))
			target = c->o.images[i].target;
	const struct image_builtin *builtin = image_builtin_find(target ? target : m->image);
	m->image_kind = builtin ? builtin->kind : IMAGE_UNKNOWN;
	m->method = MODEL_DEFAULT;
	if (!strcmp(env_value(container, "PREDICT_PROBA"), "true")) {
		m->method = MODEL_PREDICT_PROBA;
	} else if (*settings.method) {
		m->alias_method = settings.method;
		m->method = model_method_parse(slice_str(settings.method));
	}
	if (!*m->uri && !m->storage)
		m->uri = settings.model;
}

/* Equal templates have equal hashes, whatever the order of their keys. */
static void set_hash(struct component *m)
{
	uint8_t digest[HASH_BYTES_MAX];
	struct buf out;
	json_t *all = json_pack("{s:O, s:O, s:s, s:O*, s:s*}", "spec", m->pod_spec, "annotations", m->annotations, "uri",
				m->uri, "storage", (json_t *)m->storage, "method",
				*m->alias_method ? m->alias_method : NULL);
	buf_init(&out, 16 << 20);
	json_encode(all, JSON_ENCODE_SORTED, &out);
	hash_once(HASH_SHA256, buf_view(&out), digest);
	hex_encode(digest, 8, m->hash);
	buf_release(&out);
	json_decref(all);
}

static void plan_custom(struct control *c, struct isvc_plan *p, struct component *m, const json_t *spec)
{
	const json_t *given = isvc_main_container(json_object_get(spec, "containers"));
	json_t *container = json_deep_copy(given);
	json_object_set_new(container, "name", json_string(KSERVE_CONTAINER));
	if (m->id == COMPONENT_TRANSFORMER) {
		json_t *args = json_pack("[s, s, s, s+++, s, s]", "--model_name", p->name, "--predictor_host", p->name,
					 component_infos[COMPONENT_PREDICTOR].service_suffix, ".", p->namespace_,
					 "--http_port", "8080");
		add_items(container, "args", args);
		json_decref(args);
	}
	m->uri = arena_cstr(&p->arena, slice_str(env_value(given, "STORAGE_URI")));
	set_pod_spec(m, spec, container);
	set_image(c, p, m, container);
}

static void plan_framework(struct control *c, struct isvc_plan *p, struct component *m, const json_t *spec,
			   const json_t *framework, const char *format, const char *protocol)
{
	struct runtime_choice runtime;
	if (*text(framework, "protocolVersion"))
		protocol = text(framework, "protocolVersion");
	if (isvc_runtime_choose(c, p->namespace_, text(framework, "runtime"), format,
				json_str_at(framework, "modelFormat.version"), protocol, &p->arena, &runtime,
				&p->invalid) < 0)
		return;
	json_t *container = framework_container(p, runtime.spec, framework);
	m->runtime = runtime.name;
	m->cluster_runtime = runtime.cluster;
	json_decref(runtime.spec);
	m->uri = arena_cstr(&p->arena, slice_str(text(framework, "storageUri")));
	m->storage = json_object_get(framework, "storage");
	set_pod_spec(m, spec, container);
	set_image(c, p, m, container);
}

static void plan_predictor(struct control *c, struct isvc_plan *p, struct component *m, const json_t *spec)
{
	const json_t *model = json_object_get(spec, "model");
	int given = (model != NULL) + (json_array_size(json_object_get(spec, "containers")) > 0 && !model);
	const char *format = text(json_object_get(model, "modelFormat"), "name"), *protocol = "v1";
	for (size_t i = 0; i < COUNT_OF(frameworks); i++) {
		const json_t *framework = json_object_get(spec, frameworks[i].key);
		if (!strcmp(frameworks[i].key, format))
			protocol = frameworks[i].protocol;
		if (!framework)
			continue;
		given++;
		model = framework;
		format = frameworks[i].key;
		protocol = frameworks[i].protocol;
	}
	if (given != 1)
		fail(&p->invalid, "InvalidPredictorSpec",
		     given ? "spec.predictor: exactly one framework, model or container can be given"
			   : "spec.predictor names no framework, model or container");
	else if (json_array_size(json_object_get(spec, "storageUris")))
		fail(&p->invalid, "InvalidPredictorSpec",
		     "spec.predictor.storageUris is not supported yet: storageUri is");
	else if (model)
		plan_framework(c, p, m, spec, model, format, protocol);
	else
		plan_custom(c, p, m, spec);
}

/* A pod spec that no Deployment may have is said before anything is made of it. */
static void check_pod(struct isvc_plan *p, const struct component *m, const char *reason)
{
	struct fault_list faults = {0};
	struct err err = {0};
	char path[32];
	json_t *pod = json_deep_copy(m->pod_spec);
	snprintf(path, sizeof path, "spec.%s", component_infos[m->id].key);
	podspec_defaults(pod);
	podspec_validate(pod, path, &faults);
	if (fault_refuse(&faults, arena_printf(&p->arena, "InferenceService \"%s\"", p->name), &err) < 0)
		fail(&p->invalid, reason, "%s", err.message);
	fault_release(&faults);
	json_decref(pod);
}

static void plan_component(struct control *c, struct isvc_plan *p, enum component_id id)
{
	const struct component_info *info = &component_infos[id];
	struct component *m = &p->components[id];
	const json_t *spec = json_object_get(json_object_get(p->isvc, "spec"), info->key);
	m->id = id;
	m->uri = m->image = m->runtime = m->alias_method = "";
	snprintf(m->service, sizeof m->service, "%.90s%s", p->name, info->service_suffix);
	m->wanted = json_is_object(spec);
	if (!m->wanted) {
		if (id == COMPONENT_PREDICTOR)
			fail(&p->invalid, "InvalidPredictorSpec", "spec.predictor is missing");
		return;
	}
	m->service_account = text(spec, "serviceAccountName");
	if (id == COMPONENT_PREDICTOR)
		plan_predictor(c, p, m, spec);
	else if (json_array_size(json_object_get(spec, "containers")))
		plan_custom(c, p, m, spec);
	else
		fail(&p->invalid, "InvalidTransformerSpec", "spec.transformer names no container");
	if (p->invalid.reason)
		return;
	check_pod(p, m, id == COMPONENT_PREDICTOR ? "InvalidPredictorSpec" : "InvalidTransformerSpec");
	set_annotations(m, spec);
	set_hash(m);
}

static void plan_limits(struct isvc_plan *p)
{
	const json_t *spec = json_object_get(p->isvc, "spec");
	for (size_t i = 0; i < COMPONENTS; i++) {
		const json_t *percent =
		    json_object_get(json_object_get(spec, component_infos[i].key), "canaryTrafficPercent");
		if (!json_is_integer(percent) || json_integer_value(percent) == 100)
			continue;
		p->hold = true;
		fail(&p->limited, "CanaryNotSupported",
		     "spec.%s.canaryTrafficPercent is not supported yet: the revision that serves keeps all traffic "
		     "until "
		     "the field is removed",
		     component_infos[i].key);
	}
	if (json_is_object(json_object_get(spec, "explainer")))
		fail(&p->limited, "ExplainerNotSupported",
		     "spec.explainer is not supported yet: predictions are answered, explanations are not");
}

void isvc_plan_make(struct control *c, const json_t *isvc, struct isvc_plan *out)
{
	*out = (struct isvc_plan){.isvc = json_incref((json_t *)isvc)};
	arena_init(&out->arena, 0, 8 << 20);
	const json_t *metadata = json_object_get(isvc, "metadata");
	out->namespace_ = text(metadata, "namespace");
	out->name = text(metadata, "name");
	out->uid = text(metadata, "uid");
	out->stopped = !strcmp(text(json_object_get(metadata, "annotations"), "serving.kserve.io/stop"), "true");
	if (strlen(out->name) > 90)
		fail(&out->invalid, "InvalidName", "the name is longer than its services can be");
	plan_limits(out);
	for (size_t i = 0; i < COMPONENTS && !out->invalid.reason; i++)
		plan_component(c, out, (enum component_id)i);
}

void isvc_plan_release(struct isvc_plan *p)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		json_decref(p->components[i].pod_spec);
		json_decref(p->components[i].annotations);
		json_decref(p->components[i].revision_object);
	}
	json_decref(p->isvc);
	arena_release(&p->arena);
}
