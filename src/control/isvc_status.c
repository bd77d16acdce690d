/*
 * status of an InferenceService, as KServe's controller writes it in its Knative mode (v1beta1
 * inference_service_status.go): PredictorReady and IngressReady decide about Ready, every other condition has severity
 * Info, and their order is that of their types. Two differences, because a Ready must not lie: what is not supported
 * makes it False, and its message names the part that failed.
 */
#include <stdio.h>

#include "codec/json.h"
#include "codec/time.h"
#include "control/condition.h"
#include "control/isvc_parts.h"
#include "control/isvc_state.h"

struct verdict {
	const char *status, *reason;
	char message[1400];
};

static void set(json_t *conditions, const char *type, const struct verdict *v, const char *severity, int64_t now)
{
	condition_set(conditions, &(struct condition){type, v->status, v->reason, v->message, severity}, now);
}

static bool is(const struct verdict *v, const char *status)
{
	return !strcmp(v->status, status);
}

bool isvc_is_ready(const json_t *isvc)
{
	return condition_is(json_at(isvc, "status.conditions"), "Ready", "True") &&
	       json_int_at(isvc, "status.observedGeneration", 0) == json_int_at(isvc, "metadata.generation", 0);
}

/* ---- conditions ---- */

struct component_verdicts {
	struct verdict configuration, route, ready;
};

static void judge_component(const struct component *m, const char *ready, struct component_verdicts *out)
{
	*out = (struct component_verdicts){.configuration.status = "Unknown", .route.status = "True"};
	if (m->phase == PHASE_READY) {
		out->configuration.status = "True";
	} else if (m->failure.reason) {
		out->configuration.status = "False";
		out->configuration.reason = "RevisionFailed";
		snprintf(out->configuration.message, sizeof out->configuration.message,
			 "Revision \"%s\" failed with message: %.1024s", m->revision, m->failure.message);
	}
	if (!*ready) {
		out->route.status = m->failure.reason ? "False" : "Unknown";
		out->route.reason = "RevisionMissing";
		snprintf(out->route.message, sizeof out->route.message,
			 "Configuration \"%s\" does not have any ready Revision.", m->service);
	}
	out->ready = is(&out->configuration, "True") ? out->route : out->configuration;
}

/* What all of them are: True when each is, else the first that is not. */
static struct verdict all_of(const struct isvc_plan *p, const struct component_verdicts *v, bool routes)
{
	struct verdict all = {.status = "True"};
	static const char *const names[COMPONENTS][2] = {
	    {"PredictorConfigurationReady not ready", "PredictorRouteReady not ready"},
	    {"TransformerConfigurationReady not ready", "TransformerRouteReady not ready"},
	};
	for (size_t i = 0; i < COMPONENTS; i++) {
		const struct verdict *one = routes ? &v[i].route : &v[i].configuration;
		if (!p->components[i].wanted || is(one, "True") || !is(&all, "True"))
			continue;
		all.status = one->status;
		all.reason = names[i][routes];
	}
	return all;
}

static struct verdict judge_ingress(const struct isvc_plan *p, const struct isvc_state *s,
				    const struct component_verdicts *v)
{
	struct verdict ingress = {.status = "True"};
	if (s->published)
		return ingress;
	bool transformer = is(&v[COMPONENT_PREDICTOR].ready, "True") && p->components[COMPONENT_TRANSFORMER].wanted;
	const struct verdict *why = &v[transformer ? COMPONENT_TRANSFORMER : COMPONENT_PREDICTOR].ready;
	ingress.status = is(why, "False") ? "False" : "Unknown";
	ingress.reason = transformer ? "Transformer ingress not created" : "Predictor ingress not created";
	snprintf(ingress.message, sizeof ingress.message, "%s", why->message);
	return ingress;
}

static struct verdict failure_verdict(const struct isvc_failure *f)
{
	struct verdict v = {.status = "False", .reason = f->reason};
	snprintf(v.message, sizeof v.message, "%s", f->message);
	return v;
}

static struct verdict judge_ready(const struct isvc_plan *p, const struct component_verdicts *v,
				  const struct verdict *ingress)
{
	if (p->invalid.reason)
		return failure_verdict(&p->invalid);
	if (p->limited.reason)
		return failure_verdict(&p->limited);
	for (size_t i = 0; i < COMPONENTS; i++)
		if (p->components[i].wanted && !is(&v[i].ready, "True"))
			return v[i].ready;
	return *ingress;
}

static void judge_stopped(struct component_verdicts *v)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		v[i].configuration = (struct verdict){.status = "True"};
		v[i].route = (struct verdict){.status = "False", .reason = "Stopped"};
		v[i].ready = v[i].route;
	}
}

/* Of a spec of which nothing could be made: what serves goes on, the newest is known to be none. */
static void judge_invalid(const struct isvc_plan *p, const struct isvc_state *s, struct component_verdicts *v)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		v[i].configuration = v[i].ready = failure_verdict(&p->invalid);
		v[i].route = (struct verdict){.status = s->serving[i].revision[0] ? "True" : "False"};
	}
}

static bool shown(const struct isvc_plan *p, const struct isvc_state *s, size_t id)
{
	return p->invalid.reason ? id == COMPONENT_PREDICTOR || s->serving[id].revision[0] : p->components[id].wanted;
}

static json_t *conditions_of(struct control *c, const struct isvc_plan *p, const struct isvc_state *s)
{
	struct component_verdicts v[COMPONENTS];
	int64_t now = control_now_ns(c);
	json_t *list = json_array();
	for (size_t i = 0; i < COMPONENTS; i++)
		judge_component(&p->components[i], s->serving[i].revision, &v[i]);
	if (p->invalid.reason)
		judge_invalid(p, s, v);
	else if (p->stopped)
		judge_stopped(v);
	struct verdict ingress = judge_ingress(p, s, v), latest = all_of(p, v, false), routes = all_of(p, v, true);
	struct verdict ready = judge_ready(p, v, &ingress);
	for (size_t i = 0; i < COMPONENTS; i++) {
		char type[64];
		const char *title = component_infos[i].title;
		if (!shown(p, s, i))
			continue;
		snprintf(type, sizeof type, "%sConfigurationReady", title);
		set(list, type, &v[i].configuration, "Info", now);
		snprintf(type, sizeof type, "%sRouteReady", title);
		set(list, type, &v[i].route, "Info", now);
		snprintf(type, sizeof type, "%sReady", title);
		set(list, type, &v[i].ready, i == COMPONENT_PREDICTOR ? NULL : "Info", now);
	}
	if (json_at(p->isvc, "spec.explainer")) {
		struct verdict explainer = {.status = "False", .reason = "ExplainerNotSupported"};
		set(list, "ExplainerReady", &explainer, "Info", now);
	}
	set(list, "IngressReady", &ingress, NULL, now);
	set(list, "LatestDeploymentReady", &latest, "Info", now);
	set(list, "RoutesReady", &routes, "Info", now);
	set(list, "Ready", &ready, NULL, now);
	struct verdict stopped = {.status = p->stopped ? "True" : "False"};
	set(list, "Stopped", &stopped, "Info", now);
	return list;
}

/* ---- the model ---- */

static const struct component *failing(const struct isvc_plan *p)
{
	for (size_t i = 0; i < COMPONENTS; i++)
		if (p->components[i].wanted && p->components[i].failure.reason)
			return &p->components[i];
	return NULL;
}

/* KServe's list of reasons is closed. */
static const char *failure_reason(const char *reason)
{
	return !strcmp(reason, "StorageInitFailed") ? "ModelLoadFailed"
	       : !strcmp(reason, "ImagePullFailed") ? "RuntimeUnhealthy"
						    : reason;
}

static json_t *failure_info(struct control *c, const struct isvc_plan *p, const struct component *m, const json_t *old)
{
	char now[TIME_TEXT_BYTES];
	time_format_rfc3339(control_now_ns(c), now, sizeof now);
	if (!m)
		return json_pack("{s:s, s:s}", "message", p->invalid.message, "reason", p->invalid.reason);
	const char *said = json_str_at(old, "message"), *when = json_str_at(old, "time");
	bool same = said && when && !strcmp(said, m->failure.message);
	json_t *pod = isvc_pod_find(c, p, m);
	json_t *info = json_pack("{s:i, s:s*, s:s, s:s, s:s, s:s}", "exitCode", 1, "location",
				 json_str_at(pod, "metadata.name"), "message", m->failure.message, "modelRevisionName",
				 m->revision, "reason", failure_reason(m->failure.reason), "time", same ? when : now);
	json_decref(pod);
	return info;
}

static json_t *model_status(struct control *c, const struct isvc_plan *p, const struct isvc_state *s, const json_t *old)
{
	const struct component *bad = failing(p), *predictor = &p->components[COMPONENT_PREDICTOR];
	bool failed = p->invalid.reason || bad, loaded = predictor->phase == PHASE_READY && !failed;
	const char *target = failed                              ? "FailedToLoad"
			     : loaded                            ? "Loaded"
			     : predictor->phase == PHASE_LOADING ? "Loading"
								 : "Pending";
	const char *transition = p->invalid.reason ? "InvalidSpec"
				 : bad             ? "BlockedByFailedLoad"
				 : loaded          ? "UpToDate"
						   : "InProgress";
	json_t *status =
	    json_pack("{s:{s:i, s:i}, s:{s:s, s:s}, s:s}", "copies", "failedCopies", (int)(bad != NULL), "totalCopies",
		      1, "states", "activeModelState", s->serving[COMPONENT_PREDICTOR].revision[0] ? "Loaded" : "",
		      "targetModelState", target, "transitionStatus", transition);
	if (failed)
		json_object_set_new(
		    status, "lastFailureInfo",
		    failure_info(c, p, p->invalid.reason ? NULL : bad, json_at(old, "modelStatus.lastFailureInfo")));
	return status;
}

/* ---- components ---- */

static json_t *component_status(struct control *c, const struct isvc_plan *p, const struct component *m,
				const char *ready, const json_t *old)
{
	const char *rolled = json_str_at(old, "latestRolledoutRevision");
	const char *previous = json_str_at(old, "previousRolledoutRevision");
	json_t *status = json_object();
	if (*ready && rolled && *rolled && strcmp(rolled, ready) != 0)
		previous = rolled;
	json_object_set_new(status, "address", isvc_component_address(p, m));
	if (m->revision[0])
		json_object_set_new(status, "latestCreatedRevision", json_string(m->revision));
	else
		json_object_set(status, "latestCreatedRevision", json_object_get(old, "latestCreatedRevision"));
	if (*ready) {
		json_object_set_new(status, "latestReadyRevision", json_string(ready));
		json_object_set_new(status, "latestRolledoutRevision", json_string(ready));
		if (previous && strcmp(previous, ready) != 0)
			json_object_set_new(status, "previousRolledoutRevision", json_string(previous));
		json_object_set_new(status, "traffic", isvc_traffic(ready));
		json_object_set_new(status, "url", isvc_component_url(c, p, m));
	}
	return status;
}

static json_t *status_of(struct control *c, struct isvc_plan *p, const struct isvc_state *s, const json_t *old)
{
	const struct component *predictor = &p->components[COMPONENT_PREDICTOR];
	json_t *status = json_object(), *components = json_object();
	if (s->published)
		json_object_set_new(
		    status, "address",
		    json_pack("{s:o}", "url", json_sprintf("http://%s.%s.svc.cluster.local", p->name, p->namespace_)));
	if (predictor->runtime && *predictor->runtime)
		json_object_set_new(status,
				    predictor->cluster_runtime ? "clusterServingRuntimeName" : "servingRuntimeName",
				    json_string(predictor->runtime));
	for (size_t i = 0; i < COMPONENTS; i++) {
		const char *key = component_infos[i].key;
		if (shown(p, s, i))
			json_object_set_new(components, key,
					    component_status(c, p, &p->components[i], s->serving[i].revision,
							     json_object_get(json_object_get(old, "components"), key)));
	}
	json_object_set_new(status, "components", components);
	json_object_set_new(status, "conditions", conditions_of(c, p, s));
	json_object_set_new(status, "deploymentMode", json_string("Knative"));
	json_object_set_new(status, "modelStatus", model_status(c, p, s, old));
	json_object_set_new(status, "observedGeneration", json_integer(json_int_at(p->isvc, "metadata.generation", 1)));
	if (s->published)
		json_object_set_new(status, "url",
				    json_sprintf("http://%s.%s.%s", p->name, p->namespace_, c->o.domain));
	return status;
}

struct status_change {
	json_t *status;
	bool was_ready;
};

static int change_status(json_t *object, void *ctx, struct err *err)
{
	struct status_change *change = ctx;
	const json_t *old = json_object_get(object, "status");
	(void)err;
	change->was_ready = condition_is(json_object_get(old, "conditions"), "Ready", "True");
	conditions_keep_times(json_object_get(change->status, "conditions"), json_object_get(old, "conditions"));
	if (json_equal(old, change->status))
		return 0;
	json_object_set(object, "status", change->status);
	return 1;
}

int isvc_status_write(struct control *c, struct isvc_plan *p, const struct isvc_state *s, bool *ready, bool *was_ready,
		      struct err *err)
{
	struct resource_call call = {.kind = c->kinds.isvc,
				     .namespace = p->namespace_,
				     .name = p->name,
				     .subresource = "status",
				     .manager = "kserve-manager"};
	json_t *out = NULL;
	struct status_change change = {.status = status_of(c, p, s, json_object_get(p->isvc, "status"))};
	int rc = cluster_modify(c->o.cluster, &call, change_status, &change, &out, err);
	*ready = condition_is(json_object_get(change.status, "conditions"), "Ready", "True");
	*was_ready = change.was_ready;
	json_decref(change.status);
	json_decref(out);
	resource_call_release(&call);
	return rc;
}
