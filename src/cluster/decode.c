/* The face of decoding: see decode.h. The two ways of doing it are decode_go.c and decode_custom.c. */
#include "cluster/decode.h"

#include <string.h>

#include "cluster/decode_internal.h"
#include "codec/json.h"

enum { PATH_BYTES = 16 << 10, UNKNOWN_MAX = 100 };

size_t decoder_push(struct decoder *d, const char *name)
{
	size_t length = d->path.len;
	if (length)
		buf_char(&d->path, '.');
	buf_str(&d->path, name);
	return length;
}

size_t decoder_push_index(struct decoder *d, size_t i)
{
	size_t length = d->path.len;
	buf_printf(&d->path, "[%zu]", i);
	return length;
}

void decoder_pop(struct decoder *d, size_t length)
{
	if (length < d->path.len) {
		d->path.len = length;
		d->path.ptr[length] = 0;
	}
}

void decoder_unknown(struct decoder *d, const char *name)
{
	size_t length = decoder_push(d, name);
	if (!d->unknown)
		d->unknown = json_array();
	if (json_array_size(d->unknown) < UNKNOWN_MAX)
		json_array_append_new(d->unknown, json_sprintf("unknown field \"%s\"", d->path.ptr));
	decoder_pop(d, length);
}

void decoder_unknown_members(struct decoder *d, const struct schema_type *type, const json_t *in, size_t found)
{
	const char *key;
	json_t *value;
	if (found == json_object_size(in))
		return;
	json_object_foreach((json_t *)in, key, value)
		if (!schema_field(type, key))
			decoder_unknown(d, key);
}

/* Unknown fields by what the caller asked for. */
static int settle_unknown(struct decoder *d, enum field_validation fields, json_t **warnings)
{
	struct buf text;
	size_t i;
	const json_t *message;
	if (!d->unknown || fields == FIELDS_IGNORE)
		return 0;
	if (fields == FIELDS_WARN) {
		if (!*warnings)
			*warnings = json_array();
		json_array_extend(*warnings, d->unknown);
		return 0;
	}
	buf_init(&text, PATH_BYTES);
	json_array_foreach(d->unknown, i, message)
		buf_printf(&text, "%s%s", i ? ", " : "", json_string_value(message));
	err_set(d->err, ERR_INVALID, "strict decoding error: %s", text.ptr);
	buf_release(&text);
	return -1;
}

int decode_object(const struct kind *k, const json_t *in, enum field_validation fields, json_t **out, json_t **warnings,
		  struct fault_list *faults, struct err *err)
{
	struct decoder d = { .kind = k, .faults = faults, .err = err, .open = k->flags & KIND_OPEN };
	json_t *object;
	char version[KIND_API_VERSION_BYTES];
	int rc = -1;
	buf_init(&d.path, PATH_BYTES);
	buf_str(&d.path, "");
	if (!json_is_object(in))
		return err_set(err, ERR_INVALID, "the object provided is unrecognized (must be of type %s): not an object",
			       k->kind);
	if (!k->type)
		object = json_deep_copy(in);
	else if (k->flags & KIND_CUSTOM)
		object = decode_custom_object(&d, k->type, NULL, in);
	else
		object = decode_go_object(&d, k->type, in);
	if (object)
		rc = settle_unknown(&d, fields, warnings);
	if (rc == 0) {
		json_object_set_new(object, "apiVersion", json_string(kind_api_version(k, version)));
		json_object_set_new(object, "kind", json_string(k->kind));
		*out = object;
	} else {
		json_decref(object);
		err_wrap(err, "%s in version \"%s\" cannot be handled as a %s", k->kind, k->version, k->kind);
	}
	json_decref(d.unknown);
	buf_release(&d.path);
	return rc;
}

/* As Go prints a map with %+v: map[a:1 b:[x y]], keys in order. */
static void print_go(const json_t *v, struct buf *out)
{
	size_t i;
	const json_t *item;
	const char *key;
	if (json_is_object(v)) {
		json_t *sorted = json_object();
		struct buf text;
		struct err err = { 0 };
		buf_init(&text, 4 << 20); /* printing with sorted keys and reading back is the shortest way to an order */
		if (json_encode(v, JSON_ENCODE_SORTED, &text) == 0) {
			json_decref(sorted);
			if (json_decode(buf_view(&text), 0, &sorted, &err) < 0)
				sorted = json_object();
		}
		buf_release(&text);
		buf_str(out, "map[");
		bool first = true;
		json_object_foreach(sorted, key, item)
		{
			buf_printf(out, "%s%s:", first ? "" : " ", key);
			print_go(item, out);
			first = false;
		}
		buf_char(out, ']');
		json_decref(sorted);
	} else if (json_is_array(v)) {
		buf_char(out, '[');
		json_array_foreach(v, i, item)
		{
			buf_str(out, i ? " " : "");
			print_go(item, out);
		}
		buf_char(out, ']');
	} else if (json_is_string(v)) {
		buf_append(out, json_string_value(v), json_string_length(v));
	} else if (json_is_null(v)) {
		buf_str(out, "<nil>");
	} else {
		(void)json_encode(v, JSON_ENCODE_COMPACT, out);
	}
}

int decode_patch_refuse(const struct kind *k, const json_t *in, const json_t *strategic, enum field_validation fields,
			json_t **causes, struct err *err)
{
	struct err why = { 0 };
	struct fault_list faults = { 0 }, refused = { 0 };
	struct decoder d = { .kind = k, .faults = &faults, .err = &why, .converting = strategic != NULL };
	struct buf shown;
	json_t *warnings = NULL;
	buf_init(&d.path, PATH_BYTES);
	buf_init(&shown, 4 << 20);
	buf_str(&d.path, "");
	buf_str(&shown, "");
	json_t *object = decode_go_object(&d, k->type, in);
	if (object && settle_unknown(&d, fields, &warnings) == 0)
		err_set(&why, ERR_INVALID, "the patch does not apply");
	if (strategic)
		print_go(strategic, &shown);
	else
		(void)json_encode(in, JSON_ENCODE_COMPACT, &shown);
	fault_add_str(&refused, "patch", FAULT_INVALID, shown.ptr, "%s", why.message);
	err_clear(err);
	(void)fault_refuse(&refused, " \"\"", err);
	*causes = json_incref(refused.causes);
	json_decref(object);
	json_decref(warnings);
	json_decref(d.unknown);
	fault_release(&faults);
	fault_release(&refused);
	buf_release(&d.path);
	buf_release(&shown);
	return -1;
}
