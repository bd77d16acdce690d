/* The face of decoding: see decode.h. The two ways of doing it are decode_go.c and decode_custom.c. */
#include "cluster/decode.h"

#include <string.h>

#include "cluster/decode_internal.h"

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
	struct decoder d = { .kind = k, .faults = faults, .err = err };
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
