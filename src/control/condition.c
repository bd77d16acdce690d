/* See condition.h. */
#include "control/condition.h"

#include "base/check.h"
#include "codec/json.h"
#include "codec/time.h"

void condition_set(json_t *conditions, const struct condition *c, int64_t now_ns)
{
	char now[TIME_TEXT_BYTES];
	time_format_rfc3339(now_ns, now, sizeof now);
	json_t *item = json_pack("{s:s}", "lastTransitionTime", now);
	if (c->message && *c->message)
		json_object_set_new(item, "message", json_string(c->message));
	if (c->reason && *c->reason)
		json_object_set_new(item, "reason", json_string(c->reason));
	if (c->severity)
		json_object_set_new(item, "severity", json_string(c->severity));
	json_object_set_new(item, "status", json_string(c->status));
	json_object_set_new(item, "type", json_string(c->type));
	size_t at = 0;
	for (; at < json_array_size(conditions); at++) {
		const char *type = json_str_at(json_array_get(conditions, at), "type");
		int order = type ? strcmp(type, c->type) : -1;
		if (order == 0) {
			json_array_set_new(conditions, at, item);
			return;
		}
		if (order > 0)
			break;
	}
	json_array_insert_new(conditions, at, item);
}

const json_t *condition_find(const json_t *conditions, const char *type)
{
	size_t i;
	const json_t *item;
	json_array_foreach(conditions, i, item)
	{
		const char *t = json_str_at(item, "type");
		if (t && !strcmp(t, type))
			return item;
	}
	return NULL;
}

bool condition_is(const json_t *conditions, const char *type, const char *status)
{
	const char *s = json_str_at(condition_find(conditions, type), "status");
	return s && !strcmp(s, status);
}

void conditions_keep_times(json_t *conditions, const json_t *old)
{
	static const char *const times[] = {"lastTransitionTime", "lastUpdateTime", "lastProbeTime"};
	size_t i;
	json_t *item;
	json_array_foreach(conditions, i, item)
	{
		const char *type = json_str_at(item, "type"), *status = json_str_at(item, "status");
		const json_t *before = type ? condition_find(old, type) : NULL;
		const char *was = json_str_at(before, "status");
		if (!was || !status || strcmp(was, status) != 0)
			continue;
		for (size_t t = 0; t < COUNT_OF(times); t++) {
			json_t *time = json_object_get(before, times[t]);
			if (time && json_object_get(item, times[t]))
				json_object_set(item, times[t], time);
		}
	}
}
