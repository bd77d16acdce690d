/* Field tables: metadata, Status and the options of requests. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(meta_LabelSelector) = {
	MAP(1, "matchLabels", STRING, .doc = "Labels that must have these values."),
	LIST_OF(2, "matchExpressions", meta_LabelSelectorRequirement, .doc = "Requirements on labels."),
};
ATOMIC_TYPE(meta_LabelSelector, "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector",
     .doc = "Chooses objects by their labels; all its requirements must hold.")

FIELDS(meta_LabelSelectorRequirement) = {
	FIELD(1, "key", STRING, .required = true, .show = true, .doc = "The label."),
	FIELD(2, "operator", STRING, .required = true, .show = true, .doc = "In, NotIn, Exists or DoesNotExist."),
	LIST(3, "values", STRING, .doc = "Values for In and NotIn."),
};
TYPE(meta_LabelSelectorRequirement, "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement")

FIELDS(meta_Condition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "observedGeneration", INTEGER, .doc = "The generation that it is about."),
	FIELD(4, "lastTransitionTime", TIME, .required = true, .show = true, .doc = "When its status changed last."),
	FIELD(5, "reason", STRING, .required = true, .show = true, .doc = "Why, as one word."),
	FIELD(6, "message", STRING, .required = true, .show = true, .doc = "Why, as a sentence."),
};
TYPE(meta_Condition, "io.k8s.apimachinery.pkg.apis.meta.v1.Condition", .doc = "One thing that is true or not about an object.")

FIELDS(meta_FieldSelectorRequirement) = {
	FIELD(1, "key", STRING, .required = true, .show = true),
	FIELD(2, "operator", STRING, .required = true, .show = true),
	LIST(3, "values", STRING),
};
TYPE(meta_FieldSelectorRequirement, "io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement")

FIELDS(meta_DeleteOptions) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	FIELD(1, "gracePeriodSeconds", INTEGER, .keep = true),
	OBJECT(2, "preconditions", meta_Preconditions, .keep = true),
	FIELD(3, "orphanDependents", BOOLEAN, .keep = true),
	FIELD(4, "propagationPolicy", STRING, .keep = true),
	LIST(5, "dryRun", STRING),
	FIELD(6, "ignoreStoreReadErrorWithClusterBreakingPotential", BOOLEAN, .keep = true),
};
TYPE(meta_DeleteOptions, "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")

FIELDS(meta_Preconditions) = {
	FIELD(1, "uid", STRING, .keep = true),
	FIELD(2, "resourceVersion", STRING, .keep = true),
};
TYPE(meta_Preconditions, "io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions")

FIELDS(meta_Status) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ListMeta, .show = true),
	FIELD(2, "status", STRING),
	FIELD(3, "message", STRING),
	FIELD(4, "reason", STRING),
	OBJECT(5, "details", meta_StatusDetails, .keep = true),
	FIELD(6, "code", INTEGER32),
};
TYPE(meta_Status, "io.k8s.apimachinery.pkg.apis.meta.v1.Status")

FIELDS(meta_ListMeta) = {
	FIELD(1, "selfLink", STRING),
	FIELD(2, "resourceVersion", STRING),
	FIELD(3, "continue", STRING),
	FIELD(4, "remainingItemCount", INTEGER, .keep = true),
};
TYPE(meta_ListMeta, "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")

FIELDS(meta_StatusDetails) = {
	FIELD(1, "name", STRING),
	FIELD(2, "group", STRING),
	FIELD(3, "kind", STRING),
	FIELD(6, "uid", STRING),
	LIST_OF(4, "causes", meta_StatusCause),
	FIELD(5, "retryAfterSeconds", INTEGER32),
};
TYPE(meta_StatusDetails, "io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails")

FIELDS(meta_StatusCause) = {
	FIELD(1, "reason", STRING),
	FIELD(2, "message", STRING),
	FIELD(3, "field", STRING),
};
TYPE(meta_StatusCause, "io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause")
