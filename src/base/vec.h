/*
 * A typed growing array: `VEC(struct part) parts = { 0 };` then `*vec_push(&parts) = p;` and `vec_release(&parts)`.
 * vec_push returns a pointer to the new, zeroed, last item, valid until the next push. Out of memory aborts.
 */
#ifndef CORACLE_BASE_VEC_H
#define CORACLE_BASE_VEC_H

#include <stddef.h>

#define VEC(type)                \
	struct {                 \
		type *ptr;       \
		size_t len, cap; \
	}

#define vec_push(v) \
	((v)->ptr = vec_grow((v)->ptr, &(v)->len, &(v)->cap, sizeof *(v)->ptr), &(v)->ptr[(v)->len - 1])
#define vec_release(v) (vec_free((v)->ptr), (v)->ptr = NULL, (v)->len = (v)->cap = 0)

void *vec_grow(void *ptr, size_t *len, size_t *cap, size_t item_bytes);
void vec_free(void *ptr);

#endif
