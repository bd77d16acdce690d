/*
 * The head of an HTTP/1 request, strictly by RFC 9110 and 9112: what two parsers may read differently is refused.
 *
 * Refused with 400: bare CR or LF, folded lines, white space before the colon, control characters, no or more than
 * one Host, more than one Content-Length (equal ones too), anything but digits in it, Transfer-Encoding beside
 * Content-Length or in HTTP/1.0 or twice; with 501: a Transfer-Encoding other than `chunked`. After a refusal the
 * connection must be closed: nothing that follows can be trusted.
 *
 * Nothing is copied: slices point into the text that was given.
 */
#ifndef CORACLE_NET_HTTP1_HEAD_H
#define CORACLE_NET_HTTP1_HEAD_H

#include "base/err.h"
#include "net/http.h"

struct http1_head {
	enum http_method method;
	struct slice method_name, target, path, query, host;
	struct slice content_encoding; /* {NULL, 0} when not sent */
	struct slice accept_encoding;
	bool has_query;
	bool http_1_0;
	bool chunked;
	bool keep_alive;      /* what the version and Connection say */
	bool expect_continue; /* Expect: 100-continue */
	int64_t content_length; /* -1 when not sent */
	size_t fields_n;
};

/* Looks for the end of a head in p[0..n), going on from *scanned (0 at first). 1: *end is its length; 0: more is
 * needed; -1: a line that does not end in CRLF, or a first byte that begins no request. */
int http1_head_end(const char *p, size_t n, size_t *scanned, size_t *end);

/* `text` is a whole head, empty line and all. ERR_MALFORMED, ERR_URI_TOO_LONG, ERR_HEADERS_TOO_LARGE, ERR_VERSION,
 * ERR_UNSUPPORTED. */
int http1_head_parse(struct slice text, struct http_field *fields, size_t fields_max, struct http1_head *out,
		     struct err *err);

bool http1_is_token(struct slice s);
bool http1_is_value(struct slice s);
/* Is `token` in a comma-separated list? Case ignored, parameters (;q=…) cut off. */
bool http1_list_has(struct slice list, const char *token);
/* Does an Accept-Encoding field allow `coding` (present and not q=0)? */
bool http1_accepts(struct slice accept_encoding, const char *coding);

#endif
