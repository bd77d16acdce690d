/*
 * Answers: one document in the form that was negotiated. Lists of built-in kinds leave apiVersion and kind out of their
 * items, those of custom kinds keep them, as the API server does.
 */
#include "api/kubernetes/call.h"
#include "api/kubernetes/proto.h"
#include "api/kubernetes/status.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "control/kinds/types.h"

enum { ANSWER_BYTES_MAX = 1 << 30 };

bool kube_pretty(struct http_exchange *x)
{
	struct slice pretty = http_query(x, "pretty"), agent = http_field(x, "user-agent");
	if (pretty.ptr)
		return !(slice_is(pretty, "false") || slice_is(pretty, "0"));
	return slice_starts(agent, "curl/") || slice_starts(agent, "Wget/") || slice_starts(agent, "Mozilla/5.0");
}

static void release_buf(void *b)
{
	buf_release(b);
}

/* The buffer lives as long as the exchange. */
static struct buf *answer_buf(struct http_exchange *x)
{
	struct buf *b = arena_zalloc(x->arena, sizeof *b);
	if (!b)
		return NULL;
	buf_init(b, ANSWER_BYTES_MAX);
	return arena_defer(x->arena, release_buf, b) ? b : NULL;
}

static void send_buf(struct http_exchange *x, int status, const char *type, struct buf *b)
{
	static const char full[] = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
				   "\"message\":\"the answer is too large\",\"reason\":\"InternalError\",\"code\":500}";
	http_header_str(x, "Cache-Control", "no-cache, private");
	if (!b || b->failed)
		http_reply(x, 500, "application/json", SLICE_LIT(full));
	else
		http_reply(x, status, type, buf_view(b));
}

void kube_reply_json(struct http_exchange *x, int status, const json_t *body, enum kube_encoding encoding, bool pretty)
{
	struct buf *b = answer_buf(x);
	if (b && encoding == KUBE_YAML)
		yaml_encode(body, b);
	else if (b)
		json_encode(body, pretty ? JSON_ENCODE_INDENT : JSON_ENCODE_COMPACT, b);
	send_buf(x, status, kube_media_name(encoding == KUBE_YAML ? KUBE_YAML : KUBE_JSON), b);
}

void kube_reply_warnings(struct kube_call *call)
{
	size_t i;
	json_t *w;
	json_array_foreach(call->r.warnings, i, w)
	{
		struct buf b;
		buf_init(&b, 8192);
		for (const char *p = json_string_value(w); p && *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_char(&b, '\\');
			buf_char(&b, (unsigned char)*p < 0x20 ? ' ' : *p);
		}
		if (b.ptr && !b.failed)
			http_header_fmt(call->x, "Warning", "299 - \"%s\"", b.ptr);
		buf_release(&b);
	}
}

static json_t *partial(const json_t *object)
{
	return json_pack("{s:s,s:s,s:O}", "kind", "PartialObjectMetadata", "apiVersion", "meta.k8s.io/v1", "metadata",
			 json_object_get(object, "metadata") ?: json_null());
}

static const char *table_version(const struct kube_media *m)
{
	return m->version && !strcmp(m->version, "v1beta1") ? "meta.k8s.io/v1beta1" : "meta.k8s.io/v1";
}

/* includeObject: "None", "Object" or NULL and "Metadata". */
static json_t *row(const struct kind *kind, json_t *object, const char *include, int64_t now_ns)
{
	json_t *r = json_object();
	json_object_set_new(r, "cells", kind_table_cells(kind, object, now_ns));
	if (include && !strcmp(include, "Object"))
		json_object_set(r, "object", object);
	else if (include && !strcmp(include, "None"))
		json_object_set_new(r, "object", json_null());
	else
		json_object_set_new(r, "object", partial(object));
	return r;
}

static json_t *table(const struct kind *kind, const struct kube_media *media, json_t *metadata, bool columns)
{
	return json_pack("{s:s,s:s,s:o,s:o,s:[]}", "kind", "Table", "apiVersion", table_version(media), "metadata",
			 metadata, "columnDefinitions", columns ? kind_table_columns(kind) : json_null(), "rows");
}

json_t *kube_transform(const struct kind *kind, const struct kube_media *media, json_t *object, bool columns,
		       const char *include, int64_t now_ns)
{
	if (media->as == KUBE_AS_PARTIAL)
		return partial(object);
	if (media->as != KUBE_AS_TABLE)
		return json_incref(object);
	json_t *version = json_object_get(json_object_get(object, "metadata"), "resourceVersion");
	json_t *t =
	    table(kind, media, version ? json_pack("{s:O}", "resourceVersion", version) : json_object(), columns);
	json_array_append_new(json_object_get(t, "rows"), row(kind, object, include, now_ns));
	return t;
}

static int64_t now(const struct kube_call *call)
{
	return clock_wall_ns(call->api->o.clock);
}

/* /scale answers with objects of another kind than the one it belongs to. */
static const struct kind *kind_of_answer(const struct kube_call *call, const json_t *object)
{
	const char *sub = call->path.subresource, *kind = json_str_at(object, "kind");
	return sub && !strcmp(sub, "scale") && kind && !strcmp(kind, "Scale") ? kube_scale_kind() : call->kind;
}

void kube_reply_object(struct kube_call *call, int status, json_t *object)
{
	const struct kind *own = kind_of_answer(call, object);
	kube_reply_warnings(call);
	if (call->media.encoding == KUBE_PROTOBUF && call->media.as == KUBE_AS_OBJECT) {
		const struct kind *k = cluster_kind_of(call->api->o.cluster,
						       json_string_value(json_object_get(object, "apiVersion")) ?: "",
						       json_string_value(json_object_get(object, "kind")) ?: "");
		const struct schema_type *type = k ? k->type : own->type;
		struct buf *b = answer_buf(call->x);
		struct err err = {0};
		int rc = b && type && kube_proto_known(type) ? kube_proto_encode(object, type, b, &err) : -1;
		if (k)
			kind_unref(k);
		if (rc == 0) {
			send_buf(call->x, status, kube_media_name(KUBE_PROTOBUF), b);
			return;
		}
		call->media.encoding = KUBE_JSON;
	}
	json_t *out = kube_transform(own, &call->media, object, true, kube_query(call->x, "includeObject"), now(call));
	kube_reply_json(call->x, status, out, call->media.encoding, call->pretty);
	json_decref(out);
}

/* A list of custom objects always has `continue`: the API server writes it from an untyped list. */
static json_t *list_metadata(const struct kind *k, const struct resource_list *l)
{
	char version[32];
	snprintf(version, sizeof version, "%lld", (long long)l->resource_version);
	json_t *m = json_pack("{s:s}", "resourceVersion", version);
	if (l->continue_token || (k && (k->flags & KIND_CUSTOM)))
		json_object_set_new(m, "continue", json_string(l->continue_token ? l->continue_token : ""));
	if (l->continue_token && l->remaining >= 0)
		json_object_set_new(m, "remainingItemCount", json_integer(l->remaining));
	return m;
}

static json_t *list_items(const struct kube_call *call, const struct resource_list *l)
{
	json_t *items = json_array(), *o;
	size_t i;
	json_array_foreach(l->items, i, o)
	{
		if (call->media.as == KUBE_AS_PARTIAL) {
			json_array_append_new(items, partial(o));
		} else if (call->kind->flags & KIND_CUSTOM) {
			json_array_append(items, o);
		} else {
			json_t *bare = json_copy(o);
			json_object_del(bare, "kind");
			json_object_del(bare, "apiVersion");
			json_array_append_new(items, bare);
		}
	}
	return items;
}

void kube_reply_list(struct kube_call *call, const struct resource_list *l)
{
	const struct kind *k = call->kind;
	char api_version[KIND_API_VERSION_BYTES], kind[300];
	json_t *out, *o;
	size_t i;
	kube_reply_warnings(call);
	kind_api_version(k, api_version);
	if (k->list_kind)
		snprintf(kind, sizeof kind, "%s", k->list_kind);
	else
		snprintf(kind, sizeof kind, "%sList", k->kind);
	if (call->media.as == KUBE_AS_TABLE) {
		const char *include = kube_query(call->x, "includeObject");
		out = table(k, &call->media, list_metadata(NULL, l), true);
		json_array_foreach(l->items, i, o)
		    json_array_append_new(json_object_get(out, "rows"), row(k, o, include, now(call)));
	} else if (call->media.as == KUBE_AS_PARTIAL) {
		out = json_pack("{s:s,s:s,s:o,s:o}", "kind", "PartialObjectMetadataList", "apiVersion",
				"meta.k8s.io/v1", "metadata", list_metadata(NULL, l), "items", list_items(call, l));
	} else {
		out = json_pack("{s:s,s:s,s:o,s:o}", "kind", kind, "apiVersion", api_version, "metadata",
				list_metadata(k, l), "items", list_items(call, l));
	}
	if (call->media.encoding == KUBE_PROTOBUF) {
		struct buf *b = answer_buf(call->x);
		struct err err = {0};
		if (b && kube_proto_encode_list(api_version, kind, json_object_get(out, "metadata"),
						json_object_get(out, "items"), k->type, b, &err) == 0) {
			json_decref(out);
			send_buf(call->x, 200, kube_media_name(KUBE_PROTOBUF), b);
			return;
		}
		call->media.encoding = KUBE_JSON;
	}
	kube_reply_json(call->x, 200, out, call->media.encoding, call->pretty);
	json_decref(out);
}

/* Who asks for protobuf first gets its errors so too. */
static bool reply_protobuf_status(struct http_exchange *x, int http, const json_t *status)
{
	struct kube_media media;
	struct err err = {0};
	if (kube_accept(http_field(x, "accept"), KUBE_ACCEPT_PROTOBUF, &media, &err) < 0 ||
	    media.encoding != KUBE_PROTOBUF)
		return false;
	struct buf *b = answer_buf(x);
	if (!b || kube_proto_encode(status, &type_meta_Status, b, &err) < 0)
		return false;
	send_buf(x, http, kube_media_name(KUBE_PROTOBUF), b);
	return true;
}

void kube_reply_error(struct http_exchange *x, const struct err *err, const struct resource_call *r)
{
	int http;
	if (err->code == ERR_NOT_FOUND && !strcmp(err->message, "404 page not found")) {
		http_header_str(x, "Cache-Control", "no-cache, private");
		http_reply(x, 404, "text/plain; charset=utf-8", SLICE_LIT("404 page not found\n"));
		return;
	}
	json_t *status = kube_status(err, r ? r->causes : NULL, &http);
	if (r && r->continue_token)
		json_object_set_new(json_object_get(status, "metadata"), "continue", json_string(r->continue_token));
	if (err->code == ERR_UNAUTHENTICATED)
		http_header_str(x, "WWW-Authenticate", "Bearer");
	if (json_at(status, "details.retryAfterSeconds"))
		http_header_str(x, "Retry-After", "1");
	if (!reply_protobuf_status(x, http, status))
		kube_reply_json(x, http, status, KUBE_JSON, kube_pretty(x));
	json_decref(status);
}

void kube_reply_success(struct kube_call *call, const json_t *deleted)
{
	const json_t *meta = json_object_get(deleted, "metadata");
	json_t *details = json_object(), *s;
	if (json_object_get(meta, "name"))
		json_object_set(details, "name", json_object_get(meta, "name"));
	if (call->kind->group[0])
		json_object_set_new(details, "group", json_string(call->kind->group));
	json_object_set_new(details, "kind", json_string(call->kind->plural));
	if (json_object_get(meta, "uid"))
		json_object_set(details, "uid", json_object_get(meta, "uid"));
	s = json_pack("{s:s,s:s,s:{},s:s,s:o}", "kind", "Status", "apiVersion", "v1", "metadata", "status", "Success",
		      "details", details);
	kube_reply_warnings(call);
	kube_reply_json(call->x, 200, s, call->media.encoding == KUBE_YAML ? KUBE_YAML : KUBE_JSON, call->pretty);
	json_decref(s);
}
