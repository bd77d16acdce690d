/* Lists of managers: see managed_list.h. No more than ten Update entries are kept: the oldest become one. */
#include "cluster/managed_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/fieldset.h"

enum { UPDATERS_MAX = 10 };
static const char ancient[] = "ancient-changes";

static const char *text(const json_t *entry, const char *name)
{
	const char *s = json_string_value(json_object_get(entry, name));
	return s ? s : "";
}

static struct manager *push(struct manager_list *l)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		l->rows = realloc(l->rows, l->cap * sizeof *l->rows);
		if (!l->rows)
			abort();
	}
	l->rows[l->n] = (struct manager){ 0 };
	return &l->rows[l->n++];
}

void manager_list_decode(struct manager_list *l, const json_t *entries)
{
	size_t i;
	const json_t *entry;
	*l = (struct manager_list){ 0 };
	json_array_foreach(entries, i, entry)
	{
		const json_t *fields = json_object_get(entry, "fieldsV1");
		const char *operation = text(entry, "operation");
		if (!json_is_object(fields) || (strcmp(operation, "Apply") != 0 && strcmp(operation, "Update") != 0))
			continue;
		struct manager *m = push(l);
		m->name = text(entry, "manager");
		m->api_version = text(entry, "apiVersion");
		m->subresource = text(entry, "subresource");
		m->apply = operation[0] == 'A';
		(void)snprintf(m->time, sizeof m->time, "%s", text(entry, "time"));
		m->set = fieldset_decode(fields);
	}
}

struct manager *manager_list_find(struct manager_list *l, const char *name, const char *api_version,
				  const char *subresource, bool apply)
{
	for (size_t i = 0; i < l->n; i++) {
		struct manager *m = &l->rows[i];
		if (m->apply == apply && strcmp(m->name, name) == 0 && strcmp(m->subresource, subresource) == 0 &&
		    (apply || strcmp(m->api_version, api_version) == 0))
			return m;
	}
	return NULL;
}

struct manager *manager_list_get(struct manager_list *l, const char *name, const char *api_version,
				 const char *subresource, bool apply)
{
	struct manager *m = manager_list_find(l, name, api_version, subresource, apply);
	if (m)
		return m;
	m = push(l);
	m->name = name;
	m->api_version = api_version;
	m->subresource = subresource;
	m->apply = apply;
	m->set = json_object();
	return m;
}

static int in_order(const void *a, const void *b)
{
	const struct manager *x = a, *y = b;
	if (x->apply != y->apply)
		return x->apply ? -1 : 1;
	int c = strcmp(x->time, y->time);
	c = c ? c : strcmp(x->name, y->name);
	c = c ? c : strcmp(x->api_version, y->api_version);
	return c ? c : strcmp(x->subresource, y->subresource);
}

static void drop_empty(struct manager_list *l)
{
	size_t to = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (fieldset_empty(l->rows[i].set))
			json_decref(l->rows[i].set);
		else
			l->rows[to++] = l->rows[i];
	}
	l->n = to;
}

/* The list is in order: the first Update entries are the oldest. */
static void cap(struct manager_list *l)
{
	size_t first = 0, updaters;
	while (first < l->n && l->rows[first].apply)
		first++;
	updaters = l->n - first;
	if (updaters <= UPDATERS_MAX)
		return;
	struct manager *into = &l->rows[first];
	size_t merged = updaters - UPDATERS_MAX + 1;
	for (size_t i = 1; i < merged; i++) {
		struct manager *m = &l->rows[first + i];
		json_t *both = fieldset_union(into->set, m->set);
		json_decref(into->set);
		into->set = both;
		memcpy(into->time, m->time, sizeof into->time);
		into->api_version = m->api_version;
		json_decref(m->set);
		m->set = json_object();
	}
	into->name = ancient;
	into->subresource = "";
	drop_empty(l);
}

json_t *manager_list_encode(struct manager_list *l)
{
	json_t *out;
	drop_empty(l);
	if (l->n == 0)
		return NULL;
	qsort(l->rows, l->n, sizeof *l->rows, in_order);
	cap(l);
	out = json_array();
	for (size_t i = 0; i < l->n; i++) {
		const struct manager *m = &l->rows[i];
		json_t *entry = json_pack("{s:s,s:s,s:s}", "manager", m->name, "operation", m->apply ? "Apply" : "Update",
					  "apiVersion", m->api_version);
		if (m->time[0])
			json_object_set_new(entry, "time", json_string(m->time));
		json_object_set_new(entry, "fieldsType", json_string("FieldsV1"));
		json_object_set_new(entry, "fieldsV1", fieldset_encode(m->set));
		if (m->subresource[0])
			json_object_set_new(entry, "subresource", json_string(m->subresource));
		json_array_append_new(out, entry);
	}
	return out;
}

void manager_list_release(struct manager_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		json_decref(l->rows[i].set);
	free(l->rows);
	*l = (struct manager_list){ 0 };
}
