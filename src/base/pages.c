/* Pages of large memory: see pages.h. */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

enum { PAGE = 4096, WORTH_IT = 4 << 20 /* two large pages of the usual 2 MiB */ };

void pages_large(void *p, size_t n)
{
	uintptr_t from = ((uintptr_t)p + PAGE - 1) & ~(uintptr_t)(PAGE - 1), to = ((uintptr_t)p + n) & ~(uintptr_t)(PAGE - 1);
	if (n >= WORTH_IT)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}
