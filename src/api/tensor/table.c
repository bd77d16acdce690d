/*
 * Rows of objects: see table.h. A key is first looked for where the row before had it, then by its hash, so that
 * hostile orders cost no more than others.
 */
#include "api/tensor/table.h"

#include "base/map.h"

enum { FIRST_COLUMNS = 16 };

static void index_column(struct table *t, size_t i)
{
	size_t at = hash_bytes(t->columns[i].name.ptr, t->columns[i].name.len, hash_seed()) & t->mask;
	while (t->slots[at])
		at = (at + 1) & t->mask;
	t->slots[at] = (uint32_t)i + 1;
}

/* Slots are twice the columns that fit, so a probe ends. */
static bool widen(struct table *t, struct arena *a)
{
	size_t cap = t->cap ? t->cap * 2 : FIRST_COLUMNS;
	struct table_column *columns = arena_array(a, cap, sizeof *columns);
	uint32_t *slots = arena_array(a, cap * 2, sizeof *slots);
	if (!columns || !slots || cap > UINT32_MAX / 4)
		return false;
	if (t->n)
		memcpy(columns, t->columns, t->n * sizeof *columns);
	memset(slots, 0, cap * 2 * sizeof *slots);
	t->columns = columns;
	t->slots = slots;
	t->cap = cap;
	t->mask = cap * 2 - 1;
	for (size_t i = 0; i < t->n; i++)
		index_column(t, i);
	return true;
}

/* What the model does with its column `place`, counted from 1; 0: it has no such column. */
static enum values_use use_of(const struct model_input *in, size_t place)
{
	static const enum values_use uses[] = {[MODEL_COLUMN_UNREAD] = VALUES_UNREAD,
					       [MODEL_COLUMN_NUMBER] = VALUES_AS_NUMBERS,
					       [MODEL_COLUMN_TEXT] = VALUES_AS_TEXTS};
	if (!place || place > (size_t)in->columns)
		return VALUES_UNREAD;
	return in->kinds ? uses[in->kinds[place - 1]] : VALUES_AS_NUMBERS;
}

/* Without names a model takes columns in order. */
static enum values_use use_of_next(const struct table *t, struct slice name)
{
	const struct model_input *in = t->input;
	if (!in || in->columns < 0)
		return VALUES_AS_THEY_COME;
	return use_of(in, in->places ? (size_t)(uintptr_t)map_get(in->places, name) : t->n + 1);
}

/* The column of that name, made when it is new; NULL when the arena is full. */
static struct table_column *column(struct table *t, struct slice name, size_t hint, struct arena *a)
{
	if (hint < t->n && slice_eq(t->columns[hint].name, name))
		return &t->columns[hint];
	if (t->n) {
		size_t at = hash_bytes(name.ptr, name.len, hash_seed()) & t->mask;
		for (; t->slots[at]; at = (at + 1) & t->mask)
			if (slice_eq(t->columns[t->slots[at] - 1].name, name))
				return &t->columns[t->slots[at] - 1];
	}
	if (t->n == t->cap && !widen(t, a))
		return NULL;
	t->columns[t->n] = (struct table_column){.name = name, .values.use = use_of_next(t, name)};
	index_column(t, t->n);
	return &t->columns[t->n++];
}

/* One value, a list of values, or an object of index to value. */
static bool take_values(struct values *v, struct json_pull *j, struct arena *a, struct values_fault *fault)
{
	enum pull_kind kind = pull_kind(j);
	struct slice index;
	if (kind == PULL_ARRAY) {
		if (!pull_array(j))
			return false;
		while (pull_item(j))
			if (!values_take(v, j, pull_kind(j), a, fault))
				return false;
		return !j->failed;
	}
	if (kind == PULL_OBJECT) {
		if (!pull_object(j))
			return false;
		while (pull_key(j, a, &index))
			if (!values_take(v, j, pull_kind(j), a, fault))
				return false;
		return !j->failed;
	}
	return values_take(v, j, kind, a, fault);
}

int table_take(struct table *t, struct json_pull *j, struct arena *a, struct slice *member, struct values_fault *fault)
{
	size_t before = t->rows, hint = 0, rows = 0;
	*member = (struct slice){0};
	if (!pull_object(j))
		return -1;
	bool any = false;
	while (pull_key(j, a, member)) {
		struct table_column *c = column(t, *member, hint, a);
		if (!c)
			return -1;
		hint = (size_t)(c - t->columns) + 1;
		if (c->values.n > before) { /* the last of equal keys wins */
			c->values.n = before;
			if (!before)
				c->values = (struct values){.use = c->values.use};
		}
		if (!values_pad(&c->values, before, a, fault) || !take_values(&c->values, j, a, fault))
			return -1;
		size_t got = c->values.n - before;
		if (any && got != rows) {
			*fault = (struct values_fault){"not as many values as the members before it", ""};
			return -1;
		}
		rows = got;
		any = true;
	}
	if (j->failed)
		return -1;
	*member = (struct slice){0};
	if (!rows) {
		*fault = (struct values_fault){"an object without values", ""};
		return -1;
	}
	t->rows = before + rows;
	for (size_t i = 0; i < t->n; i++) {
		if (t->columns[i].values.n == t->rows)
			continue;
		*member = t->columns[i].name;
		if (!values_pad(&t->columns[i].values, t->rows, a, fault))
			return -1;
	}
	return 0;
}

static bool lay_columns(struct table *t, struct arena *a)
{
	const struct model_input *in = t->input;
	t->columns = arena_array(a, (size_t)in->columns, sizeof *t->columns);
	if (!t->columns)
		return false;
	for (; t->n < (size_t)in->columns; t->n++)
		t->columns[t->n] = (struct table_column){
		    .name = t->n < in->names_n ? slice_str(in->names[t->n]) : (struct slice){0},
		    .values.use = use_of(in, t->n + 1),
		};
	return true;
}

int table_take_cell(struct table *t, struct json_pull *j, size_t at, enum pull_kind kind, struct arena *a,
		    struct values_fault *fault)
{
	if (!t->columns && !lay_columns(t, a))
		return -1;
	if (at >= t->n)
		return pull_skip(j) ? 0 : -1;
	return values_take(&t->columns[at].values, j, kind, a, fault) ? 0 : -1;
}

int table_finish(struct table *t, struct arena *a, struct tensor **out, size_t *out_n)
{
	struct tensor *tensors = arena_array(a, t->n, sizeof *tensors);
	if (!tensors)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		tensors[i] = (struct tensor){.rank = t->n == 1 ? 2 : 1, .name = t->columns[i].name};
		tensors[i].shape[0] = (int64_t)t->rows;
		tensors[i].shape[1] = 1;
		if (!values_finish(&t->columns[i].values, &tensors[i], a))
			return -1;
	}
	*out = tensors;
	*out_n = t->n;
	return 0;
}
