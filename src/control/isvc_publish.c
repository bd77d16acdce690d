/*
 * Endpoints of an InferenceService. With a transformer there are two: the whole, under the service's own hosts and the
 * transformer's, which runs both as one plan; and the predictor alone, under its own hosts. Without one, the whole has
 * all hosts.
 *
 * What serves is replaced component by component: the newest that loaded takes the place of the one before it, and a
 * component whose newest did not load keeps its old one, as two Knative services would.
 */
#include <stdio.h>

#include "base/log.h"
#include "codec/json.h"
#include "control/isvc_state.h"
#include "serving/host.h"

/* ---- hosts ---- */

static bool is_external(const struct isvc_plan *p)
{
	const char *visibility =
	    json_string_value(json_object_get(json_at(p->isvc, "metadata.labels"), "networking.kserve.io/visibility"));
	return !visibility || strcmp(visibility, "cluster-local") != 0;
}

/* A component's services, and those of its newest revision, as kubectl's services/proxy and pods name them. */
static void add_component_hosts(struct control *c, const struct isvc_plan *p, enum component_id id,
				struct host_forms *out)
{
	char private_name[192];
	const struct component *m = &p->components[id];
	host_forms_add_component(out, p->name, component_infos[id].key, p->namespace_, c->o.domain, is_external(p));
	if (!m->revision[0])
		return;
	snprintf(private_name, sizeof private_name, "%s-private", m->revision);
	host_forms_add(out, m->revision, p->namespace_, c->o.domain, false);
	host_forms_add(out, private_name, p->namespace_, c->o.domain, false);
}

static void whole_hosts(struct control *c, const struct isvc_plan *p, bool with_transformer, struct host_forms *out)
{
	*out = (struct host_forms){0};
	host_forms_add(out, p->name, p->namespace_, c->o.domain, is_external(p));
	add_component_hosts(c, p, with_transformer ? COMPONENT_TRANSFORMER : COMPONENT_PREDICTOR, out);
}

static struct endpoint_spec spec_of(const struct isvc_plan *p, const struct host_forms *hosts)
{
	return (struct endpoint_spec){
	    .namespace_ = p->namespace_, .name = p->name, .hosts = hosts->names, .hosts_n = hosts->n};
}

/* ---- warming ---- */

/* One run before the first request: pages and scratch memory are touched. What it answers does not matter. */
static void warm(struct model *model, enum model_method method)
{
	struct arena arena;
	struct tensor in = {0}, out[4];
	size_t out_n;
	struct err err = {0};
	const struct model_input *input = model_input(model);
	arena_init(&arena, 0, 0);
	int64_t shape[2] = {1, input->columns > 0 ? input->columns : 1};
	if (input->names_n <= 1 &&
	    tensor_alloc(&in, input->text ? DTYPE_STRING : DTYPE_F64, input->text ? 1 : 2, shape, &arena, &err) == 0) {
		if (input->text)
			((struct slice *)in.data)[0] = SLICE_LIT("warm");
		if (model_run(model, method, &in, 1, out, 4, &out_n, &arena, &err) < 0)
			LOG_DEBUG("control", "warming", LOG_S("class", model_class(model)),
				  LOG_S("error", err.message));
	}
	arena_release(&arena);
}

/* ---- publishing ---- */

static void set_failure(struct isvc_failure *f, const char *reason, const char *message)
{
	f->reason = reason;
	snprintf(f->message, sizeof f->message, "%s", message);
}

static bool publish_whole(struct control *c, struct isvc_plan *p, const struct isvc_loaded *predictor,
			  const struct isvc_loaded *transformer, struct isvc_failure *failure)
{
	struct host_forms hosts;
	struct model *fused = NULL;
	struct err err = {0};
	whole_hosts(c, p, transformer->model != NULL, &hosts);
	struct endpoint_spec spec = spec_of(p, &hosts);
	spec.revision = predictor->revision;
	spec.model = predictor->model;
	spec.method = predictor->method;
	if (transformer->model) {
		if (model_fuse(transformer->model, MODEL_DEFAULT, predictor->model, &fused, &err) < 0) {
			set_failure(failure, "ModelLoadFailed", err.message);
			return false;
		}
		spec.model = fused;
		spec.element_rows = true;
		spec.transformer = transformer->model;
		spec.predictor = predictor->model;
	}
	warm(spec.model, spec.method);
	bool ok = serving_publish(c->o.serving, &spec, &err) == 0;
	if (!ok)
		set_failure(failure, "EndpointRefused", err.message);
	if (fused)
		model_unref(fused);
	return ok;
}

static bool publish_predictor(struct control *c, struct isvc_plan *p, const struct isvc_loaded *predictor,
			      struct isvc_failure *failure)
{
	struct host_forms hosts = {0};
	struct err err = {0};
	add_component_hosts(c, p, COMPONENT_PREDICTOR, &hosts);
	struct endpoint_spec spec = spec_of(p, &hosts);
	spec.component = "predictor";
	spec.revision = predictor->revision;
	spec.model = predictor->model;
	spec.method = predictor->method;
	warm(spec.model, spec.method);
	if (serving_publish(c->o.serving, &spec, &err) == 0)
		return true;
	set_failure(failure, "EndpointRefused", err.message);
	return false;
}

/* The predictor's own endpoint gives its hosts back before the whole takes them. */
static void drop_predictor(struct control *c, struct isvc_plan *p, struct isvc_state *s)
{
	struct host_forms none = {0};
	struct endpoint_spec spec = spec_of(p, &none);
	spec.component = "predictor";
	if (s->component_published)
		serving_unready(c->o.serving, &spec, "there is no transformer any more", NULL);
	s->component_published = false;
}

/* Hosts of the predictor belong to the whole while there is no transformer. */
static void unready_whole(struct control *c, struct isvc_plan *p, const char *reason)
{
	struct host_forms hosts;
	struct err err = {0};
	whole_hosts(c, p, p->components[COMPONENT_TRANSFORMER].wanted, &hosts);
	struct endpoint_spec spec = spec_of(p, &hosts);
	if (serving_unready(c->o.serving, &spec, reason, &err) < 0)
		LOG_WARN("control", "no endpoint", LOG_S("name", p->name), LOG_S("error", err.message));
}

static bool same_loaded(const struct isvc_loaded *a, const struct isvc_loaded *b)
{
	return a->model == b->model && a->method == b->method && !strcmp(a->revision, b->revision);
}

/* The newest that loaded, else what serves; nothing for a component that is not wanted. */
static const struct isvc_loaded *candidate(const struct isvc_plan *p, const struct isvc_state *s, enum component_id id)
{
	static const struct isvc_loaded none;
	const struct component *m = &p->components[id];
	if (!m->wanted)
		return &none;
	if (p->hold && s->serving[id].revision[0])
		return &s->serving[id];
	return s->fresh[id].revision[0] ? &s->fresh[id] : &s->serving[id];
}

bool isvc_publish(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct isvc_failure *failure)
{
	const struct isvc_loaded *predictor = candidate(p, s, COMPONENT_PREDICTOR);
	const struct isvc_loaded *transformer = candidate(p, s, COMPONENT_TRANSFORMER);
	bool paired = p->components[COMPONENT_TRANSFORMER].wanted;
	bool whole = predictor->model && (!paired || transformer->model);
	const struct component *failing =
	    &p->components[predictor->model && paired ? COMPONENT_TRANSFORMER : COMPONENT_PREDICTOR];
	if (s->published && whole && same_loaded(predictor, &s->serving[COMPONENT_PREDICTOR]) &&
	    same_loaded(transformer, &s->serving[COMPONENT_TRANSFORMER]))
		return true;
	if (!whole)
		unready_whole(c, p, failing->failure.message);
	if (!paired)
		drop_predictor(c, p, s);
	if (predictor->model && paired) {
		if (!s->component_published && s->published)
			unready_whole(c, p, NULL); /* gives up the predictor's hosts */
		if (!publish_predictor(c, p, predictor, failure))
			return false;
		s->component_published = true;
		if (predictor != &s->serving[COMPONENT_PREDICTOR])
			isvc_loaded_set(&s->serving[COMPONENT_PREDICTOR], predictor);
	}
	if (!whole)
		return s->published;
	if (!publish_whole(c, p, predictor, transformer, failure)) {
		if (!s->published)
			unready_whole(c, p, failure->message);
		return s->published;
	}
	if (predictor != &s->serving[COMPONENT_PREDICTOR])
		isvc_loaded_set(&s->serving[COMPONENT_PREDICTOR], predictor);
	if (transformer != &s->serving[COMPONENT_TRANSFORMER])
		isvc_loaded_set(&s->serving[COMPONENT_TRANSFORMER], transformer);
	s->published = true;
	return true;
}

void isvc_announce(struct control *c, struct isvc_plan *p, const struct isvc_state *s)
{
	if (!s->published)
		unready_whole(c, p, "its model is being loaded");
}

void isvc_unpublish(struct control *c, struct isvc_plan *p, struct isvc_state *s, const char *reason)
{
	serving_remove(c->o.serving, p->namespace_, p->name);
	for (size_t i = 0; i < COMPONENTS; i++)
		isvc_loaded_clear(&s->serving[i]);
	s->published = s->component_published = false;
	unready_whole(c, p, reason);
}

int isvc_restore_all(struct control *c, struct err *err)
{
	struct resource_call call = {.kind = c->kinds.isvc};
	struct resource_list list;
	const json_t *isvc;
	size_t i;
	int rc = cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, err);
	resource_call_release(&call);
	if (rc < 0)
		return -1;
	json_array_foreach(list.items, i, isvc)
	{
		struct isvc_plan p;
		isvc_plan_make(c, isvc, &p);
		unready_whole(c, &p, "its model is being loaded");
		isvc_plan_release(&p);
	}
	resource_list_release(&list);
	return 0;
}
