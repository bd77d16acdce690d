/*
 * Kubernetes' protobuf form of objects: the "k8s\0" envelope around one message, decoded and encoded by the field
 * tables of cluster/schema.h (numbers, `inside`, `keep`, `show`). Unknown fields are skipped.
 */
#ifndef CORACLE_API_KUBERNETES_PROTO_H
#define CORACLE_API_KUBERNETES_PROTO_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "cluster/schema.h"

struct kube_envelope {
	struct slice api_version, kind, raw; /* borrowed from the body */
};

/* Has this type field numbers, so that it can be sent as protobuf? */
bool kube_proto_known(const struct schema_type *type);

/* ERR_INVALID for what is no envelope. */
int kube_proto_open(struct slice body, struct kube_envelope *out, struct err *err);
/* One message. ERR_INVALID for broken bytes, text that is not UTF-8 or nesting over limits.json_depth. */
int kube_proto_decode(struct slice raw, const struct schema_type *type, json_t **out, struct err *err);

/* Appends the envelope. */
int kube_proto_encode(const json_t *object, const struct schema_type *type, struct buf *out, struct err *err);
/* A list: metadata (ListMeta) and items of one type. */
int kube_proto_encode_list(const char *api_version, const char *kind, const json_t *metadata, const json_t *items,
			   const struct schema_type *type, struct buf *out, struct err *err);

#endif
