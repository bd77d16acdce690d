/*
 * Discovery: which groups, versions and resources there are. Plain (APIVersions, APIGroupList, APIGroup,
 * APIResourceList) for old clients, aggregated (APIGroupDiscoveryList v2 and v2beta1) for kubectl since 1.26, with an
 * ETag, so that a client that knows it gets a 304.
 */
#include "api/kubernetes/catalog.h"
#include <stdlib.h>

#include "codec/json.h"

static int by_plural(const void *a, const void *b)
{
	return strcmp((*(const struct kind *const *)a)->plural, (*(const struct kind *const *)b)->plural);
}

/* Kinds of one group and version, sorted by name; the caller frees. */
static const struct kind **kinds_of(const struct kube_catalog *c, const char *group, const char *version, size_t *n)
{
	const struct kind **out = calloc(c->kinds_n + 1, sizeof *out);
	*n = 0;
	for (size_t i = 0; i < c->kinds_n; i++)
		if (!strcmp(c->kinds[i]->group, group) && !strcmp(c->kinds[i]->version, version))
			out[(*n)++] = c->kinds[i];
	qsort(out, *n, sizeof *out, by_plural);
	return out;
}

static json_t *strings(const char *const *list)
{
	json_t *a = json_array();
	for (; list && *list; list++)
		json_array_append_new(a, json_string(*list));
	return a;
}

static void set_strings(json_t *o, const char *name, const char *const *list)
{
	if (list && *list)
		json_object_set_new(o, name, strings(list));
}

/* ---- plain ---- */

static void add_resource(json_t *out, const struct kind *k)
{
	struct kube_subresource subs[KUBE_SUBRESOURCES_MAX];
	int namespaced = (k->flags & KIND_NAMESPACED) != 0;
	json_t *r = json_pack("{s:s,s:s,s:b,s:s,s:o}", "name", k->plural, "singularName", k->singular, "namespaced",
			      namespaced, "kind", k->kind, "verbs", kube_kind_verbs(k));
	set_strings(r, "shortNames", k->short_names);
	set_strings(r, "categories", k->categories);
	json_array_append_new(out, r);
	size_t n = kube_kind_subresources(k, subs, KUBE_SUBRESOURCES_MAX);
	for (size_t i = 0; i < n; i++) {
		char name[320];
		snprintf(name, sizeof name, "%s/%s", k->plural, subs[i].name);
		json_t *s = json_pack("{s:s,s:s,s:b}", "name", name, "singularName", "", "namespaced", namespaced);
		if (subs[i].group[0])
			json_object_set_new(s, "group", json_string(subs[i].group));
		if (subs[i].version[0])
			json_object_set_new(s, "version", json_string(subs[i].version));
		json_object_set_new(s, "kind", json_string(subs[i].kind));
		json_object_set_new(s, "verbs", strings(subs[i].verbs));
		json_array_append_new(out, s);
	}
}

struct group_version {
	const char *group, *version;
};

static json_t *group_version_text(const char *group, const char *version)
{
	return group[0] ? json_sprintf("%s/%s", group, version) : json_string(version);
}

static json_t *resource_list(const struct kube_catalog *c, const struct group_version *gv)
{
	size_t n;
	const struct kind **kinds = kinds_of(c, gv->group, gv->version, &n);
	json_t *resources = json_array();
	for (size_t i = 0; i < n; i++)
		add_resource(resources, kinds[i]);
	free(kinds);
	return json_pack("{s:s,s:s,s:o,s:o}", "kind", "APIResourceList", "apiVersion", "v1", "groupVersion",
			 group_version_text(gv->group, gv->version), "resources", resources);
}

static json_t *group_object(const struct kube_catalog *c, const char *group, bool typed)
{
	json_t *versions = json_array();
	for (size_t i = 0; i < c->kinds_n; i++)
		if (!strcmp(c->kinds[i]->group, group) && kube_catalog_first_of_version(c, i))
			json_array_append_new(versions, json_pack("{s:o,s:s}", "groupVersion",
								  group_version_text(group, c->kinds[i]->version),
								  "version", c->kinds[i]->version));
	json_t *g = typed ? json_pack("{s:s,s:s}", "kind", "APIGroup", "apiVersion", "v1") : json_object();
	json_object_set_new(g, "name", json_string(group));
	json_object_set_new(g, "versions", versions);
	json_object_set(g, "preferredVersion", json_array_get(versions, 0));
	return g;
}

static json_t *group_list(const struct kube_catalog *c)
{
	json_t *groups = json_array();
	for (size_t i = 0; i < c->kinds_n; i++)
		if (c->kinds[i]->group[0] && kube_catalog_first_of_group(c, i))
			json_array_append_new(groups, group_object(c, c->kinds[i]->group, false));
	return json_pack("{s:s,s:s,s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups", groups);
}

/* ---- aggregated ---- */

static json_t *response_kind(const char *group, const char *version, const char *kind)
{
	return json_pack("{s:s,s:s,s:s}", "group", group, "version", version, "kind", kind);
}

static json_t *aggregated_resource(const struct kind *k)
{
	struct kube_subresource subs[KUBE_SUBRESOURCES_MAX];
	bool custom = k->flags & KIND_CUSTOM;
	json_t *list = json_array();
	json_t *r = json_pack("{s:s,s:o,s:s,s:s,s:o}", "resource", k->plural, "responseKind",
			      response_kind(custom ? k->group : "", custom ? k->version : "", k->kind), "scope",
			      k->flags & KIND_NAMESPACED ? "Namespaced" : "Cluster", "singularResource", k->singular,
			      "verbs", kube_kind_verbs(k));
	set_strings(r, "shortNames", k->short_names);
	set_strings(r, "categories", k->categories);
	size_t n = kube_kind_subresources(k, subs, KUBE_SUBRESOURCES_MAX);
	for (size_t i = 0; i < n; i++) {
		bool foreign = subs[i].group[0] != 0;
		json_array_append_new(list, json_pack("{s:s,s:o,s:o}", "subresource", subs[i].name, "responseKind",
						      response_kind(foreign  ? subs[i].group
								    : custom ? k->group
									     : "",
								    foreign  ? subs[i].version
								    : custom ? k->version
									     : "",
								    subs[i].kind),
						      "verbs", strings(subs[i].verbs)));
	}
	if (n > 0)
		json_object_set(r, "subresources", list);
	json_decref(list);
	return r;
}

static json_t *aggregated_version(const struct kube_catalog *c, const char *group, const char *version)
{
	size_t n;
	const struct kind **kinds = kinds_of(c, group, version, &n);
	json_t *resources = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(resources, aggregated_resource(kinds[i]));
	free(kinds);
	return json_pack("{s:s,s:o,s:s}", "version", version, "resources", resources, "freshness", "Current");
}

static json_t *aggregated_group(const struct kube_catalog *c, const char *group)
{
	json_t *versions = json_array();
	for (size_t i = 0; i < c->kinds_n; i++)
		if (!strcmp(c->kinds[i]->group, group) && kube_catalog_first_of_version(c, i))
			json_array_append_new(versions, aggregated_version(c, group, c->kinds[i]->version));
	json_t *meta = json_object();
	if (group[0])
		json_object_set_new(meta, "name", json_string(group));
	return json_pack("{s:o,s:o}", "metadata", meta, "versions", versions);
}

struct aggregated_arg {
	bool core;
	const char *version; /* "v2" or "v2beta1" */
};

static int build_aggregated(const struct kube_catalog *c, const void *arg, struct buf *out, struct err *err)
{
	const struct aggregated_arg *a = arg;
	json_t *items = json_array();
	for (size_t i = 0; i < c->kinds_n; i++)
		if ((c->kinds[i]->group[0] == 0) == a->core && kube_catalog_first_of_group(c, i))
			json_array_append_new(items, aggregated_group(c, c->kinds[i]->group));
	json_t *d = json_pack("{s:s,s:o,s:{},s:o}", "kind", "APIGroupDiscoveryList", "apiVersion",
			      json_sprintf("apidiscovery.k8s.io/%s", a->version), "metadata", "items", items);
	int rc = json_encode(d, JSON_ENCODE_COMPACT, out);
	json_decref(d);
	return rc < 0 ? err_set(err, ERR_INTERNAL, "discovery could not be written") : 0;
}

/* ---- requests ---- */

void kube_reply_document(struct http_exchange *x, const struct kube_document *d, const char *type, const char *cache,
			 bool etag)
{
	http_header_str(x, "Cache-Control", cache);
	if (etag) {
		http_header_str(x, "ETag", d->etag);
		http_header_str(x, "Vary", "Accept");
		if (slice_is(slice_trim(http_field(x, "if-none-match")), d->etag)) {
			http_reply(x, 304, NULL, SLICE_LIT(""));
			return;
		}
	}
	http_reply(x, 200, type, d->text);
}

static void unref_catalog(void *c)
{
	kube_catalog_unref(c);
}

static int reply_aggregated(struct http_exchange *x, struct kube_catalog *c, bool core, const struct kube_media *m,
			    struct err *err)
{
	struct aggregated_arg arg = {core, m->version};
	char key[32];
	snprintf(key, sizeof key, "%s/%s", core ? "api" : "apis", m->version);
	const struct kube_document *d = kube_catalog_document(c, key, build_aggregated, &arg, err);
	if (!d)
		return -1;
	kube_reply_document(x, d,
			    !strcmp(m->version, "v2")
				? "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
				: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
			    "public", true);
	return 0;
}

static json_t *plain(struct http_exchange *x, const struct kube_catalog *c, struct err *err)
{
	struct slice path = x->path, rest, group, version;
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (slice_is(path, "/api"))
		return json_pack("{s:s,s:[s],s:[{s:s,s:s%}]}", "kind", "APIVersions", "versions", "v1",
				 "serverAddressByClientCIDRs", "clientCIDR", "0.0.0.0/0", "serverAddress",
				 x->host.ptr ? x->host.ptr : "", x->host.len);
	if (slice_is(path, "/apis"))
		return group_list(c);
	bool core = slice_starts(path, "/api/");
	rest = slice_from(path, core ? 5 : 6);
	group = core ? SLICE_LIT("") : slice_cut(&rest, '/');
	version = rest;
	const char *g = arena_cstr(x->arena, group), *v = version.ptr ? arena_cstr(x->arena, version) : NULL;
	if (g && !v && kube_catalog_has_group(c, g))
		return group_object(c, g, true);
	struct group_version gv = {g, v};
	if (g && v && kube_catalog_has_version(c, g, v))
		return resource_list(c, &gv);
	err_set(err, ERR_NOT_FOUND, "404 page not found");
	return NULL;
}

void kube_handle_discovery(struct http_exchange *x)
{
	struct kubernetes_api *api = x->app;
	struct kube_catalog *c = kube_catalog_get(api);
	struct kube_media m;
	struct err err = {0};
	bool root = slice_is(x->path, "/api") || slice_is(x->path, "/apis") || slice_is(x->path, "/apis/");
	int rc;
	arena_defer(x->arena, unref_catalog, c);
	rc = kube_accept(http_field(x, "accept"), root ? KUBE_ACCEPT_DISCOVERY : 0, &m, &err);
	if (rc == 0 && m.as == KUBE_AS_DISCOVERY) {
		rc = reply_aggregated(x, c, slice_is(x->path, "/api"), &m, &err);
	} else if (rc == 0) {
		json_t *d = plain(x, c, &err);
		rc = d ? 0 : -1;
		if (d)
			kube_reply_json(x, 200, d, m.encoding, kube_pretty(x));
		json_decref(d);
	}
	if (rc < 0)
		kube_reply_error(x, &err, NULL);
}
