/* What is wrong with a JSON text, in the words of Go's encoding/json, which clients of Kubernetes know. */
#ifndef CORACLE_CODEC_JSON_GO_H
#define CORACLE_CODEC_JSON_GO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* False when the text is JSON. out: "invalid character 'o' in literal null (expecting 'u')",
 * "unexpected end of JSON input". */
bool json_go_error(struct slice text, char *out, size_t n);

#endif
