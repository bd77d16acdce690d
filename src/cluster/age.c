/* Durations for people: see age.h. The steps are those of apimachinery's duration.HumanDuration. */
#include "cluster/age.h"

#include <stdio.h>

#include "base/slice.h"
#include "codec/time.h"

static void two(char *out, int64_t big, char big_unit, int64_t small, char small_unit)
{
	if (small)
		(void)snprintf(out, AGE_TEXT_BYTES, "%lld%c%lld%c", (long long)big, big_unit, (long long)small, small_unit);
	else
		(void)snprintf(out, AGE_TEXT_BYTES, "%lld%c", (long long)big, big_unit);
}

void age_format(int64_t duration_ns, char out[AGE_TEXT_BYTES])
{
	int64_t s = duration_ns / 1000000000, m = s / 60, h = s / 3600, d = h / 24;
	if (s < -1)
		(void)snprintf(out, AGE_TEXT_BYTES, "<invalid>");
	else if (s < 120)
		two(out, s < 0 ? 0 : s, 's', 0, 0);
	else if (m < 10)
		two(out, m, 'm', s % 60, 's');
	else if (m < 180)
		two(out, m, 'm', 0, 0);
	else if (h < 8)
		two(out, h, 'h', m % 60, 'm');
	else if (h < 48)
		two(out, h, 'h', 0, 0);
	else if (d < 8)
		two(out, d, 'd', h % 24, 'h');
	else if (d < 365 * 2)
		two(out, d, 'd', 0, 0);
	else if (d < 365 * 8)
		two(out, d / 365, 'y', d % 365, 'd');
	else
		two(out, d / 365, 'y', 0, 0);
}

void age_since(const char *time, int64_t now_ns, char out[AGE_TEXT_BYTES])
{
	int64_t then;
	if (time && time_parse_rfc3339(slice_str(time), &then))
		age_format(now_ns - then, out);
	else
		(void)snprintf(out, AGE_TEXT_BYTES, "<unknown>");
}
