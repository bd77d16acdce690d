/* Tests of cli/tar.c: what goes in comes out; archives made to do harm are refused and leave nothing outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/tar.h"

struct fixture {
	char dir[64];
	int fd, in, out; /* the directory; "in" below it; "out" below it */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test-tar-XXXXXX");
	if (!f || !mkdtemp(f->dir))
		return -1;
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY);
	mkdirat(f->fd, "in", 0700);
	mkdirat(f->fd, "out", 0700);
	f->in = openat(f->fd, "in", O_RDONLY | O_DIRECTORY);
	f->out = openat(f->fd, "out", O_RDONLY | O_DIRECTORY);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	close(f->in);
	close(f->out);
	close(f->fd);
	fs_remove_tree(f->dir, NULL);
	free(f);
	return 0;
}

static void put(int dir, const char *name, const char *text, size_t n, mode_t mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
}

static void has(int dir, const char *name, const char *text, size_t n, mode_t mode)
{
	char got[2048];
	struct stat st;
	int fd = openat(dir, name, O_RDONLY);
	if (fd < 0)
		fail_msg("%s is not there", name);
	assert_int_equal(read(fd, got, sizeof got), n);
	assert_memory_equal(got, text, n);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
	close(fd);
}

static int extract(struct fixture *f, const char *archive, struct err *err)
{
	struct tar t;
	int fd = openat(f->fd, archive, O_RDONLY), rc;
	assert_true(fd >= 0);
	*err = (struct err){ 0 };
	tar_begin(&t, fd);
	rc = tar_extract(&t, f->out, err);
	tar_close(&t);
	close(fd);
	return rc;
}

static void what_goes_in_comes_out(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct tar t;
	char deep[300], block[1536], target[200];
	memset(block, 'x', sizeof block);
	memset(target, 't', sizeof target - 1);
	target[sizeof target - 1] = 0;
	put(f->in, "empty", "", 0, 0600);
	put(f->in, "small", "five\n", 5, 0644);
	put(f->in, "three-blocks", block, sizeof block, 0600);
	mkdirat(f->in, "below", 0750);
	int below = openat(f->in, "below", O_RDONLY | O_DIRECTORY);
	memset(deep, 'n', 200);
	deep[200] = 0;
	put(below, deep, "long name", 9, 0600);
	assert_int_equal(symlinkat("../small", below, "link"), 0);
	assert_int_equal(symlinkat(target, below, "long-link"), 0);
	assert_int_equal(mkfifoat(below, "pipe", 0600), 0);
	close(below);
	int out = openat(f->fd, "a.tar", O_WRONLY | O_CREAT | O_EXCL, 0600);
	tar_begin(&t, out);
	assert_int_equal(tar_add(&t, f->fd, "in", "all", &err), 0);
	assert_int_equal(tar_end(&t, &err), 0);
	tar_close(&t);
	close(out);
	assert_int_equal(t.count.files, 4);
	assert_int_equal(t.count.bytes, 5 + (int64_t)sizeof block + 9);
	assert_int_equal(extract(f, "a.tar", &err), 0);
	has(f->out, "all/empty", "", 0, 0600);
	has(f->out, "all/small", "five\n", 5, 0644);
	has(f->out, "all/three-blocks", block, sizeof block, 0600);
	memmove(deep + 10, deep, 201);
	memcpy(deep, "all/below/", 10);
	has(f->out, deep, "long name", 9, 0600);
	has(f->out, "all/below/link", "five\n", 5, 0644);
	char got[400];
	ssize_t n = readlinkat(f->out, "all/below/long-link", got, sizeof got);
	assert_int_equal(n, strlen(target));
	assert_memory_equal(got, target, (size_t)n);
	assert_int_equal(faccessat(f->out, "all/below/pipe", F_OK, 0), -1);
}

static void no_damage_passes_unseen(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct tar t;
	char archive[16 * 512], unpacked[128];
	(void)snprintf(unpacked, sizeof unpacked, "%s/out/all", f->dir);
	put(f->in, "a", "what is stored", 14, 0600);
	assert_int_equal(symlinkat("a", f->in, "link"), 0);
	int out = openat(f->fd, "a.tar", O_RDWR | O_CREAT | O_EXCL, 0600);
	tar_begin(&t, out);
	assert_int_equal(tar_add(&t, f->fd, "in", "all", &err), 0);
	assert_int_equal(tar_end(&t, &err), 0);
	tar_close(&t);
	ssize_t n = pread(out, archive, sizeof archive, 0);
	close(out);
	assert_true(n > 4 * 512 && n < (ssize_t)sizeof archive && n % 512 == 0);
	ssize_t digest_ends = n - 3 * 512 + 65; /* padding and the end follow */
	for (ssize_t i = 0; i < digest_ends; i++) {
		archive[i] ^= 4;
		put(f->fd, "b.tar", archive, (size_t)n, 0600);
		if (extract(f, "b.tar", &err) == 0)
			fail_msg("a flipped bit in byte %zd passed", i);
		archive[i] ^= 4;
		assert_int_equal(fs_remove_tree(unpacked, &err), 0);
	}
	for (ssize_t i = 0; i < n - 512; i++) {
		put(f->fd, "b.tar", archive, (size_t)i, 0600);
		if (extract(f, "b.tar", &err) == 0)
			fail_msg("%zd bytes of %zd passed", i, n);
		assert_int_equal(fs_remove_tree(unpacked, &err), 0);
	}
	put(f->fd, "b.tar", archive, (size_t)n, 0600);
	assert_int_equal(extract(f, "b.tar", &err), 0);
	has(f->out, "all/a", "what is stored", 14, 0600);
}

/* ---- archives made by hand ---- */

struct block {
	char bytes[512];
};

static struct block header(const char *name, char type, size_t size, const char *link)
{
	struct block b = { { 0 } };
	unsigned sum = 0;
	(void)snprintf(b.bytes, 100, "%s", name);
	memcpy(b.bytes + 100, "0000600", 8);
	memcpy(b.bytes + 108, "0000000\0" "0000000", 16);
	(void)snprintf(b.bytes + 124, 12, "%011zo", size);
	memcpy(b.bytes + 136, "00000000000", 12);
	memset(b.bytes + 148, ' ', 8);
	b.bytes[156] = type;
	(void)snprintf(b.bytes + 157, 100, "%s", link);
	memcpy(b.bytes + 257, "ustar\0" "00", 8);
	for (size_t i = 0; i < sizeof b.bytes; i++)
		sum += (unsigned char)b.bytes[i];
	(void)snprintf(b.bytes + 148, 8, "%06o", sum);
	return b;
}

static void refused(struct fixture *f, const struct block *blocks, size_t n, const char *part)
{
	struct err err;
	put(f->fd, "b.tar", (const char *)blocks, n * sizeof *blocks, 0600);
	assert_int_equal(extract(f, "b.tar", &err), -1);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void names_that_lead_outside_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "../evil", "/tmp/evil", "a/../../evil", "./evil", "a//evil", "", "..", "/" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct block b[3] = { header(names[i], '0', 0, "") };
		refused(f, b, 3, "leave the directory");
	}
	assert_int_equal(faccessat(f->fd, "evil", F_OK, 0), -1);
}

static void a_link_is_not_written_through(void **state)
{
	struct fixture *f = *state;
	struct block dir[4] = { header("d", '2', 0, ".."), header("d/evil", '0', 0, "") };
	refused(f, dir, 4, "opening d");
	struct block file[4] = { header("e", '2', 0, "../evil"), header("e", '0', 0, "") };
	refused(f, file, 4, "creating e");
	assert_int_equal(faccessat(f->fd, "evil", F_OK, 0), -1);
}

static void only_files_directories_and_links_are_made(void **state)
{
	struct fixture *f = *state;
	static const char types[] = { '1', '3', '4', '6', '7', 'g', 'L', 'S' };
	for (size_t i = 0; i < sizeof types; i++) {
		struct block b[3] = { header("x", types[i], 0, "y") };
		refused(f, b, 3, "neither file");
	}
}

static void damage_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct block b[4] = { header("x", '0', 600, "") };
	refused(f, b, 2, "ends too early"); /* 600 bytes need two blocks */
	memcpy(&b[0], (const struct block[]){ header("y", '0', 600, "") }, sizeof b[0]);
	refused(f, b, 3, "ends too early"); /* no end */
	b[0].bytes[0] = 'z';
	refused(f, b, 4, "does not add up");
	struct block negative[3] = { header("x", 'x', 20, "") };
	memcpy(negative[1].bytes, "20 size=-1\nxxxxxxxxx", 20);
	refused(f, negative, 3, "pax record");
	struct block directory[3] = { header("x", '5', 512, "") };
	refused(f, directory, 3, "size");
	struct block twice[4] = { header("w", '0', 0, ""), header("w", '0', 0, "") };
	refused(f, twice, 4, "creating w");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_goes_in_comes_out, setup, teardown),
		cmocka_unit_test_setup_teardown(no_damage_passes_unseen, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_lead_outside_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_is_not_written_through, setup, teardown),
		cmocka_unit_test_setup_teardown(only_files_directories_and_links_are_made, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_noticed, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
