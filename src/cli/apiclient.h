/*
 * The running server's Kubernetes API, as the commands apply, get, describe, delete, logs and wait see it: the address
 * from DIR/run/endpoints.json, the authority and the admin token from DIR/pki. For machines without kubectl.
 */
#ifndef CORACLE_CLI_APICLIENT_H
#define CORACLE_CLI_APICLIENT_H

#include <jansson.h>

#include "base/arena.h"
#include "cli/datadir.h"
#include "cli/options.h"

enum { ANSWER_BYTES_MAX = 256 << 20, MANIFEST_BYTES_MAX = 64 << 20 };

struct apiclient {
	struct datadir data;
	char server[256]; /* "https://127.0.0.1:6443" */
	char token[4096];
	struct arena arena; /* of everything asked in this command */
	json_t *kinds;	    /* discovery, read when first needed */
};

/* A kind as discovery tells it; strings live as long as the client. */
struct api_kind {
	const char *group, *version, *plural, *kind;
	bool namespaced;
};

/* Returns an exit code: EXIT_OK, EXIT_NOT_RUNNING, EXIT_FAILED; errors are printed with the command's name. */
int apiclient_open(struct apiclient *c, const char *command, const struct options *o);
void apiclient_close(struct apiclient *c);

struct api_request {
	const char *method; /* NULL: GET */
	const char *path;   /* with query */
	const char *accept, *content_type;
	struct slice body;
	/* Streamed answers (logs -f): called with each piece. */
	int (*write)(void *arg, const void *p, size_t n);
	void *arg;
};

/* The answer's body (new reference) when the status is below 400, else an error with the Status' message. */
int apiclient_json(struct apiclient *c, const struct api_request *r, json_t **out, struct err *err);
/* For bodies that are not JSON. */
int apiclient_stream(struct apiclient *c, const struct api_request *r, struct err *err);

/* By plural, singular, short name, kind or plural.group, any case. */
int apiclient_kind(struct apiclient *c, const char *name, struct api_kind *out, struct err *err);
/* By what a manifest says. */
int apiclient_kind_of(struct apiclient *c, const json_t *object, struct api_kind *out, struct err *err);

/* "/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME" in the client's arena; ns and name may be NULL. */
const char *apiclient_path(struct apiclient *c, const struct api_kind *k, const char *ns, const char *name);

/* "deployment.apps", as kubectl calls one object of a kind; in the client's arena. */
const char *apiclient_label(struct apiclient *c, const struct api_kind *k);

/* Percent-encoded for a path or query, in the client's arena. */
const char *apiclient_encoded(struct apiclient *c, const char *text);

/* Splits "KIND/NAME" or takes the next operand as the name. */
int apiclient_target(struct apiclient *c, const struct options *o, struct api_kind *kind, const char **name,
		     struct err *err);

/* Documents of every -f FILE ("-" is standard input), kind List unfolded; JSON array, new reference. */
int manifests_read(const struct options *o, json_t **out, struct err *err);

#endif
