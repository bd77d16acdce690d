/* Field tables: the rest of v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(core_Node) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_NodeSpec, .show = true, .doc = "How it is used."),
	OBJECT(3, "status", core_NodeStatus, .show = true, .doc = "What it is and has."),
};
TYPE(core_Node, "io.k8s.api.core.v1.Node", .doc = "A machine that Pods run on; here there is one.")

FIELDS(core_NodeSpec) = {
	FIELD(1, "podCIDR", STRING, .doc = "The range its Pods have addresses from."),
	LIST(7, "podCIDRs", STRING, .list = LIST_SET, .merge_key = ""),
	FIELD(3, "providerID", STRING),
	FIELD(4, "unschedulable", BOOLEAN, .doc = "Whether it takes no new Pods."),
	LIST_OF(5, "taints", core_Taint, .doc = "What keeps Pods away."),
	OBJECT(6, "configSource", core_NodeConfigSource, .keep = true),
	FIELD(2, "externalID", STRING),
};
TYPE(core_NodeSpec, "io.k8s.api.core.v1.NodeSpec")

FIELDS(core_Taint) = {
	FIELD(1, "key", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(2, "value", STRING, .doc = "Its value."),
	FIELD(3, "effect", STRING, .required = true, .show = true,
	      .doc = "NoSchedule, PreferNoSchedule or NoExecute."),
	FIELD(4, "timeAdded", TIME, .keep = true, .doc = "When it was added."),
};
TYPE(core_Taint, "io.k8s.api.core.v1.Taint")

FIELDS(core_NodeConfigSource) = {
	OBJECT(2, "configMap", core_ConfigMapNodeConfigSource, .keep = true),
};
TYPE(core_NodeConfigSource, "io.k8s.api.core.v1.NodeConfigSource")

FIELDS(core_ConfigMapNodeConfigSource) = {
	FIELD(1, "namespace", STRING, .required = true, .show = true),
	FIELD(2, "name", STRING, .required = true, .show = true),
	FIELD(3, "uid", STRING),
	FIELD(4, "resourceVersion", STRING),
	FIELD(5, "kubeletConfigKey", STRING, .required = true, .show = true),
};
TYPE(core_ConfigMapNodeConfigSource, "io.k8s.api.core.v1.ConfigMapNodeConfigSource")

FIELDS(core_NodeStatus) = {
	MAP(1, "capacity", QUANTITY, .doc = "What it has."),
	MAP(2, "allocatable", QUANTITY, .doc = "What Pods may use of it."),
	FIELD(3, "phase", STRING, .doc = "Old; not used."),
	LIST_OF(4, "conditions", core_NodeCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
	LIST_OF(5, "addresses", core_NodeAddress, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "Its addresses."),
	OBJECT(6, "daemonEndpoints", core_NodeDaemonEndpoints, .show = true, .doc = "Ports of what runs on it."),
	OBJECT(7, "nodeInfo", core_NodeSystemInfo, .show = true, .doc = "Its operating system and programs."),
	LIST_OF(8, "images", core_ContainerImage, .doc = "Images it has."),
	LIST(9, "volumesInUse", STRING, .doc = "Volumes that are mounted."),
	LIST_OF(10, "volumesAttached", core_AttachedVolume, .doc = "Volumes that are attached."),
	OBJECT(11, "config", core_NodeConfigStatus, .keep = true, .doc = "Old; not used."),
	LIST_OF(12, "runtimeHandlers", core_NodeRuntimeHandler, .doc = "Container runtimes it has."),
	OBJECT(13, "features", core_NodeFeatures, .keep = true),
};
TYPE(core_NodeStatus, "io.k8s.api.core.v1.NodeStatus", .doc = "What a node is and has.")

FIELDS(core_NodeCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastHeartbeatTime", TIME, .show = true, .doc = "When it was told last."),
	FIELD(4, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(5, "reason", STRING, .doc = "Why, as one word."),
	FIELD(6, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(core_NodeCondition, "io.k8s.api.core.v1.NodeCondition", .doc = "One thing that is true or not about a node.")

FIELDS(core_NodeAddress) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "InternalIP, ExternalIP or Hostname."),
	FIELD(2, "address", STRING, .required = true, .show = true, .doc = "The address."),
};
TYPE(core_NodeAddress, "io.k8s.api.core.v1.NodeAddress", .doc = "One address of a node.")

FIELDS(core_NodeDaemonEndpoints) = {
	OBJECT(1, "kubeletEndpoint", core_DaemonEndpoint, .show = true),
};
TYPE(core_NodeDaemonEndpoints, "io.k8s.api.core.v1.NodeDaemonEndpoints")

FIELDS(core_DaemonEndpoint) = {
	FIELD(1, "Port", INTEGER32, .required = true, .show = true),
	FIELD(1, "Port", INTEGER32, .required = true, .show = true),
};
TYPE(core_DaemonEndpoint, "io.k8s.api.core.v1.DaemonEndpoint")

FIELDS(core_NodeSystemInfo) = {
	FIELD(1, "machineID", STRING, .required = true, .show = true, .doc = "Identity of the machine."),
	FIELD(2, "systemUUID", STRING, .required = true, .show = true, .doc = "Identity of the hardware."),
	FIELD(3, "bootID", STRING, .required = true, .show = true, .doc = "Identity of its start."),
	FIELD(4, "kernelVersion", STRING, .required = true, .show = true, .doc = "Its kernel."),
	FIELD(5, "osImage", STRING, .required = true, .show = true, .doc = "Its operating system."),
	FIELD(6, "containerRuntimeVersion", STRING, .required = true, .show = true, .doc = "What runs its containers."),
	FIELD(7, "kubeletVersion", STRING, .required = true, .show = true, .doc = "Version of its kubelet."),
	FIELD(8, "kubeProxyVersion", STRING, .required = true, .show = true, .doc = "Old; not used."),
	FIELD(9, "operatingSystem", STRING, .required = true, .show = true, .doc = "linux."),
	FIELD(10, "architecture", STRING, .required = true, .show = true, .doc = "Its processor, as Go names it."),
	OBJECT(11, "swap", core_NodeSwapStatus, .keep = true),
};
TYPE(core_NodeSystemInfo, "io.k8s.api.core.v1.NodeSystemInfo", .doc = "The operating system and the programs of a node.")

FIELDS(core_NodeSwapStatus) = {
	FIELD(1, "capacity", INTEGER, .keep = true),
};
TYPE(core_NodeSwapStatus, "io.k8s.api.core.v1.NodeSwapStatus")

FIELDS(core_ContainerImage) = {
	LIST(1, "names", STRING, .show = true),
	FIELD(2, "sizeBytes", INTEGER),
};
TYPE(core_ContainerImage, "io.k8s.api.core.v1.ContainerImage")

FIELDS(core_AttachedVolume) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
	FIELD(2, "devicePath", STRING, .required = true, .show = true),
};
TYPE(core_AttachedVolume, "io.k8s.api.core.v1.AttachedVolume")

FIELDS(core_NodeConfigStatus) = {
	OBJECT(1, "assigned", core_NodeConfigSource, .keep = true),
	OBJECT(2, "active", core_NodeConfigSource, .keep = true),
	OBJECT(3, "lastKnownGood", core_NodeConfigSource, .keep = true),
	FIELD(4, "error", STRING),
};
TYPE(core_NodeConfigStatus, "io.k8s.api.core.v1.NodeConfigStatus")

FIELDS(core_NodeRuntimeHandler) = {
	FIELD(1, "name", STRING, .show = true),
	OBJECT(2, "features", core_NodeRuntimeHandlerFeatures, .keep = true),
};
TYPE(core_NodeRuntimeHandler, "io.k8s.api.core.v1.NodeRuntimeHandler")

FIELDS(core_NodeRuntimeHandlerFeatures) = {
	FIELD(1, "recursiveReadOnlyMounts", BOOLEAN, .keep = true),
	FIELD(2, "userNamespaces", BOOLEAN, .keep = true),
};
TYPE(core_NodeRuntimeHandlerFeatures, "io.k8s.api.core.v1.NodeRuntimeHandlerFeatures")

FIELDS(core_NodeFeatures) = {
	FIELD(1, "supplementalGroupsPolicy", BOOLEAN, .keep = true),
};
TYPE(core_NodeFeatures, "io.k8s.api.core.v1.NodeFeatures")

FIELDS(core_Namespace) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_NamespaceSpec, .show = true, .doc = "What holds it."),
	OBJECT(3, "status", core_NamespaceStatus, .show = true, .doc = "Whether it is in use or being emptied."),
};
TYPE(core_Namespace, "io.k8s.api.core.v1.Namespace",
     .doc = "A room for names: objects of different namespaces may be called the same.")

FIELDS(core_NamespaceSpec) = {
	LIST(1, "finalizers", STRING, .doc = "What must be done before it disappears."),
};
TYPE(core_NamespaceSpec, "io.k8s.api.core.v1.NamespaceSpec", .doc = "What holds a namespace.")

FIELDS(core_NamespaceStatus) = {
	FIELD(1, "phase", STRING, .doc = "Active or Terminating."),
	LIST_OF(2, "conditions", core_NamespaceCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "How far its deletion is."),
};
TYPE(core_NamespaceStatus, "io.k8s.api.core.v1.NamespaceStatus", .doc = "Whether a namespace is in use or being emptied.")

FIELDS(core_NamespaceCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(4, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(5, "reason", STRING, .doc = "Why, as one word."),
	FIELD(6, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(core_NamespaceCondition, "io.k8s.api.core.v1.NamespaceCondition")

FIELDS(core_Secret) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(5, "immutable", BOOLEAN, .keep = true, .doc = "Whether the entries may not change any more."),
	MAP(2, "data", BYTES, .doc = "The entries, as base64."),
	MAP(4, "stringData", STRING, .doc = "Entries as plain text, for writing: they become data."),
	FIELD(3, "type", STRING, .doc = "What the entries are for."),
};
TYPE(core_Secret, "io.k8s.api.core.v1.Secret",
     .doc = "Small pieces of data that not everybody should see, such as keys of an object store.")

FIELDS(core_ConfigMap) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(4, "immutable", BOOLEAN, .keep = true, .doc = "Whether the entries may not change any more."),
	MAP(2, "data", STRING, .doc = "The entries, as text."),
	MAP(3, "binaryData", BYTES, .doc = "The entries that are no text, as base64."),
};
TYPE(core_ConfigMap, "io.k8s.api.core.v1.ConfigMap", .doc = "Text settings that Pods read as files or environment variables.")

FIELDS(core_ServiceAccount) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	LIST_OF(2, "secrets", core_ObjectReference, .list = LIST_MAP, .keys = "name", .merge_key = "name",
	      .doc = "Secrets that go with it: access to the storage of models among them."),
	LIST_OF(3, "imagePullSecrets", core_LocalObjectReference, .doc = "Secrets for pulling the images of its Pods."),
	FIELD(4, "automountServiceAccountToken", BOOLEAN, .keep = true, .doc = "Whether its token is mounted into Pods."),
};
TYPE(core_ServiceAccount, "io.k8s.api.core.v1.ServiceAccount",
     .doc = "Who a Pod is to the API server, and which secrets it brings along.")

FIELDS(core_Service) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_ServiceSpec, .show = true, .doc = "Which Pods it is for."),
	OBJECT(3, "status", core_ServiceStatus, .show = true, .doc = "What a load balancer gave it."),
};
TYPE(core_Service, "io.k8s.api.core.v1.Service", .doc = "One address for the Pods that its selector finds.")

FIELDS(core_ServiceSpec) = {
	LIST_OF(1, "ports", core_ServicePort, .list = LIST_MAP, .keys = "port,protocol", .merge_key = "port",
	      .doc = "Ports it answers on."),
	MAP(2, "selector", STRING, .atomic = true, .doc = "Labels of the Pods behind it."),
	FIELD(3, "clusterIP", STRING, .doc = "Its address inside the cluster; None for no address of its own."),
	LIST(18, "clusterIPs", STRING, .doc = "All its addresses inside the cluster."),
	FIELD(4, "type", STRING, .doc = "ClusterIP, NodePort, LoadBalancer or ExternalName."),
	LIST(5, "externalIPs", STRING, .doc = "Addresses outside that lead to it."),
	FIELD(7, "sessionAffinity", STRING, .doc = "Whether one client always gets the same Pod."),
	FIELD(8, "loadBalancerIP", STRING, .doc = "Old: the address a load balancer is asked for."),
	LIST(9, "loadBalancerSourceRanges", STRING, .doc = "Addresses that may use the load balancer."),
	FIELD(10, "externalName", STRING, .doc = "The name that an ExternalName service stands for."),
	FIELD(11, "externalTrafficPolicy", STRING, .doc = "Cluster, or Local: only Pods of the node that was asked."),
	FIELD(12, "healthCheckNodePort", INTEGER32, .doc = "The port that says whether a node has Pods of it."),
	FIELD(13, "publishNotReadyAddresses", BOOLEAN, .doc = "Whether Pods that are not ready count too."),
	OBJECT(14, "sessionAffinityConfig", core_SessionAffinityConfig, .keep = true,
	      .doc = "How long one client keeps its Pod."),
	LIST(19, "ipFamilies", STRING, .doc = "IPv4 or IPv6, in the order of its addresses."),
	FIELD(17, "ipFamilyPolicy", STRING, .keep = true, .doc = "SingleStack, PreferDualStack or RequireDualStack."),
	FIELD(20, "allocateLoadBalancerNodePorts", BOOLEAN, .keep = true,
	      .doc = "Whether a LoadBalancer has node ports too."),
	FIELD(21, "loadBalancerClass", STRING, .keep = true, .doc = "Who makes the load balancer."),
	FIELD(22, "internalTrafficPolicy", STRING, .keep = true,
	      .doc = "Cluster, or Local: only Pods of the node that asks."),
	FIELD(23, "trafficDistribution", STRING, .keep = true, .doc = "Which Pods are better: those that are near."),
};
TYPE(core_ServiceSpec, "io.k8s.api.core.v1.ServiceSpec", .doc = "Which Pods a service is for, and on which ports.")

FIELDS(core_ServicePort) = {
	FIELD(1, "name", STRING, .doc = "What the port is called."),
	FIELD(2, "protocol", STRING, .key_default = "TCP", .doc = "TCP, UDP or SCTP."),
	FIELD(6, "appProtocol", STRING, .keep = true, .doc = "What is spoken on it."),
	FIELD(3, "port", INTEGER32, .required = true, .show = true, .doc = "The number it answers on."),
	FIELD(4, "targetPort", INT_OR_STRING, .doc = "The number or name of the port of the Pods."),
	FIELD(5, "nodePort", INTEGER32, .doc = "The port of the node that leads to it."),
};
TYPE(core_ServicePort, "io.k8s.api.core.v1.ServicePort", .doc = "One port of a service.")

FIELDS(core_SessionAffinityConfig) = {
	OBJECT(1, "clientIP", core_ClientIPConfig, .keep = true, .doc = "For clients told apart by address."),
};
TYPE(core_SessionAffinityConfig, "io.k8s.api.core.v1.SessionAffinityConfig")

FIELDS(core_ClientIPConfig) = {
	FIELD(1, "timeoutSeconds", INTEGER32, .keep = true, .doc = "Seconds a client keeps its Pod."),
};
TYPE(core_ClientIPConfig, "io.k8s.api.core.v1.ClientIPConfig")

FIELDS(core_ServiceStatus) = {
	OBJECT(1, "loadBalancer", core_LoadBalancerStatus, .show = true, .doc = "What the load balancer is."),
	LIST_OF(2, "conditions", meta_Condition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
TYPE(core_ServiceStatus, "io.k8s.api.core.v1.ServiceStatus", .doc = "What a load balancer gave a service.")

FIELDS(core_LoadBalancerStatus) = {
	LIST_OF(1, "ingress", core_LoadBalancerIngress, .doc = "Where it is found from outside."),
};
TYPE(core_LoadBalancerStatus, "io.k8s.api.core.v1.LoadBalancerStatus")

FIELDS(core_LoadBalancerIngress) = {
	FIELD(1, "ip", STRING, .doc = "Its address."),
	FIELD(2, "hostname", STRING, .doc = "Its name."),
	FIELD(3, "ipMode", STRING, .keep = true, .doc = "VIP or Proxy."),
	LIST_OF(4, "ports", core_PortStatus, .doc = "How its ports are doing."),
};
TYPE(core_LoadBalancerIngress, "io.k8s.api.core.v1.LoadBalancerIngress")

FIELDS(core_PortStatus) = {
	FIELD(1, "port", INTEGER32, .required = true, .show = true, .doc = "The number."),
	FIELD(2, "protocol", STRING, .required = true, .show = true, .doc = "TCP, UDP or SCTP."),
	FIELD(3, "error", STRING, .keep = true, .doc = "What went wrong with it."),
};
TYPE(core_PortStatus, "io.k8s.api.core.v1.PortStatus")

FIELDS(core_Endpoints) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	LIST_OF(2, "subsets", core_EndpointSubset, .doc = "Addresses, grouped by their ports."),
};
TYPE(core_Endpoints, "io.k8s.api.core.v1.Endpoints", .doc = "Addresses and ports of the Pods behind a service.")

FIELDS(core_EndpointSubset) = {
	LIST_OF(1, "addresses", core_EndpointAddress, .doc = "Addresses that are ready."),
	LIST_OF(2, "notReadyAddresses", core_EndpointAddress, .doc = "Addresses that are not ready."),
	LIST_OF(3, "ports", core_EndpointPort, .doc = "Ports of these addresses."),
};
TYPE(core_EndpointSubset, "io.k8s.api.core.v1.EndpointSubset", .doc = "Addresses that have the same ports.")

FIELDS(core_EndpointAddress) = {
	FIELD(1, "ip", STRING, .required = true, .show = true, .doc = "The address."),
	FIELD(3, "hostname", STRING, .doc = "Its own host name."),
	FIELD(4, "nodeName", STRING, .keep = true, .doc = "The node it is on."),
	OBJECT(2, "targetRef", core_ObjectReference, .keep = true, .doc = "The Pod it is of."),
};
ATOMIC_TYPE(core_EndpointAddress, "io.k8s.api.core.v1.EndpointAddress", .doc = "One address behind a service.")

FIELDS(core_EndpointPort) = {
	FIELD(1, "name", STRING, .doc = "Name of the port."),
	FIELD(2, "port", INTEGER32, .required = true, .show = true, .doc = "Number of the port."),
	FIELD(3, "protocol", STRING, .doc = "TCP, UDP or SCTP."),
	FIELD(4, "appProtocol", STRING, .keep = true),
};
ATOMIC_TYPE(core_EndpointPort, "io.k8s.api.core.v1.EndpointPort", .doc = "One port behind a service.")

FIELDS(core_Event) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .required = true, .show = true),
	OBJECT(2, "involvedObject", core_ObjectReference, .required = true, .show = true, .doc = "What it happened to."),
	FIELD(3, "reason", STRING, .doc = "What happened, as one word."),
	FIELD(4, "message", STRING, .doc = "What happened, as a sentence."),
	OBJECT(5, "source", core_EventSource, .show = true, .doc = "Who saw it."),
	FIELD(6, "firstTimestamp", TIME, .show = true, .doc = "When it happened first."),
	FIELD(7, "lastTimestamp", TIME, .show = true, .doc = "When it happened last."),
	FIELD(8, "count", INTEGER32, .doc = "How often it happened."),
	FIELD(9, "type", STRING, .doc = "Normal or Warning."),
	FIELD(10, "eventTime", MICROTIME, .show = true, .doc = "When it happened, to the microsecond."),
	OBJECT(11, "series", core_EventSeries, .keep = true,
	      .doc = "How often it happened, when it did again and again."),
	FIELD(12, "action", STRING),
	OBJECT(13, "related", core_ObjectReference, .keep = true),
	FIELD(14, "reportingComponent", STRING, .show = true, .doc = "Who reports it."),
	FIELD(15, "reportingInstance", STRING, .show = true),
};
TYPE(core_Event, "io.k8s.api.core.v1.Event", .doc = "Something that happened to an object.")

FIELDS(core_EventSource) = {
	FIELD(1, "component", STRING, .doc = "The program."),
	FIELD(2, "host", STRING, .doc = "Its node."),
};
TYPE(core_EventSource, "io.k8s.api.core.v1.EventSource", .doc = "Who saw it.")

FIELDS(core_EventSeries) = {
	FIELD(1, "count", INTEGER32, .doc = "How often it happened."),
	FIELD(2, "lastObservedTime", MICROTIME, .show = true, .doc = "When it happened last."),
};
TYPE(core_EventSeries, "io.k8s.api.core.v1.EventSeries")

FIELDS(core_PersistentVolumeClaim) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_PersistentVolumeClaimSpec, .show = true, .doc = "How much storage is wanted."),
	OBJECT(3, "status", core_PersistentVolumeClaimStatus, .show = true, .doc = "What storage it has."),
};
TYPE(core_PersistentVolumeClaim, "io.k8s.api.core.v1.PersistentVolumeClaim",
     .doc = "A wish for storage; here it is fulfilled with a folder at once.")

FIELDS(core_PersistentVolumeClaimStatus) = {
	FIELD(1, "phase", STRING, .doc = "Pending, Bound or Lost."),
	LIST(2, "accessModes", STRING, .doc = "How the volume can be mounted."),
	MAP(3, "capacity", QUANTITY, .doc = "How much the volume has."),
	LIST_OF(4, "conditions", core_PersistentVolumeClaimCondition, .list = LIST_MAP, .keys = "type",
		.merge_key = "type",
	      .doc = "What is true of it and what is not."),
	MAP(5, "allocatedResources", QUANTITY),
	MAP(7, "allocatedResourceStatuses", STRING),
	FIELD(8, "currentVolumeAttributesClassName", STRING, .keep = true),
	OBJECT(9, "modifyVolumeStatus", core_ModifyVolumeStatus, .keep = true),
};
TYPE(core_PersistentVolumeClaimStatus, "io.k8s.api.core.v1.PersistentVolumeClaimStatus", .doc = "What storage a claim has.")

FIELDS(core_PersistentVolumeClaimCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastProbeTime", TIME, .show = true, .doc = "When it was looked at last."),
	FIELD(4, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(5, "reason", STRING, .doc = "Why, as one word."),
	FIELD(6, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(core_PersistentVolumeClaimCondition, "io.k8s.api.core.v1.PersistentVolumeClaimCondition")

FIELDS(core_ModifyVolumeStatus) = {
	FIELD(1, "targetVolumeAttributesClassName", STRING),
	FIELD(2, "status", STRING, .required = true, .show = true),
};
TYPE(core_ModifyVolumeStatus, "io.k8s.api.core.v1.ModifyVolumeStatus")

FIELDS(core_PersistentVolume) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_PersistentVolumeSpec, .show = true, .doc = "What it is."),
	OBJECT(3, "status", core_PersistentVolumeStatus, .show = true, .doc = "Whether it is taken."),
};
TYPE(core_PersistentVolume, "io.k8s.api.core.v1.PersistentVolume", .doc = "Storage that claims are bound to.")

FIELDS(core_PersistentVolumeStatus) = {
	FIELD(1, "phase", STRING, .doc = "Available, Bound, Released or Failed."),
	FIELD(2, "message", STRING, .doc = "Why it is in its phase, as a sentence."),
	FIELD(3, "reason", STRING, .doc = "Why it is in its phase, as one word."),
	FIELD(4, "lastPhaseTransitionTime", TIME, .keep = true),
};
TYPE(core_PersistentVolumeStatus, "io.k8s.api.core.v1.PersistentVolumeStatus", .doc = "Whether a volume is taken.")

FIELDS(core_ResourceQuota) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_ResourceQuotaSpec, .show = true),
	OBJECT(3, "status", core_ResourceQuotaStatus, .show = true),
};
TYPE(core_ResourceQuota, "io.k8s.api.core.v1.ResourceQuota", .doc = "How much a namespace may use.")

FIELDS(core_ResourceQuotaSpec) = {
	MAP(1, "hard", QUANTITY),
	LIST(2, "scopes", STRING),
	OBJECT(3, "scopeSelector", core_ScopeSelector, .keep = true),
};
TYPE(core_ResourceQuotaSpec, "io.k8s.api.core.v1.ResourceQuotaSpec")

FIELDS(core_ScopeSelector) = {
	LIST_OF(1, "matchExpressions", core_ScopedResourceSelectorRequirement),
};
ATOMIC_TYPE(core_ScopeSelector, "io.k8s.api.core.v1.ScopeSelector")

FIELDS(core_ScopedResourceSelectorRequirement) = {
	FIELD(1, "scopeName", STRING, .required = true, .show = true),
	FIELD(2, "operator", STRING, .required = true, .show = true),
	LIST(3, "values", STRING),
};
ATOMIC_TYPE(core_ScopedResourceSelectorRequirement, "io.k8s.api.core.v1.ScopedResourceSelectorRequirement")

FIELDS(core_ResourceQuotaStatus) = {
	MAP(1, "hard", QUANTITY),
	MAP(2, "used", QUANTITY),
};
TYPE(core_ResourceQuotaStatus, "io.k8s.api.core.v1.ResourceQuotaStatus")

FIELDS(core_LimitRange) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_LimitRangeSpec, .show = true),
};
TYPE(core_LimitRange, "io.k8s.api.core.v1.LimitRange", .doc = "What containers of a namespace may ask for.")

FIELDS(core_LimitRangeSpec) = {
	LIST_OF(1, "limits", core_LimitRangeItem, .required = true, .show = true),
};
TYPE(core_LimitRangeSpec, "io.k8s.api.core.v1.LimitRangeSpec")

FIELDS(core_LimitRangeItem) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	MAP(2, "max", QUANTITY),
	MAP(3, "min", QUANTITY),
	MAP(4, "default", QUANTITY),
	MAP(5, "defaultRequest", QUANTITY),
	MAP(6, "maxLimitRequestRatio", QUANTITY),
};
TYPE(core_LimitRangeItem, "io.k8s.api.core.v1.LimitRangeItem")

FIELDS(core_PodTemplate) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "template", core_PodTemplateSpec, .show = true),
};
TYPE(core_PodTemplate, "io.k8s.api.core.v1.PodTemplate")

FIELDS(core_PodTemplateSpec) = {
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true, .doc = "Labels and annotations of the Pods."),
	OBJECT(2, "spec", core_PodSpec, .show = true, .doc = "What the Pods run."),
};
TYPE(core_PodTemplateSpec, "io.k8s.api.core.v1.PodTemplateSpec", .doc = "The Pods that a controller makes.")

FIELDS(core_ReplicationController) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_ReplicationControllerSpec, .show = true, .doc = "Which Pods are wanted."),
	OBJECT(3, "status", core_ReplicationControllerStatus, .show = true, .doc = "Which Pods there are."),
};
TYPE(core_ReplicationController, "io.k8s.api.core.v1.ReplicationController", .doc = "Old: what a ReplicaSet is now.")

FIELDS(core_ReplicationControllerSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true, .doc = "How many Pods are wanted."),
	FIELD(4, "minReadySeconds", INTEGER32, .doc = "Seconds a Pod must be ready for before it counts as available."),
	MAP(2, "selector", STRING, .atomic = true, .doc = "Labels of the Pods that count; the template's when left out."),
	OBJECT(3, "template", core_PodTemplateSpec, .keep = true, .doc = "The Pods."),
};
TYPE(core_ReplicationControllerSpec, "io.k8s.api.core.v1.ReplicationControllerSpec")

FIELDS(core_ReplicationControllerStatus) = {
	FIELD(1, "replicas", INTEGER32, .required = true, .show = true, .doc = "How many Pods there are."),
	FIELD(2, "fullyLabeledReplicas", INTEGER32, .doc = "How many of them have the template's labels."),
	FIELD(4, "readyReplicas", INTEGER32, .doc = "How many of them are ready."),
	FIELD(5, "availableReplicas", INTEGER32, .doc = "How many of them are available."),
	FIELD(3, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	LIST_OF(6, "conditions", core_ReplicationControllerCondition, .list = LIST_MAP, .keys = "type",
		.merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
TYPE(core_ReplicationControllerStatus, "io.k8s.api.core.v1.ReplicationControllerStatus")

FIELDS(core_ReplicationControllerCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(core_ReplicationControllerCondition, "io.k8s.api.core.v1.ReplicationControllerCondition")

FIELDS(core_Binding) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "target", core_ObjectReference, .required = true, .show = true),
};
TYPE(core_Binding, "io.k8s.api.core.v1.Binding")

FIELDS(core_TopologySelectorTerm) = {
	LIST_OF(1, "matchLabelExpressions", core_TopologySelectorLabelRequirement),
};
ATOMIC_TYPE(core_TopologySelectorTerm, "io.k8s.api.core.v1.TopologySelectorTerm")

FIELDS(core_TopologySelectorLabelRequirement) = {
	FIELD(1, "key", STRING, .required = true, .show = true),
	LIST(2, "values", STRING, .required = true, .show = true),
};
TYPE(core_TopologySelectorLabelRequirement, "io.k8s.api.core.v1.TopologySelectorLabelRequirement")
