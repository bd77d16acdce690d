/*
 * In-cluster names (SERVICE, SERVICE.NS, SERVICE.NS.svc, SERVICE.NS.svc.cluster.local), in this order: a Service that
 * has ready endpoints, an alias (first label minio*: our own S3), the system's resolver. A name of more labels than
 * these goes to the system at once. Our own listener's address is recognised as such.
 */
#ifndef CORACLE_CONTROL_RESOLVE_H
#define CORACLE_CONTROL_RESOLVE_H

#include "cluster/resource.h"
#include "control/fetch.h"

struct resolver {
	struct cluster *cluster;
	const struct kind *service, *endpoints;
	const char *s3_address; /* HOST:PORT of our own S3; NULL: none */
};

/* namespace_: of the pod that asks, for a name without namespace. */
void resolver_route(const struct resolver *r, const char *namespace_, const char *host_port, struct fetch_route *out);

#endif
