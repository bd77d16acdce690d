/*
 * The verbs on resources, the same for every kind: decode, one call of cluster/resource.h, answer.
 */
#include "api/kubernetes/call.h"
#include "base/limits.h"

static int do_get(struct kube_call *call, struct err *err)
{
	json_t *o;
	if (cluster_get(call->api->o.cluster, &call->r, &o, err) < 0)
		return -1;
	kube_reply_object(call, 200, o);
	json_decref(o);
	return 0;
}

static int list_options(struct kube_call *call, struct list_options *l, struct err *err)
{
	const char *match = kube_query(call->x, "resourceVersionMatch");
	*l = (struct list_options){
	    .label_selector = kube_query(call->x, "labelSelector"),
	    .field_selector = kube_query(call->x, "fieldSelector"),
	    .continue_token = kube_query(call->x, "continue"),
	    .resource_version = kube_query(call->x, "resourceVersion"),
	    .exact = match && !strcmp(match, "Exact"),
	};
	if (kube_query_int(call->x, "limit", &l->limit, err) < 0)
		return -1;
	if (l->limit < 0)
		return err_set(err, ERR_INVALID, "limit: must be 0 or more");
	if (match && *match && !l->exact && strcmp(match, "NotOlderThan") != 0)
		return err_set(err, ERR_UNPROCESSABLE,
			       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: "
			       "\"%.64s\": supported "
			       "values: \"Exact\", \"NotOlderThan\", \"\"",
			       match);
	if (match && *match && (!l->resource_version || !*l->resource_version))
		return err_set(
		    err, ERR_UNPROCESSABLE,
		    "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is "
		    "forbidden unless resourceVersion is provided");
	return 0;
}

static int do_list(struct kube_call *call, struct err *err)
{
	struct list_options options;
	struct resource_list list;
	if (list_options(call, &options, err) < 0 ||
	    cluster_list(call->api->o.cluster, &call->r, &options, &list, err) < 0)
		return -1;
	kube_reply_list(call, &list);
	resource_list_release(&list);
	return 0;
}

/* `kubectl run` would leave a Pod that never runs; a manifest's Pod is kept, and an Event says why it waits. */
static int refuse_run(const struct kube_call *call, struct err *err)
{
	if (call->kind->group[0] || strcmp(call->kind->plural, "pods") != 0 || strcmp(call->r.manager, "kubectl-run") != 0)
		return 0;
	return err_set(err, ERR_UNSUPPORTED,
		       "run is not implemented: the containers of this cluster are built into the server and a Pod of "
		       "your own has no process");
}

static int do_create(struct kube_call *call, struct err *err)
{
	json_t *body, *out;
	int rc = kube_virtual_create(call, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (call->path.subresource)
		return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
	if (kube_write_options(call, err) < 0 || refuse_run(call, err) < 0 ||
	    kube_body_object(call, call->kind, &body, err) < 0)
		return -1;
	rc = cluster_create(call->api->o.cluster, &call->r, body, &out, err);
	json_decref(body);
	if (rc < 0)
		return -1;
	kube_reply_object(call, 201, out);
	json_decref(out);
	return 0;
}

static int do_update(struct kube_call *call, struct err *err)
{
	const struct kind *body_kind = call->kind;
	json_t *body, *out;
	if (kube_write_options(call, err) < 0)
		return -1;
	if (call->path.subresource && !strcmp(call->path.subresource, "scale"))
		body_kind = kube_scale_kind();
	if (kube_body_object(call, body_kind, &body, err) < 0)
		return -1;
	int rc = cluster_update(call->api->o.cluster, &call->r, body, &out, NULL, err);
	json_decref(body);
	if (rc < 0)
		return -1;
	kube_reply_object(call, 200, out);
	json_decref(out);
	return 0;
}

static int patch_type(struct kube_call *call, struct patch_options *p, struct err *err)
{
	struct slice type = kube_media_type(http_field(call->x, "content-type"));
	bool custom = call->kind->flags & KIND_CUSTOM;
	if (slice_is(type, "application/json-patch+json"))
		p->type = PATCH_JSON;
	else if (slice_is(type, "application/merge-patch+json"))
		p->type = PATCH_MERGE;
	else if (slice_is(type, "application/strategic-merge-patch+json") && !custom)
		p->type = PATCH_STRATEGIC;
	else if (slice_is(type, "application/apply-patch+yaml"))
		p->type = PATCH_APPLY;
	else
		return err_set(
		    err, ERR_MEDIA_TYPE,
		    "the body of the request was in an unknown format - accepted media types include: "
		    "application/json-patch+json, application/merge-patch+json, %sapplication/apply-patch+yaml",
		    custom ? "" : "application/strategic-merge-patch+json, ");
	return 0;
}

static int patch_options(struct kube_call *call, struct patch_options *p, struct err *err)
{
	const char *manager = kube_query(call->x, "fieldManager");
	bool forced = http_query(call->x, "force").ptr != NULL;
	if (kube_write_options(call, err) < 0 || patch_type(call, p, err) < 0 ||
	    kube_query_bool(call->x, "force", &p->force, err) < 0)
		return -1;
	if (p->type == PATCH_APPLY && (!manager || !*manager))
		return err_set(err, ERR_UNPROCESSABLE,
			       "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required "
			       "for apply patch");
	if (p->type != PATCH_APPLY && forced)
		return err_set(err, ERR_UNPROCESSABLE,
			       "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for "
			       "non-apply patch");
	return 0;
}

static int do_patch(struct kube_call *call, struct err *err)
{
	struct patch_options options = {0};
	json_t *patch = NULL, *out;
	bool created = false;
	if (patch_options(call, &options, err) < 0 ||
	    kube_body_document(call->x, options.type == PATCH_APPLY, &patch, err) < 0)
		return -1;
	if (!patch || (options.type == PATCH_JSON ? !json_is_array(patch) : !json_is_object(patch))) {
		json_decref(patch);
		return err_set(err, ERR_INVALID, "error decoding patch: the body must be %s",
			       options.type == PATCH_JSON ? "an array of operations" : "an object");
	}
	int rc = cluster_patch(call->api->o.cluster, &call->r, &options, patch, &out, &created, err);
	json_decref(patch);
	if (rc < 0)
		return -1;
	kube_reply_object(call, created ? 201 : 200, out);
	json_decref(out);
	return 0;
}

static int do_delete(struct kube_call *call, struct err *err)
{
	struct delete_options options;
	json_t *body, *out;
	bool gone = false;
	if (call->path.subresource)
		return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
	if (kube_write_options(call, err) < 0 || kube_body_delete_options(call, &options, &body, err) < 0)
		return -1;
	int rc = cluster_delete(call->api->o.cluster, &call->r, &options, &out, &gone, err);
	json_decref(body);
	if (rc < 0)
		return -1;
	if (gone && !(call->kind->flags & KIND_DELETE_RETURNS_OBJECT))
		kube_reply_success(call, out);
	else
		kube_reply_object(call, 200, out);
	json_decref(out);
	return 0;
}

static int do_delete_collection(struct kube_call *call, struct err *err)
{
	struct delete_options options;
	struct list_options select;
	struct resource_list list;
	json_t *body;
	if (call->kind->flags & KIND_NO_DELETECOLLECTION)
		return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
	if (kube_write_options(call, err) < 0 || list_options(call, &select, err) < 0 ||
	    kube_body_delete_options(call, &options, &body, err) < 0)
		return -1;
	int rc = cluster_delete_collection(call->api->o.cluster, &call->r, &select, &options, &list, err);
	json_decref(body);
	if (rc < 0)
		return -1;
	kube_reply_list(call, &list);
	resource_list_release(&list);
	return 0;
}

/* Subresources whose form is their own. 1: answered, 0: not one of them, -1: failed. */
static int special(struct kube_call *call, struct err *err)
{
	static const char *const streams[] = {"exec", "attach", "portforward"};
	const char *sub = call->path.subresource;
	bool pod = !call->kind->group[0] && !strcmp(call->kind->plural, "pods");
	if (!sub || call->kind->group[0])
		return 0;
	if (pod && !strcmp(sub, "log"))
		return kube_log(call, err) < 0 ? -1 : 1;
	if ((pod || !strcmp(call->kind->plural, "services")) && !strcmp(sub, "proxy"))
		return kube_proxy(call, err) < 0 ? -1 : 1;
	for (size_t i = 0; pod && i < sizeof streams / sizeof streams[0]; i++)
		if (!strcmp(sub, streams[i]))
			return err_set(
			    err, ERR_UNSUPPORTED,
			    "pods/%s is not implemented: the containers of this cluster are built into the server and "
			    "have no process to reach; use logs, or services/proxy for its ports",
			    sub);
	return 0;
}

static int dispatch(struct kube_call *call, struct err *err)
{
	int rc = special(call, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (kube_virtual_kind(call->kind->group, call->kind->version, call->kind->plural) && call->verb != KUBE_CREATE)
		return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
	switch (call->verb) {
	case KUBE_GET:
		return do_get(call, err);
	case KUBE_LIST:
		return do_list(call, err);
	case KUBE_WATCH:
		return kube_watch(call, err);
	case KUBE_CREATE:
		return do_create(call, err);
	case KUBE_UPDATE:
		return do_update(call, err);
	case KUBE_PATCH:
		return do_patch(call, err);
	case KUBE_DELETE:
		return do_delete(call, err);
	case KUBE_DELETECOLLECTION:
		return do_delete_collection(call, err);
	}
	return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
}

void kube_handle_resource(struct http_exchange *x)
{
	struct kube_call call;
	struct err err = {0};
	int rc = kube_call_open(x, &call, &err);
	if (rc == 0)
		rc = dispatch(&call, &err);
	if (rc < 0)
		kube_reply_error(x, &err, &call.r);
	kube_call_close(&call);
}
