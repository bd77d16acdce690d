/*
 * `coracle up`: takes the data directory, starts everything, says so, waits for SIGTERM or SIGINT, drains.
 *
 * With --detach the work happens in a child; a pipe carries its one word to the parent: "ok" and the listeners, or the
 * error. The loader process and the lock belong to that child.
 */
#include "cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/app.h"
#include "cli/notify.h"
#include "infer/load/load.h"

static int write_endpoints(const struct app *a, const struct datadir *d, struct err *err)
{
	json_t *listeners = json_object();
	for (int i = 0; i < LISTENERS; i++)
		if (app_address(a, (enum listener_id)i))
			json_object_set_new(listeners, listener_names[i], json_string(app_address(a, (enum listener_id)i)));
	json_t *doc = json_pack("{s:I,s:s,s:b,s:o}", "pid", (json_int_t)getpid(), "version", CORACLE_VERSION, "ready", 1,
				"listeners", listeners);
	char *text = json_dumps(doc, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	int rc = fs_replace(datadir_path(d, "run/endpoints.json"), slice_str(text), 0600, err);
	free(text);
	json_decref(doc);
	return rc;
}

static void say_ready(const struct app *a, const struct datadir *d, int64_t started_ns, FILE *to)
{
	fprintf(to, "coracle %s ready in %.0f ms, data in %s\n", CORACLE_VERSION,
		(double)(clock_mono_ns(&clock_os) - started_ns) / 1e6, d->path);
	for (int i = 0; i < LISTENERS; i++)
		if (app_address(a, (enum listener_id)i))
			fprintf(to, "  %-12s %s\n", listener_names[i], app_address(a, (enum listener_id)i));
	fflush(to);
}

/* Blocks until one of the signals that mean "stop". */
static void wait_for_stop(const sigset_t *signals)
{
	int got = 0;
	while (sigwait(signals, &got) != 0)
		;
	LOG_INFO("main", "stopping", LOG_S("signal", got == SIGTERM ? "SIGTERM" : "SIGINT"));
}

static int serve(const struct config *c, struct datadir *d, FILE *tell, struct err *err)
{
	int64_t started_ns = clock_mono_ns(&clock_os);
	sigset_t stop;
	struct app *app;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	log_setup(c->log_format, c->log_level, 2);
	if (datadir_make(d, err) < 0 || datadir_lock(d, err) < 0 || loader_start(err) < 0)
		return -1;
	pthread_sigmask(SIG_BLOCK, &stop, NULL); /* before the first thread, so that only sigwait sees them */
	if (app_start(c, d, &app, err) < 0 || write_endpoints(app, d, err) < 0) {
		datadir_unlock(d);
		return -1;
	}
	say_ready(app, d, started_ns, tell);
	notify_systemd("READY=1");
	if (tell != stdout)
		fclose(tell);
	wait_for_stop(&stop);
	notify_systemd("STOPPING=1");
	int cut = app_stop(app);
	datadir_unlock(d);
	if (cut > 0)
		LOG_WARN("main", "requests were cut off", LOG_I("requests", cut));
	return 0;
}

static int detach_stdio(const struct datadir *d, struct err *err)
{
	const char *path = datadir_path(d, "logs/coracle.log");
	if (fs_mkdirs(datadir_path(d, "logs"), 0700, err) < 0)
		return -1;
	int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (log < 0 || null < 0)
		return err_errno(err, errno, "opening %s", path);
	setsid();
	if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		return err_errno(err, errno, "redirecting output");
	close(log);
	close(null);
	return chdir("/") < 0 ? err_errno(err, errno, "changing to /") : 0;
}

/* The parent's side: copies what the child says; the first byte tells how it went. */
static int relay(int fd)
{
	char text[4096];
	size_t n = 0;
	ssize_t got;
	while (n < sizeof text && (got = read(fd, text + n, sizeof text - n)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	bool ok = n > 0 && text[0] != '!';
	fwrite(text + (ok ? 0 : MIN((size_t)1, n)), 1, n - (ok ? 0 : MIN((size_t)1, n)), ok ? stdout : stderr);
	if (n == 0)
		fprintf(stderr, "coracle up: the server ended before it was ready; see logs/coracle.log\n");
	return ok ? EXIT_OK : EXIT_FAILED;
}

static int detach(const struct config *c, struct datadir *d)
{
	int ends[2];
	struct err err = { 0 };
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_errno(&err, errno, "pipe");
		return fail("up", &err);
	}
	pid_t pid = fork();
	if (pid < 0) {
		err_errno(&err, errno, "fork");
		return fail("up", &err);
	}
	if (pid > 0) {
		close(ends[1]);
		return relay(ends[0]);
	}
	close(ends[0]);
	FILE *tell = fdopen(ends[1], "w");
	if (detach_stdio(d, &err) < 0 || serve(c, d, tell, &err) < 0) {
		fprintf(tell, "!coracle up: %s\n", err.message);
		fclose(tell);
		_exit(EXIT_FAILED);
	}
	_exit(EXIT_OK);
}

int command_up(const struct options *o)
{
	struct datadir d;
	struct config c;
	struct err err = { 0 };
	if (datadir_find(o, &d, &err) < 0)
		return fail("up", &err);
	if (config_read(o, &c, &err) < 0)
		return usage("up", err.message);
	int code = EXIT_OK;
	if (c.detach)
		code = detach(&c, &d);
	else if (serve(&c, &d, stdout, &err) < 0)
		code = fail("up", &err);
	config_release(&c);
	return code;
}
