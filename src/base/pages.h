/* Pages of large memory. */
#ifndef CORACLE_BASE_PAGES_H
#define CORACLE_BASE_PAGES_H

#include <stddef.h>

enum { PAGE_BYTES = 4096 };

/*
 * Asks for large pages behind n bytes of fresh private memory at p, all of which are about to be written: a fault for each
 * 4 KiB costs more than filling them. A hint, and none for less than 4 MiB. Of memory that mremap grows it must be the
 * whole mapping: the kernel splits one at the ends of the range.
 */
void pages_large(void *p, size_t n);

#endif
