/* Browser forms: "boundary\nbody", in pieces, and the policy among the fields. */
#include <assert.h>

#include "api/s3/policy.h"
#include "base/check.h"

static int read_source(void *arg, void *p, size_t n, size_t *got, struct err *err)
{
	struct slice *s = arg;
	(void)err;
	*got = MIN(MIN(n, (size_t)61), s->len);
	if (*got)
		memcpy(p, s->ptr, *got);
	*s = slice_from(*s, *got);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct form f;
	struct slice body = slice_of(data, size), type = slice_cut(&body, '\n'), piece;
	struct s3_policy policy;
	struct arena a;
	struct err err = {0};
	size_t total = 0;
	arena_init(&a, 0, (size_t)16 << 20);
	f = (struct form){.read = read_source, .arg = &body, .content_type = type, .arena = &a};
	int rc = form_begin(&f, &err);
	if (rc == 0)
		(void)s3_policy_check(&f, SLICE_LIT("bucket"), 1767225600000000000, &policy, &err);
	while (rc == 0 && form_read(&f, &piece, &err) == 0 && piece.len)
		total += piece.len;
	assert(total <= size);
	form_release(&f);
	arena_release(&a);
	return 0;
}
