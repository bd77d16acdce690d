/* What answers have in common: headers, XML documents, times, checksums and ETags as text. */
#ifndef CORACLE_API_S3_REPLY_H
#define CORACLE_API_S3_REPLY_H

#include "api/s3/call.h"
#include "base/buf.h"

#define S3_XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

/* Server, x-amz-request-id and, for a request with an Origin, what browsers want. */
void s3_common_headers(struct http_exchange *x);

/* A document that lives as long as the exchange, with its declaration written; NULL without memory. */
struct buf *s3_document(struct http_exchange *x);
int s3_reply_document(const struct s3_call *c, struct buf *b, struct err *err);
/* No body: 200, 204… */
int s3_reply_empty(const struct s3_call *c, int status);

/* <name>2026-01-02T03:04:05.000Z</name> */
void s3_xml_time(struct buf *b, const char *name, int64_t ms);
void s3_xml_etag(struct buf *b, const char *etag);
/* <name><ID>…</ID><DisplayName>…</DisplayName></name> */
void s3_xml_owner(struct buf *b, const struct s3_api *api, const char *name);
/* Percent-encoded when the request has encoding-type=url. */
void s3_xml_key(struct buf *b, const char *name, struct slice key, bool encode);

void s3_header_etag(struct http_exchange *x, const char *etag);
void s3_header_time(struct http_exchange *x, const char *name, int64_t ms);

/* Query parameter as a number from 0; `otherwise` when absent; cut to `most`. ERR_INVALID when it is no number. */
int s3_query_number(const struct s3_call *c, const char *name, int64_t otherwise, int64_t most, int64_t *out,
		    struct err *err);

#endif
