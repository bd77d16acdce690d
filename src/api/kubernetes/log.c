/*
 * pods/log: a container's log file (cluster/podlog.h), whole, its tail, or followed. A followed log is a stream that
 * looks at its file on every tick and ends when its container has.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/kubernetes/call.h"
#include "api/kubernetes/stream.h"
#include "base/fs.h"
#include "base/limits.h"
#include "cluster/podlog.h"
#include "codec/json.h"
#include "codec/time.h"

enum { STEP_BYTES = 64 << 10 };

struct log_options {
	int64_t tail_lines;  /* -1: all */
	int64_t limit_bytes; /* -1: none */
	int64_t since_ns;    /* wall clock; 0: all */
	bool timestamps, follow, previous;
};

struct log_source {
	char path[PATH_MAX], rotated[PATH_MAX];
};

/* Names of containers in the order kubectl shows them. */
static void container_names(const json_t *pod, const char *list, struct buf *out, size_t *n)
{
	size_t i;
	json_t *c;
	json_array_foreach(json_at(pod, list), i, c)
	{
		const char *name = json_str_at(c, "name");
		buf_printf(out, "%s%s", out->len ? " " : "", name ? name : "");
		++*n;
	}
}

static const json_t *find_container(const json_t *pod, const char *name)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers", "spec.ephemeralContainers"};
	for (size_t l = 0; l < 3; l++) {
		size_t i;
		json_t *c;
		json_array_foreach(json_at(pod, lists[l]), i, c)
		{
			const char *have = json_str_at(c, "name");
			if (have && !strcmp(have, name))
				return c;
		}
	}
	return NULL;
}

/* The container asked for, or the only one; an annotation may name a default. */
static const char *choose_container(struct http_exchange *x, const json_t *pod, struct err *err)
{
	const char *name = kube_query(x, "container"), *pod_name = json_str_at(pod, "metadata.name");
	if (name && *name) {
		if (find_container(pod, name))
			return name;
		err_set(err, ERR_INVALID, "container %.253s is not valid for pod %s", name, pod_name);
		return NULL;
	}
	struct buf names, inits;
	size_t n = 0, inits_n = 0;
	buf_init(&names, 4096);
	buf_init(&inits, 4096);
	container_names(pod, "spec.containers", &names, &n);
	container_names(pod, "spec.initContainers", &inits, &inits_n);
	if (n == 1)
		name = arena_cstr(x->arena, buf_view(&names));
	else if (inits_n > 0)
		err_set(err, ERR_INVALID,
			"a container name must be specified for pod %s, choose one of: [%s] or one of the init "
			"containers: [%s]",
			pod_name, names.ptr ? names.ptr : "", inits.ptr);
	else
		err_set(err, ERR_INVALID, "a container name must be specified for pod %s, choose one of: [%s]",
			pod_name, names.ptr ? names.ptr : "");
	buf_release(&names);
	buf_release(&inits);
	return n == 1 ? name : NULL;
}

static const json_t *container_status(const json_t *pod, const char *name)
{
	static const char *const lists[] = {"status.containerStatuses", "status.initContainerStatuses"};
	for (size_t l = 0; l < 2; l++) {
		size_t i;
		json_t *c;
		json_array_foreach(json_at(pod, lists[l]), i, c)
		{
			const char *have = json_str_at(c, "name");
			if (have && !strcmp(have, name))
				return c;
		}
	}
	return NULL;
}

static int options_of(struct kube_call *call, struct log_options *o, struct err *err)
{
	int64_t since_s = -1;
	const char *since_time = kube_query(call->x, "sinceTime");
	*o = (struct log_options){.tail_lines = -1, .limit_bytes = -1};
	if (kube_query_int(call->x, "tailLines", &o->tail_lines, err) < 0 ||
	    kube_query_int(call->x, "limitBytes", &o->limit_bytes, err) < 0 ||
	    kube_query_int(call->x, "sinceSeconds", &since_s, err) < 0 ||
	    kube_query_bool(call->x, "timestamps", &o->timestamps, err) < 0 ||
	    kube_query_bool(call->x, "follow", &o->follow, err) < 0 ||
	    kube_query_bool(call->x, "previous", &o->previous, err) < 0)
		return -1;
	if (http_query(call->x, "tailLines").ptr && o->tail_lines < 0)
		return err_set(err, ERR_UNPROCESSABLE,
			       "PodLogOptions \"%s\" is invalid: tailLines: Invalid value: %lld: must be greater than "
			       "or equal to 0",
			       call->path.name, (long long)o->tail_lines);
	if (http_query(call->x, "limitBytes").ptr && o->limit_bytes < 1)
		return err_set(
		    err, ERR_UNPROCESSABLE,
		    "PodLogOptions \"%s\" is invalid: limitBytes: Invalid value: %lld: must be greater than 0",
		    call->path.name, (long long)o->limit_bytes);
	if (http_query(call->x, "sinceSeconds").ptr && (since_s < 1 || since_s > 4000000000))
		return err_set(
		    err, ERR_UNPROCESSABLE,
		    "PodLogOptions \"%s\" is invalid: sinceSeconds: Invalid value: %lld: must be greater than 0",
		    call->path.name, (long long)since_s);
	if (since_s > 0)
		o->since_ns = clock_wall_ns(call->api->o.clock) - since_s * 1000000000;
	if (since_time && *since_time && !time_parse_rfc3339(slice_str(since_time), &o->since_ns))
		return err_set(err, ERR_INVALID, "sinceTime: \"%.64s\" is no RFC 3339 time", since_time);
	return 0;
}

/* One line of the file, "TIME stdout F text", as the client sees it; false when it is too old or broken. */
static bool show_line(struct slice line, const struct log_options *o, struct buf *out)
{
	struct slice rest = line, when = slice_cut(&rest, ' ');
	slice_cut(&rest, ' ');
	struct slice tag = slice_cut(&rest, ' ');
	int64_t at;
	if (!rest.ptr)
		return false;
	if (o->since_ns && (!time_parse_rfc3339(when, &at) || at < o->since_ns))
		return false;
	if (o->timestamps) {
		buf_slice(out, when);
		buf_char(out, ' ');
	}
	buf_slice(out, rest);
	if (!slice_is(tag, "P"))
		buf_char(out, '\n');
	return true;
}

/* Where the last n lines begin. */
static size_t tail_from(struct slice all, int64_t n)
{
	size_t at = all.len;
	if (n == 0)
		return all.len;
	if (at > 0 && all.ptr[at - 1] == '\n')
		at--;
	while (at > 0) {
		if (all.ptr[at - 1] == '\n' && --n == 0)
			return at;
		at--;
	}
	return 0;
}

static void append_file(const char *path, struct buf *out)
{
	char *text = NULL;
	size_t n = 0;
	if (fs_slurp(path, (size_t)limits.pod_log_bytes * 2, &text, &n, NULL) == 0)
		buf_append(out, text, n);
	free(text);
}

/* What is there now, as the client sees it. *end: bytes of the current file that were read. */
static void show_all(const struct log_source *s, const struct log_options *o, struct buf *out, off_t *end)
{
	struct buf all;
	struct slice text, line;
	buf_init(&all, (size_t)limits.pod_log_bytes * 4);
	append_file(s->rotated, &all);
	size_t before = all.len;
	append_file(s->path, &all);
	text = buf_view(&all);
	while (text.len > before && text.ptr[text.len - 1] != '\n')
		text.len--; /* a line that is being written */
	*end = (off_t)(text.len - before);
	if (o->tail_lines >= 0)
		text = slice_from(text, tail_from(text, o->tail_lines));
	while (text.len > 0 && (line = slice_cut(&text, '\n')).ptr)
		show_line(line, o, out);
	buf_release(&all);
	if (o->limit_bytes >= 0 && out->len > (size_t)o->limit_bytes)
		out->len = (size_t)o->limit_bytes;
}

/* ---- following ---- */

struct follower {
	struct log_source source;
	struct log_options options;
	struct cluster *cluster;
	const struct kind *kind;
	char *namespace_, *pod, *uid, *container;
	struct buf first; /* what was there at the start */
	off_t at;
	ino_t inode;
	int64_t sent;
	unsigned ticks;
};

static bool container_over(struct follower *f)
{
	json_t *pod = cluster_find(f->cluster, f->kind, f->namespace_, f->pod);
	const char *uid = pod ? json_str_at(pod, "metadata.uid") : NULL;
	const json_t *status = pod ? container_status(pod, f->container) : NULL;
	const char *phase = pod ? json_str_at(pod, "status.phase") : NULL;
	bool over = !pod || !uid || strcmp(uid, f->uid) != 0 || json_at(status, "state.terminated") ||
		    (phase && (!strcmp(phase, "Succeeded") || !strcmp(phase, "Failed")));
	json_decref(pod);
	return over;
}

static bool send_text(struct follower *f, struct http_stream *to, struct slice text)
{
	int64_t left = f->options.limit_bytes < 0 ? (int64_t)text.len : f->options.limit_bytes - f->sent;
	if ((int64_t)text.len > left)
		text.len = (size_t)left;
	f->sent += (int64_t)text.len;
	if (text.len > 0 && http_stream_write(to, text.ptr, text.len) < 0)
		return false;
	return f->options.limit_bytes < 0 || f->sent < f->options.limit_bytes;
}

/* New whole lines from f->at on. */
static bool send_new(struct follower *f, struct http_stream *to, int fd)
{
	char raw[STEP_BYTES];
	struct buf out;
	bool go_on = true;
	ssize_t n;
	buf_init(&out, STEP_BYTES * 4);
	while (go_on && (n = pread(fd, raw, sizeof raw, f->at)) > 0) {
		struct slice text = slice_of(raw, (size_t)n), line;
		while (text.len > 0 && text.ptr[text.len - 1] != '\n')
			text.len--;
		if (text.len == 0 && n < (ssize_t)sizeof raw)
			break;
		f->at += text.len ? (off_t)text.len : n;
		buf_reset(&out);
		while (text.len > 0 && (line = slice_cut(&text, '\n')).ptr)
			show_line(line, &f->options, &out);
		go_on = send_text(f, to, buf_view(&out));
	}
	buf_release(&out);
	return go_on;
}

static bool follow(void *arg, struct http_stream *to, bool tick)
{
	struct follower *f = arg;
	bool go_on = true;
	struct stat st;
	(void)tick;
	if (f->first.len > 0) {
		go_on = send_text(f, to, buf_view(&f->first));
		f->first.len = 0;
	}
	bool over = ++f->ticks % 4 == 0 && container_over(f);
	int fd = open(f->source.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (f->inode && st.st_ino != f->inode) { /* rotated: the rest of the old one, then from the start */
			int old = open(f->source.rotated, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
			if (old >= 0) {
				go_on = go_on && send_new(f, to, old);
				close(old);
			}
			f->at = 0;
		}
		f->inode = st.st_ino;
		go_on = go_on && send_new(f, to, fd);
	}
	if (fd >= 0)
		close(fd);
	return go_on && !over;
}

static void close_follower(void *arg)
{
	struct follower *f = arg;
	buf_release(&f->first);
	kind_unref(f->kind);
	free(f->namespace_);
	free(f->pod);
	free(f->uid);
	free(f->container);
	free(f);
}

static const struct kube_stream_ops follower_ops = {follow, close_follower};

static int start_following(struct kube_call *call, const struct log_source *source, const struct log_options *o,
			   const char *uid, const char *container, struct err *err)
{
	struct follower *f = calloc(1, sizeof *f);
	struct kube_stream *stream;
	if (!f)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	f->source = *source;
	f->options = *o;
	f->cluster = call->api->o.cluster;
	f->kind = kind_ref(call->kind);
	f->namespace_ = strdup(call->path.namespace_);
	f->pod = strdup(call->path.name);
	f->uid = strdup(uid);
	f->container = strdup(container);
	buf_init(&f->first, (size_t)limits.pod_log_bytes * 4);
	struct stat st;
	if (stat(source->path, &st) == 0)
		f->inode = st.st_ino;
	show_all(source, o, &f->first, &f->at);
	if (kube_stream_new(call->api->streams, &follower_ops, f, 0, &stream, err) < 0) {
		close_follower(f);
		return -1;
	}
	kube_stream_start(stream, call->x, 200, "text/plain");
	return 0;
}

static void release_buf(void *b)
{
	buf_release(b);
}

static int reply_log(struct kube_call *call, const struct log_source *source, const struct log_options *o,
		     struct err *err)
{
	struct buf *out = arena_zalloc(call->x->arena, sizeof *out);
	off_t end;
	if (!out)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	buf_init(out, (size_t)limits.pod_log_bytes * 4);
	arena_defer(call->x->arena, release_buf, out);
	show_all(source, o, out, &end);
	http_reply(call->x, 200, "text/plain", out->ptr ? buf_view(out) : SLICE_LIT(""));
	return 0;
}

static int check_started(const json_t *pod, const char *container, const struct log_options *o, struct err *err)
{
	const json_t *status = container_status(pod, container);
	const char *name = json_str_at(pod, "metadata.name"), *waiting = json_str_at(status, "state.waiting.reason");
	if (o->previous)
		return err_set(err, ERR_INVALID, "previous terminated container \"%s\" in pod \"%s\" not found",
			       container, name);
	if (waiting && !json_at(status, "lastState.terminated"))
		return err_set(err, ERR_INVALID, "container \"%s\" in pod \"%s\" is waiting to start: %s", container,
			       name, waiting);
	return 0;
}

static int log_of(struct kube_call *call, const json_t *pod, struct err *err)
{
	const char *container = choose_container(call->x, pod, err), *uid = json_str_at(pod, "metadata.uid");
	struct podlog log = {.root = call->api->logs_dir, .clock = call->api->o.clock};
	struct log_options options;
	struct log_source source;
	if (!container || options_of(call, &options, err) < 0 || check_started(pod, container, &options, err) < 0)
		return -1;
	struct podlog_name name = {slice_str(call->path.namespace_), slice_str(call->path.name), slice_str(uid),
				   slice_str(container)};
	if (podlog_path(&log, &name, 0, source.path, sizeof source.path, err) < 0 ||
	    podlog_path(&log, &name, 1, source.rotated, sizeof source.rotated, err) < 0)
		return -1;
	return options.follow ? start_following(call, &source, &options, uid, container, err)
			      : reply_log(call, &source, &options, err);
}

int kube_log(struct kube_call *call, struct err *err)
{
	json_t *pod;
	if (call->verb != KUBE_GET)
		return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
	call->r.subresource = NULL;
	if (cluster_get(call->api->o.cluster, &call->r, &pod, err) < 0)
		return -1;
	int rc = log_of(call, pod, err);
	json_decref(pod);
	return rc;
}
