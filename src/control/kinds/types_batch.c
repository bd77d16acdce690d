/* Field tables: batch/v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(batch_Job) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", batch_JobSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", batch_JobStatus, .show = true, .doc = "How far it is."),
};
TYPE(batch_Job, "io.k8s.api.batch.v1.Job", .doc = "Pods that run to their end, until enough of them succeeded.")

FIELDS(batch_JobSpec) = {
	FIELD(1, "parallelism", INTEGER32, .keep = true, .doc = "How many Pods run at a time."),
	FIELD(2, "completions", INTEGER32, .keep = true, .doc = "How many must succeed."),
	FIELD(3, "activeDeadlineSeconds", INTEGER, .keep = true, .doc = "Seconds after which it is ended."),
	OBJECT(11, "podFailurePolicy", batch_PodFailurePolicy, .keep = true,
	      .doc = "What becomes of it when a Pod fails."),
	OBJECT(16, "successPolicy", batch_SuccessPolicy, .keep = true,
	      .doc = "When it counts as done before all are."),
	FIELD(7, "backoffLimit", INTEGER32, .keep = true, .doc = "How many may fail."),
	FIELD(12, "backoffLimitPerIndex", INTEGER32, .keep = true, .doc = "How often each index is tried."),
	FIELD(13, "maxFailedIndexes", INTEGER32, .keep = true, .doc = "How many indexes may fail."),
	OBJECT(4, "selector", meta_LabelSelector, .keep = true, .doc = "Labels of its Pods; made by the server."),
	FIELD(5, "manualSelector", BOOLEAN, .keep = true, .doc = "Whether the selector is its writer's."),
	OBJECT(6, "template", core_PodTemplateSpec, .required = true, .show = true, .doc = "The Pods."),
	FIELD(8, "ttlSecondsAfterFinished", INTEGER32, .keep = true,
	      .doc = "Seconds after its end when it is deleted."),
	FIELD(9, "completionMode", STRING, .keep = true, .doc = "NonIndexed or Indexed."),
	FIELD(10, "suspend", BOOLEAN, .keep = true, .doc = "Whether it rests."),
	FIELD(14, "podReplacementPolicy", STRING, .keep = true, .doc = "When a Pod that ends is replaced."),
	FIELD(15, "managedBy", STRING, .keep = true, .doc = "Who runs it."),
};
TYPE(batch_JobSpec, "io.k8s.api.batch.v1.JobSpec")

FIELDS(batch_PodFailurePolicy) = {
	LIST_OF(1, "rules", batch_PodFailurePolicyRule, .required = true, .show = true),
};
TYPE(batch_PodFailurePolicy, "io.k8s.api.batch.v1.PodFailurePolicy")

FIELDS(batch_PodFailurePolicyRule) = {
	FIELD(1, "action", STRING, .required = true, .show = true),
	OBJECT(2, "onExitCodes", batch_PodFailurePolicyOnExitCodesRequirement, .keep = true),
	LIST_OF(3, "onPodConditions", batch_PodFailurePolicyOnPodConditionsPattern),
};
TYPE(batch_PodFailurePolicyRule, "io.k8s.api.batch.v1.PodFailurePolicyRule")

FIELDS(batch_PodFailurePolicyOnExitCodesRequirement) = {
	FIELD(1, "containerName", STRING, .keep = true),
	FIELD(2, "operator", STRING, .required = true, .show = true),
	LIST(3, "values", INTEGER32, .required = true, .show = true, .list = LIST_SET),
};
TYPE(batch_PodFailurePolicyOnExitCodesRequirement, "io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement")

FIELDS(batch_PodFailurePolicyOnPodConditionsPattern) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "status", STRING, .required = true, .show = true),
};
TYPE(batch_PodFailurePolicyOnPodConditionsPattern, "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern")

FIELDS(batch_SuccessPolicy) = {
	LIST_OF(1, "rules", batch_SuccessPolicyRule, .required = true, .show = true),
};
TYPE(batch_SuccessPolicy, "io.k8s.api.batch.v1.SuccessPolicy")

FIELDS(batch_SuccessPolicyRule) = {
	FIELD(1, "succeededIndexes", STRING, .keep = true),
	FIELD(2, "succeededCount", INTEGER32, .keep = true),
};
TYPE(batch_SuccessPolicyRule, "io.k8s.api.batch.v1.SuccessPolicyRule")

FIELDS(batch_JobStatus) = {
	LIST_OF(1, "conditions", batch_JobCondition, .merge_key = "type", .doc = "Whether it is complete or failed."),
	FIELD(2, "startTime", TIME, .keep = true, .doc = "When it began."),
	FIELD(3, "completionTime", TIME, .keep = true, .doc = "When it was done."),
	FIELD(4, "active", INTEGER32, .doc = "Pods that are running."),
	FIELD(5, "succeeded", INTEGER32, .doc = "Pods that succeeded."),
	FIELD(6, "failed", INTEGER32, .doc = "Pods that failed."),
	FIELD(11, "terminating", INTEGER32, .keep = true),
	FIELD(7, "completedIndexes", STRING),
	FIELD(10, "failedIndexes", STRING, .keep = true),
	OBJECT(8, "uncountedTerminatedPods", batch_UncountedTerminatedPods, .keep = true),
	FIELD(9, "ready", INTEGER32, .keep = true),
};
TYPE(batch_JobStatus, "io.k8s.api.batch.v1.JobStatus")

FIELDS(batch_JobCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastProbeTime", TIME, .show = true, .doc = "When it was looked at last."),
	FIELD(4, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(5, "reason", STRING, .doc = "Why, as one word."),
	FIELD(6, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(batch_JobCondition, "io.k8s.api.batch.v1.JobCondition")

FIELDS(batch_UncountedTerminatedPods) = {
	LIST(1, "succeeded", STRING, .list = LIST_SET),
	LIST(2, "failed", STRING, .list = LIST_SET),
};
TYPE(batch_UncountedTerminatedPods, "io.k8s.api.batch.v1.UncountedTerminatedPods")

FIELDS(batch_CronJob) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", batch_CronJobSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", batch_CronJobStatus, .show = true, .doc = "What ran last."),
};
TYPE(batch_CronJob, "io.k8s.api.batch.v1.CronJob", .doc = "Jobs by the clock.")

FIELDS(batch_CronJobSpec) = {
	FIELD(1, "schedule", STRING, .required = true, .show = true, .doc = "When, as cron writes it."),
	FIELD(8, "timeZone", STRING, .keep = true, .doc = "The zone the schedule is in."),
	FIELD(2, "startingDeadlineSeconds", INTEGER, .keep = true, .doc = "How late it may still start."),
	FIELD(3, "concurrencyPolicy", STRING, .doc = "Allow, Forbid or Replace."),
	FIELD(4, "suspend", BOOLEAN, .keep = true, .doc = "Whether it pauses."),
	OBJECT(5, "jobTemplate", batch_JobTemplateSpec, .required = true, .show = true,
	      .doc = "The Job that is made."),
	FIELD(6, "successfulJobsHistoryLimit", INTEGER32, .keep = true, .doc = "How many good ones are kept."),
	FIELD(7, "failedJobsHistoryLimit", INTEGER32, .keep = true, .doc = "How many failed ones are kept."),
};
TYPE(batch_CronJobSpec, "io.k8s.api.batch.v1.CronJobSpec")

FIELDS(batch_JobTemplateSpec) = {
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true, .doc = "Labels and annotations of the Job."),
	OBJECT(2, "spec", batch_JobSpec, .show = true, .doc = "What the Job does."),
};
TYPE(batch_JobTemplateSpec, "io.k8s.api.batch.v1.JobTemplateSpec")

FIELDS(batch_CronJobStatus) = {
	LIST_OF(1, "active", core_ObjectReference, .doc = "Jobs that run now."),
	FIELD(4, "lastScheduleTime", TIME, .keep = true, .doc = "When one was made last."),
	FIELD(5, "lastSuccessfulTime", TIME, .keep = true, .doc = "When one ended well last."),
};
TYPE(batch_CronJobStatus, "io.k8s.api.batch.v1.CronJobStatus")
