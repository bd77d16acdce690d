/* What the objects of an InferenceService share: names that are not the user's. */
#ifndef CORACLE_CONTROL_ISVC_PARTS_H
#define CORACLE_CONTROL_ISVC_PARTS_H

#include "control/isvc.h"
#include "control/kinds/kinds.h"

#define ISVC_NODE KINDS_NODE_NAME
#define ISVC_INITIALIZER_IMAGE "kserve/storage-initializer:v0.7.0"
#define ISVC_QUEUE_IMAGE "gcr.io/knative-releases/knative.dev/serving/cmd/queue:v0.23.2"
#define ISVC_HASH_ANNOTATION "coracle.dev/template-hash"
#define ISVC_BUILTIN_ANNOTATION "coracle.dev/builtin" /* a controller of ours writes it, and nobody else */
#define ISVC_ADDRESS_ANNOTATION "coracle.dev/address"
#define ISVC_LABEL "serving.kserve.io/inferenceservice"

/* "http://SERVICE.NS.DOMAIN", {"url": "http://SERVICE.NS.svc.cluster.local"}, and the traffic of a Route whose newest
 * ready revision is this ("": none); new references. */
json_t *isvc_component_url(struct control *c, const struct isvc_plan *p, const struct component *m);
json_t *isvc_component_address(const struct isvc_plan *p, const struct component *m);
json_t *isvc_traffic(const char *ready);
/* spec of the pod template of Deployment and ReplicaSet; new reference. */
json_t *isvc_pod_template_spec(const struct component *m);
/* The address of built-in pods: that of the inference listener. */
void isvc_pod_ip(struct control *c, char *out, size_t n);
/* No pods for this older revision any more. */
int isvc_workload_retire(struct control *c, struct isvc_plan *p, const char *revision, struct err *err);
/* Pulled, Created, Started. */
void isvc_container_events(struct control *c, const json_t *pod, const char *path, const char *name, const char *image);

#endif
