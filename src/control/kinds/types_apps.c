/* Field tables: apps/v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(apps_Deployment) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_DeploymentSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", apps_DeploymentStatus, .show = true, .doc = "How many Pods there are."),
};
TYPE(apps_Deployment, "io.k8s.api.apps.v1.Deployment",
     .doc = "A number of equal Pods, changed step by step when their template changes.")

FIELDS(apps_DeploymentSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true, .doc = "How many Pods are wanted."),
	OBJECT(2, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true,
	      .doc = "Labels of the Pods that count; it never changes."),
	OBJECT(3, "template", core_PodTemplateSpec, .required = true, .show = true, .doc = "The Pods."),
	OBJECT(4, "strategy", apps_DeploymentStrategy, .show = true, .doc = "How old Pods are replaced by new ones."),
	FIELD(5, "minReadySeconds", INTEGER32, .doc = "Seconds a Pod must be ready for before it counts as available."),
	FIELD(6, "revisionHistoryLimit", INTEGER32, .keep = true, .doc = "How many old ReplicaSets are kept."),
	FIELD(7, "paused", BOOLEAN, .doc = "Whether changes wait."),
	FIELD(9, "progressDeadlineSeconds", INTEGER32, .keep = true,
	      .doc = "Seconds without progress after which it counts as stuck."),
};
TYPE(apps_DeploymentSpec, "io.k8s.api.apps.v1.DeploymentSpec", .doc = "Which Pods are wanted, and how they are replaced.")

FIELDS(apps_DeploymentStrategy) = {
	FIELD(1, "type", STRING, .doc = "Recreate or RollingUpdate."),
	OBJECT(2, "rollingUpdate", apps_RollingUpdateDeployment, .keep = true, .doc = "How many at a time."),
};
TYPE(apps_DeploymentStrategy, "io.k8s.api.apps.v1.DeploymentStrategy", .doc = "How old Pods are replaced by new ones.")

FIELDS(apps_RollingUpdateDeployment) = {
	FIELD(1, "maxUnavailable", INT_OR_STRING, .keep = true, .doc = "How many may be missing meanwhile."),
	FIELD(2, "maxSurge", INT_OR_STRING, .keep = true, .doc = "How many there may be too many meanwhile."),
};
TYPE(apps_RollingUpdateDeployment, "io.k8s.api.apps.v1.RollingUpdateDeployment")

FIELDS(apps_DeploymentStatus) = {
	FIELD(1, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	FIELD(2, "replicas", INTEGER32, .doc = "Pods there are."),
	FIELD(3, "updatedReplicas", INTEGER32, .doc = "Pods of the present template."),
	FIELD(7, "readyReplicas", INTEGER32, .doc = "Pods that are ready."),
	FIELD(4, "availableReplicas", INTEGER32, .doc = "Pods that have been ready for long enough."),
	FIELD(5, "unavailableReplicas", INTEGER32, .doc = "Pods that are missing."),
	FIELD(9, "terminatingReplicas", INTEGER32, .keep = true),
	LIST_OF(6, "conditions", apps_DeploymentCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
	FIELD(8, "collisionCount", INTEGER32, .keep = true),
};
TYPE(apps_DeploymentStatus, "io.k8s.api.apps.v1.DeploymentStatus", .doc = "How many Pods there are, and how far a change is.")

FIELDS(apps_DeploymentCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(6, "lastUpdateTime", TIME, .show = true, .doc = "When it was looked at last."),
	FIELD(7, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(apps_DeploymentCondition, "io.k8s.api.apps.v1.DeploymentCondition",
     .doc = "One thing that is true or not about a Deployment.")

FIELDS(apps_ReplicaSet) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_ReplicaSetSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", apps_ReplicaSetStatus, .show = true, .doc = "How many Pods there are."),
};
TYPE(apps_ReplicaSet, "io.k8s.api.apps.v1.ReplicaSet",
     .doc = "A number of equal Pods of one template; usually made by a Deployment.")

FIELDS(apps_ReplicaSetSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true, .doc = "How many Pods are wanted."),
	FIELD(4, "minReadySeconds", INTEGER32, .doc = "Seconds a Pod must be ready for before it counts as available."),
	OBJECT(2, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true,
	      .doc = "Labels of the Pods that count; it never changes."),
	OBJECT(3, "template", core_PodTemplateSpec, .show = true, .doc = "The Pods."),
};
TYPE(apps_ReplicaSetSpec, "io.k8s.api.apps.v1.ReplicaSetSpec", .doc = "Which Pods are wanted, and how many.")

FIELDS(apps_ReplicaSetStatus) = {
	FIELD(1, "replicas", INTEGER32, .required = true, .show = true, .doc = "Pods there are."),
	FIELD(2, "fullyLabeledReplicas", INTEGER32, .doc = "Pods that have all labels of the template."),
	FIELD(4, "readyReplicas", INTEGER32, .doc = "Pods that are ready."),
	FIELD(5, "availableReplicas", INTEGER32, .doc = "Pods that have been ready for long enough."),
	FIELD(7, "terminatingReplicas", INTEGER32, .keep = true),
	FIELD(3, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	LIST_OF(6, "conditions", apps_ReplicaSetCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
TYPE(apps_ReplicaSetStatus, "io.k8s.api.apps.v1.ReplicaSetStatus", .doc = "How many Pods there are.")

FIELDS(apps_ReplicaSetCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(apps_ReplicaSetCondition, "io.k8s.api.apps.v1.ReplicaSetCondition")

FIELDS(apps_StatefulSet) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_StatefulSetSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", apps_StatefulSetStatus, .show = true, .doc = "How many Pods there are."),
};
TYPE(apps_StatefulSet, "io.k8s.api.apps.v1.StatefulSet", .doc = "Pods with names and storage that stay.")

FIELDS(apps_StatefulSetSpec) = {
	FIELD(1, "replicas", INTEGER32, .keep = true, .doc = "How many Pods are wanted."),
	OBJECT(2, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true,
	      .doc = "Labels of the Pods that count; it never changes."),
	OBJECT(3, "template", core_PodTemplateSpec, .required = true, .show = true, .doc = "The Pods."),
	LIST_OF(4, "volumeClaimTemplates", core_PersistentVolumeClaim, .doc = "Claims that each Pod gets."),
	FIELD(5, "serviceName", STRING, .show = true, .doc = "The service that names the Pods."),
	FIELD(6, "podManagementPolicy", STRING, .doc = "OrderedReady or Parallel."),
	OBJECT(7, "updateStrategy", apps_StatefulSetUpdateStrategy, .show = true,
	      .doc = "How old Pods are replaced by new ones."),
	FIELD(8, "revisionHistoryLimit", INTEGER32, .keep = true, .doc = "How many old revisions are kept."),
	FIELD(9, "minReadySeconds", INTEGER32,
	      .doc = "Seconds a Pod must be ready for before it counts as available."),
	OBJECT(10, "persistentVolumeClaimRetentionPolicy", apps_StatefulSetPersistentVolumeClaimRetentionPolicy, .keep = true,
	      .doc = "What becomes of claims."),
	OBJECT(11, "ordinals", apps_StatefulSetOrdinals, .keep = true, .doc = "The number that the first Pod has."),
};
TYPE(apps_StatefulSetSpec, "io.k8s.api.apps.v1.StatefulSetSpec")

FIELDS(apps_StatefulSetUpdateStrategy) = {
	FIELD(1, "type", STRING, .doc = "RollingUpdate or OnDelete."),
	OBJECT(2, "rollingUpdate", apps_RollingUpdateStatefulSetStrategy, .keep = true, .doc = "How many at once."),
};
TYPE(apps_StatefulSetUpdateStrategy, "io.k8s.api.apps.v1.StatefulSetUpdateStrategy")

FIELDS(apps_RollingUpdateStatefulSetStrategy) = {
	FIELD(1, "partition", INTEGER32, .keep = true, .doc = "Pods below this number stay old."),
	FIELD(2, "maxUnavailable", INT_OR_STRING, .keep = true, .doc = "How many may be missing meanwhile."),
};
TYPE(apps_RollingUpdateStatefulSetStrategy, "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy")

FIELDS(apps_StatefulSetPersistentVolumeClaimRetentionPolicy) = {
	FIELD(1, "whenDeleted", STRING, .doc = "Retain or Delete, when the set goes."),
	FIELD(2, "whenScaled", STRING, .doc = "Retain or Delete, when it shrinks."),
};
TYPE(apps_StatefulSetPersistentVolumeClaimRetentionPolicy, "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy")

FIELDS(apps_StatefulSetOrdinals) = {
	FIELD(1, "start", INTEGER32, .show = true),
};
TYPE(apps_StatefulSetOrdinals, "io.k8s.api.apps.v1.StatefulSetOrdinals")

FIELDS(apps_StatefulSetStatus) = {
	FIELD(1, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	FIELD(2, "replicas", INTEGER32, .required = true, .show = true, .doc = "How many Pods there are."),
	FIELD(3, "readyReplicas", INTEGER32, .doc = "How many of them are ready."),
	FIELD(4, "currentReplicas", INTEGER32, .doc = "How many are of the old revision."),
	FIELD(5, "updatedReplicas", INTEGER32, .doc = "How many are of the new revision."),
	FIELD(6, "currentRevision", STRING, .doc = "Name of the old revision."),
	FIELD(7, "updateRevision", STRING, .doc = "Name of the new revision."),
	FIELD(9, "collisionCount", INTEGER32, .keep = true, .doc = "How often the name of a revision was taken."),
	LIST_OF(10, "conditions", apps_StatefulSetCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
	FIELD(11, "availableReplicas", INTEGER32, .show = true, .doc = "How many are available."),
};
TYPE(apps_StatefulSetStatus, "io.k8s.api.apps.v1.StatefulSetStatus")

FIELDS(apps_StatefulSetCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(apps_StatefulSetCondition, "io.k8s.api.apps.v1.StatefulSetCondition")

FIELDS(apps_DaemonSet) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apps_DaemonSetSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", apps_DaemonSetStatus, .show = true, .doc = "How many Pods there are."),
};
TYPE(apps_DaemonSet, "io.k8s.api.apps.v1.DaemonSet", .doc = "One Pod on each node.")

FIELDS(apps_DaemonSetSpec) = {
	OBJECT(1, "selector", meta_LabelSelector, .required = true, .show = true, .keep = true,
	      .doc = "Labels of the Pods that count; it never changes."),
	OBJECT(2, "template", core_PodTemplateSpec, .required = true, .show = true, .doc = "The Pods."),
	OBJECT(3, "updateStrategy", apps_DaemonSetUpdateStrategy, .show = true,
	      .doc = "How old Pods are replaced by new ones."),
	FIELD(4, "minReadySeconds", INTEGER32,
	      .doc = "Seconds a Pod must be ready for before it counts as available."),
	FIELD(6, "revisionHistoryLimit", INTEGER32, .keep = true, .doc = "How many old revisions are kept."),
};
TYPE(apps_DaemonSetSpec, "io.k8s.api.apps.v1.DaemonSetSpec")

FIELDS(apps_DaemonSetUpdateStrategy) = {
	FIELD(1, "type", STRING, .doc = "RollingUpdate or OnDelete."),
	OBJECT(2, "rollingUpdate", apps_RollingUpdateDaemonSet, .keep = true, .doc = "How many at once."),
};
TYPE(apps_DaemonSetUpdateStrategy, "io.k8s.api.apps.v1.DaemonSetUpdateStrategy")

FIELDS(apps_RollingUpdateDaemonSet) = {
	FIELD(1, "maxUnavailable", INT_OR_STRING, .keep = true, .doc = "How many may be missing meanwhile."),
	FIELD(2, "maxSurge", INT_OR_STRING, .keep = true, .doc = "How many there may be too many meanwhile."),
};
TYPE(apps_RollingUpdateDaemonSet, "io.k8s.api.apps.v1.RollingUpdateDaemonSet")

FIELDS(apps_DaemonSetStatus) = {
	FIELD(1, "currentNumberScheduled", INTEGER32, .required = true, .show = true,
	      .doc = "Nodes that run it and should."),
	FIELD(2, "numberMisscheduled", INTEGER32, .required = true, .show = true,
	      .doc = "Nodes that run it and should not."),
	FIELD(3, "desiredNumberScheduled", INTEGER32, .required = true, .show = true,
	      .doc = "Nodes that should run it."),
	FIELD(4, "numberReady", INTEGER32, .required = true, .show = true, .doc = "Nodes where it is ready."),
	FIELD(5, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	FIELD(6, "updatedNumberScheduled", INTEGER32, .doc = "Nodes that run the newest."),
	FIELD(7, "numberAvailable", INTEGER32, .doc = "Nodes where it is available."),
	FIELD(8, "numberUnavailable", INTEGER32, .doc = "Nodes where it is missing."),
	FIELD(9, "collisionCount", INTEGER32, .keep = true, .doc = "How often the name of a revision was taken."),
	LIST_OF(10, "conditions", apps_DaemonSetCondition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
TYPE(apps_DaemonSetStatus, "io.k8s.api.apps.v1.DaemonSetStatus")

FIELDS(apps_DaemonSetCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(apps_DaemonSetCondition, "io.k8s.api.apps.v1.DaemonSetCondition")

FIELDS(apps_ControllerRevision) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	FIELD(2, "data", ANY, .doc = "The state that was wanted."),
	FIELD(3, "revision", INTEGER, .required = true, .show = true),
};
TYPE(apps_ControllerRevision, "io.k8s.api.apps.v1.ControllerRevision")
