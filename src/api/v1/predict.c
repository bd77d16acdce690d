/* V1 predictions: see predict.h. */
#include "api/v1/predict.h"

#include "api/tensor/read.h"
#include "api/tensor/write.h"
#include "base/check.h"

enum key { KEY_INSTANCES, KEY_INPUTS, KEYS };

static const char *const keys[KEYS] = {"instances", "inputs"};

/* What a member of the request was found to hold. */
struct member {
	bool given, list;
	struct tensor_json value;
	struct err err;
};

struct request {
	const struct model_input *input; /* what takes it; NULL: elements, one by one */
	struct member *members; /* KEYS of them */
	struct arena *a;
};

static void take_member(struct json_pull *j, struct request *r, enum key key)
{
	struct member *m = &r->members[key];
	m->given = true;
	m->list = pull_kind(j) == PULL_ARRAY;
	m->err.code = ERR_OK;
	if (!m->list) {
		(void)pull_skip(j);
		return;
	}
	struct json_pull before = *j;
	if (tensor_json_read(j, keys[key], r->input, r->a, &m->value, &m->err) < 0 && !j->failed) {
		*j = before; /* the rest may still be no JSON, or make this member not count */
		(void)pull_skip(j);
	}
}

static int take_request(struct slice body, struct request *r, struct err *err)
{
	struct json_pull j;
	struct slice name;
	pull_init(&j, body);
	if (pull_kind(&j) != PULL_OBJECT)
		(void)pull_skip(&j);
	else if (pull_object(&j))
		while (pull_key(&j, r->a, &name)) {
			if (slice_is(name, "instances"))
				take_member(&j, r, KEY_INSTANCES);
			else if (slice_is(name, "inputs"))
				take_member(&j, r, KEY_INPUTS);
			else
				(void)pull_skip(&j);
		}
	if (pull_end(&j, err) == 0)
		return 0;
	return err->code == ERR_MALFORMED ? err_wrap(err, "Unrecognized request format") : -1;
}

/* A request's list as the model's rows. */
static int as_elements(const struct endpoint_spec *spec, struct v1_input *in, const char *what, struct err *err)
{
	struct tensor *t = in->tensors;
	bool text = t->dtype == DTYPE_STRING;
	int least = text ? 2 : 3;
	/* The library's own words: an element is what its transform() is given. */
	if (t->rank < least)
		return err_set(err, ERR_INVALID, "%s[0]: %s", what,
			       text           ? "Iterable over raw text documents expected, string object received."
			       : t->rank == 1 ? "Expected 2D array, got scalar array instead."
					      : "Expected 2D array, got 1D array instead.");
	if (t->rank > least)
		return err_set(err, ERR_INVALID, "%s[0]: Found array with dim %d. %s expected.", what, t->rank - 1,
			       text ? "A list of texts is" : "2 dimensions are");
	in->per_element = t->shape[1];
	in->apart = in->per_element != 1 && spec->transformer && spec->predictor;
	if (!in->apart && in->per_element != 1)
		return 0;
	/* [elements, rows, ...] is [elements * rows, ...] for the transformer */
	t->shape[0] *= t->shape[1];
	for (int d = 1; d + 1 < t->rank; d++)
		t->shape[d] = t->shape[d + 1];
	t->rank--;
	return 0;
}

int v1_decode(const struct endpoint_spec *spec, struct slice body, struct arena *a, struct v1_input *out,
	      struct err *err)
{
	struct request r = {.a = a, .input = spec->element_rows || !spec->model ? NULL : model_input(spec->model)};
	/* Two err are large for a stack that may be small, and only the flags in front need zeroes. */
	r.members = arena_alloc(a, KEYS * sizeof *r.members);
	if (!r.members)
		return err_set(err, ERR_NO_MEMORY, "no memory for the request");
	for (int k = 0; k < KEYS; k++) {
		r.members[k].given = r.members[k].list = false;
		err_clear(&r.members[k].err);
	}
	if (take_request(body, &r, err) < 0)
		return -1;
	enum key key = r.members[KEY_INPUTS].given ? KEY_INPUTS : KEY_INSTANCES;
	const struct member *m = &r.members[key];
	if (!m->given || !m->list || (r.members[KEY_INSTANCES].given && !r.members[KEY_INSTANCES].list))
		return err_set(err, ERR_INVALID, "Expected \"instances\" or \"inputs\" to be a list");
	if (m->err.code)
		return err_set(err, m->err.code, "%s", m->err.message);
	struct v1_input in = {.what = keys[key], .tensors = m->value.tensors, .n = m->value.n};
	in.rows = in.tensors[0].shape[0];
	/* A table of one column is found by its name where the model has names, else it is a matrix. */
	if (m->value.table && in.n == 1 && spec->model && model_input(spec->model)->names_n)
		in.tensors[0].rank = 1;
	if (!in.rows)
		return err_set(err, ERR_INVALID, "\"%s\" is empty: at least one instance is needed", keys[key]);
	if (spec->element_rows && !m->value.table && as_elements(spec, &in, keys[key], err) < 0)
		return -1;
	*out = in;
	return 0;
}

static int run_one(const struct model *m, enum model_method method, const struct v1_input *in, struct arena *a,
		   struct tensor *out, struct err *err)
{
	size_t n = 0;
	if (model_run(m, method, in->tensors, in->n, out, 1, &n, a, err) < 0)
		return -1;
	if (n != 1)
		return err_set(err, ERR_UNSUPPORTED, "this model has %zu outputs: ask for them over V2", n);
	return 0;
}

/* All rows have one width and type here, so what the model refuses begins with the first. */
static int refused(const struct v1_input *in, struct err *err)
{
	if (err->code == ERR_INVALID && !strstr(err->message, "instance"))
		err_wrap(err, "%s[0]", in->what);
	return -1;
}

static int run_apart(const struct endpoint_spec *spec, const struct v1_input *in, struct arena *a, struct tensor *out,
		     struct err *err)
{
	struct tensor rows;
	if (run_one(spec->transformer, MODEL_TRANSFORM, in, a, &rows, err) < 0)
		return -1;
	/* Each element's rows, flattened to one. */
	int64_t elements = in->per_element ? rows.shape[0] / in->per_element : 0;
	int64_t width = elements ? tensor_count(&rows) / elements : 0;
	rows.rank = 2;
	rows.shape[0] = elements;
	rows.shape[1] = width;
	struct v1_input flat = {.tensors = &rows, .n = 1};
	return run_one(spec->predictor, spec->method, &flat, a, out, err);
}

int v1_run(const struct endpoint_spec *spec, const struct v1_input *in, struct arena *a, struct tensor *out,
	   struct err *err)
{
	int rc = in->apart ? run_apart(spec, in, a, out, err) : run_one(spec->model, spec->method, in, a, out, err);
	return rc < 0 ? refused(in, err) : 0;
}

int v1_encode(const struct tensor *out, struct arena *a, struct slice *answer, struct err *err)
{
	struct json_text t;
	json_text_init(&t, a);
	json_text_add(&t, SLICE_LIT("{\"predictions\":"));
	if (tensor_json_write(out, "predictions", false, &t, err) < 0)
		return -1;
	json_text_add(&t, SLICE_LIT("}"));
	if (t.failed)
		return err_set(err, ERR_NO_MEMORY, "the answer does not fit the memory of one request");
	*answer = json_text_view(&t);
	return 0;
}
