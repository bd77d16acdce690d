/*
 * Deletion. An object goes at once unless something holds it: finalizers (its own, or those that foreground and orphan
 * deletion add for the collector), a namespace's content, or a grace period. Then it gets a deletionTimestamp, and goes
 * with the write that takes the last hold away.
 */
#include <stdlib.h>

#include "base/check.h"
#include "cluster/write.h"
#include "codec/json.h"
#include "codec/time.h"

enum { RETRIES_MAX = 100 };

static const struct delete_options delete_defaults = { .grace_s = -1 };

static int check_preconditions(struct write *w, const struct delete_options *o, struct err *err)
{
	char why[300];
	if (o->uid && *o->uid && strcmp(o->uid, document_str(w->old, "uid")) != 0)
		snprintf(why, sizeof why, "Precondition failed: UID in precondition: %.64s, UID in object meta: %.64s", o->uid,
			 document_str(w->old, "uid"));
	else if (o->resource_version && *o->resource_version &&
		 strcmp(o->resource_version, document_str(w->old, "resourceVersion")) != 0)
		snprintf(why, sizeof why,
			 "Precondition failed: ResourceVersion in precondition: %.64s, ResourceVersion in object meta: %.64s",
			 o->resource_version, document_str(w->old, "resourceVersion"));
	else
		return 0;
	w->pinned = true;
	return write_conflict(w, why, err);
}

static int check_allowed(struct write *w, struct err *err)
{
	static const char *const kept[] = { "default", "kube-system", "kube-public" };
	struct fault_list faults = { 0 };
	struct admission a = {
		.cluster = w->c,
		.kind = w->k,
		.verb = ADMIT_DELETE,
		.old = w->old,
		.object = w->old,
		.faults = &faults,
		.user = w->call->user,
		.dry_run = w->call->dry_run,
	};
	for (size_t i = 0; w->in == w->c->namespaces && i < sizeof kept / sizeof *kept; i++)
		if (!strcmp(w->name, kept[i]))
			return err_set(err, ERR_FORBIDDEN, "namespaces \"%s\" is forbidden: this namespace may not be deleted",
				       w->name);
	int rc = w->k->hooks.remove ? w->k->hooks.remove(&a, w->k->hooks.ctx, err) : 0;
	for (size_t i = 0; rc == 0 && i < w->in->hooks.len; i++)
		if (w->in->hooks.ptr[i].remove)
			rc = w->in->hooks.ptr[i].remove(&a, w->in->hooks.ptr[i].ctx, err);
	fault_release(&faults);
	return rc;
}

/* Seconds that whoever runs the object may take to end it. */
static int64_t grace_of(const struct write *w, const struct delete_options *o)
{
	const char *node = json_str_at(w->old, "spec.nodeName"), *phase = json_str_at(w->old, "status.phase");
	if (!(w->k->flags & KIND_GRACE) || !node || !*node)
		return 0;
	if (phase && (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed"))) /* nothing runs any more */
		return 0;
	return o->grace_s >= 0 ? o->grace_s : json_int_at(w->old, "spec.terminationGracePeriodSeconds", 30);
}

static void set_times(struct write *w, json_t *object, int64_t grace_s)
{
	char text[TIME_TEXT_BYTES];
	json_t *meta = document_meta(object);
	const json_t *had = json_object_get(meta, "deletionGracePeriodSeconds");
	if (!document_is_ending(object)) {
		int64_t at = clock_wall_ns(w->c->clock), wait = 0;
		if (ckd_mul(&wait, grace_s, (int64_t)1000000000) || ckd_add(&at, at, wait))
			at = clock_wall_ns(w->c->clock);
		time_format_rfc3339(at, text, sizeof text);
		json_object_set_new(meta, "deletionTimestamp", json_string(text));
		if (w->k->flags & KIND_GENERATION)
			json_object_set_new(meta, "generation",
					    json_integer(json_integer_value(json_object_get(meta, "generation")) + 1));
	} else if (json_is_integer(had) && json_integer_value(had) < grace_s) {
		return; /* a grace period is only ever made shorter */
	}
	if (w->in != w->c->namespaces)
		json_object_set_new(meta, "deletionGracePeriodSeconds", json_integer(grace_s));
}

static void set_propagation(json_t *object, enum delete_propagation p)
{
	if (p == DELETE_DEFAULT)
		return;
	document_set_finalizer(object, FINALIZER_ORPHAN, p == DELETE_ORPHAN);
	document_set_finalizer(object, FINALIZER_FOREGROUND, p == DELETE_FOREGROUND);
}

static void set_kind_specifics(struct write *w, json_t *object)
{
	char now[TIME_TEXT_BYTES];
	if (w->in == w->c->namespaces)
		document_set(object, "status.phase", json_string("Terminating"));
	if (w->in != w->c->crds || document_is_ending(w->old))
		return;
	time_format_rfc3339(clock_wall_ns(w->c->clock), now, sizeof now);
	document_set_finalizer(object, FINALIZER_CRD, true);
	json_t *conditions = json_at(object, "status.conditions");
	if (json_is_array(conditions))
		json_array_append_new(
			conditions,
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "Terminating", "status", "True", "lastTransitionTime", now,
				  "reason", "InstanceDeletionPending", "message",
				  "CustomResourceDefinition marked for deletion; CustomResource deletion will be attempted"));
}

static int make_deletion(struct write *w, const struct delete_options *o, struct err *err)
{
	if (check_preconditions(w, o, err) < 0 || check_allowed(w, err) < 0)
		return -1;
	json_t *object = json_deep_copy(w->old);
	set_propagation(object, o->propagation);
	set_kind_specifics(w, object);
	set_times(w, object, grace_of(w, o));
	json_decref(w->object);
	w->object = object;
	w->removes = !document_is_held(object);
	w->unchanged = !w->removes && json_equal(w->old, object);
	document_share(object, w->old);
	return 0;
}

int cluster_delete(struct cluster *c, struct resource_call *call, const struct delete_options *options, json_t **out,
		   bool *gone, struct err *err)
{
	const struct delete_options *o = options ? options : &delete_defaults;
	struct write w;
	struct err why = { 0 };
	json_t *last = NULL;
	int rc = write_open(&w, c, call, &why);
	for (int i = 0; rc == 0; i++) {
		rc = write_read(&w, &why);
		if (rc == 0)
			rc = make_deletion(&w, o, &why);
		if (rc == 0)
			rc = write_store(&w, &last, &why);
		if (rc == 0 || why.code != ERR_CONFLICT || why.sub != COMMIT_STALE || i == RETRIES_MAX)
			break;
		err_clear(&why);
		rc = 0;
	}
	if (rc == 0 && gone)
		*gone = w.removes;
	if (rc == 0 && out)
		*out = json_incref(w.removes && !(w.k->flags & KIND_GRACE) ? w.old : last);
	json_decref(last);
	write_close(&w);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

/* ---- many ---- */

/* So many share one commit; each is a deletion of its own. */
enum { GROUP_MAX = 64 };

struct group {
	struct resource_call calls[GROUP_MAX];
	struct write writes[GROUP_MAX];
	struct staged staged[GROUP_MAX];
	struct change changes[GROUP_MAX];
	size_t n;
};

/* 1: it is in the group, 0: there is nothing to do for it. */
static int group_add(struct group *g, struct cluster *c, const struct resource_call *call, const json_t *object,
		     const struct delete_options *o, struct err *err)
{
	struct resource_call *one = &g->calls[g->n];
	struct write *w = &g->writes[g->n];
	struct err why = { 0 };
	*one = (struct resource_call){ .kind = call->kind,
				       .namespace = document_str(object, "namespace"),
				       .name = document_str(object, "name"),
				       .manager = call->manager,
				       .user = call->user,
				       .dry_run = call->dry_run };
	int rc = write_open(w, c, one, &why);
	if (rc == 0)
		rc = write_read(w, &why);
	if (rc == 0)
		rc = make_deletion(w, o, &why);
	if (rc == 0 && !w->unchanged && !one->dry_run)
		rc = write_stage(w, &g->staged[g->n], &why) < 0 ? -1 : 1;
	if (rc == 1) {
		g->changes[g->n] = g->staged[g->n].change;
		g->n++;
		return 1;
	}
	write_close(w);
	if (rc == 0 || why.code == ERR_NOT_FOUND)
		return 0;
	*err = why;
	return -1;
}

static int group_commit(struct group *g, struct cluster *c, const struct delete_options *o, struct err *err)
{
	int rc = commit_all(g->changes, g->n, err);
	for (size_t i = 0; i < g->n; i++) {
		struct err why = { 0 };
		/* Changed meanwhile: again, alone. */
		if (rc == 0 && g->changes[i].refused && cluster_delete(c, &g->calls[i], o, NULL, NULL, &why) < 0 &&
		    why.code != ERR_NOT_FOUND) {
			*err = why;
			rc = -1;
		}
		write_unstage(&g->staged[i]);
		write_close(&g->writes[i]);
		resource_call_release(&g->calls[i]);
	}
	g->n = 0;
	return rc;
}

int cluster_delete_collection(struct cluster *c, struct resource_call *call, const struct list_options *select,
			      const struct delete_options *options, struct resource_list *out, struct err *err)
{
	const struct delete_options *o = options ? options : &delete_defaults;
	struct resource_list list;
	struct err why = { 0 };
	size_t i;
	json_t *object;
	int rc = 0;
	if (cluster_list(c, call, select, &list, err) < 0)
		return -1;
	struct group *g = calloc(1, sizeof *g);
	if (!g)
		abort();
	json_array_foreach(list.items, i, object)
	{
		if (rc == 0)
			rc = group_add(g, c, call, object, o, &why) < 0 ? -1 : 0;
		if (rc == 0 && g->n == GROUP_MAX)
			rc = group_commit(g, c, o, &why);
	}
	/* What was chosen before one was refused goes all the same. */
	if (group_commit(g, c, o, rc == 0 ? &why : &(struct err){ 0 }) < 0)
		rc = -1;
	free(g);
	if (rc == 0 && out)
		*out = list;
	else
		resource_list_release(&list);
	if (rc < 0 && err)
		*err = why;
	return rc;
}
