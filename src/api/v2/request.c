/*
 * V2 requests: see request.h. An input's data is read where it stands when datatype and shape came before it, as every
 * client sends them; else it is passed over and read when the object ends.
 */
#include "api/v2/request.h"

#include "base/check.h"

struct reader {
	struct json_pull j;
	struct arena *a;
	struct v2_request *out;
	struct err *err;
	struct slice binary; /* what of the part behind the JSON is not yet an input's */
};

/* Appends one to an array in the arena that has room for powers of two; NULL when it is full. */
static void *append(struct arena *a, void *items, size_t *n, size_t bytes)
{
	char *base = items;
	if ((*n & (*n - 1)) == 0) {
		base = arena_array(a, *n ? *n * 2 : 1, bytes);
		if (!base)
			return NULL;
		if (*n)
			memcpy(base, items, *n * bytes);
	}
	memset(base + *n * bytes, 0, bytes);
	(*n)++;
	return base;
}

static int no_memory(struct reader *r)
{
	return err_set(r->err, ERR_NO_MEMORY, "the request does not fit the memory of one request");
}

static int take_text(struct reader *r, const char *what, struct slice *out)
{
	if (pull_kind(&r->j) != PULL_STRING)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "%s is not a string", what);
	return pull_string(&r->j, r->a, out) ? 0 : -1;
}

static int take_bool(struct reader *r, const char *what, bool *out)
{
	enum pull_kind kind = pull_kind(&r->j);
	if (kind != PULL_TRUE && kind != PULL_FALSE)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "%s is not true or false", what);
	*out = kind == PULL_TRUE;
	return pull_literal(&r->j, kind) ? 0 : -1;
}

static int take_count(struct reader *r, const char *what, int64_t *out)
{
	union number n;
	if (pull_kind(&r->j) != PULL_NUMBER)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "%s is not a number", what);
	if (pull_number(&r->j, &n) != NUMBER_I64 || n.i < 0)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "%s is not a whole number from 0 on", what);
	*out = n.i;
	return 0;
}

/* "null" stands for what is not there. */
static bool is_absent(struct reader *r)
{
	return pull_kind(&r->j) == PULL_NULL && pull_literal(&r->j, PULL_NULL);
}

static int take_parameters(struct reader *r, struct v2_parameters *out)
{
	struct slice key;
	if (is_absent(r))
		return 0;
	if (pull_kind(&r->j) != PULL_OBJECT)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "parameters are not an object");
	(void)pull_object(&r->j);
	while (pull_key(&r->j, r->a, &key)) {
		int rc = 0;
		if (slice_is(key, "content_type")) {
			rc = is_absent(r) ? 0 : take_text(r, "content_type", &out->content_type);
		} else if (slice_is(key, "binary_data_size")) {
			rc = take_count(r, "binary_data_size", &out->binary_data_size);
		} else if (slice_is(key, "binary_data") || slice_is(key, "binary_data_output")) {
			out->binary_said = true;
			rc = take_bool(r, "binary_data", &out->binary);
		} else {
			(void)pull_skip(&r->j);
		}
		if (rc < 0)
			return -1;
	}
	return r->j.failed ? -1 : 0;
}

static int take_shape(struct reader *r, struct tensor *t)
{
	if (pull_kind(&r->j) != PULL_ARRAY)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "shape is not a list of numbers");
	(void)pull_array(&r->j);
	t->rank = 0;
	while (pull_item(&r->j)) {
		if (t->rank == TENSOR_RANK_MAX)
			return err_set(r->err, ERR_INVALID, "a shape of more than %d dimensions", TENSOR_RANK_MAX);
		if (take_count(r, "a dimension of shape", &t->shape[t->rank]) < 0)
			return -1;
		t->rank++;
	}
	if (!r->j.failed && tensor_count(t) < 0)
		return err_set(r->err, ERR_INVALID, "shape is larger than any tensor");
	return r->j.failed ? -1 : 0;
}

static int take_datatype(struct reader *r, struct tensor *t)
{
	struct slice name;
	if (take_text(r, "datatype", &name) < 0)
		return -1;
	t->dtype = v2_dtype(name);
	return t->dtype
		   ? 0
		   : err_set(r->err, ERR_INVALID, "there is no datatype '%.*s'", SLICE_ARG(slice_sub(name, 0, 100)));
}

/* How far an input is. */
struct progress {
	bool shape, named, filled;
	struct json_pull data; /* where it stood, when it came too early */
	bool waits;
};

static int take_data(struct reader *r, struct v2_input *in, struct progress *p)
{
	if (pull_kind(&r->j) != PULL_ARRAY)
		return r->j.failed ? -1
				   : err_set(r->err, ERR_INVALID, "data of input '%.*s' is not a list",
					     SLICE_ARG(slice_sub(in->tensor.name, 0, 100)));
	if (p->shape && p->named && in->tensor.dtype) {
		p->filled = true;
		return v2_data_from_json(&r->j, &in->tensor, r->a, r->err);
	}
	p->data = r->j;
	p->waits = true;
	return pull_skip(&r->j) ? 0 : -1;
}

static int finish_input(struct reader *r, struct v2_input *in, struct progress *p)
{
	int64_t size = in->parameters.binary_data_size;
	struct slice name = slice_sub(in->tensor.name, 0, 100);
	if (!p->named || !p->shape || !in->tensor.dtype)
		return err_set(r->err, ERR_INVALID, "input '%.*s' has no %s", SLICE_ARG(name),
			       !p->named   ? "name"
			       : !p->shape ? "shape"
					   : "datatype");
	if (p->filled || p->waits) {
		if (size >= 0)
			return err_set(r->err, ERR_INVALID, "input '%.*s' has both data and binary_data_size",
				       SLICE_ARG(name));
		int rc = p->filled ? 0 : v2_data_from_json(&p->data, &in->tensor, r->a, r->err);
		if (rc < 0 && p->data.failed) /* out of memory: it was read once */
			r->j = p->data;
		return rc;
	}
	if (size < 0)
		return err_set(r->err, ERR_INVALID, "input '%.*s' has no data", SLICE_ARG(name));
	if ((uint64_t)size > r->binary.len)
		return err_set(r->err, ERR_INVALID, "input '%.*s': %lld bytes of binary data are missing",
			       SLICE_ARG(name), (long long)size - (long long)r->binary.len);
	struct slice bytes = slice_sub(r->binary, 0, (size_t)size);
	r->binary = slice_from(r->binary, (size_t)size);
	return v2_data_from_bytes(bytes, &in->tensor, r->a, r->err);
}

static int take_input(struct reader *r, struct v2_input *in)
{
	struct progress p = {0};
	struct slice key;
	in->parameters.binary_data_size = -1;
	if (pull_kind(&r->j) != PULL_OBJECT)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "an input is not an object");
	(void)pull_object(&r->j);
	while (pull_key(&r->j, r->a, &key)) {
		int rc = 0;
		if (slice_is(key, "name")) {
			rc = take_text(r, "an input's name", &in->tensor.name);
			p.named = true;
		} else if (slice_is(key, "shape")) {
			rc = take_shape(r, &in->tensor);
			p.shape = true;
		} else if (slice_is(key, "datatype")) {
			rc = take_datatype(r, &in->tensor);
		} else if (slice_is(key, "parameters")) {
			rc = take_parameters(r, &in->parameters);
		} else if (slice_is(key, "data")) {
			rc = p.filled || p.waits ? err_set(r->err, ERR_INVALID, "an input has data twice")
						 : take_data(r, in, &p);
		} else {
			(void)pull_skip(&r->j);
		}
		if (rc < 0)
			return -1;
	}
	return r->j.failed ? -1 : finish_input(r, in, &p);
}

static int take_inputs(struct reader *r)
{
	struct v2_request *out = r->out;
	if (out->inputs_n)
		return err_set(r->err, ERR_INVALID, "\"inputs\" twice");
	if (pull_kind(&r->j) != PULL_ARRAY)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "\"inputs\" is not a list");
	(void)pull_array(&r->j);
	while (pull_item(&r->j)) {
		out->inputs = append(r->a, out->inputs, &out->inputs_n, sizeof *out->inputs);
		if (!out->inputs)
			return no_memory(r);
		if (take_input(r, &out->inputs[out->inputs_n - 1]) < 0)
			return -1;
	}
	return r->j.failed ? -1 : 0;
}

static int take_output(struct reader *r, struct v2_output *out)
{
	struct v2_parameters p = {.binary_data_size = -1};
	struct slice key;
	if (pull_kind(&r->j) != PULL_OBJECT)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "an output is not an object");
	(void)pull_object(&r->j);
	while (pull_key(&r->j, r->a, &key)) {
		int rc = 0;
		if (slice_is(key, "name"))
			rc = take_text(r, "an output's name", &out->name);
		else if (slice_is(key, "parameters"))
			rc = take_parameters(r, &p);
		else
			(void)pull_skip(&r->j);
		if (rc < 0)
			return -1;
	}
	if (!r->j.failed && !out->name.ptr)
		return err_set(r->err, ERR_INVALID, "an output has no name");
	out->binary = p.binary_said && p.binary;
	return r->j.failed ? -1 : 0;
}

static int take_outputs(struct reader *r)
{
	struct v2_request *out = r->out;
	if (is_absent(r))
		return 0;
	if (pull_kind(&r->j) != PULL_ARRAY)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "\"outputs\" is not a list");
	(void)pull_array(&r->j);
	while (pull_item(&r->j)) {
		out->outputs = append(r->a, out->outputs, &out->outputs_n, sizeof *out->outputs);
		if (!out->outputs)
			return no_memory(r);
		if (take_output(r, &out->outputs[out->outputs_n - 1]) < 0)
			return -1;
	}
	return r->j.failed ? -1 : 0;
}

static int take_request(struct reader *r)
{
	struct slice key;
	if (pull_kind(&r->j) != PULL_OBJECT)
		return r->j.failed ? -1 : err_set(r->err, ERR_INVALID, "the request is not an object");
	(void)pull_object(&r->j);
	while (pull_key(&r->j, r->a, &key)) {
		int rc = 0;
		if (slice_is(key, "inputs"))
			rc = take_inputs(r);
		else if (slice_is(key, "outputs"))
			rc = take_outputs(r);
		else if (slice_is(key, "parameters"))
			rc = take_parameters(r, &r->out->parameters);
		else if (slice_is(key, "id"))
			rc = is_absent(r) ? 0 : take_text(r, "id", &r->out->id);
		else
			(void)pull_skip(&r->j);
		if (rc < 0)
			return -1;
	}
	return r->j.failed ? -1 : 0;
}

int v2_request_read(struct slice body, int64_t json_bytes, struct arena *a, struct v2_request *out, struct err *err)
{
	struct v2_request request = {.parameters.binary_data_size = -1};
	struct reader r = {.a = a, .out = &request, .err = err};
	if (json_bytes > (int64_t)body.len)
		return err_set(err, ERR_INVALID, "Inference-Header-Content-Length is larger than the body");
	size_t n = json_bytes < 0 ? body.len : (size_t)json_bytes;
	r.binary = slice_from(body, n);
	pull_init(&r.j, slice_sub(body, 0, n));
	if (take_request(&r) < 0 && !r.j.failed)
		return -1;
	if (pull_end(&r.j, err) < 0)
		return err->code == ERR_MALFORMED ? err_wrap(err, "Unrecognized request format") : -1;
	if (!request.inputs_n)
		return err_set(err, ERR_INVALID, "the request has no inputs");
	if (r.binary.len)
		return err_set(err, ERR_INVALID, "%zu bytes of binary data belong to no input", r.binary.len);
	*out = request;
	return 0;
}
