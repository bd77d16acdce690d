/* The frame of a write: reading what is there, committing what will be. See write.h. */
#include "cluster/write.h"

#include <stdlib.h>

#include "base/limits.h"
#include "codec/json.h"

int write_not_found(const struct write *w, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "%s \"%s\" not found", w->resource, w->name ? w->name : "");
}

int write_conflict(const struct write *w, const char *why, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "Operation cannot be fulfilled on %s \"%s\": %s", w->resource, w->name, why);
}

static char *copy(const char *s)
{
	char *out = strdup(s ? s : "");
	if (!out)
		abort();
	return out;
}

int write_open(struct write *w, struct cluster *c, struct resource_call *call, struct err *err)
{
	*w = (struct write){ .c = c, .call = call, .k = call->kind };
	w->in = cluster_collection(c, call->kind);
	kind_resource_name(call->kind, w->resource);
	if (!(call->kind->flags & KIND_NAMESPACED) && call->namespace && *call->namespace)
		return err_set(err, ERR_INVALID, "%s has no namespaces", w->resource);
	w->namespace_ = copy(call->namespace);
	w->name = call->name && *call->name ? copy(call->name) : NULL;
	return 0;
}

void write_alone(struct write *w)
{
	if (!(w->in->flags & KIND_SERIAL))
		return;
	pthread_mutex_lock(&w->c->serial_lock);
	w->alone = true;
}

void write_close(struct write *w)
{
	if (w->alone)
		pthread_mutex_unlock(&w->c->serial_lock);
	json_decref(w->old_stored);
	json_decref(w->old);
	json_decref(w->object);
	free(w->namespace_);
	free(w->name);
	*w = (struct write){ 0 };
}

int write_read(struct write *w, struct err *err)
{
	struct cluster *c = w->c;
	json_decref(w->old_stored);
	json_decref(w->old);
	json_decref(w->object);
	w->old_stored = w->old = w->object = NULL;
	w->unchanged = w->removes = w->pinned = false;
	pthread_rwlock_rdlock(&c->lock);
	const struct entry *e = w->name ? collection_find(w->in, w->namespace_, w->name) : NULL;
	if (e) {
		w->old_stored = json_incref(e->object);
		w->old_version = e->version;
	}
	pthread_rwlock_unlock(&c->lock);
	if (!w->old_stored)
		return write_not_found(w, err);
	w->old = view_of(w->k, w->old_stored);
	return 0;
}

static int explain(const struct write *w, struct err *why)
{
	if (why->code == ERR_EXISTS) {
		pthread_rwlock_rdlock(&w->c->lock);
		const struct entry *e = collection_find(w->in, w->namespace_, w->name);
		bool ending = e && document_is_ending(e->object);
		pthread_rwlock_unlock(&w->c->lock);
		err_clear(why);
		return err_set(why, ERR_EXISTS, "%s%s \"%s\" already exists", ending ? "object is being deleted: " : "",
			       w->resource, w->name);
	}
	int sub = why->sub;
	switch (sub) {
	case COMMIT_STALE:
		write_conflict(w, "the object has been modified; please apply your changes to the latest version and try again",
			       why);
		return err_sub(why, sub);
	case COMMIT_NO_NAMESPACE:
		err_clear(why);
		return err_set(why, ERR_NOT_FOUND, "namespaces \"%s\" not found", w->namespace_);
	case COMMIT_ENDING:
		err_clear(why);
		return err_set(why, ERR_FORBIDDEN,
			       "%s \"%s\" is forbidden: unable to create new content in namespace %s because it is being "
			       "terminated",
			       w->resource, w->name, w->namespace_);
	default:
		return -1;
	}
}

static int encode(const struct write *w, const json_t *stored, struct buf *text, struct err *err)
{
	int64_t most = w->in == w->c->crds ? limits.api_crd_bytes : limits.api_object_bytes;
	buf_init(text, (size_t)most);
	if (json_encode(stored, JSON_ENCODE_COMPACT, text) == 0)
		return 0;
	return err_set(err, ERR_TOO_LARGE, "Request entity too large: limit is %lld", (long long)most);
}

int write_stage(struct write *w, struct staged *s, struct err *err)
{
	document_order_meta(w->object);
	json_t *meta = json_object_get(w->object, "metadata");
	*s = (struct staged){ .version = json_incref(json_object_get(meta, "resourceVersion")) };
	json_object_set_new(meta, "resourceVersion", json_string(""));
	json_t *stored = stored_of(w->k, w->object);
	s->change = (struct change){
		.cluster = w->c,
		.in = w->in,
		.verb = w->removes ? CHANGE_DELETE : w->old ? CHANGE_REPLACE : CHANGE_CREATE,
		.namespace_ = w->namespace_,
		.name = w->name,
		.expected = w->old_version,
		.object = stored,
		.ending = document_is_ending(stored),
		.in_namespace = w->k->flags & KIND_NAMESPACED,
	};
	if (w->in->flags & KIND_TTL)
		s->change.expires_ns = clock_wall_ns(w->c->clock) + w->in->ttl_s * 1000000000;
	if (encode(w, stored, &s->text, err) < 0) {
		write_unstage(s);
		return -1;
	}
	s->change.text = buf_view(&s->text);
	return 0;
}

void write_unstage(struct staged *s)
{
	json_decref(s->change.object);
	json_decref(s->version);
	buf_release(&s->text);
	*s = (struct staged){ 0 };
}

/* Nothing got a new version: the document shows the one that it had. */
static void restore_version(const struct write *w, struct staged *s)
{
	json_t *meta = json_object_get(s->change.object, "metadata");
	if (w->old)
		json_object_set(meta, "resourceVersion", s->version);
	else
		json_object_del(meta, "resourceVersion");
}

int write_store(struct write *w, json_t **out, struct err *err)
{
	struct err why = { 0 };
	struct staged s;
	if (w->unchanged) {
		if (out)
			*out = json_incref(w->old);
		return 0;
	}
	if (write_stage(w, &s, err) < 0)
		return -1;
	int rc = w->call->dry_run ? 0 : commit(&s.change, &why);
	if (rc < 0)
		explain(w, &why);
	else if (w->call->dry_run || w->removes)
		restore_version(w, &s);
	if (rc == 0 && out)
		*out = view_of(w->k, s.change.object);
	write_unstage(&s);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

static int edit_once(struct write *w, const char *uid, bool (*edit)(json_t *object, void *ctx), void *ctx, struct err *err)
{
	if (write_read(w, err) < 0)
		return -1;
	if (uid && strcmp(document_str(w->old, "uid"), uid) != 0)
		return 0;
	json_t *edited = json_deep_copy(w->old);
	int rc = 0;
	if (edit(edited, ctx)) {
		rc = write_edit(w, edited, err);
		if (rc == 0)
			rc = write_store(w, NULL, err);
	}
	json_decref(edited);
	return rc;
}

int write_edit_now(struct cluster *c, const struct kind *k, const char *namespace_, const char *name, const char *uid,
		   bool (*edit)(json_t *object, void *ctx), void *ctx, struct err *err)
{
	struct resource_call call = { .kind = k, .namespace = namespace_, .name = name, .manager = MANAGER_CONTROLLER };
	struct write w;
	struct err why = { 0 };
	int rc = write_open(&w, c, &call, &why);
	if (rc == 0) {
		do {
			err_clear(&why);
			rc = edit_once(&w, uid, edit, ctx, &why);
		} while (rc < 0 && why.sub == COMMIT_STALE);
	}
	write_close(&w);
	resource_call_release(&call);
	if (rc < 0 && why.code == ERR_NOT_FOUND)
		return 0;
	if (rc < 0 && err)
		*err = why;
	return rc;
}
