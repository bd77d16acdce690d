/* Time stamps: see time.h. The calendar is proleptic Gregorian, by counting days from 0000-03-01. */
#include "codec/time.h"

#include <stdio.h>

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char *const weekdays_long[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

enum { DAYS_TO_1970 = 719468, DAYS_PER_ERA = 146097 };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

void time_civil(int64_t ns, struct time_civil *out)
{
	int64_t seconds = floor_div(ns, 1000000000), days = floor_div(seconds, 86400);
	int64_t of_day = seconds - days * 86400, z = days + DAYS_TO_1970;
	int64_t era = floor_div(z, DAYS_PER_ERA), day = z - era * DAYS_PER_ERA;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* from March */
	*out = (struct time_civil){
		.year = (int)(year + era * 400 + (month >= 10 ? 1 : 0)),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
		.hour = (int)(of_day / 3600),
		.minute = (int)(of_day / 60 % 60),
		.second = (int)(of_day % 60),
		.weekday = (int)(((days + 4) % 7 + 7) % 7),
		.nanosecond = (int)(ns - seconds * 1000000000),
	};
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool time_of_civil(const struct time_civil *c, int64_t *ns)
{
	if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 || c->day > days_in(c->year, c->month) ||
	    c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 || c->second > 60 ||
	    c->nanosecond < 0 || c->nanosecond > 999999999)
		return false;
	int64_t year = c->year - (c->month <= 2 ? 1 : 0), era = year / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (c->month > 2 ? c->month - 3 : c->month + 9) + 2) / 5 + c->day - 1;
	int64_t days = era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
	int64_t seconds = days * 86400 + c->hour * 3600 + c->minute * 60 + (c->second == 60 ? 59 : c->second), out;
	if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &out) || __builtin_add_overflow(out, c->nanosecond, &out))
		return false;
	*ns = out;
	return true;
}

/* Text in the making; printf would cost more than the rest of a small answer's head. */
struct text {
	char bytes[TIME_TEXT_BYTES];
	size_t len;
};

static void put(struct text *t, const char *s)
{
	size_t n = strlen(s);
	memcpy(t->bytes + t->len, s, n);
	t->len += n;
}

static void put_number(struct text *t, int v, int digits_n)
{
	for (int i = digits_n; i-- > 0; v /= 10)
		t->bytes[t->len + (size_t)i] = (char)('0' + v % 10);
	t->len += (size_t)digits_n;
}

/* What does not fit is cut, as snprintf does it. */
static void text_end(const struct text *t, char *out, size_t n)
{
	if (!n)
		return;
	size_t len = t->len < n ? t->len : n - 1;
	memcpy(out, t->bytes, len);
	out[len] = '\0';
}

static void put_clock(struct text *t, const struct time_civil *c, const char *between)
{
	put_number(t, c->hour, 2);
	put(t, between);
	put_number(t, c->minute, 2);
	put(t, between);
	put_number(t, c->second, 2);
}

static void put_date(struct text *t, const struct time_civil *c, const char *between)
{
	put_number(t, c->year, 4);
	put(t, between);
	put_number(t, c->month, 2);
	put(t, between);
	put_number(t, c->day, 2);
	put(t, "T");
}

void time_format_rfc3339(int64_t ns, char *out, size_t n)
{
	struct time_civil c;
	struct text t = { .len = 0 };
	time_civil(ns, &c);
	put_date(&t, &c, "-");
	put_clock(&t, &c, ":");
	put(&t, "Z");
	text_end(&t, out, n);
}

void time_format_fraction(int64_t ns, int digits, char *out, size_t n)
{
	struct time_civil c;
	struct text t = { .len = 0 };
	time_civil(ns, &c);
	int fraction = c.nanosecond;
	for (int i = digits; i < 9; i++)
		fraction /= 10;
	put_date(&t, &c, "-");
	put_clock(&t, &c, ":");
	put(&t, ".");
	put_number(&t, fraction, digits);
	put(&t, "Z");
	text_end(&t, out, n);
}

void time_format_http(int64_t ns, char *out, size_t n)
{
	struct time_civil c;
	struct text t = { .len = 0 };
	time_civil(ns, &c);
	put(&t, weekdays[c.weekday]);
	put(&t, ", ");
	put_number(&t, c.day, 2);
	put(&t, " ");
	put(&t, months[c.month - 1]);
	put(&t, " ");
	put_number(&t, c.year, 4);
	put(&t, " ");
	put_clock(&t, &c, ":");
	put(&t, " GMT");
	text_end(&t, out, n);
}

void time_format_basic(int64_t ns, char *out, size_t n)
{
	struct time_civil c;
	struct text t = { .len = 0 };
	time_civil(ns, &c);
	put_date(&t, &c, "");
	put_clock(&t, &c, "");
	put(&t, "Z");
	text_end(&t, out, n);
}

/* Exactly `n` digits. */
static bool digits(struct slice *s, size_t n, int *out)
{
	uint64_t v;
	if (s->len < n || !slice_u64(slice_sub(*s, 0, n), &v))
		return false;
	*out = (int)v;
	*s = slice_from(*s, n);
	return true;
}

static bool literal(struct slice *s, const char *text)
{
	if (!slice_starts(*s, text))
		return false;
	*s = slice_from(*s, strlen(text));
	return true;
}

static bool one_of(struct slice *s, const char *const *names, int n, int *out)
{
	for (int i = 0; i < n; i++) {
		if (literal(s, names[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool clock_of(struct slice *s, struct time_civil *c)
{
	return digits(s, 2, &c->hour) && literal(s, ":") && digits(s, 2, &c->minute) && literal(s, ":") &&
	       digits(s, 2, &c->second);
}

static bool fraction_of(struct slice *s, int *nanosecond)
{
	int scale = 100000000, n = 0;
	for (; s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9'; n++) {
		*nanosecond += (s->ptr[0] - '0') * scale;
		scale /= 10;
		*s = slice_from(*s, 1);
	}
	return n > 0;
}

bool time_parse_rfc3339(struct slice text, int64_t *ns)
{
	struct time_civil c = { 0 };
	struct slice s = text;
	int hours = 0, minutes = 0, sign = 0;
	if (!digits(&s, 4, &c.year) || !literal(&s, "-") || !digits(&s, 2, &c.month) || !literal(&s, "-") ||
	    !digits(&s, 2, &c.day) || !(literal(&s, "T") || literal(&s, "t") || literal(&s, " ")) || !clock_of(&s, &c))
		return false;
	if (literal(&s, ".") && !fraction_of(&s, &c.nanosecond))
		return false;
	if (!literal(&s, "Z") && !literal(&s, "z")) {
		sign = literal(&s, "+") ? 1 : literal(&s, "-") ? -1 : 0;
		if (!sign || !digits(&s, 2, &hours) || !literal(&s, ":") || !digits(&s, 2, &minutes) || hours > 23 ||
		    minutes > 59)
			return false;
	}
	int64_t out;
	if (s.len || !time_of_civil(&c, &out))
		return false;
	if (__builtin_sub_overflow(out, (int64_t)sign * (hours * 3600 + minutes * 60) * 1000000000, &out))
		return false;
	*ns = out;
	return true;
}

/* Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994 */
bool time_parse_http(struct slice text, int64_t *ns)
{
	struct time_civil c = { 0 };
	struct slice s = text;
	int month = 0, ignored;
	bool ok;
	if (one_of(&s, weekdays_long, 7, &ignored)) {
		ok = literal(&s, ", ") && digits(&s, 2, &c.day) && literal(&s, "-") && one_of(&s, months, 12, &month) &&
		     literal(&s, "-") && digits(&s, 2, &c.year) && literal(&s, " ") && clock_of(&s, &c) && literal(&s, " GMT");
		c.year += c.year < 70 ? 2000 : 1900;
	} else if (!one_of(&s, weekdays, 7, &ignored)) {
		return false;
	} else if (literal(&s, ", ")) {
		ok = digits(&s, 2, &c.day) && literal(&s, " ") && one_of(&s, months, 12, &month) && literal(&s, " ") &&
		     digits(&s, 4, &c.year) && literal(&s, " ") && clock_of(&s, &c) &&
		     (literal(&s, " GMT") || literal(&s, " UTC"));
	} else {
		ok = literal(&s, " ") && one_of(&s, months, 12, &month) && literal(&s, " ") &&
		     (literal(&s, " ") ? digits(&s, 1, &c.day) : digits(&s, 2, &c.day)) && literal(&s, " ") &&
		     clock_of(&s, &c) && literal(&s, " ") && digits(&s, 4, &c.year);
	}
	c.month = month + 1;
	return ok && s.len == 0 && time_of_civil(&c, ns);
}

bool time_parse_basic(struct slice text, int64_t *ns)
{
	struct time_civil c = { 0 };
	struct slice s = text;
	return digits(&s, 4, &c.year) && digits(&s, 2, &c.month) && digits(&s, 2, &c.day) && literal(&s, "T") &&
	       digits(&s, 2, &c.hour) && digits(&s, 2, &c.minute) && digits(&s, 2, &c.second) && literal(&s, "Z") &&
	       s.len == 0 && time_of_civil(&c, ns);
}
