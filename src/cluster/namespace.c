/*
 * A namespace that is being deleted: its content is deleted, and once nothing is left its conditions say so and its
 * finalizer goes, and with it the namespace. What has finalizers of its own is waited for; their removal wakes us.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "cluster/write.h"
#include "codec/time.h"

struct content {
	struct collection *in;
	size_t n, with_finalizers;
	char *finalizer; /* one of them */
};

/* What lies in the namespace, by collection. `lock` is not held. */
struct contents {
	VEC(struct content) all;
};

static struct content count(const struct collection *in, const char *name)
{
	struct content out = { .in = (struct collection *)in };
	for (size_t i = collection_seek(in, name, ""); i < in->entries.len; i++) {
		const struct entry *e = in->entries.ptr[i];
		if (strcmp(e->namespace_, name) != 0)
			break;
		out.n++;
		const char *finalizer = json_string_value(
			json_array_get(json_object_get(json_object_get(e->object, "metadata"), "finalizers"), 0));
		if (!finalizer)
			continue;
		out.with_finalizers++;
		if (!out.finalizer && !(out.finalizer = strdup(finalizer)))
			abort();
	}
	return out;
}

static void take(struct cluster *c, const char *name, struct contents *out)
{
	for (size_t i = 0; i < out->all.len; i++)
		free(out->all.ptr[i].finalizer);
	out->all.len = 0;
	pthread_rwlock_rdlock(&c->lock);
	for (size_t i = 0; i < c->collections_in_order.len; i++) {
		struct content found = count(c->collections_in_order.ptr[i], name);
		if (found.n > 0)
			*vec_push(&out->all) = found;
	}
	pthread_rwlock_unlock(&c->lock);
}

static int delete_content(struct cluster *c, const char *name, const struct contents *contents, struct err *err)
{
	for (size_t i = 0; i < contents->all.len; i++) {
		const struct collection *in = contents->all.ptr[i].in;
		const struct kind *k = cluster_kind(c, in->group, NULL, in->plural);
		struct resource_call call = { .kind = k, .namespace = name, .manager = MANAGER_CONTROLLER };
		struct delete_options o = { .propagation = DELETE_BACKGROUND, .grace_s = -1 };
		int rc = k ? cluster_delete_collection(c, &call, NULL, &o, NULL, err) : 0;
		resource_call_release(&call);
		kind_unref(k);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* "pods. has 1 resource instances, deployments.apps has 2 resource instances" as the namespace controller writes it. */
static char *remaining_text(const struct contents *contents)
{
	struct buf b;
	buf_init(&b, 4096);
	buf_str(&b, "Some resources are remaining: ");
	for (size_t i = 0; i < contents->all.len; i++)
		buf_printf(&b, "%s%s.%s has %zu resource instances", i ? ", " : "", contents->all.ptr[i].in->plural,
			   contents->all.ptr[i].in->group, contents->all.ptr[i].n);
	return b.ptr;
}

static char *finalizers_text(const struct contents *contents)
{
	struct buf b;
	bool any = false;
	buf_init(&b, 4096);
	buf_str(&b, "Some content in the namespace has finalizers remaining: ");
	for (size_t i = 0; i < contents->all.len; i++) {
		const struct content *found = &contents->all.ptr[i];
		if (!found->with_finalizers)
			continue;
		buf_printf(&b, "%s%s in %zu resource instances", any ? ", " : "", found->finalizer, found->with_finalizers);
		any = true;
	}
	if (any)
		return b.ptr;
	buf_release(&b);
	return NULL;
}

struct conditions {
	const char *now;
	char *remaining, *finalizers;
};

static void set_condition(json_t *list, const char *type, bool status, const char *reason, const char *message,
			  const char *now)
{
	const char *word = status ? "True" : "False";
	json_t *c;
	size_t i;
	json_array_foreach(list, i, c)
	{
		const char *had = json_string_value(json_object_get(c, "type")),
			   *was = json_string_value(json_object_get(c, "status"));
		if (!had || strcmp(had, type) != 0)
			continue;
		if (!was || strcmp(was, word) != 0)
			json_object_set_new(c, "lastTransitionTime", json_string(now));
		json_object_set_new(c, "status", json_string(word));
		json_object_set_new(c, "reason", json_string(reason));
		json_object_set_new(c, "message", json_string(message));
		return;
	}
	json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", type, "status", word, "lastTransitionTime", now,
					      "reason", reason, "message", message));
}

static int set_conditions(json_t *object, void *ctx, struct err *err)
{
	const struct conditions *c = ctx;
	(void)err;
	json_t *status = json_object_get(object, "status"), *list = json_object_get(status, "conditions");
	if (!json_is_array(list)) {
		list = json_array();
		document_set(object, "status.conditions", list);
	}
	set_condition(list, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
		      "All resources successfully discovered", c->now);
	set_condition(list, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
		      "All legacy kube types successfully parsed", c->now);
	set_condition(list, "NamespaceDeletionContentFailure", false, "ContentDeleted",
		      "All content successfully deleted, may be waiting on finalization", c->now);
	set_condition(list, "NamespaceContentRemaining", c->remaining, c->remaining ? "SomeResourcesRemain" : "ContentRemoved",
		      c->remaining ? c->remaining : "All content successfully removed", c->now);
	set_condition(list, "NamespaceFinalizersRemaining", c->finalizers,
		      c->finalizers ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
		      c->finalizers ? c->finalizers : "All content-preserving finalizers finished", c->now);
	return 1;
}

static int drop_finalizer(json_t *object, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	json_t *spec = json_object_get(object, "spec"), *list = json_object_get(spec, "finalizers"), *v;
	size_t i;
	json_array_foreach(list, i, v)
	{
		if (json_is_string(v) && !strcmp(json_string_value(v), FINALIZER_NAMESPACE)) {
			json_array_remove(list, i);
			return 1;
		}
	}
	return 0;
}

static int tell(struct cluster *c, const struct kind *k, const char *name, const struct contents *contents, struct err *err)
{
	char now[TIME_TEXT_BYTES];
	struct resource_call call = { .kind = k, .name = name, .subresource = "status", .manager = MANAGER_CONTROLLER };
	struct conditions conditions = { .now = now };
	time_format_rfc3339(clock_wall_ns(c->clock), now, sizeof now);
	if (contents->all.len > 0) {
		conditions.remaining = remaining_text(contents);
		conditions.finalizers = finalizers_text(contents);
	}
	int rc = cluster_modify(c, &call, set_conditions, &conditions, NULL, err);
	resource_call_release(&call);
	free(conditions.remaining);
	free(conditions.finalizers);
	return rc;
}

static int finish(struct cluster *c, const struct kind *k, const char *name, struct err *err)
{
	struct err why = { 0 };
	struct resource_call call = { .kind = k, .name = name, .subresource = "finalize", .manager = MANAGER_CONTROLLER };
	int rc = cluster_modify(c, &call, drop_finalizer, NULL, NULL, &why);
	resource_call_release(&call);
	if (rc < 0 && why.code != ERR_NOT_FOUND) {
		*err = why;
		return -1;
	}
	return 0;
}

int namespace_collect(struct cluster *c, const char *name, struct err *err)
{
	struct contents contents = { 0 };
	const struct kind *k = cluster_kind(c, "", "v1", "namespaces");
	json_t *ns = k ? cluster_find(c, k, NULL, name) : NULL;
	int rc = 0;
	if (ns && document_is_ending(ns)) {
		take(c, name, &contents);
		rc = delete_content(c, name, &contents, err);
		take(c, name, &contents);
		if (rc == 0)
			rc = tell(c, k, name, &contents, err);
		if (rc == 0 && contents.all.len == 0)
			rc = finish(c, k, name, err);
	}
	for (size_t i = 0; i < contents.all.len; i++)
		free(contents.all.ptr[i].finalizer);
	vec_release(&contents.all);
	json_decref(ns);
	kind_unref(k);
	return rc;
}
