/* Tests of cli/datadir.c: one server a directory, and the directory's format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/datadir.h" /* before cmocka.h, which has a macro named as its fail() */

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

static int setup(void **state)
{
	struct datadir *d = calloc(1, sizeof *d);
	char path[] = "/tmp/test-datadir-XXXXXX";
	if (!d || !mkdtemp(path))
		return -1;
	(void)snprintf(d->path, sizeof d->path, "%s/data", path);
	d->lock_fd = -1;
	*state = d;
	return datadir_make(d, NULL);
}

static int teardown(void **state)
{
	struct datadir *d = *state;
	*strrchr(d->path, '/') = 0;
	fs_remove_tree(d->path, NULL);
	free(d);
	return 0;
}

static void a_second_server_is_refused_and_told_by_whom(void **state)
{
	struct datadir *d = *state, again = *d;
	struct err err = { 0 };
	char pid[32];
	assert_int_equal(datadir_lock(d, &err), 0);
	assert_int_equal(datadir_lock(&again, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	(void)snprintf(pid, sizeof pid, "process %ld;", (long)getpid());
	assert_non_null(strstr(err.message, pid));
	datadir_unlock(d);
	assert_int_equal(datadir_lock(&again, &err), 0);
	datadir_unlock(&again);
}

static void what_a_dead_server_left_is_not_a_running_one(void **state)
{
	struct datadir *d = *state;
	struct err err = { 0 };
	json_t *running;
	assert_int_equal(fs_replace(datadir_path(d, "run/endpoints.json"), SLICE_LIT("{\"pid\": 1}"), 0600, NULL), 0);
	assert_int_equal(datadir_running(d, &running, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	struct datadir server = *d;
	assert_int_equal(datadir_lock(&server, &err), 0);
	assert_int_equal(datadir_running(d, &running, &err), 0);
	json_decref(running);
	datadir_unlock(&server);
}

static void a_directory_of_a_newer_program_is_left_alone(void **state)
{
	struct datadir *d = *state;
	struct err err = { 0 };
	assert_int_equal(fs_replace(datadir_path(d, "version"), SLICE_LIT("1000\n"), 0600, NULL), 0);
	assert_int_equal(datadir_migrate(d, &err), -1);
	assert_int_equal(err.code, ERR_VERSION);
	assert_int_equal(fs_replace(datadir_path(d, "version"), SLICE_LIT("one\n"), 0600, NULL), 0);
	assert_int_equal(datadir_migrate(d, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
}

static void a_directory_without_a_version_is_brought_up(void **state)
{
	struct datadir *d = *state;
	struct err err = { 0 };
	char *text;
	size_t n;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(datadir_migrate(d, &err), 0);
		assert_int_equal(fs_slurp(datadir_path(d, "version"), 64, &text, &n, &err), 0);
		assert_string_equal(text, "1\n");
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_second_server_is_refused_and_told_by_whom, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_dead_server_left_is_not_a_running_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_of_a_newer_program_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_without_a_version_is_brought_up, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
