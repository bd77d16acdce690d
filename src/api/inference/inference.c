/*
 * The inference listener: see inference.h. A prediction runs where it is: on the loop, with no queue and no lock, when
 * body and plan are small; what would hold up other connections goes to the compute pool.
 */
#include "api/inference/inference.h"

#include <stdlib.h>

#include "api/tensor/write.h"
#include "api/v1/v1.h"
#include "api/v2/v2.h"
#include "base/check.h"
#include "base/limits.h"
#include "codec/url.h"
#include "crypto/hash.h"
#include "monitor/monitor.h"
#include "net/route.h"
#include "serving/host.h"

enum {
	LOOP_BUDGET_NS = 1000000,    /* a plan estimated above this leaves the loop */
	LOOP_BODY_BYTES = 256 << 10, /* so does reading a larger body */
};

const char inference_json_type[] = "application/json";

struct inference_api {
	struct inference_options options;
	const struct clock *clock;
	struct slice token;
	struct route *routes;
	size_t routes_n;
	bool on_worker;                /* requests come on a thread that may compute: nothing is offloaded */
	struct inference_api *proxied; /* the face of the Kubernetes proxy path: gateway, on_worker; same serving */
};

/* ---- answers ---- */

struct slice inference_error_text(struct arena *a, const char *message)
{
	struct json_text t;
	json_text_init(&t, a);
	json_text_add(&t, SLICE_LIT("{\"error\":"));
	json_text_string(&t, slice_str(message));
	json_text_add(&t, SLICE_LIT("}"));
	return t.failed ? SLICE_LIT("{\"error\":\"no memory\"}") : json_text_view(&t);
}

void inference_error(struct http_exchange *x, const struct err *err)
{
	/* An unknown host at the gateway: nothing of ours speaks, as at Istio's. */
	if (err->code == ERR_NOT_FOUND && err->sub == SERVING_NO_HOST) {
		http_reply(x, 404, NULL, SLICE_LIT(""));
		return;
	}
	if (err->code == ERR_UNAUTHENTICATED)
		http_header_str(x, "WWW-Authenticate", "Bearer");
	http_reply(x, err_info(err->code)->http, inference_json_type, inference_error_text(x->arena, err->message));
}

static void fail(struct http_exchange *x, const struct err *err)
{
	/* FastAPI's words for what has no route, which clients match. */
	struct err plain;
	if (err->code != ERR_METHOD && (err->code != ERR_NOT_FOUND || x->route)) {
		inference_error(x, err);
		return;
	}
	err_clear(&plain);
	err_set(&plain, err->code, err->code == ERR_METHOD ? "Method Not Allowed" : "Not Found");
	inference_error(x, &plain);
}

static int authenticate(struct http_exchange *x, enum route_access access, struct err *err)
{
	const struct inference_api *api = x->app;
	if (access == ACCESS_PUBLIC || !api->token.ptr)
		return 0;
	struct slice value = http_field(x, "authorization"), token = slice_trim(slice_from(value, 7));
	if (!slice_is_nocase(slice_sub(value, 0, 7), "bearer ") || token.len != api->token.len ||
	    !secret_eq(token.ptr, api->token.ptr, token.len))
		return err_set(err, ERR_UNAUTHENTICATED, "a bearer token is needed here");
	return 0;
}

/* ---- whom a request is for ---- */

static int decoded(struct http_exchange *x, struct slice s, struct slice *out, struct err *err)
{
	if (!s.len || !memchr(s.ptr, '%', s.len)) {
		*out = s;
		return 0;
	}
	return url_decode(s, x->arena, out) ? 0 : err_set(err, ERR_MALFORMED, "a broken escape in the path");
}

static bool has_prefix(const struct http_exchange *x)
{
	return x->params_n && slice_is(x->params[0].name, "namespace");
}

int inference_address(struct http_exchange *x, struct serving_address *who, struct err *err)
{
	const struct inference_api *api = x->app;
	const struct http_param *p = x->params;
	*who = (struct serving_address){0};
	if (!has_prefix(x)) {
		if ((x->params_n > 0 && decoded(x, p[0].value, &who->name, err) < 0) ||
		    (x->params_n > 1 && decoded(x, p[1].value, &who->version, err) < 0))
			return -1;
		if (api->options.gateway && !host_is_address(x->host))
			who->host = x->host;
		return 0;
	}
	struct slice service, model = {0};
	if (decoded(x, p[0].value, &who->namespace_, err) < 0 || decoded(x, p[1].value, &service, err) < 0 ||
	    (x->params_n > 2 && decoded(x, p[2].value, &model, err) < 0) ||
	    (x->params_n > 3 && decoded(x, p[3].value, &who->version, err) < 0))
		return -1;
	if (x->params_n > 2 && !slice_eq(model, service)) { /* the model has the service's name */
		err_set(err, ERR_NOT_FOUND, "Model with name %.*s does not exist.",
			SLICE_ARG(slice_sub(model, 0, 256)));
		return err_sub(err, SERVING_NO_MODEL);
	}
	who->name = service;
	return 0;
}

struct serving *inference_serving(const struct http_exchange *x)
{
	return ((const struct inference_api *)x->app)->options.serving;
}

struct revision *inference_hold(struct http_exchange *x)
{
	struct serving_address who;
	struct revision *r;
	struct err err;
	err_clear(&err);
	if (inference_address(x, &who, &err) == 0 && serving_hold(inference_serving(x), &who, &r, &err) == 0)
		return r;
	inference_error(x, &err);
	return NULL;
}

/* ---- prediction ---- */

static int64_t now(const struct inference_call *c)
{
	return clock_mono_ns(c->api->clock);
}

static void finish(struct http_exchange *x, struct inference_call *c, int rc, const struct err *err)
{
	revision_release(c->revision);
	if (rc < 0)
		inference_error(x, err);
	else
		http_reply(x, 200, c->type, c->answer);
}

static void run(struct http_exchange *x)
{
	struct inference_call *c = x->state;
	struct err err;
	err_clear(&err);
	int rc = c->protocol->run(c, x, &err);
	int64_t ran = now(c);
	metric_observe_ns(revision_seconds(c->revision, SERVING_PREDICT), ran - c->decoded_ns);
	if (rc == 0) {
		rc = c->protocol->encode(c, x, &err);
		metric_observe_ns(revision_seconds(c->revision, SERVING_POSTPROCESS), now(c) - ran);
	}
	finish(x, c, rc, &err);
}

static void decode(struct http_exchange *x, bool may_leave)
{
	struct inference_call *c = x->state;
	struct err err;
	int64_t began = now(c), cost;
	err_clear(&err);
	int rc = c->protocol->decode(c, x, &err);
	c->decoded_ns = now(c);
	metric_observe_ns(revision_seconds(c->revision, SERVING_PREPROCESS), c->decoded_ns - began);
	if (rc < 0) {
		finish(x, c, rc, &err);
		return;
	}
	bool heavy = ckd_mul(&cost, c->rows, model_cost_ns(revision_model(c->revision))) || cost > LOOP_BUDGET_NS;
	if (heavy && may_leave)
		http_offload(x, run);
	else
		run(x);
}

static void decode_away(struct http_exchange *x)
{
	decode(x, false);
}

void inference_predict(struct http_exchange *x, const struct inference_protocol *protocol)
{
	struct inference_call *c = arena_alloc(x->arena, protocol->call_bytes);
	struct err err;
	if (!c) {
		err_clear(&err);
		err_set(&err, ERR_NO_MEMORY, "no memory for the request");
		inference_error(x, &err);
		return;
	}
	*c = (struct inference_call){.protocol = protocol, .api = x->app, .rows = 1, .type = inference_json_type};
	c->revision = inference_hold(x);
	if (!c->revision)
		return;
	x->state = c;
	bool may_leave = !c->api->on_worker;
	if (x->body.len > LOOP_BODY_BYTES && may_leave)
		http_offload(x, decode_away);
	else
		decode(x, may_leave);
}

/* ---- the listener ---- */

static const struct route own_routes[] = {
    {HTTP_GET, "/metrics", NULL, ACCESS_TOKEN, ROUTE_WORKER, 0, monitor_metrics},
};

static void add_routes(struct inference_api *api, const struct route *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct route *r = &api->routes[api->routes_n++];
		*r = rows[i];
		if (r->body_max == INFERENCE_BODY)
			r->body_max = limits.inference_body_bytes;
	}
}

static struct inference_api *api_new(const struct inference_options *options)
{
	struct inference_api *api = calloc(1, sizeof *api);
	struct route *routes = calloc(v1_routes_n + v2_routes_n + COUNT_OF(own_routes), sizeof *routes);
	if (!api || !routes)
		abort();
	api->options = *options;
	api->clock = options->clock ? options->clock : &clock_os;
	if (options->token) {
		char *token = strdup(options->token);
		if (!token)
			abort();
		api->token = slice_str(token);
	}
	api->routes = routes;
	add_routes(api, v1_routes, v1_routes_n);
	add_routes(api, v2_routes, v2_routes_n);
	add_routes(api, own_routes, COUNT_OF(own_routes));
	return api;
}

int inference_api_new(const struct inference_options *options, struct inference_api **out, struct err *err)
{
	struct inference_options inside = *options;
	(void)err; /* running out of memory at start ends the program */
	inside.gateway = true;
	inside.token = NULL; /* the Kubernetes API has asked */
	struct inference_api *api = api_new(options);
	api->proxied = api_new(&inside);
	api->proxied->on_worker = true;
	*out = api;
	return 0;
}

void inference_api_listener(struct inference_api *api, struct listener *out)
{
	out->routes = api->routes;
	out->routes_n = api->routes_n;
	out->app = api;
	out->authenticate = authenticate;
	out->fail = fail;
}

void inference_api_free(struct inference_api *api)
{
	if (!api)
		return;
	inference_api_free(api->proxied);
	free((char *)api->token.ptr);
	free(api->routes);
	free(api);
}

int inference_proxy(struct inference_api *api, struct http_exchange *x, const char *namespace_, const char *service,
		    struct slice path, struct err *err)
{
	struct listener l = {.name = "proxy"};
	struct revision *r;
	struct err own;
	unsigned allowed;
	const char *host = arena_printf(x->arena, "%s.%s", service, namespace_);
	const char *inside = arena_printf(x->arena, "/%.*s", SLICE_ARG(path));
	if (!host || !inside)
		return err_set(err, ERR_NO_MEMORY, "no memory for the request");
	struct serving_address who = {.host = slice_str(host)};
	if (serving_hold(api->options.serving, &who, &r, err) == 0)
		revision_release(r);
	else if (err->code == ERR_NOT_FOUND)
		return -1;
	inference_api_listener(api->proxied, &l);
	x->app = api->proxied;
	x->host = who.host;
	x->path = slice_str(inside);
	x->route = NULL;
	err_clear(&own);
	if (route_find(&l, x, &allowed, &own) < 0)
		fail(x, &own);
	else
		x->route->handle(x);
	return 0;
}
