/*
 * V2 inference requests, JSON with binary tensors behind it: the first two bytes say how long the JSON part is (0xffff:
 * all). What is taken has tensors whose data is all there, and binary data that is written back reads the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "api/v2/request.h"

enum { ARENA_BYTES = 8 << 20 };

static void check(const struct tensor *t, struct arena *a)
{
	struct err err = {0};
	struct tensor again = *t;
	int64_t n = tensor_count(t);
	assert(n >= 0 && t->dtype != DTYPE_NONE);
	size_t bytes = v2_data_size(t);
	char *copy = arena_alloc(a, bytes + 16);
	if (!copy)
		return;
	v2_data_to_bytes(t, copy);
	int rc = v2_data_from_bytes(slice_of(copy, bytes), &again, a, &err);
	if (rc < 0) {
		assert(err.code == ERR_NO_MEMORY);
		return;
	}
	for (int64_t i = 0; t->dtype == DTYPE_STRING && i < n; i++)
		assert(slice_eq(((struct slice *)t->data)[i], ((struct slice *)again.data)[i]));
	if (t->dtype != DTYPE_STRING && bytes)
		assert(memcmp(t->data, again.data, bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct v2_request request;
	struct err err = {0};
	struct arena a;
	if (size < 2)
		return 0;
	int64_t json_bytes = data[0] | data[1] << 8;
	char *body = malloc(size - 1);
	if (!body)
		abort();
	memcpy(body, data + 2, size - 2);
	arena_init(&a, 0, ARENA_BYTES);
	if (v2_request_read(slice_of(body, size - 2), json_bytes == 0xffff ? -1 : json_bytes, &a, &request, &err) == 0) {
		assert(request.inputs_n);
		for (size_t i = 0; i < request.inputs_n; i++)
			check(&request.inputs[i].tensor, &a);
	} else {
		assert(err.code == ERR_INVALID || err.code == ERR_MALFORMED || err.code == ERR_NO_MEMORY);
		assert(err.message[0]);
	}
	arena_release(&a);
	free(body);
	return 0;
}
