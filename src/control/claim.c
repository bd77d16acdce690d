/*
 * PersistentVolumeClaims: each binds at once to a volume of its own, DIR/volumes/<uid of the claim>, whatever its
 * storage class. The volume's capacity is what was asked for; nothing enforces it. When the claim goes, the volume goes
 * with its files (reclaim policy Delete).
 */
#include <limits.h>
#include <stdio.h>

#include "base/fs.h"
#include "codec/json.h"
#include "control/child.h"

#define MANAGER "kube-controller-manager"

static bool folder_of(struct control *c, const char *uid, char *out, size_t n)
{
	if (!uid || strchr(uid, '/') || uid[0] == '.' || !*uid)
		return false;
	return control_path(c, out, n, "volumes/%s", uid);
}

bool claim_folder(struct control *c, const char *namespace_, const char *claim, char *out, size_t n)
{
	json_t *o = cluster_find(c->o.cluster, c->kinds.claim, namespace_, claim);
	bool ok = folder_of(c, json_str_at(o, "metadata.uid"), out, n) && fs_mkdirs(out, 0700, NULL) == 0;
	json_decref(o);
	return ok;
}

static const char *storage_class(const json_t *claim)
{
	const char *s = json_str_at(claim, "spec.storageClassName");
	return s ? s : "";
}

static int volume_ensure(struct control *c, const json_t *claim, const char *name, const char *folder, struct err *err)
{
	const json_t *metadata = json_object_get(claim, "metadata"), *modes = json_at(claim, "spec.accessModes");
	const json_t *storage = json_at(claim, "spec.resources.requests.storage");
	const char *mode = json_str_at(claim, "spec.volumeMode");
	json_t *spec = json_pack("{s:{s:O}, s:O, s:{s:s, s:s, s:s, s:s, s:O}, s:s, s:s, s:s, s:{s:s, s:s}}", "capacity",
				 "storage", (json_t *)storage, "accessModes", (json_t *)modes, "claimRef", "apiVersion",
				 "v1", "kind", "PersistentVolumeClaim", "namespace", json_str_at(metadata, "namespace"),
				 "name", json_str_at(metadata, "name"), "uid", json_object_get(metadata, "uid"),
				 "persistentVolumeReclaimPolicy", "Delete", "storageClassName", storage_class(claim),
				 "volumeMode", mode ? mode : "Filesystem", "hostPath", "path", folder, "type", "");
	if (!spec)
		return err_set(err, ERR_INVALID, "the claim asks for no storage or no access mode");
	json_t *annotations = json_pack("{s:s}", "pv.kubernetes.io/provisioned-by", "coracle.dev/volume");
	json_t *o =
	    json_pack("{s:s, s:s, s:o, s:o, s:{s:s}}", "apiVersion", "v1", "kind", "PersistentVolume", "metadata",
		      child_metadata(NULL, name, NULL, NULL, annotations), "spec", spec, "status", "phase", "Bound");
	return child_ensure(c, c->kinds.volume, MANAGER, o, NULL, err);
}

static int set_volume(json_t *claim, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(claim, "spec"), *metadata = json_object_get(claim, "metadata");
	json_t *annotations = json_object_get(metadata, "annotations");
	(void)err;
	if (json_str_at(spec, "volumeName"))
		return 0;
	if (!annotations) {
		annotations = json_object();
		json_object_set_new(metadata, "annotations", annotations);
	}
	json_object_set_new(annotations, "pv.kubernetes.io/bind-completed", json_string("yes"));
	json_object_set_new(annotations, "pv.kubernetes.io/bound-by-controller", json_string("yes"));
	json_object_set_new(spec, "volumeName", json_string(ctx));
	return 1;
}

/* The claim names a volume that somebody made: bound once it is there. Its files lie in the claim's own folder; what
 * the volume says of a path of the host or of a server is not acted on. */
static int bind_named(struct control *c, const json_t *claim, const char *name, struct err *err)
{
	char folder[PATH_MAX];
	const json_t *metadata = json_object_get(claim, "metadata");
	const char *ns = json_str_at(metadata, "namespace"), *claim_name = json_str_at(metadata, "name");
	json_t *volume = cluster_find(c->o.cluster, c->kinds.volume, NULL, name);
	const char *owner = json_str_at(volume, "spec.claimRef.uid"), *uid = json_str_at(metadata, "uid");
	int rc = 0;
	if (!volume || (owner && strcmp(owner, uid) != 0))
		goto done; /* Pending, as in Kubernetes */
	json_t *o = json_pack("{s:s, s:s, s:{s:s}, s:{s:{s:s, s:s, s:s, s:s, s:s}}, s:{s:s}}", "apiVersion", "v1",
			      "kind", "PersistentVolume", "metadata", "name", name, "spec", "claimRef", "apiVersion",
			      "v1", "kind", "PersistentVolumeClaim", "namespace", ns, "name", claim_name, "uid", uid,
			      "status", "phase", "Bound");
	if (!owner && c->o.recorder)
		recorder_event(c->o.recorder, claim, "persistentvolume-controller", "Warning", "VolumeSourceNotActedOn",
			       "volume %s: its source is stored, but the claim's files lie in a folder of its own",
			       name);
	rc = child_ensure(c, c->kinds.volume, MANAGER, o, NULL, err);
	if (rc == 0 && (!folder_of(c, uid, folder, sizeof folder) || fs_mkdirs(folder, 0700, err) < 0))
		rc = -1;
	if (rc == 0)
		rc = child_status(c, c->kinds.claim, MANAGER, ns, claim_name,
				  json_pack("{s:O*, s:O*, s:s}", "accessModes", json_at(claim, "spec.accessModes"),
					    "capacity", json_at(volume, "spec.capacity"), "phase", "Bound"),
				  err);
done:
	json_decref(volume);
	return rc;
}

static int bind(struct control *c, const json_t *claim, struct err *err)
{
	char name[128], folder[PATH_MAX];
	const char *uid = json_str_at(claim, "metadata.uid"), *ns = json_str_at(claim, "metadata.namespace");
	const char *claim_name = json_str_at(claim, "metadata.name"), *bound = json_str_at(claim, "spec.volumeName");
	json_t *updated = NULL;
	snprintf(name, sizeof name, "pvc-%.100s", uid);
	if (bound && strcmp(bound, name) != 0)
		return bind_named(c, claim, bound, err);
	/* the folder after the object that it belongs to: sweep.c takes folders that are nobody's */
	if (!folder_of(c, uid, folder, sizeof folder) || volume_ensure(c, claim, name, folder, err) < 0 ||
	    fs_mkdirs(folder, 0700, err) < 0)
		return -1;
	struct resource_call call = {.kind = c->kinds.claim, .namespace = ns, .name = claim_name, .manager = MANAGER};
	int rc = cluster_modify(c->o.cluster, &call, set_volume, name, &updated, err);
	json_decref(updated);
	resource_call_release(&call);
	if (rc < 0)
		return -1;
	json_t *status = json_pack("{s:O, s:{s:O}, s:s}", "accessModes", json_at(claim, "spec.accessModes"), "capacity",
				   "storage", json_at(claim, "spec.resources.requests.storage"), "phase", "Bound");
	if (!bound && c->o.recorder)
		recorder_event(c->o.recorder, claim, "persistentvolume-controller", "Normal", "ProvisioningSucceeded",
			       "Successfully provisioned volume %s", name);
	return child_status(c, c->kinds.claim, MANAGER, ns, claim_name, status, err);
}

/* Volumes whose claim is gone. */
static int reclaim(struct control *c, const char *ns, const char *claim, struct err *err)
{
	struct resource_call call = {.kind = c->kinds.volume};
	struct resource_list list;
	const json_t *item;
	size_t i;
	int rc = cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, err);
	resource_call_release(&call);
	if (rc < 0)
		return -1;
	json_array_foreach(list.items, i, item)
	{
		const json_t *ref = json_at(item, "spec.claimRef");
		const char *uid = json_str_at(ref, "uid"), *is_ns = json_str_at(ref, "namespace");
		const char *is_name = json_str_at(ref, "name");
		const char *policy = json_str_at(item, "spec.persistentVolumeReclaimPolicy");
		char folder[PATH_MAX];
		if (!is_ns || !is_name || strcmp(is_ns, ns) != 0 || strcmp(is_name, claim) != 0 ||
		    !folder_of(c, uid, folder, sizeof folder))
			continue;
		json_t *live = cluster_find(c->o.cluster, c->kinds.claim, ns, claim);
		const char *live_uid = json_str_at(live, "metadata.uid");
		bool gone = !live_uid || strcmp(live_uid, uid) != 0;
		json_decref(live);
		if (!gone)
			continue;
		if (!policy || strcmp(policy, "Delete") != 0) { /* kept, with its files */
			rc = child_status(c, c->kinds.volume, MANAGER, NULL, json_str_at(item, "metadata.name"),
					  json_pack("{s:s}", "phase", "Released"), err);
			if (rc < 0)
				break;
			continue;
		}
		rc = fs_remove_tree(folder, err) < 0
			 ? -1
			 : child_delete(c, c->kinds.volume, NULL, json_str_at(item, "metadata.name"), err);
		if (rc < 0)
			break;
	}
	resource_list_release(&list);
	return rc;
}

int64_t claim_work(void *control, const char *key, struct err *err)
{
	struct control *c = control;
	char ns[CONTROL_NAME_BYTES], name[CONTROL_NAME_BYTES];
	if (!control_key_split(key, ns, name))
		return 0;
	json_t *claim = cluster_find(c->o.cluster, c->kinds.claim, ns, name);
	int rc = reclaim(c, ns, name, err);
	if (rc == 0 && claim && !json_at(claim, "metadata.deletionTimestamp"))
		rc = bind(c, claim, err);
	json_decref(claim);
	return rc;
}
