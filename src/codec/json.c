/* Control-plane JSON: see json.h. jansson parses; depth is checked before it recurses, and printing is our own. */
#include "codec/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "codec/number.h"

/* Deepest nesting of brackets outside strings. Wrong text is the parser's to refuse. */
static int64_t depth_of(struct slice text)
{
	int64_t depth = 0, most = 0;
	bool string = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				string = false;
			continue;
		}
		if (c == '"')
			string = true;
		else if (c == '[' || c == '{')
			most = ++depth > most ? depth : most;
		else if (c == ']' || c == '}')
			depth--;
	}
	return most;
}

/* jansson takes a NUL after a number for the end of the text, and nowhere is one allowed. */
static int refuse_nul(struct slice text, const char *at, struct err *err)
{
	int line = 1;
	const char *start = text.ptr;
	for (const char *p = text.ptr; p < at; p++)
		if (*p == '\n') {
			line++;
			start = p + 1;
		}
	return err_set(err, ERR_MALFORMED, "line %d, column %d: NUL byte", line, (int)(at - start) + 1);
}

int json_decode(struct slice text, unsigned flags, json_t **out, struct err *err)
{
	json_error_t where;
	if (text.len == 0)
		return err_set(err, ERR_MALFORMED, "line 1, column 1: unexpected end of JSON input");
	const char *nul = memchr(text.ptr, 0, text.len);
	if (nul)
		return refuse_nul(text, nul, err);
	if (depth_of(text) > limits.json_depth)
		return err_set(err, ERR_MALFORMED, "JSON is nested deeper than %lld levels", (long long)limits.json_depth);
	size_t how = JSON_DECODE_ANY | (flags & JSON_DECODE_DUPLICATES ? 0 : JSON_REJECT_DUPLICATES);
	json_t *value = json_loadb(text.ptr, text.len, how, &where);
	if (!value)
		return err_set(err, ERR_MALFORMED, "line %d, column %d: %s", where.line, where.column, where.text);
	*out = value;
	return 0;
}

static void encode_string(const char *p, size_t n, struct buf *out)
{
	size_t plain = 0;
	buf_char(out, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_append(out, p + plain, i - plain);
		plain = i + 1;
		switch (c) {
		case '"': buf_str(out, "\\\""); break;
		case '\\': buf_str(out, "\\\\"); break;
		case '\n': buf_str(out, "\\n"); break;
		case '\r': buf_str(out, "\\r"); break;
		case '\t': buf_str(out, "\\t"); break;
		default: buf_printf(out, "\\u%04x", c);
		}
	}
	buf_append(out, p + plain, n - plain);
	buf_char(out, '"');
}

static void encode_real(double v, struct buf *out)
{
	char text[NUMBER_CHARS];
	if (isfinite(v))
		buf_append(out, text, number_write_f64(text, v));
	else
		buf_str(out, "null");
}

static void new_line(unsigned flags, int level, struct buf *out)
{
	if (!(flags & JSON_ENCODE_INDENT))
		return;
	buf_char(out, '\n');
	for (int i = 0; i < level; i++)
		buf_str(out, "  ");
}

static void encode(const json_t *v, unsigned flags, int level, struct buf *out);

static void encode_member(const char *key, const json_t *v, unsigned flags, int level, bool first, struct buf *out)
{
	if (!first)
		buf_char(out, ',');
	new_line(flags, level + 1, out);
	encode_string(key, strlen(key), out);
	buf_str(out, flags & JSON_ENCODE_INDENT ? ": " : ":");
	encode(v, flags, level + 1, out);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void encode_object(const json_t *v, unsigned flags, int level, struct buf *out)
{
	json_t *object = (json_t *)v; /* jansson's iteration takes no const; nothing is changed */
	size_t n = json_object_size(v), i = 0;
	buf_char(out, '{');
	if (flags & JSON_ENCODE_SORTED) {
		const char **keys = calloc(n ? n : 1, sizeof *keys);
		if (!keys)
			abort();
		for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
			keys[i++] = json_object_iter_key(it);
		qsort(keys, n, sizeof *keys, compare_keys);
		for (i = 0; i < n; i++)
			encode_member(keys[i], json_object_get(v, keys[i]), flags, level, i == 0, out);
		free(keys);
	} else {
		for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
			encode_member(json_object_iter_key(it), json_object_iter_value(it), flags, level, i++ == 0, out);
	}
	if (n)
		new_line(flags, level, out);
	buf_char(out, '}');
}

static void encode(const json_t *v, unsigned flags, int level, struct buf *out)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_OBJECT: encode_object(v, flags, level, out); break;
	case JSON_ARRAY:
		buf_char(out, '[');
		for (size_t i = 0; i < json_array_size(v); i++) {
			if (i)
				buf_char(out, ',');
			new_line(flags, level + 1, out);
			encode(json_array_get(v, i), flags, level + 1, out);
		}
		if (json_array_size(v))
			new_line(flags, level, out);
		buf_char(out, ']');
		break;
	case JSON_STRING: encode_string(json_string_value(v), json_string_length(v), out); break;
	case JSON_INTEGER: buf_i64(out, json_integer_value(v)); break;
	case JSON_REAL: encode_real(json_real_value(v), out); break;
	case JSON_TRUE: buf_str(out, "true"); break;
	case JSON_FALSE: buf_str(out, "false"); break;
	case JSON_NULL: buf_str(out, "null"); break;
	}
}

int json_encode(const json_t *value, unsigned flags, struct buf *out)
{
	encode(value, flags, 0, out);
	return out->failed ? -1 : 0;
}

json_t *json_at(const json_t *value, const char *path)
{
	json_t *at = (json_t *)value;
	for (struct slice rest = slice_str(path), key; at && (key = slice_cut(&rest, '.')).ptr;)
		at = json_object_getn(at, key.ptr, key.len);
	return at;
}

const char *json_str_at(const json_t *value, const char *path)
{
	return json_string_value(json_at(value, path));
}

json_int_t json_int_at(const json_t *value, const char *path, json_int_t otherwise)
{
	const json_t *at = json_at(value, path);
	return json_is_integer(at) ? json_integer_value(at) : otherwise;
}
