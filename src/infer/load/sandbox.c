/*
 * The loader process: see sandbox.h.
 *
 *   a load                        loader process                       its child
 *   memfd, pair of sockets
 *   request + 3 descriptors  -->  fork                            -->  limits, filter
 *                                                                      load_file into the memfd
 *   <-------------------------------------------------------------    one record: fine, or an error
 *   <--------------------------   one record: how the child ended      exit
 *   seal, map, check
 *
 * The loader process has one thread, no descriptors but its socket and one socket a load, and never looks at a model. It
 * kills the child of a load whose other side hung up, which is how a deadline ends a load. Whatever a child says is
 * hostile: a record has a fixed size, and the image is used only after the child is gone, through image_map's checks.
 */
#include "infer/load/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/map.h"
#include "codec/utf8.h"
#include "infer/load/sandbox_filter.h"

enum {
	LOADS_MAX = 64,	 /* children at a time; more wait in the socket */
	REQUEST_FDS = 3, /* model, image, result */
	MEMORY_GRACE_BYTES = 768 << 20,
	MEMORY_RATIO = 256, /* address space per byte of the file, above the grace; what values may need is bounded closer,
			       in joblib.c */
};

struct request {
	struct limits limits;
	int64_t cpu_ms;
	uint64_t memory_bytes;
	char name[256]; /* its end: the extension is what counts */
};

/* From the child ('r') and from the loader process ('x', with the status of waitpid). */
struct record {
	char kind;
	int32_t code, sub, status;
	char message[ERR_MESSAGE_BYTES], detail[ERR_DETAIL_BYTES];
};

static struct {
	bool started, filtered;
	int fd;
	pid_t pid;
} loader = { .fd = -1 };

/* --- in the child that loads --- */

static void place_fds(const int fds[REQUEST_FDS])
{
	int high[REQUEST_FDS];
	for (int i = 0; i < REQUEST_FDS; i++)
		high[i] = fcntl(fds[i], F_DUPFD, CHILD_FDS + REQUEST_FDS);
	for (int i = 0; i < REQUEST_FDS; i++)
		if (high[i] < 0 || dup2(high[i], CHILD_MODEL + i) < 0)
			_exit(3);
	if (syscall(SYS_close_range, CHILD_FDS, ~0u, 0) < 0)
		for (int fd = CHILD_FDS; fd < 1024; fd++)
			(void)close(fd);
}

static _Noreturn void child_main(const struct request *r, const int fds[REQUEST_FDS], void *filter)
{
	struct record rec = { .kind = 'r' };
	struct err err = { 0 };
	struct image_writer w;
	place_fds(fds);
	limits = r->limits;
	(void)sandbox_drop_privileges();
	(void)sandbox_rlimits(r->memory_bytes, (uint64_t)limits.model_file_bytes, r->cpu_ms);
	if (filter && !sandbox_filter_install(filter)) {
		(void)err_set(&err, ERR_INTERNAL, "the loader's system call filter could not be installed");
	} else if (image_writer_init(&w, CHILD_IMAGE, (size_t)limits.model_file_bytes, &err) == 0) {
		struct load_source source = { .fd = CHILD_MODEL, .name = r->name };
		(void)load_file(&source, &w, &err);
		image_writer_release(&w);
	}
	rec.code = (int32_t)err.code;
	rec.sub = err.sub;
	memcpy(rec.message, err.message, sizeof rec.message);
	memcpy(rec.detail, err.detail, sizeof rec.detail);
	_exit(write(CHILD_RESULT, &rec, sizeof rec) == (ssize_t)sizeof rec ? 0 : 3);
}

/* --- in the loader process --- */

struct job {
	pid_t pid;
	int fd; /* result socket */
};

static int receive(int fd, struct request *r, int fds[REQUEST_FDS])
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * REQUEST_FDS)];
	} control;
	struct iovec io = { .iov_base = r, .iov_len = sizeof *r };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	if (n == 0)
		return 0;
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	/* Only this program's other half writes here: anything else is a bug of ours. */
	assert(n < 0 || (n == (ssize_t)sizeof *r && c && c->cmsg_type == SCM_RIGHTS &&
			 c->cmsg_len == CMSG_LEN(sizeof(int) * REQUEST_FDS)));
	if (n < 0)
		return -1;
	memcpy(fds, CMSG_DATA(c), sizeof(int) * REQUEST_FDS);
	r->name[sizeof r->name - 1] = 0;
	return 1;
}

static void start_job(struct job *job, const struct request *r, const int fds[REQUEST_FDS], void *filter)
{
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		child_main(r, fds, filter);
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
	*job = (struct job){ .pid = pid, .fd = fds[2] };
	if (pid < 0) {
		struct record rec = { .kind = 'x', .code = ERR_NO_MEMORY };
		(void)send(job->fd, &rec, sizeof rec, MSG_NOSIGNAL);
		(void)close(job->fd);
	}
}

static size_t reap(struct job *jobs, size_t n)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (jobs[i].pid != pid)
				continue;
			struct record rec = { .kind = 'x', .status = status };
			(void)send(jobs[i].fd, &rec, sizeof rec, MSG_NOSIGNAL);
			(void)close(jobs[i].fd);
			jobs[i] = jobs[--n];
			break;
		}
	}
	return n;
}

static _Noreturn void loader_main(int fd, void *filter)
{
	static struct job jobs[LOADS_MAX];
	size_t n = 0;
	sigset_t chld;
	(void)sandbox_drop_privileges();
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &chld, NULL);
	int signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		_exit(3);
	for (;;) {
		struct pollfd p[2 + LOADS_MAX] = { { .fd = n < LOADS_MAX ? fd : -1, .events = POLLIN },
						   { .fd = signals, .events = POLLIN } };
		for (size_t i = 0; i < n; i++)
			p[2 + i] = (struct pollfd){ .fd = jobs[i].fd, .events = 0 }; /* POLLHUP comes anyway */
		if (poll(p, 2 + n, -1) < 0)
			continue;
		for (size_t i = 0; i < n; i++)
			if (p[2 + i].revents)
				(void)kill(jobs[i].pid, SIGKILL);
		if (p[1].revents) {
			struct signalfd_siginfo info;
			while (read(signals, &info, sizeof info) > 0)
				;
			n = reap(jobs, n);
		}
		if (p[0].revents && n < LOADS_MAX) {
			struct request r;
			int fds[REQUEST_FDS];
			int got = receive(fd, &r, fds);
			if (got == 0)
				break;
			if (got < 0)
				continue;
			start_job(&jobs[n], &r, fds, filter);
			n += jobs[n].pid > 0;
		}
	}
	for (size_t i = 0; i < n; i++)
		(void)kill(jobs[i].pid, SIGKILL);
	_exit(0);
}

/* Does a filter work here? A container may forbid it. */
static bool filter_works(void *filter)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(sandbox_drop_privileges() && sandbox_filter_install(filter) ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void leave_the_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 3; i++) {
		if (SANDBOX_SANITIZED && i == STDERR_FILENO)
			continue;
		if (null < 0 || dup2(null, i) < 0)
			(void)close(i);
	}
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
}

int sandbox_start(struct err *err)
{
	int pair[2];
	if (loader.started)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, errno, "the loader's socket");
	void *filter = sandbox_filter_new();
	bool filtered = filter && filter_works(filter);
	map_prepare(); /* a load hashes, and its filter refuses getrandom */
	pid_t pid = fork();
	if (pid != 0)
		sandbox_filter_free(filter);
	if (pid < 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return err_errno(err, errno, "starting the loader process");
	}
	if (pid == 0) {
		leave_the_terminal();
		(void)prctl(PR_SET_NAME, "coracle-loader", 0, 0, 0);
		/* Everything that was open when the program started but the socket. */
		int fd = dup2(pair[1], 3);
		if (fd < 0)
			_exit(3);
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)syscall(SYS_close_range, 4, ~0u, 0);
		loader_main(fd, filtered ? filter : NULL);
	}
	(void)close(pair[1]);
	loader.started = true;
	loader.filtered = filtered;
	loader.fd = pair[0];
	loader.pid = pid;
	return 0;
}

bool sandbox_running(void)
{
	return loader.started;
}

void sandbox_stop(void)
{
	if (!loader.started)
		return;
	(void)close(loader.fd);
	while (waitpid(loader.pid, NULL, 0) < 0 && errno == EINTR)
		;
	loader.started = false;
	loader.fd = -1;
}

const char *sandbox_protections(void)
{
	if (!loader.started)
		return "none: loads run in this process";
	return loader.filtered ? "own process without files or network, seccomp filter, rlimits, no capabilities, sealed image" :
				 "own process, rlimits, no capabilities, sealed image (no seccomp filter on this machine)";
}

/* --- in whoever loads --- */

static int send_request(const struct request *r, const int fds[REQUEST_FDS], struct err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * REQUEST_FDS)];
	} control = { 0 };
	struct iovec io = { .iov_base = (void *)(uintptr_t)r, .iov_len = sizeof *r };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * REQUEST_FDS);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * REQUEST_FDS);
	ssize_t n;
	while ((n = sendmsg(loader.fd, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof *r)
		return err_set(err, ERR_UNAVAILABLE, "the loader process is gone: restart the program to load models");
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* One record before `until_ms`; ERR_DEADLINE after it. */
static int receive_record(int fd, int64_t until_ms, int64_t deadline_ms, struct record *out, struct err *err)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until_ms - now_ms();
		int rc = poll(&p, 1, (int)MAX(MIN(left, (int64_t)60000), (int64_t)0));
		if (rc < 0 && errno != EINTR)
			return err_errno(err, errno, "waiting for the loader");
		if (rc <= 0 && left <= 0)
			return err_set(err, ERR_DEADLINE, "loading took more than %lld ms", (long long)deadline_ms);
		if (rc <= 0)
			continue;
		ssize_t n = recv(fd, out, sizeof *out, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof *out)
			return err_set(err, ERR_UNAVAILABLE, "the loader process ended in the middle of a load");
		out->message[sizeof out->message - 1] = 0;
		out->detail[sizeof out->detail - 1] = 0;
		return 0;
	}
}

static int died(int status, struct err *err)
{
	if (WIFEXITED(status))
		return err_set(err, ERR_CORRUPT, "the loader ended without a result (exit code %d)", WEXITSTATUS(status));
	switch (WTERMSIG(status)) {
	case SIGXCPU:
		return err_set(err, ERR_DEADLINE, "loading used more than the CPU time it may have (limit load_ms)");
	case SIGXFSZ:
		return err_set(err, ERR_TOO_LARGE, "the model's image is larger than it may be (limit model_file_bytes)");
	case SIGKILL:
		return err_set(err, ERR_TOO_LARGE, "the loader was killed, most likely for want of memory");
	case SIGSYS:
		return err_set(err, ERR_CORRUPT, "the loader was stopped by its system call filter: the model file may be "
						 "an attack");
	default:
		return err_set(err, ERR_CORRUPT, "the loader crashed on this model file (signal %d)", WTERMSIG(status));
	}
}

/* The child's record, if it gave one, and the loader's word that it is gone. */
static int wait_for(int fd, int64_t deadline_ms, struct err *err)
{
	struct record result = { 0 }, rec;
	int64_t until = now_ms() + deadline_ms;
	do {
		if (receive_record(fd, until, deadline_ms, &rec, err) < 0)
			return -1;
		if (rec.kind == 'r' && result.kind == 0)
			result = rec;
	} while (rec.kind != 'x');
	if (rec.code == ERR_NO_MEMORY)
		return err_set(err, ERR_NO_MEMORY, "no process could be made for the load");
	if (result.kind == 0 || !WIFEXITED(rec.status) || WEXITSTATUS(rec.status) != 0)
		return died(rec.status, err);
	if (result.code == ERR_OK)
		return 0;
	if (result.code < 0 || result.code >= ERR_COUNT || !utf8_valid(slice_str(result.message)))
		return err_set(err, ERR_CORRUPT, "the loader gave no error that is known");
	(void)err_set(err, (enum err_code)result.code, "%s", result.message);
	(void)err_detail(err, "%s", result.detail);
	return err_sub(err, result.sub);
}

static int new_image(int *out, struct err *err)
{
#ifdef MFD_NOEXEC_SEAL
	int fd = memfd_create("model", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("model", MFD_CLOEXEC | MFD_ALLOW_SEALING);
#else
	int fd = memfd_create("model", MFD_CLOEXEC | MFD_ALLOW_SEALING);
#endif
	if (fd < 0)
		return err_errno(err, errno, "memory for a model image");
	*out = fd;
	return 0;
}

static int fill_request(const struct load_source *source, int64_t deadline_ms, struct request *r, struct err *err)
{
	struct stat st;
	if (fstat(source->fd, &st) < 0)
		return err_errno(err, errno, "%s", source->name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "%s is not a regular file", source->name);
	uint64_t more;
	memset(r, 0, sizeof *r);
	r->limits = limits;
	r->cpu_ms = MIN(deadline_ms, limits.load_ms);
	if (ckd_mul(&more, (uint64_t)st.st_size, (uint64_t)MEMORY_RATIO) || ckd_add(&more, more, (uint64_t)MEMORY_GRACE_BYTES))
		more = UINT64_MAX;
	r->memory_bytes = MIN(more, (uint64_t)limits.pickle_bytes + 2 * (uint64_t)limits.model_file_bytes);
	size_t n = strlen(source->name), room = sizeof r->name - 1;
	memcpy(r->name, source->name + (n > room ? n - room : 0), MIN(n, room));
	return 0;
}

int sandbox_load(const struct load_source *source, int64_t deadline_ms, struct image *out, struct err *err)
{
	struct request r;
	int image = -1, result[2] = { -1, -1 }, rc = -1;
	if (deadline_ms <= 0)
		deadline_ms = limits.load_ms;
	if (!loader.started)
		return err_set(err, ERR_UNAVAILABLE, "the loader process was not started");
	if (fill_request(source, deadline_ms, &r, err) < 0 || new_image(&image, err) < 0)
		goto done;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, result) < 0) {
		(void)err_errno(err, errno, "the loader's socket");
		goto done;
	}
	const int fds[REQUEST_FDS] = { source->fd, image, result[1] };
	if (send_request(&r, fds, err) < 0)
		goto done;
	(void)close(result[1]);
	result[1] = -1;
	if (wait_for(result[0], deadline_ms, err) < 0)
		goto done;
	/* The child is gone, and with it every writable mapping. */
	if (fcntl(image, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		(void)err_errno(err, errno, "sealing a model image");
		goto done;
	}
	rc = image_map(image, (size_t)limits.model_file_bytes, out, err);
done:
	if (image >= 0)
		(void)close(image);
	for (int i = 0; i < 2; i++)
		if (result[i] >= 0)
			(void)close(result[i]);
	return rc;
}
