/*
 * An inference request of V2 as it was sent: inputs with their tensors, outputs that are wanted. Keys may come in any
 * order; unknown ones are passed over.
 */
#ifndef CORACLE_API_V2_REQUEST_H
#define CORACLE_API_V2_REQUEST_H

#include "api/v2/data.h"

/* What a "parameters" object said, of those that are known here. */
struct v2_parameters {
	struct slice content_type;
	int64_t binary_data_size; /* -1: not said */
	bool binary_said, binary; /* binary_data of an output, binary_data_output of a request */
};

struct v2_input {
	struct tensor tensor; /* its name is the input's */
	struct v2_parameters parameters;
};

struct v2_output {
	struct slice name;
	bool binary;
};

struct v2_request {
	struct slice id; /* {NULL, 0}: none */
	struct v2_parameters parameters;
	struct v2_input *inputs;
	size_t inputs_n;
	struct v2_output *outputs; /* none: the default one */
	size_t outputs_n;
};

/* json_bytes: of the body's first part (Inference-Header-Content-Length), -1 when all of it is JSON. ERR_MALFORMED,
 * ERR_INVALID naming the input. Tensors lie in the arena and the body. */
int v2_request_read(struct slice body, int64_t json_bytes, struct arena *a, struct v2_request *out, struct err *err);

#endif
