/*
 * The kinds that the store knows, in the order they were added. Built-in tables come first and stay; those of
 * CustomResourceDefinitions come and go, and never take the place of a table.
 */
#include "cluster/state.h"

#include <stdlib.h>

static bool same_resource(const struct kind *k, const char *group, const char *plural)
{
	return !strcmp(k->plural, plural) && !strcmp(k->group, group);
}

static void changed(struct cluster *c)
{
	atomic_fetch_add(&c->kinds_generation, 1);
}

int cluster_kind_add(struct cluster *c, const struct kind *k, struct err *err)
{
	if (!k->group || !k->version || !k->kind || !k->plural)
		return err_set(err, ERR_INVALID, "a kind needs group, version, kind and plural");
	struct collection *in = cluster_collection(c, k);
	pthread_rwlock_wrlock(&c->lock);
	in->flags = kind_storage(k)->flags;
	in->ttl_s = kind_storage(k)->ttl_s;
	pthread_rwlock_unlock(&c->lock);

	pthread_rwlock_wrlock(&c->kinds_lock);
	size_t i = 0;
	while (i < c->kinds.len &&
	       (!same_resource(c->kinds.ptr[i], k->group, k->plural) || strcmp(c->kinds.ptr[i]->version, k->version) != 0))
		i++;
	if (i < c->kinds.len)
		kind_unref(c->kinds.ptr[i]);
	else
		(void)vec_push(&c->kinds);
	c->kinds.ptr[i] = kind_ref(k);
	changed(c);
	pthread_rwlock_unlock(&c->kinds_lock);
	return 0;
}

bool registry_is_free(struct cluster *c, const char *group, const char *plural)
{
	bool is_free = true;
	pthread_rwlock_rdlock(&c->kinds_lock);
	for (size_t i = 0; i < c->kinds.len; i++)
		if (same_resource(c->kinds.ptr[i], group, plural) && !c->kinds.ptr[i]->dynamic)
			is_free = false;
	pthread_rwlock_unlock(&c->kinds_lock);
	return is_free;
}

void registry_replace(struct cluster *c, const char *group, const char *plural, const struct kind *const *kinds, size_t n)
{
	size_t kept = 0;
	if (n > 0)
		(void)cluster_collection(c, kinds[0]);
	pthread_rwlock_wrlock(&c->kinds_lock);
	for (size_t i = 0; i < c->kinds.len; i++) {
		const struct kind *k = c->kinds.ptr[i];
		if (k->dynamic && same_resource(k, group, plural))
			kind_unref(k);
		else
			c->kinds.ptr[kept++] = k;
	}
	c->kinds.len = kept;
	for (size_t i = 0; i < n; i++)
		*vec_push(&c->kinds) = kind_ref(kinds[i]);
	changed(c);
	pthread_rwlock_unlock(&c->kinds_lock);
}

int cluster_hooks_set(struct cluster *c, const char *group, const char *plural, const struct kind_hooks *hooks,
		      struct err *err)
{
	(void)err;
	pthread_rwlock_wrlock(&c->lock);
	*vec_push(&collection_get(c, group, plural)->hooks) = *hooks;
	pthread_rwlock_unlock(&c->lock);
	return 0;
}

const struct kind *cluster_kind(struct cluster *c, const char *group, const char *version, const char *plural)
{
	const struct kind *found = NULL;
	pthread_rwlock_rdlock(&c->kinds_lock);
	for (size_t i = 0; i < c->kinds.len && !found; i++) {
		const struct kind *k = c->kinds.ptr[i];
		if (same_resource(k, group, plural) && (!version || !strcmp(k->version, version)))
			found = kind_ref(k);
	}
	pthread_rwlock_unlock(&c->kinds_lock);
	return found;
}

const struct kind *cluster_kind_of(struct cluster *c, const char *api_version, const char *kind)
{
	const char *slash = strchr(api_version, '/'), *version = slash ? slash + 1 : api_version;
	struct slice group = slice_of(api_version, slash ? (size_t)(slash - api_version) : 0);
	const struct kind *found = NULL;
	pthread_rwlock_rdlock(&c->kinds_lock);
	for (size_t i = 0; i < c->kinds.len && !found; i++) {
		const struct kind *k = c->kinds.ptr[i];
		if (!strcmp(k->kind, kind) && !strcmp(k->version, version) && slice_is(group, k->group))
			found = kind_ref(k);
	}
	pthread_rwlock_unlock(&c->kinds_lock);
	return found;
}

void cluster_kinds_each(struct cluster *c, void (*fn)(void *ctx, const struct kind *k), void *ctx)
{
	pthread_rwlock_rdlock(&c->kinds_lock);
	for (size_t i = 0; i < c->kinds.len; i++)
		fn(ctx, c->kinds.ptr[i]);
	pthread_rwlock_unlock(&c->kinds_lock);
}

uint64_t cluster_kinds_generation(struct cluster *c)
{
	return atomic_load(&c->kinds_generation);
}
