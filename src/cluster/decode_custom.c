/*
 * Custom kinds: pruning, defaulting and the checks of a structural schema, as the API server does for a
 * CustomResourceDefinition. What is wrong becomes a fault and the walk goes on, so that one answer names everything.
 * metadata is Go's ObjectMeta here too. Values stay as they were written, but for quantities of our own tables.
 */
#include <string.h>

#include "cluster/decode_internal.h"
#include "cluster/quantity.h"
#include "cluster/schema_meta.h"
#include "codec/json.h"

static json_t *value(struct decoder *d, const struct schema_field *f, const json_t *in);

static const char *json_kind(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return "object";
	case JSON_ARRAY: return "array";
	case JSON_STRING: return "string";
	case JSON_TRUE:
	case JSON_FALSE: return "boolean";
	case JSON_INTEGER: return "integer";
	case JSON_REAL: return "number";
	case JSON_NULL: break;
	}
	return "null";
}

static void wrong(struct decoder *d, const struct schema_field *f, const json_t *in)
{
	const char *type = schema_type_name(f->type), *is = json_kind(in);
	if (f->type == FIELD_INT_OR_STRING || f->type == FIELD_QUANTITY)
		type = "integer,string";
	fault_add_str(d->faults, d->path.ptr, FAULT_TYPE, is, "%s in body must be of type %s: \"%s\"", d->path.ptr,
		      type ? type : "object", is);
}

static json_t *quantity(struct decoder *d, const struct schema_field *f, const json_t *in)
{
	char text[QUANTITY_TEXT_BYTES];
	struct buf written;
	json_t *out = NULL;
	if (!json_is_string(in) && !json_is_number(in)) {
		wrong(d, f, in);
		return json_incref((json_t *)in);
	}
	buf_init(&written, 1 << 12);
	if (json_is_string(in))
		buf_append(&written, json_string_value(in), json_string_length(in));
	else
		(void)json_encode(in, JSON_ENCODE_COMPACT, &written);
	if (written.len && quantity_canonical(written.ptr, text))
		out = json_string(text);
	else
		fault_add(d->faults, d->path.ptr, FAULT_INVALID, in,
			  "%s in body should match '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|"
			  "([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'", d->path.ptr);
	buf_release(&written);
	return out ? out : json_incref((json_t *)in);
}

static json_t *list(struct decoder *d, const struct schema_field *f, const json_t *in)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	json_t *out = json_array(), *v;
	size_t i;
	json_array_foreach((json_t *)in, i, v)
	{
		size_t at = decoder_push_index(d, i);
		json_array_append_new(out, value(d, item, v));
		decoder_pop(d, at);
	}
	return out;
}

static json_t *map(struct decoder *d, const struct schema_field *f, const json_t *in)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	json_t *out = json_object(), *v;
	const char *key;
	json_object_foreach((json_t *)in, key, v)
	{
		size_t at = decoder_push(d, key);
		json_object_set_new(out, key, value(d, item, v));
		decoder_pop(d, at);
	}
	return out;
}

/* Items of a set are different, items of a map have different keys. */
static void check_list(struct decoder *d, const struct schema_field *f, const json_t *items)
{
	json_t *seen = json_object(), *v;
	struct buf name;
	size_t i;
	buf_init(&name, 1 << 20);
	json_array_foreach((json_t *)items, i, v)
	{
		buf_reset(&name);
		json_t *id = f->list == LIST_SET ? json_incref(v) : json_object();
		struct slice keys = slice_str(f->list == LIST_MAP ? f->keys : ""), key;
		while (f->list == LIST_MAP && (key = slice_cut(&keys, ',')).ptr) {
			json_t *part = json_object_getn(v, key.ptr, key.len);
			if (part)
				json_object_setn(id, key.ptr, key.len, part);
		}
		if (json_encode(id, JSON_ENCODE_SORTED, &name) == 0) {
			if (json_object_get(seen, name.ptr)) {
				size_t at = decoder_push_index(d, i);
				fault_add(d->faults, d->path.ptr, FAULT_DUPLICATE, id, "%s", "");
				decoder_pop(d, at);
			}
			json_object_set_new(seen, name.ptr, json_true());
		}
		json_decref(id);
	}
	buf_release(&name);
	json_decref(seen);
}

static bool fits(const struct schema_field *f, const json_t *in)
{
	switch (f->type) {
	case FIELD_STRING:
	case FIELD_TIME:
	case FIELD_MICROTIME:
	case FIELD_BYTES: return json_is_string(in);
	case FIELD_INTEGER:
	case FIELD_INTEGER32:
		return json_is_integer(in) ||
		       (json_is_real(in) && !((double)(json_int_t)json_real_value(in) < json_real_value(in) ||
					      (double)(json_int_t)json_real_value(in) > json_real_value(in)));
	case FIELD_NUMBER: return json_is_number(in);
	case FIELD_BOOLEAN: return json_is_boolean(in);
	case FIELD_INT_OR_STRING: return json_is_integer(in) || json_is_string(in);
	case FIELD_OBJECT:
	case FIELD_MAP: return json_is_object(in);
	case FIELD_LIST: return json_is_array(in);
	case FIELD_QUANTITY:
	case FIELD_ANY: break;
	}
	return true;
}

/* New reference, never NULL. */
static json_t *value(struct decoder *d, const struct schema_field *f, const json_t *in)
{
	json_t *out;
	if (json_is_null(in) && json_is_true(json_object_get(f->rules, "nullable")))
		return json_null();
	if (f->type == FIELD_OBJECT && f->of == &type_meta_ObjectMeta && json_is_object(in)) {
		out = decode_go_object(d, f->of, in);
		if (out)
			return out;
		fault_add(d->faults, d->path.ptr, FAULT_INVALID, in, "%s", d->err->message);
		return json_object();
	}
	if (!fits(f, in)) {
		wrong(d, f, in);
		return json_incref((json_t *)in);
	}
	switch (f->type) {
	case FIELD_OBJECT: out = decode_custom_object(d, f->of, f->rules, in); break;
	case FIELD_MAP: out = map(d, f, in); break;
	case FIELD_LIST: out = list(d, f, in); break;
	case FIELD_QUANTITY: out = quantity(d, f, in); break;
	default: out = json_incref((json_t *)in);
	}
	if (f->rules && f->type == FIELD_LIST && f->list != LIST_ATOMIC) /* core types inside our own tables don't care */
		check_list(d, f, out);
	if (f->rules)
		decode_rules_check(d, f->rules, out);
	return out;
}

json_t *decode_custom_object(struct decoder *d, const struct schema_type *type, const json_t *rules, const json_t *in)
{
	json_t *out = json_object(), *v;
	const char *key;
	(void)rules;
	json_object_foreach((json_t *)in, key, v)
	{
		const struct schema_field *f = schema_field(type, key);
		if (!f && (type->open || d->open)) {
			json_object_set(out, key, v);
		} else if (!f) {
			decoder_unknown(d, key);
		} else if (!json_is_null(v) || json_is_true(json_object_get(f->rules, "nullable"))) {
			size_t at = decoder_push(d, key);
			json_object_set_new(out, key, value(d, f, v));
			decoder_pop(d, at);
		}
	}
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct schema_field *f = &type->fields[i];
		const json_t *initial = json_object_get(f->rules, "default");
		if (json_object_get(out, f->name))
			continue;
		size_t at = decoder_push(d, f->name);
		if (initial)
			json_object_set_new(out, f->name, value(d, f, initial));
		else if (f->required)
			fault_add(d->faults, d->path.ptr, FAULT_REQUIRED, NULL, "%s", "");
		decoder_pop(d, at);
	}
	return out;
}
