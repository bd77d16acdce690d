/* ListParts and ListMultipartUploads: see operation.h. */
#include "api/s3/checksum.h"
#include "api/s3/fault.h"
#include "api/s3/operation.h"
#include "api/s3/reply.h"
#include "codec/base64.h"
#include "codec/xml.h"

enum { PAGE_MAX = 1000 };

static void put_part(struct buf *b, const struct part_info *p, struct arena *a)
{
	char etag[33];
	hex_encode(p->md5, sizeof p->md5, etag);
	xml_open(b, "Part");
	xml_int(b, "PartNumber", p->number);
	s3_xml_time(b, "LastModified", p->modified_ms);
	s3_xml_etag(b, etag);
	xml_int(b, "Size", p->size);
	checksum_xml(b, &p->checksum, 0, false, a);
	xml_close(b, "Part");
}

static void put_upload_checksum(struct buf *b, const struct upload_info *u)
{
	const struct checksum sum = {.kind = u->checksum, .composite = u->composite};
	if (!u->checksum)
		return;
	xml_str(b, "ChecksumAlgorithm", checksum_names[u->checksum].algorithm);
	xml_str(b, "ChecksumType", checksum_type(&sum));
}

int s3_list_parts(const struct s3_call *c, struct err *err)
{
	struct slice id = http_query(c->x, "uploadId");
	struct upload_info upload;
	struct part_info *parts;
	size_t n;
	bool truncated;
	int64_t max, marker;
	if (s3_query_number(c, "max-parts", PAGE_MAX, PAGE_MAX, &max, err) < 0 ||
	    s3_query_number(c, "part-number-marker", 0, INT32_MAX, &marker, err) < 0 ||
	    upload_stat(c->api->store, c->bucket, c->key, id, c->x->arena, &upload, err) < 0 ||
	    upload_parts(c->api->store, c->bucket, c->key, id, (uint32_t)marker, (size_t)max, c->x->arena, &parts, &n,
			 &truncated, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "ListPartsResult" S3_XMLNS);
	xml_text(b, "Bucket", c->bucket);
	s3_xml_key(b, "Key", c->key, slice_is(http_query(c->x, "encoding-type"), "url"));
	xml_text(b, "UploadId", id);
	s3_xml_owner(b, c->api, "Initiator");
	s3_xml_owner(b, c->api, "Owner");
	xml_str(b, "StorageClass", "STANDARD");
	put_upload_checksum(b, &upload);
	xml_int(b, "PartNumberMarker", marker);
	xml_int(b, "NextPartNumberMarker", n ? parts[n - 1].number : 0);
	xml_int(b, "MaxParts", max);
	xml_bool(b, "IsTruncated", truncated);
	for (size_t i = 0; i < n; i++)
		put_part(b, &parts[i], c->x->arena);
	xml_close(b, "ListPartsResult");
	return s3_reply_document(c, b, err);
}

static void put_upload(const struct s3_call *c, struct buf *b, const struct upload_info *u, bool encode)
{
	xml_open(b, u->common_prefix ? "CommonPrefixes" : "Upload");
	s3_xml_key(b, u->common_prefix ? "Prefix" : "Key", u->key, encode);
	if (!u->common_prefix) {
		xml_text(b, "UploadId", u->id);
		s3_xml_owner(b, c->api, "Initiator");
		s3_xml_owner(b, c->api, "Owner");
		xml_str(b, "StorageClass", "STANDARD");
		s3_xml_time(b, "Initiated", u->created_ms);
		put_upload_checksum(b, u);
	}
	xml_close(b, u->common_prefix ? "CommonPrefixes" : "Upload");
}

int s3_list_uploads(const struct s3_call *c, struct err *err)
{
	struct upload_query q = {.bucket = c->bucket,
				 .prefix = http_query(c->x, "prefix"),
				 .delimiter = http_query(c->x, "delimiter"),
				 .after_key = http_query(c->x, "key-marker"),
				 .after_id = http_query(c->x, "upload-id-marker")};
	bool encode = slice_is(http_query(c->x, "encoding-type"), "url"), truncated;
	struct upload_info *items;
	size_t n;
	int64_t max;
	if (!q.after_key.len)
		q.after_id = slice_of(NULL, 0);
	if (s3_query_number(c, "max-uploads", PAGE_MAX, PAGE_MAX, &max, err) < 0)
		return -1;
	q.max = (size_t)max;
	if (upload_list(c->api->store, &q, c->x->arena, &items, &n, &truncated, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "ListMultipartUploadsResult" S3_XMLNS);
	xml_text(b, "Bucket", c->bucket);
	s3_xml_key(b, "KeyMarker", q.after_key, encode);
	xml_text(b, "UploadIdMarker", q.after_id);
	s3_xml_key(b, "NextKeyMarker", n ? items[n - 1].key : SLICE_LIT(""), encode);
	xml_text(b, "NextUploadIdMarker", n ? items[n - 1].id : SLICE_LIT(""));
	s3_xml_key(b, "Prefix", q.prefix, encode);
	if (q.delimiter.len)
		s3_xml_key(b, "Delimiter", q.delimiter, encode);
	if (encode)
		xml_str(b, "EncodingType", "url");
	xml_int(b, "MaxUploads", max);
	xml_bool(b, "IsTruncated", truncated);
	for (size_t i = 0; i < n; i++)
		put_upload(c, b, &items[i], encode);
	xml_close(b, "ListMultipartUploadsResult");
	return s3_reply_document(c, b, err);
}
