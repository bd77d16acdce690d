/* V2 routes: see v2.h. */
#include "api/v2/v2.h"

#include "api/inference/inference.h"
#include "api/v2/infer.h"
#include "api/v2/metadata.h"
#include "base/check.h"

static const char binary_type[] = "application/octet-stream", header_length[] = "Inference-Header-Content-Length";

/* ---- inference ---- */

struct v2_call {
	struct inference_call call;
	struct v2_job job;
};

static int decode(struct inference_call *c, struct http_exchange *x, struct err *err)
{
	struct v2_job *job = &((struct v2_call *)c)->job;
	struct slice length = http_field(x, header_length);
	int64_t json_bytes = -1;
	if (length.ptr && (!slice_i64(length, &json_bytes) || json_bytes < 0))
		return err_set(err, ERR_INVALID, "%s is not a number of bytes", header_length);
	if (v2_request_read(x->body, json_bytes, x->arena, &job->request, err) < 0 ||
	    v2_bind(revision_spec(c->revision), job, x->arena, err) < 0)
		return -1;
	if (ckd_mul(&c->rows, job->rows, (int64_t)MAX(job->request.outputs_n, 1)))
		c->rows = INT64_MAX; /* rows without values: refused when they run */
	return 0;
}

static int run(struct inference_call *c, struct http_exchange *x, struct err *err)
{
	return v2_run(revision_spec(c->revision), &((struct v2_call *)c)->job, x->arena, err);
}

static int encode(struct inference_call *c, struct http_exchange *x, struct err *err)
{
	int64_t json_bytes;
	if (v2_encode(revision_spec(c->revision), &((struct v2_call *)c)->job, slice_str(x->request_id), x->arena,
		      &c->answer, &json_bytes, err) < 0)
		return -1;
	if (json_bytes >= 0) {
		c->type = binary_type;
		http_header_fmt(x, header_length, "%lld", (long long)json_bytes);
	}
	return 0;
}

static const struct inference_protocol protocol = {sizeof(struct v2_call), decode, run, encode};

static void infer(struct http_exchange *x)
{
	inference_predict(x, &protocol);
}

/* ---- health and metadata ---- */

static void answer_text(struct http_exchange *x, const struct json_text *t)
{
	struct err err;
	if (!t->failed) {
		http_reply(x, 200, inference_json_type, json_text_view(t));
		return;
	}
	err_clear(&err);
	err_set(&err, ERR_NO_MEMORY, "the answer does not fit the memory of one request");
	inference_error(x, &err);
}

static void server_metadata(struct http_exchange *x)
{
	http_reply(x, 200, inference_json_type,
		   SLICE_LIT("{\"name\":\"coracle\",\"version\":\"" CORACLE_VERSION
			     "\",\"extensions\":[\"model_repository\",\"binary_tensor_data\",\"parameters\"]}"));
}

static void live(struct http_exchange *x)
{
	http_reply(x, 200, inference_json_type, SLICE_LIT("{\"live\":true}"));
}

static void note_pending(void *ctx, const struct serving_item *item)
{
	size_t *pending = ctx;
	*pending += item->reason && !*item->reason;
}

/* Ready once every model was tried: one that failed says so itself, and others may be asked for. */
static void ready(struct http_exchange *x)
{
	struct serving_address who;
	struct err err;
	size_t pending = 0;
	err_clear(&err);
	if (inference_address(x, &who, &err) < 0) {
		inference_error(x, &err);
		return;
	}
	if (!serving_each(inference_serving(x), &who, note_pending, &pending) && who.host.len) {
		err_set(&err, ERR_NOT_FOUND, "nothing is served here");
		err_sub(&err, SERVING_NO_HOST);
		inference_error(x, &err);
		return;
	}
	if (pending)
		http_reply(x, 503, inference_json_type, SLICE_LIT("{\"ready\":false}"));
	else
		http_reply(x, 200, inference_json_type, SLICE_LIT("{\"ready\":true}"));
}

static void model_ready(struct http_exchange *x)
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
	answer_text(x, &t);
}

static void model_metadata(struct http_exchange *x)
{
	struct revision *r = inference_hold(x);
	struct json_text t;
	if (!r)
		return;
	json_text_init(&t, x->arena);
	v2_metadata_write(revision_spec(r), &t);
	revision_release(r);
	answer_text(x, &t);
}

/* ---- the repository ---- */

struct listing {
	struct json_text text;
	size_t n;
	bool names_only;
};

static void list_one(void *ctx, const struct serving_item *item)
{
	struct listing *l = ctx;
	if (l->n++)
		json_text_add(&l->text, SLICE_LIT(","));
	if (l->names_only) {
		json_text_string(&l->text, slice_str(item->name));
		return;
	}
	json_text_add(&l->text, SLICE_LIT("{\"name\":"));
	json_text_string(&l->text, slice_str(item->name));
	if (*item->revision) {
		json_text_add(&l->text, SLICE_LIT(",\"version\":"));
		json_text_string(&l->text, slice_str(item->revision));
	}
	json_text_add(&l->text, SLICE_LIT(",\"state\":\""));
	json_text_add(&l->text, slice_str(!item->reason ? "READY" : *item->reason ? "UNAVAILABLE" : "LOADING"));
	json_text_add(&l->text, SLICE_LIT("\",\"reason\":"));
	json_text_string(&l->text, slice_str(item->reason ? item->reason : ""));
	json_text_add(&l->text, SLICE_LIT("}"));
}

static void answer_list(struct http_exchange *x, bool names_only, const char *before, const char *after)
{
	struct serving_address who;
	struct listing l = {.names_only = names_only};
	struct err err;
	err_clear(&err);
	if (inference_address(x, &who, &err) < 0) {
		inference_error(x, &err);
		return;
	}
	json_text_init(&l.text, x->arena);
	json_text_add(&l.text, slice_str(before));
	serving_each(inference_serving(x), &who, list_one, &l);
	json_text_add(&l.text, slice_str(after));
	answer_text(x, &l.text);
}

static void models(struct http_exchange *x)
{
	answer_list(x, true, "{\"models\":[", "]}");
}

static void repository_index(struct http_exchange *x)
{
	answer_list(x, false, "[", "]");
}

static void not_over_the_protocol(struct http_exchange *x)
{
	struct err err;
	err_clear(&err);
	err_set(&err, ERR_UNSUPPORTED, "models are not loaded or unloaded over this protocol here");
	inference_error(x, &err);
}

#define ROW(method, path, body, handler)                                                                               \
	{                                                                                                              \
		method, path, NULL, ACCESS_TOKEN, ROUTE_INLINE, body, handler                                          \
	}
#define MODEL_ROWS(model)                                                                                              \
	ROW(HTTP_POST, model "/infer", INFERENCE_BODY, infer), ROW(HTTP_GET, model "/ready", 0, model_ready),          \
	    ROW(HTTP_GET, model, 0, model_metadata)
#define ON_PATH(prefix)                                                                                                \
	MODEL_ROWS(prefix "/v2/models/{model}"), MODEL_ROWS(prefix "/v2/models/{model}/versions/{version}"),           \
	    ROW(HTTP_GET, prefix "/v2/models", 0, models), ROW(HTTP_GET, prefix "/v2", 0, server_metadata),            \
	    ROW(HTTP_GET, prefix "/v2/health/ready", 0, ready),                                                        \
	    ROW(HTTP_POST, prefix "/v2/repository/index", INFERENCE_BODY, repository_index),                           \
	    ROW(HTTP_POST, prefix "/v2/repository/models/{model}/load", INFERENCE_BODY, not_over_the_protocol),        \
	    ROW(HTTP_POST, prefix "/v2/repository/models/{model}/unload", INFERENCE_BODY, not_over_the_protocol)

const struct route v2_routes[] = {
    ON_PATH(""),
    ON_PATH(INFERENCE_PREFIX),
    {HTTP_GET, "/v2/health/live", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, live},
    {HTTP_GET, INFERENCE_PREFIX "/v2/health/live", NULL, ACCESS_PUBLIC, ROUTE_INLINE, 0, live},
};
const size_t v2_routes_n = COUNT_OF(v2_routes);
