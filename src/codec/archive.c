/* Archives: what is common to both formats, which is above all what a name may be. See archive.h. */
#include "codec/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "codec/archive_priv.h"
#include "codec/compress.h"
#include "codec/utf8.h"

enum { HEAD_BYTES = 512, GRACE_BYTES = 64 << 20 };

int archive_read_at(struct archive *a, void *to, size_t n, uint64_t offset, struct err *err)
{
	size_t done = 0;
	if (offset > a->input.bytes || n > a->input.bytes - offset)
		return err_set(err, ERR_CORRUPT, "the archive is cut off");
	while (done < n) {
		ssize_t got = a->input.read_at(a->input.ctx, (char *)to + done, n - done, offset + done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, errno, "reading an archive");
		if (got == 0)
			return err_set(err, ERR_CORRUPT, "the archive got shorter while it was read");
		done += (size_t)got;
	}
	return 0;
}

static ssize_t read_fd(void *ctx, void *to, size_t n, uint64_t offset)
{
	return pread((int)(intptr_t)ctx, to, n, (off_t)offset);
}

int archive_open_fd(int fd, struct archive **out, struct err *err)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_errno(err, errno, "an archive");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "an archive that is not a regular file");
	const struct archive_input input = { .read_at = read_fd, .ctx = (void *)(intptr_t)fd, .bytes = (uint64_t)st.st_size };
	const struct archive_caps caps = { .entries_max = (uint64_t)limits.archive_entries,
					   .bytes_max = (uint64_t)limits.model_file_bytes,
					   .grace_bytes = GRACE_BYTES,
					   .ratio = (uint64_t)limits.model_inflate_ratio };
	return archive_open(input, &caps, out, err);
}

int archive_open(struct archive_input input, const struct archive_caps *caps, struct archive **out, struct err *err)
{
	struct archive *a = calloc(1, sizeof *a);
	if (!a)
		return err_set(err, ERR_NO_MEMORY, "no memory for an archive");
	*a = (struct archive){ .input = input, .caps = *caps };
	map_init(&a->names);
	char head[HEAD_BYTES];
	size_t n = (size_t)MIN(input.bytes, (uint64_t)sizeof head);
	int rc = archive_read_at(a, head, n, 0, err);
	struct slice h = slice_of(head, n);
	if (rc == 0) {
		bool zip = slice_starts(h, "PK\x03\x04") || slice_starts(h, "PK\x05\x06");
		bool packed = compress_sniff(h) != COMPRESS_NONE;
		if (!zip && !packed && n < HEAD_BYTES)
			rc = err_set(err, ERR_UNSUPPORTED, "neither a tar nor a zip archive");
		else
			rc = zip ? archive_zip_open(a, err) : archive_tar_open(a, err);
	}
	if (rc < 0) {
		archive_free(a);
		return -1;
	}
	*out = a;
	return 0;
}

void archive_free(struct archive *a)
{
	if (!a)
		return;
	if (a->format)
		a->format->free(a);
	map_release(&a->names);
	free(a);
}

/* --- names --- */

static int refuse(struct err *err, struct slice name, const char *why)
{
	char shown[128];
	size_t n = MIN(name.len, sizeof shown - 1);
	for (size_t i = 0; i < n; i++)
		shown[i] = name.ptr[i] >= 0x20 && name.ptr[i] < 0x7f ? name.ptr[i] : '?';
	shown[n] = 0;
	return err_set(err, ERR_FORBIDDEN, "the archive's entry \"%s\" %s", shown, why);
}

/* Writes the name into a->name without "." and empty components and trailing slashes. *len 0: the folder itself. */
static int clean_name(struct archive *a, struct slice name, size_t *len, struct err *err)
{
	size_t n = 0;
	if (name.len > ARCHIVE_NAME_MAX)
		return refuse(err, name, "has a name that is too long");
	if (slice_starts(name, "/"))
		return refuse(err, name, "has an absolute name");
	if (!utf8_valid(name))
		return refuse(err, name, "has a name that is not UTF-8");
	for (size_t i = 0; i < name.len; i++)
		if ((uint8_t)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f || name.ptr[i] == '\\')
			return refuse(err, name, "has a character in its name that names may not have");
	struct slice rest = name, part;
	while ((part = slice_cut(&rest, '/')).ptr) {
		if (part.len == 0 || slice_is(part, "."))
			continue;
		if (slice_is(part, ".."))
			return refuse(err, name, "leads out of the archive");
		if (part.len > ARCHIVE_COMPONENT_MAX)
			return refuse(err, name, "has a name that is too long");
		if (n)
			a->name[n++] = '/';
		memcpy(a->name + n, part.ptr, part.len);
		n += part.len;
	}
	a->name[n] = 0;
	*len = n;
	return 0;
}

static char seen_file, seen_folder;

static int count_entry(struct archive *a, struct err *err)
{
	if (++a->entries <= a->caps.entries_max)
		return 0;
	return err_set(err, ERR_TOO_LARGE, "an archive of more than %llu entries", (unsigned long long)a->caps.entries_max);
}

/* A file may come once; its folders may come as often as they like, but not as files. A folder that only a name implies
 * is made too when the archive is unpacked, so it counts as an entry. */
static int check_unique(struct archive *a, struct slice name, enum archive_kind kind, struct err *err)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] != '/')
			continue;
		if (map_get(&a->names, slice_sub(name, 0, i)) == &seen_file)
			return refuse(err, name, "is below a file");
		if (!map_put(&a->names, slice_sub(name, 0, i), &seen_folder) && count_entry(a, err) < 0)
			return -1;
	}
	const void *before = map_get(&a->names, name);
	if (before && (kind == ARCHIVE_FILE || before != &seen_folder))
		return refuse(err, name, "is there twice");
	(void)map_put(&a->names, name, kind == ARCHIVE_FILE ? &seen_file : &seen_folder);
	return 0;
}

/* --- entries --- */

/* The codecs' errors in the words of this face. */
static int corrupt(struct err *err)
{
	if (err && err->code == ERR_MALFORMED)
		err->code = ERR_CORRUPT;
	return -1;
}

static int check_size(struct archive *a, uint64_t more, struct err *err)
{
	uint64_t by_ratio;
	if (ckd_mul(&by_ratio, a->input.bytes, a->caps.ratio))
		by_ratio = UINT64_MAX;
	uint64_t cap = MIN(a->caps.bytes_max, MAX(a->caps.grace_bytes, by_ratio));
	if (ckd_add(&a->bytes, a->bytes, more) || a->bytes > cap)
		return err_set(err, ERR_TOO_LARGE, "an archive of %llu bytes that unpacks to more than %llu",
			       (unsigned long long)a->input.bytes, (unsigned long long)cap);
	return 0;
}

int archive_next(struct archive *a, struct archive_entry *out, bool *more, struct err *err)
{
	for (;;) {
		struct archive_entry e = { 0 };
		bool have = false;
		size_t len = 0;
		if (a->format->next(a, &e, &have, err) < 0)
			return corrupt(err);
		if (!have) {
			*more = false;
			return 0;
		}
		if (count_entry(a, err) < 0)
			return -1;
		if (clean_name(a, e.name, &len, err) < 0 || check_size(a, e.bytes, err) < 0)
			return -1;
		if (len == 0 && e.kind == ARCHIVE_FOLDER)
			continue;
		if (len == 0)
			return refuse(err, e.name, "has no name");
		e.name = slice_of(a->name, len);
		if (check_unique(a, e.name, e.kind, err) < 0)
			return -1;
		*out = e;
		*more = true;
		return 0;
	}
}

int archive_read(struct archive *a, void *to, size_t n, size_t *got, struct err *err)
{
	return a->format->read(a, to, n, got, err) < 0 ? corrupt(err) : 0;
}
