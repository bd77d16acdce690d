/*
 * The resource store: objects of any kind, held in memory, written through the database, watched.
 *
 * - An object given out is a new reference to an immutable document shared with everybody: never change it;
 *   json_deep_copy first. Objects given in are copied where they are kept.
 * - All functions may block (a write waits for its commit) and may be called from any thread but an event loop's.
 *   Reads (get, list, watch_next) take a short lock only and are fit for a loop.
 * - resourceVersion is one sequence for the whole store, handed out in commit order; an object, its list and its watch
 *   events are visible after the commit of its write, in that order, and a write returns after it is visible.
 * - A write that changes nothing after defaulting keeps resourceVersion, generation and managedFields, and makes no event.
 * - Errors: struct err has code and the API server's message; more (causes of a 422 or of an apply conflict, warnings)
 *   is left in the call's `causes` and `warnings`.
 */
#ifndef CORACLE_CLUSTER_RESOURCE_H
#define CORACLE_CLUSTER_RESOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "cluster/identity.h"
#include "cluster/kind.h"

struct cluster;
struct db;

struct cluster_options {
	const struct clock *clock;   /* NULL: clock_os */
	const struct random *random; /* NULL: random_os */
	struct db *db;		     /* NULL: in memory only (tests) */
};

/* Opens cluster.db with the migrations that the store needs. */
int cluster_db_open(const char *path, struct db **out, struct err *err);
/* Checks every page, row and version; `fault` is called for each finding. -1 only when the check could not be made. */
int cluster_db_fsck(struct db *db, void (*fault)(void *arg, const char *text), void *arg, int64_t *objects,
		    struct err *err);

/* Loads what the database holds. Kinds are added next (cluster_kind_add), then cluster_start makes the four namespaces
 * and starts the collector thread (owner references, namespaces, expiry). */
int cluster_new(const struct cluster_options *options, struct cluster **out, struct err *err);
int cluster_start(struct cluster *c, struct err *err);
/* No call is running any more and no watch is open. */
void cluster_free(struct cluster *c);
const struct clock *cluster_clock(const struct cluster *c);
/* Waits until the collector has nothing to do: for tests and for a clean shutdown. */
void cluster_settle(struct cluster *c);

/* ---- kinds ---- */

/* `k` outlives the cluster, or is dynamic and referenced. A kind with the same group, version and plural is replaced. */
int cluster_kind_add(struct cluster *c, const struct kind *k, struct err *err);
/* Hooks that run after the table's own, for every version of that resource. Before cluster_start. */
int cluster_hooks_set(struct cluster *c, const char *group, const char *plural, const struct kind_hooks *hooks,
		      struct err *err);
/* A new reference (kind_unref), or NULL. `version` NULL: the first one added. */
const struct kind *cluster_kind(struct cluster *c, const char *group, const char *version, const char *plural);
const struct kind *cluster_kind_of(struct cluster *c, const char *api_version, const char *kind);
/* Calls fn for every kind, in the order they were added (core first); under a read lock: fn must not call back. */
void cluster_kinds_each(struct cluster *c, void (*fn)(void *ctx, const struct kind *k), void *ctx);
/* Grows whenever a kind is added or removed: the ETag of discovery. */
uint64_t cluster_kinds_generation(struct cluster *c);

/* ---- one call ---- */

enum field_validation { FIELDS_IGNORE, FIELDS_WARN, FIELDS_STRICT };

/* Who asks for what. Zeroed but for kind and name is a good call from inside. */
struct resource_call {
	const struct kind *kind;
	const char *namespace;	 /* NULL or "" for cluster-scoped kinds, or all namespaces (list, watch) */
	const char *name;	 /* NULL for create, list */
	const char *subresource; /* NULL, "status", "scale", "finalize" (Namespace) */
	const char *manager;	 /* fieldManager; NULL: the first part of the user agent as the caller derives it, or "coracle" */
	const struct user *user; /* NULL: the program itself */
	bool dry_run;
	enum field_validation fields; /* what unknown fields do */
	/* out, owned by the call: resource_call_release */
	json_t *causes;	      /* array of {reason, message, field}, or NULL */
	json_t *warnings;     /* array of strings, or NULL */
	char *continue_token; /* of a list that was refused with ERR_GONE: goes on with the present; or NULL */
};

void resource_call_release(struct resource_call *call);

/* create: metadata.name, or generateName. ERR_EXISTS, ERR_UNPROCESSABLE, ERR_NOT_FOUND (namespace), ERR_FORBIDDEN
 * (namespace is terminating), ERR_TOO_LARGE, ERR_INVALID (strict decoding, names that do not agree with the call). */
int cluster_create(struct cluster *c, struct resource_call *call, const json_t *object, json_t **out, struct err *err);
/* ERR_NOT_FOUND with the API server's text. */
int cluster_get(struct cluster *c, struct resource_call *call, json_t **out, struct err *err);
/* Replaces. metadata.resourceVersion given and different: ERR_CONFLICT; metadata.uid likewise.
 * *changed (may be NULL): false when nothing was to be written. */
int cluster_update(struct cluster *c, struct resource_call *call, const json_t *object, json_t **out, bool *changed,
		   struct err *err);

enum patch_type { PATCH_JSON, PATCH_MERGE, PATCH_STRATEGIC, PATCH_APPLY };

struct patch_options {
	enum patch_type type;
	bool force; /* PATCH_APPLY: take ownership of what others own */
};

/* *created (may be NULL): true when PATCH_APPLY made the object. Retries by itself when the object changed meanwhile,
 * unless the patch carries a resourceVersion. */
int cluster_patch(struct cluster *c, struct resource_call *call, const struct patch_options *options,
		  const json_t *patch, json_t **out, bool *created, struct err *err);

enum delete_propagation { DELETE_DEFAULT, DELETE_BACKGROUND, DELETE_FOREGROUND, DELETE_ORPHAN };

struct delete_options {
	enum delete_propagation propagation;
	int64_t grace_s;	       /* -1: the object's own (kinds with KIND_GRACE) */
	const char *uid;	       /* preconditions; NULL: none */
	const char *resource_version;
};

/* *out: the object as it was last (with deletionTimestamp when it still exists). *gone: false while finalizers or
 * dependents hold it. options NULL: defaults. */
int cluster_delete(struct cluster *c, struct resource_call *call, const struct delete_options *options, json_t **out,
		   bool *gone, struct err *err);

/* ---- lists ---- */

struct list_options {
	const char *label_selector; /* text, NULL or "" for all */
	const char *field_selector;
	int64_t limit;		    /* 0: none */
	const char *continue_token;
	const char *resource_version;	    /* NULL or "": now; "0": any; N: at least N, or exactly with `exact` */
	bool exact;			    /* resourceVersionMatch=Exact */
};

struct resource_list {
	json_t *items; /* array of objects in this kind's version, ordered by namespace and name */
	int64_t resource_version;
	char *continue_token; /* NULL at the end */
	int64_t remaining;    /* remainingItemCount, -1 unknown */
};

int cluster_list(struct cluster *c, struct resource_call *call, const struct list_options *options,
		 struct resource_list *out, struct err *err);
void resource_list_release(struct resource_list *l);
/* Deletes what the selectors choose; *out (may be NULL) is the list as it was. */
int cluster_delete_collection(struct cluster *c, struct resource_call *call, const struct list_options *select,
			      const struct delete_options *options, struct resource_list *out, struct err *err);

/* ---- watches ---- */

enum watch_event_type { WATCH_ADDED, WATCH_MODIFIED, WATCH_DELETED, WATCH_BOOKMARK };

struct watch_event {
	enum watch_event_type type;
	json_t *object; /* reference of the taker; a BOOKMARK has only kind, apiVersion and metadata.resourceVersion */
	int64_t resource_version;
};

struct watch_options {
	const char *label_selector;
	const char *field_selector;
	const char *resource_version; /* events after it; NULL, "" or "0": first an ADDED for everything that exists */
	bool send_initial_events;     /* first an ADDED for everything, then a BOOKMARK with k8s.io/initial-events-end */
	/* Called on any thread, once after watch_next answered 0, when there may be something again. It must only signal:
	 * no call into the cluster. NULL: the caller polls. */
	void (*wake)(void *arg);
	void *arg;
};

struct watch;

/* call: kind, namespace, name (one object) as for list. ERR_GONE: resourceVersion is older than what is kept. */
int cluster_watch(struct cluster *c, struct resource_call *call, const struct watch_options *options,
		  struct watch **out, struct err *err);
/* 1 with *event filled, 0 nothing now (wake will be called), -1 ERR_GONE: fell behind what is kept; list again. */
int watch_next(struct watch *w, struct watch_event *event, struct err *err);
/* A BOOKMARK at what this watch has seen; for idle watches that asked for bookmarks. */
void watch_bookmark(struct watch *w, struct watch_event *event);
/* No wake is running or will be called after it returned. */
void watch_close(struct watch *w);

/* ---- helpers for controllers ---- */

/* get by kind, namespace and name; NULL when it is not there. New reference. */
json_t *cluster_find(struct cluster *c, const struct kind *k, const char *namespace, const char *name);
/* Reads, lets `change` edit a deep copy, and updates (the main resource, or call->subresource), again when it was
 * changed meanwhile. `change` returns 1: write, 0: leave it, -1: fail with err. */
int cluster_modify(struct cluster *c, struct resource_call *call, int (*change)(json_t *object, void *ctx, struct err *err),
		   void *ctx, json_t **out, struct err *err);
/* Makes `object` so: creates it, or updates what differs from it in spec, data, labels, annotations, ownerReferences
 * (fields that `object` has; what others added stays), as a controller's "ensure". *changed may be NULL. */
int cluster_ensure(struct cluster *c, struct resource_call *call, const json_t *object, json_t **out, bool *changed,
		   struct err *err);
/* An ownerReference to `owner` (controller and blockOwnerDeletion true). New reference. */
json_t *cluster_owner_reference(const json_t *owner);

#endif
