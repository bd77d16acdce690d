/*
 * What a Service is given: an address out of 10.96.0.0/12 (kubeadm's range) and node ports out of 30000 to 32767. A
 * Service is a KIND_SERIAL: nothing is handed out between looking at what the others have and the commit, so no two of
 * them ever have the same. Not for others than service.c.
 */
#ifndef CORACLE_CONTROL_KINDS_SERVICE_ADDRESS_H
#define CORACLE_CONTROL_KINDS_SERVICE_ADDRESS_H

#include "cluster/kind.h"

enum service_type {
	SERVICE_CLUSTER_IP = 1 << 0, /* also what is no known type */
	SERVICE_NODE_PORT = 1 << 1,
	SERVICE_LOAD_BALANCER = 1 << 2,
	SERVICE_EXTERNAL_NAME = 1 << 3,
	SERVICE_HAS_IP = SERVICE_CLUSTER_IP | SERVICE_NODE_PORT | SERVICE_LOAD_BALANCER,
	SERVICE_HAS_NODE_PORTS = SERVICE_NODE_PORT | SERVICE_LOAD_BALANCER,
};

enum service_type service_type_of(const json_t *service);

/* Keeps what an update leaves out, takes away what the new type has not, and draws what is missing. ERR_INTERNAL when a
 * range is used up. */
int service_addresses_give(struct admission *a, struct err *err);
/* Addresses and ports that its writer chose: faults of those outside the ranges, or of another Service. */
void service_addresses_check(struct admission *a);

#endif
