/* Log lines: see log.h. Settings are written once before threads start; a line is built on the stack. */
#include "base/log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* A text is cut where the rest of its line begins to need the room, so that a line always ends as it should. */
enum { LINE_BYTES = 4096, END_BYTES = 64, FIELD_BYTES = 128, UTF8_TAIL_BYTES = 3 };

static struct {
	enum log_format format;
	enum log_level least;
	int fd;
} settings = { LOG_FORMAT_TEXT, LOG_LEVEL_INFO, 2 };

struct line {
	size_t len;
	char text[LINE_BYTES];
};

static const char *const names[] = { "debug", "info", "warn", "error" };

void log_setup(enum log_format format, enum log_level least, int fd)
{
	settings.format = format;
	settings.least = least;
	settings.fd = fd;
}

static void put(struct line *l, const char *p, size_t n)
{
	size_t room = sizeof l->text - 1 - l->len;
	if (n > room)
		n = room;
	memcpy(l->text + l->len, p, n);
	l->len += n;
}

static void put_str(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

/* Is there room for byte `c` of a text? A character that has begun is finished. */
static bool fits(const struct line *l, unsigned char c)
{
	size_t end = sizeof l->text - END_BYTES + ((c & 0xc0) == 0x80 ? UTF8_TAIL_BYTES : 0);
	return l->len < end;
}

/* Both formats quote as JSON strings; bytes over 0x7f pass, control characters are escaped. */
static void put_quoted(struct line *l, struct slice s)
{
	char esc[8];
	put(l, "\"", 1);
	for (size_t i = 0; i < s.len && fits(l, (unsigned char)s.ptr[i]); i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == '"' || c == '\\') {
			esc[0] = '\\';
			esc[1] = (char)c;
			put(l, esc, 2);
		} else if (c < 0x20 || c == 0x7f) {
			(void)snprintf(esc, sizeof esc, "\\u%04x", c);
			put(l, esc, 6);
		} else {
			put(l, (const char *)&s.ptr[i], 1);
		}
	}
	put(l, "\"", 1);
}

static void put_value(struct line *l, const struct log_field *f)
{
	char num[40];
	switch (f->kind) {
	case LOG_FIELD_STR:
		put_quoted(l, f->str);
		return;
	case LOG_FIELD_INT:
		(void)snprintf(num, sizeof num, "%lld", (long long)f->num);
		break;
	case LOG_FIELD_REAL:
		(void)snprintf(num, sizeof num, "%.6g", f->real);
		break;
	}
	put_str(l, num);
}

void log_event(enum log_level level, const char *component, const char *message, const struct log_field *fields)
{
	if (level < settings.least)
		return;
	struct line l;
	char when[40];
	int64_t now = clock_wall_ns(&clock_os);
	time_t sec = (time_t)(now / 1000000000);
	struct tm tm;
	gmtime_r(&sec, &tm);
	size_t n = strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(when + n, sizeof when - n, ".%03dZ", (int)(now / 1000000 % 1000));
	l.len = 0;
	bool json = settings.format == LOG_FORMAT_JSON;
	put_str(&l, json ? "{\"time\":\"" : "");
	put_str(&l, when);
	put_str(&l, json ? "\",\"level\":\"" : " ");
	put_str(&l, names[level]);
	put_str(&l, json ? "\",\"component\":\"" : " ");
	put_str(&l, component);
	put_str(&l, json ? "\",\"message\":" : ": ");
	if (json)
		put_quoted(&l, slice_str(message));
	else
		put_str(&l, message);
	for (const struct log_field *f = fields; f->name && l.len < sizeof l.text - FIELD_BYTES; f++) {
		put_str(&l, json ? ",\"" : " ");
		put_str(&l, f->name);
		put_str(&l, json ? "\":" : "=");
		put_value(&l, f);
	}
	if (json)
		put_str(&l, "}");
	l.text[l.len++] = '\n';
	ssize_t ignored = write(settings.fd, l.text, l.len);
	(void)ignored;
}
