/*
 * One write of the resource store under way: what create, update, patch and delete share. Not for others.
 *
 *   write_open     whose call, which collection
 *   write_alone    waits for its turn (create, update, patch)
 *   write_read     the object as it is now (not for create)
 *   write_create / write_update
 *                  the document as it will be: decode, defaults, checks, metadata, generation, managedFields
 *   write_store    commits it, or finds that nothing was to be written
 *   write_close    frees what it holds
 *
 * After a write_store that failed with ERR_CONFLICT and sub COMMIT_STALE the caller may start over from write_read.
 */
#ifndef CORACLE_CLUSTER_WRITE_H
#define CORACLE_CLUSTER_WRITE_H

#include "base/buf.h"
#include "cluster/state.h"

struct write {
	struct cluster *c;
	struct resource_call *call;
	const struct kind *k;
	struct collection *in;
	char *namespace_, *name; /* own; name NULL until it is known */
	char resource[KIND_API_VERSION_BYTES]; /* "deployments.apps" */

	json_t *old_stored, *old; /* references; NULL on create */
	int64_t old_version;

	json_t *object; /* in the call's version; the writer's own */
	bool applied;	/* its managedFields are settled (server-side apply) */
	bool pinned;	/* the client named a resourceVersion: do not start over when it is stale */
	const json_t *strategic; /* the strategic merge patch it is made by, or NULL; borrowed */
	bool patch;	/* made from the object as it is: needs no resourceVersion */
	bool unchanged; /* nothing is to be written */
	bool alone;	/* holds serial_lock */
	bool removes;	/* the last finalizer of a deleted object is gone: the write is its removal */
};

int write_open(struct write *w, struct cluster *c, struct resource_call *call, struct err *err);
void write_close(struct write *w);
/* After write_open, before anything is read. Of a kind with KIND_SERIAL: no other such write is under way until write_close. */
void write_alone(struct write *w);
/* ERR_NOT_FOUND with the API server's text. May be called again. */
int write_read(struct write *w, struct err *err);

/* `in` is what the client sent; decoded strictly or not as call->fields says. */
int write_create(struct write *w, const json_t *in, struct err *err);
/* `in` replaces the object (or by call->subresource its status, finalizers). */
int write_update(struct write *w, const json_t *in, struct err *err);
/* Gives w->old an edited copy as the object to write: for changes that are the store's own. No hooks run. */
int write_edit(struct write *w, json_t *object, struct err *err);

/* *out (may be NULL): the object as it is now, in the call's version. */
int write_store(struct write *w, json_t **out, struct err *err);

/* The same in steps, for several writes that are to share one commit. */
struct staged {
	struct change change; /* points into the write */
	struct buf text;
	json_t *version; /* that the document showed before */
};

int write_stage(struct write *w, struct staged *s, struct err *err);
void write_unstage(struct staged *s);

/* The whole of a small change by the store itself (no hooks, no validation, so that nothing can stop it), again when it
 * lost a race. `edit` returns false when there is nothing to change. An object that is gone, or has another uid, is no
 * error; uid NULL: any. */
int write_edit_now(struct cluster *c, const struct kind *k, const char *namespace_, const char *name, const char *uid,
		   bool (*edit)(json_t *object, void *ctx), void *ctx, struct err *err);

/* ---- documents (document.c) ---- */

/* metadata, made when missing. Borrowed. */
json_t *document_meta(json_t *object);
/* A string of metadata, "" when missing. */
const char *document_str(const json_t *object, const char *field);
bool document_is_ending(const json_t *object);
bool document_has_finalizer(const json_t *object, const char *finalizer);
/* Adds or removes; false when nothing was to do. */
bool document_set_finalizer(json_t *object, const char *finalizer, bool present);
/* Held by a finalizer of metadata, or a namespace's of spec, or by its grace period. */
bool document_is_held(const json_t *object);
/* Along dotted keys; missing objects are made. Takes over the reference to `value`. False when a step is no object. */
bool document_set(json_t *object, const char *path, json_t *value);
/* Equal but for the keys named (NULL-terminated) at the top. */
bool document_equal_but(const json_t *a, const json_t *b, const char *const *but);
/* Values that are equal become the same ones, at every depth: what versions in the event ring and objects that are alike
 * cost is what differs. Nobody may change `to` afterwards but for members of its top and of its metadata. */
void document_share(json_t *to, json_t *from);
/* metadata's fields in the order the API server gives them. */
void document_order_meta(json_t *object);

/* ---- texts (write.c) ---- */

int write_not_found(const struct write *w, struct err *err);
int write_conflict(const struct write *w, const char *why, struct err *err);

#endif
