/*
 * The listener: routes, who is asking, the documents without a kind (/version, health), construction.
 */
#include "api/kubernetes/kubernetes.h"

#include <stdlib.h>

#include "api/kubernetes/call.h"
#include "api/kubernetes/catalog.h"
#include "api/kubernetes/stream.h"
#include "base/limits.h"
#include "codec/json.h"
#include "crypto/pki.h"

static const char default_version[] = "v1.34.0+coracle-" CORACLE_VERSION;

static void handle_version(struct http_exchange *x)
{
	struct kubernetes_api *api = x->app;
	json_t *v = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "major", "1", "minor", "34",
			      "emulationMajor", "1", "emulationMinor", "34", "minCompatibilityMajor", "1",
			      "minCompatibilityMinor", "33", "gitVersion", api->git_version, "gitCommit", "coracle",
			      "gitTreeState", "clean", "buildDate", "1970-01-01T00:00:00Z", "goVersion", "none",
			      "compiler", "gc", "platform", "linux/amd64");
	kube_reply_json(x, 200, v, KUBE_JSON, true);
	json_decref(v);
}

static void handle_health(struct http_exchange *x)
{
	struct slice name = slice_from(x->path, 1);
	bool verbose = http_query(x, "verbose").ptr != NULL;
	http_header_str(x, "Cache-Control", "no-cache, private");
	http_header_str(x, "X-Content-Type-Options", "nosniff");
	if (!verbose) {
		http_reply(x, 200, "text/plain; charset=utf-8", SLICE_LIT("ok"));
		return;
	}
	char text[128];
	int n = snprintf(text, sizeof text, "[+]ping ok\n[+]store ok\n%.*s check passed\n",
			 SLICE_ARG(slice_sub(name, 0, 16)));
	http_reply_copy(x, 200, "text/plain; charset=utf-8", slice_of(text, (size_t)n));
}

static void add_path(json_t *paths, const char *group, const char *version)
{
	json_array_append_new(paths,
			      version ? json_sprintf("/apis/%s/%s", group, version) : json_sprintf("/apis/%s", group));
}

static void handle_root(struct http_exchange *x)
{
	struct kube_catalog *c = kube_catalog_get(x->app);
	static const char *const last[] = {"/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"};
	json_t *paths = json_pack("[s,s,s]", "/api", "/api/v1", "/apis"), *root;
	for (size_t i = 0; i < c->kinds_n; i++) {
		if (!c->kinds[i]->group[0])
			continue;
		if (kube_catalog_first_of_group(c, i))
			add_path(paths, c->kinds[i]->group, NULL);
		if (kube_catalog_first_of_version(c, i))
			add_path(paths, c->kinds[i]->group, c->kinds[i]->version);
	}
	for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
		json_array_append_new(paths, json_string(last[i]));
	root = json_pack("{s:o}", "paths", paths);
	kube_reply_json(x, 200, root, KUBE_JSON, true);
	json_decref(root);
	kube_catalog_unref(c);
}

static void handle_missing(struct http_exchange *x)
{
	struct err err = {0};
	err_set(&err, ERR_NOT_FOUND, "404 page not found");
	kube_reply_error(x, &err, NULL);
}

#define DOCUMENT(p, h)                                                                                                 \
	{                                                                                                              \
		HTTP_GET, p, NULL, ACCESS_AUTHENTICATED, ROUTE_WORKER, 0, h, false                                     \
	}
#define PUBLIC(p, h)                                                                                                   \
	{                                                                                                              \
		HTTP_GET, p, NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, h, false                                            \
	}
#define RESOURCES(p)                                                                                                   \
	{                                                                                                              \
		HTTP_ANY, p, NULL, ACCESS_AUTHENTICATED, ROUTE_WORKER, -2, kube_handle_resource, false                 \
	}

/* body_max -2 stands for limits.api_body_bytes, which is not known before the start. */
static const struct route route_table[] = {
    PUBLIC("/version", handle_version),
    PUBLIC("/version/", handle_version),
    PUBLIC("/healthz", handle_health),
    PUBLIC("/livez", handle_health),
    PUBLIC("/readyz", handle_health),
    PUBLIC("/healthz/ping", handle_health),
    DOCUMENT("/", handle_root),
    DOCUMENT("/api", kube_handle_discovery),
    DOCUMENT("/api/", kube_handle_discovery),
    DOCUMENT("/apis", kube_handle_discovery),
    DOCUMENT("/apis/", kube_handle_discovery),
    DOCUMENT("/api/{version}", kube_handle_discovery),
    DOCUMENT("/apis/{group}", kube_handle_discovery),
    DOCUMENT("/apis/{group}/{version}", kube_handle_discovery),
    DOCUMENT("/openapi/v2", kube_handle_openapi),
    DOCUMENT("/openapi/v3", kube_handle_openapi),
    DOCUMENT("/openapi/v3/", kube_handle_openapi),
    DOCUMENT("/openapi/v3/{path...}", kube_handle_openapi),
    RESOURCES("/api/v1/{path...}"),
    RESOURCES("/apis/{group}/{version}/{path...}"),
    {HTTP_ANY, "/{path...}", NULL, ACCESS_AUTHENTICATED, ROUTE_INLINE, 0, handle_missing, false},
};

/* ---- who ---- */

static struct slice bearer(const struct http_exchange *x)
{
	struct slice h = http_field(x, "authorization");
	if (h.len > 7 && slice_is_nocase(slice_sub(h, 0, 7), "bearer "))
		return slice_trim(slice_from(h, 7));
	return slice_of(NULL, 0);
}

static int from_certificate(struct http_exchange *x, struct user *u, struct err *err)
{
	struct slice name, *organizations;
	size_t n;
	if (pki_certificate_names(x->peer_certificate, x->arena, &name, &organizations, &n, err) < 0)
		return -1;
	const char **groups = arena_array(x->arena, n + 1, sizeof *groups), *cn = arena_cstr(x->arena, name);
	for (size_t i = 0; groups && i < n; i++)
		groups[i] = arena_cstr(x->arena, organizations[i]);
	if (!groups || !cn)
		return err_set(err, ERR_NO_MEMORY, "request is too large");
	return identity_certificate(cn, groups, n, u, err);
}

static int set_principal(struct http_exchange *x, struct user *u, struct err *err)
{
	struct principal *p = arena_zalloc(x->arena, sizeof *p);
	struct slice *groups = arena_array(x->arena, USER_GROUPS_MAX, sizeof *groups);
	if (!p || !groups)
		return err_set(err, ERR_NO_MEMORY, "request is too large");
	for (int i = 0; i < u->groups_n; i++)
		groups[i] = slice_str(u->groups[i]);
	*p = (struct principal){.name = slice_str(u->name),
				.uid = slice_str(u->uid),
				.groups = groups,
				.groups_n = (size_t)u->groups_n,
				.anonymous = !u->authenticated,
				.proof = u};
	x->principal = p;
	return 0;
}

static bool may_act_as(const struct http_exchange *x, const char *resource, const char *name)
{
	const struct kubernetes_options *o = &((const struct kubernetes_api *)x->app)->o;
	return !o->authorize || o->authorize(o->authorize_arg, x->principal, "impersonate", "", resource, "", name);
}

static int refuse_acting(const struct user *u, const char *resource, const char *name, struct err *err)
{
	return err_set(err, ERR_FORBIDDEN,
		       "%s \"%.253s\" is forbidden: User \"%s\" cannot impersonate resource \"%s\" in API group \"\" at the "
		       "cluster scope",
		       resource, name, u->name, resource);
}

/* kubectl --as, --as-group, --as-uid: from here on the request is that user's. */
static int act_as(struct http_exchange *x, struct user *u, struct err *err)
{
	struct slice name = http_field(x, "impersonate-user"), groups[USER_GROUPS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < x->fields_n; i++)
		if (slice_is_nocase(x->fields[i].name, "impersonate-group") && n < USER_GROUPS_MAX)
			groups[n++] = x->fields[i].value;
	if (!name.ptr && n == 0 && !http_has_field(x, "impersonate-uid"))
		return 0;
	if (!name.ptr)
		return err_set(err, ERR_INVALID, "requested groups or uid without impersonating a user");
	const char *as = arena_cstr(x->arena, name);
	if (!as)
		return err_set(err, ERR_NO_MEMORY, "request is too large");
	if (!u->authenticated || !may_act_as(x, "users", as))
		return refuse_acting(u, "users", as, err);
	for (size_t i = 0; i < n; i++) {
		const char *group = arena_cstr(x->arena, groups[i]);
		if (!group || !may_act_as(x, "groups", group))
			return refuse_acting(u, "groups", group ? group : "", err);
	}
	if (identity_act_as(name, http_field(x, "impersonate-uid"), groups, n, u, err) < 0)
		return -1;
	return set_principal(x, u, err);
}

/* What was asked of a resource is named as such, everything else by its path. */
static int refuse_anonymous(struct http_exchange *x, struct err *err)
{
	struct kube_call call;
	struct err e = {0};
	if (slice_starts(x->path, "/api/v1/") || slice_starts(x->path, "/apis/")) {
		(void)kube_call_open(x, &call, &e);
		kube_call_close(&call);
	}
	if (e.code == ERR_FORBIDDEN)
		return err_set(err, ERR_FORBIDDEN, "%s", e.message);
	return err_set(err, ERR_FORBIDDEN, "forbidden: User \"system:anonymous\" cannot %s path \"%.*s\"",
		       x->method == HTTP_GET || x->method == HTTP_HEAD ? "get"
		       : x->method == HTTP_POST                        ? "post"
		       : x->method == HTTP_DELETE                      ? "delete"
								       : "put",
		       SLICE_ARG(slice_sub(x->path, 0, 512)));
}

/*
 * A token that does not hold is 401, even on a public path. No credentials at all is system:anonymous, who may see
 * public paths; on others the answer is 403 and says so.
 */
static int authenticate(struct http_exchange *x, enum route_access access, struct err *err)
{
	struct kubernetes_api *api = x->app;
	struct user *u = arena_zalloc(x->arena, sizeof *u);
	struct slice token = bearer(x);
	struct err e = {0};
	if (!u)
		return err_set(err, ERR_NO_MEMORY, "request is too large");
	if (token.ptr) {
		if (identity_token((struct identity *)api->o.identity, token, NULL, u, &e) < 0)
			return err_set(err, ERR_UNAUTHENTICATED, "Unauthorized");
	} else if (x->peer_certificate.len > 0) {
		if (from_certificate(x, u, &e) < 0)
			return err_set(err, ERR_UNAUTHENTICATED, "Unauthorized");
	} else {
		identity_anonymous(u);
	}
	if (set_principal(x, u, err) < 0 || act_as(x, u, err) < 0)
		return -1;
	if (u->authenticated || access == ACCESS_PUBLIC || access == ACCESS_TOKEN)
		return 0;
	return refuse_anonymous(x, err);
}

static void fail(struct http_exchange *x, const struct err *err)
{
	struct err e = *err;
	if (e.code == ERR_METHOD)
		err_set(&e, ERR_METHOD, "the server does not allow this method on the requested resource");
	if (e.code == ERR_TOO_LARGE)
		err_set(&e, ERR_TOO_LARGE, "Request entity too large: limit is %lld", (long long)limits.api_body_bytes);
	kube_reply_error(x, &e, NULL);
}

/* ---- construction ---- */

int kubernetes_api_new(const struct kubernetes_options *options, struct kubernetes_api **out, struct err *err)
{
	struct kubernetes_api *api = calloc(1, sizeof *api);
	if (!api)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	api->o = *options;
	if (!api->o.clock)
		api->o.clock = &clock_os;
	if (!api->o.random)
		api->o.random = &random_os;
	api->git_version = strdup(options->git_version ? options->git_version : default_version);
	api->logs_dir = strdup(options->logs_dir ? options->logs_dir : "/nonexistent");
	api->routes_n = sizeof route_table / sizeof route_table[0];
	api->routes = malloc(sizeof route_table);
	api->documents = kube_documents_new();
	if (!api->git_version || !api->logs_dir || !api->routes || !api->documents) {
		kubernetes_api_free(api);
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	memcpy(api->routes, route_table, sizeof route_table);
	for (size_t i = 0; i < api->routes_n; i++)
		if (api->routes[i].body_max == -2)
			api->routes[i].body_max = limits.api_body_bytes;
	if (kube_streams_new(api->o.clock, &api->streams, err) < 0) {
		kubernetes_api_free(api);
		return -1;
	}
	*out = api;
	return 0;
}

void kubernetes_api_listener(struct kubernetes_api *api, struct listener *out)
{
	out->routes = api->routes;
	out->routes_n = api->routes_n;
	out->app = api;
	out->authenticate = authenticate;
	out->fail = fail;
	out->tls_only = true;
	out->ask_client_certificate = true;
	out->gzip_answers = true;
}

void kubernetes_api_drain(struct kubernetes_api *api)
{
	kube_streams_stop(api->streams);
}

void kubernetes_api_free(struct kubernetes_api *api)
{
	if (!api)
		return;
	kube_streams_free(api->streams);
	kube_documents_free(api->documents);
	free(api->git_version);
	free(api->logs_dir);
	free(api->routes);
	free(api);
}
