/*
 * The KServe V1 protocol: GET /v1/models, GET /v1/models/M, POST /v1/models/M:predict, with KServe's texts and codes.
 * One handler set serves the gateway (Host routing, path routing) and `coracle serve`.
 *
 * At the gateway a request belongs to the endpoint of its Host; an unknown host gets 404 with an empty body, as Istio
 * answers. Two kinds of request name no host: /serving/NAMESPACE/NAME/v1/..., and those whose Host is an address (an IP
 * literal, localhost), which go to the only endpoint of the model's name.
 */
#ifndef CORACLE_API_V1_V1_H
#define CORACLE_API_V1_V1_H

#include "net/server.h"
#include "serving/endpoint.h"

struct v1_options {
	struct serving *serving;
	const struct clock *clock; /* NULL: clock_os */
	bool gateway; /* requests are told apart by Host first (KServe); false: by model name only (a model server) */
	const char *token; /* a bearer token that ACCESS_TOKEN routes demand; NULL: none */
};

struct v1_api;

int v1_api_new(const struct v1_options *options, struct v1_api **out, struct err *err);
/* Fills routes, app, authenticate and fail; name, address and TLS are the caller's. */
void v1_api_listener(struct v1_api *api, struct listener *out);
void v1_api_free(struct v1_api *api);

/* The Kubernetes proxy path to a service: answers x as the cluster-local host of `service` would, for `path` (without a
 * leading '/': "v1/models/iris:predict"). Call it from a worker, body complete. -1 (err) when no such service serves
 * models; x is then not answered. */
int v1_proxy(struct v1_api *api, struct http_exchange *x, const char *namespace_, const char *service,
	     struct slice path, struct err *err);

#endif
