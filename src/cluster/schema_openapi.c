/*
 * A CustomResourceDefinition's openAPIV3Schema as a type: see schema.h. The structural rules of Kubernetes are taken for
 * granted (the CRD's own validation has checked them): `properties` names the fields, an object without properties is a
 * map or open. apiVersion, kind and metadata are added at the top whatever the schema says, as the API server does.
 */
#include <string.h>

#include "base/limits.h"
#include "cluster/schema.h"
#include "cluster/schema_meta.h"

struct reader {
	struct arena *arena;
	struct err *err;
};

static int read_field(struct reader *r, const json_t *node, int depth, struct schema_field *f);

static bool flag(const json_t *node, const char *name)
{
	return json_is_true(json_object_get(node, name));
}

static bool has_name(const json_t *list, const char *name)
{
	size_t i;
	const json_t *v;
	json_array_foreach(list, i, v)
		if (json_is_string(v) && strcmp(json_string_value(v), name) == 0)
			return true;
	return false;
}

static const char *join_keys(struct arena *a, const json_t *keys)
{
	const char *text = "";
	size_t i;
	const json_t *v;
	json_array_foreach(keys, i, v)
	{
		const char *s = json_string_value(v);
		text = s && text ? arena_printf(a, "%s%s%s", text, *text ? "," : "", s) : text;
	}
	return text;
}

static const struct schema_type *read_object(struct reader *r, const json_t *node, int depth, bool top)
{
	static const struct schema_field head[] = {
		{ .name = "apiVersion", .type = FIELD_STRING },
		{ .name = "kind", .type = FIELD_STRING },
		{ .name = "metadata", .type = FIELD_OBJECT, .of = &type_meta_ObjectMeta },
	};
	const json_t *properties = json_object_get(node, "properties"), *required = json_object_get(node, "required");
	size_t n = json_object_size(properties), at = 0;
	struct schema_type *t = arena_zalloc(r->arena, sizeof *t);
	struct schema_field *fields = arena_array(r->arena, n + 3, sizeof *fields);
	if (!t || !fields)
		goto full;
	if (top || flag(node, "x-kubernetes-embedded-resource")) {
		memcpy(fields, head, sizeof head);
		at = 3;
	}
	const char *key;
	const json_t *value;
	json_object_foreach((json_t *)properties, key, value)
	{
		if (at >= 3 && (!strcmp(key, "apiVersion") || !strcmp(key, "kind") || !strcmp(key, "metadata")))
			continue;
		struct schema_field *f = &fields[at];
		memset(f, 0, sizeof *f);
		if (read_field(r, value, depth + 1, f) < 0)
			return NULL;
		f->name = key;
		f->required = has_name(required, key);
		at++;
	}
	t->fields = fields;
	t->fields_n = at;
	t->doc = json_string_value(json_object_get(node, "description"));
	t->open = flag(node, "x-kubernetes-preserve-unknown-fields");
	return t;
full:
	err_set(r->err, ERR_TOO_LARGE, "the schema of the CustomResourceDefinition is too large");
	return NULL;
}

static int read_list(struct reader *r, const json_t *node, int depth, struct schema_field *f)
{
	const char *how = json_string_value(json_object_get(node, "x-kubernetes-list-type"));
	const json_t *items = json_object_get(node, "items");
	f->type = FIELD_LIST;
	if (how && strcmp(how, "map") == 0) {
		f->list = LIST_MAP;
		f->keys = join_keys(r->arena, json_object_get(node, "x-kubernetes-list-map-keys"));
	} else if (how && strcmp(how, "set") == 0) {
		f->list = LIST_SET;
	}
	struct schema_field *item = arena_zalloc(r->arena, sizeof *item);
	if (!item)
		return err_set(r->err, ERR_TOO_LARGE, "the schema of the CustomResourceDefinition is too large");
	if (items && read_field(r, items, depth + 1, item) < 0)
		return -1;
	item->name = "";
	f->item = item;
	f->item_type = item->type;
	f->of = item->of;
	return 0;
}

static int read_map(struct reader *r, const json_t *node, int depth, struct schema_field *f)
{
	const json_t *additional = json_object_get(node, "additionalProperties");
	const char *how = json_string_value(json_object_get(node, "x-kubernetes-map-type"));
	f->atomic = how && strcmp(how, "atomic") == 0;
	if (!json_object_get(node, "properties") && json_is_object(additional)) {
		struct schema_field *item = arena_zalloc(r->arena, sizeof *item);
		if (!item)
			return err_set(r->err, ERR_TOO_LARGE, "the schema of the CustomResourceDefinition is too large");
		if (read_field(r, additional, depth + 1, item) < 0)
			return -1;
		item->name = "";
		f->type = FIELD_MAP;
		f->item = item;
		f->item_type = item->type;
		f->of = item->of;
		return 0;
	}
	f->type = FIELD_OBJECT;
	f->of = read_object(r, node, depth, false);
	return f->of ? 0 : -1;
}

static int read_field(struct reader *r, const json_t *node, int depth, struct schema_field *f)
{
	const char *type = json_string_value(json_object_get(node, "type"));
	const char *format = json_string_value(json_object_get(node, "format"));
	if (depth > limits.json_depth)
		return err_set(r->err, ERR_INVALID, "the schema of the CustomResourceDefinition is nested too deep");
	f->rules = node;
	f->doc = json_string_value(json_object_get(node, "description"));
	f->keep = true;
	if (flag(node, "x-kubernetes-int-or-string"))
		f->type = FIELD_INT_OR_STRING;
	else if (!type)
		f->type = FIELD_ANY;
	else if (strcmp(type, "string") == 0)
		f->type = FIELD_STRING;
	else if (strcmp(type, "integer") == 0)
		f->type = format && strcmp(format, "int32") == 0 ? FIELD_INTEGER32 : FIELD_INTEGER;
	else if (strcmp(type, "number") == 0)
		f->type = FIELD_NUMBER;
	else if (strcmp(type, "boolean") == 0)
		f->type = FIELD_BOOLEAN;
	else if (strcmp(type, "array") == 0)
		return read_list(r, node, depth, f);
	else if (strcmp(type, "object") == 0)
		return read_map(r, node, depth, f);
	else
		return err_set(r->err, ERR_INVALID, "the schema has an unknown type \"%s\"", type);
	return 0;
}

const struct schema_type *schema_from_openapi(struct arena *arena, const json_t *schema, struct err *err)
{
	struct reader r = { .arena = arena, .err = err };
	return read_object(&r, schema, 0, true);
}
