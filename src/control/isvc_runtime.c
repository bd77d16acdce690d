/*
 * Which ServingRuntime serves a model format: the named one, else those of the namespace, then the cluster's, that
 * support the format by themselves (autoSelect), highest priority first. Texts and reasons are KServe's
 * (pkg/controller/v1beta1/inferenceservice/components/predictor.go).
 */
#include "base/check.h"
#include "codec/json.h"
#include "control/isvc.h"

static void fail(struct isvc_failure *f, const char *reason, const char *message)
{
	f->reason = reason;
	snprintf(f->message, sizeof f->message, "%s", message);
}

static bool has_protocol(const json_t *spec, const char *protocol)
{
	const json_t *list = json_object_get(spec, "protocolVersions"), *item;
	size_t i;
	if (!json_array_size(list))
		return !strcmp(protocol, "v1");
	json_array_foreach(list, i,
			   item) if (json_is_string(item) && !strcmp(json_string_value(item), protocol)) return true;
	return false;
}

/* The priority with which a runtime takes the format by itself (or, with `named`, at all); -1: not. */
static int64_t support(const json_t *spec, const char *format, const char *version, bool named)
{
	const json_t *item;
	size_t i;
	int64_t best = -1;
	json_array_foreach(json_object_get(spec, "supportedModelFormats"), i, item)
	{
		const char *name = json_str_at(item, "name"), *v = json_str_at(item, "version");
		if (!name || strcmp(name, format) != 0 || (version && *version && v && strcmp(v, version) != 0))
			continue;
		if (!named && !json_is_true(json_object_get(item, "autoSelect")))
			continue;
		best = MAX(best, json_int_at(item, "priority", 0));
	}
	return best;
}

static bool take(const json_t *object, bool cluster, struct arena *arena, struct runtime_choice *out)
{
	*out = (struct runtime_choice){arena_cstr(arena, slice_str(json_str_at(object, "metadata.name"))), cluster,
				       json_incref(json_object_get(object, "spec"))};
	return true;
}

static bool choose_from(struct control *c, const struct kind *k, const char *namespace_, const char *format,
			const char *version, const char *protocol, struct arena *arena, struct runtime_choice *out)
{
	struct resource_call call = {.kind = k, .namespace = namespace_};
	struct resource_list list;
	const json_t *item, *best = NULL;
	int64_t best_priority = -1;
	size_t i;
	if (cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, NULL) < 0)
		return false;
	json_array_foreach(list.items, i, item)
	{
		const json_t *spec = json_object_get(item, "spec");
		int64_t priority = support(spec, format, version, false);
		if (json_is_true(json_object_get(spec, "disabled")) || !has_protocol(spec, protocol) ||
		    priority <= best_priority)
			continue;
		best = item;
		best_priority = priority;
	}
	bool found = best && take(best, !namespace_, arena, out);
	resource_list_release(&list);
	resource_call_release(&call);
	return found;
}

static int choose_named(struct control *c, const char *namespace_, const char *runtime, const char *format,
			const char *version, struct arena *arena, struct runtime_choice *out,
			struct isvc_failure *failure)
{
	bool cluster = false;
	json_t *object = cluster_find(c->o.cluster, c->kinds.runtime, namespace_, runtime);
	if (!object) {
		object = cluster_find(c->o.cluster, c->kinds.cluster_runtime, NULL, runtime);
		cluster = true;
	}
	const json_t *spec = json_object_get(object, "spec");
	if (!object)
		fail(failure, "RuntimeNotRecognized", "Waiting for runtime to become available");
	else if (json_is_true(json_object_get(spec, "disabled")))
		fail(failure, "RuntimeDisabled", "Specified runtime is disabled");
	else if (format && support(spec, format, version, true) < 0)
		fail(failure, "NoSupportingRuntime", "Specified runtime does not support specified framework/version");
	else
		take(object, cluster, arena, out);
	json_decref(object);
	return failure->reason ? -1 : 0;
}

int isvc_runtime_choose(struct control *c, const char *namespace_, const char *runtime, const char *format,
			const char *version, const char *protocol, struct arena *arena, struct runtime_choice *out,
			struct isvc_failure *failure)
{
	if (runtime && *runtime)
		return choose_named(c, namespace_, runtime, format, version, arena, out, failure);
	if (choose_from(c, c->kinds.runtime, namespace_, format, version, protocol, arena, out) ||
	    choose_from(c, c->kinds.cluster_runtime, NULL, format, version, protocol, arena, out))
		return 0;
	fail(failure, "NoSupportingRuntime", "No runtime found to support specified framework/version");
	return -1;
}
