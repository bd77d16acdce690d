/* The loader process: loads come back, at the same time from many threads; what goes wrong in it is an error here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"
#include "infer/load/sandbox.h"
#include "infer/load/sandbox_filter.h"

#define PICKLES TEST_DATA_DIR "/fixtures/pickles/"

static int load(const char *path, int64_t deadline_ms, struct image *out, struct err *err)
{
	struct load_source source = { .fd = open(path, O_RDONLY | O_CLOEXEC), .name = path };
	assert_true(source.fd >= 0);
	int rc = sandbox_load(&source, deadline_ms, out, err);
	close(source.fd);
	return rc;
}

/* A file in memory with these bytes, repeated. */
static int load_bytes(const char *name, const char *unit, size_t n, int64_t deadline_ms, struct err *err)
{
	struct load_source source = { .fd = memfd_create("model", MFD_CLOEXEC), .name = name };
	struct image im;
	size_t len = strlen(unit);
	char *text = malloc(len * n);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, unit, len);
	assert_int_equal(write(source.fd, text, len * n), len * n);
	free(text);
	int rc = sandbox_load(&source, deadline_ms, &im, err);
	if (rc == 0)
		image_release(&im);
	close(source.fd);
	return rc;
}

static int count_fds(void)
{
	int n = 0;
	DIR *d = opendir("/proc/self/fd");
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void a_load_comes_back_sealed(void **state)
{
	(void)state;
	struct image im;
	struct err err = { 0 };
	int before = count_fds();
	if (load(PICKLES "kmeans.xz.joblib", 0, &im, &err) < 0)
		fail_msg("%s", err.message);
	assert_true(im.len > sizeof(struct image_header));
	assert_int_equal(((const struct image_header *)(const void *)im.base)->magic, IMAGE_MAGIC);
	image_release(&im);
	assert_int_equal(count_fds(), before);
	assert_non_null(strstr(sandbox_protections(), "own process"));
}

static void errors_come_back_as_they_were(void **state)
{
	(void)state;
	struct err err = { 0 };
	int before = count_fds();
	assert_int_equal(load_bytes("x.pkl", "cos\nsystem\n.", 1, 0, &err), -1);
	assert_int_equal(err.code, ERR_FORBIDDEN);
	assert_non_null(strstr(err.message, "os.system"));
	assert_int_equal(load_bytes("x.onnx", "x", 1, 0, &err), -1);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.message, "ONNX"));
	assert_int_equal(load_bytes("x.pkl", "]", 1, 0, &err), -1);
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_int_equal(count_fds(), before);
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct image im;
	struct load_source source = { .fd = open("/dev/zero", O_RDONLY), .name = "x.pkl" };
	assert_int_equal(sandbox_load(&source, 0, &im, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	close(source.fd);
}

static void *load_many(void *failed)
{
	static const char *const files[] = { "kmeans.p2.pkl", "kmeans.p5.pkl", "kmeans.lz4.joblib" };
	for (int i = 0; i < 12; i++) {
		char path[512];
		struct image im;
		struct err err = { 0 };
		(void)snprintf(path, sizeof path, PICKLES "%s", files[i % 3]);
		if (load(path, 0, &im, &err) < 0) {
			fprintf(stderr, "%s\n", err.message);
			atomic_fetch_add((atomic_int *)failed, 1);
			continue;
		}
		image_release(&im);
	}
	return NULL;
}

static void many_threads_load_at_the_same_time(void **state)
{
	(void)state;
	pthread_t threads[8];
	atomic_int failed = 0;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, load_many, &failed), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failed, 0);
}

static void a_load_over_its_deadline_is_ended(void **state)
{
	(void)state;
	struct err err = { 0 };
	int before = count_fds();
	/* Seconds of work: values pushed and popped again. */
	assert_int_equal(load_bytes("x.pkl", "N0N0N0N0", 16 << 20, 1, &err), -1);
	assert_int_equal(err.code, ERR_DEADLINE);
	assert_int_equal(count_fds(), before);
}

/* --- the filter itself --- */

static int try_open(void)
{
	return open("/etc/hostname", O_RDONLY);
}

static int try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int try_fork(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static int try_exec(void)
{
	char *const argv[] = { "true", NULL };
	return execve("/bin/true", argv, argv + 1);
}

static int try_executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int try_write_elsewhere(void)
{
	return (int)write(CHILD_MODEL, "x", 1);
}

static int try_memory(void)
{
	char *p = malloc(8 << 20);
	memset(p, 1, 8 << 20);
	int rc = p[12345] == 1 ? 0 : -1;
	free(p);
	return rc;
}

/* 0: it worked; 1: it was refused or the process was killed for it. */
static int refused(int (*act)(void), void *filter)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		(void)sandbox_drop_privileges();
		if (!sandbox_filter_install(filter))
			_exit(2);
		_exit(act() < 0 ? 1 : 0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? 1 : 3;
	return WEXITSTATUS(status);
}

static void a_loading_child_can_read_and_nothing_else(void **state)
{
	(void)state;
	if (strstr(sandbox_protections(), "no seccomp")) {
		print_message("seccomp is not to be had on this machine\n");
		skip();
	}
	void *filter = sandbox_filter_new();
	assert_non_null(filter);
	assert_int_equal(refused(try_memory, filter), 0);
	assert_int_equal(refused(try_open, filter), 1);
	assert_int_equal(refused(try_socket, filter), 1);
	assert_int_equal(refused(try_fork, filter), 1);
	assert_int_equal(refused(try_exec, filter), 1);
	assert_int_equal(refused(try_executable_memory, filter), 1);
	assert_int_equal(refused(try_write_elsewhere, filter), 1);
	sandbox_filter_free(filter);
}

/* --- the loader process gone --- */

static pid_t loader_pid(void)
{
	char text[64] = "";
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

static void a_loader_process_that_is_gone_is_an_error_and_no_fallback(void **state)
{
	(void)state;
	struct image im;
	struct err err = { 0 };
	kill(loader_pid(), SIGKILL);
	assert_int_equal(load(PICKLES "kmeans.p2.pkl", 0, &im, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_true(sandbox_running());
	sandbox_stop();
	assert_false(sandbox_running());
	assert_int_equal(load(PICKLES "kmeans.p2.pkl", 0, &im, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
}

static int start(void **state)
{
	(void)state;
	struct err err = { 0 };
	return sandbox_start(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_comes_back_sealed),
		cmocka_unit_test(errors_come_back_as_they_were),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(many_threads_load_at_the_same_time),
		cmocka_unit_test(a_load_over_its_deadline_is_ended),
		cmocka_unit_test(a_loading_child_can_read_and_nothing_else),
		cmocka_unit_test(a_loader_process_that_is_gone_is_an_error_and_no_fallback),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
