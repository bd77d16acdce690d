/*
 * Structured log lines on stderr, text or JSON. One write(2) a line, so lines of threads never mix.
 *
 *   LOG_WARN("s3", "signature refused", LOG_S("request", id), LOG_I("status", 403));
 *
 * Values from outside are escaped. Secrets are never logged: pass names, not values.
 */
#ifndef CORACLE_BASE_LOG_H
#define CORACLE_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_NONE };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
	const char *name;
	enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_REAL } kind;
	struct slice str;
	int64_t num;
	double real;
};

#define LOG_S(n, v) ((struct log_field){ .name = (n), .kind = LOG_FIELD_STR, .str = slice_str(v) })
#define LOG_SL(n, v) ((struct log_field){ .name = (n), .kind = LOG_FIELD_STR, .str = (v) })
#define LOG_I(n, v) ((struct log_field){ .name = (n), .kind = LOG_FIELD_INT, .num = (int64_t)(v) })
#define LOG_R(n, v) ((struct log_field){ .name = (n), .kind = LOG_FIELD_REAL, .real = (v) })

#define LOG_AT(level, component, message, ...)                                            \
	log_event((level), (component), (message),                                        \
		  (const struct log_field[]){ __VA_OPT__(__VA_ARGS__, ) { .name = 0 } })
#define LOG_DEBUG(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define LOG_INFO(...) LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOG_WARN(...) LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define LOG_ERROR(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)

void log_setup(enum log_format format, enum log_level least, int fd);
/* `fields` ends with a field without name. */
void log_event(enum log_level level, const char *component, const char *message, const struct log_field *fields);

#endif
