/* status.conditions: arrays of {type, status, reason, message, severity, lastTransitionTime}, kept in order of type as
 * Knative keeps them. */
#ifndef CORACLE_CONTROL_CONDITION_H
#define CORACLE_CONTROL_CONDITION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct condition {
	const char *type;
	const char *status;   /* "True", "False", "Unknown" */
	const char *reason;   /* NULL or "": none */
	const char *message;  /* NULL or "": none */
	const char *severity; /* "Info", or NULL */
};

/* Puts it at its place in `conditions`, with lastTransitionTime now. */
void condition_set(json_t *conditions, const struct condition *c, int64_t now_ns);
/* Takes over lastTransitionTime (and lastUpdateTime, lastProbeTime) from `old` where type and status are the same. */
void conditions_keep_times(json_t *conditions, const json_t *old);
/* The one of that type, borrowed, or NULL. */
const json_t *condition_find(const json_t *conditions, const char *type);
bool condition_is(const json_t *conditions, const char *type, const char *status);

#endif
