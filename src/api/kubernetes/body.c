/*
 * Request bodies: JSON, YAML or protobuf to one JSON document. The route has already bounded the body
 * (limits.api_body_bytes); decoding bounds nesting and nodes.
 */
#include "api/kubernetes/call.h"
#include "api/kubernetes/proto.h"
#include "base/limits.h"
#include "codec/json.h"
#include "codec/json_go.h"
#include "codec/yaml.h"
#include "control/kinds/types.h"

static int whole_body(struct http_exchange *x, struct slice *out, struct err *err)
{
	struct err e = {0};
	if (http_body_all(x, (size_t)limits.api_body_bytes, out, &e) == 0)
		return 0;
	if (e.code == ERR_TOO_LARGE)
		return err_set(err, ERR_TOO_LARGE, "Request entity too large: limit is %lld",
			       (long long)limits.api_body_bytes);
	*err = e;
	return -1;
}

static int decode_yaml(struct slice text, json_t **out, struct err *err)
{
	json_t *documents, *first;
	if (yaml_decode(text, YAML_GOYAML, &documents, err) < 0)
		return -1;
	first = json_incref(json_array_get(documents, 0));
	if (json_array_size(documents) > 1) {
		json_decref(documents);
		json_decref(first);
		return err_set(err, ERR_INVALID, "the body holds more than one YAML document");
	}
	json_decref(documents);
	*out = first ?: json_null();
	return 0;
}

int kube_body_document(struct http_exchange *x, bool yaml, json_t **out, struct err *err)
{
	struct slice text;
	if (whole_body(x, &text, err) < 0)
		return -1;
	struct slice trimmed = slice_trim(text);
	if (trimmed.len == 0) {
		*out = NULL;
		return 0;
	}
	bool json = !yaml || trimmed.ptr[0] == '{' || trimmed.ptr[0] == '[';
	struct err e = {0};
	if ((json ? json_decode(text, 0, out, &e) : decode_yaml(text, out, &e)) == 0)
		return 0;
	return err_set(err, ERR_INVALID, "%s", e.message);
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static int from_protobuf(struct slice text, const struct kind *kind, json_t **out, struct err *err)
{
	struct kube_envelope e;
	char want[KIND_API_VERSION_BYTES];
	kind_api_version(kind, want);
	if (kube_proto_open(text, &e, err) < 0)
		return -1;
	if (!kind->type || !kube_proto_known(kind->type))
		return err_set(err, ERR_MEDIA_TYPE,
			       "the body of the request was in an unknown format - accepted media types include: "
			       "application/json, application/yaml");
	if (!slice_is(e.kind, kind->kind) || !slice_is(e.api_version, want))
		return err_set(err, ERR_INVALID,
			       "%.*s in version \"%.*s\" cannot be handled as a %s: unknown conversion",
			       SLICE_ARG(e.kind), SLICE_ARG(e.api_version), kind->kind);
	return kube_proto_decode(e.raw, kind->type, out, err);
}

/* "(7b226b…)": what the API server appends so that one can see what it was given. */
static void hex_of(struct slice text, char *out, size_t n)
{
	size_t at = 0;
	for (size_t i = 0; i < text.len && at + 3 < n; i++)
		at += (size_t)snprintf(out + at, n - at, "%02x", (unsigned char)text.ptr[i]);
	out[at] = 0;
}

/* Fills in apiVersion and kind, or refuses another kind's object. */
static int settle_type(const struct kind *kind, json_t *o, struct err *err)
{
	char want[KIND_API_VERSION_BYTES];
	const char *version = text_of(o, "apiVersion"), *name = text_of(o, "kind");
	kind_api_version(kind, want);
	if ((kind->flags & KIND_CUSTOM) && !name)
		return err_set(err, ERR_INVALID, "Object 'Kind' is missing in the object");
	if (name && strcmp(name, kind->kind) != 0)
		return err_set(err, ERR_INVALID, "%s in version \"%s\" cannot be handled as a %s: unknown conversion",
			       name, version ? version : "", kind->kind);
	if (version && strcmp(version, want) != 0)
		return err_set(err, ERR_INVALID,
			       "the API version in the data (%s) does not match the expected API version (%s)", version,
			       want);
	json_object_set_new(o, "apiVersion", json_string(want));
	json_object_set_new(o, "kind", json_string(kind->kind));
	return 0;
}

int kube_body_object(struct kube_call *call, const struct kind *kind, json_t **out, struct err *err)
{
	enum kube_encoding encoding;
	struct slice text;
	struct err e = {0};
	json_t *o = NULL;
	if (kube_content_type(http_field(call->x, "content-type"), &encoding, err) < 0 ||
	    whole_body(call->x, &text, err) < 0)
		return -1;
	if (encoding == KUBE_PROTOBUF) {
		if (from_protobuf(text, kind, &o, err) < 0)
			return -1;
	} else {
		int rc = encoding == KUBE_YAML ? decode_yaml(text, &o, &e) : json_decode(text, 0, &o, &e);
		if (rc < 0) {
			char hex[81], words[256];
			hex_of(text, hex, sizeof hex);
			if (encoding == KUBE_YAML || !json_go_error(text, words, sizeof words))
				snprintf(words, sizeof words, "%.255s", e.message);
			return err_set(
			    err, ERR_INVALID,
			    "the object provided is unrecognized (must be of type %s): couldn't get version/kind; %s "
			    "parse error: %s (%s%s)",
			    kind->kind, encoding == KUBE_YAML ? "yaml" : "json", words, hex,
			    text.len > 40 ? " ..." : "");
		}
	}
	if (!json_is_object(o)) {
		json_decref(o);
		return err_set(err, ERR_INVALID,
			       "the object provided is unrecognized (must be of type %s): the body is not an object",
			       kind->kind);
	}
	if (settle_type(kind, o, err) < 0) {
		json_decref(o);
		return -1;
	}
	*out = o;
	return 0;
}

static int delete_body(struct kube_call *call, json_t **out, struct err *err)
{
	struct slice text;
	enum kube_encoding encoding;
	struct kube_envelope e;
	if (whole_body(call->x, &text, err) < 0)
		return -1;
	if (slice_trim(text).len == 0) {
		*out = json_object();
		return 0;
	}
	if (kube_content_type(http_field(call->x, "content-type"), &encoding, err) < 0)
		return -1;
	if (encoding == KUBE_PROTOBUF)
		return kube_proto_open(text, &e, err) < 0
			   ? -1
			   : kube_proto_decode(e.raw, &type_meta_DeleteOptions, out, err);
	return encoding == KUBE_YAML ? decode_yaml(text, out, err) : json_decode(text, 0, out, err);
}

static int propagation(const char *s, enum delete_propagation *out, struct err *err)
{
	if (!s || !*s)
		return 0;
	if (!strcmp(s, "Background"))
		*out = DELETE_BACKGROUND;
	else if (!strcmp(s, "Foreground"))
		*out = DELETE_FOREGROUND;
	else if (!strcmp(s, "Orphan"))
		*out = DELETE_ORPHAN;
	else
		return err_set(err, ERR_UNPROCESSABLE,
			       "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: "
			       "\"%s\": supported "
			       "values: \"Background\", \"Foreground\", \"Orphan\"",
			       s);
	return 0;
}

int kube_body_delete_options(struct kube_call *call, struct delete_options *out, json_t **body, struct err *err)
{
	struct delete_options d = {.grace_s = -1};
	json_t *b = NULL;
	bool orphan = false;
	if (delete_body(call, &b, err) < 0)
		return -1;
	const json_t *grace = json_object_get(b, "gracePeriodSeconds"), *pre = json_object_get(b, "preconditions"),
		     *dry = json_array_get(json_object_get(b, "dryRun"), 0);
	if (json_is_integer(grace))
		d.grace_s = json_integer_value(grace);
	d.uid = text_of(pre, "uid");
	d.resource_version = text_of(pre, "resourceVersion");
	if (json_is_string(dry))
		call->r.dry_run = true;
	if (json_is_true(json_object_get(b, "orphanDependents")))
		d.propagation = DELETE_ORPHAN;
	if (kube_query_int(call->x, "gracePeriodSeconds", &d.grace_s, err) < 0 ||
	    kube_query_bool(call->x, "orphanDependents", &orphan, err) < 0 ||
	    propagation(kube_query(call->x, "propagationPolicy"), &d.propagation, err) < 0 ||
	    propagation(text_of(b, "propagationPolicy"), &d.propagation, err) < 0) {
		json_decref(b);
		return -1;
	}
	if (orphan)
		d.propagation = DELETE_ORPHAN;
	*out = d;
	*body = b;
	return 0;
}
