/*
 * YAML to JSON values and back. libyaml scans and parses; which plain text is a number, a boolean or null is decided
 * here, by the dialect of the program whose files these are.
 *
 * Refused with line and column: tabs where YAML forbids them, duplicate keys, unknown tags, keys that are collections,
 * nesting beyond limits.yaml_depth, and more than limits.yaml_nodes nodes counting each use of an alias, so that
 * aliases of aliases cost no more than that.
 */
#ifndef CORACLE_CODEC_YAML_H
#define CORACLE_CODEC_YAML_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum yaml_dialect {
	YAML_GOYAML, /* go-yaml v2 as sigs.k8s.io/yaml uses it: what kubectl reads */
	YAML_PYYAML, /* PyYAML's SafeLoader: YAML 1.1 */
};

/* *documents is a new array, one item a document (an empty document is null). ERR_MALFORMED. */
int yaml_decode(struct slice text, enum yaml_dialect dialect, json_t **documents, struct err *err);

/* One document in block style, keys sorted, without "---"; reads back the same in both dialects. */
int yaml_encode(const json_t *value, struct buf *out);

/* What a plain scalar means: a new reference to null, boolean, number or string. */
json_t *yaml_resolve(struct slice plain, enum yaml_dialect dialect);

#endif
