/* aws-chunked bodies, arriving in pieces. The first byte says which kind and how large the pieces are. An unsigned body
 * gives no byte that did not come; a signed one gives none at all, since no signature can hold. */
#include <assert.h>

#include "base/check.h"
#include "crypto/aws_chunked.h"

struct source {
	struct slice left;
	size_t step;
};

static int read_source(void *arg, void *p, size_t n, size_t *got, struct err *err)
{
	struct source *s = arg;
	(void)err;
	*got = MIN(MIN(n, s->step), s->left.len);
	if (*got)
		memcpy(p, s->left.ptr, *got);
	s->left = slice_from(s->left, *got);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	static const size_t steps[] = {1, 3, 100, 1 << 20};
	struct source source = {slice_of(data + 1, size - 1), steps[data[0] & 3]};
	struct aws_chunked d = {
	    .read = read_source, .arg = &source, .is_signed = data[0] & 4, .has_trailer = data[0] & 8};
	struct err err = {0};
	char out[4096];
	size_t n = 1, total = 0;
	aws_chunked_init(&d);
	while (n && aws_chunked_read(&d, out, data[0] & 16 ? 7 : sizeof out, &n, &err) == 0)
		total += n;
	assert(n || err.code == ERR_OK);
	assert(total <= size && (!d.is_signed || total == 0));
	for (size_t i = 0; i < d.trailers_n; i++)
		(void)aws_chunked_trailer(&d, d.trailer_names[i]);
	aws_chunked_release(&d);
	return 0;
}
