/* networking.k8s.io/v1 and discovery.k8s.io/v1: stored and shown; requests are routed by hosts of endpoints, not by them. */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"

static json_t *ingress_class(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "spec.ingressClassName");
}

static json_t *ingress_hosts(const json_t *o, int64_t now_ns)
{
	struct buf b;
	size_t i;
	const json_t *r;
	(void)now_ns;
	buf_init(&b, 8192);
	json_array_foreach(json_at(o, "spec.rules"), i, r)
	{
		const char *host = json_str_at(r, "host");
		buf_printf(&b, "%s%s", b.len ? "," : "", host && *host ? host : "*");
	}
	json_t *out = json_string(b.len ? b.ptr : "*");
	buf_release(&b);
	return out;
}

static json_t *ingress_address(const json_t *o, int64_t now_ns)
{
	struct buf b;
	size_t i;
	const json_t *r;
	(void)now_ns;
	buf_init(&b, 8192);
	buf_str(&b, "");
	json_array_foreach(json_at(o, "status.loadBalancer.ingress"), i, r)
	{
		const char *ip = json_str_at(r, "ip"), *name = json_str_at(r, "hostname");
		if (ip || name)
			buf_printf(&b, "%s%s", b.len ? "," : "", ip ? ip : name);
	}
	json_t *out = json_stringn(b.ptr, b.len);
	buf_release(&b);
	return out;
}

static json_t *ingress_ports(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_string(json_array_size(json_at(o, "spec.tls")) ? "80, 443" : "80");
}

static const struct kind_column columns_ingress[] = {
	COLUMN_NAME,
	COLUMN("Class", "string", 0, ingress_class, "Who is to serve it."),
	COLUMN("Hosts", "string", 0, ingress_hosts, "Hosts it has rules for."),
	COLUMN("Address", "string", 0, ingress_address, "Where it is served."),
	COLUMN("Ports", "string", 0, ingress_ports, "Ports it is served on."),
	COLUMN_AGE,
};

static const struct kind ingresses = {
	.group = "networking.k8s.io", .version = "v1", .kind = "Ingress", .plural = "ingresses", .singular = "ingress",
	.short_names = NAMES("ing"), .flags = KIND_NAMESPACED | KIND_STATUS | KIND_GENERATION | KIND_UNCONDITIONAL,
	COLUMNS(ingress), .type = &type_networking_Ingress, .without_effect = "no traffic is routed by it",
};

static json_t *class_controller(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "spec.controller");
}

static json_t *class_parameters(const json_t *o, int64_t now_ns)
{
	const char *kind = json_str_at(o, "spec.parameters.kind"), *name = json_str_at(o, "spec.parameters.name"),
		   *group = json_str_at(o, "spec.parameters.apiGroup");
	(void)now_ns;
	if (!kind || !name)
		return json_string("<none>");
	return json_sprintf("%s%s%s/%s", kind, group ? "." : "", group ? group : "", name);
}

static const struct kind_column columns_ingressclass[] = {
	COLUMN_NAME,
	COLUMN("Controller", "string", 0, class_controller, "Who serves ingresses of this class."),
	COLUMN("Parameters", "string", 0, class_parameters, "Where its settings are."),
	COLUMN_AGE,
};

static const struct kind ingressclasses = {
	.group = "networking.k8s.io", .version = "v1", .kind = "IngressClass", .plural = "ingressclasses",
	.singular = "ingressclass", .flags = KIND_GENERATION | KIND_UNCONDITIONAL, COLUMNS(ingressclass),
	.type = &type_networking_IngressClass,
};

static json_t *policy_selector(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_selector(json_at(o, "spec.podSelector"));
}

static const struct kind_column columns_networkpolicy[] = {
	COLUMN_NAME,
	COLUMN("Pod-Selector", "string", 0, policy_selector, "Labels of the Pods it is about."),
	COLUMN_AGE,
};

static int policy_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (json_is_object(spec) && !json_object_get(spec, "policyTypes"))
		json_object_set_new(spec, "policyTypes",
				    json_object_get(spec, "egress") ? json_pack("[s,s]", "Ingress", "Egress") :
								      json_pack("[s]", "Ingress"));
	return 0;
}

static const struct kind networkpolicies = {
	.group = "networking.k8s.io", .version = "v1", .kind = "NetworkPolicy", .plural = "networkpolicies",
	.singular = "networkpolicy", .short_names = NAMES("netpol"),
	.flags = KIND_NAMESPACED | KIND_GENERATION | KIND_UNCONDITIONAL, COLUMNS(networkpolicy),
	.type = &type_networking_NetworkPolicy, .hooks = { .defaults = policy_defaults },
	.without_effect = "no traffic is filtered by it",
};

KIND_TABLE(networking, &ingressclasses, &ingresses, &networkpolicies)

/* ---- discovery ---- */

static json_t *slice_type(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "addressType");
}

static json_t *first_few(const struct buf *b, size_t n, size_t shown)
{
	if (n > shown)
		return json_sprintf("%s + %zu more...", b->ptr, n - shown);
	return json_string(b->len ? b->ptr : "<unset>");
}

static json_t *slice_ports(const json_t *o, int64_t now_ns)
{
	enum { SHOWN = 3 };
	const json_t *ports = json_object_get(o, "ports"), *p;
	struct buf b;
	size_t i;
	(void)now_ns;
	buf_init(&b, 1024);
	buf_str(&b, "");
	json_array_foreach(ports, i, p)
		if (i < SHOWN)
			buf_printf(&b, "%s%lld", i ? "," : "", (long long)json_int_at(p, "port", 0));
	json_t *out = first_few(&b, json_array_size(ports), SHOWN);
	buf_release(&b);
	return out;
}

static json_t *slice_endpoints(const json_t *o, int64_t now_ns)
{
	enum { SHOWN = 3 };
	struct buf b;
	size_t i, j, n = 0;
	const json_t *e, *address;
	(void)now_ns;
	buf_init(&b, 4096);
	buf_str(&b, "");
	json_array_foreach(json_object_get(o, "endpoints"), i, e)
		json_array_foreach(json_object_get(e, "addresses"), j, address)
			if (n++ < SHOWN)
				buf_printf(&b, "%s%s", b.len ? "," : "",
					   json_is_string(address) ? json_string_value(address) : "");
	json_t *out = first_few(&b, n, SHOWN);
	buf_release(&b);
	return out;
}

static const struct kind_column columns_slice[] = {
	COLUMN_NAME,
	COLUMN("AddressType", "string", 0, slice_type, "IPv4, IPv6 or FQDN."),
	COLUMN("Ports", "string", 0, slice_ports, "Ports of every endpoint."),
	COLUMN("Endpoints", "string", 0, slice_endpoints, "Their addresses."),
	COLUMN_AGE,
};

static int slice_defaults(struct admission *a, void *ctx, struct err *err)
{
	size_t i;
	json_t *p;
	(void)ctx;
	(void)err;
	json_array_foreach(json_object_get(a->object, "ports"), i, p)
	{
		if (!json_object_get(p, "name"))
			json_object_set_new(p, "name", json_string(""));
		if (!json_object_get(p, "protocol"))
			json_object_set_new(p, "protocol", json_string("TCP"));
	}
	return 0;
}

static const struct kind endpointslices = {
	.group = "discovery.k8s.io", .version = "v1", .kind = "EndpointSlice", .plural = "endpointslices",
	.singular = "endpointslice", .flags = KIND_NAMESPACED | KIND_GENERATION | KIND_UNCONDITIONAL,
	.immutable = NAMES("addressType"), COLUMNS(slice), .type = &type_discovery_EndpointSlice,
	.hooks = { .defaults = slice_defaults },
};

KIND_TABLE(discovery, &endpointslices)
