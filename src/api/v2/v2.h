/*
 * The Open Inference Protocol V2 over REST: health, metadata, readiness, repository index and inference, in JSON and
 * with binary tensors (Triton's extension), with the texts of KServe where clients know them. Rows for the inference
 * listener (api/inference/inference.h).
 *
 * Loading and unloading over the protocol answer 501: models come from `coracle serve`'s path or from resources.
 */
#ifndef CORACLE_API_V2_V2_H
#define CORACLE_API_V2_V2_H

#include "net/server.h"

extern const struct route v2_routes[];
extern const size_t v2_routes_n;

#endif
