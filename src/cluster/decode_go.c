/*
 * Built-in kinds: what Go's decoder and encoder together make of a document (sigs.k8s.io/json into a struct and back).
 * A wrong type ends it with the decoder's text; unknown members are dropped and reported; null is the zero value; zeros
 * are dropped but for `keep` fields and written for `show` fields; quantities and times get their canonical form.
 * The result has its members in the table's order.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cluster/decode_internal.h"
#include "cluster/quantity.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/time.h"

static json_t *value(struct decoder *d, const struct schema_type *owner, const struct schema_field *f, const json_t *in);

static const char *last_part(const char *name)
{
	const char *dot = name ? strrchr(name, '.') : NULL;
	return dot ? dot + 1 : name ? name : "Object";
}

/* "io.k8s.api.core.v1.PodSpec" as Go prints it: "v1.PodSpec". */
static void go_struct(const struct schema_type *t, struct buf *out)
{
	const char *name = t && t->name ? t->name : "Object", *p = strrchr(name, '.');
	if (p && p > name)
		for (p--; p > name && p[-1] != '.'; p--)
			;
	buf_str(out, p ? p : name);
}

static void go_type(const struct schema_field *f, struct buf *out)
{
	struct schema_field scratch;
	switch (f->type) {
	case FIELD_STRING: buf_str(out, "string"); break;
	case FIELD_INTEGER: buf_str(out, "int64"); break;
	case FIELD_INTEGER32:
	case FIELD_INT_OR_STRING: buf_str(out, "int32"); break;
	case FIELD_NUMBER: buf_str(out, "float64"); break;
	case FIELD_BOOLEAN: buf_str(out, "bool"); break;
	case FIELD_BYTES: buf_str(out, "[]uint8"); break;
	case FIELD_QUANTITY:
	case FIELD_TIME:
	case FIELD_MICROTIME: buf_str(out, "string"); break;
	case FIELD_OBJECT: go_struct(f->of, out); break;
	case FIELD_LIST:
		buf_str(out, "[]");
		go_type(schema_item(f, &scratch), out);
		break;
	case FIELD_MAP:
		buf_str(out, "map[string]");
		go_type(schema_item(f, &scratch), out);
		break;
	case FIELD_ANY: buf_str(out, "interface {}"); break;
	}
}

static const char *json_kind(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return "object";
	case JSON_ARRAY: return "array";
	case JSON_STRING: return "string";
	case JSON_TRUE:
	case JSON_FALSE: return "bool";
	case JSON_INTEGER:
	case JSON_REAL: return "number";
	case JSON_NULL: break;
	}
	return "null";
}

/* How apimachinery's converter of unstructured objects puts it. */
static json_t *not_converted(struct decoder *d, const struct schema_field *f, const json_t *in)
{
	struct buf type;
	const char *is = json_is_object(in) ? "map" : json_is_array(in) ? "slice" : json_is_integer(in) ? "int64" : json_kind(in);
	if (f->type == FIELD_OBJECT || f->type == FIELD_MAP || f->type == FIELD_LIST) {
		err_set(d->err, ERR_INVALID, "cannot restore %s from%s %s",
			f->type == FIELD_OBJECT ? "struct" : f->type == FIELD_MAP ? "map" : "slice",
			f->type == FIELD_OBJECT ? ":" : "", is);
		return NULL;
	}
	buf_init(&type, 1 << 12);
	go_type(f, &type);
	err_set(d->err, ERR_INVALID, "unrecognized type: %s", type.ptr);
	buf_release(&type);
	return NULL;
}

/* `number`: the number itself is shown, as Go does for one that the type cannot hold. */
static json_t *wrong(struct decoder *d, const struct schema_type *owner, const struct schema_field *f, const json_t *in,
		     bool number)
{
	struct buf type, path, shown;
	if (d->converting)
		return not_converted(d, f, in);
	bool own = f->type == FIELD_QUANTITY || f->type == FIELD_TIME || f->type == FIELD_MICROTIME ||
		   f->type == FIELD_INT_OR_STRING;
	buf_init(&type, 1 << 12);
	buf_init(&path, 1 << 12);
	buf_init(&shown, 1 << 12);
	go_type(f, &type);
	buf_str(&shown, json_kind(in));
	if (number) {
		buf_char(&shown, ' ');
		(void)json_encode(in, JSON_ENCODE_COMPACT, &shown);
	}
	buf_str(&path, "");
	for (const char *p = d->path.ptr; *p; p++) {
		if (*p == '[') /* Go's path has no indexes */
			p += strcspn(p, "]");
		else
			buf_char(&path, *p);
	}
	if (own || path.len == 0) /* the type reads itself, and doesn't know where it stands */
		err_set(d->err, ERR_INVALID, "json: cannot unmarshal %s into Go value of type %s", shown.ptr, type.ptr);
	else
		err_set(d->err, ERR_INVALID, "json: cannot unmarshal %s into Go struct field %s.%s of type %s", shown.ptr,
			last_part(owner->name), path.ptr, type.ptr);
	buf_release(&type);
	buf_release(&path);
	buf_release(&shown);
	return NULL;
}

static json_t *zero(struct decoder *d, const struct schema_field *f)
{
	switch (f->type) {
	case FIELD_STRING: return json_string("");
	case FIELD_INTEGER:
	case FIELD_INTEGER32:
	case FIELD_INT_OR_STRING: return json_integer(0);
	case FIELD_NUMBER: return json_integer(0);
	case FIELD_BOOLEAN: return json_false();
	case FIELD_QUANTITY: return json_string("0");
	case FIELD_OBJECT: return decode_go_object(d, f->of, NULL);
	case FIELD_ANY:
	case FIELD_TIME:
	case FIELD_MICROTIME:
	case FIELD_BYTES:
	case FIELD_MAP:
	case FIELD_LIST: break;
	}
	return json_null();
}

/* What `omitempty` leaves out. */
static bool is_empty(const struct schema_field *f, const json_t *v)
{
	switch (f->type) {
	case FIELD_STRING:
	case FIELD_BYTES: return json_is_string(v) && json_string_length(v) == 0;
	case FIELD_INTEGER:
	case FIELD_INTEGER32: return json_integer_value(v) == 0;
	case FIELD_NUMBER: return !(json_number_value(v) < 0 || json_number_value(v) > 0);
	case FIELD_BOOLEAN: return json_is_false(v);
	case FIELD_MAP:
	case FIELD_OBJECT: return json_object_size(v) == 0;
	case FIELD_LIST: return json_array_size(v) == 0;
	case FIELD_ANY:
	case FIELD_INT_OR_STRING:
	case FIELD_QUANTITY:
	case FIELD_TIME:
	case FIELD_MICROTIME: break;
	}
	return false;
}

static json_t *quantity(struct decoder *d, const struct schema_type *owner, const struct schema_field *f,
			const json_t *in)
{
	char text[QUANTITY_TEXT_BYTES];
	struct buf written;
	bool ok;
	if (!json_is_string(in) && !json_is_number(in))
		return wrong(d, owner, f, in, false);
	buf_init(&written, 1 << 12);
	if (json_is_string(in))
		buf_append(&written, json_string_value(in), json_string_length(in));
	else
		(void)json_encode(in, JSON_ENCODE_COMPACT, &written);
	ok = written.len && quantity_canonical(written.ptr, text);
	buf_release(&written);
	if (ok)
		return json_string(text);
	err_set(d->err, ERR_INVALID, QUANTITY_REFUSAL);
	return NULL;
}

static json_t *timestamp(struct decoder *d, const struct schema_type *owner, const struct schema_field *f,
			 const json_t *in)
{
	char text[TIME_TEXT_BYTES];
	int64_t ns;
	if (!json_is_string(in))
		return wrong(d, owner, f, in, false);
	if (!time_parse_rfc3339(slice_of(json_string_value(in), json_string_length(in)), &ns)) {
		err_set(d->err, ERR_INVALID,
			"parsing time \"%.60s\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"%.60s\" as \"2006\"",
			json_string_value(in), json_string_value(in));
		return NULL;
	}
	if (f->type == FIELD_MICROTIME)
		time_format_fraction(ns, 6, text, sizeof text);
	else
		time_format_rfc3339(ns, text, sizeof text);
	return json_string(text);
}

static json_t *bytes(struct decoder *d, const struct schema_type *owner, const struct schema_field *f, const json_t *in)
{
	struct arena scratch;
	struct slice raw;
	bool ok;
	if (!json_is_string(in))
		return wrong(d, owner, f, in, false);
	arena_init(&scratch, 0, 0);
	ok = base64_decode(slice_of(json_string_value(in), json_string_length(in)), BASE64_STANDARD, &scratch, &raw);
	arena_release(&scratch);
	if (ok)
		return json_incref((json_t *)in);
	err_set(d->err, ERR_INVALID, "illegal base64 data at input byte %zu",
		strspn(json_string_value(in), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"));
	return NULL;
}

static json_t *list(struct decoder *d, const struct schema_type *owner, const struct schema_field *f, const json_t *in)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	json_t *out = json_array(), *v;
	size_t i;
	json_array_foreach((json_t *)in, i, v)
	{
		size_t at = decoder_push_index(d, i);
		json_t *next = json_is_null(v) ? zero(d, item) : value(d, owner, item, v);
		decoder_pop(d, at);
		if (!next) {
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out, next);
	}
	return out;
}

static json_t *map(struct decoder *d, const struct schema_type *owner, const struct schema_field *f, const json_t *in)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	json_t *out = json_object(), *v;
	const char *key;
	json_object_foreach((json_t *)in, key, v)
	{
		json_t *next = NULL;
		if (json_is_null(v)) {
			next = zero(d, item);
		} else if (item->type == FIELD_OBJECT) {
			size_t at = decoder_push(d, key);
			next = value(d, owner, item, v);
			decoder_pop(d, at);
		} else {
			next = value(d, owner, item, v); /* Go's path ends at the map */
		}
		if (!next) {
			json_decref(out);
			return NULL;
		}
		json_object_set_new(out, key, next);
	}
	return out;
}

static json_t *integer(struct decoder *d, const struct schema_type *owner, const struct schema_field *f,
		       const json_t *in)
{
	if (!json_is_integer(in))
		return wrong(d, owner, f, in, json_is_real(in));
	json_int_t v = json_integer_value(in);
	if (f->type != FIELD_INTEGER && (v > INT32_MAX || v < INT32_MIN))
		return wrong(d, owner, f, in, true);
	return json_incref((json_t *)in);
}

/* NULL with d->err set; `in` is not null. New reference. */
static json_t *value(struct decoder *d, const struct schema_type *owner, const struct schema_field *f, const json_t *in)
{
	bool ok = true;
	switch (f->type) {
	case FIELD_ANY: break;
	case FIELD_STRING: ok = json_is_string(in); break;
	case FIELD_NUMBER: ok = json_is_number(in); break;
	case FIELD_BOOLEAN: ok = json_is_boolean(in); break;
	case FIELD_INT_OR_STRING:
		if (json_is_string(in))
			break;
		return integer(d, owner, f, in);
	case FIELD_INTEGER:
	case FIELD_INTEGER32: return integer(d, owner, f, in);
	case FIELD_QUANTITY: return quantity(d, owner, f, in);
	case FIELD_TIME:
	case FIELD_MICROTIME: return timestamp(d, owner, f, in);
	case FIELD_BYTES: return bytes(d, owner, f, in);
	case FIELD_OBJECT:
		if (json_is_object(in))
			return decode_go_object(d, f->of, in);
		ok = false;
		break;
	case FIELD_MAP:
		if (json_is_object(in))
			return map(d, owner, f, in);
		ok = false;
		break;
	case FIELD_LIST:
		if (json_is_array(in))
			return list(d, owner, f, in);
		ok = false;
		break;
	}
	return ok ? json_incref((json_t *)in) : wrong(d, owner, f, in, false);
}

json_t *decode_go_object(struct decoder *d, const struct schema_type *type, const json_t *in)
{
	json_t *out = json_object();
	size_t found = 0;
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct schema_field *f = &type->fields[i];
		const json_t *v = in ? json_object_get(in, f->name) : NULL;
		json_t *next = NULL;
		found += v != NULL;
		if (v && !json_is_null(v)) {
			size_t at = decoder_push(d, f->name);
			next = value(d, type, f, v);
			decoder_pop(d, at);
			if (next && !f->keep && !f->show && is_empty(f, next)) {
				json_decref(next);
				continue;
			}
		} else if (f->show) {
			next = f->keep ? json_null() : zero(d, f);
		} else {
			continue;
		}
		if (!next) {
			json_decref(out);
			return NULL;
		}
		json_object_set_new(out, f->name, next);
	}
	if (in && (type->open || d->open)) {
		const char *key;
		json_t *v;
		json_object_foreach((json_t *)in, key, v)
			if (!schema_field(type, key))
				json_object_set(out, key, v);
	} else if (in) {
		decoder_unknown_members(d, type, in, found);
	}
	return out;
}
