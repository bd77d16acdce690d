/* JSON values as YAML text, by libyaml's emitter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "codec/json.h"
#include "codec/yaml.h"

static int append(void *data, unsigned char *bytes, size_t n)
{
	struct buf *out = data;
	buf_append(out, bytes, n);
	return !out->failed;
}

/* Plain when no dialect takes it for something else; the emitter quotes what cannot be plain. */
static yaml_scalar_style_t style_of(struct slice text)
{
	if (memchr(text.ptr ? text.ptr : "", '\n', text.len))
		return YAML_LITERAL_SCALAR_STYLE;
	static const enum yaml_dialect dialects[] = { YAML_GOYAML, YAML_PYYAML };
	for (size_t i = 0; i < 2; i++) {
		json_t *value = yaml_resolve(text, dialects[i]);
		bool string = json_is_string(value);
		json_decref(value);
		if (!string)
			return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	}
	/* what looks like a time stamp or a long number is a string here and something else there */
	bool digits = text.len > 0 && (strchr("0123456789+-.", text.ptr[0]) != NULL) &&
		      strspn(text.ptr, "0123456789+-.:_eETZtz xX") >= text.len;
	return digits || slice_is(text, "<<") || slice_is(text, "=") ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
}

static int emit(yaml_emitter_t *e, yaml_event_t *event, int made)
{
	return made && yaml_emitter_emit(e, event) ? 0 : -1;
}

static int put_scalar(yaml_emitter_t *e, struct slice text, yaml_scalar_style_t style)
{
	yaml_event_t event;
	return emit(e, &event,
		    yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)(text.ptr ? text.ptr : ""),
						 (int)text.len, 1, 1, style));
}

static int put(yaml_emitter_t *e, const json_t *v);

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int put_object(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	size_t n = json_object_size(v), i = 0;
	const char **keys = calloc(n ? n : 1, sizeof *keys);
	if (!keys)
		abort();
	for (void *it = json_object_iter((json_t *)v); it; it = json_object_iter_next((json_t *)v, it))
		keys[i++] = json_object_iter_key(it);
	qsort(keys, n, sizeof *keys, compare_keys);
	int rc = emit(e, &event,
		      yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
							  n ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE));
	for (i = 0; rc == 0 && i < n; i++) {
		yaml_scalar_style_t style = style_of(slice_str(keys[i]));
		rc = put_scalar(e, slice_str(keys[i]),
				style == YAML_LITERAL_SCALAR_STYLE ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : style);
		if (rc == 0)
			rc = put(e, json_object_get(v, keys[i]));
	}
	free(keys);
	return rc == 0 ? emit(e, &event, yaml_mapping_end_event_initialize(&event)) : -1;
}

static int put_array(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	size_t i;
	json_t *item;
	int rc = emit(e, &event,
		      yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
							   json_array_size(v) ? YAML_BLOCK_SEQUENCE_STYLE :
										YAML_FLOW_SEQUENCE_STYLE));
	json_array_foreach(v, i, item)
		if (rc == 0)
			rc = put(e, item);
	return rc == 0 ? emit(e, &event, yaml_sequence_end_event_initialize(&event)) : -1;
}

static int put(yaml_emitter_t *e, const json_t *v)
{
	struct buf text;
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT: return put_object(e, v);
	case JSON_ARRAY: return put_array(e, v);
	case JSON_STRING: {
		struct slice s = slice_of(json_string_value(v), json_string_length(v));
		return put_scalar(e, s, style_of(s));
	}
	default: break;
	}
	buf_init(&text, 64);
	int rc = json_encode(v, 0, &text);
	/* 1e+31 is a string to PyYAML, which wants a dot: 1.0e+31. */
	char *e_at = rc == 0 && json_is_real(v) ? memchr(text.ptr, 'e', text.len) : NULL;
	if (e_at && !memchr(text.ptr, '.', text.len) && buf_reserve(&text, 2)) {
		e_at = memchr(text.ptr, 'e', text.len);
		memmove(e_at + 2, e_at, text.len - (size_t)(e_at - text.ptr));
		memcpy(e_at, ".0", 2);
		text.len += 2;
	}
	if (rc == 0)
		rc = put_scalar(e, buf_view(&text), YAML_PLAIN_SCALAR_STYLE);
	buf_release(&text);
	return rc;
}

int yaml_encode(const json_t *value, struct buf *out)
{
	yaml_emitter_t e;
	yaml_event_t event;
	if (!yaml_emitter_initialize(&e))
		return -1;
	yaml_emitter_set_output(&e, append, out);
	yaml_emitter_set_unicode(&e, 1);
	yaml_emitter_set_width(&e, -1);
	yaml_emitter_set_indent(&e, 2);
	int rc = emit(&e, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	if (rc == 0)
		rc = emit(&e, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	if (rc == 0)
		rc = put(&e, value);
	if (rc == 0)
		rc = emit(&e, &event, yaml_document_end_event_initialize(&event, 1));
	if (rc == 0)
		rc = emit(&e, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&e);
	return rc;
}
