/*
 * Endpoints of Services that select pods: the ready ones under `addresses`, the others under `notReadyAddresses`. A
 * built-in pod's port is where this program really listens (annotation coracle.dev/address), not the number in its
 * spec. All Endpoints, whoever wrote them, are mirrored in EndpointSlices.
 */
#include <stdio.h>

#include "base/check.h"
#include "codec/json.h"
#include "control/child.h"
#include "control/condition.h"
#include "control/isvc_parts.h"

#define MANAGER "kube-controller-manager"

/* HOST:PORT of a built-in pod; port 0 when it has none. */
static int real_port(const json_t *pod)
{
	const char *address =
	    json_string_value(json_object_get(json_at(pod, "metadata.annotations"), ISVC_ADDRESS_ANNOTATION));
	const char *colon = address ? strrchr(address, ':') : NULL;
	uint64_t port = 0;
	return colon && slice_u64(slice_str(colon + 1), &port) && port <= 65535 ? (int)port : 0;
}

/* The container port called `name`. */
static int named_port(const json_t *pod, const char *name)
{
	const json_t *container, *port;
	size_t i, j;
	json_array_foreach(json_at(pod, "spec.containers"), i, container)
	{
		json_array_foreach(json_object_get(container, "ports"), j, port)
		{
			const char *is = json_str_at(port, "name");
			if (is && !strcmp(is, name))
				return (int)json_int_at(port, "containerPort", 0);
		}
	}
	return 0;
}

static int target_port(const json_t *service_port, const json_t *pod)
{
	const json_t *target = json_object_get(service_port, "targetPort");
	int real = real_port(pod);
	if (real)
		return real;
	if (json_is_string(target))
		return named_port(pod, json_string_value(target));
	return (int)(json_is_integer(target) && json_integer_value(target) ? json_integer_value(target)
									   : json_int_at(service_port, "port", 0));
}

static json_t *address_of(const json_t *pod)
{
	const char *ip = json_str_at(pod, "status.podIP");
	if (!ip)
		return NULL;
	return json_pack("{s:s, s:s*, s:{s:s, s:s, s:s, s:s}}", "ip", ip, "nodeName", json_str_at(pod, "spec.nodeName"),
			 "targetRef", "kind", "Pod", "namespace", json_str_at(pod, "metadata.namespace"), "name",
			 json_str_at(pod, "metadata.name"), "uid", json_str_at(pod, "metadata.uid"));
}

/* One subset a pod: pods with the same ports share one in Kubernetes, and so do ours. */
static void add_pod(json_t *subsets, const json_t *service, const json_t *pod)
{
	bool ready = condition_is(json_at(pod, "status.conditions"), "Ready", "True");
	json_t *address = address_of(pod), *ports = json_array(), *subset;
	const json_t *port;
	size_t i;
	if (!address || json_at(pod, "metadata.deletionTimestamp")) {
		json_decref(address);
		json_decref(ports);
		return;
	}
	json_array_foreach(json_at(service, "spec.ports"), i, port)
	{
		const char *protocol = json_str_at(port, "protocol");
		int number = target_port(port, pod);
		if (number > 0)
			json_array_append_new(ports,
					      json_pack("{s:s*, s:i, s:s}", "name", json_str_at(port, "name"), "port",
							number, "protocol", protocol ? protocol : "TCP"));
	}
	const char *list = ready ? "addresses" : "notReadyAddresses";
	json_array_foreach(subsets, i, subset)
	{
		if (!json_equal(json_object_get(subset, "ports"), ports))
			continue;
		json_t *there = json_object_get(subset, list);
		if (there)
			json_array_append_new(there, address);
		else
			json_object_set_new(subset, list, json_pack("[o]", address));
		json_decref(ports);
		return;
	}
	json_array_append_new(subsets, json_pack("{s:[o], s:o}", list, address, "ports", ports));
}

static int subsets_of(struct control *c, const json_t *service, json_t **out, struct err *err)
{
	struct resource_call call = {.kind = c->kinds.pod, .namespace = json_str_at(service, "metadata.namespace")};
	struct resource_list list;
	struct buf selector;
	json_t *value;
	const json_t *pod;
	const char *key;
	size_t i;
	buf_init(&selector, 64 << 10);
	json_object_foreach(json_at(service, "spec.selector"), key, value)
	    buf_printf(&selector, "%s%s=%s", selector.len ? "," : "", key, json_string_value(value));
	int rc = cluster_list(c->o.cluster, &call, &(struct list_options){.label_selector = selector.ptr}, &list, err);
	buf_release(&selector);
	resource_call_release(&call);
	if (rc < 0)
		return -1;
	*out = json_array();
	json_array_foreach(list.items, i, pod) add_pod(*out, service, pod);
	resource_list_release(&list);
	return 0;
}

/* ---- slices: the same, as newer clients read it; one a subset ---- */

static void add_endpoints(json_t *list, const json_t *addresses, bool ready)
{
	const json_t *a;
	size_t i;
	json_array_foreach(addresses, i, a) json_array_append_new(
	    list, json_pack("{s:[O], s:{s:b, s:b, s:b}, s:O*, s:O*}", "addresses", json_object_get(a, "ip"), "conditions",
			    "ready", ready, "serving", ready, "terminating", 0, "nodeName",
			    json_object_get(a, "nodeName"), "targetRef", json_object_get(a, "targetRef")));
}

static json_t *slice_of_subset(const json_t *service, const char *name, const json_t *subset)
{
	json_t *list = json_array(), *labels = json_deep_copy(json_at(service, "metadata.labels"));
	json_t *ports = json_deep_copy(json_object_get(subset, "ports"));
	labels = labels ? labels : json_object();
	json_object_set(labels, "kubernetes.io/service-name", json_at(service, "metadata.name"));
	json_object_set_new(labels, "endpointslice.kubernetes.io/managed-by", json_string("endpointslice-controller.k8s.io"));
	add_endpoints(list, json_object_get(subset, "addresses"), true);
	add_endpoints(list, json_object_get(subset, "notReadyAddresses"), false);
	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:o}", "apiVersion", "discovery.k8s.io/v1", "kind", "EndpointSlice",
			 "metadata",
			 child_metadata(json_str_at(service, "metadata.namespace"), name, service, labels, NULL),
			 "addressType", "IPv4", "endpoints", list, "ports", ports ? ports : json_array());
}

static int slices_ensure(struct control *c, const json_t *service, const char *ns, const char *service_name,
			 struct err *err)
{
	json_t *endpoints = cluster_find(c->o.cluster, c->kinds.endpoints, ns, service_name), *stale;
	const json_t *subsets = json_object_get(endpoints, "subsets");
	char name[CONTROL_NAME_BYTES + 24];
	size_t i = 0;
	int rc = 0;
	for (; endpoints && rc == 0 && (i == 0 || i < json_array_size(subsets)); i++) {
		snprintf(name, sizeof name, "%s-%zu", service_name, i);
		rc = child_ensure(c, c->kinds.endpoint_slice, MANAGER,
				  slice_of_subset(service, name, json_array_get(subsets, i)), NULL, err);
	}
	json_decref(endpoints);
	for (; rc == 0; i++) { /* of subsets that are gone */
		snprintf(name, sizeof name, "%s-%zu", service_name, i);
		if (!(stale = cluster_find(c->o.cluster, c->kinds.endpoint_slice, ns, name)))
			break;
		json_decref(stale);
		rc = child_delete(c, c->kinds.endpoint_slice, ns, name, err);
	}
	return rc;
}

static bool has_endpoints(const json_t *service)
{
	const char *type = json_str_at(service, "spec.type");
	return !json_at(service, "metadata.deletionTimestamp") && !(type && !strcmp(type, "ExternalName"));
}

int64_t endpoints_work(void *control, const char *key, struct err *err)
{
	struct control *c = control;
	char ns[CONTROL_NAME_BYTES], name[CONTROL_NAME_BYTES];
	json_t *subsets;
	if (!control_key_split(key, ns, name))
		return 0;
	json_t *service = cluster_find(c->o.cluster, c->kinds.service, ns, name);
	int rc = 0;
	if (!service) {
		rc = child_delete(c, c->kinds.endpoints, ns, name, err);
	} else if (json_object_size(json_at(service, "spec.selector")) && has_endpoints(service)) {
		rc = subsets_of(c, service, &subsets, err);
		if (rc == 0) {
			json_t *labels = json_deep_copy(json_at(service, "metadata.labels"));
			rc = child_ensure(c, c->kinds.endpoints, MANAGER,
					  json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Endpoints",
						    "metadata", child_metadata(ns, name, NULL, labels, NULL), "subsets",
						    subsets),
					  NULL, err);
		}
	}
	if (rc == 0 && service && has_endpoints(service))
		rc = slices_ensure(c, service, ns, name, err);
	json_decref(service);
	return rc;
}
