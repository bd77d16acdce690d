/* Decoders on data that Python's libraries compressed (tests/fixtures/make_archives.py): whole, cut off, damaged, too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/fs.h"
#include "codec/compress.h"
#include "codec/utf8.h"

#define ARCHIVES TEST_DATA_DIR "/fixtures/archives/"

static const struct decoder_caps roomy = { .bytes_max = 64 << 20, .grace_bytes = 64 << 20, .ratio = 100 };

static const struct {
	const char *name;
	enum compress_format format;
} files[] = {
	{ "text.zlib", COMPRESS_ZLIB },	     { "text.gz", COMPRESS_GZIP },	 { "text.bz2", COMPRESS_BZIP2 },
	{ "text.xz", COMPRESS_XZ },	     { "text.lzma", COMPRESS_LZMA },	 { "text.lz4", COMPRESS_LZ4 },
	{ "text-twice.gz", COMPRESS_GZIP },  { "text-twice.bz2", COMPRESS_BZIP2 }, { "text-twice.xz", COMPRESS_XZ },
	{ "text-twice.lz4", COMPRESS_LZ4 },
};

static struct slice slurp(const char *name)
{
	char path[512], *text;
	size_t n;
	struct err err = { 0 };
	(void)snprintf(path, sizeof path, ARCHIVES "%s", name);
	if (fs_slurp(path, 1 << 20, &text, &n, &err) < 0)
		fail_msg("%s", err.message);
	return slice_of(text, n);
}

static void drop(struct slice s)
{
	free((void *)(uintptr_t)s.ptr);
}

static void check_text(const char *text, size_t n)
{
	char want[64];
	size_t at = 0;
	for (int i = 0; i < 60; i++) {
		size_t k = (size_t)snprintf(want, sizeof want, "line %d of a text that compresses\n", i);
		assert_true(at + k <= n);
		assert_memory_equal(text + at, want, k);
		at += k;
	}
	assert_int_equal(at, n);
}

static void every_format_is_told_by_its_first_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice s = slurp(files[i].name);
		assert_int_equal(compress_sniff(slice_sub(s, 0, COMPRESS_SNIFF_BYTES)), files[i].format);
		drop(s);
	}
	static const char *const none[] = { "", "x", "xyz", "BZ", "BZh0", "]a", "\x80\x04", "(", "\x78\x00" };
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_int_equal(compress_sniff(slice_str(none[i])), COMPRESS_NONE);
}

static void every_format_gives_the_text_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice s = slurp(files[i].name);
		char *text;
		size_t n;
		struct err err = { 0 };
		if (decompress(files[i].format, s, &roomy, &text, &n, &err) < 0)
			fail_msg("%s: %s", files[i].name, err.message);
		check_text(text, n);
		free(text);
		drop(s);
	}
}

struct pieces {
	struct slice rest;
	size_t piece;
};

static int next(void *ctx, struct slice *piece, struct err *err)
{
	struct pieces *p = ctx;
	(void)err;
	*piece = slice_sub(p->rest, 0, p->piece);
	p->rest = slice_from(p->rest, piece->len);
	return 0;
}

static void input_in_pieces_is_the_same_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		for (size_t piece = 1; piece < 9; piece += 3) {
			struct slice s = slurp(files[i].name);
			struct pieces p = { s, piece };
			struct decoder *d;
			struct err err = { 0 };
			char text[8192];
			size_t n = 0, got;
			assert_int_equal(decoder_new(files[i].format, (struct decoder_input){ next, &p }, &roomy, &d, &err), 0);
			do {
				if (decoder_read(d, text + n, MIN((size_t)7, sizeof text - n), &got, &err) < 0)
					fail_msg("%s: %s", files[i].name, err.message);
				n += got;
			} while (got > 0);
			check_text(text, n);
			decoder_free(d);
			drop(s);
		}
	}
}

/* Every prefix: an error, or, where members follow each other, the members before the cut. */
static void cut_off_data_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice s = slurp(files[i].name);
		int whole = 0;
		for (size_t k = 0; k < s.len; k++) {
			char *cut = malloc(k ? k : 1), *text;
			size_t n;
			struct err err = { 0 };
			memcpy(cut, s.ptr, k);
			if (decompress(files[i].format, slice_of(cut, k), &roomy, &text, &n, &err) == 0) {
				whole++;
				free(text);
			} else {
				assert_int_equal(err.code, ERR_MALFORMED);
			}
			free(cut);
		}
		/* Cuts between two members, and in gzip's padding of 16 zeros. */
		int allowed = strstr(files[i].name, "twice") ? (files[i].format == COMPRESS_GZIP ? 17 : 1) : 0;
		if (whole > allowed)
			fail_msg("%s: %d prefixes pass as whole", files[i].name, whole);
		drop(s);
	}
}

/* A Zstandard frame that announces 24,624 bytes and holds none; libzstd takes it when it comes in pieces. */
static void less_than_was_announced_is_an_error(void **state)
{
	(void)state;
	static const char frame[] = "\x28\xb5\x2f\xfd\x92\x0c\0\0\x30\x60\0\0\1\0";
	for (size_t piece = 1; piece <= sizeof frame; piece++) {
		struct pieces p = { slice_of(frame, sizeof frame), piece };
		struct decoder *d;
		struct err err = { 0 };
		char text[64];
		size_t got;
		assert_int_equal(decoder_new(COMPRESS_ZSTD, (struct decoder_input){ next, &p }, &roomy, &d, &err), 0);
		assert_int_equal(decoder_read(d, text, sizeof text, &got, &err), -1);
		assert_int_equal(err.code, ERR_MALFORMED);
		decoder_free(d);
	}
}

static void what_follows_the_data_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct slice s = slurp(files[i].name);
		char *more = malloc(s.len + 4), *text;
		size_t n;
		struct err err = { 0 };
		memcpy(more, s.ptr, s.len);
		memcpy(more + s.len, "junk", 4);
		assert_int_equal(decompress(files[i].format, slice_of(more, s.len + 4), &roomy, &text, &n, &err), -1);
		assert_int_equal(err.code, ERR_MALFORMED);
		free(more);
		drop(s);
	}
}

static void bombs_stop_at_their_cap(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum compress_format format;
	} bombs[] = { { "bad-bomb.zlib", COMPRESS_ZLIB }, { "bad-bomb.gz", COMPRESS_GZIP }, { "bad-bomb.xz", COMPRESS_XZ },
		      { "bad-bomb.bz2", COMPRESS_BZIP2 } };
	static const struct decoder_caps by_ratio = { .bytes_max = 1 << 30, .grace_bytes = 1 << 20, .ratio = 100 },
					 by_bytes = { .bytes_max = 1 << 20, .grace_bytes = 1 << 20, .ratio = 1 << 30 };
	for (size_t i = 0; i < COUNT_OF(bombs); i++) {
		struct slice s = slurp(bombs[i].name);
		char *text;
		size_t n;
		struct err err = { 0 };
		assert_int_equal(decompress(bombs[i].format, s, &by_ratio, &text, &n, &err), -1);
		assert_int_equal(err.code, ERR_TOO_LARGE);
		assert_int_equal(decompress(bombs[i].format, s, &by_bytes, &text, &n, &err), -1);
		assert_int_equal(err.code, ERR_TOO_LARGE);
		assert_int_equal(decompress(bombs[i].format, s, &roomy, &text, &n, &err), 0);
		assert_int_equal(n, 4 << 20);
		free(text);
		drop(s);
	}
}

static void utf8_is_what_unicode_says(void **state)
{
	(void)state;
	static const char *const good[] = { "", "ascii that is long enough", "\u00e9\u4e16\U0001f600", "\xf4\x8f\xbf\xbf",
					    "\xed\x9f\xbf", "\xee\x80\x80" };
	static const char *const bad[] = { "\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
					   "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3(", "\xe4\xb8", "longer ascii\xff" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(utf8_valid(slice_str(good[i])));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(utf8_valid(slice_str(bad[i])));
	for (uint32_t c = 0; c < 0x110100; c++) {
		char text[4];
		size_t n = utf8_put(text, c);
		bool is_char = c < 0xd800 || (c > 0xdfff && c < 0x110000);
		assert_true(is_char ? n > 0 && utf8_valid(slice_of(text, n)) : n == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_told_by_its_first_bytes),
		cmocka_unit_test(every_format_gives_the_text_back),
		cmocka_unit_test(input_in_pieces_is_the_same_text),
		cmocka_unit_test(cut_off_data_is_an_error),
		cmocka_unit_test(less_than_was_announced_is_an_error),
		cmocka_unit_test(what_follows_the_data_is_an_error),
		cmocka_unit_test(bombs_stop_at_their_cap),
		cmocka_unit_test(utf8_is_what_unicode_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
