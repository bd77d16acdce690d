/* MurmurHash3, 32 bits (Austin Appleby, public domain): scikit-learn's feature hashing. Vectors: tests/unit/infer. */
#ifndef CORACLE_INFER_TEXT_MURMUR_H
#define CORACLE_INFER_TEXT_MURMUR_H

#include <stddef.h>
#include <stdint.h>

uint32_t murmur3_32(const uint8_t *p, size_t n, uint32_t seed);

#endif
