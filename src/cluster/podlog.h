/*
 * Logs of containers, as files in the layout and line format that kubelets use (CRI):
 *
 *   ROOT/<namespace>_<pod>_<pod uid>/<container>/0.log
 *   2026-01-02T03:04:05.123456789Z stdout F the text of one line
 *
 * Whoever runs a container (or stands for one, as a built-in model server does) appends; the Kubernetes API reads.
 * Appending is one write(2) on O_APPEND: lines of several threads never mix. Over limits.pod_log_bytes the file is
 * renamed to 1.log, which replaces an older one.
 */
#ifndef CORACLE_CLUSTER_PODLOG_H
#define CORACLE_CLUSTER_PODLOG_H

#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

struct podlog {
	const char *root; /* DIR/logs/pods */
	const struct clock *clock;
};

struct podlog_name {
	struct slice namespace_, pod, uid, container;
};

/* One line or several separated by '\n'. Failing to log is not an error of the caller: it is counted and dropped. */
void podlog_append(const struct podlog *log, const struct podlog_name *name, struct slice text);
/* Path of the current file; -1 and ERR_INVALID for a name that is not one of Kubernetes' (so it cannot leave root). */
int podlog_path(const struct podlog *log, const struct podlog_name *name, int rotated, char *out, size_t out_bytes,
		struct err *err);
/* Removes a pod's folder. */
void podlog_remove(const struct podlog *log, const struct podlog_name *name);

#endif
