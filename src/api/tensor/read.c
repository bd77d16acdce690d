/* JSON to tensors: see read.h. Lists are read by recursion over the rank, which is bounded; tables in table.c. */
#include "api/tensor/read.h"

#include <stdio.h>

#include "api/tensor/table.h"
#include "api/tensor/values.h"
#include "base/check.h"

struct reader {
	struct json_pull *j;
	struct arena *a;
	const char *what;
	struct err *err;
	int rank;                       /* -1 until the first scalar */
	int deepest;                    /* list that was entered */
	int64_t shape[TENSOR_RANK_MAX]; /* -1 until the first list of that depth has ended */
	int64_t at[TENSOR_RANK_MAX];
	struct values values;
	struct table table;
	bool is_table; /* of objects */
	bool by_place; /* lists of values are rows of a table */
};

/* "instances[3][0]", down to `depth`. */
static void place(const struct reader *r, int depth, char *out, size_t out_bytes)
{
	size_t len = (size_t)snprintf(out, out_bytes, "%s", r->what);
	for (int d = 0; d <= depth && len < out_bytes; d++)
		len += (size_t)snprintf(out + len, out_bytes - len, "[%lld]", (long long)r->at[d]);
}

enum { PLACE_BYTES = 256 };

static int fault_at(const struct reader *r, int depth, const struct values_fault *f)
{
	char where[PLACE_BYTES];
	if (r->j->failed)
		return -1;
	if (!f->came)
		return err_set(r->err, ERR_NO_MEMORY, "%s do not fit the memory of one request", r->what);
	place(r, depth, where, sizeof where);
	return *f->among ? err_set(r->err, ERR_INVALID, "%s: %s among %s", where, f->came, f->among)
			 : err_set(r->err, ERR_INVALID, "%s: %s", where, f->came);
}

static int uneven(const struct reader *r, int depth, const char *came)
{
	char where[PLACE_BYTES];
	place(r, depth, where, sizeof where);
	return err_set(r->err, ERR_INVALID, "%s: %s", where, came);
}

/* A list of depth `depth` ended after n items. */
static int close_list(struct reader *r, int depth, int64_t n)
{
	char where[PLACE_BYTES], first[PLACE_BYTES];
	if (r->shape[depth] < 0)
		r->shape[depth] = n;
	if (r->shape[depth] == n)
		return 0;
	place(r, depth - 1, where, sizeof where);
	struct reader zero = *r;
	memset(zero.at, 0, sizeof zero.at);
	place(&zero, depth - 1, first, sizeof first);
	return err_set(r->err, ERR_INVALID, "%s: %lld value%s where %s has %lld", where, (long long)n,
		       n == 1 ? "" : "s", first, (long long)r->shape[depth]);
}

static int take_row(struct reader *r, int depth)
{
	struct values_fault fault = {0};
	struct slice member = {0};
	if (r->deepest != depth || r->rank >= 0)
		return uneven(r, depth, "an object beside lists or values");
	r->is_table = true;
	if (table_take(&r->table, r->j, r->a, &member, &fault) == 0)
		return 0;
	if (r->j->failed || !member.len || !fault.came)
		return fault_at(r, depth, &fault);
	char where[PLACE_BYTES];
	place(r, depth, where, sizeof where);
	return err_set(r->err, ERR_INVALID, "%s.%.*s: %s%s%s", where, SLICE_ARG(slice_sub(member, 0, 100)), fault.came,
		       *fault.among ? " among " : "", fault.among);
}

static int take_list(struct reader *r, int depth)
{
	int64_t n = 0;
	struct values_fault fault = {0};
	if (!pull_array(r->j))
		return -1;
	r->deepest = MAX(r->deepest, depth);
	while (pull_item(r->j)) {
		r->at[depth] = n++;
		enum pull_kind kind = pull_kind(r->j);
		if (kind == PULL_OBJECT && depth <= 1) {
			if (take_row(r, depth) < 0)
				return -1;
		} else if (kind == PULL_ARRAY) {
			if (r->rank >= 0 && depth + 1 >= r->rank)
				return uneven(r, depth, "a list where others are values");
			if (r->is_table && depth + 1 > r->deepest)
				return uneven(r, depth, "a list beside objects");
			if (depth + 1 == TENSOR_RANK_MAX)
				return uneven(r, depth, "more dimensions than tensors have here");
			if (take_list(r, depth + 1) < 0)
				return -1;
		} else {
			if (r->rank < 0 && r->deepest == depth && !r->is_table)
				r->rank = depth + 1;
			if (r->rank != depth + 1 && kind != PULL_NONE)
				return uneven(r, depth,
					      r->is_table ? "a value beside objects"
							  : "a value where others are lists");
			size_t more = 1;
			bool cell = r->by_place && depth == 1, run = kind == PULL_NUMBER && !cell;
			bool ok = cell  ? table_take_cell(&r->table, r->j, (size_t)r->at[1], kind, r->a, &fault) == 0
				  : run ? values_take_numbers(&r->values, r->j, r->a, &more, &fault)
					: values_take(&r->values, r->j, kind, r->a, &fault);
			if (!ok) {
				r->at[depth] += run ? (int64_t)more : 0;
				return fault_at(r, depth, &fault);
			}
			n += (int64_t)more - 1;
		}
	}
	if (r->j->failed)
		return -1;
	return r->is_table ? 0 : close_list(r, depth, n);
}

int tensor_json_read(struct json_pull *j, const char *what, const struct model_input *input, struct arena *a,
		     struct tensor_json *out, struct err *err)
{
	struct reader r = {.j = j, .a = a, .what = what, .err = err, .rank = -1, .deepest = -1};
	r.by_place = input && input->mixed;
	r.table.input = input;
	for (int d = 0; d < TENSOR_RANK_MAX; d++)
		r.shape[d] = -1;
	if (take_list(&r, 0) < 0)
		return -1;
	/* Rows of another width than the model's are a matrix, for the model to refuse. */
	bool rows = r.by_place && r.rank == 2 && r.shape[1] == input->columns;
	if (rows)
		r.table.rows = (size_t)r.shape[0];
	if (rows || r.is_table) {
		if (table_finish(&r.table, a, &out->tensors, &out->n) < 0)
			return err_set(err, ERR_NO_MEMORY, "%s do not fit the memory of one request", what);
		out->table = true;
		return 0;
	}
	struct tensor *t = arena_zalloc(a, sizeof *t);
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "%s do not fit the memory of one request", what);
	t->rank = r.deepest + 1;
	for (int d = 0; d < t->rank; d++)
		t->shape[d] = MAX(r.shape[d], 0);
	(void)values_finish(&r.values, t, a);
	*out = (struct tensor_json){.tensors = t, .n = 1};
	return 0;
}
