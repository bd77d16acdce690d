/*
 * An object from outside against its kind's fields: what Kubernetes' decoders do before anything else sees it.
 * - a wrong type is ERR_INVALID with the decoder's text for built-in kinds (`json: cannot unmarshal string into Go struct
 *   field DeploymentSpec.spec.replicas of type int32`), a 422 fault for kinds with KIND_CUSTOM
 * - unknown fields are dropped for built-in kinds, pruned for custom ones, and by `fields` ignored, warned about
 *   (`unknown field "spec.foo"`) or refused (`strict decoding error: unknown field "spec.foo"`); FIELD_ANY and open types
 *   keep everything
 * - zeros that Go's encoder would omit are dropped, `show` fields written (schema.h), quantities and times made canonical
 * - defaults of a CRD's schema are filled in, its rules (enum, pattern, minimum, required…) checked
 */
#ifndef CORACLE_CLUSTER_DECODE_H
#define CORACLE_CLUSTER_DECODE_H

#include "cluster/resource.h"

/* *out: a new document. Warnings are appended to *warnings (made when NULL). */
int decode_object(const struct kind *k, const json_t *in, enum field_validation fields, json_t **out, json_t **warnings,
		  struct fault_list *faults, struct err *err);

/* The error that decode_object gives, as a patch of a built-in object answers it: ` "" is invalid: patch: Invalid value:
 * …` (422, with one cause). `in`: the patched object, which does not decode; `strategic`: what patch_strategic left of the
 * patch, NULL for the other patches. -1; *causes a new reference. */
int decode_patch_refuse(const struct kind *k, const json_t *in, const json_t *strategic, enum field_validation fields,
			json_t **causes, struct err *err);

#endif
