/* Service and Endpoints: columns, defaults, checks. Addresses are service_address.c's. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cluster/names.h"
#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/service_address.h"
#include "control/kinds/tables.h"

static const char *type_of(const json_t *o)
{
	const char *s = json_str_at(o, "spec.type");
	return s && *s ? s : "ClusterIP";
}

static bool is_type(const json_t *o, const char *type)
{
	return strcmp(type_of(o), type) == 0;
}

/* ---- columns ---- */

static json_t *service_type(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_string(type_of(o));
}

static json_t *service_ip(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "spec.clusterIP");
}

static json_t *joined(const json_t *list, const char *member)
{
	struct buf b;
	size_t i;
	const json_t *v;
	buf_init(&b, 4096);
	json_array_foreach(list, i, v)
	{
		const char *s = json_string_value(member ? json_object_get(v, member) : v);
		if (s && *s)
			buf_printf(&b, "%s%s", b.len ? "," : "", s);
	}
	json_t *out = b.len ? json_stringn(b.ptr, b.len) : NULL;
	buf_release(&b);
	return out;
}

static json_t *service_external(const json_t *o, int64_t now_ns)
{
	json_t *ips = joined(json_at(o, "spec.externalIPs"), NULL);
	(void)now_ns;
	if (is_type(o, "ExternalName")) {
		json_decref(ips);
		return cell_at(o, "spec.externalName");
	}
	if (is_type(o, "LoadBalancer")) {
		json_t *given = joined(json_at(o, "status.loadBalancer.ingress"), "ip");
		json_decref(ips);
		return given ? given : json_string("<pending>");
	}
	return ips ? ips : json_string("<none>");
}

static json_t *service_ports(const json_t *o, int64_t now_ns)
{
	struct buf b;
	size_t i;
	const json_t *p;
	(void)now_ns;
	buf_init(&b, 4096);
	json_array_foreach(json_at(o, "spec.ports"), i, p)
	{
		const char *protocol = json_str_at(p, "protocol");
		json_int_t node = json_int_at(p, "nodePort", 0);
		buf_printf(&b, "%s%lld", i ? "," : "", (long long)json_int_at(p, "port", 0));
		if (node > 0)
			buf_printf(&b, ":%lld", (long long)node);
		buf_printf(&b, "/%s", protocol ? protocol : "TCP");
	}
	json_t *out = json_string(b.len ? b.ptr : "<none>");
	buf_release(&b);
	return out;
}

static json_t *service_selector(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_labels(json_at(o, "spec.selector"));
}

static const struct kind_column columns_service[] = {
	COLUMN_NAME,
	COLUMN("Type", "string", 0, service_type, "ClusterIP, NodePort, LoadBalancer or ExternalName."),
	COLUMN("Cluster-IP", "string", 0, service_ip, "Its address inside the cluster; None for a headless one."),
	COLUMN("External-IP", "string", 0, service_external, "Addresses it has outside."),
	COLUMN("Port(s)", "string", 0, service_ports, "Ports, with their node port where there is one."),
	COLUMN_AGE,
	COLUMN("Selector", "string", 1, service_selector, "Labels of the Pods behind it."),
};

/* ---- defaults ---- */

static void text(json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	if (!is || !*is)
		json_object_set_new(o, key, json_string(value));
}

static int service_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *p, *target;
	size_t i;
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	text(spec, "sessionAffinity", "None");
	text(spec, "type", "ClusterIP");
	json_array_foreach(json_object_get(spec, "ports"), i, p)
	{
		text(p, "protocol", "TCP");
		target = json_object_get(p, "targetPort");
		if (!target || (json_is_integer(target) && json_integer_value(target) == 0) ||
		    (json_is_string(target) && !json_string_length(target)))
			json_object_set(p, "targetPort", json_object_get(p, "port"));
	}
	if (!is_type(a->object, "ExternalName"))
		text(spec, "internalTrafficPolicy", "Cluster");
	if (is_type(a->object, "NodePort") || is_type(a->object, "LoadBalancer"))
		text(spec, "externalTrafficPolicy", "Cluster");
	if (is_type(a->object, "LoadBalancer") && !json_object_get(spec, "allocateLoadBalancerNodePorts"))
		json_object_set_new(spec, "allocateLoadBalancerNodePorts", json_true());
	return 0;
}

static int service_prepare(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	if (!json_is_object(spec) || a->subresource)
		return 0;
	if (service_addresses_give(a, err) < 0)
		return -1;
	if (service_type_of(a->object) == SERVICE_EXTERNAL_NAME)
		return 0;
	if (!json_array_size(json_object_get(spec, "ipFamilies")))
		json_object_set_new(spec, "ipFamilies", json_pack("[s]", "IPv4"));
	text(spec, "ipFamilyPolicy", "SingleStack");
	return 0;
}

/* ---- checks ---- */

static void check_port(const json_t *p, size_t i, size_t n, enum service_type type, struct fault_list *l)
{
	static const char *const protocols[] = { "SCTP", "TCP", "UDP" };
	const char *name = json_str_at(p, "name"), *protocol = json_str_at(p, "protocol");
	json_int_t port = json_int_at(p, "port", 0);
	char path[64];
	bool known = false;
	(void)snprintf(path, sizeof path, "spec.ports[%zu].name", i);
	if (n > 1 && (!name || !*name))
		fault_add(l, path, FAULT_REQUIRED, NULL, "%s", "");
	else if (name && *name && name_error(NAMES_LABEL, name))
		fault_add_str(l, path, FAULT_INVALID, name, "%s", name_error(NAMES_LABEL, name));
	(void)snprintf(path, sizeof path, "spec.ports[%zu].port", i);
	if (port < 1 || port > 65535)
		fault_add(l, path, FAULT_INVALID, json_object_get(p, "port"), "must be between 1 and 65535, inclusive");
	for (size_t k = 0; k < COUNT_OF(protocols); k++)
		known |= protocol && strcmp(protocol, protocols[k]) == 0;
	(void)snprintf(path, sizeof path, "spec.ports[%zu].protocol", i);
	if (protocol && !known)
		fault_add_str(l, path, FAULT_UNSUPPORTED, protocol, "supported values: \"SCTP\", \"TCP\", \"UDP\"");
	const json_t *target = json_object_get(p, "targetPort");
	(void)snprintf(path, sizeof path, "spec.ports[%zu].targetPort", i);
	if (json_is_integer(target) && (json_integer_value(target) < 1 || json_integer_value(target) > 65535))
		fault_add(l, path, FAULT_INVALID, target, "must be between 1 and 65535, inclusive");
	(void)snprintf(path, sizeof path, "spec.ports[%zu].nodePort", i);
	if (json_int_at(p, "nodePort", 0) && !(type & SERVICE_HAS_NODE_PORTS))
		fault_add(l, path, FAULT_FORBIDDEN, NULL, "may not be used when `type` is '%s'",
			  type == SERVICE_EXTERNAL_NAME ? "ExternalName" : "ClusterIP");
}

/* Names, and numbers with their protocol: each once. */
static void check_duplicates(const json_t *ports, struct fault_list *l)
{
	json_t *seen = json_object();
	const json_t *p;
	char path[64], key[320];
	size_t i;
	json_array_foreach(ports, i, p)
	{
		const char *name = json_str_at(p, "name"), *protocol = json_str_at(p, "protocol");
		json_int_t port = json_int_at(p, "port", 0), node = json_int_at(p, "nodePort", 0);
		(void)snprintf(path, sizeof path, "spec.ports[%zu].name", i);
		(void)snprintf(key, sizeof key, "name %s", name ? name : "");
		if (name && json_object_get(seen, key))
			fault_add_str(l, path, FAULT_DUPLICATE, name, "%s", "");
		json_object_set_new(seen, key, json_true());
		(void)snprintf(path, sizeof path, "spec.ports[%zu].nodePort", i);
		(void)snprintf(key, sizeof key, "node %s %lld", protocol ? protocol : "", (long long)node);
		if (node && json_object_get(seen, key))
			fault_add(l, path, FAULT_DUPLICATE, json_object_get(p, "nodePort"), "%s", "");
		json_object_set_new(seen, key, json_true());
		(void)snprintf(path, sizeof path, "spec.ports[%zu]", i);
		(void)snprintf(key, sizeof key, "%s %lld", protocol ? protocol : "", (long long)port);
		if (json_object_get(seen, key)) {
			json_t *both = json_pack("{s:s,s:I}", "protocol", protocol ? protocol : "", "port", port);
			fault_add(l, path, FAULT_DUPLICATE, both, "%s", "");
			json_decref(both);
		}
		json_object_set_new(seen, key, json_true());
	}
	json_decref(seen);
}

static void check_external(const json_t *spec, struct fault_list *l)
{
	static const char *const without[] = { "clusterIPs", "ipFamilies", "ipFamilyPolicy" };
	char path[48];
	for (size_t i = 0; i < COUNT_OF(without); i++) {
		(void)snprintf(path, sizeof path, "spec.%s", without[i]);
		if (json_object_get(spec, without[i]))
			fault_add(l, path, FAULT_FORBIDDEN, NULL, "may not be set for ExternalName services");
	}
	if (!json_str_at(spec, "externalName"))
		fault_add(l, "spec.externalName", FAULT_REQUIRED, NULL, "%s", "");
}

static int service_validate(struct admission *a, void *ctx, struct err *err)
{
	static const char *const types[] = { "ClusterIP", "ExternalName", "LoadBalancer", "NodePort" };
	const json_t *spec = json_object_get(a->object, "spec"), *ports = json_object_get(spec, "ports"), *p;
	const json_t *ip_list = json_object_get(spec, "clusterIPs");
	const char *ip = json_str_at(spec, "clusterIP"), *was = json_str_at(a->old, "spec.clusterIP"),
		   *first = json_string_value(json_array_get(ip_list, 0));
	struct in_addr parsed;
	bool known = false;
	size_t i;
	(void)ctx;
	(void)err;
	for (i = 0; i < COUNT_OF(types); i++)
		known |= is_type(a->object, types[i]);
	if (!known)
		fault_add_str(a->faults, "spec.type", FAULT_UNSUPPORTED, type_of(a->object),
			      "supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"");
	if (json_array_size(ports) == 0 && !is_type(a->object, "ExternalName") && !(ip && strcmp(ip, "None") == 0))
		fault_add(a->faults, "spec.ports", FAULT_REQUIRED, NULL, "%s", "");
	json_array_foreach(ports, i, p)
		check_port(p, i, json_array_size(ports), service_type_of(a->object), a->faults);
	check_duplicates(ports, a->faults);
	labels_validate(spec, "selector", "spec.selector", a->faults);
	if (is_type(a->object, "ExternalName"))
		check_external(spec, a->faults);
	if (ip_list && (!ip || !*ip))
		fault_add(a->faults, "spec.clusterIPs", FAULT_INVALID, ip_list,
			  "clusterIPs must be empty when clusterIP is not specified");
	else if (ip_list && strcmp(ip, first ? first : "") != 0)
		fault_add(a->faults, "spec.clusterIPs", FAULT_INVALID, ip_list, "first value must match `clusterIP`");
	if (ip && *ip && strcmp(ip, "None") != 0 && inet_pton(AF_INET, ip, &parsed) != 1)
		fault_add_str(a->faults, "spec.clusterIPs[0]", FAULT_INVALID, ip,
			      "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
	if (a->verb == ADMIT_UPDATE && was && *was && ip && strcmp(ip, was) != 0 && !is_type(a->object, "ExternalName"))
		fault_add(a->faults, "spec.clusterIPs[0]", FAULT_INVALID, ip_list, "may not change once set");
	if (fault_count(a->faults) == 0 && !a->subresource)
		service_addresses_check(a);
	return 0;
}

const struct kind kind_service = {
	.group = "", .version = "v1", .kind = "Service", .plural = "services", .singular = "service",
	.short_names = NAMES("svc"), .categories = NAMES("all"),
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_UNCONDITIONAL | KIND_DELETE_RETURNS_OBJECT | KIND_SERIAL,
	.names = NAMES_LABEL_1035, .subresources = NAMES("proxy"), .selectable = NAMES("spec.clusterIP", "spec.type"),
	COLUMNS(service), .type = &type_core_Service,
	.hooks = { .defaults = service_defaults, .prepare = service_prepare, .validate = service_validate },
};

/* ---- Endpoints ---- */

/* "10.0.0.1:80,10.0.0.2:80 + 3 more..." */
static json_t *endpoints_list(const json_t *o, int64_t now_ns)
{
	enum { SHOWN_MAX = 3 };
	struct buf b;
	size_t i, j, k, n = 0;
	const json_t *s, *address, *p;
	(void)now_ns;
	buf_init(&b, 4096);
	json_array_foreach(json_object_get(o, "subsets"), i, s)
		json_array_foreach(json_object_get(s, "addresses"), j, address)
		{
			const json_t *ports = json_object_get(s, "ports");
			const char *ip = json_str_at(address, "ip");
			if (json_array_size(ports) == 0 && n++ < SHOWN_MAX)
				buf_printf(&b, "%s%s", b.len ? "," : "", ip ? ip : "");
			json_array_foreach(ports, k, p)
				if (n++ < SHOWN_MAX)
					buf_printf(&b, "%s%s:%lld", b.len ? "," : "", ip ? ip : "",
						   (long long)json_int_at(p, "port", 0));
		}
	if (n > SHOWN_MAX)
		buf_printf(&b, " + %zu more...", n - SHOWN_MAX);
	json_t *out = json_string(b.len ? b.ptr : "<none>");
	buf_release(&b);
	return out;
}

static int endpoints_defaults(struct admission *a, void *ctx, struct err *err)
{
	size_t i, j;
	json_t *s, *p;
	(void)ctx;
	(void)err;
	json_array_foreach(json_object_get(a->object, "subsets"), i, s)
		json_array_foreach(json_object_get(s, "ports"), j, p)
			text(p, "protocol", "TCP");
	return 0;
}

static const struct kind_column columns_endpoints[] = {
	COLUMN_NAME,
	COLUMN("Endpoints", "string", 0, endpoints_list, "Addresses and ports that are ready."),
	COLUMN_AGE,
};

const struct kind kind_endpoints = {
	.group = "", .version = "v1", .kind = "Endpoints", .plural = "endpoints", .singular = "endpoints",
	.list_kind = "EndpointsList", .short_names = NAMES("ep"), .flags = KIND_NAMESPACED | KIND_UNCONDITIONAL,
	COLUMNS(endpoints), .type = &type_core_Endpoints, .hooks = { .defaults = endpoints_defaults },
};
