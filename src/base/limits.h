/*
 * Every limit of the program in one table (limits_table.h), shown by `coracle limits`.
 * Read as `limits.http_head_bytes`. Set before the first thread starts, constant afterwards.
 */
#ifndef CORACLE_BASE_LIMITS_H
#define CORACLE_BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct limits {
#define LIMIT_ROW(name, value, least, most, unit, text) int64_t name;
#include "base/limits_table.h"
#undef LIMIT_ROW
};

extern struct limits limits;

struct limit_info {
	const char *name;
	int64_t value, least, most; /* default and the range a configuration may choose from */
	const char *unit;
	const char *text;
	int64_t *where;
};

extern const struct limit_info limit_table[];
extern const size_t limit_table_n;

/* ERR_NOT_FOUND for an unknown name, ERR_INVALID outside the range. */
int limits_set(struct slice name, int64_t value, struct err *err);

#endif
