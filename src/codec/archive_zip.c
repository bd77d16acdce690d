/*
 * zip: see archive.h. The central directory is what counts; every entry's local header must say the same, and the places
 * of entries must not overlap (one stretch of data that many entries share is how a small zip becomes a huge one).
 * Entries are handed out in the order of the directory.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/check.h"
#include "codec/archive_priv.h"

enum {
	END_BYTES = 22,
	END64_BYTES = 56,
	LOCATOR_BYTES = 20,
	CENTRAL_BYTES = 46,
	LOCAL_BYTES = 30,
	COMMENT_MAX = 65535,
	DIRECTORY_MAX = 256 << 20,
	PIECE = 64 << 10,
	FLAG_ENCRYPTED = 1,
	FLAG_DESCRIPTOR = 8,
	FLAG_STRONG = 64,
	FLAG_MASKED = 8192,
	STORED = 0,
	DEFLATED = 8,
};

struct zip_entry {
	struct slice name; /* in the directory */
	uint64_t offset, packed, bytes;
	uint64_t data, end; /* of its place, once the local header was read */
	uint32_t crc;
	uint16_t flags, method;
	enum archive_kind kind;
};

struct zip {
	char *directory;
	struct zip_entry *entries;
	size_t n, next;
	struct zip_entry *now;
	uint64_t at, left; /* of its packed bytes; of its unpacked ones */
	uint32_t crc;
	bool inflating, checked;
	z_stream z;
	char piece[PIECE];
};

static uint16_t u16(const char *p)
{
	return (uint16_t)((uint8_t)p[0] | (uint8_t)p[1] << 8);
}

static uint32_t u32(const char *p)
{
	return (uint32_t)u16(p) | (uint32_t)u16(p + 2) << 16;
}

static uint64_t u64(const char *p)
{
	return (uint64_t)u32(p) | (uint64_t)u32(p + 4) << 32;
}

static int broken(struct err *err, const char *what)
{
	return err_set(err, ERR_CORRUPT, "the zip archive is broken: %s", what);
}

/* --- the directory --- */

struct directory {
	uint64_t offset, bytes, entries;
};

/* The record at the very end, whose comment must reach to the end of the file. */
static int find_end(struct archive *a, uint64_t *at, char end[END_BYTES], struct err *err)
{
	size_t n = (size_t)MIN(a->input.bytes, (uint64_t)(COMMENT_MAX + END_BYTES));
	char *tail = malloc(n + 1);
	if (!tail)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	int rc = archive_read_at(a, tail, n, a->input.bytes - n, err);
	bool found = false;
	for (size_t i = n >= END_BYTES ? n - END_BYTES + 1 : 0; rc == 0 && !found && i-- > 0;) {
		if (memcmp(tail + i, "PK\x05\x06", 4) != 0 || i + END_BYTES + u16(tail + i + 20) != n)
			continue;
		memcpy(end, tail + i, END_BYTES);
		*at = a->input.bytes - n + i;
		found = true;
	}
	free(tail);
	if (rc == 0 && !found)
		return broken(err, "it has no end record, so it was cut off");
	return rc;
}

static int read_end64(struct archive *a, uint64_t end_at, struct directory *d, struct err *err)
{
	char locator[LOCATOR_BYTES], end[END64_BYTES];
	if (end_at < LOCATOR_BYTES || archive_read_at(a, locator, sizeof locator, end_at - LOCATOR_BYTES, err) < 0)
		return broken(err, "its end record");
	uint64_t at = u64(locator + 8);
	if (memcmp(locator, "PK\x06\x07", 4) != 0 || u32(locator + 4) != 0 || u32(locator + 16) > 1)
		return broken(err, "its ZIP64 locator");
	if (archive_read_at(a, end, sizeof end, at, err) < 0)
		return -1;
	if (memcmp(end, "PK\x06\x06", 4) != 0 || u32(end + 16) != 0 || u32(end + 20) != 0 || u64(end + 24) != u64(end + 32) ||
	    at + 12 + u64(end + 4) != end_at - LOCATOR_BYTES)
		return broken(err, "its ZIP64 end record");
	*d = (struct directory){ .offset = u64(end + 48), .bytes = u64(end + 40), .entries = u64(end + 32) };
	if (d->offset > at || d->bytes != at - d->offset)
		return broken(err, "its directory is not where it says");
	return 0;
}

static int find_directory(struct archive *a, struct directory *d, struct err *err)
{
	char end[END_BYTES] = { 0 };
	uint64_t at = 0;
	if (find_end(a, &at, end, err) < 0)
		return -1;
	if (u16(end + 4) == 0xffff || u16(end + 10) == 0xffff || u32(end + 12) == UINT32_MAX || u32(end + 16) == UINT32_MAX)
		return read_end64(a, at, d, err);
	if (u16(end + 4) != 0 || u16(end + 6) != 0 || u16(end + 8) != u16(end + 10))
		return err_set(err, ERR_UNSUPPORTED, "a zip archive in several parts");
	*d = (struct directory){ .offset = u32(end + 16), .bytes = u32(end + 12), .entries = u16(end + 10) };
	if (d->offset > at || d->bytes != at - d->offset)
		return broken(err, "its directory is not where it says");
	return 0;
}

/* The ZIP64 extra field has, in this order, what was all ones in the header. */
static int read_extra(struct slice extra, bool bytes64, bool packed64, bool offset64, struct zip_entry *e, struct err *err)
{
	while (extra.len >= 4) {
		size_t n = u16(extra.ptr + 2);
		if (n > extra.len - 4)
			return broken(err, "an extra field");
		struct slice field = slice_sub(extra, 4, n);
		if (u16(extra.ptr) == 1) {
			uint64_t *const into[] = { bytes64 ? &e->bytes : NULL, packed64 ? &e->packed : NULL,
						   offset64 ? &e->offset : NULL };
			for (size_t i = 0; i < COUNT_OF(into); i++) {
				if (!into[i])
					continue;
				if (field.len < 8)
					return broken(err, "a ZIP64 field");
				*into[i] = u64(field.ptr);
				field = slice_from(field, 8);
			}
			return 0;
		}
		extra = slice_from(extra, 4 + n);
	}
	return bytes64 || packed64 || offset64 ? broken(err, "a ZIP64 field that is missing") : 0;
}

static int check_kind(struct zip_entry *e, uint16_t made_by, uint32_t attributes, struct err *err)
{
	uint32_t mode = made_by >> 8 == 3 ? attributes >> 16 & S_IFMT : 0;
	bool folder = slice_ends(e->name, "/");
	e->kind = folder ? ARCHIVE_FOLDER : ARCHIVE_FILE;
	if (mode && mode != S_IFREG && mode != S_IFDIR)
		return err_set(err, ERR_FORBIDDEN, "the archive's entry \"%.*s\" is a %s", (int)MIN(e->name.len, (size_t)128),
			       e->name.ptr, mode == S_IFLNK ? "link" : "device");
	if ((mode == S_IFDIR) != folder && mode)
		return broken(err, "a file that is a folder");
	if (folder && e->bytes)
		return broken(err, "a folder with data");
	if (e->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED))
		return err_set(err, ERR_UNSUPPORTED, "an encrypted zip archive");
	if (e->method != STORED && e->method != DEFLATED)
		return err_set(err, ERR_UNSUPPORTED, "a zip archive with compression method %u; stored and deflate are known",
			       e->method);
	if (e->method == STORED && e->packed != e->bytes)
		return broken(err, "a stored entry of two sizes");
	return 0;
}

static int read_central(struct slice *at, struct zip_entry *e, struct err *err)
{
	const char *p = at->ptr;
	if (at->len < CENTRAL_BYTES || memcmp(p, "PK\x01\x02", 4) != 0)
		return broken(err, "its directory");
	size_t name = u16(p + 28), extra = u16(p + 30), comment = u16(p + 32);
	if (name + extra + comment > at->len - CENTRAL_BYTES)
		return broken(err, "its directory");
	*e = (struct zip_entry){ .name = slice_sub(*at, CENTRAL_BYTES, name), .flags = u16(p + 8), .method = u16(p + 10),
				 .crc = u32(p + 16), .packed = u32(p + 20), .bytes = u32(p + 24), .offset = u32(p + 42) };
	if (u16(p + 34) != 0 && u16(p + 34) != 0xffff)
		return err_set(err, ERR_UNSUPPORTED, "a zip archive in several parts");
	if (memchr(e->name.ptr, 0, e->name.len))
		return broken(err, "a name with a NUL in it");
	if (read_extra(slice_sub(*at, CENTRAL_BYTES + name, extra), e->bytes == UINT32_MAX, e->packed == UINT32_MAX,
		       e->offset == UINT32_MAX, e, err) < 0 ||
	    check_kind(e, u16(p + 4), u32(p + 38), err) < 0)
		return -1;
	*at = slice_from(*at, CENTRAL_BYTES + name + extra + comment);
	return 0;
}

/* --- local headers --- */

static int read_local(struct archive *a, struct zip_entry *e, uint64_t directory_at, struct err *err)
{
	char h[LOCAL_BYTES];
	if (archive_read_at(a, h, sizeof h, e->offset, err) < 0)
		return -1;
	size_t name_len = u16(h + 26), extra = u16(h + 28);
	if (memcmp(h, "PK\x03\x04", 4) != 0 || name_len != e->name.len)
		return broken(err, "an entry's two headers differ");
	char *name = malloc(name_len + 1);
	if (!name)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	int rc = archive_read_at(a, name, name_len, e->offset + LOCAL_BYTES, err);
	if (rc == 0 && !slice_eq(slice_of(name, name_len), e->name))
		rc = broken(err, "an entry's two headers differ");
	free(name);
	if (rc < 0)
		return -1;
	if (u16(h + 8) != e->method || u16(h + 6) != e->flags)
		return broken(err, "an entry's two headers differ");
	/* With a descriptor the local header has no sizes yet; with ZIP64 they are in its extra field, all ones here. */
	bool sized = !(e->flags & FLAG_DESCRIPTOR);
	if (sized && (u32(h + 14) != e->crc || (u32(h + 18) != UINT32_MAX && u32(h + 18) != e->packed) ||
		      (u32(h + 22) != UINT32_MAX && u32(h + 22) != e->bytes)))
		return broken(err, "an entry's two headers differ");
	e->data = e->offset + LOCAL_BYTES + name_len + extra;
	if (ckd_add(&e->end, e->data, e->packed) || e->end > directory_at)
		return broken(err, "an entry reaches into the directory");
	return 0;
}

static int by_offset(const void *x, const void *y)
{
	const struct zip_entry *const *a = x, *const *b = y;
	return ((*a)->offset > (*b)->offset) - ((*a)->offset < (*b)->offset);
}

static int check_overlap(const struct zip *z, struct err *err)
{
	const struct zip_entry **sorted = calloc(z->n + 1, sizeof *sorted);
	if (!sorted)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	for (size_t i = 0; i < z->n; i++)
		sorted[i] = &z->entries[i];
	qsort(sorted, z->n, sizeof *sorted, by_offset);
	int rc = 0;
	for (size_t i = 1; i < z->n && rc == 0; i++)
		if (sorted[i]->offset < sorted[i - 1]->end)
			rc = broken(err, "entries overlap");
	free(sorted);
	return rc;
}

static int read_directory(struct archive *a, struct zip *z, struct err *err)
{
	struct directory d = { 0 };
	if (find_directory(a, &d, err) < 0)
		return -1;
	if (d.entries > a->caps.entries_max || d.bytes > DIRECTORY_MAX || d.entries > d.bytes / CENTRAL_BYTES)
		return err_set(err, ERR_TOO_LARGE, "an archive of %llu entries, of at most %llu",
			       (unsigned long long)d.entries, (unsigned long long)a->caps.entries_max);
	z->directory = malloc((size_t)d.bytes + 1);
	z->entries = calloc((size_t)d.entries + 1, sizeof *z->entries);
	if (!z->directory || !z->entries)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	if (archive_read_at(a, z->directory, (size_t)d.bytes, d.offset, err) < 0)
		return -1;
	struct slice at = slice_of(z->directory, (size_t)d.bytes);
	for (; z->n < d.entries; z->n++)
		if (read_central(&at, &z->entries[z->n], err) < 0 || read_local(a, &z->entries[z->n], d.offset, err) < 0)
			return -1;
	if (at.len)
		return broken(err, "its directory is longer than its entries");
	return check_overlap(z, err);
}

/* --- reading --- */

static void stop_inflating(struct zip *z)
{
	if (z->inflating)
		(void)inflateEnd(&z->z);
	z->inflating = false;
}

static int check_entry_end(struct zip *z, struct err *err)
{
	z->checked = true;
	if (z->crc != z->now->crc)
		return broken(err, "an entry whose CRC is wrong");
	return 0;
}

static int fill(struct archive *a, struct zip *z, struct err *err)
{
	size_t n = (size_t)MIN((uint64_t)PIECE, z->now->end - z->at);
	if (archive_read_at(a, z->piece, n, z->at, err) < 0)
		return -1;
	z->at += n;
	z->z.next_in = (Bytef *)z->piece;
	z->z.avail_in = (uInt)n;
	return 0;
}

/* Exactly n bytes of a deflated entry. */
static int inflate_some(struct archive *a, struct zip *z, void *to, size_t n, struct err *err)
{
	z->z.next_out = to;
	z->z.avail_out = (uInt)n;
	while (z->z.avail_out > 0) {
		if (z->z.avail_in == 0 && fill(a, z, err) < 0)
			return -1;
		int rc = inflate(&z->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END && z->z.avail_out > 0)
			return broken(err, "an entry that is shorter than it says");
		if ((rc != Z_OK && rc != Z_STREAM_END) || (z->z.avail_in == 0 && z->at == z->now->end && z->z.avail_out > 0))
			return broken(err, "an entry's data");
	}
	return 0;
}

/* A deflated entry must end where it says: with its last byte, and no input left. */
static int check_inflate_end(struct archive *a, struct zip *z, struct err *err)
{
	char one;
	for (;;) {
		if (z->z.avail_in == 0 && z->at < z->now->end && fill(a, z, err) < 0)
			return -1;
		z->z.next_out = (Bytef *)&one;
		z->z.avail_out = 1;
		int rc = inflate(&z->z, Z_NO_FLUSH);
		if (z->z.avail_out == 0 || (rc != Z_OK && rc != Z_STREAM_END))
			return broken(err, "an entry that is longer than it says");
		if (rc == Z_STREAM_END)
			return z->z.avail_in || z->at < z->now->end ? broken(err, "an entry with more data than it has") : 0;
	}
}

static int zip_read(struct archive *a, void *to, size_t n, size_t *got, struct err *err)
{
	struct zip *z = a->state;
	n = (size_t)MIN(MIN((uint64_t)n, z->left), (uint64_t)1 << 30);
	if (!z->now || (n == 0 && z->left > 0)) {
		*got = 0;
		return 0;
	}
	if (z->inflating ? inflate_some(a, z, to, n, err) < 0 : archive_read_at(a, to, n, z->at, err) < 0)
		return -1;
	if (!z->inflating)
		z->at += n;
	z->left -= n;
	z->crc = (uint32_t)crc32(z->crc, to, (uInt)n);
	*got = n;
	if (z->left > 0 || z->checked)
		return 0;
	if (z->inflating && check_inflate_end(a, z, err) < 0)
		return -1;
	return check_entry_end(z, err);
}

static int zip_next(struct archive *a, struct archive_entry *out, bool *more, struct err *err)
{
	struct zip *z = a->state;
	char junk[4096];
	size_t got = 1;
	while (z->now && !z->checked && got > 0)
		if (zip_read(a, junk, sizeof junk, &got, err) < 0)
			return -1;
	stop_inflating(z);
	z->now = NULL;
	*more = z->next < z->n;
	if (!*more)
		return 0;
	z->now = &z->entries[z->next++];
	z->at = z->now->data;
	z->left = z->now->bytes;
	z->crc = 0;
	z->checked = false;
	if (z->now->method == DEFLATED) {
		memset(&z->z, 0, sizeof z->z);
		if (inflateInit2(&z->z, -15) != Z_OK)
			return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
		z->inflating = true;
	}
	*out = (struct archive_entry){ .name = z->now->name, .kind = z->now->kind, .bytes = z->now->bytes };
	return 0;
}

static void zip_free(struct archive *a)
{
	struct zip *z = a->state;
	stop_inflating(z);
	free(z->directory);
	free(z->entries);
	free(z);
}

int archive_zip_open(struct archive *a, struct err *err)
{
	static const struct archive_format format = { zip_next, zip_read, zip_free };
	struct zip *z = calloc(1, sizeof *z);
	if (!z)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	a->state = z;
	a->format = &format;
	return read_directory(a, z, err);
}
