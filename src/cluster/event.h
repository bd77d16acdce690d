/*
 * Events: what happened to an object, shown by `kubectl describe`. The same (object, type, reason, message, component)
 * again counts up and moves lastTimestamp instead of making a new Event; too many different ones about one object are
 * dropped (a token bucket an object, as client-go does). Recording never fails the caller and never blocks it long:
 * Events are written by the recorder's own thread, in order.
 */
#ifndef CORACLE_CLUSTER_EVENT_H
#define CORACLE_CLUSTER_EVENT_H

#include <jansson.h>

#include "base/err.h"
#include "cluster/resource.h"

struct recorder;

int recorder_new(struct cluster *c, struct recorder **out, struct err *err);
/* Writes what is waiting, then stops. */
void recorder_free(struct recorder *r);
void recorder_settle(struct recorder *r);

/* `object`: the object it is about (apiVersion, kind, metadata are read). type: "Normal" or "Warning".
 * component: "v1beta1Controllers", "kubelet": source.component and reportingComponent. */
void recorder_event(struct recorder *r, const json_t *object, const char *component, const char *type,
		    const char *reason, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The same for a part of it: involvedObject.fieldPath, "spec.containers{kserve-container}". */
void recorder_event_at(struct recorder *r, const json_t *object, const char *field_path, const char *component,
		       const char *type, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));

#endif
