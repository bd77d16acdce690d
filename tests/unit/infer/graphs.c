/* See graphs.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graphs.h"
#include "infer/text/vocabulary.h"

void making_init(struct making *m, uint32_t columns, bool text)
{
	arena_init(&m->arena, 0, 0);
	assert_int_equal(image_writer_init(&m->w, -1, 64 << 20, NULL), 0);
	graph_builder_init(&m->b, &m->w, &m->arena);
	m->b.root.columns_n = columns;
	struct graph_column column = {.kind = COLUMN_TEXT};
	if (text)
		m->b.root.columns = graph_put(&m->b, &column, 1, sizeof column);
	m->b.root.class_name = m->b.root.expecting = graph_put_text(&m->b, SLICE_LIT("Test"));
}

void making_finish(struct making *m, enum model_method method, uint32_t node, struct image *out)
{
	uint64_t root;
	struct err err = {0};
	graph_method(&m->b, method, &node, 1);
	assert_int_equal(graph_finish(&m->b, &root, &err), 0);
	assert_int_equal(image_finish(&m->w, root, &err), 0);
	assert_int_equal(image_take(&m->w, out, &err), 0);
}

void making_release(struct making *m)
{
	image_writer_release(&m->w);
	arena_release(&m->arena);
}

uint32_t make_input(struct making *m)
{
	struct op_input op = {0};
	return graph_node(&m->b, OP_INPUT, NULL, 0, &op, sizeof op);
}

uint32_t make_text_input(struct making *m)
{
	struct op_input_text op = {0};
	return graph_node(&m->b, OP_INPUT_TEXT, NULL, 0, &op, sizeof op);
}

uint32_t make_linear(struct making *m, uint32_t in, uint32_t k, uint32_t n, const double *rows, const double *bias,
		     const double *shift)
{
	uint32_t stride = n == 1 ? 1 : n > 8 ? (n + 7) & ~7u : (n + 3) & ~3u;
	struct op_linear op = {.k = k, .m = n, .stride = stride};
	double *padded = arena_zalloc(&m->arena, (size_t)k * stride * sizeof *padded);
	for (uint32_t i = 0; i < k; i++)
		memcpy(padded + (size_t)i * stride, rows + (size_t)i * n, n * sizeof *rows);
	op.weights = graph_put(&m->b, padded, (size_t)k * stride, sizeof *padded);
	op.bias = graph_put(&m->b, bias, bias ? n : 0, sizeof *bias);
	op.shift = graph_put(&m->b, shift, shift ? k : 0, sizeof *shift);
	return graph_node1(&m->b, OP_LINEAR, in, &op, sizeof op);
}

uint32_t make_pick(struct making *m, uint32_t in, uint32_t mode)
{
	struct op_pick op = {.mode = mode};
	return graph_node1(&m->b, OP_PICK, in, &op, sizeof op);
}

struct op_text make_text_options(struct making *m, const char *const *terms, size_t n)
{
	struct op_text op = {.word_least = 2, .ngram_min = 1, .ngram_max = 1, .lowercase = 1, .columns = (uint32_t)n};
	struct slice *slices = arena_array(&m->arena, n + 1, sizeof *slices);
	uint32_t *columns = arena_array(&m->arena, n + 1, sizeof *columns);
	for (size_t i = 0; i < n; i++) {
		slices[i] = slice_str(terms[i]);
		columns[i] = (uint32_t)i;
	}
	assert_int_equal(vocabulary_put(&m->b, slices, columns, n, &op.vocabulary, NULL), 0);
	return op;
}
