/* Field tables: autoscaling/v2. See types.h. */
#include "control/kinds/types_table.h"

#define NAME(t) "io.k8s.api.autoscaling.v2." t

FIELDS(autoscaling2_MetricIdentifier) = {
	FIELD(1, "name", STRING, .required = true, .show = true),
	OBJECT(2, "selector", meta_LabelSelector, .keep = true),
};
static TYPE(autoscaling2_MetricIdentifier, NAME("MetricIdentifier"))

FIELDS(autoscaling2_MetricTarget) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "value", QUANTITY, .keep = true),
	FIELD(3, "averageValue", QUANTITY, .keep = true),
	FIELD(4, "averageUtilization", INTEGER32, .keep = true),
};
static TYPE(autoscaling2_MetricTarget, NAME("MetricTarget"))

FIELDS(autoscaling2_MetricValueStatus) = {
	FIELD(1, "value", QUANTITY, .keep = true),
	FIELD(2, "averageValue", QUANTITY, .keep = true),
	FIELD(3, "averageUtilization", INTEGER32, .keep = true),
};
static TYPE(autoscaling2_MetricValueStatus, NAME("MetricValueStatus"))

/* Source and status of each type of metric: the same fields around a target or a present value. */
#define METRIC(t, suffix, value_name, value_type)                                                               \
	FIELDS(autoscaling2_Object##t) = {                                                                      \
		OBJECT(suffix == 0 ? 1 : 3, "describedObject", autoscaling_CrossVersionObjectReference,         \
		       .required = true, .show = true),                                                         \
		OBJECT(2, value_name, value_type, .required = true, .show = true),                              \
		OBJECT(suffix == 0 ? 3 : 1, "metric", autoscaling2_MetricIdentifier, .required = true,          \
		       .show = true),                                                                           \
	};                                                                                                      \
	static TYPE(autoscaling2_Object##t, NAME("ObjectMetric" #t))                                            \
	FIELDS(autoscaling2_Pods##t) = {                                                                        \
		OBJECT(1, "metric", autoscaling2_MetricIdentifier, .required = true, .show = true),             \
		OBJECT(2, value_name, value_type, .required = true, .show = true),                              \
	};                                                                                                      \
	static TYPE(autoscaling2_Pods##t, NAME("PodsMetric" #t))                                                \
	FIELDS(autoscaling2_Resource##t) = {                                                                    \
		FIELD(1, "name", STRING, .required = true, .show = true),                                       \
		OBJECT(2, value_name, value_type, .required = true, .show = true),                              \
	};                                                                                                      \
	static TYPE(autoscaling2_Resource##t, NAME("ResourceMetric" #t))                                        \
	FIELDS(autoscaling2_ContainerResource##t) = {                                                           \
		FIELD(1, "name", STRING, .required = true, .show = true),                                       \
		OBJECT(2, value_name, value_type, .required = true, .show = true),                              \
		FIELD(3, "container", STRING, .required = true, .show = true),                                  \
	};                                                                                                      \
	static TYPE(autoscaling2_ContainerResource##t, NAME("ContainerResourceMetric" #t))                      \
	FIELDS(autoscaling2_External##t) = {                                                                    \
		OBJECT(1, "metric", autoscaling2_MetricIdentifier, .required = true, .show = true),             \
		OBJECT(2, value_name, value_type, .required = true, .show = true),                              \
	};                                                                                                      \
	static TYPE(autoscaling2_External##t, NAME("ExternalMetric" #t))                                        \
	FIELDS(autoscaling2_Metric##t) = {                                                                      \
		FIELD(1, "type", STRING, .required = true, .show = true),                                       \
		OBJECT(2, "object", autoscaling2_Object##t, .keep = true),                                      \
		OBJECT(3, "pods", autoscaling2_Pods##t, .keep = true),                                          \
		OBJECT(4, "resource", autoscaling2_Resource##t, .keep = true),                                  \
		OBJECT(7, "containerResource", autoscaling2_ContainerResource##t, .keep = true),                \
		OBJECT(5, "external", autoscaling2_External##t, .keep = true),                                  \
	};

METRIC(Source, 0, "target", autoscaling2_MetricTarget)
static TYPE(autoscaling2_MetricSource, NAME("MetricSpec"))
METRIC(Status, 1, "current", autoscaling2_MetricValueStatus)
static TYPE(autoscaling2_MetricStatus, NAME("MetricStatus"))

FIELDS(autoscaling2_HPAScalingPolicy) = {
	FIELD(1, "type", STRING, .required = true, .show = true),
	FIELD(2, "value", INTEGER32, .required = true, .show = true),
	FIELD(3, "periodSeconds", INTEGER32, .required = true, .show = true),
};
static TYPE(autoscaling2_HPAScalingPolicy, NAME("HPAScalingPolicy"))

FIELDS(autoscaling2_HPAScalingRules) = {
	FIELD(3, "stabilizationWindowSeconds", INTEGER32, .keep = true),
	FIELD(1, "selectPolicy", STRING, .keep = true),
	LIST_OF(2, "policies", autoscaling2_HPAScalingPolicy),
	FIELD(4, "tolerance", QUANTITY, .keep = true),
};
static TYPE(autoscaling2_HPAScalingRules, NAME("HPAScalingRules"))

FIELDS(autoscaling2_Behavior) = {
	OBJECT(1, "scaleUp", autoscaling2_HPAScalingRules, .keep = true),
	OBJECT(2, "scaleDown", autoscaling2_HPAScalingRules, .keep = true),
};
static TYPE(autoscaling2_Behavior, NAME("HorizontalPodAutoscalerBehavior"))

FIELDS(autoscaling2_HorizontalPodAutoscalerSpec) = {
	OBJECT(1, "scaleTargetRef", autoscaling_CrossVersionObjectReference, .required = true, .show = true,
	      .doc = "What is scaled."),
	FIELD(2, "minReplicas", INTEGER32, .keep = true, .doc = "The fewest Pods."),
	FIELD(3, "maxReplicas", INTEGER32, .required = true, .show = true, .doc = "The most Pods."),
	LIST_OF(4, "metrics", autoscaling2_MetricSource, .doc = "What is measured."),
	OBJECT(5, "behavior", autoscaling2_Behavior, .keep = true, .doc = "How fast it changes."),
};
static TYPE(autoscaling2_HorizontalPodAutoscalerSpec, NAME("HorizontalPodAutoscalerSpec"))

FIELDS(autoscaling2_Condition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
static TYPE(autoscaling2_Condition, NAME("HorizontalPodAutoscalerCondition"))

FIELDS(autoscaling2_HorizontalPodAutoscalerStatus) = {
	FIELD(1, "observedGeneration", INTEGER, .keep = true, .doc = "The generation that this status is about."),
	FIELD(2, "lastScaleTime", TIME, .keep = true, .doc = "When it changed last."),
	FIELD(3, "currentReplicas", INTEGER32, .doc = "How many Pods there are."),
	FIELD(4, "desiredReplicas", INTEGER32, .required = true, .show = true, .doc = "How many Pods are wanted."),
	LIST_OF(5, "currentMetrics", autoscaling2_MetricStatus, .show = true, .doc = "What was measured last."),
	LIST_OF(6, "conditions", autoscaling2_Condition, .list = LIST_MAP, .keys = "type", .merge_key = "type",
	      .doc = "What is true of it and what is not."),
};
static TYPE(autoscaling2_HorizontalPodAutoscalerStatus, NAME("HorizontalPodAutoscalerStatus"))

FIELDS(autoscaling2_HorizontalPodAutoscaler) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", autoscaling2_HorizontalPodAutoscalerSpec, .show = true, .doc = "What is wanted."),
	OBJECT(3, "status", autoscaling2_HorizontalPodAutoscalerStatus, .show = true, .doc = "What there is."),
};
TYPE(autoscaling2_HorizontalPodAutoscaler, NAME("HorizontalPodAutoscaler"),
     .doc = "Changes a number of replicas by measures.")
