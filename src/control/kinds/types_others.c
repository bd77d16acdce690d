/* Field tables: autoscaling, rbac, events, coordination, discovery, policy, storage. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(autoscaling_Scale) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", autoscaling_ScaleSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", autoscaling_ScaleStatus, .show = true, .doc = "What is there."),
};
TYPE(autoscaling_Scale, "io.k8s.api.autoscaling.v1.Scale", .doc = "The number of replicas of an object, alone.")

FIELDS(autoscaling_ScaleSpec) = {
	FIELD(1, "replicas", INTEGER32, .doc = "How many are wanted."),
};
TYPE(autoscaling_ScaleSpec, "io.k8s.api.autoscaling.v1.ScaleSpec")

FIELDS(autoscaling_ScaleStatus) = {
	FIELD(1, "replicas", INTEGER32, .required = true, .show = true, .doc = "How many there are."),
	FIELD(2, "selector", STRING, .doc = "Labels of the Pods that count, as text."),
};
TYPE(autoscaling_ScaleStatus, "io.k8s.api.autoscaling.v1.ScaleStatus")

FIELDS(autoscaling_HorizontalPodAutoscaler) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", autoscaling_HorizontalPodAutoscalerSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", autoscaling_HorizontalPodAutoscalerStatus, .show = true, .doc = "What there is."),
};
TYPE(autoscaling_HorizontalPodAutoscaler, "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
     .doc = "Changes a number of replicas by a measure.")

FIELDS(autoscaling_HorizontalPodAutoscalerSpec) = {
	OBJECT(1, "scaleTargetRef", autoscaling_CrossVersionObjectReference, .required = true, .show = true,
	      .doc = "What is scaled."),
	FIELD(2, "minReplicas", INTEGER32, .keep = true, .doc = "The fewest Pods."),
	FIELD(3, "maxReplicas", INTEGER32, .required = true, .show = true, .doc = "The most Pods."),
	FIELD(4, "targetCPUUtilizationPercentage", INTEGER32, .keep = true,
	      .doc = "CPU in use, in percent of what is asked for."),
};
TYPE(autoscaling_HorizontalPodAutoscalerSpec, "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec")

FIELDS(autoscaling_CrossVersionObjectReference) = {
	FIELD(1, "kind", STRING, .required = true, .show = true, .doc = "Its kind."),
	FIELD(2, "name", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(3, "apiVersion", STRING, .doc = "Group and version of its kind."),
};
ATOMIC_TYPE(autoscaling_CrossVersionObjectReference, "io.k8s.api.autoscaling.v1.CrossVersionObjectReference")

FIELDS(autoscaling_HorizontalPodAutoscalerStatus) = {
	FIELD(1, "observedGeneration", INTEGER, .keep = true, .doc = "The generation that this status is about."),
	FIELD(2, "lastScaleTime", TIME, .keep = true, .doc = "When it changed last."),
	FIELD(3, "currentReplicas", INTEGER32, .required = true, .show = true, .doc = "How many Pods there are."),
	FIELD(4, "desiredReplicas", INTEGER32, .required = true, .show = true, .doc = "How many Pods are wanted."),
	FIELD(5, "currentCPUUtilizationPercentage", INTEGER32, .keep = true,
	      .doc = "CPU in use, in percent of what is asked for."),
};
TYPE(autoscaling_HorizontalPodAutoscalerStatus, "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus")

FIELDS(rbac_Role) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	LIST_OF(2, "rules", rbac_PolicyRule, .show = true, .doc = "What may be done."),
};
TYPE(rbac_Role, "io.k8s.api.rbac.v1.Role", .doc = "What may be done in one namespace.")

FIELDS(rbac_PolicyRule) = {
	LIST(1, "verbs", STRING, .required = true, .show = true, .doc = "What may be done."),
	LIST(2, "apiGroups", STRING, .doc = "Groups of the resources."),
	LIST(3, "resources", STRING, .doc = "The resources."),
	LIST(4, "resourceNames", STRING, .doc = "Names, when only some objects are meant."),
	LIST(5, "nonResourceURLs", STRING, .doc = "Paths that are no resources."),
};
TYPE(rbac_PolicyRule, "io.k8s.api.rbac.v1.PolicyRule")

FIELDS(rbac_RoleBinding) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	LIST_OF(2, "subjects", rbac_Subject, .doc = "Who has the role."),
	OBJECT(3, "roleRef", rbac_RoleRef, .required = true, .show = true, .doc = "The role; it never changes."),
};
TYPE(rbac_RoleBinding, "io.k8s.api.rbac.v1.RoleBinding", .doc = "Who has a role in one namespace.")

FIELDS(rbac_Subject) = {
	FIELD(1, "kind", STRING, .required = true, .show = true, .doc = "User, Group or ServiceAccount."),
	FIELD(2, "apiGroup", STRING, .doc = "Group of the kind."),
	FIELD(3, "name", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(4, "namespace", STRING, .doc = "Namespace of a service account."),
};
ATOMIC_TYPE(rbac_Subject, "io.k8s.api.rbac.v1.Subject")

FIELDS(rbac_RoleRef) = {
	FIELD(1, "apiGroup", STRING, .required = true, .show = true, .doc = "rbac.authorization.k8s.io."),
	FIELD(2, "kind", STRING, .required = true, .show = true, .doc = "Role or ClusterRole."),
	FIELD(3, "name", STRING, .required = true, .show = true, .doc = "Its name."),
};
ATOMIC_TYPE(rbac_RoleRef, "io.k8s.api.rbac.v1.RoleRef")

FIELDS(rbac_ClusterRole) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	LIST_OF(2, "rules", rbac_PolicyRule, .show = true, .doc = "What may be done."),
	OBJECT(3, "aggregationRule", rbac_AggregationRule, .keep = true),
};
TYPE(rbac_ClusterRole, "io.k8s.api.rbac.v1.ClusterRole",
     .doc = "What may be done in all namespaces, and with objects that are in none.")

FIELDS(rbac_AggregationRule) = {
	LIST_OF(1, "clusterRoleSelectors", meta_LabelSelector),
};
TYPE(rbac_AggregationRule, "io.k8s.api.rbac.v1.AggregationRule")

FIELDS(rbac_ClusterRoleBinding) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	LIST_OF(2, "subjects", rbac_Subject, .doc = "Who has the role."),
	OBJECT(3, "roleRef", rbac_RoleRef, .required = true, .show = true, .doc = "The role; it never changes."),
};
TYPE(rbac_ClusterRoleBinding, "io.k8s.api.rbac.v1.ClusterRoleBinding", .doc = "Who has a role everywhere.")

FIELDS(events_Event) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(2, "eventTime", MICROTIME, .required = true, .show = true),
	OBJECT(3, "series", events_EventSeries, .keep = true),
	FIELD(4, "reportingController", STRING),
	FIELD(5, "reportingInstance", STRING),
	FIELD(6, "action", STRING),
	FIELD(7, "reason", STRING),
	OBJECT(8, "regarding", core_ObjectReference, .show = true),
	OBJECT(9, "related", core_ObjectReference, .keep = true),
	FIELD(10, "note", STRING),
	FIELD(11, "type", STRING),
	OBJECT(12, "deprecatedSource", core_EventSource, .show = true),
	FIELD(13, "deprecatedFirstTimestamp", TIME, .show = true),
	FIELD(14, "deprecatedLastTimestamp", TIME, .show = true),
	FIELD(15, "deprecatedCount", INTEGER32),
};
TYPE(events_Event, "io.k8s.api.events.v1.Event", .doc = "Something that happened to an object.")

FIELDS(events_EventSeries) = {
	FIELD(1, "count", INTEGER32, .required = true, .show = true),
	FIELD(2, "lastObservedTime", MICROTIME, .required = true, .show = true),
};
TYPE(events_EventSeries, "io.k8s.api.events.v1.EventSeries")

FIELDS(coordination_Lease) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", coordination_LeaseSpec, .show = true, .doc = "Who holds it, and until when."),
};
TYPE(coordination_Lease, "io.k8s.api.coordination.v1.Lease",
     .doc = "A thing that one holder at a time has, for choosing a leader.")

FIELDS(coordination_LeaseSpec) = {
	FIELD(1, "holderIdentity", STRING, .keep = true, .doc = "Who holds it."),
	FIELD(2, "leaseDurationSeconds", INTEGER32, .keep = true, .doc = "Seconds it lasts without renewal."),
	FIELD(3, "acquireTime", MICROTIME, .keep = true, .doc = "When it was taken."),
	FIELD(4, "renewTime", MICROTIME, .keep = true, .doc = "When it was renewed last."),
	FIELD(5, "leaseTransitions", INTEGER32, .keep = true, .doc = "How often it went to another."),
	FIELD(6, "strategy", STRING, .keep = true, .doc = "How the holder is chosen."),
	FIELD(7, "preferredHolder", STRING, .keep = true, .doc = "Who had better hold it."),
};
TYPE(coordination_LeaseSpec, "io.k8s.api.coordination.v1.LeaseSpec")

FIELDS(discovery_EndpointSlice) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(4, "addressType", STRING, .required = true, .show = true, .doc = "IPv4, IPv6 or FQDN."),
	LIST_OF(2, "endpoints", discovery_Endpoint, .required = true, .show = true, .doc = "The addresses."),
	LIST_OF(3, "ports", discovery_EndpointPort, .show = true, .doc = "Ports of all of them."),
};
TYPE(discovery_EndpointSlice, "io.k8s.api.discovery.v1.EndpointSlice", .doc = "Some of the addresses behind a service.")

FIELDS(discovery_Endpoint) = {
	LIST(1, "addresses", STRING, .required = true, .show = true, .list = LIST_SET, .doc = "Its addresses."),
	OBJECT(2, "conditions", discovery_EndpointConditions, .show = true, .doc = "Whether it can have requests."),
	FIELD(3, "hostname", STRING, .keep = true, .doc = "Its host name."),
	OBJECT(4, "targetRef", core_ObjectReference, .keep = true, .doc = "The Pod."),
	MAP(5, "deprecatedTopology", STRING),
	FIELD(6, "nodeName", STRING, .keep = true, .doc = "The node it runs on."),
	FIELD(7, "zone", STRING, .keep = true, .doc = "The zone it runs in."),
	OBJECT(8, "hints", discovery_EndpointHints, .keep = true),
};
TYPE(discovery_Endpoint, "io.k8s.api.discovery.v1.Endpoint")

FIELDS(discovery_EndpointConditions) = {
	FIELD(1, "ready", BOOLEAN, .keep = true, .doc = "Whether it can have requests."),
	FIELD(2, "serving", BOOLEAN, .keep = true, .doc = "Whether it answers, even when it is ending."),
	FIELD(3, "terminating", BOOLEAN, .keep = true, .doc = "Whether it is ending."),
};
TYPE(discovery_EndpointConditions, "io.k8s.api.discovery.v1.EndpointConditions")

FIELDS(discovery_EndpointHints) = {
	LIST_OF(1, "forZones", discovery_ForZone),
	LIST_OF(2, "forNodes", discovery_ForNode),
};
TYPE(discovery_EndpointHints, "io.k8s.api.discovery.v1.EndpointHints")

FIELDS(discovery_ForZone) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
};
TYPE(discovery_ForZone, "io.k8s.api.discovery.v1.ForZone")

FIELDS(discovery_ForNode) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
};
TYPE(discovery_ForNode, "io.k8s.api.discovery.v1.ForNode")

FIELDS(discovery_EndpointPort) = {
	FIELD(1, "name", STRING, .keep = true, .doc = "Its name."),
	FIELD(2, "protocol", STRING, .keep = true, .doc = "TCP, UDP or SCTP."),
	FIELD(3, "port", INTEGER32, .keep = true, .doc = "The number."),
	FIELD(4, "appProtocol", STRING, .keep = true, .doc = "What is spoken on it."),
};
ATOMIC_TYPE(discovery_EndpointPort, "io.k8s.api.discovery.v1.EndpointPort")

FIELDS(policy_Eviction) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "deleteOptions", meta_DeleteOptions, .keep = true),
};
TYPE(policy_Eviction, "io.k8s.api.policy.v1.Eviction")

FIELDS(policy_PodDisruptionBudget) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", policy_PodDisruptionBudgetSpec, .show = true, .doc = "How many Pods must stay."),
	OBJECT(3, "status", policy_PodDisruptionBudgetStatus, .show = true, .doc = "How many may go now."),
};
TYPE(policy_PodDisruptionBudget, "io.k8s.api.policy.v1.PodDisruptionBudget",
     .doc = "How many Pods must stay while others are moved.")

FIELDS(policy_PodDisruptionBudgetSpec) = {
	FIELD(1, "minAvailable", INT_OR_STRING, .keep = true,
	      .doc = "How many Pods must stay, as a number or a percentage."),
	OBJECT(2, "selector", meta_LabelSelector, .keep = true, .doc = "Labels of the Pods."),
	FIELD(3, "maxUnavailable", INT_OR_STRING, .keep = true, .doc = "How many Pods may be missing."),
	FIELD(4, "unhealthyPodEvictionPolicy", STRING, .keep = true,
	      .doc = "Whether Pods that are not well may always go."),
};
TYPE(policy_PodDisruptionBudgetSpec, "io.k8s.api.policy.v1.PodDisruptionBudgetSpec")

FIELDS(policy_PodDisruptionBudgetStatus) = {
	FIELD(1, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	MAP(2, "disruptedPods", TIME, .doc = "Pods that are about to go."),
	FIELD(3, "disruptionsAllowed", INTEGER32, .required = true, .show = true, .doc = "How many Pods may go now."),
	FIELD(4, "currentHealthy", INTEGER32, .required = true, .show = true, .doc = "How many are well."),
	FIELD(5, "desiredHealthy", INTEGER32, .required = true, .show = true, .doc = "How many must be well."),
	FIELD(6, "expectedPods", INTEGER32, .required = true, .show = true, .doc = "How many there should be."),
	LIST_OF(7, "conditions", meta_Condition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
TYPE(policy_PodDisruptionBudgetStatus, "io.k8s.api.policy.v1.PodDisruptionBudgetStatus")

FIELDS(storage_StorageClass) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(2, "provisioner", STRING, .required = true, .show = true, .doc = "Who makes volumes of this class."),
	MAP(3, "parameters", STRING, .doc = "Settings for the provisioner."),
	FIELD(4, "reclaimPolicy", STRING, .keep = true, .doc = "Retain or Delete."),
	LIST(5, "mountOptions", STRING),
	FIELD(6, "allowVolumeExpansion", BOOLEAN, .keep = true, .doc = "Whether its volumes can grow."),
	FIELD(7, "volumeBindingMode", STRING, .keep = true, .doc = "Immediate or WaitForFirstConsumer."),
	LIST_OF(8, "allowedTopologies", core_TopologySelectorTerm),
};
TYPE(storage_StorageClass, "io.k8s.api.storage.v1.StorageClass", .doc = "A sort of storage that claims can ask for.")

FIELDS(apiregistration_ServiceReference) = {
	FIELD(1, "namespace", STRING, .doc = "Namespace of the service."),
	FIELD(2, "name", STRING, .doc = "Name of the service."),
	FIELD(3, "port", INTEGER32, .keep = true, .doc = "Its port."),
};
static TYPE(apiregistration_ServiceReference, "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference")

FIELDS(apiregistration_APIServiceSpec) = {
	OBJECT(1, "service", apiregistration_ServiceReference, .keep = true,
	       .doc = "Who serves it; nobody: the API server itself."),
	FIELD(2, "group", STRING, .doc = "The group."),
	FIELD(3, "version", STRING, .doc = "The version."),
	FIELD(4, "insecureSkipTLSVerify", BOOLEAN),
	FIELD(5, "caBundle", BYTES),
	FIELD(7, "groupPriorityMinimum", INTEGER32, .required = true, .show = true),
	FIELD(8, "versionPriority", INTEGER32, .required = true, .show = true),
};
static TYPE(apiregistration_APIServiceSpec, "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec")

FIELDS(apiregistration_APIServiceStatus) = {
	LIST_OF(1, "conditions", meta_Condition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
static TYPE(apiregistration_APIServiceStatus, "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus")

FIELDS(apiregistration_APIService) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apiregistration_APIServiceSpec, .show = true, .doc = "What is served, and by whom."),
	OBJECT(3, "status", apiregistration_APIServiceStatus, .show = true, .doc = "Whether it answers."),
};
TYPE(apiregistration_APIService, "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
     .doc = "A version of a group that another server serves.")
