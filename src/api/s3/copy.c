/*
 * CopyObject and UploadPartCopy: see operation.h. A copy of a whole object writes rows only; a part, or a copy that
 * asks for a checksum the source does not have, reads the source's bytes into new content.
 */
#include <stdio.h>

#include "api/s3/checksum.h"
#include "api/s3/condition.h"
#include "api/s3/fault.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/reply.h"
#include "api/s3/version.h"
#include "base/check.h"
#include "base/limits.h"
#include "codec/base64.h"
#include "codec/url.h"
#include "codec/xml.h"

struct source {
	struct slice bucket, key;
	struct object_info info;
};

/* "/bucket/key?versionId=…", percent-encoded. */
static int parse_source(const struct s3_call *c, struct source *out, struct err *err)
{
	struct slice rest = http_field(c->x, "x-amz-copy-source"), version;
	ptrdiff_t mark = slice_find(rest, '?');
	if (mark >= 0) {
		version = slice_from(rest, (size_t)mark + 1);
		rest = slice_sub(rest, 0, (size_t)mark);
		if (!slice_starts(version, "versionId=") || !s3_version_is_null(slice_from(version, 10)))
			return s3_fault(err, S3_NO_VERSION);
	}
	if (!url_decode(rest, c->x->arena, &rest))
		return s3_fault(err, S3_INVALID_URI);
	if (rest.len && rest.ptr[0] == '/')
		rest = slice_from(rest, 1);
	out->bucket = slice_cut(&rest, '/');
	out->key = rest.ptr ? rest : SLICE_LIT("");
	if (s3_key_clean(&out->key, err) < 0)
		return -1;
	if (!out->bucket.len || !out->key.len)
		return err_set(err, ERR_INVALID,
			       "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
	return 0;
}

/* The source, with its conditions held; a condition that says "not modified" fails a copy, too. */
static int find_source(const struct s3_call *c, struct source *out, struct err *err)
{
	if (parse_source(c, out, err) < 0 ||
	    object_stat(c->api->store, out->bucket, out->key, c->x->arena, &out->info, err) < 0)
		return -1;
	if (s3_condition_read(c, &s3_condition_source, &out->info) != S3_PROCEED)
		return s3_condition_failed(err);
	return 0;
}

/* Bytes [offset, offset + size) of the source as new content. */
static int read_content(const struct s3_call *c, const struct source *source, int64_t offset, int64_t size,
			enum checksum_kind checksum, struct content **out, struct err *err)
{
	struct object *o;
	struct content *content = NULL;
	if (object_open(c->api->store, source->bucket, source->key, c->x->arena, &o, err) < 0)
		return -1;
	int rc = strcmp(object_info(o)->etag, source->info.etag) == 0 ? 0 : s3_condition_failed(err);
	if (rc == 0)
		rc = content_begin(c->api->store, 0, checksum, &content, err);
	for (int64_t at = offset; rc == 0 && at < offset + size;) {
		struct slice bytes;
		if ((rc = object_view(o, at, &bytes, err)) < 0)
			break;
		bytes.len = (size_t)MIN((int64_t)bytes.len, offset + size - at);
		rc = content_write(content, bytes.ptr, bytes.len, err);
		at += (int64_t)bytes.len;
	}
	if (rc == 0)
		rc = content_end(content, err);
	object_close(o);
	if (rc < 0)
		content_drop(content);
	else
		*out = content;
	return rc;
}

static int reply_result(const struct s3_call *c, const char *root, const char *etag, int64_t modified_ms,
			const struct checksum *checksum, uint32_t parts, struct err *err)
{
	struct buf *b = s3_document(c->x);
	if (b) {
		char open[96];
		(void)snprintf(open, sizeof open, "%s" S3_XMLNS, root);
		xml_open(b, open);
		s3_xml_time(b, "LastModified", modified_ms);
		s3_xml_etag(b, etag);
		checksum_xml(b, checksum, parts, parts > 0, c->x->arena);
		xml_close(b, root);
	}
	return s3_reply_document(c, b, err);
}

static int directive(const struct s3_call *c, bool *replace, struct err *err)
{
	struct slice d = http_field(c->x, "x-amz-metadata-directive");
	*replace = slice_is(d, "REPLACE");
	if (d.len && !*replace && !slice_is(d, "COPY"))
		return err_set(err, ERR_INVALID, "Unknown metadata directive.");
	return 0;
}

/* With other bytes beside them than the source has: a checksum of another kind. */
static int copy_bytes(const struct s3_call *c, const struct source *source, const struct object_copy *copy,
		      enum checksum_kind checksum, struct object_info *out, struct err *err)
{
	struct content *content;
	const struct object_put put = {.bucket = c->bucket,
				       .key = c->key,
				       .headers = copy->replace_headers ? copy->headers : source->info.headers,
				       .condition = copy->condition};
	if (read_content(c, source, 0, source->info.size, checksum, &content, err) < 0)
		return -1;
	return object_put(c->api->store, &put, content, c->x->arena, out, err);
}

int s3_copy_object(const struct s3_call *c, struct err *err)
{
	struct source source;
	struct object_info info;
	struct object_copy copy = {.bucket = c->bucket, .key = c->key};
	enum checksum_kind checksum = checksum_of_algorithm(http_field(c->x, "x-amz-checksum-algorithm"));
	if (s3_fields_refuse(c, err) < 0 || directive(c, &copy.replace_headers, err) < 0 ||
	    s3_condition_write(c, &copy.condition, err) < 0 || find_source(c, &source, err) < 0)
		return -1;
	if (slice_eq(source.bucket, c->bucket) && slice_eq(source.key, c->key) && !copy.replace_headers && !checksum)
		return s3_fault(err, S3_COPY_TO_ITSELF);
	if (source.info.size > limits.s3_put_bytes)
		return err_set(
		    err, ERR_MALFORMED,
		    "The specified copy source is larger than the maximum allowable size for a copy source: %lld",
		    (long long)limits.s3_put_bytes);
	if (copy.replace_headers && s3_fields_take(c, &copy.headers, err) < 0)
		return -1;
	copy.from_bucket = source.bucket;
	copy.from_key = source.key;
	copy.from_etag = slice_str(source.info.etag);
	int rc = checksum && checksum != source.info.checksum.kind
		     ? copy_bytes(c, &source, &copy, checksum, &info, err)
		     : object_copy(c->api->store, &copy, c->x->arena, &info, err);
	if (rc < 0)
		return -1;
	return reply_result(c, "CopyObjectResult", info.etag, info.modified_ms, &info.checksum, info.parts_n, err);
}

/* x-amz-copy-source-range: bytes=first-last, both there and inside the source. */
static int source_range(const struct s3_call *c, int64_t size, int64_t *offset, int64_t *length, struct err *err)
{
	struct slice text = http_field(c->x, "x-amz-copy-source-range");
	int64_t first, last;
	*offset = 0;
	*length = size;
	if (!text.ptr)
		return 0;
	struct slice to = slice_from(text, 6), from = slice_cut(&to, '-');
	if (!slice_starts(text, "bytes=") || !to.ptr || !slice_i64(from, &first) || !slice_i64(to, &last) ||
	    last < first)
		return err_set(err, ERR_INVALID,
			       "The x-amz-copy-source-range value must be of the form bytes=first-last "
			       "where first and last are the zero-based offsets of the first and last "
			       "bytes to copy");
	if (last >= size)
		return err_set(err, ERR_INVALID, "Range specified is not valid for source object of size: %lld",
			       (long long)size);
	*offset = first;
	*length = last - first + 1;
	return 0;
}

int s3_upload_part_copy(const struct s3_call *c, struct err *err)
{
	struct source source;
	struct upload_info upload;
	struct part_info part;
	struct content *content;
	int64_t offset, length, number;
	struct slice id = http_query(c->x, "uploadId");
	if (s3_query_number(c, "partNumber", 0, INT32_MAX, &number, err) < 0 ||
	    upload_stat(c->api->store, c->bucket, c->key, id, c->x->arena, &upload, err) < 0 ||
	    find_source(c, &source, err) < 0 || source_range(c, source.info.size, &offset, &length, err) < 0)
		return -1;
	if (length > limits.s3_put_bytes)
		return err_set(
		    err, ERR_MALFORMED,
		    "The specified copy source is larger than the maximum allowable size for a copy source: %lld",
		    (long long)limits.s3_put_bytes);
	if (read_content(c, &source, offset, length, upload.checksum, &content, err) < 0 ||
	    upload_part(c->api->store, c->bucket, c->key, id, (uint32_t)number, content, &part, err) < 0)
		return -1;
	char etag[33];
	hex_encode(part.md5, sizeof part.md5, etag);
	return reply_result(c, "CopyPartResult", etag, part.modified_ms, &part.checksum, 0, err);
}
