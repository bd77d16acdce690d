/* Errors: see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

static const struct err_info table[ERR_COUNT] = {
	[ERR_OK] = { "OK", 200, 0, "", "", "", false },
#define ERR_ROW(name, http, grpc, mlflow, reason, s3, retry) \
	[ERR_##name] = { #name, http, grpc, mlflow, reason, s3, retry },
#include "base/err_table.h"
#undef ERR_ROW
};

const struct err_info *err_info(enum err_code code)
{
	return &table[(unsigned)code < ERR_COUNT ? code : ERR_INTERNAL];
}

static void first_set(struct err *e, enum err_code code, const char *file, int line)
{
	e->code = code;
	e->file = file;
	e->line = line;
	e->sub = e->wraps = 0;
	e->detail[0] = 0;
}

int err_sub(struct err *e, int sub)
{
	if (e)
		e->sub = sub;
	return -1;
}

int err_set_at(struct err *e, enum err_code code, const char *file, int line, const char *fmt, ...)
{
	if (!e)
		return -1;
	first_set(e, code, file, line);
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(e->message, sizeof e->message, fmt, ap);
	va_end(ap);
	return -1;
}

static enum err_code code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
		return ERR_NO_SPACE;
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case ELOOP:
		return ERR_FORBIDDEN;
	case EEXIST:
	case EADDRINUSE:
		return ERR_EXISTS;
	case ENOMEM:
		return ERR_NO_MEMORY;
	case ETIMEDOUT:
		return ERR_DEADLINE;
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return ERR_UNAVAILABLE;
	default:
		return ERR_IO;
	}
}

int err_errno_at(struct err *e, int errnum, const char *file, int line, const char *fmt, ...)
{
	if (!e)
		return -1;
	char reason[128];
	first_set(e, code_of_errno(errnum), file, line);
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(e->message, sizeof e->message, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof e->message)
		(void)snprintf(e->message + n, sizeof e->message - (size_t)n, ": %s",
			       strerror_r(errnum, reason, sizeof reason));
	return -1;
}

int err_wrap_at(struct err *e, const char *file, int line, const char *fmt, ...)
{
	if (!e)
		return -1;
	char front[ERR_MESSAGE_BYTES];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(front, sizeof front, fmt, ap);
	va_end(ap);
	if (n > 0) {
		size_t front_len = MIN((size_t)n, sizeof front - 1);
		size_t room = sizeof e->message - 1;
		front_len = MIN(front_len, room);
		size_t sep = MIN((size_t)2, room - front_len);
		size_t tail = MIN(strlen(e->message), room - front_len - sep);
		memmove(e->message + front_len + sep, e->message, tail);
		memcpy(e->message, front, front_len);
		memcpy(e->message + front_len, ": ", sep);
		e->message[front_len + sep + tail] = 0;
	}
	if (e->wraps < ERR_WRAPS_MAX) {
		e->wrap_file[e->wraps] = file;
		e->wrap_line[e->wraps] = line;
		e->wraps++;
	}
	return -1;
}

int err_detail(struct err *e, const char *fmt, ...)
{
	if (!e)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(e->detail, sizeof e->detail, fmt, ap);
	va_end(ap);
	return -1;
}
