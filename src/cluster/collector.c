/*
 * The collector: what Kubernetes' garbage collector, namespace controller and event TTL do, on one thread.
 *
 * It is a work queue of keys, filled by collector_notice in the moment a change becomes visible:
 *
 *   owner/UID            the object with that uid is gone: its dependents go too, or lose the reference
 *   held/RES/NS/NAME     an object that foreground or orphan deletion holds
 *   namespace/NAME       one that is to be emptied and finalized
 *   crd/RES              a CustomResourceDefinition whose objects are to go
 *   tick                 expiry and grace periods, and old events of quiet collections; runs again by itself
 *
 * Work looks at the present state only, so a key may be added too often but never too late; after a restart everything is
 * looked at once.
 */
#include <stdlib.h>

#include "cluster/write.h"
#include "codec/time.h"

enum { TICK_MS = 10000 };

/* A copied key of an object. */
struct target {
	struct collection *in;
	char *namespace_, *name, *uid;
};

struct targets {
	VEC(struct target) all;
};

static char *copy(const char *s)
{
	char *out = strdup(s);
	if (!out)
		abort();
	return out;
}

static void targets_add(struct targets *t, const struct entry *e)
{
	*vec_push(&t->all) = (struct target){ e->in, copy(e->namespace_), copy(e->name), copy(document_str(e->object, "uid")) };
}

static void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->all.len; i++) {
		free(t->all.ptr[i].namespace_);
		free(t->all.ptr[i].name);
		free(t->all.ptr[i].uid);
	}
	vec_release(&t->all);
}

/* The kind whose stored form lies in `in`, a reference; NULL when nobody serves it (a CRD that is gone). */
static const struct kind *kind_of(struct cluster *c, const struct collection *in)
{
	const struct kind *k = cluster_kind(c, in->group, NULL, in->plural);
	if (!k || !k->storage)
		return k;
	const struct kind *s = kind_ref(k->storage);
	kind_unref(k);
	return s;
}

static struct resource_call call_for(const struct kind *k, const struct target *t)
{
	return (struct resource_call){
		.kind = k, .namespace = t->namespace_, .name = t->name, .manager = MANAGER_CONTROLLER
	};
}

static int delete_target(struct cluster *c, const struct target *t, enum delete_propagation how, struct err *err)
{
	const struct kind *k = kind_of(c, t->in);
	if (!k)
		return 0;
	struct err why = { 0 };
	struct resource_call call = call_for(k, t);
	struct delete_options o = { .propagation = how, .grace_s = -1, .uid = t->uid };
	int rc = cluster_delete(c, &call, &o, NULL, NULL, &why);
	resource_call_release(&call);
	kind_unref(k);
	if (rc == 0 || why.code == ERR_NOT_FOUND || why.code == ERR_CONFLICT) /* gone, or another of that name */
		return 0;
	*err = why;
	return -1;
}

static int edit_target(struct cluster *c, const struct target *t, bool (*edit)(json_t *object, void *ctx), void *ctx,
		       struct err *err)
{
	const struct kind *k = kind_of(c, t->in);
	if (!k)
		return 0;
	int rc = write_edit_now(c, k, t->namespace_, t->name, t->uid, edit, ctx, err);
	kind_unref(k);
	return rc;
}

/* ---- owners and dependents ---- */

enum owner_state { OWNER_GONE, OWNER_HOLDS, OWNER_WAITS }; /* waits: is being deleted in the foreground */

/* `lock` is held. A reference to a kind that we do not know is left alone. */
static enum owner_state owner_state(struct cluster *c, const struct entry *dependent, const json_t *ref)
{
	const char *uid = json_string_value(json_object_get(ref, "uid"));
	const struct entry *owner = uid ? map_get(&c->uids, slice_str(uid)) : NULL;
	if (!owner || (*owner->namespace_ && strcmp(owner->namespace_, dependent->namespace_) != 0))
		return OWNER_GONE;
	return document_is_ending(owner->object) && document_has_finalizer(owner->object, FINALIZER_FOREGROUND) ? OWNER_WAITS
														 : OWNER_HOLDS;
}

static bool kind_is_known(struct cluster *c, const json_t *ref)
{
	const char *version = json_string_value(json_object_get(ref, "apiVersion")),
		   *kind = json_string_value(json_object_get(ref, "kind"));
	const struct kind *k = version && kind ? cluster_kind_of(c, version, kind) : NULL;
	kind_unref(k);
	return k != NULL;
}

struct verdict {
	unsigned holds, waits;
	json_t *gone; /* uids of owners that are gone */
	bool has_dependents, orphans, foreground;
};

static bool judge(struct cluster *c, const struct target *t, struct verdict *v)
{
	const json_t *ref;
	size_t i;
	*v = (struct verdict){ .gone = json_array() };
	pthread_rwlock_rdlock(&c->lock);
	const struct entry *e = collection_find(t->in, t->namespace_, t->name);
	json_t *object = e && !strcmp(document_str(e->object, "uid"), t->uid) ? json_incref(e->object) : NULL;
	if (object) {
		json_array_foreach(json_object_get(json_object_get(object, "metadata"), "ownerReferences"), i, ref)
		{
			switch (owner_state(c, e, ref)) {
			case OWNER_GONE:
				json_array_append(v->gone, (json_t *)ref);
				break;
			case OWNER_HOLDS:
				v->holds++;
				break;
			case OWNER_WAITS:
				v->waits++;
				break;
			}
		}
		v->has_dependents = map_get(&c->owners, slice_str(t->uid)) != NULL;
		v->orphans = document_has_finalizer(object, FINALIZER_ORPHAN);
		v->foreground = document_has_finalizer(object, FINALIZER_FOREGROUND);
	}
	pthread_rwlock_unlock(&c->lock);
	for (i = json_array_size(v->gone); i-- > 0;) {
		if (kind_is_known(c, json_array_get(v->gone, i)))
			continue;
		json_array_remove(v->gone, i);
		v->holds++;
	}
	json_decref(object);
	return object != NULL;
}

/* Takes references to the owners in `ctx` (an array of references) out. */
static bool drop_references(json_t *object, void *ctx)
{
	json_t *meta = document_meta(object), *list = json_object_get(meta, "ownerReferences");
	bool any = false;
	for (size_t i = json_array_size(list); i-- > 0;) {
		const json_t *uid = json_object_get(json_array_get(list, i), "uid"), *gone;
		size_t k;
		json_array_foreach((json_t *)ctx, k, gone)
		{
			if (!json_equal(uid, json_object_get(gone, "uid")))
				continue;
			json_array_remove(list, i);
			any = true;
			break;
		}
	}
	if (json_array_size(list) == 0)
		json_object_del(meta, "ownerReferences");
	return any;
}

static int collect_dependent(struct cluster *c, const struct target *t, struct err *err)
{
	struct verdict v;
	int rc = 0;
	if (judge(c, t, &v) && (v.waits > 0 || json_array_size(v.gone) > 0)) {
		if (v.holds > 0)
			rc = json_array_size(v.gone) > 0 ? edit_target(c, t, drop_references, v.gone, err) : 0;
		else
			rc = delete_target(c, t,
					   v.orphans	  ? DELETE_ORPHAN
					   : v.foreground || (v.waits > 0 && v.has_dependents) ? DELETE_FOREGROUND
											   : DELETE_BACKGROUND,
					   err);
	}
	json_decref(v.gone);
	return rc;
}

static void find_dependents(struct cluster *c, const char *uid, struct targets *out)
{
	pthread_rwlock_rdlock(&c->lock);
	const struct dependents *d = map_get(&c->owners, slice_str(uid));
	for (size_t i = 0; d && i < d->entries.len; i++)
		targets_add(out, d->entries.ptr[i]);
	pthread_rwlock_unlock(&c->lock);
}

static int collect_owner(struct cluster *c, const char *uid, struct err *err)
{
	struct targets found = { 0 };
	int rc = 0;
	find_dependents(c, uid, &found);
	for (size_t i = 0; rc == 0 && i < found.all.len; i++)
		rc = collect_dependent(c, &found.all.ptr[i], err);
	targets_release(&found);
	return rc;
}

static bool drop_finalizer(json_t *object, void *ctx)
{
	return document_set_finalizer(object, ctx, false);
}

/* Does a dependent ask the owner to wait for it? */
static bool is_blocked(struct cluster *c, const char *uid)
{
	bool blocked = false;
	pthread_rwlock_rdlock(&c->lock);
	const struct dependents *d = map_get(&c->owners, slice_str(uid));
	for (size_t i = 0; d && i < d->entries.len && !blocked; i++) {
		const json_t *ref;
		size_t k;
		json_array_foreach(json_object_get(json_object_get(d->entries.ptr[i]->object, "metadata"), "ownerReferences"), k,
				   ref)
		{
			const char *of = json_string_value(json_object_get(ref, "uid"));
			blocked |= of && !strcmp(of, uid) && json_is_true(json_object_get(ref, "blockOwnerDeletion"));
		}
	}
	pthread_rwlock_unlock(&c->lock);
	return blocked;
}

static int orphan_dependents(struct cluster *c, const struct target *t, struct err *err)
{
	struct targets found = { 0 };
	json_t *owner = json_pack("[{s:s}]", "uid", t->uid);
	int rc = 0;
	find_dependents(c, t->uid, &found);
	for (size_t i = 0; rc == 0 && i < found.all.len; i++)
		rc = edit_target(c, &found.all.ptr[i], drop_references, owner, err);
	if (rc == 0)
		rc = edit_target(c, t, drop_finalizer, (void *)FINALIZER_ORPHAN, err);
	json_decref(owner);
	targets_release(&found);
	return rc;
}

static int collect_held(struct cluster *c, struct collection *in, const char *namespace_, const char *name, struct err *err)
{
	struct target t = { .in = in, .namespace_ = (char *)namespace_, .name = (char *)name };
	bool orphans = false, foreground = false;
	int rc = 0;
	pthread_rwlock_rdlock(&c->lock);
	const struct entry *e = collection_find(in, namespace_, name);
	if (e && document_is_ending(e->object)) {
		t.uid = copy(document_str(e->object, "uid"));
		orphans = document_has_finalizer(e->object, FINALIZER_ORPHAN);
		foreground = document_has_finalizer(e->object, FINALIZER_FOREGROUND);
	}
	pthread_rwlock_unlock(&c->lock);
	if (orphans) {
		rc = orphan_dependents(c, &t, err);
	} else if (foreground) {
		rc = collect_owner(c, t.uid, err);
		if (rc == 0 && !is_blocked(c, t.uid))
			rc = edit_target(c, &t, drop_finalizer, (void *)FINALIZER_FOREGROUND, err);
	}
	free(t.uid);
	return rc;
}

/* ---- time ---- */

static bool is_over(const struct entry *e, int64_t now)
{
	const json_t *meta = json_object_get(e->object, "metadata");
	int64_t at;
	if (e->expires_ns && e->expires_ns <= now)
		return true;
	return json_integer_value(json_object_get(meta, "deletionGracePeriodSeconds")) > 0 &&
	       time_parse_rfc3339(slice_str(document_str(e->object, "deletionTimestamp")), &at) && at <= now;
}

static int64_t tick(struct cluster *c, struct err *err)
{
	struct targets over = { 0 };
	int64_t now = clock_wall_ns(c->clock), rc = TICK_MS;
	pthread_rwlock_wrlock(&c->lock);
	for (size_t i = 0; i < c->collections_in_order.len; i++) {
		struct collection *in = c->collections_in_order.ptr[i];
		collection_trim(in, now);
		for (size_t k = 0; (in->flags & (KIND_TTL | KIND_GRACE)) && k < in->entries.len; k++)
			if (is_over(in->entries.ptr[k], now))
				targets_add(&over, in->entries.ptr[k]);
	}
	pthread_rwlock_unlock(&c->lock);
	for (size_t i = 0; rc >= 0 && i < over.all.len; i++) {
		const struct target *t = &over.all.ptr[i];
		const struct kind *k = kind_of(c, t->in);
		struct err why = { 0 };
		struct resource_call call = call_for(k, t);
		struct delete_options o = { .grace_s = 0, .uid = t->uid };
		if (k && cluster_delete(c, &call, &o, NULL, NULL, &why) < 0 && why.code != ERR_NOT_FOUND &&
		    why.code != ERR_CONFLICT) {
			*err = why;
			rc = -1;
		}
		resource_call_release(&call);
		kind_unref(k);
	}
	targets_release(&over);
	return rc;
}

/* ---- the queue ---- */

static int collect_named(struct cluster *c, const char *rest, struct err *err)
{
	char *text = copy(rest), *namespace_ = strchr(text, '/'), *name = namespace_ ? strchr(namespace_ + 1, '/') : NULL;
	int rc = 0;
	if (name) {
		*namespace_++ = 0;
		*name++ = 0;
		pthread_rwlock_rdlock(&c->lock);
		struct collection *in = collection_of_key(c, text);
		pthread_rwlock_unlock(&c->lock);
		rc = in ? collect_held(c, in, namespace_, name, err) : 0;
	}
	free(text);
	return rc;
}

static int64_t work(void *ctx, const char *key, struct err *err)
{
	struct cluster *c = ctx;
	int rc = 0;
	if (!strcmp(key, "tick"))
		return tick(c, err);
	if (!strncmp(key, "owner/", 6))
		rc = collect_owner(c, key + 6, err);
	else if (!strncmp(key, "held/", 5))
		rc = collect_named(c, key + 5, err);
	else if (!strncmp(key, "namespace/", 10))
		rc = namespace_collect(c, key + 10, err);
	else if (!strncmp(key, "crd/", 4))
		rc = crd_collect(c, key + 4, err);
	return rc;
}

static void add(struct cluster *c, const char *what, const char *a, const char *b, const char *d)
{
	char key[1024];
	snprintf(key, sizeof key, "%s/%s%s%s%s%s", what, a, b ? "/" : "", b ? b : "", d ? "/" : "", d ? d : "");
	queue_add(c->collector, key);
}

static void add_held(struct cluster *c, const struct entry *e)
{
	if (document_is_ending(e->object) && (document_has_finalizer(e->object, FINALIZER_FOREGROUND) ||
					      document_has_finalizer(e->object, FINALIZER_ORPHAN)))
		add(c, "held", e->in->key, e->namespace_, e->name);
}

/* Owners that are missing (or of another namespace, which is no owner), or that wait for this dependent. */
static void notice_owners(struct cluster *c, const json_t *object)
{
	const char *namespace_ = document_str(object, "namespace");
	const json_t *ref;
	size_t i;
	json_array_foreach(json_object_get(json_object_get(object, "metadata"), "ownerReferences"), i, ref)
	{
		const char *uid = json_string_value(json_object_get(ref, "uid"));
		const struct entry *owner = uid ? map_get(&c->uids, slice_str(uid)) : NULL;
		if (uid && *uid && (!owner || (*owner->namespace_ && strcmp(owner->namespace_, namespace_) != 0)))
			add(c, "owner", uid, NULL, NULL);
		else if (owner)
			add_held(c, owner);
	}
}

static void notice_deletion(struct cluster *c, struct collection *in, const json_t *before)
{
	const char *namespace_ = document_str(before, "namespace"), *uid = document_str(before, "uid");
	if (map_get(&c->owners, slice_str(uid)))
		add(c, "owner", uid, NULL, NULL);
	const struct entry *ns = *namespace_ ? collection_find(c->namespaces, "", namespace_) : NULL;
	if (ns && document_is_ending(ns->object))
		add(c, "namespace", namespace_, NULL, NULL);
	const struct entry *crd = collection_find(c->crds, "", in->key);
	if (crd && document_is_ending(crd->object))
		add(c, "crd", in->key, NULL, NULL);
	if (in == c->crds)
		add(c, "crd", document_str(before, "name"), NULL, NULL);
}

static bool same_owners(const json_t *a, const json_t *b)
{
	const json_t *x = json_object_get(json_object_get(a, "metadata"), "ownerReferences"),
		     *y = json_object_get(json_object_get(b, "metadata"), "ownerReferences");
	return x == y || json_equal(x, y);
}

void collector_notice(struct cluster *c, struct collection *in, const json_t *before, const json_t *after)
{
	if (!c->collector)
		return; /* not started: it looks at everything when it is */
	if (!after || !before || !same_owners(before, after)) {
		if (before)
			notice_owners(c, before);
		if (after)
			notice_owners(c, after);
	}
	if (!after) {
		notice_deletion(c, in, before);
		return;
	}
	if (!document_is_ending(after))
		return;
	const struct entry *e = collection_find(in, document_str(after, "namespace"), document_str(after, "name"));
	if (e)
		add_held(c, e);
	if (in == c->namespaces)
		add(c, "namespace", document_str(after, "name"), NULL, NULL);
	if (in == c->crds)
		add(c, "crd", document_str(after, "name"), NULL, NULL);
}

void collector_notice_all(struct cluster *c)
{
	pthread_rwlock_rdlock(&c->lock);
	for (size_t i = 0; i < c->collections_in_order.len; i++) {
		struct collection *in = c->collections_in_order.ptr[i];
		for (size_t k = 0; k < in->entries.len; k++)
			collector_notice(c, in, NULL, in->entries.ptr[k]->object);
	}
	pthread_rwlock_unlock(&c->lock);
}

int collector_start(struct cluster *c, struct err *err)
{
	struct queue *q = NULL;
	struct queue_options o = { .name = "collector", .work = work, .ctx = c, .clock = c->clock };
	if (queue_new(&o, &q, err) < 0)
		return -1;
	pthread_rwlock_wrlock(&c->lock);
	c->collector = q;
	pthread_rwlock_unlock(&c->lock);
	queue_add(q, "tick");
	return queue_start(q, err);
}

void cluster_settle(struct cluster *c)
{
	if (!c->collector)
		return;
	queue_add(c->collector, "tick");
	queue_settle(c->collector);
}
