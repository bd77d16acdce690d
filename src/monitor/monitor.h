/*
 * The metrics listener: GET /metrics, Prometheus text (exposition format 0.0.4) of every family of base/metric.h and of
 * the process itself, under the names that Prometheus' client libraries use (process_cpu_seconds_total, ...).
 */
#ifndef CORACLE_MONITOR_MONITOR_H
#define CORACLE_MONITOR_MONITOR_H

#include "base/buf.h"
#include "net/server.h"

/* Fills routes; name, address and TLS are the caller's. Nobody is asked who he is. */
void monitor_listener(struct listener *out);

/* The handler itself, for listeners that show metrics beside what they are for. Runs on a worker. */
void monitor_metrics(struct http_exchange *x);

/* Appends the process's own figures. */
void monitor_process(struct buf *out);

#endif
