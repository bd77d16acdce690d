/* Content-addressed files: see blob.h. */
#include "store/blob.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/waiting.h"
#include "crypto/crc.h"
#include "crypto/hash.h"

enum { WRITEBACK_BYTES = 4 << 20 };

static const char magic[8] = "CRCLBLB1";
static const char hex_digits[] = "0123456789abcdef";

static void random_hex(const struct random *r, char *out)
{
	random_string(r, hex_digits, out, 16);
}

static int sync_fd(struct blob_dir *d, int fd, const char *what, struct err *err)
{
	waiting_begin();
	int rc = d->fs->sync(d->fs, fd), e = errno;
	waiting_end();
	if (rc == 0)
		return 0;
	err_errno(err, e, "syncing %s", what);
	if (err && e != ENOSPC && e != EDQUOT)
		err->code = ERR_IO;
	return -1;
}

static int open_dir(struct blob_dir *d, int at, const char *name, int *out, struct err *err)
{
	int fd = d->fs->open_at(d->fs, at, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return err_errno(err, errno, "opening %s/%s", d->path, name);
	*out = fd;
	return 0;
}

static int make_dir(struct blob_dir *d, const char *name, struct err *err)
{
	if (d->fs->mkdir_at(d->fs, d->root, name, 0700) < 0 && errno != EEXIST)
		return err_errno(err, errno, "making %s/%s", d->path, name);
	return 0;
}

/* All folders at once, and tmp once they are on the disk: where it is, every one of them is there to stay. */
static int make_dirs(struct blob_dir *d, struct err *err)
{
	if (faccessat(d->root, "tmp", F_OK, 0) == 0)
		return 0;
	for (int i = 0; i < 256; i++) {
		const char name[3] = { hex_digits[i >> 4], hex_digits[i & 15], 0 };
		if (make_dir(d, name, err) < 0)
			return -1;
	}
	if (sync_fd(d, d->root, d->path, err) < 0 || fs_sync_parent(d->path, err) < 0)
		return -1;
	return make_dir(d, "tmp", err);
}

static int empty_tmp(struct blob_dir *d, struct err *err)
{
	DIR *dir = fdopendir(dup(d->tmp));
	if (!dir)
		return err_errno(err, errno, "reading %s/tmp", d->path);
	const struct dirent *e;
	int rc = 0;
	while (rc == 0 && (e = readdir(dir)))
		if (e->d_name[0] != '.' && d->fs->unlink_at(d->fs, d->tmp, e->d_name, 0) < 0 && errno != ENOENT)
			rc = err_errno(err, errno, "removing %s/tmp/%s", d->path, e->d_name);
	closedir(dir);
	return rc;
}

int blob_dir_open(struct blob_dir *d, const char *path, const struct fs *fs, const struct random *random,
		  struct err *err)
{
	*d = (struct blob_dir){ .fs = fs, .random = random, .path = strdup(path), .root = -1, .tmp = -1 };
	if (!d->path)
		abort();
	if (fs_mkdirs(path, 0700, err) < 0 || open_dir(d, AT_FDCWD, path, &d->root, err) < 0 ||
	    make_dirs(d, err) < 0 || open_dir(d, d->root, "tmp", &d->tmp, err) < 0 || empty_tmp(d, err) < 0) {
		blob_dir_close(d);
		return -1;
	}
	return 0;
}

void blob_dir_close(struct blob_dir *d)
{
	if (d->root >= 0)
		d->fs->close(d->fs, d->root);
	if (d->tmp >= 0)
		d->fs->close(d->fs, d->tmp);
	free(d->path);
	d->path = NULL;
	d->root = d->tmp = -1;
}

/* --- writing --- */

int blob_writer_begin(struct blob_writer *w, struct blob_dir *dir, struct err *err)
{
	*w = (struct blob_writer){ .dir = dir, .fd = -1 };
	random_hex(dir->random, w->tmp_name);
	int fd = dir->fs->open_at(dir->fs, dir->tmp, w->tmp_name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return err_errno(err, errno, "creating a file in %s/tmp", dir->path);
	w->fd = fd;
	return 0;
}

static void block_end(struct blob_writer *w)
{
	*vec_push(&w->crcs) = htole32(w->crc);
	w->crc = w->in_block = 0;
}

int blob_writer_write(struct blob_writer *w, const void *p, size_t n, struct err *err)
{
	if (fs_write_all(w->dir->fs, w->fd, p, n, err) < 0)
		return -1;
	const char *at = p;
	w->size += (int64_t)n;
	if (w->size - w->begun >= WRITEBACK_BYTES) {
		/* The disk works while more comes, so that the sync at the end has little to wait for. Only a hint. */
		(void)sync_file_range(w->fd, w->begun, w->size - w->begun, SYNC_FILE_RANGE_WRITE);
		w->begun = w->size;
	}
	while (n) {
		size_t take = MIN(n, (size_t)(BLOB_BLOCK_BYTES - w->in_block));
		w->crc = crc_castagnoli(w->crc, at, take);
		w->in_block += (uint32_t)take;
		at += take;
		n -= take;
		if (w->in_block == BLOB_BLOCK_BYTES)
			block_end(w);
	}
	return 0;
}

void blob_writer_name(const struct blob_writer *w, const uint8_t sha256[32], char *name)
{
	char *at = name;
	for (int i = 0; i < 32; i++) {
		*at++ = hex_digits[sha256[i] >> 4];
		*at++ = hex_digits[sha256[i] & 15];
		if (i == 0)
			*at++ = '/';
	}
	*at++ = '-';
	random_hex(w->dir->random, at);
}

static void footer_make(const uint32_t *crcs, size_t crcs_n, int64_t size, uint8_t out[BLOB_FOOTER_BYTES])
{
	uint64_t le_size = htole64((uint64_t)size);
	memcpy(out, magic, 8);
	memcpy(out + 8, &le_size, 8);
	uint32_t crc = crc_castagnoli(0, crcs, crcs_n * sizeof *crcs);
	crc = htole32(crc_castagnoli(crc, out, 16));
	memcpy(out + 16, &crc, 4);
}

int blob_writer_end(struct blob_writer *w, const char *name, struct err *err)
{
	struct blob_dir *d = w->dir;
	const struct fs *fs = d->fs;
	char sub[3] = { name[0], name[1], 0 };
	uint8_t footer[BLOB_FOOTER_BYTES];
	int dir = -1, rc = -1;
	if (w->in_block)
		block_end(w);
	footer_make(w->crcs.ptr, w->crcs.len, w->size, footer);
	if (fs_write_all(fs, w->fd, w->crcs.ptr, w->crcs.len * sizeof *w->crcs.ptr, err) < 0 ||
	    fs_write_all(fs, w->fd, footer, sizeof footer, err) < 0 || sync_fd(d, w->fd, "an object's file", err) < 0)
		goto done;
	if (open_dir(d, d->root, sub, &dir, err) < 0)
		goto done;
	if (fs->rename_at(fs, d->tmp, w->tmp_name, dir, name + 3) < 0) {
		err_errno(err, errno, "renaming to %s/%s", d->path, name);
		goto done;
	}
	w->tmp_name[0] = 0;
	rc = sync_fd(d, dir, sub, err);
done:
	if (dir >= 0)
		fs->close(fs, dir);
	blob_writer_drop(w);
	return rc;
}

void blob_writer_drop(struct blob_writer *w)
{
	if (!w->dir || w->fd < 0)
		return;
	w->dir->fs->close(w->dir->fs, w->fd);
	w->fd = -1;
	if (w->tmp_name[0])
		w->dir->fs->unlink_at(w->dir->fs, w->dir->tmp, w->tmp_name, 0);
	vec_release(&w->crcs);
}

/* --- reading --- */

static int64_t blocks_of(int64_t size)
{
	return (size + BLOB_BLOCK_BYTES - 1) / BLOB_BLOCK_BYTES;
}

int blob_open(struct blob_dir *d, const char *name, int64_t size, int *out, struct err *err)
{
	int fd = d->fs->open_at(d->fs, d->root, name, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_errno(err, errno, "opening %s/%s", d->path, name);
	struct stat st;
	int64_t want = size + blocks_of(size) * 4 + BLOB_FOOTER_BYTES;
	if (fstat(fd, &st) < 0 || st.st_size != want) {
		d->fs->close(d->fs, fd);
		return err_set(err, ERR_CORRUPT, "file %s has not the length of its content", name);
	}
	*out = fd;
	return 0;
}

int blob_read_block(struct blob_dir *d, int fd, int64_t size, int64_t index, void *out, size_t *n, struct err *err)
{
	int64_t from = index * BLOB_BLOCK_BYTES;
	size_t len = (size_t)MIN(size - from, (int64_t)BLOB_BLOCK_BYTES);
	uint32_t want = 0;
	waiting_begin();
	int rc = fs_read_all(d->fs, fd, out, len, from, err);
	if (rc == 0)
		rc = fs_read_all(d->fs, fd, &want, sizeof want, size + index * 4, err);
	waiting_end();
	if (rc < 0)
		return -1;
	if (crc_castagnoli(0, out, len) != le32toh(want))
		return err_set(err, ERR_CORRUPT, "block %lld of an object's file has a wrong checksum", (long long)index);
	*n = len;
	return 0;
}

static int verify_footer(struct blob_dir *d, int fd, int64_t size, struct err *err)
{
	size_t n = (size_t)blocks_of(size);
	uint8_t have[BLOB_FOOTER_BYTES], want[BLOB_FOOTER_BYTES];
	uint32_t *crcs = malloc(n * sizeof *crcs + 1);
	if (!crcs)
		abort();
	int rc = -1;
	if (fs_read_all(d->fs, fd, crcs, n * sizeof *crcs, size, err) == 0 &&
	    fs_read_all(d->fs, fd, have, sizeof have, size + (int64_t)n * 4, err) == 0) {
		footer_make(crcs, n, size, want);
		rc = memcmp(have, want, sizeof have) ? err_set(err, ERR_CORRUPT, "the footer does not fit") : 0;
	}
	free(crcs);
	return rc;
}

int blob_verify(struct blob_dir *d, const char *name, int64_t size, struct err *err)
{
	int fd = -1;
	if (blob_open(d, name, size, &fd, err) < 0)
		return -1;
	struct hash hash;
	hash_init(&hash, HASH_SHA256);
	char *block = malloc(BLOB_BLOCK_BYTES);
	if (!block)
		abort();
	int rc = 0;
	for (int64_t i = 0; rc == 0 && i < blocks_of(size); i++) {
		size_t n = 0;
		rc = blob_read_block(d, fd, size, i, block, &n, err);
		if (rc == 0)
			hash_update(&hash, block, n);
	}
	uint8_t sha[32];
	hash_final(&hash, sha);
	for (int i = 0; rc == 0 && i < 32; i++) {
		const char *two = name + 2 * i + (i > 0);
		if (two[0] != hex_digits[sha[i] >> 4] || two[1] != hex_digits[sha[i] & 15])
			rc = err_set(err, ERR_CORRUPT, "the content has not the hash of its name");
	}
	if (rc == 0)
		rc = verify_footer(d, fd, size, err);
	free(block);
	d->fs->close(d->fs, fd);
	return rc < 0 ? err_wrap(err, "%s", name) : 0;
}

int blob_unlink(struct blob_dir *d, const char *name, struct err *err)
{
	if (d->fs->unlink_at(d->fs, d->root, name, 0) < 0 && errno != ENOENT)
		return err_errno(err, errno, "removing %s/%s", d->path, name);
	return 0;
}

static int each_below(struct blob_dir *d, const char *sub, int (*each)(void *arg, const char *name, struct err *err),
		      void *arg, struct err *err)
{
	int fd = d->fs->open_at(d->fs, d->root, sub, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_errno(err, errno, "reading %s/%s", d->path, sub);
		if (fd >= 0)
			d->fs->close(d->fs, fd);
		return -1;
	}
	const struct dirent *e;
	int rc = 0;
	while (rc == 0 && (e = readdir(dir))) {
		char name[BLOB_NAME_CHARS + 1];
		if (e->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(name, sizeof name, "%s/%s", sub, e->d_name) == BLOB_NAME_CHARS)
			rc = each(arg, name, err);
	}
	closedir(dir);
	return rc;
}

int blob_each(struct blob_dir *d, int (*each)(void *arg, const char *name, struct err *err), void *arg,
	      struct err *err)
{
	DIR *dir = fdopendir(d->fs->open_at(d->fs, d->root, ".", O_RDONLY | O_DIRECTORY, 0));
	if (!dir)
		return err_errno(err, errno, "reading %s", d->path);
	const struct dirent *e;
	int rc = 0;
	while (rc == 0 && (e = readdir(dir)))
		if (strlen(e->d_name) == 2 && e->d_name[0] != '.')
			rc = each_below(d, e->d_name, each, arg, err);
	closedir(dir);
	return rc;
}
