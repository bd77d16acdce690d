/* Image references: Docker's rules for equal names, what is built in, the stored aliases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/check.h"
#include "control/image.h"

static void names_that_docker_takes_for_one_image_are_one(void **state)
{
	static const char *const same[] = {"x", "x:latest", "library/x", "docker.io/x", "docker.io/library/x:latest",
					   "index.docker.io/x", "index.docker.io/library/x"};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++)
		assert_true(image_same(same[0], same[i]));
	assert_false(image_same("x", "x:1"));
	assert_false(image_same("x", "localhost/x"));
	assert_false(image_same("a/x", "x"));
	assert_false(image_same("registry.example.com:5000/x", "x"));
	assert_true(image_same("registry.example.com:5000/a/x", "registry.example.com:5000/a/x:latest"));
}

static void what_is_no_reference_is_refused(void **state)
{
	static const char *const bad[] = {"", ":", "X", "x:", "a//b", "/x", "x@sha256:12", "x y", "x:tag with space", "-x"};
	char out[IMAGE_NAME_BYTES];
	struct err err = {0};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(image_normalize(bad[i], out, &err), -1);
		assert_int_equal(err.code, ERR_INVALID);
	}
}

static void a_built_in_answers_for_every_tag(void **state)
{
	(void)state;
	assert_int_equal(image_builtin_find("kserve/sklearnserver:v0.7.0")->kind, IMAGE_SKLEARN);
	assert_int_equal(image_builtin_find("docker.io/kserve/sklearnserver")->kind, IMAGE_SKLEARN);
	assert_int_equal(image_builtin_find("coracle/sklearn-transformer")->kind, IMAGE_TRANSFORMER);
	assert_null(image_builtin_find("agmangas/sklearn-transformer:latest"));
	assert_null(image_builtin_find("quay.io/kserve/sklearnserver"));
	assert_null(image_builtin_find("not an image"));
}

static int seen;
static void count(void *ctx, const char *name, const char *target, const struct image_settings *settings)
{
	(void)name, (void)target, (void)ctx, (void)settings;
	seen++;
}

static void aliases_are_kept_in_the_config_map_by_their_full_name(void **state)
{
	struct err err = {0};
	struct arena arena;
	struct image_settings found, method = {.model = "/data/model.joblib", .method = "predict_proba"};
	json_t *one, *two, *none;
	(void)state;
	arena_init(&arena, 0, 0);
	assert_int_equal(
	    image_alias_set(NULL, "agmangas/sklearn-transformer", "coracle/sklearn-transformer", NULL, &one, &err), 0);
	assert_string_equal(
	    image_alias_find(one, "index.docker.io/agmangas/sklearn-transformer:latest", &arena, &found),
	    "coracle/sklearn-transformer");
	assert_string_equal(found.method, "");
	assert_null(image_alias_find(one, "agmangas/sklearn-transformer:v2", &arena, &found));
	assert_int_equal(image_alias_set(one, "b", "coracle/sklearn", &method, &two, &err), 0);
	image_alias_each(two, count, NULL);
	assert_int_equal(seen, 2);
	assert_int_equal(image_alias_remove(two, "docker.io/agmangas/sklearn-transformer:latest", &none, &err), 0);
	assert_null(image_alias_find(none, "agmangas/sklearn-transformer", &arena, &found));
	assert_string_equal(image_alias_find(none, "b", &arena, &found), "coracle/sklearn");
	assert_string_equal(found.method, "predict_proba");
	assert_string_equal(found.model, "file:///data/model.joblib");
	json_decref(one);
	json_decref(two);
	assert_int_equal(image_alias_remove(none, "c", &two, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	json_decref(none);
	arena_release(&arena);
}

static void a_setting_that_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *target;
		struct image_settings settings;
		enum err_code code;
		const char *says;
	} cases[] = {
	    {"coracle/sklearn", {.method = "guess"}, ERR_INVALID, "guess"},
	    {"coracle/sklearn", {.model = "model.joblib"}, ERR_INVALID, "scheme"},
	    {"coracle/sklearn", {.model = "ftp://h/model"}, ERR_UNSUPPORTED, "ftp"},
	    {"coracle/sklearn-transformer", {.method = "predict"}, ERR_UNSUPPORTED, "takes no method"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = {0};
		json_t *out = NULL;
		assert_int_equal(image_alias_set(NULL, "a", cases[i].target, &cases[i].settings, &out, &err), -1);
		assert_int_equal(err.code, cases[i].code);
		assert_non_null(strstr(err.message, cases[i].says));
		assert_null(out);
	}
}

static void an_alias_leads_to_a_built_in_only(void **state)
{
	struct err err = {0};
	json_t *out = NULL;
	(void)state;
	assert_int_equal(image_alias_set(NULL, "a", "nginx", NULL, &out, &err), -1);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.message, "coracle/sklearn-transformer"));
	assert_null(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_that_docker_takes_for_one_image_are_one),
	    cmocka_unit_test(what_is_no_reference_is_refused),
	    cmocka_unit_test(a_built_in_answers_for_every_tag),
	    cmocka_unit_test(aliases_are_kept_in_the_config_map_by_their_full_name),
	    cmocka_unit_test(a_setting_that_makes_no_sense_is_refused),
	    cmocka_unit_test(an_alias_leads_to_a_built_in_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
