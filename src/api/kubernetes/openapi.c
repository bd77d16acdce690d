/*
 * /openapi/v2 and /openapi/v3. v3 is an index of group versions whose URLs carry the hash of their document, so that a
 * client may keep one for ever; v2 is everything at once, as JSON or in the protobuf form that kubectl asks for.
 */
#include "api/kubernetes/openapi.h"

#include "codec/json.h"
#include "codec/url.h"

static const char pb_type[] = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

struct group_version {
	const char *group, *version;
};

static json_t *info(void)
{
	return json_pack("{s:s,s:s}", "title", "Kubernetes", "version", "v1.34.0");
}

static void document_key(const struct group_version *gv, char *out, size_t n)
{
	if (gv->group[0])
		snprintf(out, n, "openapi/v3/apis/%s/%s", gv->group, gv->version);
	else
		snprintf(out, n, "openapi/v3/api/%s", gv->version);
}

static int build_v3(const struct kube_catalog *c, const void *arg, struct buf *out, struct err *err)
{
	const struct group_version *gv = arg;
	json_t *schemas = json_object(), *paths = json_object(), *d;
	for (size_t i = 0; i < c->kinds_n; i++) {
		const struct kind *k = c->kinds[i];
		if (strcmp(k->group, gv->group) != 0 || strcmp(k->version, gv->version) != 0)
			continue;
		openapi_add_schemas(schemas, k, OPENAPI_V3);
		openapi_add_paths(paths, k, OPENAPI_V3);
	}
	/* custom kinds refer to ObjectMeta, which stands in core's tables */
	for (size_t i = 0;
	     i < c->kinds_n && !json_object_get(schemas, "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"); i++)
		if (c->kinds[i]->type && c->kinds[i]->type->name && !strcmp(c->kinds[i]->plural, "configmaps"))
			openapi_add_schemas(schemas, c->kinds[i], OPENAPI_V3);
	d = json_pack("{s:s,s:o,s:o,s:{s:o,s:{s:{s:s,s:s,s:s}}}}", "openapi", "3.0.0", "info", info(), "paths", paths,
		      "components", "schemas", schemas, "securitySchemes", "BearerToken", "type", "apiKey", "in",
		      "header", "name", "authorization");
	int rc = json_encode(d, JSON_ENCODE_COMPACT, out);
	json_decref(d);
	return rc < 0 ? err_set(err, ERR_INTERNAL, "OpenAPI could not be written") : 0;
}

static json_t *v2_document(const struct kube_catalog *c)
{
	json_t *definitions = json_object(), *paths = json_object();
	for (size_t i = 0; i < c->kinds_n; i++) {
		openapi_add_schemas(definitions, c->kinds[i], OPENAPI_V2);
		openapi_add_paths(paths, c->kinds[i], OPENAPI_V2);
	}
	return json_pack("{s:s,s:o,s:o,s:o}", "swagger", "2.0", "info", info(), "paths", paths, "definitions",
			 definitions);
}

static int build_v2(const struct kube_catalog *c, const void *arg, struct buf *out, struct err *err)
{
	const bool *protobuf = arg;
	json_t *d = v2_document(c);
	int rc = 0;
	if (*protobuf)
		openapi_v2_protobuf(d, out);
	else
		rc = json_encode(d, JSON_ENCODE_COMPACT, out);
	json_decref(d);
	return rc < 0 ? err_set(err, ERR_INTERNAL, "OpenAPI could not be written") : 0;
}

static const struct kube_document *v3_document(struct kube_catalog *c, const struct group_version *gv, struct err *err)
{
	char key[700];
	document_key(gv, key, sizeof key);
	return kube_catalog_document(c, key, build_v3, gv, err);
}

static int build_index(const struct kube_catalog *c, const void *arg, struct buf *out, struct err *err)
{
	(void)c;
	return json_encode(arg, JSON_ENCODE_COMPACT, out) < 0 ? err_set(err, ERR_INTERNAL, "OpenAPI could not be written") : 0;
}

/* The hash is the ETag without its quotes. The API server calls this document text/plain, so do we. */
static int reply_index(struct http_exchange *x, struct kube_catalog *c, struct err *err)
{
	json_t *paths = json_object(), *index;
	for (size_t i = 0; i < c->kinds_n; i++) {
		struct group_version gv = {c->kinds[i]->group, c->kinds[i]->version};
		char key[700];
		if (!kube_catalog_first_of_version(c, i))
			continue;
		const struct kube_document *d = v3_document(c, &gv, err);
		if (!d) {
			json_decref(paths);
			return -1;
		}
		document_key(&gv, key, sizeof key);
		json_object_set_new(
		    paths, key + sizeof "openapi/v3",
		    json_pack("{s:o}", "serverRelativeURL", json_sprintf("/%s?hash=%.32s", key, d->etag + 1)));
	}
	index = json_pack("{s:o}", "paths", paths);
	const struct kube_document *d = kube_catalog_document(c, "openapi/v3", build_index, index, err);
	json_decref(index);
	if (!d)
		return -1;
	kube_reply_document(x, d, "text/plain; charset=utf-8", "no-cache, private", true);
	return 0;
}

static int reply_v3(struct http_exchange *x, struct kube_catalog *c, struct err *err)
{
	struct slice rest = slice_from(x->path, sizeof "/openapi/v3/" - 1), root = slice_cut(&rest, '/'), group;
	bool core = slice_is(root, "api");
	group = core ? SLICE_LIT("") : slice_cut(&rest, '/');
	const char *g = group.ptr ? arena_cstr(x->arena, group) : NULL,
		   *v = rest.ptr ? arena_cstr(x->arena, rest) : NULL;
	if (!g || !v || (!core && !slice_is(root, "apis")) || !kube_catalog_has_version(c, g, v))
		return err_set(err, ERR_NOT_FOUND, "404 page not found");
	struct group_version gv = {g, v};
	const struct kube_document *d = v3_document(c, &gv, err);
	if (!d)
		return -1;
	bool named = slice_eq(http_query(x, "hash"), slice_of(d->etag + 1, strlen(d->etag) - 2));
	kube_reply_document(x, d, "application/json", named ? "public, immutable" : "no-cache, private", true);
	return 0;
}

static bool wants_protobuf(struct http_exchange *x)
{
	struct slice accept = http_field(x, "accept"), one;
	while ((one = slice_cut(&accept, ',')).ptr) {
		struct slice type = slice_trim(slice_cut(&one, ';'));
		if (slice_starts(type, "application/com.github.proto-openapi.spec.v2"))
			return true;
		if (slice_starts(type, "application/json") || slice_is(type, "*/*"))
			return false;
	}
	return false;
}

static int reply_v2(struct http_exchange *x, struct kube_catalog *c, struct err *err)
{
	bool protobuf = wants_protobuf(x);
	const struct kube_document *d =
	    kube_catalog_document(c, protobuf ? "openapi/v2.pb" : "openapi/v2", build_v2, &protobuf, err);
	if (!d)
		return -1;
	kube_reply_document(x, d, protobuf ? pb_type : "application/json", "no-cache, private", true);
	return 0;
}

static void unref_catalog(void *c)
{
	kube_catalog_unref(c);
}

void kube_handle_openapi(struct http_exchange *x)
{
	struct kube_catalog *c = kube_catalog_get(x->app);
	struct err err = {0};
	int rc;
	arena_defer(x->arena, unref_catalog, c);
	if (slice_is(x->path, "/openapi/v2"))
		rc = reply_v2(x, c, &err);
	else if (slice_is(x->path, "/openapi/v3") || slice_is(x->path, "/openapi/v3/"))
		rc = reply_index(x, c, &err);
	else
		rc = reply_v3(x, c, &err);
	if (rc < 0)
		kube_reply_error(x, &err, NULL);
}
