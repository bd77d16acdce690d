/*
 * What S3 can be asked, in one table (operation.c): method, what it is asked of, the sub-resource in the query, and the
 * handler. The first row that fits wins; what no row names is MethodNotAllowed.
 *
 * A handler answers and returns 0, or returns -1 with an error.
 */
#ifndef CORACLE_API_S3_OPERATION_H
#define CORACLE_API_S3_OPERATION_H

#include "api/s3/call.h"

enum s3_scope { S3_SERVICE, S3_BUCKET, S3_OBJECT };

struct s3_operation {
	const char *name; /* AWS' */
	unsigned methods; /* of enum http_method; HTTP_GET does not stand for HEAD here */
	enum s3_scope scope;
	const char *query;  /* parameter that must be there, or NULL */
	const char *header; /* the same for a header */
	int (*run)(const struct s3_call *c, struct err *err);
	int absent;           /* of s3_absent: the enum s3_error that says so */
	const char *document; /* of s3_empty_document: its root element */
};

extern const struct s3_operation s3_operations[];
extern const size_t s3_operations_n;

/* The handler of every signed route. */
void s3_dispatch(struct http_exchange *x);

/* bucket.c */
int s3_list_buckets(const struct s3_call *c, struct err *err);
int s3_create_bucket(const struct s3_call *c, struct err *err);
int s3_head_bucket(const struct s3_call *c, struct err *err);
int s3_delete_bucket(const struct s3_call *c, struct err *err);
int s3_bucket_location(const struct s3_call *c, struct err *err);
/* get.c */
int s3_get_object(const struct s3_call *c, struct err *err);
int s3_head_object(const struct s3_call *c, struct err *err);
int s3_object_attributes(const struct s3_call *c, struct err *err);
/* put.c */
int s3_put_object(const struct s3_call *c, struct err *err);
/* post.c */
int s3_post_object(const struct s3_call *c, struct err *err);
/* copy.c */
int s3_copy_object(const struct s3_call *c, struct err *err);
int s3_upload_part_copy(const struct s3_call *c, struct err *err);
/* delete.c */
int s3_delete_object(const struct s3_call *c, struct err *err);
int s3_delete_objects(const struct s3_call *c, struct err *err);
/* list.c */
int s3_list_objects(const struct s3_call *c, struct err *err);
int s3_list_objects_v2(const struct s3_call *c, struct err *err);
int s3_list_versions(const struct s3_call *c, struct err *err);
/* upload.c, upload_list.c */
int s3_create_upload(const struct s3_call *c, struct err *err);
int s3_upload_part(const struct s3_call *c, struct err *err);
int s3_complete_upload(const struct s3_call *c, struct err *err);
int s3_abort_upload(const struct s3_call *c, struct err *err);
int s3_list_parts(const struct s3_call *c, struct err *err);
int s3_list_uploads(const struct s3_call *c, struct err *err);
/* absent.c */
int s3_absent(const struct s3_call *c, struct err *err);
int s3_get_acl(const struct s3_call *c, struct err *err);
int s3_get_object_tags(const struct s3_call *c, struct err *err);
int s3_empty_document(const struct s3_call *c, struct err *err);
int s3_request_payment(const struct s3_call *c, struct err *err);
int s3_not_built(const struct s3_call *c, struct err *err);

#endif
