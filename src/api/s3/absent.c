/*
 * What a bucket or object may have on AWS and has not here: reads say that it is not configured, which is true; writes
 * say that they are not implemented. See the table in operation.c.
 */
#include "api/s3/fault.h"
#include "api/s3/operation.h"
#include "api/s3/reply.h"
#include "codec/xml.h"

/* The bucket's or the object's own absence comes first. */
static int subject(const struct s3_call *c, struct err *err)
{
	struct bucket_info bucket;
	struct object_info info;
	if (c->key.len)
		return object_stat(c->api->store, c->bucket, c->key, c->x->arena, &info, err);
	return bucket_stat(c->api->store, c->bucket, &bucket, err);
}

int s3_absent(const struct s3_call *c, struct err *err)
{
	if (subject(c, err) < 0)
		return -1;
	return s3_fault(err, (enum s3_error)c->operation->absent);
}

int s3_empty_document(const struct s3_call *c, struct err *err)
{
	if (subject(c, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (b)
		buf_printf(b, "<%s" S3_XMLNS "/>", c->operation->document);
	return s3_reply_document(c, b, err);
}

int s3_request_payment(const struct s3_call *c, struct err *err)
{
	if (subject(c, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (b) {
		xml_open(b, "RequestPaymentConfiguration" S3_XMLNS);
		xml_str(b, "Payer", "BucketOwner");
		xml_close(b, "RequestPaymentConfiguration");
	}
	return s3_reply_document(c, b, err);
}

/* An object without tags has an empty set of them; a bucket without has none (NoSuchTagSet). */
int s3_get_object_tags(const struct s3_call *c, struct err *err)
{
	if (subject(c, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (b) {
		xml_open(b, "Tagging" S3_XMLNS);
		buf_str(b, "<TagSet/>");
		xml_close(b, "Tagging");
	}
	return s3_reply_document(c, b, err);
}

int s3_get_acl(const struct s3_call *c, struct err *err)
{
	if (subject(c, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (b) {
		xml_open(b, "AccessControlPolicy" S3_XMLNS);
		s3_xml_owner(b, c->api, "Owner");
		xml_open(b, "AccessControlList");
		xml_open(b, "Grant");
		xml_open(b,
			 "Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"");
		xml_str(b, "ID", c->api->owner);
		xml_str(b, "DisplayName", "coracle");
		xml_close(b, "Grantee");
		xml_str(b, "Permission", "FULL_CONTROL");
		xml_close(b, "Grant");
		xml_close(b, "AccessControlList");
		xml_close(b, "AccessControlPolicy");
	}
	return s3_reply_document(c, b, err);
}

int s3_not_built(const struct s3_call *c, struct err *err)
{
	(void)c;
	return err_set(err, ERR_UNSUPPORTED,
		       "A header or query you provided implies functionality that is not implemented.");
}
