/*
 * See image.h. Spec: the reference grammar of distribution/reference (a first component with '.' or ':' or named
 * "localhost" is a registry; without one it is docker.io, and a single component there lies in library/).
 */
#include "control/image.h"

#include "base/buf.h"
#include "base/check.h"
#include "codec/json.h"
#include "control/fetch.h"
#include "infer/model.h"

#define DATA_KEY "aliases.json"

const struct image_builtin image_builtins[] = {
    {"docker.io/coracle/sklearn", IMAGE_SKLEARN, "serves the scikit-learn model in /mnt/models"},
    {"docker.io/coracle/sklearn-transformer", IMAGE_TRANSFORMER,
     "scikit-learn transformer in front of a predictor; its file is env STORAGE_URI"},
    {"docker.io/kserve/sklearnserver", IMAGE_SKLEARN, "KServe's scikit-learn server"},
    {"gcr.io/kfserving/sklearnserver", IMAGE_SKLEARN, "KFServing's scikit-learn server"},
    {"docker.io/kserve/storage-initializer", IMAGE_HELPER, "fetches a storageUri"},
    {"docker.io/kserve/kserve-controller", IMAGE_CONTROLLER, "the InferenceService controller"},
    {"gcr.io/knative-releases/knative.dev/serving/cmd/queue", IMAGE_HELPER, "queue-proxy"},
};
const size_t image_builtins_n = COUNT_OF(image_builtins);

#define KIND_BIT(kind) (1u << (kind))
const struct image_setting image_setting_rows[] = {
    {"model", offsetof(struct image_settings, model), KIND_BIT(IMAGE_SKLEARN) | KIND_BIT(IMAGE_TRANSFORMER)},
    {"method", offsetof(struct image_settings, method), KIND_BIT(IMAGE_SKLEARN)},
};
const size_t image_settings_n = COUNT_OF(image_setting_rows);

static const char **setting(struct image_settings *s, size_t row)
{
	return (const char **)((char *)s + image_setting_rows[row].offset);
}

static bool component_ok(struct slice s)
{
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (!alnum && (i == 0 || i + 1 == s.len || !(c == '.' || c == '_' || c == '-')))
			return false;
	}
	return true;
}

static bool tag_ok(struct slice s)
{
	if (!s.len || s.len > 128 || s.ptr[0] == '.' || s.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '.' || c == '-'))
			return false;
	}
	return true;
}

static bool digest_ok(struct slice s)
{
	if (!slice_starts(s, "sha256:") || s.len != 7 + 64)
		return false;
	for (size_t i = 7; i < s.len; i++)
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
			return false;
	return true;
}

static bool registry_ok(struct slice s)
{
	struct slice rest = s, host = slice_cut(&rest, ':');
	uint64_t port;
	if (rest.ptr && (!slice_u64(rest, &port) || port > 65535))
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		      c == '-'))
			return false;
	}
	return host.len > 0;
}

/* name = everything before tag and digest. */
static void split_reference(struct slice all, struct slice *name, struct slice *tag, struct slice *digest)
{
	*tag = *digest = slice_of(NULL, 0);
	ptrdiff_t at = slice_find(all, '@');
	if (at >= 0) {
		*digest = slice_from(all, (size_t)at + 1);
		all = slice_sub(all, 0, (size_t)at);
	}
	for (size_t i = all.len; i-- > 0 && all.ptr[i] != '/';) {
		if (all.ptr[i] == ':') {
			*tag = slice_from(all, i + 1);
			all = slice_sub(all, 0, i);
			break;
		}
	}
	*name = all;
}

int image_normalize(const char *reference, char *out, struct err *err)
{
	struct slice name, tag, digest;
	split_reference(slice_str(reference), &name, &tag, &digest);
	struct slice path = name, registry = slice_of(NULL, 0);
	ptrdiff_t slash = slice_find(name, '/');
	if (slash > 0) {
		struct slice first = slice_sub(name, 0, (size_t)slash);
		if (slice_find(first, '.') >= 0 || slice_find(first, ':') >= 0 || slice_is(first, "localhost")) {
			registry = first;
			path = slice_from(name, (size_t)slash + 1);
		}
	}
	bool ok = path.len > 0 && (!registry.ptr || registry_ok(registry));
	size_t components = 0;
	struct slice rest = path, c;
	while (ok && (c = slice_cut(&rest, '/')).ptr) {
		ok = component_ok(c);
		components++;
	}
	if (!ok || (tag.ptr && !tag_ok(tag)) || (digest.ptr && !digest_ok(digest)) || name.len > 255)
		return err_set(err, ERR_INVALID, "couldn't parse image name \"%.200s\": invalid reference format",
			       reference ? reference : "");
	if (!registry.ptr || slice_is(registry, "index.docker.io"))
		registry = SLICE_LIT("docker.io");
	const char *library = slice_is(registry, "docker.io") && components == 1 ? "library/" : "";
	if (digest.ptr)
		snprintf(out, IMAGE_NAME_BYTES, "%.*s/%s%.*s@%.*s", SLICE_ARG(registry), library, SLICE_ARG(path),
			 SLICE_ARG(digest));
	else
		snprintf(out, IMAGE_NAME_BYTES, "%.*s/%s%.*s:%.*s", SLICE_ARG(registry), library, SLICE_ARG(path),
			 tag.ptr ? (int)tag.len : 6, tag.ptr ? tag.ptr : "latest");
	return 0;
}

bool image_same(const char *a, const char *b)
{
	char x[IMAGE_NAME_BYTES], y[IMAGE_NAME_BYTES];
	return image_normalize(a, x, NULL) == 0 && image_normalize(b, y, NULL) == 0 && !strcmp(x, y);
}

const struct image_builtin *image_builtin_find(const char *reference)
{
	char full[IMAGE_NAME_BYTES];
	if (!reference || image_normalize(reference, full, NULL) < 0)
		return NULL;
	struct slice name, tag, digest;
	split_reference(slice_str(full), &name, &tag, &digest);
	for (size_t i = 0; i < image_builtins_n; i++)
		if (slice_is(name, image_builtins[i].repository))
			return &image_builtins[i];
	return NULL;
}

/* ---- stored aliases: {"aliases": {"docker.io/…:latest": {"name": as given, "target": as given,
 * and each setting}}} ---- */

static json_t *aliases_of(const json_t *configmap)
{
	const char *text = json_string_value(json_object_get(json_object_get(configmap, "data"), DATA_KEY));
	json_t *doc = NULL, *map;
	if (text && json_decode(slice_str(text), 0, &doc, NULL) == 0 && json_is_object(doc) &&
	    json_is_object(map = json_object_get(doc, "aliases"))) {
		json_incref(map);
		json_decref(doc);
		return map;
	}
	json_decref(doc);
	return json_object();
}

json_t *image_aliases_new(void)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}}", "apiVersion", "v1", "kind", "ConfigMap", "metadata",
			 "name", IMAGE_ALIASES_CONFIGMAP, "namespace", IMAGE_ALIASES_NAMESPACE, "data", DATA_KEY,
			 "{\"aliases\":{}}");
}

/* Takes `map`. */
static json_t *with_aliases(const json_t *configmap, json_t *map)
{
	json_t *out = configmap ? json_deep_copy(configmap) : image_aliases_new();
	json_t *doc = json_pack("{s:o}", "aliases", map), *data = json_object_get(out, "data");
	if (!json_is_object(data)) {
		data = json_object();
		json_object_set_new(out, "data", data);
	}
	struct buf text;
	buf_init(&text, 1 << 20);
	json_encode(doc, JSON_ENCODE_SORTED, &text);
	json_object_set_new(data, DATA_KEY, json_stringn(text.ptr, text.len));
	buf_release(&text);
	json_decref(doc);
	return out;
}

static int add_settings(json_t *alias, const struct image_builtin *target, const struct image_settings *given,
			struct err *err)
{
	struct image_settings settings = given ? *given : (struct image_settings){0};
	char scheme[16];
	for (size_t i = 0; i < COUNT_OF(image_setting_rows); i++) {
		const char *value = *setting(&settings, i);
		if (!value || !*value)
			continue;
		if (!(image_setting_rows[i].kinds & KIND_BIT(target->kind)))
			return err_set(err, ERR_UNSUPPORTED, "%s takes no %s", target->repository,
				       image_setting_rows[i].name);
		json_object_set_new(alias, image_setting_rows[i].name, json_string(value));
	}
	if (settings.method && *settings.method &&
	    model_method_parse(slice_str(settings.method)) == MODEL_METHODS)
		return err_set(err, ERR_INVALID, "there is no method \"%.100s\"", settings.method);
	if (settings.model && settings.model[0] == '/')
		json_object_set_new(alias, "model", json_sprintf("file://%s", settings.model));
	else if (settings.model && *settings.model && fetch_scheme(settings.model, scheme, err) < 0)
		return -1;
	return 0;
}

int image_alias_set(const json_t *configmap, const char *name, const char *target,
		    const struct image_settings *settings, json_t **out, struct err *err)
{
	char full[IMAGE_NAME_BYTES];
	if (image_normalize(name, full, err) < 0)
		return -1;
	const struct image_builtin *builtin = image_builtin_find(target);
	if (!builtin || (builtin->kind != IMAGE_SKLEARN && builtin->kind != IMAGE_TRANSFORMER))
		return err_set(err, ERR_UNSUPPORTED,
			       "\"%.200s\" is not a built-in image; those that can be a target are coracle/sklearn and "
			       "coracle/sklearn-transformer",
			       target ? target : "");
	json_t *alias = json_pack("{s:s, s:s}", "name", name, "target", target);
	if (add_settings(alias, builtin, settings, err) < 0) {
		json_decref(alias);
		return -1;
	}
	json_t *map = aliases_of(configmap);
	json_object_set_new(map, full, alias);
	*out = with_aliases(configmap, map);
	return 0;
}

int image_alias_remove(const json_t *configmap, const char *name, json_t **out, struct err *err)
{
	char full[IMAGE_NAME_BYTES];
	if (image_normalize(name, full, err) < 0)
		return -1;
	json_t *map = aliases_of(configmap);
	if (json_object_del(map, full) < 0) {
		json_decref(map);
		return err_set(err, ERR_NOT_FOUND, "there is no alias \"%.200s\"", name);
	}
	*out = with_aliases(configmap, map);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Borrowed from `alias`. */
static void get_settings(const json_t *alias, struct image_settings *out)
{
	for (size_t i = 0; i < COUNT_OF(image_setting_rows); i++) {
		const char *value = json_str_at(alias, image_setting_rows[i].name);
		*setting(out, i) = value ? value : "";
	}
}

void image_alias_each(const json_t *configmap,
		      void (*fn)(void *ctx, const char *name, const char *target, const struct image_settings *settings),
		      void *ctx)
{
	json_t *map = aliases_of(configmap), *value;
	const char *key, **keys = calloc(json_object_size(map) + 1, sizeof *keys);
	size_t n = 0;
	if (!keys)
		abort();
	json_object_foreach(map, key, value) keys[n++] = key;
	qsort(keys, n, sizeof *keys, compare_names);
	for (size_t i = 0; i < n; i++) {
		struct image_settings settings;
		value = json_object_get(map, keys[i]);
		const char *name = json_str_at(value, "name"), *target = json_str_at(value, "target");
		get_settings(value, &settings);
		if (target)
			fn(ctx, name ? name : keys[i], target, &settings);
	}
	free(keys);
	json_decref(map);
}

const char *image_alias_find(const json_t *configmap, const char *reference, struct arena *arena,
			     struct image_settings *settings)
{
	char full[IMAGE_NAME_BYTES];
	if (image_normalize(reference, full, NULL) < 0)
		return NULL;
	json_t *map = aliases_of(configmap);
	const json_t *alias = json_object_get(map, full);
	const char *target = json_str_at(alias, "target");
	get_settings(alias, settings);
	for (size_t i = 0; i < COUNT_OF(image_setting_rows); i++)
		*setting(settings, i) = arena_cstr(arena, slice_str(*setting(settings, i)));
	target = target ? arena_cstr(arena, slice_str(target)) : NULL;
	json_decref(map);
	return target;
}
