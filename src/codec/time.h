/*
 * Time stamps as text and back, in UTC; times are nanoseconds since 1970 as base/clock.h counts them. Years 1 to 9999.
 *
 *   RFC 3339          2026-01-02T03:04:05Z (Kubernetes), with a fraction of any length when read
 *   RFC 9110 IMF-fix  Fri, 02 Jan 2026 03:04:05 GMT (HTTP); the two obsolete forms are read too
 *   ISO 8601 basic    20260102T030405Z (AWS signatures)
 */
#ifndef CORACLE_CODEC_TIME_H
#define CORACLE_CODEC_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { TIME_TEXT_BYTES = 40 }; /* room that every form fits */

struct time_civil {
	int year, month, day, hour, minute, second; /* month and day from 1 */
	int weekday;				    /* 0 is Sunday */
	int nanosecond;
};

void time_civil(int64_t ns, struct time_civil *out);
/* False when a field is out of its range (a leap second is read as the second before). */
bool time_of_civil(const struct time_civil *c, int64_t *ns);

void time_format_rfc3339(int64_t ns, char *out, size_t n);
/* With `digits` (1 to 9) of a fraction. */
void time_format_fraction(int64_t ns, int digits, char *out, size_t n);
void time_format_http(int64_t ns, char *out, size_t n);
void time_format_basic(int64_t ns, char *out, size_t n);

/* The whole slice, or false and *ns untouched. */
bool time_parse_rfc3339(struct slice text, int64_t *ns);
bool time_parse_http(struct slice text, int64_t *ns);
bool time_parse_basic(struct slice text, int64_t *ns);

#endif
