/* Field tables: apiextensions.k8s.io/v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(apiextensions_CustomResourceDefinition) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", apiextensions_CustomResourceDefinitionSpec, .required = true, .show = true,
	      .doc = "What the kind is."),
	OBJECT(3, "status", apiextensions_CustomResourceDefinitionStatus, .show = true, .doc = "Whether it is served."),
};
TYPE(apiextensions_CustomResourceDefinition,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
     .doc = "A kind of one's own, with its names and its schema.")

FIELDS(apiextensions_CustomResourceDefinitionSpec) = {
	FIELD(1, "group", STRING, .required = true, .show = true, .doc = "The group of the kind."),
	OBJECT(3, "names", apiextensions_CustomResourceDefinitionNames, .required = true, .show = true,
	      .doc = "How it is called."),
	FIELD(4, "scope", STRING, .required = true, .show = true, .doc = "Namespaced or Cluster."),
	LIST_OF(7, "versions", apiextensions_CustomResourceDefinitionVersion, .required = true, .show = true,
	      .doc = "Its versions."),
	OBJECT(9, "conversion", apiextensions_CustomResourceConversion, .keep = true,
	      .doc = "How versions become one another; here only their apiVersion changes."),
	FIELD(10, "preserveUnknownFields", BOOLEAN, .doc = "Old: fields that no schema names are dropped."),
};
TYPE(apiextensions_CustomResourceDefinitionSpec,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec",
     .doc = "Names, scope and versions of the kind.")

FIELDS(apiextensions_CustomResourceDefinitionNames) = {
	FIELD(1, "plural", STRING, .required = true, .show = true, .doc = "The name in paths."),
	FIELD(2, "singular", STRING, .doc = "The name of one."),
	LIST(3, "shortNames", STRING, .doc = "Short names for kubectl."),
	FIELD(4, "kind", STRING, .required = true, .show = true, .doc = "The kind's name in objects."),
	FIELD(5, "listKind", STRING, .doc = "The kind of its lists."),
	LIST(6, "categories", STRING, .doc = "Groups of kinds that kubectl get takes together."),
};
TYPE(apiextensions_CustomResourceDefinitionNames,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames",
     .doc = "How the kind is called.")

FIELDS(apiextensions_CustomResourceDefinitionVersion) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Name of the version."),
	FIELD(2, "served", BOOLEAN, .required = true, .show = true, .doc = "Whether it is served."),
	FIELD(3, "storage", BOOLEAN, .required = true, .show = true,
	      .doc = "Whether objects are stored in it; exactly one is."),
	FIELD(7, "deprecated", BOOLEAN),
	FIELD(8, "deprecationWarning", STRING, .keep = true),
	OBJECT(4, "schema", apiextensions_CustomResourceValidation, .keep = true, .doc = "What its objects look like."),
	OBJECT(5, "subresources", apiextensions_CustomResourceSubresources, .keep = true,
	      .doc = "Whether it has status and scale."),
	LIST_OF(6, "additionalPrinterColumns", apiextensions_CustomResourceColumnDefinition, .doc = "Columns of kubectl get."),
	LIST_OF(9, "selectableFields", apiextensions_SelectableField),
};
TYPE(apiextensions_CustomResourceDefinitionVersion,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion",
     .doc = "One version of the kind.")

FIELDS(apiextensions_CustomResourceValidation) = {
	OBJECT(1, "openAPIV3Schema", apiextensions_JSONSchemaProps, .keep = true),
};
TYPE(apiextensions_CustomResourceValidation,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation")

FIELDS(apiextensions_JSONSchemaProps) = {
	FIELD(1, "id", STRING),
	FIELD(2, "$schema", STRING),
	FIELD(3, "$ref", STRING, .keep = true),
	FIELD(4, "description", STRING, .doc = "What the field is."),
	FIELD(5, "type", STRING, .doc = "object, array, string, integer, number or boolean."),
	FIELD(6, "format", STRING, .doc = "A format of the type, as int32 or date-time."),
	FIELD(7, "title", STRING, .doc = "A heading."),
	FIELD(8, "default", ANY, .keep = true, .doc = "What the field is when it is not written."),
	FIELD(9, "maximum", NUMBER, .keep = true, .doc = "The largest value."),
	FIELD(10, "exclusiveMaximum", BOOLEAN, .doc = "Whether the maximum itself is too large."),
	FIELD(11, "minimum", NUMBER, .keep = true, .doc = "The smallest value."),
	FIELD(12, "exclusiveMinimum", BOOLEAN, .doc = "Whether the minimum itself is too small."),
	FIELD(13, "maxLength", INTEGER, .keep = true, .doc = "The most characters."),
	FIELD(14, "minLength", INTEGER, .keep = true, .doc = "The fewest characters."),
	FIELD(15, "pattern", STRING, .doc = "A regular expression that must match."),
	FIELD(16, "maxItems", INTEGER, .keep = true, .doc = "The most items."),
	FIELD(17, "minItems", INTEGER, .keep = true, .doc = "The fewest items."),
	FIELD(18, "uniqueItems", BOOLEAN, .doc = "Not allowed here."),
	FIELD(19, "multipleOf", NUMBER, .keep = true, .doc = "What the value must be a multiple of."),
	LIST(20, "enum", ANY, .doc = "The values that are allowed."),
	FIELD(21, "maxProperties", INTEGER, .keep = true, .doc = "The most members."),
	FIELD(22, "minProperties", INTEGER, .keep = true, .doc = "The fewest members."),
	LIST(23, "required", STRING, .doc = "Members that must be there."),
	FIELD(24, "items", ANY, .keep = true, .doc = "What each item is."),
	LIST_OF(25, "allOf", apiextensions_JSONSchemaProps, .doc = "All of these must hold."),
	LIST_OF(26, "oneOf", apiextensions_JSONSchemaProps, .doc = "Exactly one of these must hold."),
	LIST_OF(27, "anyOf", apiextensions_JSONSchemaProps, .doc = "At least one of these must hold."),
	OBJECT(28, "not", apiextensions_JSONSchemaProps, .keep = true, .doc = "This must not hold."),
	MAP_OF(29, "properties", apiextensions_JSONSchemaProps, .doc = "The members."),
	FIELD(30, "additionalProperties", ANY, .keep = true, .doc = "What members of any other name are."),
	MAP_OF(31, "patternProperties", apiextensions_JSONSchemaProps),
	MAP(32, "dependencies", ANY),
	FIELD(33, "additionalItems", ANY, .keep = true),
	MAP_OF(34, "definitions", apiextensions_JSONSchemaProps),
	OBJECT(35, "externalDocs", apiextensions_ExternalDocumentation, .keep = true),
	FIELD(36, "example", ANY, .keep = true, .doc = "A value as it may be."),
	FIELD(37, "nullable", BOOLEAN, .doc = "Whether null is a value."),
	FIELD(38, "x-kubernetes-preserve-unknown-fields", BOOLEAN, .keep = true,
	      .doc = "Whether members that are not named are kept."),
	FIELD(39, "x-kubernetes-embedded-resource", BOOLEAN, .doc = "Whether it is a whole object."),
	FIELD(40, "x-kubernetes-int-or-string", BOOLEAN, .doc = "Whether it is a number or a text."),
	LIST(41, "x-kubernetes-list-map-keys", STRING, .doc = "The members that tell items apart."),
	FIELD(42, "x-kubernetes-list-type", STRING, .keep = true, .doc = "atomic, set or map."),
	FIELD(43, "x-kubernetes-map-type", STRING, .keep = true, .doc = "granular or atomic."),
	LIST_OF(44, "x-kubernetes-validations", apiextensions_ValidationRule, .list = LIST_MAP,
		.keys = "rule", .merge_key = "rule",
	      .doc = "Rules in CEL; kept, not evaluated."),
};
TYPE(apiextensions_JSONSchemaProps,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")

FIELDS(apiextensions_ExternalDocumentation) = {
	FIELD(1, "description", STRING),
	FIELD(2, "url", STRING),
};
TYPE(apiextensions_ExternalDocumentation,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation")

FIELDS(apiextensions_ValidationRule) = {
	FIELD(1, "rule", STRING, .required = true, .show = true),
	FIELD(2, "message", STRING),
	FIELD(3, "messageExpression", STRING),
	FIELD(4, "reason", STRING, .keep = true),
	FIELD(5, "fieldPath", STRING),
	FIELD(6, "optionalOldSelf", BOOLEAN, .keep = true),
};
TYPE(apiextensions_ValidationRule,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule")

FIELDS(apiextensions_CustomResourceSubresources) = {
	OBJECT(1, "status", apiextensions_CustomResourceSubresourceStatus, .keep = true,
	      .doc = "Whether status has a door of its own."),
	OBJECT(2, "scale", apiextensions_CustomResourceSubresourceScale, .keep = true,
	      .doc = "Where the replicas are."),
};
TYPE(apiextensions_CustomResourceSubresources,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources")

EMPTY_TYPE(apiextensions_CustomResourceSubresourceStatus,
	   "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus")

FIELDS(apiextensions_CustomResourceSubresourceScale) = {
	FIELD(1, "specReplicasPath", STRING, .required = true, .show = true,
	      .doc = "The field of the wanted number, as .spec.replicas."),
	FIELD(2, "statusReplicasPath", STRING, .required = true, .show = true,
	      .doc = "The field of the number there is."),
	FIELD(3, "labelSelectorPath", STRING, .keep = true, .doc = "The field of the selector, as text."),
};
TYPE(apiextensions_CustomResourceSubresourceScale,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale")

FIELDS(apiextensions_CustomResourceColumnDefinition) = {
	FIELD(1, "name", STRING, .required = true, .show = true, .doc = "Head of the column."),
	FIELD(2, "type", STRING, .required = true, .show = true, .doc = "integer, number, string, boolean or date."),
	FIELD(3, "format", STRING, .doc = "A format of the type, as date."),
	FIELD(4, "description", STRING, .doc = "What the column shows."),
	FIELD(5, "priority", INTEGER32, .doc = "0 to show it always, more to show it with -o wide."),
	FIELD(6, "jsonPath", STRING, .required = true, .show = true, .doc = "What stands in it."),
};
TYPE(apiextensions_CustomResourceColumnDefinition,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition",
     .doc = "A column of kubectl get.")

FIELDS(apiextensions_SelectableField) = {
	FIELD(1, "jsonPath", STRING, .required = true, .show = true),
};
TYPE(apiextensions_SelectableField,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField")

FIELDS(apiextensions_CustomResourceConversion) = {
	FIELD(1, "strategy", STRING, .required = true, .show = true, .doc = "None, or Webhook, which is not built."),
	OBJECT(2, "webhook", apiextensions_WebhookConversion, .keep = true, .doc = "Who converts."),
};
TYPE(apiextensions_CustomResourceConversion,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion")

FIELDS(apiextensions_WebhookConversion) = {
	OBJECT(2, "clientConfig", apiextensions_WebhookClientConfig, .keep = true),
	LIST(3, "conversionReviewVersions", STRING, .required = true, .show = true),
};
TYPE(apiextensions_WebhookConversion,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion")

FIELDS(apiextensions_WebhookClientConfig) = {
	FIELD(3, "url", STRING, .keep = true),
	OBJECT(1, "service", apiextensions_ServiceReference, .keep = true),
	FIELD(2, "caBundle", BYTES),
};
TYPE(apiextensions_WebhookClientConfig,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig")

FIELDS(apiextensions_ServiceReference) = {
	FIELD(1, "namespace", STRING, .required = true, .show = true),
	FIELD(2, "name", STRING, .required = true, .show = true),
	FIELD(3, "path", STRING, .keep = true),
	FIELD(4, "port", INTEGER32, .keep = true),
};
TYPE(apiextensions_ServiceReference,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference")

FIELDS(apiextensions_CustomResourceDefinitionStatus) = {
	LIST_OF(1, "conditions", apiextensions_CustomResourceDefinitionCondition, .show = true,
		.list = LIST_MAP, .keys = "type", .doc = "Whether its names are accepted and it is established."),
	OBJECT(2, "acceptedNames", apiextensions_CustomResourceDefinitionNames, .show = true,
	      .doc = "The names that are served."),
	LIST(3, "storedVersions", STRING, .show = true, .doc = "Versions that objects may be stored in."),
};
TYPE(apiextensions_CustomResourceDefinitionStatus,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus",
     .doc = "Whether the kind is served.")

FIELDS(apiextensions_CustomResourceDefinitionCondition) = {
	FIELD(1, "type", STRING, .required = true, .show = true, .doc = "What the condition is about."),
	FIELD(2, "status", STRING, .required = true, .show = true, .doc = "True, False or Unknown."),
	FIELD(3, "lastTransitionTime", TIME, .show = true, .doc = "When its status changed last."),
	FIELD(4, "reason", STRING, .doc = "Why, as one word."),
	FIELD(5, "message", STRING, .doc = "Why, as a sentence."),
};
TYPE(apiextensions_CustomResourceDefinitionCondition,
     "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition")
