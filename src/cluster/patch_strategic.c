/*
 * Strategic merge patch: see patch.h. The rules are those of apimachinery's strategicpatch, its order of list items
 * included, because kubectl computes its patches against them:
 * - a list with a merge key is merged item by item; without $setElementOrder the patch's new items come first
 * - `$patch: delete|replace|merge` in an object or as an item, `$retainKeys` in an object, `$setElementOrder/x` and
 *   `$deleteFromPrimitiveList/x` beside the list x
 * The patch is copied first, since directives are taken out of it as they are followed.
 */
#include "cluster/patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/map.h"
#include "codec/json.h"

#define DIRECTIVE "$patch"
#define RETAIN "$retainKeys"
static const char order_prefix[] = "$setElementOrder/";
static const char delete_prefix[] = "$deleteFromPrimitiveList/";

struct merge {
	struct err *err;
};

static int merge_object(struct merge *m, const struct schema_type *type, const struct schema_field *map, json_t *doc,
			json_t *patch, json_t **out);

/* What a value that is new in the document keeps: no nulls, no directives. False: nothing of it. */
static bool strip(json_t *v)
{
	const char *key;
	json_t *item;
	void *next;
	if (json_is_object(v)) {
		const char *how = json_string_value(json_object_get(v, DIRECTIVE));
		if (how && strcmp(how, "delete") == 0)
			return false;
		json_object_foreach_safe(v, next, key, item)
		{
			bool directive = !strcmp(key, DIRECTIVE) || !strcmp(key, RETAIN) ||
					 !strncmp(key, order_prefix, strlen(order_prefix)) ||
					 !strncmp(key, delete_prefix, strlen(delete_prefix));
			if (directive || json_is_null(item) || !strip(item))
				json_object_del(v, key);
		}
	} else if (json_is_array(v)) {
		json_t *kept = json_array();
		for (size_t i = 0; i < json_array_size(v); i++)
			if (strip(json_array_get(v, i)))
				json_array_append(kept, json_array_get(v, i));
		json_array_clear(v);
		json_array_extend(v, kept);
		json_decref(kept);
	}
	return true;
}

/* ---- what an item is called ---- */

/* The value of an item's merge key, or a primitive itself, as text that two equal ones share. */
static int name_of(struct merge *m, const json_t *item, const char *key, struct buf *out)
{
	const json_t *v = item;
	buf_reset(out);
	if (*key) {
		v = json_is_object(item) ? json_object_get(item, key) : NULL;
		if (!v)
			return err_set(m->err, ERR_INVALID,
				       "map: map[] does not contain declared merge key: %s", key);
	}
	return json_encode(v, JSON_ENCODE_SORTED, out);
}

/* Names of a list's items to their place + 1. */
static int places(struct merge *m, const json_t *list, const char *key, struct map *out)
{
	struct buf name;
	size_t i;
	const json_t *item;
	int rc = 0;
	map_init(out);
	buf_init(&name, 1 << 20);
	json_array_foreach(list, i, item)
	{
		rc = name_of(m, item, key, &name);
		if (rc < 0)
			break;
		if (!map_get(out, buf_view(&name)))
			map_put(out, buf_view(&name), (void *)(i + 1));
	}
	buf_release(&name);
	if (rc < 0)
		map_release(out);
	return rc;
}

static size_t place(struct merge *m, const struct map *places, const json_t *item, const char *key)
{
	struct buf name;
	size_t at = 0;
	buf_init(&name, 1 << 20);
	if (name_of(m, item, key, &name) == 0)
		at = (size_t)map_get(places, buf_view(&name));
	buf_release(&name);
	return at;
}

/* ---- order ---- */

struct ranked {
	json_t *item;
	size_t rank; /* place in the order asked for, or in the document as it was */
	size_t there; /* place in the document as it was, 0: new */
	size_t at;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Those in `order` as it says, the others where they stood relative to them. New list in *out. */
static int ordered(struct merge *m, const json_t *merged, const json_t *order, const json_t *before, const char *key,
		   json_t **out)
{
	struct map in_order, in_before;
	size_t n = json_array_size(merged), named_n = 0, other_n = 0, i = 0, j = 0;
	if (places(m, order, key, &in_order) < 0)
		return -1;
	if (places(m, before, key, &in_before) < 0) {
		map_release(&in_order);
		return -1;
	}
	struct ranked *named = calloc(n + 1, sizeof *named), *other = calloc(n + 1, sizeof *other);
	*out = json_array();
	if (!named || !other)
		abort();
	for (size_t k = 0; k < n; k++) {
		json_t *item = json_array_get(merged, k);
		size_t wanted = place(m, &in_order, item, key), there = place(m, &in_before, item, key);
		struct ranked *r = wanted ? &named[named_n++] : &other[other_n++];
		*r = (struct ranked){ .item = item, .rank = wanted ? wanted : there, .there = there, .at = k };
	}
	qsort(named, named_n, sizeof *named, by_rank);
	qsort(other, other_n, sizeof *other, by_rank);
	while (i < other_n || j < named_n) {
		bool server = j == named_n ||
			      (i < other_n && other[i].there && named[j].there && other[i].there < named[j].there);
		json_array_append(*out, server ? other[i++].item : named[j++].item);
	}
	free(named);
	free(other);
	map_release(&in_order);
	map_release(&in_before);
	return 0;
}

/* ---- lists ---- */

static const char *directive_of(const json_t *item)
{
	const json_t *v = json_is_object(item) ? json_object_get(item, DIRECTIVE) : NULL;
	return v ? (json_is_string(v) ? json_string_value(v) : "") : NULL;
}

/* Without the items that `gone` names. */
static void keep_others(struct merge *m, json_t *list, const struct map *gone, const char *key)
{
	json_t *kept = json_array();
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!place(m, gone, json_array_get(list, i), key))
			json_array_append(kept, json_array_get(list, i));
	json_array_clear(list);
	json_array_extend(list, kept);
	json_decref(kept);
}

/* Items of the patch that are directives: taken out of it and followed. */
static int follow_items(struct merge *m, json_t *list, json_t *patch, const char *key)
{
	bool replace = false;
	json_t *gone = json_array(), *rest = json_array();
	struct map names;
	int rc = 0;
	for (size_t i = 0; i < json_array_size(patch) && rc == 0; i++) {
		json_t *item = json_array_get(patch, i);
		const char *how = directive_of(item);
		if (!how) {
			json_array_append(rest, item);
		} else if (strcmp(how, "delete") == 0) {
			if (json_object_get(item, key))
				json_array_append(gone, item);
			else
				rc = err_set(m->err, ERR_INVALID, "delete patch type with no merge key defined");
		} else if (strcmp(how, "replace") == 0) {
			replace = true;
		} else if (strcmp(how, "merge") == 0) {
			json_object_del(item, DIRECTIVE);
			json_array_append(rest, item);
		} else {
			rc = err_set(m->err, ERR_INVALID, "unknown patch type found: %.40s", how);
		}
	}
	if (rc == 0)
		rc = places(m, gone, key, &names);
	if (rc == 0) {
		if (replace)
			json_array_clear(list);
		else if (json_array_size(gone))
			keep_others(m, list, &names, key);
		map_release(&names);
		json_array_clear(patch);
		json_array_extend(patch, rest);
	}
	json_decref(gone);
	json_decref(rest);
	return rc;
}

static int merge_items(struct merge *m, const struct schema_field *f, json_t *list, json_t *patch)
{
	struct schema_field scratch;
	const struct schema_field *item_field = schema_item(f, &scratch);
	struct map known;
	size_t i;
	json_t *item;
	int rc = 0;
	if (follow_items(m, list, patch, f->merge_key) < 0 || places(m, list, f->merge_key, &known) < 0)
		return -1;
	json_array_foreach(patch, i, item)
	{
		json_t *next;
		struct buf name;
		buf_init(&name, 1 << 20);
		rc = name_of(m, item, f->merge_key, &name);
		size_t at = rc < 0 ? 0 : (size_t)map_get(&known, buf_view(&name));
		if (rc == 0 && at) {
			rc = merge_object(m, item_field->of, NULL, json_array_get(list, at - 1), item, &next);
			if (rc == 0)
				json_array_set_new(list, at - 1, next);
		} else if (rc == 0) {
			(void)strip(item);
			json_array_append(list, item);
			map_put(&known, buf_view(&name), (void *)json_array_size(list));
		}
		buf_release(&name);
		if (rc < 0)
			break;
	}
	map_release(&known);
	return rc;
}

static int merge_values(struct merge *m, json_t *list, const json_t *patch)
{
	struct map known;
	size_t i;
	json_t *item;
	if (places(m, list, "", &known) < 0)
		return -1;
	json_array_foreach((json_t *)patch, i, item)
		if (!place(m, &known, item, ""))
			json_array_append(list, item);
	map_release(&known);
	return 0;
}

static bool objects(const json_t *a, const json_t *b)
{
	const json_t *first = json_array_get(a, 0);
	return json_is_object(first ? first : json_array_get(b, 0));
}

/* `list` (a copy nobody else has) with `patch` in it; *out a new reference. */
static int merge_list(struct merge *m, const struct schema_field *f, json_t *list, json_t *patch, json_t **out)
{
	json_t *before;
	int rc;
	if (!f || !f->merge_key) {
		*out = json_incref(patch);
		return 0;
	}
	if (objects(list, patch) && !*f->merge_key)
		return err_set(m->err, ERR_INVALID, "cannot merge lists without merge key for %s", f->name);
	before = json_copy(list);
	rc = *f->merge_key ? merge_items(m, f, list, patch) : merge_values(m, list, patch);
	if (rc == 0)
		rc = ordered(m, list, patch, before, f->merge_key, out);
	json_decref(before);
	return rc;
}

static int delete_values(struct merge *m, json_t *doc, const char *name, const json_t *values)
{
	json_t *list = json_object_get(doc, name);
	struct map gone;
	if (!json_is_array(values))
		return err_set(m->err, ERR_INVALID, "%s%s must be a list", delete_prefix, name);
	if (!json_is_array(list))
		return 0;
	if (places(m, values, "", &gone) < 0)
		return -1;
	keep_others(m, list, &gone, "");
	map_release(&gone);
	return 0;
}

/* ---- objects ---- */

/* The patch's own items must stand in the order that it asks for. */
static int check_order(struct merge *m, const json_t *patch, const json_t *order, const char *key)
{
	struct map wanted;
	size_t i, last = 0;
	const json_t *item;
	int rc = 0;
	if (places(m, order, key, &wanted) < 0)
		return -1;
	json_array_foreach(patch, i, item)
	{
		const char *how = directive_of(item);
		if (how && (!strcmp(how, "delete") || !strcmp(how, "replace")))
			continue;
		size_t at = place(m, &wanted, item, key);
		if (at <= last) {
			rc = err_set(m->err, ERR_INVALID, "The order in patch list doesn't match %s list", "$setElementOrder");
			break;
		}
		last = at;
	}
	map_release(&wanted);
	return rc;
}

static int set_order(struct merge *m, const struct schema_type *type, json_t *doc, json_t *patch, const char *name,
		     const json_t *order)
{
	const struct schema_field *f = schema_field(type, name);
	json_t *list = json_object_get(doc, name), *more = json_object_get(patch, name), *merged = NULL, *sorted;
	const char *key = f && f->merge_key ? f->merge_key : "";
	int rc = 0;
	if (!json_is_array(order) || (list && !json_is_array(list) && !json_is_null(list)) ||
	    (more && !json_is_array(more) && !json_is_null(more)))
		return err_set(m->err, ERR_INVALID, "%s%s stands beside something that is no list", order_prefix, name);
	list = json_is_array(list) ? list : NULL;
	more = json_is_array(more) ? more : NULL;
	if (!list && !more)
		return 0;
	json_t *before = list ? json_copy(list) : json_array();
	if (more)
		rc = check_order(m, more, order, key);
	if (rc == 0 && list && more) {
		json_t *copy = json_copy(list);
		rc = merge_list(m, f, copy, more, &merged);
		json_decref(copy);
	} else if (rc == 0) {
		if (!list)
			(void)strip(more);
		merged = json_incref(list ? list : more);
	}
	if (rc == 0)
		rc = ordered(m, merged, order, before, key, &sorted);
	if (rc == 0) {
		json_object_set_new(doc, name, sorted);
		json_object_del(patch, name);
	}
	json_decref(merged);
	json_decref(before);
	return rc;
}

static int follow_orders(struct merge *m, const struct schema_type *type, json_t *doc, json_t *patch)
{
	const char *key;
	json_t *order;
	void *next;
	json_t *orders = json_object();
	int rc = 0;
	json_object_foreach_safe(patch, next, key, order)
	{
		if (strncmp(key, order_prefix, strlen(order_prefix)) != 0)
			continue;
		json_object_set(orders, key + strlen(order_prefix), order);
		json_object_del(patch, key);
	}
	json_object_foreach(orders, key, order)
	{
		rc = set_order(m, type, doc, patch, key, order);
		if (rc < 0)
			break;
	}
	json_decref(orders);
	return rc;
}

static bool contains(const json_t *names, const char *name)
{
	size_t i;
	const json_t *v;
	json_array_foreach(names, i, v)
		if (json_is_string(v) && strcmp(json_string_value(v), name) == 0)
			return true;
	return false;
}

/* $retainKeys: of a union, only these members stay. */
static int retain(struct merge *m, json_t *doc, json_t *patch)
{
	json_t *names = json_incref(json_object_get(patch, RETAIN)), *v;
	const char *key;
	void *next;
	int rc = 0;
	if (!names)
		return 0;
	json_object_del(patch, RETAIN);
	if (!json_is_array(names))
		rc = err_set(m->err, ERR_INVALID, "%s must be a list", RETAIN);
	json_object_foreach(patch, key, v)
		if (rc == 0 && *key != '$' && !json_is_null(v) && !contains(names, key))
			rc = err_set(m->err, ERR_INVALID, "%s does not list %.100s, which the patch sets", RETAIN, key);
	if (rc == 0)
		json_object_foreach_safe(doc, next, key, v)
			if (!contains(names, key))
				json_object_del(doc, key);
	json_decref(names);
	return rc;
}

static int merge_field(struct merge *m, const struct schema_type *type, const struct schema_field *map, json_t *doc,
		       const char *key, json_t *value)
{
	struct schema_field scratch;
	const struct schema_field *f = map ? schema_item(map, &scratch) : schema_field(type, key);
	json_t *there = json_object_get(doc, key), *next = NULL;
	int rc = 0;
	if (json_is_null(value)) {
		json_object_del(doc, key);
		return 0;
	}
	if (there && json_is_object(there) && json_is_object(value)) {
		bool fields = f && f->type == FIELD_OBJECT;
		rc = merge_object(m, fields ? f->of : NULL, f && f->type == FIELD_MAP ? f : NULL, there, value, &next);
	} else if (json_is_array(there) && json_is_array(value)) {
		json_t *copy = json_copy(there);
		rc = merge_list(m, f, copy, value, &next);
		json_decref(copy);
	} else if (strip(value)) {
		next = json_incref(value);
	}
	if (rc == 0 && next)
		json_object_set_new(doc, key, next);
	return rc;
}

/* `doc` is copied shallowly as far as it changes; *out a new reference. `type` or `map` says what the members are. */
static int merge_object(struct merge *m, const struct schema_type *type, const struct schema_field *map, json_t *doc,
			json_t *patch, json_t **out)
{
	const char *how = directive_of(patch), *key;
	json_t *value, *copy;
	void *next;
	int rc;
	if (!json_is_object(doc) || !json_is_object(patch)) {
		*out = json_incref(patch);
		return 0;
	}
	if (how && strcmp(how, "replace") == 0) {
		json_object_del(patch, DIRECTIVE);
		*out = json_incref(patch);
		return 0;
	}
	if (how && strcmp(how, "delete") == 0) {
		*out = json_object();
		return 0;
	}
	if (how && strcmp(how, "merge") != 0)
		return err_set(m->err, ERR_INVALID, "unknown patch type found: %.40s", how);
	json_object_del(patch, DIRECTIVE);
	copy = json_copy(doc);
	rc = retain(m, copy, patch);
	if (rc == 0)
		rc = follow_orders(m, type, copy, patch);
	if (rc == 0)
		json_object_foreach_safe(patch, next, key, value)
		{
			if (strncmp(key, delete_prefix, strlen(delete_prefix)) == 0) {
				const char *name = key + strlen(delete_prefix);
				json_t *list = json_object_get(copy, name);
				if (json_is_array(list))
					json_object_set_new(copy, name, json_copy(list));
				rc = delete_values(m, copy, name, value);
			} else {
				rc = merge_field(m, type, map, copy, key, value);
			}
			if (rc < 0)
				break;
		}
	if (rc < 0)
		json_decref(copy);
	else
		*out = copy;
	return rc;
}

int patch_strategic(const struct schema_type *type, const json_t *doc, const json_t *patch, json_t **out,
		    struct err *err)
{
	struct merge m = { .err = err };
	json_t *mine, *shared;
	int rc;
	if (!json_is_object(doc) || !json_is_object(patch))
		return err_set(err, ERR_INVALID, "error decoding patch: a strategic merge patch must be an object");
	mine = json_deep_copy(patch);
	rc = merge_object(&m, type, NULL, (json_t *)doc, mine, &shared);
	if (rc == 0) {
		*out = json_deep_copy(shared); /* untouched parts are still those of `doc` */
		json_decref(shared);
	}
	json_decref(mine);
	return rc;
}

json_t *patch_strategic_rest(const struct schema_type *type, const json_t *doc, const json_t *patch)
{
	struct err ignored = { 0 };
	struct merge m = { .err = &ignored };
	json_t *mine = json_deep_copy(patch), *merged = NULL;
	if (merge_object(&m, type, NULL, (json_t *)doc, mine, &merged) == 0)
		json_decref(merged);
	return mine;
}
