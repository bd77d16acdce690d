/* apps/v1: Deployment, ReplicaSet, StatefulSet, DaemonSet. */
#include <string.h>

#include "cluster/names.h"
#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/podspec.h"
#include "control/kinds/tables.h"

enum { WORKLOAD = KIND_NAMESPACED | KIND_STATUS | KIND_GENERATION | KIND_UNCONDITIONAL };

static const struct kind_scale scale = { .spec_replicas = "spec.replicas", .status_replicas = "status.replicas",
					 .selector = "spec.selector" };

static void text(json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	if (!is || !*is)
		json_object_set_new(o, key, json_string(value));
}

static void number(json_t *o, const char *key, json_int_t value)
{
	if (!json_object_get(o, key))
		json_object_set_new(o, key, json_integer(value));
}

/* The object at `key`, made when missing. */
static json_t *object_in(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	if (json_is_object(v))
		return v;
	v = json_object();
	json_object_set_new(o, key, v);
	return v;
}

static int workload_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *spec = json_object_get(a->object, "spec"), *selector = json_object_get(spec, "selector");
	const json_t *replicas = json_object_get(spec, "replicas");
	(void)ctx;
	(void)err;
	if (json_is_integer(replicas) && json_integer_value(replicas) < 0)
		fault_add(a->faults, "spec.replicas", FAULT_INVALID, replicas, "must be greater than or equal to 0");
	if (!json_is_object(selector)) {
		fault_add(a->faults, "spec.selector", FAULT_REQUIRED, NULL, "%s", "");
		selector = NULL;
	} else if (!json_object_size(json_object_get(selector, "matchLabels")) &&
		   !json_array_size(json_object_get(selector, "matchExpressions"))) {
		fault_add(a->faults, "spec.selector", FAULT_INVALID, selector, "empty selector is invalid for deployment");
	}
	labels_validate(selector, "matchLabels", "spec.selector.matchLabels", a->faults);
	podtemplate_validate(json_object_get(spec, "template"), selector, "spec.template", a->faults);
	const char *restart = json_str_at(spec, "template.spec.restartPolicy");
	if (restart && strcmp(restart, "Always") != 0)
		fault_add_str(a->faults, "spec.template.spec.restartPolicy", FAULT_UNSUPPORTED, restart,
			      "supported values: \"Always\"");
	return 0;
}

static json_t *ready_of(const json_t *o, const char *total_path, const char *ready_path)
{
	return json_sprintf("%lld/%lld", (long long)json_int_at(o, ready_path, 0), (long long)json_int_at(o, total_path, 0));
}

/* ---- Deployment ---- */

static json_t *deployment_ready(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return ready_of(o, "spec.replicas", "status.readyReplicas");
}

static json_t *deployment_updated(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "status.updatedReplicas");
}

static json_t *deployment_available(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "status.availableReplicas");
}

static int deployment_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *strategy;
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	number(spec, "replicas", 1);
	strategy = object_in(spec, "strategy");
	text(strategy, "type", "RollingUpdate");
	if (strcmp(json_str_at(strategy, "type"), "RollingUpdate") == 0) {
		json_t *rolling = object_in(strategy, "rollingUpdate");
		if (!json_object_get(rolling, "maxUnavailable"))
			json_object_set_new(rolling, "maxUnavailable", json_string("25%"));
		if (!json_object_get(rolling, "maxSurge"))
			json_object_set_new(rolling, "maxSurge", json_string("25%"));
	}
	number(spec, "revisionHistoryLimit", 10);
	number(spec, "progressDeadlineSeconds", 600);
	podspec_defaults(json_at(spec, "template.spec"));
	return 0;
}

static int deployment_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *strategy = json_at(a->object, "spec.strategy");
	const char *type = json_str_at(strategy, "type");
	if (type && strcmp(type, "RollingUpdate") != 0 && strcmp(type, "Recreate") != 0)
		fault_add_str(a->faults, "spec.strategy.type", FAULT_UNSUPPORTED, type,
			      "supported values: \"Recreate\", \"RollingUpdate\"");
	if (type && strcmp(type, "Recreate") == 0 && json_object_get(strategy, "rollingUpdate"))
		fault_add(a->faults, "spec.strategy.rollingUpdate", FAULT_FORBIDDEN, NULL,
			  "may not be specified when strategy `type` is 'Recreate'");
	return workload_validate(a, ctx, err);
}

static const struct kind_column columns_deployment[] = {
	COLUMN_NAME,
	COLUMN("Ready", "string", 0, deployment_ready, "Pods that are ready, of those wanted."),
	COLUMN("Up-to-date", "string", 0, deployment_updated, "Pods made from the present template."),
	COLUMN("Available", "string", 0, deployment_available, "Pods that have been ready for long enough."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cell_template_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cell_template_images, "Their images."),
	COLUMN("Selector", "string", 1, cell_spec_selector, "Labels of the Pods that count."),
};

static const struct kind deployments = {
	.group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments", .singular = "deployment",
	.short_names = NAMES("deploy"), .categories = NAMES("all"), .flags = WORKLOAD | KIND_ANNOTATIONS_COUNT, .scale = &scale,
	.immutable = NAMES("spec.selector"), COLUMNS(deployment), .type = &type_apps_Deployment,
	.hooks = { .defaults = deployment_defaults, .validate = deployment_validate },
};

/* ---- ReplicaSet ---- */

static json_t *replicaset_desired(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "spec.replicas");
}

static json_t *replicaset_current(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "status.replicas");
}

static json_t *replicaset_ready(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "status.readyReplicas");
}

static int replicaset_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	number(spec, "replicas", 1);
	podspec_defaults(json_at(spec, "template.spec"));
	return 0;
}

static int replicaset_prepare(struct admission *a, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	if (a->verb == ADMIT_CREATE)
		json_object_set_new(a->object, "status", json_pack("{s:i}", "replicas", 0));
	return 0;
}

static const struct kind_column columns_replicaset[] = {
	COLUMN_NAME,
	COLUMN("Desired", "integer", 0, replicaset_desired, "Pods wanted."),
	COLUMN("Current", "integer", 0, replicaset_current, "Pods there are."),
	COLUMN("Ready", "integer", 0, replicaset_ready, "Pods that are ready."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cell_template_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cell_template_images, "Their images."),
	COLUMN("Selector", "string", 1, cell_spec_selector, "Labels of the Pods that count."),
};

static const struct kind replicasets = {
	.group = "apps", .version = "v1", .kind = "ReplicaSet", .plural = "replicasets", .singular = "replicaset",
	.short_names = NAMES("rs"), .categories = NAMES("all"), .flags = WORKLOAD, .scale = &scale,
	.selectable = NAMES("status.replicas"), .immutable = NAMES("spec.selector"), COLUMNS(replicaset),
	.type = &type_apps_ReplicaSet,
	.without_effect = "no pods are made by it",
	.hooks = { .defaults = replicaset_defaults, .prepare = replicaset_prepare, .validate = workload_validate },
};

/* ---- ReplicationController: what ReplicaSet was before it; its selector is plain labels ---- */

static int controller_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *labels = json_at(spec, "template.metadata.labels"),
	       *meta = json_object_get(a->object, "metadata");
	if (json_object_size(labels) > 0 && !json_object_size(json_object_get(spec, "selector")))
		json_object_set_new(spec, "selector", json_copy(labels));
	if (json_object_size(labels) > 0 && !json_object_size(json_object_get(meta, "labels")))
		json_object_set_new(meta, "labels", json_copy(labels));
	return replicaset_defaults(a, ctx, err);
}

static int controller_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *spec = json_object_get(a->object, "spec"), *replicas = json_object_get(spec, "replicas");
	json_t *selector = json_pack("{s:O*}", "matchLabels", json_object_get(spec, "selector"));
	(void)ctx;
	(void)err;
	if (json_is_integer(replicas) && json_integer_value(replicas) < 0)
		fault_add(a->faults, "spec.replicas", FAULT_INVALID, replicas, "must be greater than or equal to 0");
	if (!json_object_size(json_object_get(spec, "selector")))
		fault_add(a->faults, "spec.selector", FAULT_REQUIRED, NULL, "%s", "");
	podtemplate_validate(json_object_get(spec, "template"), selector, "spec.template", a->faults);
	json_decref(selector);
	return 0;
}

static json_t *controller_selector(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_labels(json_at(o, "spec.selector"));
}

static const struct kind_column columns_controller[] = {
	COLUMN_NAME,
	COLUMN("Desired", "integer", 0, replicaset_desired, "Pods wanted."),
	COLUMN("Current", "integer", 0, replicaset_current, "Pods there are."),
	COLUMN("Ready", "integer", 0, replicaset_ready, "Pods that are ready."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cell_template_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cell_template_images, "Their images."),
	COLUMN("Selector", "string", 1, controller_selector, "Labels of the Pods that count."),
};

const struct kind kind_replicationcontroller = {
	.group = "", .version = "v1", .kind = "ReplicationController", .plural = "replicationcontrollers",
	.singular = "replicationcontroller", .short_names = NAMES("rc"), .categories = NAMES("all"), .flags = WORKLOAD,
	.scale = &scale, .selectable = NAMES("status.replicas"), COLUMNS(controller),
	.type = &type_core_ReplicationController, .without_effect = "no pods are made by it",
	.hooks = { .defaults = controller_defaults, .prepare = replicaset_prepare, .validate = controller_validate },
};

/* ---- StatefulSet ---- */

static json_t *statefulset_ready(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return ready_of(o, "spec.replicas", "status.readyReplicas");
}

static int statefulset_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *strategy, *retention, *claim;
	size_t i;
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	number(spec, "replicas", 1);
	number(spec, "revisionHistoryLimit", 10);
	text(spec, "podManagementPolicy", "OrderedReady");
	strategy = object_in(spec, "updateStrategy");
	text(strategy, "type", "RollingUpdate");
	if (strcmp(json_str_at(strategy, "type"), "RollingUpdate") == 0)
		number(object_in(strategy, "rollingUpdate"), "partition", 0);
	retention = object_in(spec, "persistentVolumeClaimRetentionPolicy");
	text(retention, "whenDeleted", "Retain");
	text(retention, "whenScaled", "Retain");
	json_array_foreach(json_object_get(spec, "volumeClaimTemplates"), i, claim)
	{
		if (!json_object_get(claim, "apiVersion"))
			json_object_set_new(claim, "apiVersion", json_string("v1"));
		if (!json_object_get(claim, "kind"))
			json_object_set_new(claim, "kind", json_string("PersistentVolumeClaim"));
		text(object_in(claim, "spec"), "volumeMode", "Filesystem");
		text(object_in(claim, "status"), "phase", "Pending");
	}
	podspec_defaults(json_at(spec, "template.spec"));
	return 0;
}

static const struct kind_column columns_statefulset[] = {
	COLUMN_NAME,
	COLUMN("Ready", "string", 0, statefulset_ready, "Pods that are ready, of those wanted."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cell_template_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cell_template_images, "Their images."),
};

static const struct kind statefulsets = {
	.group = "apps", .version = "v1", .kind = "StatefulSet", .plural = "statefulsets", .singular = "statefulset",
	.short_names = NAMES("sts"), .categories = NAMES("all"), .flags = WORKLOAD, .scale = &scale,
	.immutable = NAMES("spec.selector", "spec.serviceName"), COLUMNS(statefulset), .type = &type_apps_StatefulSet,
	.without_effect = "no pods are made by it",
	.hooks = { .defaults = statefulset_defaults, .prepare = replicaset_prepare, .validate = workload_validate },
};

/* ---- DaemonSet ---- */

#define DAEMON_CELL(name, path)                                        \
	static json_t *daemon_##name(const json_t *o, int64_t now_ns)  \
	{                                                              \
		(void)now_ns;                                          \
		return cell_integer_at(o, path);                       \
	}
DAEMON_CELL(desired, "status.desiredNumberScheduled")
DAEMON_CELL(current, "status.currentNumberScheduled")
DAEMON_CELL(ready, "status.numberReady")
DAEMON_CELL(updated, "status.updatedNumberScheduled")
DAEMON_CELL(available, "status.numberAvailable")

static json_t *daemon_nodes(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_labels(json_at(o, "spec.template.spec.nodeSelector"));
}

static int daemonset_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *strategy;
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	number(spec, "revisionHistoryLimit", 10);
	strategy = object_in(spec, "updateStrategy");
	text(strategy, "type", "RollingUpdate");
	if (strcmp(json_str_at(strategy, "type"), "RollingUpdate") == 0) {
		json_t *rolling = object_in(strategy, "rollingUpdate");
		number(rolling, "maxUnavailable", 1);
		number(rolling, "maxSurge", 0);
	}
	podspec_defaults(json_at(spec, "template.spec"));
	return 0;
}

static int daemonset_prepare(struct admission *a, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	if (a->verb == ADMIT_CREATE)
		json_object_set_new(a->object, "status",
				    json_pack("{s:i,s:i,s:i,s:i}", "currentNumberScheduled", 0, "numberMisscheduled", 0,
					      "desiredNumberScheduled", 0, "numberReady", 0));
	return 0;
}

static const struct kind_column columns_daemonset[] = {
	COLUMN_NAME,
	COLUMN("Desired", "integer", 0, daemon_desired, "Nodes that should run a Pod."),
	COLUMN("Current", "integer", 0, daemon_current, "Nodes that run one."),
	COLUMN("Ready", "integer", 0, daemon_ready, "Nodes whose Pod is ready."),
	COLUMN("Up-to-date", "integer", 0, daemon_updated, "Nodes whose Pod is of the present template."),
	COLUMN("Available", "integer", 0, daemon_available, "Nodes whose Pod has been ready for long enough."),
	COLUMN("Node Selector", "string", 0, daemon_nodes, "Labels of the nodes that count."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cell_template_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cell_template_images, "Their images."),
	COLUMN("Selector", "string", 1, cell_spec_selector, "Labels of the Pods that count."),
};

static const struct kind daemonsets = {
	.group = "apps", .version = "v1", .kind = "DaemonSet", .plural = "daemonsets", .singular = "daemonset",
	.short_names = NAMES("ds"), .categories = NAMES("all"), .flags = WORKLOAD, .immutable = NAMES("spec.selector"),
	COLUMNS(daemonset), .type = &type_apps_DaemonSet,
	.without_effect = "no pods are made by it",
	.hooks = { .defaults = daemonset_defaults, .prepare = daemonset_prepare, .validate = workload_validate },
};

KIND_TABLE(apps, &daemonsets, &deployments, &replicasets, &statefulsets)
