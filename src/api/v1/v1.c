/*
 * V1 routes: see v1.h. A prediction runs where it is: on the loop, with no queue and no lock, when body and plan are
 * small; what would hold up other connections goes to the compute pool.
 */
#include "api/v1/v1.h"

#include <stdlib.h>

#include "api/tensor/write.h"
#include "api/v1/predict.h"
#include "base/check.h"
#include "base/limits.h"
#include "codec/url.h"
#include "monitor/monitor.h"
#include "serving/host.h"

enum {
	LOOP_BUDGET_NS = 1000000,    /* a plan estimated above this leaves the loop */
	LOOP_BODY_BYTES = 256 << 10, /* so does reading a larger body */
};

static const char json_type[] = "application/json";

struct v1_api {
	struct v1_options options;
	const struct clock *clock;
	struct slice token;
	struct route *routes;
	size_t routes_n;
};

/* ---- answers ---- */

static void answer_error(struct http_exchange *x, const struct err *err)
{
	/* An unknown host at the gateway: nothing of ours speaks, as at Istio's. */
	if (err->code == ERR_NOT_FOUND && err->sub == SERVING_NO_HOST) {
		http_reply(x, 404, NULL, SLICE_LIT(""));
		return;
	}
	if (err->code == ERR_UNAUTHENTICATED)
		http_header_str(x, "WWW-Authenticate", "Bearer");
	http_reply(x, err_info(err->code)->http, json_type, v1_error_text(x->arena, err->message));
}

static void fail(struct http_exchange *x, const struct err *err)
{
	/* FastAPI's words for what has no route, which clients match. */
	struct err plain = {.code = err->code};
	if (err->code == ERR_METHOD)
		err_set(&plain, ERR_METHOD, "Method Not Allowed");
	else if (err->code == ERR_NOT_FOUND && !x->route)
		err_set(&plain, ERR_NOT_FOUND, "Not Found");
	else
		plain = *err;
	answer_error(x, &plain);
}

static bool same_secret(struct slice a, struct slice b)
{
	unsigned char differs = a.len != b.len;
	for (size_t i = 0; i < a.len; i++)
		differs |= (unsigned char)(a.ptr[i] ^ b.ptr[b.len ? i % b.len : 0]);
	return !differs;
}

static int authenticate(struct http_exchange *x, enum route_access access, struct err *err)
{
	const struct v1_api *api = x->app;
	if (access == ACCESS_PUBLIC || !api->token.ptr)
		return 0;
	struct slice value = http_field(x, "authorization");
	if (value.len < 7 || !slice_is_nocase(slice_sub(value, 0, 7), "bearer ") ||
	    !same_secret(slice_trim(slice_from(value, 7)), api->token))
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

/* Routes have {model}, or {namespace} and {service} and perhaps {model}, in this order. */
static int address_of(struct http_exchange *x, struct serving_address *who, struct err *err)
{
	const struct v1_api *api = x->app;
	const struct http_param *p = x->params;
	*who = (struct serving_address){0};
	if (x->params_n <= 1) {
		if (x->params_n && decoded(x, p[0].value, &who->name, err) < 0)
			return -1;
		if (api->options.gateway && !host_is_address(x->host))
			who->host = x->host;
		return 0;
	}
	struct slice service, model = {0};
	if (decoded(x, p[0].value, &who->namespace_, err) < 0 || decoded(x, p[1].value, &service, err) < 0 ||
	    (x->params_n > 2 && decoded(x, p[2].value, &model, err) < 0))
		return -1;
	if (x->params_n > 2 && !slice_eq(model, service)) { /* the model has the service's name */
		err_set(err, ERR_NOT_FOUND, "Model with name %.*s does not exist.",
			SLICE_ARG(slice_sub(model, 0, 256)));
		return err_sub(err, SERVING_NO_MODEL);
	}
	who->name = service;
	return 0;
}

/* ---- prediction ---- */

/* What goes from one step to the next; in the exchange's arena. */
struct job {
	struct v1_api *api;
	struct revision *revision;
	struct v1_input input;
	int64_t decoded_ns;
};

static int64_t now(const struct job *job)
{
	return clock_mono_ns(job->api->clock);
}

static void finish(struct http_exchange *x, struct job *job, int rc, struct slice answer, const struct err *err)
{
	revision_release(job->revision);
	if (rc < 0)
		answer_error(x, err);
	else
		http_reply(x, 200, json_type, answer);
}

static void run(struct http_exchange *x)
{
	struct job *job = x->state;
	struct tensor out;
	struct slice answer = {0};
	struct err err;
	err_clear(&err);
	const struct endpoint_spec *spec = revision_spec(job->revision);
	int rc = v1_run(spec, &job->input, x->arena, &out, &err);
	int64_t ran = now(job);
	metric_observe_ns(revision_seconds(job->revision, SERVING_PREDICT), ran - job->decoded_ns);
	if (rc == 0) {
		rc = v1_encode(&out, x->arena, &answer, &err);
		metric_observe_ns(revision_seconds(job->revision, SERVING_POSTPROCESS), now(job) - ran);
	}
	finish(x, job, rc, answer, &err);
}

static void decode(struct http_exchange *x, bool may_leave)
{
	struct job *job = x->state;
	struct err err;
	err_clear(&err);
	const struct endpoint_spec *spec = revision_spec(job->revision);
	int64_t began = now(job);
	int rc = v1_decode(spec, x->body, x->arena, &job->input, &err);
	job->decoded_ns = now(job);
	metric_observe_ns(revision_seconds(job->revision, SERVING_PREPROCESS), job->decoded_ns - began);
	if (rc < 0) {
		finish(x, job, rc, (struct slice){0}, &err);
		return;
	}
	int64_t cost;
	bool heavy = ckd_mul(&cost, job->input.rows, model_cost_ns(spec->model)) || cost > LOOP_BUDGET_NS;
	if (heavy && may_leave)
		http_offload(x, run);
	else
		run(x);
}

static void decode_away(struct http_exchange *x)
{
	decode(x, false);
}

static void predict_at(struct v1_api *api, struct http_exchange *x, const struct serving_address *who, bool may_leave)
{
	struct err err;
	err_clear(&err);
	struct job *job = arena_alloc(x->arena, sizeof *job);
	if (!job) {
		err_set(&err, ERR_NO_MEMORY, "no memory for the request");
		answer_error(x, &err);
		return;
	}
	job->api = api;
	if (serving_hold(api->options.serving, who, &job->revision, &err) < 0) {
		answer_error(x, &err);
		return;
	}
	x->state = job;
	if (x->body.len > LOOP_BODY_BYTES && may_leave)
		http_offload(x, decode_away);
	else
		decode(x, may_leave);
}

static void predict(struct http_exchange *x)
{
	struct serving_address who;
	struct err err;
	err_clear(&err);
	if (address_of(x, &who, &err) < 0)
		answer_error(x, &err);
	else
		predict_at(x->app, x, &who, true);
}

/* ---- what is there ---- */

static void alive(struct http_exchange *x)
{
	http_reply(x, 200, json_type, SLICE_LIT("{\"status\":\"alive\"}"));
}

struct listing {
	struct json_text text;
	size_t n;
};

static void list_one(void *ctx, const char *namespace_, const char *name, bool ready)
{
	struct listing *l = ctx;
	(void)namespace_, (void)ready;
	if (l->n++)
		json_text_add(&l->text, SLICE_LIT(","));
	json_text_string(&l->text, slice_str(name));
}

static void begin_list(struct listing *l, struct arena *a)
{
	json_text_init(&l->text, a);
	json_text_add(&l->text, SLICE_LIT("{\"models\":["));
}

static void end_list(struct listing *l, struct http_exchange *x)
{
	json_text_add(&l->text, SLICE_LIT("]}"));
	if (!l->text.failed) {
		http_reply(x, 200, json_type, json_text_view(&l->text));
		return;
	}
	struct err err;
	err_clear(&err);
	err_set(&err, ERR_NO_MEMORY, "the list does not fit the memory of one request");
	answer_error(x, &err);
}

static void answer_list(struct v1_api *api, struct http_exchange *x, struct slice host)
{
	struct listing l = {0};
	struct err err;
	err_clear(&err);
	begin_list(&l, x->arena);
	if (!serving_each(api->options.serving, host, list_one, &l) && host.len) {
		err_set(&err, ERR_NOT_FOUND, "nothing is served at this host");
		err_sub(&err, SERVING_NO_HOST);
		answer_error(x, &err);
		return;
	}
	end_list(&l, x);
}

static void answer_model(struct v1_api *api, struct http_exchange *x, const struct serving_address *who)
{
	struct revision *r;
	struct err err;
	err_clear(&err);
	if (serving_hold(api->options.serving, who, &r, &err) < 0) {
		answer_error(x, &err);
		return;
	}
	struct json_text t;
	json_text_init(&t, x->arena);
	json_text_add(&t, SLICE_LIT("{\"name\":"));
	json_text_string(&t, slice_str(revision_spec(r)->name));
	json_text_add(&t, SLICE_LIT(",\"ready\":true}"));
	revision_release(r);
	http_reply(x, 200, json_type, json_text_view(&t));
}

static void models(struct http_exchange *x)
{
	struct serving_address who;
	struct err err;
	err_clear(&err);
	if (address_of(x, &who, &err) < 0) {
		answer_error(x, &err);
		return;
	}
	if (!who.name.ptr) {
		answer_list(x->app, x, who.host);
		return;
	}
	/* /serving/NAMESPACE/NAME/v1/models: itself */
	struct listing l = {0};
	struct revision *r;
	if (serving_hold(((struct v1_api *)x->app)->options.serving, &who, &r, &err) == 0) {
		revision_release(r);
	} else if (err.code != ERR_UNAVAILABLE) {
		answer_error(x, &err);
		return;
	}
	begin_list(&l, x->arena);
	list_one(&l, NULL, arena_cstr(x->arena, who.name), true);
	end_list(&l, x);
}

static void model(struct http_exchange *x)
{
	struct serving_address who;
	struct err err;
	err_clear(&err);
	if (address_of(x, &who, &err) < 0)
		answer_error(x, &err);
	else
		answer_model(x->app, x, &who);
}

static void explain(struct http_exchange *x)
{
	struct serving_address who;
	struct revision *r;
	struct err err;
	err_clear(&err);
	if (address_of(x, &who, &err) == 0 &&
	    serving_hold(((struct v1_api *)x->app)->options.serving, &who, &r, &err) == 0) {
		err_set(&err, ERR_UNSUPPORTED, "Model %s has no explainer.", revision_spec(r)->name);
		revision_release(r);
	}
	answer_error(x, &err);
}

/* ---- the listener ---- */

#define ON_PATH(prefix, access)                                                                                        \
	{HTTP_GET, prefix "/v1/models", NULL, access, ROUTE_INLINE, 0, models},                                        \
	    {HTTP_GET, prefix "/v1/models/{model}", NULL, access, ROUTE_INLINE, 0, model},                             \
	{                                                                                                              \
		HTTP_POST, prefix "/v1/models/{model}:explain", NULL, access, ROUTE_INLINE, -1, explain                \
	}

/* body_max -1: limits.inference_body_bytes. The hot one first: rows are tried in order. */
static const struct route routes[] = {
    {HTTP_POST, "/v1/models/{model}:predict", NULL, ACCESS_TOKEN, ROUTE_INLINE, -1, predict},
    {HTTP_POST, "/serving/{namespace}/{service}/v1/models/{model}:predict", NULL, ACCESS_TOKEN, ROUTE_INLINE, -1,
     predict},
    ON_PATH("", ACCESS_TOKEN),
    ON_PATH("/serving/{namespace}/{service}", ACCESS_TOKEN),
    {HTTP_GET, "/metrics", NULL, ACCESS_TOKEN, ROUTE_WORKER, 0, monitor_metrics},
    {HTTP_GET, "/", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, alive},
};

int v1_api_new(const struct v1_options *options, struct v1_api **out, struct err *err)
{
	struct v1_api *api = calloc(1, sizeof *api + sizeof routes);
	if (!api)
		return err_set(err, ERR_NO_MEMORY, "no memory for the V1 protocol");
	api->options = *options;
	api->clock = options->clock ? options->clock : &clock_os;
	if (options->token) {
		char *token = strdup(options->token);
		if (!token)
			abort();
		api->token = slice_str(token);
	}
	api->routes = (struct route *)(api + 1);
	api->routes_n = COUNT_OF(routes);
	memcpy(api->routes, routes, sizeof routes);
	for (size_t i = 0; i < api->routes_n; i++)
		if (api->routes[i].body_max < 0)
			api->routes[i].body_max = limits.inference_body_bytes;
	*out = api;
	return 0;
}

void v1_api_listener(struct v1_api *api, struct listener *out)
{
	out->routes = api->routes;
	out->routes_n = api->routes_n;
	out->app = api;
	out->authenticate = authenticate;
	out->fail = fail;
}

void v1_api_free(struct v1_api *api)
{
	if (!api)
		return;
	free((char *)api->token.ptr);
	free(api);
}

/* ---- the Kubernetes proxy path ---- */

int v1_proxy(struct v1_api *api, struct http_exchange *x, const char *namespace_, const char *service,
	     struct slice path, struct err *err)
{
	struct revision *r;
	struct serving_address who = {.host = slice_str(arena_printf(x->arena, "%s.%s", service, namespace_))};
	if (!who.host.ptr)
		return err_set(err, ERR_NO_MEMORY, "no memory for the request");
	if (serving_hold(api->options.serving, &who, &r, err) == 0)
		revision_release(r);
	else if (err->code == ERR_NOT_FOUND)
		return -1;
	bool post = x->method == HTTP_POST, get = x->method == HTTP_GET || x->method == HTTP_HEAD;
	struct err own;
	err_clear(&own);
	if (get && !path.len) {
		alive(x);
	} else if (get && slice_is(path, "v1/models")) {
		answer_list(api, x, who.host);
	} else if (slice_starts(path, "v1/models/")) {
		who.name = slice_from(path, strlen("v1/models/"));
		if (post && slice_ends(who.name, ":predict")) {
			who.name.len -= strlen(":predict");
			predict_at(api, x, &who, false);
		} else if (get) {
			answer_model(api, x, &who);
		} else {
			err_set(&own, ERR_METHOD, "Method Not Allowed");
			answer_error(x, &own);
		}
	} else {
		err_set(&own, ERR_NOT_FOUND, "Not Found");
		answer_error(x, &own);
	}
	return 0;
}
