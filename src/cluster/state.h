/*
 * Inside of the resource store: what the files behind resource.h share. Not for others.
 *
 * One `struct collection` a resource (group and plural; versions of a kind share it) holds its objects in order, the
 * events that watches read, and the watches. Everything a reader sees changes in one place, commit_publish, under
 * the write side of `lock`, in the order of resourceVersions.
 *
 * Locks, outermost first: `crd_lock`, `serial_lock` (kinds with KIND_SERIAL), `kinds_lock` (registry), `write_lock` (a
 * store without a database), `lock` (objects, events, watches, indexes). A wake and the collector's queue are called
 * with `lock` held.
 */
#ifndef CORACLE_CLUSTER_STATE_H
#define CORACLE_CLUSTER_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "cluster/queue.h"
#include "cluster/resource.h"

#define GROUP_CRD "apiextensions.k8s.io"
#define MANAGER_CONTROLLER "kube-controller-manager"
#define FINALIZER_ORPHAN "orphan"
#define FINALIZER_FOREGROUND "foregroundDeletion"
#define FINALIZER_CRD "customresourcecleanup.apiextensions.k8s.io"
#define FINALIZER_NAMESPACE "kubernetes"

/* What struct err's `sub` says of a commit that was refused. */
enum commit_refusal {
	COMMIT_STALE = 1,     /* the object is not the one that was read */
	COMMIT_NO_NAMESPACE,  /* gone since it was looked at */
	COMMIT_ENDING,	      /* the namespace is being deleted */
};

/* One object. Entries keep their address while the object exists. */
struct entry {
	struct collection *in;
	char *namespace_, *name; /* one allocation, freed by namespace_ */
	json_t *object;		 /* the stored form */
	int64_t version;
	int64_t expires_ns; /* wall clock; 0: never */
};

/* One change as watches see it. A creation has no `before`. A deletion's `after` is the last state with the version of
 * the deletion. */
struct event {
	int64_t version, at_ns;
	json_t *before, *after;
	bool deleted;
};

struct collection {
	char *key;	     /* "pods", "deployments.apps" */
	char *group, *plural; /* what key is made of */
	VEC(struct entry *) entries; /* by namespace, then name */

	struct event *events; /* ring: event number s lies at s % events_cap */
	size_t events_cap;
	uint64_t events_first, events_end; /* numbers of the oldest and one past the newest */
	int64_t floor;	   /* every event with a later version is here */
	int64_t newest;	   /* version of the last change */

	VEC(struct watch *) watches;
	VEC(struct kind_hooks) hooks; /* of cluster_hooks_set */
	/* of the kind that is stored; set when the kind is added */
	unsigned flags;
	int64_t ttl_s;
};

/* What an owner's uid leads to. */
struct dependents {
	VEC(struct entry *) entries;
};

struct cluster {
	const struct clock *clock;
	const struct random *random;
	struct db *db;

	pthread_rwlock_t kinds_lock;
	VEC(const struct kind *) kinds; /* references */
	atomic_uint_fast64_t kinds_generation;

	pthread_rwlock_t lock;
	struct map collections; /* key -> struct collection; none is removed before cluster_free */
	VEC(struct collection *) collections_in_order;
	struct map uids;   /* uid -> struct entry */
	struct map owners; /* uid -> struct dependents */
	int64_t version;   /* of the newest change that is visible */

	pthread_mutex_t write_lock; /* without a database */
	int64_t assigned; /* last resourceVersion handed out; the database's writer thread, or under write_lock */

	pthread_mutex_t serial_lock; /* held by a write of a kind with KIND_SERIAL, from its read to its commit */
	pthread_mutex_t crd_lock; /* from reading a definition to serving it; outermost */

	struct queue *collector;
	struct collection *namespaces, *crds;
};

/* ---- collections (collection.c); the caller holds `lock` ---- */

/* Finds or makes. */
struct collection *collection_get(struct cluster *c, const char *group, const char *plural);
struct collection *collection_of_key(struct cluster *c, const char *key);
/* Index of the first entry not before (namespace, name). */
size_t collection_seek(const struct collection *in, const char *namespace_, const char *name);
struct entry *collection_find(const struct collection *in, const char *namespace_, const char *name);
void collection_free(struct collection *in);
/* Drops events beyond what the limits keep. */
void collection_trim(struct collection *in, int64_t now_ns);
/* Takes over the references in `e`. */
void collection_event(struct collection *in, const struct event *e);
/* Makes or replaces; takes over the reference to `object`. */
struct entry *collection_put(struct cluster *c, struct collection *in, const char *namespace_, const char *name,
			     json_t *object, int64_t version);
void collection_remove(struct cluster *c, struct collection *in, const char *namespace_, const char *name);
/* While loading: appends, in order; takes over the reference. */
struct entry *collection_load(struct cluster *c, struct collection *in, const char *namespace_, const char *name,
			      json_t *object, int64_t version);

/* The collection of a kind; takes `lock`. Collections live as long as the cluster. */
struct collection *cluster_collection(struct cluster *c, const struct kind *k);

/* ---- forms (view.c) ---- */

/* New references. The version that `k` is of the stored form, and the other way round. */
json_t *view_of(const struct kind *k, json_t *stored);
json_t *stored_of(const struct kind *k, json_t *object);
struct selector;
/* Field selectors name the fields of the version that is asked. */
bool view_matches(const struct kind *k, const struct selector *labels, const struct selector *fields, json_t *stored);

/* ---- commits (commit.c) ---- */

enum change_verb { CHANGE_CREATE, CHANGE_REPLACE, CHANGE_DELETE };

struct change {
	struct cluster *cluster;
	struct collection *in;
	enum change_verb verb;
	const char *namespace_, *name;
	int64_t expected;	/* REPLACE, DELETE: the version that was read */
	json_t *object;		/* the new stored form; NULL for DELETE. Its resourceVersion is filled in */
	struct slice text;	/* of `object` */
	bool ending;		/* the object has a deletionTimestamp */
	bool in_namespace;	/* CREATE: the namespace must be there and not ending */
	int64_t expires_ns;
	int64_t version;	/* out */
	bool refused;		/* out, of commit_all */
};

/* Writes, waits until it is durable and visible. ERR_EXISTS; ERR_CONFLICT with a sub of enum commit_refusal. */
int commit(struct change *ch, struct err *err);
/* Several changes of different objects in one commit. One that is refused has `refused` set and leaves the others alone;
 * -1: none was written. */
int commit_all(struct change *list, size_t n, struct err *err);

/* Reads every row of the database. Before the cluster has threads. */
int commit_load(struct cluster *c, struct err *err);

/* ---- lists (list.c) ---- */

/* ERR_DEADLINE, with its cause in the call. */
int version_too_large(struct resource_call *call, int64_t asked, int64_t current, struct err *err);

/* ---- watches (watch.c) ---- */

/* Something about that object became visible; `lock` is held for writing. */
void watches_wake(struct collection *in, const char *namespace_, const char *name);

/* ---- collector (collector.c) ---- */

int collector_start(struct cluster *c, struct err *err);
/* A change became visible; `lock` is held. before NULL: created, after NULL: deleted. */
void collector_notice(struct cluster *c, struct collection *in, const json_t *before, const json_t *after);
/* After a start: looks at everything once. */
void collector_notice_all(struct cluster *c);
int namespace_collect(struct cluster *c, const char *name, struct err *err);
int crd_collect(struct cluster *c, const char *name, struct err *err);

/* ---- CustomResourceDefinitions (crd.c) ---- */

/* Makes what the definition says: adds, replaces or removes its kinds, and writes its conditions. */
int crd_sync(struct cluster *c, const char *name, struct err *err);
int crd_sync_all(struct cluster *c, struct err *err);

/* ---- kinds (registry.c) ---- */

/* False when a table that is no CRD's serves this resource. */
bool registry_is_free(struct cluster *c, const char *group, const char *plural);
/* Puts `n` kinds (references are taken) in place of all dynamic ones of that resource. */
void registry_replace(struct cluster *c, const char *group, const char *plural, const struct kind *const *kinds, size_t n);

#endif
