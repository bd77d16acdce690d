/*
 * The storage initializer: what a storageUri names, brought into a folder as /mnt/models would hold it.
 *
 *   s3://BUCKET[/PREFIX]        every object at or below PREFIX, named relative to it; one object: its base name
 *   pvc://CLAIM[/PATH]          a folder or file of the claim's volume
 *   file:///PATH                only below the folders named in the configuration, following no link
 *   http[s]://HOST/PATH         one file
 *   archives (.tar .tar.gz .tgz .zip), where the URI names one, are unpacked
 *
 * - Everything goes to a new folder beside the target and is renamed when it is complete and synced, so a target that
 *   exists is whole. Names that would leave it, links and devices are refused. Total size: limits.model_file_bytes,
 *   entries: limits.archive_entries.
 * - Link-local and metadata addresses are refused always, loopback and private ones with `refuse_private` (not for our
 *   own S3, which is read without a socket).
 * - S3 at an endpoint that is our own listener is read from the object store directly, after the keys given were found
 *   to be ours: what S3 would answer to wrong ones is the error.
 * Source: KServe's storage initializer (python/storage) and its credential builder (pkg/credentials).
 */
#ifndef CORACLE_CONTROL_FETCH_H
#define CORACLE_CONTROL_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

struct object_store;

/* How to speak to S3. Empty strings: not given. */
struct fetch_s3 {
	const char *endpoint; /* "minio-service.tenant-tiny:9000", with or without scheme; "": our own */
	const char *region;   /* "": "us-east-1" */
	const char *access_key, *secret_key, *session_token;
	bool https, verify, anonymous, virtual_host;
	const char *ca_file; /* "": the system's */
};

/* Where a name of a URI leads. */
enum fetch_route_kind {
	FETCH_DIRECT,  /* by the system's resolver */
	FETCH_OWN_S3,  /* our own S3 listener */
	FETCH_CONNECT, /* another address: `connect_to` */
};

struct fetch_route {
	enum fetch_route_kind kind;
	char connect_to[280]; /* "HOST:PORT" */
	char why[320];        /* one sentence for an Event, "" when there is nothing to say */
};

struct fetch_options {
	struct object_store *objects; /* NULL: none */
	const char *s3_access_key, *s3_secret_key;
	const char *const *file_roots;
	size_t file_roots_n;
	bool refuse_private;
	const struct clock *clock;
	/* Where "HOST:PORT" leads (default port filled in). NULL: FETCH_DIRECT for all. */
	void (*route)(void *arg, const char *host_port, struct fetch_route *out);
	void *route_arg;
	/* Asked between pieces, and once a second while another host lets us wait: -1, with err set, gives up. idle_ms: for
	 * how long next to nothing has come (net/client.h). NULL: never. */
	int (*check)(void *arg, int64_t idle_ms, struct err *err);
	void *check_arg;
	/* One line of what was done, as the storage initializer logs. NULL: none. */
	void (*log)(void *arg, const char *line);
	void *log_arg;
};

struct fetch_request {
	const char *uri;
	const struct fetch_s3 *s3;  /* NULL: no credentials */
	const char *volume_dir;     /* of pvc://: the claim's folder; NULL: the claim is not there */
	const char *const *headers; /* of http(s): "Name: value" */
	size_t headers_n;
	const char *target; /* folder that is to hold the files; its parent is made */
};

struct fetch_result {
	int64_t bytes;
	int64_t files;
};

/* The scheme of a URI, in lower case; ERR_INVALID without one, ERR_UNSUPPORTED for one we do not read (the message
 * names those we do). `out` has room for 16. */
int fetch_scheme(const char *uri, char *out, struct err *err);
/* Claim and path of pvc://; borrowed from `uri`. */
int fetch_claim(const char *uri, struct slice *claim, struct slice *path, struct err *err);

/* Blocks. ERR_NOT_FOUND, ERR_FORBIDDEN (keys, address, file root), ERR_INVALID (URI), ERR_UNSUPPORTED, ERR_TOO_LARGE,
 * ERR_CORRUPT (an archive), ERR_UNAVAILABLE, ERR_DEADLINE, ERR_NO_SPACE, or what `check` set. A target that exists is
 * replaced when the fetch was complete, and untouched otherwise. */
int fetch_uri(const struct fetch_options *options, const struct fetch_request *request, struct fetch_result *out,
	      struct err *err);

#endif
