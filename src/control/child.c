/* See child.h. */
#include "control/child.h"

#include "codec/json.h"
#include "control/condition.h"

/* Does `live` have that status already, but for the times of conditions? */
static bool same_status(const json_t *object, json_t *wanted)
{
	const json_t *live = json_object_get(object, "status");
	json_t *conditions = json_object_get(wanted, "conditions");
	if (json_object_get(wanted, "observedGeneration"))
		json_object_set_new(wanted, "observedGeneration",
				    json_integer(json_int_at(object, "metadata.generation", 1)));
	if (conditions)
		conditions_keep_times(conditions, json_object_get(live, "conditions"));
	return json_equal(live, wanted);
}

enum { CONFLICTS_MAX = 5 };

/* Nobody else writes these statuses, so after a conflict (somebody changed a label) ours goes on top of the new object.
 */
static int write_status(struct control *c, const struct kind *k, const char *manager, const json_t *live,
			json_t *status, json_t **out, struct err *err)
{
	struct resource_call call = {.kind = k,
				     .namespace = json_str_at(live, "metadata.namespace"),
				     .name = json_str_at(live, "metadata.name"),
				     .subresource = "status",
				     .manager = manager};
	json_t *now = json_incref((json_t *)live);
	struct err why = {0};
	int rc = -1;
	for (int i = 0; now && i < CONFLICTS_MAX; i++) {
		json_t *object = json_copy(now); /* shallow: only the top level changes */
		json_object_set(object, "status", status);
		err_clear(&why);
		rc = cluster_update(c->o.cluster, &call, object, out, NULL, &why);
		json_decref(object);
		if (rc == 0 || why.code != ERR_CONFLICT)
			break;
		json_decref(now);
		now = cluster_find(c->o.cluster, k, call.namespace, call.name);
	}
	if (rc < 0 && err)
		*err = why;
	json_decref(now);
	resource_call_release(&call);
	return rc;
}

int child_ensure(struct control *c, const struct kind *k, const char *manager, json_t *object, json_t **out,
		 struct err *err)
{
	struct resource_call call = {.kind = k,
				     .namespace = json_str_at(object, "metadata.namespace"),
				     .name = json_str_at(object, "metadata.name"),
				     .manager = manager};
	json_t *status = json_incref(json_object_get(object, "status")), *live = NULL, *written = NULL;
	json_object_del(object, "status");
	int rc = cluster_ensure(c->o.cluster, &call, object, &live, NULL, err);
	if (rc == 0 && status && !same_status(live, status)) {
		rc = write_status(c, k, manager, live, status, &written, err);
		if (rc == 0) {
			json_decref(live);
			live = written;
		}
	}
	if (rc == 0 && out)
		*out = json_incref(live);
	if (rc < 0)
		err_wrap(err, "%s %s", k->kind, call.name ? call.name : "");
	resource_call_release(&call);
	json_decref(live);
	json_decref(status);
	json_decref(object);
	return rc;
}

int child_status(struct control *c, const struct kind *k, const char *manager, const char *namespace_, const char *name,
		 json_t *status, struct err *err)
{
	json_t *live = cluster_find(c->o.cluster, k, namespace_, name), *written = NULL;
	int rc = 0;
	struct err why = {0};
	if (live && !same_status(live, status))
		rc = write_status(c, k, manager, live, status, &written, &why);
	if (rc < 0 && why.code == ERR_NOT_FOUND)
		rc = 0;
	else if (rc < 0 && err)
		*err = why;
	json_decref(written);
	json_decref(live);
	json_decref(status);
	return rc;
}

int child_delete(struct control *c, const struct kind *k, const char *namespace_, const char *name, struct err *err)
{
	struct resource_call call = {.kind = k, .namespace = namespace_, .name = name};
	struct delete_options options = {.propagation = DELETE_BACKGROUND, .grace_s = 0};
	struct err why = {0};
	json_t *was = NULL;
	bool gone;
	int rc = cluster_delete(c->o.cluster, &call, &options, &was, &gone, &why);
	if (rc < 0 && why.code == ERR_NOT_FOUND)
		rc = 0;
	else if (rc < 0 && err)
		*err = why;
	json_decref(was);
	resource_call_release(&call);
	return rc;
}

json_t *child_metadata(const char *namespace_, const char *name, const json_t *owner, json_t *labels,
		       json_t *annotations)
{
	json_t *m = json_pack("{s:s}", "name", name);
	if (namespace_ && *namespace_)
		json_object_set_new(m, "namespace", json_string(namespace_));
	if (labels)
		json_object_set_new(m, "labels", labels);
	if (annotations)
		json_object_set_new(m, "annotations", annotations);
	if (owner)
		json_object_set_new(m, "ownerReferences", json_pack("[o]", cluster_owner_reference(owner)));
	return m;
}
