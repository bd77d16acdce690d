/* Multipart uploads: create, part, complete, abort; see operation.h. */
#include "api/s3/condition.h"
#include "api/s3/document.h"
#include "api/s3/fault.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/payload.h"
#include "api/s3/reply.h"
#include "base/limits.h"
#include "codec/base64.h"
#include "codec/xml.h"

/* Which checksum the whole will have. AWS' rule: CRC64NVME is of the whole, SHAs of the parts, CRCs of the parts unless
 * asked otherwise. */
static int checksum_wanted(const struct s3_call *c, struct upload_begin *out, struct err *err)
{
	struct slice type = http_field(c->x, "x-amz-checksum-type");
	bool full = slice_is_nocase(type, "FULL_OBJECT"), composite = slice_is_nocase(type, "COMPOSITE");
	out->checksum = checksum_of_algorithm(http_field(c->x, "x-amz-checksum-algorithm"));
	if (type.len && !full && !composite)
		return s3_fault(err, S3_CHECKSUM_TYPE);
	bool sha = out->checksum == CHECKSUM_SHA1 || out->checksum == CHECKSUM_SHA256;
	if ((full && sha) || (composite && out->checksum == CHECKSUM_CRC64NVME))
		return s3_fault(err, S3_CHECKSUM_TYPE);
	out->composite = out->checksum != CHECKSUM_CRC64NVME && !full;
	return 0;
}

int s3_create_upload(const struct s3_call *c, struct err *err)
{
	struct upload_begin u = {.bucket = c->bucket, .key = c->key};
	struct slice id;
	if (s3_fields_refuse(c, err) < 0 || s3_fields_take(c, &u.headers, err) < 0 || checksum_wanted(c, &u, err) < 0 ||
	    upload_begin(c->api->store, &u, c->x->arena, &id, err) < 0)
		return -1;
	if (u.checksum) {
		const struct checksum sum = {.kind = u.checksum, .composite = u.composite};
		http_header_str(c->x, "x-amz-checksum-algorithm", checksum_names[u.checksum].algorithm);
		http_header_str(c->x, "x-amz-checksum-type", checksum_type(&sum));
	}
	struct buf *b = s3_document(c->x);
	if (b) {
		xml_open(b, "InitiateMultipartUploadResult" S3_XMLNS);
		xml_text(b, "Bucket", c->bucket);
		xml_text(b, "Key", c->key);
		xml_text(b, "UploadId", id);
		xml_close(b, "InitiateMultipartUploadResult");
	}
	return s3_reply_document(c, b, err);
}

int s3_upload_part(const struct s3_call *c, struct err *err)
{
	struct slice id = http_query(c->x, "uploadId");
	struct upload_info upload;
	struct s3_announced announced;
	struct content *content;
	struct part_info part;
	int64_t number;
	if (!http_has_field(c->x, "content-length") && c->body < S3_BODY_CHUNKED)
		return s3_fault(err, S3_LENGTH_MISSING);
	if (s3_query_number(c, "partNumber", 0, INT32_MAX, &number, err) < 0)
		return -1;
	if (number < 1 || number > limits.s3_parts)
		return err_set(err, ERR_INVALID, "Part number must be an integer between 1 and %lld, inclusive",
			       (long long)limits.s3_parts);
	if (upload_stat(c->api->store, c->bucket, c->key, id, c->x->arena, &upload, err) < 0 ||
	    s3_announced_read(c, &announced, err) < 0)
		return -1;
	if (upload.checksum && announced.checksum.kind && announced.checksum.kind != upload.checksum)
		return s3_fault(err, S3_CHECKSUM_TYPE);
	if (s3_payload_store(c, &announced, upload.checksum, &content, err) < 0 ||
	    upload_part(c->api->store, c->bucket, c->key, id, (uint32_t)number, content, &part, err) < 0)
		return -1;
	char etag[33];
	hex_encode(part.md5, sizeof part.md5, etag);
	s3_header_etag(c->x, etag);
	if (part.checksum.kind)
		http_header(c->x, checksum_names[part.checksum.kind].header,
			    checksum_text(&part.checksum, 0, c->x->arena));
	return s3_reply_empty(c, 200);
}

/* x-amz-checksum-… here is of the whole object, not of the document that is the body. */
static int whole_of(const struct s3_call *c, struct upload_complete *out, struct err *err)
{
	const struct http_exchange *x = c->x;
	struct slice size = http_field(x, "x-amz-mp-object-size");
	out->size = -1;
	if (size.ptr && !slice_i64(size, &out->size))
		return err_set(err, ERR_INVALID, "x-amz-mp-object-size must be a number");
	for (int i = CHECKSUM_NONE + 1; i < CHECKSUM_KINDS; i++) {
		struct slice text = http_field(x, checksum_names[i].header);
		if (text.ptr && !checksum_parse((enum checksum_kind)i, text, x->arena, &out->whole))
			return s3_fault(err, S3_CHECKSUM_INVALID);
	}
	return 0;
}

static int reply_complete(const struct s3_call *c, const struct object_info *info, struct err *err)
{
	struct buf *b = s3_document(c->x);
	char *location = arena_printf(c->x->arena, "%s://%.*s%.*s", c->x->tls ? "https" : "http", SLICE_ARG(c->x->host),
				      SLICE_ARG(c->x->path));
	if (b) {
		xml_open(b, "CompleteMultipartUploadResult" S3_XMLNS);
		xml_str(b, "Location", location);
		xml_text(b, "Bucket", c->bucket);
		xml_text(b, "Key", c->key);
		s3_xml_etag(b, info->etag);
		checksum_xml(b, &info->checksum, info->parts_n, true, c->x->arena);
		xml_close(b, "CompleteMultipartUploadResult");
	}
	return s3_reply_document(c, b, err);
}

int s3_complete_upload(const struct s3_call *c, struct err *err)
{
	struct upload_complete u = {.bucket = c->bucket, .key = c->key, .id = http_query(c->x, "uploadId")};
	struct object_info info;
	struct slice body;
	struct upload_pick *picks;
	if (s3_condition_write(c, &u.condition, err) < 0 || whole_of(c, &u, err) < 0 ||
	    s3_payload_document(c, false, &body, err) < 0 ||
	    s3_complete_parse(body, c->x->arena, &picks, &u.picks_n, err) < 0)
		return -1;
	u.picks = picks;
	if (upload_complete(c->api->store, &u, c->x->arena, &info, err) < 0)
		return -1;
	return reply_complete(c, &info, err);
}

int s3_abort_upload(const struct s3_call *c, struct err *err)
{
	struct slice id = http_query(c->x, "uploadId");
	if (upload_abort(c->api->store, c->bucket, c->key, id, err) < 0)
		return -1;
	return s3_reply_empty(c, 204);
}
