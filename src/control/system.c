/*
 * What people find in a fresh cluster with KServe: its runtime for scikit-learn, and its controller as a ready
 * Deployment in namespace kserve. Made at start where it is missing.
 */
#include <stdio.h>

#include "codec/json.h"
#include "codec/time.h"
#include "control/child.h"
#include "control/isvc_parts.h"

#define CONTROLLER "kserve-controller-manager"
#define CONTROLLER_SET CONTROLLER "-7d9c5b8f6d"
#define CONTROLLER_POD CONTROLLER_SET "-c0rac"
#define CONTROLLER_IMAGE "kserve/kserve-controller:v0.7.0"

static json_t *sklearn_runtime(void)
{
	json_t *container =
	    json_pack("{s:s, s:s, s:[s, s, s], s:{s:{s:s, s:s}, s:{s:s, s:s}}}", "name", "kserve-container", "image",
		      "kserve/sklearnserver:v0.7.0", "args", "--model_name={{.Name}}", "--model_dir=/mnt/models",
		      "--http_port=8080", "resources", "limits", "cpu", "1", "memory", "2Gi", "requests", "cpu", "1",
		      "memory", "2Gi");
	json_t *spec = json_pack("{s:{s:s, s:s}, s:[{s:s, s:s, s:b, s:i}, {s:s, s:s, s:b, s:i}], s:[s, s], s:[o]}",
				 "annotations", "prometheus.kserve.io/path", "/metrics", "prometheus.kserve.io/port",
				 "8080", "supportedModelFormats", "name", "sklearn", "version", "1", "autoSelect", 1,
				 "priority", 1, "name", "sklearn", "version", "0", "autoSelect", 1, "priority", 1,
				 "protocolVersions", "v1", "v2", "containers", container);
	return json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "serving.kserve.io/v1alpha1", "kind",
			 "ClusterServingRuntime", "metadata",
			 child_metadata(NULL, "kserve-sklearnserver", NULL, NULL, NULL), "spec", spec);
}

static json_t *labels(void)
{
	return json_pack("{s:s, s:s}", "control-plane", CONTROLLER, "app.kubernetes.io/name", CONTROLLER);
}

static json_t *builtin(void)
{
	return json_pack("{s:s}", ISVC_BUILTIN_ANNOTATION, "true");
}

static json_t *template(void)
{
	return json_pack("{s:{s:o}, s:{s:[{s:s, s:s, s:[s]}], s:s}}", "metadata", "labels", labels(), "spec",
			 "containers", "name", "manager", "image", CONTROLLER_IMAGE, "command", "/manager",
			 "serviceAccountName", "default");
}

static json_t *condition(struct control *c, const char *type, const char *reason)
{
	char now[TIME_TEXT_BYTES];
	time_format_rfc3339(control_now_ns(c), now, sizeof now);
	return json_pack("{s:s, s:s, s:s, s:s, s:s*}", "type", type, "status", "True", "lastTransitionTime", now,
			 "lastUpdateTime", now, "reason", reason);
}

static int deployment_ensure(struct control *c, json_t **out, struct err *err)
{
	json_t *o = json_pack(
	    "{s:s, s:s, s:o, s:{s:i, s:{s:o}, s:o}, s:{s:i, s:i, s:i, s:i, s:i, s:[o, o]}}", "apiVersion", "apps/v1",
	    "kind", "Deployment", "metadata", child_metadata("kserve", CONTROLLER, NULL, labels(), builtin()), "spec",
	    "replicas", 1, "selector", "matchLabels", labels(), "template", template(), "status", "observedGeneration",
	    1, "replicas", 1, "updatedReplicas", 1, "readyReplicas", 1, "availableReplicas", 1, "conditions",
	    condition(c, "Available", "MinimumReplicasAvailable"),
	    condition(c, "Progressing", "NewReplicaSetAvailable"));
	return child_ensure(c, c->kinds.deployment, "coracle", o, out, err);
}

static int replica_set_ensure(struct control *c, const json_t *deployment, json_t **out, struct err *err)
{
	json_t *o = json_pack(
	    "{s:s, s:s, s:o, s:{s:i, s:{s:o}, s:o}, s:{s:i, s:i, s:i, s:i, s:i}}", "apiVersion", "apps/v1", "kind",
	    "ReplicaSet", "metadata", child_metadata("kserve", CONTROLLER_SET, deployment, labels(), builtin()), "spec",
	    "replicas", 1, "selector", "matchLabels", labels(), "template", template(), "status", "observedGeneration",
	    1, "replicas", 1, "fullyLabeledReplicas", 1, "readyReplicas", 1, "availableReplicas", 1);
	return child_ensure(c, c->kinds.replica_set, "coracle", o, out, err);
}

static json_t *pod_status(struct control *c, const json_t *pod)
{
	char ip[64];
	const char *created = json_str_at(pod, "metadata.creationTimestamp");
	isvc_pod_ip(c, ip, sizeof ip);
	return json_pack("{s:s, s:[o, o, o, o], s:[{s:s, s:{s:{s:s}}, s:b, s:b, s:i, s:s, s:s}], s:s, s:s, s:s, s:s}",
			 "phase", "Running", "conditions", condition(c, "Initialized", NULL),
			 condition(c, "Ready", NULL), condition(c, "ContainersReady", NULL),
			 condition(c, "PodScheduled", NULL), "containerStatuses", "name", "manager", "state", "running",
			 "startedAt", created, "ready", 1, "started", 1, "restartCount", 0, "image", CONTROLLER_IMAGE,
			 "imageID", "", "hostIP", ip, "podIP", ip, "startTime", created, "qosClass", "BestEffort");
}

/* Made once: a pod's spec does not change. */
static int pod_ensure(struct control *c, const json_t *set, struct err *err)
{
	json_t *pod = cluster_find(c->o.cluster, c->kinds.pod, "kserve", CONTROLLER_POD);
	if (!pod) {
		json_t *spec = json_deep_copy(json_at(set, "spec.template.spec"));
		json_object_set_new(spec, "nodeName", json_string(ISVC_NODE));
		json_t *o = json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Pod", "metadata",
				      child_metadata("kserve", CONTROLLER_POD, set, labels(), builtin()), "spec", spec);
		if (child_ensure(c, c->kinds.pod, "coracle", o, &pod, err) < 0)
			return -1;
	}
	int rc = child_status(c, c->kinds.pod, "kubelet", "kserve", CONTROLLER_POD, pod_status(c, pod), err);
	json_decref(pod);
	return rc;
}

int system_show(struct control *c, struct err *err)
{
	json_t *deployment = NULL, *set = NULL;
	int rc = child_ensure(c, c->kinds.namespace_, "coracle",
			      json_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind", "Namespace", "metadata",
					child_metadata(NULL, "kserve", NULL, NULL, NULL)),
			      NULL, err);
	if (rc == 0)
		rc = deployment_ensure(c, &deployment, err);
	if (rc == 0)
		rc = replica_set_ensure(c, deployment, &set, err);
	if (rc == 0)
		rc = pod_ensure(c, set, err);
	json_decref(deployment);
	json_decref(set);
	return rc;
}

int system_seed(struct control *c, struct err *err)
{
	return child_ensure(c, c->kinds.cluster_runtime, "coracle", sklearn_runtime(), NULL, err);
}
