/*
 * Model images: what graph_check lets through is planned and run, in plain C or with the machine's vectors as the last byte
 * says. Rows do not touch each other: a batch gives what its rows give alone.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "infer/model_priv.h"

enum {
	ROWS = 9,	   /* tiles of eight and four, and what is left */
	COLUMNS_MAX = 64,  /* of the input */
	WIDTH_MAX = 4096,  /* of a value: wider ones are planned, not run */
	OUTPUTS_MAX = 8,
	ARENA_BYTES = 16 << 20,
};

static const double numbers[] = {0, 1, -2.5, 3, 0.25, -1, 7, 3.5e38, 1e300, -0.5, 2, INFINITY, NAN};
static const struct slice texts[ROWS] = {
    SLICE_LIT("some words and other words"), SLICE_LIT(""),	   SLICE_LIT("\xce\xa3 w\xc3\xb6rter \xe4\xb8\x96\xe7\x95\x8c"),
    SLICE_LIT("a  b\tc"),		     SLICE_LIT("I\xcc\x87 \xc8\xba\xc8\xba\xc8\xba"), SLICE_LIT("x"),
    SLICE_LIT("The quick brown fox"),	     SLICE_LIT("1 22 333 4_4"), SLICE_LIT("\xf0\x9f\x98\x80 end"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One tensor a column, named as the model names it. */
static void make_columns(const struct model *m, struct tensor *in, struct arena *a)
{
	for (uint32_t c = 0; c < m->graph.root->columns_n; c++) {
		bool text = m->graph.columns && m->graph.columns[c].kind == COLUMN_TEXT;
		in[c] = (struct tensor){.dtype = text ? DTYPE_STRING : DTYPE_F64, .rank = 1, .shape = {ROWS}};
		if (m->graph.columns)
			in[c].name = graph_text(&m->graph, m->graph.columns[c].name);
		in[c].data = text ? (void *)(uintptr_t)texts : arena_array(a, ROWS, sizeof(double));
		for (size_t r = 0; !text && r < ROWS; r++)
			((double *)in[c].data)[r] = numbers[(r * 7 + c) % COUNT_OF(numbers)];
	}
}

static void make_matrix(uint32_t columns, struct tensor *in, struct arena *a)
{
	*in = (struct tensor){.dtype = DTYPE_F64, .rank = 2, .shape = {ROWS, columns}};
	double *x = in->data = arena_array(a, (size_t)ROWS * columns, sizeof *x);
	for (size_t i = 0; i < (size_t)ROWS * columns; i++)
		x[i] = numbers[i % 11]; /* no NaN and no infinity: most models refuse them, and then nothing more is run */
}

static bool same_double(double x, double y)
{
	return x == y || (isnan(x) && isnan(y));
}

static void expect_row(const struct tensor *all, const struct tensor *one, int64_t row)
{
	int64_t width = tensor_count(one);
	assert(one->dtype == all->dtype && one->rank == all->rank && one->shape[0] == 1);
	for (int64_t i = 0; i < width; i++) {
		const char *a = (const char *)all->data + (size_t)(row * width + i) * dtype_bytes(all->dtype);
		const char *b = (const char *)one->data + (size_t)i * dtype_bytes(all->dtype);
		if (all->dtype == DTYPE_F64)
			assert(same_double(*(const double *)(const void *)a, *(const double *)(const void *)b));
		else if (all->dtype == DTYPE_STRING)
			assert(slice_eq(*(const struct slice *)(const void *)a, *(const struct slice *)(const void *)b));
		else
			assert(memcmp(a, b, dtype_bytes(all->dtype)) == 0);
	}
}

static void run(const struct model *m, enum model_method method, const struct tensor *in, size_t in_n)
{
	struct tensor all[OUTPUTS_MAX], one[OUTPUTS_MAX], row[COLUMNS_MAX];
	size_t n = 0, again = 0;
	struct err err = {0};
	struct arena a;
	arena_init(&a, 0, ARENA_BYTES);
	if (model_run(m, method, in, in_n, all, OUTPUTS_MAX, &n, &a, &err) < 0) {
		assert(err.code != ERR_OK && err.message[0]);
		arena_release(&a);
		return;
	}
	for (int64_t r = 0; r < ROWS; r++) {
		for (size_t i = 0; i < in_n; i++) {
			size_t bytes = (size_t)(tensor_count(&in[i]) / ROWS) * dtype_bytes(in[i].dtype);
			row[i] = in[i];
			row[i].shape[0] = 1;
			row[i].data = (char *)in[i].data + (size_t)r * bytes;
		}
		int rc = model_run(m, method, row, in_n, one, OUTPUTS_MAX, &again, &a, &err);
		if (rc < 0 && err.code == ERR_TOO_LARGE)
			break; /* the arena is full */
		assert(rc == 0 && again == n);
		for (size_t i = 0; i < n; i++)
			expect_row(&all[i], &one[i], r);
	}
	arena_release(&a);
}

static void run_all(const struct model *m)
{
	struct tensor in[COLUMNS_MAX];
	uint32_t columns = m->graph.root->columns_n;
	struct arena a;
	if (columns > COLUMNS_MAX)
		return;
	for (uint32_t i = 0; i < m->graph.nodes_n; i++)
		if (m->graph.types[i].columns > WIDTH_MAX)
			return;
	arena_init(&a, 0, ARENA_BYTES);
	for (int method = 1; method < MODEL_METHODS; method++) {
		if (!model_has(m, (enum model_method)method))
			continue;
		make_columns(m, in, &a);
		run(m, (enum model_method)method, in, columns);
		make_matrix(columns, in, &a);
		run(m, (enum model_method)method, in, 1);
	}
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *base = NULL;
	struct image_header header;
	struct model *m;
	struct err err = {0};
	if (size < sizeof header || posix_memalign(&base, IMAGE_ALIGN, size) != 0)
		return 0;
	memcpy(base, data, size);
	memcpy(&header, base, sizeof header);
	header.bytes = size;
	memcpy(base, &header, sizeof header);
	struct image image = {.base = base, .len = size};
	enum isa isa = data[size - 1] & 1 ? ISA_PLAIN : isa_detect();
	if (model_from_image(&image, isa, &m, &err) < 0) {
		assert(err.code != ERR_OK && err.message[0]);
		return 0;
	}
	run_all(m);
	model_unref(m);
	return 0;
}
