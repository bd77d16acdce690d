/* YAML: see yaml.h. A recursive walk over libyaml's events; recursion is bounded by limits.yaml_depth. */
#include "codec/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"

struct anchor {
	json_t *value;
	int64_t nodes;
	int height; /* levels of collections in it */
};

struct reader {
	yaml_parser_t parser;
	enum yaml_dialect dialect;
	VEC(struct anchor) anchors;
	struct map names; /* of anchors to their place from 1 on; the last one of a name counts */
	int64_t nodes; /* made so far, aliases counted by what they stand for */
	int depth, deepest; /* deepest: since the innermost anchor's node began */
	struct err *err;
};

static int refuse(struct reader *r, yaml_mark_t at, const char *what, struct slice name)
{
	return err_set(r->err, ERR_MALFORMED, "line %zu, column %zu: %s%s%.*s%s", at.line + 1, at.column + 1, what,
		       name.len ? " \"" : "", (int)MIN(name.len, (size_t)100), name.ptr ? name.ptr : "", name.len ? "\"" : "");
}

static int next(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	yaml_mark_t at = r->parser.problem_mark;
	if (r->parser.error == YAML_READER_ERROR)
		return err_set(r->err, ERR_MALFORMED, "byte %zu: %s", r->parser.problem_offset,
			       r->parser.problem ? r->parser.problem : "not YAML");
	return refuse(r, at, r->parser.problem ? r->parser.problem : "not YAML", slice_str(NULL));
}

static int count(struct reader *r, int64_t nodes, yaml_mark_t at)
{
	r->nodes += nodes;
	if (r->nodes <= limits.yaml_nodes)
		return 0;
	return err_set(r->err, ERR_MALFORMED, "line %zu, column %zu: more than %lld nodes, aliases counted", at.line + 1,
		       at.column + 1, (long long)limits.yaml_nodes);
}

static void remember(struct reader *r, const char *name, json_t *value, int64_t nodes, int height)
{
	*vec_push(&r->anchors) = (struct anchor){ json_incref(value), nodes, height };
	(void)map_put(&r->names, slice_str(name), (void *)(uintptr_t)r->anchors.len);
}

static const struct anchor *find(const struct reader *r, const char *name)
{
	uintptr_t place = (uintptr_t)map_get(&r->names, slice_str(name));
	return place ? &r->anchors.ptr[place - 1] : NULL;
}

static int node(struct reader *r, yaml_event_t *event, json_t **out);

static const char tag_prefix[] = "tag:yaml.org,2002:";

/* A scalar with a tag of its own: !!str "1", !!int "7". */
static int tagged(struct reader *r, const yaml_event_t *e, struct slice text, json_t **out)
{
	const char *tag = (const char *)e->data.scalar.tag;
	if (strcmp(tag, "!") == 0 || strcmp(tag, "tag:yaml.org,2002:str") == 0 ||
	    strcmp(tag, "tag:yaml.org,2002:binary") == 0 || strcmp(tag, "tag:yaml.org,2002:timestamp") == 0) {
		*out = json_stringn(text.ptr, text.len);
		return 0;
	}
	json_t *value = yaml_resolve(text, r->dialect);
	const char *kind = strncmp(tag, tag_prefix, sizeof tag_prefix - 1) == 0 ? tag + sizeof tag_prefix - 1 : "";
	bool fits = (strcmp(kind, "int") == 0 && json_is_integer(value)) ||
		    (strcmp(kind, "bool") == 0 && json_is_boolean(value)) ||
		    (strcmp(kind, "null") == 0 && json_is_null(value));
	if (strcmp(kind, "float") == 0 && json_is_number(value)) {
		double real = json_number_value(value);
		json_decref(value);
		value = json_real(real);
		fits = true;
	}
	if (!fits) {
		json_decref(value);
		return refuse(r, e->start_mark, "unknown tag, or text that does not fit it:", slice_str(tag));
	}
	*out = value;
	return 0;
}

static int scalar(struct reader *r, const yaml_event_t *e, json_t **out)
{
	struct slice text = slice_of(e->data.scalar.value, e->data.scalar.length);
	if (memchr(text.ptr, 0, text.len))
		return refuse(r, e->start_mark, "a NUL character", slice_str(NULL));
	if (e->data.scalar.tag) {
		if (tagged(r, e, text, out) < 0)
			return -1;
	} else {
		*out = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? yaml_resolve(text, r->dialect) :
									 json_stringn(text.ptr, text.len);
	}
	return *out ? 0 : refuse(r, e->start_mark, "text that is not UTF-8", slice_str(NULL));
}

static int sequence(struct reader *r, json_t *list)
{
	for (;;) {
		yaml_event_t e;
		json_t *item;
		if (next(r, &e) < 0)
			return -1;
		bool end = e.type == YAML_SEQUENCE_END_EVENT;
		int rc = end ? 0 : node(r, &e, &item);
		yaml_event_delete(&e);
		if (rc < 0 || end)
			return rc;
		json_array_append_new(list, item);
	}
}

/* The key as JSON has it; a merge key is told apart by being plain. */
static int key_text(struct reader *r, const yaml_event_t *e, char **out, bool *merge)
{
	json_t *key;
	if (e->type != YAML_SCALAR_EVENT)
		return refuse(r, e->start_mark, "a key must be a scalar", slice_str(NULL));
	struct slice text = slice_of(e->data.scalar.value, e->data.scalar.length);
	*merge = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && slice_is(text, "<<");
	if (scalar(r, e, &key) < 0)
		return -1;
	switch (json_typeof(key)) {
	case JSON_STRING: *out = strdup(json_string_value(key)); break;
	case JSON_TRUE: *out = strdup("true"); break;
	case JSON_FALSE: *out = strdup("false"); break;
	case JSON_NULL: *out = strdup("null"); break;
	default: *out = json_dumps(key, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)); break;
	}
	json_decref(key);
	return count(r, 1, e->start_mark);
}

/* <<: *base, or a list of such; keys of the mapping itself win, then earlier ones. */
static int merge_into(struct reader *r, json_t *map, json_t *merged, yaml_mark_t at)
{
	size_t i;
	json_t *one;
	if (json_is_object(merged)) {
		json_object_update_missing(map, merged);
		return 0;
	}
	if (!json_is_array(merged))
		return refuse(r, at, "map merge requires a map or a list of maps as the value", slice_str(NULL));
	json_array_foreach(merged, i, one) {
		if (!json_is_object(one))
			return refuse(r, at, "map merge requires a map or a list of maps as the value", slice_str(NULL));
		json_object_update_missing(map, one);
	}
	return 0;
}

static int member(struct reader *r, yaml_event_t *key_event, json_t *map, json_t **merged)
{
	char *key = NULL;
	bool merge = false;
	yaml_event_t e;
	json_t *value = NULL;
	int rc = key_text(r, key_event, &key, &merge);
	if (rc == 0 && (merge ? *merged != NULL : json_object_get(map, key) != NULL))
		rc = refuse(r, key_event->start_mark, "duplicate key", slice_str(key));
	if (rc == 0 && (rc = next(r, &e)) == 0) {
		rc = node(r, &e, &value);
		yaml_event_delete(&e);
		if (rc == 0 && merge)
			*merged = value;
		else if (rc == 0 && json_object_set_new(map, key, value) < 0)
			rc = refuse(r, key_event->start_mark, "a key that is not UTF-8", slice_str(NULL));
	}
	free(key);
	return rc;
}

static int mapping(struct reader *r, json_t *map, yaml_mark_t at)
{
	json_t *merged = NULL;
	for (;;) {
		yaml_event_t e;
		int rc = next(r, &e);
		if (rc == 0) {
			bool end = e.type == YAML_MAPPING_END_EVENT;
			rc = end ? (merged ? merge_into(r, map, merged, at) : 0) + 1 : member(r, &e, map, &merged);
			yaml_event_delete(&e);
		}
		if (rc != 0) {
			json_decref(merged);
			return rc == 1 ? 0 : -1;
		}
	}
}

static int too_deep(struct reader *r, int more, yaml_mark_t at)
{
	if (r->depth + more <= limits.yaml_depth)
		return 0;
	return err_set(r->err, ERR_MALFORMED, "line %zu, column %zu: nested deeper than %lld levels", at.line + 1,
		       at.column + 1, (long long)limits.yaml_depth);
}

static int collection(struct reader *r, yaml_event_t *e, const char *tag, const char *usual, json_t **out)
{
	bool list = e->type == YAML_SEQUENCE_START_EVENT;
	if (tag && strcmp(tag, "!") != 0 && strcmp(tag, usual) != 0)
		return refuse(r, e->start_mark, "unknown tag", slice_str(tag));
	if (too_deep(r, 1, e->start_mark) < 0)
		return -1;
	json_t *value = list ? json_array() : json_object();
	r->depth++;
	r->deepest = MAX(r->deepest, r->depth);
	int rc = list ? sequence(r, value) : mapping(r, value, e->start_mark);
	r->depth--;
	if (rc < 0) {
		json_decref(value);
		return -1;
	}
	*out = value;
	return 0;
}

static int alias(struct reader *r, const yaml_event_t *e, json_t **out)
{
	const char *name = (const char *)e->data.alias.anchor;
	const struct anchor *a = find(r, name);
	if (!a)
		return refuse(r, e->start_mark, "unknown anchor", slice_str(name));
	if (count(r, a->nodes, e->start_mark) < 0 || too_deep(r, a->height, e->start_mark) < 0)
		return -1;
	r->deepest = MAX(r->deepest, r->depth + a->height);
	*out = json_deep_copy(a->value);
	return 0;
}

static int node(struct reader *r, yaml_event_t *e, json_t **out)
{
	int64_t before = r->nodes;
	const char *name = NULL;
	json_t *value;
	int rc, outer = r->deepest;
	if (e->type == YAML_ALIAS_EVENT)
		return alias(r, e, out);
	if (count(r, 1, e->start_mark) < 0)
		return -1;
	r->deepest = r->depth;
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		name = (const char *)e->data.scalar.anchor;
		rc = scalar(r, e, &value);
		break;
	case YAML_SEQUENCE_START_EVENT:
		name = (const char *)e->data.sequence_start.anchor;
		rc = collection(r, e, (const char *)e->data.sequence_start.tag, YAML_SEQ_TAG, &value);
		break;
	case YAML_MAPPING_START_EVENT:
		name = (const char *)e->data.mapping_start.anchor;
		rc = collection(r, e, (const char *)e->data.mapping_start.tag, YAML_MAP_TAG, &value);
		break;
	default: return refuse(r, e->start_mark, "a node was expected", slice_str(NULL));
	}
	if (rc < 0)
		return -1;
	if (name)
		remember(r, name, value, r->nodes - before, r->deepest - r->depth);
	r->deepest = MAX(r->deepest, outer);
	*out = value;
	return 0;
}

static void forget(struct reader *r)
{
	for (size_t i = 0; i < r->anchors.len; i++)
		json_decref(r->anchors.ptr[i].value);
	r->anchors.len = 0;
	map_release(&r->names);
}

static int stream(struct reader *r, json_t *documents)
{
	for (;;) {
		yaml_event_t e;
		json_t *value;
		if (next(r, &e) < 0)
			return -1;
		yaml_event_type_t type = e.type;
		int rc = 0;
		if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT ||
		    type == YAML_ALIAS_EVENT) {
			rc = node(r, &e, &value);
			if (rc == 0)
				json_array_append_new(documents, value);
		}
		yaml_event_delete(&e);
		if (type == YAML_DOCUMENT_END_EVENT)
			forget(r);
		if (rc < 0 || type == YAML_STREAM_END_EVENT)
			return rc;
	}
}

int yaml_decode(struct slice text, enum yaml_dialect dialect, json_t **documents, struct err *err)
{
	struct reader r = { .dialect = dialect, .err = err };
	if (!yaml_parser_initialize(&r.parser))
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
	json_t *all = json_array();
	int rc = stream(&r, all);
	forget(&r);
	vec_release(&r.anchors);
	yaml_parser_delete(&r.parser);
	if (rc < 0) {
		json_decref(all);
		return -1;
	}
	*documents = all;
	return 0;
}
