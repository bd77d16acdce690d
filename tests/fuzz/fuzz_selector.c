/*
 * Selectors and JSONPaths. The first byte chooses: a label selector, a field selector, a JSONPath, or a continue token of
 * a list. What is accepted is used on an object; what is refused says why.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/jsonpath.h"
#include "cluster/resource.h"
#include "cluster/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const fields[] = { "status.phase", NULL };
static const struct kind kind = { .group = "", .version = "v1", .kind = "Pod", .plural = "pods", .selectable = fields };

static json_t *object(void)
{
	static json_t *o;
	if (!o)
		o = json_loads("{\"metadata\":{\"name\":\"a\",\"namespace\":\"b\",\"labels\":{\"app\":\"x\",\"n\":\"7\"}},\"status\":{"
			       "\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"n\":[1,2,[3]]},{\"type\":"
			       "\"Other\",\"n\":{\"a\":{\"b\":1.5}}}]}}",
			       0, NULL);
	assert(o);
	return o;
}

static void labels_of(const char *text)
{
	struct selector *s = NULL;
	struct err err = { 0 };
	if (selector_parse_labels(text, &s, &err) == 0)
		(void)selector_match_object(s, NULL, object());
	else
		assert(err.code == ERR_INVALID && err.message[0]);
	selector_free(s);
}

static void fields_of(const char *text)
{
	struct selector *s = NULL;
	struct err err = { 0 };
	if (selector_parse_fields(text, &kind, &s, &err) == 0) {
		const char *name = selector_exact(s, "metadata.name");
		if (selector_match_object(NULL, s, object()) && name)
			assert(!strcmp(name, "a"));
	} else {
		assert(err.code == ERR_INVALID && err.message[0]);
	}
	selector_free(s);
}

static void path(const char *text)
{
	struct jsonpath_result r = { 0 };
	struct err err = { 0 };
	if (jsonpath_find(object(), text, &r, &err) == 0)
		jsonpath_release(&r);
	else
		assert(err.code == ERR_INVALID && err.message[0]);
}

static void token(const char *text)
{
	static struct cluster *c;
	static const struct cluster_options options;
	struct err err = { 0 };
	struct resource_call call = { .kind = &kind };
	struct list_options o = { .continue_token = text };
	struct resource_list list;
	if (!c && cluster_new(&options, &c, &err) < 0)
		abort();
	if (cluster_list(c, &call, &o, &list, &err) == 0)
		resource_list_release(&list);
	else
		assert(err.message[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const targets[])(const char *) = { labels_of, fields_of, path, token };
	if (size == 0)
		return 0;
	char *text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	targets[data[0] % 4](text);
	free(text);
	return 0;
}
