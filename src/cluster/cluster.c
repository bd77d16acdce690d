/* The life of the store: load, start, stop. See resource.h and state.h. */
#include <stdlib.h>

#include "cluster/state.h"

static void lock_init(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attr;
	pthread_rwlockattr_init(&attr);
	/* glibc lets readers starve a writer otherwise; nobody takes one of these twice. */
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attr);
	pthread_rwlockattr_destroy(&attr);
}

int cluster_new(const struct cluster_options *o, struct cluster **out, struct err *err)
{
	struct cluster *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	json_object_seed(0); /* before there are threads that could do it at once */
	c->clock = o->clock ? o->clock : &clock_os;
	c->random = o->random ? o->random : &random_os;
	c->db = o->db;
	lock_init(&c->kinds_lock);
	lock_init(&c->lock);
	pthread_mutex_init(&c->write_lock, NULL);
	pthread_mutex_init(&c->crd_lock, NULL);
	pthread_mutex_init(&c->serial_lock, NULL);
	map_init(&c->collections);
	map_init(&c->uids);
	map_init(&c->owners);
	atomic_init(&c->kinds_generation, 1);
	c->namespaces = collection_get(c, "", "namespaces");
	c->crds = collection_get(c, GROUP_CRD, "customresourcedefinitions");
	if (c->db && commit_load(c, err) < 0) {
		cluster_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

static int ensure_namespace(struct cluster *c, const struct kind *k, const char *name, struct err *err)
{
	struct resource_call call = { .kind = k, .manager = "kube-apiserver" };
	struct err why = { 0 };
	json_t *out = NULL, *object = json_pack("{s:s,s:s,s:{s:s}}", "apiVersion", "v1", "kind", "Namespace", "metadata",
						"name", name);
	int rc = cluster_create(c, &call, object, &out, &why);
	json_decref(object);
	json_decref(out);
	resource_call_release(&call);
	if (rc < 0 && why.code != ERR_EXISTS) {
		if (err)
			*err = why;
		return -1;
	}
	return 0;
}

int cluster_start(struct cluster *c, struct err *err)
{
	static const char *const names[] = { "kube-system", "kube-public", "default", "kube-node-lease" };
	const struct kind *k = cluster_kind(c, "", "v1", "namespaces");
	int rc = k ? 0 : err_set(err, ERR_INTERNAL, "the kind Namespace has not been added");
	for (size_t i = 0; rc == 0 && i < sizeof names / sizeof *names; i++) {
		pthread_rwlock_rdlock(&c->lock);
		bool there = collection_find(c->namespaces, "", names[i]) != NULL;
		pthread_rwlock_unlock(&c->lock);
		if (!there)
			rc = ensure_namespace(c, k, names[i], err);
	}
	kind_unref(k);
	if (rc < 0 || crd_sync_all(c, err) < 0 || collector_start(c, err) < 0)
		return -1;
	collector_notice_all(c);
	return 0;
}

void cluster_free(struct cluster *c)
{
	if (!c)
		return;
	queue_free(c->collector);
	for (size_t i = 0; i < c->collections_in_order.len; i++)
		collection_free(c->collections_in_order.ptr[i]);
	for (size_t i = 0; i < c->kinds.len; i++)
		kind_unref(c->kinds.ptr[i]);
	size_t i = 0;
	struct slice key;
	void *d;
	while (map_next(&c->owners, &i, &key, &d)) {
		vec_release(&((struct dependents *)d)->entries);
		free(d);
	}
	vec_release(&c->collections_in_order);
	vec_release(&c->kinds);
	map_release(&c->collections);
	map_release(&c->uids);
	map_release(&c->owners);
	pthread_rwlock_destroy(&c->kinds_lock);
	pthread_rwlock_destroy(&c->lock);
	pthread_mutex_destroy(&c->write_lock);
	pthread_mutex_destroy(&c->crd_lock);
	pthread_mutex_destroy(&c->serial_lock);
	free(c);
}

const struct clock *cluster_clock(const struct cluster *c)
{
	return c->clock;
}
