/*
 * Defaults of an InferenceService, as KServe 0.7's webhook fills them in (what `kubectl get -o yaml` then shows): the
 * server's container is called kserve-container, speaks v1 unless it says otherwise, has the version of the runtime that
 * KServe shipped, and asks for one CPU and 2Gi. The form an object was applied in (`sklearn:` or `model:`) stays.
 * Everything here only fills in what is missing, so that it may run on every write.
 */
#include <string.h>

#include "base/check.h"
#include "codec/json.h"
#include "control/kinds/inferenceservice.h"

const char *const inferenceservice_frameworks[] = { "sklearn", "xgboost",     "tensorflow", "pytorch",	"triton", "onnx",
						    "pmml",    "huggingface", "lightgbm",   "paddle",	"model",  NULL };

/* By framework or model format: the protocol, and the runtime's version by protocol (NULL: none is filled in). */
static const struct {
	const char *name, *protocol, *v1, *v2;
} runtimes[] = {
	{ "sklearn", "v1", "v0.7.0", "0.2.1" },	 { "xgboost", "v1", "v0.7.0", "0.2.1" }, { "lightgbm", "v1", "v0.7.0", NULL },
	{ "pmml", "v1", "v0.7.0", NULL },	 { "paddle", "v1", "v0.7.0", NULL },	 { "tensorflow", "v1", NULL, NULL },
	{ "pytorch", "v1", NULL, NULL },	 { "triton", "v2", NULL, NULL },	 { "onnx", "v2", NULL, NULL },
	{ "huggingface", "v2", NULL, NULL },	 { "mlflow", "v2", NULL, NULL },
};

static void text(json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	if (value && (!is || !*is))
		json_object_set_new(o, key, json_string(value));
}

static json_t *object_in(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	if (json_is_object(v))
		return v;
	v = json_object();
	json_object_set_new(o, key, v);
	return v;
}

static void resources(json_t *container)
{
	static const char *const kinds[] = { "limits", "requests" };
	json_t *r = object_in(container, "resources");
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		json_t *amounts = object_in(r, kinds[i]);
		if (!json_object_get(amounts, "cpu"))
			json_object_set_new(amounts, "cpu", json_string("1"));
		if (!json_object_get(amounts, "memory"))
			json_object_set_new(amounts, "memory", json_string("2Gi"));
	}
}

static void framework(json_t *f, const char *name, bool version)
{
	json_object_set_new(f, "name", json_string(INFERENCESERVICE_CONTAINER));
	for (size_t i = 0; name && i < COUNT_OF(runtimes); i++) {
		if (strcmp(runtimes[i].name, name) != 0)
			continue;
		text(f, "protocolVersion", runtimes[i].protocol);
		const char *protocol = json_str_at(f, "protocolVersion");
		if (version)
			text(f, "runtimeVersion", strcmp(protocol, "v2") == 0 ? runtimes[i].v2 : runtimes[i].v1);
	}
	resources(f);
}

/* The first container of a component of one's own is the server. */
static void containers(json_t *component)
{
	json_t *first = json_array_get(json_object_get(component, "containers"), 0);
	if (!json_is_object(first))
		return;
	json_object_set_new(first, "name", json_string(INFERENCESERVICE_CONTAINER));
	resources(first);
}

static void predictor(json_t *p)
{
	bool framed = false;
	for (const char *const *name = inferenceservice_frameworks; *name; name++) {
		json_t *f = json_object_get(p, *name);
		bool model = strcmp(*name, "model") == 0;
		if (!json_is_object(f))
			continue;
		framework(f, model ? json_str_at(f, "modelFormat.name") : *name, !model);
		framed = true;
	}
	if (!framed)
		containers(p);
}

int inferenceservice_defaults(struct admission *a, void *ctx, struct err *err)
{
	static const char *const explainers[] = { "alibi", "aix", "art" };
	json_t *spec = json_object_get(a->object, "spec"), *explainer = json_object_get(spec, "explainer");
	(void)ctx;
	(void)err;
	if (a->subresource || !json_is_object(spec))
		return 0;
	predictor(json_object_get(spec, "predictor"));
	containers(json_object_get(spec, "transformer"));
	containers(explainer);
	for (size_t i = 0; i < COUNT_OF(explainers); i++)
		if (json_is_object(json_object_get(explainer, explainers[i])))
			framework(json_object_get(explainer, explainers[i]), NULL, false);
	return 0;
}

/* Its controller must see the deletion to take away what it made. */
int inferenceservice_prepare(struct admission *a, void *ctx, struct err *err)
{
	json_t *meta = json_object_get(a->object, "metadata"), *list = json_object_get(meta, "finalizers"), *v;
	size_t i;
	(void)ctx;
	(void)err;
	if (a->subresource || json_object_get(meta, "deletionTimestamp"))
		return 0;
	json_array_foreach(list, i, v)
		if (json_is_string(v) && strcmp(json_string_value(v), INFERENCESERVICE_FINALIZER) == 0)
			return 0;
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(meta, "finalizers", list);
	}
	json_array_append_new(list, json_string(INFERENCESERVICE_FINALIZER));
	return 0;
}
