/* The certificate authority: made once, reused, renewed when it must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "crypto/pki.h"
#include "crypto/tls.h"

static int64_t later_ns;

static int64_t wall(const struct clock *c)
{
	(void)c;
	return clock_wall_ns(&clock_os) + later_ns;
}

static const struct clock clock_test = { .wall_ns = wall };
static char dir[] = "/tmp/coracle-pki-XXXXXX";

static X509 *x509_of(struct slice pem)
{
	BIO *b = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	BIO_free(b);
	assert_non_null(x);
	return x;
}

static void open_with(struct pki *p, const char *const *names, size_t n)
{
	struct err err = { 0 };
	struct pki_options o = { .dir = dir, .names = names, .names_n = n, .clock = &clock_test };
	if (pki_open(&o, p, &err) < 0)
		fail_msg("%s", err.message);
}

static void test_made_and_reused(void **state)
{
	(void)state;
	static const char *const extra[] = { "oracle.example.com", "10.1.2.3", "fd00::1" };
	static const char *const hosts[] = { "localhost", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local" };
	struct pki a, b, c;
	struct stat st;
	char path[100];
	open_with(&a, NULL, 0);
	(void)snprintf(path, sizeof path, "%s/ca.key", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	X509 *x = x509_of(a.server_certificate);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(X509_check_host(x, hosts[i], 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	assert_int_equal(X509_check_host(x, extra[0], 0, 0, NULL), 0);
	X509_free(x);
	open_with(&b, NULL, 0);
	assert_string_equal(a.server_certificate.ptr, b.server_certificate.ptr);
	assert_string_equal(a.admin_key.ptr, b.admin_key.ptr);
	open_with(&c, extra, 3);
	assert_string_equal(a.ca_certificate.ptr, c.ca_certificate.ptr);
	assert_string_not_equal(a.server_certificate.ptr, c.server_certificate.ptr);
	x = x509_of(c.server_certificate);
	assert_int_equal(X509_check_host(x, extra[0], 0, 0, NULL), 1);
	assert_int_equal(X509_check_ip_asc(x, extra[1], 0), 1);
	assert_int_equal(X509_check_ip_asc(x, extra[2], 0), 1);
	X509_free(x);
	pki_release(&a);
	pki_release(&b);
	pki_release(&c);
}

static void test_renewed(void **state)
{
	(void)state;
	struct pki a, b;
	open_with(&a, NULL, 0);
	later_ns = (int64_t)800 * 86400 * 1000000000;
	open_with(&b, NULL, 0);
	later_ns = 0;
	assert_string_equal(a.ca_certificate.ptr, b.ca_certificate.ptr);
	assert_string_not_equal(a.server_certificate.ptr, b.server_certificate.ptr);
	assert_string_not_equal(a.admin_certificate.ptr, b.admin_certificate.ptr);
	pki_release(&a);
	pki_release(&b);
}

static void test_names_of_admin(void **state)
{
	(void)state;
	struct pki p;
	struct arena arena;
	struct slice cn, *o;
	size_t n;
	struct err err = { 0 };
	unsigned char *der = NULL;
	open_with(&p, NULL, 0);
	X509 *x = x509_of(p.admin_certificate);
	int len = i2d_X509(x, &der);
	arena_init(&arena, 0, 0);
	assert_int_equal(pki_certificate_names(slice_of(der, (size_t)len), &arena, &cn, &o, &n, &err), 0);
	assert_true(slice_is(cn, "admin"));
	assert_int_equal(n, 1);
	assert_true(slice_is(o[0], "system:masters"));
	assert_int_equal(pki_certificate_names(slice_of(der, 10), &arena, &cn, &o, &n, &err), -1);
	arena_release(&arena);
	OPENSSL_free(der);
	X509_free(x);
	pki_release(&p);
}

static void test_refusals(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct pki p;
	struct tls_context *t;
	static const char *const bad[] = { "a,b" };
	struct pki_options o = { .dir = dir, .names = bad, .names_n = 1, .clock = &clock_test };
	char path[100];
	assert_int_equal(pki_open(&o, &p, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	struct tls_options none = { .certificate_pem = SLICE_LIT("x") };
	err_clear(&err);
	assert_int_equal(tls_context_new(&none, &t, &err), -1);
	(void)snprintf(path, sizeof path, "%s/ca.crt", dir);
	err_clear(&err);
	assert_int_equal(fs_replace(path, SLICE_LIT("broken"), 0644, &err), 0);
	o.names_n = 0;
	assert_int_equal(pki_open(&o, &p, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	struct err err = { 0 };
	(void)state;
	return fs_remove_tree(dir, &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_and_reused),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_names_of_admin),
		cmocka_unit_test(test_refusals), /* breaks the authority: last */
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
