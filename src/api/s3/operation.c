/* The table of operations, and what runs a row of it: see operation.h. */
#include "api/s3/operation.h"

#include "api/s3/fault.h"
#include "base/check.h"

enum { ALL = HTTP_ANY };

const struct s3_operation s3_operations[] = {
    {"ListBuckets", HTTP_GET, S3_SERVICE, .run = s3_list_buckets},

    {"GetBucketLocation", HTTP_GET, S3_BUCKET, "location", .run = s3_bucket_location},
    {"ListMultipartUploads", HTTP_GET, S3_BUCKET, "uploads", .run = s3_list_uploads},
    {"ListObjectVersions", HTTP_GET, S3_BUCKET, "versions", .run = s3_list_versions},
    {"DeleteObjects", HTTP_POST, S3_BUCKET, "delete", .run = s3_delete_objects},
    {"GetBucketAcl", HTTP_GET, S3_BUCKET, "acl", .run = s3_get_acl},
    {"GetBucketVersioning", HTTP_GET, S3_BUCKET, "versioning", .run = s3_empty_document,
     .document = "VersioningConfiguration"},
    {"GetBucketNotificationConfiguration", HTTP_GET, S3_BUCKET, "notification", .run = s3_empty_document,
     .document = "NotificationConfiguration"},
    {"GetBucketLogging", HTTP_GET, S3_BUCKET, "logging", .run = s3_empty_document, .document = "BucketLoggingStatus"},
    {"GetBucketAccelerateConfiguration", HTTP_GET, S3_BUCKET, "accelerate", .run = s3_empty_document,
     .document = "AccelerateConfiguration"},
    {"GetBucketRequestPayment", HTTP_GET, S3_BUCKET, "requestPayment", .run = s3_request_payment},
    {"GetBucketPolicy", HTTP_GET, S3_BUCKET, "policy", .run = s3_absent, .absent = S3_NO_POLICY},
    {"GetBucketPolicyStatus", HTTP_GET, S3_BUCKET, "policyStatus", .run = s3_absent, .absent = S3_NO_POLICY},
    {"GetBucketLifecycleConfiguration", HTTP_GET, S3_BUCKET, "lifecycle", .run = s3_absent, .absent = S3_NO_LIFECYCLE},
    {"GetBucketTagging", HTTP_GET, S3_BUCKET, "tagging", .run = s3_absent, .absent = S3_NO_TAGS},
    {"GetObjectLockConfiguration", HTTP_GET, S3_BUCKET, "object-lock", .run = s3_absent, .absent = S3_NO_OBJECT_LOCK},
    {"GetBucketEncryption", HTTP_GET, S3_BUCKET, "encryption", .run = s3_absent, .absent = S3_NO_ENCRYPTION},
    {"GetBucketReplication", HTTP_GET, S3_BUCKET, "replication", .run = s3_absent, .absent = S3_NO_REPLICATION},
    {"GetBucketCors", HTTP_GET, S3_BUCKET, "cors", .run = s3_absent, .absent = S3_NO_CORS},
    {"GetBucketWebsite", HTTP_GET, S3_BUCKET, "website", .run = s3_absent, .absent = S3_NO_WEBSITE},
    {"GetBucketOwnershipControls", HTTP_GET, S3_BUCKET, "ownershipControls", .run = s3_absent,
     .absent = S3_NO_OWNERSHIP},
    {"GetPublicAccessBlock", HTTP_GET, S3_BUCKET, "publicAccessBlock", .run = s3_absent,
     .absent = S3_NO_PUBLIC_ACCESS_BLOCK},
    {"ListObjectsV2", HTTP_GET, S3_BUCKET, "list-type", .run = s3_list_objects_v2},

    {"UploadPartCopy", HTTP_PUT, S3_OBJECT, "uploadId", "x-amz-copy-source", s3_upload_part_copy},
    {"UploadPart", HTTP_PUT, S3_OBJECT, "uploadId", .run = s3_upload_part},
    {"ListParts", HTTP_GET, S3_OBJECT, "uploadId", .run = s3_list_parts},
    {"CompleteMultipartUpload", HTTP_POST, S3_OBJECT, "uploadId", .run = s3_complete_upload},
    {"AbortMultipartUpload", HTTP_DELETE, S3_OBJECT, "uploadId", .run = s3_abort_upload},
    {"CreateMultipartUpload", HTTP_POST, S3_OBJECT, "uploads", .run = s3_create_upload},
    {"GetObjectAcl", HTTP_GET, S3_OBJECT, "acl", .run = s3_get_acl},
    {"GetObjectTagging", HTTP_GET, S3_OBJECT, "tagging", .run = s3_get_object_tags},
    {"GetObjectRetention", HTTP_GET, S3_OBJECT, "retention", .run = s3_absent, .absent = S3_NO_RETENTION},
    {"GetObjectLegalHold", HTTP_GET, S3_OBJECT, "legal-hold", .run = s3_absent, .absent = S3_NO_RETENTION},
    {"GetObjectAttributes", HTTP_GET, S3_OBJECT, "attributes", .run = s3_object_attributes},

    /* What is left of a sub-resource that was named must not fall through to the plain rows below. */
    {"", ALL, S3_BUCKET, "location", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "uploads", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "versions", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "delete", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "policyStatus", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "acl", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "versioning", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "notification", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "logging", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "accelerate", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "requestPayment", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "policy", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "lifecycle", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "tagging", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "object-lock", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "encryption", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "replication", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "cors", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "website", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "ownershipControls", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "publicAccessBlock", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "analytics", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "inventory", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "metrics", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "intelligent-tiering", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "events", .run = s3_not_built},
    {"", ALL, S3_BUCKET, "session", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "uploads", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "attributes", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "acl", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "tagging", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "retention", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "legal-hold", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "select", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "restore", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "torrent", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "append", .run = s3_not_built},
    {"", ALL, S3_OBJECT, "renameObject", .run = s3_not_built},

    {"ListObjects", HTTP_GET, S3_BUCKET, .run = s3_list_objects},
    {"HeadBucket", HTTP_HEAD, S3_BUCKET, .run = s3_head_bucket},
    {"CreateBucket", HTTP_PUT, S3_BUCKET, .run = s3_create_bucket},
    {"DeleteBucket", HTTP_DELETE, S3_BUCKET, .run = s3_delete_bucket},
    {"PostObject", HTTP_POST, S3_BUCKET, .run = s3_post_object},

    {"GetObject", HTTP_GET, S3_OBJECT, .run = s3_get_object},
    {"HeadObject", HTTP_HEAD, S3_OBJECT, .run = s3_head_object},
    {"CopyObject", HTTP_PUT, S3_OBJECT, NULL, "x-amz-copy-source", s3_copy_object},
    {"PutObject", HTTP_PUT, S3_OBJECT, .run = s3_put_object},
    {"DeleteObject", HTTP_DELETE, S3_OBJECT, .run = s3_delete_object},
};
const size_t s3_operations_n = COUNT_OF(s3_operations);

bool s3_operation_at(size_t i, struct s3_operation_doc *out)
{
	static const char *const paths[] = {
	    [S3_SERVICE] = "/", [S3_BUCKET] = "/{bucket}", [S3_OBJECT] = "/{bucket}/{key...}"};
	for (size_t k = 0; k < s3_operations_n; k++) {
		const struct s3_operation *o = &s3_operations[k];
		if (!*o->name || i-- > 0) /* rows without a name answer NotImplemented */
			continue;
		*out = (struct s3_operation_doc){o->name, o->methods, paths[o->scope], o->query};
		return true;
	}
	return false;
}

static bool names_parameter(struct slice query, const char *name)
{
	struct slice item;
	while ((item = slice_cut(&query, '&')).ptr)
		if (slice_is(slice_cut(&item, '='), name))
			return true;
	return false;
}

static const struct s3_operation *find(const struct s3_call *c)
{
	enum s3_scope scope = c->key.len ? S3_OBJECT : c->bucket.len ? S3_BUCKET : S3_SERVICE;
	for (size_t i = 0; i < s3_operations_n; i++) {
		const struct s3_operation *o = &s3_operations[i];
		if (o->scope == scope && (o->methods & (unsigned)c->x->method) &&
		    (!o->query || (c->x->has_query && names_parameter(c->x->query, o->query))) &&
		    (!o->header || http_has_field(c->x, o->header)))
			return o;
	}
	return NULL;
}

/* A client may say whose bucket it means. */
static bool owner_is_expected(const struct s3_call *c)
{
	static const char *const names[] = {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct slice wanted = http_field(c->x, names[i]);
		if (wanted.ptr && !slice_is(wanted, c->api->owner))
			return false;
	}
	return true;
}

void s3_dispatch(struct http_exchange *x)
{
	const struct s3_call *verified = x->principal->proof;
	struct s3_call c = *verified;
	struct err err;
	err_clear(&err);
	c.operation = find(&c);
	int rc = -1;
	if (!c.operation || (c.anonymous_form && c.operation->run != s3_post_object))
		(void)s3_fault(&err, S3_METHOD);
	else if (!owner_is_expected(&c))
		(void)s3_fault(&err, S3_ACCESS_DENIED);
	else
		rc = c.operation->run(&c, &err);
	if (rc == 0)
		return;
	if (http_replied(x))
		http_reply_abort(x);
	else
		s3_fail(x, &err);
}
