/* Operations on buckets: see operation.h. */
#include "api/s3/document.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/payload.h"
#include "api/s3/reply.h"
#include "codec/xml.h"

enum { BUCKETS_PAGE = 10000 };

static void put_bucket(struct buf *b, const struct bucket_info *info)
{
	xml_open(b, "Bucket");
	xml_text(b, "Name", info->name);
	s3_xml_time(b, "CreationDate", info->created_ms);
	xml_close(b, "Bucket");
}

int s3_list_buckets(const struct s3_call *c, struct err *err)
{
	struct bucket_info *all;
	size_t n, given = 0;
	int64_t most;
	struct slice prefix = http_query(c->x, "prefix"), after = http_query(c->x, "continuation-token"), last = {0};
	bool more = false;
	if (s3_query_number(c, "max-buckets", BUCKETS_PAGE, BUCKETS_PAGE, &most, err) < 0 ||
	    bucket_list(c->api->store, c->x->arena, &all, &n, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "ListAllMyBucketsResult" S3_XMLNS);
	s3_xml_owner(b, c->api, "Owner");
	xml_open(b, "Buckets");
	for (size_t i = 0; i < n; i++) {
		struct slice name = all[i].name;
		if ((after.len && slice_cmp(name, after) <= 0) || !slice_eq(slice_sub(name, 0, prefix.len), prefix))
			continue;
		if ((int64_t)given == most) {
			more = true;
			break;
		}
		put_bucket(b, &all[i]);
		last = name;
		given++;
	}
	xml_close(b, "Buckets");
	if (prefix.len)
		xml_text(b, "Prefix", prefix);
	if (more && last.ptr)
		xml_text(b, "ContinuationToken", last);
	xml_close(b, "ListAllMyBucketsResult");
	return s3_reply_document(c, b, err);
}

/* The body may name a region: any will do, as any region's signature does. */
int s3_create_bucket(const struct s3_call *c, struct err *err)
{
	char *location = arena_printf(c->x->arena, "/%.*s", SLICE_ARG(c->bucket));
	struct slice body;
	if (s3_fields_refuse(c, err) < 0 || s3_payload_document(c, true, &body, err) < 0 ||
	    s3_bucket_parse(body, c->x->arena, err) < 0 || bucket_create(c->api->store, c->bucket, err) < 0)
		return -1;
	if (location)
		http_header_str(c->x, "Location", location);
	return s3_reply_empty(c, 200);
}

int s3_head_bucket(const struct s3_call *c, struct err *err)
{
	struct bucket_info info;
	if (bucket_stat(c->api->store, c->bucket, &info, err) < 0)
		return -1;
	http_header(c->x, "x-amz-bucket-region", c->api->region);
	return s3_reply_empty(c, 200);
}

int s3_bucket_location(const struct s3_call *c, struct err *err)
{
	struct bucket_info info;
	if (bucket_stat(c->api->store, c->bucket, &info, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	/* us-east-1 has no name here, as ever */
	if (b)
		xml_text(b, "LocationConstraint" S3_XMLNS,
			 slice_is(c->api->region, "us-east-1") ? SLICE_LIT("") : c->api->region);
	return s3_reply_document(c, b, err);
}

/* MinIO's own header: everything in the bucket goes first. */
static int empty_bucket(const struct s3_call *c, struct err *err)
{
	enum { BATCH = 1000 };
	struct arena arena;
	int rc = 0;
	bool more = true;
	arena_init(&arena, 0, 0);
	while (rc == 0 && more) {
		struct object_page page;
		const struct object_query query = {.bucket = c->bucket, .max = BATCH};
		rc = object_list(c->api->store, &query, &arena, &page, err);
		struct slice *keys = rc == 0 ? arena_array(&arena, page.n + 1, sizeof *keys) : NULL;
		for (size_t i = 0; keys && i < page.n; i++)
			keys[i] = page.items[i].info.key;
		if (keys && page.n)
			rc = object_delete_many(c->api->store, c->bucket, keys, page.n, err);
		else if (rc == 0 && !keys)
			rc = err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
		more = rc == 0 && page.truncated;
		arena_reset(&arena);
	}
	arena_release(&arena);
	return rc;
}

int s3_delete_bucket(const struct s3_call *c, struct err *err)
{
	if (slice_is_nocase(http_field(c->x, "x-minio-force-delete"), "true") && empty_bucket(c, err) < 0)
		return -1;
	if (bucket_delete(c->api->store, c->bucket, err) < 0)
		return -1;
	return s3_reply_empty(c, 204);
}
