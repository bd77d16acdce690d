/* Model images: what the writer writes is what readers find, and nothing outside of the region is ever handed out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "infer/image.h"

static const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

static void an_image_grows_and_keeps_what_it_has(void **state)
{
	(void)state;
	for (int with_fd = 0; with_fd < 2; with_fd++) {
		struct image_writer w;
		struct image im;
		struct err err = { 0 };
		int fd = with_fd ? memfd_create("test", MFD_ALLOW_SEALING) : -1;
		assert_int_equal(image_writer_init(&w, fd, 64 << 20, &err), 0);
		uint64_t at[3000], first = 0;
		for (uint32_t i = 0; i < 3000; i++) {
			at[i] = image_put(&w, &i, sizeof i);
			assert_true(at[i] % IMAGE_ALIGN == 0 && at[i] > first);
			first = at[i];
		}
		uint64_t large = image_reserve(&w, 5 << 20);
		const uint8_t *p = image_writer_at(&w, large);
		for (size_t i = 0; i < (5 << 20); i += 4096)
			assert_int_equal(p[i], 0);
		assert_int_equal(image_finish(&w, at[0], &err), 0);
		if (with_fd) {
			image_writer_release(&w);
			assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
			assert_int_equal(image_map(fd, 64 << 20, &im, &err), 0);
			close(fd);
		} else {
			assert_int_equal(image_take(&w, &im, &err), 0);
		}
		for (uint32_t i = 0; i < 3000; i++)
			assert_int_equal(*(const uint32_t *)image_at(&im, at[i], 1, sizeof i), i);
		/* Vector loads at the very end stay inside. */
		assert_true(large + (5 << 20) + IMAGE_ALIGN <= im.len);
		image_release(&im);
	}
}

static void an_image_over_its_cap_fails_at_the_end(void **state)
{
	(void)state;
	struct image_writer w;
	struct err err = { 0 };
	assert_int_equal(image_writer_init(&w, -1, 1 << 16, &err), 0);
	uint64_t root = image_reserve(&w, 8);
	assert_int_equal(image_reserve(&w, 1 << 16), 0);
	assert_int_equal(image_reserve(&w, 8), 0);
	assert_int_equal(image_reserve(&w, SIZE_MAX), 0);
	assert_int_equal(image_finish(&w, root, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	image_writer_release(&w);
}

static void nothing_outside_is_handed_out(void **state)
{
	(void)state;
	static _Alignas(64) uint8_t region[256];
	const struct image im = { .base = region, .len = sizeof region };
	assert_ptr_equal(image_at(&im, 64, 4, 8), region + 64);
	assert_ptr_equal(image_at(&im, 0, 256, 1), region);
	assert_ptr_equal(image_at(&im, 256, 0, 8), region + 256);
	assert_null(image_at(&im, 0, 257, 1));
	assert_null(image_at(&im, 256, 1, 1));
	assert_null(image_at(&im, 264, 0, 8));
	assert_null(image_at(&im, 64, UINT64_MAX, 8));
	assert_null(image_at(&im, 64, UINT64_MAX / 8 + 2, 8));
	assert_null(image_at(&im, UINT64_MAX, 1, 1));
	assert_null(image_at(&im, 66, 1, 8));
	assert_null(image_at(&im, 66, 1, 4));
	assert_non_null(image_at(&im, 66, 1, 2));
}

static int new_memfd(const struct image_header *h, size_t bytes, int with_seals)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	assert_int_equal(pwrite(fd, h, sizeof *h, 0), sizeof *h);
	if (with_seals)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, with_seals), 0);
	return fd;
}

static void an_image_of_a_hostile_loader_is_refused(void **state)
{
	(void)state;
	const struct image_header good = { .magic = IMAGE_MAGIC, .version = 1, .bytes = 4096, .root = 128 };
	struct {
		struct image_header h;
		size_t bytes;
		int seals;
	} cases[] = {
		{ good, 4096, 0 },	 { good, 4096, F_SEAL_SHRINK | F_SEAL_GROW },
		{ good, 8192, seals },	 { good, 1 << 20, seals },
		{ good, 4096, seals },	 { good, 4096, seals },
		{ good, 4096, seals },	 { good, 4096, seals },
	};
	cases[4].h.magic = 0;
	cases[5].h.version = 99;
	cases[6].h.root = 4096;
	cases[7].h.root = 129;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct image im;
		struct err err = { 0 };
		int fd = new_memfd(&cases[i].h, cases[i].bytes, cases[i].seals);
		assert_int_equal(image_map(fd, 1 << 16, &im, &err), -1);
		assert_true(err.code == ERR_CORRUPT || err.code == ERR_TOO_LARGE);
		close(fd);
	}
	struct image im;
	struct err err = { 0 };
	int fd = new_memfd(&good, 4096, seals);
	assert_int_equal(image_map(fd, 1 << 16, &im, &err), 0);
	image_release(&im);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_grows_and_keeps_what_it_has),
		cmocka_unit_test(an_image_over_its_cap_fails_at_the_end),
		cmocka_unit_test(nothing_outside_is_handed_out),
		cmocka_unit_test(an_image_of_a_hostile_loader_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
