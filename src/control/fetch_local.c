/*
 * pvc:// and file://: folders of this machine. Nothing is followed out of the claim's folder or the configured roots: a
 * link anywhere on the way or inside is refused by name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "codec/url.h"
#include "control/beneath.h"
#include "control/fetch_parts.h"

enum { PIECE_BYTES = 1 << 20, DEPTH_MAX = 32 };

static int copy_bytes(struct fetch_file *f, int from, struct err *err)
{
	struct stat st;
	if (fstat(from, &st) == 0 && st.st_size <= limits.model_file_bytes - f->sink->bytes &&
	    ioctl(f->fd, FICLONE, from) == 0) {
		f->bytes = st.st_size;
		f->sink->bytes += st.st_size;
		return 0;
	}
	char *piece = malloc(PIECE_BYTES);
	if (!piece)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	int rc = 0;
	ssize_t n;
	while (rc == 0 && (n = read(from, piece, PIECE_BYTES)) != 0) {
		if (n < 0 && errno != EINTR)
			rc = err_errno(err, errno, "cannot read");
		else if (n > 0)
			rc = fetch_file_write(f, piece, (size_t)n, err);
	}
	free(piece);
	return rc;
}

/* `from` is an open regular file; closed here. */
static int copy_file(struct fetch_sink *s, int from, struct slice name, struct err *err)
{
	struct fetch_file f;
	int rc = fetch_file_begin(s, name, &f, err);
	if (rc == 0) {
		rc = copy_bytes(&f, from, err);
		if (fetch_file_end(&f, rc == 0, err) < 0)
			rc = -1;
	}
	close(from);
	return rc;
}

static int copy_tree(struct fetch_sink *s, int dir, const char *prefix, int depth, struct err *err);

static int copy_entry(struct fetch_sink *s, int dir, const char *prefix, const char *name, int depth, struct err *err)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "/" : "", name);
	struct stat st;
	if (n < 0 || (size_t)n >= sizeof path)
		return err_set(err, ERR_TOO_LARGE, "a path is too long below %.200s", prefix);
	/* O_NONBLOCK: a FIFO must not hold us */
	int fd = beneath_open(dir, slice_str(name), O_RDONLY | O_NONBLOCK, 0, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		int errnum = errno;
		close(fd);
		return err_errno(err, errnum, "%s", path);
	}
	if (S_ISREG(st.st_mode))
		return copy_file(s, fd, slice_str(path), err);
	if (S_ISDIR(st.st_mode))
		return copy_tree(s, fd, path, depth + 1, err);
	close(fd);
	return err_set(err, ERR_FORBIDDEN, "%s is neither a file nor a folder", path);
}

/* Closes `dir`. */
static int copy_tree(struct fetch_sink *s, int dir, const char *prefix, int depth, struct err *err)
{
	if (depth > DEPTH_MAX) {
		close(dir);
		return err_set(err, ERR_TOO_LARGE, "folders nest deeper than %d", DEPTH_MAX);
	}
	DIR *d = fdopendir(dir);
	if (!d) {
		int errnum = errno;
		close(dir);
		return err_errno(err, errnum, "cannot list the folder");
	}
	int rc = 0;
	struct dirent *e;
	while (rc == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = copy_entry(s, dirfd(d), prefix, e->d_name, depth, err);
	closedir(d);
	return rc;
}

/* What root/path names: a folder's content, or one file under its base name. */
static int copy_below(struct fetch_sink *s, const char *root, struct slice path, struct err *err)
{
	int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_errno(err, errno, "folder");
	int fd = beneath_open(dir, path, O_RDONLY | O_NONBLOCK, 0, err);
	close(dir);
	if (fd < 0)
		return -1;
	struct stat st;
	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
		close(fd);
		return err_set(err, ERR_FORBIDDEN, "neither a file nor a folder");
	}
	if (S_ISDIR(st.st_mode)) {
		if (copy_tree(s, fd, "", 0, err) < 0)
			return -1;
		return s->files ? 0 : err_set(err, ERR_NOT_FOUND, "the folder is empty");
	}
	size_t at = path.len;
	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	struct slice name = slice_from(path, at);
	if (copy_file(s, fd, name, err) < 0)
		return -1;
	return fetch_is_archive(name) ? fetch_unpack(s, name, err) : 0;
}

int fetch_from_claim(struct fetch_sink *s, const struct fetch_request *r, struct err *err)
{
	struct slice claim, path;
	if (fetch_claim(r->uri, &claim, &path, err) < 0)
		return -1;
	if (!r->volume_dir)
		return err_set(err, ERR_NOT_FOUND, "persistentvolumeclaim \"%.*s\" not found", SLICE_ARG(claim));
	if (copy_below(s, r->volume_dir, path, err) < 0)
		return err_wrap(err, "%.300s", r->uri);
	return 0;
}

/* The part of `path` below `root`, or {NULL, 0}. */
static struct slice below(struct slice path, struct slice root)
{
	while (root.len > 1 && root.ptr[root.len - 1] == '/')
		root.len--;
	if (slice_is(root, "/"))
		return slice_from(path, 1);
	if (path.len < root.len || memcmp(path.ptr, root.ptr, root.len) != 0)
		return slice_of(NULL, 0);
	if (path.len == root.len)
		return slice_of("", 0);
	return path.ptr[root.len] == '/' ? slice_from(path, root.len + 1) : slice_of(NULL, 0);
}

int fetch_from_file(struct fetch_sink *s, const struct fetch_request *r, struct err *err)
{
	struct arena arena;
	arena_init(&arena, 0, 1 << 20);
	struct slice rest = slice_str(r->uri + strlen("file://")), path;
	int rc = -1;
	if (slice_starts(rest, "localhost/"))
		rest = slice_from(rest, strlen("localhost"));
	if (!slice_starts(rest, "/") || !url_decode(rest, &arena, &path)) {
		err_set(err, ERR_INVALID, "storageUri \"%.300s\": file:///PATH is wanted", r->uri);
		goto done;
	}
	while (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	for (size_t i = 0; i < s->o->file_roots_n; i++) {
		struct slice inside = below(path, slice_str(s->o->file_roots[i]));
		if (!inside.ptr)
			continue;
		rc = copy_below(s, s->o->file_roots[i], inside, err);
		if (rc < 0)
			err_wrap(err, "%.300s", r->uri);
		goto done;
	}
	if (!s->o->file_roots_n)
		err_set(err, ERR_FORBIDDEN,
			"storageUri \"%.300s\": file:// reads only below the folders that the configuration names "
			"(storage.file_roots), and it names none",
			r->uri);
	else
		err_set(err, ERR_FORBIDDEN,
			"storageUri \"%.300s\" is not below a folder that the configuration names (storage.file_roots)",
			r->uri);
done:
	arena_release(&arena);
	return rc;
}
