/* S3's pure parts: the tables of operations and faults, addresses, headers, documents, forms and policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/s3/checksum.h"
#include "api/s3/condition.h"
#include "api/s3/document.h"
#include "api/s3/fault.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/policy.h"
#include "base/check.h"
#include "codec/base64.h"
#include "codec/time.h"

static struct arena arena;

static int arena_setup(void **state)
{
	(void)state;
	arena_init(&arena, 0, 0);
	return 0;
}

static int arena_teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

#define assert_slice(s, text) assert_string_equal(arena_cstr(&arena, (s)), (text))

/* --- tables --- */

static void every_fault_has_a_code_and_a_status(void **state)
{
	(void)state;
	for (int sub = S3_OWN + 1; sub <= S3_NO_PUBLIC_ACCESS_BLOCK; sub++) {
		struct err err = {0};
		assert_int_equal(s3_fault(&err, (enum s3_error)sub), -1);
		assert_int_not_equal(err.code, ERR_INTERNAL);
		assert_true(err.message[0]);
		struct s3_fault_name name = s3_fault_name(&err);
		assert_in_range(name.status, 400, 599);
		assert_non_null(name.code);
	}
}

static void faults_of_the_store_and_of_signatures_have_their_names(void **state)
{
	(void)state;
	static const struct {
		enum err_code code;
		int sub, status;
		const char *name;
	} rows[] = {
	    {ERR_NOT_FOUND, OBJECT_NO_BUCKET, 404, "NoSuchBucket"},
	    {ERR_NOT_FOUND, OBJECT_NO_KEY, 404, "NoSuchKey"},
	    {ERR_CONFLICT, OBJECT_BUCKET_NOT_EMPTY, 409, "BucketNotEmpty"},
	    {ERR_PRECONDITION, OBJECT_PRECONDITION, 412, "PreconditionFailed"},
	    {ERR_TOO_LARGE, OBJECT_TOO_LARGE, 400, "EntityTooLarge"},
	    {ERR_TOO_LARGE, 0, 400, "EntityTooLarge"},
	    {ERR_FORBIDDEN, SIGV4_MISMATCH, 403, "SignatureDoesNotMatch"},
	    {ERR_FORBIDDEN, SIGV4_EXPIRED, 403, "AccessDenied"},
	    {ERR_NO_SPACE, 0, 507, "XMinioStorageFull"},
	    {ERR_UNSUPPORTED, 0, 501, "NotImplemented"},
	    {ERR_CORRUPT, 0, 500, "InternalError"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = {.code = rows[i].code, .sub = rows[i].sub};
		assert_string_equal(s3_fault_name(&err).code, rows[i].name);
		assert_int_equal(s3_fault_name(&err).status, rows[i].status);
	}
}

/* PUT ?tagging must never be a put of the object: whatever sub-resource has a row has one for every method. */
static void a_named_sub_resource_never_falls_through(void **state)
{
	(void)state;
	static const char *const parameters[] = {"list-type", "uploadId"};
	for (size_t i = 0; i < s3_operations_n; i++) {
		const struct s3_operation *o = &s3_operations[i];
		bool caught = !o->query;
		for (size_t k = 0; o->query && k < s3_operations_n; k++)
			caught |= s3_operations[k].query && strcmp(s3_operations[k].query, o->query) == 0 &&
				  s3_operations[k].scope == o->scope && s3_operations[k].methods == HTTP_ANY;
		for (size_t k = 0; o->query && k < COUNT_OF(parameters); k++)
			caught |= strcmp(parameters[k], o->query) == 0;
		if (!caught)
			fail_msg("%s of %s has no row for other methods", o->query, o->name);
	}
}

static void plain_rows_come_last(void **state)
{
	(void)state;
	bool plain[3] = {false};
	for (size_t i = 0; i < s3_operations_n; i++) {
		const struct s3_operation *o = &s3_operations[i];
		if (o->query)
			assert_false(plain[o->scope]);
		else
			plain[o->scope] = true;
		assert_non_null(o->run);
	}
}

/* --- addresses --- */

struct request {
	struct http_exchange x;
	struct http_field fields[16];
	struct s3_api api;
	struct s3_call call;
};

static void request_init(struct request *r, const char *path, const char *host)
{
	memset(r, 0, sizeof *r);
	r->fields[0] = (struct http_field){SLICE_LIT("Host"), slice_str(host)};
	r->x = (struct http_exchange){.path = slice_str(path), .fields = r->fields, .fields_n = 1, .arena = &arena};
	r->api.domains[0] = SLICE_LIT("localhost");
	r->api.domains[1] = SLICE_LIT("s3.example.com");
	r->api.domains_n = 2;
	r->call = (struct s3_call){.api = &r->api, .x = &r->x};
}

static void add_field(struct request *r, const char *name, const char *value)
{
	r->fields[r->x.fields_n++] = (struct http_field){slice_str(name), slice_str(value)};
}

static void buckets_and_keys_come_from_path_or_host(void **state)
{
	(void)state;
	static const struct {
		const char *path, *host, *bucket, *key;
		bool virtual_host;
	} rows[] = {
	    {"/", "127.0.0.1:9000", "", "", false},
	    {"/b", "127.0.0.1:9000", "b", "", false},
	    {"/b/", "h", "b", "", false},
	    {"/b/k", "h", "b", "k", false},
	    {"/b//k", "h", "b", "k", false},
	    {"/b/a%2Fb%20c//d/../e", "h", "b", "a/b c//d/../e", false},
	    {"/k/l", "data.localhost:9000", "data", "k/l", true},
	    {"/", "data.localhost", "data", "", true},
	    {"//k", "a.b.S3.example.com:1", "a.b", "k", true},
	    {"/b/k", "s3.example.com", "b", "k", false},
	    {"/b/k", "minio-service.tenant-tiny:9000", "b", "k", false},
	    {"/b/k", "UPPER.localhost", "b", "k", false},
	    {"/b/k", "[::1]:9000", "b", "k", false},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct request r;
		struct slice bucket, key;
		bool virtual_host;
		request_init(&r, rows[i].path, rows[i].host);
		assert_int_equal(s3_address(&r.api, &r.x, &bucket, &key, &virtual_host, NULL), 0);
		assert_slice(bucket, rows[i].bucket);
		assert_slice(key, rows[i].key);
		assert_int_equal(virtual_host, rows[i].virtual_host);
	}
}

static void a_broken_address_is_refused(void **state)
{
	(void)state;
	static const char *const paths[] = {"/b/%",      "/b/%4",        "/b/%zz",         "/%ff",
					    "/b/%c0%80", "/b/%ed%a0%80", "/b/%f5%80%80%80"};
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct request r;
		struct slice bucket, key;
		bool virtual_host;
		struct err err = {0};
		request_init(&r, paths[i], "h");
		assert_int_equal(s3_address(&r.api, &r.x, &bucket, &key, &virtual_host, &err), -1);
		assert_int_equal(err.sub, S3_INVALID_URI);
	}
}

/* --- headers --- */

static void content_headers_and_metadata_are_kept(void **state)
{
	(void)state;
	struct request r;
	struct slice lines;
	request_init(&r, "/b/k", "h");
	add_field(&r, "Content-Type", "text/plain");
	add_field(&r, "content-encoding", "gzip, aws-chunked");
	add_field(&r, "X-Amz-Meta-Who", "me");
	add_field(&r, "x-amz-meta-who", "you");
	add_field(&r, "x-amz-meta-tab", "a\tb");
	add_field(&r, "x-amz-date", "no");
	add_field(&r, "Accept", "no");
	assert_int_equal(s3_fields_take(&r.call, &lines, NULL), 0);
	assert_slice(lines,
		     "content-type: text/plain\ncontent-encoding: gzip\nx-amz-meta-who: me,you\nx-amz-meta-tab: a b\n");
	assert_slice(s3_fields_find(lines, "x-amz-meta-who"), "me,you");
	assert_null(s3_fields_find(lines, "x-amz-meta").ptr);
}

static void aws_chunked_alone_is_no_encoding(void **state)
{
	(void)state;
	struct request r;
	struct slice lines;
	request_init(&r, "/b/k", "h");
	add_field(&r, "content-encoding", "aws-chunked");
	assert_int_equal(s3_fields_take(&r.call, &lines, NULL), 0);
	assert_slice(lines, "");
}

static void headers_that_ask_for_what_is_not_built_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *name, *value;
		enum err_code code;
		int sub;
	} rows[] = {
	    {"x-amz-acl", "private", ERR_OK, 0},
	    {"x-amz-acl", "public-read", ERR_INVALID, S3_ACL_UNSUPPORTED},
	    {"x-amz-grant-read", "id=1", ERR_INVALID, S3_ACL_UNSUPPORTED},
	    {"x-amz-storage-class", "STANDARD", ERR_OK, 0},
	    {"x-amz-storage-class", "GLACIER", ERR_INVALID, S3_STORAGE_CLASS},
	    {"x-amz-server-side-encryption", "AES256", ERR_UNSUPPORTED, 0},
	    {"x-amz-tagging", "a=b", ERR_UNSUPPORTED, 0},
	    {"x-amz-object-lock-mode", "GOVERNANCE", ERR_UNSUPPORTED, 0},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct request r;
		struct err err = {0};
		request_init(&r, "/b/k", "h");
		add_field(&r, rows[i].name, rows[i].value);
		assert_int_equal(s3_fields_refuse(&r.call, &err), rows[i].code ? -1 : 0);
		assert_int_equal(err.code, rows[i].code);
		assert_int_equal(err.sub, rows[i].sub);
	}
}

static void conditions_follow_their_order(void **state)
{
	(void)state;
	static const struct {
		const char *match, *none, *since, *unless;
		enum s3_verdict verdict;
	} rows[] = {
	    {NULL, NULL, NULL, NULL, S3_PROCEED},
	    {"\"e\"", NULL, NULL, NULL, S3_PROCEED},
	    {"e", NULL, NULL, NULL, S3_PROCEED},
	    {"\"x\", W/\"e\"", NULL, NULL, NULL, S3_PROCEED},
	    {"\"x\"", NULL, NULL, NULL, S3_FAILED},
	    {"*", "\"e\"", NULL, NULL, S3_NOT_MODIFIED},
	    {NULL, "*", NULL, NULL, S3_NOT_MODIFIED},
	    {NULL, NULL, "Thu, 01 Jan 1970 00:01:40 GMT", NULL, S3_NOT_MODIFIED},
	    {NULL, NULL, "Thu, 01 Jan 1970 00:01:39 GMT", NULL, S3_PROCEED},
	    {NULL, "\"x\"", "Thu, 01 Jan 1970 00:01:40 GMT", NULL, S3_PROCEED},
	    {NULL, NULL, NULL, "Thu, 01 Jan 1970 00:01:40 GMT", S3_PROCEED},
	    {NULL, NULL, NULL, "Thu, 01 Jan 1970 00:01:39 GMT", S3_FAILED},
	    {"\"e\"", NULL, NULL, "Thu, 01 Jan 1970 00:01:39 GMT", S3_PROCEED},
	    {NULL, NULL, "never", "never", S3_PROCEED},
	};
	const struct object_info info = {.modified_ms = 100999, .etag = "e"};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct request r;
		request_init(&r, "/b/k", "h");
		if (rows[i].match)
			add_field(&r, "If-Match", rows[i].match);
		if (rows[i].none)
			add_field(&r, "If-None-Match", rows[i].none);
		if (rows[i].since)
			add_field(&r, "If-Modified-Since", rows[i].since);
		if (rows[i].unless)
			add_field(&r, "If-Unmodified-Since", rows[i].unless);
		assert_int_equal(s3_condition_read(&r.call, &s3_condition_own, &info), rows[i].verdict);
	}
}

/* --- checksums --- */

static void checksums_are_written_and_read(void **state)
{
	(void)state;
	/* of "123456789" */
	static const struct {
		enum checksum_kind kind;
		const char *text;
	} rows[] = {
	    {CHECKSUM_CRC32, "y/Q5Jg=="},
	    {CHECKSUM_CRC32C, "4waSgw=="},
	    {CHECKSUM_CRC64NVME, "rosUhgp5mIg="},
	    {CHECKSUM_SHA1, "98O8HYCOBHMq32eZZczDTKeuNEE="},
	    {CHECKSUM_SHA256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct checksum sum, read;
		checksum_compute(rows[i].kind, SLICE_LIT("123456789"), &sum);
		assert_slice(checksum_text(&sum, 0, &arena), rows[i].text);
		assert_true(checksum_parse(rows[i].kind, slice_str(rows[i].text), &arena, &read));
		assert_memory_equal(read.bytes, sum.bytes, checksum_bytes(rows[i].kind));
		assert_int_equal(checksum_of_header(slice_str(checksum_names[rows[i].kind].header)), rows[i].kind);
		assert_int_equal(checksum_of_algorithm(slice_str(checksum_names[rows[i].kind].algorithm)),
				 rows[i].kind);
	}
	struct checksum read;
	assert_true(checksum_parse(CHECKSUM_CRC32, SLICE_LIT("y/Q5Jg==-12"), &arena, &read));
	assert_true(read.composite);
	assert_slice(checksum_text(&read, 12, &arena), "y/Q5Jg==-12");
	static const char *const broken[] = {"", "y/Q5Jg=", "y/Q5", "y/Q5Jg==-", "y/Q5Jg==-x", "y/Q5Jg==y/Q5Jg==", "*"};
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		assert_false(checksum_parse(CHECKSUM_CRC32, slice_str(broken[i]), &arena, &read));
}

/* --- documents --- */

static void a_list_of_keys_to_delete_is_read(void **state)
{
	(void)state;
	struct s3_delete d;
	assert_int_equal(
	    s3_delete_parse(
		SLICE_LIT("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
			  "<Object><Key>/a&amp;b</Key></Object><Object><Key> c </Key><VersionId>v</VersionId>"
			  "<ETag>\"e\"</ETag></Object></Delete>"),
		&arena, &d, NULL),
	    0);
	assert_int_equal(d.n, 2);
	assert_true(d.quiet);
	assert_slice(d.keys[0].key, "a&b");
	assert_slice(d.keys[1].key, " c ");
	assert_slice(d.keys[1].version, "v");
	assert_slice(d.keys[1].etag, "e");
}

static void a_list_of_parts_is_read(void **state)
{
	(void)state;
	struct upload_pick *picks;
	size_t n;
	assert_int_equal(
	    s3_complete_parse(SLICE_LIT("<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>\"e\"</ETag>"
					"<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32></Part><Part><ETag>f</ETag>"
					"<PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"),
			      &arena, &picks, &n, NULL),
	    0);
	assert_int_equal(n, 2);
	assert_int_equal(picks[0].number, 2);
	assert_slice(picks[0].etag, "e");
	assert_int_equal(picks[0].checksum.kind, CHECKSUM_CRC32);
	assert_int_equal(picks[1].number, 1);
	assert_int_equal(picks[1].checksum.kind, CHECKSUM_NONE);
}

static void a_document_that_does_not_fit_is_malformed(void **state)
{
	(void)state;
	static const char *const documents[] = {
	    "",
	    "x",
	    "<Other/>",
	    "<Delete/>",
	    "<Delete><Object/></Delete>",
	    "<Delete><Object><Key/></Object></Delete>",
	    "<CompleteMultipartUpload/>",
	    "<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
	    "<CompleteMultipartUpload><Part><PartNumber>0</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>",
	    ("<CompleteMultipartUpload><Part><PartNumber>10001</PartNumber><ETag>e</ETag></Part>"
	     "</CompleteMultipartUpload>"),
	    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
	};
	for (size_t i = 0; i < COUNT_OF(documents); i++) {
		struct s3_delete d;
		struct upload_pick *picks;
		size_t n;
		struct err err = {0};
		assert_int_equal(s3_delete_parse(slice_str(documents[i]), &arena, &d, &err), -1);
		assert_int_equal(err.sub, S3_MALFORMED_XML);
		err_clear(&err);
		assert_int_equal(s3_complete_parse(slice_str(documents[i]), &arena, &picks, &n, &err), -1);
		assert_int_equal(err.sub, S3_MALFORMED_XML);
	}
	assert_int_equal(s3_bucket_parse(SLICE_LIT(""), &arena, NULL), 0);
	assert_int_equal(
	    s3_bucket_parse(SLICE_LIT("<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
				      "</CreateBucketConfiguration>"),
			    &arena, NULL),
	    0);
	assert_int_equal(s3_bucket_parse(SLICE_LIT("<Other/>"), &arena, NULL), -1);
}

/* --- forms --- */

struct source {
	struct slice left;
	size_t step;
};

static int read_source(void *arg, void *p, size_t n, size_t *got, struct err *err)
{
	struct source *s = arg;
	(void)err;
	*got = MIN(MIN(n, s->step), s->left.len);
	if (*got)
		memcpy(p, s->left.ptr, *got);
	s->left = slice_from(s->left, *got);
	return 0;
}

static void a_form_is_read_in_pieces_of_any_size(void **state)
{
	(void)state;
	static const char text[] = "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nup\r\n"
				   "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b\"\r\n\r\n"
				   "one\r\n--Btwo\r\n-\r\n--\r\n--B--\r\n";
	/* "\r\n--Btwo" begins with the border, so it is one: RFC 2046 forbids it inside */
	for (size_t step = 1; step < sizeof text; step++) {
		struct source source = {SLICE_LIT(text), step};
		struct form *f = calloc(1, sizeof *f);
		struct slice piece;
		size_t n = 0;
		f->read = read_source;
		f->arg = &source;
		f->arena = &arena;
		f->content_type = SLICE_LIT("multipart/form-data; boundary=\"B\"");
		assert_int_equal(form_begin(f, NULL), 0);
		assert_slice(form_field_value(f, "KEY"), "up");
		assert_slice(f->file_name, "a b");
		for (;;) {
			assert_int_equal(form_read(f, &piece, NULL), 0);
			if (!piece.len)
				break;
			n += piece.len;
		}
		assert_int_equal(n, 3);
		form_release(f);
		free(f);
	}
}

static void a_form_without_an_end_is_incomplete(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "",
	    "--B",
	    "--B\r\n",
	    "--B--\r\n",
	    "--B\r\n\r\nx\r\n--B--\r\n",
	    "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nup\r\n--B--\r\n",
	    "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc\r\n--",
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct source source = {slice_str(texts[i]), 7};
		struct form *f = calloc(1, sizeof *f);
		struct slice piece;
		struct err err = {0};
		f->read = read_source;
		f->arg = &source;
		f->arena = &arena;
		f->content_type = SLICE_LIT("multipart/form-data; boundary=B");
		int rc = form_begin(f, &err);
		while (rc == 0 && (rc = form_read(f, &piece, &err)) == 0)
			assert_true(piece.len);
		assert_int_equal(rc, -1);
		assert_true(err.sub == S3_MALFORMED_POST || err.sub == S3_INCOMPLETE_BODY);
		form_release(f);
		free(f);
	}
}

static int check_policy(const char *policy, struct s3_policy *out, struct err *err)
{
	struct form *f = arena_zalloc(&arena, sizeof *f);
	struct buf b;
	int64_t now_ns;
	buf_init(&b, 4096);
	base64_encode(slice_str(policy), BASE64_STANDARD, &b);
	f->arena = &arena;
	f->fields[f->fields_n++] = (struct http_field){SLICE_LIT("key"), SLICE_LIT("up/a")};
	f->fields[f->fields_n++] = (struct http_field){SLICE_LIT("x-amz-meta-who"), SLICE_LIT("me")};
	f->fields[f->fields_n++] = (struct http_field){SLICE_LIT("policy"), arena_dup(&arena, buf_view(&b))};
	f->fields[f->fields_n++] = (struct http_field){SLICE_LIT("x-amz-signature"), SLICE_LIT("0")};
	buf_release(&b);
	assert_true(time_parse_rfc3339(SLICE_LIT("2026-01-01T00:00:00Z"), &now_ns));
	return s3_policy_check(f, SLICE_LIT("b"), now_ns, out, err);
}

static void a_policy_holds_a_form_to_its_word(void **state)
{
	(void)state;
	static const struct {
		const char *policy;
		bool holds;
	} rows[] = {
	    {"{\"expiration\":\"2026-01-01T00:00:01.000Z\",\"conditions\":[{\"bucket\":\"b\"},[\"starts-with\",\"$"
	     "key\",\"up/\"],"
	     "[\"eq\",\"$X-Amz-Meta-Who\",\"me\"],[\"content-length-range\",3,9]]}",
	     true},
	    {"{\"expiration\":\"2025-12-31T23:59:59Z\",\"conditions\":[[\"starts-with\",\"$key\",\"\"],{\"x-amz-meta-"
	     "who\":\"me\"}]}",
	     false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[[\"starts-with\",\"$key\",\"\"]]}", false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[{\"key\":\"up/"
	     "b\"},{\"x-amz-meta-who\":\"me\"}]}",
	     false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[{\"bucket\":\"c\"},{\"key\":\"up/"
	     "a\"},{\"x-amz-meta-who\":\"me\"}]}",
	     false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[{\"acl\":\"private\"},{\"key\":\"up/"
	     "a\"},{\"x-amz-meta-who\":\"me\"}]}",
	     false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[[\"like\",\"$key\",\"up/"
	     "a\"],{\"x-amz-meta-who\":\"me\"}]}",
	     false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[[\"eq\",\"key\",\"up/"
	     "a\"],{\"x-amz-meta-who\":\"me\"}]}",
	     false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\",\"conditions\":[{\"key\":1},{\"x-amz-meta-who\":\"me\"}]}",
	     false},
	    {"{\"conditions\":[{\"key\":\"up/a\"},{\"x-amz-meta-who\":\"me\"}]}", false},
	    {"{\"expiration\":\"2027-01-01T00:00:00Z\"}", false},
	    {"[]", false},
	    {"{", false},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct s3_policy policy;
		struct err err = {0};
		assert_int_equal(check_policy(rows[i].policy, &policy, &err), rows[i].holds ? 0 : -1);
		assert_int_equal(err.code, rows[i].holds ? ERR_OK : ERR_FORBIDDEN);
	}
	struct s3_policy policy;
	assert_int_equal(check_policy(rows[0].policy, &policy, NULL), 0);
	assert_int_equal(policy.size_least, 3);
	assert_int_equal(policy.size_most, 9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_setup, arena_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(every_fault_has_a_code_and_a_status),
	    TEST(faults_of_the_store_and_of_signatures_have_their_names),
	    TEST(a_named_sub_resource_never_falls_through),
	    TEST(plain_rows_come_last),
	    TEST(buckets_and_keys_come_from_path_or_host),
	    TEST(a_broken_address_is_refused),
	    TEST(content_headers_and_metadata_are_kept),
	    TEST(aws_chunked_alone_is_no_encoding),
	    TEST(headers_that_ask_for_what_is_not_built_are_refused),
	    TEST(conditions_follow_their_order),
	    TEST(checksums_are_written_and_read),
	    TEST(a_list_of_keys_to_delete_is_read),
	    TEST(a_list_of_parts_is_read),
	    TEST(a_document_that_does_not_fit_is_malformed),
	    TEST(a_form_is_read_in_pieces_of_any_size),
	    TEST(a_form_without_an_end_is_incomplete),
	    TEST(a_policy_holds_a_form_to_its_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
