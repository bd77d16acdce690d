/* The controllers, and the way from the Kubernetes API's proxy paths to the endpoints that they publish. */
#include "cli/app_parts.h"

#include "api/kubernetes/kubernetes.h"
#include "api/inference/inference.h"
#include "base/limits.h"
#include "base/log.h"
#include "cluster/resource.h"
#include "codec/json.h"
#include "control/control.h"
#include "control/kinds/kinds.h"
#include "infer/load/sandbox.h"

static bool has_node(const struct app *a)
{
	const struct kind *nodes = cluster_kind(a->cluster, "", "v1", "nodes");
	struct resource_list all;
	struct resource_call call = {.kind = nodes};
	struct err ignored = {0};
	bool found = false;
	if (nodes && cluster_list(a->cluster, &call, &(struct list_options){0}, &all, &ignored) == 0) {
		found = json_array_size(all.items) > 0;
		resource_list_release(&all);
	}
	resource_call_release(&call);
	kind_unref(nodes);
	return found;
}

int control_part_start(struct app *a, struct err *err)
{
	const struct config *c = a->config;
	VEC(struct image_alias) images = {0};
	for (size_t i = 0; i < c->images.len; i++)
		*vec_push(&images) = (struct image_alias){c->images.ptr[i].image, c->images.ptr[i].target};
	const struct control_options options = {
	    .cluster = a->cluster,
	    .serving = a->serving,
	    .objects = a->objects,
	    .recorder = a->recorder,
	    .data_dir = a->data->path,
	    .domain = c->domain,
	    .inference_address = app_address(a, LISTENER_INFERENCE),
	    .s3_address = app_address(a, LISTENER_S3),
	    .s3_access_key = a->keys.access_key,
	    .s3_secret_key = a->keys.secret_key,
	    .file_roots = (const char *const *)c->file_roots.ptr,
	    .file_roots_n = c->file_roots.len,
	    .images = images.ptr,
	    .images_n = images.len,
	    .ca_pem = a->pki.ca_certificate.ptr,
	    .sandbox = sandbox_running(),
	};
	int rc = control_new(&options, &a->control, err);
	vec_release(&images);
	if (rc < 0 || cluster_start(a->cluster, err) < 0)
		return -1;
	if (!has_node(a) && kinds_node_ensure(a->cluster, err) < 0)
		return -1;
	return control_start(a->control, err);
}

static void refresh_node(void *arg)
{
	struct app *a = arg;
	struct err err = {0};
	if (kinds_node_ensure(a->cluster, &err) < 0)
		LOG_WARN("server", "the node's status was not written", LOG_S("error", err.message));
}

/* What the machine is goes into the Node; a start need not wait for that write. */
int node_part_start(struct app *a, struct err *err)
{
	(void)err;
	(void)server_run(a->server, refresh_node, a);
	return 0;
}

void control_part_stop(struct app *a)
{
	if (a->control)
		control_stop(a->control);
	control_free(a->control);
}

/* A pod answers as the Knative service it belongs to does. */
static int service_of_pod(struct app *a, const struct kubernetes_proxy_target *t, struct arena *arena, const char **out,
			  struct err *err)
{
	const struct kind *pods = cluster_kind(a->cluster, "", "v1", "pods");
	json_t *pod = pods ? cluster_find(a->cluster, pods, t->namespace_, t->name) : NULL;
	const char *service =
	    json_string_value(json_object_get(json_at(pod, "metadata.labels"), "serving.knative.dev/service"));
	*out = service ? arena_cstr(arena, slice_str(service)) : NULL;
	json_decref(pod);
	kind_unref(pods);
	return *out ? 0 : err_set(err, ERR_UNAVAILABLE, "pod \"%s\" has no container that answers requests", t->name);
}

int app_proxy(void *arg, struct http_exchange *x, const struct kubernetes_proxy_target *t, struct err *err)
{
	struct app *a = arg;
	const char *service = t->name;
	struct slice body;
	if (t->pod && service_of_pod(a, t, x->arena, &service, err) < 0)
		return -1;
	/* The gateway's handler is one that finds its body complete. */
	if (!x->body_complete) {
		if (http_body_all(x, (size_t)limits.api_body_bytes, &body, err) < 0)
			return -1;
		x->body = body;
		x->body_complete = true;
	}
	return inference_proxy(a->inference, x, t->namespace_, service, slice_from(t->path, 1), err);
}
