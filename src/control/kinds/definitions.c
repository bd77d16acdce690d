/* apiextensions.k8s.io/v1: CustomResourceDefinition. Making kinds of it is the store's (cluster/crd.c). */
#include <stdio.h>
#include <string.h>

#include "cluster/names.h"
#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"

static json_t *created_at(const json_t *o, int64_t now_ns)
{
	const char *s = json_str_at(o, "metadata.creationTimestamp");
	(void)now_ns;
	return json_string(s ? s : "<unknown>");
}

static const struct kind_column columns_definition[] = {
	COLUMN_NAME,
	COLUMN("Created At", "date", 0, created_at, "When it was made."),
};

static json_t *lower(const char *s)
{
	char text[64];
	size_t i = 0;
	for (; s[i] && i + 1 < sizeof text; i++)
		text[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] + 32 : s[i]);
	return json_stringn(text, i);
}

static int definition_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *names = json_object_get(spec, "names");
	const char *kind = json_str_at(names, "kind");
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	if (json_is_object(names) && kind && *kind) {
		if (!json_str_at(names, "singular") || !*json_str_at(names, "singular"))
			json_object_set_new(names, "singular", lower(kind));
		if (!json_str_at(names, "listKind") || !*json_str_at(names, "listKind"))
			json_object_set_new(names, "listKind", json_sprintf("%sList", kind));
	}
	if (!json_object_get(spec, "conversion"))
		json_object_set_new(spec, "conversion", json_pack("{s:s}", "strategy", "None"));
	return 0;
}

/* The version that objects are stored in is among those they may have been stored in. */
static int definition_prepare(struct admission *a, void *ctx, struct err *err)
{
	size_t i;
	const json_t *v;
	(void)ctx;
	(void)err;
	if (a->verb != ADMIT_CREATE)
		return 0;
	json_array_foreach(json_at(a->object, "spec.versions"), i, v)
		if (json_is_true(json_object_get(v, "storage")) && json_object_get(v, "name"))
			json_object_set_new(a->object, "status",
					    json_pack("{s:n,s:{s:s,s:s},s:[O]}", "conditions", "acceptedNames", "plural", "",
						      "kind", "", "storedVersions", json_object_get(v, "name")));
	return 0;
}

/* ---- checks ---- */

static bool uses_cel(const json_t *schema, int depth)
{
	const char *key;
	const json_t *v;
	size_t i;
	if (depth > 64)
		return false;
	if (json_is_object(schema)) {
		if (json_object_get(schema, "x-kubernetes-validations"))
			return true;
		json_object_foreach((json_t *)schema, key, v)
			if (uses_cel(v, depth + 1))
				return true;
	}
	json_array_foreach(schema, i, v)
		if (uses_cel(v, depth + 1))
			return true;
	return false;
}

static void check_versions(struct admission *a, const json_t *versions)
{
	size_t i, stored = 0;
	const json_t *v;
	char path[96];
	if (json_array_size(versions) == 0) {
		fault_add(a->faults, "spec.versions", FAULT_REQUIRED, NULL, "%s", "");
		return;
	}
	json_array_foreach(versions, i, v)
	{
		const json_t *schema = json_at(v, "schema.openAPIV3Schema");
		const char *name = json_str_at(v, "name"), *type = json_str_at(schema, "type");
		stored += json_is_true(json_object_get(v, "storage"));
		(void)snprintf(path, sizeof path, "spec.versions[%zu].name", i);
		if (!name || name_error(NAMES_LABEL_1035, name))
			fault_add_str(a->faults, path, FAULT_INVALID, name ? name : "", "%s",
				      name ? name_error(NAMES_LABEL_1035, name) : "must not be empty");
		(void)snprintf(path, sizeof path, "spec.versions[%zu].schema.openAPIV3Schema", i);
		if (!schema) {
			fault_add(a->faults, path, FAULT_REQUIRED, NULL, "schemas are required");
		} else if (!type || strcmp(type, "object") != 0) {
			(void)snprintf(path, sizeof path, "spec.versions[%zu].schema.openAPIV3Schema.type", i);
			fault_add_str(a->faults, path, FAULT_INVALID, type ? type : "", "must be object at the root");
		}
		if (a->verb == ADMIT_CREATE && uses_cel(schema, 0))
			json_array_append_new(a->warnings,
					      json_sprintf("spec.versions[%zu]: x-kubernetes-validations are stored but not "
							   "evaluated", i));
	}
	if (stored != 1)
		fault_add(a->faults, "spec.versions", FAULT_INVALID, versions,
			  "must have exactly one version marked as storage version");
}

static int definition_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *spec = json_object_get(a->object, "spec"), *names = json_object_get(spec, "names");
	const char *group = json_str_at(spec, "group"), *plural = json_str_at(names, "plural"),
		   *kind = json_str_at(names, "kind"), *scope = json_str_at(spec, "scope"),
		   *name = json_str_at(a->object, "metadata.name"), *strategy = json_str_at(spec, "conversion.strategy");
	char wanted[320];
	(void)ctx;
	(void)err;
	(void)snprintf(wanted, sizeof wanted, "%s.%s", plural ? plural : "", group ? group : "");
	if (name && strcmp(name, wanted) != 0)
		fault_add_str(a->faults, "metadata.name", FAULT_INVALID, name, "must be spec.names.plural+\".\"+spec.group");
	if (!group || !*group)
		fault_add(a->faults, "spec.group", FAULT_REQUIRED, NULL, "%s", "");
	else if (name_error(NAMES_SUBDOMAIN, group) || !strchr(group, '.'))
		fault_add_str(a->faults, "spec.group", FAULT_INVALID, group, "should be a domain with at least one dot");
	if (!scope || (strcmp(scope, "Cluster") != 0 && strcmp(scope, "Namespaced") != 0))
		fault_add_str(a->faults, "spec.scope", FAULT_UNSUPPORTED, scope ? scope : "",
			      "supported values: \"Cluster\", \"Namespaced\"");
	if (!plural || !*plural)
		fault_add(a->faults, "spec.names.plural", FAULT_REQUIRED, NULL, "%s", "");
	else if (name_error(NAMES_LABEL_1035, plural))
		fault_add_str(a->faults, "spec.names.plural", FAULT_INVALID, plural, "%s", name_error(NAMES_LABEL_1035, plural));
	if (!kind || !*kind)
		fault_add(a->faults, "spec.names.kind", FAULT_REQUIRED, NULL, "%s", "");
	if (strategy && strcmp(strategy, "Webhook") == 0 && a->verb == ADMIT_CREATE)
		json_array_append_new(a->warnings, json_string("spec.conversion: versions are not converted by a webhook; "
							       "objects change their apiVersion only"));
	check_versions(a, json_object_get(spec, "versions"));
	return 0;
}

static const struct kind definitions = {
	.group = "apiextensions.k8s.io", .version = "v1", .kind = "CustomResourceDefinition",
	.plural = "customresourcedefinitions", .singular = "customresourcedefinition", .short_names = NAMES("crd", "crds"),
	.categories = NAMES("api-extensions"), .flags = KIND_STATUS | KIND_GENERATION | KIND_DELETE_RETURNS_OBJECT,
	.immutable = NAMES("spec.group", "spec.names.plural", "spec.names.kind", "spec.scope"), COLUMNS(definition),
	.type = &type_apiextensions_CustomResourceDefinition,
	.hooks = { .defaults = definition_defaults, .prepare = definition_prepare, .validate = definition_validate },
};

KIND_TABLE(apiextensions, &definitions)
