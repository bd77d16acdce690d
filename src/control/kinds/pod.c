/*
 * Pod: its columns (the status that `kubectl get pods` works out of phases and containers), defaults, and what the API
 * server itself fills in on create (service account, its token volume, tolerations).
 */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "codec/json.h"
#include "codec/time.h"
#include "control/kinds/cells.h"
#include "control/kinds/podspec.h"
#include "control/kinds/tables.h"

/* ---- columns ---- */

struct pod_view {
	char status[160];
	json_int_t ready, total, restarts;
	const char *restarted_at; /* when a container ended last */
};

static bool sidecar(const json_t *container)
{
	const char *policy = json_str_at(container, "restartPolicy");
	return policy && strcmp(policy, "Always") == 0;
}

static bool condition(const json_t *pod, const char *type)
{
	size_t i;
	const json_t *c;
	json_array_foreach(json_at(pod, "status.conditions"), i, c)
	{
		const char *t = json_str_at(c, "type"), *s = json_str_at(c, "status");
		if (t && s && strcmp(t, type) == 0)
			return strcmp(s, "True") == 0;
	}
	return false;
}

static void ended(struct pod_view *v, const json_t *status)
{
	const char *at = json_str_at(status, "lastState.terminated.finishedAt");
	if (at && (!v->restarted_at || strcmp(at, v->restarted_at) > 0))
		v->restarted_at = at;
}

static void exit_text(struct pod_view *v, const char *prefix, const json_t *terminated)
{
	const char *reason = json_str_at(terminated, "reason");
	json_int_t signal = json_int_at(terminated, "signal", 0);
	if (reason && *reason)
		(void)snprintf(v->status, sizeof v->status, "%s%s", prefix, reason);
	else if (signal)
		(void)snprintf(v->status, sizeof v->status, "%sSignal:%lld", prefix, (long long)signal);
	else
		(void)snprintf(v->status, sizeof v->status, "%sExitCode:%lld", prefix,
			       (long long)json_int_at(terminated, "exitCode", 0));
}

/* True while init containers are not through. */
static bool view_init(const json_t *pod, struct pod_view *v, json_int_t *sidecar_restarts)
{
	const json_t *specs = json_at(pod, "spec.initContainers"), *s;
	size_t i;
	json_array_foreach(json_at(pod, "status.initContainerStatuses"), i, s)
	{
		const json_t *terminated = json_at(s, "state.terminated");
		const char *waiting = json_str_at(s, "state.waiting.reason");
		v->restarts += json_int_at(s, "restartCount", 0);
		ended(v, s);
		if (sidecar(json_array_get(specs, i)))
			*sidecar_restarts += json_int_at(s, "restartCount", 0);
		if (terminated && json_int_at(terminated, "exitCode", 0) == 0)
			continue;
		if (sidecar(json_array_get(specs, i)) && json_is_true(json_object_get(s, "started"))) {
			v->ready += json_is_true(json_object_get(s, "ready"));
			continue;
		}
		if (terminated)
			exit_text(v, "Init:", terminated);
		else if (waiting && *waiting && strcmp(waiting, "PodInitializing") != 0)
			(void)snprintf(v->status, sizeof v->status, "Init:%s", waiting);
		else
			(void)snprintf(v->status, sizeof v->status, "Init:%zu/%zu", i, json_array_size(specs));
		return true;
	}
	return false;
}

static void view_containers(const json_t *pod, struct pod_view *v)
{
	const json_t *statuses = json_at(pod, "status.containerStatuses");
	bool running = false;
	for (size_t i = json_array_size(statuses); i-- > 0;) {
		const json_t *s = json_array_get(statuses, i), *terminated = json_at(s, "state.terminated");
		const char *waiting = json_str_at(s, "state.waiting.reason");
		v->restarts += json_int_at(s, "restartCount", 0);
		ended(v, s);
		if (waiting && *waiting) {
			(void)snprintf(v->status, sizeof v->status, "%s", waiting);
		} else if (terminated) {
			exit_text(v, "", terminated);
		} else if (json_is_true(json_object_get(s, "ready")) && json_at(s, "state.running")) {
			running = true;
			v->ready++;
		}
	}
	if (running && strcmp(v->status, "Completed") == 0)
		(void)snprintf(v->status, sizeof v->status, condition(pod, "Ready") ? "Running" : "NotReady");
}

static void view(const json_t *pod, struct pod_view *v)
{
	const char *phase = json_str_at(pod, "status.phase"), *reason = json_str_at(pod, "status.reason");
	json_int_t sidecar_restarts = 0;
	size_t i;
	const json_t *c;
	*v = (struct pod_view){ .total = (json_int_t)json_array_size(json_at(pod, "spec.containers")) };
	json_array_foreach(json_at(pod, "spec.initContainers"), i, c)
		v->total += sidecar(c);
	(void)snprintf(v->status, sizeof v->status, "%s", reason && *reason ? reason : phase ? phase : "");
	json_array_foreach(json_at(pod, "status.conditions"), i, c)
	{
		const char *why = json_str_at(c, "reason");
		if (why && strcmp(why, "SchedulingGated") == 0)
			(void)snprintf(v->status, sizeof v->status, "SchedulingGated");
	}
	if (!view_init(pod, v, &sidecar_restarts) || condition(pod, "Initialized")) {
		v->restarts = sidecar_restarts;
		view_containers(pod, v);
	}
	if (!json_str_at(pod, "metadata.deletionTimestamp"))
		return;
	if (reason && strcmp(reason, "NodeLost") == 0)
		(void)snprintf(v->status, sizeof v->status, "Unknown");
	else if (!phase || (strcmp(phase, "Failed") != 0 && strcmp(phase, "Succeeded") != 0))
		(void)snprintf(v->status, sizeof v->status, "Terminating");
}

static json_t *pod_ready(const json_t *o, int64_t now_ns)
{
	struct pod_view v;
	(void)now_ns;
	view(o, &v);
	return json_sprintf("%lld/%lld", (long long)v.ready, (long long)v.total);
}

static json_t *pod_status(const json_t *o, int64_t now_ns)
{
	struct pod_view v;
	(void)now_ns;
	view(o, &v);
	return json_string(v.status);
}

static json_t *pod_restarts(const json_t *o, int64_t now_ns)
{
	struct pod_view v;
	view(o, &v);
	if (v.restarts == 0 || !v.restarted_at)
		return json_sprintf("%lld", (long long)v.restarts);
	json_t *ago = cell_since(v.restarted_at, now_ns);
	json_t *out = json_sprintf("%lld (%s ago)", (long long)v.restarts, json_string_value(ago));
	json_decref(ago);
	return out;
}

static json_t *pod_ip(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "status.podIP");
}

static json_t *pod_node(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "spec.nodeName");
}

static json_t *pod_nominated(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "status.nominatedNodeName");
}

static json_t *pod_gates(const json_t *o, int64_t now_ns)
{
	const json_t *gates = json_at(o, "spec.readinessGates"), *g;
	size_t i, open = 0;
	(void)now_ns;
	if (json_array_size(gates) == 0)
		return json_string("<none>");
	json_array_foreach(gates, i, g)
		open += json_str_at(g, "conditionType") && condition(o, json_str_at(g, "conditionType"));
	return json_sprintf("%zu/%zu", open, json_array_size(gates));
}

static const struct kind_column columns_pod[] = {
	COLUMN_NAME,
	COLUMN("Ready", "string", 0, pod_ready, "Containers that are ready, of all."),
	COLUMN("Status", "string", 0, pod_status, "Phase, or what its containers wait for or ended with."),
	COLUMN("Restarts", "string", 0, pod_restarts, "How often its containers were started again."),
	COLUMN_AGE,
	COLUMN("IP", "string", 1, pod_ip, "Its address."),
	COLUMN("Node", "string", 1, pod_node, "The node it runs on."),
	COLUMN("Nominated Node", "string", 1, pod_nominated, "The node where room is being made for it."),
	COLUMN("Readiness Gates", "string", 1, pod_gates, "Conditions beside its containers that it waits for."),
};

/* ---- hooks ---- */

/* Requests are what limits say where they say nothing themselves. */
static void requests_from_limits(json_t *container)
{
	json_t *resources = json_object_get(container, "resources"), *limits = json_object_get(resources, "limits"), *v;
	json_t *requests = json_object_get(resources, "requests");
	const char *key;
	if (!json_object_size(limits))
		return;
	if (!json_is_object(requests)) {
		requests = json_object();
		json_object_set_new(resources, "requests", requests);
	}
	json_object_foreach(limits, key, v)
		if (!json_object_get(requests, key))
			json_object_set(requests, key, v);
}

static int pod_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *c;
	size_t i;
	(void)ctx;
	(void)err;
	podspec_defaults(spec);
	if (!json_is_object(spec))
		return 0;
	json_array_foreach(json_object_get(spec, "containers"), i, c)
		requests_from_limits(c);
	json_array_foreach(json_object_get(spec, "initContainers"), i, c)
		requests_from_limits(c);
	if (!json_object_get(spec, "enableServiceLinks"))
		json_object_set_new(spec, "enableServiceLinks", json_true());
	return 0;
}

static json_t *list_in(json_t *o, const char *key)
{
	json_t *list = json_object_get(o, key);
	if (json_is_array(list))
		return list;
	list = json_array();
	json_object_set_new(o, key, list);
	return list;
}

static const char token_path[] = "/var/run/secrets/kubernetes.io/serviceaccount";

static bool mounted(const json_t *container)
{
	size_t i;
	const json_t *m;
	json_array_foreach(json_object_get(container, "volumeMounts"), i, m)
	{
		const char *path = json_str_at(m, "mountPath");
		if (path && strcmp(path, token_path) == 0)
			return true;
	}
	return false;
}

static const char token_prefix[] = "kube-api-access-";

/* The name of the token's volume when the Pod brings one along. */
static const char *token_volume_of(const json_t *spec)
{
	size_t i;
	const json_t *v;
	json_array_foreach(json_object_get(spec, "volumes"), i, v)
	{
		const char *name = json_str_at(v, "name");
		if (name && strncmp(name, token_prefix, strlen(token_prefix)) == 0)
			return name;
	}
	return NULL;
}

/* Mounts it where nothing is mounted yet; true when it was mounted anywhere. */
static bool mount_token(json_t *spec, const char *name)
{
	static const char *const lists[] = { "initContainers", "containers" };
	bool any = false;
	json_t *c;
	size_t i;
	for (size_t l = 0; l < COUNT_OF(lists); l++)
		json_array_foreach(json_object_get(spec, lists[l]), i, c)
		{
			if (mounted(c))
				continue;
			json_array_append_new(list_in(c, "volumeMounts"), json_pack("{s:s,s:b,s:s}", "name", name, "readOnly", 1,
										    "mountPath", token_path));
			any = true;
		}
	return any;
}

static void token_volume(json_t *spec)
{
	const char *there = token_volume_of(spec);
	char suffix[8], name[40];
	random_string(&random_os, "bcdfghjklmnpqrstvwxz2456789", suffix, 5);
	(void)snprintf(name, sizeof name, "%s%s", token_prefix, suffix);
	if (!mount_token(spec, there ? there : name) || there)
		return;
	json_array_append_new(
		list_in(spec, "volumes"),
		json_pack("{s:s,s:{s:[{s:{s:i,s:s}},{s:{s:s,s:[{s:s,s:s}]}},{s:{s:[{s:s,s:{s:s,s:s}}]}}],s:i}}", "name", name,
			  "projected", "sources", "serviceAccountToken", "expirationSeconds", 3607, "path", "token",
			  "configMap", "name", "kube-root-ca.crt", "items", "key", "ca.crt", "path", "ca.crt",
			  "downwardAPI", "items", "path", "namespace", "fieldRef", "apiVersion", "v1", "fieldPath",
			  "metadata.namespace", "defaultMode", 0644));
}

static void tolerate(json_t *spec, const char *key)
{
	json_t *list = list_in(spec, "tolerations"), *t;
	size_t i;
	json_array_foreach(list, i, t)
	{
		const char *is = json_str_at(t, "key");
		if (is && strcmp(is, key) == 0)
			return;
	}
	json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:i}", "key", key, "operator", "Exists", "effect", "NoExecute",
					      "tolerationSeconds", 300));
}

/* What Kubernetes' admission gives every new Pod. */
static int pod_prepare(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	const char *account;
	(void)ctx;
	(void)err;
	if (a->verb != ADMIT_CREATE || !json_is_object(spec))
		return 0;
	account = json_str_at(spec, "serviceAccountName");
	if (!account || !*account)
		json_object_set_new(spec, "serviceAccountName", json_string("default"));
	json_object_set(spec, "serviceAccount", json_object_get(spec, "serviceAccountName"));
	if (!json_is_false(json_object_get(spec, "automountServiceAccountToken")))
		token_volume(spec);
	tolerate(spec, "node.kubernetes.io/not-ready");
	tolerate(spec, "node.kubernetes.io/unreachable");
	if (!json_object_get(spec, "priority"))
		json_object_set_new(spec, "priority", json_integer(0));
	if (!json_object_get(spec, "preemptionPolicy"))
		json_object_set_new(spec, "preemptionPolicy", json_string("PreemptLowerPriority"));
	json_object_set_new(json_object_get(a->object, "metadata"), "generation", json_integer(1));
	json_object_set_new(a->object, "status", json_pack("{s:s,s:s}", "phase", "Pending", "qosClass", podspec_qos(spec)));
	return 0;
}

/* A copy without what an update may change. */
static json_t *fixed_part(const json_t *spec)
{
	static const char *const lists[] = { "initContainers", "containers" };
	static const char *const free_fields[] = { "activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations",
						   "nodeName", "schedulingGates", "ephemeralContainers" };
	json_t *copy = json_deep_copy(spec), *c;
	size_t i;
	for (size_t l = 0; l < COUNT_OF(lists); l++)
		json_array_foreach(json_object_get(copy, lists[l]), i, c)
			json_object_del(c, "image");
	for (size_t f = 0; f < COUNT_OF(free_fields); f++)
		json_object_del(copy, free_fields[f]);
	return copy;
}

static int pod_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	podspec_validate(spec, "spec", a->faults);
	if (a->verb == ADMIT_UPDATE && !a->subresource) {
		json_t *was = fixed_part(json_object_get(a->old, "spec")), *is = fixed_part(spec);
		if (!json_equal(was, is))
			fault_add(a->faults, "spec", FAULT_FORBIDDEN, NULL,
				  "pod updates may not change fields other than `spec.containers[*].image`,"
				  "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
				  "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be "
				  "set to 1 if it was previously negative)");
		json_decref(was);
		json_decref(is);
	}
	return 0;
}

const struct kind kind_pod = {
	.group = "", .version = "v1", .kind = "Pod", .plural = "pods", .singular = "pod",
	.short_names = NAMES("po"), .categories = NAMES("all"),
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_UNCONDITIONAL | KIND_GENERATION | KIND_DELETE_RETURNS_OBJECT |
		 KIND_GRACE,
	.subresources = NAMES("attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy"),
	.selectable = NAMES("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
			    "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"),
	COLUMNS(pod), .type = &type_core_Pod,
	.hooks = { .defaults = pod_defaults, .prepare = pod_prepare, .validate = pod_validate },
};
