/*
 * Pods, ReplicaSets and Deployments that people write themselves. This version starts no process for a pod, and says so
 * where people look: the pod stays Pending with PodScheduled False, a Deployment reports its replicas as unavailable
 * and does not progress, so that `kubectl rollout status` and `kubectl wait` end with the reason instead of waiting.
 *
 * Those that controllers here wrote (annotation coracle.dev/builtin) are their writers' business, but for one thing: a
 * pod that is being deleted has no kubelet to stop it, so it goes at once.
 */
#include <stdio.h>

#include "codec/json.h"
#include "codec/time.h"
#include "control/child.h"
#include "control/isvc_parts.h"

#define MANAGER "kube-controller-manager"
#define WHY "this version starts no processes for pods; what it serves itself are InferenceServices"

static bool is_builtin(const json_t *object)
{
	return json_object_get(json_at(object, "metadata.annotations"), ISVC_BUILTIN_ANNOTATION) != NULL;
}

static const char *now_text(struct control *c, char out[TIME_TEXT_BYTES])
{
	time_format_rfc3339(control_now_ns(c), out, TIME_TEXT_BYTES);
	return out;
}

static int pod_work(struct control *c, const json_t *pod, struct err *err)
{
	char now[TIME_TEXT_BYTES];
	const char *ns = json_str_at(pod, "metadata.namespace"), *name = json_str_at(pod, "metadata.name");
	if (json_at(pod, "metadata.deletionTimestamp"))
		return child_delete(c, c->kinds.pod, ns, name, err);
	if (is_builtin(pod))
		return 0;
	json_t *condition = json_pack("{s:s, s:s, s:n, s:s, s:s, s:s}", "type", "PodScheduled", "status", "False",
				      "lastProbeTime", "lastTransitionTime", now_text(c, now), "reason",
				      "Unschedulable", "message", "0/1 nodes are available: " WHY ".");
	json_t *status =
	    json_pack("{s:s, s:[o], s:s}", "phase", "Pending", "conditions", condition, "qosClass", "BestEffort");
	const char *qos = json_str_at(pod, "status.qosClass");
	if (qos)
		json_object_set_new(status, "qosClass", json_string(qos));
	if (c->o.recorder && !json_array_size(json_at(pod, "status.conditions")))
		recorder_event(c->o.recorder, pod, "default-scheduler", "Warning", "FailedScheduling",
			       "0/1 nodes are available: " WHY ".");
	return child_status(c, c->kinds.pod, "kube-scheduler", ns, name, status, err);
}

static int deployment_work(struct control *c, const json_t *deployment, struct err *err)
{
	char now[TIME_TEXT_BYTES];
	int64_t wanted = json_int_at(deployment, "spec.replicas", 1);
	if (is_builtin(deployment) || json_at(deployment, "metadata.deletionTimestamp"))
		return 0;
	now_text(c, now);
	const char *yes = wanted ? "False" : "True";
	json_t *available = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "Available", "status", yes,
				      "lastUpdateTime", now, "lastTransitionTime", now, "reason",
				      wanted ? "MinimumReplicasUnavailable" : "MinimumReplicasAvailable", "message",
				      wanted ? "Deployment does not have minimum availability."
					     : "Deployment has minimum availability.");
	json_t *progressing = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "Progressing", "status", yes,
					"lastUpdateTime", now, "lastTransitionTime", now, "reason",
					wanted ? "ProgressDeadlineExceeded" : "NewReplicaSetAvailable", "message",
					wanted ? "No pods are made: " WHY "." : "There is nothing to run.");
	json_t *status = json_pack("{s:i, s:[o, o]}", "observedGeneration", 1, "conditions", available, progressing);
	if (wanted)
		json_object_set_new(status, "unavailableReplicas", json_integer(wanted));
	if (wanted && c->o.recorder && !json_array_size(json_at(deployment, "status.conditions")))
		recorder_event(c->o.recorder, deployment, "deployment-controller", "Warning", "NotSupported",
			       "No pods are made: " WHY ".");
	return child_status(c, c->kinds.deployment, MANAGER, json_str_at(deployment, "metadata.namespace"),
			    json_str_at(deployment, "metadata.name"), status, err);
}

static int replica_set_work(struct control *c, const json_t *set, struct err *err)
{
	char now[TIME_TEXT_BYTES];
	if (is_builtin(set) || json_at(set, "metadata.deletionTimestamp"))
		return 0;
	json_t *status = json_pack("{s:i, s:i}", "observedGeneration", 1, "replicas", 0);
	if (json_int_at(set, "spec.replicas", 1))
		json_object_set_new(status, "conditions",
				    json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "type", "ReplicaFailure", "status", "True",
					      "lastTransitionTime", now_text(c, now), "reason", "FailedCreate",
					      "message", "No pods are made: " WHY "."));
	return child_status(c, c->kinds.replica_set, MANAGER, json_str_at(set, "metadata.namespace"),
			    json_str_at(set, "metadata.name"), status, err);
}

/* Keys are "d:NS/NAME", "r:NS/NAME", "p:NS/NAME", and "s:" for what is done once after a start. */
int64_t workload_work(void *control, const char *key, struct err *err)
{
	struct control *c = control;
	char ns[CONTROL_NAME_BYTES], name[CONTROL_NAME_BYTES];
	if (key[0] == 's') {
		sweep(c);
		return system_show(c, err);
	}
	if (!control_key_split(key + 2, ns, name))
		return 0;
	const struct kind *k = key[0] == 'd'   ? c->kinds.deployment
			       : key[0] == 'r' ? c->kinds.replica_set
					       : c->kinds.pod;
	json_t *object = cluster_find(c->o.cluster, k, ns, name);
	int rc = 0;
	if (object)
		rc = key[0] == 'd'   ? deployment_work(c, object, err)
		     : key[0] == 'r' ? replica_set_work(c, object, err)
				     : pod_work(c, object, err);
	json_decref(object);
	return rc;
}
