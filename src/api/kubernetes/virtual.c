/*
 * Resources that are questions: they are posted, answered in the same object's status and never stored.
 *
 * Access reviews, SelfSubjectReview, TokenReview; and of stored kinds the subresources serviceaccounts/token and
 * pods/eviction. Scale stands here too, because its bodies are objects of a kind that has no collection of its own.
 */
#include <stdlib.h>

#include "api/kubernetes/call.h"
#include "cluster/identity.h"
#include "codec/json.h"
#include "codec/time.h"
#include "control/kinds/cells.h"
#include "control/kinds/types.h"

#define AUTHENTICATION "authentication.k8s.io"
#define AUTHORIZATION "authorization.k8s.io"

typedef int answer(struct kube_call *call, const json_t *body, json_t **status, struct err *err);

/* May `who` do what a resourceAttributes or nonResourceAttributes object says? */
static bool allowed(struct kube_call *call, const json_t *spec)
{
	const struct kubernetes_options *o = &call->api->o;
	const json_t *r = json_object_get(spec, "resourceAttributes");
	const char *verb = json_str_at(r, "verb"), *group = json_str_at(r, "group"),
		   *resource = json_str_at(r, "resource"), *ns = json_str_at(r, "namespace"),
		   *name = json_str_at(r, "name");
	return !o->authorize || !r ||
	       o->authorize(o->authorize_arg, call->x->principal, verb ? verb : "", group ? group : "",
			    resource ? resource : "", ns ? ns : "", name ? name : "");
}

static int access_review(struct kube_call *call, const json_t *body, json_t **status, struct err *err)
{
	const json_t *spec = json_object_get(body, "spec");
	bool resource = json_object_get(spec, "resourceAttributes") != NULL,
	     other = json_object_get(spec, "nonResourceAttributes") != NULL;
	if (resource == other)
		return err_set(err, ERR_UNPROCESSABLE,
			       "%s.%s \"\" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of "
			       "nonResourceAttributes or resourceAttributes must be specified",
			       call->kind->kind, call->kind->group);
	*status = json_pack("{s:b}", "allowed", (int)allowed(call, spec));
	return 0;
}

static int rules_review(struct kube_call *call, const json_t *body, json_t **status, struct err *err)
{
	(void)call;
	(void)body;
	(void)err;
	*status =
	    json_pack("{s:[{s:[s],s:[s],s:[s]}],s:[{s:[s],s:[s]}],s:b}", "resourceRules", "verbs", "*", "apiGroups",
		      "*", "resources", "*", "nonResourceRules", "verbs", "*", "nonResourceURLs", "*", "incomplete", 0);
	return 0;
}

static int self_review(struct kube_call *call, const json_t *body, json_t **status, struct err *err)
{
	(void)body;
	(void)err;
	*status = json_pack("{s:o}", "userInfo", user_info(call->user));
	return 0;
}

static int token_review(struct kube_call *call, const json_t *body, json_t **status, struct err *err)
{
	const char *token = json_str_at(body, "spec.token"),
		   *audience = json_string_value(json_array_get(json_at(body, "spec.audiences"), 0));
	struct user who;
	struct err e = {0};
	if (!token || !*token)
		return err_set(err, ERR_INVALID, "token is required for TokenReview in authentication");
	if (identity_token((struct identity *)call->api->o.identity, slice_str(token), audience, &who, &e) < 0) {
		*status = json_pack("{s:s}", "error", e.message);
		return 0;
	}
	*status = json_pack("{s:b,s:o}", "authenticated", 1, "user", user_info(&who));
	if (audience)
		json_object_set_new(*status, "audiences", json_pack("[s]", audience));
	return 0;
}

static const char *const create_only[] = {NULL};

#define REVIEW(g, v, k, p, s, scope, t)                                                                                \
	{                                                                                                              \
		.group = (g), .version = (v), .kind = (k), .plural = (p), .singular = (s), .flags = (scope),           \
		.subresources = create_only, .type = &(t)                                                              \
	}

static const struct kind kinds[] = {
    REVIEW(AUTHENTICATION, "v1", "SelfSubjectReview", "selfsubjectreviews", "selfsubjectreview", 0,
	   type_authentication_SelfSubjectReview),
    REVIEW(AUTHENTICATION, "v1", "TokenReview", "tokenreviews", "tokenreview", 0, type_authentication_TokenReview),
    REVIEW(AUTHORIZATION, "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", "localsubjectaccessreview",
	   KIND_NAMESPACED, type_authorization_LocalSubjectAccessReview),
    REVIEW(AUTHORIZATION, "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "selfsubjectaccessreview", 0,
	   type_authorization_SelfSubjectAccessReview),
    REVIEW(AUTHORIZATION, "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", "selfsubjectrulesreview", 0,
	   type_authorization_SelfSubjectRulesReview),
    REVIEW(AUTHORIZATION, "v1", "SubjectAccessReview", "subjectaccessreviews", "subjectaccessreview", 0,
	   type_authorization_SubjectAccessReview),
};

static answer *const answers[] = {self_review, token_review, access_review, access_review, rules_review, access_review};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static json_t *scale_desired(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "spec.replicas");
}

static json_t *scale_available(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "status.replicas");
}

static const struct kind_column columns_scale[] = {
    COLUMN_NAME,
    COLUMN("Desired", "integer", 0, scale_desired, "Replicas wanted."),
    COLUMN("Available", "integer", 0, scale_available, "Replicas there are."),
    COLUMN_AGE,
};

/* Kinds of bodies only: not discovered, no collection. */
static const struct kind scale_kind = {.group = "autoscaling",
				       .version = "v1",
				       .kind = "Scale",
				       .plural = "scales",
				       .singular = "scale",
				       .flags = KIND_INTERNAL,
				       COLUMNS(scale),
				       .type = &type_autoscaling_Scale};
static const struct kind token_kind = {.group = AUTHENTICATION,
				       .version = "v1",
				       .kind = "TokenRequest",
				       .plural = "tokenrequests",
				       .singular = "tokenrequest",
				       .flags = KIND_INTERNAL,
				       .type = &type_authentication_TokenRequest};
static const struct kind eviction_kind = {.group = "policy",
					  .version = "v1",
					  .kind = "Eviction",
					  .plural = "evictions",
					  .singular = "eviction",
					  .flags = KIND_INTERNAL,
					  .type = &type_policy_Eviction};

const struct kind *kube_scale_kind(void)
{
	return &scale_kind;
}

const struct kind *kube_virtual_kind(const char *group, const char *version, const char *plural)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strcmp(kinds[i].plural, plural) && !strcmp(kinds[i].group, group) &&
		    !strcmp(kinds[i].version, version))
			return &kinds[i];
	return NULL;
}

void kube_virtual_kinds_each(void (*fn)(void *ctx, const struct kind *k), void *ctx)
{
	for (size_t i = 0; i < KINDS; i++)
		fn(ctx, &kinds[i]);
}

static void set_metadata(struct kube_call *call, json_t *body)
{
	char when[TIME_TEXT_BYTES];
	json_t *meta = json_object_get(body, "metadata");
	time_format_rfc3339(clock_wall_ns(call->api->o.clock), when, sizeof when);
	if (!json_is_object(meta)) {
		meta = json_object();
		json_object_set_new(body, "metadata", meta);
	}
	json_object_set_new(meta, "creationTimestamp", json_string(when));
}

static int review(struct kube_call *call, size_t which, struct err *err)
{
	json_t *body, *status;
	if (kube_body_object(call, &kinds[which], &body, err) < 0)
		return -1;
	if (answers[which](call, body, &status, err) < 0) {
		json_decref(body);
		return -1;
	}
	set_metadata(call, body);
	json_object_set_new(body, "status", status);
	call->media.as = KUBE_AS_OBJECT;
	kube_reply_object(call, 201, body);
	json_decref(body);
	return 1;
}

static int64_t asked_seconds(const json_t *body)
{
	const json_t *s = json_at(body, "spec.expirationSeconds");
	return json_is_integer(s) ? json_integer_value(s) : 3600;
}

static int make_token(struct kube_call *call, json_t *body, struct err *err)
{
	enum { AUDIENCES_MAX = 16 };
	const char *audiences[AUDIENCES_MAX];
	const json_t *asked = json_at(body, "spec.audiences");
	char *token = NULL, when[TIME_TEXT_BYTES];
	int64_t seconds = asked_seconds(body), expires_s;
	size_t n = 0;
	if (seconds < 600 || seconds > (int64_t)1 << 32)
		return err_set(err, ERR_UNPROCESSABLE,
			       "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid "
			       "value: %lld: may not "
			       "specify a duration %s",
			       (long long)seconds, seconds < 600 ? "less than 10 minutes" : "larger than 2^32 seconds");
	for (size_t i = 0; i < json_array_size(asked) && n < AUDIENCES_MAX; i++)
		if (json_is_string(json_array_get(asked, i)))
			audiences[n++] = json_string_value(json_array_get(asked, i));
	if (identity_token_make((struct identity *)call->api->o.identity, call->path.namespace_, call->path.name,
				audiences, n, seconds, &token, &expires_s, err) < 0)
		return -1;
	time_format_rfc3339(expires_s * 1000000000, when, sizeof when);
	set_metadata(call, body);
	json_t *meta = json_object_get(body, "metadata");
	json_object_set_new(meta, "name", json_string(call->path.name));
	json_object_set_new(meta, "namespace", json_string(call->path.namespace_));
	json_object_set_new(body, "status", json_pack("{s:s,s:s}", "token", token, "expirationTimestamp", when));
	free(token);
	return 0;
}

static int token_request(struct kube_call *call, struct err *err)
{
	json_t *body, *account;
	call->r.subresource = NULL;
	if (cluster_get(call->api->o.cluster, &call->r, &account, err) < 0)
		return -1;
	json_decref(account);
	if (kube_body_object(call, &token_kind, &body, err) < 0)
		return -1;
	int rc = make_token(call, body, err);
	if (rc == 0) {
		call->media.as = KUBE_AS_OBJECT;
		const struct kind *k = call->kind;
		call->kind = &token_kind;
		kube_reply_object(call, 201, body);
		call->kind = k;
	}
	json_decref(body);
	return rc < 0 ? -1 : 1;
}

static int evict(struct kube_call *call, struct err *err)
{
	struct delete_options options = {.grace_s = -1};
	json_t *body, *out;
	if (kube_write_options(call, err) < 0 || kube_body_object(call, &eviction_kind, &body, err) < 0)
		return -1;
	const json_t *grace = json_at(body, "deleteOptions.gracePeriodSeconds");
	if (json_is_integer(grace))
		options.grace_s = json_integer_value(grace);
	call->r.subresource = NULL;
	int rc = cluster_delete(call->api->o.cluster, &call->r, &options, &out, NULL, err);
	json_decref(body);
	if (rc < 0)
		return -1;
	json_decref(out);
	json_t *status = json_pack("{s:s,s:s,s:{},s:s,s:i}", "kind", "Status", "apiVersion", "v1", "metadata", "status",
				   "Success", "code", 201);
	kube_reply_json(call->x, 201, status, KUBE_JSON, call->pretty);
	json_decref(status);
	return 1;
}

int kube_virtual_create(struct kube_call *call, struct err *err)
{
	const char *sub = call->path.subresource;
	for (size_t i = 0; i < KINDS && !sub; i++)
		if (call->kind == &kinds[i])
			return review(call, i, err);
	if (!sub || call->kind->group[0])
		return 0;
	if (!strcmp(call->kind->plural, "serviceaccounts") && !strcmp(sub, "token"))
		return token_request(call, err);
	if (!strcmp(call->kind->plural, "pods") && !strcmp(sub, "eviction"))
		return evict(call, err);
	return 0;
}
