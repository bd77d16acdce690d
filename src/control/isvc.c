/* The pass over one InferenceService: see isvc.h. Source: KServe's v1beta1 controller (controller.go). */
#include "control/isvc.h"

#include <stdio.h>

#include "base/check.h"
#include "base/log.h"
#include "codec/json.h"
#include "control/condition.h"
#include "control/isvc_state.h"

#define FINALIZER "inferenceservice.finalizers"
#define COMPONENT "v1beta1Controllers"

/* ---- finalizer ---- */

static ptrdiff_t finalizer_at(const json_t *object)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_at(object, "metadata.finalizers"), i,
			   item) if (json_is_string(item) &&
				     !strcmp(json_string_value(item), FINALIZER)) return (ptrdiff_t)i;
	return -1;
}

static int add_finalizer(json_t *object, void *ctx, struct err *err)
{
	json_t *metadata = json_object_get(object, "metadata"), *list = json_object_get(metadata, "finalizers");
	(void)ctx;
	(void)err;
	if (finalizer_at(object) >= 0 || json_object_get(metadata, "deletionTimestamp"))
		return 0;
	if (!list) {
		list = json_array();
		json_object_set_new(metadata, "finalizers", list);
	}
	json_array_append_new(list, json_string(FINALIZER));
	return 1;
}

static int remove_finalizer(json_t *object, void *ctx, struct err *err)
{
	ptrdiff_t at = finalizer_at(object);
	(void)ctx;
	(void)err;
	if (at < 0)
		return 0;
	json_array_remove(json_at(object, "metadata.finalizers"), (size_t)at);
	return 1;
}

static int change_finalizer(struct control *c, const json_t *isvc, int (*change)(json_t *, void *, struct err *),
			    json_t **out, struct err *err)
{
	struct resource_call call = {.kind = c->kinds.isvc,
				     .namespace = json_str_at(isvc, "metadata.namespace"),
				     .name = json_str_at(isvc, "metadata.name"),
				     .manager = "kserve-manager"};
	struct err why = {0};
	int rc = cluster_modify(c->o.cluster, &call, change, NULL, out, &why);
	resource_call_release(&call);
	if (rc < 0 && why.code != ERR_NOT_FOUND && err)
		*err = why;
	return rc < 0 && why.code == ERR_NOT_FOUND ? 0 : rc;
}

/* ---- Events ---- */

/* Fields that are stored and change nothing here. */
static const char *const idle_fields[] = {"logger", "batcher", "autoScaling", "workerSpec"};

static void tell_idle_fields(struct control *c, const struct isvc_plan *p)
{
	if (!c->o.recorder ||
	    json_int_at(p->isvc, "status.observedGeneration", 0) == json_int_at(p->isvc, "metadata.generation", 0))
		return;
	for (size_t i = 0; i < COMPONENTS; i++) {
		const char *key = component_infos[i].key;
		const json_t *spec = json_object_get(json_object_get(p->isvc, "spec"), key);
		for (size_t f = 0; f < COUNT_OF(idle_fields); f++)
			if (json_object_get(spec, idle_fields[f]))
				recorder_event(c->o.recorder, p->isvc, COMPONENT, "Warning", "FieldNotActedOn",
					       "spec.%s.%s is stored, but nothing is done with it yet", key,
					       idle_fields[f]);
		if (json_int_at(spec, "minReplicas", 1) > 1)
			recorder_event(c->o.recorder, p->isvc, COMPONENT, "Normal", "OneProcess",
				       "spec.%s.minReplicas: one pod stands for all replicas, the model is served by "
				       "every thread of this program",
				       key);
	}
	const char *mode = json_string_value(
	    json_object_get(json_at(p->isvc, "metadata.annotations"), "serving.kserve.io/deploymentMode"));
	if (mode && strcmp(mode, "Serverless") != 0 && strcmp(mode, "Knative") != 0)
		recorder_event(
		    c->o.recorder, p->isvc, COMPONENT, "Warning", "DeploymentModeNotActedOn",
		    "serving.kserve.io/deploymentMode %s: objects and URLs are those of Serverless; the hosts "
		    "of both modes are answered",
		    mode);
}

static void tell_ready(struct control *c, const struct isvc_plan *p, bool ready, bool was_ready)
{
	if (!c->o.recorder || ready == was_ready)
		return;
	if (ready)
		recorder_event(c->o.recorder, p->isvc, COMPONENT, "Normal", "InferenceServiceReady",
			       "InferenceService [%s] is Ready", p->name);
	else
		recorder_event(c->o.recorder, p->isvc, COMPONENT, "Warning", "InferenceServiceNotReady",
			       "InferenceService [%s] is no longer Ready", p->name);
}

static void tell_failures(struct control *c, const struct isvc_plan *p)
{
	const struct isvc_failure *all[] = {&p->invalid, &p->limited, &p->components[COMPONENT_PREDICTOR].failure,
					    &p->components[COMPONENT_TRANSFORMER].failure};
	for (size_t i = 0; c->o.recorder && i < COUNT_OF(all); i++)
		if (all[i]->reason)
			recorder_event(c->o.recorder, p->isvc, COMPONENT, "Warning", all[i]->reason, "%s",
				       all[i]->message);
}

/* ---- the pass ---- */

/* Shown before a fetch: a failure to show it does not stop the work. */
static void show_pending(struct control *c, struct isvc_plan *p, struct component *m)
{
	struct err err = {0};
	if (isvc_workload_ensure(c, p, m, &err) < 0)
		LOG_WARN("control", "cannot show a pod", LOG_S("revision", m->revision), LOG_S("error", err.message));
}

static int tell_status(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	bool ready, was_ready;
	if (isvc_status_write(c, p, s, &ready, &was_ready, err) < 0)
		return -1;
	tell_ready(c, p, ready, was_ready);
	return 0;
}

/* A service that is asked to be loaded has a status from the first moment on. */
static int first_status(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	if (json_object_get(p->isvc, "status"))
		return 0;
	isvc_announce(c, p, s);
	return tell_status(c, p, s, err);
}

static int load_components(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		struct component *m = &p->components[i];
		if (m->wanted ? isvc_revision_ensure(c, p, m, err) < 0 : isvc_component_remove(c, p, m, err) < 0)
			return -1;
	}
	if (first_status(c, p, s, err) < 0)
		return -1;
	for (size_t i = 0; i < COMPONENTS; i++)
		if (p->components[i].wanted)
			isvc_load(c, p, &p->components[i], s, show_pending);
	return 0;
}

static int show_components(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		struct component *m = &p->components[i];
		const char *ready = isvc_serving_revision(s, m->id);
		if (!m->wanted)
			continue;
		if (isvc_knative_status(c, p, m, ready, err) < 0 || isvc_workload_ensure(c, p, m, err) < 0 ||
		    isvc_revisions_prune(c, p, m, ready, err) < 0)
			return -1;
	}
	return isvc_top_service_ensure(c, p, err);
}

static int bring_up(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	struct isvc_failure failure = {0};
	if (load_components(c, p, s, err) < 0)
		return -1;
	isvc_publish(c, p, s, &failure);
	if (failure.reason) {
		p->components[COMPONENT_PREDICTOR].failure = failure;
		p->components[COMPONENT_PREDICTOR].phase = PHASE_LOAD_FAILED;
	}
	s->restored = true;
	tell_failures(c, p);
	/* the answer counts first: it is given from here on, and the objects say so */
	if (show_components(c, p, s, err) < 0 || tell_status(c, p, s, err) < 0)
		return -1;
	isvc_files_prune(c, p, s);
	return 0;
}

static int leave(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	if (!s->published || p->stopped)
		isvc_unpublish(c, p, s, p->stopped ? "it is stopped" : p->invalid.message);
	s->restored = true;
	tell_failures(c, p);
	return tell_status(c, p, s, err);
}

static int work_on(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct err *err)
{
	struct isvc_failure failure = {0};
	tell_idle_fields(c, p);
	isvc_restore(c, p, s);
	if (!s->restored && (s->serving[0].model || s->serving[1].model))
		isvc_publish(c, p, s, &failure);
	if (p->invalid.reason || p->stopped)
		return leave(c, p, s, err);
	int rc = bring_up(c, p, s, err);
	if (rc == 0 || err->code != ERR_UNPROCESSABLE)
		return rc;
	/* what was made of the spec is no valid object: trying again changes nothing */
	p->invalid.reason = "InvalidPredictorSpec";
	snprintf(p->invalid.message, sizeof p->invalid.message, "%s", err->message);
	err_clear(err);
	return leave(c, p, s, err);
}

int64_t isvc_work(void *control, const char *key, struct err *err)
{
	struct control *c = control;
	char ns[CONTROL_NAME_BYTES], name[CONTROL_NAME_BYTES];
	json_t *isvc = NULL, *changed = NULL;
	struct isvc_plan plan;
	if (!control_key_split(key, ns, name))
		return 0;
	isvc = cluster_find(c->o.cluster, c->kinds.isvc, ns, name);
	if (!isvc || json_at(isvc, "metadata.deletionTimestamp")) {
		isvc_state_drop(c, key);
		int rc = isvc ? change_finalizer(c, isvc, remove_finalizer, &changed, err) : 0;
		json_decref(changed);
		json_decref(isvc);
		return rc;
	}
	if (finalizer_at(isvc) < 0) {
		if (change_finalizer(c, isvc, add_finalizer, &changed, err) < 0) {
			json_decref(isvc);
			return -1;
		}
		if (changed) {
			json_decref(isvc);
			isvc = changed;
		}
	}
	struct isvc_state *s = isvc_state_get(c, key);
	s->retrying = atomic_exchange(&s->retry, false);
	isvc_plan_make(c, isvc, &plan);
	int rc = work_on(c, &plan, s, err);
	isvc_plan_release(&plan);
	json_decref(isvc);
	return rc < 0 ? -1 : isvc_retry_ms(c, s);
}
