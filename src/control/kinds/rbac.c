/* rbac.authorization.k8s.io/v1: roles and bindings. They are stored; what they allow counts with `authorization: rbac`. */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"

#define GROUP "rbac.authorization.k8s.io"

/* "2026-01-02T03:04:05Z": these kinds show the time itself. */
static json_t *created_at(const json_t *o, int64_t now_ns)
{
	const char *s = json_str_at(o, "metadata.creationTimestamp");
	(void)now_ns;
	return json_string(s ? s : "<unknown>");
}

static json_t *role_ref(const json_t *o, int64_t now_ns)
{
	const char *kind = json_str_at(o, "roleRef.kind"), *name = json_str_at(o, "roleRef.name");
	(void)now_ns;
	return json_sprintf("%s/%s", kind ? kind : "", name ? name : "");
}

/* Names of the subjects of one kind; service accounts with their namespace. */
static json_t *subjects(const json_t *o, const char *kind)
{
	struct buf b;
	size_t i;
	const json_t *s;
	buf_init(&b, 8192);
	buf_str(&b, "");
	json_array_foreach(json_object_get(o, "subjects"), i, s)
	{
		const char *is = json_str_at(s, "kind"), *name = json_str_at(s, "name"), *ns = json_str_at(s, "namespace");
		if (!is || strcmp(is, kind) != 0)
			continue;
		buf_printf(&b, "%s%s%s%s", b.len ? ", " : "", ns && strcmp(kind, "ServiceAccount") == 0 ? ns : "",
			   ns && strcmp(kind, "ServiceAccount") == 0 ? "/" : "", name ? name : "");
	}
	json_t *out = json_stringn(b.ptr, b.len);
	buf_release(&b);
	return out;
}

static json_t *binding_users(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return subjects(o, "User");
}

static json_t *binding_groups(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return subjects(o, "Group");
}

static json_t *binding_accounts(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return subjects(o, "ServiceAccount");
}

static const struct kind_column columns_role[] = {
	COLUMN_NAME,
	COLUMN("Created At", "date", 0, created_at, "When it was made."),
};

static const struct kind_column columns_binding[] = {
	COLUMN_NAME,
	COLUMN("Role", "string", 0, role_ref, "The role it gives."),
	COLUMN_AGE,
	COLUMN("Users", "string", 1, binding_users, "Users who get it."),
	COLUMN("Groups", "string", 1, binding_groups, "Groups that get it."),
	COLUMN("ServiceAccounts", "string", 1, binding_accounts, "Service accounts that get it."),
};

static void text(json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	if (!is || !*is)
		json_object_set_new(o, key, json_string(value));
}

static int binding_defaults(struct admission *a, void *ctx, struct err *err)
{
	size_t i;
	json_t *s, *ref = json_object_get(a->object, "roleRef");
	(void)ctx;
	(void)err;
	if (json_is_object(ref))
		text(ref, "apiGroup", GROUP);
	json_array_foreach(json_object_get(a->object, "subjects"), i, s)
	{
		const char *kind = json_str_at(s, "kind");
		if (kind && (!strcmp(kind, "User") || !strcmp(kind, "Group")))
			text(s, "apiGroup", GROUP);
	}
	return 0;
}

static int binding_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *ref = json_object_get(a->object, "roleRef");
	const char *kind = json_str_at(ref, "kind"), *name = json_str_at(ref, "name");
	bool cluster = !(a->kind->flags & KIND_NAMESPACED);
	(void)ctx;
	(void)err;
	if (!name || !*name)
		fault_add(a->faults, "roleRef.name", FAULT_REQUIRED, NULL, "%s", "");
	if (!kind || (strcmp(kind, "ClusterRole") != 0 && (cluster || strcmp(kind, "Role") != 0)))
		fault_add_str(a->faults, "roleRef.kind", FAULT_UNSUPPORTED, kind ? kind : "", "supported values: %s",
			      cluster ? "\"ClusterRole\"" : "\"ClusterRole\", \"Role\"");
	if (a->verb == ADMIT_UPDATE && !json_equal(json_object_get(a->old, "roleRef"), ref))
		fault_add(a->faults, "roleRef", FAULT_INVALID, ref, "cannot change roleRef");
	return 0;
}

#define NO_EFFECT "nobody's rights are changed by it"

static const struct kind clusterrolebindings = {
	.group = GROUP, .version = "v1", .kind = "ClusterRoleBinding", .plural = "clusterrolebindings",
	.singular = "clusterrolebinding", .flags = KIND_UNCONDITIONAL, .names = NAMES_PATH, COLUMNS(binding),
	.type = &type_rbac_ClusterRoleBinding,
	.without_effect = NO_EFFECT, .hooks = { .defaults = binding_defaults, .validate = binding_validate },
};

static const struct kind clusterroles = {
	.group = GROUP, .version = "v1", .kind = "ClusterRole", .plural = "clusterroles", .singular = "clusterrole",
	.flags = KIND_UNCONDITIONAL, .names = NAMES_PATH, COLUMNS(role), .type = &type_rbac_ClusterRole,
	.without_effect = NO_EFFECT,
};

static const struct kind rolebindings = {
	.group = GROUP, .version = "v1", .kind = "RoleBinding", .plural = "rolebindings", .singular = "rolebinding",
	.flags = KIND_NAMESPACED | KIND_UNCONDITIONAL, .names = NAMES_PATH, COLUMNS(binding),
	.type = &type_rbac_RoleBinding,
	.without_effect = NO_EFFECT, .hooks = { .defaults = binding_defaults, .validate = binding_validate },
};

static const struct kind roles = {
	.group = GROUP, .version = "v1", .kind = "Role", .plural = "roles", .singular = "role",
	.flags = KIND_NAMESPACED | KIND_UNCONDITIONAL, .names = NAMES_PATH, COLUMNS(role), .type = &type_rbac_Role,
	.without_effect = NO_EFFECT,
};

KIND_TABLE(rbac, &clusterrolebindings, &clusterroles, &rolebindings, &roles)
