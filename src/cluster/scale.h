/*
 * The subresource /scale: an autoscaling/v1 Scale read out of an object, and its replicas put back. An apply of a Scale is
 * an apply of the object's replicas by a manager with subresource "scale": as in the API server, owners of the replicas of
 * one are owners of those of the other. Not for others.
 */
#ifndef CORACLE_CLUSTER_SCALE_H
#define CORACLE_CLUSTER_SCALE_H

#include "cluster/kind.h"

/* New reference. The kind has `scale`. */
json_t *scale_of(const struct kind *k, const json_t *object);
/* Sets the replicas of a Scale in `object` (to be changed). ERR_INVALID, ERR_UNPROCESSABLE. */
int scale_apply(const struct kind *k, json_t *object, const json_t *scale, struct err *err);
/* The configuration of the object that an applied Scale stands for: a new reference, or NULL. ERR_INVALID,
 * ERR_UNPROCESSABLE. */
json_t *scale_config(const struct kind *k, const json_t *scale, struct err *err);
/* A Scale has no "no replicas": an object whose replicas were taken away by an apply has 0. */
void scale_settle(const struct kind *k, json_t *object);

#endif
