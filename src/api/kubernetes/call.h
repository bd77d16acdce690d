/*
 * One request of the Kubernetes API under way, shared by the files of this folder. Not for others.
 *
 * A handler is straight blocking code: kube_call_open (who, which kind, which form), one function of
 * cluster/resource.h, then one kube_reply_…; kube_call_close frees what the call holds.
 */
#ifndef CORACLE_API_KUBERNETES_CALL_H
#define CORACLE_API_KUBERNETES_CALL_H

#include "api/kubernetes/kubernetes.h"
#include "api/kubernetes/media.h"
#include "api/kubernetes/path.h"
#include "cluster/resource.h"

struct kube_streams;   /* stream.h */
struct kube_documents; /* discovery.h */

struct kubernetes_api {
	struct kubernetes_options o;
	char *git_version, *logs_dir;
	struct route *routes;
	size_t routes_n;
	struct kube_streams *streams;
	struct kube_documents *documents;
};

enum kube_verb {
	KUBE_GET,
	KUBE_LIST,
	KUBE_WATCH,
	KUBE_CREATE,
	KUBE_UPDATE,
	KUBE_PATCH,
	KUBE_DELETE,
	KUBE_DELETECOLLECTION,
};

const char *kube_verb_name(enum kube_verb v);

struct kube_call {
	struct http_exchange *x;
	struct kubernetes_api *api;
	const struct user *user;
	struct kube_path path;
	enum kube_verb verb;
	const struct kind *kind; /* reference held */
	struct kube_media media; /* of the answer */
	bool pretty;
	struct resource_call r;
};

/* Parses the path, finds the kind, settles the answer's form, checks that the user may. */
int kube_call_open(struct http_exchange *x, struct kube_call *call, struct err *err);
void kube_call_close(struct kube_call *call);

/* A query parameter as a string in the arena; NULL when absent, "" when empty. */
const char *kube_query(struct http_exchange *x, const char *name);
/* ERR_INVALID when it is there and no boolean. */
int kube_query_bool(struct http_exchange *x, const char *name, bool *out, struct err *err);
/* `*out` untouched when absent. */
int kube_query_int(struct http_exchange *x, const char *name, int64_t *out, struct err *err);
/* dryRun, fieldManager, fieldValidation into call->r. */
int kube_write_options(struct kube_call *call, struct err *err);

/* ---- answers (reply.c) ---- */

/* Does the client's browser or curl want it indented? */
bool kube_pretty(struct http_exchange *x);
void kube_reply_json(struct http_exchange *x, int status, const json_t *body, enum kube_encoding encoding, bool pretty);
/* One object in the form that was negotiated. */
void kube_reply_object(struct kube_call *call, int status, json_t *object);
void kube_reply_list(struct kube_call *call, const struct resource_list *list);
/* `r`: the call that was refused, which may know more about it; or NULL. */
void kube_reply_error(struct http_exchange *x, const struct err *err, const struct resource_call *r);
/* {kind: Status, status: Success, details} */
void kube_reply_success(struct kube_call *call, const json_t *deleted);
/* Warning headers for call->r.warnings. */
void kube_reply_warnings(struct kube_call *call);

/* An object as `media` wants it (as it is, PartialObjectMetadata, Table with column definitions or null). New ref. */
json_t *kube_transform(const struct kind *kind, const struct kube_media *media, json_t *object, bool columns,
		       const char *include, int64_t now_ns);

/* ---- bodies (body.c) ---- */

/* The body as an object of `kind` (its apiVersion and kind filled in when missing). */
int kube_body_object(struct kube_call *call, const struct kind *kind, json_t **out, struct err *err);
/* DeleteOptions of a DELETE: body and query parameters. Strings live as long as *body, which the caller releases. */
int kube_body_delete_options(struct kube_call *call, struct delete_options *out, json_t **body, struct err *err);
/* Any JSON or YAML document; *out is NULL for an empty body. */
int kube_body_document(struct http_exchange *x, bool yaml, json_t **out, struct err *err);

/* ---- handlers ---- */

void kube_handle_resource(struct http_exchange *x);
int kube_watch(struct kube_call *call, struct err *err);
int kube_log(struct kube_call *call, struct err *err);
int kube_proxy(struct kube_call *call, struct err *err);
/* Subresources and kinds that are questions, not objects: reviews, tokens, eviction. 1: answered, 0: not one of
 * these, -1: failed. */
int kube_virtual_create(struct kube_call *call, struct err *err);
/* A kind that is only ever posted (SubjectAccessReview…), or NULL. Static. */
const struct kind *kube_virtual_kind(const char *group, const char *version, const char *plural);
/* Of the bodies of /scale. Static. */
const struct kind *kube_scale_kind(void);
void kube_virtual_kinds_each(void (*fn)(void *ctx, const struct kind *k), void *ctx);

#endif
