/* A digest made on a second core is the one made at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "store/lane.h"

static char *bytes(size_t n)
{
	char *p = malloc(n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 2654435761u >> 13);
	return p;
}

/* A machine with one processor has no lanes: nothing to test there. */
static struct lane *start(struct hash *h, atomic_uint *count)
{
	hash_init(h, HASH_MD5);
	struct lane *l = lane_start(h, count);
	if (!l)
		hash_drop(h);
	return l;
}

static void a_digest_does_not_depend_on_how_its_bytes_come(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, 3 << 20, (5 << 20) + 17};
	static const size_t steps[] = {100, 4096, 256 << 10, 300000, 8 << 20};
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		char *p = bytes(sizes[i]);
		uint8_t wanted[16], got[16];
		hash_once(HASH_MD5, slice_of(p, sizes[i]), wanted);
		for (size_t k = 0; k < COUNT_OF(steps); k++) {
			atomic_uint count = 0;
			struct hash h;
			struct lane *l = start(&h, &count);
			if (!l)
				break;
			for (size_t at = 0; at < sizes[i]; at += steps[k])
				lane_write(l, p + at, MIN(steps[k], sizes[i] - at));
			lane_end(l, got);
			assert_memory_equal(got, wanted, sizeof wanted);
			assert_int_equal(atomic_load(&count), 0);
		}
		free(p);
	}
}

static void what_was_hashed_before_counts(void **state)
{
	(void)state;
	atomic_uint count = 0;
	uint8_t wanted[16], got[16];
	struct hash h;
	hash_init(&h, HASH_MD5);
	hash_update(&h, "before ", 7);
	struct lane *l = lane_start(&h, &count);
	if (!l) {
		hash_drop(&h);
		return;
	}
	lane_write(l, "and after", 9);
	lane_end(l, got);
	hash_once(HASH_MD5, SLICE_LIT("before and after"), wanted);
	assert_memory_equal(got, wanted, sizeof wanted);
}

static void there_are_no_more_lanes_than_processors(void **state)
{
	(void)state;
	atomic_uint count = 0;
	struct lane *lanes[256] = {0};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = 0;
	struct hash h;
	while (n < COUNT_OF(lanes) && (lanes[n] = start(&h, &count)))
		n++;
	assert_int_equal(n, processors < 2 ? 0 : MIN((size_t)processors, COUNT_OF(lanes)));
	for (size_t i = 0; i < n; i++) {
		lane_write(lanes[i], "dropped", 7);
		lane_end(lanes[i], NULL);
	}
	assert_int_equal(atomic_load(&count), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_digest_does_not_depend_on_how_its_bytes_come),
	    cmocka_unit_test(what_was_hashed_before_counts),
	    cmocka_unit_test(there_are_no_more_lanes_than_processors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
