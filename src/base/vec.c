/* Growing arrays: see vec.h. */
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void *vec_grow(void *ptr, size_t *len, size_t *cap, size_t item_bytes)
{
	if (*len == *cap) {
		size_t more = *cap ? *cap * 2 : 8, bytes;
		if (more < *cap || ckd_mul(&bytes, more, item_bytes))
			abort();
		ptr = realloc(ptr, bytes);
		if (!ptr)
			abort();
		*cap = more;
	}
	memset((char *)ptr + *len * item_bytes, 0, item_bytes);
	++*len;
	return ptr;
}

void vec_free(void *ptr)
{
	free(ptr);
}
