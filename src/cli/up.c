/*
 * `coracle up`: one server on one data directory, from start to drain.
 *
 * With --detach the server is a child in a session of its own, whose log is DIR/logs/coracle.log; the parent waits on a
 * pipe for its answer: ready, or the error that it then prints. The main thread only waits for signals:
 *
 *   SIGTERM, SIGINT   finish the requests in flight, then exit; a second SIGINT ends it at once
 *   SIGHUP            detached: open the log anew (after it was moved away); else the terminal is gone, as SIGTERM
 *
 * Under systemd (Type=notify) it says READY, STOPPING, STATUS, and WATCHDOG while a job still gets through the first
 * loop and the background pool within half the watchdog's time.
 */
#include "cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/app.h"
#include "cli/notify.h"
#include "cli/status.h"
#include "infer/load/sandbox.h"

enum { ARENAS_MAX = 4 };

static const char log_file[] = "logs/coracle.log";

/* ---- detaching ---- */

struct answer {
	int code; /* EXIT_OK: ready */
	char message[ERR_MESSAGE_BYTES];
};

static int open_log(const struct datadir *d)
{
	return open(datadir_path(d, log_file), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Where log lines go: a terminal or systemd's pipe as it is, or the file when detached. */
static int log_reopen(const struct datadir *d, struct err *err)
{
	int fd = open_log(d);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		return err_errno(err, errno, "opening %s", datadir_path(d, log_file));
	close(fd);
	return 0;
}

static int wait_for_child(const struct datadir *d, int fd, pid_t pid)
{
	struct answer a = {.code = EXIT_FAILED};
	struct err err = {0};
	json_t *running;
	ssize_t n;
	while ((n = read(fd, &a, sizeof a)) < 0 && errno == EINTR)
		;
	close(fd);
	if (n != (ssize_t)sizeof a) {
		(void)waitpid(pid, NULL, 0);
		err_set(&err, ERR_INTERNAL, "the server ended while it was starting; see %s",
			datadir_path(d, log_file));
		return fail("up", &err);
	}
	if (a.code != EXIT_OK) {
		err_set(&err, ERR_INTERNAL, "%s", a.message);
		(void)waitpid(pid, NULL, 0);
		(void)fail("up", &err);
		return a.code;
	}
	if (datadir_running(d, &running, &err) < 0)
		return fail("up", &err);
	status_print(d, running);
	json_decref(running);
	return EXIT_OK;
}

/* In the parent: waits, *code is how to exit, returns 1. In the child: *pipe_fd is where to answer, returns 0. */
static int detach(const struct datadir *d, int *pipe_fd, int *code, struct err *err)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(err, errno, "a pipe");
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, errno, "starting the server's process");
	if (pid > 0) {
		close(fds[1]);
		*code = wait_for_child(d, fds[0], pid);
		return 1;
	}
	close(fds[0]);
	*pipe_fd = fds[1];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (setsid() < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 || chdir("/") < 0)
		return err_errno(err, errno, "detaching");
	close(null);
	return log_reopen(d, err);
}

/* Once; later errors have no reader but the log. */
static void answer(int *fd, int code, const char *message)
{
	struct answer a = {.code = code};
	if (*fd < 0)
		return;
	(void)snprintf(a.message, sizeof a.message, "%s", message);
	ssize_t ignored = write(*fd, &a, sizeof a);
	(void)ignored;
	close(*fd);
	*fd = -1;
}

/* ---- what others read ---- */

/* Made anew at each start, so nothing is lost when it is not on disk yet: no sync. */
static int write_run_file(const struct datadir *d, const char *name, struct slice text, struct err *err)
{
	char path[PATH_MAX];
	(void)snprintf(path, sizeof path, "%s.tmp", datadir_path(d, name));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, errno, "creating %s", path);
	int rc = fs_write_all(&fs_os, fd, text.ptr, text.len, err);
	if (rc < 0)
		err_wrap(err, "%s", path);
	if (close(fd) < 0 && rc == 0)
		rc = err_errno(err, errno, "writing %s", path);
	if (rc == 0 && rename(path, datadir_path(d, name)) < 0)
		rc = err_errno(err, errno, "renaming %s", path);
	return rc;
}

static int write_endpoints(const struct app *a, const struct datadir *d, struct err *err)
{
	json_t *listeners = json_object();
	for (int i = 0; i < LISTENERS; i++) {
		const char *address = app_address(a, (enum listener_id)i);
		if (address)
			json_object_set_new(listeners, listener_names[i], json_string(address));
	}
	json_t *doc = json_pack("{s:I,s:s,s:b,s:I,s:s,s:o}", "pid", (json_int_t)getpid(), "version", CORACLE_VERSION,
				"ready", 1, "started", (json_int_t)time(NULL), "data", d->path, "listeners", listeners);
	char *text = doc ? json_dumps(doc, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
	int rc = text ? write_run_file(d, "run/endpoints.json", slice_str(text), err)
		      : err_set(err, ERR_INVALID, "the data directory's name is not UTF-8: %s", d->path);
	free(text);
	json_decref(doc);
	return rc;
}

static int write_kubeconfig(const struct app *a, const struct datadir *d, struct err *err)
{
	const char *address = app_address(a, LISTENER_KUBERNETES);
	struct buf text;
	if (!address)
		return 0;
	buf_init(&text, 1 << 20);
	app_kubeconfig(a, address, &text);
	int rc = write_run_file(d, "run/kubeconfig", buf_view(&text), err);
	buf_release(&text);
	return rc;
}

/* ---- waiting ---- */

static sigset_t waited_signals(void)
{
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGTERM);
	sigaddset(&s, SIGINT);
	sigaddset(&s, SIGHUP);
	return s;
}

static atomic_bool alive;

static void note_alive(void *arg)
{
	(void)arg;
	atomic_store(&alive, true);
}

/* Half of the watchdog's time in ms, 0: nobody watches. */
static int64_t watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t us = 0, for_pid = getpid();
	if (!usec || !slice_i64(slice_str(usec), &us) || (pid && !slice_i64(slice_str(pid), &for_pid)))
		return 0;
	return for_pid == getpid() ? us / 2000 : 0;
}

/* Returns when it is time to stop. */
static void serve(struct app *a, const struct datadir *d, bool detached)
{
	sigset_t signals = waited_signals();
	int64_t every_ms = watchdog_ms();
	const struct timespec every = {every_ms / 1000, every_ms % 1000 * 1000000};
	atomic_store(&alive, true);
	for (;;) {
		struct err err = {0};
		int got = every_ms > 0 ? sigtimedwait(&signals, NULL, &every) : sigwaitinfo(&signals, NULL);
		if (got == SIGTERM || got == SIGINT || (got == SIGHUP && !detached))
			return;
		if (got == SIGHUP && log_reopen(d, &err) < 0)
			LOG_WARN("server", "the log was not opened anew", LOG_S("error", err.message));
		if (got < 0 && errno == EAGAIN && atomic_exchange(&alive, false)) {
			notify_systemd("WATCHDOG=1");
			app_run(a, note_alive, NULL);
		}
	}
}

static void say_ready(const struct config *config, const struct datadir *d, int *answer_fd)
{
	struct err err = {0};
	json_t *running;
	notify_systemd("READY=1\nSTATUS=Serving");
	answer(answer_fd, EXIT_OK, "");
	if (!config->detach && datadir_running(d, &running, &err) == 0) {
		status_print(d, running);
		(void)fflush(stdout);
		json_decref(running);
	}
	LOG_INFO("server", "ready", LOG_S("version", CORACLE_VERSION), LOG_S("data", d->path));
}

static int run(const struct config *config, struct datadir *d, int *answer_fd, struct err *err)
{
	struct app *a;
	struct err unprotected = {0};
	if (sandbox_start(&unprotected) < 0)
		LOG_WARN("server", "model files are read in the server's own process",
			 LOG_S("why", unprotected.message));
	if (datadir_lock(d, err) < 0 || datadir_migrate(d, err) < 0 || app_start(config, d, &a, err) < 0)
		return -1;
	if (write_kubeconfig(a, d, err) < 0 || write_endpoints(a, d, err) < 0) {
		app_stop(a);
		return -1;
	}
	say_ready(config, d, answer_fd);
	serve(a, d, config->detach);
	notify_systemd("STOPPING=1\nSTATUS=Finishing requests in flight");
	LOG_INFO("server", "stopping");
	sigset_t interrupt;
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
	if (app_stop(a) > 0)
		return err_set(err, ERR_DEADLINE, "requests were cut off after %lld ms", (long long)limits.drain_ms);
	return 0;
}

int command_up(const struct options *o)
{
	struct config config;
	struct datadir d;
	struct err err = {0};
	int answer_fd = -1, code = EXIT_OK;
	sigset_t signals = waited_signals();
	if (config_read(o, &config, &err) < 0)
		return usage("up", err.message);
	if (datadir_find(o, &d, &err) < 0 || datadir_make(&d, &err) < 0) {
		config_release(&config);
		return fail("up", &err);
	}
	int rc = config.detach ? detach(&d, &answer_fd, &code, &err) : 0;
	if (rc <= 0) {
		/* Few threads allocate at once; the default of eight arenas a CPU only spreads the heap out. */
		mallopt(M_ARENA_MAX, ARENAS_MAX);
		pthread_sigmask(SIG_BLOCK, &signals, NULL);
		log_setup(config.log_format, config.log_level, STDERR_FILENO);
		if (rc == 0)
			rc = run(&config, &d, &answer_fd, &err);
		if (rc < 0) {
			answer(&answer_fd, EXIT_FAILED, err.message);
			code = EXIT_FAILED;
			if (config.detach)
				LOG_ERROR("server", "stopped", LOG_S("error", err.message),
					  LOG_S("detail", err.detail));
			else
				code = fail("up", &err);
		}
		sandbox_stop();
		datadir_unlock(&d);
	}
	config_release(&config);
	return code;
}
