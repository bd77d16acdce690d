/* The admin socket: see admin.h. */
#include "cli/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"

enum { STACK_BYTES = 1 << 20, REQUEST_BYTES_MAX = 64 << 10, REQUEST_TIMEOUT_S = 5 };

struct admin {
	int fd;
	pthread_t thread;
	bool started;
	atomic_bool stopping;
	const struct admin_op *ops;
	size_t ops_n;
	void *arg;
	char *path;
};

struct admin_call {
	int fd;
};

/*
 * A socket's address has room for 107 bytes, a data directory's path may be longer: the directory is opened and named
 * by its descriptor. The caller closes *dir_fd.
 */
static int socket_address(const struct datadir *d, struct sockaddr_un *out, int *dir_fd, struct err *err)
{
	int fd = open(datadir_path(d, "run"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno, "opening %s", datadir_path(d, "run"));
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	(void)snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/admin.sock", fd);
	*dir_fd = fd;
	return 0;
}

/* Takes `line`. A peer that is gone is not an error here: the operation goes on to its end. */
static void send_line(int fd, json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
	struct err ignored = {0};
	if (text && fs_write_all(&fs_os, fd, text, strlen(text), &ignored) == 0)
		(void)fs_write_all(&fs_os, fd, "\n", 1, &ignored);
	free(text);
	json_decref(line);
}

void admin_report(struct admin_call *call, json_t *line)
{
	send_line(call->fd, line);
}

static json_t *read_request(int fd)
{
	char *text = malloc(REQUEST_BYTES_MAX);
	size_t n = 0;
	if (!text)
		abort();
	while (n < REQUEST_BYTES_MAX && !(n && text[n - 1] == '\n')) {
		ssize_t got = read(fd, text + n, REQUEST_BYTES_MAX - n);
		if (got <= 0 && errno != EINTR)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	json_t *request = json_loadb(text, n, 0, NULL);
	free(text);
	return request;
}

static bool may_ask(int fd)
{
	struct ucred who;
	socklen_t n = sizeof who;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && (who.uid == geteuid() || who.uid == 0);
}

static const struct admin_op *find_op(const struct admin *a, const char *name)
{
	for (size_t i = 0; name && i < a->ops_n; i++)
		if (strcmp(a->ops[i].name, name) == 0)
			return &a->ops[i];
	return NULL;
}

static void answer(struct admin *a, int fd)
{
	struct admin_call call = {.fd = fd};
	struct err err = {0};
	json_t *request = read_request(fd), *done = NULL;
	const struct admin_op *op = find_op(a, json_string_value(json_object_get(request, "op")));
	int rc = op ? op->run(&call, a->arg, request, &done, &err)
		    : err_set(&err, ERR_INVALID, "the server knows no such operation: it is of another version");
	if (rc == 0)
		send_line(fd, json_pack("{s:o}", "done", done ? done : json_null()));
	else
		send_line(fd, json_pack("{s:s,s:i}", "error", err.message, "code", (int)err.code));
	if (rc < 0)
		LOG_WARN("admin", "an operation failed", LOG_S("op", op ? op->name : ""), LOG_S("error", err.message),
			 LOG_S("detail", err.detail));
	json_decref(request);
}

static void *serve(void *arg)
{
	struct admin *a = arg;
	const struct timeval patience = {.tv_sec = REQUEST_TIMEOUT_S};
	while (!atomic_load(&a->stopping)) {
		int fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
				(void)usleep(100000);
			continue;
		}
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		if (may_ask(fd))
			answer(a, fd);
		close(fd);
	}
	return NULL;
}

int admin_start(const struct datadir *d, const struct admin_op *ops, size_t ops_n, void *arg, struct admin **out,
		struct err *err)
{
	struct sockaddr_un to;
	pthread_attr_t attr;
	int dir_fd;
	if (socket_address(d, &to, &dir_fd, err) < 0)
		return -1;
	struct admin *a = calloc(1, sizeof *a);
	if (!a)
		abort();
	*a = (struct admin){
	    .fd = -1, .ops = ops, .ops_n = ops_n, .arg = arg, .path = strdup(datadir_path(d, "run/admin.sock"))};
	(void)unlink(a->path);
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = 0;
	if (a->fd < 0 || bind(a->fd, (struct sockaddr *)&to, sizeof to) < 0 || listen(a->fd, 8) < 0)
		rc = err_errno(err, errno, "making %s", a->path);
	close(dir_fd);
	if (rc == 0) {
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, STACK_BYTES);
		rc = pthread_create(&a->thread, &attr, serve, a);
		pthread_attr_destroy(&attr);
		a->started = rc == 0;
		rc = rc == 0 ? 0 : err_errno(err, rc, "starting a thread");
	}
	if (rc < 0) {
		admin_stop(a);
		return -1;
	}
	(void)pthread_setname_np(a->thread, "admin");
	*out = a;
	return 0;
}

void admin_stop(struct admin *a)
{
	if (!a)
		return;
	atomic_store(&a->stopping, true);
	if (a->fd >= 0)
		(void)shutdown(a->fd, SHUT_RDWR);
	if (a->started)
		pthread_join(a->thread, NULL);
	if (a->fd >= 0)
		close(a->fd);
	(void)unlink(a->path);
	free(a->path);
	free(a);
}

/* ---- asking ---- */

static int connect_to(const struct datadir *d, struct err *err)
{
	struct sockaddr_un to;
	int dir_fd, fd = -1, rc;
	json_t *running;
	if (datadir_running(d, &running, err) < 0)
		return -1;
	json_decref(running);
	if (socket_address(d, &to, &dir_fd, err) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
	if (rc < 0) {
		err_set(err, ERR_UNAVAILABLE, "the server does not answer by %s: %s", datadir_path(d, "run/admin.sock"),
			strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	close(dir_fd);
	return fd;
}

/* The last line, or the error in it. */
static int finish(json_t *last, json_t **done, struct err *err)
{
	const json_t *text = json_object_get(last, "error");
	json_t *result = json_object_get(last, "done");
	if (text)
		return err_set(err, (enum err_code)json_integer_value(json_object_get(last, "code")), "%s",
			       json_string_value(text));
	if (!result)
		return err_set(err, ERR_UNAVAILABLE, "the server ended before it had answered");
	*done = json_incref(result);
	return 0;
}

int admin_ask(const struct datadir *d, json_t *request, void (*report)(void *arg, const json_t *line), void *arg,
	      json_t **done, struct err *err)
{
	int fd = connect_to(d, err);
	char *line = NULL;
	size_t cap = 0;
	json_t *last = NULL;
	if (fd < 0) {
		json_decref(request);
		return -1;
	}
	send_line(fd, request);
	FILE *f = fdopen(fd, "r");
	if (!f)
		abort();
	while (getline(&line, &cap, f) > 0) {
		json_t *j = json_loads(line, 0, NULL);
		if (json_object_get(j, "done") || json_object_get(j, "error")) {
			last = j;
			break;
		}
		if (report && j)
			report(arg, j);
		json_decref(j);
	}
	int rc = finish(last, done, err);
	json_decref(last);
	free(line);
	(void)fclose(f);
	return rc;
}
