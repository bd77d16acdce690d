/* Which models a path holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "serving/repository.h"

static char root[64];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof root, "/tmp/test_repository.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err err = {0};
	(void)state;
	return fs_remove_tree(root, &err);
}

static const char *at(const char *name)
{
	static char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	return path;
}

static void make_file(const char *name)
{
	struct err err = {0};
	char folder[256];
	(void)snprintf(folder, sizeof folder, "%s", at(name));
	*strrchr(folder, '/') = 0;
	assert_int_equal(fs_mkdirs(folder, 0700, &err), 0);
	assert_int_equal(fs_replace(at(name), SLICE_LIT("x"), 0600, &err), 0);
}

/* "name version path-below-root, ..." */
static const char *scan(const char *below, const char *name)
{
	static char text[1024];
	struct repository r;
	struct err err = {0};
	size_t len = 0;
	if (repository_scan(at(below), name, &r, &err) < 0) {
		(void)snprintf(text, sizeof text, "%d", err_info(err.code)->http);
		return text;
	}
	text[0] = 0;
	for (size_t i = 0; i < r.models.len; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s:%s:%s", i ? " " : "", r.models.ptr[i].name,
					r.models.ptr[i].version, r.models.ptr[i].path + strlen(root) + 1);
	repository_release(&r);
	return text;
}

static void a_file_is_a_model_named_without_its_extension(void **state)
{
	(void)state;
	make_file("iris.joblib");
	make_file("text.pkl.gz");
	make_file("plain");
	assert_string_equal(scan("iris.joblib", NULL), "iris::iris.joblib");
	assert_string_equal(scan("text.pkl.gz", NULL), "text::text.pkl.gz");
	assert_string_equal(scan("plain", NULL), "plain::plain");
	assert_string_equal(scan("iris.joblib", "other"), "other::iris.joblib");
}

static void a_folder_that_says_so_is_one_model(void **state)
{
	static const char *const marks[] = {"MLmodel", "model.pkl", "saved_model.pb", "config.pbtxt"};
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char name[64], want[64];
		(void)snprintf(name, sizeof name, "m%zu/%s", i, marks[i]);
		make_file(name);
		(void)snprintf(name, sizeof name, "m%zu/sub/x", i);
		make_file(name);
		(void)snprintf(name, sizeof name, "m%zu", i);
		(void)snprintf(want, sizeof want, "m%zu::m%zu", i, i);
		assert_string_equal(scan(name, NULL), want);
	}
}

static void sub_folders_are_models_and_the_highest_version_serves(void **state)
{
	(void)state;
	make_file("repo/iris/1/model.joblib");
	make_file("repo/iris/10/model.joblib");
	make_file("repo/iris/9/model.joblib");
	make_file("repo/iris/notes/x");
	make_file("repo/text/model.joblib");
	make_file("repo/one/only.joblib");
	make_file("repo/.hidden/model.joblib");
	make_file("repo/empty/inner/deeper/x");
	assert_string_equal(scan("repo", NULL), "iris:10:repo/iris/10 one::repo/one text::repo/text");
	assert_string_equal(scan("repo/iris", NULL), "iris:10:repo/iris/10");
	assert_string_equal(scan("repo/one", NULL), "one::repo/one");
	assert_string_equal(scan("repo", "name"), "400");
}

static void what_holds_nothing_is_told(void **state)
{
	struct err err = {0};
	(void)state;
	assert_string_equal(scan("absent", NULL), "404");
	assert_int_equal(fs_mkdirs(at("empty"), 0700, &err), 0);
	assert_string_equal(scan("empty", NULL), "404");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    T(a_file_is_a_model_named_without_its_extension),
	    T(a_folder_that_says_so_is_one_model),
	    T(sub_folders_are_models_and_the_highest_version_serves),
	    T(what_holds_nothing_is_told),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
