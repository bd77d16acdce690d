/* A resource store with a few kinds, in memory or on a database that can be closed and opened again. */
#ifndef TESTS_CLUSTER_FIXTURE_H
#define TESTS_CLUSTER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "cluster/resource.h"
#include "codec/json.h"
#include "control/kinds/types.h"
#include "store/db.h"

static const char *const deployment_immutable[] = { "spec.selector", NULL };
static const char *const pod_fields[] = { "spec.nodeName", "status.phase", NULL };
static const struct kind_scale deployment_scale = { "spec.replicas", "status.replicas", "spec.selector" };

static const struct kind namespace_kind = {
	.group = "",
	.version = "v1",
	.kind = "Namespace",
	.plural = "namespaces",
	.singular = "namespace",
	.flags = KIND_STATUS | KIND_UNCONDITIONAL | KIND_DELETE_RETURNS_OBJECT,
	.names = NAMES_LABEL,
	.type = &type_core_Namespace,
};
static const struct kind config_kind = {
	.group = "",
	.version = "v1",
	.kind = "ConfigMap",
	.plural = "configmaps",
	.singular = "configmap",
	.flags = KIND_NAMESPACED | KIND_UNCONDITIONAL,
	.type = &type_core_ConfigMap,
};
static const struct kind pod_kind = {
	.group = "",
	.version = "v1",
	.kind = "Pod",
	.plural = "pods",
	.singular = "pod",
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_UNCONDITIONAL | KIND_GRACE | KIND_DELETE_RETURNS_OBJECT,
	.selectable = pod_fields,
	.type = &type_core_Pod,
};
static const struct kind account_kind = {
	.group = "",
	.version = "v1",
	.kind = "ServiceAccount",
	.plural = "serviceaccounts",
	.singular = "serviceaccount",
	.flags = KIND_NAMESPACED | KIND_UNCONDITIONAL,
	.type = &type_core_ServiceAccount,
};
static const struct kind event_kind = {
	.group = "",
	.version = "v1",
	.kind = "Event",
	.plural = "events",
	.singular = "event",
	.flags = KIND_NAMESPACED | KIND_UNCONDITIONAL | KIND_TTL,
	.ttl_s = 3600,
	.type = &type_core_Event,
};
static const struct kind deployment_kind = {
	.group = "apps",
	.version = "v1",
	.kind = "Deployment",
	.plural = "deployments",
	.singular = "deployment",
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_GENERATION | KIND_UNCONDITIONAL,
	.scale = &deployment_scale,
	.immutable = deployment_immutable,
	.type = &type_apps_Deployment,
};
static const struct kind crd_kind = {
	.group = "apiextensions.k8s.io",
	.version = "v1",
	.kind = "CustomResourceDefinition",
	.plural = "customresourcedefinitions",
	.singular = "customresourcedefinition",
	.flags = KIND_STATUS | KIND_GENERATION | KIND_UNCONDITIONAL,
	.type = &type_apiextensions_CustomResourceDefinition,
};

/* A clock that stands until it is moved. */
static atomic_llong now_ns = (long long)1700000000 * 1000000000;

static int64_t stopped(const struct clock *c)
{
	(void)c;
	return atomic_load(&now_ns);
}

static const struct clock stopped_clock = { stopped, stopped };

struct fixture {
	char dir[64], path[128];
	struct db *db;
	struct cluster *c;
};

static int open_store(struct fixture *f, bool on_disk)
{
	static const struct kind *const kinds[] = { &namespace_kind, &config_kind, &pod_kind, &account_kind,
						    &event_kind,     &deployment_kind, &crd_kind };
	struct err err = { 0 };
	if (on_disk && cluster_db_open(f->path, &f->db, &err) < 0) {
		print_error("%s\n", err.message);
		return -1;
	}
	struct cluster_options o = { .clock = &stopped_clock, .db = f->db };
	if (cluster_new(&o, &f->c, &err) < 0) {
		print_error("%s\n", err.message);
		return -1;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		cluster_kind_add(f->c, kinds[i], &err);
	if (cluster_start(f->c, &err) < 0) {
		print_error("%s\n", err.message);
		return -1;
	}
	return 0;
}

static void close_store(struct fixture *f)
{
	if (f->c)
		cluster_settle(f->c);
	cluster_free(f->c);
	db_close(f->db);
	f->c = NULL;
	f->db = NULL;
}

static int setup_memory(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	*state = f;
	return open_store(f, false);
}

static inline int setup_disk(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	snprintf(f->dir, sizeof f->dir, "/tmp/test-cluster-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof f->path, "%s/cluster.db", f->dir);
	*state = f;
	return open_store(f, true);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	close_store(f);
	if (f->dir[0])
		fs_remove_tree(f->dir, NULL);
	free(f);
	return 0;
}

/* ---- calls that must succeed ---- */

#define ok(call)                                            \
	do {                                                \
		struct err ok_err = { 0 }, *err = &ok_err; \
		if ((call) < 0) {                           \
			print_error("%s\n", err->message);  \
			fail_msg("%s", #call);              \
		}                                           \
	} while (0)

#define refused(call, wanted_code, wanted_message)               \
	do {                                                     \
		struct err refused_err = { 0 }, *err = &refused_err; \
		assert_int_equal((call), -1);                    \
		assert_string_equal(err->message, wanted_message); \
		assert_int_equal(err->code, wanted_code);        \
	} while (0)

static json_t *parse(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
	assert_non_null(v);
	return v;
}

static inline json_t *create(struct fixture *f, const struct kind *k, const char *namespace_, const char *text)
{
	struct resource_call call = { .kind = k, .namespace = namespace_, .manager = "test" };
	json_t *object = parse(text), *out = NULL;
	ok(cluster_create(f->c, &call, object, &out, err));
	json_decref(object);
	resource_call_release(&call);
	return out;
}

static inline json_t *make(struct fixture *f, const struct kind *k, const char *namespace_, const char *name)
{
	char text[300];
	snprintf(text, sizeof text, "{\"metadata\":{\"name\":\"%s\"}}", name);
	return create(f, k, namespace_, text);
}

static inline json_t *get(struct fixture *f, const struct kind *k, const char *namespace_, const char *name)
{
	return cluster_find(f->c, k, namespace_, name);
}

static inline const char *str(const json_t *o, const char *path)
{
	const char *s = json_str_at(o, path);
	return s ? s : "";
}

static inline long long version_of(const json_t *o)
{
	return strtoll(str(o, "metadata.resourceVersion"), NULL, 10);
}

/* Sets data.key of a ConfigMap. */
static inline json_t *set_data(struct fixture *f, const char *namespace_, const char *name, const char *key,
			       const char *value)
{
	struct resource_call call = { .kind = &config_kind, .namespace = namespace_, .name = name, .manager = "test" };
	struct patch_options o = { .type = PATCH_MERGE };
	json_t *patch = json_pack("{s:{s:s}}", "data", key, value), *out = NULL;
	ok(cluster_patch(f->c, &call, &o, patch, &out, NULL, err));
	json_decref(patch);
	resource_call_release(&call);
	return out;
}

static inline void erase(struct fixture *f, const struct kind *k, const char *namespace_, const char *name)
{
	struct resource_call call = { .kind = k, .namespace = namespace_, .name = name };
	ok(cluster_delete(f->c, &call, NULL, NULL, NULL, err));
	resource_call_release(&call);
}

#endif
