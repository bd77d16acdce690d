/* Field tables of serving.kserve.io and serving.knative.dev, the kinds around models. Lists are owned as a whole there. */
#ifndef CORACLE_CONTROL_KINDS_TYPES_SERVING_H
#define CORACLE_CONTROL_KINDS_TYPES_SERVING_H

#include "control/kinds/types.h"

extern const struct schema_type type_knative_Condition;
extern const struct schema_type type_knative_Addressable;
extern const struct schema_type type_knative_TrafficTarget;
extern const struct schema_type type_knative_RevisionSpec;
extern const struct schema_type type_knative_RevisionTemplateSpec;
extern const struct schema_type type_knative_Service;
extern const struct schema_type type_knative_Configuration;
extern const struct schema_type type_knative_Route;
extern const struct schema_type type_knative_Revision;

extern const struct schema_type type_kserve_InferenceService;
extern const struct schema_type type_kserve_ServingRuntime;
extern const struct schema_type type_kserve_ClusterServingRuntime;
extern const struct schema_type type_kserve_InferenceGraph;
extern const struct schema_type type_kserve_TrainedModel;

/* The members of a pod spec that stand beside a component's own, but for its containers. */
#define POD_FIELDS_BESIDE_CONTAINERS											\
	LIST_OF(0, "volumes", core_Volume, .doc = "Volumes that its containers can mount."),				\
	FIELD(0, "restartPolicy", STRING,										\
	      .doc = "Always, OnFailure or Never: whether ended containers start again."),				\
	FIELD(0, "terminationGracePeriodSeconds", INTEGER, .doc = "Seconds its containers have for ending."),		\
	FIELD(0, "activeDeadlineSeconds", INTEGER, .doc = "Seconds after which it is ended."),				\
	FIELD(0, "dnsPolicy", STRING, .doc = "How names are looked up."),						\
	MAP(0, "nodeSelector", STRING, .atomic = true, .doc = "Labels of nodes that it may run on."),			\
	FIELD(0, "serviceAccountName", STRING,										\
	      .doc = "The service account whose secrets give access to the model's storage."),				\
	FIELD(0, "serviceAccount", STRING, .doc = "Old name of serviceAccountName."),					\
	FIELD(0, "automountServiceAccountToken", BOOLEAN,								\
	      .doc = "Whether the token of its service account is mounted."),						\
	FIELD(0, "nodeName", STRING, .doc = "The node it runs on."),							\
	FIELD(0, "hostNetwork", BOOLEAN, .doc = "Whether it uses the network of its node."),				\
	FIELD(0, "hostPID", BOOLEAN, .doc = "Whether it sees the processes of its node."),				\
	FIELD(0, "hostIPC", BOOLEAN, .doc = "Whether it shares memory and semaphores with its node."),			\
	FIELD(0, "shareProcessNamespace", BOOLEAN,									\
	      .doc = "Whether its containers see one another's processes."),						\
	OBJECT(0, "securityContext", core_PodSecurityContext,								\
	      .doc = "Users and rights of all its containers."),							\
	LIST_OF(0, "imagePullSecrets", core_LocalObjectReference, .doc = "Secrets for pulling its images."),		\
	FIELD(0, "hostname", STRING, .doc = "Its own host name."),							\
	FIELD(0, "subdomain", STRING, .doc = "The domain below which its host name is found."),				\
	OBJECT(0, "affinity", core_Affinity, .doc = "Nodes and Pods that it wants to be near or far from."),		\
	FIELD(0, "schedulerName", STRING, .doc = "Who chooses its node."),						\
	LIST_OF(0, "tolerations", core_Toleration, .doc = "What it bears of nodes."),					\
	LIST_OF(0, "hostAliases", core_HostAlias, .doc = "Lines for its file of hosts."),				\
	FIELD(0, "priorityClassName", STRING, .doc = "The class that its priority comes from."),			\
	FIELD(0, "priority", INTEGER32, .doc = "How important it is; the higher number goes first."),			\
	OBJECT(0, "dnsConfig", core_PodDNSConfig, .doc = "Name servers and search domains of its own."),		\
	LIST_OF(0, "readinessGates", core_PodReadinessGate,								\
	      .doc = "Conditions that must be true before it counts as ready."),					\
	FIELD(0, "runtimeClassName", STRING, .doc = "The kind of container runtime that runs it."),			\
	FIELD(0, "enableServiceLinks", BOOLEAN,										\
	      .doc = "Whether addresses of services are put into its environment."),					\
	FIELD(0, "preemptionPolicy", STRING, .doc = "Whether it may push less important Pods out."),			\
	MAP(0, "overhead", QUANTITY, .doc = "What running it costs beside its containers."),				\
	LIST_OF(0, "topologySpreadConstraints", core_TopologySpreadConstraint,						\
	      .doc = "How evenly such Pods are spread over nodes or zones."),						\
	FIELD(0, "setHostnameAsFQDN", BOOLEAN, .doc = "Whether its host name is the full domain name."),		\
	OBJECT(0, "os", core_PodOS, .doc = "The operating system it is made for."),					\
	FIELD(0, "hostUsers", BOOLEAN, .doc = "Whether its users are those of the node."),				\
	LIST_OF(0, "schedulingGates", core_PodSchedulingGate,								\
	      .doc = "What must go before a node is chosen."),								\
	LIST_OF(0, "resourceClaims", core_PodResourceClaim, .doc = "Devices that it asks for."),			\
	OBJECT(0, "resources", core_ResourceRequirements,								\
	      .doc = "What all its containers ask for together."),							\
	LIST_OF(0, "initContainers", core_Container,									\
	      .doc = "Programs that run to their end, one after the other, before the containers start."),		\
	LIST_OF(0, "ephemeralContainers", core_EphemeralContainer,							\
	      .doc = "Containers added for a look at a running Pod.")

/* The members of a container beside its name. */
#define CONTAINER_FIELDS_BESIDE_NAME											\
	FIELD(0, "image", STRING, .doc = "The image; a built-in server's name, or one that an alias maps."),		\
	LIST(0, "command", STRING, .doc = "The program and its first arguments, in place of the image's."),		\
	LIST(0, "args", STRING, .doc = "Arguments of the server."),							\
	FIELD(0, "workingDir", STRING, .doc = "The folder it starts in."),						\
	LIST_OF(0, "ports", core_ContainerPort, .doc = "Ports it listens on."),						\
	LIST_OF(0, "envFrom", core_EnvFromSource,									\
	      .doc = "Objects whose entries become environment variables."),						\
	LIST_OF(0, "env", core_EnvVar, .doc = "Environment; STORAGE_URI names files to fetch first."),			\
	OBJECT(0, "resources", core_ResourceRequirements,								\
	      .doc = "Requests and limits; 1 CPU and 2Gi by default."),							\
	LIST_OF(0, "resizePolicy", core_ContainerResizePolicy,								\
	      .doc = "Whether it starts anew when its resources change."),						\
	FIELD(0, "restartPolicy", STRING, .doc = "Always, for an init container that goes on running."),		\
	LIST_OF(0, "restartPolicyRules", core_ContainerRestartRule,							\
	      .doc = "Exceptions to its restart policy, by exit code."),						\
	LIST_OF(0, "volumeMounts", core_VolumeMount, .doc = "Volumes at its paths."),					\
	LIST_OF(0, "volumeDevices", core_VolumeDevice, .doc = "Block devices at its paths."),				\
	OBJECT(0, "livenessProbe", core_Probe, .doc = "How it is asked whether it must be started again."),		\
	OBJECT(0, "readinessProbe", core_Probe, .doc = "How it is asked whether it can have requests."),		\
	OBJECT(0, "startupProbe", core_Probe, .doc = "How it is asked whether it has started."),			\
	OBJECT(0, "lifecycle", core_Lifecycle,										\
	      .doc = "What is done when it has started and before it ends."),						\
	FIELD(0, "terminationMessagePath", STRING, .doc = "The file whose text is shown when it has ended."),		\
	FIELD(0, "terminationMessagePolicy", STRING, .doc = "File, or FallbackToLogsOnError."),				\
	FIELD(0, "imagePullPolicy", STRING, .doc = "Always, IfNotPresent or Never."),					\
	OBJECT(0, "securityContext", core_SecurityContext, .doc = "Its user and rights."),				\
	FIELD(0, "stdin", BOOLEAN, .doc = "Whether its input stays open."),						\
	FIELD(0, "stdinOnce", BOOLEAN, .doc = "Whether its input ends with the first client."),				\
	FIELD(0, "tty", BOOLEAN, .doc = "Whether it has a terminal.")

#endif
