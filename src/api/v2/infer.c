/* V2 inference: see infer.h. */
#include "api/v2/infer.h"

#include "api/tensor/write.h"
#include "base/check.h"

static bool is_table(const struct v2_job *job)
{
	return job->request.inputs_n > 1 || slice_is(job->request.parameters.content_type, "pd") ||
	       slice_is(job->request.inputs[0].parameters.content_type, "pd");
}

static int bind_matrix(const struct endpoint_spec *spec, struct v2_job *job, struct err *err)
{
	struct tensor *t = job->in;
	t->name = (struct slice){0}; /* a single input may be called anything */
	if (t->dtype == DTYPE_STRING && model_input(spec->model)->text) {
		t->shape[0] = tensor_count(t);
		t->rank = 1;
	}
	if (t->rank < 1)
		return err_set(err, ERR_INVALID, "the input's shape has no dimension of rows");
	job->rows = t->shape[0];
	return 0;
}

static int bind_table(struct v2_job *job, struct err *err)
{
	for (size_t i = 0; i < job->in_n; i++) {
		const struct tensor *t = &job->in[i];
		if (t->rank < 1 || t->rank > 2 || (t->rank == 2 && t->shape[1] != 1))
			return err_set(err, ERR_INVALID,
				       "input '%.*s' is no column: its shape must be [rows] or [rows, 1]",
				       SLICE_ARG(slice_sub(t->name, 0, 100)));
		if (t->shape[0] != job->in[0].shape[0])
			return err_set(err, ERR_INVALID, "input '%.*s' has %lld rows where '%.*s' has %lld",
				       SLICE_ARG(slice_sub(t->name, 0, 100)), (long long)t->shape[0],
				       SLICE_ARG(slice_sub(job->in[0].name, 0, 100)), (long long)job->in[0].shape[0]);
	}
	job->rows = job->in[0].shape[0];
	return 0;
}

int v2_bind(const struct endpoint_spec *spec, struct v2_job *job, struct arena *a, struct err *err)
{
	job->in_n = job->request.inputs_n;
	job->in = arena_array(a, job->in_n, sizeof *job->in);
	if (!job->in)
		return err_set(err, ERR_NO_MEMORY, "the request does not fit the memory of one request");
	for (size_t i = 0; i < job->in_n; i++)
		job->in[i] = job->request.inputs[i].tensor;
	return is_table(job) ? bind_table(job, err) : bind_matrix(spec, job, err);
}

/* "predict, predict_proba" */
static void method_list(const struct model *m, char *out, size_t out_bytes)
{
	size_t len = 0;
	out[0] = 0;
	for (int i = MODEL_PREDICT; i < MODEL_METHODS && len < out_bytes; i++)
		if (model_has(m, (enum model_method)i))
			len += (size_t)snprintf(out + len, out_bytes - len, "%s%s", len ? ", " : "",
						model_method_name((enum model_method)i));
}

static int method_of(const struct endpoint_spec *spec, struct slice output, enum model_method *out, struct err *err)
{
	char list[200];
	enum model_method method = slice_is(output, "output-0") ? spec->method : model_method_parse(output);
	if (method < MODEL_METHODS && model_has(spec->model, method) && !slice_is(output, "default")) {
		*out = method;
		return 0;
	}
	method_list(spec->model, list, sizeof list);
	return err_set(err, ERR_INVALID, "there is no output '%.*s'; this model has output-0, %s",
		       SLICE_ARG(slice_sub(output, 0, 100)), list);
}

/* One method's tensors; the first is called `name`, further ones of a model with several by their own names. */
static int run_method(const struct endpoint_spec *spec, struct v2_job *job, enum model_method method, struct slice name,
		      bool binary, struct arena *a, struct err *err)
{
	struct tensor made[V2_OUTPUTS_MAX];
	size_t n = 0;
	if (model_run(spec->model, method, job->in, job->in_n, made, V2_OUTPUTS_MAX - job->out_n, &n, a, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct v2_answer *o = &job->out[job->out_n++];
		*o = (struct v2_answer){.tensor = made[i], .binary = binary};
		if (n == 1 || !made[i].name.len) {
			const char *numbered = i ? arena_printf(a, "%.*s-%zu", SLICE_ARG(name), i) : NULL;
			o->tensor.name = numbered ? slice_str(numbered) : name;
		}
	}
	return 0;
}

int v2_run(const struct endpoint_spec *spec, struct v2_job *job, struct arena *a, struct err *err)
{
	const struct v2_request *r = &job->request;
	bool binary = r->parameters.binary_said && r->parameters.binary;
	job->out_n = 0;
	if (!r->outputs_n)
		return run_method(spec, job, spec->method, SLICE_LIT("output-0"), binary, a, err);
	if (r->outputs_n > V2_OUTPUTS_MAX)
		return err_set(err, ERR_INVALID, "more than %d outputs", V2_OUTPUTS_MAX);
	for (size_t i = 0; i < r->outputs_n; i++) {
		enum model_method method = MODEL_DEFAULT;
		if (method_of(spec, r->outputs[i].name, &method, err) < 0 ||
		    run_method(spec, job, method, r->outputs[i].name, binary || r->outputs[i].binary, a, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the answer ---- */

static void add_member(struct json_text *t, const char *before, const char *value)
{
	json_text_add(t, slice_str(before));
	json_text_string(t, slice_str(value));
}

static int add_output(struct json_text *t, const struct v2_answer *o, struct err *err)
{
	const struct tensor *tensor = &o->tensor;
	json_text_add(t, SLICE_LIT("{\"name\":"));
	json_text_string(t, tensor->name);
	json_text_add(t, SLICE_LIT(",\"shape\":["));
	for (int d = 0; d < tensor->rank; d++) {
		if (d)
			json_text_add(t, SLICE_LIT(","));
		json_text_i64(t, tensor->shape[d]);
	}
	json_text_add(t, SLICE_LIT("],\"datatype\":\""));
	json_text_add(t, slice_str(dtype_v2_name(tensor->dtype)));
	if (o->binary) {
		json_text_add(t, SLICE_LIT("\",\"parameters\":{\"binary_data_size\":"));
		json_text_i64(t, (int64_t)v2_data_size(tensor));
		json_text_add(t, SLICE_LIT("}}"));
		return 0;
	}
	json_text_add(t, SLICE_LIT("\",\"data\":"));
	char what[ERR_DETAIL_BYTES];
	(void)snprintf(what, sizeof what, "output '%.*s'", SLICE_ARG(slice_sub(tensor->name, 0, 100)));
	if (tensor_json_write(tensor, what, true, t, err) < 0)
		return -1;
	json_text_add(t, SLICE_LIT("}"));
	return 0;
}

static int add_binary(struct json_text *t, const struct v2_job *job, struct err *err)
{
	for (size_t i = 0; i < job->out_n; i++) {
		if (!job->out[i].binary)
			continue;
		size_t n = v2_data_size(&job->out[i].tensor);
		char *p = json_text_room(t, n);
		if (!p)
			return err_set(err, ERR_NO_MEMORY, "the answer does not fit the memory of one request");
		v2_data_to_bytes(&job->out[i].tensor, p);
		t->len += n;
	}
	return 0;
}

int v2_encode(const struct endpoint_spec *spec, const struct v2_job *job, struct slice id, struct arena *a,
	      struct slice *answer, int64_t *json_bytes, struct err *err)
{
	struct json_text t;
	bool binary = false;
	json_text_init(&t, a);
	add_member(&t, "{\"model_name\":", spec->name);
	if (*spec->revision)
		add_member(&t, ",\"model_version\":", spec->revision);
	json_text_add(&t, SLICE_LIT(",\"id\":"));
	json_text_string(&t, job->request.id.ptr ? job->request.id : id);
	json_text_add(&t, SLICE_LIT(",\"outputs\":["));
	for (size_t i = 0; i < job->out_n; i++) {
		if (i)
			json_text_add(&t, SLICE_LIT(","));
		if (add_output(&t, &job->out[i], err) < 0)
			return -1;
		binary |= job->out[i].binary;
	}
	json_text_add(&t, SLICE_LIT("]}"));
	*json_bytes = binary ? (int64_t)t.len : -1;
	if (binary && add_binary(&t, job, err) < 0)
		return -1;
	if (t.failed)
		return err_set(err, ERR_NO_MEMORY, "the answer does not fit the memory of one request");
	*answer = json_text_view(&t);
	return 0;
}
