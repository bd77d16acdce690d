/*
 * What a URL path of the Kubernetes API means: /api/v1/… and /apis/GROUP/VERSION/… to group, version, namespace,
 * resource, name and subresource. Pure: bytes in, slices out.
 */
#ifndef CORACLE_API_KUBERNETES_PATH_H
#define CORACLE_API_KUBERNETES_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct kube_path {
	const char *group;       /* "" for core */
	const char *version;     /* "v1" */
	const char *plural;      /* "pods"; NULL: the group version itself (discovery) */
	const char *namespace_;  /* "" for none: cluster-scoped, or all namespaces */
	const char *name;        /* NULL for the collection */
	const char *subresource; /* NULL for none */
	struct slice rest;       /* after the subresource, as sent, with its leading '/': proxy paths */
};

/* Strings are in the arena. ERR_NOT_FOUND for what is no such path, ERR_INVALID for broken percent-encoding. */
int kube_path_parse(struct slice path, struct arena *arena, struct kube_path *out, struct err *err);

#endif
