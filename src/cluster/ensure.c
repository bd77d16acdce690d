/* What controllers do all day: find, modify, make it so. See resource.h. */
#include "cluster/write.h"

enum { TRIES_MAX = 100 };

json_t *cluster_find(struct cluster *c, const struct kind *k, const char *namespace, const char *name)
{
	struct resource_call call = { .kind = k, .namespace = namespace, .name = name };
	json_t *out = NULL;
	return cluster_get(c, &call, &out, NULL) == 0 ? out : NULL;
}

int cluster_modify(struct cluster *c, struct resource_call *call, int (*change)(json_t *object, void *ctx, struct err *err),
		   void *ctx, json_t **out, struct err *err)
{
	struct resource_call read = { .kind = call->kind, .namespace = call->namespace, .name = call->name };
	for (int i = 0;; i++) {
		struct err why = { 0 };
		json_t *now = NULL;
		if (cluster_get(c, &read, &now, err) < 0)
			return -1;
		json_t *edited = json_deep_copy(now);
		int rc = change(edited, ctx, err);
		if (rc == 1)
			rc = cluster_update(c, call, edited, out, NULL, &why);
		else if (rc == 0 && out)
			*out = json_incref(now);
		json_decref(edited);
		json_decref(now);
		if (rc == 0 || why.code == ERR_OK)
			return rc;
		if (why.code != ERR_CONFLICT || i == TRIES_MAX) {
			if (err)
				*err = why;
			return -1;
		}
	}
}

/* Puts what `want` has into `have`, objects key by key, everything else as a whole. */
static void merge(json_t *have, const json_t *want)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)want, key, v)
	{
		json_t *mine = json_object_get(have, key);
		if (json_is_object(v) && json_is_object(mine))
			merge(mine, v);
		else if (!mine || !json_equal(mine, v))
			json_object_set_new(have, key, json_deep_copy(v));
	}
}

static bool same_owner(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "uid"), json_object_get(b, "uid"));
}

static void merge_owners(json_t *meta, const json_t *want)
{
	const json_t *w;
	size_t i, k;
	json_t *list = json_object_get(meta, "ownerReferences"), *have;
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(meta, "ownerReferences", list);
	}
	json_array_foreach(want, i, w)
	{
		bool found = false;
		json_array_foreach(list, k, have)
		{
			if (same_owner(have, w)) {
				merge(have, w);
				found = true;
			}
		}
		if (!found)
			json_array_append_new(list, json_deep_copy(w));
	}
}

static int make_so(json_t *object, void *ctx, struct err *err)
{
	(void)err;
	const struct resource_call *call = ((const void **)ctx)[0];
	const json_t *want = ((const void **)ctx)[1], *want_meta = json_object_get(want, "metadata"), *v;
	static const char *const maps[] = { "labels", "annotations" };
	const char *key;
	if (call->subresource) {
		if (json_object_get(want, "status"))
			json_object_set_new(object, "status", json_deep_copy(json_object_get(want, "status")));
		return 1;
	}
	json_t *meta = document_meta(object);
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		json_t *wanted = json_object_get(want_meta, maps[i]), *mine = json_object_get(meta, maps[i]);
		if (json_object_size(wanted) == 0)
			continue;
		if (json_is_object(mine))
			merge(mine, wanted);
		else
			json_object_set_new(meta, maps[i], json_deep_copy(wanted));
	}
	if (json_array_size(json_object_get(want_meta, "ownerReferences")) > 0)
		merge_owners(meta, json_object_get(want_meta, "ownerReferences"));
	json_object_foreach((json_t *)want, key, v)
	{
		if (!strcmp(key, "metadata") || !strcmp(key, "apiVersion") || !strcmp(key, "kind") || !strcmp(key, "status"))
			continue;
		json_t *mine = json_object_get(object, key);
		if (json_is_object(v) && json_is_object(mine))
			merge(mine, v);
		else
			json_object_set_new(object, key, json_deep_copy(v));
	}
	return 1;
}

int cluster_ensure(struct cluster *c, struct resource_call *call, const json_t *object, json_t **out, bool *changed,
		   struct err *err)
{
	struct resource_call inner = *call;
	const void *ctx[2] = { &inner, object };
	const char *name = document_str(object, "name"), *namespace_ = document_str(object, "namespace");
	json_t *result = NULL, *before = NULL;
	int rc = -1;
	if (!inner.name)
		inner.name = name;
	if ((!inner.namespace || !*inner.namespace) && (call->kind->flags & KIND_NAMESPACED))
		inner.namespace = namespace_;
	for (int i = 0; i < TRIES_MAX; i++) {
		struct err why = { 0 };
		before = cluster_find(c, call->kind, inner.namespace, inner.name);
		rc = before || inner.subresource ? cluster_modify(c, &inner, make_so, ctx, &result, &why)
						 : cluster_create(c, &inner, object, &result, &why);
		if (rc == 0 || inner.subresource || (before ? why.code != ERR_NOT_FOUND : why.code != ERR_EXISTS)) {
			if (rc < 0 && err)
				*err = why;
			break;
		}
		json_decref(before);
		before = NULL;
	}
	if (rc == 0 && changed)
		*changed = !before || strcmp(document_str(before, "resourceVersion"),
					     document_str(result, "resourceVersion")) != 0;
	json_decref(before);
	call->causes = inner.causes;
	call->warnings = inner.warnings;
	if (rc == 0 && out)
		*out = result;
	else
		json_decref(result);
	return rc;
}

json_t *cluster_owner_reference(const json_t *owner)
{
	const json_t *meta = json_object_get(owner, "metadata");
	return json_pack("{s:O,s:O,s:O,s:O,s:b,s:b}", "apiVersion", json_object_get(owner, "apiVersion"), "kind",
			 json_object_get(owner, "kind"), "name", json_object_get(meta, "name"), "uid",
			 json_object_get(meta, "uid"), "controller", 1, "blockOwnerDeletion", 1);
}
