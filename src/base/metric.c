/*
 * Metrics: see metric.h. One lock guards the lists (making, dropping, writing); values are atomics outside it.
 */
#include "base/metric.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* Upper bounds in nanoseconds: .005 … 10 s, the defaults of the Python and Go clients. */
static const int64_t bucket_ns[] = {
	5000000,   10000000,  25000000,	  50000000,   75000000,	  100000000,  250000000,
	500000000, 750000000, 1000000000, 2500000000, 5000000000, 7500000000, 10000000000,
};
static const char *const bucket_names[] = {
	"0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0", "2.5", "5.0", "7.5", "10.0",
};
enum { BUCKETS = COUNT_OF(bucket_ns) };

struct metric_series {
	struct metric_family *family;
	struct metric_series *next;
	char *values[METRIC_LABELS_MAX];
	int64_t value;		      /* of a histogram: sum in ns */
	int64_t buckets[BUCKETS + 1]; /* not cumulative; the last is +Inf */
};

struct metric_family {
	struct metric_family *next;
	char *name, *help;
	enum metric_kind kind;
	char *labels[METRIC_LABELS_MAX];
	size_t labels_n;
	struct metric_series *series;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric_family *families; /* sorted by name */

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

struct metric_family *metric_family(const char *name, enum metric_kind kind, const char *labels, const char *help)
{
	pthread_mutex_lock(&lock);
	struct metric_family **at = &families;
	while (*at && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	struct metric_family *f = *at;
	if (!f || strcmp(f->name, name) != 0) {
		f = must(calloc(1, sizeof *f));
		f->name = must(strdup(name));
		f->help = must(strdup(help));
		f->kind = kind;
		struct slice rest = slice_str(labels), one;
		while ((one = slice_cut(&rest, ',')).len) {
			assert(f->labels_n < METRIC_LABELS_MAX);
			f->labels[f->labels_n++] = must(strndup(one.ptr, one.len));
		}
		f->next = *at;
		*at = f;
	}
	assert(f->kind == kind);
	pthread_mutex_unlock(&lock);
	return f;
}

struct metric_series *metric_series(struct metric_family *f, const char *const *values)
{
	pthread_mutex_lock(&lock);
	struct metric_series *s = f->series;
	for (; s; s = s->next) {
		size_t same = 0;
		while (same < f->labels_n && strcmp(s->values[same], values[same]) == 0)
			same++;
		if (same == f->labels_n)
			break;
	}
	if (!s) {
		s = must(calloc(1, sizeof *s));
		s->family = f;
		for (size_t i = 0; i < f->labels_n; i++)
			s->values[i] = must(strdup(values[i]));
		s->next = f->series;
		f->series = s;
	}
	pthread_mutex_unlock(&lock);
	return s;
}

void metric_series_drop(struct metric_series *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&lock);
	struct metric_series **at = &s->family->series;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < s->family->labels_n; i++)
		free(s->values[i]);
	free(s);
}

void metric_add(struct metric_series *s, int64_t n)
{
	__atomic_fetch_add(&s->value, n, __ATOMIC_RELAXED);
}

int64_t metric_value(const struct metric_series *s)
{
	return __atomic_load_n(&s->value, __ATOMIC_RELAXED);
}

void metric_observe_ns(struct metric_series *s, int64_t ns)
{
	size_t b = 0;
	while (b < BUCKETS && ns > bucket_ns[b])
		b++;
	__atomic_fetch_add(&s->buckets[b], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&s->value, ns, __ATOMIC_RELAXED);
}

static void write_labels(struct buf *out, const struct metric_series *s, const char *le)
{
	const struct metric_family *f = s->family;
	if (!f->labels_n && !le)
		return;
	buf_char(out, '{');
	for (size_t i = 0; i < f->labels_n; i++) {
		buf_printf(out, "%s%s=\"", i ? "," : "", f->labels[i]);
		for (const char *c = s->values[i]; *c; c++) {
			if (*c == '\n')
				buf_str(out, "\\n");
			else if (*c == '"' || *c == '\\')
				buf_printf(out, "\\%c", *c);
			else
				buf_char(out, *c);
		}
		buf_char(out, '"');
	}
	if (le)
		buf_printf(out, "%sle=\"%s\"", f->labels_n ? "," : "", le);
	buf_char(out, '}');
}

/* Every digit that is there, and no more. */
static void write_seconds(struct buf *out, int64_t ns)
{
	static const int64_t NS = 1000000000;
	char fraction[16];
	int n = snprintf(fraction, sizeof fraction, ".%09lld", (long long)(ns % NS));
	while (fraction[n - 1] == '0')
		n--;
	buf_printf(out, "%lld%.*s", (long long)(ns / NS), ns % NS ? n : 0, fraction);
}

static void write_histogram(struct buf *out, const struct metric_series *s)
{
	int64_t total = 0;
	for (size_t b = 0; b <= BUCKETS; b++) {
		total += __atomic_load_n(&s->buckets[b], __ATOMIC_RELAXED);
		buf_printf(out, "%s_bucket", s->family->name);
		write_labels(out, s, b < BUCKETS ? bucket_names[b] : "+Inf");
		buf_printf(out, " %lld\n", (long long)total);
	}
	buf_printf(out, "%s_sum", s->family->name);
	write_labels(out, s, NULL);
	buf_char(out, ' ');
	write_seconds(out, metric_value(s));
	buf_printf(out, "\n%s_count", s->family->name);
	write_labels(out, s, NULL);
	buf_printf(out, " %lld\n", (long long)total);
}

void metric_write(struct buf *out)
{
	static const char *const kinds[] = { "counter", "gauge", "histogram" };
	pthread_mutex_lock(&lock);
	for (const struct metric_family *f = families; f; f = f->next) {
		if (!f->series)
			continue;
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, kinds[f->kind]);
		for (const struct metric_series *s = f->series; s; s = s->next) {
			if (f->kind == METRIC_HISTOGRAM) {
				write_histogram(out, s);
				continue;
			}
			buf_str(out, f->name);
			write_labels(out, s, NULL);
			buf_printf(out, " %lld\n", (long long)metric_value(s));
		}
	}
	pthread_mutex_unlock(&lock);
}
