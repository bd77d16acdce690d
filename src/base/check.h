/* Checked arithmetic on numbers from outside: true when the result does not fit (as C23's <stdckdint.h>). */
#ifndef CORACLE_BASE_CHECK_H
#define CORACLE_BASE_CHECK_H

#define ckd_add(r, a, b) __builtin_add_overflow((a), (b), (r))
#define ckd_sub(r, a, b) __builtin_sub_overflow((a), (b), (r))
#define ckd_mul(r, a, b) __builtin_mul_overflow((a), (b), (r))

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
