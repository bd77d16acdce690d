/* AWS signatures: see sigv4.h. parse reads what is claimed, check builds what should have been signed. */
#include "crypto/sigv4.h"

#include <stdlib.h>

#include "base/buf.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "codec/url.h"
#include "crypto/hash.h"

enum { CANONICAL_BYTES_MAX = 1 << 20, CANONICAL_BYTES_USUAL = 1000, QUERY_PAIRS_MAX = 256 };

static const char empty_sha256[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static struct slice field(const struct sigv4_request *r, const char *name)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (slice_is_nocase(r->fields[i].name, name))
			return r->fields[i].value;
	return slice_str(NULL);
}

/* Decoded value of a query parameter; ptr NULL when absent or broken. */
static struct slice parameter(const struct sigv4_request *r, const char *wanted, struct arena *a)
{
	struct slice rest = r->query, name, value, out;
	bool has;
	while (url_query_next(&rest, &name, &value, &has))
		if (slice_is(name, wanted) && url_decode_query(value, a, &out))
			return out.ptr ? out : SLICE_LIT("");
	return slice_str(NULL);
}

/* AKIA…/20260102/us-east-1/s3/aws4_request; an access key may hold slashes, so from the right */
bool sigv4_credential_parse(struct slice credential, struct sigv4_claim *out)
{
	struct slice *parts[] = { NULL, &out->service, &out->region, &out->date };
	struct slice left = credential;
	for (int i = 0; i < 4; i++) {
		size_t at = left.len;
		while (at > 0 && left.ptr[at - 1] != '/')
			at--;
		if (at == 0)
			return false;
		struct slice part = slice_from(left, at);
		left = slice_sub(left, 0, at - 1);
		if (i == 0 && !slice_is(part, "aws4_request"))
			return false;
		if (i > 0)
			*parts[i] = part;
	}
	out->access_key = left;
	return left.len > 0 && out->date.len == 8 && out->region.len < 64 && out->service.len < 32;
}

static int malformed(struct err *err, enum sigv4_error sub, const char *what)
{
	err_set(err, ERR_MALFORMED, "%s", what);
	return err_sub(err, sub);
}

static int forbidden(struct err *err, enum sigv4_error sub, const char *what)
{
	err_set(err, ERR_FORBIDDEN, "%s", what);
	return err_sub(err, sub);
}

static int parse_header(const struct sigv4_request *r, struct slice authorization, struct arena *a,
			struct sigv4_claim *out, struct err *err)
{
	struct slice rest = slice_from(authorization, strlen("AWS4-HMAC-SHA256")), piece, credential = { 0 };
	while ((piece = slice_cut(&rest, ',')).ptr) {
		piece = slice_trim(piece);
		if (slice_starts(piece, "Credential="))
			credential = slice_from(piece, 11);
		else if (slice_starts(piece, "SignedHeaders="))
			out->signed_headers = slice_from(piece, 14);
		else if (slice_starts(piece, "Signature="))
			out->signature = slice_from(piece, 10);
	}
	if (!credential.ptr || !sigv4_credential_parse(credential, out) || out->signed_headers.len == 0 ||
	    out->signature.len != SIGV4_HEX_CHARS)
		return malformed(err, SIGV4_HEADER_MALFORMED,
				 "The authorization header is malformed; it needs Credential, SignedHeaders and Signature.");
	out->kind = SIGV4_HEADER;
	out->amz_date = field(r, "x-amz-date");
	if (out->amz_date.ptr ? !time_parse_basic(out->amz_date, &out->signed_ns) :
				!time_parse_http(field(r, "date"), &out->signed_ns))
		return forbidden(err, SIGV4_DATE, "AWS authentication requires a valid Date or x-amz-date header");
	if (!out->amz_date.ptr) {
		char *text = arena_alloc(a, TIME_TEXT_BYTES);
		if (!text)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		time_format_basic(out->signed_ns, text, TIME_TEXT_BYTES);
		out->amz_date = slice_str(text);
	}
	if (!slice_eq(slice_sub(out->amz_date, 0, 8), out->date))
		return malformed(err, SIGV4_HEADER_MALFORMED,
				 "The authorization header is malformed; the date of the credential differs from the request's.");
	out->payload = field(r, "x-amz-content-sha256");
	return 0;
}

static int parse_presigned(const struct sigv4_request *r, struct arena *a, struct sigv4_claim *out, struct err *err)
{
	uint64_t expires;
	struct slice credential = parameter(r, "X-Amz-Credential", a), seconds = parameter(r, "X-Amz-Expires", a);
	out->kind = SIGV4_PRESIGNED;
	out->amz_date = parameter(r, "X-Amz-Date", a);
	out->signed_headers = parameter(r, "X-Amz-SignedHeaders", a);
	out->signature = parameter(r, "X-Amz-Signature", a);
	out->payload = parameter(r, "X-Amz-Content-Sha256", a);
	if (!credential.ptr || !sigv4_credential_parse(credential, out) || out->signed_headers.len == 0 ||
	    out->signature.len != SIGV4_HEX_CHARS)
		return malformed(err, SIGV4_QUERY_MALFORMED,
				 "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
				 "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
	if (!time_parse_basic(out->amz_date, &out->signed_ns) || !slice_eq(slice_sub(out->amz_date, 0, 8), out->date))
		return malformed(err, SIGV4_QUERY_MALFORMED,
				 "X-Amz-Date must be formatted \"yyyyMMddTHHmmssZ\" and agree with the credential");
	if (!slice_u64(seconds, &expires) || expires < 1 || expires > SIGV4_EXPIRES_MAX_S)
		return malformed(err, SIGV4_QUERY_MALFORMED,
				 "X-Amz-Expires must be between 1 and 604800 (a week) in seconds");
	out->expires_s = (int64_t)expires;
	if (!out->payload.ptr)
		out->payload = field(r, "x-amz-content-sha256").ptr ? field(r, "x-amz-content-sha256") :
								      SLICE_LIT("UNSIGNED-PAYLOAD");
	return 0;
}

static int parse_v2(const struct sigv4_request *r, struct arena *a, struct sigv4_claim *out, struct err *err)
{
	uint64_t expires;
	out->kind = SIGV2_PRESIGNED;
	out->access_key = parameter(r, "AWSAccessKeyId", a);
	out->signature = parameter(r, "Signature", a);
	if (!out->signature.ptr || !slice_u64(parameter(r, "Expires", a), &expires) || expires > INT32_MAX * 64LL)
		return malformed(err, SIGV4_QUERY_MALFORMED,
				 "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
	out->expires_s = (int64_t)expires;
	out->payload = SLICE_LIT("UNSIGNED-PAYLOAD");
	return 0;
}

int sigv4_parse(const struct sigv4_request *r, struct arena *a, struct sigv4_claim *out, struct err *err)
{
	struct slice authorization = field(r, "authorization"), algorithm = parameter(r, "X-Amz-Algorithm", a);
	struct sigv4_claim c = { 0 };
	int rc = 0;
	if (slice_starts(authorization, "AWS4-HMAC-SHA256 ") || slice_is(authorization, "AWS4-HMAC-SHA256"))
		rc = parse_header(r, authorization, a, &c, err);
	else if (authorization.len) {
		err_set(err, ERR_UNSUPPORTED, "The authorization mechanism you have provided is not supported. Please use "
					      "AWS4-HMAC-SHA256.");
		rc = err_sub(err, SIGV4_ALGORITHM);
	} else if (slice_is(algorithm, "AWS4-HMAC-SHA256"))
		rc = parse_presigned(r, a, &c, err);
	else if (algorithm.ptr)
		rc = malformed(err, SIGV4_QUERY_MALFORMED, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
	else if (parameter(r, "AWSAccessKeyId", a).len)
		rc = parse_v2(r, a, &c, err);
	if (rc < 0)
		return -1;
	*out = c;
	return 0;
}

/* --- what was to be signed --- */

struct pair {
	struct slice name, value;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int by_name = slice_cmp(x->name, y->name);
	return by_name ? by_name : slice_cmp(x->value, y->value);
}

static bool encoded(struct slice text, struct arena *a, struct slice *out)
{
	struct buf b;
	struct slice plain;
	if (!url_decode_query(text, a, &plain))
		return false;
	buf_init(&b, CANONICAL_BYTES_MAX);
	url_encode(plain, URL_ENCODE_ALL, &b);
	*out = b.failed ? slice_of(NULL, 0) : arena_dup(a, buf_view(&b));
	buf_release(&b);
	return out->ptr;
}

static int canonical_query(const struct sigv4_request *r, bool presigned, struct arena *a, struct buf *out,
			   struct err *err)
{
	if (!r->query.len)
		return 0;
	struct pair *pairs = arena_array(a, QUERY_PAIRS_MAX, sizeof *pairs);
	struct slice rest = r->query, name, value;
	size_t n = 0;
	bool has;
	if (!pairs)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	while (url_query_next(&rest, &name, &value, &has)) {
		if (presigned && slice_is(name, "X-Amz-Signature"))
			continue;
		if (n == QUERY_PAIRS_MAX || !encoded(name, a, &pairs[n].name) || !encoded(value, a, &pairs[n].value))
			return err_set(err, ERR_MALFORMED, "the query string is broken or has more than %d parameters",
				       QUERY_PAIRS_MAX);
		n++;
	}
	if (n > 1)
		qsort(pairs, n, sizeof *pairs, compare_pairs);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(out, '&');
		buf_slice(out, pairs[i].name);
		buf_char(out, '=');
		buf_slice(out, pairs[i].value);
	}
	return 0;
}

/* Values trimmed, runs of spaces made one, repeated fields joined by commas. */
static bool canonical_field(const struct sigv4_request *r, struct slice name, struct buf *out)
{
	bool found = false;
	buf_slice(out, name);
	buf_char(out, ':');
	for (size_t i = 0; i < r->fields_n; i++) {
		if (!slice_eq_nocase(r->fields[i].name, name))
			continue;
		struct slice v = slice_trim(r->fields[i].value);
		if (found)
			buf_char(out, ',');
		for (ptrdiff_t space; (space = slice_find(v, ' ')) >= 0;) {
			buf_slice(out, slice_sub(v, 0, (size_t)space + 1));
			v = slice_from(v, (size_t)space);
			while (v.len && *v.ptr == ' ')
				v = slice_from(v, 1);
		}
		buf_slice(out, v);
		found = true;
	}
	buf_char(out, '\n');
	return found;
}

static bool is_signed(struct slice name, struct slice signed_headers)
{
	struct slice rest = signed_headers, one;
	while ((one = slice_cut(&rest, ';')).ptr)
		if (slice_eq_nocase(one, name))
			return true;
	return false;
}

/* The Host and everything of Amazon's own must be under the signature. */
static int check_coverage(const struct sigv4_request *r, const struct sigv4_claim *c, struct err *err)
{
	if (!is_signed(SLICE_LIT("host"), c->signed_headers))
		return forbidden(err, SIGV4_HEADERS_NOT_SIGNED, "The host header must be signed");
	for (size_t i = 0; i < r->fields_n; i++) {
		struct slice name = r->fields[i].name;
		bool amazon = name.len > 6 && slice_is_nocase(slice_sub(name, 0, 6), "x-amz-");
		if (amazon && !slice_is_nocase(name, "x-amz-content-sha256") && !is_signed(name, c->signed_headers)) {
			err_set(err, ERR_FORBIDDEN, "There were headers present in the request which were not signed: %.*s",
				SLICE_ARG(name));
			return err_sub(err, SIGV4_HEADERS_NOT_SIGNED);
		}
	}
	return 0;
}

static int canonical(const struct sigv4_request *r, const struct sigv4_claim *c, struct arena *a, struct buf *out,
		     struct err *err)
{
	struct slice path, rest = c->signed_headers, name;
	if (!url_decode(r->path, a, &path))
		return err_set(err, ERR_MALFORMED, "the path has a broken percent escape");
	buf_slice(out, r->method);
	buf_char(out, '\n');
	url_encode(path, URL_ENCODE_PATH, out);
	buf_char(out, '\n');
	if (canonical_query(r, c->kind == SIGV4_PRESIGNED, a, out, err) < 0)
		return -1;
	buf_char(out, '\n');
	while ((name = slice_cut(&rest, ';')).ptr) {
		if (!canonical_field(r, name, out))
			return forbidden(err, SIGV4_MISMATCH, "A signed header is missing from the request");
	}
	buf_char(out, '\n');
	buf_slice(out, c->signed_headers);
	buf_char(out, '\n');
	buf_slice(out, c->payload.ptr ? c->payload : SLICE_LIT(empty_sha256));
	return out->failed ? err_set(err, ERR_TOO_LARGE, "the request is too large to be signed") : 0;
}

void sigv4_key_derive(struct slice secret, struct slice date, struct slice region, struct slice service,
		      uint8_t out[SIGV4_KEY_BYTES])
{
	struct slice steps[] = { date, region, service, SLICE_LIT("aws4_request") };
	struct buf first;
	uint8_t key[2][SIGV4_KEY_BYTES];
	buf_init(&first, 1 << 16);
	buf_str(&first, "AWS4");
	buf_slice(&first, secret);
	hmac_once(HASH_SHA256, buf_view(&first), steps[0], key[0]);
	buf_release(&first);
	for (int i = 1; i < 4; i++)
		hmac_once(HASH_SHA256, slice_of(key[(i + 1) % 2], SIGV4_KEY_BYTES), steps[i], key[i % 2]);
	memcpy(out, key[1], SIGV4_KEY_BYTES);
}

static void key_for(const struct sigv4_claim *c, struct slice secret, struct sigv4_key *kept,
		    uint8_t out[SIGV4_KEY_BYTES])
{
	if (kept && slice_is(c->date, kept->date) && slice_is(c->region, kept->region) && slice_is(c->service, kept->service)) {
		memcpy(out, kept->bytes, SIGV4_KEY_BYTES);
		return;
	}
	sigv4_key_derive(secret, c->date, c->region, c->service, out);
	if (!kept || c->date.len >= sizeof kept->date || c->region.len >= sizeof kept->region ||
	    c->service.len >= sizeof kept->service)
		return;
	memset(kept, 0, sizeof *kept);
	memcpy(kept->date, c->date.ptr, c->date.len);
	memcpy(kept->region, c->region.ptr, c->region.len);
	memcpy(kept->service, c->service.ptr, c->service.len);
	memcpy(kept->bytes, out, SIGV4_KEY_BYTES);
}

/* hex(HMAC(key, "AWS4-HMAC-SHA256" date scope sha256(canonical))) */
static void sign(const uint8_t key[SIGV4_KEY_BYTES], const struct sigv4_claim *c, struct slice canonical_request,
		 char out[SIGV4_HEX_CHARS + 1])
{
	struct buf text;
	uint8_t digest[32];
	char hex[SIGV4_HEX_CHARS + 1];
	hash_once(HASH_SHA256, canonical_request, digest);
	hex_encode(digest, sizeof digest, hex);
	buf_init(&text, 4096);
	const struct slice pieces[] = { SLICE_LIT("AWS4-HMAC-SHA256\n"), c->amz_date, SLICE_LIT("\n"), c->date, SLICE_LIT("/"),
					c->region, SLICE_LIT("/"), c->service, SLICE_LIT("/aws4_request\n"), slice_str(hex) };
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		buf_slice(&text, pieces[i]);
	hmac_once(HASH_SHA256, slice_of(key, SIGV4_KEY_BYTES), buf_view(&text), digest);
	buf_release(&text);
	hex_encode(digest, sizeof digest, out);
}

static int mismatch(struct err *err)
{
	return forbidden(err, SIGV4_MISMATCH, "The request signature we calculated does not match the signature you provided. "
					      "Check your key and signing method.");
}

/* Sub-resources and overrides that version 2 signs, in byte order. */
static const char *const v2_signed[] = {
	"acl", "cors", "delete", "encryption", "legal-hold", "lifecycle", "location", "logging", "notification", "partNumber",
	"policy", "replication", "requestPayment", "response-cache-control", "response-content-disposition",
	"response-content-encoding", "response-content-language", "response-content-type", "response-expires", "restore",
	"retention", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
};

static bool v2_resource(const struct sigv4_request *r, struct arena *a, struct buf *text)
{
	char separator = '?';
	buf_slice(text, r->path);
	for (size_t i = 0; i < sizeof v2_signed / sizeof *v2_signed; i++) {
		struct slice rest = r->query, name, value, plain;
		bool has;
		while (url_query_next(&rest, &name, &value, &has)) {
			if (!slice_is(name, v2_signed[i]))
				continue;
			if (!url_decode_query(value, a, &plain))
				return false;
			buf_char(text, separator);
			buf_slice(text, name);
			if (has)
				buf_char(text, '=');
			buf_slice(text, plain);
			separator = '&';
			break;
		}
	}
	return !text->failed;
}

/* A copy in lower case; {NULL, 0} when the arena is full. */
static struct slice lower_case(struct slice name, struct arena *a)
{
	struct slice copy = arena_dup(a, name);
	char *p = (char *)copy.ptr;
	for (size_t i = 0; i < copy.len; i++)
		p[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
	return copy;
}

/* Headers x-amz-… in lower case and order, as "name:value\n". False: out of memory. */
static bool v2_amz_headers(const struct sigv4_request *r, struct arena *a, struct buf *text)
{
	struct pair *pairs = arena_array(a, r->fields_n + 1, sizeof *pairs);
	size_t n = 0;
	for (size_t i = 0; i < r->fields_n; i++) {
		struct slice name = lower_case(r->fields[i].name, a);
		if (!pairs || !name.ptr)
			return false;
		if (slice_starts(name, "x-amz-"))
			pairs[n++] = (struct pair){ name, slice_trim(r->fields[i].value) };
	}
	if (n > 1)
		qsort(pairs, n, sizeof *pairs, compare_pairs);
	for (size_t i = 0; i < n; i++) {
		buf_slice(text, pairs[i].name);
		buf_char(text, ':');
		buf_slice(text, pairs[i].value);
		buf_char(text, '\n');
	}
	return true;
}

static int check_v2(const struct sigv4_request *r, const struct sigv4_claim *c, struct slice secret, int64_t now_ns,
		    struct arena *a, struct err *err)
{
	struct buf text, wanted;
	uint8_t mac[20];
	if (now_ns / 1000000000 > c->expires_s)
		return forbidden(err, SIGV4_EXPIRED, "Request has expired");
	buf_init(&text, CANONICAL_BYTES_MAX);
	buf_init(&wanted, 64);
	buf_printf(&text, "%.*s\n%.*s\n%.*s\n%lld\n", SLICE_ARG(r->method), SLICE_ARG(field(r, "content-md5")),
		   SLICE_ARG(field(r, "content-type")), (long long)c->expires_s);
	bool ok = v2_amz_headers(r, a, &text) && v2_resource(r, a, &text);
	hmac_once(HASH_SHA1, secret, buf_view(&text), mac);
	base64_encode(slice_of(mac, sizeof mac), BASE64_STANDARD, &wanted);
	ok = ok && wanted.len == c->signature.len && secret_eq(wanted.ptr, c->signature.ptr, wanted.len);
	buf_release(&text);
	buf_release(&wanted);
	return ok ? 0 : mismatch(err);
}

static int check_time(const struct sigv4_claim *c, int64_t now_ns, struct err *err)
{
	int64_t age_s = now_ns / 1000000000 - c->signed_ns / 1000000000;
	if (age_s < -SIGV4_SKEW_S || (c->kind == SIGV4_HEADER && age_s > SIGV4_SKEW_S))
		return forbidden(err, SIGV4_SKEWED,
				 "The difference between the request time and the server's time is too large.");
	if (c->kind == SIGV4_PRESIGNED && age_s > c->expires_s)
		return forbidden(err, SIGV4_EXPIRED, "Request has expired");
	return 0;
}

int sigv4_check(const struct sigv4_request *r, const struct sigv4_claim *claim, struct slice secret, int64_t now_ns,
		struct sigv4_key *key, struct arena *a, struct err *err)
{
	if (claim->kind == SIGV2_PRESIGNED)
		return check_v2(r, claim, secret, now_ns, a, err);
	if (claim->kind == SIGV4_NONE)
		return forbidden(err, SIGV4_OTHER, "Access Denied.");
	struct buf text;
	uint8_t derived[SIGV4_KEY_BYTES];
	char wanted[SIGV4_HEX_CHARS + 1];
	buf_init(&text, CANONICAL_BYTES_MAX);
	(void)buf_reserve(&text, CANONICAL_BYTES_USUAL);
	int rc = check_time(claim, now_ns, err);
	if (rc == 0)
		rc = check_coverage(r, claim, err);
	if (rc == 0)
		rc = canonical(r, claim, a, &text, err);
	if (rc == 0) {
		key_for(claim, secret, key, derived);
		sign(derived, claim, buf_view(&text), wanted);
		if (!secret_eq(wanted, claim->signature.ptr, SIGV4_HEX_CHARS))
			rc = mismatch(err);
	}
	buf_release(&text);
	return rc;
}

/* --- chunks --- */

void sigv4_chain_start(struct sigv4_chain *c, const struct sigv4_claim *claim, struct slice secret)
{
	sigv4_key_derive(secret, claim->date, claim->region, claim->service, c->key);
	struct buf scope;
	buf_init(&scope, sizeof c->scope - 1);
	buf_printf(&scope, "%.*s/%.*s/%.*s/aws4_request", SLICE_ARG(claim->date), SLICE_ARG(claim->region),
		   SLICE_ARG(claim->service));
	memcpy(c->scope, scope.ptr, scope.len + 1);
	buf_release(&scope);
	memset(c->amz_date, 0, sizeof c->amz_date);
	memcpy(c->amz_date, claim->amz_date.ptr, claim->amz_date.len < 16 ? claim->amz_date.len : 16);
	memset(c->previous, 0, sizeof c->previous);
	memcpy(c->previous, claim->signature.ptr, SIGV4_HEX_CHARS);
}

static bool chain(struct sigv4_chain *c, const char *algorithm, const char *before, const uint8_t sha256[32],
		  struct slice signature)
{
	struct buf text;
	uint8_t mac[32];
	char hex[SIGV4_HEX_CHARS + 1];
	hex_encode(sha256, 32, hex);
	buf_init(&text, 1024);
	buf_printf(&text, "%s\n%s\n%s\n%s\n%s%s", algorithm, c->amz_date, c->scope, c->previous, before, hex);
	hmac_once(HASH_SHA256, slice_of(c->key, sizeof c->key), buf_view(&text), mac);
	buf_release(&text);
	hex_encode(mac, sizeof mac, hex);
	if (signature.len != SIGV4_HEX_CHARS || !secret_eq(hex, signature.ptr, SIGV4_HEX_CHARS))
		return false;
	memcpy(c->previous, hex, sizeof hex);
	return true;
}

bool sigv4_chain_chunk(struct sigv4_chain *c, const uint8_t sha256[32], struct slice signature)
{
	static const char before[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";
	return chain(c, "AWS4-HMAC-SHA256-PAYLOAD", before, sha256, signature);
}

bool sigv4_chain_trailer(struct sigv4_chain *c, const uint8_t sha256[32], struct slice signature)
{
	return chain(c, "AWS4-HMAC-SHA256-TRAILER", "", sha256, signature);
}

/* --- client --- */

struct slice sigv4_authorization(const struct sigv4_request *r, struct slice access_key, struct slice secret,
				 struct slice region, struct slice service, struct slice amz_date, struct slice payload,
				 struct arena *a)
{
	struct pair *names = arena_array(a, r->fields_n + 1, sizeof *names);
	struct buf list, text;
	uint8_t key[SIGV4_KEY_BYTES];
	char signature[SIGV4_HEX_CHARS + 1];
	struct err ignored = { 0 };
	if (!names)
		return slice_str(NULL);
	buf_init(&list, CANONICAL_BYTES_MAX);
	buf_init(&text, CANONICAL_BYTES_MAX);
	for (size_t i = 0; i < r->fields_n; i++) {
		names[i] = (struct pair){ .name = lower_case(r->fields[i].name, a) };
		if (!names[i].name.ptr)
			return slice_str(NULL);
	}
	qsort(names, r->fields_n, sizeof *names, compare_pairs);
	for (size_t i = 0; i < r->fields_n; i++) {
		if (i)
			buf_char(&list, ';');
		buf_slice(&list, names[i].name);
	}
	struct sigv4_claim c = {
		.kind = SIGV4_HEADER,
		.date = slice_sub(amz_date, 0, 8),
		.region = region,
		.service = service,
		.signed_headers = buf_view(&list),
		.amz_date = amz_date,
		.payload = payload,
	};
	struct slice out = slice_str(NULL);
	if (canonical(r, &c, a, &text, &ignored) == 0) {
		sigv4_key_derive(secret, c.date, region, service, key);
		sign(key, &c, buf_view(&text), signature);
		out = slice_str(arena_printf(a,
					     "AWS4-HMAC-SHA256 Credential=%.*s/%.*s/%.*s/%.*s/aws4_request, SignedHeaders=%.*s, "
					     "Signature=%s",
					     SLICE_ARG(access_key), SLICE_ARG(c.date), SLICE_ARG(region), SLICE_ARG(service),
					     SLICE_ARG(c.signed_headers), signature));
	}
	buf_release(&list);
	buf_release(&text);
	return out;
}
