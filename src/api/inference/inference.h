/*
 * The inference listener: what the protocols on it share. Each protocol (v1/, v2/) brings a table of routes; here are
 * whom a request is for, the token, errors as {"error": text}, and the steps of a prediction: decode, run, encode,
 * timed, on the loop or, when they would hold up other connections, on the compute pool.
 *
 * At the gateway a request belongs to the endpoint of its Host; an unknown host gets 404 with an empty body, as Istio
 * answers. Two kinds of request name no host: /serving/NAMESPACE/NAME/..., and those whose Host is an address (an IP
 * literal, localhost), which go to the only endpoint of the model's name.
 */
#ifndef CORACLE_API_INFERENCE_INFERENCE_H
#define CORACLE_API_INFERENCE_INFERENCE_H

#include "net/server.h"
#include "serving/endpoint.h"

struct inference_options {
	struct serving *serving;
	const struct clock *clock; /* NULL: clock_os */
	bool gateway; /* requests are told apart by Host first (KServe); false: by model name only (a model server) */
	const char *token; /* a bearer token that ACCESS_TOKEN routes demand; NULL: none */
};

struct inference_api;

int inference_api_new(const struct inference_options *options, struct inference_api **out, struct err *err);
/* Fills routes, app, authenticate and fail; name, address and TLS are the caller's. */
void inference_api_listener(struct inference_api *api, struct listener *out);
void inference_api_free(struct inference_api *api);

/* The Kubernetes proxy path to a service: answers x as the cluster-local host of `service` would, for `path` (without a
 * leading '/': "v1/models/iris:predict"). Call it from a worker, body complete. -1 (err) when no such service serves
 * models; x is then not answered. */
int inference_proxy(struct inference_api *api, struct http_exchange *x, const char *namespace_, const char *service,
		    struct slice path, struct err *err);

/* --- for the protocols --- */

extern const char inference_json_type[];

/* A row with this is given limits.inference_body_bytes. */
enum { INFERENCE_BODY = -1 };

/* Routes have no parameter, {model} and perhaps {version}; or {namespace} and {service} before them, under the prefix
 * "/serving/{namespace}/{service}". {version} is a revision's name. {model} missing: who->name is the service's, or
 * empty. */
#define INFERENCE_PREFIX "/serving/{namespace}/{service}"
int inference_address(struct http_exchange *x, struct serving_address *who, struct err *err);

/* Finds and holds, or answers the error and returns NULL. */
struct revision *inference_hold(struct http_exchange *x);
struct serving *inference_serving(const struct http_exchange *x);
void inference_error(struct http_exchange *x, const struct err *err);

/* {"error":"…"} in the arena; a fixed text when the arena is full. */
struct slice inference_error_text(struct arena *a, const char *message);

/* One prediction. A protocol embeds it as the first member of its own call; all of it lies in the exchange's arena. */
struct inference_call {
	const struct inference_protocol *protocol;
	struct inference_api *api;
	struct revision *revision; /* held until the answer is encoded */
	int64_t rows;              /* set by decode: for the cost */
	int64_t decoded_ns;
	struct slice answer; /* set by encode */
	const char *type;    /* of the answer; JSON unless encode says otherwise */
};

struct inference_protocol {
	size_t call_bytes;
	int (*decode)(struct inference_call *c, struct http_exchange *x, struct err *err);
	int (*run)(struct inference_call *c, struct http_exchange *x, struct err *err);
	int (*encode)(struct inference_call *c, struct http_exchange *x, struct err *err);
};

/* Answers x: the whole handler of a prediction. */
void inference_predict(struct http_exchange *x, const struct inference_protocol *protocol);

#endif
