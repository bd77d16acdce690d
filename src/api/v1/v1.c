/* V1 routes: see v1.h. */
#include "api/v1/v1.h"

#include "api/inference/inference.h"
#include "api/tensor/write.h"
#include "api/v1/predict.h"
#include "base/check.h"

/* ---- prediction ---- */

struct v1_call {
	struct inference_call call;
	struct v1_input input;
	struct tensor out;
};

static int decode(struct inference_call *c, struct http_exchange *x, struct err *err)
{
	struct v1_call *v1 = (struct v1_call *)c;
	if (v1_decode(revision_spec(c->revision), x->body, x->arena, &v1->input, err) < 0)
		return -1;
	c->rows = v1->input.rows;
	return 0;
}

static int run(struct inference_call *c, struct http_exchange *x, struct err *err)
{
	struct v1_call *v1 = (struct v1_call *)c;
	return v1_run(revision_spec(c->revision), &v1->input, x->arena, &v1->out, err);
}

static int encode(struct inference_call *c, struct http_exchange *x, struct err *err)
{
	struct v1_call *v1 = (struct v1_call *)c;
	return v1_encode(&v1->out, x->arena, &c->answer, err);
}

static const struct inference_protocol protocol = {sizeof(struct v1_call), decode, run, encode};

static void predict(struct http_exchange *x)
{
	inference_predict(x, &protocol);
}

/* ---- what is there ---- */

static void alive(struct http_exchange *x)
{
	http_reply(x, 200, inference_json_type, SLICE_LIT("{\"status\":\"alive\"}"));
}

struct listing {
	struct json_text text;
	size_t n;
};

static void list_one(void *ctx, const struct serving_item *item)
{
	struct listing *l = ctx;
	if (l->n++)
		json_text_add(&l->text, SLICE_LIT(","));
	json_text_string(&l->text, slice_str(item->name));
}

static void models(struct http_exchange *x)
{
	struct serving_address who;
	struct listing l = {0};
	struct err err;
	err_clear(&err);
	if (inference_address(x, &who, &err) < 0) {
		inference_error(x, &err);
		return;
	}
	json_text_init(&l.text, x->arena);
	json_text_add(&l.text, SLICE_LIT("{\"models\":["));
	if (serving_each(inference_serving(x), &who, list_one, &l) == 0 && (who.host.len || who.name.len)) {
		err_set(&err, ERR_NOT_FOUND, "nothing is served here");
		err_sub(&err, SERVING_NO_HOST);
		inference_error(x, &err);
		return;
	}
	json_text_add(&l.text, SLICE_LIT("]}"));
	if (l.text.failed) {
		err_set(&err, ERR_NO_MEMORY, "the list does not fit the memory of one request");
		inference_error(x, &err);
		return;
	}
	http_reply(x, 200, inference_json_type, json_text_view(&l.text));
}

static void model(struct http_exchange *x)
{
	struct revision *r = inference_hold(x);
	struct json_text t;
	if (!r)
		return;
	json_text_init(&t, x->arena);
	json_text_add(&t, SLICE_LIT("{\"name\":"));
	json_text_string(&t, slice_str(revision_spec(r)->name));
	json_text_add(&t, SLICE_LIT(",\"ready\":true}"));
	revision_release(r);
	http_reply(x, 200, inference_json_type, json_text_view(&t));
}

static void explain(struct http_exchange *x)
{
	struct revision *r = inference_hold(x);
	struct err err;
	if (!r)
		return;
	err_clear(&err);
	err_set(&err, ERR_UNSUPPORTED, "Model %s has no explainer.", revision_spec(r)->name);
	revision_release(r);
	inference_error(x, &err);
}

#define READ(path, handler) {HTTP_GET, path, NULL, ACCESS_TOKEN, ROUTE_INLINE, 0, handler}
#define CALL(path, handler) {HTTP_POST, path, NULL, ACCESS_TOKEN, ROUTE_INLINE, INFERENCE_BODY, handler}
#define CALLS(prefix, colon)                                                                                           \
	CALL(prefix "/v1/models/{model}" colon "predict", predict),                                                    \
	    CALL(prefix "/v1/models/{model}" colon "explain", explain)

/* The hot one first: rows are tried in order. Some clients escape the colon. */
const struct route v1_routes[] = {
    CALLS("", ":"),
    CALLS(INFERENCE_PREFIX, ":"),
    READ("/v1/models", models),
    READ("/v1/models/{model}", model),
    READ(INFERENCE_PREFIX "/v1/models", models),
    READ(INFERENCE_PREFIX "/v1/models/{model}", model),
    CALLS("", "%3A"),
    CALLS("", "%3a"),
    CALLS(INFERENCE_PREFIX, "%3A"),
    CALLS(INFERENCE_PREFIX, "%3a"),
    {HTTP_GET, "/", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, alive},
};
const size_t v1_routes_n = COUNT_OF(v1_routes);
