/*
 * The HTTP client: one blocking request, streamed both ways, for fetchers, webhooks and remote clusters. libcurl does
 * the work; it is opened (dlopen) at the first request, because it brings thirty libraries that an idle server does
 * without. Call it from workers only: it blocks, in an announced wait (base/waiting.h).
 *
 * Address policy: the address a connection is about to be made to decides, not the name, and again for every redirect
 * hop: link-local (169.254/16, fe80::/10) and cloud metadata addresses, multicast and "any" are always refused;
 * loopback and private ones only when the request does not allow them. Schemes: http and https only. Credentials of a
 * request do not follow a redirect to another host. No proxy from the environment, no netrc.
 */
#ifndef CORACLE_NET_CLIENT_H
#define CORACLE_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "net/http.h"

enum client_addresses {
	CLIENT_ALLOW_LOOPBACK = 1 << 0,
	CLIENT_ALLOW_PRIVATE = 1 << 1, /* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7 */
};

struct client_request {
	const char *method; /* NULL: GET */
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t headers_n;
	struct slice body;
	/* Instead of `body`: up to n bytes into p, 0 at the end, -1 fails the request. body_bytes -1: chunked. */
	ssize_t (*read)(void *arg, void *p, size_t n);
	void *read_arg;
	int64_t body_bytes;

	unsigned addresses;	/* of enum client_addresses */
	const char *connect_to; /* "HOST:PORT" to connect to instead of the URL's; Host and TLS name stay the URL's;
				 * no redirect is followed then */
	const char *ca_file;	/* NULL: the system's */
	const char *certificate_file, *key_file; /* client certificate, PEM */
	bool insecure;		/* do not verify the server */
	int redirects_max;	/* 0: a redirect is the answer */
	int64_t deadline_ms;	/* for the whole; 0: none, then a transfer below 1 KiB/s over 30 s fails */
	int64_t connect_ms;	/* 0: 10 s */
	/* Asked while the answer comes, at least once a second also when nothing does: -1, with err set, gives the
	 * request up. idle_ms: for how long less than 16 KiB have come. NULL: never. */
	int (*check)(void *arg, int64_t idle_ms, struct err *err);
	void *check_arg;

	/* Where the body of the answer goes, one of: `write` (0 goes on, -1 ends with ERR_CANCELLED), `fd`, or, with
	 * neither, `response.body` in `arena`. Error answers (status >= 400) always go to response.body, cut off at
	 * 64 KiB. bytes_max 0: 1 MiB into the arena, no limit else; more is ERR_TOO_LARGE. */
	int (*write)(void *arg, const void *p, size_t n);
	void *write_arg;
	bool to_fd;
	int fd;
	int64_t bytes_max;
	struct arena *arena; /* never NULL: headers, and the body where said */
};

struct client_response {
	int status;
	struct http_field *fields; /* of the last hop */
	size_t fields_n;
	int64_t bytes; /* of body received */
	struct slice body;
};

/* 0 when an answer came, whatever its status. ERR_FORBIDDEN: the address policy, naming address and host;
 * ERR_UNAVAILABLE: no connection or broken off; ERR_DEADLINE; ERR_TOO_LARGE; ERR_INVALID: the URL; ERR_UNSUPPORTED:
 * libcurl is not installed. */
int client_fetch(const struct client_request *request, struct client_response *response, struct err *err);

/* First field of that name, or {NULL, 0}. */
struct slice client_field(const struct client_response *response, const char *name);

/* NULL when the policy lets `a` through, else what it is ("link-local address"). */
const char *client_address_refused(const struct sockaddr *a, unsigned addresses);

#endif
