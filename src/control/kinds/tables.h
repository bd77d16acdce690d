/* The kind tables of each file of this folder, in the order discovery shows them within their group. */
#ifndef CORACLE_CONTROL_KINDS_TABLES_H
#define CORACLE_CONTROL_KINDS_TABLES_H

#include "cluster/kind.h"

struct kind_table {
	const struct kind *const *kinds;
	size_t n;
};

extern const struct kind_table kinds_core;
extern const struct kind_table kinds_apiregistration;
extern const struct kind_table kinds_apps;
extern const struct kind_table kinds_events;
extern const struct kind_table kinds_autoscaling;
extern const struct kind_table kinds_batch;
extern const struct kind_table kinds_networking;
extern const struct kind_table kinds_policy;
extern const struct kind_table kinds_rbac;
extern const struct kind_table kinds_storage;
extern const struct kind_table kinds_apiextensions;
extern const struct kind_table kinds_coordination;
extern const struct kind_table kinds_discovery;
extern const struct kind_table kinds_kserve;
extern const struct kind_table kinds_knative;

/* Single kinds of core that have a file of their own. */
extern const struct kind kind_pod;
extern const struct kind kind_node;
extern const struct kind kind_service;
extern const struct kind kind_endpoints;
extern const struct kind kind_event;
extern const struct kind kind_replicationcontroller;
extern const struct kind kind_inferenceservice;

#define KIND_TABLE(t, ...)                                                 \
	static const struct kind *const list_##t[] = { __VA_ARGS__ };      \
	const struct kind_table kinds_##t = { .kinds = list_##t, .n = COUNT_OF(list_##t) };

#endif
