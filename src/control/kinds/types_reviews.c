/* Field tables: authentication.k8s.io/v1 and authorization.k8s.io/v1. See types.h. */
#include "control/kinds/types_table.h"

FIELDS(authentication_TokenRequest) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", authentication_TokenRequestSpec, .required = true, .show = true,
	      .doc = "What is asked for."),
	OBJECT(3, "status", authentication_TokenRequestStatus, .show = true, .doc = "The answer."),
};
TYPE(authentication_TokenRequest, "io.k8s.api.authentication.v1.TokenRequest")

FIELDS(authentication_TokenRequestSpec) = {
	LIST(1, "audiences", STRING, .required = true, .show = true, .doc = "Whom the token is for."),
	FIELD(4, "expirationSeconds", INTEGER, .show = true, .doc = "How long it holds."),
	OBJECT(3, "boundObjectRef", authentication_BoundObjectReference, .show = true, .doc = "What it ends with."),
};
TYPE(authentication_TokenRequestSpec, "io.k8s.api.authentication.v1.TokenRequestSpec")

FIELDS(authentication_BoundObjectReference) = {
	FIELD(1, "kind", STRING),
	FIELD(2, "apiVersion", STRING),
	FIELD(3, "name", STRING),
	FIELD(4, "uid", STRING),
};
TYPE(authentication_BoundObjectReference, "io.k8s.api.authentication.v1.BoundObjectReference")

FIELDS(authentication_TokenRequestStatus) = {
	FIELD(1, "token", STRING, .required = true, .show = true, .doc = "The token."),
	FIELD(2, "expirationTimestamp", TIME, .required = true, .show = true, .doc = "When it ends."),
};
TYPE(authentication_TokenRequestStatus, "io.k8s.api.authentication.v1.TokenRequestStatus")

FIELDS(authentication_TokenReview) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", authentication_TokenReviewSpec, .required = true, .show = true, .doc = "What is asked."),
	OBJECT(3, "status", authentication_TokenReviewStatus, .show = true, .doc = "The answer."),
};
TYPE(authentication_TokenReview, "io.k8s.api.authentication.v1.TokenReview")

FIELDS(authentication_TokenReviewSpec) = {
	FIELD(1, "token", STRING, .doc = "The token."),
	LIST(2, "audiences", STRING, .doc = "Whom it must be for."),
};
TYPE(authentication_TokenReviewSpec, "io.k8s.api.authentication.v1.TokenReviewSpec")

FIELDS(authentication_TokenReviewStatus) = {
	FIELD(1, "authenticated", BOOLEAN),
	OBJECT(2, "user", authentication_UserInfo, .show = true),
	LIST(4, "audiences", STRING),
	FIELD(3, "error", STRING),
};
TYPE(authentication_TokenReviewStatus, "io.k8s.api.authentication.v1.TokenReviewStatus")

FIELDS(authentication_UserInfo) = {
	FIELD(1, "username", STRING, .doc = "Name of the user."),
	FIELD(2, "uid", STRING, .doc = "Identity of the user."),
	LIST(3, "groups", STRING, .doc = "Groups of the user."),
	MAP_OF_LISTS(4, "extra", .doc = "More about the user."),
};
TYPE(authentication_UserInfo, "io.k8s.api.authentication.v1.UserInfo")

FIELDS(authentication_SelfSubjectReview) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "status", authentication_SelfSubjectReviewStatus, .show = true),
};
TYPE(authentication_SelfSubjectReview, "io.k8s.api.authentication.v1.SelfSubjectReview")

FIELDS(authentication_SelfSubjectReviewStatus) = {
	OBJECT(1, "userInfo", authentication_UserInfo, .show = true),
};
TYPE(authentication_SelfSubjectReviewStatus, "io.k8s.api.authentication.v1.SelfSubjectReviewStatus")

FIELDS(authorization_SelfSubjectAccessReview) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", authorization_SelfSubjectAccessReviewSpec, .required = true, .show = true,
	      .doc = "What is asked."),
	OBJECT(3, "status", authorization_SubjectAccessReviewStatus, .show = true, .doc = "The answer."),
};
TYPE(authorization_SelfSubjectAccessReview, "io.k8s.api.authorization.v1.SelfSubjectAccessReview")

FIELDS(authorization_SelfSubjectAccessReviewSpec) = {
	OBJECT(1, "resourceAttributes", authorization_ResourceAttributes, .keep = true),
	OBJECT(2, "nonResourceAttributes", authorization_NonResourceAttributes, .keep = true),
};
TYPE(authorization_SelfSubjectAccessReviewSpec, "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec")

FIELDS(authorization_ResourceAttributes) = {
	FIELD(1, "namespace", STRING, .doc = "The namespace; all when empty."),
	FIELD(2, "verb", STRING, .doc = "get, list, create, update, patch, delete, watch…"),
	FIELD(3, "group", STRING, .doc = "Group of the resource."),
	FIELD(4, "version", STRING, .doc = "Version of the resource."),
	FIELD(5, "resource", STRING, .doc = "The resource."),
	FIELD(6, "subresource", STRING, .doc = "A part of it."),
	FIELD(7, "name", STRING, .doc = "One object; all when empty."),
	OBJECT(8, "fieldSelector", authorization_FieldSelectorAttributes, .keep = true),
	OBJECT(9, "labelSelector", authorization_LabelSelectorAttributes, .keep = true),
};
TYPE(authorization_ResourceAttributes, "io.k8s.api.authorization.v1.ResourceAttributes")

FIELDS(authorization_FieldSelectorAttributes) = {
	FIELD(1, "rawSelector", STRING),
	LIST_OF(2, "requirements", meta_FieldSelectorRequirement),
};
TYPE(authorization_FieldSelectorAttributes, "io.k8s.api.authorization.v1.FieldSelectorAttributes")

FIELDS(authorization_LabelSelectorAttributes) = {
	FIELD(1, "rawSelector", STRING),
	LIST_OF(2, "requirements", meta_LabelSelectorRequirement),
};
TYPE(authorization_LabelSelectorAttributes, "io.k8s.api.authorization.v1.LabelSelectorAttributes")

FIELDS(authorization_NonResourceAttributes) = {
	FIELD(1, "path", STRING, .doc = "The path."),
	FIELD(2, "verb", STRING, .doc = "The method."),
};
TYPE(authorization_NonResourceAttributes, "io.k8s.api.authorization.v1.NonResourceAttributes")

FIELDS(authorization_SubjectAccessReviewStatus) = {
	FIELD(1, "allowed", BOOLEAN, .required = true, .show = true, .doc = "Whether it may."),
	FIELD(4, "denied", BOOLEAN, .doc = "Whether it is forbidden by a rule."),
	FIELD(2, "reason", STRING, .doc = "Why."),
	FIELD(3, "evaluationError", STRING, .doc = "What went wrong in finding out."),
};
TYPE(authorization_SubjectAccessReviewStatus, "io.k8s.api.authorization.v1.SubjectAccessReviewStatus")

FIELDS(authorization_SubjectAccessReview) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", authorization_SubjectAccessReviewSpec, .required = true, .show = true,
	      .doc = "What is asked."),
	OBJECT(3, "status", authorization_SubjectAccessReviewStatus, .show = true, .doc = "The answer."),
};
TYPE(authorization_SubjectAccessReview, "io.k8s.api.authorization.v1.SubjectAccessReview")

FIELDS(authorization_SubjectAccessReviewSpec) = {
	OBJECT(1, "resourceAttributes", authorization_ResourceAttributes, .keep = true),
	OBJECT(2, "nonResourceAttributes", authorization_NonResourceAttributes, .keep = true),
	FIELD(3, "user", STRING),
	LIST(4, "groups", STRING),
	MAP_OF_LISTS(5, "extra"),
	FIELD(6, "uid", STRING),
};
TYPE(authorization_SubjectAccessReviewSpec, "io.k8s.api.authorization.v1.SubjectAccessReviewSpec")

FIELDS(authorization_LocalSubjectAccessReview) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", authorization_SubjectAccessReviewSpec, .required = true, .show = true,
	      .doc = "What is asked."),
	OBJECT(3, "status", authorization_SubjectAccessReviewStatus, .show = true, .doc = "The answer."),
};
TYPE(authorization_LocalSubjectAccessReview, "io.k8s.api.authorization.v1.LocalSubjectAccessReview")

FIELDS(authorization_SelfSubjectRulesReview) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(1, "metadata", meta_ObjectMeta, .show = true),
	OBJECT(2, "spec", authorization_SelfSubjectRulesReviewSpec, .required = true, .show = true,
	      .doc = "What is asked."),
	OBJECT(3, "status", authorization_SubjectRulesReviewStatus, .show = true, .doc = "The answer."),
};
TYPE(authorization_SelfSubjectRulesReview, "io.k8s.api.authorization.v1.SelfSubjectRulesReview")

FIELDS(authorization_SelfSubjectRulesReviewSpec) = {
	FIELD(1, "namespace", STRING),
};
TYPE(authorization_SelfSubjectRulesReviewSpec, "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec")

FIELDS(authorization_SubjectRulesReviewStatus) = {
	LIST_OF(1, "resourceRules", authorization_ResourceRule, .required = true, .show = true),
	LIST_OF(2, "nonResourceRules", authorization_NonResourceRule, .required = true, .show = true),
	FIELD(3, "incomplete", BOOLEAN, .required = true, .show = true),
	FIELD(4, "evaluationError", STRING),
};
TYPE(authorization_SubjectRulesReviewStatus, "io.k8s.api.authorization.v1.SubjectRulesReviewStatus")

FIELDS(authorization_ResourceRule) = {
	LIST(1, "verbs", STRING, .required = true, .show = true),
	LIST(2, "apiGroups", STRING),
	LIST(3, "resources", STRING),
	LIST(4, "resourceNames", STRING),
};
TYPE(authorization_ResourceRule, "io.k8s.api.authorization.v1.ResourceRule")

FIELDS(authorization_NonResourceRule) = {
	LIST(1, "verbs", STRING, .required = true, .show = true),
	LIST(2, "nonResourceURLs", STRING),
};
TYPE(authorization_NonResourceRule, "io.k8s.api.authorization.v1.NonResourceRule")
