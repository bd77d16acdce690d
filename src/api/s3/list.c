/*
 * ListObjects, ListObjectsV2, ListObjectVersions: one page of keys and common prefixes in three shapes; see
 * operation.h. A continuation token is the last item of its page in base64.
 */
#include "api/s3/checksum.h"
#include "api/s3/fault.h"
#include "api/s3/operation.h"
#include "api/s3/reply.h"
#include "api/s3/version.h"
#include "codec/base64.h"
#include "codec/utf8.h"
#include "codec/xml.h"

enum { PAGE_MAX = 1000 };

struct listing {
	const struct s3_call *call;
	struct object_query query;
	struct object_page page;
	bool encode; /* encoding-type=url */
	bool owner;
	const char *entry; /* element of an object */
	bool version;      /* entries are versions */
	struct buf *b;
};

/* MinIO's clients may begin a prefix or marker with '/', as keys. */
static struct slice query_key(const struct s3_call *c, const char *name)
{
	struct slice s = http_query(c->x, name);
	while (s.len && s.ptr[0] == '/')
		s = slice_from(s, 1);
	return s;
}

static int begin(struct listing *l, const struct s3_call *c, struct err *err)
{
	struct slice encoding = http_query(c->x, "encoding-type");
	int64_t max;
	*l = (struct listing){.call = c, .entry = "Contents"};
	if (encoding.len && !slice_is_nocase(encoding, "url"))
		return err_set(err, ERR_INVALID, "Invalid Encoding Method specified in Request");
	if (s3_query_number(c, "max-keys", PAGE_MAX, PAGE_MAX, &max, err) < 0)
		return -1;
	l->encode = encoding.len > 0;
	l->query = (struct object_query){.bucket = c->bucket,
					 .prefix = query_key(c, "prefix"),
					 .delimiter = http_query(c->x, "delimiter"),
					 .max = (size_t)max};
	if (!utf8_valid(l->query.prefix) || !utf8_valid(l->query.delimiter))
		return s3_fault(err, S3_INVALID_URI);
	return 0;
}

static int run(struct listing *l, struct err *err)
{
	const struct s3_call *c = l->call;
	if (object_list(c->api->store, &l->query, c->x->arena, &l->page, err) < 0)
		return -1;
	l->b = s3_document(c->x);
	return l->b ? 0 : err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
}

static struct slice last_key(const struct listing *l)
{
	return l->page.n ? l->page.items[l->page.n - 1].info.key : SLICE_LIT("");
}

/* Present also when empty, as AWS has them. */
static void put_head(struct listing *l)
{
	struct buf *b = l->b;
	xml_text(b, "Name", l->query.bucket);
	s3_xml_key(b, "Prefix", l->query.prefix, l->encode);
	if (l->query.delimiter.len)
		s3_xml_key(b, "Delimiter", l->query.delimiter, l->encode);
	xml_int(b, "MaxKeys", (int64_t)l->query.max);
	if (l->encode)
		xml_str(b, "EncodingType", "url");
	xml_bool(b, "IsTruncated", l->page.truncated);
}

#define PUT(b, literal) buf_append((b), (literal), sizeof(literal) - 1)

/* The hot loop of every list: literals are put whole. */
static void put_entry(struct listing *l, const struct object_info *info)
{
	struct buf *b = l->b;
	buf_char(b, '<');
	buf_str(b, l->entry);
	PUT(b, ">");
	s3_xml_key(b, "Key", info->key, l->encode);
	if (l->version)
		PUT(b, "<VersionId>null</VersionId><IsLatest>true</IsLatest>");
	s3_xml_time(b, "LastModified", info->modified_ms);
	PUT(b, "<ETag>&#34;");
	buf_str(b, info->etag);
	PUT(b, "&#34;</ETag>");
	if (info->checksum.kind) {
		xml_str(b, "ChecksumAlgorithm", checksum_names[info->checksum.kind].algorithm);
		xml_str(b, "ChecksumType", checksum_type(&info->checksum));
	}
	PUT(b, "<Size>");
	buf_i64(b, info->size);
	PUT(b, "</Size>");
	if (l->owner)
		s3_xml_owner(b, l->call->api, "Owner");
	PUT(b, "<StorageClass>STANDARD</StorageClass></");
	buf_str(b, l->entry);
	PUT(b, ">");
}

static void put_items(struct listing *l)
{
	for (size_t i = 0; i < l->page.n; i++)
		if (!l->page.items[i].common_prefix)
			put_entry(l, &l->page.items[i].info);
	for (size_t i = 0; i < l->page.n; i++) {
		if (!l->page.items[i].common_prefix)
			continue;
		xml_open(l->b, "CommonPrefixes");
		s3_xml_key(l->b, "Prefix", l->page.items[i].info.key, l->encode);
		xml_close(l->b, "CommonPrefixes");
	}
}

int s3_list_objects(const struct s3_call *c, struct err *err)
{
	struct listing l;
	if (begin(&l, c, err) < 0)
		return -1;
	l.query.after = query_key(c, "marker");
	l.owner = true;
	if (run(&l, err) < 0)
		return -1;
	xml_open(l.b, "ListBucketResult" S3_XMLNS);
	put_head(&l);
	s3_xml_key(l.b, "Marker", l.query.after, l.encode);
	if (l.page.truncated)
		s3_xml_key(l.b, "NextMarker", last_key(&l), l.encode);
	put_items(&l);
	xml_close(l.b, "ListBucketResult");
	return s3_reply_document(c, l.b, err);
}

static int read_token(const struct s3_call *c, struct slice token, struct slice *after, struct err *err)
{
	if (base64_decode(token, BASE64_URL, c->x->arena, after) && after->len)
		return 0;
	return err_set(err, ERR_INVALID, "The continuation token provided is incorrect");
}

int s3_list_objects_v2(const struct s3_call *c, struct err *err)
{
	struct listing l;
	struct slice token = http_query(c->x, "continuation-token"), start = query_key(c, "start-after");
	if (!slice_is(http_query(c->x, "list-type"), "2"))
		return err_set(err, ERR_INVALID, "Invalid List Type specified in Request");
	if (begin(&l, c, err) < 0 || (token.ptr && read_token(c, token, &l.query.after, err) < 0))
		return -1;
	if (!token.ptr)
		l.query.after = start;
	l.owner = slice_is_nocase(http_query(c->x, "fetch-owner"), "true");
	if (run(&l, err) < 0)
		return -1;
	xml_open(l.b, "ListBucketResult" S3_XMLNS);
	put_head(&l);
	xml_int(l.b, "KeyCount", (int64_t)l.page.n);
	if (start.len)
		s3_xml_key(l.b, "StartAfter", start, l.encode);
	if (token.ptr)
		xml_text(l.b, "ContinuationToken", token);
	if (l.page.truncated) {
		xml_open(l.b, "NextContinuationToken");
		base64_encode(last_key(&l), BASE64_URL, l.b);
		xml_close(l.b, "NextContinuationToken");
	}
	put_items(&l);
	xml_close(l.b, "ListBucketResult");
	return s3_reply_document(c, l.b, err);
}

int s3_list_versions(const struct s3_call *c, struct err *err)
{
	struct listing l;
	struct slice marker = http_query(c->x, "version-id-marker");
	if (begin(&l, c, err) < 0)
		return -1;
	if (!s3_version_is_null(marker))
		return err_set(err, ERR_INVALID, "Invalid version id specified");
	l.query.after = query_key(c, "key-marker");
	if (marker.len && !l.query.after.len)
		return err_set(err, ERR_INVALID, "A version-id marker cannot be specified without a key marker.");
	l.owner = l.version = true;
	l.entry = "Version";
	if (run(&l, err) < 0)
		return -1;
	xml_open(l.b, "ListVersionsResult" S3_XMLNS);
	put_head(&l);
	s3_xml_key(l.b, "KeyMarker", l.query.after, l.encode);
	xml_text(l.b, "VersionIdMarker", marker);
	if (l.page.truncated) {
		s3_xml_key(l.b, "NextKeyMarker", last_key(&l), l.encode);
		xml_str(l.b, "NextVersionIdMarker", "null");
	}
	put_items(&l);
	xml_close(l.b, "ListVersionsResult");
	return s3_reply_document(c, l.b, err);
}
