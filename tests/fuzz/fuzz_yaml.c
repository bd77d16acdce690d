/* YAML in both dialects: what is accepted is written and read back the same by both. */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "codec/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const json_t *document)
{
	static const enum yaml_dialect dialects[] = { YAML_GOYAML, YAML_PYYAML };
	struct buf text;
	buf_init(&text, (size_t)256 << 20);
	assert(yaml_encode(document, &text) == 0);
	for (size_t i = 0; i < 2; i++) {
		struct err err = { 0 };
		json_t *again;
		assert(yaml_decode(buf_view(&text), dialects[i], &again, &err) == 0);
		assert(json_equal(document, json_array_get(again, 0)));
		json_decref(again);
	}
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum yaml_dialect dialects[] = { YAML_GOYAML, YAML_PYYAML };
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	for (size_t i = 0; i < size; i++)
		copy[i] = (char)data[i];
	limits.yaml_nodes = 5000; /* the cost of aliases is bounded by this; a smaller bound is tried more often */
	for (size_t i = 0; i < 2; i++) {
		struct err err = { 0 };
		json_t *documents, *document;
		size_t k;
		if (yaml_decode(slice_of(copy, size), dialects[i], &documents, &err) < 0) {
			assert(err.code != ERR_OK && err.message[0]);
			continue;
		}
		json_array_foreach(documents, k, document)
			round_trip(document);
		json_decref(documents);
	}
	free(copy);
	return 0;
}
