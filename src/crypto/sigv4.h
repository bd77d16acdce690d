/*
 * AWS Signature Version 4 (headers, presigned URLs, chunks of streamed bodies) and the presigned form of Version 2:
 * checking them as a server, and signing as a client.
 *
 * Spec: "AWS Signature Version 4 for API requests" and "Authenticating Requests (S3)". Paths and queries come as sent;
 * S3's rule is used: decoded and encoded once, '/' kept, nothing normalised.
 *
 * Errors carry err.sub (enum sigv4_error) beside the code.
 */
#ifndef CORACLE_CRYPTO_SIGV4_H
#define CORACLE_CRYPTO_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum { SIGV4_KEY_BYTES = 32, SIGV4_HEX_CHARS = 64, SIGV4_SKEW_S = 900, SIGV4_EXPIRES_MAX_S = 604800 };

enum sigv4_error {
	SIGV4_OTHER = 0,
	SIGV4_HEADER_MALFORMED, /* ERR_MALFORMED: AuthorizationHeaderMalformed */
	SIGV4_QUERY_MALFORMED,	/* ERR_MALFORMED: AuthorizationQueryParametersError */
	SIGV4_DATE,		/* ERR_FORBIDDEN: no valid Date or x-amz-date */
	SIGV4_SKEWED,		/* ERR_FORBIDDEN: RequestTimeTooSkewed */
	SIGV4_EXPIRED,		/* ERR_FORBIDDEN: AccessDenied, "Request has expired" */
	SIGV4_HEADERS_NOT_SIGNED, /* ERR_FORBIDDEN: AccessDenied */
	SIGV4_MISMATCH,		/* ERR_FORBIDDEN: SignatureDoesNotMatch */
	SIGV4_ALGORITHM,	/* ERR_UNSUPPORTED: another algorithm, such as SigV4A */
};

struct sigv4_field {
	struct slice name, value;
};

struct sigv4_request {
	struct slice method, path, query; /* query without '?' */
	const struct sigv4_field *fields; /* Host among them */
	size_t fields_n;
};

enum sigv4_kind { SIGV4_NONE, SIGV4_HEADER, SIGV4_PRESIGNED, SIGV2_PRESIGNED };

/* What a request says of itself; slices borrow the request or the arena. */
struct sigv4_claim {
	enum sigv4_kind kind;
	struct slice access_key;
	struct slice date, region, service; /* of the credential scope; date is YYYYMMDD */
	struct slice signed_headers;	    /* "host;x-amz-date", as sent */
	struct slice signature;
	struct slice amz_date; /* YYYYMMDDTHHMMSSZ */
	int64_t signed_ns;
	int64_t expires_s; /* presigned; for version 2 seconds since 1970 */
	struct slice payload; /* x-amz-content-sha256, or UNSIGNED-PAYLOAD for presigned ones without it */
};

/* kind SIGV4_NONE when the request carries no signature. */
int sigv4_parse(const struct sigv4_request *r, struct arena *a, struct sigv4_claim *out, struct err *err);

/* Access key and scope of "AKIA…/20260102/us-east-1/s3/aws4_request" into *out; false when it is not that. */
bool sigv4_credential_parse(struct slice credential, struct sigv4_claim *out);

/* A derived key, and what it is for: kept between requests it saves four HMACs. Zeroed is empty. */
struct sigv4_key {
	char date[9], region[64], service[32];
	uint8_t bytes[SIGV4_KEY_BYTES];
};
void sigv4_key_derive(struct slice secret, struct slice date, struct slice region, struct slice service,
		      uint8_t out[SIGV4_KEY_BYTES]);

/* Does the signature hold, now? `key` (may be NULL) is used when it fits, else filled; it belongs to one secret. */
int sigv4_check(const struct sigv4_request *r, const struct sigv4_claim *claim, struct slice secret, int64_t now_ns,
		struct sigv4_key *key, struct arena *a, struct err *err);

/* The chain of chunk signatures of STREAMING-AWS4-HMAC-SHA256-PAYLOAD[-TRAILER]; starts at the request's own. */
struct sigv4_chain {
	uint8_t key[SIGV4_KEY_BYTES];
	char amz_date[17], scope[160];
	char previous[SIGV4_HEX_CHARS + 1];
};
void sigv4_chain_start(struct sigv4_chain *c, const struct sigv4_claim *claim, struct slice secret);
/* sha256 of the chunk's bytes, or of the trailer's canonical lines ("name:value\n"…). Constant time; a signature that
 * holds becomes the previous one. */
bool sigv4_chain_chunk(struct sigv4_chain *c, const uint8_t sha256[32], struct slice signature);
bool sigv4_chain_trailer(struct sigv4_chain *c, const uint8_t sha256[32], struct slice signature);

/* Client side: the Authorization value for a request whose fields hold host, x-amz-date and x-amz-content-sha256; all
 * fields given are signed. In the arena. */
struct slice sigv4_authorization(const struct sigv4_request *r, struct slice access_key, struct slice secret,
				 struct slice region, struct slice service, struct slice amz_date, struct slice payload,
				 struct arena *a);

#endif
