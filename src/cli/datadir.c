/* The data directory: see datadir.h. */
#include "cli/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fs.h"

static const char *const folders[] = {"blobs", "volumes", "models", "images", "logs", "pki", "run"};

const char *datadir_path(const struct datadir *d, const char *below)
{
	static __thread char paths[4][PATH_MAX];
	static __thread unsigned turn;
	char *p = paths[turn++ % COUNT_OF(paths)];
	(void)snprintf(p, PATH_MAX, "%s/%s", d->path, below);
	return p;
}

int datadir_find(const struct options *o, struct datadir *out, struct err *err)
{
	const char *given = options_get(o, "data", getenv("CORACLE_DATA"));
	const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char path[PATH_MAX], cwd[PATH_MAX];
	int n;
	if (given && *given)
		n = snprintf(path, sizeof path, "%s", given);
	else if (xdg && *xdg == '/')
		n = snprintf(path, sizeof path, "%s/coracle", xdg);
	else if (home && *home)
		n = snprintf(path, sizeof path, "%s/.local/share/coracle", home);
	else
		return err_set(err, ERR_INVALID, "no data directory: give --data DIR or set CORACLE_DATA");
	/* Absolute, because a detached server changes its working directory. */
	if (path[0] != '/') {
		if (!getcwd(cwd, sizeof cwd))
			return err_errno(err, errno, "working directory");
		n = snprintf(out->path, sizeof out->path, "%s/%s", cwd, path);
	} else {
		n = snprintf(out->path, sizeof out->path, "%s", path);
	}
	if (n < 0 || (size_t)n >= sizeof out->path)
		return err_set(err, ERR_INVALID, "the data directory's path is longer than %zu bytes",
			       sizeof out->path);
	out->lock_fd = -1;
	return 0;
}

int datadir_make(struct datadir *d, struct err *err)
{
	if (fs_mkdirs(d->path, 0700, err) < 0)
		return -1;
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		if (fs_mkdirs(datadir_path(d, folders[i]), 0700, err) < 0)
			return -1;
	return 0;
}

static int lock_file(const struct datadir *d, int flags)
{
	return open(datadir_path(d, "run/lock"), flags | O_CLOEXEC, 0600);
}

static long lock_pid(int fd)
{
	char text[24] = "";
	int64_t pid = 0;
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	if (n > 0)
		(void)slice_i64(slice_trim(slice_of(text, (size_t)n)), &pid);
	return (long)pid;
}

int datadir_lock(struct datadir *d, struct err *err)
{
	int fd = lock_file(d, O_RDWR | O_CREAT);
	if (fd < 0)
		return err_errno(err, errno, "opening %s", datadir_path(d, "run/lock"));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int rc = err_set(err, ERR_EXISTS,
				 "%s is already served by process %ld; stop it with `coracle down --data %s`", d->path,
				 lock_pid(fd), d->path);
		close(fd);
		return rc;
	}
	char pid[24];
	int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
		int rc = err_errno(err, errno, "writing %s", datadir_path(d, "run/lock"));
		close(fd);
		return rc;
	}
	d->lock_fd = fd;
	return 0;
}

/*
 * Step i brings format i to i + 1; NULL: nothing but the number changes. Each may be run again after a crash in its
 * middle: the number is written when all of it is on disk. Format 0 has no version file, and is also what an empty
 * directory starts from.
 */
static int (*const steps[])(const struct datadir *d, struct err *err) = {NULL};

static int read_format(const char *path, int64_t *format, struct err *err)
{
	char *text;
	size_t n;
	struct err missing = {0};
	*format = 0;
	if (fs_slurp(path, 64, &text, &n, &missing) < 0) {
		if (missing.code == ERR_NOT_FOUND)
			return 0;
		*err = missing;
		return -1;
	}
	bool good = slice_i64(slice_trim(slice_of(text, n)), format) && *format >= 0;
	free(text);
	return good ? 0 : err_set(err, ERR_CORRUPT, "%s does not hold a number", path);
}

int datadir_migrate(const struct datadir *d, struct err *err)
{
	const char *path = datadir_path(d, "version");
	int64_t format;
	if (read_format(path, &format, err) < 0)
		return -1;
	if (format > (int64_t)COUNT_OF(steps))
		return err_set(
		    err, ERR_VERSION,
		    "%s was written by a newer program (format %lld, this one knows up to %zu); nothing was changed",
		    d->path, (long long)format, COUNT_OF(steps));
	for (; format < (int64_t)COUNT_OF(steps); format++) {
		char text[24];
		int n = snprintf(text, sizeof text, "%lld\n", (long long)format + 1);
		if ((steps[format] && steps[format](d, err) < 0) ||
		    fs_replace(path, slice_of(text, (size_t)n), 0600, err) < 0)
			return err_wrap(err, "bringing %s to format %lld", d->path, (long long)format + 1);
	}
	return 0;
}

void datadir_unlock(struct datadir *d)
{
	if (d->lock_fd < 0)
		return;
	unlink(datadir_path(d, "run/endpoints.json"));
	close(d->lock_fd);
	d->lock_fd = -1;
}

int datadir_running(const struct datadir *d, json_t **out, struct err *err)
{
	int fd = lock_file(d, O_RDWR);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
	if (fd >= 0)
		close(fd);
	if (!held)
		return err_set(err, ERR_UNAVAILABLE, "nothing runs on %s; start it with `coracle up`", d->path);
	json_t *j = json_load_file(datadir_path(d, "run/endpoints.json"), 0, NULL);
	if (!j)
		return err_set(err, ERR_UNAVAILABLE, "the server on %s is still starting", d->path);
	*out = j;
	return 0;
}
