/* Inside a model: for model.c, model_describe.c and tests. */
#ifndef CORACLE_INFER_MODEL_PRIV_H
#define CORACLE_INFER_MODEL_PRIV_H

#include <stdatomic.h>

#include "base/map.h"
#include "infer/graph.h"
#include "infer/kernels/kernel.h"
#include "infer/model.h"

enum { MODEL_OUTPUTS_MAX = 64 };

struct plan;

struct model {
	atomic_int refs;
	struct arena arena;
	struct image image;
	struct graph graph;
	struct model *parts[2]; /* of a fused model; then image and graph are empty */
	enum model_method first_method; /* of parts[0] */
	struct plan *plans[MODEL_METHODS];
	enum model_method fallback; /* what MODEL_DEFAULT means */
	enum isa isa;
	struct model_input input;
	struct map places; /* of input */
	const char *format, *version, *class_name;
	bool boxed; /* loaded in the sandbox */
};

/* Takes the image, also on failure. */
int model_from_image(struct image *image, enum isa isa, struct model **out, struct err *err);

#endif
