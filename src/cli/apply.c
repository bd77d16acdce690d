/* `coracle apply` and `coracle delete`: server-side apply of manifests, and taking them away again. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/apiclient.h"
#include "codec/json.h"

static const char *meta(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(json_object_get(object, "metadata"), key));
	return value ? value : "";
}

static void print_name(struct apiclient *c, const struct api_kind *k, const char *name, const char *what)
{
	printf("%s/%s %s\n", apiclient_label(c, k), name, what);
}

static const char *namespace_of(const json_t *object, const struct options *o)
{
	return *meta(object, "namespace") ? meta(object, "namespace") : options_get(o, "namespace", "default");
}

static int apply_one(struct apiclient *c, const struct options *o, const json_t *object, struct err *err)
{
	struct api_kind kind;
	struct err none = {0};
	json_t *before = NULL, *after;
	struct buf body;
	const char *name = meta(object, "name");
	buf_init(&body, MANIFEST_BYTES_MAX);
	if (apiclient_kind_of(c, object, &kind, err) < 0)
		return -1;
	if (!*name)
		return err_set(err, ERR_INVALID, "%s has no metadata.name", kind.kind);
	const char *path = apiclient_path(c, &kind, namespace_of(object, o), name);
	if (apiclient_json(c, &(struct api_request){.path = path}, &before, &none) < 0)
		before = NULL;
	int rc = json_encode(object, 0, &body);
	if (rc == 0)
		rc = apiclient_json(c,
				    &(struct api_request){
					.method = "PATCH",
					.path = arena_printf(&c->arena, "%s?fieldManager=coracle&force=true", path),
					.content_type = "application/apply-patch+yaml",
					.body = slice_of(body.ptr, body.len),
				    },
				    &after, err);
	buf_release(&body);
	if (rc == 0) {
		bool same = before && strcmp(meta(before, "resourceVersion"), meta(after, "resourceVersion")) == 0;
		print_name(c, &kind, name, !before ? "created" : same ? "unchanged" : "configured");
		json_decref(after);
	}
	json_decref(before);
	return rc;
}

int command_apply(const struct options *o)
{
	struct apiclient c;
	struct err err = {0};
	json_t *documents, *document;
	size_t i;
	if (manifests_read(o, &documents, &err) < 0)
		return fail("apply", &err);
	int code = apiclient_open(&c, "apply", o);
	if (code == EXIT_OK) {
		json_array_foreach(documents, i, document)
		{
			err = (struct err){0};
			if (apply_one(&c, o, document, &err) < 0)
				code = fail("apply", &err);
		}
		apiclient_close(&c);
	}
	json_decref(documents);
	return code;
}

static int delete_one(struct apiclient *c, const struct options *o, const struct api_kind *kind, const char *ns,
		      const char *name, struct err *err)
{
	json_t *answer;
	const char *path = apiclient_path(c, kind, ns, name);
	if (apiclient_json(c, &(struct api_request){.method = "DELETE", .path = path}, &answer, err) < 0)
		return err->code == ERR_NOT_FOUND && options_has(o, "ignore-not-found") ? 0 : -1;
	json_decref(answer);
	print_name(c, kind, name, "deleted");
	return 0;
}

static int delete_files(struct apiclient *c, const struct options *o)
{
	struct err err = {0};
	json_t *documents;
	int code = EXIT_OK;
	if (manifests_read(o, &documents, &err) < 0)
		return fail("delete", &err);
	for (size_t i = json_array_size(documents); i-- > 0;) {
		struct api_kind kind;
		json_t *document = json_array_get(documents, i);
		err = (struct err){0};
		if (apiclient_kind_of(c, document, &kind, &err) < 0 ||
		    delete_one(c, o, &kind, namespace_of(document, o), meta(document, "name"), &err) < 0)
			code = fail("delete", &err);
	}
	json_decref(documents);
	return code;
}

int command_delete(const struct options *o)
{
	struct apiclient c;
	struct err err = {0};
	struct api_kind kind;
	const char *name;
	int code = apiclient_open(&c, "delete", o);
	if (code != EXIT_OK)
		return code;
	if (options_has(o, "filename")) {
		code = delete_files(&c, o);
	} else if (apiclient_target(&c, o, &kind, &name, &err) < 0) {
		code = fail("delete", &err);
	} else if (!name) {
		code = usage("delete", "name what to delete: coracle delete KIND NAME");
	} else if (delete_one(&c, o, &kind, options_get(o, "namespace", "default"), name, &err) < 0) {
		code = fail("delete", &err);
	}
	apiclient_close(&c);
	return code;
}
