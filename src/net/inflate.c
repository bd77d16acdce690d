/* Content codings by zlib: see inflate.h. */
#include "net/inflate.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/check.h"
#include "base/limits.h"

enum { FREE_BYTES = 1 << 20 }; /* the ratio counts past this much output */

struct inflate {
	z_stream z;
	bool gzip, ready, ended;
	uint64_t in_total, out_total;
};

int inflate_coding(struct slice e, bool *coded, struct err *err)
{
	*coded = slice_is_nocase(e, "gzip") || slice_is_nocase(e, "x-gzip") || slice_is_nocase(e, "deflate");
	if (*coded || !e.len || slice_is_nocase(e, "identity"))
		return 0;
	return err_set(err, ERR_MEDIA_TYPE, "Content-Encoding %.*s is not understood here: gzip, deflate or none",
		       SLICE_ARG(slice_sub(e, 0, 64)));
}

struct inflate *inflate_new(struct slice coding)
{
	struct inflate *f = calloc(1, sizeof *f);
	if (f)
		f->gzip = !slice_is_nocase(coding, "deflate");
	return f;
}

void inflate_free(struct inflate *f)
{
	if (f && f->ready)
		(void)inflateEnd(&f->z);
	free(f);
}

bool inflate_ended(const struct inflate *f)
{
	return f->ended;
}

/* "deflate" is a zlib stream (RFC 9110 8.4.1.2), but some send it raw: a zlib header says 8 in its low nibble. */
static int start(struct inflate *f, struct slice in, struct err *err)
{
	int bits = f->gzip ? 15 + 16 : ((unsigned char)in.ptr[0] & 0x0f) == 8 ? 15 : -15;
	if (inflateInit2(&f->z, bits) != Z_OK)
		return err_set(err, ERR_NO_MEMORY, "no memory to decompress a body");
	f->ready = true;
	return 0;
}

int inflate_run(struct inflate *f, struct slice *in, void *out, size_t out_bytes, size_t *n, struct err *err)
{
	*n = 0;
	if (f->ended && in->len && f->gzip) { /* a further gzip member */
		(void)inflateReset(&f->z);
		f->ended = false;
	}
	if (f->ended && in->len)
		return err_set(err, ERR_MALFORMED, "bytes after the end of a compressed body");
	if (f->ended || (!f->ready && !in->len))
		return 0;
	if (!f->ready && start(f, *in, err) < 0)
		return -1;
	uInt given = (uInt)MIN(in->len, (size_t)INT_MAX), room = (uInt)MIN(out_bytes, (size_t)INT_MAX);
	f->z.next_in = (Bytef *)(uintptr_t)in->ptr;
	f->z.avail_in = given;
	f->z.next_out = out;
	f->z.avail_out = room;
	int rc = inflate(&f->z, Z_NO_FLUSH);
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return err_set(err, ERR_MALFORMED, "the compressed body is broken");
	f->ended = rc == Z_STREAM_END;
	*n = room - f->z.avail_out;
	f->in_total += given - f->z.avail_in;
	f->out_total += *n;
	*in = slice_from(*in, given - f->z.avail_in);
	if (f->out_total > FREE_BYTES && f->out_total / (uint64_t)limits.inflate_ratio > f->in_total)
		return err_set(err, ERR_TOO_LARGE, "the compressed body grows more than %lld times",
			       (long long)limits.inflate_ratio);
	return 0;
}

bool deflate_gzip(struct slice in, struct buf *out)
{
	z_stream z = { 0 };
	if (in.len > UINT_MAX || deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	buf_reset(out);
	char *to = buf_reserve(out, in.len);
	int rc = Z_MEM_ERROR;
	if (to) {
		z.next_in = (Bytef *)(uintptr_t)in.ptr;
		z.avail_in = (uInt)in.len;
		z.next_out = (Bytef *)to;
		z.avail_out = (uInt)in.len;
		rc = deflate(&z, Z_FINISH);
		out->len += in.len - z.avail_out;
	}
	(void)deflateEnd(&z);
	return rc == Z_STREAM_END;
}
