/* Our certificate authority: see pki.h. OpenSSL does the cryptography; this file decides names, times and files. */
#include "crypto/pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/random.h"

enum {
	CA_DAYS = 3650,
	LEAF_DAYS = 825, /* what strict clients accept of a server */
	RENEW_DAYS = 30,
	BACKDATE_SECONDS = 300,
	PEM_BYTES_MAX = 64 << 10,
	NAMES_MAX = 64,
};

struct pair {
	X509 *cert;
	EVP_PKEY *key;
};

struct names {
	const char *ptr[NAMES_MAX];
	size_t n;
};

static int refused(struct err *err, const char *what)
{
	char text[200];
	ERR_error_string_n(ERR_get_error(), text, sizeof text);
	ERR_clear_error();
	return err_set(err, ERR_INTERNAL, "%s: %s", what, text);
}

static void pair_release(struct pair *p)
{
	X509_free(p->cert);
	EVP_PKEY_free(p->key);
	*p = (struct pair){ 0 };
}

/* ---- making ---- */

static int add_extension(X509 *x, const X509V3_CTX *ctx, int nid, const char *value)
{
	X509V3_CTX c = *ctx;
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &c, nid, value);
	int ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok ? 0 : -1;
}

/* By values, not by a text of commas: a name can hold nothing but itself. */
static int add_alternative_names(X509 *x, const struct names *names)
{
	GENERAL_NAMES *all = GENERAL_NAMES_new();
	int ok = all != NULL;
	for (size_t i = 0; ok && i < names->n; i++) {
		unsigned char bytes[16];
		GENERAL_NAME *one = GENERAL_NAME_new();
		size_t n = inet_pton(AF_INET, names->ptr[i], bytes) == 1    ? 4
			   : inet_pton(AF_INET6, names->ptr[i], bytes) == 1 ? 16
									    : 0;
		ASN1_STRING *text = n ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
		ok = one && text && ASN1_STRING_set(text, n ? (const void *)bytes : names->ptr[i], n ? (int)n : -1) == 1;
		if (ok)
			GENERAL_NAME_set0_value(one, n ? GEN_IPADD : GEN_DNS, text);
		else
			ASN1_STRING_free(text);
		ok = ok && sk_GENERAL_NAME_push(all, one) > 0;
		if (!ok)
			GENERAL_NAME_free(one);
	}
	ok = ok && X509_add1_ext_i2d(x, NID_subject_alt_name, all, 0, X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(all);
	return ok ? 0 : -1;
}

static int set_serial(X509 *x)
{
	unsigned char bytes[16];
	random_fill(&random_os, bytes, sizeof bytes);
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, and of one length */
	BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
	int ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return ok ? 0 : -1;
}

static int set_subject(X509 *x, const char *common_name, const char *organization)
{
	X509_NAME *name = X509_get_subject_name(x);
	if (organization &&
	    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)organization, -1, -1, 0) != 1)
		return -1;
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1
		       ? 0
		       : -1;
}

struct wanted {
	const char *common_name, *organization;
	int days;
	const char *basic, *usage, *purpose; /* extensions as OpenSSL writes them */
	const struct names *names;
};

/* ca NULL: signs itself. */
static int make(const struct wanted *w, const struct pair *ca, const struct clock *clock, struct pair *out, struct err *err)
{
	struct pair p = { X509_new(), EVP_EC_gen("P-256") };
	time_t now = (time_t)(clock_wall_ns(clock) / 1000000000) - BACKDATE_SECONDS;
	X509V3_CTX ctx;
	if (!p.cert || !p.key)
		goto failed;
	X509_set_version(p.cert, X509_VERSION_3);
	if (set_serial(p.cert) < 0 || set_subject(p.cert, w->common_name, w->organization) < 0 ||
	    !X509_time_adj_ex(X509_getm_notBefore(p.cert), 0, 0, &now) ||
	    !X509_time_adj_ex(X509_getm_notAfter(p.cert), w->days, 0, &now) ||
	    X509_set_issuer_name(p.cert, X509_get_subject_name(ca ? ca->cert : p.cert)) != 1 ||
	    X509_set_pubkey(p.cert, p.key) != 1)
		goto failed;
	X509V3_set_ctx(&ctx, ca ? ca->cert : p.cert, p.cert, NULL, NULL, 0);
	if (add_extension(p.cert, &ctx, NID_basic_constraints, w->basic) < 0 ||
	    add_extension(p.cert, &ctx, NID_key_usage, w->usage) < 0 ||
	    (w->purpose && add_extension(p.cert, &ctx, NID_ext_key_usage, w->purpose) < 0) ||
	    add_extension(p.cert, &ctx, NID_subject_key_identifier, "hash") < 0 ||
	    (ca && add_extension(p.cert, &ctx, NID_authority_key_identifier, "keyid") < 0) ||
	    (w->names && add_alternative_names(p.cert, w->names) < 0) ||
	    X509_sign(p.cert, ca ? ca->key : p.key, EVP_sha256()) <= 0)
		goto failed;
	*out = p;
	return 0;
failed:
	pair_release(&p);
	return refused(err, "making a certificate");
}

/* ---- files ---- */

static void path_of(char *out, size_t out_bytes, const char *dir, const char *name, const char *suffix)
{
	(void)snprintf(out, out_bytes, "%s/%s.%s", dir, name, suffix);
}

static struct slice pem_take(BIO *b)
{
	char *at;
	long n = BIO_get_mem_data(b, &at);
	char *copy = n > 0 ? strndup(at, (size_t)n) : NULL;
	return slice_of(copy, copy ? (size_t)n : 0);
}

static int save(const char *dir, const char *name, const struct pair *p, struct err *err)
{
	char path[4096];
	BIO *cert = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_mem());
	int rc = -1;
	if (!cert || !key || PEM_write_bio_X509(cert, p->cert) != 1 ||
	    PEM_write_bio_PKCS8PrivateKey(key, p->key, NULL, NULL, 0, NULL, NULL) != 1) {
		rc = refused(err, "writing a certificate");
		goto done;
	}
	struct slice cert_pem = pem_take(cert), key_pem = pem_take(key);
	/* The key first: a certificate whose key is missing would be an error at the next start. */
	path_of(path, sizeof path, dir, name, "key");
	rc = fs_replace(path, key_pem, 0600, err);
	path_of(path, sizeof path, dir, name, "crt");
	if (rc == 0)
		rc = fs_replace(path, cert_pem, 0644, err);
	free((void *)(uintptr_t)cert_pem.ptr);
	free((void *)(uintptr_t)key_pem.ptr);
done:
	BIO_free(cert);
	BIO_free(key);
	return rc;
}

static int slurp(const char *dir, const char *name, const char *suffix, struct slice *out, struct err *err)
{
	char path[4096], *text;
	size_t n;
	path_of(path, sizeof path, dir, name, suffix);
	if (fs_slurp(path, PEM_BYTES_MAX, &text, &n, err) < 0)
		return -1;
	*out = slice_of(text, n);
	return 0;
}

static void drop(struct slice *s)
{
	free((void *)(uintptr_t)s->ptr);
	*s = (struct slice){ 0 };
}

/* ERR_NOT_FOUND when there is none, ERR_CORRUPT when it is none. */
static int load_certificate(const char *dir, const char *name, X509 **out, struct err *err)
{
	struct slice pem;
	if (slurp(dir, name, "crt", &pem, err) < 0)
		return -1;
	BIO *b = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	X509 *x = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
	BIO_free(b);
	drop(&pem);
	ERR_clear_error();
	if (!x)
		return err_set(err, ERR_CORRUPT, "%s/%s.crt is no certificate", dir, name);
	*out = x;
	return 0;
}

/* Of the authority, when it has something to sign: reading a private key takes longer than all of pki_open else. */
static int load_key(const char *dir, const char *name, struct pair *p, struct err *err)
{
	struct slice pem;
	if (p->key)
		return 0;
	if (slurp(dir, name, "key", &pem, err) < 0)
		return -1;
	BIO *b = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	EVP_PKEY *key = b ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : NULL;
	BIO_free(b);
	OPENSSL_cleanse((void *)(uintptr_t)pem.ptr, pem.len);
	drop(&pem);
	bool good = key && X509_check_private_key(p->cert, key) == 1;
	ERR_clear_error();
	if (!good) {
		EVP_PKEY_free(key);
		return err_set(err, ERR_CORRUPT, "%s/%s.crt and %s.key are not a certificate and its key", dir, name, name);
	}
	p->key = key;
	return 0;
}

/* A key is written before its certificate: one that is newer is of a certificate that was never written. */
static bool key_is_of_it(const char *dir, const char *name)
{
	char path[4096];
	struct stat cert, key;
	path_of(path, sizeof path, dir, name, "crt");
	bool there = stat(path, &cert) == 0;
	path_of(path, sizeof path, dir, name, "key");
	if (!there || stat(path, &key) < 0 || key.st_size == 0)
		return false;
	return cert.st_mtim.tv_sec > key.st_mtim.tv_sec ||
	       (cert.st_mtim.tv_sec == key.st_mtim.tv_sec && cert.st_mtim.tv_nsec >= key.st_mtim.tv_nsec);
}

/* ---- deciding ---- */

static bool covers(X509 *x, const char *name)
{
	unsigned char bytes[16];
	if (inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1)
		return X509_check_ip_asc(x, name, 0) == 1;
	return X509_check_host(x, name, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
}

static bool still_good(X509 *cert, const struct pair *ca, const struct names *names, const struct clock *clock)
{
	time_t soon = (time_t)(clock_wall_ns(clock) / 1000000000) + RENEW_DAYS * 86400;
	EVP_PKEY *ca_key = X509_get0_pubkey(ca->cert);
	bool good = X509_verify(cert, ca_key) == 1 && X509_cmp_time(X509_get0_notAfter(cert), &soon) > 0;
	for (size_t i = 0; good && names && i < names->n; i++)
		good = covers(cert, names->ptr[i]);
	ERR_clear_error();
	return good;
}

static int open_leaf(const struct pki_options *o, const char *file, const struct wanted *w, struct pair *ca,
		     struct err *err)
{
	struct pair p = { 0 };
	struct err ignored = { 0 };
	X509 *cert = NULL;
	bool good = key_is_of_it(o->dir, file) && load_certificate(o->dir, file, &cert, &ignored) == 0 &&
		    still_good(cert, ca, w->names, o->clock);
	X509_free(cert);
	if (good)
		return 0;
	if (load_key(o->dir, "ca", ca, err) < 0)
		return err_wrap(err, "the certificate authority");
	if (make(w, ca, o->clock, &p, err) < 0)
		return -1;
	int rc = save(o->dir, file, &p, err);
	pair_release(&p);
	return rc;
}

static int open_ca(const struct pki_options *o, struct pair *ca, struct err *err)
{
	char cert[4096], key[4096];
	path_of(cert, sizeof cert, o->dir, "ca", "crt");
	path_of(key, sizeof key, o->dir, "ca", "key");
	if (access(cert, F_OK) == 0)
		return load_certificate(o->dir, "ca", &ca->cert, err) < 0 ? err_wrap(err, "the certificate authority") : 0;
	static const struct wanted w = { "coracle", NULL, CA_DAYS, "critical,CA:TRUE,pathlen:0",
					 "critical,digitalSignature,keyCertSign,cRLSign", NULL, NULL };
	if (make(&w, NULL, o->clock, ca, err) < 0)
		return -1;
	return save(o->dir, "ca", ca, err);
}

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcasecmp(names->ptr[i], name) == 0)
			return;
	if (names->n < NAMES_MAX && name[0])
		names->ptr[names->n++] = name;
}

static void names_of(const struct pki_options *o, char *host, size_t host_bytes, struct names *names)
{
	static const char *const always[] = { "localhost",	"127.0.0.1",		  "::1",
					      "kubernetes",	"kubernetes.default",	  "kubernetes.default.svc",
					      "kubernetes.default.svc.cluster.local" };
	for (size_t i = 0; i < COUNT_OF(always); i++)
		add_name(names, always[i]);
	if (gethostname(host, host_bytes - 1) == 0)
		add_name(names, host);
	for (size_t i = 0; i < o->names_n; i++)
		add_name(names, o->names[i]);
}

static bool is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:*");
	return n && !s[n] && n <= 253;
}

int pki_open(const struct pki_options *o, struct pki *out, struct err *err)
{
	char host[256] = "";
	struct names names = { 0 };
	struct pair ca = { 0 };
	struct pki p = { 0 };
	for (size_t i = 0; i < o->names_n; i++)
		if (!is_name(o->names[i]))
			return err_set(err, ERR_INVALID, "%s is not a host name or address (--tls-san)", o->names[i]);
	names_of(o, host, sizeof host, &names);
	const struct wanted server = { "coracle-server", NULL, LEAF_DAYS, "critical,CA:FALSE", "critical,digitalSignature",
				       "serverAuth", &names };
	const struct wanted admin = { "admin", "system:masters", LEAF_DAYS, "critical,CA:FALSE",
				      "critical,digitalSignature", "clientAuth", NULL };
	int rc = -1;
	if (fs_mkdirs(o->dir, 0700, err) < 0 || open_ca(o, &ca, err) < 0 || open_leaf(o, "server", &server, &ca, err) < 0 ||
	    open_leaf(o, "admin", &admin, &ca, err) < 0)
		goto done;
	if (slurp(o->dir, "ca", "crt", &p.ca_certificate, err) < 0 ||
	    slurp(o->dir, "server", "crt", &p.server_certificate, err) < 0 ||
	    slurp(o->dir, "server", "key", &p.server_key, err) < 0 ||
	    slurp(o->dir, "admin", "crt", &p.admin_certificate, err) < 0 ||
	    slurp(o->dir, "admin", "key", &p.admin_key, err) < 0) {
		pki_release(&p);
		goto done;
	}
	*out = p;
	rc = 0;
done:
	pair_release(&ca);
	return rc;
}

void pki_release(struct pki *p)
{
	drop(&p->ca_certificate);
	drop(&p->server_certificate);
	drop(&p->server_key);
	drop(&p->admin_certificate);
	drop(&p->admin_key);
}

/* ---- reading names ---- */

static struct slice entry_text(const X509_NAME_ENTRY *e, struct arena *arena)
{
	unsigned char *utf8;
	int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(e));
	if (n < 0)
		return (struct slice){ 0 };
	struct slice s = arena_dup(arena, slice_of(utf8, (size_t)n));
	OPENSSL_free(utf8);
	return s;
}

int pki_certificate_names(struct slice der, struct arena *arena, struct slice *common_name, struct slice **organizations,
			  size_t *organizations_n, struct err *err)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	X509 *x = d2i_X509(NULL, &at, (long)der.len);
	ERR_clear_error();
	if (!x)
		return err_set(err, ERR_MALFORMED, "the certificate cannot be read");
	const X509_NAME *subject = X509_get_subject_name(x);
	size_t entries = (size_t)X509_NAME_entry_count(subject), n = 0;
	struct slice cn = { 0 }, *all = arena_array(arena, entries + 1, sizeof *all);
	for (size_t i = 0; all && i < entries; i++) {
		X509_NAME_ENTRY *e = X509_NAME_get_entry(subject, (int)i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(e));
		if (nid == NID_commonName)
			cn = entry_text(e, arena);
		else if (nid == NID_organizationName)
			all[n++] = entry_text(e, arena);
	}
	X509_free(x);
	if (!all)
		return err_set(err, ERR_NO_MEMORY, "no memory for the names of a certificate");
	*common_name = cn;
	*organizations = all;
	*organizations_n = n;
	return 0;
}
