/*
 * Opening a request: path to kind, method to verb, Accept to form, principal to permission.
 */
#include "api/kubernetes/call.h"

#include <string.h>

#include "api/kubernetes/proto.h"

const char *kube_verb_name(enum kube_verb v)
{
	static const char *const names[] = {
	    [KUBE_GET] = "get",       [KUBE_LIST] = "list",
	    [KUBE_WATCH] = "watch",   [KUBE_CREATE] = "create",
	    [KUBE_UPDATE] = "update", [KUBE_PATCH] = "patch",
	    [KUBE_DELETE] = "delete", [KUBE_DELETECOLLECTION] = "deletecollection",
	};
	return names[v];
}

const char *kube_query(struct http_exchange *x, const char *name)
{
	struct slice s = http_query(x, name);
	return s.ptr ? arena_cstr(x->arena, s) : NULL;
}

int kube_query_bool(struct http_exchange *x, const char *name, bool *out, struct err *err)
{
	struct slice s = http_query(x, name);
	if (!s.ptr)
		return 0;
	if (slice_is(s, "true") || slice_is(s, "1") || slice_is(s, "") || slice_is(s, "True"))
		*out = true;
	else if (slice_is(s, "false") || slice_is(s, "0") || slice_is(s, "False"))
		*out = false;
	else
		return err_set(err, ERR_INVALID, "%s: \"%.*s\" is no boolean", name, SLICE_ARG(slice_sub(s, 0, 64)));
	return 0;
}

int kube_query_int(struct http_exchange *x, const char *name, int64_t *out, struct err *err)
{
	struct slice s = http_query(x, name);
	if (!s.ptr || s.len == 0)
		return 0;
	if (!slice_i64(s, out))
		return err_set(err, ERR_INVALID, "%s: \"%.*s\" is no integer", name, SLICE_ARG(slice_sub(s, 0, 64)));
	return 0;
}

static const char *options_kind(enum kube_verb v)
{
	return v == KUBE_CREATE ? "CreateOptions" : v == KUBE_PATCH ? "PatchOptions" : "UpdateOptions";
}

/* "kubectl/v1.32.5 (linux/amd64)" is the manager "kubectl". */
static const char *manager_of(struct http_exchange *x)
{
	struct slice agent = http_field(x, "user-agent"), first = slice_cut(&agent, '/');
	first = slice_sub(slice_trim(first), 0, 128);
	return first.len > 0 ? arena_cstr(x->arena, first) : "unknown";
}

int kube_write_options(struct kube_call *call, struct err *err)
{
	const char *dry = kube_query(call->x, "dryRun"), *manager = kube_query(call->x, "fieldManager"),
		   *validation = kube_query(call->x, "fieldValidation"), *options = options_kind(call->verb);
	if (dry && strcmp(dry, "All") != 0)
		return err_set(
		    err, ERR_UNPROCESSABLE,
		    "%s.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"%.64s\"]: supported values: \"All\"",
		    options, dry);
	if (manager && strlen(manager) > 128)
		return err_set(err, ERR_UNPROCESSABLE,
			       "%s.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes",
			       options);
	call->r.dry_run = dry != NULL;
	call->r.manager = manager && *manager ? manager : manager_of(call->x);
	if (!validation || !*validation || !strcmp(validation, "Warn"))
		call->r.fields = FIELDS_WARN;
	else if (!strcmp(validation, "Strict"))
		call->r.fields = FIELDS_STRICT;
	else if (!strcmp(validation, "Ignore"))
		call->r.fields = FIELDS_IGNORE;
	else
		return err_set(
		    err, ERR_UNPROCESSABLE,
		    "%s.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"%.64s\": supported values: "
		    "\"\", \"Ignore\", \"Strict\", \"Warn\"",
		    options, validation);
	return 0;
}

static int verb_of(struct kube_call *call, struct err *err)
{
	bool named = call->path.name != NULL, watch = false;
	switch (call->x->method) {
	case HTTP_GET:
	case HTTP_HEAD:
		if (kube_query_bool(call->x, "watch", &watch, err) < 0)
			return -1;
		call->verb = named ? (watch && !call->path.subresource ? KUBE_WATCH : KUBE_GET)
				   : (watch ? KUBE_WATCH : KUBE_LIST);
		return 0;
	case HTTP_POST:
		if (!named || call->path.subresource) {
			call->verb = KUBE_CREATE;
			return 0;
		}
		break;
	case HTTP_PUT:
		if (named) {
			call->verb = KUBE_UPDATE;
			return 0;
		}
		break;
	case HTTP_PATCH:
		if (named) {
			call->verb = KUBE_PATCH;
			return 0;
		}
		break;
	case HTTP_DELETE:
		call->verb = named ? KUBE_DELETE : KUBE_DELETECOLLECTION;
		return 0;
	default:
		break;
	}
	return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
}

/* `pods "a" is forbidden: User "x" cannot get resource "pods" in API group "" in the namespace "n"`. */
static int forbidden(const struct kube_call *call, struct err *err)
{
	char resource[KIND_API_VERSION_BYTES], scope[300];
	kind_resource_name(call->kind, resource);
	if (call->path.namespace_[0])
		snprintf(scope, sizeof scope, "in the namespace \"%.253s\"", call->path.namespace_);
	else
		snprintf(scope, sizeof scope, "at the cluster scope");
	return err_set(err, ERR_FORBIDDEN,
		       "%s%s%.253s%s is forbidden: User \"%s\" cannot %s resource \"%s%s%s\" in API group \"%s\" %s",
		       resource, call->path.name ? " \"" : "", call->path.name ? call->path.name : "",
		       call->path.name ? "\"" : "", call->user->name, kube_verb_name(call->verb), call->kind->plural,
		       call->path.subresource ? "/" : "", call->path.subresource ? call->path.subresource : "",
		       call->kind->group, scope);
}

static int check_allowed(const struct kube_call *call, struct err *err)
{
	const struct kubernetes_options *o = &call->api->o;
	if (!call->user->authenticated)
		return forbidden(call, err);
	if (!o->authorize ||
	    o->authorize(o->authorize_arg, call->x->principal, kube_verb_name(call->verb), call->kind->group,
			 call->kind->plural, call->path.namespace_, call->path.name ? call->path.name : ""))
		return 0;
	return forbidden(call, err);
}

static const struct kind *find_kind(struct kubernetes_api *api, const struct kube_path *p)
{
	const struct kind *k = kube_virtual_kind(p->group, p->version, p->plural);
	if (k)
		return kind_ref(k);
	k = cluster_kind(api->o.cluster, p->group, p->version, p->plural);
	if (k && (k->flags & KIND_INTERNAL)) {
		kind_unref(k);
		k = NULL;
	}
	return k;
}

/* A namespaced kind needs a namespace for everything but lists; a cluster-scoped one must not have one. */
static int check_scope(const struct kube_call *call, struct err *err)
{
	bool namespaced = call->kind->flags & KIND_NAMESPACED, given = call->path.namespace_[0] != 0;
	bool listing = call->verb == KUBE_LIST || call->verb == KUBE_WATCH;
	if (namespaced == given || (namespaced && listing && !call->path.name))
		return 0;
	if (namespaced && !call->path.name && call->verb == KUBE_CREATE)
		return err_set(err, ERR_INVALID, "an empty namespace may not be set during creation");
	return namespaced && !call->path.name
		   ? err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource")
		   : err_set(err, ERR_NOT_FOUND, "the server could not find the requested resource");
}

int kube_call_open(struct http_exchange *x, struct kube_call *call, struct err *err)
{
	struct kubernetes_api *api = x->app;
	*call = (struct kube_call){.x = x, .api = api, .user = x->principal->proof, .pretty = kube_pretty(x)};
	if (kube_path_parse(x->path, x->arena, &call->path, err) < 0)
		return -1;
	call->kind = call->path.plural ? find_kind(api, &call->path) : NULL;
	if (!call->kind)
		return err_set(err, ERR_NOT_FOUND, "404 page not found");
	if (verb_of(call, err) < 0 || check_allowed(call, err) < 0 || check_scope(call, err) < 0)
		return -1;
	unsigned flags = KUBE_ACCEPT_TABLE;
	if (call->kind->type && kube_proto_known(call->kind->type) && call->verb != KUBE_WATCH)
		flags |= KUBE_ACCEPT_PROTOBUF;
	bool free_form = call->path.subresource &&
			 (!strcmp(call->path.subresource, "log") || !strcmp(call->path.subresource, "proxy"));
	if (!free_form && kube_accept(http_field(x, "accept"), flags, &call->media, err) < 0)
		return -1;
	call->r = (struct resource_call){
	    .kind = call->kind,
	    .namespace = call->path.namespace_,
	    .name = call->path.name,
	    .subresource = call->path.subresource,
	    .user = call->user,
	    .manager = "unknown",
	};
	return 0;
}

void kube_call_close(struct kube_call *call)
{
	resource_call_release(&call->r);
	if (call->kind)
		kind_unref(call->kind);
	call->kind = NULL;
}
