/*
 * Each component's Knative objects: Service, Configuration, Route, and a Revision for every template. Shapes follow
 * Knative serving v1 (docs.knative.dev, reference/api/serving-api); status.serviceName is what kubectl's column K8S
 * SERVICE NAME shows.
 */
#include <stdio.h>

#include "base/check.h"
#include "codec/json.h"
#include "control/child.h"
#include "control/condition.h"
#include "control/isvc_parts.h"

#define KNATIVE "serving.knative.dev/v1"
#define MANAGER "controller"

json_t *isvc_labels(const struct isvc_plan *p, const struct component *m)
{
	json_t *labels =
	    json_pack("{s:s, s:s, s:s, s:s}", ISVC_LABEL, p->name, "component", component_infos[m->id].key,
		      "serving.knative.dev/service", m->service, "serving.knative.dev/configuration", m->service);
	if (m->revision[0]) {
		json_object_set_new(labels, "app", json_string(m->revision));
		json_object_set_new(labels, "serving.knative.dev/revision", json_string(m->revision));
		json_object_set_new(labels, "serving.knative.dev/configurationGeneration",
				    json_sprintf("%lld", (long long)m->generation));
	}
	return labels;
}

static json_t *object_labels(const struct isvc_plan *p, const struct component *m)
{
	return json_pack("{s:s, s:s}", ISVC_LABEL, p->name, "component", component_infos[m->id].key);
}

static json_t *template_of(const struct isvc_plan *p, const struct component *m)
{
	return json_pack("{s:{s:o, s:O}, s:O}", "metadata", "labels", object_labels(p, m), "annotations",
			 m->annotations, "spec", m->pod_spec);
}

json_t *isvc_component_url(struct control *c, const struct isvc_plan *p, const struct component *m)
{
	return json_sprintf("http://%s.%s.%s", m->service, p->namespace_, c->o.domain);
}

json_t *isvc_component_address(const struct isvc_plan *p, const struct component *m)
{
	return json_pack("{s:o}", "url", json_sprintf("http://%s.%s.svc.cluster.local", m->service, p->namespace_));
}

/* ---- the chain Service > Configuration > Revision ---- */

static int service_ensure(struct control *c, struct isvc_plan *p, struct component *m, json_t **out, struct err *err)
{
	json_t *o = json_pack("{s:s, s:s, s:o, s:{s:o, s:[{s:b, s:i}]}}", "apiVersion", KNATIVE, "kind", "Service",
			      "metadata", child_metadata(p->namespace_, m->service, p->isvc, object_labels(p, m), NULL),
			      "spec", "template", template_of(p, m), "traffic", "latestRevision", 1, "percent", 100);
	return child_ensure(c, c->kinds.knative_service, "kserve-manager", o, out, err);
}

static int configuration_ensure(struct control *c, struct isvc_plan *p, struct component *m, const json_t *service,
				json_t **out, struct err *err)
{
	json_t *labels = object_labels(p, m);
	json_object_set_new(labels, "serving.knative.dev/service", json_string(m->service));
	json_t *o = json_pack("{s:s, s:s, s:o, s:{s:o}}", "apiVersion", KNATIVE, "kind", "Configuration", "metadata",
			      child_metadata(p->namespace_, m->service, service, labels, NULL), "spec", "template",
			      template_of(p, m));
	return child_ensure(c, c->kinds.configuration, MANAGER, o, out, err);
}

static int route_ensure(struct control *c, struct isvc_plan *p, struct component *m, const json_t *service,
			struct err *err)
{
	json_t *labels = object_labels(p, m);
	json_object_set_new(labels, "serving.knative.dev/service", json_string(m->service));
	json_t *o = json_pack("{s:s, s:s, s:o, s:{s:[{s:s, s:b, s:i}]}}", "apiVersion", KNATIVE, "kind", "Route",
			      "metadata", child_metadata(p->namespace_, m->service, service, labels, NULL), "spec",
			      "traffic", "configurationName", m->service, "latestRevision", 1, "percent", 100);
	return child_ensure(c, c->kinds.route, MANAGER, o, NULL, err);
}

static int list_revisions(struct control *c, const struct isvc_plan *p, const struct component *m,
			  struct resource_list *list, struct err *err)
{
	struct resource_call call = {.kind = c->kinds.revision, .namespace = p->namespace_};
	char selector[256];
	snprintf(selector, sizeof selector, "serving.knative.dev/configuration=%s", m->service);
	int rc = cluster_list(c->o.cluster, &call, &(struct list_options){.label_selector = selector}, list, err);
	resource_call_release(&call);
	return rc;
}

static int64_t generation_of(const json_t *revision)
{
	const char *text = json_string_value(
	    json_object_get(json_at(revision, "metadata.labels"), "serving.knative.dev/configurationGeneration"));
	int64_t n = 0;
	return text && slice_i64(slice_str(text), &n) ? n : 0;
}

/* The newest revision object, new reference, or NULL. */
static int newest_revision(struct control *c, const struct isvc_plan *p, const struct component *m, json_t **out,
			   struct err *err)
{
	struct resource_list list;
	json_t *item, *best = NULL;
	int64_t most = 0;
	size_t i;
	if (list_revisions(c, p, m, &list, err) < 0)
		return -1;
	json_array_foreach(list.items, i, item)
	{
		if (generation_of(item) <= most)
			continue;
		most = generation_of(item);
		best = item;
	}
	*out = best ? json_incref(best) : NULL;
	resource_list_release(&list);
	return 0;
}

static int revision_create(struct control *c, struct isvc_plan *p, struct component *m, const json_t *configuration,
			   struct err *err)
{
	json_t *annotations = json_deep_copy(m->annotations);
	json_object_set_new(annotations, ISVC_HASH_ANNOTATION, json_string(m->hash));
	json_t *o = json_pack("{s:s, s:s, s:o, s:O}", "apiVersion", KNATIVE, "kind", "Revision", "metadata",
			      child_metadata(p->namespace_, m->revision, configuration, isvc_labels(p, m), annotations),
			      "spec", m->pod_spec);
	m->fresh_revision = true;
	return child_ensure(c, c->kinds.revision, MANAGER, o, &m->revision_object, err);
}

int isvc_revision_ensure(struct control *c, struct isvc_plan *p, struct component *m, struct err *err)
{
	json_t *service = NULL, *configuration = NULL, *newest = NULL;
	int rc = newest_revision(c, p, m, &newest, err);
	if (rc == 0)
		rc = service_ensure(c, p, m, &service, err);
	if (rc == 0)
		rc = configuration_ensure(c, p, m, service, &configuration, err);
	if (rc == 0)
		rc = route_ensure(c, p, m, service, err);
	if (rc < 0)
		goto done;
	const char *hash =
	    json_string_value(json_object_get(json_at(newest, "metadata.annotations"), ISVC_HASH_ANNOTATION));
	bool same = hash && !strcmp(hash, m->hash);
	m->generation = newest ? generation_of(newest) + !same : 1;
	snprintf(m->revision, sizeof m->revision, "%s-%05lld", m->service, (long long)m->generation);
	if (same) {
		m->revision_object = newest;
		newest = NULL;
	} else {
		rc = revision_create(c, p, m, configuration, err);
	}
done:
	json_decref(newest);
	json_decref(configuration);
	json_decref(service);
	return rc;
}

/* ---- status ---- */

struct verdict {
	const char *status, *reason;
	char message[1400];
};

static void revision_verdict(const struct component *m, struct verdict *v)
{
	*v = (struct verdict){.status = "Unknown", .reason = "Deploying"};
	if (m->phase == PHASE_READY || m->phase == PHASE_RETIRED) {
		*v = (struct verdict){.status = "True"};
	} else if (m->failure.reason) {
		v->status = "False";
		v->reason = m->failure.reason;
		snprintf(v->message, sizeof v->message, "%s", m->failure.message);
	}
}

static int revision_status(struct control *c, struct isvc_plan *p, struct component *m, struct err *err)
{
	int64_t now = control_now_ns(c);
	struct verdict v;
	json_t *conditions = json_array();
	bool ready = m->phase == PHASE_READY;
	revision_verdict(m, &v);
	condition_set(conditions,
		      &(struct condition){"Active", ready ? "True" : "Unknown", ready ? NULL : v.reason, NULL, "Info"},
		      now);
	condition_set(conditions, &(struct condition){"ContainerHealthy", v.status, v.reason, v.message, NULL}, now);
	condition_set(conditions, &(struct condition){"Ready", v.status, v.reason, v.message, NULL}, now);
	condition_set(conditions, &(struct condition){"ResourcesAvailable", v.status, v.reason, v.message, NULL}, now);
	json_t *status =
	    json_pack("{s:i, s:o, s:[{s:s, s:s}], s:i, s:i, s:s}", "actualReplicas", (int)ready, "conditions",
		      conditions, "containerStatuses", "name", "kserve-container", "imageDigest", m->image,
		      "desiredReplicas", 1, "observedGeneration", 1, "serviceName", m->revision);
	return child_status(c, c->kinds.revision, MANAGER, p->namespace_, m->revision, status, err);
}

/* latestRevision is Knative's word for "the newest that is ready". */
json_t *isvc_traffic(const char *ready)
{
	if (!*ready)
		return json_array();
	return json_pack("[{s:b, s:i, s:s}]", "latestRevision", 1, "percent", 100, "revisionName", ready);
}

/* Configuration's Ready, and with it Service's ConfigurationsReady. */
static void configuration_verdict(const struct component *m, struct verdict *v)
{
	revision_verdict(m, v);
	if (strcmp(v->status, "False") != 0) {
		v->reason = NULL;
		return;
	}
	char why[1024];
	snprintf(why, sizeof why, "%s", m->failure.message);
	v->reason = "RevisionFailed";
	snprintf(v->message, sizeof v->message, "Revision \"%s\" failed with message: %s", m->revision, why);
}

static void route_verdict(const struct component *m, const char *ready, struct verdict *v)
{
	*v = (struct verdict){.status = "True"};
	if (*ready)
		return;
	v->status = m->failure.reason ? "False" : "Unknown";
	v->reason = "RevisionMissing";
	snprintf(v->message, sizeof v->message, "Configuration \"%s\" does not have any ready Revision.", m->service);
}

static void set_verdict(json_t *conditions, const char *type, const struct verdict *v, int64_t now)
{
	condition_set(conditions, &(struct condition){type, v->status, v->reason, v->message, NULL}, now);
}

static json_t *configuration_part(const struct component *m, const char *ready)
{
	json_t *status = json_pack("{s:s}", "latestCreatedRevisionName", m->revision);
	if (*ready)
		json_object_set_new(status, "latestReadyRevisionName", json_string(ready));
	return status;
}

static int configuration_status(struct control *c, struct isvc_plan *p, struct component *m, const char *ready,
				struct err *err)
{
	struct verdict v;
	json_t *status = configuration_part(m, ready), *conditions = json_array();
	configuration_verdict(m, &v);
	set_verdict(conditions, "Ready", &v, control_now_ns(c));
	json_object_set_new(status, "conditions", conditions);
	json_object_set_new(status, "observedGeneration", json_integer(1));
	return child_status(c, c->kinds.configuration, MANAGER, p->namespace_, m->service, status, err);
}

static int route_status(struct control *c, struct isvc_plan *p, struct component *m, const char *ready, struct err *err)
{
	int64_t now = control_now_ns(c);
	struct verdict v;
	json_t *conditions = json_array();
	route_verdict(m, ready, &v);
	set_verdict(conditions, "AllTrafficAssigned", &v, now);
	condition_set(
	    conditions,
	    &(struct condition){"CertificateProvisioned", "True", "TLSNotEnabled", "autoTLS is not enabled", NULL},
	    now);
	set_verdict(conditions, "IngressReady", &v, now);
	set_verdict(conditions, "Ready", &v, now);
	json_t *status =
	    json_pack("{s:o, s:o, s:i, s:o, s:o}", "address", isvc_component_address(p, m), "conditions", conditions,
		      "observedGeneration", 1, "traffic", isvc_traffic(ready), "url", isvc_component_url(c, p, m));
	return child_status(c, c->kinds.route, MANAGER, p->namespace_, m->service, status, err);
}

static int service_status(struct control *c, struct isvc_plan *p, struct component *m, const char *ready,
			  struct err *err)
{
	int64_t now = control_now_ns(c);
	struct verdict configured, routed;
	json_t *status = configuration_part(m, ready), *conditions = json_array();
	configuration_verdict(m, &configured);
	route_verdict(m, ready, &routed);
	set_verdict(conditions, "ConfigurationsReady", &configured, now);
	set_verdict(conditions, "Ready", strcmp(configured.status, "True") ? &configured : &routed, now);
	set_verdict(conditions, "RoutesReady", &routed, now);
	json_object_set_new(status, "address", isvc_component_address(p, m));
	json_object_set_new(status, "conditions", conditions);
	json_object_set_new(status, "observedGeneration", json_integer(1));
	json_object_set_new(status, "traffic", isvc_traffic(ready));
	json_object_set_new(status, "url", isvc_component_url(c, p, m));
	return child_status(c, c->kinds.knative_service, MANAGER, p->namespace_, m->service, status, err);
}

int isvc_knative_status(struct control *c, struct isvc_plan *p, struct component *m, const char *ready, struct err *err)
{
	return revision_status(c, p, m, err) < 0 || configuration_status(c, p, m, ready, err) < 0 ||
		       route_status(c, p, m, ready, err) < 0 || service_status(c, p, m, ready, err) < 0
		   ? -1
		   : 0;
}

/* ---- what goes ---- */

int isvc_revisions_prune(struct control *c, struct isvc_plan *p, struct component *m, const char *ready,
			 struct err *err)
{
	struct resource_list list;
	const json_t *item;
	size_t i;
	int rc = 0;
	if (list_revisions(c, p, m, &list, err) < 0)
		return -1;
	json_array_foreach(list.items, i, item)
	{
		const char *name = json_str_at(item, "metadata.name");
		if (!strcmp(name, m->revision) || !strcmp(name, ready))
			continue;
		/* the one before the newest stays for who looks at it, without pods */
		if (generation_of(item) + 1 >= m->generation)
			rc = isvc_workload_retire(c, p, name, err);
		else
			rc = child_delete(c, c->kinds.revision, p->namespace_, name, err);
		if (rc < 0)
			break;
	}
	resource_list_release(&list);
	return rc;
}

int isvc_component_remove(struct control *c, struct isvc_plan *p, struct component *m, struct err *err)
{
	/* everything below it goes with it by its owner references */
	return child_delete(c, c->kinds.knative_service, p->namespace_, m->service, err);
}
