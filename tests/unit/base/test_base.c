/* Tests of base/: the properties their headers promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/metric.h"
#include "base/random.h"
#include "base/slice.h"
#include "base/vec.h"

static void slices_cut_every_piece(void **state)
{
	(void)state;
	struct slice rest = SLICE_LIT("a,,b"), piece;
	const char *want[] = { "a", "", "b" };
	size_t n = 0;
	while ((piece = slice_cut(&rest, ',')).ptr)
		assert_true(slice_is(piece, want[n++]));
	assert_int_equal(n, 3);
	assert_true(slice_is(slice_trim(SLICE_LIT(" \tx\r\n")), "x"));
	assert_true(slice_is_nocase(SLICE_LIT("Content-TYPE"), "content-type"));
}

static void numbers_are_checked(void **state)
{
	(void)state;
	uint64_t u = 7;
	int64_t i = 7;
	assert_true(slice_u64(SLICE_LIT("18446744073709551615"), &u) && u == UINT64_MAX);
	u = 7;
	assert_false(slice_u64(SLICE_LIT("18446744073709551616"), &u));
	assert_false(slice_u64(SLICE_LIT(""), &u));
	assert_false(slice_u64(SLICE_LIT("1 "), &u));
	assert_int_equal(u, 7);
	assert_true(slice_i64(SLICE_LIT("-9223372036854775808"), &i) && i == INT64_MIN);
	assert_false(slice_i64(SLICE_LIT("9223372036854775808"), &i));
}

static void count(void *arg)
{
	++*(int *)arg;
}

static void arenas_keep_their_cap(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 64, 1024);
	int cleaned = 0;
	assert_true(arena_defer(&a, count, &cleaned));
	assert_non_null(arena_alloc(&a, 100));
	assert_null(arena_alloc(&a, 5000));
	assert_true(a.overflow);
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	arena_reset(&a);
	assert_int_equal(cleaned, 1);
	assert_false(a.overflow);
	assert_string_equal(arena_printf(&a, "%d-%s", 5, "x"), "5-x");
	arena_release(&a);
}

static void bufs_stop_at_max(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 8);
	buf_i64(&b, -1234);
	buf_printf(&b, "%d", 56);
	assert_string_equal(b.ptr, "-123456");
	buf_str(&b, "xy");
	assert_true(b.failed);
	assert_int_equal(b.len, 7);
	buf_release(&b);
}

static void maps_survive_removal(void **state)
{
	(void)state;
	struct map m;
	static int values[1000];
	char key[24];
	map_init(&m);
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(key, sizeof key, "k%d", i);
		assert_null(map_put(&m, slice_of(key, (size_t)n), &values[i]));
	}
	for (int i = 0; i < 1000; i += 2) {
		int n = snprintf(key, sizeof key, "k%d", i);
		assert_ptr_equal(map_remove(&m, slice_of(key, (size_t)n)), &values[i]);
	}
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(key, sizeof key, "k%d", i);
		assert_ptr_equal(map_get(&m, slice_of(key, (size_t)n)), i % 2 ? &values[i] : NULL);
	}
	size_t at = 0, seen = 0;
	struct slice k;
	void *v;
	while (map_next(&m, &at, &k, &v))
		seen++;
	assert_int_equal(seen, 500);
	map_release(&m);
}

static void errors_wrap(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_int_equal(err_set(&e, ERR_NOT_FOUND, "no %s", "model"), -1);
	err_wrap(&e, "loading %d", 3);
	assert_string_equal(e.message, "loading 3: no model");
	assert_int_equal(err_info(e.code)->http, 404);
	err_errno(&e, ENOSPC, "writing");
	assert_int_equal(e.code, ERR_NO_SPACE);
}

static void limits_have_ranges(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_int_equal(limits_set(SLICE_LIT("json_depth"), 1, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	assert_int_equal(limits_set(SLICE_LIT("nothing"), 1, &e), -1);
	for (size_t i = 0; i < limit_table_n; i++)
		assert_true(limit_table[i].least <= limit_table[i].value && limit_table[i].value <= limit_table[i].most);
}

static void metrics_print(void **state)
{
	(void)state;
	struct metric_series *s =
		metric_series(metric_family("t_total", METRIC_COUNTER, "a", "Help."), (const char *[]){ "x\"y" });
	metric_add(s, 3);
	struct metric_series *h = metric_series(metric_family("t_seconds", METRIC_HISTOGRAM, "", "Help."), NULL);
	metric_observe_ns(h, 6000000);
	struct buf b;
	buf_init(&b, 1 << 16);
	metric_write(&b);
	assert_non_null(strstr(b.ptr, "t_total{a=\"x\\\"y\"} 3\n"));
	assert_non_null(strstr(b.ptr, "t_seconds_bucket{le=\"0.01\"} 1\n"));
	assert_non_null(strstr(b.ptr, "t_seconds_count 1\n"));
	buf_release(&b);
	metric_series_drop(s);
	metric_series_drop(h);
}

static void uuids_have_their_form(void **state)
{
	(void)state;
	char u[UUID_CHARS + 1];
	random_uuid(&random_os, u);
	assert_int_equal(strlen(u), 36);
	assert_int_equal(u[14], '4');
}

/* However long a text is: the line ends as a JSON object, and no character is cut. */
static void log_lines_are_whole(void **state)
{
	(void)state;
	int ends[2];
	char text[6000], line[8192];
	assert_int_equal(pipe(ends), 0);
	log_setup(LOG_FORMAT_JSON, LOG_LEVEL_INFO, ends[1]);
	for (size_t before = 0; before < 4; before++) {
		memset(text, 'a', before);
		for (size_t i = before; i + 3 < sizeof text; i += 3)
			memcpy(text + i, "\xe2\x82\xac", 3);
		size_t whole = before + (sizeof text - 1 - before) / 3 * 3;
		LOG_INFO("test", "long", LOG_SL("path", slice_of(text, whole)), LOG_I("status", 200));
		ssize_t n = read(ends[0], line, sizeof line - 1);
		assert_true(n > 4000 && n <= 4096);
		line[n] = 0;
		assert_string_equal(line + n - 3, "\"}\n");
		char *cut = strstr(line, "\"path\":\"");
		assert_non_null(cut);
		assert_int_equal(((size_t)(line + n - 3 - cut) - strlen("\"path\":\"") - before) % 3, 0);
	}
	LOG_INFO("test", "short", LOG_S("path", "/\"\n"), LOG_I("status", 200));
	ssize_t n = read(ends[0], line, sizeof line - 1);
	line[n] = 0;
	assert_non_null(strstr(line, "\"message\":\"short\",\"path\":\"/\\\"\\u000a\",\"status\":200}\n"));
	log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_cut_every_piece), cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(arenas_keep_their_cap),  cmocka_unit_test(bufs_stop_at_max),
		cmocka_unit_test(maps_survive_removal),	  cmocka_unit_test(errors_wrap),
		cmocka_unit_test(limits_have_ranges),	  cmocka_unit_test(metrics_print),
		cmocka_unit_test(uuids_have_their_form),  cmocka_unit_test(log_lines_are_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
