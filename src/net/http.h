/*
 * One HTTP exchange as handlers see it: the request that came and the answer that goes, whatever carries them
 * (HTTP/1.1 today, HTTP/2 on the same face later, TLS or not).
 *
 * A route says how its handler runs:
 *
 * ROUTE_INLINE  on the loop thread, body complete in `body`. Must not block, must answer before it returns or call
 *               http_offload. The hot path: no queue, no thread hop, no allocation.
 * ROUTE_WORKER  on a worker thread, as straight-line blocking C. A body up to limits.http_buffered_body_bytes is
 *               complete in `body` before a worker is taken; a longer or a chunked one is pulled with http_body_read,
 *               which blocks, with backpressure and a least-rate deadline. http_body_read works in both cases.
 *
 * Answers, one of:
 * - http_reply(x, status, type, body): whole, `body` borrowed until sent when it lies in the exchange's arena or is
 *   static, else copied (http_reply_copy)
 * - http_reply_begin, then http_reply_write…, http_reply_end: streamed from a worker, blocking with backpressure
 * - http_reply_detach: becomes a `struct http_stream` that other threads feed; it holds no thread (watches, log -f)
 * Headers are added with http_header before any of them. Content-Length, Transfer-Encoding, Date, Connection,
 * x-request-id and the gzip of an answer (when the client accepts it and the route allows it) are net's business.
 *
 * Everything an exchange points to lives until the answer is complete; nothing in it may be kept longer.
 */
#ifndef CORACLE_NET_HTTP_H
#define CORACLE_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum http_method {
	HTTP_METHOD_OTHER = 0,
	HTTP_GET = 1 << 0,
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3,
	HTTP_DELETE = 1 << 4,
	HTTP_PATCH = 1 << 5,
	HTTP_OPTIONS = 1 << 6,
	HTTP_ANY = (1 << 7) - 1,
};

struct http_field {
	struct slice name, value; /* name as sent; look-ups ignore case */
};

/* Who asks, set by the listener's authenticate function; lives in the exchange's arena. */
struct principal {
	struct slice name; /* user, access key or service account; "system:anonymous" for nobody */
	struct slice uid;
	const struct slice *groups;
	size_t groups_n;
	bool anonymous;
	const void *proof; /* protocol's own: what S3 verified, for instance */
};

enum { HTTP_PARAMS_MAX = 8, HTTP_REQUEST_ID_CHARS = 16 };

struct http_param {
	struct slice name, value; /* value still percent-encoded, as it stood in the path */
};

struct route;
struct http_stream;
struct http_conn; /* net's own */

struct http_exchange {
	/* the request */
	enum http_method method;
	struct slice method_name;
	struct slice target; /* as sent, for signatures */
	struct slice path;   /* of target, percent-encoded as sent */
	struct slice query;  /* of target, after '?', as sent */
	bool has_query;
	struct slice host; /* Host field as sent, port and all */
	const struct http_field *fields;
	size_t fields_n;
	struct slice body;	/* when complete before the handler ran */
	int64_t content_length; /* as announced, before content decoding; -1 when chunked; 0 when none */
	bool body_complete;
	bool tls;
	struct slice peer;		/* "127.0.0.1:51344" */
	struct slice peer_certificate;	/* DER of a verified client certificate, or empty */
	const char *request_id;		/* HTTP_REQUEST_ID_CHARS hex digits */
	int64_t started_mono_ns;

	/* routing */
	const struct route *route;
	struct http_param params[HTTP_PARAMS_MAX];
	size_t params_n;
	const struct principal *principal; /* never NULL in a handler */
	void *app;			   /* of the listener */
	void *state;			   /* a handler's own, across http_offload */
	struct arena *arena;

	struct http_conn *conn; /* net's own */
};

/* First field of that name, or {NULL, 0}. */
struct slice http_field(const struct http_exchange *x, const char *name);
bool http_has_field(const struct http_exchange *x, const char *name);
/* Value of a {name} in the route's pattern, still encoded; {NULL, 0} when there is none. */
struct slice http_param(const struct http_exchange *x, const char *name);
/* Value of a query parameter, percent-decoded into the arena ('+' is a space); {NULL, 0} when absent, ptr not NULL
 * and len 0 when empty. */
struct slice http_query(struct http_exchange *x, const char *name);

/* Blocks (workers only). *n 0 is the end. Content-Encoding gzip and deflate are decoded unless the route is raw.
 * ERR_MALFORMED for a broken or short body, ERR_TOO_LARGE over the route's body_max, ERR_REQUEST_TIMEOUT when slow. */
int http_body_read(struct http_exchange *x, void *out, size_t out_bytes, size_t *n, struct err *err);
/* The whole body into the arena, at most bytes_max. */
int http_body_all(struct http_exchange *x, size_t bytes_max, struct slice *out, struct err *err);

void http_header(struct http_exchange *x, const char *name, struct slice value);
void http_header_str(struct http_exchange *x, const char *name, const char *value);
void http_header_fmt(struct http_exchange *x, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* `type` NULL for no Content-Type. For HEAD the body's length is announced and the body left out. */
void http_reply(struct http_exchange *x, int status, const char *type, struct slice body);
void http_reply_copy(struct http_exchange *x, int status, const char *type, struct slice body);

/* length -1: not known, chunked. Workers only. -1: header fields without memory, nothing was begun. A failed write means the
 * client is gone: stop and return. */
int http_reply_begin(struct http_exchange *x, int status, const char *type, int64_t length, struct err *err);
int http_reply_write(struct http_exchange *x, const void *p, size_t n, struct err *err);
int http_reply_end(struct http_exchange *x, struct err *err);
/* Ends the connection without the rest: for an error in the middle of a body, so that it never looks complete. */
void http_reply_abort(struct http_exchange *x);
/* Has an answer been started? */
bool http_replied(const struct http_exchange *x);

/* From an inline handler: run `fn` on the compute pool instead, or after the handler has returned when it runs there
 * already (a compressed body). The exchange stays valid. */
void http_offload(struct http_exchange *x, void (*fn)(struct http_exchange *));

/*
 * A detached answer. Made by a handler; afterwards the handler returns and the exchange is gone. The stream is
 * reference counted: one reference is the caller's. Calls below work from any thread and never block.
 * on_close runs once, on the loop thread, when the client leaves or the stream was ended and sent.
 */
struct http_stream *http_reply_detach(struct http_exchange *x, int status, const char *type,
				      void (*on_close)(void *arg), void *arg);
/* Copies. -1 when the stream is closed or its client lets more than bytes_max (net's limit) pile up: it is then
 * closed. */
int http_stream_write(struct http_stream *s, const void *p, size_t n);
void http_stream_end(struct http_stream *s);
void http_stream_unref(struct http_stream *s);

#endif
