/*
 * The linear map with AVX2 and FMA. Each answer is one chain of fused multiply-adds over k in order (dot: four chains,
 * then a fixed sum), whichever tile of rows it is computed in: that is what makes a batch's digits those of its rows.
 */
#include "infer/kernels/linear.h"

#ifdef __x86_64__

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline)) KERNEL_AVX2

enum { TILE_ROWS = 4, SPARSE_TILE = 12 /* registers: 48 answers at a time */, AHEAD = 6 /* entries */ };

/* The first `n` of four lanes. */
INLINE __m256i lanes(size_t n)
{
	return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), _mm256_setr_epi64x(0, 1, 2, 3));
}

INLINE void store(double *y, __m256d v, size_t n)
{
	if (n >= 4)
		_mm256_storeu_pd(y, v);
	else
		_mm256_maskstore_pd(y, lanes(n), v);
}

/* `rows` x (4 * regs) answers from column m on. rows and regs are constants where this is inlined. */
INLINE void tile(const struct linear *l, const double *x, double *y, size_t m, const size_t rows, const size_t regs)
{
	__m256d acc[TILE_ROWS][2];
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = 0; i < regs; i++)
			acc[r][i] = _mm256_setzero_pd();
	}
	const double *w = l->weights + m;
	for (size_t k = 0; k < l->k; k++, w += l->stride) {
		__m256d wk[2];
		for (size_t i = 0; i < regs; i++)
			wk[i] = _mm256_loadu_pd(w + 4 * i);
		double shift = l->shift ? l->shift[k] : 0;
		for (size_t r = 0; r < rows; r++) {
			__m256d v = _mm256_set1_pd(x[r * l->k + k] - shift);
			for (size_t i = 0; i < regs; i++)
				acc[r][i] = _mm256_fmadd_pd(v, wk[i], acc[r][i]);
		}
	}
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = 0; i < regs && m + 4 * i < l->m; i++)
			store(y + r * l->m + m + 4 * i, _mm256_add_pd(acc[r][i], _mm256_loadu_pd(l->bias + m + 4 * i)),
			      l->m - m - 4 * i);
	}
}

KERNEL_AVX2 void linear_dense_avx2(const struct linear *l, const double *x, size_t rows, double *y)
{
	for (size_t r = 0; r < rows;) {
		bool four = rows - r >= TILE_ROWS;
		const double *xr = x + r * l->k;
		double *yr = y + r * l->m;
		for (size_t m = 0; m < l->m; m += 8) {
			bool two = l->stride - m >= 8;
			if (four && two)
				tile(l, xr, yr, m, TILE_ROWS, 2);
			else if (four)
				tile(l, xr, yr, m, TILE_ROWS, 1);
			else if (two)
				tile(l, xr, yr, m, 1, 2);
			else
				tile(l, xr, yr, m, 1, 1);
		}
		r += four ? TILE_ROWS : 1;
	}
}

KERNEL_AVX2 void linear_dot_avx2(const struct linear *l, const double *x, size_t rows, double *y)
{
	const double *w = l->weights, *shift = l->shift;
	for (size_t r = 0; r < rows; r++, x += l->k) {
		__m256d acc[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
		size_t k = 0;
		for (; k + 16 <= l->k; k += 16) {
			for (size_t i = 0; i < 4; i++) {
				__m256d v = _mm256_loadu_pd(x + k + 4 * i);
				if (shift)
					v = _mm256_sub_pd(v, _mm256_loadu_pd(shift + k + 4 * i));
				acc[i] = _mm256_fmadd_pd(v, _mm256_loadu_pd(w + k + 4 * i), acc[i]);
			}
		}
		__m256d sum = _mm256_add_pd(_mm256_add_pd(acc[0], acc[1]), _mm256_add_pd(acc[2], acc[3]));
		__m128d half = _mm_add_pd(_mm256_castpd256_pd128(sum), _mm256_extractf128_pd(sum, 1));
		double total = _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
		for (; k < l->k; k++)
			total += (shift ? x[k] - shift[k] : x[k]) * w[k];
		y[r] = total + l->bias[0];
	}
}

/* One row's answers from column m on, 4 * regs of them. Rows of W are far apart: the next ones are fetched ahead. */
INLINE void sparse_tile(const struct linear *l, const uint32_t *column, const double *value, size_t n, double *y,
			size_t m, const size_t regs)
{
	__m256d acc[SPARSE_TILE];
	for (size_t i = 0; i < regs; i++)
		acc[i] = _mm256_setzero_pd();
	const double *w = l->weights + m;
	for (size_t e = 0; e < n; e++) {
		if (e + AHEAD < n) {
			const char *next = (const char *)(w + (size_t)column[e + AHEAD] * l->stride);
			for (size_t b = 0; b < regs * 32; b += 64)
				_mm_prefetch(next + b, _MM_HINT_T0);
		}
		const double *we = w + (size_t)column[e] * l->stride;
		__m256d v = _mm256_set1_pd(value[e]);
		for (size_t i = 0; i < regs; i++)
			acc[i] = _mm256_fmadd_pd(v, _mm256_loadu_pd(we + 4 * i), acc[i]);
	}
	for (size_t i = 0; i < regs && m + 4 * i < l->m; i++)
		store(y + m + 4 * i, _mm256_add_pd(acc[i], _mm256_loadu_pd(l->bias + m + 4 * i)), l->m - m - 4 * i);
}

KERNEL_AVX2 void linear_sparse_avx2(const struct linear *l, const struct csr *x, size_t rows, double *y)
{
	for (size_t r = 0; r < rows; r++, y += l->m) {
		const uint32_t *column = x->column + x->start[r];
		const double *value = x->value + x->start[r];
		size_t n = x->start[r + 1] - x->start[r], m = 0;
		for (; l->stride - m >= 4 * SPARSE_TILE; m += 4 * SPARSE_TILE)
			sparse_tile(l, column, value, n, y, m, SPARSE_TILE);
		for (; l->stride - m >= 24; m += 24)
			sparse_tile(l, column, value, n, y, m, 6);
		for (; l->stride - m >= 8; m += 8)
			sparse_tile(l, column, value, n, y, m, 2);
		for (; m < l->stride; m += 4)
			sparse_tile(l, column, value, n, y, m, 1);
	}
}

#endif
