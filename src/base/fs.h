/*
 * The file system calls of the stores, in one table so that tests can cut power, fill the disk or fail a sync.
 * `fs_os` is the real one. All return 0 or a count, or -1 with errno, as the system calls they wrap.
 */
#ifndef CORACLE_BASE_FS_H
#define CORACLE_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

struct fs {
	int (*open_at)(const struct fs *, int dir, const char *path, int flags, mode_t mode);
	ssize_t (*write)(const struct fs *, int fd, const void *p, size_t n);
	ssize_t (*read_at)(const struct fs *, int fd, void *p, size_t n, int64_t offset);
	int (*sync)(const struct fs *, int fd);
	int (*rename_at)(const struct fs *, int from_dir, const char *from, int to_dir, const char *to);
	int (*unlink_at)(const struct fs *, int dir, const char *path, int flags);
	int (*mkdir_at)(const struct fs *, int dir, const char *path, mode_t mode);
	int (*close)(const struct fs *, int fd);
};

extern const struct fs fs_os;

/* Writes all n bytes, retrying short writes. */
int fs_write_all(const struct fs *fs, int fd, const void *p, size_t n, struct err *err);
/* Reads exactly n bytes; ERR_CORRUPT when the file is shorter. */
int fs_read_all(const struct fs *fs, int fd, void *p, size_t n, int64_t offset, struct err *err);
/* Makes a directory and its missing parents, which are on disk then. */
int fs_mkdirs(const char *path, mode_t mode, struct err *err);
/* The whole file, malloc'd, NUL-terminated; ERR_TOO_LARGE over bytes_max. */
int fs_slurp(const char *path, size_t bytes_max, char **out, size_t *out_len, struct err *err);
/* Temporary file beside it, written, synced, renamed over `path`, directory synced. */
int fs_replace(const char *path, struct slice content, mode_t mode, struct err *err);
/* Syncs the directory that holds `path`, so that a name made or renamed there survives loss of power. */
int fs_sync_parent(const char *path, struct err *err);
/* Removes a directory and all below it, following no links. Missing is success. */
int fs_remove_tree(const char *path, struct err *err);

#endif
