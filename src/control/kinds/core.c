/* Kinds of core/v1 without behaviour of their own: names, columns, fields. Pods, services, nodes and events have files. */
#include <string.h>

#include "base/buf.h"
#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/secret.h"
#include "control/kinds/tables.h"

enum { BUILT_IN = KIND_NAMESPACED | KIND_UNCONDITIONAL };

/* ---- Namespace ---- */

static json_t *namespace_status(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "status.phase");
}

static const struct kind_column columns_namespace[] = {
	COLUMN_NAME,
	COLUMN("Status", "string", 0, namespace_status, "Active, or Terminating while it is being emptied."),
	COLUMN_AGE,
};

static const struct kind namespaces = {
	.group = "", .version = "v1", .kind = "Namespace", .plural = "namespaces", .singular = "namespace",
	.short_names = NAMES("ns"),
	.flags = KIND_STATUS | KIND_UNCONDITIONAL | KIND_DELETE_RETURNS_OBJECT | KIND_NO_DELETECOLLECTION,
	.names = NAMES_LABEL,
	.subresources = NAMES("finalize"),
	.selectable = NAMES("status.phase"),
	COLUMNS(namespace),
	.type = &type_core_Namespace,
};

/* ---- ConfigMap, Secret, ServiceAccount ---- */

static json_t *configmap_data(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_integer((json_int_t)(json_object_size(json_object_get(o, "data")) +
					 json_object_size(json_object_get(o, "binaryData"))));
}

static const struct kind_column columns_configmap[] = {
	COLUMN_NAME,
	COLUMN("Data", "string", 0, configmap_data, "How many entries it has."),
	COLUMN_AGE,
};

static const struct kind configmaps = {
	.group = "", .version = "v1", .kind = "ConfigMap", .plural = "configmaps", .singular = "configmap",
	.short_names = NAMES("cm"), .flags = BUILT_IN, COLUMNS(configmap), .type = &type_core_ConfigMap,
	.hooks = { .validate = configmap_validate },
};

static json_t *secret_type(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "type");
}

static json_t *secret_data(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_integer((json_int_t)json_object_size(json_object_get(o, "data")));
}

static const struct kind_column columns_secret[] = {
	COLUMN_NAME,
	COLUMN("Type", "string", 0, secret_type, "What the entries are for."),
	COLUMN("Data", "string", 0, secret_data, "How many entries it has."),
	COLUMN_AGE,
};

static const struct kind secrets = {
	.group = "", .version = "v1", .kind = "Secret", .plural = "secrets", .singular = "secret",
	.flags = BUILT_IN, .selectable = NAMES("type"), .immutable = NAMES("type"), COLUMNS(secret),
	.type = &type_core_Secret, .hooks = { .defaults = secret_defaults, .validate = secret_validate },
};

static json_t *account_secrets(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_integer((json_int_t)json_array_size(json_object_get(o, "secrets")));
}

static const struct kind_column columns_serviceaccount[] = {
	COLUMN_NAME,
	COLUMN("Secrets", "string", 0, account_secrets, "How many secrets it names."),
	COLUMN_AGE,
};

static const struct kind serviceaccounts = {
	.group = "", .version = "v1", .kind = "ServiceAccount", .plural = "serviceaccounts", .singular = "serviceaccount",
	.short_names = NAMES("sa"), .flags = BUILT_IN | KIND_DELETE_RETURNS_OBJECT, .subresources = NAMES("token"),
	COLUMNS(serviceaccount), .type = &type_core_ServiceAccount,
};

/* ---- volumes ---- */

/* RWO, ROX, RWX, RWOP: as kubectl shortens them, in this order whatever the object's. */
static json_t *access_modes(const json_t *list)
{
	static const struct {
		const char *mode, *text;
	} modes[] = { { "ReadWriteOnce", "RWO" }, { "ReadOnlyMany", "ROX" }, { "ReadWriteMany", "RWX" },
		      { "ReadWriteOncePod", "RWOP" } };
	struct buf b;
	buf_init(&b, 64);
	buf_str(&b, "");
	for (size_t m = 0; m < COUNT_OF(modes); m++)
		for (size_t i = 0; i < json_array_size(list); i++) {
			const char *mode = json_string_value(json_array_get(list, i));
			if (!mode || strcmp(mode, modes[m].mode) != 0)
				continue;
			buf_printf(&b, "%s%s", b.len ? "," : "", modes[m].text);
			break;
		}
	json_t *out = json_stringn(b.ptr, b.len);
	buf_release(&b);
	return out;
}

static json_t *text_at(const json_t *o, const char *path)
{
	const char *s = json_str_at(o, path);
	return json_string(s ? s : "");
}

static json_t *claim_status(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_str_at(o, "metadata.deletionTimestamp") ? json_string("Terminating") : text_at(o, "status.phase");
}

static json_t *claim_volume(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "spec.volumeName");
}

static json_t *claim_capacity(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "status.capacity.storage");
}

static json_t *claim_modes(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return access_modes(json_at(o, "status.accessModes"));
}

static json_t *claim_class(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "spec.storageClassName");
}

static json_t *attributes_class(const json_t *o, int64_t now_ns)
{
	const char *s = json_str_at(o, "spec.volumeAttributesClassName");
	(void)now_ns;
	return json_string(s ? s : "<unset>");
}

static json_t *volume_mode(const json_t *o, int64_t now_ns)
{
	const char *s = json_str_at(o, "spec.volumeMode");
	(void)now_ns;
	return json_string(s ? s : "<unset>");
}

static const struct kind_column columns_claim[] = {
	COLUMN_NAME,
	COLUMN("Status", "string", 0, claim_status, "Pending, Bound, Lost, or Terminating."),
	COLUMN("Volume", "string", 0, claim_volume, "The volume that it is bound to."),
	COLUMN("Capacity", "string", 0, claim_capacity, "Bytes of that volume."),
	COLUMN("Access Modes", "string", 0, claim_modes, "How it may be mounted."),
	COLUMN("StorageClass", "string", 0, claim_class, "The storage class it asks for."),
	COLUMN("VolumeAttributesClass", "string", 0, attributes_class, "The attributes class it asks for."),
	COLUMN_AGE,
	COLUMN("VolumeMode", "string", 1, volume_mode, "File system or block device."),
};

static int claim_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (json_is_object(spec) && !json_object_get(spec, "volumeMode"))
		json_object_set_new(spec, "volumeMode", json_string("Filesystem"));
	return 0;
}

static int claim_prepare(struct admission *a, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	if (a->verb == ADMIT_CREATE)
		json_object_set_new(a->object, "status", json_pack("{s:s}", "phase", "Pending"));
	return 0;
}

static int claim_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (json_array_size(json_object_get(spec, "accessModes")) == 0)
		fault_add(a->faults, "spec.accessModes", FAULT_REQUIRED, NULL, "at least 1 access mode is required");
	if (!json_at(spec, "resources.requests.storage"))
		fault_add(a->faults, "spec.resources[storage]", FAULT_REQUIRED, NULL, "%s", "");
	return 0;
}

static const struct kind persistentvolumeclaims = {
	.group = "", .version = "v1", .kind = "PersistentVolumeClaim", .plural = "persistentvolumeclaims",
	.singular = "persistentvolumeclaim", .short_names = NAMES("pvc"),
	.flags = BUILT_IN | KIND_STATUS | KIND_DELETE_RETURNS_OBJECT,
	.immutable = NAMES("spec.accessModes", "spec.storageClassName", "spec.volumeMode"),
	COLUMNS(claim), .type = &type_core_PersistentVolumeClaim,
	.hooks = { .defaults = claim_defaults, .prepare = claim_prepare, .validate = claim_validate },
};

static json_t *volume_capacity(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "spec.capacity.storage");
}

static json_t *volume_modes(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return access_modes(json_at(o, "spec.accessModes"));
}

static json_t *volume_policy(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "spec.persistentVolumeReclaimPolicy");
}

static json_t *volume_claim(const json_t *o, int64_t now_ns)
{
	const char *ns = json_str_at(o, "spec.claimRef.namespace"), *name = json_str_at(o, "spec.claimRef.name");
	(void)now_ns;
	return name ? json_sprintf("%s/%s", ns ? ns : "", name) : json_string("");
}

static json_t *volume_reason(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return text_at(o, "status.reason");
}

static const struct kind_column columns_volume[] = {
	COLUMN_NAME,
	COLUMN("Capacity", "string", 0, volume_capacity, "Bytes it holds."),
	COLUMN("Access Modes", "string", 0, volume_modes, "How it may be mounted."),
	COLUMN("Reclaim Policy", "string", 0, volume_policy, "What happens to it when its claim is gone."),
	COLUMN("Status", "string", 0, claim_status, "Available, Bound, Released or Failed."),
	COLUMN("Claim", "string", 0, volume_claim, "The claim that it is bound to."),
	COLUMN("StorageClass", "string", 0, claim_class, "The storage class it belongs to."),
	COLUMN("VolumeAttributesClass", "string", 0, attributes_class, "The attributes class it has."),
	COLUMN("Reason", "string", 0, volume_reason, "Why it is in its status."),
	COLUMN_AGE,
	COLUMN("VolumeMode", "string", 1, volume_mode, "File system or block device."),
};

static int volume_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec");
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	if (!json_object_get(spec, "volumeMode"))
		json_object_set_new(spec, "volumeMode", json_string("Filesystem"));
	if (!json_object_get(spec, "persistentVolumeReclaimPolicy"))
		json_object_set_new(spec, "persistentVolumeReclaimPolicy", json_string("Retain"));
	return 0;
}

static int volume_prepare(struct admission *a, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	if (a->verb == ADMIT_CREATE)
		json_object_set_new(a->object, "status", json_pack("{s:s}", "phase", "Pending"));
	return 0;
}

static const struct kind persistentvolumes = {
	.group = "", .version = "v1", .kind = "PersistentVolume", .plural = "persistentvolumes", .singular = "persistentvolume",
	.short_names = NAMES("pv"), .flags = KIND_STATUS | KIND_UNCONDITIONAL | KIND_DELETE_RETURNS_OBJECT,
	COLUMNS(volume), .type = &type_core_PersistentVolume,
	.hooks = { .defaults = volume_defaults, .prepare = volume_prepare },
};

/* ---- stored, without a controller ---- */

static const struct kind_column columns_plain[] = { COLUMN_NAME, COLUMN_AGE };

static const struct kind resourcequotas = {
	.group = "", .version = "v1", .kind = "ResourceQuota", .plural = "resourcequotas", .singular = "resourcequota",
	.short_names = NAMES("quota"), .flags = BUILT_IN | KIND_STATUS | KIND_DELETE_RETURNS_OBJECT, COLUMNS(plain),
	.type = &type_core_ResourceQuota, .without_effect = "nothing is counted or refused by it",
};

static const struct kind limitranges = {
	.group = "", .version = "v1", .kind = "LimitRange", .plural = "limitranges", .singular = "limitrange",
	.short_names = NAMES("limits"), .flags = BUILT_IN, COLUMNS(plain), .type = &type_core_LimitRange,
	.without_effect = "no limits are set by it",
};

KIND_TABLE(core, &configmaps, &kind_endpoints, &kind_event, &limitranges, &namespaces, &kind_node,
	   &persistentvolumeclaims, &persistentvolumes, &kind_pod, &kind_replicationcontroller, &resourcequotas, &secrets,
	   &serviceaccounts, &kind_service)
