/*
 * services/proxy and pods/proxy: the part of the URL after "proxy" is handed to whoever serves that Service or Pod
 * (kubernetes_options.proxy).
 */
#include "api/kubernetes/call.h"

/* "[SCHEME:]NAME[:PORT]" in three. */
static void split_name(struct arena *arena, const char *text, const char **name, const char **port)
{
	struct slice rest = slice_str(text), a = slice_cut(&rest, ':'), b = slice_cut(&rest, ':'), c = rest;
	if (!b.ptr) {
		*name = arena_cstr(arena, a);
		*port = "";
	} else if (c.ptr) {
		*name = arena_cstr(arena, b);
		*port = arena_cstr(arena, c);
	} else {
		*name = arena_cstr(arena, a);
		*port = arena_cstr(arena, b);
	}
}

int kube_proxy(struct kube_call *call, struct err *err)
{
	const struct kubernetes_options *o = &call->api->o;
	struct http_exchange *x = call->x;
	struct kube_path *p = &call->path;
	struct kubernetes_proxy_target t = {
	    .namespace_ = p->namespace_,
	    .pod = !strcmp(call->kind->plural, "pods"),
	    .path = p->rest.len ? p->rest : SLICE_LIT("/"),
	    .query = x->query,
	};
	split_name(x->arena, p->name, &t.name, &t.port);
	if (!t.name || !t.port)
		return err_set(err, ERR_NO_MEMORY, "request is too large");
	call->r.name = t.name;
	call->r.subresource = NULL;
	json_t *object;
	if (cluster_get(o->cluster, &call->r, &object, err) < 0)
		return -1;
	json_decref(object);
	if (!o->proxy)
		return err_set(err, ERR_UNAVAILABLE, "no endpoints available for %s \"%s\"", t.pod ? "pod" : "service",
			       t.name);
	return o->proxy(o->proxy_arg, x, &t, err);
}
