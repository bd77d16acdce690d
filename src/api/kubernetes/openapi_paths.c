/*
 * Paths: the operations of a kind with the parameters that clients look for before they use them (dryRun,
 * fieldManager, fieldValidation, force).
 */
#include "api/kubernetes/openapi.h"

struct operation {
	const char *method; /* "get" */
	const char *action; /* x-kubernetes-action */
	const char *const *query;
	bool body, list;
};

static const char *const read_query[] = {"pretty", NULL};
static const char *const list_query[] = {
    "allowWatchBookmarks",  "continue",          "fieldSelector",  "labelSelector", "limit", "resourceVersion",
    "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch",         NULL};
static const char *const write_query[] = {"dryRun", "fieldManager", "fieldValidation", NULL};
static const char *const patch_query[] = {"dryRun", "fieldManager", "fieldValidation", "force", NULL};
static const char *const delete_query[] = {"dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy",
					   NULL};

static const struct operation collection[] = {
    {"get", "list", list_query, false, true},
    {"post", "post", write_query, true, false},
    {"delete", "deletecollection", delete_query, true, true},
};
static const struct operation item[] = {
    {"get", "get", read_query, false, false},
    {"put", "put", write_query, true, false},
    {"delete", "delete", delete_query, true, false},
    {"patch", "patch", patch_query, true, false},
};
static const struct operation list_all[] = {{"get", "list", list_query, false, true}};

static const char *query_type(const char *name)
{
	static const char *const booleans[] = {"allowWatchBookmarks", "sendInitialEvents", "watch", "force",
					       "orphanDependents"};
	static const char *const integers[] = {"limit", "timeoutSeconds", "gracePeriodSeconds"};
	for (size_t i = 0; i < sizeof booleans / sizeof booleans[0]; i++)
		if (!strcmp(name, booleans[i]))
			return "boolean";
	for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
		if (!strcmp(name, integers[i]))
			return "integer";
	return "string";
}

static json_t *parameter(enum openapi_version v, const char *name, const char *in)
{
	json_t *p = json_pack("{s:s,s:s}", "name", name, "in", in);
	bool path = !strcmp(in, "path");
	if (path)
		json_object_set_new(p, "required", json_true());
	if (v == OPENAPI_V2) {
		json_object_set_new(p, "type", json_string(path ? "string" : query_type(name)));
		json_object_set_new(p, "uniqueItems", json_true());
	} else {
		json_object_set_new(
		    p, "schema", json_pack("{s:s,s:b}", "type", path ? "string" : query_type(name), "uniqueItems", 1));
	}
	return p;
}

static json_t *responses(enum openapi_version v, const char *schema)
{
	json_t *ref = openapi_ref(v, schema), *ok;
	if (v == OPENAPI_V2)
		ok = json_pack("{s:s,s:o}", "description", "OK", "schema", ref);
	else
		ok = json_pack("{s:s,s:{s:{s:o}}}", "description", "OK", "content", "application/json", "schema", ref);
	return json_pack("{s:o,s:{s:s}}", "200", ok, "401", "description", "Unauthorized");
}

static const char *operation_verb(const struct operation *o)
{
	return !strcmp(o->action, "list")     ? "list"
	       : !strcmp(o->action, "get")    ? "read"
	       : !strcmp(o->action, "post")   ? "create"
	       : !strcmp(o->action, "put")    ? "replace"
	       : !strcmp(o->action, "delete") ? "delete"
	       : !strcmp(o->action, "patch")  ? "patch"
					      : "deleteCollection";
}

static json_t *operation(const struct kind *k, const struct operation *o, enum openapi_version v, const char *schema,
			 const char *where)
{
	char list[OPENAPI_NAME_BYTES];
	snprintf(list, sizeof list, "%.500sList", schema);
	json_t *parameters = json_array();
	for (const char *const *q = o->query; *q; q++)
		json_array_append_new(parameters, parameter(v, *q, "query"));
	if (o->body && v == OPENAPI_V2)
		json_array_append_new(parameters,
				      json_pack("{s:s,s:s,s:b,s:o}", "name", "body", "in", "body", "required",
						strcmp(o->method, "delete") != 0, "schema", openapi_ref(v, schema)));
	json_t *op = json_pack("{s:o,s:s,s:o,s:o,s:{s:s,s:s,s:s}}", "operationId",
			       json_sprintf("%s%s%s%s%s", operation_verb(o), k->group, k->version, where, k->kind),
			       "x-kubernetes-action", o->action, "parameters", parameters, "responses",
			       responses(v, o->list ? list : schema), "x-kubernetes-group-version-kind", "group",
			       k->group, "kind", k->kind, "version", k->version);
	if (o->body && v == OPENAPI_V3)
		json_object_set_new(
		    op, "requestBody",
		    json_pack("{s:{s:{s:o}}}", "content",
			      strcmp(o->method, "patch") ? "application/json" : "application/merge-patch+json",
			      "schema", openapi_ref(v, schema)));
	return op;
}

static void add_path(json_t *paths, json_t *path, const struct kind *k, const struct operation *o, size_t n,
		     enum openapi_version v, const char *schema, const char *where, const char *const *in_path)
{
	json_t *all = json_object(), *parameters = json_array();
	for (size_t i = 0; i < n; i++) {
		if ((k->flags & KIND_NO_DELETECOLLECTION) && !strcmp(o[i].action, "deletecollection"))
			continue;
		json_object_set_new(all, o[i].method, operation(k, &o[i], v, schema, where));
	}
	for (; *in_path; in_path++)
		json_array_append_new(parameters, parameter(v, *in_path, "path"));
	if (json_array_size(parameters) > 0)
		json_object_set(all, "parameters", parameters);
	json_decref(parameters);
	json_object_set_new(paths, json_string_value(path), all);
	json_decref(path);
}

#define N(a) (sizeof(a) / sizeof((a)[0]))

void openapi_add_paths(json_t *paths, const struct kind *k, enum openapi_version v)
{
	static const char *const none[] = {NULL}, *const ns[] = {"namespace", NULL}, *const name[] = {"name", NULL},
				 *const both[] = {"name", "namespace", NULL};
	static const struct operation create_only[] = {{"post", "post", write_query, true, false}};
	char schema[OPENAPI_NAME_BYTES], root[600];
	bool virtual = kube_virtual_kind(k->group, k->version, k->plural) != NULL;
	openapi_kind_name(k, schema);
	if (k->group[0])
		snprintf(root, sizeof root, "/apis/%s/%s", k->group, k->version);
	else
		snprintf(root, sizeof root, "/api/%s", k->version);
	if (virtual) {
		add_path(paths, json_sprintf("%s/%s", root, k->plural), k, create_only, 1, v, schema, "", none);
	} else if (k->flags & KIND_NAMESPACED) {
		add_path(paths, json_sprintf("%s/%s", root, k->plural), k, list_all, N(list_all), v, schema,
			 "AllNamespaces", none);
		add_path(paths, json_sprintf("%s/namespaces/{namespace}/%s", root, k->plural), k, collection,
			 N(collection), v, schema, "Namespaced", ns);
		add_path(paths, json_sprintf("%s/namespaces/{namespace}/%s/{name}", root, k->plural), k, item, N(item),
			 v, schema, "Namespaced", both);
	} else {
		add_path(paths, json_sprintf("%s/%s", root, k->plural), k, collection, N(collection), v, schema, "",
			 none);
		add_path(paths, json_sprintf("%s/%s/{name}", root, k->plural), k, item, N(item), v, schema, "", name);
	}
}
