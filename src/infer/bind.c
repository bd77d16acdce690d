/* Binding a request: see bind.h. */
#include "infer/bind.h"

#include "base/check.h"

static enum graph_column_kind kind_of(const struct graph *g, size_t column)
{
	return g->columns ? (enum graph_column_kind)g->columns[column].kind : COLUMN_NUMBER;
}

static struct slice expecting(const struct graph *g)
{
	return graph_text(g, g->root->expecting);
}

static int wrong_width(const struct graph *g, int64_t have, struct err *err)
{
	return err_set(err, ERR_INVALID, "X has %lld features, but %.*s is expecting %u features as input.",
		       (long long)have, SLICE_ARG(expecting(g)), g->root->columns_n);
}

static int wrong_rank(const struct graph *g, const struct tensor *t, struct err *err)
{
	if (t->rank > 2)
		return err_set(err, ERR_INVALID, "Found array with dim %d, while dim <= 2 is required by %.*s.", t->rank,
			       SLICE_ARG(expecting(g)));
	return err_set(err, ERR_INVALID, "Expected 2D array, got %s array instead: a row is a list",
		       t->rank == 0 ? "scalar" : "1D");
}

static int no_number(const struct tensor *t, struct err *err)
{
	const struct slice *s = t->data;
	int64_t per_row = t->rank > 1 && t->shape[1] > 0 ? t->shape[1] : 1;
	for (int64_t i = 0; i < tensor_count(t); i++)
		return err_set(err, ERR_INVALID, "could not convert string to float: '%.*s' (instance %lld)",
			       (int)MIN(s[i].len, 60), s[i].ptr ? s[i].ptr : "", (long long)(i / per_row));
	return err_set(err, ERR_INVALID, "could not convert strings to float");
}

/* One matrix, or one vector of texts. */
static int bind_whole(const struct graph *g, const struct tensor *t, struct feed *out, struct err *err)
{
	if (g->root->columns_n == 1 && kind_of(g, 0) == COLUMN_TEXT) {
		if (t->rank < 1 || t->rank > 2 || (t->rank == 2 && t->shape[1] != 1))
			return err_set(err, ERR_INVALID, "each instance must be one text");
		if (t->dtype != DTYPE_STRING)
			return err_set(err, ERR_INVALID, "%.*s expects text: instance 0 is a number",
				       SLICE_ARG(expecting(g)));
	} else {
		if (t->rank != 2)
			return wrong_rank(g, t, err);
		if (t->shape[1] != g->root->columns_n)
			return wrong_width(g, t->shape[1], err);
		for (uint32_t i = 0; g->columns && i < g->root->columns_n; i++) {
			if (kind_of(g, i) == COLUMN_TEXT)
				return err_set(err, ERR_INVALID,
					       "the model's input has columns of text: give it column by column");
		}
		if (t->dtype == DTYPE_STRING)
			return no_number(t, err);
	}
	*out = (struct feed){.in = t, .in_n = 1, .rows = (size_t)t->shape[0]};
	return 0;
}

static bool is_column(const struct tensor *t)
{
	return t->rank == 1 || (t->rank == 2 && t->shape[1] == 1);
}

static int find_named(const struct graph *g, const struct tensor *in, size_t in_n, uint32_t column, uint32_t *out,
		      struct err *err)
{
	struct slice name = graph_text(g, g->columns[column].name);
	for (size_t i = 0; i < in_n; i++) {
		if (slice_eq(in[i].name, name)) {
			*out = (uint32_t)i;
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "columns are missing: {'%.*s'}", SLICE_ARG(name));
}

/* One tensor a column: by name where the model has names, else in order. */
static int bind_columns(const struct graph *g, const struct tensor *in, size_t in_n, struct arena *arena,
			struct feed *out, struct err *err)
{
	bool named = g->columns && g->columns[0].name.n;
	uint32_t n = g->root->columns_n;
	if (!named && in_n != n)
		return wrong_width(g, (int64_t)in_n, err);
	for (size_t i = 0; i < in_n; i++) {
		if (!is_column(&in[i]) || in[i].shape[0] != in[0].shape[0])
			return err_set(err, ERR_INVALID,
				       "column '%.*s' must have one value a row, as many as the others",
				       SLICE_ARG(in[i].name));
	}
	uint32_t *tensor_of = arena_array(arena, n, sizeof *tensor_of);
	if (!tensor_of)
		return err_set(err, ERR_TOO_LARGE, "out of the request's memory");
	for (uint32_t i = 0; i < n; i++) {
		tensor_of[i] = i;
		if (kind_of(g, i) == COLUMN_ANY && named) {
			tensor_of[i] = 0; /* nothing reads it */
			continue;
		}
		if (named && find_named(g, in, in_n, i, &tensor_of[i], err) < 0)
			return -1;
		const struct tensor *t = &in[tensor_of[i]];
		if (kind_of(g, i) == COLUMN_NUMBER && t->dtype == DTYPE_STRING)
			return no_number(t, err);
		if (kind_of(g, i) == COLUMN_TEXT && t->dtype != DTYPE_STRING)
			return err_set(err, ERR_INVALID, "column '%.*s' must be text", SLICE_ARG(t->name));
	}
	*out = (struct feed){
	    .in = in, .in_n = in_n, .rows = (size_t)in[0].shape[0], .columns = true, .tensor_of = tensor_of};
	return 0;
}

int bind_input(const struct graph *g, const struct tensor *in, size_t in_n, struct arena *arena, struct feed *out,
	       struct err *err)
{
	if (in_n == 0)
		return err_set(err, ERR_INVALID, "no input");
	for (size_t i = 0; i < in_n; i++) {
		if (tensor_count(&in[i]) < 0 || dtype_bytes(in[i].dtype) == 0)
			return err_set(err, ERR_INVALID, "input %zu has no proper shape", i);
	}
	/* A single vector with a name is a table of one column. */
	bool table = in_n > 1 || (in->rank == 1 && in->name.len && g->columns && g->columns[0].name.n);
	if (table ? bind_columns(g, in, in_n, arena, out, err) < 0 : bind_whole(g, in, out, err) < 0)
		return -1;
	if (out->rows == 0)
		return err_set(err, ERR_INVALID,
			       "Found array with 0 sample(s) (shape=(0, %u)) while a minimum of 1 is required by %.*s.",
			       g->root->columns_n, SLICE_ARG(expecting(g)));
	return 0;
}
