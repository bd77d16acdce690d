/* /metrics: every family, the process's own figures, the content type of the text format. */
#include "../net/peer.h"

#include "base/metric.h"
#include "codec/number.h"
#include "monitor/monitor.h"

static struct fixture server;

static void metrics_are_prometheus_text(void **state)
{
	struct buf out;
	(void)state;
	metric_add(metric_series(metric_family("test_things_total", METRIC_COUNTER, "kind", "Things."),
				 (const char *const[]){"a\"b"}), 3);
	metric_observe_ns(metric_series(metric_family("test_seconds", METRIC_HISTOGRAM, "", "Time."), NULL), 7000000);
	metric_observe_ns(metric_series(metric_family("test_long_seconds", METRIC_HISTOGRAM, "", "Time."), NULL), 123456789012345020);
	server.listeners_n = 1;
	server.listeners[0] = (struct listener){.name = "metrics", .address = "127.0.0.1:0"};
	monitor_listener(&server.listeners[0]);
	fixture_start(&server, 1);
	buf_init(&out, 1 << 20);
	int fd = peer_connect(&server, "metrics");
	peer_say(fd, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(peer_read_one(fd, &out), 200);
	close(fd);
	static const char *const parts[] = {
	    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
	    "# HELP test_things_total Things.\n# TYPE test_things_total counter\ntest_things_total{kind=\"a\\\"b\"} 3\n",
	    "# TYPE test_seconds histogram\n",
	    "test_seconds_bucket{le=\"0.005\"} 0\n",
	    "test_seconds_bucket{le=\"0.01\"} 1\n",
	    "test_seconds_bucket{le=\"+Inf\"} 1\ntest_seconds_sum 0.007\ntest_seconds_count 1\n",
	    "test_long_seconds_sum 123456789.01234502\n",
	    "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ",
	    "process_resident_memory_bytes ",
	    "process_start_time_seconds ",
	    "process_open_fds ",
	    "coracle_http_connections{listener=\"metrics\"} 1\n",
	    "coracle_build_info{version=\"",
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strstr(out.ptr, parts[i]))
			fail_msg("no \"%s\" in %s", parts[i], out.ptr);
	server_drain(server.server);
	server_free(server.server);
	buf_release(&out);
}

static double value_of(const char *text, const char *name)
{
	char start[64];
	(void)snprintf(start, sizeof start, "\n%s ", name);
	const char *found = strstr(text, start);
	assert_non_null(found);
	return strtod(found + strlen(start), NULL);
}

static void the_process_s_figures_are_sane(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, 1 << 16);
	monitor_process(&out);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	double start = value_of(out.ptr, "process_start_time_seconds");
	assert_true(start <= (double)now.tv_sec + 2 && start > (double)now.tv_sec - 86400);
	assert_true(value_of(out.ptr, "process_resident_memory_bytes") > 1 << 20);
	assert_true(value_of(out.ptr, "process_open_fds") >= 3);
	assert_true(value_of(out.ptr, "process_max_fds") >= 3);
	/* No digit more than the value has: 0.03, not 0.029999999999999999. */
	for (char *line = strstr(out.ptr, "\nprocess_"); line; line = strstr(line + 1, "\nprocess_")) {
		const char *text = strchr(line, ' ') + 1;
		char shortest[NUMBER_CHARS];
		size_t n = number_write_f64(shortest, strtod(text, NULL));
		assert_memory_equal(text, shortest, n);
		assert_int_equal(text[n], '\n');
	}
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(metrics_are_prometheus_text),
	    cmocka_unit_test(the_process_s_figures_are_sane),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
