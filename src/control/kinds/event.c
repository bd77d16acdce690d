/* Event, in core/v1 and in events.k8s.io/v1: one store, two shapes. */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"

enum { EVENT_TTL_S = 3600 };

static json_t *event_object(const json_t *o, int64_t now_ns)
{
	const char *kind = json_str_at(o, "involvedObject.kind"), *name = json_str_at(o, "involvedObject.name");
	char lower[64];
	size_t i = 0;
	(void)now_ns;
	for (; kind && kind[i] && i + 1 < sizeof lower; i++)
		lower[i] = (char)(kind[i] >= 'A' && kind[i] <= 'Z' ? kind[i] + 32 : kind[i]);
	lower[i] = 0;
	return name ? json_sprintf("%s/%s", lower, name) : json_string(lower);
}

static const char *first_time(const json_t *o)
{
	const char *s = json_str_at(o, "firstTimestamp");
	return s ? s : json_str_at(o, "eventTime");
}

static const char *last_time(const json_t *o)
{
	const char *s = json_str_at(o, "series.lastObservedTime");
	s = s ? s : json_str_at(o, "lastTimestamp");
	return s ? s : first_time(o);
}

static json_t *event_last(const json_t *o, int64_t now_ns)
{
	return cell_since(last_time(o), now_ns);
}

static json_t *event_first(const json_t *o, int64_t now_ns)
{
	return cell_since(first_time(o), now_ns);
}

static json_t *text_at(const json_t *o, const char *path)
{
	const char *s = json_str_at(o, path);
	return json_string(s ? s : "");
}

static json_t *event_type(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "type");
}

static json_t *event_reason(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "reason");
}

static json_t *event_path(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "involvedObject.fieldPath");
}

static json_t *event_source(const json_t *o, int64_t now_ns)
{
	const char *component = json_str_at(o, "source.component"), *host = json_str_at(o, "source.host");
	(void)now_ns;
	if (!component || !*component)
		component = json_str_at(o, "reportingComponent");
	component = component ? component : "";
	return host && *host ? json_sprintf("%s, %s", component, host) : json_string(component);
}

static json_t *event_message(const json_t *o, int64_t now_ns)
{
	const char *s = json_str_at(o, "message");
	size_t n = s ? strlen(s) : 0;
	(void)now_ns;
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\n' || s[n - 1] == '\t'))
		n--;
	return json_stringn(s ? s : "", n);
}

static json_t *event_count(const json_t *o, int64_t now_ns)
{
	json_int_t n = json_int_at(o, "series.count", json_int_at(o, "count", 0));
	(void)now_ns;
	return json_integer(n > 0 ? n : 1);
}

static json_t *event_name(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "metadata.name");
}

static const struct kind_column columns_event[] = {
	COLUMN("Last Seen", "string", 0, event_last, "Time since it happened last."),
	COLUMN("Type", "string", 0, event_type, "Normal or Warning."),
	COLUMN("Reason", "string", 0, event_reason, "What happened, as one word."),
	COLUMN("Object", "string", 0, event_object, "What it happened to."),
	COLUMN("Subobject", "string", 1, event_path, "The part of it."),
	COLUMN("Source", "string", 1, event_source, "Who reports it."),
	COLUMN("Message", "string", 0, event_message, "What happened, as a sentence."),
	COLUMN("First Seen", "string", 1, event_first, "Time since it happened first."),
	COLUMN("Count", "string", 1, event_count, "How often."),
	{ .name = "Name", .type = "string", .format = "name", .priority = 1, .cell = event_name,
	  .doc = "Unique within the namespace, for its kind." },
};

#define EVENT_SELECTABLE                                                                                              \
	"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",               \
		"involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",  \
		"reportingComponent", "source", "type"

const struct kind kind_event = {
	.group = "", .version = "v1", .kind = "Event", .plural = "events", .singular = "event",
	.short_names = NAMES("ev"), .flags = KIND_NAMESPACED | KIND_UNCONDITIONAL | KIND_TTL, .ttl_s = EVENT_TTL_S,
	.selectable = NAMES(EVENT_SELECTABLE), COLUMNS(event), .type = &type_core_Event,
};

/* ---- events.k8s.io/v1 ---- */

static const struct {
	const char *core, *newer;
} renamed[] = {
	{ "involvedObject", "regarding" },
	{ "message", "note" },
	{ "source", "deprecatedSource" },
	{ "firstTimestamp", "deprecatedFirstTimestamp" },
	{ "lastTimestamp", "deprecatedLastTimestamp" },
	{ "count", "deprecatedCount" },
	{ "reportingComponent", "reportingController" },
};

static json_t *rename_fields(const json_t *o, bool to_newer, const char *api_version)
{
	json_t *out = json_object(), *v;
	const char *key;
	json_object_foreach((json_t *)o, key, v)
	{
		const char *name = key;
		for (size_t i = 0; i < COUNT_OF(renamed); i++)
			if (strcmp(key, to_newer ? renamed[i].core : renamed[i].newer) == 0)
				name = to_newer ? renamed[i].newer : renamed[i].core;
		json_object_set(out, name, v);
	}
	json_object_set_new(out, "apiVersion", json_string(api_version));
	return out;
}

static json_t *to_newer(const json_t *stored)
{
	return rename_fields(stored, true, "events.k8s.io/v1");
}

static json_t *to_core(const json_t *object)
{
	return rename_fields(object, false, "v1");
}

/* Columns of the newer version read the same object in its own shape. */
static json_t *newer_cell(const json_t *o, int64_t now_ns, json_t *(*cell)(const json_t *, int64_t))
{
	json_t *core = to_core(o), *out = cell(core, now_ns);
	json_decref(core);
	return out;
}

#define NEWER(f)                                                   \
	static json_t *newer_##f(const json_t *o, int64_t now_ns)  \
	{                                                          \
		return newer_cell(o, now_ns, event_##f);           \
	}
NEWER(last)
NEWER(object)
NEWER(path)
NEWER(source)
NEWER(message)
NEWER(first)
NEWER(count)

static const struct kind_column columns_newer[] = {
	COLUMN("Last Seen", "string", 0, newer_last, "Time since it happened last."),
	COLUMN("Type", "string", 0, event_type, "Normal or Warning."),
	COLUMN("Reason", "string", 0, event_reason, "What happened, as one word."),
	COLUMN("Object", "string", 0, newer_object, "What it happened to."),
	COLUMN("Subobject", "string", 1, newer_path, "The part of it."),
	COLUMN("Source", "string", 1, newer_source, "Who reports it."),
	COLUMN("Message", "string", 0, newer_message, "What happened, as a sentence."),
	COLUMN("First Seen", "string", 1, newer_first, "Time since it happened first."),
	COLUMN("Count", "string", 1, newer_count, "How often."),
	{ .name = "Name", .type = "string", .format = "name", .priority = 1, .cell = event_name,
	  .doc = "Unique within the namespace, for its kind." },
};

static const struct kind newer = {
	.group = "events.k8s.io", .version = "v1", .kind = "Event", .plural = "events", .singular = "event",
	.short_names = NAMES("ev"), .flags = KIND_NAMESPACED | KIND_UNCONDITIONAL | KIND_TTL, .ttl_s = EVENT_TTL_S,
	.selectable = NAMES("regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid",
			    "regarding.apiVersion", "regarding.resourceVersion", "regarding.fieldPath", "reason",
			    "reportingController", "type"),
	COLUMNS(newer), .type = &type_events_Event, .storage = &kind_event, .decode = to_newer, .encode = to_core,
};

KIND_TABLE(events, &newer)
