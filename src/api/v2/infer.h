/*
 * One V2 inference: which inputs are the model's rows, which methods its outputs are, and the answer in JSON, with
 * binary tensors behind it where they are asked for.
 *
 * - One input is the matrix of rows, whatever its name; of a text model each element of a BYTES input is one text.
 * - Several inputs, or one with content_type "pd", are the columns of a table, by name.
 * - An output's name says the method: predict, predict_proba, decision_function, transform, ...; "output-0", or none
 *   asked for, is the method that the endpoint is served with.
 */
#ifndef CORACLE_API_V2_INFER_H
#define CORACLE_API_V2_INFER_H

#include "api/v2/request.h"
#include "serving/endpoint.h"

enum { V2_OUTPUTS_MAX = 16 };

struct v2_job {
	struct v2_request request;
	struct tensor *in;
	size_t in_n;
	int64_t rows;
	struct v2_answer {
		struct tensor tensor; /* its name is the output's */
		bool binary;
	} out[V2_OUTPUTS_MAX];
	size_t out_n;
};

int v2_bind(const struct endpoint_spec *spec, struct v2_job *job, struct arena *a, struct err *err);
int v2_run(const struct endpoint_spec *spec, struct v2_job *job, struct arena *a, struct err *err);
/* `id` when the request has none. *json_bytes: of the answer's first part when binary tensors follow, else -1. */
int v2_encode(const struct endpoint_spec *spec, const struct v2_job *job, struct slice id, struct arena *a,
	      struct slice *answer, int64_t *json_bytes, struct err *err);

#endif
