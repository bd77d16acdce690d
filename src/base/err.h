/*
 * Errors. A function that can fail returns an int, 0 or negative, and takes a caller-owned `struct err` last.
 *
 * - fixed size, no allocation, untouched on success, so calls chain
 * - `message` is for the client: what was wrong, where, what to do. `detail` is for the log only.
 * - a code is mapped to every protocol's status in ONE table, err_table.h
 * - out parameters of a failing function are untouched
 */
#ifndef CORACLE_BASE_ERR_H
#define CORACLE_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

enum err_code {
	ERR_OK = 0,
#define ERR_ROW(name, http, grpc, mlflow, reason, s3, retry) ERR_##name,
#include "base/err_table.h"
#undef ERR_ROW
	ERR_COUNT
};

enum {
	ERR_MESSAGE_BYTES = 1024,
	ERR_DETAIL_BYTES = 256,
	ERR_WRAPS_MAX = 4,
};

struct err {
	enum err_code code;
	int sub; /* which of several with that code, numbered by the domain that set it; 0: none */
	int wraps;
	const char *file; /* where it was first set */
	int line;
	const char *wrap_file[ERR_WRAPS_MAX];
	int wrap_line[ERR_WRAPS_MAX];
	char message[ERR_MESSAGE_BYTES];
	char detail[ERR_DETAIL_BYTES];
};

/* One row of the table: how each protocol names this code. */
struct err_info {
	const char *name;
	int http;
	int grpc;
	const char *mlflow;
	const char *reason; /* Kubernetes Status.reason */
	const char *s3;
	bool retry; /* the same request may succeed later */
};

const struct err_info *err_info(enum err_code code);

/* All return -1, so that `return err_set(...)` reads as one step. `e` may be NULL. */
#define err_set(e, code, ...) err_set_at((e), (code), __FILE__, __LINE__, __VA_ARGS__)
/* Sets from errno: the message is `fmt`: strerror text. ENOSPC, EDQUOT, ENOENT, EACCES, EEXIST have their own code. */
#define err_errno(e, errnum, ...) err_errno_at((e), (errnum), __FILE__, __LINE__, __VA_ARGS__)
/* Puts "fmt: " in front of the message on the way up. */
#define err_wrap(e, ...) err_wrap_at((e), __FILE__, __LINE__, __VA_ARGS__)

int err_set_at(struct err *e, enum err_code code, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
int err_errno_at(struct err *e, int errnum, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
int err_wrap_at(struct err *e, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Tells two errors of one code apart: return err_set(…), err_sub(err, OBJECT_NO_BUCKET). */
int err_sub(struct err *e, int sub);
/* Adds what only the log may show. */
int err_detail(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline void err_clear(struct err *e)
{
	e->code = ERR_OK;
	e->sub = e->wraps = 0;
	e->message[0] = e->detail[0] = 0;
}

#endif
