/*
 * Control-plane JSON: text to jansson values and back (RFC 8259). Tensor bodies have their own reader, json_pull.h.
 *
 * Decoding refuses duplicate keys, invalid UTF-8, NUL characters, integers beyond 64 bits and nesting beyond
 * limits.json_depth; the caller has bounded the size of the text.
 */
#ifndef CORACLE_CODEC_JSON_H
#define CORACLE_CODEC_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum json_decode_flag {
	JSON_DECODE_DUPLICATES = 1 << 0, /* the last of equal keys wins instead of an error */
};

/* One value, any kind, nothing but white space around it. ERR_MALFORMED with "line L, column C: …"; *out is a new
 * reference. */
int json_decode(struct slice text, unsigned flags, json_t **out, struct err *err);

enum json_encode_flag {
	JSON_ENCODE_COMPACT = 0,
	JSON_ENCODE_INDENT = 1 << 0, /* two spaces a level */
	JSON_ENCODE_SORTED = 1 << 1, /* keys in byte order instead of the order they were set in */
};

/* Appends. Reals are written as the shortest text that reads back the same. -1 only when the buffer's cap is passed. */
int json_encode(const json_t *value, unsigned flags, struct buf *out);

/* Along a path of object keys separated by dots: "spec.template.metadata.name". NULL when any step is missing.
 * Borrowed. A key that has dots itself is looked up with json_object_get. */
json_t *json_at(const json_t *value, const char *path);
const char *json_str_at(const json_t *value, const char *path);
/* The integer there, or `otherwise`. */
json_int_t json_int_at(const json_t *value, const char *path, json_int_t otherwise);

#endif
