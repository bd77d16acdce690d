/*
 * Appending to a container's log file. The file is opened for each call: a container of ours logs a few lines at load
 * and a line a request at most, and an open file a container would be a limit of its own.
 */
#include "cluster/podlog.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/log.h"

static bool good_part(struct slice s)
{
	if (s.len == 0 || s.len > 253 || s.ptr[0] == '.')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
		if (!ok)
			return false;
	}
	return true;
}

static int folder(const struct podlog *log, const struct podlog_name *n, bool container, char *out, size_t out_bytes,
		  struct err *err)
{
	if (!good_part(n->namespace_) || !good_part(n->pod) || !good_part(n->uid) ||
	    (container && !good_part(n->container)))
		return err_set(err, ERR_INVALID, "not a name of a container's log");
	struct slice last = container ? n->container : slice_of("", 0);
	int len = snprintf(out, out_bytes, "%s/%.*s_%.*s_%.*s%s%.*s", log->root, SLICE_ARG(n->namespace_), SLICE_ARG(n->pod),
			   SLICE_ARG(n->uid), container ? "/" : "", SLICE_ARG(last));
	return len < 0 || (size_t)len >= out_bytes ? err_set(err, ERR_INVALID, "path of a container's log is too long") : 0;
}

int podlog_path(const struct podlog *log, const struct podlog_name *name, int rotated, char *out, size_t out_bytes,
		struct err *err)
{
	char dir[PATH_MAX];
	if (folder(log, name, true, dir, sizeof dir, err) < 0)
		return -1;
	int len = snprintf(out, out_bytes, "%s/%d.log", dir, rotated);
	return len < 0 || (size_t)len >= out_bytes ? err_set(err, ERR_INVALID, "path of a container's log is too long") : 0;
}

static void stamp(const struct clock *clock, char *out, size_t n)
{
	int64_t now = clock_wall_ns(clock);
	time_t s = (time_t)(now / 1000000000);
	struct tm tm;
	gmtime_r(&s, &tm);
	size_t at = strftime(out, n, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + at, n - at, ".%09lldZ", (long long)(now % 1000000000));
}

static void rotate(const struct podlog *log, const struct podlog_name *name, const char *path)
{
	char old[PATH_MAX];
	struct stat st;
	if (stat(path, &st) < 0 || st.st_size < limits.pod_log_bytes)
		return;
	if (podlog_path(log, name, 1, old, sizeof old, NULL) == 0)
		rename(path, old);
}

void podlog_append(const struct podlog *log, const struct podlog_name *name, struct slice text)
{
	char path[PATH_MAX], dir[PATH_MAX], when[64];
	struct err err = { 0 };
	struct buf lines;
	struct slice line;
	if (text.len == 0 || podlog_path(log, name, 0, path, sizeof path, &err) < 0)
		return;
	if (text.ptr[text.len - 1] == '\n')
		text.len--;
	stamp(log->clock, when, sizeof when);
	buf_init(&lines, (size_t)limits.pod_log_bytes);
	while ((line = slice_cut(&text, '\n')).ptr)
		buf_printf(&lines, "%s stdout F %.*s\n", when, SLICE_ARG(line));
	rotate(log, name, path);
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, fd = open(path, flags, 0600);
	if (fd < 0 && errno == ENOENT && folder(log, name, true, dir, sizeof dir, &err) == 0 &&
	    fs_mkdirs(dir, 0700, &err) == 0)
		fd = open(path, flags, 0600);
	if (fd < 0 || lines.failed || write(fd, lines.ptr, lines.len) != (ssize_t)lines.len)
		LOG_DEBUG("podlog", "line dropped", LOG_S("path", path));
	if (fd >= 0)
		close(fd);
	buf_release(&lines);
}

void podlog_remove(const struct podlog *log, const struct podlog_name *name)
{
	char dir[PATH_MAX];
	if (folder(log, name, false, dir, sizeof dir, NULL) == 0)
		fs_remove_tree(dir, NULL);
}
