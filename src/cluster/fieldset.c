/* Algebra of field sets: see fieldset.h. */
#include "cluster/fieldset.h"

#include <stdlib.h>
#include <string.h>

#include "codec/json.h"

#define MEMBER "."

static bool member(const json_t *set)
{
	return json_object_get(set, MEMBER) != NULL;
}

bool fieldset_empty(const json_t *set)
{
	return json_object_size(set) == 0;
}

bool fieldset_equal(const json_t *a, const json_t *b)
{
	return json_equal(a, b);
}

static void set_child(json_t *set, const char *key, json_t *child)
{
	if (child && json_object_size(child))
		json_object_set_new(set, key, child);
	else
		json_decref(child);
}

static json_t *decode(const json_t *v1, bool top)
{
	json_t *set = json_object(), *child;
	const char *key;
	if (!json_is_object(v1))
		return set;
	if (!top && json_object_size(v1) == 0)
		json_object_set_new(set, MEMBER, json_true());
	json_object_foreach((json_t *)v1, key, child)
	{
		if (strcmp(key, MEMBER) == 0)
			json_object_set_new(set, MEMBER, json_true());
		else if (key[0] && key[1] == ':')
			set_child(set, key, decode(child, false));
	}
	return set;
}

json_t *fieldset_decode(const json_t *fields_v1)
{
	return decode(fields_v1, true);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of an object in byte order; free() the array. */
static const char **sorted_keys(const json_t *o, size_t *n)
{
	const char **keys = calloc(json_object_size(o) + 1, sizeof *keys), *key;
	json_t *v;
	if (!keys)
		abort();
	*n = 0;
	json_object_foreach((json_t *)o, key, v)
		keys[(*n)++] = key;
	qsort(keys, *n, sizeof *keys, by_key);
	return keys;
}

/* `leaf`: an empty object, the same one in all places, because most of a set are leaves. New reference. */
static json_t *encode(const json_t *set, json_t *leaf)
{
	size_t n;
	if (json_object_size(set) == 1 && member(set))
		return json_incref(leaf);
	json_t *v1 = json_object();
	const char **keys = sorted_keys(set, &n);
	for (size_t i = 0; i < n; i++)
		json_object_set_new(v1, keys[i],
				    strcmp(keys[i], MEMBER) ? encode(json_object_get(set, keys[i]), leaf)
							    : json_incref(leaf));
	free(keys);
	return v1;
}

json_t *fieldset_encode(const json_t *set)
{
	json_t *leaf = json_object(), *v1 = encode(set, leaf);
	json_decref(leaf);
	return v1;
}

json_t *fieldset_union(const json_t *a, const json_t *b)
{
	json_t *out = json_copy((json_t *)a), *child;
	const char *key;
	json_object_foreach((json_t *)b, key, child)
	{
		const json_t *own = json_object_get(out, key);
		if (!own)
			json_object_set(out, key, child);
		else if (strcmp(key, MEMBER) != 0)
			json_object_set_new(out, key, fieldset_union(own, child));
	}
	return out;
}

json_t *fieldset_intersection(const json_t *a, const json_t *b)
{
	json_t *out = json_object(), *child;
	const char *key;
	json_object_foreach((json_t *)a, key, child)
	{
		const json_t *other = json_object_get(b, key);
		if (other && strcmp(key, MEMBER) == 0)
			json_object_set_new(out, key, json_true());
		else if (other)
			set_child(out, key, fieldset_intersection(child, other));
	}
	return out;
}

json_t *fieldset_difference(const json_t *a, const json_t *b)
{
	json_t *out = json_object(), *child;
	const char *key;
	json_object_foreach((json_t *)a, key, child)
	{
		const json_t *other = json_object_get(b, key);
		if (!other)
			json_object_set(out, key, child);
		else if (strcmp(key, MEMBER) != 0)
			set_child(out, key, fieldset_difference(child, other));
	}
	return out;
}

/* `k:{"name":"x","port":80}` as `[name="x",port=80]`. */
static void element(const char *key, struct buf *out)
{
	json_t *keys = NULL, *v;
	struct err err = { 0 };
	const char *name;
	bool first = true;
	if (key[0] == 'f') {
		buf_char(out, '.');
		buf_str(out, key + 2);
		return;
	}
	if (key[0] != 'k' || json_decode(slice_str(key + 2), 0, &keys, &err) < 0) {
		buf_printf(out, key[0] == 'v' ? "[=%s]" : "[%s]", key + 2);
		return;
	}
	buf_char(out, '[');
	json_object_foreach(keys, name, v)
	{
		buf_printf(out, "%s%s=", first ? "" : ",", name);
		(void)json_encode(v, JSON_ENCODE_COMPACT, out);
		first = false;
	}
	buf_char(out, ']');
	json_decref(keys);
}

static void paths(const json_t *set, struct buf *path, json_t *out)
{
	size_t n, length = path->len;
	const char **keys = sorted_keys(set, &n);
	if (member(set))
		json_array_append_new(out, json_stringn(path->ptr, path->len));
	for (size_t i = 0; i < n; i++) {
		if (strcmp(keys[i], MEMBER) == 0)
			continue;
		element(keys[i], path);
		paths(json_object_get(set, keys[i]), path, out);
		path->len = length;
	}
	free(keys);
}

json_t *fieldset_paths(const json_t *set)
{
	json_t *out = json_array();
	struct buf path;
	buf_init(&path, 1 << 20);
	buf_str(&path, "");
	paths(set, &path, out);
	buf_release(&path);
	return out;
}
