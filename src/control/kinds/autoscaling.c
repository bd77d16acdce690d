/*
 * autoscaling: HorizontalPodAutoscaler, stored as v2; v1 is a view of it with one measure, the CPU's utilization. Other
 * measures stay as they are when an object is written through v1. Nothing scales by them here, and a warning says so.
 */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"

static json_t *number_or(const json_t *o, const char *path, const char *otherwise)
{
	const json_t *v = json_at(o, path);
	return json_is_integer(v) ? json_sprintf("%lld", (long long)json_integer_value(v)) : json_string(otherwise);
}

static json_t *hpa_reference(const json_t *o, int64_t now_ns)
{
	const char *kind = json_str_at(o, "spec.scaleTargetRef.kind"), *name = json_str_at(o, "spec.scaleTargetRef.name");
	(void)now_ns;
	return json_sprintf("%s/%s", kind ? kind : "", name ? name : "");
}

/* The target, or the present value, of one metric: "80%", "100m". */
static json_t *measure(const json_t *v)
{
	const json_t *percent = json_object_get(v, "averageUtilization");
	const char *average = json_str_at(v, "averageValue"), *value = json_str_at(v, "value");
	if (json_is_integer(percent))
		return json_sprintf("%lld%%", (long long)json_integer_value(percent));
	if (average)
		return json_sprintf("%s", average);
	return json_string(value ? value : "<unknown>");
}

static void metric_text(const json_t *o, const json_t *metric, size_t i, struct buf *b)
{
	static const char *const sources[] = { "resource", "containerResource", "pods", "object", "external" };
	const json_t *now = json_array_get(json_at(o, "status.currentMetrics"), i);
	for (size_t s = 0; s < COUNT_OF(sources); s++) {
		const json_t *source = json_object_get(metric, sources[s]);
		const char *name = json_str_at(source, "name");
		if (!source)
			continue;
		json_t *is = measure(json_object_get(json_object_get(now, sources[s]), "current")),
		       *wanted = measure(json_object_get(source, "target"));
		if (name)
			buf_printf(b, "%s: ", name);
		buf_printf(b, "%s/%s", json_string_value(is), json_string_value(wanted));
		json_decref(is);
		json_decref(wanted);
		return;
	}
	buf_str(b, "<unknown type>");
}

static json_t *hpa_targets(const json_t *o, int64_t now_ns)
{
	enum { SHOWN = 2 };
	const json_t *metrics = json_at(o, "spec.metrics"), *m;
	struct buf b;
	size_t i, n = json_array_size(metrics);
	(void)now_ns;
	buf_init(&b, 4096);
	json_array_foreach(metrics, i, m)
	{
		if (i >= SHOWN)
			break;
		buf_str(&b, i ? ", " : "");
		metric_text(o, m, i, &b);
	}
	if (n > SHOWN)
		buf_printf(&b, " + %zu more...", n - SHOWN);
	json_t *out = json_string(b.len ? b.ptr : "<none>");
	buf_release(&b);
	return out;
}

static json_t *hpa_min(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return number_or(o, "spec.minReplicas", "<unset>");
}

static json_t *hpa_max(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return number_or(o, "spec.maxReplicas", "0");
}

static json_t *hpa_replicas(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return number_or(o, "status.currentReplicas", "0");
}

static const struct kind_column columns_hpa[] = {
	COLUMN_NAME,
	COLUMN("Reference", "string", 0, hpa_reference, "What it scales."),
	COLUMN("Targets", "string", 0, hpa_targets, "The measures as they are, and as wanted."),
	COLUMN("MinPods", "string", 0, hpa_min, "Fewest replicas."),
	COLUMN("MaxPods", "string", 0, hpa_max, "Most replicas."),
	COLUMN("Replicas", "string", 0, hpa_replicas, "Replicas there are."),
	COLUMN_AGE,
};

static int hpa_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	if (!json_object_get(spec, "minReplicas"))
		json_object_set_new(spec, "minReplicas", json_integer(1));
	if (json_array_size(json_object_get(spec, "metrics")) == 0)
		json_object_set_new(spec, "metrics",
				    json_pack("[{s:s,s:{s:s,s:{s:s,s:i}}}]", "type", "Resource", "resource", "name", "cpu",
					      "target", "type", "Utilization", "averageUtilization", 80));
	return 0;
}

static int hpa_validate(struct admission *a, void *ctx, struct err *err)
{
	json_int_t least = json_int_at(a->object, "spec.minReplicas", 1);
	const json_t *most = json_at(a->object, "spec.maxReplicas");
	(void)ctx;
	(void)err;
	if (json_integer_value(most) < 1)
		fault_add(a->faults, "spec.maxReplicas", FAULT_INVALID, most ? most : json_null(), "must be greater than 0");
	else if (json_integer_value(most) < least)
		fault_add(a->faults, "spec.maxReplicas", FAULT_INVALID, most, "must be greater than or equal to `minReplicas`");
	if (!json_str_at(a->object, "spec.scaleTargetRef.name") || !*json_str_at(a->object, "spec.scaleTargetRef.name"))
		fault_add(a->faults, "spec.scaleTargetRef.name", FAULT_REQUIRED, NULL, "%s", "");
	return 0;
}

static const struct kind v2 = {
	.group = "autoscaling", .version = "v2", .kind = "HorizontalPodAutoscaler", .plural = "horizontalpodautoscalers",
	.without_effect = "nothing is scaled by it",
	.singular = "horizontalpodautoscaler", .short_names = NAMES("hpa"), .categories = NAMES("all"),
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_UNCONDITIONAL, COLUMNS(hpa),
	.type = &type_autoscaling2_HorizontalPodAutoscaler, .hooks = { .defaults = hpa_defaults, .validate = hpa_validate },
};

/* ---- v1 ---- */

static bool is_cpu(const json_t *metric)
{
	const char *type = json_str_at(metric, "type"), *name = json_str_at(metric, "resource.name");
	return type && name && strcmp(type, "Resource") == 0 && strcmp(name, "cpu") == 0;
}

static const char others[] = "autoscaling.alpha.kubernetes.io/metrics";

static json_t *to_v1(const json_t *stored)
{
	json_t *out = json_deep_copy(stored), *spec = json_object_get(out, "spec"), *status = json_object_get(out, "status"), *m;
	json_t *rest = json_array();
	size_t i;
	json_array_foreach(json_object_get(spec, "metrics"), i, m)
	{
		json_t *percent = json_at(m, "resource.target.averageUtilization");
		if (is_cpu(m) && percent && !json_object_get(spec, "targetCPUUtilizationPercentage"))
			json_object_set(spec, "targetCPUUtilizationPercentage", percent);
		else
			json_array_append(rest, m);
	}
	json_array_foreach(json_object_get(status, "currentMetrics"), i, m)
		if (is_cpu(m) && json_at(m, "resource.current.averageUtilization"))
			json_object_set(status, "currentCPUUtilizationPercentage",
					json_at(m, "resource.current.averageUtilization"));
	if (json_array_size(rest)) {
		json_t *meta = json_object_get(out, "metadata"), *annotations = json_object_get(meta, "annotations");
		struct buf text;
		buf_init(&text, 1 << 20);
		if (!annotations) {
			annotations = json_object();
			json_object_set_new(meta, "annotations", annotations);
		}
		if (json_encode(rest, JSON_ENCODE_COMPACT, &text) == 0)
			json_object_set_new(annotations, others, json_stringn(text.ptr, text.len));
		buf_release(&text);
	}
	json_decref(rest);
	json_object_del(spec, "metrics");
	json_object_del(spec, "behavior");
	json_object_del(status, "currentMetrics");
	json_object_del(status, "conditions");
	if (json_is_object(status) && !json_object_get(status, "currentReplicas"))
		json_object_set_new(status, "currentReplicas", json_integer(0));
	json_object_set_new(out, "apiVersion", json_string("autoscaling/v1"));
	return out;
}

static json_t *from_v1(const json_t *object)
{
	json_t *out = json_deep_copy(object), *spec = json_object_get(out, "spec"), *status = json_object_get(out, "status");
	json_t *annotations = json_at(out, "metadata.annotations"), *metrics = NULL;
	const json_t *percent = json_object_get(spec, "targetCPUUtilizationPercentage");
	const char *text = json_string_value(json_object_get(annotations, others));
	struct err err = { 0 };
	if (text && (json_decode(slice_str(text), 0, &metrics, &err) < 0 || !json_is_array(metrics))) {
		json_decref(metrics);
		metrics = NULL;
	}
	if (text)
		json_object_del(annotations, others);
	if (!metrics)
		metrics = json_array();
	if (json_is_integer(percent))
		json_array_insert_new(metrics, 0,
				      json_pack("{s:s,s:{s:s,s:{s:s,s:I}}}", "type", "Resource", "resource", "name", "cpu",
						"target", "type", "Utilization", "averageUtilization",
						json_integer_value(percent)));
	if (json_array_size(metrics) && json_is_object(spec))
		json_object_set(spec, "metrics", metrics);
	json_decref(metrics);
	json_object_del(spec, "targetCPUUtilizationPercentage");
	json_object_del(status, "currentCPUUtilizationPercentage");
	json_object_set_new(out, "apiVersion", json_string("autoscaling/v2"));
	return out;
}

static json_t *v1_targets(const json_t *o, int64_t now_ns)
{
	json_t *stored = from_v1(o), *out = hpa_targets(stored, now_ns);
	json_decref(stored);
	return out;
}

static const struct kind_column columns_v1[] = {
	COLUMN_NAME,
	COLUMN("Reference", "string", 0, hpa_reference, "What it scales."),
	COLUMN("Targets", "string", 0, v1_targets, "The measures as they are, and as wanted."),
	COLUMN("MinPods", "string", 0, hpa_min, "Fewest replicas."),
	COLUMN("MaxPods", "string", 0, hpa_max, "Most replicas."),
	COLUMN("Replicas", "string", 0, hpa_replicas, "Replicas there are."),
	COLUMN_AGE,
};

static int v1_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (json_is_object(spec) && !json_object_get(spec, "minReplicas"))
		json_object_set_new(spec, "minReplicas", json_integer(1));
	return 0;
}

static const struct kind v1 = {
	.group = "autoscaling", .version = "v1", .kind = "HorizontalPodAutoscaler", .plural = "horizontalpodautoscalers",
	.without_effect = "nothing is scaled by it",
	.singular = "horizontalpodautoscaler", .short_names = NAMES("hpa"), .categories = NAMES("all"),
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_UNCONDITIONAL, COLUMNS(v1),
	.type = &type_autoscaling_HorizontalPodAutoscaler, .hooks = { .defaults = v1_defaults, .validate = hpa_validate },
	.storage = &v2, .decode = to_v1, .encode = from_v1,
};

KIND_TABLE(autoscaling, &v2, &v1)
