/*
 * Bodies of V1 predictions: read as the gateway reads them, alone and as elements, then checked against themselves:
 * what one reader takes the other skips, a document that jansson takes is taken, and tensors written as JSON read back
 * the same.
 */
#include <assert.h>
#include <math.h>

#include "api/tensor/read.h"
#include "api/tensor/write.h"
#include "api/v1/predict.h"
#include "codec/json.h"

enum { ARENA_BYTES = 8 << 20 };

static bool same(const struct tensor *a, const struct tensor *b)
{
	if (a->dtype != b->dtype || a->rank != b->rank || tensor_count(a) != tensor_count(b))
		return false;
	for (int d = 0; d < a->rank; d++)
		if (a->shape[d] != b->shape[d])
			return false;
	for (int64_t i = 0; i < tensor_count(a); i++) {
		if (a->dtype == DTYPE_STRING && !slice_eq(((struct slice *)a->data)[i], ((struct slice *)b->data)[i]))
			return false;
		if (a->dtype == DTYPE_F64 && isnan(((double *)a->data)[i]) && isnan(((double *)b->data)[i]))
			continue;
		size_t n = dtype_bytes(a->dtype);
		if (a->dtype != DTYPE_STRING && memcmp((char *)a->data + n * (size_t)i, (char *)b->data + n * (size_t)i, n) != 0)
			return false;
	}
	return true;
}

static void write_and_read_back(const struct tensor *t, struct arena *a)
{
	struct err err = {0};
	struct json_text text;
	struct json_pull j;
	struct tensor_json again;
	json_text_init(&text, a);
	if (!tensor_count(t) || tensor_json_write(t, "x", false, &text, &err) < 0)
		return;
	pull_init(&j, json_text_view(&text));
	int rc = tensor_json_read(&j, "x", NULL, a, &again, &err);
	if (rc < 0 && (err.code == ERR_NO_MEMORY || j.no_memory))
		return;
	assert(rc == 0 && pull_end(&j, &err) == 0 && !again.table);
	assert(same(t, again.tensors));
}

static void read_body(struct slice body, bool elements)
{
	const struct endpoint_spec spec = {.name = "m", .element_rows = elements};
	struct err err = {0};
	struct v1_input in;
	struct arena a;
	arena_init(&a, 0, ARENA_BYTES);
	if (v1_decode(&spec, body, &a, &in, &err) == 0) {
		assert(in.n >= 1 && in.rows >= 1);
		for (size_t i = 0; i < in.n; i++) {
			assert(tensor_count(&in.tensors[i]) >= 0);
			write_and_read_back(&in.tensors[i], &a);
		}
	} else {
		assert(err.code == ERR_INVALID || err.code == ERR_MALFORMED || err.code == ERR_NO_MEMORY);
		assert(err.message[0]);
	}
	arena_release(&a);
}

static void check_skip(struct slice body)
{
	struct err err = {0};
	struct json_pull j;
	json_t *value;
	pull_init(&j, body);
	(void)pull_skip(&j);
	int rc = pull_end(&j, &err);
	if (memchr(body.ptr, 0, body.len))
		return; /* which jansson swallows between values */
	if (json_decode(body, JSON_DECODE_DUPLICATES, &value, &err) == 0) {
		json_decref(value);
		assert(rc == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(size ? (const char *)data : "", size);
	read_body(body, false);
	read_body(body, true);
	check_skip(body);
	return 0;
}
