/* The table of limits: see limits.h. */
#include "base/limits.h"

#include "base/check.h"

struct limits limits = {
#define LIMIT_ROW(name, value, least, most, unit, text) .name = value,
#include "base/limits_table.h"
#undef LIMIT_ROW
};

const struct limit_info limit_table[] = {
#define LIMIT_ROW(name, value, least, most, unit, text) { #name, value, least, most, unit, text, &limits.name },
#include "base/limits_table.h"
#undef LIMIT_ROW
};

const size_t limit_table_n = COUNT_OF(limit_table);

int limits_set(struct slice name, int64_t value, struct err *err)
{
	for (size_t i = 0; i < limit_table_n; i++) {
		const struct limit_info *l = &limit_table[i];
		if (!slice_is(name, l->name))
			continue;
		if (value < l->least || value > l->most)
			return err_set(err, ERR_INVALID, "limit %s must be between %lld and %lld %s, not %lld", l->name,
				       (long long)l->least, (long long)l->most, l->unit, (long long)value);
		*l->where = value;
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "there is no limit named \"%.*s\"; `coracle limits` lists them",
		       SLICE_ARG(name));
}
