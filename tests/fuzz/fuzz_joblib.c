/* Decoders: the first byte chooses the codec and how input and output are cut into pieces; the result must not depend on the
 * pieces, and no cap is passed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "codec/compress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pieces {
	const char *at;
	size_t left, piece;
};

static int next(void *ctx, struct slice *piece, struct err *err)
{
	struct pieces *p = ctx;
	(void)err;
	*piece = slice_of(p->at, MIN(p->piece, p->left));
	p->at += piece->len;
	p->left -= piece->len;
	return 0;
}

static int in_pieces(enum compress_format format, struct slice in, size_t piece, const struct decoder_caps *caps, char *out,
		     size_t room, size_t *len)
{
	struct pieces p = { in.ptr, in.len, piece };
	struct decoder *d = NULL;
	struct err err = { 0 };
	size_t n = 0, got = 1;
	int rc = decoder_new(format, (struct decoder_input){ next, &p }, caps, &d, &err);
	while (rc == 0 && got > 0 && n < room) {
		rc = decoder_read(d, out + n, MIN(piece, room - n), &got, &err);
		n += rc == 0 ? got : 0;
	}
	assert(rc == 0 || (err.code != ERR_OK && err.message[0]));
	decoder_free(d);
	*len = n;
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ROOM = 1 << 17 };
	static const struct decoder_caps caps = { .bytes_max = ROOM - 1, .grace_bytes = 1 << 16, .ratio = 200 };
	if (size < 1)
		return 0;
	enum compress_format format = (enum compress_format)(COMPRESS_ZLIB + (data[0] & 7) % 7);
	char *copy = malloc(size), *whole = NULL, *out = malloc(ROOM);
	size_t len = 0, n = 0;
	struct err err = { 0 };
	if (!copy || !out)
		abort();
	memcpy(copy, data + 1, size - 1);
	struct slice in = slice_of(copy, size - 1);
	int rc = decompress(format, in, &caps, &whole, &len, &err);
	int rc2 = in_pieces(format, in, (size_t)(data[0] >> 3) + 1, &caps, out, ROOM, &n);
	/* The ratio counts what was read so far when the size is not known, so pieces may be refused earlier, never later. */
	if (rc2 == 0)
		assert(rc == 0 && n == len && memcmp(whole, out, n) == 0);
	if (rc == 0)
		assert(len <= caps.bytes_max && whole[len] == 0);
	else
		assert(err.code != ERR_OK && err.message[0]);
	free(rc == 0 ? whole : NULL);
	free(copy);
	free(out);
	return 0;
}
