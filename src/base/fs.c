/* File system calls: see fs.h. */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int os_open_at(const struct fs *fs, int dir, const char *path, int flags, mode_t mode)
{
	(void)fs;
	return openat(dir, path, flags | O_CLOEXEC, mode);
}

static ssize_t os_write(const struct fs *fs, int fd, const void *p, size_t n)
{
	(void)fs;
	return write(fd, p, n);
}

static ssize_t os_read_at(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	(void)fs;
	return pread(fd, p, n, offset);
}

static int os_sync(const struct fs *fs, int fd)
{
	(void)fs;
	return fsync(fd);
}

static int os_rename_at(const struct fs *fs, int from_dir, const char *from, int to_dir, const char *to)
{
	(void)fs;
	return renameat(from_dir, from, to_dir, to);
}

static int os_unlink_at(const struct fs *fs, int dir, const char *path, int flags)
{
	(void)fs;
	return unlinkat(dir, path, flags);
}

static int os_mkdir_at(const struct fs *fs, int dir, const char *path, mode_t mode)
{
	(void)fs;
	return mkdirat(dir, path, mode);
}

static int os_close(const struct fs *fs, int fd)
{
	(void)fs;
	return close(fd);
}

const struct fs fs_os = {
	.open_at = os_open_at,
	.write = os_write,
	.read_at = os_read_at,
	.sync = os_sync,
	.rename_at = os_rename_at,
	.unlink_at = os_unlink_at,
	.mkdir_at = os_mkdir_at,
	.close = os_close,
};

int fs_write_all(const struct fs *fs, int fd, const void *p, size_t n, struct err *err)
{
	const char *at = p;
	while (n) {
		ssize_t put = fs->write(fs, fd, at, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_errno(err, errno, "write of %zu bytes", n);
		at += put;
		n -= (size_t)put;
	}
	return 0;
}

int fs_read_all(const struct fs *fs, int fd, void *p, size_t n, int64_t offset, struct err *err)
{
	char *at = p;
	while (n) {
		ssize_t got = fs->read_at(fs, fd, at, n, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, errno, "read of %zu bytes", n);
		if (got == 0)
			return err_set(err, ERR_CORRUPT, "file ends %zu bytes early", n);
		at += got;
		n -= (size_t)got;
		offset += got;
	}
	return 0;
}

int fs_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *copy = strdup(path);
	if (!copy)
		abort();
	int rc = 0;
	for (char *p = copy + 1;; p++) {
		if (*p != '/' && *p != 0)
			continue;
		char keep = *p;
		*p = 0;
		if (mkdir(copy, mode) == 0)
			rc = fs_sync_parent(copy, err);
		else if (errno != EEXIST)
			rc = err_errno(err, errno, "making directory %s", copy);
		if (rc < 0)
			break;
		*p = keep;
		if (!keep)
			break;
	}
	free(copy);
	return rc;
}

int fs_slurp(const char *path, size_t bytes_max, char **out, size_t *out_len, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno, "opening %s", path);
	size_t cap = 4096, len = 0;
	char *p = malloc(cap);
	int rc = 0;
	for (;;) {
		if (!p)
			abort();
		ssize_t got = read(fd, p + len, cap - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			rc = err_errno(err, errno, "reading %s", path);
			break;
		}
		if (got == 0)
			break;
		len += (size_t)got;
		if (len > bytes_max) {
			rc = err_set(err, ERR_TOO_LARGE, "%s has more than %zu bytes", path, bytes_max);
			break;
		}
		if (cap - len < 2)
			p = realloc(p, cap *= 2);
	}
	close(fd);
	if (rc < 0) {
		free(p);
		return rc;
	}
	p[len] = 0;
	*out = p;
	*out_len = len;
	return 0;
}

int fs_sync_parent(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	if (!dir)
		abort();
	int rc = 0, fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		rc = err_errno(err, errno, "syncing directory %s", dir);
	if (fd >= 0)
		close(fd);
	free(dir);
	return rc;
}

int fs_replace(const char *path, struct slice content, mode_t mode, struct err *err)
{
	char *tmp = NULL;
	if (asprintf(&tmp, "%s.tmp-%ld", path, (long)getpid()) < 0)
		abort();
	int rc = -1, fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0) {
		err_errno(err, errno, "creating %s", tmp);
		goto done;
	}
	if (fs_write_all(&fs_os, fd, content.ptr, content.len, err) < 0) {
		err_wrap(err, "%s", tmp);
		goto done;
	}
	if (fsync(fd) < 0) {
		err_errno(err, errno, "syncing %s", tmp);
		goto done;
	}
	if (rename(tmp, path) < 0) {
		err_errno(err, errno, "renaming %s to %s", tmp, path);
		goto done;
	}
	rc = fs_sync_parent(path, err);
done:
	if (fd >= 0)
		close(fd);
	if (rc < 0)
		unlink(tmp);
	free(tmp);
	return rc;
}

enum { TREE_DEPTH_MAX = 256 };

static int remove_below(int dir, const char *name, int depth, struct err *err)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_errno(err, errno, "removing %s", name);
	if (depth > TREE_DEPTH_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s is nested deeper than %d directories", name, TREE_DEPTH_MAX);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno, "opening %s", name);
	DIR *d = fdopendir(fd);
	if (!d)
		abort();
	int rc = 0;
	const struct dirent *e;
	while (rc == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = remove_below(fd, e->d_name, depth + 1, err);
	closedir(d);
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		rc = err_errno(err, errno, "removing %s", name);
	return rc;
}

int fs_remove_tree(const char *path, struct err *err)
{
	return remove_below(AT_FDCWD, path, 0, err);
}
