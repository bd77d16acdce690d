/* Tests of infer/graph.c: what a hostile image may hold, and what it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graphs.h"
#include "infer/kernels/kernel.h"
#include "infer/plan.h"

static const double weights[] = {1, 2, 3, 4, 5, 6};

static void linear_image(struct image *out)
{
	struct making m;
	making_init(&m, 2, false);
	uint32_t node = make_pick(&m, make_linear(&m, make_input(&m), 2, 3, weights, weights, NULL), PICK_ARGMAX);
	making_finish(&m, MODEL_PREDICT, node, out);
	making_release(&m);
}

static int check(const struct image *im, struct err *err)
{
	struct graph g;
	*err = (struct err){0};
	if (graph_check(im, &g, err) < 0)
		return -1;
	graph_release(&g);
	return 0;
}

static void a_graph_that_was_built_is_accepted_with_its_types_derived(void **state)
{
	(void)state;
	struct image im;
	struct graph g;
	linear_image(&im);
	assert_int_equal(graph_check(&im, &g, NULL), 0);
	assert_int_equal(g.nodes_n, 3);
	assert_int_equal(g.types[1].columns, 3);
	assert_int_equal(g.types[2].dtype, DTYPE_I64);
	assert_true(g.types[2].vector);
	graph_release(&g);
	image_release(&im);
}

static void widths_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	struct making m;
	struct image im;
	struct err err;
	making_init(&m, 3, false);
	making_finish(&m, MODEL_PREDICT, make_linear(&m, make_input(&m), 2, 3, weights, NULL, NULL), &im);
	making_release(&m);
	assert_int_equal(check(&im, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	image_release(&im);
}

static void an_unknown_operator_is_refused(void **state)
{
	(void)state;
	struct making m;
	struct image im;
	struct err err;
	struct op_pick op = {0};
	making_init(&m, 1, false);
	uint32_t in = make_input(&m);
	making_finish(&m, MODEL_PREDICT, graph_node1(&m.b, (enum op)200, in, &op, sizeof op), &im);
	making_release(&m);
	assert_int_equal(check(&im, &err), -1);
	image_release(&im);
}

static void a_tree_whose_child_is_its_parent_is_refused(void **state)
{
	(void)state;
	struct op_tree_node nodes[] = {
	    {.threshold = 1, .left = 1, .right = 2}, {.left = 0, .right = 2}, {.left = 2, .right = 2}};
	uint32_t starts[] = {0, 3}, depths[] = {2}, leaf_of[] = {0, 0, 0};
	double leaf[] = {1};
	for (int good = 0; good < 2; good++) {
		struct making m;
		struct image im;
		struct err err;
		if (good)
			nodes[1] = (struct op_tree_node){.left = 1, .right = 1};
		making_init(&m, 1, false);
		struct op_trees op = {.k = 1, .m = 1, .divide = 1};
		op.starts = graph_put(&m.b, starts, 2, sizeof *starts);
		op.depths = graph_put(&m.b, depths, 1, sizeof *depths);
		op.nodes = graph_put(&m.b, nodes, 3, sizeof *nodes);
		op.leaf_of = graph_put(&m.b, leaf_of, 3, sizeof *leaf_of);
		op.leaves = graph_put(&m.b, leaf, 1, sizeof *leaf);
		uint32_t in = make_input(&m);
		making_finish(&m, MODEL_PREDICT, graph_node1(&m.b, OP_TREES, in, &op, sizeof op), &im);
		making_release(&m);
		assert_int_equal(check(&im, &err), good ? 0 : -1);
		image_release(&im);
	}
}

/* -0.5 is truncated to category 0, which a column without categories does not have. */
static void a_column_without_categories_is_refused(void **state)
{
	(void)state;
	for (uint32_t last = 0; last < 2; last++) {
		struct making m;
		struct image im;
		struct err err;
		uint32_t counts[] = {2, last};
		struct op_categories op = {.k = 2, .m = 2};
		making_init(&m, 2, false);
		op.counts = graph_put(&m.b, counts, 2, sizeof *counts);
		op.tables = graph_put(&m.b, weights, (2 + last) * 2, sizeof *weights);
		op.bias = graph_put(&m.b, weights, 2, sizeof *weights);
		making_finish(&m, MODEL_PREDICT, graph_node1(&m.b, OP_CATEGORIES, make_input(&m), &op, sizeof op), &im);
		making_release(&m);
		assert_int_equal(check(&im, &err), last ? 0 : -1);
		image_release(&im);
	}
}

/* Only counts are whole numbers that int64 holds. */
static void integers_come_from_counts_only(void **state)
{
	(void)state;
	for (int weighed = 0; weighed < 2; weighed++) {
		struct making m;
		struct image im;
		struct err err;
		static const char *const terms[] = {"words"};
		making_init(&m, 1, true);
		struct op_text text = make_text_options(&m, terms, 1);
		text.integers = 1;
		struct op_tfidf tfidf = {0};
		struct op_dense dense = {.dtype = DTYPE_I64};
		uint32_t node = graph_node1(&m.b, OP_TEXT, make_text_input(&m), &text, sizeof text);
		if (weighed)
			node = graph_node1(&m.b, OP_TFIDF, node, &tfidf, sizeof tfidf);
		making_finish(&m, MODEL_TRANSFORM, graph_node1(&m.b, OP_DENSE, node, &dense, sizeof dense), &im);
		making_release(&m);
		assert_int_equal(check(&im, &err), weighed ? -1 : 0);
		image_release(&im);
	}
}

/* A label may be the text that a TEXT node reads, which relies on UTF-8. */
static void a_label_that_is_no_utf8_is_refused(void **state)
{
	(void)state;
	for (int good = 0; good < 2; good++) {
		struct making m;
		struct image im;
		struct err err;
		char text[200];
		memset(text, good ? 'x' : 0xff, sizeof text);
		making_init(&m, 2, false);
		struct span label = graph_put_text(&m.b, slice_of(text, sizeof text));
		struct op_label op = {.dtype = DTYPE_STRING, .labels = graph_put(&m.b, &label, 1, sizeof label)};
		uint32_t node = graph_node1(&m.b, OP_LABEL, make_pick(&m, make_input(&m), PICK_ARGMAX), &op, sizeof op);
		static const char *const terms[] = {"words"};
		struct op_text words = make_text_options(&m, terms, 1);
		words.lowercase = 0;
		making_finish(&m, MODEL_PREDICT, graph_node1(&m.b, OP_TEXT, node, &words, sizeof words), &im);
		making_release(&m);
		assert_int_equal(check(&im, &err), good ? 0 : -1);
		image_release(&im);
	}
}

/* Builds and runs whatever graph_check lets through. */
static void run_all(const struct image *im, bool text)
{
	struct graph g;
	struct err err = {0};
	if (graph_check(im, &g, &err) < 0)
		return;
	struct arena arena;
	arena_init(&arena, 0, 16 << 20);
	for (int method = 1; method < MODEL_METHODS; method++) {
		struct plan_stage stage = {&g, (enum model_method)method};
		struct plan *plan;
		if (g.root->methods[method].n == 0 || g.root->columns_n > 100 ||
		    plan_build(&stage, 1, isa_detect(), &plan, &err) < 0)
			continue;
		double numbers[200] = {1, -2, 3e38, 4};
		struct slice texts[] = {SLICE_LIT("some words and other words"),
					SLICE_LIT("\xce\xa3 w\xc3\xb6rter \xff")};
		bool is_text = g.columns && g.columns[0].kind == COLUMN_TEXT;
		struct tensor in = {.dtype = is_text ? DTYPE_STRING : DTYPE_F64,
				    .rank = is_text ? 1 : 2,
				    .shape = {2, g.root->columns_n},
				    .data = is_text ? (void *)texts : (void *)numbers};
		struct feed feed = {.in = &in, .in_n = 1, .rows = 2};
		struct tensor out[4];
		bool ok = plan_outputs(plan) <= 4 && is_text == text;
		for (size_t i = 0; ok && i < plan_outputs(plan); i++) {
			struct graph_type t = plan_output_type(plan, i);
			ok = tensor_alloc(&out[i], t.dtype, t.vector ? 1 : 2, (int64_t[]){2, t.columns}, &arena,
					  &err) == 0;
		}
		if (ok)
			(void)plan_run(plan, &feed, out, &err);
		plan_free(plan);
	}
	arena_release(&arena);
	graph_release(&g);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Numbers of the image changed at random: refused or run, never a stray read (the sanitizers watch). */
static void mutate(const struct image *good, bool text, int rounds)
{
	uint64_t seed = 0x9e3779b97f4a7c15u;
	uint8_t *bytes = aligned_alloc(64, (good->len + 127) & ~(size_t)63);
	assert_non_null(bytes);
	for (int round = 0; round < rounds; round++) {
		memcpy(bytes, good->base, good->len);
		for (uint64_t n = 1 + next_random(&seed) % 3; n-- > 0;) {
			size_t at = (size_t)(next_random(&seed) % (good->len / 4)) * 4;
			uint32_t v;
			memcpy(&v, bytes + at, 4);
			switch (next_random(&seed) % 5) {
			case 0:
				v ^= 1u << next_random(&seed) % 32;
				break;
			case 1:
				v += (uint32_t)(next_random(&seed) % 5) - 2;
				break;
			case 2:
				v = (uint32_t)next_random(&seed);
				break;
			case 3:
				v = (uint32_t)(next_random(&seed) % good->len);
				break;
			default:
				v = 0xffffffff;
				break;
			}
			memcpy(bytes + at, &v, 4);
		}
		struct image im = {.base = bytes, .len = good->len};
		run_all(&im, text);
	}
	free(bytes);
}

static void a_mutated_image_of_numbers_is_refused_or_harmless(void **state)
{
	(void)state;
	struct making m;
	struct image im;
	struct op_tree_node nodes[] = {
	    {.threshold = 1, .left = 1, .right = 2}, {.left = 1, .right = 1}, {.left = 2, .right = 2}};
	uint32_t starts[] = {0, 3}, depths[] = {1}, leaf_of[] = {0, 0, 1}, columns[] = {1, 0};
	struct span names[2];
	making_init(&m, 2, false);
	uint32_t in = make_input(&m);
	struct op_scale scale = {.k = 2};
	scale.minus = scale.over = graph_put(&m.b, weights, 2, sizeof *weights);
	uint32_t scaled = graph_node1(&m.b, OP_SCALE, in, &scale, sizeof scale);
	struct op_select select = {.columns = graph_put(&m.b, columns, 2, sizeof *columns)};
	uint32_t picked = graph_node1(&m.b, OP_SELECT, scaled, &select, sizeof select);
	struct op_trees trees = {.k = 2, .m = 3, .divide = 2};
	trees.starts = graph_put(&m.b, starts, 2, sizeof *starts);
	trees.depths = graph_put(&m.b, depths, 1, sizeof *depths);
	trees.nodes = graph_put(&m.b, nodes, 3, sizeof *nodes);
	trees.leaf_of = graph_put(&m.b, leaf_of, 3, sizeof *leaf_of);
	trees.leaves = graph_put(&m.b, weights, 6, sizeof *weights);
	uint32_t forest = graph_node1(&m.b, OP_TREES, picked, &trees, sizeof trees);
	struct op_gaussian gauss = {.k = 2, .m = 3};
	gauss.means = gauss.variances = graph_put(&m.b, weights, 6, sizeof *weights);
	gauss.constants = graph_put(&m.b, weights, 3, sizeof *weights);
	uint32_t bayes = graph_node1(&m.b, OP_GAUSSIAN, picked, &gauss, sizeof gauss);
	struct op_concat concat = {0};
	uint32_t both = graph_node(&m.b, OP_CONCAT, (uint32_t[]){forest, bayes}, 2, &concat, sizeof concat);
	uint32_t all = make_linear(&m, make_linear(&m, both, 6, 1, weights, NULL, weights), 1, 2, weights, NULL, NULL);
	names[0] = graph_put_text(&m.b, SLICE_LIT("yes"));
	names[1] = graph_put_text(&m.b, SLICE_LIT("no"));
	struct op_label label = {.dtype = DTYPE_STRING, .labels = graph_put(&m.b, names, 2, sizeof *names)};
	uint32_t last = graph_node1(&m.b, OP_LABEL, make_pick(&m, all, PICK_ARGMIN), &label, sizeof label);
	making_finish(&m, MODEL_PREDICT, last, &im);
	making_release(&m);
	mutate(&im, false, 20000);
	image_release(&im);
}

static void a_mutated_image_of_text_is_refused_or_harmless(void **state)
{
	(void)state;
	struct making m;
	struct image im;
	static const char *const terms[] = {"words", "other", "some more", "w\xc3\xb6rter", "and words"};
	making_init(&m, 1, true);
	struct op_text text = make_text_options(&m, terms, 5);
	text.ngram_max = 2;
	text.stop = text.vocabulary;
	uint32_t counts = graph_node1(&m.b, OP_TEXT, make_text_input(&m), &text, sizeof text);
	struct op_tfidf tfidf = {.sublinear = 1, .idf = graph_put(&m.b, weights, 5, sizeof *weights)};
	uint32_t weighed = graph_node1(&m.b, OP_TFIDF, counts, &tfidf, sizeof tfidf);
	struct op_normalize norm = {.norm = NORM_L2};
	double lsa[5 * 12] = {1, 2, 3};
	uint32_t node =
	    make_linear(&m, graph_node1(&m.b, OP_NORMALIZE, weighed, &norm, sizeof norm), 5, 12, lsa, NULL, NULL);
	making_finish(&m, MODEL_TRANSFORM, node, &im);
	making_release(&m);
	mutate(&im, true, 20000);
	image_release(&im);
}

static void a_graph_that_outgrows_its_image_says_so_at_once(void **state)
{
	(void)state;
	struct image_writer w;
	struct arena arena;
	struct graph_builder b;
	struct err err = {0};
	assert_int_equal(image_writer_init(&w, -1, 1 << 16, NULL), 0);
	arena_init(&arena, 0, 1 << 20);
	graph_builder_init(&b, &w, &arena);
	assert_int_equal(graph_fits(&b, &err), 0);
	assert_int_equal(image_reserve(&w, 1 << 17), 0);
	assert_int_equal(graph_fits(&b, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	assert_non_null(strstr(err.message, "limit of 65536 bytes"));
	image_writer_release(&w);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_graph_that_was_built_is_accepted_with_its_types_derived),
	    cmocka_unit_test(widths_that_do_not_fit_are_refused),
	    cmocka_unit_test(an_unknown_operator_is_refused),
	    cmocka_unit_test(a_tree_whose_child_is_its_parent_is_refused),
	    cmocka_unit_test(a_column_without_categories_is_refused),
	    cmocka_unit_test(integers_come_from_counts_only),
	    cmocka_unit_test(a_label_that_is_no_utf8_is_refused),
	    cmocka_unit_test(a_mutated_image_of_numbers_is_refused_or_harmless),
	    cmocka_unit_test(a_mutated_image_of_text_is_refused_or_harmless),
	    cmocka_unit_test(a_graph_that_outgrows_its_image_says_so_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
