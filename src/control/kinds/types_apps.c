/* Field tables: apps/v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(apps_Deployment) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_DeploymentSpec, .show = true),
	OBJECT(3, "status", apps_DeploymentStatus, .show = true),
};
TYPE(apps_Deployment, "io.k8s.api.apps.v1.Deployment")

FIELDS(apps_DeploymentSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true),
	OBJECT(2, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true),
	OBJECT(3, "template", core_PodTemplateSpec, .required = true, .show = true),
	OBJECT(4, "strategy", apps_DeploymentStrategy, .show = true),
	FIELD(5, "minReadySeconds", INTEGER32),
	FIELD(6, "revisionHistoryLimit", INTEGER32, .keep = true),
	FIELD(7, "paused", BOOLEAN),
	FIELD(9, "progressDeadlineSeconds", INTEGER32, .keep = true),
};
TYPE(apps_DeploymentSpec, "io.k8s.api.apps.v1.DeploymentSpec")

FIELDS(apps_DeploymentStrategy) = {
	FIELD(1, "type", STRING),
	OBJECT(2, "rollingUpdate", apps_RollingUpdateDeployment, .keep = true),
};
TYPE(apps_DeploymentStrategy, "io.k8s.api.apps.v1.DeploymentStrategy")

FIELDS(apps_RollingUpdateDeployment) = {
	FIELD(1, "maxUnavailable", INT_OR_STRING, .keep = true),
	FIELD(2, "maxSurge", INT_OR_STRING, .keep = true),
};
TYPE(apps_RollingUpdateDeployment, "io.k8s.api.apps.v1.RollingUpdateDeployment")

FIELDS(apps_DeploymentStatus) = {
	FIELD(1, "observedGeneration", INTEGER),
	FIELD(2, "replicas", INTEGER32),
	FIELD(3, "updatedReplicas", INTEGER32),
	FIELD(7, "readyReplicas", INTEGER32),
	FIELD(4, "availableReplicas", INTEGER32),
	FIELD(5, "unavailableReplicas", INTEGER32),
	FIELD(9, "terminatingReplicas", INTEGER32, .keep = true),
	LIST_OF(6, "conditions", apps_DeploymentCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type"),
	FIELD(8, "collisionCount", INTEGER32, .keep = true),
};
TYPE(apps_DeploymentStatus, "io.k8s.api.apps.v1.DeploymentStatus")

FIELDS(apps_DeploymentCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "status", STRING, .required = true, .show = true),
	FIELD(6, "lastUpdateTime", TIME, .show = true),
	FIELD(7, "lastTransitionTime", TIME, .show = true),
	FIELD(4, "reason", STRING),
	FIELD(5, "message", STRING),
};
TYPE(apps_DeploymentCondition, "io.k8s.api.apps.v1.DeploymentCondition")

FIELDS(apps_ReplicaSet) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_ReplicaSetSpec, .show = true),
	OBJECT(3, "status", apps_ReplicaSetStatus, .show = true),
};
TYPE(apps_ReplicaSet, "io.k8s.api.apps.v1.ReplicaSet")

FIELDS(apps_ReplicaSetSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true),
	FIELD(4, "minReadySeconds", INTEGER32),
	OBJECT(2, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true),
	OBJECT(3, "template", core_PodTemplateSpec, .show = true),
};
TYPE(apps_ReplicaSetSpec, "io.k8s.api.apps.v1.ReplicaSetSpec")

FIELDS(apps_ReplicaSetStatus) = {
	FIELD(1, "replicas", INTEGER32, .required = true, .show = true),
	FIELD(2, "fullyLabeledReplicas", INTEGER32),
	FIELD(4, "readyReplicas", INTEGER32),
	FIELD(5, "availableReplicas", INTEGER32),
	FIELD(7, "terminatingReplicas", INTEGER32, .keep = true),
	FIELD(3, "observedGeneration", INTEGER),
	LIST_OF(6, "conditions", apps_ReplicaSetCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type"),
};
TYPE(apps_ReplicaSetStatus, "io.k8s.api.apps.v1.ReplicaSetStatus")

FIELDS(apps_ReplicaSetCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "status", STRING, .required = true, .show = true),
	FIELD(3, "lastTransitionTime", TIME, .show = true),
	FIELD(4, "reason", STRING),
	FIELD(5, "message", STRING),
};
TYPE(apps_ReplicaSetCondition, "io.k8s.api.apps.v1.ReplicaSetCondition")

FIELDS(apps_StatefulSet) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_StatefulSetSpec, .show = true),
	OBJECT(3, "status", apps_StatefulSetStatus, .show = true),
};
TYPE(apps_StatefulSet, "io.k8s.api.apps.v1.StatefulSet")

FIELDS(apps_StatefulSetSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true),
	OBJECT(2, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true),
	OBJECT(3, "template", core_PodTemplateSpec, .required = true, .show = true),
	LIST_OF(4, "volumeClaimTemplates", core_PersistentVolumeClaim),
	FIELD(5, "serviceName", STRING, .show = true),
	FIELD(6, "podManagementPolicy", STRING),
	OBJECT(7, "updateStrategy", apps_StatefulSetUpdateStrategy, .show = true),
	FIELD(8, "revisionHistoryLimit", INTEGER32, .keep = true),
	FIELD(9, "minReadySeconds", INTEGER32),
	OBJECT(10, "persistentVolumeClaimRetentionPolicy", apps_StatefulSetPersistentVolumeClaimRetentionPolicy, .keep = true),
	OBJECT(11, "ordinals", apps_StatefulSetOrdinals, .keep = true),
};
TYPE(apps_StatefulSetSpec, "io.k8s.api.apps.v1.StatefulSetSpec")

FIELDS(apps_StatefulSetUpdateStrategy) = {
	FIELD(1, "type", STRING),
	OBJECT(2, "rollingUpdate", apps_RollingUpdateStatefulSetStrategy, .keep = true),
};
TYPE(apps_StatefulSetUpdateStrategy, "io.k8s.api.apps.v1.StatefulSetUpdateStrategy")

FIELDS(apps_RollingUpdateStatefulSetStrategy) = {
	FIELD(1, "partition", INTEGER32, .keep = true),
	FIELD(2, "maxUnavailable", INT_OR_STRING, .keep = true),
};
TYPE(apps_RollingUpdateStatefulSetStrategy, "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy")

FIELDS(apps_StatefulSetPersistentVolumeClaimRetentionPolicy) = {
	FIELD(1, "whenDeleted", STRING),
	FIELD(2, "whenScaled", STRING),
};
TYPE(apps_StatefulSetPersistentVolumeClaimRetentionPolicy, "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy")

FIELDS(apps_StatefulSetOrdinals) = {
	FIELD(1, "start", INTEGER32, .show = true),
};
TYPE(apps_StatefulSetOrdinals, "io.k8s.api.apps.v1.StatefulSetOrdinals")

FIELDS(apps_StatefulSetStatus) = {
	FIELD(1, "observedGeneration", INTEGER),
	FIELD(2, "replicas", INTEGER32, .required = true, .show = true),
	FIELD(3, "readyReplicas", INTEGER32),
	FIELD(4, "currentReplicas", INTEGER32),
	FIELD(5, "updatedReplicas", INTEGER32),
	FIELD(6, "currentRevision", STRING),
	FIELD(7, "updateRevision", STRING),
	FIELD(9, "collisionCount", INTEGER32, .keep = true),
	LIST_OF(10, "conditions", apps_StatefulSetCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type"),
	FIELD(11, "availableReplicas", INTEGER32, .show = true),
};
TYPE(apps_StatefulSetStatus, "io.k8s.api.apps.v1.StatefulSetStatus")

FIELDS(apps_StatefulSetCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "status", STRING, .required = true, .show = true),
	FIELD(3, "lastTransitionTime", TIME, .show = true),
	FIELD(4, "reason", STRING),
	FIELD(5, "message", STRING),
};
TYPE(apps_StatefulSetCondition, "io.k8s.api.apps.v1.StatefulSetCondition")

FIELDS(apps_DaemonSet) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_DaemonSetSpec, .show = true),
	OBJECT(3, "status", apps_DaemonSetStatus, .show = true),
};
TYPE(apps_DaemonSet, "io.k8s.api.apps.v1.DaemonSet")

FIELDS(apps_DaemonSetSpec) = {
	OBJECT(1, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true),
	OBJECT(2, "template", core_PodTemplateSpec, .required = true, .show = true),
	OBJECT(3, "updateStrategy", apps_DaemonSetUpdateStrategy, .show = true),
	FIELD(4, "minReadySeconds", INTEGER32),
	FIELD(6, "revisionHistoryLimit", INTEGER32, .keep = true),
};
TYPE(apps_DaemonSetSpec, "io.k8s.api.apps.v1.DaemonSetSpec")

FIELDS(apps_DaemonSetUpdateStrategy) = {
	FIELD(1, "type", STRING),
	OBJECT(2, "rollingUpdate", apps_RollingUpdateDaemonSet, .keep = true),
};
TYPE(apps_DaemonSetUpdateStrategy, "io.k8s.api.apps.v1.DaemonSetUpdateStrategy")

FIELDS(apps_RollingUpdateDaemonSet) = {
	FIELD(1, "maxUnavailable", INT_OR_STRING, .keep = true),
	FIELD(2, "maxSurge", INT_OR_STRING, .keep = true),
};
TYPE(apps_RollingUpdateDaemonSet, "io.k8s.api.apps.v1.RollingUpdateDaemonSet")

FIELDS(apps_DaemonSetStatus) = {
	FIELD(1, "currentNumberScheduled", INTEGER32, .required = true, .show = true),
	FIELD(2, "numberMisscheduled", INTEGER32, .required = true, .show = true),
	FIELD(3, "desiredNumberScheduled", INTEGER32, .required = true, .show = true),
	FIELD(4, "numberReady", INTEGER32, .required = true, .show = true),
	FIELD(5, "observedGeneration", INTEGER),
	FIELD(6, "updatedNumberScheduled", INTEGER32),
	FIELD(7, "numberAvailable", INTEGER32),
	FIELD(8, "numberUnavailable", INTEGER32),
	FIELD(9, "collisionCount", INTEGER32, .keep = true),
	LIST_OF(10, "conditions", apps_DaemonSetCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type"),
};
TYPE(apps_DaemonSetStatus, "io.k8s.api.apps.v1.DaemonSetStatus")

FIELDS(apps_DaemonSetCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "status", STRING, .required = true, .show = true),
	FIELD(3, "lastTransitionTime", TIME, .show = true),
	FIELD(4, "reason", STRING),
	FIELD(5, "message", STRING),
};
TYPE(apps_DaemonSetCondition, "io.k8s.api.apps.v1.DaemonSetCondition")

FIELDS(apps_ControllerRevision) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(2, "data", ANY),
	FIELD(3, "revision", INTEGER, .required = true, .show = true),
};
TYPE(apps_ControllerRevision, "io.k8s.api.apps.v1.ControllerRevision")
