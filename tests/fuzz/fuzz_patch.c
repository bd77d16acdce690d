/*
 * Patches, decoding and ownership. The input is a letter, a JSON document up to the end of its line, and a second one:
 *   j m s   JSON, merge and strategic patch of a Deployment     a   server-side apply, twice: the second changes nothing
 *   u       an update from one to the other                     d   decoding as a Deployment, twice: the form is stable
 *   c       decoding with the second document as its schema
 * Whatever happens, the inputs stay as they are, and a refusal has a code and a text.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cluster/decode.h"
#include "cluster/managed.h"
#include "cluster/patch.h"
#include "codec/json.h"
#include "control/kinds/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct kind deployment = { .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments",
					.flags = KIND_STATUS, .type = &type_apps_Deployment };

static void refused(const struct err *err)
{
	assert(err->code != ERR_OK && err->message[0]);
}

static int depth_of(const json_t *v)
{
	int most = 0, d;
	size_t i;
	const char *key;
	const json_t *item;
	if (json_is_object(v))
		json_object_foreach((json_t *)v, key, item)
			most = (d = depth_of(item)) > most ? d : most;
	json_array_foreach(v, i, item)
		most = (d = depth_of(item)) > most ? d : most;
	return json_is_object(v) || json_is_array(v) ? most + 1 : 0;
}

static void patch(char how, const json_t *doc, const json_t *p)
{
	struct err err = { 0 };
	json_t *out = NULL;
	int rc = how == 'j' ? patch_json(doc, p, &out, &err) :
		 how == 'm' ? patch_merge(doc, p, &out, &err) :
			      patch_strategic(&type_apps_Deployment, doc, p, &out, &err);
	if (rc < 0)
		refused(&err);
	else
		assert(depth_of(out) <= 2 * limits.json_depth);
	json_decref(out);
}

static json_t *decode(const struct kind *k, const json_t *in)
{
	struct fault_list faults = { 0 };
	struct err err = { 0 };
	json_t *out = NULL, *warnings = NULL;
	if (decode_object(k, in, FIELDS_WARN, &out, &warnings, &faults, &err) < 0)
		refused(&err);
	fault_release(&faults);
	json_decref(warnings);
	return out;
}

static void decode_twice(const json_t *doc)
{
	json_t *once = decode(&deployment, doc);
	if (!once)
		return;
	json_t *twice = decode(&deployment, once);
	assert(twice && json_equal(once, twice));
	json_decref(twice);
	json_decref(once);
}

static void decode_custom(const json_t *doc, const json_t *schema)
{
	struct kind custom = { .group = "example.com", .version = "v1", .kind = "Thing", .plural = "things",
			       .flags = KIND_CUSTOM };
	struct arena arena;
	struct err err = { 0 };
	arena_init(&arena, 0, 1 << 22);
	custom.type = schema_from_openapi(&arena, schema, &err);
	if (custom.type)
		json_decref(decode(&custom, doc));
	else
		refused(&err);
	arena_release(&arena);
}

static json_t *apply(const json_t *live, const json_t *config, const char *manager)
{
	struct err err = { 0 };
	json_t *out = NULL, *causes = NULL;
	if (managed_apply(&deployment, live, config, manager, NULL, true, 1, &out, &causes, &err) < 0)
		refused(&err);
	json_decref(causes);
	return out;
}

static void apply_twice(const json_t *doc, const json_t *config)
{
	json_t *live = decode(&deployment, doc);
	json_t *once = live ? apply(live, config, "fuzz") : NULL;
	json_t *settled = once ? decode(&deployment, once) : NULL;
	json_t *twice = settled ? apply(settled, config, "fuzz") : NULL;
	if (twice) {
		json_t *again = decode(&deployment, twice);
		assert(again && json_equal(settled, again));
		json_decref(again);
	}
	json_decref(twice);
	json_decref(settled);
	json_decref(once);
	json_decref(live);
}

static void update(const json_t *from, const json_t *to)
{
	json_t *old = decode(&deployment, from), *new = decode(&deployment, to);
	struct err err = { 0 };
	if (old && new) {
		assert(managed_update(&deployment, old, new, "fuzz", NULL, 1, &err) == 0);
		json_t *same = json_deep_copy(new);
		assert(managed_update(&deployment, new, same, "other", NULL, 2, &err) == 0);
		assert(json_equal(new, same));
		json_decref(same);
	}
	json_decref(old);
	json_decref(new);
}

static void run(char how, const json_t *a, const json_t *b)
{
	switch (how) {
	case 'j':
	case 'm':
	case 's': patch(how, a, b); break;
	case 'a': apply_twice(a, b); break;
	case 'u': update(a, b); break;
	case 'd': decode_twice(a); break;
	case 'c': decode_custom(a, b); break;
	default: break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), first;
	struct err err = { 0 };
	json_t *a, *b;
	if (size < 2)
		return 0;
	rest = slice_from(rest, 1);
	first = slice_cut(&rest, '\n');
	if (json_decode(first, 0, &a, &err) < 0)
		return 0;
	if (!rest.ptr || json_decode(rest, 0, &b, &err) < 0) {
		json_decref(a);
		return 0;
	}
	json_t *a_was = json_deep_copy(a), *b_was = json_deep_copy(b);
	run((char)data[0], a, b);
	assert(json_equal(a, a_was) && json_equal(b, b_was));
	json_decref(a_was);
	json_decref(b_was);
	json_decref(a);
	json_decref(b);
	return 0;
}
