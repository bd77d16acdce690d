/*
 * What runs a revision: Deployment, ReplicaSet, Pod, and the Services and Endpoints that Knative puts in front. The
 * recordings have the shape of Deployment and ReplicaSet; names are Knative's (…-00001-deployment, …-00001-private).
 */
#include <stdio.h>

#include "base/check.h"
#include "codec/json.h"
#include "codec/time.h"
#include "control/child.h"
#include "control/condition.h"
#include "control/isvc_parts.h"

#define GATEWAY "knative-local-gateway.istio-system.svc.cluster.local"

void isvc_pod_ip(struct control *c, char *out, size_t n)
{
	struct slice address = slice_str(c->o.inference_address ? c->o.inference_address : "127.0.0.1:0");
	size_t colon = address.len;
	while (colon > 0 && address.ptr[colon - 1] != ':')
		colon--;
	struct slice host = slice_sub(address, 0, colon ? colon - 1 : 0);
	if (host.len > 1 && host.ptr[0] == '[')
		host = slice_sub(host, 1, host.len - 2);
	if (!host.len || slice_is(host, "0.0.0.0") || slice_is(host, "::") || slice_is(host, "localhost"))
		host = SLICE_LIT("127.0.0.1");
	snprintf(out, n, "%.*s", SLICE_ARG(host));
}

static int inference_port(struct control *c)
{
	const char *colon = c->o.inference_address ? strrchr(c->o.inference_address, ':') : NULL;
	uint64_t port = 0;
	return colon && slice_u64(slice_str(colon + 1), &port) && port <= 65535 ? (int)port : 0;
}

/* pod-template-hash as Kubernetes writes it: a 32-bit FNV-1a in decimal, in letters without vowels. */
static void template_hash(const json_t *template, char out[16])
{
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	struct buf text;
	uint32_t h = 2166136261u;
	char digits[16];
	buf_init(&text, 16 << 20);
	json_encode(template, JSON_ENCODE_SORTED, &text);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.ptr[i]) * 16777619u;
	buf_release(&text);
	int n = snprintf(digits, sizeof digits, "%u", h);
	for (int i = 0; i < n; i++)
		out[i] = letters[digits[i] % 27];
	out[n] = 0;
}

static json_t *labels_with_hash(const json_t *labels, const char *hash)
{
	json_t *out = json_copy((json_t *)labels);
	if (hash)
		json_object_set_new(out, "pod-template-hash", json_string(hash));
	return out;
}

static json_t *pod_template(const struct component *m, const json_t *labels, const char *hash)
{
	return json_pack("{s:{s:o, s:O}, s:o}", "metadata", "labels", labels_with_hash(labels, hash), "annotations",
			 m->annotations, "spec", isvc_pod_template_spec(m));
}

static json_t *selector_of(const struct component *m, const char *hash)
{
	json_t *match =
	    json_pack("{s:s}", "serving.knative.dev/revisionUID", json_str_at(m->revision_object, "metadata.uid"));
	if (hash)
		json_object_set_new(match, "pod-template-hash", json_string(hash));
	return json_pack("{s:o}", "matchLabels", match);
}

static json_t *deployment_conditions(struct control *c, const struct component *m, const char *replica_set)
{
	char now[TIME_TEXT_BYTES];
	bool ready = m->phase == PHASE_READY;
	time_format_rfc3339(control_now_ns(c), now, sizeof now);
	json_t *available = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "Available", "status", ready ? "True" : "False", "lastUpdateTime",
	    now, "lastTransitionTime", now, "reason", ready ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
	    "message",
	    ready ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
	json_t *progressing = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:o}", "type", "Progressing", "status", "True", "lastUpdateTime", now,
	    "lastTransitionTime", now, "reason", ready ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", "message",
	    json_sprintf(ready ? "ReplicaSet \"%s\" has successfully progressed." : "ReplicaSet \"%s\" is progressing.",
			 replica_set));
	return json_pack("[o, o]", available, progressing);
}

static json_t *deployment_status(struct control *c, const struct component *m, const char *replica_set)
{
	bool ready = m->phase == PHASE_READY;
	json_t *status = json_pack("{s:i, s:i, s:i, s:o}", "observedGeneration", 1, "replicas", 1, "updatedReplicas", 1,
				   "conditions", deployment_conditions(c, m, replica_set));
	json_object_set_new(status, ready ? "readyReplicas" : "unavailableReplicas", json_integer(1));
	if (ready)
		json_object_set_new(status, "availableReplicas", json_integer(1));
	return status;
}

static json_t *deployment_spec(json_t *selector, json_t *template)
{
	return json_pack("{s:i, s:o, s:o, s:{s:s, s:{s:i, s:s}}, s:i, s:i}", "replicas", 1, "selector", selector,
			 "template", template, "strategy", "type", "RollingUpdate", "rollingUpdate", "maxUnavailable",
			 0, "maxSurge", "25%", "revisionHistoryLimit", 10, "progressDeadlineSeconds", 600);
}

static json_t *replica_set_status(const struct component *m)
{
	json_t *status =
	    json_pack("{s:i, s:i, s:i}", "replicas", 1, "fullyLabeledReplicas", 1, "observedGeneration", 1);
	if (m->phase == PHASE_READY) {
		json_object_set_new(status, "readyReplicas", json_integer(1));
		json_object_set_new(status, "availableReplicas", json_integer(1));
	}
	return status;
}

static json_t *with_revision(const json_t *annotations)
{
	json_t *out = json_copy((json_t *)annotations);
	json_object_set_new(out, ISVC_BUILTIN_ANNOTATION, json_string("true"));
	json_object_set_new(out, "deployment.kubernetes.io/revision", json_string("1"));
	return out;
}

/* ---- Services ---- */

static int service_ensure(struct control *c, struct isvc_plan *p, const struct component *m, const char *name,
			  const json_t *owner, json_t *spec, struct err *err)
{
	json_t *labels = m->revision_object && owner == m->revision_object ? isvc_labels(p, m)
									   : json_pack("{s:s}", ISVC_LABEL, p->name);
	json_t *o = json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Service", "metadata",
			      child_metadata(p->namespace_, name, owner, labels, NULL), "spec", spec);
	return child_ensure(c, c->kinds.service, "controller", o, NULL, err);
}

static json_t *external_name(void)
{
	return json_pack("{s:s, s:s, s:s, s:[{s:s, s:i, s:i, s:s}]}", "type", "ExternalName", "externalName", GATEWAY,
			 "sessionAffinity", "None", "ports", "name", "http2", "port", 80, "targetPort", 80, "protocol",
			 "TCP");
}

static json_t *cluster_service(const struct component *m, bool selector)
{
	json_t *spec = json_pack("{s:s, s:s, s:[{s:s, s:i, s:s, s:s}]}", "type", "ClusterIP", "sessionAffinity", "None",
				 "ports", "name", "http", "port", 80, "targetPort", "queue-port", "protocol", "TCP");
	if (selector)
		json_object_set_new(spec, "selector",
				    json_pack("{s:s}", "serving.knative.dev/revisionUID",
					      json_str_at(m->revision_object, "metadata.uid")));
	return spec;
}

/* Of the Service without selector that Knative keeps for a revision. */
static int endpoints_ensure(struct control *c, struct isvc_plan *p, struct component *m, const json_t *pod,
			    struct err *err)
{
	json_t *service = cluster_find(c->o.cluster, c->kinds.service, p->namespace_, m->revision);
	json_t *subsets = json_array();
	char ip[64];
	isvc_pod_ip(c, ip, sizeof ip);
	if (m->phase == PHASE_READY && inference_port(c))
		json_array_append_new(
		    subsets, json_pack("{s:[{s:s, s:s, s:{s:s, s:s, s:s, s:s}}], s:[{s:s, s:i, s:s}]}", "addresses",
				       "ip", ip, "nodeName", json_str_at(pod, "spec.nodeName"), "targetRef", "kind",
				       "Pod", "namespace", p->namespace_, "name", json_str_at(pod, "metadata.name"),
				       "uid", json_str_at(pod, "metadata.uid"), "ports", "name", "http", "port",
				       inference_port(c), "protocol", "TCP"));
	json_t *o =
	    json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Endpoints", "metadata",
		      child_metadata(p->namespace_, m->revision, service, isvc_labels(p, m), NULL), "subsets", subsets);
	json_decref(service);
	return child_ensure(c, c->kinds.endpoints, "controller", o, NULL, err);
}

static int services_ensure(struct control *c, struct isvc_plan *p, struct component *m, const json_t *pod,
			   struct err *err)
{
	char private_name[192];
	snprintf(private_name, sizeof private_name, "%s-private", m->revision);
	json_t *route = cluster_find(c->o.cluster, c->kinds.route, p->namespace_, m->service);
	int rc = service_ensure(c, p, m, m->revision, m->revision_object, cluster_service(m, false), err);
	if (rc == 0)
		rc = service_ensure(c, p, m, private_name, m->revision_object, cluster_service(m, true), err);
	if (rc == 0)
		rc = service_ensure(c, p, m, m->service, route, external_name(), err);
	if (rc == 0)
		rc = endpoints_ensure(c, p, m, pod, err);
	json_decref(route);
	return rc;
}

int isvc_top_service_ensure(struct control *c, struct isvc_plan *p, struct err *err)
{
	return service_ensure(c, p, &p->components[COMPONENT_PREDICTOR], p->name, p->isvc, external_name(), err);
}

/* ---- all of it ---- */

int isvc_workload_ensure(struct control *c, struct isvc_plan *p, struct component *m, struct err *err)
{
	char name[192], set_name[256], hash[16];
	json_t *labels = isvc_labels(p, m), *deployment = NULL, *set = NULL, *pod = NULL;
	json_object_set(labels, "serving.knative.dev/revisionUID", json_at(m->revision_object, "metadata.uid"));
	json_t *template = pod_template(m, labels, NULL);
	template_hash(template, hash);
	snprintf(name, sizeof name, "%s-deployment", m->revision);
	snprintf(set_name, sizeof set_name, "%s-%s", name, hash);
	json_t *before = cluster_find(c->o.cluster, c->kinds.deployment, p->namespace_, name);

	json_t *o = json_pack(
	    "{s:s, s:s, s:o, s:o, s:o}", "apiVersion", "apps/v1", "kind", "Deployment", "metadata",
	    child_metadata(p->namespace_, name, m->revision_object, json_copy(labels), with_revision(m->annotations)),
	    "spec", deployment_spec(selector_of(m, NULL), template), "status", deployment_status(c, m, set_name));
	int rc = child_ensure(c, c->kinds.deployment, "controller", o, &deployment, err);
	if (rc < 0)
		goto done;
	if (!before && c->o.recorder)
		recorder_event(c->o.recorder, deployment, "deployment-controller", "Normal", "ScalingReplicaSet",
			       "Scaled up replica set %s from 0 to 1", set_name);
	o = json_pack("{s:s, s:s, s:o, s:{s:i, s:o, s:o}, s:o}", "apiVersion", "apps/v1", "kind", "ReplicaSet",
		      "metadata",
		      child_metadata(p->namespace_, set_name, deployment, labels_with_hash(labels, hash),
				     with_revision(m->annotations)),
		      "spec", "replicas", 1, "selector", selector_of(m, hash), "template",
		      pod_template(m, labels, hash), "status", replica_set_status(m));
	rc = child_ensure(c, c->kinds.replica_set, "kube-controller-manager", o, &set, err);
	if (rc == 0)
		rc = isvc_pod_ensure(c, p, m, set, &pod, err);
	if (rc == 0)
		rc = services_ensure(c, p, m, pod, err);
done:
	json_decref(before);
	json_decref(deployment);
	json_decref(set);
	json_decref(pod);
	json_decref(labels);
	return rc;
}

/* ---- an older revision: nothing runs ---- */

static int no_replicas(json_t *object, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	if (!json_int_at(object, "spec.replicas", 1))
		return 0;
	json_object_set_new(json_object_get(object, "spec"), "replicas", json_integer(0));
	return 1;
}

static int scale_down(struct control *c, const struct kind *k, const struct isvc_plan *p, const json_t *item,
		      struct err *err)
{
	const char *name = json_str_at(item, "metadata.name");
	struct resource_call call = {.kind = k, .namespace = p->namespace_, .name = name, .manager = "controller"};
	json_t *out = NULL;
	int rc = cluster_modify(c->o.cluster, &call, no_replicas, NULL, &out, err);
	json_decref(out);
	resource_call_release(&call);
	if (rc < 0)
		return -1;
	json_t *status = json_pack("{s:i}", "observedGeneration", 1);
	return child_status(c, k, "controller", p->namespace_, name, status, err);
}

int isvc_workload_retire(struct control *c, struct isvc_plan *p, const char *revision, struct err *err)
{
	const struct kind *const kinds[] = {c->kinds.deployment, c->kinds.replica_set, c->kinds.pod};
	char selector[256];
	int rc = 0;
	snprintf(selector, sizeof selector, "serving.knative.dev/revision=%s", revision);
	for (size_t k = 0; rc == 0 && k < COUNT_OF(kinds); k++) {
		struct resource_call call = {.kind = kinds[k], .namespace = p->namespace_};
		struct resource_list list;
		const json_t *item;
		size_t i;
		rc = cluster_list(c->o.cluster, &call, &(struct list_options){.label_selector = selector}, &list, err);
		resource_call_release(&call);
		if (rc < 0)
			break;
		json_array_foreach(list.items, i, item)
		{
			const char *name = json_str_at(item, "metadata.name");
			rc = kinds[k] == c->kinds.pod ? child_delete(c, kinds[k], p->namespace_, name, err)
						      : scale_down(c, kinds[k], p, item, err);
			if (rc < 0)
				break;
		}
		resource_list_release(&list);
	}
	return rc;
}
