/* Tests of crypto/hash.c and crypto/crc.c against published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/crc.h"
#include "crypto/hash.h"

static void digests_match_published_values(void **state)
{
	(void)state;
	uint8_t out[HASH_BYTES_MAX];
	hash_once(HASH_MD5, SLICE_LIT("abc"), out);
	assert_memory_equal(out, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72", 16);
	hash_once(HASH_SHA1, SLICE_LIT("abc"), out);
	assert_memory_equal(out, "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d", 20);
	hash_once(HASH_SHA256, SLICE_LIT(""), out);
	assert_memory_equal(out, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24", 16);
}

static void hmacs_match_rfc_4231_and_2202(void **state)
{
	(void)state;
	uint8_t out[HASH_BYTES_MAX], key[131];
	hmac_once(HASH_SHA256, SLICE_LIT("Jefe"), SLICE_LIT("what do ya want for nothing?"), out);
	assert_memory_equal(out, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7", 16);
	memset(key, 0xaa, sizeof key);
	hmac_once(HASH_SHA256, slice_of(key, sizeof key),
		  SLICE_LIT("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	assert_memory_equal(out, "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa\xcb\xf5\xb7\x7f", 16);
	hmac_once(HASH_SHA1, SLICE_LIT("Jefe"), SLICE_LIT("what do ya want for nothing?"), out);
	assert_memory_equal(out, "\xef\xfc\xdf\x6a\xe5\xeb\x2f\xa2\xd2\x74\x16\xd5\xf1\x84\xdf\x9c", 16);
}

static void crcs_match_their_check_values(void **state)
{
	(void)state;
	assert_int_equal(crc_ieee(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc_castagnoli(0, "123456789", 9), 0xe3069283);
	assert_true(crc_nvme(0, "123456789", 9) == 0xae8b14860a799888);
}

static void crcs_of_two_runs_join(void **state)
{
	(void)state;
	unsigned char p[1000];
	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (unsigned char)(i * 7 + i / 13);
	for (size_t cut = 0; cut <= sizeof p; cut += 37) {
		size_t rest = sizeof p - cut;
		assert_int_equal(crc_ieee(crc_ieee(0, p, cut), p + cut, rest), crc_ieee(0, p, sizeof p));
		assert_true(crc_nvme(crc_nvme(0, p, cut), p + cut, rest) == crc_nvme(0, p, sizeof p));
		assert_int_equal(crc_ieee_join(crc_ieee(0, p, cut), crc_ieee(0, p + cut, rest), rest),
				 crc_ieee(0, p, sizeof p));
		assert_int_equal(crc_castagnoli_join(crc_castagnoli(0, p, cut), crc_castagnoli(0, p + cut, rest), rest),
				 crc_castagnoli(0, p, sizeof p));
		assert_true(crc_nvme_join(crc_nvme(0, p, cut), crc_nvme(0, p + cut, rest), rest) ==
			    crc_nvme(0, p, sizeof p));
	}
}

/* Long runs are computed three at a time; short ones one by one. */
static void long_runs_have_the_crc_of_their_pieces(void **state)
{
	(void)state;
	enum { BYTES = 100003 };
	unsigned char *p = malloc(BYTES);
	for (size_t i = 0; i < BYTES; i++)
		p[i] = (unsigned char)(i * 2654435761u >> 11);
	for (size_t n = BYTES; n > 12000; n -= 7919) {
		for (uint32_t before = 0; before < 2; before++) {
			uint32_t pieces = before * 0xdeadbeef;
			for (size_t at = 0; at < n; at += 1021)
				pieces = crc_castagnoli(pieces, p + at, n - at < 1021 ? n - at : 1021);
			assert_int_equal(crc_castagnoli(before * 0xdeadbeef, p, n), pieces);
		}
	}
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_match_published_values),
		cmocka_unit_test(hmacs_match_rfc_4231_and_2202),
		cmocka_unit_test(crcs_match_their_check_values),
		cmocka_unit_test(crcs_of_two_runs_join),
		cmocka_unit_test(long_runs_have_the_crc_of_their_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
