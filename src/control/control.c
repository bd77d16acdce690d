/*
 * Puts the controllers together: which kinds they watch, their queues, their start and stop. See control.h.
 *
 * One informer thread turns changes into keys, one queue a controller turns keys into work. Whatever a controller needs
 * to know it reads from the resource store when it works, never from the change that woke it.
 */
#include "control/control.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/log.h"
#include "codec/json.h"
#include "control/context.h"
#include "control/isvc.h"

static const struct controller controllers[CONTROLLERS] = {
    [CONTROLLER_NAMESPACE] = {"namespace", 1, 1, 50, 10000, namespace_work},
    [CONTROLLER_CLAIM] = {"persistentvolumeclaim", 1, 1, 50, 10000, claim_work},
    [CONTROLLER_ENDPOINTS] = {"endpoints", 1, 1, 50, 10000, endpoints_work},
    [CONTROLLER_WORKLOAD] = {"workload", 1, 1, 50, 10000, workload_work},
    [CONTROLLER_ISVC] = {"inferenceservice", 4, 64, 200, 60000, isvc_work},
};

#define KIND(field, group, plural)                                                                                     \
	{                                                                                                              \
		offsetof(struct control_kinds, field), group, plural                                                   \
	}
static const struct {
	size_t offset;
	const char *group, *plural;
} kind_rows[] = {
    KIND(namespace_, "", "namespaces"),
    KIND(config_map, "", "configmaps"),
    KIND(secret, "", "secrets"),
    KIND(service_account, "", "serviceaccounts"),
    KIND(service, "", "services"),
    KIND(endpoints, "", "endpoints"),
    KIND(endpoint_slice, "discovery.k8s.io", "endpointslices"),
    KIND(pod, "", "pods"),
    KIND(node, "", "nodes"),
    KIND(claim, "", "persistentvolumeclaims"),
    KIND(volume, "", "persistentvolumes"),
    KIND(deployment, "apps", "deployments"),
    KIND(replica_set, "apps", "replicasets"),
    KIND(isvc, "serving.kserve.io", "inferenceservices"),
    KIND(runtime, "serving.kserve.io", "servingruntimes"),
    KIND(cluster_runtime, "serving.kserve.io", "clusterservingruntimes"),
    KIND(knative_service, "serving.knative.dev", "services"),
    KIND(configuration, "serving.knative.dev", "configurations"),
    KIND(revision, "serving.knative.dev", "revisions"),
    KIND(route, "serving.knative.dev", "routes"),
};

static const struct kind **kind_slot(struct control *c, size_t row)
{
	return (const struct kind **)((char *)&c->kinds + kind_rows[row].offset);
}

/* ---- helpers of context.h ---- */

void control_enqueue(struct control *c, enum controller_id id, const json_t *object)
{
	const char *ns = json_str_at(object, "metadata.namespace"), *name = json_str_at(object, "metadata.name");
	char key[2 * CONTROL_NAME_BYTES];
	snprintf(key, sizeof key, "%s%s%s", ns ? ns : "", ns ? "/" : "", name ? name : "");
	queue_add(c->queues[id], key);
}

bool control_key_split(const char *key, char namespace_[CONTROL_NAME_BYTES], char name[CONTROL_NAME_BYTES])
{
	const char *slash = strchr(key, '/');
	size_t before = slash ? (size_t)(slash - key) : 0;
	const char *rest = slash ? slash + 1 : key;
	if (before >= CONTROL_NAME_BYTES || strlen(rest) >= CONTROL_NAME_BYTES)
		return false;
	memcpy(namespace_, key, before);
	namespace_[before] = 0;
	memcpy(name, rest, strlen(rest) + 1);
	return true;
}

int64_t control_now_ns(const struct control *c)
{
	return clock_wall_ns(c->o.clock);
}

bool control_path(const struct control *c, char *out, size_t n, const char *fmt, ...)
{
	int at = snprintf(out, n, "%s/", c->o.data_dir);
	if (at < 0 || (size_t)at >= n)
		return false;
	va_list ap;
	va_start(ap, fmt);
	int more = vsnprintf(out + at, n - (size_t)at, fmt, ap);
	va_end(ap);
	return more >= 0 && (size_t)more < n - (size_t)at;
}

/* ---- what wakes whom ---- */

static void wake_namespace(void *arg, enum watch_event_type type, const json_t *object)
{
	(void)type;
	control_enqueue(arg, CONTROLLER_NAMESPACE, object);
}

/* The default account and the CA's ConfigMap come back when somebody deletes them. */
static void wake_namespace_part(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	const char *ns = json_str_at(object, "metadata.namespace");
	if (type == WATCH_DELETED && ns)
		queue_add(c->queues[CONTROLLER_NAMESPACE], ns);
}

static void wake_claim(void *arg, enum watch_event_type type, const json_t *object)
{
	(void)type;
	control_enqueue(arg, CONTROLLER_CLAIM, object);
}

/* A volume that a claim names may have come. */
static void wake_claims_of_volume(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	struct resource_call call = {.kind = c->kinds.claim};
	struct resource_list list;
	const json_t *claim;
	size_t i;
	if (type == WATCH_DELETED || !atomic_load(&c->started) ||
	    cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, NULL) < 0)
		return;
	json_array_foreach(list.items, i,
			   claim) if (json_equal(json_at(claim, "spec.volumeName"), json_at(object, "metadata.name")))
	    control_enqueue(c, CONTROLLER_CLAIM, claim);
	resource_list_release(&list);
	resource_call_release(&call);
}

static void wake_endpoints(void *arg, enum watch_event_type type, const json_t *object)
{
	(void)type;
	control_enqueue(arg, CONTROLLER_ENDPOINTS, object);
}

static bool selects(const json_t *service, const json_t *labels)
{
	json_t *selector = json_at(service, "spec.selector"), *value;
	const char *key;
	json_object_foreach(selector, key, value) if (!json_equal(json_object_get(labels, key), value)) return false;
	return json_object_size(selector) > 0;
}

/* Do the Endpoints of that Service name the pod? */
static bool names_pod(struct control *c, const json_t *service, const json_t *pod)
{
	static const char *const lists[] = {"addresses", "notReadyAddresses"};
	const json_t *subset, *address, *uid = json_at(pod, "metadata.uid");
	size_t i, j;
	bool found = false;
	json_t *endpoints = cluster_find(c->o.cluster, c->kinds.endpoints, json_str_at(service, "metadata.namespace"),
					 json_str_at(service, "metadata.name"));
	json_array_foreach(json_object_get(endpoints, "subsets"), i, subset) for (size_t l = 0; l < COUNT_OF(lists);
										  l++)
	    json_array_foreach(json_object_get(subset, lists[l]), j, address) found =
		found || json_equal(json_at(address, "targetRef.uid"), uid);
	json_decref(endpoints);
	return found;
}

/* The Services that select this pod, or did before its labels changed. */
static void wake_endpoints_of_pod(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	struct resource_call call = {.kind = c->kinds.service, .namespace = json_str_at(object, "metadata.namespace")};
	struct resource_list list;
	const json_t *service;
	size_t i;
	(void)type;
	if (cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, NULL) < 0)
		return;
	json_array_foreach(list.items, i, service) if (selects(service, json_at(object, "metadata.labels")) ||
						       (json_object_size(json_at(service, "spec.selector")) &&
							names_pod(c, service, object)))
	    control_enqueue(c, CONTROLLER_ENDPOINTS, service);
	resource_list_release(&list);
	resource_call_release(&call);
}

static void wake_workload(struct control *c, char letter, const json_t *object)
{
	const char *ns = json_str_at(object, "metadata.namespace"), *name = json_str_at(object, "metadata.name");
	char key[2 * CONTROL_NAME_BYTES + 8];
	snprintf(key, sizeof key, "%c:%s/%s", letter, ns ? ns : "", name ? name : "");
	queue_add(c->queues[CONTROLLER_WORKLOAD], key);
}

static void wake_deployment(void *arg, enum watch_event_type type, const json_t *object)
{
	if (type != WATCH_DELETED)
		wake_workload(arg, 'd', object);
}

static void wake_replica_set(void *arg, enum watch_event_type type, const json_t *object)
{
	if (type != WATCH_DELETED)
		wake_workload(arg, 'r', object);
}

static void wake_pod(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	struct podlog_name name = {slice_str(json_str_at(object, "metadata.namespace")),
				   slice_str(json_str_at(object, "metadata.name")),
				   slice_str(json_str_at(object, "metadata.uid")), SLICE_LIT("")};
	if (type != WATCH_DELETED)
		wake_workload(c, 'p', object);
	else
		podlog_remove(&c->podlog, &name);
}

static void wake_isvc(void *arg, enum watch_event_type type, const json_t *object)
{
	(void)type;
	control_enqueue(arg, CONTROLLER_ISVC, object);
}

/* A part that somebody deleted is made again. */
static void wake_isvc_of_part(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	const char *ns = json_str_at(object, "metadata.namespace");
	const char *name = json_string_value(
	    json_object_get(json_at(object, "metadata.labels"), "serving.kserve.io/inferenceservice"));
	char key[2 * CONTROL_NAME_BYTES];
	if (type != WATCH_DELETED || !ns || !name)
		return;
	snprintf(key, sizeof key, "%s/%s", ns, name);
	queue_add(c->queues[CONTROLLER_ISVC], key);
}

/* Something that an InferenceService may wait for has come: those of that namespace that are not ready try again. */
static void wake_waiting_isvcs(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	struct resource_call call = {.kind = c->kinds.isvc, .namespace = json_str_at(object, "metadata.namespace")};
	struct resource_list list;
	const json_t *isvc;
	size_t i;
	if (type == WATCH_DELETED || !atomic_load(&c->started))
		return;
	if (cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, NULL) < 0)
		return;
	json_array_foreach(list.items, i, isvc) if (!isvc_is_ready(isvc)) isvc_retry_now(c, isvc);
	resource_list_release(&list);
	resource_call_release(&call);
}

/* What an image means may have changed for any of them, those that serve too. */
static void wake_isvcs_of_images(void *arg, enum watch_event_type type, const json_t *object)
{
	struct control *c = arg;
	struct resource_call call = {.kind = c->kinds.isvc};
	struct resource_list list;
	const char *ns = json_str_at(object, "metadata.namespace"), *name = json_str_at(object, "metadata.name");
	const json_t *isvc;
	size_t i;
	(void)type;
	if (!ns || !name || strcmp(ns, IMAGE_ALIASES_NAMESPACE) != 0 || strcmp(name, IMAGE_ALIASES_CONFIGMAP) != 0 ||
	    !atomic_load(&c->started) || cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, NULL) < 0)
		return;
	json_array_foreach(list.items, i, isvc) isvc_retry_now(c, isvc);
	resource_list_release(&list);
	resource_call_release(&call);
}

#define TRIGGER(field, fn)                                                                                             \
	{                                                                                                              \
		offsetof(struct control_kinds, field), fn                                                              \
	}
static const struct {
	size_t kind;
	informer_fn *fn;
} triggers[] = {
    TRIGGER(namespace_, wake_namespace),
    TRIGGER(service_account, wake_namespace_part),
    TRIGGER(config_map, wake_namespace_part),
    TRIGGER(claim, wake_claim),
    TRIGGER(volume, wake_claims_of_volume),
    TRIGGER(service, wake_endpoints),
    TRIGGER(endpoints, wake_endpoints),
    TRIGGER(pod, wake_endpoints_of_pod),
    TRIGGER(deployment, wake_deployment),
    TRIGGER(replica_set, wake_replica_set),
    TRIGGER(pod, wake_pod),
    TRIGGER(isvc, wake_isvc),
    TRIGGER(pod, wake_isvc_of_part),
    TRIGGER(deployment, wake_isvc_of_part),
    TRIGGER(replica_set, wake_isvc_of_part),
    TRIGGER(service, wake_isvc_of_part),
    TRIGGER(knative_service, wake_isvc_of_part),
    TRIGGER(configuration, wake_isvc_of_part),
    TRIGGER(revision, wake_isvc_of_part),
    TRIGGER(route, wake_isvc_of_part),
    TRIGGER(secret, wake_waiting_isvcs),
    TRIGGER(service_account, wake_waiting_isvcs),
    TRIGGER(claim, wake_waiting_isvcs),
    TRIGGER(runtime, wake_waiting_isvcs),
    TRIGGER(cluster_runtime, wake_waiting_isvcs),
    TRIGGER(config_map, wake_isvcs_of_images),
};

/* ---- making, starting, stopping ---- */

/* Is the namespace of that key on its way out? Then nothing can be made there, and nothing needs to be. */
static bool is_ending(struct control *c, const char *key)
{
	char ns[CONTROL_NAME_BYTES], name[CONTROL_NAME_BYTES];
	const char *colon = strchr(key, ':');
	if (!control_key_split(colon ? colon + 1 : key, ns, name) || !ns[0])
		return false;
	json_t *object = cluster_find(c->o.cluster, c->kinds.namespace_, NULL, ns);
	bool ending = !object || json_at(object, "metadata.deletionTimestamp");
	json_decref(object);
	return ending;
}

static int64_t run(void *ctx, const char *key, struct err *err)
{
	const struct controller_run *r = ctx;
	struct err why = {0};
	int64_t rc = r->row->work(r->control, key, &why);
	if (rc >= 0 || is_ending(r->control, key))
		return rc < 0 ? 0 : rc;
	*err = why;
	return -1;
}

static const char *keep(struct control *c, const char *s)
{
	return s ? arena_cstr(&c->strings, slice_str(s)) : NULL;
}

static int copy_options(struct control *c, const struct control_options *o, struct err *err)
{
	c->o = *o;
	c->o.clock = o->clock ? o->clock : &clock_os;
	c->o.random = o->random ? o->random : &random_os;
	c->o.data_dir = keep(c, o->data_dir);
	c->o.domain = keep(c, o->domain ? o->domain : "example.com");
	c->o.inference_address = keep(c, o->inference_address);
	c->o.s3_address = keep(c, o->s3_address);
	c->o.s3_access_key = keep(c, o->s3_access_key);
	c->o.s3_secret_key = keep(c, o->s3_secret_key);
	c->o.ca_pem = keep(c, o->ca_pem);
	const char **roots = arena_array(&c->strings, o->file_roots_n + 1, sizeof *roots);
	struct image_alias *images = arena_array(&c->strings, o->images_n + 1, sizeof *images);
	if (!roots || !images)
		return err_set(err, ERR_NO_MEMORY, "options are too large");
	for (size_t i = 0; i < o->file_roots_n; i++)
		roots[i] = keep(c, o->file_roots[i]);
	for (size_t i = 0; i < o->images_n; i++)
		images[i] = (struct image_alias){keep(c, o->images[i].name), keep(c, o->images[i].target)};
	c->o.file_roots = roots;
	c->o.images = images;
	return c->strings.overflow ? err_set(err, ERR_NO_MEMORY, "options are too large") : 0;
}

static int find_kinds(struct control *c, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(kind_rows); i++) {
		const struct kind *k = cluster_kind(c->o.cluster, kind_rows[i].group, NULL, kind_rows[i].plural);
		if (!k)
			return err_set(err, ERR_INTERNAL, "the kind of %s.%s is missing", kind_rows[i].plural,
				       kind_rows[i].group);
		*kind_slot(c, i) = k;
	}
	return 0;
}

int control_new(const struct control_options *options, struct control **out, struct err *err)
{
	struct control *c = calloc(1, sizeof *c);
	char logs[4096];
	if (!c)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	arena_init(&c->strings, 4096, 4 << 20);
	if (copy_options(c, options, err) < 0 || find_kinds(c, err) < 0)
		goto fail;
	if (!control_path(c, logs, sizeof logs, "logs/pods")) {
		err_set(err, ERR_INVALID, "the data directory's path is too long");
		goto fail;
	}
	c->podlog = (struct podlog){.root = keep(c, logs), .clock = c->o.clock};
	c->storage_kinds = (struct storage_kinds){c->kinds.service_account, c->kinds.secret, c->kinds.config_map};
	c->resolver = (struct resolver){c->o.cluster, c->kinds.service, c->kinds.endpoints,
					c->o.objects ? c->o.s3_address : NULL};
	if (isvc_table_new(&c->isvcs, err) < 0 || informer_new(c->o.cluster, &c->informer, err) < 0)
		goto fail;
	for (size_t i = 0; i < CONTROLLERS; i++) {
		const struct controller *row = &controllers[i];
		c->runs[i] = (struct controller_run){c, row};
		struct queue_options q = {.name = row->name,
					  .threads = row->threads,
					  .threads_max = row->threads_max,
					  .work = run,
					  .ctx = &c->runs[i],
					  .backoff_ms = row->backoff_ms,
					  .backoff_ms_max = row->backoff_ms_max};
		if (queue_new(&q, &c->queues[i], err) < 0)
			goto fail;
	}
	for (size_t i = 0; i < COUNT_OF(triggers); i++)
		informer_add(c->informer, *(const struct kind **)((char *)&c->kinds + triggers[i].kind), triggers[i].fn,
			     c);
	*out = c;
	return 0;
fail:
	control_free(c);
	return -1;
}

int control_start(struct control *c, struct err *err)
{
	if (system_seed(c, err) < 0 || isvc_restore_all(c, err) < 0 || informer_start(c->informer, err) < 0)
		return -1;
	atomic_store(&c->started, true);
	queue_add(c->queues[CONTROLLER_WORKLOAD], "s:");
	for (size_t i = 0; i < CONTROLLERS; i++)
		if (queue_start(c->queues[i], err) < 0)
			return -1;
	return 0;
}

void control_stop(struct control *c)
{
	atomic_store(&c->stopping, true);
	informer_stop(c->informer);
	for (size_t i = 0; i < CONTROLLERS; i++)
		queue_stop(c->queues[i]);
}

void control_free(struct control *c)
{
	if (!c)
		return;
	if (c->informer)
		informer_free(c->informer);
	for (size_t i = 0; i < CONTROLLERS; i++)
		if (c->queues[i])
			queue_free(c->queues[i]);
	isvc_table_free(c->isvcs);
	for (size_t i = 0; i < COUNT_OF(kind_rows); i++)
		if (*kind_slot(c, i))
			kind_unref(*kind_slot(c, i));
	arena_release(&c->strings);
	free(c);
}

void control_settle(struct control *c)
{
	/* Work makes changes and changes make work: quiet means that a round of both made neither. Bounded, because
	 * each controller stops when what it wants is there. */
	for (int i = 0; i < 8; i++) {
		informer_settle(c->informer);
		for (size_t q = 0; q < CONTROLLERS; q++)
			queue_settle(c->queues[q]);
	}
}
