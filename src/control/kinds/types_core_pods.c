/* Field tables: Pod and what it is made of. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(core_Pod) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", core_PodSpec, .show = true, .doc = "What it runs."),
	OBJECT(3, "status", core_PodStatus, .show = true, .doc = "How it is doing."),
};
TYPE(core_Pod, "io.k8s.api.core.v1.Pod", .doc = "Containers that run together, with their volumes and one address.")

FIELDS(core_PodSpec) = {
	LIST_OF(1, "volumes", core_Volume, .list = LIST_MAP, .keys = "name", .merge_key = "name",
	      .doc = "Volumes that its containers can mount."),
	LIST_OF(20, "initContainers", core_Container, .list = LIST_MAP, .keys = "name", .merge_key = "name",
	      .doc = "Programs that run to their end, one after the other, before the containers start."),
	LIST_OF(2, "containers", core_Container, .required = true, .show = true, .list = LIST_MAP,
		.keys = "name", .merge_key = "name", .doc = "Programs that run together."),
	LIST_OF(34, "ephemeralContainers", core_EphemeralContainer, .list = LIST_MAP, .keys = "name",
		.merge_key = "name",
	      .doc = "Containers added for a look at a running Pod."),
	FIELD(3, "restartPolicy", STRING, .doc = "Always, OnFailure or Never: whether ended containers start again."),
	FIELD(4, "terminationGracePeriodSeconds", INTEGER, .keep = true, .doc = "Seconds its containers have for ending."),
	FIELD(5, "activeDeadlineSeconds", INTEGER, .keep = true, .doc = "Seconds after which it is ended."),
	FIELD(6, "dnsPolicy", STRING, .doc = "How names are looked up."),
	MAP(7, "nodeSelector", STRING, .atomic = true, .doc = "Labels of nodes that it may run on."),
	FIELD(8, "serviceAccountName", STRING, .doc = "The service account that it is to the API server."),
	FIELD(9, "serviceAccount", STRING, .doc = "Old name of serviceAccountName."),
	FIELD(21, "automountServiceAccountToken", BOOLEAN, .keep = true,
	      .doc = "Whether the token of its service account is mounted."),
	FIELD(10, "nodeName", STRING, .doc = "The node it runs on."),
	FIELD(11, "hostNetwork", BOOLEAN, .doc = "Whether it uses the network of its node."),
	FIELD(12, "hostPID", BOOLEAN, .doc = "Whether it sees the processes of its node."),
	FIELD(13, "hostIPC", BOOLEAN, .doc = "Whether it shares memory and semaphores with its node."),
	FIELD(27, "shareProcessNamespace", BOOLEAN, .keep = true,
	      .doc = "Whether its containers see one another's processes."),
	OBJECT(14, "securityContext", core_PodSecurityContext, .keep = true, .doc = "Users and rights of all its containers."),
	LIST_OF(15, "imagePullSecrets", core_LocalObjectReference, .list = LIST_MAP, .keys = "name",
		.merge_key = "name", .doc = "Secrets for pulling its images."),
	FIELD(16, "hostname", STRING, .doc = "Its own host name."),
	FIELD(17, "subdomain", STRING, .doc = "The domain below which its host name is found."),
	OBJECT(18, "affinity", core_Affinity, .keep = true,
	      .doc = "Nodes and Pods that it wants to be near or far from."),
	FIELD(19, "schedulerName", STRING, .doc = "Who chooses its node."),
	LIST_OF(22, "tolerations", core_Toleration, .doc = "What it bears of nodes."),
	LIST_OF(23, "hostAliases", core_HostAlias, .list = LIST_MAP, .keys = "ip", .merge_key = "ip",
	      .doc = "Lines for its file of hosts."),
	FIELD(24, "priorityClassName", STRING, .doc = "The class that its priority comes from."),
	FIELD(25, "priority", INTEGER32, .keep = true, .doc = "How important it is; the higher number goes first."),
	OBJECT(26, "dnsConfig", core_PodDNSConfig, .keep = true,
	      .doc = "Name servers and search domains of its own."),
	LIST_OF(28, "readinessGates", core_PodReadinessGate,
	      .doc = "Conditions that must be true before it counts as ready."),
	FIELD(29, "runtimeClassName", STRING, .keep = true, .doc = "The kind of container runtime that runs it."),
	FIELD(30, "enableServiceLinks", BOOLEAN, .keep = true,
	      .doc = "Whether addresses of services are put into its environment."),
	FIELD(31, "preemptionPolicy", STRING, .keep = true, .doc = "Whether it may push less important Pods out."),
	MAP(32, "overhead", QUANTITY, .doc = "What running it costs beside its containers."),
	LIST_OF(33, "topologySpreadConstraints", core_TopologySpreadConstraint, .list = LIST_MAP,
		.keys = "topologyKey,whenUnsatisfiable", .merge_key = "topologyKey",
	      .doc = "How evenly such Pods are spread over nodes or zones."),
	FIELD(35, "setHostnameAsFQDN", BOOLEAN, .keep = true,
	      .doc = "Whether its host name is the full domain name."),
	OBJECT(36, "os", core_PodOS, .keep = true, .doc = "The operating system it is made for."),
	FIELD(37, "hostUsers", BOOLEAN, .keep = true, .doc = "Whether its users are those of the node."),
	LIST_OF(38, "schedulingGates", core_PodSchedulingGate, .list = LIST_MAP, .keys = "name",
		.merge_key = "name",
	      .doc = "What must go before a node is chosen."),
	LIST_OF(39, "resourceClaims", core_PodResourceClaim, .list = LIST_MAP, .keys = "name", .merge_key = "name",
	      .doc = "Devices that it asks for."),
	OBJECT(40, "resources", core_ResourceRequirements, .keep = true,
	      .doc = "What all its containers ask for together."),
	FIELD(41, "hostnameOverride", STRING, .keep = true, .doc = "Its host name, whatever else is said."),
};
TYPE(core_PodSpec, "io.k8s.api.core.v1.PodSpec", .doc = "What a Pod runs.")

FIELDS(core_Container) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Unique within the Pod."),
	FIELD(2, "image", STRING, .doc = "The image; what it resolves to is said by an Event."),
	LIST(3, "command", STRING, .doc = "The program and its first arguments, in place of the image's."),
	LIST(4, "args", STRING, .doc = "Arguments, in place of the image's."),
	FIELD(5, "workingDir", STRING, .doc = "The folder it starts in."),
	LIST_OF(6, "ports", core_ContainerPort, .list = LIST_MAP, .keys = "containerPort,protocol",
		.merge_key = "containerPort", .doc = "Ports it listens on."),
	LIST_OF(19, "envFrom", core_EnvFromSource, .doc = "Objects whose entries become environment variables."),
	LIST_OF(7, "env", core_EnvVar, .list = LIST_MAP, .keys = "name", .merge_key = "name",
	      .doc = "Environment variables; STORAGE_URI names files to fetch first."),
	OBJECT(8, "resources", core_ResourceRequirements, .show = true,
	      .doc = "What it asks for, and what it may take at most."),
	LIST_OF(23, "resizePolicy", core_ContainerResizePolicy,
	      .doc = "Whether it starts anew when its resources change."),
	FIELD(24, "restartPolicy", STRING, .keep = true, .doc = "Always, for an init container that goes on running."),
	LIST_OF(25, "restartPolicyRules", core_ContainerRestartRule,
	      .doc = "Exceptions to its restart policy, by exit code."),
	LIST_OF(9, "volumeMounts", core_VolumeMount, .list = LIST_MAP, .keys = "mountPath",
		.merge_key = "mountPath", .doc = "Volumes at its paths."),
	LIST_OF(21, "volumeDevices", core_VolumeDevice, .list = LIST_MAP, .keys = "devicePath",
		.merge_key = "devicePath",
	      .doc = "Block devices at its paths."),
	OBJECT(10, "livenessProbe", core_Probe, .keep = true, .doc = "How it is asked whether it must be started again."),
	OBJECT(11, "readinessProbe", core_Probe, .keep = true, .doc = "How it is asked whether it can have requests."),
	OBJECT(22, "startupProbe", core_Probe, .keep = true, .doc = "How it is asked whether it has started."),
	OBJECT(12, "lifecycle", core_Lifecycle, .keep = true,
	      .doc = "What is done when it has started and before it ends."),
	FIELD(13, "terminationMessagePath", STRING, .doc = "The file whose text is shown when it has ended."),
	FIELD(20, "terminationMessagePolicy", STRING, .doc = "File, or FallbackToLogsOnError."),
	FIELD(14, "imagePullPolicy", STRING, .doc = "Always, IfNotPresent or Never."),
	OBJECT(15, "securityContext", core_SecurityContext, .keep = true, .doc = "Its user and rights."),
	FIELD(16, "stdin", BOOLEAN, .doc = "Whether its input stays open."),
	FIELD(17, "stdinOnce", BOOLEAN, .doc = "Whether its input ends with the first client."),
	FIELD(18, "tty", BOOLEAN, .doc = "Whether it has a terminal."),
};
TYPE(core_Container, "io.k8s.api.core.v1.Container", .doc = "One program of a Pod.")

FIELDS(core_ContainerPort) = {
	FIELD(1, "name", STRING, .doc = "A name that services can use."),
	FIELD(2, "hostPort", INTEGER32, .doc = "The same port of the node."),
	FIELD(3, "containerPort", INTEGER32, .required = true, .show = true, .doc = "The number."),
	FIELD(4, "protocol", STRING, .key_default = "TCP", .doc = "TCP, UDP or SCTP."),
	FIELD(5, "hostIP", STRING, .doc = "The address of the node that the host port is on."),
};
TYPE(core_ContainerPort, "io.k8s.api.core.v1.ContainerPort", .doc = "A port that a container listens on.")

FIELDS(core_EnvFromSource) = {
	FIELD(1, "prefix", STRING, .doc = "What the names of the variables begin with."),
	OBJECT(2, "configMapRef", core_ConfigMapEnvSource, .keep = true, .doc = "A ConfigMap, all entries of it."),
	OBJECT(3, "secretRef", core_SecretEnvSource, .keep = true, .doc = "A Secret, all entries of it."),
};
TYPE(core_EnvFromSource, "io.k8s.api.core.v1.EnvFromSource")

FIELDS(core_ConfigMapEnvSource) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the ConfigMap."),
	FIELD(2, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
TYPE(core_ConfigMapEnvSource, "io.k8s.api.core.v1.ConfigMapEnvSource")

FIELDS(core_SecretEnvSource) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the Secret."),
	FIELD(2, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
TYPE(core_SecretEnvSource, "io.k8s.api.core.v1.SecretEnvSource")

FIELDS(core_EnvVar) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(2, "value", STRING, .doc = "Its value; $(NAME) stands for another variable."),
	OBJECT(3, "valueFrom", core_EnvVarSource, .keep = true, .doc = "Where the value comes from instead."),
};
TYPE(core_EnvVar, "io.k8s.api.core.v1.EnvVar", .doc = "One environment variable.")

FIELDS(core_EnvVarSource) = {
	OBJECT(1, "fieldRef", core_ObjectFieldSelector, .keep = true, .doc = "A field of the Pod."),
	OBJECT(2, "resourceFieldRef", core_ResourceFieldSelector, .keep = true, .doc = "A request or limit of a container."),
	OBJECT(3, "configMapKeyRef", core_ConfigMapKeySelector, .keep = true, .doc = "An entry of a ConfigMap."),
	OBJECT(4, "secretKeyRef", core_SecretKeySelector, .keep = true, .doc = "An entry of a Secret."),
	OBJECT(5, "fileKeyRef", core_FileKeySelector, .keep = true, .doc = "An entry of a file of variables."),
};
TYPE(core_EnvVarSource, "io.k8s.api.core.v1.EnvVarSource", .doc = "Where the value of a variable comes from.")

FIELDS(core_ConfigMapKeySelector) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the ConfigMap."),
	FIELD(2, "key", STRING, .required = true, .show = true, .doc = "The entry."),
	FIELD(3, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
ATOMIC_TYPE(core_ConfigMapKeySelector, "io.k8s.api.core.v1.ConfigMapKeySelector", .doc = "One entry of a ConfigMap.")

FIELDS(core_SecretKeySelector) = {
	FIELD(1, "name", STRING, .inside = 1, .doc = "Name of the Secret."),
	FIELD(2, "key", STRING, .required = true, .show = true, .doc = "The entry."),
	FIELD(3, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
ATOMIC_TYPE(core_SecretKeySelector, "io.k8s.api.core.v1.SecretKeySelector", .doc = "One entry of a Secret.")

FIELDS(core_FileKeySelector) = {
	FIELD(1, "volumeName", STRING, .required = true, .show = true, .doc = "The volume that has the file."),
	FIELD(2, "path", STRING, .required = true, .show = true, .doc = "Where the file is in it."),
	FIELD(3, "key", STRING, .required = true, .show = true, .doc = "The entry."),
	FIELD(4, "optional", BOOLEAN, .keep = true, .doc = "Whether it may be missing."),
};
ATOMIC_TYPE(core_FileKeySelector, "io.k8s.api.core.v1.FileKeySelector")

FIELDS(core_ResourceRequirements) = {
	MAP(1, "limits", QUANTITY, .doc = "The most it may take."),
	MAP(2, "requests", QUANTITY, .doc = "What it is sure to get."),
	LIST_OF(3, "claims", core_ResourceClaim, .list = LIST_MAP, .keys = "name",
	      .doc = "Devices of the Pod's resourceClaims that it uses."),
};
TYPE(core_ResourceRequirements, "io.k8s.api.core.v1.ResourceRequirements",
     .doc = "What a container asks for, and what it may take at most.")

FIELDS(core_ResourceClaim) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Name of the Pod's claim."),
	FIELD(2, "request", STRING, .doc = "One request of it."),
};
TYPE(core_ResourceClaim, "io.k8s.api.core.v1.ResourceClaim")

FIELDS(core_ContainerResizePolicy) = {
	FIELD(1, "resourceName", STRING, .required = true, .show = true, .doc = "cpu or memory."),
	FIELD(2, "restartPolicy", STRING, .required = true, .show = true, .doc = "NotRequired or RestartContainer."),
};
TYPE(core_ContainerResizePolicy, "io.k8s.api.core.v1.ContainerResizePolicy")

FIELDS(core_ContainerRestartRule) = {
	FIELD(1, "action", STRING, .doc = "Restart."),
	OBJECT(2, "exitCodes", core_ContainerRestartRuleOnExitCodes, .keep = true, .doc = "The codes it is for."),
};
TYPE(core_ContainerRestartRule, "io.k8s.api.core.v1.ContainerRestartRule")

FIELDS(core_ContainerRestartRuleOnExitCodes) = {
	FIELD(1, "operator", STRING, .doc = "In or NotIn."),
	LIST(2, "values", INTEGER32, .list = LIST_SET, .doc = "The codes."),
};
TYPE(core_ContainerRestartRuleOnExitCodes, "io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes")

FIELDS(core_VolumeMount) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Name of the volume."),
	FIELD(2, "readOnly", BOOLEAN, .doc = "Whether it cannot be written."),
	FIELD(7, "recursiveReadOnly", STRING, .keep = true,
	      .doc = "Whether mounts below it cannot be written either."),
	FIELD(3, "mountPath", STRING, .required = true, .show = true, .doc = "Where it is mounted."),
	FIELD(4, "subPath", STRING, .doc = "The part of the volume that is mounted."),
	FIELD(5, "mountPropagation", STRING, .keep = true,
	      .doc = "Whether mounts made later are seen on both sides."),
	FIELD(6, "subPathExpr", STRING, .doc = "The part of the volume that is mounted, with $(NAME) for variables."),
};
TYPE(core_VolumeMount, "io.k8s.api.core.v1.VolumeMount", .doc = "A volume at a path of a container.")

FIELDS(core_VolumeDevice) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Name of the volume."),
	FIELD(2, "devicePath", STRING, .required = true, .show = true, .doc = "Where the device is."),
};
TYPE(core_VolumeDevice, "io.k8s.api.core.v1.VolumeDevice")

FIELDS(core_Probe) = {
	OBJECT(1, "exec", core_ExecAction, .inside = 1, .keep = true, .doc = "A command, which must end with 0."),
	OBJECT(2, "httpGet", core_HTTPGetAction, .inside = 1, .keep = true,
	      .doc = "A request, which must be answered with 200 to 399."),
	OBJECT(3, "tcpSocket", core_TCPSocketAction, .inside = 1, .keep = true,
	      .doc = "A port, which must take a connection."),
	OBJECT(4, "grpc", core_GRPCAction, .inside = 1, .keep = true,
	      .doc = "A port, which must answer gRPC's health check."),
	FIELD(2, "initialDelaySeconds", INTEGER32, .doc = "Seconds before it is asked first."),
	FIELD(3, "timeoutSeconds", INTEGER32, .doc = "Seconds an answer may take."),
	FIELD(4, "periodSeconds", INTEGER32, .doc = "Seconds from one question to the next."),
	FIELD(5, "successThreshold", INTEGER32, .doc = "Good answers in a row that count as well."),
	FIELD(6, "failureThreshold", INTEGER32, .doc = "Bad answers in a row that count as not well."),
	FIELD(7, "terminationGracePeriodSeconds", INTEGER, .keep = true,
	      .doc = "Seconds it has for ending when it is not well."),
};
TYPE(core_Probe, "io.k8s.api.core.v1.Probe", .doc = "How a container is asked whether it is well.")

FIELDS(core_ExecAction) = {
	LIST(1, "command", STRING, .doc = "The program and its arguments."),
};
TYPE(core_ExecAction, "io.k8s.api.core.v1.ExecAction")

FIELDS(core_HTTPGetAction) = {
	FIELD(1, "path", STRING, .doc = "The path that is asked for."),
	FIELD(2, "port", INT_OR_STRING, .required = true, .show = true, .doc = "The port, by number or name."),
	FIELD(3, "host", STRING, .doc = "The host, when it is not the Pod."),
	FIELD(4, "scheme", STRING, .doc = "HTTP or HTTPS."),
	LIST_OF(5, "httpHeaders", core_HTTPHeader, .doc = "Fields of the request."),
};
TYPE(core_HTTPGetAction, "io.k8s.api.core.v1.HTTPGetAction")

FIELDS(core_HTTPHeader) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(2, "value", STRING, .required = true, .show = true, .doc = "Its value."),
};
TYPE(core_HTTPHeader, "io.k8s.api.core.v1.HTTPHeader")

FIELDS(core_TCPSocketAction) = {
	FIELD(1, "port", INT_OR_STRING, .required = true, .show = true, .doc = "The port, by number or name."),
	FIELD(2, "host", STRING, .doc = "The host, when it is not the Pod."),
};
TYPE(core_TCPSocketAction, "io.k8s.api.core.v1.TCPSocketAction")

FIELDS(core_GRPCAction) = {
	FIELD(1, "port", INTEGER32, .required = true, .show = true, .doc = "The port."),
	FIELD(2, "service", STRING, .show = true, .doc = "The service that is asked about."),
};
TYPE(core_GRPCAction, "io.k8s.api.core.v1.GRPCAction")

FIELDS(core_Lifecycle) = {
	OBJECT(1, "postStart", core_LifecycleHandler, .keep = true, .doc = "Done when it has started."),
	OBJECT(2, "preStop", core_LifecycleHandler, .keep = true, .doc = "Done before it is ended."),
	FIELD(3, "stopSignal", STRING, .keep = true, .doc = "The signal it is ended by."),
};
TYPE(core_Lifecycle, "io.k8s.api.core.v1.Lifecycle")

FIELDS(core_LifecycleHandler) = {
	OBJECT(1, "exec", core_ExecAction, .keep = true, .doc = "A command."),
	OBJECT(2, "httpGet", core_HTTPGetAction, .keep = true, .doc = "A request."),
	OBJECT(3, "tcpSocket", core_TCPSocketAction, .keep = true, .doc = "Old; does nothing."),
	OBJECT(4, "sleep", core_SleepAction, .keep = true, .doc = "A pause."),
};
TYPE(core_LifecycleHandler, "io.k8s.api.core.v1.LifecycleHandler")

FIELDS(core_SleepAction) = {
	FIELD(1, "seconds", INTEGER, .required = true, .show = true, .doc = "How long."),
};
TYPE(core_SleepAction, "io.k8s.api.core.v1.SleepAction")

FIELDS(core_SecurityContext) = {
	OBJECT(1, "capabilities", core_Capabilities, .keep = true, .doc = "Rights of root that it has or has not."),
	FIELD(2, "privileged", BOOLEAN, .keep = true, .doc = "Whether it has all rights of the node's root."),
	OBJECT(3, "seLinuxOptions", core_SELinuxOptions, .keep = true, .doc = "Its SELinux label."),
	OBJECT(10, "windowsOptions", core_WindowsSecurityContextOptions, .keep = true,
	      .doc = "What holds on Windows."),
	FIELD(4, "runAsUser", INTEGER, .keep = true, .doc = "The user it runs as, by number."),
	FIELD(8, "runAsGroup", INTEGER, .keep = true, .doc = "The group it runs as, by number."),
	FIELD(5, "runAsNonRoot", BOOLEAN, .keep = true, .doc = "Whether user 0 is refused."),
	FIELD(6, "readOnlyRootFilesystem", BOOLEAN, .keep = true, .doc = "Whether its own files cannot be written."),
	FIELD(7, "allowPrivilegeEscalation", BOOLEAN, .keep = true,
	      .doc = "Whether it may get more rights than it started with."),
	FIELD(9, "procMount", STRING, .keep = true, .doc = "How much of /proc it sees."),
	OBJECT(11, "seccompProfile", core_SeccompProfile, .keep = true, .doc = "The system calls it may make."),
	OBJECT(12, "appArmorProfile", core_AppArmorProfile, .keep = true, .doc = "Its AppArmor profile."),
};
TYPE(core_SecurityContext, "io.k8s.api.core.v1.SecurityContext")

FIELDS(core_Capabilities) = {
	LIST(1, "add", STRING, .doc = "Rights it has besides."),
	LIST(2, "drop", STRING, .doc = "Rights it has not."),
};
TYPE(core_Capabilities, "io.k8s.api.core.v1.Capabilities")

FIELDS(core_SELinuxOptions) = {
	FIELD(1, "user", STRING, .doc = "User of the label."),
	FIELD(2, "role", STRING, .doc = "Role of the label."),
	FIELD(3, "type", STRING, .doc = "Type of the label."),
	FIELD(4, "level", STRING, .doc = "Level of the label."),
};
TYPE(core_SELinuxOptions, "io.k8s.api.core.v1.SELinuxOptions")

FIELDS(core_WindowsSecurityContextOptions) = {
	FIELD(1, "gmsaCredentialSpecName", STRING, .keep = true),
	FIELD(2, "gmsaCredentialSpec", STRING, .keep = true),
	FIELD(3, "runAsUserName", STRING, .keep = true),
	FIELD(4, "hostProcess", BOOLEAN, .keep = true),
};
TYPE(core_WindowsSecurityContextOptions, "io.k8s.api.core.v1.WindowsSecurityContextOptions")

FIELDS(core_SeccompProfile) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "RuntimeDefault, Localhost or Unconfined."),
	FIELD(2, "localhostProfile", STRING, .keep = true, .doc = "The file of a Localhost profile."),
};
TYPE(core_SeccompProfile, "io.k8s.api.core.v1.SeccompProfile")

FIELDS(core_AppArmorProfile) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "RuntimeDefault, Localhost or Unconfined."),
	FIELD(2, "localhostProfile", STRING, .keep = true, .doc = "The name of a Localhost profile."),
};
TYPE(core_AppArmorProfile, "io.k8s.api.core.v1.AppArmorProfile")

FIELDS(core_EphemeralContainer) = {
	FIELD(1, "name", STRING, .inside = 1, .required = true, .show = true, .doc = "Unique within the Pod."),
	FIELD(2, "image", STRING, .inside = 1, .doc = "The image."),
	LIST(3, "command", STRING, .inside = 1,
	      .doc = "The program and its first arguments, in place of the image's."),
	LIST(4, "args", STRING, .inside = 1, .doc = "Arguments, in place of the image's."),
	FIELD(5, "workingDir", STRING, .inside = 1, .doc = "The folder it starts in."),
	LIST_OF(6, "ports", core_ContainerPort, .inside = 1, .list = LIST_MAP,
		.keys = "containerPort,protocol", .merge_key = "containerPort",
	      .doc = "Not allowed here."),
	LIST_OF(19, "envFrom", core_EnvFromSource, .inside = 1,
	      .doc = "Objects whose entries become environment variables."),
	LIST_OF(7, "env", core_EnvVar, .inside = 1, .list = LIST_MAP, .keys = "name", .merge_key = "name",
	      .doc = "Environment variables."),
	OBJECT(8, "resources", core_ResourceRequirements, .inside = 1, .show = true, .doc = "Not allowed here."),
	LIST_OF(23, "resizePolicy", core_ContainerResizePolicy, .inside = 1),
	FIELD(24, "restartPolicy", STRING, .inside = 1, .keep = true),
	LIST_OF(25, "restartPolicyRules", core_ContainerRestartRule, .inside = 1),
	LIST_OF(9, "volumeMounts", core_VolumeMount, .inside = 1, .list = LIST_MAP, .keys = "mountPath",
		.merge_key = "mountPath",
	      .doc = "Volumes at its paths."),
	LIST_OF(21, "volumeDevices", core_VolumeDevice, .inside = 1, .list = LIST_MAP, .keys = "devicePath",
		.merge_key = "devicePath"),
	OBJECT(10, "livenessProbe", core_Probe, .inside = 1, .keep = true),
	OBJECT(11, "readinessProbe", core_Probe, .inside = 1, .keep = true),
	OBJECT(22, "startupProbe", core_Probe, .inside = 1, .keep = true),
	OBJECT(12, "lifecycle", core_Lifecycle, .inside = 1, .keep = true),
	FIELD(13, "terminationMessagePath", STRING, .inside = 1),
	FIELD(20, "terminationMessagePolicy", STRING, .inside = 1),
	FIELD(14, "imagePullPolicy", STRING, .inside = 1, .doc = "Always, IfNotPresent or Never."),
	OBJECT(15, "securityContext", core_SecurityContext, .inside = 1, .keep = true, .doc = "Its user and rights."),
	FIELD(16, "stdin", BOOLEAN, .inside = 1, .doc = "Whether its input stays open."),
	FIELD(17, "stdinOnce", BOOLEAN, .inside = 1),
	FIELD(18, "tty", BOOLEAN, .inside = 1, .doc = "Whether it has a terminal."),
	FIELD(2, "targetContainerName", STRING, .doc = "The container whose processes it sees."),
};
TYPE(core_EphemeralContainer, "io.k8s.api.core.v1.EphemeralContainer")

FIELDS(core_PodSecurityContext) = {
	OBJECT(1, "seLinuxOptions", core_SELinuxOptions, .keep = true, .doc = "Its SELinux label."),
	OBJECT(8, "windowsOptions", core_WindowsSecurityContextOptions, .keep = true,
	      .doc = "What holds on Windows."),
	FIELD(2, "runAsUser", INTEGER, .keep = true, .doc = "The user it runs as, by number."),
	FIELD(6, "runAsGroup", INTEGER, .keep = true, .doc = "The group it runs as, by number."),
	FIELD(3, "runAsNonRoot", BOOLEAN, .keep = true, .doc = "Whether user 0 is refused."),
	LIST(4, "supplementalGroups", INTEGER, .doc = "More groups of its processes."),
	FIELD(12, "supplementalGroupsPolicy", STRING, .keep = true, .doc = "Whether groups of the image count too."),
	FIELD(5, "fsGroup", INTEGER, .keep = true, .doc = "The group that owns its volumes."),
	LIST_OF(7, "sysctls", core_Sysctl, .doc = "Settings of the kernel."),
	FIELD(9, "fsGroupChangePolicy", STRING, .keep = true, .doc = "When the owner of files is changed."),
	OBJECT(10, "seccompProfile", core_SeccompProfile, .keep = true, .doc = "The system calls it may make."),
	OBJECT(11, "appArmorProfile", core_AppArmorProfile, .keep = true, .doc = "Its AppArmor profile."),
	FIELD(13, "seLinuxChangePolicy", STRING, .keep = true, .doc = "How files get its SELinux label."),
};
TYPE(core_PodSecurityContext, "io.k8s.api.core.v1.PodSecurityContext")

FIELDS(core_Sysctl) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Its name."),
	FIELD(2, "value", STRING, .required = true, .show = true, .doc = "Its value."),
};
TYPE(core_Sysctl, "io.k8s.api.core.v1.Sysctl")

FIELDS(core_Affinity) = {
	OBJECT(1, "nodeAffinity", core_NodeAffinity, .keep = true, .doc = "Nodes it wants."),
	OBJECT(2, "podAffinity", core_PodAffinity, .keep = true, .doc = "Pods it wants to be near to."),
	OBJECT(3, "podAntiAffinity", core_PodAntiAffinity, .keep = true, .doc = "Pods it wants to be far from."),
};
TYPE(core_Affinity, "io.k8s.api.core.v1.Affinity")

FIELDS(core_NodeAffinity) = {
	OBJECT(1, "requiredDuringSchedulingIgnoredDuringExecution", core_NodeSelector, .keep = true,
	      .doc = "What must hold when a node is chosen."),
	LIST_OF(2, "preferredDuringSchedulingIgnoredDuringExecution", core_PreferredSchedulingTerm,
	      .doc = "What had better hold, by weight."),
};
TYPE(core_NodeAffinity, "io.k8s.api.core.v1.NodeAffinity")

FIELDS(core_PreferredSchedulingTerm) = {
	FIELD(1, "weight", INTEGER32, .required = true, .show = true, .doc = "1 to 100."),
	OBJECT(2, "preference", core_NodeSelectorTerm, .required = true, .show = true, .doc = "The nodes."),
};
TYPE(core_PreferredSchedulingTerm, "io.k8s.api.core.v1.PreferredSchedulingTerm")

FIELDS(core_PodAffinity) = {
	LIST_OF(1, "requiredDuringSchedulingIgnoredDuringExecution", core_PodAffinityTerm,
	      .doc = "What must hold when a node is chosen."),
	LIST_OF(2, "preferredDuringSchedulingIgnoredDuringExecution", core_WeightedPodAffinityTerm,
	      .doc = "What had better hold, by weight."),
};
TYPE(core_PodAffinity, "io.k8s.api.core.v1.PodAffinity")

FIELDS(core_PodAffinityTerm) = {
	OBJECT(1, "labelSelector", meta_LabelSelector, .keep = true, .doc = "Labels of the Pods."),
	LIST(2, "namespaces", STRING, .doc = "Namespaces of the Pods; its own when none is named."),
	FIELD(3, "topologyKey", STRING, .required = true, .show = true,
	      .doc = "The label of nodes that says what is near."),
	OBJECT(4, "namespaceSelector", meta_LabelSelector, .keep = true, .doc = "Labels of the Pods' namespaces."),
	LIST(5, "matchLabelKeys", STRING, .doc = "Labels that must be as its own."),
	LIST(6, "mismatchLabelKeys", STRING, .doc = "Labels that must not be as its own."),
};
TYPE(core_PodAffinityTerm, "io.k8s.api.core.v1.PodAffinityTerm")

FIELDS(core_WeightedPodAffinityTerm) = {
	FIELD(1, "weight", INTEGER32, .required = true, .show = true, .doc = "1 to 100."),
	OBJECT(2, "podAffinityTerm", core_PodAffinityTerm, .required = true, .show = true, .doc = "The Pods."),
};
TYPE(core_WeightedPodAffinityTerm, "io.k8s.api.core.v1.WeightedPodAffinityTerm")

FIELDS(core_PodAntiAffinity) = {
	LIST_OF(1, "requiredDuringSchedulingIgnoredDuringExecution", core_PodAffinityTerm,
	      .doc = "What must hold when a node is chosen."),
	LIST_OF(2, "preferredDuringSchedulingIgnoredDuringExecution", core_WeightedPodAffinityTerm,
	      .doc = "What had better hold, by weight."),
};
TYPE(core_PodAntiAffinity, "io.k8s.api.core.v1.PodAntiAffinity")

FIELDS(core_Toleration) = {
	FIELD(1, "key", STRING, .doc = "The taint it bears; any when empty."),
	FIELD(2, "operator", STRING, .doc = "Exists or Equal."),
	FIELD(3, "value", STRING, .doc = "The taint's value."),
	FIELD(4, "effect", STRING, .doc = "NoSchedule, PreferNoSchedule or NoExecute; any when empty."),
	FIELD(5, "tolerationSeconds", INTEGER, .keep = true, .doc = "Seconds it bears NoExecute for."),
};
TYPE(core_Toleration, "io.k8s.api.core.v1.Toleration")

FIELDS(core_HostAlias) = {
	FIELD(1, "ip", STRING, .required = true, .show = true, .doc = "The address."),
	LIST(2, "hostnames", STRING, .doc = "Names for it."),
};
TYPE(core_HostAlias, "io.k8s.api.core.v1.HostAlias")

FIELDS(core_PodDNSConfig) = {
	LIST(1, "nameservers", STRING, .doc = "Addresses of name servers."),
	LIST(2, "searches", STRING, .doc = "Domains that names are looked up in."),
	LIST_OF(3, "options", core_PodDNSConfigOption, .doc = "Options of the resolver."),
};
TYPE(core_PodDNSConfig, "io.k8s.api.core.v1.PodDNSConfig")

FIELDS(core_PodDNSConfigOption) = {
	FIELD(1, "name", STRING, .doc = "Its name."),
	FIELD(2, "value", STRING, .keep = true, .doc = "Its value."),
};
TYPE(core_PodDNSConfigOption, "io.k8s.api.core.v1.PodDNSConfigOption")

FIELDS(core_PodReadinessGate) = {
	FIELD(1, "conditionType", STRING, .required = true, .show = true, .doc = "Type of the condition."),
};
TYPE(core_PodReadinessGate, "io.k8s.api.core.v1.PodReadinessGate")

FIELDS(core_TopologySpreadConstraint) = {
	FIELD(1, "maxSkew", INTEGER32, .required = true, .show = true,
	      .doc = "How many more one place may have than another."),
	FIELD(2, "topologyKey", STRING, .required = true, .show = true,
	      .doc = "The label of nodes that says what one place is."),
	FIELD(3, "whenUnsatisfiable", STRING, .required = true, .show = true,
	      .doc = "DoNotSchedule or ScheduleAnyway."),
	OBJECT(4, "labelSelector", meta_LabelSelector, .keep = true, .doc = "Labels of the Pods that are counted."),
	FIELD(5, "minDomains", INTEGER32, .keep = true, .doc = "How many places there must be."),
	FIELD(6, "nodeAffinityPolicy", STRING, .keep = true, .doc = "Whether only nodes that it wants count."),
	FIELD(7, "nodeTaintsPolicy", STRING, .keep = true, .doc = "Whether only nodes that it bears count."),
	LIST(8, "matchLabelKeys", STRING, .doc = "Labels that must be as its own."),
};
TYPE(core_TopologySpreadConstraint, "io.k8s.api.core.v1.TopologySpreadConstraint")

FIELDS(core_PodOS) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "linux or windows."),
};
TYPE(core_PodOS, "io.k8s.api.core.v1.PodOS")

FIELDS(core_PodSchedulingGate) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "What is waited for."),
};
TYPE(core_PodSchedulingGate, "io.k8s.api.core.v1.PodSchedulingGate")

FIELDS(core_PodResourceClaim) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "What containers call it."),
	FIELD(3, "resourceClaimName", STRING, .keep = true, .doc = "A claim that is there."),
	FIELD(4, "resourceClaimTemplateName", STRING, .keep = true, .doc = "What a claim is made from."),
};
TYPE(core_PodResourceClaim, "io.k8s.api.core.v1.PodResourceClaim")

FIELDS(core_PodStatus) = {
	FIELD(17, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	FIELD(1, "phase", STRING, .doc = "Pending, Running, Succeeded, Failed or Unknown."),
	LIST_OF(2, "conditions", core_PodCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not, with reasons."),
	FIELD(3, "message", STRING, .doc = "Why it is in its phase, as a sentence."),
	FIELD(4, "reason", STRING, .doc = "Why it is in its phase, as one word."),
	FIELD(11, "nominatedNodeName", STRING, .doc = "The node it is to get when others have gone."),
	FIELD(5, "hostIP", STRING, .doc = "Address of its node."),
	LIST_OF(16, "hostIPs", core_HostIP, .merge_key = "ip", .doc = "All addresses of its node."),
	FIELD(6, "podIP", STRING, .doc = "Its address."),
	LIST_OF(12, "podIPs", core_PodIP, .list = LIST_MAP, .keys = "ip", .merge_key = "ip", .doc = "All its addresses."),
	FIELD(7, "startTime", TIME, .keep = true, .doc = "When its node took it."),
	LIST_OF(10, "initContainerStatuses", core_ContainerStatus, .doc = "How each of its init containers is doing."),
	LIST_OF(8, "containerStatuses", core_ContainerStatus, .doc = "How each of its containers is doing."),
	FIELD(9, "qosClass", STRING, .doc = "Guaranteed, Burstable or BestEffort, by its requests and limits."),
	LIST_OF(13, "ephemeralContainerStatuses", core_ContainerStatus,
	      .doc = "How each of its ephemeral containers is doing."),
	FIELD(14, "resize", STRING, .doc = "How far a change of its resources is."),
	LIST_OF(15, "resourceClaimStatuses", core_PodResourceClaimStatus, .list = LIST_MAP, .keys = "name",
		.merge_key = "name",
	      .doc = "Claims made for it."),
	OBJECT(18, "extendedResourceClaimStatus", core_PodExtendedResourceClaimStatus, .keep = true,
	      .doc = "The claim made for its extended resources."),
};
TYPE(core_PodStatus, "io.k8s.api.core.v1.PodStatus", .doc = "How a Pod is doing.")

FIELDS(core_PodCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(7, "observedGeneration", INTEGER, .doc = "The generation that it is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastProbeTime", TIME, .show = true, .doc = "When it was looked at last."),
	FIELD(4, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(5, "reason", STRING, .doc = "Why, as one word."),
	FIELD(6, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(core_PodCondition, "io.k8s.api.core.v1.PodCondition", .doc = "One thing that is true or not about a Pod.")

FIELDS(core_HostIP) = {
	FIELD(1, "ip", STRING, .required = true, .show = true, .doc = "The address."),
};
TYPE(core_HostIP, "io.k8s.api.core.v1.HostIP")

FIELDS(core_PodIP) = {
	FIELD(1, "ip", STRING, .required = true, .show = true, .doc = "The address."),
};
TYPE(core_PodIP, "io.k8s.api.core.v1.PodIP")

FIELDS(core_ContainerStatus) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Name of the container."),
	OBJECT(2, "state", core_ContainerState, .show = true, .doc = "What it does now."),
	OBJECT(3, "lastState", core_ContainerState, .show = true, .doc = "How it ended last."),
	FIELD(4, "ready", BOOLEAN, .required = true, .show = true, .doc = "Whether it can have requests."),
	FIELD(5, "restartCount", INTEGER32, .required = true, .show = true, .doc = "How often it was started again."),
	FIELD(6, "image", STRING, .required = true, .show = true, .doc = "The image it runs."),
	FIELD(7, "imageID", STRING, .required = true, .show = true, .doc = "The very image, by its digest."),
	FIELD(8, "containerID", STRING, .doc = "What its runtime calls it."),
	FIELD(9, "started", BOOLEAN, .keep = true, .doc = "Whether it has started."),
	MAP(10, "allocatedResources", QUANTITY, .doc = "What its node has set aside for it."),
	OBJECT(11, "resources", core_ResourceRequirements, .keep = true, .doc = "What it has now."),
	LIST_OF(12, "volumeMounts", core_VolumeMountStatus, .list = LIST_MAP, .keys = "mountPath",
		.merge_key = "mountPath",
	      .doc = "Volumes as they are mounted."),
	OBJECT(13, "user", core_ContainerUser, .keep = true, .doc = "The user it runs as."),
	LIST_OF(14, "allocatedResourcesStatus", core_ResourceStatus, .list = LIST_MAP, .keys = "name",
		.merge_key = "name",
	      .doc = "How its devices are doing."),
	FIELD(15, "stopSignal", STRING, .keep = true, .doc = "The signal it is ended by."),
};
TYPE(core_ContainerStatus, "io.k8s.api.core.v1.ContainerStatus", .doc = "How one container is doing.")

FIELDS(core_ContainerState) = {
	OBJECT(1, "waiting", core_ContainerStateWaiting, .keep = true, .doc = "Why it is not running yet."),
	OBJECT(2, "running", core_ContainerStateRunning, .keep = true, .doc = "Since when it runs."),
	OBJECT(3, "terminated", core_ContainerStateTerminated, .keep = true, .doc = "How it ended."),
};
TYPE(core_ContainerState, "io.k8s.api.core.v1.ContainerState", .doc = "Waiting, running or terminated: one of them is set.")

FIELDS(core_ContainerStateWaiting) = {
	FIELD(1, "reason", STRING, .doc = "Why, as one word."),
	FIELD(2, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(core_ContainerStateWaiting, "io.k8s.api.core.v1.ContainerStateWaiting", .doc = "A container that is not running yet.")

FIELDS(core_ContainerStateRunning) = {
	FIELD(1, "startedAt", TIME, .show = true, .doc = "When it started."),
};
TYPE(core_ContainerStateRunning, "io.k8s.api.core.v1.ContainerStateRunning", .doc = "A container that is running.")

FIELDS(core_ContainerStateTerminated) = {
	FIELD(1, "exitCode", INTEGER32, .required = true, .show = true, .doc = "The code it ended with."),
	FIELD(2, "signal", INTEGER32, .doc = "The signal it ended by."),
	FIELD(3, "reason", STRING, .doc = "Why, as one word."),
	FIELD(4, "message", STRING, .doc = "Why, as a sentence."),
	FIELD(5, "startedAt", TIME, .show = true, .doc = "When it started."),
	FIELD(6, "finishedAt", TIME, .show = true, .doc = "When it ended."),
	FIELD(7, "containerID", STRING, .doc = "What its runtime called it."),
};
TYPE(core_ContainerStateTerminated, "io.k8s.api.core.v1.ContainerStateTerminated", .doc = "A container that has ended.")

FIELDS(core_VolumeMountStatus) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Name of the volume."),
	FIELD(2, "mountPath", STRING, .required = true, .show = true, .doc = "Where it is mounted."),
	FIELD(3, "readOnly", BOOLEAN, .doc = "Whether it cannot be written."),
	FIELD(4, "recursiveReadOnly", STRING, .keep = true,
	      .doc = "Whether mounts below it cannot be written either."),
};
TYPE(core_VolumeMountStatus, "io.k8s.api.core.v1.VolumeMountStatus")

FIELDS(core_ContainerUser) = {
	OBJECT(1, "linux", core_LinuxContainerUser, .keep = true),
};
TYPE(core_ContainerUser, "io.k8s.api.core.v1.ContainerUser")

FIELDS(core_LinuxContainerUser) = {
	FIELD(1, "uid", INTEGER, .required = true, .show = true),
	FIELD(2, "gid", INTEGER, .required = true, .show = true),
	LIST(3, "supplementalGroups", INTEGER),
};
TYPE(core_LinuxContainerUser, "io.k8s.api.core.v1.LinuxContainerUser")

FIELDS(core_ResourceStatus) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
	LIST_OF(2, "resources", core_ResourceHealth, .list = LIST_MAP, .keys = "resourceID"),
};
TYPE(core_ResourceStatus, "io.k8s.api.core.v1.ResourceStatus")

FIELDS(core_ResourceHealth) = {
	FIELD(1, "resourceID", STRING, .required = true, .show = true),
	FIELD(2, "health", STRING),
};
TYPE(core_ResourceHealth, "io.k8s.api.core.v1.ResourceHealth")

FIELDS(core_PodResourceClaimStatus) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
	FIELD(2, "resourceClaimName", STRING, .keep = true),
};
TYPE(core_PodResourceClaimStatus, "io.k8s.api.core.v1.PodResourceClaimStatus")

FIELDS(core_PodExtendedResourceClaimStatus) = {
	LIST_OF(1, "requestMappings", core_ContainerExtendedResourceRequest, .required = true, .show = true),
	FIELD(2, "resourceClaimName", STRING, .required = true, .show = true),
};
TYPE(core_PodExtendedResourceClaimStatus, "io.k8s.api.core.v1.PodExtendedResourceClaimStatus")

FIELDS(core_ContainerExtendedResourceRequest) = {
	FIELD(1, "containerName", STRING, .required = true, .show = true),
	FIELD(2, "resourceName", STRING, .required = true, .show = true),
	FIELD(3, "requestName", STRING, .required = true, .show = true),
};
TYPE(core_ContainerExtendedResourceRequest, "io.k8s.api.core.v1.ContainerExtendedResourceRequest")
