/*
 * The KServe V1 protocol: GET /v1/models, GET /v1/models/M, POST /v1/models/M:predict, with KServe's texts and codes.
 * Rows for the inference listener (api/inference/inference.h), which serves the gateway and `coracle serve`.
 */
#ifndef CORACLE_API_V1_V1_H
#define CORACLE_API_V1_V1_H

#include "net/server.h"

extern const struct route v1_routes[];
extern const size_t v1_routes_n;

#endif
