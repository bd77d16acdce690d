/*
 * From what a client sent to the document that will be stored.
 *
 *   decode     the kind's fields, strictly or not (decode.h); status is left out where it has a door of its own
 *   system     what clients cannot set: uid, times, generation, resourceVersion, deletion
 *   defaults   the kind's hooks and those of its controllers
 *   owners     of a new object: managedFields
 *   prepare    the hooks that fill in what belongs to nobody
 *   checks     names, metadata, what may not change, the validating hooks: all faults become one 422
 *   the end    nothing changed? then nothing is written; else generation and managedFields
 */
#include "cluster/write.h"

#include <stdlib.h>

#include "cluster/decode.h"
#include "cluster/managed.h"
#include "cluster/names.h"
#include "cluster/patch.h"
#include "codec/json.h"
#include "codec/time.h"

enum { GENERATED_BASE_MAX = 58, GENERATED_CHARS = 5 };

static bool given(const char *s)
{
	return s && *s;
}

/* ---- decoding ---- */

static int check_type(const struct write *w, const json_t *in, struct err *err)
{
	char version[KIND_API_VERSION_BYTES];
	const char *kind = json_string_value(json_object_get(in, "kind")),
		   *got = json_string_value(json_object_get(in, "apiVersion"));
	kind_api_version(w->k, version);
	if (given(got) && strcmp(got, version) != 0)
		return err_set(err, ERR_INVALID,
			       "the API version in the data (%.200s) does not match the expected API version (%s)", got, version);
	if (given(kind) && strcmp(kind, w->k->kind) != 0)
		return err_set(err, ERR_INVALID, "the kind in the data (%.200s) does not match the expected kind (%s)", kind,
			       w->k->kind);
	return 0;
}

/* `without`: a key at the top that is left out, or NULL. */
static int decode(struct write *w, const json_t *in, const char *without, json_t **out, struct fault_list *faults,
		  struct err *err)
{
	char version[KIND_API_VERSION_BYTES];
	if (!json_is_object(in))
		return err_set(err, ERR_INVALID, "the object provided is unrecognized (must be of type %s)", w->k->kind);
	if (check_type(w, in, err) < 0)
		return -1;
	json_t *typed = json_copy((json_t *)in);
	if (!given(json_string_value(json_object_get(in, "kind"))))
		json_object_set_new(typed, "kind", json_string(w->k->kind));
	if (!given(json_string_value(json_object_get(in, "apiVersion"))))
		json_object_set_new(typed, "apiVersion", json_string(kind_api_version(w->k, version)));
	if (without)
		json_object_del(typed, without);
	json_decref(w->call->warnings);
	w->call->warnings = NULL;
	int rc = decode_object(w->k, typed, w->call->fields, out, &w->call->warnings, faults, err);
	if (rc < 0 && w->patch && !w->applied && w->k->type && !(w->k->flags & KIND_CUSTOM)) {
		json_t *rest = w->strategic ? patch_strategic_rest(w->k->type, w->old, w->strategic) : NULL;
		json_decref(w->call->causes);
		rc = decode_patch_refuse(w->k, typed, rest, w->call->fields, &w->call->causes, err);
		json_decref(rest);
	}
	json_decref(typed);
	return rc;
}

/* ---- hooks and checks ---- */

enum stage { STAGE_DEFAULTS, STAGE_PREPARE, STAGE_VALIDATE };

static kind_hook *hook_of(const struct kind_hooks *h, enum stage stage)
{
	return stage == STAGE_DEFAULTS ? h->defaults : stage == STAGE_PREPARE ? h->prepare : h->validate;
}

static int run_hooks(struct write *w, enum stage stage, struct fault_list *faults, struct err *err)
{
	struct admission a = {
		.cluster = w->c,
		.kind = w->k,
		.verb = w->old ? ADMIT_UPDATE : ADMIT_CREATE,
		.subresource = w->call->subresource,
		.old = w->old,
		.object = w->object,
		.faults = faults,
		.warnings = w->call->warnings ? w->call->warnings : json_array(),
		.user = w->call->user,
		.dry_run = w->call->dry_run,
	};
	int rc = 0;
	const struct kind_hooks *own = &w->k->hooks;
	kind_hook *hook = hook_of(own, stage);
	if (hook)
		rc = hook(&a, own->ctx, err);
	/* Set before cluster_start only, so no lock is needed. */
	for (size_t i = 0; rc == 0 && i < w->in->hooks.len; i++) {
		const struct kind_hooks *more = &w->in->hooks.ptr[i];
		hook = hook_of(more, stage);
		if (hook)
			rc = hook(&a, more->ctx, err);
	}
	if (json_array_size(a.warnings) == 0 && !w->call->warnings)
		json_decref(a.warnings);
	else
		w->call->warnings = a.warnings;
	return rc;
}

static int refuse_faults(struct write *w, const struct fault_list *faults, struct err *err)
{
	char who[640];
	if (fault_count(faults) == 0)
		return 0;
	json_decref(w->call->causes);
	w->call->causes = json_incref(faults->causes);
	snprintf(who, sizeof who, "%s%s%s \"%s\"", w->k->kind, *w->k->group ? "." : "", w->k->group,
		 document_str(w->object, "name"));
	return fault_refuse(faults, who, err);
}

static void check_name(const struct write *w, struct fault_list *faults)
{
	const char *name = document_str(w->object, "name"), *why;
	if (!*name) {
		fault_add(faults, "metadata.name", FAULT_REQUIRED, NULL, "name or generateName is required");
		return;
	}
	why = name_error(w->k->names, name);
	if (why)
		fault_add_str(faults, "metadata.name", FAULT_INVALID, name, "%s", why);
}

/* `spec.selector: Invalid value: …: field is immutable`. */
static void check_immutable(const struct write *w, struct fault_list *faults)
{
	for (const char *const *path = w->k->immutable; path && *path; path++) {
		const json_t *was = json_at(w->old, *path), *is = json_at(w->object, *path);
		if (was != is && !json_equal(was, is))
			fault_add(faults, *path, FAULT_INVALID, is ? is : json_null(), "field is immutable");
	}
}

static void check_new_finalizers(const struct write *w, struct fault_list *faults)
{
	const json_t *list = json_object_get(json_object_get(w->object, "metadata"), "finalizers"), *v;
	size_t i;
	if (!document_is_ending(w->old))
		return;
	json_array_foreach(list, i, v)
	{
		const char *name = json_string_value(v);
		if (name && !document_has_finalizer(w->old, name))
			fault_add(faults, "metadata.finalizers", FAULT_FORBIDDEN, NULL,
				  "no new finalizers can be added if the object is being deleted, found new finalizers "
				  "[]string{\"%.200s\"}",
				  name);
	}
}

static const char *manager(const struct write *w)
{
	return given(w->call->manager) ? w->call->manager : "coracle";
}

/* What a new object has beside what its maker wrote: it comes after managedFields, and belongs to nobody. */
static int prepare(struct write *w, struct fault_list *faults, struct err *err)
{
	if (!w->old && !w->applied &&
	    managed_update(w->k, NULL, w->object, manager(w), NULL, clock_wall_ns(w->c->clock), err) < 0)
		return -1;
	if (!w->old && w->in == w->c->namespaces) {
		document_set(w->object, "spec.finalizers", json_pack("[s]", FINALIZER_NAMESPACE));
		document_set(w->object, "status.phase", json_string("Active"));
	}
	return run_hooks(w, STAGE_PREPARE, faults, err);
}

static int admit(struct write *w, struct fault_list *faults, struct err *err)
{
	if (run_hooks(w, STAGE_DEFAULTS, faults, err) < 0 || prepare(w, faults, err) < 0)
		return -1;
	check_name(w, faults);
	metadata_validate(w->object, faults);
	if (w->old) {
		check_immutable(w, faults);
		check_new_finalizers(w, faults);
	}
	if (run_hooks(w, STAGE_VALIDATE, faults, err) < 0)
		return -1;
	return refuse_faults(w, faults, err);
}

/* ---- create ---- */

static int settle_namespace(struct write *w, struct err *err)
{
	const char *inside = document_str(w->object, "namespace");
	json_t *meta = document_meta(w->object);
	if (!(w->k->flags & KIND_NAMESPACED)) {
		json_object_del(meta, "namespace");
		return 0;
	}
	if (!*w->namespace_ && *inside) {
		free(w->namespace_);
		if (!(w->namespace_ = strdup(inside)))
			abort();
		inside = w->namespace_;
	}
	if (!*w->namespace_)
		return err_set(err, ERR_INVALID, "an empty namespace may not be set during creation");
	if (*inside && strcmp(inside, w->namespace_) != 0)
		return err_set(err, ERR_INVALID,
			       "the namespace of the provided object does not match the namespace sent on the request");
	json_object_set_new(meta, "namespace", json_string(w->namespace_));
	return 0;
}

static int settle_new_name(struct write *w, struct err *err)
{
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
	json_t *meta = document_meta(w->object);
	const char *name = document_str(w->object, "name"), *base = document_str(w->object, "generateName");
	char made[GENERATED_BASE_MAX + GENERATED_CHARS + 1];
	if (given(w->call->name) && *name && strcmp(name, w->call->name) != 0)
		return err_set(err, ERR_INVALID, "the name of the object (%.253s) does not match the name on the URL (%.253s)",
			       name, w->call->name);
	if (!*name && given(w->call->name))
		name = w->call->name;
	if (!*name && *base) {
		char end[GENERATED_CHARS + 1];
		random_string(w->c->random, alphabet, end, GENERATED_CHARS);
		snprintf(made, sizeof made, "%.*s%s", GENERATED_BASE_MAX, base, end);
		name = made;
	}
	free(w->name);
	if (!(w->name = strdup(name)))
		abort();
	json_object_set_new(meta, "name", json_string(w->name));
	return 0;
}

/* Namespace, and definition, must be there to stay. */
static int check_place(struct write *w, struct err *err)
{
	struct cluster *c = w->c;
	char message[320];
	pthread_rwlock_rdlock(&c->lock);
	const struct entry *e = collection_find(c->namespaces, "", w->namespace_);
	bool there = e, ending = e && document_is_ending(e->object);
	e = w->k->dynamic ? collection_find(c->crds, "", w->in->key) : NULL;
	bool closing = e && document_is_ending(e->object);
	pthread_rwlock_unlock(&c->lock);
	if (closing)
		return err_set(err, ERR_METHOD,
			       "create not allowed while custom resource definition is terminating");
	if (!(w->k->flags & KIND_NAMESPACED))
		return 0;
	if (!there)
		return err_set(err, ERR_NOT_FOUND, "namespaces \"%s\" not found", w->namespace_);
	if (!ending)
		return 0;
	snprintf(message, sizeof message, "namespace %s is being terminated", w->namespace_);
	json_decref(w->call->causes);
	w->call->causes = json_pack("[{s:s,s:s,s:s}]", "reason", "NamespaceTerminating", "message", message, "field",
				    "metadata.namespace");
	return err_set(err, ERR_FORBIDDEN,
		       "%s \"%s\" is forbidden: unable to create new content in namespace %s because it is being terminated",
		       w->resource, w->name, w->namespace_);
}

static void set_system_new(struct write *w)
{
	static const char *const ours[] = { "selfLink", "resourceVersion", "deletionTimestamp",
					    "deletionGracePeriodSeconds", "generation" };
	json_t *meta = document_meta(w->object);
	char uid[UUID_CHARS + 1], now[TIME_TEXT_BYTES];
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		json_object_del(meta, ours[i]);
	if (!w->applied)
		json_object_del(meta, "managedFields");
	random_uuid(w->c->random, uid);
	time_format_rfc3339(clock_wall_ns(w->c->clock), now, sizeof now);
	json_object_set_new(meta, "uid", json_string(uid));
	json_object_set_new(meta, "creationTimestamp", json_string(now));
	if (w->k->flags & KIND_GENERATION)
		json_object_set_new(meta, "generation", json_integer(1));
	if (w->in == w->c->namespaces) {
		json_t *labels = json_object_get(meta, "labels");
		if (!json_is_object(labels)) {
			labels = json_object();
			json_object_set_new(meta, "labels", labels);
		}
		json_object_set_new(labels, "kubernetes.io/metadata.name", json_string(w->name));
	}
}

/* What is kept but not acted on says so. Controllers of our own know. */
static void warn_without_effect(struct write *w)
{
	if (!w->k->without_effect || !w->call->user)
		return;
	if (!w->call->warnings)
		w->call->warnings = json_array();
	json_array_append_new(w->call->warnings,
			      json_sprintf("%s: the object is stored and %s", w->k->kind, w->k->without_effect));
}

/* Objects of one kind are much alike, and those with neighbouring names most. */
static void share_with_neighbour(struct write *w)
{
	pthread_rwlock_rdlock(&w->c->lock);
	size_t n = w->in->entries.len, at = collection_seek(w->in, w->namespace_, w->name);
	json_t *like = n ? json_incref(w->in->entries.ptr[at < n ? at : n - 1]->object) : NULL;
	pthread_rwlock_unlock(&w->c->lock);
	if (like)
		document_share(w->object, like);
	json_decref(like);
}

int write_create(struct write *w, const json_t *in, struct err *err)
{
	struct fault_list faults = { 0 };
	const char *version = json_str_at(in, "metadata.resourceVersion");
	json_decref(w->object);
	w->object = NULL;
	if (given(version))
		return err_set(err, ERR_INVALID, "resourceVersion should not be set on objects to be created");
	int rc = decode(w, in, w->k->flags & KIND_STATUS ? "status" : NULL, &w->object, &faults, err);
	if (rc == 0)
		rc = settle_namespace(w, err);
	if (rc == 0)
		rc = settle_new_name(w, err);
	if (rc == 0)
		rc = check_place(w, err);
	if (rc == 0) {
		set_system_new(w);
		rc = admit(w, &faults, err);
	}
	if (rc == 0) {
		warn_without_effect(w);
		share_with_neighbour(w);
	}
	fault_release(&faults);
	return rc;
}

/* ---- update ---- */

static int check_identity(struct write *w, const json_t *in, struct fault_list *faults, struct err *err)
{
	const char *name = json_str_at(in, "metadata.name"), *namespace_ = json_str_at(in, "metadata.namespace"),
		   *uid = json_str_at(in, "metadata.uid"), *version = json_str_at(in, "metadata.resourceVersion");
	if (given(name) && strcmp(name, w->name) != 0)
		return err_set(err, ERR_INVALID, "the name of the object (%.253s) does not match the name on the URL (%s)",
			       name, w->name);
	if (given(namespace_) && strcmp(namespace_, w->namespace_) != 0)
		return err_set(err, ERR_INVALID,
			       "the namespace of the provided object does not match the namespace sent on the request");
	if (given(uid) && strcmp(uid, document_str(w->old, "uid")) != 0) {
		char why[256];
		w->pinned = true;
		snprintf(why, sizeof why, "Precondition failed: UID in precondition: %.64s, UID in object meta: %.64s", uid,
			 document_str(w->old, "uid"));
		return write_conflict(w, why, err);
	}
	if (given(version) && strcmp(version, document_str(w->old, "resourceVersion")) != 0) {
		w->pinned = true;
		return write_conflict(
			w, "the object has been modified; please apply your changes to the latest version and try again", err);
	}
	if (given(version) && !w->patch)
		w->pinned = true;
	if (!given(version) && !w->patch && !(w->k->flags & KIND_UNCONDITIONAL)) {
		json_t *zero = json_integer(0);
		fault_add(faults, "metadata.resourceVersion", FAULT_INVALID, zero, "must be specified for an update");
		json_decref(zero);
	}
	return 0;
}

static void keep(json_t *to, const json_t *from, const char *field)
{
	json_t *v = json_object_get(from, field);
	if (v)
		json_object_set_new(to, field, json_deep_copy(v));
	else
		json_object_del(to, field);
}

static void set_system_old(struct write *w)
{
	static const char *const ours[] = { "name",	  "namespace",	     "uid",
					    "generation", "resourceVersion", "creationTimestamp",
					    "selfLink",	  "deletionTimestamp", "deletionGracePeriodSeconds" };
	json_t *meta = document_meta(w->object);
	const json_t *old = json_object_get(w->old, "metadata");
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		keep(meta, old, ours[i]);
	/* Missing ones stay as they are; what a client sends instead is judged by managed_update. */
	if (!w->applied && json_array_size(json_object_get(meta, "managedFields")) == 0)
		keep(meta, old, "managedFields");
}

/* The part of `in` that the subresource is a door to, put into a copy of the object. */
static int update_part(struct write *w, const json_t *in, struct fault_list *faults, struct err *err)
{
	const char *sub = w->call->subresource;
	json_t *decoded = NULL;
	if (decode(w, in, NULL, &decoded, faults, err) < 0)
		return -1;
	w->object = json_deep_copy(w->old);
	const json_t *managed = json_object_get(json_object_get(decoded, "metadata"), "managedFields");
	if (managed)
		json_object_set_new(document_meta(w->object), "managedFields", json_deep_copy(managed));
	if (!strcmp(sub, "finalize")) {
		const json_t *list = json_at(decoded, "spec.finalizers");
		document_set(w->object, "spec.finalizers", list ? json_deep_copy(list) : json_array());
		if (json_array_size(list) == 0)
			json_object_del(json_object_get(w->object, "spec"), "finalizers");
	} else {
		keep(w->object, decoded, "status");
	}
	json_decref(decoded);
	return 0;
}

static int update_whole(struct write *w, const json_t *in, struct fault_list *faults, struct err *err)
{
	bool status = w->k->flags & KIND_STATUS;
	if (decode(w, in, status ? "status" : NULL, &w->object, faults, err) < 0)
		return -1;
	if (status)
		keep(w->object, w->old, "status");
	if (w->in == w->c->namespaces && json_at(w->old, "spec.finalizers"))
		document_set(w->object, "spec.finalizers", json_deep_copy(json_at(w->old, "spec.finalizers")));
	return 0;
}

static void settle_generation(struct write *w)
{
	static const char *const with_status[] = { "metadata", "apiVersion", "kind", "status", NULL },
				*const without[] = { "metadata", "apiVersion", "kind", NULL };
	json_t *meta = document_meta(w->object);
	const json_t *was = json_at(w->old, "metadata.annotations"), *is = json_object_get(meta, "annotations");
	bool annotated = (w->k->flags & KIND_ANNOTATIONS_COUNT) && was != is && !json_equal(was, is);
	if (!(w->k->flags & KIND_GENERATION) ||
	    (!annotated && document_equal_but(w->old, w->object, w->k->flags & KIND_STATUS ? with_status : without)))
		return;
	json_object_set_new(meta, "generation", json_integer(json_integer_value(json_object_get(meta, "generation")) + 1));
}

/* Only the times at which managers last wrote are different: an apply whose fields turn into what is stored already
 * (stringData of a Secret) has changed nothing, and the old times stay. */
static bool same_but_times(const json_t *a, const json_t *b)
{
	static const char *const metadata[] = { "metadata", NULL }, *const managed[] = { "managedFields", NULL },
				*const time[] = { "time", NULL };
	const json_t *am = json_object_get(a, "metadata"), *bm = json_object_get(b, "metadata");
	const json_t *as = json_object_get(am, "managedFields"), *bs = json_object_get(bm, "managedFields");
	if (json_array_size(as) != json_array_size(bs) || !document_equal_but(a, b, metadata) ||
	    !document_equal_but(am, bm, managed))
		return false;
	for (size_t i = 0; i < json_array_size(as); i++)
		if (!document_equal_but(json_array_get(as, i), json_array_get(bs, i), time))
			return false;
	return true;
}

static int finish_update(struct write *w, struct err *err)
{
	if (json_equal(w->old, w->object) || (w->applied && same_but_times(w->old, w->object))) {
		w->unchanged = true;
		return 0;
	}
	settle_generation(w);
	w->removes = document_is_ending(w->object) && !document_is_held(w->object);
	if (!w->applied && managed_update(w->k, w->old, w->object, manager(w), w->call->subresource,
					  clock_wall_ns(w->c->clock), err) < 0)
		return -1;
	document_share(w->object, w->old);
	return 0;
}

int write_update(struct write *w, const json_t *in, struct err *err)
{
	struct fault_list faults = { 0 };
	const char *sub = w->call->subresource;
	json_decref(w->object);
	w->object = NULL;
	int rc = check_identity(w, in, &faults, err);
	if (rc == 0)
		rc = sub && strcmp(sub, "scale") != 0 ? update_part(w, in, &faults, err) : update_whole(w, in, &faults, err);
	if (rc == 0) {
		set_system_old(w);
		rc = admit(w, &faults, err);
	}
	if (rc == 0)
		rc = finish_update(w, err);
	fault_release(&faults);
	return rc;
}

int write_edit(struct write *w, json_t *object, struct err *err)
{
	json_decref(w->object);
	w->object = json_incref(object);
	return finish_update(w, err);
}
