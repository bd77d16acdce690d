/* POSIX tar (IEEE Std 1003.1, pax: "ustar Interchange Format" and "pax Interchange Format"): see tar.h. */
#include "cli/tar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/slice.h"

enum { BLOCK = 512, PIECE_BYTES = 256 << 10, PAX_BYTES_MAX = 64 << 10, DEPTH_MAX = 64, NAME_BYTES_MAX = 4096 };

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, linkname[100];
	char magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

static const int64_t octal_size_max = 077777777777;
static const char digest_name[] = "SHA256";
enum { DIGEST_BYTES = 32, DIGEST_TEXT_BYTES = 2 * DIGEST_BYTES + 1 };

void tar_begin(struct tar *t, int fd)
{
	*t = (struct tar){ .fd = fd };
	hash_init(&t->sum, HASH_SHA256);
}

void tar_close(struct tar *t)
{
	hash_drop(&t->sum);
}

/* What follows the digest is not in it. */
static void add_to_sum(struct tar *t, const void *p, size_t n)
{
	if (t->sum.ctx)
		hash_update(&t->sum, p, n);
}

/* Ends the sum: as hex and a newline. */
static void take_digest(struct tar *t, char text[DIGEST_TEXT_BYTES + 1])
{
	uint8_t digest[HASH_BYTES_MAX];
	hash_final(&t->sum, digest);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	text[DIGEST_TEXT_BYTES - 1] = '\n';
	text[DIGEST_TEXT_BYTES] = 0;
}

/* ---- writing ---- */

static void put_octal(char *field, size_t bytes, uint64_t v)
{
	char text[32];
	(void)snprintf(text, sizeof text, "%0*llo", (int)bytes - 1, (unsigned long long)v);
	memcpy(field, text, bytes);
}

static uint64_t sum_of(const struct header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	uint64_t sum = 0;
	for (size_t i = 0; i < sizeof *h; i++) {
		bool in_checksum = i >= offsetof(struct header, checksum) && i < offsetof(struct header, type);
		sum += in_checksum ? ' ' : p[i];
	}
	return sum;
}

static int put(struct tar *t, const void *p, size_t n, struct err *err)
{
	add_to_sum(t, p, n);
	return fs_write_all(&fs_os, t->fd, p, n, err);
}

static int put_padding(struct tar *t, int64_t size, struct err *err)
{
	static const char zeros[BLOCK];
	size_t over = (size_t)(size % BLOCK);
	return over ? put(t, zeros, BLOCK - over, err) : 0;
}

static int put_header(struct tar *t, const char *name, const char *link, mode_t mode, int64_t size, char type,
		      struct err *err)
{
	struct header h = {.type = type, .magic = "ustar", .version = {'0', '0'}};
	memcpy(h.name, name, strnlen(name, sizeof h.name));
	memcpy(h.linkname, link, strnlen(link, sizeof h.linkname));
	put_octal(h.mode, sizeof h.mode, mode & 07777);
	put_octal(h.uid, sizeof h.uid, 0);
	put_octal(h.gid, sizeof h.gid, 0);
	put_octal(h.size, sizeof h.size, (uint64_t)(size > octal_size_max ? 0 : size));
	put_octal(h.mtime, sizeof h.mtime, 0);
	put_octal(h.checksum, sizeof h.checksum - 1, sum_of(&h));
	h.checksum[7] = ' ';
	return put(t, &h, sizeof h, err);
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static void pax_record(struct buf *b, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, n = rest + 1;
	char digits[24];
	while (n != rest + (size_t)snprintf(digits, sizeof digits, "%zu", n))
		n = rest + strlen(digits);
	buf_printf(b, "%zu %s=%s\n", n, key, value);
}

static int put_entry(struct tar *t, const char *name, const char *link, mode_t mode, int64_t size, char type,
		     struct err *err)
{
	struct buf pax;
	char number[24];
	int rc = 0;
	buf_init(&pax, PAX_BYTES_MAX);
	if (strlen(name) > sizeof((struct header *)0)->name)
		pax_record(&pax, "path", name);
	if (strlen(link) > sizeof((struct header *)0)->linkname)
		pax_record(&pax, "linkpath", link);
	if (size > octal_size_max) {
		(void)snprintf(number, sizeof number, "%lld", (long long)size);
		pax_record(&pax, "size", number);
	}
	if (pax.len) {
		rc = put_header(t, "pax", "", 0600, (int64_t)pax.len, 'x', err);
		if (rc == 0)
			rc = put(t, pax.ptr, pax.len, err);
		if (rc == 0)
			rc = put_padding(t, (int64_t)pax.len, err);
	}
	buf_release(&pax);
	return rc < 0 ? -1 : put_header(t, name, link, mode, size, type, err);
}

/* Exactly `size` bytes follow the header, whatever happens to the file meanwhile. */
static int put_content(struct tar *t, int in, const char *name, int64_t size, struct err *err)
{
	char *piece = malloc(PIECE_BYTES);
	int rc = 0;
	if (!piece)
		abort();
	for (int64_t left = size; rc == 0 && left > 0;) {
		ssize_t n = read(in, piece, (size_t)(left < PIECE_BYTES ? left : PIECE_BYTES));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_errno(err, errno, "reading %s", name);
		else if (n == 0)
			rc = err_set(err, ERR_CONFLICT, "%s became shorter while it was read; try again", name);
		else
			rc = put(t, piece, (size_t)n, err);
		left -= n;
	}
	free(piece);
	return rc == 0 ? put_padding(t, size, err) : -1;
}

static int add_file(struct tar *t, int dir_fd, const char *path, const char *name, struct err *err)
{
	struct stat st;
	int fd = openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return err_errno(err, errno, "opening %s", name);
	}
	int rc = put_entry(t, name, "", st.st_mode, st.st_size, '0', err);
	if (rc == 0)
		rc = put_content(t, fd, name, st.st_size, err);
	close(fd);
	t->count.files++;
	t->count.bytes += st.st_size;
	return rc;
}

static int add_link(struct tar *t, int dir_fd, const char *path, const char *name, struct err *err)
{
	char target[NAME_BYTES_MAX + 1];
	ssize_t n = readlinkat(dir_fd, path, target, sizeof target - 1);
	if (n < 0)
		return err_errno(err, errno, "reading link %s", name);
	target[n] = 0;
	return put_entry(t, name, target, 0777, 0, '2', err);
}

static int add(struct tar *t, int dir_fd, const char *path, const char *name, int depth,
	       struct err *err);

static int add_dir(struct tar *t, int dir_fd, const char *path, const char *name, mode_t mode, int depth,
		   struct err *err)
{
	char below[NAME_BYTES_MAX + 1];
	struct dirent *e;
	int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return err_errno(err, errno, "opening directory %s", name);
	(void)snprintf(below, sizeof below, "%s/", name);
	rc = put_entry(t, below, "", mode, 0, '5', err);
	while (rc == 0 && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if ((size_t)snprintf(below, sizeof below, "%s/%s", name, e->d_name) >= sizeof below)
			rc = err_set(err, ERR_TOO_LARGE, "a path below %s is longer than %d bytes", name,
				     NAME_BYTES_MAX);
		else
			rc = add(t, fd, e->d_name, below, depth + 1, err);
	}
	closedir(d);
	return rc;
}

/* Sockets, pipes and devices have no content to keep and are left out. */
static int add(struct tar *t, int dir_fd, const char *path, const char *name, int depth,
	       struct err *err)
{
	struct stat st;
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s is nested deeper than %d directories", name, DEPTH_MAX);
	if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, errno, "%s", name);
	if (S_ISDIR(st.st_mode))
		return add_dir(t, dir_fd, path, name, st.st_mode, depth, err);
	if (S_ISLNK(st.st_mode))
		return add_link(t, dir_fd, path, name, err);
	return S_ISREG(st.st_mode) ? add_file(t, dir_fd, path, name, err) : 0;
}

int tar_add(struct tar *t, int dir_fd, const char *path, const char *name, struct err *err)
{
	return add(t, dir_fd, path, name, 0, err);
}

int tar_end(struct tar *t, struct err *err)
{
	static const char zeros[2 * BLOCK];
	char text[DIGEST_TEXT_BYTES + 1];
	take_digest(t, text);
	int rc = put_entry(t, digest_name, "", 0600, DIGEST_TEXT_BYTES, '0', err);
	if (rc == 0)
		rc = put(t, text, DIGEST_TEXT_BYTES, err);
	if (rc == 0)
		rc = put_padding(t, DIGEST_TEXT_BYTES, err);
	return rc == 0 ? put(t, zeros, sizeof zeros, err) : -1;
}

/* ---- reading ---- */

struct entry {
	char name[NAME_BYTES_MAX + 1], link[NAME_BYTES_MAX + 1];
	int64_t size; /* -1: the header's */
	mode_t mode;
	char type;
};

static int corrupt(const char *what, struct err *err)
{
	return err_set(err, ERR_CORRUPT, "this is no backup of ours, or a damaged one: %s", what);
}

static int read_unsummed(struct tar *t, void *out, size_t n, struct err *err)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = read(t->fd, (char *)out + at, n - at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, errno, "reading the backup");
		if (got == 0)
			return corrupt("it ends too early", err);
		at += (size_t)got;
	}
	return 0;
}

static int read_exactly(struct tar *t, void *out, size_t n, struct err *err)
{
	if (read_unsummed(t, out, n, err) < 0)
		return -1;
	add_to_sum(t, out, n);
	return 0;
}

static bool get_octal(const char *field, size_t bytes, int64_t *out)
{
	uint64_t v = 0;
	size_t i = 0;
	for (; i < bytes && field[i] >= '0' && field[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field[i] - '0');
	if (i == 0 || (i < bytes && field[i] != 0 && field[i] != ' '))
		return false;
	*out = (int64_t)v;
	return true;
}

static bool pax_apply(struct entry *e, struct slice key, struct slice value)
{
	char *where = slice_is(key, "path") ? e->name : slice_is(key, "linkpath") ? e->link : NULL;
	if (slice_is(key, "size"))
		return slice_i64(value, &e->size);
	if (!where || value.len > NAME_BYTES_MAX || memchr(value.ptr, 0, value.len))
		return false;
	memcpy(where, value.ptr, value.len);
	where[value.len] = 0;
	return true;
}

static int read_pax(struct tar *t, int64_t size, struct entry *e, struct err *err)
{
	char text[PAX_BYTES_MAX];
	size_t padded = (size_t)(size + BLOCK - 1) / BLOCK * BLOCK;
	if (size < 1 || padded > sizeof text)
		return corrupt("a pax header of odd size", err);
	if (read_exactly(t, text, padded, err) < 0)
		return -1;
	for (struct slice rest = slice_of(text, (size_t)size); rest.len;) {
		uint64_t n;
		ptrdiff_t space = slice_find(rest, ' ');
		if (space < 1 || !slice_u64(slice_sub(rest, 0, (size_t)space), &n) || n > rest.len ||
		    n < (uint64_t)space + 3 || rest.ptr[n - 1] != '\n')
			return corrupt("a pax record that does not add up", err);
		struct slice value = slice_sub(rest, (size_t)space + 1, (size_t)n - (size_t)space - 2);
		struct slice key = slice_cut(&value, '=');
		if (!pax_apply(e, key, value))
			return corrupt("a pax record we do not write", err);
		rest = slice_from(rest, (size_t)n);
	}
	return 0;
}

/* 1: *e is the next entry, 0: the end, -1. */
static int read_entry(struct tar *t, struct entry *e, struct err *err)
{
	struct header h;
	int64_t size, mode, sum;
	*e = (struct entry){.size = -1};
	for (;;) {
		static const struct header empty;
		if (read_unsummed(t, &h, sizeof h, err) < 0)
			return -1;
		if (h.type != '0' || memcmp(h.name, digest_name, sizeof digest_name) != 0)
			add_to_sum(t, &h, sizeof h);
		if (memcmp(&h, &empty, sizeof h) == 0)
			return e->name[0] || e->link[0] ? corrupt("a pax header without its file", err) : 0;
		if (memcmp(h.magic, "ustar", 6) != 0 || !get_octal(h.checksum, sizeof h.checksum, &sum) ||
		    (uint64_t)sum != sum_of(&h) || !get_octal(h.size, sizeof h.size, &size) ||
		    !get_octal(h.mode, sizeof h.mode, &mode) || h.prefix[0] || h.checksum[7] != ' ')
			return corrupt("a header that does not add up", err);
		if (h.type != 'x')
			break;
		if (read_pax(t, size, e, err) < 0)
			return -1;
	}
	if (!e->name[0])
		memcpy(e->name, h.name, strnlen(h.name, sizeof h.name));
	if (!e->link[0])
		memcpy(e->link, h.linkname, strnlen(h.linkname, sizeof h.linkname));
	e->size = e->size < 0 ? size : e->size;
	e->mode = (mode_t)mode & 0777;
	e->type = h.type;
	return 1;
}

/* Relative, no empty, "." or ".." part; directories end in one '/', which is cut off. */
static bool name_is_sound(char *name)
{
	size_t n = strlen(name);
	if (n && name[n - 1] == '/')
		name[--n] = 0;
	for (struct slice rest = slice_of(name, n); n;) {
		struct slice part = slice_cut(&rest, '/');
		if (!part.len || slice_is(part, ".") || slice_is(part, ".."))
			return false;
		if (!rest.ptr)
			return true;
	}
	return false;
}

/* The directory that holds `name`, opened without following any link; *base is the last part. */
static int open_parent(int dir_fd, const char *name, const char **base, struct err *err)
{
	char parent[NAME_BYTES_MAX + 1] = ".";
	const char *slash = strrchr(name, '/');
	if (slash)
		(void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - name), name);
	*base = slash ? slash + 1 : name;
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, dir_fd, parent, &how, sizeof how);
	if (fd < 0)
		return err_errno(err, errno, "opening %s", parent);
	return fd;
}

static int extract_content(struct tar *t, int parent, const char *base, const struct entry *e, struct err *err)
{
	int out = openat(parent, base, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, e->mode);
	char *piece = malloc(PIECE_BYTES);
	int rc = 0;
	if (!piece)
		abort();
	if (out < 0)
		rc = err_errno(err, errno, "creating %s", e->name);
	for (int64_t left = e->size; rc == 0 && left > 0;) {
		size_t n = (size_t)(left < PIECE_BYTES ? left : PIECE_BYTES);
		rc = read_exactly(t, piece, n, err);
		if (rc == 0)
			rc = fs_write_all(&fs_os, out, piece, n, err);
		left -= (int64_t)n;
	}
	if (rc == 0 && e->size % BLOCK)
		rc = read_exactly(t, piece, (size_t)(BLOCK - e->size % BLOCK), err);
	if (out >= 0)
		close(out);
	free(piece);
	return rc;
}

static int extract_entry(struct tar *t, int dir_fd, struct entry *e, struct err *err)
{
	const char *base;
	int rc;
	if (!name_is_sound(e->name))
		return corrupt("a name that would leave the directory", err);
	if (e->size < 0 || (e->type != '0' && e->size != 0))
		return corrupt("a size that does not add up", err);
	int parent = open_parent(dir_fd, e->name, &base, err);
	if (parent < 0)
		return -1;
	switch (e->type) {
	case '0':
		rc = extract_content(t, parent, base, e, err);
		t->count.files++;
		t->count.bytes += e->size;
		break;
	case '2':
		rc = symlinkat(e->link, parent, base) < 0 ? err_errno(err, errno, "making link %s", e->name) : 0;
		break;
	case '5':
		rc = mkdirat(parent, base, e->mode | 0700) < 0 ? err_errno(err, errno, "making directory %s", e->name)
							       : 0;
		break;
	default:
		rc = corrupt("an entry that is neither file, directory nor symbolic link", err);
		break;
	}
	close(parent);
	return rc;
}

/* The digest of all before it; then only the end may come. */
static int check_digest(struct tar *t, const struct entry *e, struct err *err)
{
	char want[DIGEST_TEXT_BYTES + 1], got[BLOCK];
	struct entry end;
	if (e->size != DIGEST_TEXT_BYTES)
		return corrupt("a digest of odd size", err);
	take_digest(t, want);
	if (read_exactly(t, got, sizeof got, err) < 0)
		return -1;
	if (memcmp(got, want, DIGEST_TEXT_BYTES) != 0)
		return corrupt("its SHA-256 is not the one it was written with", err);
	int rc = read_entry(t, &end, err);
	return rc > 0 ? corrupt("something follows its digest", err) : rc;
}

static bool is_digest(const struct entry *e)
{
	return e->type == '0' && strcmp(e->name, digest_name) == 0;
}

int tar_extract(struct tar *t, int dir_fd, struct err *err)
{
	struct entry e;
	int rc;
	while ((rc = read_entry(t, &e, err)) == 1 && !is_digest(&e))
		if (extract_entry(t, dir_fd, &e, err) < 0)
			return -1;
	if (rc == 1)
		rc = check_digest(t, &e, err);
	else if (rc == 0)
		rc = corrupt("it ends without a digest", err);
	if (rc == 0 && syncfs(dir_fd) < 0) /* one sync instead of one a file */
		return err_errno(err, errno, "syncing what was unpacked");
	return rc;
}
