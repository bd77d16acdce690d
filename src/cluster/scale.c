/* Scale: scale.h. Shape: autoscaling/v1. */
#include "cluster/scale.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/selector.h"
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

int scale_apply(const struct kind *k, json_t *object, const json_t *scale, struct err *err)
{
	const json_t *replicas = json_at(scale, "spec.replicas");
	if (replicas && !json_is_integer(replicas) && !json_is_null(replicas))
		return err_set(err, ERR_INVALID,
			       "json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32");
	json_int_t n = json_integer_value(replicas);
	if (n < 0 || n > INT32_MAX)
		return err_set(err, ERR_UNPROCESSABLE,
			       "Scale.autoscaling \"%s\" is invalid: spec.replicas: Invalid value: %lld: must be greater than or "
			       "equal to 0",
			       document_str(object, "name"), (long long)n);
	if (!document_set(object, plain(k->scale->spec_replicas), json_integer(n)))
		return err_set(err, ERR_INVALID, "the object has no place for %s", k->scale->spec_replicas);
	return 0;
}
