/* The built-in kinds: tables only, one file a group. kinds_add puts all of them into a new cluster, core first. */
#ifndef CORACLE_CONTROL_KINDS_KINDS_H
#define CORACLE_CONTROL_KINDS_KINDS_H

#include "cluster/resource.h"

/* The one node there is, and the version of Kubernetes whose answers ours follow. */
#define KINDS_NODE_NAME "coracle"
#define KINDS_KUBELET_VERSION "v1.34.4"

int kinds_add(struct cluster *c, struct err *err);

/* The node of this machine: created, or its status refreshed. After cluster_start. */
int kinds_node_ensure(struct cluster *c, struct err *err);

#endif
