/* Looking at and changing single fields of an object: write.h. */
#include "cluster/write.h"

#include "codec/json.h"

json_t *document_meta(json_t *object)
{
	json_t *meta = json_object_get(object, "metadata");
	if (!json_is_object(meta)) {
		meta = json_object();
		json_object_set_new(object, "metadata", meta);
	}
	return meta;
}

const char *document_str(const json_t *object, const char *field)
{
	const char *s = json_string_value(json_object_get(json_object_get(object, "metadata"), field));
	return s ? s : "";
}

bool document_is_ending(const json_t *object)
{
	return json_is_string(json_object_get(json_object_get(object, "metadata"), "deletionTimestamp"));
}

static size_t finalizer_at(const json_t *list, const char *finalizer)
{
	size_t i;
	const json_t *v;
	json_array_foreach(list, i, v)
		if (json_is_string(v) && !strcmp(json_string_value(v), finalizer))
			return i;
	return SIZE_MAX;
}

bool document_has_finalizer(const json_t *object, const char *finalizer)
{
	return finalizer_at(json_object_get(json_object_get(object, "metadata"), "finalizers"), finalizer) != SIZE_MAX;
}

bool document_set_finalizer(json_t *object, const char *finalizer, bool present)
{
	json_t *meta = document_meta(object), *list = json_object_get(meta, "finalizers");
	size_t at = finalizer_at(list, finalizer);
	if ((at != SIZE_MAX) == present)
		return false;
	if (present && !json_is_array(list)) {
		list = json_array();
		json_object_set_new(meta, "finalizers", list);
	}
	if (present)
		json_array_append_new(list, json_string(finalizer));
	else
		json_array_remove(list, at);
	if (json_array_size(list) == 0)
		json_object_del(meta, "finalizers");
	return true;
}

bool document_is_held(const json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const char *kind = json_string_value(json_object_get(object, "kind"));
	if (json_array_size(json_object_get(meta, "finalizers")) > 0 ||
	    json_integer_value(json_object_get(meta, "deletionGracePeriodSeconds")) > 0)
		return true;
	return kind && !strcmp(kind, "Namespace") && json_array_size(json_at(object, "spec.finalizers")) > 0;
}

bool document_set(json_t *object, const char *path, json_t *value)
{
	for (;;) {
		const char *dot = strchr(path, '.');
		size_t n = dot ? (size_t)(dot - path) : strlen(path);
		if (!json_is_object(object)) {
			json_decref(value);
			return false;
		}
		if (!dot) {
			json_object_setn_new(object, path, n, value);
			return true;
		}
		json_t *next = json_object_getn(object, path, n);
		if (!next || json_is_null(next)) {
			next = json_object();
			json_object_setn_new(object, path, n, next);
		}
		object = next;
		path = dot + 1;
	}
}

static bool named(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static size_t size_but(const json_t *o, const char *const *but)
{
	size_t n = json_object_size(o);
	for (; *but; but++)
		n -= json_object_get(o, *but) != NULL;
	return n;
}

bool document_equal_but(const json_t *a, const json_t *b, const char *const *but)
{
	const char *key;
	json_t *v;
	if (size_but(a, but) != size_but(b, but))
		return false;
	json_object_foreach((json_t *)a, key, v)
		if (!named(but, key) && !json_equal(v, json_object_get(b, key)))
			return false;
	return true;
}

static bool share(json_t *to, json_t *from);

/* `apart` (NULL: none) is looked into, but stays a value of its own. An object in another order is another one. */
static bool share_members(json_t *to, json_t *from, const char *apart)
{
	bool all = json_object_size(to) == json_object_size(from);
	void *other = json_object_iter(from);
	for (void *i = json_object_iter(to); i; i = json_object_iter_next(to, i)) {
		const char *key = json_object_iter_key(i);
		all = all && other && strcmp(key, json_object_iter_key(other)) == 0;
		json_t *was = all ? json_object_iter_value(other) : json_object_get(from, key);
		json_t *is = json_object_iter_value(i);
		bool same = was && share(is, was);
		if (same && was != is && !(apart && strcmp(key, apart) == 0))
			json_object_iter_set(to, i, was);
		other = other ? json_object_iter_next(from, other) : NULL;
		all = all && same;
	}
	return all;
}

static bool share_items(json_t *to, const json_t *from)
{
	bool all = json_array_size(to) == json_array_size(from);
	for (size_t i = 0; i < json_array_size(to); i++) {
		json_t *was = json_array_get(from, i), *is = json_array_get(to, i);
		bool same = was && share(is, was);
		if (same && was != is)
			json_array_set(to, i, was);
		all = all && same;
	}
	return all;
}

/* Are they equal? What is equal below is shared then, as far as nobody else holds it. */
static bool share(json_t *to, json_t *from)
{
	if (to == from)
		return true;
	if (json_typeof(to) != json_typeof(from) || (!json_is_object(to) && !json_is_array(to)) ||
	    __atomic_load_n(&to->refcount, __ATOMIC_ACQUIRE) > 1)
		return json_equal(to, from);
	return json_is_object(to) ? share_members(to, from, NULL) : share_items(to, from);
}

void document_share(json_t *to, json_t *from)
{
	(void)share_members(to, from, "metadata"); /* which gets a version of its own yet */
}

void document_order_meta(json_t *object)
{
	static const char *const order[] = {
		"name",	      "generateName",	   "namespace",		"selfLink",
		"uid",	      "resourceVersion",   "generation",	"creationTimestamp",
		"deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations",
		"ownerReferences",   "finalizers",  "managedFields",
	};
	json_t *meta = json_object_get(object, "metadata"), *sorted = json_object();
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (json_object_get(meta, order[i]))
			json_object_set(sorted, order[i], json_object_get(meta, order[i]));
	json_object_update_missing(sorted, meta);
	json_object_set_new(object, "metadata", sorted);
}
