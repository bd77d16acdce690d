/*
 * Counters, gauges and histograms, and their text form (Prometheus exposition format 0.0.4).
 *
 * A family is made once (`metric_family`), a series once per set of label values (`metric_series`, which takes a lock:
 * keep the pointer); adding to a series is one relaxed atomic and may happen on any thread. Series live until
 * metric_series_drop, which their owner calls when the labelled thing is gone.
 */
#ifndef CORACLE_BASE_METRIC_H
#define CORACLE_BASE_METRIC_H

#include <stdint.h>

#include "base/buf.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_family;
struct metric_series;

enum { METRIC_LABELS_MAX = 8 };

/* `labels`: comma-separated names, "" for none. Asking again for the same name returns the same family.
 * Histograms of seconds use the Prometheus client's default buckets. */
struct metric_family *metric_family(const char *name, enum metric_kind kind, const char *labels, const char *help);
/* One value a label, in the order of the family's names. Same values: same series. */
struct metric_series *metric_series(struct metric_family *f, const char *const *values);
void metric_series_drop(struct metric_series *s);

void metric_add(struct metric_series *s, int64_t n);
void metric_observe_ns(struct metric_series *s, int64_t ns);
int64_t metric_value(const struct metric_series *s);

/* Every family, sorted by name. */
void metric_write(struct buf *out);

#endif
