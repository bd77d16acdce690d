/* Field tables: serving.knative.dev/v1. See types_serving.h. */
#include "control/kinds/types_serving.h"
#include "control/kinds/types_table.h"

#define NAME(t) "dev.knative.serving.v1." t

FIELDS(knative_Condition) = {
	FIELD(0, "type", STRING, .required = true, .doc = "What the condition is about."),
	FIELD(0, "status", STRING, .required = true, .doc = "True, False or Unknown."),
	FIELD(0, "severity", STRING, .doc = "Empty for an error, else Warning or Info."),
	FIELD(0, "lastTransitionTime", STRING, .doc = "When its status changed last."),
	FIELD(0, "reason", STRING, .doc = "Why, as one word."),
	FIELD(0, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(knative_Condition, "dev.knative.pkg.apis.Condition")

FIELDS(knative_Addressable) = {
	FIELD(0, "name", STRING, .doc = "Its name."),
	FIELD(0, "url", STRING, .doc = "Where requests go."),
	FIELD(0, "CACerts", STRING),
	FIELD(0, "audience", STRING),
};
TYPE(knative_Addressable, "dev.knative.pkg.apis.duck.v1.Addressable")

FIELDS(knative_TrafficTarget) = {
	FIELD(0, "tag", STRING, .doc = "A name of its own for this part of the traffic."),
	FIELD(0, "revisionName", STRING, .doc = "The revision that gets it."),
	FIELD(0, "configurationName", STRING),
	FIELD(0, "latestRevision", BOOLEAN, .doc = "Whether it is always the latest ready revision."),
	FIELD(0, "percent", INTEGER, .doc = "Share of the requests."),
	FIELD(0, "url", STRING, .doc = "Where this part can be reached alone."),
};
TYPE(knative_TrafficTarget, NAME("TrafficTarget"))

FIELDS(knative_RevisionSpec) = {
	LIST_OF(0, "containers", core_Container, .doc = "Containers of the revision's Pods."),
	POD_FIELDS_BESIDE_CONTAINERS,
	FIELD(0, "containerConcurrency", INTEGER, .doc = "Requests at a time for one Pod, 0 for any number."),
	FIELD(0, "timeoutSeconds", INTEGER, .doc = "Seconds a request may take."),
	FIELD(0, "responseStartTimeoutSeconds", INTEGER),
	FIELD(0, "idleTimeoutSeconds", INTEGER),
};
TYPE(knative_RevisionSpec, NAME("RevisionSpec"))

FIELDS(knative_RevisionTemplateSpec) = {
	OBJECT(0, "metadata", meta_ObjectMeta, .doc = "Labels and annotations of the revision."),
	OBJECT(0, "spec", knative_RevisionSpec, .doc = "What the revision runs."),
};
TYPE(knative_RevisionTemplateSpec, NAME("RevisionTemplateSpec"))

/* What every status here begins with. */
#define STATUS_FIELDS                                                                                     \
	FIELD(0, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),      \
	LIST_OF(0, "conditions", knative_Condition, .doc = "What is ready and what is not, with reasons."), \
	MAP(0, "annotations", STRING)

FIELDS(knative_ServiceSpec) = {
	OBJECT(0, "template", knative_RevisionTemplateSpec, .doc = "The next revision."),
	LIST_OF(0, "traffic", knative_TrafficTarget, .doc = "How requests are shared among revisions."),
};
static TYPE(knative_ServiceSpec, NAME("ServiceSpec"))

FIELDS(knative_ServiceStatus) = {
	STATUS_FIELDS,
	FIELD(0, "latestReadyRevisionName", STRING, .doc = "The last revision that became ready."),
	FIELD(0, "latestCreatedRevisionName", STRING, .doc = "The last revision that was made."),
	FIELD(0, "url", STRING, .doc = "Where requests go."),
	OBJECT(0, "address", knative_Addressable, .doc = "Where requests from inside go."),
	LIST_OF(0, "traffic", knative_TrafficTarget, .doc = "How requests are shared now."),
};
static TYPE(knative_ServiceStatus, NAME("ServiceStatus"))

FIELDS(knative_Service) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(0, "metadata", meta_ObjectMeta),
	OBJECT(0, "spec", knative_ServiceSpec, .doc = "What is wanted."),
	OBJECT(0, "status", knative_ServiceStatus, .doc = "What there is."),
};
TYPE(knative_Service, NAME("Service"))

FIELDS(knative_ConfigurationSpec) = {
	OBJECT(0, "template", knative_RevisionTemplateSpec, .doc = "The next revision."),
};
static TYPE(knative_ConfigurationSpec, NAME("ConfigurationSpec"))

FIELDS(knative_ConfigurationStatus) = {
	STATUS_FIELDS,
	FIELD(0, "latestReadyRevisionName", STRING, .doc = "The last revision that became ready."),
	FIELD(0, "latestCreatedRevisionName", STRING, .doc = "The last revision that was made."),
};
static TYPE(knative_ConfigurationStatus, NAME("ConfigurationStatus"))

FIELDS(knative_Configuration) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(0, "metadata", meta_ObjectMeta),
	OBJECT(0, "spec", knative_ConfigurationSpec, .doc = "What is wanted."),
	OBJECT(0, "status", knative_ConfigurationStatus, .doc = "What there is."),
};
TYPE(knative_Configuration, NAME("Configuration"))

FIELDS(knative_RouteSpec) = {
	LIST_OF(0, "traffic", knative_TrafficTarget, .doc = "How requests are shared among revisions."),
};
static TYPE(knative_RouteSpec, NAME("RouteSpec"))

FIELDS(knative_RouteStatus) = {
	STATUS_FIELDS,
	FIELD(0, "url", STRING, .doc = "Where requests go."),
	OBJECT(0, "address", knative_Addressable, .doc = "Where requests from inside go."),
	LIST_OF(0, "traffic", knative_TrafficTarget, .doc = "How requests are shared now."),
};
static TYPE(knative_RouteStatus, NAME("RouteStatus"))

FIELDS(knative_Route) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(0, "metadata", meta_ObjectMeta),
	OBJECT(0, "spec", knative_RouteSpec, .doc = "What is wanted."),
	OBJECT(0, "status", knative_RouteStatus, .doc = "What there is."),
};
TYPE(knative_Route, NAME("Route"))

FIELDS(knative_ContainerStatus) = {
	FIELD(0, "name", STRING, .doc = "Name of the container."),
	FIELD(0, "imageDigest", STRING, .doc = "The very image it runs."),
};
static TYPE(knative_ContainerStatus, NAME("ContainerStatus"))

FIELDS(knative_RevisionStatus) = {
	STATUS_FIELDS,
	FIELD(0, "serviceName", STRING, .doc = "The Service in front of its Pods."),
	FIELD(0, "logUrl", STRING),
	FIELD(0, "desiredReplicas", INTEGER32, .doc = "Pods wanted."),
	FIELD(0, "actualReplicas", INTEGER32, .doc = "Pods there are."),
	LIST_OF(0, "containerStatuses", knative_ContainerStatus, .doc = "Its containers."),
	LIST_OF(0, "initContainerStatuses", knative_ContainerStatus,
	      .doc = "How each of its init containers is doing."),
};
static TYPE(knative_RevisionStatus, NAME("RevisionStatus"))

FIELDS(knative_Revision) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(0, "metadata", meta_ObjectMeta),
	OBJECT(0, "spec", knative_RevisionSpec, .doc = "What it runs; it never changes."),
	OBJECT(0, "status", knative_RevisionStatus, .doc = "What there is."),
};
TYPE(knative_Revision, NAME("Revision"))
