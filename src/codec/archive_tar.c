/*
 * tar: see archive.h. Blocks of 512 bytes, read from the file or through a decoder; an entry's bytes are padded to whole
 * blocks. Two blocks of zeros end the archive, and only zeros may follow: an archive without them was cut off.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "codec/archive_priv.h"
#include "codec/compress.h"

enum { BLOCK = 512, META_MAX = 1 << 20, PIECE = 128 << 10 };

struct tar {
	struct decoder *decoder; /* NULL: not compressed */
	uint64_t at;		 /* position in the input */
	uint64_t left, padding;	 /* of the entry */
	char *piece;		 /* for the decoder */
	char *long_name;	 /* for the next entry, from GNU or pax headers */
	bool has_size;
	uint64_t size; /* from pax */
};

/* Layout of a ustar header. */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2];
	char user[32], group[32], major[8], minor[8], prefix[155], unused[12];
};
_Static_assert(sizeof(struct tar_header) == BLOCK, "a tar header is a block");

static int next_piece(void *ctx, struct slice *piece, struct err *err)
{
	struct archive *a = ctx;
	struct tar *t = a->state;
	size_t n = (size_t)MIN((uint64_t)PIECE, a->input.bytes - t->at);
	if (archive_read_at(a, t->piece, n, t->at, err) < 0)
		return -1;
	t->at += n;
	*piece = slice_of(t->piece, n);
	return 0;
}

/* Up to n bytes of the tar stream; fewer only at its end. */
static int pull(struct archive *a, void *to, size_t n, size_t *got, struct err *err)
{
	struct tar *t = a->state;
	if (t->decoder)
		return decoder_read(t->decoder, to, n, got, err);
	n = (size_t)MIN((uint64_t)n, a->input.bytes - t->at);
	if (archive_read_at(a, to, n, t->at, err) < 0)
		return -1;
	t->at += n;
	*got = n;
	return 0;
}

static int pull_all(struct archive *a, void *to, size_t n, struct err *err)
{
	size_t got;
	if (pull(a, to, n, &got, err) < 0)
		return -1;
	return got == n ? 0 : err_set(err, ERR_CORRUPT, "the tar archive is cut off");
}

static int skip(struct archive *a, uint64_t n, struct err *err)
{
	char junk[4096];
	while (n > 0) {
		size_t k = (size_t)MIN(n, (uint64_t)sizeof junk);
		if (pull_all(a, junk, k, err) < 0)
			return -1;
		n -= k;
	}
	return 0;
}

/* Octal, or GNU's base 256 when the first bit is set. */
static bool number(const char *field, size_t n, uint64_t *out)
{
	uint64_t v = 0;
	if ((uint8_t)field[0] & 0x80) {
		if ((uint8_t)field[0] != 0x80)
			return false;
		for (size_t i = 1; i < n; i++) {
			if (v >> 55)
				return false;
			v = v << 8 | (uint8_t)field[i];
		}
		*out = v;
		return true;
	}
	size_t i = 0;
	while (i < n && field[i] == ' ')
		i++;
	size_t first = i;
	for (; i < n && field[i] >= '0' && field[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field[i] - '0');
	if (i == first && !(i < n && field[i] == 0))
		return false;
	for (; i < n; i++)
		if (field[i] != ' ' && field[i] != 0)
			return false;
	*out = v;
	return true;
}

static bool checksum_holds(const struct tar_header *h)
{
	uint64_t want, sum = 0;
	const uint8_t *p = (const uint8_t *)h;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : p[i];
	return number(h->checksum, sizeof h->checksum, &want) && want == sum;
}

static bool all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* After the first block of zeros. */
static int check_end(struct archive *a, struct err *err)
{
	char rest[4096];
	size_t got;
	do {
		if (pull(a, rest, sizeof rest, &got, err) < 0)
			return -1;
		if (!all_zero(rest, got))
			return err_set(err, ERR_CORRUPT, "more data follows the end of the tar archive");
	} while (got > 0);
	return 0;
}

/* The bytes of a header that describes the next one. */
static int read_meta(struct archive *a, uint64_t size, char **out, struct err *err)
{
	if (size > META_MAX)
		return err_set(err, ERR_TOO_LARGE, "a tar header of %llu bytes", (unsigned long long)size);
	char *text = malloc((size_t)size + 1);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "no memory for a tar header");
	if (pull_all(a, text, (size_t)size, err) < 0 || skip(a, -size & (BLOCK - 1), err) < 0) {
		free(text);
		return -1;
	}
	text[size] = 0;
	*out = text;
	return 0;
}

static int set_long_name(struct tar *t, struct slice name, struct err *err)
{
	if (memchr(name.ptr, 0, name.len))
		return err_set(err, ERR_CORRUPT, "a tar name with a NUL in it");
	free(t->long_name);
	t->long_name = strndup(name.ptr, name.len);
	return t->long_name ? 0 : err_set(err, ERR_NO_MEMORY, "no memory for a tar header");
}

/* "LENGTH key=value\n"… */
static int read_pax(struct tar *t, struct slice text, bool global, struct err *err)
{
	while (text.len) {
		ptrdiff_t space = slice_find(text, ' ');
		uint64_t n;
		if (space < 1 || space > 10 || !slice_u64(slice_sub(text, 0, (size_t)space), &n) || n > text.len ||
		    n < (uint64_t)space + 3 || text.ptr[n - 1] != '\n')
			return err_set(err, ERR_CORRUPT, "a broken pax header");
		struct slice record = slice_sub(text, (size_t)space + 1, (size_t)n - (size_t)space - 2);
		text = slice_from(text, (size_t)n);
		ptrdiff_t eq = slice_find(record, '=');
		if (eq < 1)
			return err_set(err, ERR_CORRUPT, "a broken pax header");
		struct slice key = slice_sub(record, 0, (size_t)eq), value = slice_from(record, (size_t)eq + 1);
		bool path = slice_is(key, "path"), size = slice_is(key, "size");
		if (global && (path || size))
			return err_set(err, ERR_UNSUPPORTED, "a global pax header that names or sizes files");
		if (slice_starts(key, "GNU.sparse."))
			return err_set(err, ERR_UNSUPPORTED, "sparse files in a tar archive");
		if (path && set_long_name(t, value, err) < 0)
			return -1;
		if (size && !slice_u64(value, &t->size))
			return err_set(err, ERR_CORRUPT, "a broken pax header");
		t->has_size |= size;
	}
	return 0;
}

static int read_describing(struct archive *a, char type, uint64_t size, struct err *err)
{
	struct tar *t = a->state;
	char *text = NULL;
	if (read_meta(a, size, &text, err) < 0)
		return -1;
	int rc = 0;
	if (type == 'x' || type == 'g')
		rc = read_pax(t, slice_of(text, (size_t)size), type == 'g', err);
	else if (type == 'L')
		rc = set_long_name(t, slice_str(text), err);
	free(text); /* 'K', a long link name, is of a link, and refused there */
	return rc;
}

static int entry_kind(char type, struct slice name, enum archive_kind *out, struct err *err)
{
	switch (type) {
	case '0':
	case 0:
	case '7':
		*out = slice_ends(name, "/") ? ARCHIVE_FOLDER : ARCHIVE_FILE;
		return 0;
	case '5':
		*out = ARCHIVE_FOLDER;
		return 0;
	case '1':
	case '2':
		return err_set(err, ERR_FORBIDDEN, "the archive's entry \"%.*s\" is a link", (int)MIN(name.len, (size_t)128),
			       name.ptr);
	case '3':
	case '4':
	case '6':
		return err_set(err, ERR_FORBIDDEN, "the archive's entry \"%.*s\" is a device", (int)MIN(name.len, (size_t)128),
			       name.ptr);
	default:
		return err_set(err, ERR_UNSUPPORTED, "a tar entry of type 0x%02x", (uint8_t)type);
	}
}

static int tar_name(struct tar *t, const struct tar_header *h, struct err *err)
{
	char text[sizeof h->prefix + sizeof h->name + 2];
	size_t n = 0;
	if (t->long_name)
		return 0;
	/* GNU's own headers ("ustar  ") have times where POSIX has the prefix. */
	if (memcmp(h->magic, "ustar", 6) == 0 && h->prefix[0]) {
		n = strnlen(h->prefix, sizeof h->prefix);
		memcpy(text, h->prefix, n);
		text[n++] = '/';
	}
	size_t k = strnlen(h->name, sizeof h->name);
	memcpy(text + n, h->name, k);
	return set_long_name(t, slice_of(text, n + k), err);
}

static int tar_next(struct archive *a, struct archive_entry *out, bool *more, struct err *err)
{
	struct tar *t = a->state;
	struct tar_header h;
	if (skip(a, t->left, err) < 0 || skip(a, t->padding, err) < 0)
		return -1;
	t->left = t->padding = 0;
	t->has_size = false;
	free(t->long_name);
	t->long_name = NULL;
	for (;;) {
		uint64_t size = 0;
		if (pull_all(a, &h, sizeof h, err) < 0)
			return -1;
		if (all_zero((const char *)&h, sizeof h)) {
			*more = false;
			return check_end(a, err);
		}
		if (!checksum_holds(&h) || !number(h.size, sizeof h.size, &size))
			return err_set(err, ERR_CORRUPT, "a tar header whose checksum is wrong");
		if (h.type && strchr("xgLK", h.type)) {
			/* Each counts as an entry, so that headers alone cannot go on for ever. */
			if (++a->entries > 3 * a->caps.entries_max)
				return err_set(err, ERR_TOO_LARGE, "a tar archive of headers");
			if (read_describing(a, h.type, size, err) < 0)
				return -1;
			continue;
		}
		if (t->has_size)
			size = t->size;
		if (size > UINT64_MAX - BLOCK || tar_name(t, &h, err) < 0)
			return size > UINT64_MAX - BLOCK ? err_set(err, ERR_CORRUPT, "a tar entry without end") : -1;
		out->name = slice_str(t->long_name);
		if (entry_kind(h.type, out->name, &out->kind, err) < 0)
			return -1;
		/* Some writers give folders a size that no data follow. */
		out->bytes = t->left = out->kind == ARCHIVE_FOLDER ? 0 : size;
		t->padding = -t->left & (BLOCK - 1);
		*more = true;
		return 0;
	}
}

static int tar_read(struct archive *a, void *to, size_t n, size_t *got, struct err *err)
{
	struct tar *t = a->state;
	n = (size_t)MIN((uint64_t)n, t->left);
	if (pull_all(a, to, n, err) < 0)
		return -1;
	t->left -= n;
	*got = n;
	return 0;
}

static void tar_free(struct archive *a)
{
	struct tar *t = a->state;
	decoder_free(t->decoder);
	free(t->piece);
	free(t->long_name);
	free(t);
}

int archive_tar_open(struct archive *a, struct err *err)
{
	static const struct archive_format format = { tar_next, tar_read, tar_free };
	char head[BLOCK] = { 0 };
	size_t n = (size_t)MIN(a->input.bytes, (uint64_t)sizeof head);
	if (archive_read_at(a, head, n, 0, err) < 0)
		return -1;
	enum compress_format packed = compress_sniff(slice_of(head, n));
	struct tar *t = calloc(1, sizeof *t);
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	a->state = t;
	a->format = &format;
	if (packed == COMPRESS_NONE) {
		if (!checksum_holds((const struct tar_header *)head) && !all_zero(head, sizeof head))
			return err_set(err, ERR_UNSUPPORTED, "neither a tar nor a zip archive");
		return 0;
	}
	t->piece = malloc(PIECE);
	if (!t->piece)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	/* Headers and padding come on top of the entries' bytes. */
	uint64_t overhead = 4 * BLOCK * a->caps.entries_max;
	const struct decoder_caps caps = { .bytes_max = a->caps.bytes_max > UINT64_MAX - overhead ?
								UINT64_MAX :
								a->caps.bytes_max + overhead,
					   .grace_bytes = a->caps.grace_bytes,
					   .ratio = a->caps.ratio };
	return decoder_new(packed, (struct decoder_input){ .next = next_piece, .ctx = a }, &caps, &t->decoder, err);
}
