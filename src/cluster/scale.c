/* Scale: scale.h. Shape: autoscaling/v1. */
#include "cluster/scale.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/fieldset.h"
#include "cluster/schema_meta.h"
#include "cluster/write.h"
#include "codec/json.h"

enum { SELECTOR_BYTES_MAX = 64 << 10 };

/* CRDs write the path as JSONPath: ".spec.replicas". */
static const char *plain(const char *path)
{
	return path && *path == '.' ? path + 1 : path;
}

static void selector_text(const json_t *selector, struct buf *out)
{
	const json_t *labels = json_object_get(selector, "matchLabels"), *e, *v;
	const char *key;
	size_t i, k;
	if (json_is_string(selector)) {
		buf_str(out, json_string_value(selector));
		return;
	}
	json_object_foreach((json_t *)labels, key, v)
		buf_printf(out, "%s%s=%s", out->len ? "," : "", key, json_string_value(v) ? json_string_value(v) : "");
	json_array_foreach(json_object_get(selector, "matchExpressions"), i, e)
	{
		const char *name = json_string_value(json_object_get(e, "key")),
			   *op = json_string_value(json_object_get(e, "operator"));
		if (!name || !op)
			continue;
		buf_str(out, out->len ? "," : "");
		if (!strcmp(op, "Exists") || !strcmp(op, "DoesNotExist")) {
			buf_printf(out, "%s%s", *op == 'D' ? "!" : "", name);
			continue;
		}
		buf_printf(out, "%s %s (", name, !strcmp(op, "In") ? "in" : "notin");
		json_array_foreach(json_object_get(e, "values"), k, v)
			buf_printf(out, "%s%s", k ? "," : "", json_string_value(v) ? json_string_value(v) : "");
		buf_char(out, ')');
	}
}

json_t *scale_of(const struct kind *k, const json_t *object)
{
	static const char *const fields[] = { "name", "namespace", "uid", "resourceVersion", "creationTimestamp" };
	const json_t *meta = json_object_get(object, "metadata"), *selector = NULL;
	json_t *m = json_object(), *spec = json_object(), *status = json_object();
	json_int_t wanted = json_int_at(object, plain(k->scale->spec_replicas), 0);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (json_object_get(meta, fields[i]))
			json_object_set(m, fields[i], json_object_get(meta, fields[i]));
	if (wanted)
		json_object_set_new(spec, "replicas", json_integer(wanted));
	json_object_set_new(status, "replicas", json_integer(json_int_at(object, plain(k->scale->status_replicas), 0)));
	if (k->scale->selector)
		selector = json_at(object, plain(k->scale->selector));
	if (selector) {
		struct buf text;
		buf_init(&text, SELECTOR_BYTES_MAX);
		selector_text(selector, &text);
		if (text.len > 0 && !text.failed)
			json_object_set_new(status, "selector", json_string(text.ptr));
		buf_release(&text);
	}
	return json_pack("{s:s,s:s,s:o,s:o,s:o}", "kind", "Scale", "apiVersion", "autoscaling/v1", "metadata", m, "spec", spec,
			 "status", status);
}

static int replicas_of(const json_t *scale, const char *name, json_int_t *out, struct err *err)
{
	const json_t *replicas = json_at(scale, "spec.replicas");
	if (replicas && !json_is_integer(replicas) && !json_is_null(replicas))
		return err_set(err, ERR_INVALID,
			       "json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32");
	*out = json_integer_value(replicas);
	if (*out < 0 || *out > INT32_MAX)
		return err_set(err, ERR_UNPROCESSABLE,
			       "Scale.autoscaling \"%s\" is invalid: spec.replicas: Invalid value: %lld: must be greater than or "
			       "equal to 0",
			       name, (long long)*out);
	return 0;
}

int scale_apply(const struct kind *k, json_t *object, const json_t *scale, struct err *err)
{
	json_int_t n;
	if (replicas_of(scale, document_str(object, "name"), &n, err) < 0)
		return -1;
	if (!document_set(object, plain(k->scale->spec_replicas), json_integer(n)))
		return err_set(err, ERR_INVALID, "the object has no place for %s", k->scale->spec_replicas);
	return 0;
}

/* ---- server-side apply ---- */

#define FIELDS(list) .fields = (list), .fields_n = sizeof(list) / sizeof *(list)
static const struct schema_field spec_fields[] = { { .name = "replicas", .type = FIELD_INTEGER32 } },
				 status_fields[] = { { .name = "replicas", .type = FIELD_INTEGER32 },
						     { .name = "selector", .type = FIELD_STRING } };
static const struct schema_type spec_type = { FIELDS(spec_fields) }, status_type = { FIELDS(status_fields) };
static const struct schema_field scale_fields[] = {
	{ .name = "apiVersion", .type = FIELD_STRING },
	{ .name = "kind", .type = FIELD_STRING },
	{ .name = "metadata", .type = FIELD_OBJECT, .of = &type_meta_ObjectMeta },
	{ .name = "spec", .type = FIELD_OBJECT, .of = &spec_type },
	{ .name = "status", .type = FIELD_OBJECT, .of = &status_type },
};
static const struct schema_type scale_type = { FIELDS(scale_fields) };
static const struct schema_field scale_root = { .name = "", .type = FIELD_OBJECT, .of = &scale_type };

static int check_config(const json_t *scale, struct err *err)
{
	const char *version = json_str_at(scale, "apiVersion"), *kind = json_str_at(scale, "kind"),
		   *namespace_ = json_str_at(scale, "metadata.namespace"), *name = json_str_at(scale, "metadata.name");
	if (!version || strcmp(version, "autoscaling/v1") != 0)
		return err_set(err, ERR_INVALID,
			       "Incorrect version specified in apply patch. Specified patch version: %.100s, expected: "
			       "autoscaling/v1",
			       version ? version : "");
	if (!kind || strcmp(kind, "Scale") != 0)
		return err_set(err, ERR_INVALID, "the kind in the data (%.200s) does not match the expected kind (Scale)",
			       kind ? kind : "");
	if (json_array_size(json_at(scale, "metadata.managedFields")))
		return err_set(err, ERR_INVALID, "metadata.managedFields must be nil");
	if (fieldset_check(&scale_root, scale, err) < 0)
		return err_wrap(err, "failed to create typed patch object (%.63s/%.253s; autoscaling/v1, Kind=Scale)",
				namespace_ ? namespace_ : "", name ? name : "");
	return 0;
}

json_t *scale_config(const struct kind *k, const json_t *scale, struct err *err)
{
	static const char *const identity[] = { "name", "namespace", "uid", "resourceVersion" };
	const json_t *meta = json_object_get(scale, "metadata");
	char version[KIND_API_VERSION_BYTES];
	json_int_t n;
	if (check_config(scale, err) < 0 || replicas_of(scale, document_str(scale, "name"), &n, err) < 0)
		return NULL;
	json_t *m = json_object();
	for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
		json_object_set(m, identity[i], json_object_get(meta, identity[i]));
	json_t *out = json_pack("{s:s,s:s,s:o}", "apiVersion", kind_api_version(k, version), "kind", k->kind, "metadata", m);
	if (json_is_integer(json_at(scale, "spec.replicas")))
		document_set(out, plain(k->scale->spec_replicas), json_integer(n));
	return out;
}

void scale_settle(const struct kind *k, json_t *object)
{
	const char *path = plain(k->scale->spec_replicas);
	if (!json_at(object, path))
		document_set(object, path, json_integer(0));
}
