/* The subresource /scale: an autoscaling/v1 Scale read out of an object, and its replicas put back. Not for others. */
#ifndef CORACLE_CLUSTER_SCALE_H
#define CORACLE_CLUSTER_SCALE_H

#include "cluster/kind.h"

/* New reference. The kind has `scale`. */
json_t *scale_of(const struct kind *k, const json_t *object);
/* Sets the replicas of a Scale in `object` (to be changed). ERR_INVALID, ERR_UNPROCESSABLE. */
int scale_apply(const struct kind *k, json_t *object, const json_t *scale, struct err *err);

#endif
