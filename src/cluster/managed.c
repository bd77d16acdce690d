/*
 * Ownership of fields, after a write and by server-side apply: see managed.h. The rules are apimachinery's managedfields
 * and structured-merge-diff's merge.Updater; the sets they work on are cluster/fieldset.h.
 */
#include "cluster/managed.h"

#include <stdio.h>
#include <string.h>

#include "cluster/decode.h"
#include "cluster/fieldset.h"
#include "cluster/managed_list.h"
#include "codec/json.h"
#include "codec/time.h"

static const char last_applied[] = "kubectl.kubernetes.io/last-applied-configuration";

static struct schema_field root_of(const struct kind *k)
{
	return (struct schema_field){ .name = "", .type = k->type ? FIELD_OBJECT : FIELD_ANY, .of = k->type };
}

/* What nobody owns: names, identity and what the server counts. New reference. */
static json_t *nobody(void)
{
	static const char *const names[] = { "f:name",	 "f:namespace",	   "f:creationTimestamp", "f:selfLink",
					     "f:uid",	 "f:clusterName",  "f:generation",	  "f:managedFields",
					     "f:resourceVersion" };
	json_t *meta = json_pack("{s:b}", ".", 1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_object_set_new(meta, names[i], json_pack("{s:b}", ".", 1));
	return json_pack("{s:{s:b},s:{s:b},s:o}", "f:apiVersion", ".", 1, "f:kind", ".", 1, "f:metadata", meta);
}

/* Takes `set`. */
static json_t *without_nobody(json_t *set)
{
	json_t *gone = nobody(), *out = fieldset_difference(set, gone);
	json_decref(gone);
	json_decref(set);
	return out;
}

/* Takes the old set of `m`. */
static void set_fields(struct manager *m, json_t *set)
{
	json_decref(m->set);
	m->set = set;
}

/* The object that a create starts from: a built-in one has the members that Go always writes. New reference, or NULL. */
static json_t *nothing_yet(const struct kind *k, struct err *err)
{
	char version[KIND_API_VERSION_BYTES];
	json_t *empty = json_object(), *out = NULL, *warnings = NULL;
	struct fault_list faults = { 0 };
	if (k->type && !(k->flags & KIND_CUSTOM))
		(void)decode_object(k, empty, FIELDS_IGNORE, &out, &warnings, &faults, err);
	else
		out = json_pack("{s:s,s:s}", "apiVersion", kind_api_version(k, version), "kind", k->kind);
	fault_release(&faults);
	json_decref(warnings);
	json_decref(empty);
	return out;
}

static const json_t *entries_of(const json_t *object)
{
	return json_object_get(json_object_get(object, "metadata"), "managedFields");
}

static void entries_set(json_t *object, json_t *entries)
{
	json_t *meta = json_object_get(object, "metadata");
	if (!json_is_object(meta)) {
		meta = json_object();
		json_object_set_new(object, "metadata", meta);
	}
	if (entries)
		json_object_set_new(meta, "managedFields", entries);
	else
		json_object_del(meta, "managedFields");
}

/* `[{}]` asks for an empty list. */
static bool is_reset(const json_t *entries)
{
	return json_array_size(entries) == 1 && json_object_size(json_array_get(entries, 0)) == 0;
}

/* ---- after a write ---- */

static void take_over(struct manager_list *l, const json_t *changed, const json_t *removed)
{
	for (size_t i = 0; i < l->n; i++) {
		json_t *left = fieldset_difference(l->rows[i].set, changed);
		set_fields(&l->rows[i], fieldset_difference(left, removed));
		json_decref(left);
	}
}

int managed_update(const struct kind *k, const json_t *old, json_t *object, const char *manager,
		   const char *subresource, int64_t now_ns, struct err *err)
{
	char version[KIND_API_VERSION_BYTES];
	struct schema_field root = root_of(k);
	struct manager_list list;
	struct fieldset_diff diff;
	const json_t *given = entries_of(object), *before_entries = entries_of(old);
	bool sub = subresource && *subresource, own = !sub && json_array_size(given) && !json_equal(given, before_entries);
	json_t *before = old ? json_incref((json_t *)old) : nothing_yet(k, err), *changed, *source, *mine;
	if (!before)
		return -1;
	source = json_incref((json_t *)(own ? given : before_entries));
	if (is_reset(given) && !sub) {
		json_decref(source);
		source = NULL;
	}
	manager_list_decode(&list, source);
	if (own && source && list.n == 0) { /* unreadable: as if it had not been given */
		json_decref(source);
		source = json_incref((json_t *)before_entries);
		manager_list_decode(&list, source);
		own = false;
	}
	fieldset_compare(&root, before, object, &diff);
	changed = fieldset_union(diff.added, diff.modified);
	mine = without_nobody(json_incref(changed));
	json_t *gone = without_nobody(json_incref(diff.removed));
	if (fieldset_empty(mine) && fieldset_empty(gone) && !own) {
		entries_set(object, source ? json_incref(source) : NULL);
	} else {
		take_over(&list, changed, diff.removed);
		if (!fieldset_empty(mine)) {
			struct manager *m = manager_list_get(&list, manager, kind_api_version(k, version),
							     sub ? subresource : "", false);
			set_fields(m, fieldset_union(m->set, mine));
			time_format_rfc3339(now_ns, m->time, sizeof m->time);
		}
		entries_set(object, manager_list_encode(&list));
	}
	json_decref(gone);
	json_decref(mine);
	json_decref(changed);
	fieldset_diff_release(&diff);
	manager_list_release(&list);
	json_decref(source);
	json_decref(before);
	return 0;
}

/* ---- server-side apply ---- */

struct applying {
	const struct kind *k;
	struct schema_field root;
	const char *manager, *subresource;
	struct manager_list list;
	json_t *live, *config;
	json_t *merged; /* live with the configuration, without what the manager gave up */
	int64_t now_ns;
};

/* The parts of a configuration that this path of the API writes. New reference. */
static json_t *writable(const struct applying *a, const json_t *config)
{
	static const char *const always[] = { "apiVersion", "kind" },
				*const identity[] = { "name", "namespace", "uid", "resourceVersion" };
	json_t *out, *meta = json_object();
	if (!*a->subresource) {
		json_decref(meta);
		out = json_copy((json_t *)config);
		if (a->k->flags & KIND_STATUS)
			json_object_del(out, "status");
		return out;
	}
	out = json_object();
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		json_object_set(out, always[i], json_object_get(config, always[i]));
	json_object_set_new(out, "metadata", meta);
	for (size_t i = 0; i < sizeof identity / sizeof *identity; i++)
		json_object_set(meta, identity[i], json_object_get(json_object_get(config, "metadata"), identity[i]));
	const json_t *part = json_object_get(config, strcmp(a->subresource, "status") ? "spec" : "status");
	if (part)
		json_object_set(out, strcmp(a->subresource, "status") ? "spec" : "status", (json_t *)part);
	return out;
}

static json_t *named_set(const struct applying *a, const json_t *value)
{
	json_t *set = fieldset_of(&a->root, value), *out = fieldset_with_named(&a->root, set);
	json_decref(set);
	return out;
}

/* Removes `gone` from merged; the result replaces *pruned. */
static json_t *remove_from(const struct applying *a, const json_t *gone)
{
	json_t *out = fieldset_remove(&a->root, a->merged, gone);
	return out ? out : json_object();
}

/* What the manager applied before (`last`) and leaves out now goes, unless somebody owns it. */
static void prune(struct applying *a, const json_t *last)
{
	json_t *last_named, *pruned, *owned, *merged_set, *pruned_set, *keep, *gone, *next;
	if (fieldset_empty(last))
		return;
	owned = json_object();
	last_named = fieldset_with_named(&a->root, last);
	pruned = remove_from(a, last_named);
	for (size_t i = 0; i < a->list.n; i++) {
		next = fieldset_union(owned, a->list.rows[i].set);
		json_decref(owned);
		owned = next;
	}
	/* back come the items that others, or the new configuration, own */
	merged_set = named_set(a, a->merged);
	pruned_set = named_set(a, pruned);
	next = fieldset_with_named(&a->root, owned);
	keep = fieldset_union(pruned_set, next);
	json_decref(next);
	gone = fieldset_difference(merged_set, keep);
	json_decref(pruned);
	pruned = remove_from(a, gone);
	json_decref(gone);
	json_decref(keep);
	json_decref(pruned_set);
	/* and those that nobody ever owned */
	pruned_set = named_set(a, pruned);
	keep = fieldset_difference(merged_set, pruned_set);
	gone = fieldset_intersection(keep, last_named);
	json_decref(pruned);
	pruned = remove_from(a, gone);
	json_decref(a->merged);
	a->merged = pruned;
	json_decref(gone);
	json_decref(keep);
	json_decref(pruned_set);
	json_decref(merged_set);
	json_decref(owned);
	json_decref(last_named);
}

/* `"kubectl-client-side-apply" using apps/v1`, as conflict texts name a manager. */
static void describe(const struct manager *m, char *out, size_t n)
{
	int at = snprintf(out, n, "\"%s\"", m->name);
	if (m->subresource[0] && at > 0 && (size_t)at < n)
		at += snprintf(out + at, n - (size_t)at, " with subresource \"%s\"", m->subresource);
	if (!m->apply && at > 0 && (size_t)at < n)
		(void)snprintf(out + at, n - (size_t)at, " using %s", m->api_version);
}

/* What kubectl's client-side apply wrote and nobody changed since may be taken over by its server-side apply. */
static json_t *allowed(const struct applying *a)
{
	const json_t *annotations = json_object_get(json_object_get(a->live, "metadata"), "annotations");
	const char *text = json_string_value(json_object_get(annotations, last_applied));
	struct fieldset_diff diff;
	struct err ignored = { 0 };
	json_t *applied, *set, *next;
	if (strcmp(a->manager, "kubectl") != 0 || !text || json_decode(slice_str(text), 0, &applied, &ignored) < 0)
		return json_object();
	set = fieldset_of(&a->root, applied);
	fieldset_compare(&a->root, applied, a->live, &diff);
	next = fieldset_difference(set, diff.modified);
	json_decref(set);
	set = fieldset_difference(next, diff.added);
	json_decref(next);
	next = fieldset_difference(set, diff.removed);
	json_decref(set);
	fieldset_diff_release(&diff);
	json_decref(applied);
	return next;
}

/* Conflicts of others with `changed`: their causes; with `force`, or none, the others lose them. */
static json_t *conflicts(struct applying *a, const json_t *changed, struct buf *message)
{
	json_t *causes = json_array(), *fine = allowed(a);
	for (size_t i = 0; i < a->list.n; i++) {
		const struct manager *m = &a->list.rows[i];
		char who[512], text[600];
		if (m->apply && !strcmp(m->name, a->manager) && !strcmp(m->subresource, a->subresource))
			continue;
		json_t *both = fieldset_intersection(m->set, changed), *bad = fieldset_difference(both, fine);
		json_t *paths = fieldset_paths(bad), *path;
		size_t j;
		describe(m, who, sizeof who);
		(void)snprintf(text, sizeof text, "conflict with %s", who);
		if (json_array_size(paths))
			buf_printf(message, "%sconflicts with %s:", message->len ? "\n" : "", who);
		json_array_foreach(paths, j, path)
		{
			buf_printf(message, "\n- %s", json_string_value(path));
			json_array_append_new(causes, json_pack("{s:s,s:s,s:O}", "reason", "FieldManagerConflict",
								"message", text, "field", path));
		}
		json_decref(paths);
		json_decref(bad);
		json_decref(both);
	}
	json_decref(fine);
	return causes;
}

static int refuse(json_t *causes_found, const struct buf *message, json_t **causes, struct err *err)
{
	size_t n = json_array_size(causes_found);
	if (n == 1)
		err_set(err, ERR_CONFLICT, "Apply failed with 1 conflict: %s: %s",
			json_string_value(json_object_get(json_array_get(causes_found, 0), "message")),
			json_string_value(json_object_get(json_array_get(causes_found, 0), "field")));
	else
		err_set(err, ERR_CONFLICT, "Apply failed with %zu conflicts: %s", n, message->ptr);
	*causes = causes_found;
	return -1;
}

static int check_config(const struct applying *a, const json_t *config, struct err *err)
{
	const json_t *meta = json_object_get(config, "metadata");
	const char *namespace = json_str_at(meta, "namespace"), *name = json_str_at(meta, "name");
	char version[KIND_API_VERSION_BYTES];
	if (!json_is_object(config))
		return err_set(err, ERR_INVALID, "error decoding patch: the configuration must be an object");
	if (json_array_size(entries_of(config)))
		return err_set(err, ERR_INVALID, "metadata.managedFields must be nil");
	if (a->k->type && fieldset_check(&a->root, config, err) < 0)
		return err_wrap(err, "failed to create typed patch object (%s/%s; %s, Kind=%s)", namespace ? namespace : "",
				name ? name : "", kind_api_version(a->k, version), a->k->kind);
	return 0;
}

/* The manager's own entry, its time as it was when nothing changed; everybody's sets after the change. */
static void settle(struct applying *a, const json_t *set, const json_t *last, const char *last_time,
		   const struct fieldset_diff *diff, const json_t *changed)
{
	char version[KIND_API_VERSION_BYTES];
	bool same = fieldset_empty(changed) && fieldset_empty(diff->removed) && fieldset_equal(set, last);
	for (size_t i = 0; i < a->list.n; i++) {
		struct manager *m = &a->list.rows[i];
		bool own = m->apply && !strcmp(m->name, a->manager) && !strcmp(m->subresource, a->subresource);
		json_t *left = own ? json_incref(m->set) : fieldset_difference(m->set, changed);
		set_fields(m, fieldset_difference(left, diff->removed));
		json_decref(left);
	}
	struct manager *m = manager_list_get(&a->list, a->manager, kind_api_version(a->k, version), a->subresource, true);
	m->api_version = kind_api_version(a->k, version);
	if (same)
		(void)snprintf(m->time, sizeof m->time, "%s", last_time);
	else
		time_format_rfc3339(a->now_ns, m->time, sizeof m->time);
	entries_set(a->merged, manager_list_encode(&a->list));
}

int managed_apply(const struct kind *k, const json_t *live, const json_t *config, const char *manager,
		  const char *subresource, bool force, int64_t now_ns, json_t **out, json_t **causes, struct err *err)
{
	struct applying a = { .k = k, .root = root_of(k), .manager = manager, .now_ns = now_ns,
			      .subresource = subresource ? subresource : "" };
	struct fieldset_diff diff;
	struct buf message;
	char version[KIND_API_VERSION_BYTES], last_time[40] = "";
	json_t *set, *last, *changed, *found;
	struct manager *mine;
	int rc = 0;
	if (check_config(&a, config, err) < 0)
		return -1;
	a.live = live ? json_deep_copy(live) : nothing_yet(k, err);
	if (!a.live)
		return -1;
	a.config = writable(&a, config);
	json_t *entries = json_incref((json_t *)entries_of(a.live));
	entries_set(a.live, NULL);
	manager_list_decode(&a.list, entries);
	mine = manager_list_find(&a.list, manager, "", a.subresource, true);
	last = mine ? json_incref(mine->set) : json_object();
	if (mine)
		memcpy(last_time, mine->time, sizeof last_time);
	set = without_nobody(fieldset_of(&a.root, a.config));
	mine = manager_list_get(&a.list, manager, kind_api_version(k, version), a.subresource, true);
	set_fields(mine, json_incref(set));
	json_t *shared = fieldset_merge(&a.root, a.live, a.config);
	a.merged = json_deep_copy(shared);
	json_decref(shared);
	prune(&a, last);
	fieldset_compare(&a.root, a.live, a.merged, &diff);
	changed = fieldset_union(diff.added, diff.modified);
	buf_init(&message, 1 << 16);
	found = conflicts(&a, changed, &message);
	if (json_array_size(found) && !force) {
		rc = refuse(json_incref(found), &message, causes, err);
	} else {
		settle(&a, set, last, last_time, &diff, changed);
		*out = json_deep_copy(a.merged);
	}
	json_decref(found);
	buf_release(&message);
	json_decref(changed);
	fieldset_diff_release(&diff);
	json_decref(set);
	json_decref(last);
	manager_list_release(&a.list);
	json_decref(entries);
	json_decref(a.merged);
	json_decref(a.config);
	json_decref(a.live);
	return rc;
}
