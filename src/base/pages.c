/* Pages of large memory: see pages.h. */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

enum { WORTH_IT = 4 << 20 /* two large pages of the usual 2 MiB */ };

void pages_large(void *p, size_t n)
{
	const uintptr_t within = PAGE_BYTES - 1;
	uintptr_t from = ((uintptr_t)p + within) & ~within, to = ((uintptr_t)p + n) & ~within;
	if (n >= WORTH_IT)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}
