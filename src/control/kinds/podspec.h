/* The spec of a Pod, alone and inside templates: defaults and checks of core/v1. */
#ifndef CORACLE_CONTROL_KINDS_PODSPEC_H
#define CORACLE_CONTROL_KINDS_PODSPEC_H

#include "cluster/kind.h"

/* `spec` NULL or no object: nothing happens. */
void podspec_defaults(json_t *spec);
/* `path` is where it stands: "spec.template.spec". */
void podspec_validate(const json_t *spec, const char *path, struct fault_list *faults);
/* For one container list outside a pod spec (an InferenceService's own). */
void podspec_container_defaults(json_t *container);

/* A template's checks: labels against `selector`, then the spec. `path`: "spec.template". */
void podtemplate_validate(const json_t *template, const json_t *selector, const char *path, struct fault_list *faults);

/* "Guaranteed", "Burstable" or "BestEffort". */
const char *podspec_qos(const json_t *spec);

#endif
