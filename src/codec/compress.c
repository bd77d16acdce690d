/*
 * Undoing compression: see compress.h. One row of `codecs` a format; the loop around them is shared, so that caps,
 * cut-off input and what may follow a member are decided in one place.
 */
#include "codec/compress.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

enum {
	/* What an xz or lzma header may ask for: its best preset needs 65 MiB. */
	LZMA_MEMORY_MAX = 100 << 20,
	PIECE_MAX = 1 << 30, /* the libraries count in 32 bits */
};

enum { ZSTD_HEAD_BYTES = 18 }; /* RFC 8878: magic, and the longest frame header */

/* A Zstandard frame: libzstd takes a stream that ends before the size that its header announces. */
struct zstd_frame {
	ZSTD_DCtx *ctx;
	char head[ZSTD_HEAD_BYTES];
	size_t head_n;
	uint64_t given;
};

struct decoder {
	const struct codec *codec;
	struct decoder_input input;
	struct decoder_caps caps;
	struct slice piece; /* not yet taken by the codec */
	bool input_ended, ended;
	bool between; /* a member has ended, the next has not begun */
	uint64_t taken, given, total; /* total: bytes of input, UINT64_MAX when unknown */
	struct slice whole;	      /* of decoder_new_memory */
	union {
		z_stream z;
		bz_stream bz;
		lzma_stream lzma;
		LZ4F_dctx *lz4;
		struct zstd_frame zstd;
	};
};

enum step { STEP_MORE, STEP_MEMBER_END, STEP_BROKEN, STEP_NO_MEMORY };

struct codec {
	const char *name;
	bool (*open)(struct decoder *d); /* false: no memory */
	void (*close)(struct decoder *d);
	/* Takes from `in` and gives to `out`; both are advanced. */
	enum step (*step)(struct decoder *d, struct slice *in, char **out, size_t *room);
	const char *next_member; /* what may follow a member; NULL: nothing */
	bool zero_padding;	 /* zeros may follow the last member */
};

/* --- zlib and gzip --- */

static bool open_zlib(struct decoder *d)
{
	return inflateInit2(&d->z, 15) == Z_OK;
}

static bool open_gzip(struct decoder *d)
{
	return inflateInit2(&d->z, 15 + 16) == Z_OK;
}

static void close_zlib(struct decoder *d)
{
	(void)inflateEnd(&d->z);
}

static enum step step_zlib(struct decoder *d, struct slice *in, char **out, size_t *room)
{
	d->z.next_in = (Bytef *)(uintptr_t)in->ptr;
	d->z.avail_in = (uInt)MIN(in->len, (size_t)PIECE_MAX);
	d->z.next_out = (Bytef *)*out;
	d->z.avail_out = (uInt)MIN(*room, (size_t)PIECE_MAX);
	int rc = inflate(&d->z, Z_NO_FLUSH);
	*in = slice_from(*in, (size_t)((const char *)d->z.next_in - in->ptr));
	*room -= (size_t)((char *)d->z.next_out - *out);
	*out = (char *)d->z.next_out;
	if (rc == Z_STREAM_END)
		return STEP_MEMBER_END;
	if (rc == Z_MEM_ERROR)
		return STEP_NO_MEMORY;
	return rc == Z_OK || rc == Z_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

/* --- bzip2 --- */

static bool open_bzip2(struct decoder *d)
{
	return BZ2_bzDecompressInit(&d->bz, 0, 0) == BZ_OK;
}

static void close_bzip2(struct decoder *d)
{
	(void)BZ2_bzDecompressEnd(&d->bz);
}

static enum step step_bzip2(struct decoder *d, struct slice *in, char **out, size_t *room)
{
	d->bz.next_in = (char *)(uintptr_t)in->ptr;
	d->bz.avail_in = (unsigned)MIN(in->len, (size_t)PIECE_MAX);
	d->bz.next_out = *out;
	d->bz.avail_out = (unsigned)MIN(*room, (size_t)PIECE_MAX);
	int rc = BZ2_bzDecompress(&d->bz);
	*in = slice_from(*in, (size_t)(d->bz.next_in - in->ptr));
	*room -= (size_t)(d->bz.next_out - *out);
	*out = d->bz.next_out;
	if (rc == BZ_STREAM_END)
		return STEP_MEMBER_END;
	if (rc == BZ_MEM_ERROR)
		return STEP_NO_MEMORY;
	return rc == BZ_OK ? STEP_MORE : STEP_BROKEN;
}

/* --- xz and lzma --- */

static bool open_xz(struct decoder *d)
{
	return lzma_stream_decoder(&d->lzma, LZMA_MEMORY_MAX, 0) == LZMA_OK;
}

static bool open_lzma(struct decoder *d)
{
	return lzma_alone_decoder(&d->lzma, LZMA_MEMORY_MAX) == LZMA_OK;
}

static void close_lzma(struct decoder *d)
{
	lzma_end(&d->lzma);
}

static enum step step_lzma(struct decoder *d, struct slice *in, char **out, size_t *room)
{
	d->lzma.next_in = (const uint8_t *)in->ptr;
	d->lzma.avail_in = in->len;
	d->lzma.next_out = (uint8_t *)*out;
	d->lzma.avail_out = *room;
	lzma_ret rc = lzma_code(&d->lzma, LZMA_RUN);
	*in = slice_from(*in, in->len - d->lzma.avail_in);
	*room = d->lzma.avail_out;
	*out = (char *)d->lzma.next_out;
	if (rc == LZMA_STREAM_END)
		return STEP_MEMBER_END;
	if (rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR)
		return STEP_NO_MEMORY;
	return rc == LZMA_OK || rc == LZMA_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

/* --- LZ4 --- */

static bool open_lz4(struct decoder *d)
{
	return !LZ4F_isError(LZ4F_createDecompressionContext(&d->lz4, LZ4F_VERSION));
}

static void close_lz4(struct decoder *d)
{
	(void)LZ4F_freeDecompressionContext(d->lz4);
}

static enum step step_lz4(struct decoder *d, struct slice *in, char **out, size_t *room)
{
	size_t in_bytes = in->len, out_bytes = *room;
	size_t rc = LZ4F_decompress(d->lz4, *out, &out_bytes, in->ptr, &in_bytes, NULL);
	if (LZ4F_isError(rc))
		return STEP_BROKEN;
	*in = slice_from(*in, in_bytes);
	*out += out_bytes;
	*room -= out_bytes;
	return rc == 0 ? STEP_MEMBER_END : STEP_MORE;
}

/* --- Zstandard --- */

static bool open_zstd(struct decoder *d)
{
	d->zstd = (struct zstd_frame){ .ctx = ZSTD_createDCtx() };
	return d->zstd.ctx != NULL;
}

static void close_zstd(struct decoder *d)
{
	(void)ZSTD_freeDCtx(d->zstd.ctx);
}

static enum step step_zstd(struct decoder *d, struct slice *in, char **out, size_t *room)
{
	ZSTD_inBuffer from = { .src = in->ptr, .size = in->len };
	ZSTD_outBuffer to = { .dst = *out, .size = *room };
	struct zstd_frame *f = &d->zstd;
	size_t rc = ZSTD_decompressStream(f->ctx, &to, &from);
	if (ZSTD_isError(rc))
		return STEP_BROKEN;
	size_t head = MIN(from.pos, sizeof f->head - f->head_n);
	if (head)
		memcpy(f->head + f->head_n, in->ptr, head);
	f->head_n += head;
	f->given += to.pos;
	*in = slice_from(*in, from.pos);
	*out += to.pos;
	*room -= to.pos;
	if (rc > 0)
		return STEP_MORE;
	unsigned long long announced = ZSTD_getFrameContentSize(f->head, f->head_n);
	return announced == ZSTD_CONTENTSIZE_UNKNOWN || announced == f->given ? STEP_MEMBER_END : STEP_BROKEN;
}

/* --- formats --- */

static const struct codec codecs[] = {
	[COMPRESS_NONE] = { "none", NULL, NULL, NULL, NULL, false },
	[COMPRESS_ZLIB] = { "zlib", open_zlib, close_zlib, step_zlib, NULL, false },
	[COMPRESS_GZIP] = { "gzip", open_gzip, close_zlib, step_zlib, "\x1f\x8b\x08", true },
	[COMPRESS_BZIP2] = { "bzip2", open_bzip2, close_bzip2, step_bzip2, "BZh", false },
	[COMPRESS_XZ] = { "xz", open_xz, close_lzma, step_lzma, "\xfd" "7zXZ", true },
	[COMPRESS_LZMA] = { "lzma", open_lzma, close_lzma, step_lzma, NULL, false },
	[COMPRESS_LZ4] = { "LZ4", open_lz4, close_lz4, step_lz4, "\x04\x22\x4d\x18", false },
	[COMPRESS_ZSTD] = { "Zstandard", open_zstd, close_zstd, step_zstd, "\x28\xb5\x2f\xfd", false },
};

enum compress_format compress_sniff(struct slice head)
{
	const uint8_t *p = (const uint8_t *)head.ptr;
	/* RFC 1950: deflate with a 32 KiB window, no dictionary, and the two bytes are a multiple of 31. */
	if (head.len >= 2 && p[0] == 0x78 && (p[0] << 8 | p[1]) % 31 == 0 && !(p[1] & 0x20))
		return COMPRESS_ZLIB;
	if (head.len >= 4 && slice_starts(head, "BZh") && p[3] >= '1' && p[3] <= '9')
		return COMPRESS_BZIP2;
	/* 0x5d: the properties that everyone uses; the low bytes of a dictionary size are zero. */
	if (head.len >= 3 && p[0] == 0x5d && p[1] == 0 && p[2] == 0)
		return COMPRESS_LZMA;
	static const enum compress_format by_magic[] = { COMPRESS_GZIP, COMPRESS_XZ, COMPRESS_LZ4, COMPRESS_ZSTD };
	for (size_t i = 0; i < COUNT_OF(by_magic); i++)
		if (slice_starts(head, codecs[by_magic[i]].next_member))
			return by_magic[i];
	return COMPRESS_NONE;
}

/* --- the decoder --- */

int decoder_new(enum compress_format format, struct decoder_input input, const struct decoder_caps *caps,
		struct decoder **out, struct err *err)
{
	if (format == COMPRESS_NONE || (size_t)format >= COUNT_OF(codecs))
		return err_set(err, ERR_INVALID, "no compression that is known");
	struct decoder *d = calloc(1, sizeof *d);
	if (!d)
		return err_set(err, ERR_NO_MEMORY, "no memory for undoing compression");
	d->codec = &codecs[format];
	d->input = input;
	d->caps = *caps;
	d->total = UINT64_MAX;
	if (!d->codec->open(d)) {
		free(d);
		return err_set(err, ERR_NO_MEMORY, "no memory for undoing %s compression", codecs[format].name);
	}
	*out = d;
	return 0;
}

static int next_whole(void *ctx, struct slice *piece, struct err *err)
{
	struct decoder *d = ctx;
	(void)err;
	*piece = d->whole;
	d->whole = slice_of(NULL, 0);
	return 0;
}

int decoder_new_memory(enum compress_format format, struct slice input, const struct decoder_caps *caps,
		       struct decoder **out, struct err *err)
{
	struct decoder *d;
	if (decoder_new(format, (struct decoder_input){ .next = next_whole }, caps, &d, err) < 0)
		return -1;
	d->input.ctx = d;
	d->whole = input;
	d->total = input.len;
	*out = d;
	return 0;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	if (d->codec->close)
		d->codec->close(d);
	free(d);
}

/* The most that may come out: of all input when its size is known, else of what was taken so far. */
static uint64_t cap_of(const struct decoder *d)
{
	uint64_t by_ratio, in = d->total == UINT64_MAX ? d->taken : d->total;
	if (ckd_mul(&by_ratio, in, d->caps.ratio))
		by_ratio = UINT64_MAX;
	return MIN(d->caps.bytes_max, MAX(d->caps.grace_bytes, by_ratio));
}

uint64_t decoder_left(const struct decoder *d)
{
	if (d->ended)
		return 0;
	if (d->total == UINT64_MAX)
		return UINT64_MAX;
	uint64_t cap = cap_of(d);
	return cap > d->given ? cap - d->given : 0;
}

static int fill(struct decoder *d, struct err *err)
{
	if (d->piece.len || d->input_ended)
		return 0;
	if (d->input.next(d->input.ctx, &d->piece, err) < 0)
		return -1;
	d->input_ended = d->piece.len == 0;
	return 0;
}

static void take(struct decoder *d, size_t n)
{
	d->piece = slice_from(d->piece, n);
	d->taken += n;
}

/* Between members: the end, padding, or another one. */
static int next_member(struct decoder *d, struct err *err)
{
	const char *magic = d->codec->next_member;
	size_t matched = 0;
	bool padding = false;
	for (;;) {
		if (fill(d, err) < 0)
			return -1;
		if (d->piece.len == 0) {
			d->ended = true;
			return matched ? err_set(err, ERR_MALFORMED, "the %s data is cut off", d->codec->name) : 0;
		}
		if (matched == 0 && d->codec->zero_padding && d->piece.ptr[0] == 0) {
			padding = true;
			take(d, 1);
			continue;
		}
		break;
	}
	/* A magic that is split between two pieces is left to the codec, which knows its own. */
	size_t n = magic ? MIN(strlen(magic), d->piece.len) : 0;
	if (n == 0 || padding || memcmp(d->piece.ptr, magic, n) != 0)
		return err_set(err, ERR_MALFORMED, "more data follows the end of the %s data", d->codec->name);
	d->codec->close(d);
	memset(&d->lzma, 0, sizeof d->lzma);
	memset(&d->z, 0, sizeof d->z);
	if (!d->codec->open(d)) {
		/* close must find something to close */
		d->ended = true;
		d->codec = &codecs[COMPRESS_NONE];
		return err_set(err, ERR_NO_MEMORY, "no memory for undoing compression");
	}
	d->between = false;
	return 0;
}

static int step_error(struct decoder *d, enum step s, struct err *err)
{
	if (s == STEP_NO_MEMORY)
		return err_set(err, ERR_TOO_LARGE, "the %s data asks for more memory than a decoder may use", d->codec->name);
	return err_set(err, ERR_MALFORMED, "the %s data is broken at byte %llu", d->codec->name,
		       (unsigned long long)d->taken);
}

int decoder_read(struct decoder *d, void *to, size_t n, size_t *got, struct err *err)
{
	char *out = to;
	size_t room = n;
	while (room > 0 && !d->ended) {
		if (d->between) {
			if (next_member(d, err) < 0)
				return -1;
			continue;
		}
		if (fill(d, err) < 0)
			return -1;
		struct slice in = d->piece;
		size_t room_before = room;
		enum step s = d->codec->step(d, &in, &out, &room);
		size_t used = d->piece.len - in.len;
		take(d, used);
		d->given += room_before - room;
		if (s == STEP_BROKEN || s == STEP_NO_MEMORY)
			return step_error(d, s, err);
		if (d->given > cap_of(d))
			return err_set(err, ERR_TOO_LARGE, "%llu bytes of %s data become more than the %llu bytes that are "
							   "allowed",
				       (unsigned long long)(d->total == UINT64_MAX ? d->taken : d->total), d->codec->name,
				       (unsigned long long)cap_of(d));
		if (s == STEP_MEMBER_END)
			d->between = true;
		else if (d->input_ended && used == 0 && room == room_before)
			return err_set(err, ERR_MALFORMED, "the %s data is cut off after %llu bytes", d->codec->name,
				       (unsigned long long)d->taken);
	}
	*got = n - room;
	return 0;
}

int decompress(enum compress_format format, struct slice input, const struct decoder_caps *caps, char **out,
	       size_t *out_len, struct err *err)
{
	struct decoder *d;
	if (decoder_new_memory(format, input, caps, &d, err) < 0)
		return -1;
	char *text = NULL;
	size_t len = 0, cap = 0, got;
	int rc = 0;
	do {
		if (cap - len < 2) {
			cap = cap ? cap * 2 : 64 << 10;
			char *more = realloc(text, cap);
			if (!more) {
				rc = err_set(err, ERR_NO_MEMORY, "no memory for undoing compression");
				break;
			}
			text = more;
		}
		rc = decoder_read(d, text + len, cap - len - 1, &got, err);
		len += rc == 0 ? got : 0;
	} while (rc == 0 && got > 0);
	decoder_free(d);
	if (rc < 0) {
		free(text);
		return -1;
	}
	text[len] = 0;
	*out = text;
	*out_len = len;
	return 0;
}
