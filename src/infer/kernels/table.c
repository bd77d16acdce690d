/* Operators to kernels, and what the kernels share: see kernel.h. */
#include "infer/kernels/kernel.h"

#include "base/check.h"

#define OP(name, lower) extern const struct kernel kernel_##lower;
OPS(OP)
#undef OP

const struct kernel *const kernel_table[OP_COUNT] = {
#define OP(name, lower) [OP_##name] = &kernel_##lower,
    OPS(OP)
#undef OP
};

enum isa isa_detect(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
	    __builtin_cpu_supports("popcnt"))
		return ISA_AVX2;
#endif
	return ISA_PLAIN;
}

bool kernel_span(const struct graph *g, struct span s, uint64_t n, size_t bytes, bool optional)
{
	if (s.n == 0 && (optional || n == 0))
		return true;
	return s.n == n && n <= SIZE_MAX / 2 && graph_at(g, s, bytes);
}

int kernel_want_f64(const char *name, const struct graph_type *in, bool csr_too, struct err *err)
{
	if (in->csr && !csr_too)
		return err_set(err, ERR_UNSUPPORTED, "%s takes no sparse rows", name);
	if (!in->csr && in->dtype != DTYPE_F64)
		return err_set(err, ERR_UNSUPPORTED, "%s takes numbers (FP64), not %s", name, dtype_v2_name(in->dtype));
	return 0;
}

bool csr_room(struct csr *c, size_t used, size_t n)
{
	if (n <= c->cap - used)
		return true;
	size_t cap = c->cap ? c->cap : 1024;
	while (cap - used < n) {
		if (cap > SIZE_MAX / 64)
			return false;
		cap *= 2;
	}
	uint32_t *column = realloc(c->column, cap * sizeof *column);
	if (!column)
		return false;
	c->column = column;
	double *value = realloc(c->value, cap * sizeof *value);
	if (!value)
		return false;
	c->value = value;
	c->cap = cap;
	return true;
}
