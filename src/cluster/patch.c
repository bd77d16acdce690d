/* Merge patch (RFC 7386): see patch.h. */
#include "cluster/patch.h"

/* What is new keeps no nulls: they only say what to take away. */
static json_t *merged(const json_t *doc, const json_t *patch)
{
	const char *key;
	const json_t *value;
	if (!json_is_object(patch))
		return json_deep_copy(patch);
	json_t *out = json_is_object(doc) ? json_copy((json_t *)doc) : json_object();
	json_object_foreach((json_t *)patch, key, value)
	{
		if (json_is_null(value))
			json_object_del(out, key);
		else
			json_object_set_new(out, key, merged(json_object_get(out, key), value));
	}
	return out;
}

int patch_merge(const json_t *doc, const json_t *patch, json_t **out, struct err *err)
{
	if (!json_is_object(patch))
		return err_set(err, ERR_INVALID, "error decoding patch: a merge patch must be an object");
	json_t *shared = merged(doc, patch); /* untouched parts are still those of `doc` */
	*out = json_deep_copy(shared);
	json_decref(shared);
	return 0;
}
