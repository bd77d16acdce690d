/* Tests of infer/kernels: the fast kernels beside the plain ones on random input, and rows that never depend on their
 * batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "infer/kernels/linear.h"
#include "infer/kernels/trees.h"

enum { ROWS = 11, K_MAX = 70, M_MAX = 120 };

static uint64_t seed = 88172645463325252u;

static double next_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(int64_t)seed * 0x1p-62;
}

static void assert_close(const double *a, const double *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!(fabs(a[i] - b[i]) <= 1e-12 * fabs(b[i]) + 1e-13))
			fail_msg("number %zu: %.17g, not %.17g", i, a[i], b[i]);
	}
}

struct map {
	double weights[K_MAX * M_MAX + 16], bias[M_MAX + 8], shift[K_MAX];
	struct linear l;
};

static void random_map(struct map *map, size_t k, size_t m, bool shifted)
{
	size_t stride = m == 1 ? 1 : m > 8 ? (m + 7) & ~(size_t)7 : (m + 3) & ~(size_t)3;
	memset(map, 0, sizeof *map);
	for (size_t i = 0; i < k; i++) {
		for (size_t j = 0; j < m; j++)
			map->weights[i * stride + j] = next_number();
		map->shift[i] = next_number();
	}
	for (size_t j = 0; j < m; j++)
		map->bias[j] = next_number();
	map->l = (struct linear){.k = k,
				 .m = m,
				 .stride = stride,
				 .weights = map->weights,
				 .bias = map->bias,
				 .shift = shifted ? map->shift : NULL};
}

static void the_fast_dense_map_agrees_with_the_plain_one(void **state)
{
	(void)state;
	static struct map map;
	static double x[ROWS * K_MAX], fast[ROWS * M_MAX], plain[ROWS * M_MAX], alone[M_MAX];
	if (isa_detect() == ISA_PLAIN)
		skip();
	for (size_t i = 0; i < ROWS * K_MAX; i++)
		x[i] = next_number();
	for (size_t m = 1; m <= M_MAX; m += m < 20 ? 1 : 13) {
		for (size_t k = 1; k <= K_MAX; k += k < 6 ? 1 : 16) {
			for (int shifted = 0; shifted < 2; shifted++) {
				random_map(&map, k, m, shifted);
				linear_pick(&map.l, ISA_AVX2);
				map.l.dense(&map.l, x, ROWS, fast);
				linear_dense_plain(&map.l, x, ROWS, plain);
				assert_close(fast, plain, ROWS * m);
				/* Every row alone gives the very same bits. */
				for (size_t r = 0; r < ROWS; r++) {
					map.l.dense(&map.l, x + r * k, 1, alone);
					assert_memory_equal(alone, fast + r * m, m * sizeof *alone);
				}
			}
		}
	}
}

static void the_fast_sparse_map_agrees_with_the_plain_one(void **state)
{
	(void)state;
	static struct map map;
	static double value[ROWS * 20], fast[ROWS * M_MAX], plain[ROWS * M_MAX];
	static uint32_t column[ROWS * 20];
	size_t start[ROWS + 1] = {0};
	if (isa_detect() == ISA_PLAIN)
		skip();
	for (size_t m = 1; m <= M_MAX; m += m < 20 ? 1 : 13) {
		random_map(&map, K_MAX, m, false);
		for (size_t r = 0; r < ROWS; r++) {
			start[r + 1] = start[r] + r % 7 * 3; /* some rows are empty */
			for (size_t e = start[r]; e < start[r + 1]; e++) {
				column[e] = (uint32_t)((e * 7 + r) % K_MAX);
				value[e] = next_number();
			}
		}
		struct csr x = {.start = start, .column = column, .value = value};
		linear_pick(&map.l, ISA_AVX2);
		map.l.sparse(&map.l, &x, ROWS, fast);
		linear_sparse_plain(&map.l, &x, ROWS, plain);
		assert_close(fast, plain, ROWS * m);
	}
}

enum { NODES = 63, FEATURES = 5, TREES = 13 };

/* A full tree in pre-order, its leaves at different depths. */
static uint32_t grow(struct op_tree_node *nodes, uint32_t *leaf_of, uint32_t at, uint32_t depth, uint32_t *n)
{
	if (depth == 0 || (depth < 4 && next_number() > 0.7)) {
		nodes[at] = (struct op_tree_node){.left = at, .right = at};
		leaf_of[at] = *n;
		(*n)++;
		return at + 1;
	}
	uint32_t right = grow(nodes, leaf_of, at + 1, depth - 1, n);
	uint32_t feature = (uint32_t)(fabs(next_number()) * 100) % FEATURES;
	nodes[at] = (struct op_tree_node){.threshold = (float)next_number(),
					  .left = at + 1,
					  .right = right,
					  .feature = feature | (next_number() > 0 ? TREE_NAN_LEFT : 0)};
	return grow(nodes, leaf_of, right, depth - 1, n);
}

static void eight_walks_at_once_end_where_each_alone_does(void **state)
{
	(void)state;
	static struct op_tree_node nodes[TREES * NODES];
	static uint32_t leaf_of[TREES * NODES];
	static double leaves[TREES * NODES * 2], fast[100 * 2], plain[100 * 2];
	static float x[100 * FEATURES];
	uint32_t starts[TREES + 1] = {0}, depths[TREES], at = 0, n = 0;
	for (size_t t = 0; t < TREES; t++) {
		starts[t] = at;
		depths[t] = 5;
		at = grow(nodes, leaf_of, at, 5, &n);
	}
	starts[TREES] = at;
	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
		leaves[i] = next_number();
	for (int nans = 0; nans < 2; nans++) {
		struct trees t = {.k = FEATURES,
				  .m = 2,
				  .n = TREES,
				  .starts = starts,
				  .depths = depths,
				  .nodes = nodes,
				  .leaf_of = leaf_of,
				  .leaves = leaves,
				  .nans = nans};
		for (size_t i = 0; i < 100 * FEATURES; i++)
			x[i] = nans && i % 7 == 0 ? NAN : (float)next_number();
		for (size_t rows = 1; rows <= 100; rows += 9) {
			trees_eight(&t, x, rows, fast);
			trees_plain(&t, x, rows, plain);
			assert_memory_equal(fast, plain, rows * 2 * sizeof *fast);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_fast_dense_map_agrees_with_the_plain_one),
	    cmocka_unit_test(the_fast_sparse_map_agrees_with_the_plain_one),
	    cmocka_unit_test(eight_walks_at_once_end_where_each_alone_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
