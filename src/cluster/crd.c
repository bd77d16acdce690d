/*
 * CustomResourceDefinitions: from a stored definition to kinds that are served, and the conditions that say so.
 *
 * A definition of a resource that a built-in table serves is stored and shown Established, and the table goes on
 * working: manifests that bring the definitions of KServe or Argo along need no editing.
 */
#include <stdlib.h>

#include "cluster/dynamic.h"
#include "cluster/write.h"
#include "codec/json.h"
#include "codec/time.h"

struct names {
	const json_t *crd;
	const char *group;
	char taken[160]; /* which of its names another kind has; "" for none */
};

static bool has_short(const struct kind *k, const char *name)
{
	for (const char *const *s = k->short_names; s && *s; s++)
		if (!strcmp(*s, name))
			return true;
	return false;
}

/* The names of one definition against another kind of its group. */
static void check_names(void *ctx, const struct kind *k)
{
	struct names *n = ctx;
	const json_t *names = json_at(n->crd, "spec.names"), *v;
	const char *kind = json_str_at(names, "kind"), *singular = json_str_at(names, "singular"),
		   *plural = json_str_at(names, "plural");
	size_t i;
	if (*n->taken || strcmp(k->group, n->group) != 0 || !plural || !strcmp(k->plural, plural))
		return;
	if (kind && !strcmp(k->kind, kind))
		snprintf(n->taken, sizeof n->taken, "%s", kind);
	if (singular && (!strcmp(k->singular, singular) || has_short(k, singular)))
		snprintf(n->taken, sizeof n->taken, "%s", singular);
	json_array_foreach(json_object_get(names, "shortNames"), i, v)
	{
		const char *s = json_string_value(v);
		if (s && (has_short(k, s) || !strcmp(k->singular, s) || !strcmp(k->plural, s)))
			snprintf(n->taken, sizeof n->taken, "%s", s);
	}
}

/* ---- conditions ---- */

struct told {
	const char *now;
	const char *taken;   /* names in conflict, or NULL */
	const char *trouble; /* why the schema cannot be served, or NULL */
};

static bool set_condition(json_t *list, const char *type, const char *status, const char *reason, const char *message,
			  const char *now)
{
	json_t *c;
	size_t i;
	json_array_foreach(list, i, c)
	{
		if (strcmp(json_str_at(c, "type") ? json_str_at(c, "type") : "", type) != 0)
			continue;
		if (!strcmp(json_str_at(c, "status") ? json_str_at(c, "status") : "", status) &&
		    !strcmp(json_str_at(c, "reason") ? json_str_at(c, "reason") : "", reason))
			return false;
		json_array_remove(list, i);
		break;
	}
	json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", type, "status", status, "lastTransitionTime",
					      now, "reason", reason, "message", message));
	return true;
}

static json_t *accepted_names(const json_t *crd)
{
	json_t *names = json_deep_copy(json_at(crd, "spec.names"));
	const char *kind = json_str_at(names, "kind");
	if (kind && !json_object_get(names, "listKind"))
		json_object_set_new(names, "listKind", json_sprintf("%sList", kind));
	if (kind && !json_object_get(names, "singular")) {
		char lower[128];
		size_t i = 0;
		for (; kind[i] && i < sizeof lower - 1; i++)
			lower[i] = kind[i] >= 'A' && kind[i] <= 'Z' ? (char)(kind[i] - 'A' + 'a') : kind[i];
		lower[i] = 0;
		json_object_set_new(names, "singular", json_string(lower));
	}
	return names;
}

/* Versions in which objects may have been stored: the one of now joins those of before. */
static bool add_stored_version(const json_t *crd, json_t *list)
{
	const json_t *v, *have;
	const char *name = NULL;
	size_t i;
	json_array_foreach(json_at(crd, "spec.versions"), i, v)
		if (json_is_true(json_object_get(v, "storage")))
			name = json_str_at(v, "name");
	json_array_foreach(list, i, have)
		if (name && json_is_string(have) && !strcmp(json_string_value(have), name))
			return false;
	if (name)
		json_array_append_new(list, json_string(name));
	return name != NULL;
}

static json_t *array_of(json_t *status, const char *field)
{
	json_t *list = json_object_get(status, field);
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(status, field, list);
	}
	return list;
}

static int tell(json_t *object, void *ctx, struct err *err)
{
	const struct told *t = ctx;
	bool changed = false;
	(void)err;
	json_t *status = json_object_get(object, "status");
	if (!json_is_object(status)) {
		status = json_object();
		json_object_set_new(object, "status", status);
	}
	json_t *conditions = array_of(status, "conditions"), *names = accepted_names(object);
	if (t->taken) {
		char message[200];
		snprintf(message, sizeof message, "\"%s\" is already in use", t->taken);
		changed |= set_condition(conditions, "NamesAccepted", "False", "NameConflict", message, t->now);
		changed |= set_condition(conditions, "Established", "False", "NotAccepted", "not all names are accepted", t->now);
	} else {
		changed |= set_condition(conditions, "NamesAccepted", "True", "NoConflicts", "no conflicts found", t->now);
		changed |= set_condition(conditions, "Established", "True", "InitialNamesAccepted",
					 "the initial names have been accepted", t->now);
		if (!json_equal(json_object_get(status, "acceptedNames"), names)) {
			json_object_set(status, "acceptedNames", names);
			changed = true;
		}
	}
	if (t->trouble)
		changed |= set_condition(conditions, "NonStructuralSchema", "True", "Violations", t->trouble, t->now);
	changed |= add_stored_version(object, array_of(status, "storedVersions"));
	json_decref(names);
	return changed ? 1 : 0;
}

static int write_status(struct cluster *c, const char *name, struct told *told, struct err *err)
{
	char now[TIME_TEXT_BYTES];
	struct err why = { 0 };
	const struct kind *k = cluster_kind(c, GROUP_CRD, "v1", "customresourcedefinitions");
	if (!k)
		return 0;
	time_format_rfc3339(clock_wall_ns(c->clock), now, sizeof now);
	told->now = now;
	struct resource_call call = { .kind = k, .name = name, .subresource = "status", .manager = "kube-apiserver" };
	int rc = cluster_modify(c, &call, tell, told, NULL, &why);
	resource_call_release(&call);
	kind_unref(k);
	if (rc == 0 || why.code == ERR_NOT_FOUND)
		return 0;
	*err = why;
	return -1;
}

/* ---- from definition to kinds ---- */

static json_t *read_crd(struct cluster *c, const char *name)
{
	pthread_rwlock_rdlock(&c->lock);
	const struct entry *e = collection_find(c->crds, "", name);
	json_t *crd = e ? json_incref(e->object) : NULL;
	pthread_rwlock_unlock(&c->lock);
	return crd;
}

static void remove_kinds(struct cluster *c, const char *name)
{
	const char *dot = strchr(name, '.');
	char *plural = dot ? strndup(name, (size_t)(dot - name)) : NULL;
	if (plural)
		registry_replace(c, dot + 1, plural, NULL, 0);
	free(plural);
}

/* `trouble` gets the reason when the schema cannot be used; the definition is then not served. */
static void serve(struct cluster *c, const json_t *crd, char *trouble, size_t trouble_bytes)
{
	const char *group = json_str_at(crd, "spec.group"), *plural = json_str_at(crd, "spec.names.plural");
	const struct kind *now = cluster_kind(c, group, NULL, plural);
	struct kind_dynamic *d = NULL;
	struct err why = { 0 };
	size_t n;
	bool same = now && now->dynamic && dynamic_is_of(now->dynamic, crd);
	kind_unref(now);
	if (same)
		return;
	if (dynamic_new(crd, &d, &why) < 0) {
		snprintf(trouble, trouble_bytes, "%s", why.message);
		registry_replace(c, group, plural, NULL, 0);
		return;
	}
	const struct kind *const *kinds = dynamic_kinds(d, &n);
	registry_replace(c, group, plural, kinds, n);
	dynamic_unref(d);
}

int crd_sync(struct cluster *c, const char *name, struct err *err)
{
	char trouble[ERR_MESSAGE_BYTES] = "";
	struct told told = { 0 };
	struct names names = { 0 };
	pthread_mutex_lock(&c->crd_lock);
	json_t *crd = read_crd(c, name);
	if (crd) {
		const char *group = json_str_at(crd, "spec.group"), *plural = json_str_at(crd, "spec.names.plural");
		names = (struct names){ .crd = crd, .group = group ? group : "" };
		cluster_kinds_each(c, check_names, &names);
		if (group && plural && !*names.taken && registry_is_free(c, group, plural))
			serve(c, crd, trouble, sizeof trouble);
		told.taken = *names.taken ? names.taken : NULL;
		told.trouble = *trouble ? trouble : NULL;
	} else {
		remove_kinds(c, name);
	}
	pthread_mutex_unlock(&c->crd_lock);
	int rc = crd && !document_is_ending(crd) ? write_status(c, name, &told, err) : 0;
	json_decref(crd);
	return rc;
}

int crd_sync_all(struct cluster *c, struct err *err)
{
	VEC(char *) names = { 0 };
	int rc = 0;
	pthread_rwlock_rdlock(&c->lock);
	for (size_t i = 0; i < c->crds->entries.len; i++) {
		char *name = strdup(c->crds->entries.ptr[i]->name);
		if (!name)
			abort();
		*vec_push(&names) = name;
	}
	pthread_rwlock_unlock(&c->lock);
	for (size_t i = 0; i < names.len; i++) {
		if (rc == 0)
			rc = crd_sync(c, names.ptr[i], err);
		free(names.ptr[i]);
	}
	vec_release(&names);
	return rc;
}

static bool drop_finalizer(json_t *object, void *ctx)
{
	(void)ctx;
	return document_set_finalizer(object, FINALIZER_CRD, false);
}

/* Objects of a definition that is being deleted go first. Those of a built-in table stay: it goes on serving them. */
static int delete_objects(struct cluster *c, const char *name, bool *left, struct err *err)
{
	const char *dot = strchr(name, '.');
	char *plural = dot ? strndup(name, (size_t)(dot - name)) : NULL;
	const struct kind *k = plural ? cluster_kind(c, dot + 1, NULL, plural) : NULL;
	int rc = 0;
	*left = false;
	if (k && k->dynamic) {
		struct resource_call call = { .kind = k, .manager = MANAGER_CONTROLLER };
		struct delete_options o = { .grace_s = -1 };
		rc = cluster_delete_collection(c, &call, NULL, &o, NULL, err);
		resource_call_release(&call);
		struct collection *in = cluster_collection(c, k);
		pthread_rwlock_rdlock(&c->lock);
		*left = in->entries.len > 0;
		pthread_rwlock_unlock(&c->lock);
	}
	kind_unref(k);
	free(plural);
	return rc;
}

int crd_collect(struct cluster *c, const char *name, struct err *err)
{
	bool left = false;
	int rc = 0;
	json_t *crd = read_crd(c, name);
	if (!crd)
		return crd_sync(c, name, err);
	const struct kind *k = cluster_kind(c, GROUP_CRD, "v1", "customresourcedefinitions");
	if (k && document_is_ending(crd)) {
		rc = delete_objects(c, name, &left, err);
		if (rc == 0 && !left)
			rc = write_edit_now(c, k, NULL, name, document_str(crd, "uid"), drop_finalizer, NULL, err);
	}
	kind_unref(k);
	json_decref(crd);
	return rc;
}
