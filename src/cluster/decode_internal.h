/* What decode.c, decode_go.c and decode_custom.c share: one run over one object. */
#ifndef CORACLE_CLUSTER_DECODE_INTERNAL_H
#define CORACLE_CLUSTER_DECODE_INTERNAL_H

#include "base/buf.h"
#include "cluster/decode.h"

struct decoder {
	const struct kind *kind;
	struct buf path;       /* "spec.containers[0].name" */
	json_t *unknown;       /* messages about unknown fields, NULL while there is none */
	bool open;	       /* KIND_OPEN: what the table doesn't list is kept */
	bool converting;       /* a map is read into a struct, not text: another set of words for what is wrong */
	struct fault_list *faults;
	struct err *err;
};

/* The path grows by a member (or `[i]`) and is cut back to what decoder_push returned. */
size_t decoder_push(struct decoder *d, const char *name);
size_t decoder_push_index(struct decoder *d, size_t i);
void decoder_pop(struct decoder *d, size_t length);
void decoder_unknown(struct decoder *d, const char *name);
/* Reports every member of `in` that `type` does not have. `found`: how many it has. */
void decoder_unknown_members(struct decoder *d, const struct schema_type *type, const json_t *in, size_t found);

/* A built-in object (`in` NULL: absent) in the form that Go's encoder gives. NULL with d->err set. New reference. */
json_t *decode_go_object(struct decoder *d, const struct schema_type *type, const json_t *in);

/* A custom one: pruned, defaulted, checked; what is wrong becomes a fault. New reference, never NULL. */
json_t *decode_custom_object(struct decoder *d, const struct schema_type *type, const json_t *rules, const json_t *in);

/* Rules of one OpenAPI node that its type does not say: enum, pattern, minimum… */
void decode_rules_check(struct decoder *d, const json_t *rules, const json_t *value);

#endif
