/*
 * The Kubernetes API on the wire: HTTPS requests of kubectl and client libraries in, one call of cluster/resource.h
 * each, the answer out in the form that the client asked for (JSON, YAML, protobuf, Table, PartialObjectMetadata).
 *
 * Generic over cluster/kind.h: a kind is served, discovered, described in OpenAPI and printed as a table because it is
 * in the registry; nothing here knows a kind by name except where Kubernetes itself does (pods/log, services/proxy,
 * serviceaccounts/token, the access reviews).
 *
 *   kubernetes_api_new(&options, &api, err); kubernetes_api_listener(api, &listener); listener.address = …;
 *   server_listen(server, &listener, err); … kubernetes_api_free(api) after server_free.
 */
#ifndef CORACLE_API_KUBERNETES_H
#define CORACLE_API_KUBERNETES_H

#include "base/clock.h"
#include "base/random.h"
#include "net/server.h"

struct cluster;  /* cluster/resource.h */
struct identity; /* cluster/identity.h */

/*
 * /api/v1/namespaces/NS/services/[SCHEME:]NAME[:PORT]/proxy/PATH and the same of pods. The hook answers the exchange
 * (http_reply…) and returns 0, or fails and the API answers the error as a Status. Runs on a worker.
 */
struct kubernetes_proxy_target {
	const char *namespace_, *name;
	const char *port;   /* "" when none was given; a number or a port's name */
	bool pod;           /* a Pod's name, not a Service's */
	struct slice path;  /* "/v1/models/x:predict", percent-encoded as sent, begins with '/' */
	struct slice query; /* without '?' */
};

struct kubernetes_options {
	struct cluster *cluster;         /* borrowed, outlives the api */
	const struct identity *identity; /* borrowed; who a token or client certificate is, and signs tokens */
	const struct clock *clock;
	const struct random *random;
	const char *git_version; /* of /version; NULL: "v1.34.0+coracle-<version>" */
	const char *logs_dir;    /* root of cluster/podlog.h; copied */
	int (*proxy)(void *arg, struct http_exchange *x, const struct kubernetes_proxy_target *target, struct err *err);
	void *proxy_arg;
	/* With rbac: may this principal do that? NULL: every authenticated principal may do everything. */
	bool (*authorize)(void *arg, const struct principal *who, const char *verb, const char *group,
			  const char *resource, const char *namespace_, const char *name);
	void *authorize_arg;
};

struct kubernetes_api;

int kubernetes_api_new(const struct kubernetes_options *options, struct kubernetes_api **out, struct err *err);
/* Fills routes, app, authenticate, fail, tls_only and ask_client_certificate; name, address and tls are the caller's.
 */
void kubernetes_api_listener(struct kubernetes_api *api, struct listener *out);
/* Ends watches and followed logs, so that server_drain need not wait for them: call it first. New ones are refused. */
void kubernetes_api_drain(struct kubernetes_api *api);
/* After the server is gone. NULL is nothing. */
void kubernetes_api_free(struct kubernetes_api *api);

#endif
