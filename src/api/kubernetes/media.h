/*
 * Content negotiation: which form of an answer a client asked for in Accept, and in which form a body came.
 */
#ifndef CORACLE_API_KUBERNETES_MEDIA_H
#define CORACLE_API_KUBERNETES_MEDIA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

enum kube_encoding { KUBE_JSON, KUBE_YAML, KUBE_PROTOBUF };
enum kube_as { KUBE_AS_OBJECT, KUBE_AS_TABLE, KUBE_AS_PARTIAL, KUBE_AS_DISCOVERY };

struct kube_media {
	enum kube_encoding encoding;
	enum kube_as as;
	const char *version; /* of the `as` group: "v1", "v1beta1", "v2", "v2beta1"; static */
};

enum kube_accept_flags {
	KUBE_ACCEPT_PROTOBUF = 1 << 0,  /* the kind has field numbers */
	KUBE_ACCEPT_TABLE = 1 << 1,     /* as=Table, as=PartialObjectMetadata(List) */
	KUBE_ACCEPT_DISCOVERY = 1 << 2, /* as=APIGroupDiscoveryList */
};

/* The best of the header's media ranges that `flags` allow: by q, then in the order they stand. Empty: JSON.
 * ERR_NOT_ACCEPTABLE when there is none. */
int kube_accept(struct slice header, unsigned flags, struct kube_media *out, struct err *err);

/* Of a body without parameters; empty means JSON. ERR_MEDIA_TYPE. */
int kube_content_type(struct slice header, enum kube_encoding *out, struct err *err);
/* "application/json" without parameters, lower case is not forced; of "a/b; c=d" the part "a/b". */
struct slice kube_media_type(struct slice header);

/* The Content-Type of an answer. */
const char *kube_media_name(enum kube_encoding e);

#endif
