/*
 * Pods of an InferenceService: the containers a kubelet would start (storage-initializer, kserve-container,
 * queue-proxy) and their states. No process stands behind them: the model is served by this program, whose inference
 * listener is the pod's address. The shape is that of the recorded pods; names of containers and ports are Knative's.
 */
#include <stdio.h>

#include "base/check.h"
#include "codec/json.h"
#include "codec/time.h"
#include "control/child.h"
#include "control/condition.h"
#include "control/isvc_parts.h"

#define STORAGE_INITIALIZER "storage-initializer"
#define KSERVE_CONTAINER "kserve-container"
#define QUEUE_PROXY "queue-proxy"

/* ---- spec ---- */

static json_t *resources(const char *cpu, const char *memory)
{
	return json_pack("{s:s, s:s}", "cpu", cpu, "memory", memory);
}

static json_t *queue_proxy(void)
{
	return json_pack(
	    "{s:s, s:s, s:{s:{s:s}}, s:[{s:s, s:i, s:s}, {s:s, s:i, s:s}, {s:s, s:i, s:s}, {s:s, s:i, s:s}],"
	    " s:{s:{s:s, s:i}, s:i, s:i, s:i}}",
	    "name", QUEUE_PROXY, "image", ISVC_QUEUE_IMAGE, "resources", "requests", "cpu", "25m", "ports", "name",
	    "http-queueadm", "containerPort", 8022, "protocol", "TCP", "name", "http-autometric", "containerPort", 9090,
	    "protocol", "TCP", "name", "http-usermetric", "containerPort", 9091, "protocol", "TCP", "name",
	    "queue-port", "containerPort", 8012, "protocol", "TCP", "readinessProbe", "httpGet", "path", "/", "port",
	    8012, "periodSeconds", 10, "timeoutSeconds", 1, "failureThreshold", 3);
}

static json_t *storage_initializer(const struct component *m)
{
	return json_pack("{s:s, s:s, s:[s, s], s:{s:o, s:o}, s:[{s:s, s:s}], s:s}", "name", STORAGE_INITIALIZER,
			 "image", ISVC_INITIALIZER_IMAGE, "args", m->uri, "/mnt/models", "resources", "limits",
			 resources("1", "1Gi"), "requests", resources("100m", "100Mi"), "volumeMounts", "name",
			 "kserve-provision-location", "mountPath", "/mnt/models", "terminationMessagePolicy",
			 "FallbackToLogsOnError");
}

static void set_port(json_t *container)
{
	if (!json_array_size(json_object_get(container, "ports")))
		json_object_set_new(
		    container, "ports",
		    json_pack("[{s:s, s:i, s:s}]", "name", "user-port", "containerPort", 8080, "protocol", "TCP"));
}

json_t *isvc_pod_template_spec(const struct component *m)
{
	json_t *spec = json_deep_copy(m->pod_spec);
	json_t *containers = json_object_get(spec, "containers");
	json_object_del(spec, "containerConcurrency");
	json_object_del(spec, "timeoutSeconds");
	set_port(json_array_get(containers, 0));
	json_array_append_new(containers, queue_proxy());
	return spec;
}

static json_t *pod_spec(const struct component *m)
{
	json_t *spec = isvc_pod_template_spec(m), *volumes = json_object_get(spec, "volumes");
	if (*m->uri || m->storage) {
		if (!volumes) {
			volumes = json_array();
			json_object_set_new(spec, "volumes", volumes);
		}
		json_array_append_new(volumes,
				      json_pack("{s:s, s:{}}", "name", "kserve-provision-location", "emptyDir"));
		json_object_set_new(spec, "initContainers", json_pack("[o]", storage_initializer(m)));
		json_t *container = json_array_get(json_object_get(spec, "containers"), 0);
		json_t *mounts = json_object_get(container, "volumeMounts");
		if (!mounts) {
			mounts = json_array();
			json_object_set_new(container, "volumeMounts", mounts);
		}
		json_array_append_new(mounts, json_pack("{s:s, s:s, s:b}", "name", "kserve-provision-location",
							"mountPath", "/mnt/models", "readOnly", 1));
	}
	json_object_set_new(spec, "nodeName", json_string(ISVC_NODE));
	return spec;
}

/* ---- status ---- */

struct times {
	char now[TIME_TEXT_BYTES];
	const json_t *old; /* status as it was */
};

/* When the container in this state entered it: as it was told before, else now. */
static const char *since(const struct times *t, const char *list, const char *container, const char *path)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(t->old, list), i, item)
	{
		const char *name = json_str_at(item, "name");
		const char *at = name && !strcmp(name, container) ? json_str_at(item, path) : NULL;
		if (at)
			return at;
	}
	return t->now;
}

static json_t *running(const struct times *t, const char *container)
{
	return json_pack("{s:{s:s}}", "running", "startedAt",
			 since(t, "containerStatuses", container, "state.running.startedAt"));
}

static json_t *waiting(const char *reason, const char *message)
{
	return json_pack("{s:{s:s*, s:s*}}", "waiting", "reason", reason, "message",
			 message && *message ? message : NULL);
}

static json_t *terminated(const char *reason, int code, const char *message, const char *started, const char *finished)
{
	return json_pack("{s:{s:i, s:s, s:s*, s:s, s:s}}", "terminated", "exitCode", code, "reason", reason, "message",
			 message, "startedAt", started, "finishedAt", finished);
}

struct container_state {
	const char *name, *image;
	json_t *state, *last; /* taken; last may be NULL */
	bool ready, started;
	int restarts;
};

static json_t *container_status(const struct container_state *s)
{
	return json_pack("{s:s, s:o, s:o, s:b, s:i, s:s, s:s, s:b}", "name", s->name, "state", s->state, "lastState",
			 s->last ? s->last : json_object(), "ready", (int)s->ready, "restartCount", s->restarts,
			 "image", s->image, "imageID", "", "started", (int)s->started);
}

static json_t *init_status(const struct component *m, const struct times *t)
{
	struct container_state s = {.name = STORAGE_INITIALIZER, .image = ISVC_INITIALIZER_IMAGE};
	const char *started = since(t, "initContainerStatuses", STORAGE_INITIALIZER, "state.running.startedAt");
	const char *begun = since(t, "initContainerStatuses", STORAGE_INITIALIZER, "state.terminated.startedAt");
	const char *ended = since(t, "initContainerStatuses", STORAGE_INITIALIZER, "state.terminated.finishedAt");
	if (m->phase == PHASE_PENDING) {
		s.state = json_pack("{s:{s:s}}", "running", "startedAt", started);
		s.started = true;
	} else if (m->phase == PHASE_FETCH_FAILED) {
		s.restarts = m->restarts;
		s.state = waiting("CrashLoopBackOff", "back-off restarting failed container=" STORAGE_INITIALIZER);
		s.last = terminated("Error", 1, m->failure.message, started, t->now);
	} else {
		s.state = terminated("Completed", 0, NULL, begun == t->now ? started : begun, ended);
		s.ready = true;
	}
	return container_status(&s);
}

static json_t *main_status(const struct component *m, const struct times *t)
{
	struct container_state s = {.name = KSERVE_CONTAINER, .image = m->image};
	switch (m->phase) {
	case PHASE_PENDING:
	case PHASE_FETCH_FAILED:
		s.state = waiting("PodInitializing", NULL);
		break;
	case PHASE_IMAGE_FAILED:
		s.state = waiting(m->restarts ? "ImagePullBackOff" : "ErrImagePull", m->failure.message);
		break;
	case PHASE_LOAD_FAILED:
		s.restarts = m->restarts;
		s.state = waiting("CrashLoopBackOff", "back-off restarting failed container=" KSERVE_CONTAINER);
		s.last = terminated("Error", 1, m->failure.message,
				    since(t, "containerStatuses", KSERVE_CONTAINER, "state.running.startedAt"), t->now);
		break;
	case PHASE_LOADING:
	case PHASE_READY:
	case PHASE_RETIRED:
		s.state = running(t, KSERVE_CONTAINER);
		s.started = true;
		s.ready = m->phase == PHASE_READY;
		break;
	}
	return container_status(&s);
}

static json_t *queue_status(const struct component *m, const struct times *t)
{
	struct container_state s = {.name = QUEUE_PROXY, .image = ISVC_QUEUE_IMAGE};
	bool initializing = m->phase == PHASE_PENDING || m->phase == PHASE_FETCH_FAILED;
	s.state = initializing ? waiting("PodInitializing", NULL) : running(t, QUEUE_PROXY);
	s.started = !initializing;
	s.ready = !initializing && m->phase != PHASE_LOADING;
	return container_status(&s);
}

static void add_condition(json_t *list, const struct times *t, const char *type, bool yes, const char *reason,
			  const char *message)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:n, s:s, s:s*, s:s*}", "type", type, "status",
					      yes ? "True" : "False", "lastProbeTime", "lastTransitionTime", t->now,
					      "reason", yes ? NULL : reason, "message", yes ? NULL : message));
}

static json_t *pod_conditions(const struct component *m, const struct times *t)
{
	bool initialized = m->phase != PHASE_PENDING && m->phase != PHASE_FETCH_FAILED, ready = m->phase == PHASE_READY;
	const char *unready = initialized ? "containers with unready status: [" KSERVE_CONTAINER "]"
					  : "containers with unready status: [" KSERVE_CONTAINER " " QUEUE_PROXY "]";
	json_t *list = json_array();
	add_condition(list, t, "PodReadyToStartContainers", true, NULL, NULL);
	add_condition(list, t, "Initialized", initialized, "ContainersNotInitialized",
		      "containers with incomplete status: [" STORAGE_INITIALIZER "]");
	add_condition(list, t, "Ready", ready, "ContainersNotReady", unready);
	add_condition(list, t, "ContainersReady", ready, "ContainersNotReady", unready);
	add_condition(list, t, "PodScheduled", true, NULL, NULL);
	return list;
}

json_t *isvc_pod_status(struct control *c, const struct component *m, const json_t *pod)
{
	struct times t = {.old = json_object_get(pod, "status")};
	char ip[64];
	time_format_rfc3339(control_now_ns(c), t.now, sizeof t.now);
	isvc_pod_ip(c, ip, sizeof ip);
	const char *created = json_str_at(pod, "metadata.creationTimestamp");
	bool initialized = m->phase != PHASE_PENDING && m->phase != PHASE_FETCH_FAILED;
	json_t *status = json_pack("{s:s, s:o, s:s, s:[{s:s}], s:s, s:[{s:s}], s:s, s:s}", "phase",
				   initialized && m->phase != PHASE_IMAGE_FAILED ? "Running" : "Pending", "conditions",
				   pod_conditions(m, &t), "hostIP", ip, "hostIPs", "ip", ip, "podIP", ip, "podIPs",
				   "ip", ip, "startTime", created ? created : t.now, "qosClass", "Burstable");
	if (*m->uri || m->storage)
		json_object_set_new(status, "initContainerStatuses", json_pack("[o]", init_status(m, &t)));
	json_object_set_new(status, "containerStatuses", json_pack("[o, o]", main_status(m, &t), queue_status(m, &t)));
	return status;
}

/* ---- the pod ---- */

json_t *isvc_pod_find(struct control *c, const struct isvc_plan *p, const struct component *m)
{
	struct resource_call call = {.kind = c->kinds.pod, .namespace = p->namespace_};
	struct resource_list list;
	char selector[256];
	json_t *found = NULL, *item;
	size_t i;
	snprintf(selector, sizeof selector, "serving.knative.dev/revision=%s", m->revision);
	if (cluster_list(c->o.cluster, &call, &(struct list_options){.label_selector = selector}, &list, NULL) < 0)
		return NULL;
	json_array_foreach(list.items, i, item) if (!found && !json_at(item, "metadata.deletionTimestamp")) found =
	    json_incref(item);
	resource_list_release(&list);
	resource_call_release(&call);
	return found;
}

static void pod_events(struct control *c, const struct component *m, const json_t *pod, const json_t *replica_set)
{
	struct recorder *r = c->o.recorder;
	const char *name = json_str_at(pod, "metadata.name"), *ns = json_str_at(pod, "metadata.namespace");
	if (!r)
		return;
	recorder_event(r, replica_set, "replicaset-controller", "Normal", "SuccessfulCreate", "Created pod: %s", name);
	recorder_event(r, pod, "default-scheduler", "Normal", "Scheduled", "Successfully assigned %s/%s to %s", ns,
		       name, ISVC_NODE);
	if (*m->uri || m->storage)
		isvc_container_events(c, pod, "spec.initContainers{" STORAGE_INITIALIZER "}", STORAGE_INITIALIZER,
				      ISVC_INITIALIZER_IMAGE);
}

void isvc_container_events(struct control *c, const json_t *pod, const char *path, const char *name, const char *image)
{
	struct recorder *r = c->o.recorder;
	if (!r)
		return;
	recorder_event_at(r, pod, path, "kubelet", "Normal", "Pulled",
			  "Container image \"%s\" already present on machine", image);
	recorder_event_at(r, pod, path, "kubelet", "Normal", "Created", "Created container: %s", name);
	recorder_event_at(r, pod, path, "kubelet", "Normal", "Started", "Started container %s", name);
}

/* What happened to a pod between two statuses, once. */
static void phase_events(struct control *c, const struct component *m, const json_t *pod)
{
	const json_t *old = json_object_get(pod, "status");
	bool was_ready = condition_is(json_object_get(old, "conditions"), "Ready", "True");
	const char *container = "spec.containers{" KSERVE_CONTAINER "}";
	if (!c->o.recorder)
		return;
	if (m->phase == PHASE_READY && !was_ready) {
		isvc_container_events(c, pod, container, KSERVE_CONTAINER, m->image);
		isvc_container_events(c, pod, "spec.containers{" QUEUE_PROXY "}", QUEUE_PROXY, ISVC_QUEUE_IMAGE);
	} else if (m->phase == PHASE_IMAGE_FAILED) {
		recorder_event_at(c->o.recorder, pod, container, "kubelet", "Warning", "Failed", "%s",
				  m->failure.message);
	} else if (m->phase == PHASE_LOAD_FAILED) {
		recorder_event_at(c->o.recorder, pod, container, "kubelet", "Warning", "BackOff",
				  "Back-off restarting failed container " KSERVE_CONTAINER ": %s", m->failure.message);
	} else if (m->phase == PHASE_FETCH_FAILED) {
		recorder_event_at(
		    c->o.recorder, pod, "spec.initContainers{" STORAGE_INITIALIZER "}", "kubelet", "Warning", "BackOff",
		    "Back-off restarting failed container " STORAGE_INITIALIZER ": %s", m->failure.message);
	}
}

static int pod_create(struct control *c, struct isvc_plan *p, struct component *m, const json_t *replica_set,
		      json_t **out, struct err *err)
{
	struct resource_call call = {
	    .kind = c->kinds.pod, .namespace = p->namespace_, .manager = "kube-controller-manager"};
	json_t *labels = json_deep_copy(json_at(replica_set, "spec.template.metadata.labels"));
	json_t *annotations = json_deep_copy(m->annotations);
	json_object_set_new(annotations, ISVC_BUILTIN_ANNOTATION, json_string("true"));
	json_t *metadata = json_pack("{s:o, s:s, s:o, s:o, s:[o]}", "generateName",
				     json_sprintf("%s-", json_str_at(replica_set, "metadata.name")), "namespace",
				     p->namespace_, "labels", labels, "annotations", annotations, "ownerReferences",
				     cluster_owner_reference(replica_set));
	json_t *pod = json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Pod", "metadata", metadata, "spec",
				pod_spec(m));
	int rc = cluster_create(c->o.cluster, &call, pod, out, err);
	resource_call_release(&call);
	json_decref(pod);
	if (rc == 0)
		pod_events(c, m, *out, replica_set);
	return rc;
}

struct address {
	const char *text;
};

static int set_address(json_t *pod, void *ctx, struct err *err)
{
	const struct address *a = ctx;
	json_t *annotations = json_at(pod, "metadata.annotations");
	const char *is = json_string_value(json_object_get(annotations, ISVC_ADDRESS_ANNOTATION));
	(void)err;
	if (is && !strcmp(is, a->text))
		return 0;
	if (!annotations) {
		annotations = json_object();
		json_object_set_new(json_object_get(pod, "metadata"), "annotations", annotations);
	}
	json_object_set_new(annotations, ISVC_ADDRESS_ANNOTATION, json_string(a->text));
	return 1;
}

/* Where the pod's port really is: the inference listener of this run. */
static int keep_address(struct control *c, const struct isvc_plan *p, const char *name, struct err *err)
{
	struct resource_call call = {
	    .kind = c->kinds.pod, .namespace = p->namespace_, .name = name, .manager = "kubelet"};
	struct address a = {c->o.inference_address};
	json_t *out = NULL;
	if (!a.text)
		return 0;
	int rc = cluster_modify(c->o.cluster, &call, set_address, &a, &out, err);
	json_decref(out);
	resource_call_release(&call);
	return rc;
}

int isvc_pod_ensure(struct control *c, struct isvc_plan *p, struct component *m, const json_t *replica_set,
		    json_t **out, struct err *err)
{
	json_t *pod = isvc_pod_find(c, p, m);
	if (!pod && pod_create(c, p, m, replica_set, &pod, err) < 0)
		return -1;
	const char *name = json_str_at(pod, "metadata.name");
	int rc = keep_address(c, p, name, err);
	if (rc == 0) {
		phase_events(c, m, pod);
		rc = child_status(c, c->kinds.pod, "kubelet", p->namespace_, name, isvc_pod_status(c, m, pod), err);
	}
	if (rc == 0)
		*out = pod;
	else
		json_decref(pod);
	return rc;
}
