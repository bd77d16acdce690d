/* `coracle predict PATH --input FILE`: one V1 request, answered offline. The same decoder and encoder as over HTTP. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "api/v1/predict.h"
#include "base/fs.h"
#include "base/limits.h"
#include "cli/model_file.h"

static int answer(const struct model *m, enum model_method method, struct slice body, struct err *err)
{
	const struct endpoint_spec spec = {.name = "", .model = (struct model *)m, .method = method};
	struct v1_input in;
	struct tensor out;
	struct slice text;
	struct arena a;
	arena_init(&a, 0, (size_t)limits.request_arena_bytes);
	int rc = v1_decode(&spec, body, &a, &in, err);
	if (rc == 0)
		rc = v1_run(&spec, &in, &a, &out, err);
	if (rc == 0)
		rc = v1_encode(&out, &a, &text, err);
	if (rc == 0)
		printf("%.*s\n", SLICE_ARG(text));
	arena_release(&a);
	return rc;
}

int command_predict(const struct options *o)
{
	struct model *m = NULL;
	struct err err = {0};
	enum model_method method;
	char *body = NULL;
	size_t body_len;
	const char *input = options_get(o, "input", "-");
	if (model_file_method(o, &method, &err) < 0)
		return usage("predict", err.message);
	model_file_prepare(o);
	int rc = fs_slurp(strcmp(input, "-") == 0 ? "/dev/stdin" : input, (size_t)limits.inference_body_bytes, &body,
			  &body_len, &err);
	if (rc == 0)
		rc = model_file_open(o->operands[0], o, &m, &err);
	if (rc == 0)
		rc = answer(m, method, slice_of(body, body_len), &err);
	free(body);
	if (m)
		model_unref(m);
	model_file_finish();
	return rc < 0 ? fail("predict", &err) : EXIT_OK;
}
