/* Pages of large memory. */
#ifndef CORACLE_BASE_PAGES_H
#define CORACLE_BASE_PAGES_H

#include <stddef.h>

/*
 * Asks for large pages behind n bytes of fresh private memory at p, all of which are about to be written: a fault for each
 * 4 KiB costs more than filling them. A hint, and none for less than 4 MiB. Not for memory that mremap grows: the kernel
 * splits the mapping at the ends of the range.
 */
void pages_large(void *p, size_t n);

#endif
