/* Metrics over HTTP: see monitor.h. */
#include "monitor/monitor.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/resource.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/metric.h"
#include "codec/number.h"

enum { TEXT_BYTES_MAX = 64 << 20, PROC_BYTES_MAX = 64 << 10 };

static const char text_type[] = "text/plain; version=0.0.4; charset=utf-8";

/* Fields of /proc/self/stat behind the command's name: proc(5). */
enum {
	STAT_USER_TICKS = 11,
	STAT_SYSTEM_TICKS = 12,
	STAT_START_TICKS = 19,
	STAT_VIRTUAL_BYTES = 20,
	STAT_RSS_PAGES = 21,
	STAT_FIELDS
};

static bool read_stat(int64_t out[STAT_FIELDS])
{
	char *text;
	size_t n;
	struct err err = {0};
	if (fs_slurp("/proc/self/stat", PROC_BYTES_MAX, &text, &n, &err) < 0)
		return false;
	const char *close = strrchr(text, ')'); /* the name may have anything in it */
	struct slice rest = slice_str(close && close[1] ? close + 2 : ""), field;
	size_t got = 0;
	while (got < STAT_FIELDS && (field = slice_cut(&rest, ' ')).ptr) {
		out[got] = 0;
		(void)slice_i64(field, &out[got]); /* the first is a letter */
		got++;
	}
	free(text);
	return got == STAT_FIELDS;
}

/* Seconds since 1970 when the system was booted. */
static int64_t boot_seconds(void)
{
	struct timespec wall, up;
	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return wall.tv_sec - up.tv_sec;
}

static int64_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int64_t n = 0;
	if (!dir)
		return 0;
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n - 1; /* the folder's own */
}

static void put(struct buf *out, const char *name, const char *kind, const char *help, double v)
{
	char text[NUMBER_CHARS];
	int n = (int)number_write_f64(text, v);
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.*s\n", name, help, name, kind, name, n, text);
}

void monitor_process(struct buf *out)
{
	int64_t stat[STAT_FIELDS];
	struct rlimit files;
	double hz = (double)sysconf(_SC_CLK_TCK), page = (double)sysconf(_SC_PAGESIZE);
	if (read_stat(stat)) {
		put(out, "process_cpu_seconds_total", "counter", "User and system CPU time.",
		    (double)(stat[STAT_USER_TICKS] + stat[STAT_SYSTEM_TICKS]) / hz);
		put(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
		    (double)stat[STAT_RSS_PAGES] * page);
		put(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", (double)stat[STAT_VIRTUAL_BYTES]);
		put(out, "process_start_time_seconds", "gauge", "Start, in seconds since 1970.",
		    (double)boot_seconds() + (double)stat[STAT_START_TICKS] / hz);
	}
	put(out, "process_open_fds", "gauge", "Open file descriptors.", (double)open_descriptors());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		put(out, "process_max_fds", "gauge", "File descriptors that may be open.", (double)files.rlim_cur);
	buf_printf(out,
		   "# HELP coracle_build_info The running version.\n# TYPE coracle_build_info gauge\n"
		   "coracle_build_info{version=\"%s\"} 1\n",
		   CORACLE_VERSION);
}

static void free_text(void *b)
{
	buf_release(b);
}

void monitor_metrics(struct http_exchange *x)
{
	struct buf *b = arena_alloc(x->arena, sizeof *b);
	if (!b) {
		http_reply(x, 503, NULL, SLICE_LIT(""));
		return;
	}
	buf_init(b, TEXT_BYTES_MAX);
	if (!arena_defer(x->arena, free_text, b)) {
		http_reply(x, 503, NULL, SLICE_LIT(""));
		return;
	}
	metric_write(b);
	monitor_process(b);
	/* Half of the series would look like all of them. */
	if (b->failed)
		http_reply(x, 500, "text/plain; charset=utf-8", SLICE_LIT("more series than one answer may have\n"));
	else
		http_reply(x, 200, text_type, buf_view(b));
}

static const struct route routes[] = {
    {HTTP_GET, "/metrics", NULL, ACCESS_PUBLIC, ROUTE_WORKER, 0, monitor_metrics},
};

void monitor_listener(struct listener *out)
{
	out->routes = routes;
	out->routes_n = COUNT_OF(routes);
	out->gzip_answers = true;
}
