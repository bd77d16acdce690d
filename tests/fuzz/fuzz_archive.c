/* tar and zip: names that come out are safe, sizes are kept, twice is never. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "codec/archive.h"
#include "codec/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *at;
	size_t len;
};

static ssize_t read_memory(void *ctx, void *to, size_t n, uint64_t offset)
{
	const struct memory *m = ctx;
	assert(offset <= m->len);
	n = MIN(n, m->len - (size_t)offset);
	memcpy(to, m->at + offset, n);
	return (ssize_t)n;
}

static void check_name(struct slice name)
{
	assert(name.len > 0 && name.ptr[0] != '/' && name.ptr[name.len - 1] != '/' && name.ptr[name.len] == 0);
	assert(utf8_valid(name) && slice_find(name, '\\') < 0 && strlen(name.ptr) == name.len);
	struct slice rest = name, part;
	while ((part = slice_cut(&rest, '/')).ptr)
		assert(part.len > 0 && !slice_is(part, ".") && !slice_is(part, ".."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct archive_caps caps = { .entries_max = 50, .bytes_max = 1 << 20, .grace_bytes = 1 << 18, .ratio = 100 };
	struct memory m = { data, size };
	struct archive *a;
	struct archive_entry e;
	struct err err = { 0 };
	bool more = true;
	uint64_t total = 0;
	size_t entries = 0;
	if (archive_open((struct archive_input){ read_memory, &m, size }, &caps, &a, &err) < 0) {
		assert(err.code != ERR_OK && err.message[0]);
		return 0;
	}
	int rc;
	while ((rc = archive_next(a, &e, &more, &err)) == 0 && more) {
		check_name(e.name);
		assert(++entries <= caps.entries_max);
		uint64_t n = 0;
		size_t got = 1;
		/* Every third entry is left unread. */
		while (entries % 3 != 0 && got > 0) {
			char piece[1000];
			if ((rc = archive_read(a, piece, sizeof piece, &got, &err)) < 0)
				break;
			n += got;
		}
		if (rc < 0)
			break;
		assert(entries % 3 == 0 || n == e.bytes);
		total += e.bytes;
		assert(total <= caps.bytes_max);
	}
	assert(rc == 0 || (err.code != ERR_OK && err.message[0]));
	archive_free(a);
	return 0;
}
