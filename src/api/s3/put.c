/* PutObject: see operation.h. */
#include "api/s3/condition.h"
#include "api/s3/fault.h"
#include "api/s3/fields.h"
#include "api/s3/operation.h"
#include "api/s3/payload.h"
#include "api/s3/reply.h"

int s3_put_object(const struct s3_call *c, struct err *err)
{
	struct object_put put = {.bucket = c->bucket, .key = c->key};
	struct s3_announced announced;
	struct bucket_info bucket;
	struct object_info info;
	struct content *content;
	if (!http_has_field(c->x, "content-length") && c->body < S3_BODY_CHUNKED)
		return s3_fault(err, S3_LENGTH_MISSING);
	/* The bucket is looked up before a large body is read; the write looks again. */
	if (s3_fields_refuse(c, err) < 0 || s3_condition_write(c, &put.condition, err) < 0 ||
	    s3_fields_take(c, &put.headers, err) < 0 || s3_announced_read(c, &announced, err) < 0 ||
	    (!c->x->body_complete && bucket_stat(c->api->store, c->bucket, &bucket, err) < 0) ||
	    s3_payload_store(c, &announced, CHECKSUM_NONE, &content, err) < 0)
		return -1;
	if (object_put(c->api->store, &put, content, c->x->arena, &info, err) < 0)
		return -1;
	s3_header_etag(c->x, info.etag);
	if (info.checksum.kind) {
		http_header(c->x, checksum_names[info.checksum.kind].header,
			    checksum_text(&info.checksum, 0, c->x->arena));
		http_header_str(c->x, "x-amz-checksum-type", checksum_type(&info.checksum));
	}
	return s3_reply_empty(c, 200);
}
