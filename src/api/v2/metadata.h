/*
 * What a model takes and gives, as V2's metadata says it. Outputs are found by running each method on one row of zeroes
 * (or an empty text): the engine knows types and widths only of what it computes.
 */
#ifndef CORACLE_API_V2_METADATA_H
#define CORACLE_API_V2_METADATA_H

#include "api/tensor/write.h"
#include "serving/endpoint.h"

/* {"name":…,"versions":[…],"platform":…,"inputs":[…],"outputs":[…]} */
void v2_metadata_write(const struct endpoint_spec *spec, struct json_text *out);

#endif
