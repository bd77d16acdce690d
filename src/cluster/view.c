/* Between the stored form of an object and the version that a call speaks. */
#include "cluster/selector.h"
#include "cluster/state.h"

static json_t *renamed(const struct kind *to, const json_t *object)
{
	char version[KIND_API_VERSION_BYTES];
	json_t *copy = json_copy((json_t *)object);
	json_object_set_new(copy, "apiVersion", json_string(kind_api_version(to, version)));
	json_object_set_new(copy, "kind", json_string(to->kind));
	return copy;
}

json_t *view_of(const struct kind *k, json_t *stored)
{
	if (!k->storage || k->storage == k)
		return json_incref(stored);
	return k->decode ? k->decode(stored) : renamed(k, stored);
}

json_t *stored_of(const struct kind *k, json_t *object)
{
	if (!k->storage || k->storage == k)
		return json_incref(object);
	return k->encode ? k->encode(object) : renamed(k->storage, object);
}

bool view_matches(const struct kind *k, const struct selector *labels, const struct selector *fields, json_t *stored)
{
	if (!labels && !fields)
		return true;
	if (!fields || !k->decode)
		return selector_match_object(labels, fields, stored);
	json_t *view = k->decode(stored);
	bool yes = selector_match_object(labels, fields, view);
	json_decref(view);
	return yes;
}
