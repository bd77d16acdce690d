/* Percent encoding, queries, and the bucket and key of a path: "path\nhost". What is decoded and encoded again decodes
 * to the same. */
#include <assert.h>

#include "api/s3/call.h"
#include "codec/url.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct slice plain, struct arena *a)
{
	struct buf b;
	struct slice again;
	buf_init(&b, (size_t)1 << 20);
	url_encode(plain, URL_ENCODE_ALL, &b);
	assert(b.failed || (url_decode_query(buf_view(&b), a, &again) && slice_eq(again, plain)));
	buf_reset(&b);
	url_encode(plain, URL_ENCODE_PATH, &b);
	assert(b.failed || (url_decode(buf_view(&b), a, &again) && slice_eq(again, plain)));
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice host = slice_of(data, size), text = slice_cut(&host, '\n'), rest = text, name, value, plain,
		     bucket, key;
	struct s3_api api = {.domains = {SLICE_LIT("localhost")}, .domains_n = 1};
	struct http_field field = {SLICE_LIT("host"), host};
	struct arena a;
	struct err err = {0};
	bool has;
	arena_init(&a, 0, (size_t)16 << 20);
	if (url_decode(text, &a, &plain))
		round_trip(plain, &a);
	while (url_query_next(&rest, &name, &value, &has))
		if (url_decode_query(name, &a, &plain))
			assert(plain.len <= name.len);
	struct http_exchange x = {.path = text, .fields = &field, .fields_n = 1, .arena = &a};
	if (text.len && text.ptr[0] == '/' && s3_address(&api, &x, &bucket, &key, &has, &err) == 0)
		assert(utf8_valid(bucket) && utf8_valid(key) && (!key.len || key.ptr[0] != '/'));
	arena_release(&a);
	return 0;
}
