/* Durations as kubectl shows them: "8s", "3m10s", "5h2m", "4d3h", "2y10d". */
#ifndef CORACLE_CLUSTER_AGE_H
#define CORACLE_CLUSTER_AGE_H

#include <stdint.h>

enum { AGE_TEXT_BYTES = 32 };

/* "<invalid>" for a duration below minus one second. */
void age_format(int64_t duration_ns, char out[AGE_TEXT_BYTES]);
/* Since an RFC 3339 time; "<unknown>" when `time` is NULL or no time. */
void age_since(const char *time, int64_t now_ns, char out[AGE_TEXT_BYTES]);

#endif
