/* Control-plane JSON: what is accepted is written and read back the same, in each form. */
#include <assert.h>
#include <stdlib.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const json_t *value, unsigned flags)
{
	struct buf text;
	struct err err = { 0 };
	json_t *again;
	buf_init(&text, (size_t)256 << 20);
	assert(json_encode(value, flags, &text) == 0);
	assert(json_decode(buf_view(&text), 0, &again, &err) == 0);
	assert(json_equal(value, again));
	json_decref(again);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	json_t *value;
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	for (size_t i = 0; i < size; i++)
		copy[i] = (char)data[i];
	if (json_decode(slice_of(copy, size), 0, &value, &err) == 0) {
		round_trip(value, JSON_ENCODE_COMPACT);
		round_trip(value, JSON_ENCODE_INDENT | JSON_ENCODE_SORTED);
		(void)json_at(value, "spec.template.metadata.name");
		json_decref(value);
	} else {
		assert(err.code != ERR_OK && err.message[0]);
	}
	err = (struct err){ 0 };
	if (json_decode(slice_of(copy, size), JSON_DECODE_DUPLICATES, &value, &err) == 0)
		json_decref(value);
	free(copy);
	return 0;
}
