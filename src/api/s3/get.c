/*
 * Reading objects: see operation.h. Bytes come out of the store a verified block at a time; one that does not verify
 * ends the connection, so that a short answer never looks whole.
 */
#include "api/s3/checksum.h"
#include "api/s3/condition.h"
#include "api/s3/fault.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/reply.h"
#include "api/s3/version.h"
#include "base/check.h"
#include "codec/xml.h"

/* What of an object is wanted. */
struct span {
	int64_t offset, size;
	bool partial;
};

/* "a-b", "a-" or "-n" of "bytes=": 1, or 0 when it is no single range (then the whole is sent), -1 unsatisfiable. */
static int parse_range(struct slice text, int64_t size, struct span *out)
{
	int64_t first, last;
	if (!slice_starts(text, "bytes="))
		return 0;
	struct slice to = slice_trim(slice_from(text, 6)), from = slice_cut(&to, '-');
	if (!to.ptr || (!from.len && !to.len) || (from.len && !slice_i64(from, &first)) ||
	    (to.len && !slice_i64(to, &last)))
		return 0;
	if (!from.len) {
		first = MAX(size - last, (int64_t)0);
		if (last == 0 || size == 0)
			return -1;
		last = size - 1;
	} else {
		if (to.len && last < first)
			return 0;
		if (first >= size)
			return -1;
		last = to.len ? MIN(last, size - 1) : size - 1;
	}
	*out = (struct span){first, last - first + 1, true};
	return 1;
}

/* ?partNumber=N. `o` NULL: a HEAD of an object in one piece. */
static int part_span(const struct s3_call *c, struct slice number, const struct object_info *info,
		     const struct object *o, struct span *out, struct err *err)
{
	int64_t n;
	if (!slice_i64(number, &n) || n < 1 || n > 10000)
		return err_set(err, ERR_INVALID, "Part number must be an integer between 1 and 10000, inclusive");
	if (http_has_field(c->x, "range"))
		return err_set(err, ERR_MALFORMED, "Cannot specify both Range header and partNumber query parameter");
	if (!info->parts_n) {
		if (n != 1)
			return s3_fault(err, S3_INVALID_PART_NUMBER);
		*out = (struct span){0, info->size, info->size > 0};
		return 0;
	}
	if (object_part(o, (uint32_t)n, &out->offset, &out->size, NULL) < 0)
		return s3_fault(err, S3_INVALID_PART_NUMBER);
	out->partial = out->size > 0;
	http_header_fmt(c->x, "x-amz-mp-parts-count", "%u", info->parts_n);
	return 0;
}

static int span_of(const struct s3_call *c, const struct object_info *info, const struct object *o, struct span *out,
		   struct err *err)
{
	*out = (struct span){0, info->size, false};
	struct slice part = http_query(c->x, "partNumber"), range = http_field(c->x, "range");
	if (part.ptr)
		return part_span(c, part, info, o, out, err);
	if (range.ptr && s3_condition_range(c, info) && parse_range(range, info->size, out) < 0) {
		http_header_fmt(c->x, "Content-Range", "bytes */%lld", (long long)info->size);
		return s3_fault(err, S3_INVALID_RANGE);
	}
	return 0;
}

static void validators(const struct s3_call *c, const struct object_info *info)
{
	s3_header_etag(c->x, info->etag);
	s3_header_time(c->x, "Last-Modified", info->modified_ms);
}

static void describe(const struct s3_call *c, const struct object_info *info, const struct span *span)
{
	s3_common_headers(c->x);
	validators(c, info);
	http_header_str(c->x, "Accept-Ranges", "bytes");
	s3_fields_give(c, info->headers);
	if (span->partial)
		http_header_fmt(c->x, "Content-Range", "bytes %lld-%lld/%lld", (long long)span->offset,
				(long long)(span->offset + span->size - 1), (long long)info->size);
	else if (info->checksum.kind && slice_is_nocase(http_field(c->x, "x-amz-checksum-mode"), "ENABLED")) {
		http_header(c->x, checksum_names[info->checksum.kind].header,
			    checksum_text(&info->checksum, info->parts_n, c->x->arena));
		http_header_str(c->x, "x-amz-checksum-type", checksum_type(&info->checksum));
	}
}

/* 1: answered already, by a condition. */
static int conditions(const struct s3_call *c, const struct object_info *info, struct err *err)
{
	switch (s3_condition_read(c, &s3_condition_own, info)) {
	case S3_FAILED:
		return s3_condition_failed(err);
	case S3_NOT_MODIFIED:
		validators(c, info);
		(void)s3_reply_empty(c, 304);
		return 1;
	default:
		return 0;
	}
}

/* `first` was read before the head went out, so that a bad first block is still an error document. */
static int send(const struct s3_call *c, struct object *o, const struct span *span, struct slice first, struct err *err)
{
	int64_t at = span->offset, end = span->offset + span->size;
	struct slice bytes = first;
	if (http_reply_begin(c->x, span->partial ? 206 : 200, NULL, span->size, err) < 0)
		return -1;
	while (at < end) {
		if (!bytes.len && object_view(o, at, &bytes, err) < 0)
			return -1;
		size_t n = (size_t)MIN((int64_t)bytes.len, end - at);
		if (http_reply_write(c->x, bytes.ptr, n, err) < 0)
			return -1;
		at += (int64_t)n;
		bytes.len = 0;
	}
	return http_reply_end(c->x, err);
}

int s3_get_object(const struct s3_call *c, struct err *err)
{
	struct object *o;
	struct span span;
	struct slice first = {0};
	if (s3_version_check(c, err) < 0 || object_open(c->api->store, c->bucket, c->key, c->x->arena, &o, err) < 0)
		return -1;
	const struct object_info *info = object_info(o);
	int rc = conditions(c, info, err);
	if (rc == 0)
		rc = span_of(c, info, o, &span, err);
	else if (rc == 1)
		goto done;
	if (rc == 0 && span.size)
		rc = object_view(o, span.offset, &first, err);
	if (rc == 0) {
		describe(c, info, &span);
		rc = send(c, o, &span, first, err);
	}
done:
	object_close(o);
	return rc < 0 ? -1 : 0;
}

int s3_head_object(const struct s3_call *c, struct err *err)
{
	struct object_info info;
	struct object *o = NULL;
	struct span span;
	if (s3_version_check(c, err) < 0 || object_stat(c->api->store, c->bucket, c->key, c->x->arena, &info, err) < 0)
		return -1;
	int rc = conditions(c, &info, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (info.parts_n && http_query(c->x, "partNumber").ptr) {
		if (object_open(c->api->store, c->bucket, c->key, c->x->arena, &o, err) < 0)
			return -1;
		info = *object_info(o);
	}
	rc = span_of(c, &info, o, &span, err);
	object_close(o);
	if (rc < 0)
		return -1;
	describe(c, &info, &span);
	if (http_reply_begin(c->x, span.partial ? 206 : 200, NULL, span.size, err) < 0)
		return -1;
	return http_reply_end(c->x, err);
}

/* x-amz-object-attributes: ETag,Checksum,ObjectParts,StorageClass,ObjectSize */
static bool wants(const struct s3_call *c, const char *attribute)
{
	struct slice rest = http_field(c->x, "x-amz-object-attributes"), one;
	while ((one = slice_cut(&rest, ',')).ptr)
		if (slice_is(slice_trim(one), attribute))
			return true;
	return false;
}

int s3_object_attributes(const struct s3_call *c, struct err *err)
{
	struct object_info info;
	if (s3_version_check(c, err) < 0 || object_stat(c->api->store, c->bucket, c->key, c->x->arena, &info, err) < 0)
		return -1;
	if (!http_has_field(c->x, "x-amz-object-attributes"))
		return err_set(err, ERR_INVALID, "x-amz-object-attributes must name at least one attribute");
	int rc = conditions(c, &info, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "GetObjectAttributesResponse" S3_XMLNS);
	if (wants(c, "ETag"))
		xml_str(b, "ETag", info.etag);
	if (wants(c, "Checksum") && info.checksum.kind) {
		xml_open(b, "Checksum");
		checksum_xml(b, &info.checksum, info.parts_n, true, c->x->arena);
		xml_close(b, "Checksum");
	}
	if (wants(c, "ObjectParts") && info.parts_n) {
		xml_open(b, "ObjectParts");
		xml_int(b, "PartsCount", info.parts_n);
		xml_close(b, "ObjectParts");
	}
	if (wants(c, "StorageClass"))
		xml_str(b, "StorageClass", "STANDARD");
	if (wants(c, "ObjectSize"))
		xml_int(b, "ObjectSize", info.size);
	xml_close(b, "GetObjectAttributesResponse");
	s3_header_time(c->x, "Last-Modified", info.modified_ms);
	return s3_reply_document(c, b, err);
}
