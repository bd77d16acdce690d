/* See beneath.h. Steps are opened one after the other relative to the one before; a link at any step is refused. */
#include "control/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

bool beneath_ok(struct slice path)
{
	if (path.len >= PATH_MAX || (path.len && memchr(path.ptr, 0, path.len)))
		return false;
	struct slice rest = path, step;
	while ((step = slice_cut(&rest, '/')).ptr)
		if (!step.len || step.len > NAME_MAX || slice_is(step, ".") || slice_is(step, ".."))
			return false;
	return true;
}

static int open_step(int dir, struct slice step, int flags, mode_t mode, struct slice path, struct err *err)
{
	char name[NAME_MAX + 1];
	memcpy(name, step.ptr, step.len);
	name[step.len] = 0;
	int fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0)
		return fd;
	int errnum = errno;
	struct stat st;
	if ((errnum == ELOOP || errnum == ENOTDIR) && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return err_set(err, ERR_FORBIDDEN, "%.*s: \"%s\" is a symbolic link, which is not followed",
			       SLICE_ARG(path), name);
	return err_errno(err, errnum, "%.*s", SLICE_ARG(path));
}

static int walk(int dir, struct slice path, int flags, mode_t mode, bool make, struct err *err)
{
	if (path.len && !beneath_ok(path))
		return err_set(err, ERR_FORBIDDEN, "\"%.*s\" is not a name below the folder",
			       path.len > 300 ? 300 : (int)path.len, path.ptr);
	if (!path.len) {
		int self = openat(dir, ".", flags | O_CLOEXEC, mode);
		return self < 0 ? err_errno(err, errno, "folder") : self;
	}
	struct slice rest = path, step = slice_cut(&rest, '/');
	int at = dir, next;
	for (;;) {
		if (!rest.ptr) {
			next = open_step(at, step, flags, mode, path, err);
			break;
		}
		next = open_step(at, step, O_RDONLY | O_DIRECTORY, 0, path, make ? NULL : err);
		if (next < 0 && make) {
			char name[NAME_MAX + 1];
			memcpy(name, step.ptr, step.len);
			name[step.len] = 0;
			if (mkdirat(at, name, 0700) < 0 && errno != EEXIST) {
				err_errno(err, errno, "%.*s", SLICE_ARG(path));
				break;
			}
			next = open_step(at, step, O_RDONLY | O_DIRECTORY, 0, path, err);
		}
		if (next < 0)
			break;
		if (at != dir)
			close(at);
		at = next;
		step = slice_cut(&rest, '/');
	}
	if (at != dir)
		close(at);
	return next;
}

int beneath_open(int dir, struct slice path, int flags, mode_t mode, struct err *err)
{
	return walk(dir, path, flags, mode, false, err);
}

int beneath_create(int dir, struct slice path, mode_t mode, struct err *err)
{
	if (!path.len)
		return err_set(err, ERR_INVALID, "a file without a name");
	return walk(dir, path, O_WRONLY | O_CREAT | O_EXCL, mode, true, err);
}
