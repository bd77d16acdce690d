/*
 * Typed values and field sets: comparing, merging and taking away by paths, as structured-merge-diff does. See
 * fieldset.h. A value is a leaf (scalar, or atomic), a map (by names) or a list of items with an identity (a set of
 * scalars, or objects told apart by keys).
 */
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "cluster/fieldset.h"
#include "codec/json.h"

enum shape { SHAPE_LEAF, SHAPE_MAP, SHAPE_LIST };

static enum shape shape_of(const struct schema_field *f, const json_t *v)
{
	if (!f || f->type == FIELD_ANY)
		return json_is_object(v) ? SHAPE_MAP : SHAPE_LEAF;
	if (f->type == FIELD_OBJECT)
		return f->atomic || (f->of && f->of->atomic) ? SHAPE_LEAF : SHAPE_MAP;
	if (f->type == FIELD_MAP)
		return f->atomic ? SHAPE_LEAF : SHAPE_MAP;
	if (f->type == FIELD_LIST)
		return f->list == LIST_ATOMIC ? SHAPE_LEAF : SHAPE_LIST;
	return SHAPE_LEAF;
}

static const struct schema_field *named(const struct schema_field *f, const char *key)
{
	return f && f->type == FIELD_OBJECT ? schema_field(f->of, key) : NULL;
}

static const struct schema_field *child_of(const struct schema_field *f, const char *key, struct schema_field *scratch)
{
	if (f && f->type == FIELD_MAP)
		return schema_item(f, scratch);
	return named(f, key);
}

/* ---- path elements ---- */

static void field_element(const char *name, struct buf *out)
{
	buf_reset(out);
	buf_str(out, "f:");
	buf_str(out, name);
}

static json_t *key_default(const struct schema_field *item, const char *key)
{
	const struct schema_field *f = named(item, key);
	json_t *initial = f ? json_object_get(f->rules, "default") : NULL;
	if (initial)
		return json_incref(initial);
	return f && f->key_default ? json_string(f->key_default) : NULL;
}

/* `v:"x"` or `k:{"name":"x"}`; false when the item has none of the keys or the wrong shape. */
static bool item_element(const struct schema_field *list, const struct schema_field *item, const json_t *v,
			 struct buf *out)
{
	struct slice keys = slice_str(list->keys), key;
	json_t *id;
	bool any = false;
	buf_reset(out);
	if (list->list == LIST_SET) {
		buf_str(out, "v:");
		return json_encode(v, JSON_ENCODE_SORTED, out) == 0;
	}
	if (!json_is_object(v))
		return false;
	id = json_object();
	while ((key = slice_cut(&keys, ',')).ptr) {
		char name[128];
		if (key.len >= sizeof name)
			continue;
		memcpy(name, key.ptr, key.len);
		name[key.len] = 0;
		json_t *part = json_object_get(v, name);
		part = part ? json_incref(part) : key_default(item, name);
		if (part)
			json_object_set_new(id, name, part);
		any |= part != NULL;
	}
	buf_str(out, "k:");
	any = any && json_encode(id, JSON_ENCODE_SORTED, out) == 0;
	json_decref(id);
	return any;
}

/* A list's items by path element, the first of equal ones. New reference; elements in the list's order. */
static json_t *index_items(const struct schema_field *f, const struct schema_field *item, const json_t *list)
{
	json_t *out = json_object(), *v;
	struct buf name;
	size_t i;
	buf_init(&name, 1 << 20);
	json_array_foreach((json_t *)list, i, v)
		if (item_element(f, item, v, &name) && !json_object_get(out, name.ptr))
			json_object_set(out, name.ptr, v);
	buf_release(&name);
	return out;
}

static bool is_empty(const json_t *v)
{
	return !v || json_is_null(v) || (json_is_object(v) && !json_object_size(v)) ||
	       (json_is_array(v) && !json_array_size(v));
}

/* ---- comparing ---- */

static void put(json_t *set, const char *element, json_t *child)
{
	if (json_object_size(child))
		json_object_set_new(set, element, child);
	else
		json_decref(child);
}

static void put_diff(struct fieldset_diff *d, const char *element, struct fieldset_diff *below)
{
	put(d->added, element, below->added);
	put(d->removed, element, below->removed);
	put(d->modified, element, below->modified);
}

static void diff_init(struct fieldset_diff *d)
{
	d->added = json_object();
	d->removed = json_object();
	d->modified = json_object();
}

void fieldset_diff_release(struct fieldset_diff *d)
{
	json_decref(d->added);
	json_decref(d->removed);
	json_decref(d->modified);
}

static void compare_maps(const struct schema_field *f, const json_t *before, const json_t *after,
			 struct fieldset_diff *out)
{
	const char *key;
	const json_t *v;
	struct buf name;
	struct fieldset_diff below;
	struct schema_field scratch;
	buf_init(&name, 1 << 20);
	json_object_foreach((json_t *)after, key, v)
	{
		fieldset_compare(child_of(f, key, &scratch), json_object_get(before, key), v, &below);
		field_element(key, &name);
		put_diff(out, name.ptr, &below);
	}
	json_object_foreach((json_t *)before, key, v)
	{
		if (json_object_get(after, key))
			continue;
		fieldset_compare(child_of(f, key, &scratch), v, NULL, &below);
		field_element(key, &name);
		put_diff(out, name.ptr, &below);
	}
	buf_release(&name);
}

static void compare_lists(const struct schema_field *f, const json_t *before, const json_t *after,
			  struct fieldset_diff *out)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	json_t *left = index_items(f, item, before), *right = index_items(f, item, after), *v;
	struct fieldset_diff below;
	const char *element;
	json_object_foreach(right, element, v)
	{
		fieldset_compare(item, json_object_get(left, element), v, &below);
		put_diff(out, element, &below);
	}
	json_object_foreach(left, element, v)
	{
		if (json_object_get(right, element))
			continue;
		fieldset_compare(item, v, NULL, &below);
		put_diff(out, element, &below);
	}
	json_decref(left);
	json_decref(right);
}

void fieldset_compare(const struct schema_field *f, const json_t *before, const json_t *after,
		      struct fieldset_diff *out)
{
	enum shape shape = shape_of(f, after && !json_is_null(after) ? after : before);
	json_type wants = shape == SHAPE_MAP ? JSON_OBJECT : JSON_ARRAY;
	bool leaf = shape == SHAPE_LEAF || (is_empty(before) && is_empty(after));
	diff_init(out);
	if (!leaf) /* another shape than the type says, on either side: one value against another */
		leaf = (!is_empty(before) && json_typeof(before) != wants) || (!is_empty(after) && json_typeof(after) != wants);
	if (!leaf && shape == SHAPE_MAP)
		compare_maps(f, before, after, out);
	else if (!leaf)
		compare_lists(f, before, after, out);
	if (!before && after)
		json_object_set_new(out->added, ".", json_true());
	else if (before && !after)
		json_object_set_new(out->removed, ".", json_true());
	else if (leaf && before && !json_equal(before, after))
		json_object_set_new(out->modified, ".", json_true());
}

/* ---- the set of a value ---- */

json_t *fieldset_of(const struct schema_field *f, const json_t *value)
{
	json_t *set = json_object(), *v, *below;
	struct schema_field scratch;
	struct buf name;
	const char *key;
	size_t i;
	enum shape shape = shape_of(f, value);
	if (shape == SHAPE_LEAF || (!json_is_object(value) && !json_is_array(value))) {
		json_object_set_new(set, ".", json_true());
		return set;
	}
	buf_init(&name, 1 << 20);
	if (shape == SHAPE_MAP) {
		json_object_foreach((json_t *)value, key, v)
		{
			below = fieldset_of(child_of(f, key, &scratch), v);
			if (json_is_null(v) || (json_is_object(v) && !json_object_size(v)) || !named(f, key))
				json_object_set_new(below, ".", json_true());
			field_element(key, &name);
			put(set, name.ptr, below);
		}
	} else {
		const struct schema_field *item = schema_item(f, &scratch);
		json_array_foreach((json_t *)value, i, v)
		{
			if (!item_element(f, item, v, &name))
				continue;
			below = fieldset_of(item, v);
			json_object_set_new(below, ".", json_true());
			json_object_set_new(set, name.ptr, below);
		}
	}
	buf_release(&name);
	return set;
}

json_t *fieldset_with_named(const struct schema_field *f, const json_t *set)
{
	json_t *out = json_object(), *child;
	const char *key;
	json_object_foreach((json_t *)set, key, child)
	{
		struct schema_field scratch;
		const struct schema_field *below = NULL;
		json_t *next;
		if (strcmp(key, ".") == 0) {
			json_object_set(out, key, child);
			continue;
		}
		if (key[0] == 'f')
			below = child_of(f, key + 2, &scratch);
		else if (f && f->type == FIELD_LIST)
			below = schema_item(f, &scratch);
		next = fieldset_with_named(below, child);
		if (key[0] == 'f' && named(f, key + 2))
			json_object_set_new(next, ".", json_true());
		json_object_set_new(out, key, next);
	}
	return out;
}

/* ---- merging ---- */

/* Items of both: in the configuration's order, those it doesn't know where they stood. */
static json_t *merge_lists(const struct schema_field *f, const json_t *live, const json_t *config)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	json_t *left = index_items(f, item, live), *right = index_items(f, item, config), *out = json_array(), *v;
	void *l = json_object_iter(left), *r = json_object_iter(right);
	json_t *done = json_object();
	while (l || r) {
		const char *lk = l ? json_object_iter_key(l) : NULL, *rk = r ? json_object_iter_key(r) : NULL;
		if (l && (json_object_get(done, lk) || (r && json_object_get(right, lk) && strcmp(lk, rk) != 0))) {
			l = json_object_iter_next(left, l); /* comes, or came, where the configuration has it */
		} else if (l && !json_object_get(right, lk)) {
			json_array_append(out, json_object_iter_value(l));
			l = json_object_iter_next(left, l);
		} else if (r) {
			v = json_object_get(left, rk);
			json_array_append_new(out, fieldset_merge(item, v, json_object_iter_value(r)));
			json_object_set_new(done, rk, json_true());
			r = json_object_iter_next(right, r);
		} else {
			l = json_object_iter_next(left, l);
		}
	}
	json_decref(done);
	json_decref(left);
	json_decref(right);
	return out;
}

json_t *fieldset_merge(const struct schema_field *f, const json_t *live, const json_t *config)
{
	enum shape shape = shape_of(f, config);
	if (!config)
		return json_incref((json_t *)live);
	if (shape == SHAPE_LEAF || !live || json_typeof(live) != json_typeof(config))
		return json_incref((json_t *)config);
	if (shape == SHAPE_LIST)
		return merge_lists(f, live, config);
	json_t *out = json_copy((json_t *)live), *v;
	const char *key;
	struct schema_field scratch;
	json_object_foreach((json_t *)config, key, v)
		json_object_set_new(out, key, fieldset_merge(child_of(f, key, &scratch), json_object_get(live, key), v));
	return out;
}

/* ---- taking away ---- */

json_t *fieldset_remove(const struct schema_field *f, const json_t *value, const json_t *set)
{
	enum shape shape = shape_of(f, value);
	struct schema_field scratch;
	struct buf name;
	json_t *out, *v;
	const char *key;
	size_t i;
	if (shape == SHAPE_LEAF || is_empty(value) || fieldset_empty(set) || (!json_is_object(value) && !json_is_array(value)))
		return json_incref((json_t *)value);
	buf_init(&name, 1 << 20);
	out = shape == SHAPE_MAP ? json_object() : json_array();
	if (shape == SHAPE_MAP) {
		json_object_foreach((json_t *)value, key, v)
		{
			field_element(key, &name);
			const json_t *below = json_object_get(set, name.ptr);
			if (json_object_get(below, "."))
				continue;
			json_t *next = below ? fieldset_remove(child_of(f, key, &scratch), v, below) : json_incref(v);
			if (next)
				json_object_set_new(out, key, next);
		}
	} else {
		const struct schema_field *item = schema_item(f, &scratch);
		json_array_foreach((json_t *)value, i, v)
		{
			const json_t *below = item_element(f, item, v, &name) ? json_object_get(set, name.ptr) : NULL;
			if (json_object_get(below, "."))
				continue;
			json_t *next = below ? fieldset_remove(item, v, below) : json_incref(v);
			if (next)
				json_array_append_new(out, next);
		}
	}
	buf_release(&name);
	if (!is_empty(out))
		return out;
	json_decref(out);
	return NULL;
}

/* ---- checking a configuration ---- */

struct checker {
	struct buf path;
	struct err *err;
};

static int check(struct checker *c, const struct schema_field *f, const json_t *v);

static int check_members(struct checker *c, const struct schema_field *f, const json_t *value)
{
	struct schema_field scratch;
	size_t length = c->path.len;
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)value, key, v)
	{
		const struct schema_field *member = child_of(f, key, &scratch);
		buf_char(&c->path, '.');
		buf_str(&c->path, key);
		if (!member && f->type == FIELD_OBJECT && !f->of->open)
			return err_set(c->err, ERR_INVALID, "%s: field not declared in schema", c->path.ptr);
		if (member && check(c, member, v) < 0)
			return -1;
		c->path.len = length;
		c->path.ptr[length] = 0;
	}
	return 0;
}

static int check_items(struct checker *c, const struct schema_field *f, const json_t *value)
{
	struct schema_field scratch;
	const struct schema_field *item = schema_item(f, &scratch);
	size_t length = c->path.len, i;
	json_t *seen = json_object(), *v;
	struct buf name;
	int rc = 0;
	buf_init(&name, 1 << 20);
	json_array_foreach((json_t *)value, i, v)
	{
		if (f->list != LIST_ATOMIC) {
			if (!item_element(f, item, v, &name))
				rc = err_set(c->err, ERR_INVALID,
					     "%s: element %zu: associative list with keys has an element that omits all "
					     "key fields %s", c->path.ptr, i, f->keys ? f->keys : "");
			else if (json_object_get(seen, name.ptr))
				rc = err_set(c->err, ERR_INVALID, "%s: duplicate entries for key %s", c->path.ptr,
					     name.ptr + 2);
			else
				json_object_set_new(seen, name.ptr, json_true());
		}
		buf_printf(&c->path, "[%zu]", i);
		rc = rc == 0 ? check(c, item, v) : rc;
		if (rc < 0)
			break;
		c->path.len = length;
		c->path.ptr[length] = 0;
	}
	buf_release(&name);
	json_decref(seen);
	return rc;
}

static int check(struct checker *c, const struct schema_field *f, const json_t *v)
{
	const char *wants = NULL;
	if (json_is_null(v))
		return 0;
	switch (f->type) {
	case FIELD_OBJECT:
	case FIELD_MAP:
		if (json_is_object(v))
			return check_members(c, f, v);
		wants = "map";
		break;
	case FIELD_LIST:
		if (json_is_array(v))
			return check_items(c, f, v);
		wants = "list";
		break;
	case FIELD_INTEGER:
	case FIELD_INTEGER32:
	case FIELD_NUMBER: wants = json_is_number(v) ? NULL : "numeric (int or float)"; break;
	case FIELD_BOOLEAN: wants = json_is_boolean(v) ? NULL : "boolean"; break;
	case FIELD_STRING:
	case FIELD_TIME:
	case FIELD_MICROTIME:
	case FIELD_BYTES: wants = json_is_string(v) ? NULL : "string"; break;
	case FIELD_INT_OR_STRING:
	case FIELD_QUANTITY:
	case FIELD_ANY: break;
	}
	return wants ? err_set(c->err, ERR_INVALID, "%s: expected %s", c->path.ptr, wants) : 0;
}

int fieldset_check(const struct schema_field *f, const json_t *value, struct err *err)
{
	struct checker c = { .err = err };
	buf_init(&c.path, 1 << 16);
	buf_str(&c.path, "");
	int rc = check(&c, f, value);
	buf_release(&c.path);
	return rc;
}
