/*
 * Cyclic redundancy checks, each as its users write it (reflected, all ones in and out): crc = crc_x(0, p, n), more
 * bytes with crc_x(crc, p2, n2). crc_x_join gives the value of two runs in a row from the values of each.
 *   ieee    CRC-32 of zlib, gzip, PNG     castagnoli   CRC-32C of iSCSI     nvme   CRC-64/NVME
 */
#ifndef CORACLE_CRYPTO_CRC_H
#define CORACLE_CRYPTO_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc_ieee(uint32_t crc, const void *p, size_t n);
uint32_t crc_castagnoli(uint32_t crc, const void *p, size_t n);
uint64_t crc_nvme(uint64_t crc, const void *p, size_t n);

/* `b_bytes`: length of the second run. */
uint32_t crc_ieee_join(uint32_t a, uint32_t b, uint64_t b_bytes);
uint32_t crc_castagnoli_join(uint32_t a, uint32_t b, uint64_t b_bytes);
uint64_t crc_nvme_join(uint64_t a, uint64_t b, uint64_t b_bytes);

#endif
