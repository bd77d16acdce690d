/* The storage initializer's frame: the scheme, the folder being filled, its rename. See fetch.h. */
#include "control/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/limits.h"
#include "control/beneath.h"
#include "control/fetch_parts.h"
#include "net/client.h"

static const struct {
	const char *name;
	int (*fetch)(struct fetch_sink *s, const struct fetch_request *r, struct err *err);
} schemes[] = {
    {"s3", fetch_from_s3},     {"pvc", fetch_from_claim},  {"file", fetch_from_file},
    {"http", fetch_from_http}, {"https", fetch_from_http},
};

int fetch_scheme(const char *uri, char *out, struct err *err)
{
	struct slice all = slice_str(uri);
	const char *sep = uri ? strstr(uri, "://") : NULL;
	if (!sep || sep == uri || sep - uri > 12)
		return err_set(
		    err, ERR_INVALID,
		    "storageUri \"%.300s\" has no scheme: s3://, pvc://, file://, http:// or https:// is wanted",
		    uri ? uri : "");
	char name[16];
	struct slice scheme = slice_sub(all, 0, (size_t)(sep - uri));
	for (size_t i = 0; i < scheme.len; i++) {
		char c = scheme.ptr[i];
		name[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	name[scheme.len] = 0;
	for (size_t i = 0; i < COUNT_OF(schemes); i++) {
		if (!strcmp(schemes[i].name, name)) {
			memcpy(out, name, scheme.len + 1);
			return 0;
		}
	}
	return err_set(err, ERR_UNSUPPORTED,
		       "storageUri \"%.300s\": the scheme %s:// is not supported; s3://, pvc://, file://, http:// and "
		       "https:// are",
		       uri, name);
}

int fetch_claim(const char *uri, struct slice *claim, struct slice *path, struct err *err)
{
	struct slice all = slice_str(uri);
	if (!slice_starts(all, "pvc://"))
		return err_set(err, ERR_INVALID, "\"%.300s\" is not a pvc:// URI", uri ? uri : "");
	struct slice rest = slice_from(all, 6), name = slice_cut(&rest, '/');
	if (!name.len)
		return err_set(err, ERR_INVALID, "storageUri \"%.300s\" names no claim: pvc://CLAIM/PATH is wanted",
			       uri);
	while (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	*claim = name;
	*path = rest.ptr ? rest : slice_of("", 0);
	return 0;
}

/* ---- shared by the parts ---- */

int fetch_check(const struct fetch_options *o, struct err *err)
{
	return o->check ? o->check(o->check_arg, 0, err) : 0;
}

void fetch_log(const struct fetch_options *o, const char *fmt, ...)
{
	char line[2048];
	if (!o->log)
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	o->log(o->log_arg, line);
}

void fetch_route_of(const struct fetch_options *o, const char *host_port, struct fetch_route *out)
{
	*out = (struct fetch_route){.kind = FETCH_DIRECT};
	if (o->route)
		o->route(o->route_arg, host_port, out);
}

unsigned fetch_addresses(const struct fetch_options *o)
{
	return o->refuse_private ? 0 : CLIENT_ALLOW_LOOPBACK | CLIENT_ALLOW_PRIVATE;
}

int fetch_file_begin(struct fetch_sink *s, struct slice name, struct fetch_file *f, struct err *err)
{
	if (fetch_check(s->o, err) < 0)
		return -1;
	if (s->files >= limits.archive_entries)
		return err_set(err, ERR_TOO_LARGE, "more than %lld files", (long long)limits.archive_entries);
	int fd = beneath_create(s->dir, name, 0600, err);
	if (fd < 0)
		return -1;
	*f = (struct fetch_file){.sink = s, .fd = fd};
	s->files++;
	s->folders = s->folders || slice_find(name, '/') >= 0;
	return 0;
}

int fetch_file_write(struct fetch_file *f, const void *p, size_t n, struct err *err)
{
	struct fetch_sink *s = f->sink;
	if (fetch_check(s->o, err) < 0)
		return -1;
	if ((int64_t)n > limits.model_file_bytes - s->bytes)
		return err_set(err, ERR_TOO_LARGE, "more than %lld bytes (limit model_file_bytes)",
			       (long long)limits.model_file_bytes);
	if (fs_write_all(&fs_os, f->fd, p, n, err) < 0)
		return -1;
	s->bytes += (int64_t)n;
	f->bytes += (int64_t)n;
	return 0;
}

/* A few files are synced one by one, which does not wait for what others write to that file system; many, or files in
 * folders, all at once at the end. */
enum { SYNC_EACH_FILES = 16 };

int fetch_file_end(struct fetch_file *f, bool keep, struct err *err)
{
	int rc = 0;
	if (keep && f->sink->files <= SYNC_EACH_FILES && fsync(f->fd) < 0)
		rc = err_errno(err, errno, "cannot write to disk");
	close(f->fd);
	f->fd = -1;
	return rc;
}

int fetch_file_receive(void *arg, const void *p, size_t n)
{
	struct fetch_file *f = arg;
	return fetch_file_write(f, p, n, &f->err);
}

/* ---- the folder ---- */

static int sync_all(const struct fetch_sink *s, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool each = s->files <= SYNC_EACH_FILES && !s->folders;
	if (fd < 0 || (each ? fsync(fd) : syncfs(fd)) < 0) {
		int errnum = errno;
		if (fd >= 0)
			close(fd);
		return err_errno(err, errnum, "cannot write to disk");
	}
	close(fd);
	return 0;
}

static int put_in_place(const struct fetch_sink *s, const char *from, const char *target, struct err *err)
{
	if (sync_all(s, from, err) < 0 || fs_remove_tree(target, err) < 0)
		return -1;
	if (rename(from, target) < 0)
		return err_errno(err, errno, "cannot rename the fetched files");
	return fs_sync_parent(target, err);
}

int fetch_uri(const struct fetch_options *options, const struct fetch_request *request, struct fetch_result *out,
	      struct err *err)
{
	char scheme[16], partial[PATH_MAX], parent[PATH_MAX];
	if (fetch_scheme(request->uri, scheme, err) < 0)
		return -1;
	int n = snprintf(partial, sizeof partial, "%s.partial", request->target);
	if (n < 0 || (size_t)n >= sizeof partial)
		return err_set(err, ERR_INVALID, "target path is too long");
	snprintf(parent, sizeof parent, "%s", request->target);
	char *slash = strrchr(parent, '/');
	if (slash)
		*slash = 0;
	if ((slash && fs_mkdirs(parent, 0700, err) < 0) || fs_remove_tree(partial, err) < 0)
		return -1;
	if (mkdir(partial, 0700) < 0)
		return err_errno(err, errno, "%s", partial);

	struct fetch_sink sink = {.o = options, .path = partial};
	int rc = -1;
	sink.dir = open(partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sink.dir < 0) {
		err_errno(err, errno, "%s", partial);
		goto done;
	}
	fetch_log(options, "Copying contents of %s to local", request->uri);
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (!strcmp(schemes[i].name, scheme))
			rc = schemes[i].fetch(&sink, request, err);
	close(sink.dir);
	if (rc == 0)
		rc = put_in_place(&sink, partial, request->target, err);
	if (rc == 0 && out)
		*out = (struct fetch_result){.bytes = sink.bytes, .files = sink.files};
done:
	if (rc < 0)
		fs_remove_tree(partial, NULL);
	else
		fetch_log(options, "Successfully copied %s to /mnt/models (%lld files, %lld bytes)", request->uri,
			  (long long)sink.files, (long long)sink.bytes);
	return rc;
}
