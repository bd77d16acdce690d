/* Documents of S3 requests: multi-delete, complete, create bucket. */
#include <assert.h>

#include "api/s3/document.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(data, size);
	struct arena a;
	struct s3_delete d;
	struct upload_pick *picks;
	size_t n;
	struct err err = {0};
	arena_init(&a, 0, (size_t)16 << 20);
	if (s3_delete_parse(body, &a, &d, &err) == 0) {
		assert(d.n > 0 && d.n <= S3_DELETE_KEYS_MAX);
		for (size_t i = 0; i < d.n; i++)
			assert(utf8_valid(d.keys[i].key));
	} else {
		assert(err.code != ERR_OK);
	}
	if (s3_complete_parse(body, &a, &picks, &n, &err) == 0)
		for (size_t i = 0; i < n; i++)
			assert(picks[i].number >= 1 && picks[i].number <= 10000 && picks[i].etag.ptr);
	(void)s3_bucket_parse(body, &a, &err);
	arena_release(&a);
	return 0;
}
