/*
 * Schemas: a type of cluster/schema.h becomes one named schema; types without a name (of a CustomResourceDefinition)
 * are written where they are used, from the definition's own text.
 */
#include "api/kubernetes/openapi.h"
#include "cluster/schema_meta.h"

#define META "io.k8s.apimachinery.pkg.apis.meta.v1."
static const char quantity_name[] = "io.k8s.apimachinery.pkg.api.resource.Quantity";
static const char metadata_doc[] = "Name, namespace, labels and what the server keeps about it.";
static const char int_or_string_name[] = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

struct writer {
	json_t *schemas;
	enum openapi_version v;
};

static void add_type(struct writer *w, const struct schema_type *t);
static json_t *field_schema(struct writer *w, const struct schema_field *f);
static json_t *object_schema(struct writer *w, const struct schema_type *t);

const char *openapi_kind_name(const struct kind *k, char *out)
{
	char turned[OPENAPI_NAME_BYTES / 2] = "";
	size_t at = 0;
	if (k->type && k->type->name) {
		snprintf(out, OPENAPI_NAME_BYTES, "%s", k->type->name);
		return out;
	}
	for (size_t end = strlen(k->group), i = end; i-- > 0;) {
		if (i > 0 && k->group[i - 1] != '.')
			continue;
		int n = snprintf(turned + at, sizeof turned - at, "%.*s.", (int)(end - i), k->group + i);
		if (n < 0 || at + (size_t)n >= sizeof turned)
			break;
		at += (size_t)n;
		end = i > 0 ? i - 1 : 0;
	}
	snprintf(out, OPENAPI_NAME_BYTES, "%s%.64s.%.128s", turned, k->version, k->kind);
	return out;
}

json_t *openapi_ref(enum openapi_version v, const char *name)
{
	return json_pack("{s:o}", "$ref",
			 json_sprintf("%s%s", v == OPENAPI_V2 ? "#/definitions/" : "#/components/schemas/", name));
}

/* A reference that stands beside a description: v3 needs allOf for that. */
static json_t *wrapped_ref(struct writer *w, const char *name)
{
	json_t *ref = openapi_ref(w->v, name);
	return w->v == OPENAPI_V2 ? ref : json_pack("{s:[o]}", "allOf", ref);
}

static json_t *object_ref(struct writer *w, const struct schema_type *t)
{
	if (!t)
		return json_pack("{s:s}", "type", "object");
	if (!t->name)
		return object_schema(w, t);
	add_type(w, t);
	return wrapped_ref(w, t->name);
}

static json_t *scalar_schema(struct writer *w, enum field_type type, const struct schema_type *of)
{
	switch (type) {
	case FIELD_STRING:
		return json_pack("{s:s}", "type", "string");
	case FIELD_INTEGER:
		return json_pack("{s:s,s:s}", "type", "integer", "format", "int64");
	case FIELD_INTEGER32:
		return json_pack("{s:s,s:s}", "type", "integer", "format", "int32");
	case FIELD_NUMBER:
		return json_pack("{s:s,s:s}", "type", "number", "format", "double");
	case FIELD_BOOLEAN:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_BYTES:
		return json_pack("{s:s,s:s}", "type", "string", "format", "byte");
	case FIELD_TIME:
	case FIELD_MICROTIME:
		return json_pack("{s:s,s:s}", "type", "string", "format", "date-time");
	case FIELD_QUANTITY:
		return wrapped_ref(w, quantity_name);
	case FIELD_INT_OR_STRING:
		return wrapped_ref(w, int_or_string_name);
	case FIELD_OBJECT:
		return object_ref(w, of);
	default:
		return json_pack("{s:b}", "x-kubernetes-preserve-unknown-fields", 1);
	}
}

static json_t *item_schema(struct writer *w, const struct schema_field *f)
{
	return f->item ? field_schema(w, f->item) : scalar_schema(w, f->item_type, f->of);
}

static void list_extensions(json_t *s, const struct schema_field *f)
{
	json_object_set_new(s, "x-kubernetes-list-type",
			    json_string(f->list == LIST_MAP   ? "map"
					: f->list == LIST_SET ? "set"
							      : "atomic"));
	if (f->list == LIST_MAP && f->keys) {
		json_t *keys = json_array();
		struct slice rest = slice_str(f->keys), key;
		while ((key = slice_cut(&rest, ',')).ptr)
			json_array_append_new(keys, json_stringn(key.ptr, key.len));
		json_object_set_new(s, "x-kubernetes-list-map-keys", keys);
	}
	if (f->merge_key)
		json_object_set_new(s, "x-kubernetes-patch-strategy", json_string("merge"));
	if (f->merge_key && f->merge_key[0])
		json_object_set_new(s, "x-kubernetes-patch-merge-key", json_string(f->merge_key));
}

static json_t *field_schema(struct writer *w, const struct schema_field *f)
{
	json_t *s;
	if (f->rules)
		return json_deep_copy(f->rules);
	if (f->type == FIELD_LIST) {
		s = json_pack("{s:s,s:o}", "type", "array", "items", item_schema(w, f));
		list_extensions(s, f);
	} else if (f->type == FIELD_MAP) {
		s = json_pack("{s:s,s:o}", "type", "object", "additionalProperties", item_schema(w, f));
	} else {
		s = scalar_schema(w, f->type, f->of);
	}
	if (f->atomic)
		json_object_set_new(s, "x-kubernetes-map-type", json_string("atomic"));
	if (f->key_default)
		json_object_set_new(s, "default", json_string(f->key_default));
	const char *doc = f->doc;
	if (!doc && f->type == FIELD_OBJECT && f->of == &type_meta_ObjectMeta)
		doc = metadata_doc;
	if (doc)
		json_object_set_new(s, "description", json_string(doc));
	return s;
}

static json_t *object_schema(struct writer *w, const struct schema_type *t)
{
	json_t *s = json_pack("{s:s}", "type", "object"), *properties = json_object(), *required = json_array();
	if (t->doc)
		json_object_set_new(s, "description", json_string(t->doc));
	for (size_t i = 0; i < t->fields_n; i++) {
		const struct schema_field *f = &t->fields[i];
		json_object_set_new(properties, f->name, field_schema(w, f));
		if (f->required)
			json_array_append_new(required, json_string(f->name));
	}
	if (json_array_size(required) > 0)
		json_object_set(s, "required", required);
	if (json_object_size(properties) > 0)
		json_object_set(s, "properties", properties);
	if (t->open)
		json_object_set_new(s, "x-kubernetes-preserve-unknown-fields", json_true());
	if (t->atomic)
		json_object_set_new(s, "x-kubernetes-map-type", json_string("atomic"));
	json_decref(required);
	json_decref(properties);
	return s;
}

static void add_type(struct writer *w, const struct schema_type *t)
{
	if (json_object_get(w->schemas, t->name))
		return;
	json_object_set_new(w->schemas, t->name, json_object()); /* stops recursion */
	json_object_set_new(w->schemas, t->name, object_schema(w, t));
}

static json_t *string_property(const char *doc)
{
	return json_pack("{s:s,s:s}", "type", "string", "description", doc);
}

/* One of two types; v2 has no way of saying so, and calls both text. */
static json_t *either(const struct writer *w, const char *a, const char *b)
{
	return w->v == OPENAPI_V2 ? json_pack("{s:s}", "type", "string")
				  : json_pack("{s:[{s:s},{s:s}]}", "oneOf", "type", a, "type", b);
}

static void add_common(struct writer *w)
{
	if (json_object_get(w->schemas, quantity_name))
		return;
	json_t *quantity = either(w, "string", "number"), *int_or_string = either(w, "integer", "string");
	json_object_set_new(quantity, "description", json_string("An amount with an optional unit: 500m, 2, 128Mi, 1Gi."));
	json_object_set_new(int_or_string, "description", json_string("A number, or a name or percentage as text."));
	json_object_set_new(int_or_string, "format", json_string("int-or-string"));
	json_object_set_new(w->schemas, quantity_name, quantity);
	json_object_set_new(w->schemas, int_or_string_name, int_or_string);
	json_object_set_new(
	    w->schemas, META "ListMeta",
	    json_pack("{s:s,s:{s:o,s:o,s:{s:s,s:s,s:s}}}", "type", "object", "properties", "continue",
		      string_property("The token for the next page, when there is one."), "resourceVersion",
		      string_property("The version that the list is of."), "remainingItemCount", "type", "integer",
		      "format", "int64", "description", "How many objects come after this page."));
}

static json_t *gvk(const struct kind *k, const char *suffix)
{
	return json_pack("[{s:s,s:o,s:s}]", "group", k->group, "kind", json_sprintf("%s%s", k->kind, suffix), "version",
			 k->version);
}

void openapi_add_schemas(json_t *schemas, const struct kind *k, enum openapi_version v)
{
	struct writer w = {schemas, v};
	char name[OPENAPI_NAME_BYTES], list[OPENAPI_NAME_BYTES];
	json_t *s, *properties;
	add_common(&w);
	openapi_kind_name(k, name);
	if (k->type)
		s = object_schema(&w, k->type);
	else
		s = json_pack("{s:s,s:b}", "type", "object", "x-kubernetes-preserve-unknown-fields", 1);
	properties = json_object_get(s, "properties");
	if (!properties) {
		properties = json_object();
		json_object_set_new(s, "properties", properties);
	}
	json_object_set_new(properties, "apiVersion",
			    string_property("Group and version of this object, as in v1 or apps/v1."));
	json_object_set_new(properties, "kind", string_property("Kind of this object."));
	if (!k->type || !k->type->name)
		json_object_set_new(properties, "metadata", wrapped_ref(&w, META "ObjectMeta"));
	json_t *metadata = json_object_get(properties, "metadata");
	if (metadata && !json_object_get(metadata, "description"))
		json_object_set_new(metadata, "description", json_string(metadata_doc));
	json_object_set_new(s, "x-kubernetes-group-version-kind", gvk(k, ""));
	json_object_set_new(schemas, name, s);
	snprintf(list, sizeof list, "%.500sList", name);
	json_t *list_meta = wrapped_ref(&w, META "ListMeta");
	json_object_set_new(list_meta, "description", json_string("Version and continuation of the list."));
	json_object_set_new(schemas, list,
			    json_pack("{s:s,s:s,s:[s],s:{s:o,s:{s:s,s:o},s:o,s:o},s:o}", "type", "object",
				      "description", "A list of such objects.", "required", "items", "properties",
				      "apiVersion", string_property("Group and version."), "items", "type", "array",
				      "items", wrapped_ref(&w, name), "kind", string_property("Kind of the list."),
				      "metadata", list_meta, "x-kubernetes-group-version-kind",
				      gvk(k, "List")));
}
