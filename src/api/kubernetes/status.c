/*
 * An error as a Status. The message is already the API server's text; `details` is read out of that text, because
 * message and details must never disagree about which object they mean:
 *
 *   deployments.apps "web" not found                     name web, group apps, kind deployments
 *   Operation cannot be fulfilled on pods "a": …         name a, kind pods
 *   Deployment.apps "web" is invalid: …                  name web, group apps, kind Deployment
 *   deployments.apps is forbidden: User "x" cannot …     group apps, kind deployments
 */
#include "api/kubernetes/status.h"

#include <string.h>

#include "base/buf.h"
#include "base/slice.h"

static struct slice until(struct slice *s, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n <= s->len; i++) {
		if (memcmp(s->ptr + i, mark, n) != 0)
			continue;
		struct slice out = slice_sub(*s, 0, i);
		*s = slice_from(*s, i + n);
		return out;
	}
	return slice_of(NULL, 0);
}

static void set(json_t *o, const char *name, struct slice value)
{
	json_object_set_new(o, name, json_stringn(value.ptr ? value.ptr : "", value.len));
}

static json_t *details_of(const struct err *err)
{
	static const char conflict[] = "Operation cannot be fulfilled on ", forbidden[] = " is forbidden: ";
	json_t *d = json_object();
	struct slice s = slice_str(err->message);
	if (slice_starts(s, conflict))
		s = slice_from(s, sizeof conflict - 1);
	struct slice whole = s, what = until(&s, " \""), name = what.ptr ? until(&s, "\"") : what;
	if (!name.ptr || slice_find(what, ' ') >= 0 || what.len == 0) {
		what = until(&whole, forbidden);
		name = slice_of(NULL, 0);
	}
	if (slice_find(what, ' ') >= 0 || what.len == 0)
		return d;
	ptrdiff_t dot = slice_find(what, '.');
	if (name.len > 0)
		set(d, "name", name);
	if (dot > 0)
		set(d, "group", slice_from(what, (size_t)dot + 1));
	set(d, "kind", dot > 0 ? slice_sub(what, 0, (size_t)dot) : what);
	return d;
}

static bool has_details(enum err_code code)
{
	switch (code) {
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_CONFLICT:
	case ERR_PRECONDITION:
	case ERR_FORBIDDEN:
	case ERR_UNPROCESSABLE:
		return true;
	default:
		return false;
	}
}

/* A message has room for a few causes only; with many, or long ones, it is written again from all of them. */
static json_t *whole_message(const struct err *err, const json_t *causes)
{
	static const char mark[] = " is invalid: ";
	const char *at = strstr(err->message, mark);
	size_t n = json_array_size(causes), i;
	const json_t *c;
	struct buf b;
	if (err->code != ERR_UNPROCESSABLE || !at || n == 0 || strlen(err->message) + 1 < ERR_MESSAGE_BYTES)
		return json_string(err->message);
	buf_init(&b, 1 << 20);
	buf_append(&b, err->message, (size_t)(at - err->message) + sizeof mark - 1);
	buf_str(&b, n > 1 ? "[" : "");
	json_array_foreach(causes, i, c)
	{
		const char *field = json_string_value(json_object_get(c, "field")),
			   *text = json_string_value(json_object_get(c, "message"));
		buf_printf(&b, "%s%s: ", i ? ", " : "", field ? field : "");
		buf_str(&b, text ? text : "");
	}
	buf_str(&b, n > 1 ? "]" : "");
	json_t *out = json_stringn(b.ptr, b.len);
	buf_release(&b);
	return out ? out : json_string(err->message);
}

json_t *kube_status(const struct err *err, const json_t *causes, int *http)
{
	const struct err_info *info = err_info(err->code);
	*http = err->code == ERR_PRECONDITION ? 409 : info->http;
	json_t *s = json_pack("{s:s,s:s,s:{},s:s,s:o,s:s}", "kind", "Status", "apiVersion", "v1", "metadata", "status",
			      "Failure", "message", whole_message(err, causes), "reason", info->reason);
	json_t *details = causes || !has_details(err->code) ? json_object() : details_of(err);
	if (causes && err->code == ERR_UNPROCESSABLE) {
		json_decref(details);
		details = details_of(err);
	}
	if (causes)
		json_object_set(details, "causes", (json_t *)causes);
	if (err->code == ERR_TOO_MANY || err->code == ERR_UNAVAILABLE || err->code == ERR_DEADLINE)
		json_object_set_new(details, "retryAfterSeconds", json_integer(1));
	if (json_object_size(details) > 0 || err->code == ERR_METHOD || err->code == ERR_NOT_ACCEPTABLE)
		json_object_set(s, "details", details);
	json_decref(details);
	json_object_set_new(s, "code", json_integer(*http));
	return s;
}
