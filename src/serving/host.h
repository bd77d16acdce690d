/*
 * Host names of an InferenceService, and host names as requests send them.
 *
 * KServe gives one service many hosts: <name>.<ns>.<domain> at the gateway (Knative mode), <name>-<ns>.<domain> (raw
 * mode), <name>.<ns>, <name>.<ns>.svc and <name>.<ns>.svc.cluster.local inside the cluster; and the same again for each
 * component's service: <name>-predictor, before 0.11 <name>-predictor-default.
 */
#ifndef CORACLE_SERVING_HOST_H
#define CORACLE_SERVING_HOST_H

#include <stddef.h>

#include "base/slice.h"

enum { HOST_BYTES = 256, HOST_FORMS_MAX = 32 };

/* Lower case, without port and without the last dot of an absolute name. False for what is no host name (too long). */
bool host_normal(struct slice sent, char out[HOST_BYTES], size_t *len);
/* An address of a machine rather than a name of a service: an IP literal or "localhost". */
bool host_is_address(struct slice sent);

struct host_forms {
	const char *names[HOST_FORMS_MAX]; /* into text */
	size_t n;
	char text[HOST_FORMS_MAX][HOST_BYTES];
};

/* Every form for `service` (an InferenceService's name, or one of its components' service names), added to *out. Forms
 * that would be too long are left out. `external` false: cluster-local ones only. */
void host_forms_add(struct host_forms *out, const char *service, const char *namespace_, const char *domain,
		    bool external);
/* <name>-<component> and <name>-<component>-default. */
void host_forms_add_component(struct host_forms *out, const char *name, const char *component, const char *namespace_,
			      const char *domain, bool external);

#endif
