/*
 * Node: columns, and the one node there is. Its name is always the same, so that Pods keep naming it when the machine is
 * called something else; what the machine is comes from the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "base/fs.h"
#include "cluster/resource.h"
#include "codec/json.h"
#include "codec/time.h"
#include "control/kinds/cells.h"
#include "control/kinds/kinds.h"
#include "control/kinds/tables.h"

enum { PODS_MAX = 110, OS_RELEASE_BYTES = 64 << 10 };

/* ---- columns ---- */

static json_t *node_status(const json_t *o, int64_t now_ns)
{
	const char *ready = NULL;
	size_t i;
	const json_t *c;
	(void)now_ns;
	json_array_foreach(json_at(o, "status.conditions"), i, c)
	{
		const char *type = json_str_at(c, "type");
		if (type && strcmp(type, "Ready") == 0)
			ready = json_str_at(c, "status");
	}
	return json_sprintf("%s%s", !ready ? "Unknown" : strcmp(ready, "True") == 0 ? "Ready" : "NotReady",
			    json_is_true(json_at(o, "spec.unschedulable")) ? ",SchedulingDisabled" : "");
}

static json_t *node_roles(const json_t *o, int64_t now_ns)
{
	static const char prefix[] = "node-role.kubernetes.io/";
	struct buf b;
	const char *key;
	json_t *v;
	(void)now_ns;
	buf_init(&b, 1024);
	json_object_foreach(json_at(o, "metadata.labels"), key, v)
		if (strncmp(key, prefix, strlen(prefix)) == 0 && key[strlen(prefix)])
			buf_printf(&b, "%s%s", b.len ? "," : "", key + strlen(prefix));
	json_t *out = json_string(b.len ? b.ptr : "<none>");
	buf_release(&b);
	return out;
}

static json_t *node_version(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "status.nodeInfo.kubeletVersion");
}

static json_t *address(const json_t *o, const char *type)
{
	size_t i;
	const json_t *a;
	json_array_foreach(json_at(o, "status.addresses"), i, a)
	{
		const char *is = json_str_at(a, "type");
		if (is && strcmp(is, type) == 0)
			return cell_at(a, "address");
	}
	return json_string("<none>");
}

static json_t *node_internal(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return address(o, "InternalIP");
}

static json_t *node_external(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return address(o, "ExternalIP");
}

static json_t *unknown_at(const json_t *o, const char *path)
{
	const char *s = json_str_at(o, path);
	return json_string(s && *s ? s : "<unknown>");
}

static json_t *node_image(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return unknown_at(o, "status.nodeInfo.osImage");
}

static json_t *node_kernel(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return unknown_at(o, "status.nodeInfo.kernelVersion");
}

static json_t *node_runtime(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return unknown_at(o, "status.nodeInfo.containerRuntimeVersion");
}

static const struct kind_column columns_node[] = {
	COLUMN_NAME,
	COLUMN("Status", "string", 0, node_status, "Ready or not."),
	COLUMN("Roles", "string", 0, node_roles, "Roles its labels give it."),
	COLUMN_AGE,
	COLUMN("Version", "string", 0, node_version, "Version of its kubelet."),
	COLUMN("Internal-IP", "string", 1, node_internal, "Its address inside the cluster."),
	COLUMN("External-IP", "string", 1, node_external, "Its address outside."),
	COLUMN("OS-Image", "string", 1, node_image, "Its operating system."),
	COLUMN("Kernel-Version", "string", 1, node_kernel, "Its kernel."),
	COLUMN("Container-Runtime", "string", 1, node_runtime, "What runs its containers."),
};

const struct kind kind_node = {
	.group = "", .version = "v1", .kind = "Node", .plural = "nodes", .singular = "node", .short_names = NAMES("no"),
	.flags = KIND_STATUS | KIND_UNCONDITIONAL, .subresources = NAMES("proxy"), .selectable = NAMES("spec.unschedulable"),
	COLUMNS(node), .type = &type_core_Node,
};

/* ---- this machine ---- */

/* PRETTY_NAME of /etc/os-release. */
static void os_name(char *out, size_t n)
{
	static const char key[] = "PRETTY_NAME=";
	char *text = NULL;
	size_t length;
	struct err err = { 0 };
	(void)snprintf(out, n, "Linux");
	if (fs_slurp("/etc/os-release", OS_RELEASE_BYTES, &text, &length, &err) < 0)
		return;
	struct slice rest = slice_of(text, length), line;
	while ((line = slice_cut(&rest, '\n')).ptr) {
		if (!slice_starts(line, key))
			continue;
		struct slice value = slice_from(line, strlen(key));
		if (value.len >= 2 && value.ptr[0] == '"')
			value = slice_sub(value, 1, value.len - 2);
		(void)snprintf(out, n, "%.*s", SLICE_ARG(value));
	}
	free(text);
}

static json_t *amounts(void)
{
	struct sysinfo info = { 0 };
	(void)sysinfo(&info);
	uint64_t memory_ki = (uint64_t)info.totalram * info.mem_unit / 1024;
	json_t *out = json_pack("{s:s}", "pods", "110");
	json_object_set_new(out, "cpu", json_sprintf("%d", get_nprocs()));
	json_object_set_new(out, "memory", json_sprintf("%lluKi", (unsigned long long)memory_ki));
	return out;
}

/* Since when a condition has been so. */
static const char *since(const json_t *node, const char *type, const char *status, const char *now)
{
	size_t i;
	const json_t *c;
	json_array_foreach(json_at(node, "status.conditions"), i, c)
	{
		const char *is = json_str_at(c, "type"), *was = json_str_at(c, "status"),
			   *then = json_str_at(c, "lastTransitionTime");
		if (is && was && then && strcmp(is, type) == 0 && strcmp(was, status) == 0)
			return then;
	}
	return now;
}

static json_t *conditions(const json_t *node, const char *now)
{
	static const struct {
		const char *type, *status, *reason, *message;
	} all[] = {
		{ "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available" },
		{ "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure" },
		{ "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available" },
		{ "Ready", "True", "KubeletReady", "kubelet is posting ready status" },
	};
	json_t *list = json_array();
	for (size_t i = 0; i < COUNT_OF(all); i++)
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "type", all[i].type, "status", all[i].status,
						      "lastHeartbeatTime", now, "lastTransitionTime",
						      since(node, all[i].type, all[i].status, now), "reason", all[i].reason,
						      "message", all[i].message));
	return list;
}

/* The first line of a file that says who this machine is; "" when it cannot be read. */
static void identity_in(const char *path, char out[64])
{
	char *text = NULL;
	size_t length;
	struct err err = { 0 };
	out[0] = 0;
	if (fs_slurp(path, OS_RELEASE_BYTES, &text, &length, &err) < 0)
		return;
	struct slice rest = slice_of(text, length), line = slice_trim(slice_cut(&rest, '\n'));
	(void)snprintf(out, 64, "%.*s", SLICE_ARG(line));
	free(text);
}

static const char *architecture(const struct utsname *u)
{
	return strcmp(u->machine, "x86_64") == 0 ? "amd64" : strcmp(u->machine, "aarch64") == 0 ? "arm64" : u->machine;
}

static int fill(json_t *object, void *ctx, struct err *err)
{
	const char *now = ctx;
	struct utsname u = { 0 };
	char os[256], machine[64], boot[64];
	(void)err;
	(void)uname(&u);
	os_name(os, sizeof os);
	identity_in("/etc/machine-id", machine);
	identity_in("/proc/sys/kernel/random/boot_id", boot);
	json_t *status = json_object(), *capacity = amounts();
	json_object_set_new(status, "capacity", capacity);
	json_object_set_new(status, "allocatable", json_deep_copy(capacity));
	json_object_set_new(status, "conditions", conditions(object, now));
	json_object_set_new(status, "addresses",
			    json_pack("[{s:s,s:s},{s:s,s:s}]", "type", "InternalIP", "address", "127.0.0.1", "type",
				      "Hostname", "address", KINDS_NODE_NAME));
	json_object_set_new(status, "daemonEndpoints", json_pack("{s:{s:i}}", "kubeletEndpoint", "Port", 0));
	json_object_set_new(status, "nodeInfo",
			    json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "machineID", machine, "systemUUID", machine,
				      "bootID", boot, "kernelVersion", u.release, "osImage", os, "containerRuntimeVersion",
				      "coracle://" CORACLE_VERSION, "kubeletVersion", KINDS_KUBELET_VERSION,
				      "kubeProxyVersion", "", "operatingSystem", "linux", "architecture",
				      architecture(&u)));
	json_object_set_new(object, "status", status);
	return 1;
}

int kinds_node_ensure(struct cluster *c, struct err *err)
{
	struct resource_call call = { .kind = &kind_node, .name = KINDS_NODE_NAME, .manager = "kubelet" };
	struct utsname u = { 0 };
	char now[TIME_TEXT_BYTES];
	json_t *node = cluster_find(c, &kind_node, NULL, KINDS_NODE_NAME), *made = NULL;
	int rc = 0;
	(void)uname(&u);
	time_format_rfc3339(clock_wall_ns(cluster_clock(c)), now, sizeof now);
	if (!node) {
		json_t *fresh = json_pack("{s:s,s:s,s:{s:s,s:{s:s,s:s,s:s,s:s,s:s}}}", "apiVersion", "v1", "kind", "Node",
					  "metadata", "name", KINDS_NODE_NAME, "labels", "beta.kubernetes.io/arch",
					  architecture(&u), "beta.kubernetes.io/os", "linux", "kubernetes.io/arch",
					  architecture(&u), "kubernetes.io/hostname", KINDS_NODE_NAME,
					  "kubernetes.io/os", "linux");
		rc = cluster_create(c, &call, fresh, &made, err);
		json_decref(fresh);
		json_decref(made);
	}
	json_decref(node);
	resource_call_release(&call);
	if (rc < 0)
		return -1;
	call.subresource = "status";
	rc = cluster_modify(c, &call, fill, now, NULL, err);
	resource_call_release(&call);
	return rc;
}
