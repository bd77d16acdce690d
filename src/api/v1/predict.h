/*
 * One V1 prediction from bytes to bytes: what the HTTP routes, the Kubernetes proxy path and `coracle predict` share.
 * Three steps, so that each is timed by itself and the middle one may run elsewhere. Source: KServe's V1 protocol
 * (kserve/protocol/dataplane, kserve.utils.get_predict_input), reference texts in the functions.
 */
#ifndef CORACLE_API_V1_PREDICT_H
#define CORACLE_API_V1_PREDICT_H

#include "infer/model.h"
#include "serving/endpoint.h"

struct v1_input {
	const char *what; /* "instances" or "inputs": for messages */
	struct tensor *tensors;
	size_t n;
	int64_t rows;        /* of the request: for the cost */
	bool apart;          /* elements of several rows: transformer and predictor run apart */
	int64_t per_element; /* rows of an element, with apart */
};

/* Which model, how: a held revision's spec, or one made up for a file. `inputs` wins over `instances`. ERR_MALFORMED
 * "Unrecognized request format: …", ERR_INVALID `Expected "instances" or "inputs" to be a list`, or what is wrong with
 * which instance. Tensors lie in the arena and the body. */
int v1_decode(const struct endpoint_spec *spec, struct slice body, struct arena *a, struct v1_input *out,
	      struct err *err);
int v1_run(const struct endpoint_spec *spec, const struct v1_input *in, struct arena *a, struct tensor *out,
	   struct err *err);
/* {"predictions":[…]} */
int v1_encode(const struct tensor *out, struct arena *a, struct slice *answer, struct err *err);

#endif
