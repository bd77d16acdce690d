/* The table of S3's error codes, and the document that carries one: see fault.h. */
#include "api/s3/fault.h"

#include "api/s3/reply.h"
#include "base/check.h"
#include "base/log.h"
#include "codec/xml.h"
#include "crypto/sigv4.h"
#include "store/object.h"

/* `status` 0: the common table's. Without a text the error's own message is told; with one, AWS' text is the message and
 * what the error says becomes the element Detail. A row without text is never set through s3_fault. */
struct row {
	enum err_code code;
	int sub;
	const char *s3;
	int status;
	const char *text;
};

static const struct row rows[] = {
    {ERR_FORBIDDEN, S3_ACCESS_DENIED, "AccessDenied", 0, "Access Denied."},
    {ERR_FORBIDDEN, S3_INVALID_ACCESS_KEY, "InvalidAccessKeyId", 0,
     "The AWS Access Key Id you provided does not exist in our records."},
    {ERR_FORBIDDEN, SIGV4_MISMATCH, "SignatureDoesNotMatch", 0, NULL},
    {ERR_FORBIDDEN, SIGV4_SKEWED, "RequestTimeTooSkewed", 0, NULL},
    {ERR_MALFORMED, SIGV4_HEADER_MALFORMED, "AuthorizationHeaderMalformed", 0, NULL},
    {ERR_MALFORMED, SIGV4_QUERY_MALFORMED, "AuthorizationQueryParametersError", 0, NULL},
    {ERR_UNSUPPORTED, SIGV4_ALGORITHM, "InvalidRequest", 400, NULL},
    {ERR_INVALID, S3_INVALID_URI, "InvalidURI", 0, "Couldn't parse the specified URI."},
    {ERR_INVALID, S3_MALFORMED_XML, "MalformedXML", 0,
     "The XML you provided was not well-formed or did not validate against our published schema."},
    {ERR_INVALID, S3_BAD_DIGEST, "BadDigest", 0,
     "The Content-MD5 or checksum value that you specified did not match what the server received."},
    {ERR_INVALID, S3_INVALID_DIGEST, "InvalidDigest", 0, "The Content-MD5 you specified is not valid."},
    {ERR_INVALID, S3_CHECKSUM_INVALID, "InvalidRequest", 0,
     "The value of an x-amz-checksum- header or trailer is not valid."},
    {ERR_INVALID, S3_CHECKSUMS_MANY, "InvalidRequest", 0,
     "Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed."},
    {ERR_INVALID, S3_CHECKSUM_TYPE, "InvalidRequest", 0,
     "The checksum algorithm differs from the upload's, or cannot have the type that is asked for."},
    {ERR_INVALID, S3_TRAILER, "MalformedTrailerError", 0,
     "The request contained trailing data that was not well-formed or did not conform to our published schema."},
    {ERR_INVALID, S3_SHA256_MISMATCH, "XAmzContentSHA256Mismatch", 0,
     "The provided 'x-amz-content-sha256' header does not match what was computed."},
    {ERR_INVALID, S3_INCOMPLETE_BODY, "IncompleteBody", 0,
     "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    {ERR_MALFORMED, S3_INCOMPLETE_BODY, "IncompleteBody", 0, NULL},
    {ERR_LENGTH_REQUIRED, S3_LENGTH_MISSING, "MissingContentLength", 0,
     "You must provide the Content-Length HTTP header."},
    {ERR_INVALID, S3_METADATA_TOO_LARGE, "MetadataTooLarge", 0,
     "Your metadata headers exceed the maximum allowed metadata size."},
    {ERR_NOT_FOUND, S3_NO_VERSION, "NoSuchVersion", 0, "The specified version does not exist."},
    {ERR_RANGE, S3_INVALID_RANGE, "InvalidRange", 0, "The requested range is not satisfiable."},
    {ERR_RANGE, S3_INVALID_PART_NUMBER, "InvalidPartNumber", 0, "The requested partnumber is not satisfiable."},
    {ERR_INVALID, S3_STORAGE_CLASS, "InvalidStorageClass", 0,
     "The storage class you specified is not valid: only STANDARD is served here."},
    {ERR_INVALID, S3_ACL_UNSUPPORTED, "AccessControlListNotSupported", 0,
     "The bucket does not allow ACLs: its owner has full control, and nobody else any."},
    {ERR_INVALID, S3_COPY_TO_ITSELF, "InvalidRequest", 0,
     "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
     "metadata."},
    {ERR_INVALID, S3_MALFORMED_POST, "MalformedPOSTRequest", 0,
     "The body of your POST request is not well-formed multipart/form-data."},
    {ERR_METHOD, S3_METHOD, "MethodNotAllowed", 0, "The specified method is not allowed against this resource."},

    {ERR_NOT_FOUND, S3_NO_POLICY, "NoSuchBucketPolicy", 0, "The bucket policy does not exist"},
    {ERR_NOT_FOUND, S3_NO_LIFECYCLE, "NoSuchLifecycleConfiguration", 0, "The lifecycle configuration does not exist"},
    {ERR_NOT_FOUND, S3_NO_TAGS, "NoSuchTagSet", 0, "The TagSet does not exist"},
    {ERR_NOT_FOUND, S3_NO_OBJECT_LOCK, "ObjectLockConfigurationNotFoundError", 0,
     "Object Lock configuration does not exist for this bucket"},
    {ERR_NOT_FOUND, S3_NO_RETENTION, "NoSuchObjectLockConfiguration", 0,
     "The specified object does not have an ObjectLock configuration"},
    {ERR_NOT_FOUND, S3_NO_ENCRYPTION, "ServerSideEncryptionConfigurationNotFoundError", 0,
     "The server side encryption configuration was not found"},
    {ERR_NOT_FOUND, S3_NO_REPLICATION, "ReplicationConfigurationNotFoundError", 0,
     "The replication configuration was not found"},
    {ERR_NOT_FOUND, S3_NO_CORS, "NoSuchCORSConfiguration", 0, "The CORS configuration does not exist"},
    {ERR_NOT_FOUND, S3_NO_WEBSITE, "NoSuchWebsiteConfiguration", 0,
     "The specified bucket does not have a website configuration"},
    {ERR_NOT_FOUND, S3_NO_OWNERSHIP, "OwnershipControlsNotFoundError", 0,
     "The bucket ownership controls were not found"},
    {ERR_NOT_FOUND, S3_NO_PUBLIC_ACCESS_BLOCK, "NoSuchPublicAccessBlockConfiguration", 0,
     "The public access block configuration was not found"},

    {ERR_NOT_FOUND, OBJECT_NO_BUCKET, "NoSuchBucket", 0, "The specified bucket does not exist"},
    {ERR_NOT_FOUND, OBJECT_NO_KEY, "NoSuchKey", 0, "The specified key does not exist."},
    {ERR_NOT_FOUND, OBJECT_NO_UPLOAD, "NoSuchUpload", 0,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
     "completed."},
    {ERR_INVALID, OBJECT_BUCKET_NAME, "InvalidBucketName", 0, "The specified bucket is not valid."},
    {ERR_CONFLICT, OBJECT_BUCKET_NOT_EMPTY, "BucketNotEmpty", 0,
     "The bucket you tried to delete is not empty"},
    {ERR_EXISTS, OBJECT_BUCKET_EXISTS, "BucketAlreadyOwnedByYou", 0,
     "Your previous request to create the named bucket succeeded and you already own it."},
    {ERR_URI_TOO_LONG, OBJECT_KEY_TOO_LONG, "KeyTooLongError", 400, "Your key is too long"},
    {ERR_INVALID, OBJECT_PART_UNKNOWN, "InvalidPart", 0,
     "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
     "entity tag may not match the part's entity tag."},
    {ERR_INVALID, OBJECT_PART_ORDER, "InvalidPartOrder", 0,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {ERR_INVALID, OBJECT_PART_TOO_SMALL, "EntityTooSmall", 0,
     "Your proposed upload is smaller than the minimum allowed size"},
    {ERR_INVALID, OBJECT_PART_CHECKSUM, "BadDigest", 0, NULL},
    {ERR_PRECONDITION, OBJECT_PRECONDITION, "PreconditionFailed", 0,
     "At least one of the pre-conditions you specified did not hold"},
    {ERR_TOO_LARGE, -1, "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"},
    {ERR_NO_SPACE, -1, "XMinioStorageFull", 0,
     "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed."},
    {ERR_REQUEST_TIMEOUT, -1, "RequestTimeout", 400, NULL},
};

/* A sub of -1 stands for any. */
static const struct row *row_of(enum err_code code, int sub)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].code == code && (rows[i].sub == sub || rows[i].sub == -1))
			return &rows[i];
	return NULL;
}

int s3_fault_at(struct err *err, enum s3_error sub, const char *file, int line)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].sub == (int)sub && rows[i].text) {
			err_set_at(err, rows[i].code, file, line, "%s", rows[i].text);
			return err_sub(err, (int)sub);
		}
	return err_set_at(err, ERR_INTERNAL, file, line, "an error without a row in the table");
}

struct s3_fault_name s3_fault_name(const struct err *err)
{
	const struct err_info *common = err_info(err->code);
	const struct row *row = row_of(err->code, err->sub);
	if (!row)
		return (struct s3_fault_name){common->s3, common->http, err->message};
	return (struct s3_fault_name){row->s3, row->status ? row->status : common->http,
				      row->text ? row->text : err->message};
}

void s3_fail(struct http_exchange *x, const struct err *err)
{
	struct s3_fault_name name = s3_fault_name(err);
	const struct s3_call *c = x->principal->proof;
	if (name.status >= 500 && err->code != ERR_UNSUPPORTED)
		LOG_WARN("s3", "request failed", LOG_S("request", x->request_id), LOG_S("code", name.code),
			 LOG_S("error", err->message), LOG_S("detail", err->detail));
	struct buf *b = s3_document(x);
	if (b) {
		xml_open(b, "Error");
		xml_str(b, "Code", name.code);
		xml_str(b, "Message", name.text);
		if (strcmp(name.text, err->message) != 0)
			xml_str(b, "Detail", err->message);
		if (c && c->bucket.len)
			xml_text(b, "BucketName", c->bucket);
		if (c && c->key.len)
			xml_text(b, "Key", c->key);
		xml_text(b, "Resource", x->path.ptr ? x->path : SLICE_LIT("/"));
		xml_str(b, "RequestId", x->request_id);
		xml_str(b, "HostId", x->request_id);
		xml_close(b, "Error");
	}
	s3_common_headers(x);
	http_reply(x, name.status, "application/xml", b ? buf_view(b) : SLICE_LIT(""));
}
