/* Faults of single fields: see fault.h. Texts are those of apimachinery's field errors. */
#include "cluster/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "codec/json.h"

static const struct {
	const char *reason, *text;
	bool value; /* the value follows the text */
} kinds[] = {
	[FAULT_REQUIRED] = { "FieldValueRequired", "Required value", false },
	[FAULT_INVALID] = { "FieldValueInvalid", "Invalid value", true },
	[FAULT_DUPLICATE] = { "FieldValueDuplicate", "Duplicate value", true },
	[FAULT_FORBIDDEN] = { "FieldValueForbidden", "Forbidden", false },
	[FAULT_NOT_FOUND] = { "FieldValueNotFound", "Not found", true },
	[FAULT_UNSUPPORTED] = { "FieldValueNotSupported", "Unsupported value", true },
	[FAULT_TOO_LONG] = { "FieldValueTooLong", "Too long", false },
	[FAULT_TOO_MANY] = { "FieldValueTooMany", "Too many", true },
	[FAULT_TYPE] = { "FieldValueTypeInvalid", "Invalid value", true },
};

enum { FAULT_TEXT_BYTES = 16 << 10 };

static void add(struct fault_list *l, const char *field, enum fault_kind kind, const json_t *value, const char *fmt,
		va_list ap)
{
	struct buf text;
	buf_init(&text, FAULT_TEXT_BYTES);
	buf_str(&text, kinds[kind].text);
	if (value && kinds[kind].value) {
		struct buf shown;
		buf_init(&shown, FAULT_TEXT_BYTES / 2);
		buf_str(&text, ": ");
		if (json_encode(value, JSON_ENCODE_SORTED, &shown) == 0)
			buf_slice(&text, buf_view(&shown));
		else
			buf_str(&text, "(a long value)");
		buf_release(&shown);
	}
	size_t plain = text.len;
	buf_str(&text, ": ");
	buf_vprintf(&text, fmt, ap);
	if (text.len == plain + 2) /* no detail */
		text.ptr[text.len = plain] = 0;
	if (!l->causes)
		l->causes = json_array();
	json_array_append_new(l->causes, json_pack("{s:s,s:s,s:s}", "reason", kinds[kind].reason, "message", text.ptr,
						   "field", field));
	buf_release(&text);
}

void fault_add(struct fault_list *l, const char *field, enum fault_kind kind, const json_t *value, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(l, field, kind, value, fmt, ap);
	va_end(ap);
}

void fault_add_str(struct fault_list *l, const char *field, enum fault_kind kind, const char *value, const char *fmt, ...)
{
	va_list ap;
	json_t *shown = json_string(value);
	va_start(ap, fmt);
	add(l, field, kind, shown, fmt, ap);
	va_end(ap);
	json_decref(shown);
}

size_t fault_count(const struct fault_list *l)
{
	return json_array_size(l->causes);
}

int fault_refuse(const struct fault_list *l, const char *who, struct err *err)
{
	size_t n = fault_count(l), i;
	const json_t *cause;
	struct buf text;
	if (n == 0)
		return 0;
	buf_init(&text, FAULT_TEXT_BYTES);
	json_array_foreach(l->causes, i, cause)
		buf_printf(&text, "%s%s: %s", i ? ", " : "", json_string_value(json_object_get(cause, "field")),
			   json_string_value(json_object_get(cause, "message")));
	if (n == 1)
		err_set(err, ERR_UNPROCESSABLE, "%s is invalid: %s", who, text.ptr);
	else
		err_set(err, ERR_UNPROCESSABLE, "%s is invalid: [%s]", who, text.ptr);
	buf_release(&text);
	return -1;
}

void fault_release(struct fault_list *l)
{
	json_decref(l->causes);
	l->causes = NULL;
}
