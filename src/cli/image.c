/*
 * `coracle image alias|ls|rm`: what the images of manifests mean. Aliases are kept in a ConfigMap of the running server
 * (control/image.h), so that kubectl shows them and a backup holds them.
 */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/apiclient.h"
#include "cli/output.h"
#include "codec/json.h"
#include "control/image.h"

enum { CONFLICT_TRIES = 5, BODY_BYTES_MAX = 4 << 20 };

static const struct api_kind config_maps = {"", "v1", "configmaps", "ConfigMap", true};

/* *out is NULL when there is none yet. */
static int read_aliases(struct apiclient *c, json_t **out, struct err *err)
{
	struct err why = {0};
	const char *path = apiclient_path(c, &config_maps, IMAGE_ALIASES_NAMESPACE, IMAGE_ALIASES_CONFIGMAP);
	*out = NULL;
	if (apiclient_json(c, &(struct api_request){.path = path}, out, &why) < 0 && why.code != ERR_NOT_FOUND) {
		*err = why;
		return -1;
	}
	return 0;
}

static int write_aliases(struct apiclient *c, bool exists, const json_t *doc, struct err *err)
{
	const char *path =
	    apiclient_path(c, &config_maps, IMAGE_ALIASES_NAMESPACE, exists ? IMAGE_ALIASES_CONFIGMAP : NULL);
	struct buf body;
	json_t *answer;
	buf_init(&body, BODY_BYTES_MAX);
	int rc = json_encode(doc, 0, &body) < 0 ? err_set(err, ERR_TOO_LARGE, "too many aliases") : 0;
	if (rc == 0)
		rc = apiclient_json(c,
				    &(struct api_request){
					.method = exists ? "PUT" : "POST",
					.path = path,
					.content_type = "application/json",
					.body = buf_view(&body),
				    },
				    &answer, err);
	buf_release(&body);
	if (rc == 0)
		json_decref(answer);
	return rc;
}

/* target NULL: the alias is removed. Again when another command wrote meanwhile. */
static int change(struct apiclient *c, const char *name, const char *target, const struct image_settings *settings,
		  struct err *err)
{
	for (int i = 0;; i++) {
		json_t *before, *after;
		struct err why = {0};
		if (read_aliases(c, &before, err) < 0)
			return -1;
		int rc = target ? image_alias_set(before, name, target, settings, &after, &why)
				: image_alias_remove(before, name, &after, &why);
		if (rc == 0) {
			rc = write_aliases(c, before != NULL, after, &why);
			json_decref(after);
		}
		json_decref(before);
		if (rc == 0)
			return 0;
		if (i == CONFLICT_TRIES || (why.code != ERR_CONFLICT && why.code != ERR_EXISTS)) {
			*err = why;
			return -1;
		}
	}
}

static const char *setting(const struct image_settings *s, size_t row)
{
	return *(const char *const *)((const char *)s + image_setting_rows[row].offset);
}

static void print_alias(void *ctx, const char *name, const char *target, const struct image_settings *settings)
{
	(void)ctx;
	printf("%-56s %s", name, target);
	for (size_t i = 0; i < image_settings_n; i++)
		if (*setting(settings, i))
			printf(" --%s %s", image_setting_rows[i].name, setting(settings, i));
	printf("\n");
}

static void add_alias(void *ctx, const char *name, const char *target, const struct image_settings *settings)
{
	json_t *row = json_pack("{s:s,s:s}", "name", name, "target", target);
	for (size_t i = 0; i < image_settings_n; i++)
		if (*setting(settings, i))
			json_object_set_new(row, image_setting_rows[i].name, json_string(setting(settings, i)));
	json_array_append_new(ctx, row);
}

static int list(struct apiclient *c, const struct options *o, struct err *err)
{
	json_t *doc, *all = json_array();
	if (read_aliases(c, &doc, err) < 0)
		return -1;
	image_alias_each(doc, add_alias, all);
	for (size_t i = 0; i < image_builtins_n; i++)
		json_array_append_new(all, json_pack("{s:s,s:s}", "name", image_builtins[i].repository, "builtin",
						     image_builtins[i].doc));
	if (!output_value(o, all)) {
		printf("%-56s %s\n", "NAME", "MEANS");
		image_alias_each(doc, print_alias, NULL);
		for (size_t i = 0; i < image_builtins_n; i++)
			printf("%-56s built in: %s\n", image_builtins[i].repository, image_builtins[i].doc);
	}
	json_decref(all);
	json_decref(doc);
	return 0;
}

static const struct image_verb {
	const char *name;
	size_t operands;
	const char *usage;
} verbs[] = {
    {"alias", 3, "image alias NAME TARGET [--model URI] [--method METHOD]"},
    {"ls", 1, "image ls"},
    {"rm", 2, "image rm NAME"},
};

int command_image(const struct options *o)
{
	const struct image_verb *verb = NULL;
	struct apiclient c;
	struct err err = {0};
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(o->operands[0], verbs[i].name) == 0)
			verb = &verbs[i];
	if (!verb)
		return usage("image", "there are image alias NAME TARGET, image ls and image rm NAME");
	if (o->operands_n != verb->operands ||
	    (verb->operands != 3 && (options_has(o, "model") || options_has(o, "method"))))
		return usage("image", verb->usage);
	int code = output_check("image", o);
	if (code == EXIT_OK)
		code = apiclient_open(&c, "image", o);
	if (code != EXIT_OK)
		return code;
	const struct image_settings settings = {options_get(o, "model", ""), options_get(o, "method", "")};
	int rc = verb->operands == 1
		     ? list(&c, o, &err)
		     : change(&c, o->operands[1], verb->operands == 3 ? o->operands[2] : NULL, &settings, &err);
	if (rc < 0)
		code = fail("image", &err);
	apiclient_close(&c);
	return code;
}
