/* Cells of Tables that several kinds have: see cells.h. */
#include "control/kinds/cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/age.h"
#include "codec/json.h"

enum { CELL_BYTES = 8192 };

static json_t *finish(struct buf *b)
{
	json_t *out = b->len ? json_stringn(b->ptr, b->len) : json_string("<none>");
	buf_release(b);
	return out;
}

json_t *cell_since(const char *time, int64_t now_ns)
{
	char text[AGE_TEXT_BYTES];
	age_since(time, now_ns, text);
	return json_string(text);
}

json_t *cell_age(const json_t *object, int64_t now_ns)
{
	return cell_since(json_str_at(object, "metadata.creationTimestamp"), now_ns);
}

json_t *cell_at(const json_t *object, const char *path)
{
	json_t *v = json_at(object, path);
	if (!v || json_is_null(v) || (json_is_string(v) && !json_string_length(v)))
		return json_string("<none>");
	return json_incref(v);
}

json_t *cell_integer_at(const json_t *object, const char *path)
{
	return json_integer(json_int_at(object, path, 0));
}

json_t *cell_joined(const json_t *list, const char *member)
{
	struct buf b;
	size_t i;
	const json_t *item;
	buf_init(&b, CELL_BYTES);
	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(json_object_get(item, member));
		buf_str(&b, i ? "," : "");
		buf_str(&b, text ? text : "");
	}
	json_t *out = json_stringn(b.ptr ? b.ptr : "", b.len);
	buf_release(&b);
	return out;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void labels_text(const json_t *labels, struct buf *b)
{
	size_t n = 0;
	const char **keys = calloc(json_object_size(labels) + 1, sizeof *keys), *key;
	json_t *v;
	if (!keys)
		abort();
	json_object_foreach((json_t *)labels, key, v)
		keys[n++] = key;
	qsort(keys, n, sizeof *keys, by_name);
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_object_get(labels, keys[i]));
		buf_printf(b, "%s%s=%s", b->len ? "," : "", keys[i], text ? text : "");
	}
	free(keys);
}

json_t *cell_labels(const json_t *labels)
{
	struct buf b;
	buf_init(&b, CELL_BYTES);
	labels_text(labels, &b);
	return finish(&b);
}

static void requirement(const json_t *e, struct buf *b)
{
	const char *key = json_string_value(json_object_get(e, "key")),
		   *op = json_string_value(json_object_get(e, "operator"));
	const json_t *values = json_object_get(e, "values"), *v;
	size_t i;
	if (!key || !op)
		return;
	buf_str(b, b->len ? "," : "");
	if (strcmp(op, "Exists") == 0) {
		buf_str(b, key);
	} else if (strcmp(op, "DoesNotExist") == 0) {
		buf_printf(b, "!%s", key);
	} else {
		buf_printf(b, "%s %s (", key, strcmp(op, "In") == 0 ? "in" : "notin");
		json_array_foreach(values, i, v)
			buf_printf(b, "%s%s", i ? "," : "", json_is_string(v) ? json_string_value(v) : "");
		buf_char(b, ')');
	}
}

json_t *cell_selector(const json_t *selector)
{
	struct buf b;
	size_t i;
	const json_t *e;
	buf_init(&b, CELL_BYTES);
	labels_text(json_object_get(selector, "matchLabels"), &b);
	json_array_foreach(json_object_get(selector, "matchExpressions"), i, e)
		requirement(e, &b);
	return finish(&b);
}

json_t *cell_template_containers(const json_t *object, int64_t now_ns)
{
	(void)now_ns;
	return cell_joined(json_at(object, "spec.template.spec.containers"), "name");
}

json_t *cell_template_images(const json_t *object, int64_t now_ns)
{
	(void)now_ns;
	return cell_joined(json_at(object, "spec.template.spec.containers"), "image");
}

json_t *cell_spec_selector(const json_t *object, int64_t now_ns)
{
	(void)now_ns;
	return cell_selector(json_at(object, "spec.selector"));
}
