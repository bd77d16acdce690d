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
#define POD_FIELDS_BESIDE_CONTAINERS                                                                                   \
	LIST_OF(0, "volumes", core_Volume, .doc = "Volumes that its containers can mount."),                          \
	FIELD(0, "restartPolicy", STRING),                                                                             \
	FIELD(0, "terminationGracePeriodSeconds", INTEGER),                                                            \
	FIELD(0, "activeDeadlineSeconds", INTEGER),                                                                    \
	FIELD(0, "dnsPolicy", STRING),                                                                                 \
	MAP(0, "nodeSelector", STRING, .atomic = true),                                                                \
	FIELD(0, "serviceAccountName", STRING,                                                                         \
	      .doc = "The service account whose secrets give access to the model's storage."),                         \
	FIELD(0, "serviceAccount", STRING),                                                                            \
	FIELD(0, "automountServiceAccountToken", BOOLEAN),                                                             \
	FIELD(0, "nodeName", STRING),                                                                                  \
	FIELD(0, "hostNetwork", BOOLEAN),                                                                              \
	FIELD(0, "hostPID", BOOLEAN),                                                                                  \
	FIELD(0, "hostIPC", BOOLEAN),                                                                                  \
	FIELD(0, "shareProcessNamespace", BOOLEAN),                                                                    \
	OBJECT(0, "securityContext", core_PodSecurityContext),                                                         \
	LIST_OF(0, "imagePullSecrets", core_LocalObjectReference),                                                     \
	FIELD(0, "hostname", STRING),                                                                                  \
	FIELD(0, "subdomain", STRING),                                                                                 \
	OBJECT(0, "affinity", core_Affinity),                                                                          \
	FIELD(0, "schedulerName", STRING),                                                                             \
	LIST_OF(0, "tolerations", core_Toleration),                                                                    \
	LIST_OF(0, "hostAliases", core_HostAlias),                                                                     \
	FIELD(0, "priorityClassName", STRING),                                                                         \
	FIELD(0, "priority", INTEGER32),                                                                               \
	OBJECT(0, "dnsConfig", core_PodDNSConfig),                                                                     \
	LIST_OF(0, "readinessGates", core_PodReadinessGate),                                                           \
	FIELD(0, "runtimeClassName", STRING),                                                                          \
	FIELD(0, "enableServiceLinks", BOOLEAN),                                                                       \
	FIELD(0, "preemptionPolicy", STRING),                                                                          \
	MAP(0, "overhead", QUANTITY),                                                                                  \
	LIST_OF(0, "topologySpreadConstraints", core_TopologySpreadConstraint),                                        \
	FIELD(0, "setHostnameAsFQDN", BOOLEAN),                                                                        \
	OBJECT(0, "os", core_PodOS),                                                                                   \
	FIELD(0, "hostUsers", BOOLEAN),                                                                                \
	LIST_OF(0, "schedulingGates", core_PodSchedulingGate),                                                         \
	LIST_OF(0, "resourceClaims", core_PodResourceClaim),                                                           \
	OBJECT(0, "resources", core_ResourceRequirements),                                                             \
	LIST_OF(0, "initContainers", core_Container),                                                                  \
	LIST_OF(0, "ephemeralContainers", core_EphemeralContainer)

/* The members of a container beside its name. */
#define CONTAINER_FIELDS_BESIDE_NAME                                                                                   \
	FIELD(0, "image", STRING, .doc = "The image; a built-in server's name, or one that an alias maps."),          \
	LIST(0, "command", STRING),                                                                                    \
	LIST(0, "args", STRING, .doc = "Arguments of the server."),                                                   \
	FIELD(0, "workingDir", STRING),                                                                                \
	LIST_OF(0, "ports", core_ContainerPort),                                                                       \
	LIST_OF(0, "envFrom", core_EnvFromSource),                                                                     \
	LIST_OF(0, "env", core_EnvVar, .doc = "Environment; STORAGE_URI names files to fetch first."),                 \
	OBJECT(0, "resources", core_ResourceRequirements, .doc = "Requests and limits; 1 CPU and 2Gi by default."),    \
	LIST_OF(0, "resizePolicy", core_ContainerResizePolicy),                                                        \
	FIELD(0, "restartPolicy", STRING),                                                                             \
	LIST_OF(0, "restartPolicyRules", core_ContainerRestartRule),                                                   \
	LIST_OF(0, "volumeMounts", core_VolumeMount),                                                                  \
	LIST_OF(0, "volumeDevices", core_VolumeDevice),                                                                \
	OBJECT(0, "livenessProbe", core_Probe),                                                                        \
	OBJECT(0, "readinessProbe", core_Probe),                                                                       \
	OBJECT(0, "startupProbe", core_Probe),                                                                         \
	OBJECT(0, "lifecycle", core_Lifecycle),                                                                        \
	FIELD(0, "terminationMessagePath", STRING),                                                                    \
	FIELD(0, "terminationMessagePolicy", STRING),                                                                  \
	FIELD(0, "imagePullPolicy", STRING),                                                                           \
	OBJECT(0, "securityContext", core_SecurityContext),                                                            \
	FIELD(0, "stdin", BOOLEAN),                                                                                    \
	FIELD(0, "stdinOnce", BOOLEAN),                                                                                \
	FIELD(0, "tty", BOOLEAN)

#endif
