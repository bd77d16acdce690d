/* Addresses and node ports of Services: see service_address.h. Texts are those of the API server's allocators. */
#include "control/kinds/service_address.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/random.h"
#include "cluster/resource.h"
#include "codec/json.h"

/* As in the API server, the first addresses are left to those who choose their own. */
enum { IP_FIRST = 10 << 24 | 96 << 16, IP_COUNT = 1 << 20, IP_CHOSEN = 256, PORT_FIRST = 30000, PORT_COUNT = 2768, KEY = 16 };

enum service_type service_type_of(const json_t *service)
{
	static const struct {
		const char *name;
		enum service_type type;
	} types[] = { { "NodePort", SERVICE_NODE_PORT },
		      { "LoadBalancer", SERVICE_LOAD_BALANCER },
		      { "ExternalName", SERVICE_EXTERNAL_NAME } };
	const char *name = json_str_at(service, "spec.type");
	for (size_t i = 0; name && i < COUNT_OF(types); i++)
		if (strcmp(name, types[i].name) == 0)
			return types[i].type;
	return SERVICE_CLUSTER_IP;
}

static void ip_text(uint32_t ip, char out[KEY])
{
	(void)snprintf(out, KEY, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

static void port_text(uint32_t port, char out[KEY])
{
	(void)snprintf(out, KEY, "%" PRIu32, port);
}

static void take(json_t *taken, const json_t *service)
{
	const char *ip = json_str_at(service, "spec.clusterIP");
	char key[KEY];
	const json_t *p;
	size_t i;
	if (ip)
		json_object_set_new(taken, ip, json_true());
	json_array_foreach(json_at(service, "spec.ports"), i, p)
	{
		port_text((uint32_t)json_int_at(p, "nodePort", 0), key);
		json_object_set_new(taken, key, json_true());
	}
}

/* Addresses and node ports of all Services but this one, as keys. New reference. */
static json_t *taken_by_others(const struct admission *a)
{
	struct resource_call call = { .kind = a->kind };
	struct resource_list list;
	struct err err = { 0 };
	json_t *taken = json_object();
	const char *own = json_str_at(a->object, "metadata.uid"), *uid;
	const json_t *service;
	size_t i;
	if (!a->cluster || cluster_list(a->cluster, &call, NULL, &list, &err) < 0)
		return taken;
	json_array_foreach(list.items, i, service)
		if (!own || !(uid = json_str_at(service, "metadata.uid")) || strcmp(own, uid) != 0)
			take(taken, service);
	resource_list_release(&list);
	resource_call_release(&call);
	return taken;
}

/* A number of the range that is not taken; 0 when all are. */
static uint32_t draw(json_t *taken, uint32_t first, uint32_t count, void (*text)(uint32_t n, char out[KEY]), char key[KEY])
{
	uint32_t start;
	random_fill(&random_os, &start, sizeof start);
	start %= count;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t n = first + (start + i) % count;
		text(n, key);
		if (json_object_get(taken, key))
			continue;
		json_object_set_new(taken, key, json_true());
		return n;
	}
	return 0;
}

static int draw_ip(json_t *taken, json_t *spec, struct err *err)
{
	char ip[KEY];
	if (!draw(taken, IP_FIRST + IP_CHOSEN, IP_COUNT - IP_CHOSEN - 1, ip_text, ip))
		return err_set(err, ERR_INTERNAL, "Internal error occurred: failed to allocate a serviceIP: range is full");
	json_object_set_new(spec, "clusterIP", json_string(ip));
	return 0;
}

static json_int_t node_port(const json_t *port)
{
	return json_int_at(port, "nodePort", 0);
}

/* What a port is told by: its name, or one of its numbers as text. */
static const char *key_of(const json_t *port, const char *member, char text[KEY])
{
	const char *name = json_str_at(port, member);
	if (name)
		return name;
	text[0] = 0;
	if (json_is_integer(json_object_get(port, member)))
		port_text((uint32_t)json_int_at(port, member, 0), text);
	return text;
}

/* Node ports of a list by one of its members. New reference. */
static json_t *node_ports_by(const json_t *ports, const char *member)
{
	json_t *out = json_object();
	char text[KEY];
	const json_t *p;
	size_t i;
	json_array_foreach(ports, i, p)
	{
		const char *key = key_of(p, member, text);
		if (node_port(p) && !json_object_get(out, key))
			json_object_set(out, key, json_object_get(p, "nodePort"));
	}
	return out;
}

/* The same port over another protocol has the same node port. */
static int draw_ports(json_t *taken, json_t *spec, struct err *err)
{
	json_t *ports = json_object_get(spec, "ports"), *drawn = node_ports_by(ports, "port"), *p;
	char text[KEY], key[KEY];
	int rc = 0;
	size_t i;
	json_array_foreach(ports, i, p)
	{
		const char *number = key_of(p, "port", text);
		if (node_port(p))
			continue;
		if (!json_object_get(drawn, number)) {
			json_int_t n = draw(taken, PORT_FIRST, PORT_COUNT, port_text, key);
			if (!n) {
				rc = err_set(err, ERR_INTERNAL,
					     "Internal error occurred: failed to allocate a nodePort: range is full");
				break;
			}
			json_object_set_new(drawn, number, json_integer(n));
		}
		json_object_set(p, "nodePort", json_object_get(drawn, number));
	}
	json_decref(drawn);
	return rc;
}

/* ---- updates ---- */

/* Node ports go with the name of the port, unless the update has given them to another. */
static void keep_node_ports(json_t *ports, const json_t *before)
{
	json_t *names = node_ports_by(before, "name"), *used = node_ports_by(ports, "nodePort"), *p;
	char text[KEY];
	size_t i;
	json_array_foreach(ports, i, p)
	{
		json_t *n = json_object_get(names, key_of(p, "name", text));
		if (node_port(p) || !n)
			continue;
		port_text((uint32_t)json_integer_value(n), text);
		if (json_object_get(used, text))
			continue;
		json_object_set(p, "nodePort", n);
		json_object_set(used, text, n);
	}
	json_decref(names);
	json_decref(used);
}

/* All of them, unless one is the writer's own, which is to be refused. */
static void drop_node_ports(json_t *ports, const json_t *before)
{
	json_t *known = node_ports_by(before, "nodePort"), *p;
	char text[KEY];
	bool own = false;
	size_t i;
	json_array_foreach(ports, i, p)
		own |= node_port(p) && !json_object_get(known, key_of(p, "nodePort", text));
	json_array_foreach(ports, i, p)
		if (!own)
			json_object_del(p, "nodePort");
	json_decref(known);
}

/* What an update leaves out stays; what the old type had and the new one has not goes, unless it was written anew. */
static void carry_over(struct admission *a, json_t *spec)
{
	static const struct {
		const char *name;
		unsigned types; /* that have it */
		bool kept;
	} fields[] = {
		{ "clusterIP", SERVICE_HAS_IP, true },
		{ "clusterIPs", SERVICE_HAS_IP, true },
		{ "ipFamilies", SERVICE_HAS_IP, true },
		{ "ipFamilyPolicy", SERVICE_HAS_IP, true },
		{ "externalTrafficPolicy", SERVICE_HAS_NODE_PORTS, false },
		{ "allocateLoadBalancerNodePorts", SERVICE_LOAD_BALANCER, false },
		{ "loadBalancerClass", SERVICE_LOAD_BALANCER, false },
	};
	unsigned before = service_type_of(a->old), now = service_type_of(a->object);
	const json_t *was = json_object_get(a->old, "spec");
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		json_t *old = json_object_get(was, fields[i].name), *new = json_object_get(spec, fields[i].name);
		if (!old || !(before & fields[i].types))
			continue;
		if (!(now & fields[i].types) && json_equal(old, new))
			json_object_del(spec, fields[i].name);
		else if ((now & fields[i].types) && fields[i].kept && !new)
			json_object_set(spec, fields[i].name, old);
	}
	json_t *ports = json_object_get(spec, "ports");
	if (before & SERVICE_HAS_NODE_PORTS && now & SERVICE_HAS_NODE_PORTS)
		keep_node_ports(ports, json_object_get(was, "ports"));
	else if (before & SERVICE_HAS_NODE_PORTS)
		drop_node_ports(ports, json_object_get(was, "ports"));
}

/* ---- hooks ---- */

int service_addresses_give(struct admission *a, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *taken;
	enum service_type type = service_type_of(a->object);
	int rc = 0;
	if (a->old)
		carry_over(a, spec);
	if (type == SERVICE_EXTERNAL_NAME)
		return 0;
	taken = taken_by_others(a);
	if (!json_string_length(json_object_get(spec, "clusterIP")) && !json_array_size(json_object_get(spec, "clusterIPs")))
		rc = draw_ip(taken, spec, err);
	if (rc == 0 && type & SERVICE_HAS_NODE_PORTS && !json_is_false(json_object_get(spec, "allocateLoadBalancerNodePorts")))
		rc = draw_ports(taken, spec, err);
	json_decref(taken);
	if (rc == 0 && !json_array_size(json_object_get(spec, "clusterIPs")))
		json_object_set_new(spec, "clusterIPs", json_pack("[O]", json_object_get(spec, "clusterIP")));
	return rc;
}

static bool check_ip(struct admission *a, const json_t *taken)
{
	const char *ip = json_str_at(a->object, "spec.clusterIP"), *was = json_str_at(a->old, "spec.clusterIP"), *why = NULL;
	struct in_addr parsed;
	if (!ip || !*ip || strcmp(ip, "None") == 0 || (was && strcmp(ip, was) == 0))
		return true;
	if (inet_pton(AF_INET, ip, &parsed) != 1 || ntohl(parsed.s_addr) - IP_FIRST >= IP_COUNT)
		why = "the provided network does not match the current range";
	else if (json_object_get(taken, ip))
		why = "provided IP is already allocated";
	if (why)
		fault_add(a->faults, "spec.clusterIPs", FAULT_INVALID, json_at(a->object, "spec.clusterIPs"),
			  "failed to allocate IP %s: %s", ip, why);
	return !why;
}

static void check_node_ports(struct admission *a, const json_t *taken)
{
	json_t *before = node_ports_by(json_at(a->old, "spec.ports"), "nodePort");
	const char *why = NULL;
	const json_t *p;
	char field[48], text[KEY];
	size_t i;
	json_array_foreach(json_at(a->object, "spec.ports"), i, p)
	{
		json_int_t n = node_port(p);
		const char *key = key_of(p, "nodePort", text);
		if (!n || json_object_get(before, key))
			continue;
		if (n < PORT_FIRST || n >= PORT_FIRST + PORT_COUNT)
			why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
		else if (json_object_get(taken, key))
			why = "provided port is already allocated";
		if (!why)
			continue;
		(void)snprintf(field, sizeof field, "spec.ports[%zu].nodePort", i);
		fault_add(a->faults, field, FAULT_INVALID, json_object_get(p, "nodePort"), "%s", why);
		break; /* as the API server, which stops where an allocation fails */
	}
	json_decref(before);
}

void service_addresses_check(struct admission *a)
{
	json_t *taken = taken_by_others(a);
	if (check_ip(a, taken))
		check_node_ports(a, taken);
	json_decref(taken);
}
