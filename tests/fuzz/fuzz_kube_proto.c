/*
 * Protobuf bodies of the Kubernetes API. The first byte chooses the type; the rest is an envelope or, when it is none, a
 * bare message. What decodes is encoded and decoded again: nothing may change any more.
 */
#include <assert.h>
#include <stdlib.h>

#include "api/kubernetes/proto.h"
#include "base/check.h"
#include "control/kinds/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct schema_type *const types[] = {
	&type_core_Namespace,	   &type_core_ConfigMap,   &type_core_Secret, &type_core_ServiceAccount,
	&type_core_Service,	   &type_core_Pod,	   &type_apps_Deployment, &type_batch_Job,
	&type_authentication_TokenRequest, &type_authorization_SelfSubjectAccessReview,
};

static void decode(struct slice raw, const struct schema_type *type)
{
	struct err err = { 0 };
	struct buf once, twice;
	struct kube_envelope e;
	json_t *object, *again;
	if (kube_proto_decode(raw, type, &object, &err) < 0) {
		assert(err.code != ERR_OK && err.message[0]);
		return;
	}
	buf_init(&once, (size_t)64 << 20);
	buf_init(&twice, (size_t)64 << 20);
	if (kube_proto_encode(object, type, &once, &err) == 0) {
		assert(kube_proto_open(buf_view(&once), &e, &err) == 0);
		assert(kube_proto_decode(e.raw, type, &again, &err) == 0);
		assert(kube_proto_encode(again, type, &twice, &err) == 0);
		assert(slice_eq(buf_view(&once), buf_view(&twice)));
		json_decref(again);
	}
	buf_release(&once);
	buf_release(&twice);
	json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct kube_envelope e;
	if (size < 1)
		return 0;
	const struct schema_type *type = types[data[0] % COUNT_OF(types)];
	char *copy = malloc(size);
	if (!copy)
		abort();
	for (size_t i = 1; i < size; i++)
		copy[i - 1] = (char)data[i];
	struct slice body = slice_of(copy, size - 1);
	decode(kube_proto_open(body, &e, &err) == 0 ? e.raw : body, type);
	free(copy);
	return 0;
}
