/*
 * What a crash left behind: fetched models of InferenceServices, volumes of claims and logs of pods that are not there
 * any more. Runs once after a start, when the resource store has been read; whatever is made meanwhile has an object
 * already.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>

#include "base/fs.h"
#include "base/log.h"
#include "codec/json.h"
#include "control/context.h"

/* Calls fn for every folder in DIR/below; what it says is nobody's is removed. */
static void each_folder(struct control *c, const char *below,
			bool (*wanted)(struct control *c, const char *below, const char *name))
{
	char path[PATH_MAX], inside[PATH_MAX];
	struct dirent *e;
	DIR *d = control_path(c, path, sizeof path, "%s", below) ? opendir(path) : NULL;
	if (!d)
		return;
	while ((e = readdir(d)) && !atomic_load(&c->stopping)) {
		if (e->d_name[0] == '.' || wanted(c, below, e->d_name) ||
		    !control_path(c, inside, sizeof inside, "%s/%s", below, e->d_name))
			continue;
		LOG_INFO("control", "removing what is nobody's", LOG_S("path", inside));
		fs_remove_tree(inside, NULL);
	}
	closedir(d);
}

/* models/NS/NAME */
static bool isvc_wanted(struct control *c, const char *below, const char *name)
{
	json_t *isvc = cluster_find(c->o.cluster, c->kinds.isvc, strchr(below, '/') + 1, name);
	bool wanted = isvc != NULL;
	json_decref(isvc);
	return wanted;
}

static bool models_wanted(struct control *c, const char *below, const char *name)
{
	char folder[PATH_MAX];
	if (snprintf(folder, sizeof folder, "%s/%s", below, name) < (int)sizeof folder)
		each_folder(c, folder, isvc_wanted);
	return true;
}

/* logs/pods/NS_NAME_UID */
static bool log_wanted(struct control *c, const char *below, const char *name)
{
	struct slice rest = slice_str(name), ns = slice_cut(&rest, '_'), pod = slice_cut(&rest, '_');
	char ns_text[CONTROL_NAME_BYTES], pod_text[CONTROL_NAME_BYTES];
	(void)below;
	if (!rest.len || ns.len >= sizeof ns_text || pod.len >= sizeof pod_text)
		return true;
	snprintf(ns_text, sizeof ns_text, "%.*s", SLICE_ARG(ns));
	snprintf(pod_text, sizeof pod_text, "%.*s", SLICE_ARG(pod));
	json_t *object = cluster_find(c->o.cluster, c->kinds.pod, ns_text, pod_text);
	const char *uid = json_str_at(object, "metadata.uid");
	bool wanted = uid && slice_is(rest, uid);
	json_decref(object);
	return wanted;
}

/* Does `path` of some object of that kind say `uid`? True when that cannot be told. */
static bool somebody_says(struct control *c, const struct kind *k, const char *path, const char *uid)
{
	struct resource_call call = {.kind = k};
	struct resource_list list;
	const json_t *item;
	size_t i;
	bool found = false;
	if (cluster_list(c->o.cluster, &call, &(struct list_options){0}, &list, NULL) < 0)
		return true;
	json_array_foreach(list.items, i, item)
	{
		const char *is = json_str_at(item, path);
		found = found || (is && strcmp(is, uid) == 0);
	}
	resource_list_release(&list);
	resource_call_release(&call);
	return found;
}

/* volumes/UID of a claim: somebody's data, so both the claim and its volume must be gone. */
static bool volume_wanted(struct control *c, const char *below, const char *name)
{
	(void)below;
	return somebody_says(c, c->kinds.claim, "metadata.uid", name) ||
	       somebody_says(c, c->kinds.volume, "spec.claimRef.uid", name);
}

void sweep(struct control *c)
{
	each_folder(c, "models", models_wanted);
	each_folder(c, "logs/pods", log_wanted);
	each_folder(c, "volumes", volume_wanted);
}
