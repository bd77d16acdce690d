/* Groups of one kind each: policy, storage.k8s.io, coordination.k8s.io, apiregistration.k8s.io. Stored and shown. */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"

static json_t *number_or(const json_t *o, const char *path, const char *otherwise)
{
	const json_t *v = json_at(o, path);
	if (json_is_string(v))
		return json_string(json_string_value(v));
	return json_is_integer(v) ? json_sprintf("%lld", (long long)json_integer_value(v)) : json_string(otherwise);
}

/* ---- PodDisruptionBudget ---- */

static json_t *pdb_min(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return number_or(o, "spec.minAvailable", "N/A");
}

static json_t *pdb_max(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return number_or(o, "spec.maxUnavailable", "N/A");
}

static json_t *pdb_allowed(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_integer_at(o, "status.disruptionsAllowed");
}

static const struct kind_column columns_pdb[] = {
	COLUMN_NAME,
	COLUMN("Min Available", "string", 0, pdb_min, "Fewest Pods that must stay."),
	COLUMN("Max Unavailable", "string", 0, pdb_max, "Most Pods that may be away."),
	COLUMN("Allowed Disruptions", "integer", 0, pdb_allowed, "Pods that may go now."),
	COLUMN_AGE,
};

static const struct kind poddisruptionbudgets = {
	.group = "policy", .version = "v1", .kind = "PodDisruptionBudget", .plural = "poddisruptionbudgets",
	.singular = "poddisruptionbudget", .short_names = NAMES("pdb"),
	.flags = KIND_NAMESPACED | KIND_STATUS | KIND_GENERATION, COLUMNS(pdb), .type = &type_policy_PodDisruptionBudget,
	.without_effect = "no eviction is refused by it",
};

KIND_TABLE(policy, &poddisruptionbudgets)

/* ---- StorageClass ---- */

static json_t *class_provisioner(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "provisioner");
}

static json_t *class_reclaim(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "reclaimPolicy");
}

static json_t *class_binding(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "volumeBindingMode");
}

static json_t *class_expansion(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_boolean(json_is_true(json_object_get(o, "allowVolumeExpansion")));
}

/* The class that claims without one get is marked behind its name. */
static json_t *class_name(const json_t *o, int64_t now_ns)
{
	const json_t *annotations = json_at(o, "metadata.annotations");
	const char *name = json_str_at(o, "metadata.name"),
		   *chosen = json_string_value(json_object_get(annotations, "storageclass.kubernetes.io/is-default-class"));
	(void)now_ns;
	return json_sprintf("%s%s", name ? name : "", chosen && strcmp(chosen, "true") == 0 ? " (default)" : "");
}

static const struct kind_column columns_storageclass[] = {
	{ .name = "Name", .type = "string", .format = "name", .cell = class_name,
	  .doc = "Its name, and whether it is the default." },
	COLUMN("Provisioner", "string", 0, class_provisioner, "Who makes volumes of this class."),
	COLUMN("ReclaimPolicy", "string", 0, class_reclaim, "What happens to a volume when its claim is gone."),
	COLUMN("VolumeBindingMode", "string", 0, class_binding, "When a claim gets its volume."),
	COLUMN("AllowVolumeExpansion", "string", 0, class_expansion, "Whether a claim may grow."),
	COLUMN_AGE,
};

static int class_defaults(struct admission *a, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	if (!json_object_get(a->object, "reclaimPolicy"))
		json_object_set_new(a->object, "reclaimPolicy", json_string("Delete"));
	if (!json_object_get(a->object, "volumeBindingMode"))
		json_object_set_new(a->object, "volumeBindingMode", json_string("Immediate"));
	return 0;
}

static const struct kind storageclasses = {
	.group = "storage.k8s.io", .version = "v1", .kind = "StorageClass", .plural = "storageclasses",
	.singular = "storageclass", .short_names = NAMES("sc"), .flags = KIND_UNCONDITIONAL | KIND_DELETE_RETURNS_OBJECT,
	.immutable = NAMES("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"), COLUMNS(storageclass),
	.type = &type_storage_StorageClass, .hooks = { .defaults = class_defaults },
};

KIND_TABLE(storage, &storageclasses)

/* ---- Lease ---- */

static json_t *lease_holder(const json_t *o, int64_t now_ns)
{
	const char *s = json_str_at(o, "spec.holderIdentity");
	(void)now_ns;
	return json_string(s ? s : "");
}

static const struct kind_column columns_lease[] = {
	COLUMN_NAME,
	COLUMN("Holder", "string", 0, lease_holder, "Who holds it."),
	COLUMN_AGE,
};

static const struct kind leases = {
	.group = "coordination.k8s.io", .version = "v1", .kind = "Lease", .plural = "leases", .singular = "lease",
	.flags = KIND_NAMESPACED | KIND_UNCONDITIONAL, COLUMNS(lease), .type = &type_coordination_Lease,
};

KIND_TABLE(coordination, &leases)

/* ---- APIService ---- */

static json_t *api_service(const json_t *o, int64_t now_ns)
{
	const char *ns = json_str_at(o, "spec.service.namespace"), *name = json_str_at(o, "spec.service.name");
	(void)now_ns;
	return name ? json_sprintf("%s/%s", ns ? ns : "", name) : json_string("Local");
}

static json_t *api_available(const json_t *o, int64_t now_ns)
{
	size_t i;
	const json_t *c;
	(void)now_ns;
	json_array_foreach(json_at(o, "status.conditions"), i, c)
	{
		const char *type = json_str_at(c, "type"), *status = json_str_at(c, "status");
		if (type && status && strcmp(type, "Available") == 0)
			return json_string(status);
	}
	return json_string("Unknown");
}

static const struct kind_column columns_apiservice[] = {
	COLUMN_NAME,
	COLUMN("Service", "string", 0, api_service, "Who serves it; Local for the API server itself."),
	COLUMN("Available", "string", 0, api_available, "Whether it answers."),
	COLUMN_AGE,
};

static const struct kind apiservices = {
	.group = "apiregistration.k8s.io", .version = "v1", .kind = "APIService", .plural = "apiservices",
	.singular = "apiservice", .categories = NAMES("api-extensions"), .flags = KIND_STATUS | KIND_UNCONDITIONAL,
	COLUMNS(apiservice), .type = &type_apiregistration_APIService,
	.without_effect = "no request is handed on by it",
};

KIND_TABLE(apiregistration, &apiservices)
