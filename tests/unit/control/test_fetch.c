/* The storage initializer: what each scheme brings, what it refuses, and that a failure leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"
#include "control/fetch.h"
#include "store/object.h"

struct fixture {
	char dir[64], target[128], root[128];
	struct object_store *objects;
	struct fetch_options options;
	struct fetch_s3 s3;
	const char *roots[1];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	snprintf(f->dir, sizeof f->dir, "/tmp/test-fetch-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->target, sizeof f->target, "%s/models/ns/name/rev", f->dir);
	snprintf(f->root, sizeof f->root, "%s/root", f->dir);
	mkdir(f->root, 0700);
	if (object_store_open(&(struct object_store_options){.dir = f->dir, .fs = &fs_os}, &f->objects, NULL) < 0)
		return -1;
	f->roots[0] = f->root;
	f->options = (struct fetch_options){.objects = f->objects, .s3_access_key = "minio", .s3_secret_key = "minio123",
					    .file_roots = f->roots, .file_roots_n = 1};
	f->s3 = (struct fetch_s3){.endpoint = "", .region = "", .access_key = "minio", .secret_key = "minio123",
				  .session_token = "", .ca_file = ""};
	bucket_create(f->objects, SLICE_LIT("textclustering"), NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	object_store_close(f->objects);
	fs_remove_tree(f->dir, NULL);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *key, struct slice bytes)
{
	struct content *c;
	struct arena arena;
	struct object_info info;
	struct err err = {0};
	arena_init(&arena, 0, 0);
	assert_int_equal(content_begin(f->objects, 0, CHECKSUM_NONE, &c, &err), 0);
	assert_int_equal(content_write(c, bytes.ptr, bytes.len, &err), 0);
	assert_int_equal(content_end(c, &err), 0);
	struct object_put p = {.bucket = SLICE_LIT("textclustering"), .key = slice_str(key)};
	if (object_put(f->objects, &p, c, &arena, &info, &err) < 0)
		fail_msg("%s", err.message);
	arena_release(&arena);
}

static void write_file(const char *dir, const char *name, struct slice bytes)
{
	char path[256];
	struct err err = {0};
	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(fs_replace(path, bytes, 0600, &err), 0);
}

static int try(struct fixture *f, const char *uri, struct fetch_result *out, struct err *err)
{
	struct fetch_request r = {.uri = uri, .s3 = &f->s3, .target = f->target};
	err_clear(err);
	return fetch_uri(&f->options, &r, out, err);
}

static bool there(const struct fixture *f, const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", f->target, name);
	return access(path, R_OK) == 0;
}

static void refused(struct fixture *f, const char *uri, enum err_code code, const char *text)
{
	struct err err;
	char partial[160];
	assert_int_equal(try(f, uri, NULL, &err), -1);
	if (err.code != code || !strstr(err.message, text))
		fail_msg("%s: %d %s", uri, err.code, err.message);
	snprintf(partial, sizeof partial, "%s.partial", f->target);
	assert_int_equal(access(partial, F_OK), -1);
}

/* ---- our own store ---- */

static void a_bucket_is_brought_whole(void **state)
{
	struct fixture *f = *state;
	struct fetch_result r;
	struct err err;
	put(f, "model.joblib", SLICE_LIT("model"));
	put(f, "transformer.joblib", SLICE_LIT("transformer"));
	put(f, "folder/", SLICE_LIT(""));
	put(f, "folder/deep/file", SLICE_LIT("x"));
	if (try(f, "s3://textclustering", &r, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(r.files, 3);
	assert_int_equal(r.bytes, 17);
	assert_true(there(f, "model.joblib"));
	assert_true(there(f, "transformer.joblib"));
	assert_true(there(f, "folder/deep/file"));
}

static void a_key_is_one_file_and_replaces_what_was_there(void **state)
{
	struct fixture *f = *state;
	struct fetch_result r;
	struct err err;
	put(f, "a/model.joblib", SLICE_LIT("model"));
	put(f, "a/model.joblib.old", SLICE_LIT("old"));
	assert_int_equal(try(f, "s3://textclustering/a/model.joblib", &r, &err), 0);
	assert_int_equal(r.files, 1);
	assert_true(there(f, "model.joblib"));
	put(f, "b/other.joblib", SLICE_LIT("other"));
	assert_int_equal(try(f, "s3://textclustering/b/", &r, &err), 0);
	assert_true(there(f, "other.joblib"));
	assert_false(there(f, "model.joblib"));
}

static void a_prefix_ends_where_a_step_ends(void **state)
{
	struct fixture *f = *state;
	struct fetch_result r;
	struct err err;
	put(f, "models/sk/model.joblib", SLICE_LIT("1"));
	put(f, "models/sklearn/model.joblib", SLICE_LIT("22"));
	assert_int_equal(try(f, "s3://textclustering/models/sk", &r, &err), 0);
	assert_int_equal(r.bytes, 1);
	refused(f, "s3://textclustering/models/s", ERR_NOT_FOUND, "NoSuchKey");
}

enum { WRITERS = 32, KEYS_EACH = 34 };

struct writer {
	struct fixture *f;
	int number;
};

static void *write_keys(void *arg)
{
	const struct writer *w = arg;
	char key[32];
	for (int i = 0; i < KEYS_EACH; i++) {
		snprintf(key, sizeof key, "many/%02d-%02d", w->number, i);
		put(w->f, key, SLICE_LIT("x"));
	}
	return NULL;
}

static void a_page_is_not_the_end(void **state)
{
	struct fixture *f = *state;
	struct fetch_result r;
	struct err err;
	struct writer writers[WRITERS]; /* many at once share their syncs */
	pthread_t threads[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){f, i};
		assert_int_equal(pthread_create(&threads[i], NULL, write_keys, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(try(f, "s3://textclustering/many", &r, &err), 0);
	assert_int_equal(r.files, WRITERS * KEYS_EACH);
}

static void wrong_keys_get_the_answer_of_s3(void **state)
{
	struct fixture *f = *state;
	put(f, "model.joblib", SLICE_LIT("model"));
	f->s3.access_key = "somebody";
	refused(f, "s3://textclustering", ERR_FORBIDDEN, "InvalidAccessKeyId: The AWS Access Key Id you provided");
	f->s3.access_key = "minio";
	f->s3.secret_key = "minio124";
	refused(f, "s3://textclustering", ERR_FORBIDDEN, "SignatureDoesNotMatch: The request signature");
	f->s3.anonymous = true;
	refused(f, "s3://textclustering", ERR_FORBIDDEN, "AccessDenied: Access Denied.");
	f->s3.access_key = "";
	f->s3.anonymous = false;
	refused(f, "s3://textclustering", ERR_FORBIDDEN, "AWS_ACCESS_KEY_ID");
}

static void a_missing_bucket_and_an_empty_one_are_named(void **state)
{
	struct fixture *f = *state;
	refused(f, "s3://nowhere/x", ERR_NOT_FOUND, "s3://nowhere/x: NoSuchBucket");
	refused(f, "s3://textclustering", ERR_NOT_FOUND, "the bucket is empty");
	refused(f, "s3://", ERR_INVALID, "names no bucket");
}

static void a_key_that_leaves_the_folder_is_refused(void **state)
{
	struct fixture *f = *state;
	put(f, "x/../../escape", SLICE_LIT("x"));
	refused(f, "s3://textclustering/x", ERR_FORBIDDEN, "cannot be a file name");
}

static void more_than_the_limit_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t was = limits.model_file_bytes;
	put(f, "model.joblib", SLICE_LIT("12345678"));
	limits.model_file_bytes = 7;
	refused(f, "s3://textclustering", ERR_TOO_LARGE, "model_file_bytes");
	limits.model_file_bytes = was;
}

static int give_up(void *arg, int64_t idle_ms, struct err *err)
{
	(void)arg;
	(void)idle_ms;
	return err_set(err, ERR_CANCELLED, "given up");
}

static void a_fetch_can_be_given_up_and_leaves_what_was_there(void **state)
{
	struct fixture *f = *state;
	struct err err;
	put(f, "model.joblib", SLICE_LIT("1"));
	assert_int_equal(try(f, "s3://textclustering", NULL, &err), 0);
	f->options.check = give_up;
	refused(f, "s3://textclustering", ERR_CANCELLED, "given up");
	assert_true(there(f, "model.joblib"));
}

/* ---- archives ---- */

static void tar_header(char *block, const char *name, size_t bytes)
{
	memset(block, 0, 512);
	snprintf(block, 100, "%s", name);
	snprintf(block + 100, 8, "%07o", 0644);
	snprintf(block + 124, 12, "%011zo", bytes);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	unsigned sum = 0;
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

static void an_archive_becomes_its_content(void **state)
{
	struct fixture *f = *state;
	struct fetch_result r;
	struct err err;
	char tar[2048] = {0};
	tar_header(tar, "inside/model.joblib", 5);
	memcpy(tar + 512, "model", 5);
	put(f, "m.tar", slice_of(tar, sizeof tar));
	if (try(f, "s3://textclustering/m.tar", &r, &err) < 0)
		fail_msg("%s", err.message);
	assert_true(there(f, "inside/model.joblib"));
	assert_false(there(f, "m.tar"));
	tar_header(tar, "../escape", 5);
	put(f, "bad.tar", slice_of(tar, sizeof tar));
	refused(f, "s3://textclustering/bad.tar", ERR_FORBIDDEN, "bad.tar");
}

/* ---- folders of this machine ---- */

static void a_file_below_a_root_is_read_and_no_other(void **state)
{
	struct fixture *f = *state;
	char uri[256];
	struct err err;
	write_file(f->root, "model.joblib", SLICE_LIT("model"));
	write_file(f->dir, "secret", SLICE_LIT("secret"));
	snprintf(uri, sizeof uri, "file://%s/model.joblib", f->root);
	assert_int_equal(try(f, uri, NULL, &err), 0);
	assert_true(there(f, "model.joblib"));
	snprintf(uri, sizeof uri, "file://%s", f->root);
	assert_int_equal(try(f, uri, NULL, &err), 0);
	snprintf(uri, sizeof uri, "file://%s/secret", f->dir);
	refused(f, uri, ERR_FORBIDDEN, "storage.file_roots");
	snprintf(uri, sizeof uri, "file://%s/../secret", f->root);
	refused(f, uri, ERR_FORBIDDEN, "not a name below");
	snprintf(uri, sizeof uri, "file://%s/%%2e%%2e/secret", f->root);
	refused(f, uri, ERR_FORBIDDEN, "not a name below");
	snprintf(uri, sizeof uri, "file://%sroot2", f->root);
	refused(f, uri, ERR_FORBIDDEN, "not below");
	f->options.file_roots_n = 0;
	snprintf(uri, sizeof uri, "file://%s/model.joblib", f->root);
	refused(f, uri, ERR_FORBIDDEN, "it names none");
}

static void links_are_not_followed(void **state)
{
	struct fixture *f = *state;
	char uri[256], link[256];
	write_file(f->dir, "secret", SLICE_LIT("secret"));
	snprintf(link, sizeof link, "%s/model.joblib", f->root);
	assert_int_equal(symlink("../secret", link), 0);
	snprintf(uri, sizeof uri, "file://%s/model.joblib", f->root);
	refused(f, uri, ERR_FORBIDDEN, "symbolic link");
	snprintf(uri, sizeof uri, "file://%s", f->root);
	refused(f, uri, ERR_FORBIDDEN, "symbolic link");
}

static void a_claim_is_its_folder(void **state)
{
	struct fixture *f = *state;
	struct err err;
	struct fetch_request r = {.uri = "pvc://data/sub", .target = f->target};
	mkdir(f->root, 0700);
	assert_int_equal(fetch_uri(&f->options, &r, NULL, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, "persistentvolumeclaim \"data\" not found"));
	char sub[160];
	snprintf(sub, sizeof sub, "%s/sub", f->root);
	mkdir(sub, 0700);
	write_file(sub, "model.joblib", SLICE_LIT("model"));
	r.volume_dir = f->root;
	err_clear(&err);
	if (fetch_uri(&f->options, &r, NULL, &err) < 0)
		fail_msg("%s", err.message);
	assert_true(there(f, "model.joblib"));
}

/* ---- names and addresses ---- */

static void a_scheme_that_is_not_read_is_named(void **state)
{
	struct fixture *f = *state;
	refused(f, "gs://bucket/x", ERR_UNSUPPORTED, "gs://");
	refused(f, "model.joblib", ERR_INVALID, "has no scheme");
}

static void link_local_addresses_are_refused(void **state)
{
	struct fixture *f = *state;
	refused(f, "http://169.254.169.254/latest/model.joblib", ERR_FORBIDDEN, "link-local");
	f->s3.endpoint = "http://169.254.169.254";
	refused(f, "s3://textclustering", ERR_FORBIDDEN, "link-local");
	f->s3.endpoint = "";
	f->options.refuse_private = true;
	refused(f, "http://127.0.0.1:1/model.joblib", ERR_FORBIDDEN, "loopback");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_bucket_is_brought_whole),
	    TEST(a_key_is_one_file_and_replaces_what_was_there),
	    TEST(a_prefix_ends_where_a_step_ends),
	    TEST(a_page_is_not_the_end),
	    TEST(wrong_keys_get_the_answer_of_s3),
	    TEST(a_missing_bucket_and_an_empty_one_are_named),
	    TEST(a_key_that_leaves_the_folder_is_refused),
	    TEST(more_than_the_limit_is_refused),
	    TEST(a_fetch_can_be_given_up_and_leaves_what_was_there),
	    TEST(an_archive_becomes_its_content),
	    TEST(a_file_below_a_root_is_read_and_no_other),
	    TEST(links_are_not_followed),
	    TEST(a_claim_is_its_folder),
	    TEST(a_scheme_that_is_not_read_is_named),
	    TEST(link_local_addresses_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
