/* Hooks of Secret and ConfigMap: see secret.h. */
#include "control/kinds/secret.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "codec/base64.h"
#include "codec/json.h"

enum { SECRET_BYTES_MAX = 1 << 20 };

/* stringData is written over data and forgotten. */
static void fold(json_t *o)
{
	json_t *plain = json_object_get(o, "stringData"), *data = json_object_get(o, "data"), *v;
	const char *key;
	if (!json_object_size(plain)) {
		json_object_del(o, "stringData");
		return;
	}
	if (!json_is_object(data)) {
		data = json_object();
		json_object_set_new(o, "data", data);
	}
	json_object_foreach(plain, key, v)
	{
		struct buf text;
		buf_init(&text, (size_t)2 * SECRET_BYTES_MAX);
		buf_str(&text, "");
		base64_encode(slice_of(json_string_value(v), json_string_length(v)), BASE64_STANDARD, &text);
		json_object_set_new(data, key, json_stringn(text.ptr, text.len));
		buf_release(&text);
	}
	json_object_del(o, "stringData");
}

int secret_defaults(struct admission *a, void *ctx, struct err *err)
{
	const char *type = json_string_value(json_object_get(a->object, "type"));
	(void)ctx;
	(void)err;
	fold(a->object);
	if (!type || !*type)
		json_object_set_new(a->object, "type", json_string("Opaque"));
	return 0;
}

/* A key of a ConfigMap or Secret: letters, digits, "-", "_" and ".". */
static bool good_key(const char *key)
{
	size_t n = strlen(key);
	return n > 0 && n <= 253 && strcmp(key, ".") != 0 && strncmp(key, "..", 2) != 0 &&
	       strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == n;
}

/* Faults of keys below `name`; bytes of the values, as they are stored. */
static size_t check_entries(const json_t *object, const char *name, struct fault_list *faults)
{
	size_t bytes = 0;
	const char *key;
	char path[400];
	json_t *v;
	json_object_foreach(json_object_get(object, name), key, v)
	{
		bytes += json_string_length(v);
		if (good_key(key))
			continue;
		(void)snprintf(path, sizeof path, "%s[%.300s]", name, key);
		fault_add_str(faults, path, FAULT_INVALID, key,
			      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
			      "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
	}
	return bytes;
}

static void check_immutable(struct admission *a, const char *const *fields, size_t n)
{
	if (a->verb != ADMIT_UPDATE || !json_is_true(json_object_get(a->old, "immutable")))
		return;
	if (!json_is_true(json_object_get(a->object, "immutable")))
		fault_add(a->faults, "immutable", FAULT_FORBIDDEN, NULL, "field is immutable when `immutable` is set");
	for (size_t i = 0; i < n; i++) {
		const json_t *was = json_object_get(a->old, fields[i]), *is = json_object_get(a->object, fields[i]);
		if (was != is && !json_equal(was, is))
			fault_add(a->faults, fields[i], FAULT_FORBIDDEN, NULL, "field is immutable when `immutable` is set");
	}
}

int secret_validate(struct admission *a, void *ctx, struct err *err)
{
	static const struct {
		const char *type;
		const char *keys[2];
	} demands[] = {
		{ "kubernetes.io/dockercfg", { ".dockercfg" } },
		{ "kubernetes.io/dockerconfigjson", { ".dockerconfigjson" } },
		{ "kubernetes.io/ssh-auth", { "ssh-privatekey" } },
		{ "kubernetes.io/tls", { "tls.crt", "tls.key" } },
	};
	static const char *const fixed[] = { "data" };
	const json_t *data = json_object_get(a->object, "data");
	const char *type = json_string_value(json_object_get(a->object, "type"));
	char path[400];
	size_t bytes = check_entries(a->object, "data", a->faults) / 4 * 3;
	(void)ctx;
	(void)err;
	if (bytes > SECRET_BYTES_MAX)
		fault_add(a->faults, "data", FAULT_TOO_LONG, NULL, "may not be more than %d bytes", SECRET_BYTES_MAX);
	for (size_t i = 0; i < COUNT_OF(demands); i++) {
		if (!type || strcmp(type, demands[i].type) != 0)
			continue;
		for (size_t j = 0; j < 2 && demands[i].keys[j]; j++) {
			(void)snprintf(path, sizeof path, "data[%s]", demands[i].keys[j]);
			if (!json_object_get(data, demands[i].keys[j]))
				fault_add(a->faults, path, FAULT_REQUIRED, NULL, "%s", "");
		}
	}
	check_immutable(a, fixed, COUNT_OF(fixed));
	return 0;
}

int configmap_validate(struct admission *a, void *ctx, struct err *err)
{
	static const char *const fixed[] = { "data", "binaryData" };
	const json_t *data = json_object_get(a->object, "data"), *v;
	const char *key;
	char path[400];
	size_t bytes = check_entries(a->object, "data", a->faults) + check_entries(a->object, "binaryData", a->faults);
	(void)ctx;
	(void)err;
	json_object_foreach(json_object_get(a->object, "binaryData"), key, v)
		if (json_object_get(data, key)) {
			(void)snprintf(path, sizeof path, "data[%.300s]", key);
			fault_add_str(a->faults, path, FAULT_INVALID, key, "duplicate of key present in binaryData");
		}
	if (bytes > SECRET_BYTES_MAX)
		fault_add(a->faults, "", FAULT_TOO_LONG, NULL, "may not be more than %d bytes", SECRET_BYTES_MAX);
	check_immutable(a, fixed, COUNT_OF(fixed));
	return 0;
}
