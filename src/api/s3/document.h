/*
 * The XML documents that requests carry, read into values. What does not fit is MalformedXML (S3_MALFORMED_XML) unless
 * said otherwise; everything lies in the arena, slices borrow the body or the arena.
 */
#ifndef CORACLE_API_S3_DOCUMENT_H
#define CORACLE_API_S3_DOCUMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "store/object.h"

/* DeleteObjects: <Delete><Quiet/><Object><Key/><VersionId/><ETag/></Object>…</Delete>, 1 to 1000 objects. */
enum { S3_DELETE_KEYS_MAX = 1000 };

struct s3_delete_key {
	struct slice key, version, etag; /* key as stored; etag bare; absent ones are empty */
	struct err err;                  /* for the caller: why it stays */
};

struct s3_delete {
	struct s3_delete_key *keys;
	size_t n;
	bool quiet;
};
int s3_delete_parse(struct slice body, struct arena *a, struct s3_delete *out, struct err *err);

/* CompleteMultipartUpload: <Part><PartNumber/><ETag/><ChecksumCRC32/>…</Part>…; order is for the store to judge. */
int s3_complete_parse(struct slice body, struct arena *a, struct upload_pick **picks, size_t *n, struct err *err);

/* CreateBucketConfiguration; an empty body is one, too. ERR_UNSUPPORTED when it asks for a directory bucket. */
int s3_bucket_parse(struct slice body, struct arena *a, struct err *err);

#endif
