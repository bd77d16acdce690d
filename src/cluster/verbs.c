/*
 * create, get, update and patch of resource.h: what is particular to a verb. The work is done by write.h.
 *
 * A write that lost a race starts over from the object as it is then, unless its client named the version it means.
 */
#include "cluster/write.h"

#include <assert.h>
#include <stdlib.h>

#include "cluster/decode.h"
#include "cluster/managed.h"
#include "cluster/patch.h"
#include "cluster/scale.h"

/* Each lost race is somebody else's progress; more than this is a bug somewhere. */
enum { RETRIES_MAX = 100, NAME_TRIES_MAX = 8 };

void resource_call_release(struct resource_call *call)
{
	json_decref(call->causes);
	json_decref(call->warnings);
	free(call->continue_token);
	call->causes = call->warnings = NULL;
	call->continue_token = NULL;
}

/* Is there such a door to this kind? */
static int check_subresource(const struct resource_call *call, struct err *err)
{
	const char *sub = call->subresource;
	const struct kind *k = call->kind;
	if (!sub || (!strcmp(sub, "status") && (k->flags & KIND_STATUS)) || (!strcmp(sub, "scale") && k->scale) ||
	    (!strcmp(sub, "finalize") && !*k->group && !strcmp(k->plural, "namespaces")))
		return 0;
	return err_set(err, ERR_NOT_FOUND, "the server could not find the requested resource");
}

static bool is_scale(const struct resource_call *call)
{
	return call->subresource && !strcmp(call->subresource, "scale");
}

/* What the answer of a write to this door looks like; takes over the reference. */
static json_t *answer(const struct resource_call *call, json_t *object)
{
	if (!object || !is_scale(call))
		return object;
	json_t *scale = scale_of(call->kind, object);
	json_decref(object);
	return scale;
}

static void give(json_t **out, json_t *object)
{
	if (out)
		*out = object;
	else
		json_decref(object);
}

int cluster_create(struct cluster *c, struct resource_call *call, const json_t *object, json_t **out, struct err *err)
{
	struct write w;
	struct err why = { 0 };
	json_t *made = NULL;
	bool generated = json_string_length(json_object_get(json_object_get(object, "metadata"), "name")) == 0 && !call->name;
	if (write_open(&w, c, call, err) < 0) {
		write_close(&w);
		return -1;
	}
	write_alone(&w);
	int rc = -1;
	for (int i = 0; i < (generated ? NAME_TRIES_MAX : 1); i++) {
		err_clear(&why);
		rc = write_create(&w, object, &why);
		if (rc == 0)
			rc = write_store(&w, &made, &why);
		if (rc == 0 || why.code != ERR_EXISTS)
			break;
	}
	if (rc == 0 && w.in == c->crds && !call->dry_run) {
		/* It is stored; what it defines is there when the caller hears of it. */
		struct err later = { 0 };
		crd_sync(c, w.name, &later);
	}
	write_close(&w);
	if (rc < 0 && err)
		*err = why;
	if (rc == 0)
		give(out, made);
	return rc;
}

int cluster_get(struct cluster *c, struct resource_call *call, json_t **out, struct err *err)
{
	struct write w;
	int rc = check_subresource(call, err);
	if (rc < 0)
		return -1;
	rc = write_open(&w, c, call, err);
	if (rc == 0)
		rc = write_read(&w, err);
	if (rc == 0)
		*out = answer(call, json_incref(w.old));
	write_close(&w);
	return rc;
}

/* A write that is made anew whenever it lost a race: `make` leaves the new object in w->object. */
struct attempt {
	int (*make)(struct write *w, void *arg, struct err *err);
	void *arg;
};

static int attempt(struct cluster *c, struct resource_call *call, const struct attempt *a, json_t **out, bool *changed,
		   struct err *err)
{
	struct write w;
	struct err why = { 0 };
	json_t *made = NULL;
	if (check_subresource(call, err) < 0)
		return -1;
	int rc = write_open(&w, c, call, &why);
	if (rc == 0)
		write_alone(&w);
	for (int i = 0; rc == 0; i++) {
		rc = write_read(&w, &why);
		if (rc == 0)
			rc = a->make(&w, a->arg, &why);
		if (rc == 0)
			rc = write_store(&w, &made, &why);
		if (rc == 0 || why.code != ERR_CONFLICT || why.sub != COMMIT_STALE || w.pinned || i == RETRIES_MAX)
			break;
		err_clear(&why);
		rc = 0;
	}
	if (rc == 0 && w.in == c->crds && !call->dry_run && !w.unchanged && !call->subresource) {
		struct err later = { 0 };
		crd_sync(c, w.name, &later);
	}
	if (rc == 0 && changed)
		*changed = !w.unchanged;
	write_close(&w);
	if (rc < 0 && err)
		*err = why;
	if (rc == 0)
		give(out, answer(call, made));
	return rc;
}

/* A Scale becomes a change of the object it is of. */
static int update_scale(struct write *w, const json_t *scale, struct err *err)
{
	json_t *object = json_deep_copy(w->old), *meta = json_object_get(object, "metadata");
	const char *version = json_string_value(json_object_get(json_object_get(scale, "metadata"), "resourceVersion"));
	if (version && *version)
		json_object_set_new(meta, "resourceVersion", json_string(version));
	else
		json_object_del(meta, "resourceVersion");
	w->patch = true;
	int rc = scale_apply(w->k, object, scale, err);
	if (rc == 0)
		rc = write_update(w, object, err);
	json_decref(object);
	return rc;
}

static int make_update(struct write *w, void *arg, struct err *err)
{
	return is_scale(w->call) ? update_scale(w, arg, err) : write_update(w, arg, err);
}

int cluster_update(struct cluster *c, struct resource_call *call, const json_t *object, json_t **out, bool *changed,
		   struct err *err)
{
	return attempt(c, call, &(struct attempt){ make_update, (void *)object }, out, changed, err);
}

/* ---- patch ---- */

struct patching {
	const struct patch_options *options;
	const json_t *patch;
};

static int patched(struct write *w, const struct patching *p, const json_t *from, json_t **out, struct err *err)
{
	switch (p->options->type) {
	case PATCH_JSON:
		return patch_json(from, p->patch, out, err);
	case PATCH_MERGE:
		return patch_merge(from, p->patch, out, err);
	case PATCH_STRATEGIC:
		if ((w->k->flags & KIND_CUSTOM) || !w->k->type)
			return err_set(err, ERR_MEDIA_TYPE,
				       "the body of the request was in an unknown format - accepted media types include: "
				       "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
		if (is_scale(w->call)) /* has no lists, where the two differ */
			return patch_merge(from, p->patch, out, err);
		return patch_strategic(w->k->type, from, p->patch, out, err);
	case PATCH_APPLY:
		break;
	}
	assert(p->options->type != PATCH_APPLY && "an apply has a way of its own");
	return -1;
}

static int make_patch(struct write *w, void *arg, struct err *err)
{
	const struct patching *p = arg;
	json_t *from = is_scale(w->call) ? scale_of(w->k, w->old) : json_incref(w->old), *to = NULL;
	w->patch = true;
	w->strategic = p->options->type == PATCH_STRATEGIC ? p->patch : NULL;
	int rc = patched(w, p, from, &to, err);
	if (rc == 0) /* a version in the patch is compared there */
		rc = is_scale(w->call) ? update_scale(w, to, err) : write_update(w, to, err);
	json_decref(from);
	json_decref(to);
	return rc;
}

/* Unknown fields of the configuration are told of; what decoding would add is not applied. */
static int check_config(struct write *w, const json_t *config, struct err *err)
{
	struct fault_list faults = { 0 };
	json_t *decoded = NULL;
	json_decref(w->call->warnings);
	w->call->warnings = NULL;
	int rc = decode_object(w->k, config, w->call->fields, &decoded, &w->call->warnings, &faults, err);
	fault_release(&faults); /* a part need not be valid: the whole is judged after merging */
	json_decref(decoded);
	return rc;
}

/* The configuration as one of the object itself, its unknown fields told of. New reference, or NULL. */
static json_t *config_of(struct write *w, const json_t *patch, struct err *err)
{
	if (is_scale(w->call))
		return scale_config(w->k, patch, err);
	return check_config(w, patch, err) < 0 ? NULL : json_incref((json_t *)patch);
}

static int apply(struct write *w, const struct patching *p, struct err *err)
{
	json_t *merged = NULL, *causes = NULL, *warnings = NULL, *config;
	enum field_validation fields = w->call->fields;
	const char *manager = w->call->manager ? w->call->manager : "coracle";
	w->patch = w->applied = true;
	if (!(config = config_of(w, p->patch, err)))
		return -1;
	int rc = managed_apply(w->k, w->old, config, manager, w->call->subresource, p->options->force,
			       clock_wall_ns(w->c->clock), &merged, &causes, err);
	json_decref(config);
	if (rc == 0 && is_scale(w->call))
		scale_settle(w->k, merged);
	if (rc < 0) {
		w->pinned = true;
		if (causes) {
			json_decref(w->call->causes);
			w->call->causes = causes;
		}
		return -1;
	}
	/* The configuration was judged above, by its own words. */
	warnings = w->call->warnings;
	w->call->warnings = NULL;
	w->call->fields = FIELDS_IGNORE;
	rc = w->old ? write_update(w, merged, err) : write_create(w, merged, err);
	w->call->fields = fields;
	if (warnings && w->call->warnings) {
		json_array_extend(warnings, w->call->warnings);
		json_decref(w->call->warnings);
	}
	if (warnings)
		w->call->warnings = warnings;
	json_decref(merged);
	return rc;
}

static int make_apply(struct write *w, void *arg, struct err *err)
{
	return apply(w, arg, err);
}

/* Creates what is not there. 1: it is there (made meanwhile, too). */
static int apply_new(struct cluster *c, struct resource_call *call, const struct patching *p, json_t **out, struct err *err)
{
	struct write w;
	struct err why = { 0 };
	json_t *made = NULL;
	int rc = write_open(&w, c, call, err);
	if (rc == 0)
		write_alone(&w);
	if (rc == 0 && write_read(&w, &why) == 0)
		rc = 1;
	err_clear(&why);
	if (rc == 0 && call->subresource)
		rc = write_not_found(&w, &why);
	if (rc == 0)
		rc = apply(&w, p, &why);
	if (rc == 0)
		rc = write_store(&w, &made, &why);
	if (rc == 0 && w.in == c->crds && !call->dry_run) {
		struct err later = { 0 };
		crd_sync(c, w.name, &later);
	}
	write_close(&w);
	if (rc < 0 && why.code == ERR_EXISTS)
		return 1;
	if (rc < 0 && err && why.code != ERR_OK)
		*err = why;
	if (rc == 0)
		give(out, made);
	return rc;
}

int cluster_patch(struct cluster *c, struct resource_call *call, const struct patch_options *options,
		  const json_t *patch, json_t **out, bool *created, struct err *err)
{
	struct patching p = { options, patch };
	struct attempt a = { options->type == PATCH_APPLY ? make_apply : make_patch, &p };
	if (created)
		*created = false;
	for (int i = 0; i < NAME_TRIES_MAX && options->type == PATCH_APPLY; i++) {
		struct err why = { 0 };
		int rc = apply_new(c, call, &p, out, err);
		if (rc == 0 && created)
			*created = true;
		if (rc <= 0)
			return rc;
		rc = attempt(c, call, &a, out, NULL, &why);
		if (rc == 0 || why.code != ERR_NOT_FOUND || i + 1 == NAME_TRIES_MAX) {
			if (rc < 0 && err)
				*err = why;
			return rc;
		}
	}
	return attempt(c, call, &a, out, NULL, err);
}
