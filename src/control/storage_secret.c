/* See storage_secret.h. Source: KServe's pkg/credentials (service_account_credentials.go, s3_secret.go). */
#include "control/storage_secret.h"

#include <strings.h>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/json.h"

#define STORAGE_SECRET "storage-config"
#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

/* A value of Secret.data, decoded, or NULL. */
static const char *secret_value(const json_t *secret, const char *key, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(json_object_get(secret, "data"), key));
	struct slice bytes;
	if (!text || !base64_decode(slice_str(text), BASE64_STANDARD, arena, &bytes))
		return NULL;
	return arena_cstr(arena, slice_trim(bytes));
}

static const char *either(const char *a, const char *b)
{
	return a ? a : b;
}

/* serving.kserve.io/NAME, or the name of KFServing's days. */
static const char *annotation(const json_t *object, const char *name)
{
	static const char *const prefixes[] = {"serving.kserve.io/", "serving.kubeflow.org/"};
	const json_t *all = json_at(object, "metadata.annotations");
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		char key[128];
		snprintf(key, sizeof key, "%s%s", prefixes[i], name);
		const char *value = json_string_value(json_object_get(all, key));
		if (value)
			return value;
	}
	return NULL;
}

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_cstr(arena, slice_str(text)) : "";
}

static bool is_true(const char *text)
{
	return text && (!strcmp(text, "1") || !strcasecmp(text, "true"));
}

static bool is_false(const char *text)
{
	return text && (!strcmp(text, "0") || !strcasecmp(text, "false"));
}

/*
 * KServe mounts the ConfigMap at the folder of the bundle's path, so the path's last step is the key. The path alone means
 * a file of the initializer's image, of which there is only the system's bundle here.
 */
static int ca_bundle(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_,
		     const char *configmap, const char *path, struct arena *arena, struct storage_credentials *out,
		     struct err *err)
{
	const char *slash = path ? strrchr(path, '/') : NULL, *key = slash ? slash + 1 : path;
	if (!configmap || !*configmap)
		return !key || !*key || !strcmp(path, SYSTEM_BUNDLE)
			   ? 0
			   : err_set(err, ERR_UNSUPPORTED,
				     "s3-cabundle \"%.200s\" names a file of the storage initializer's image: give "
				     "s3-cabundle-configmap, the ConfigMap that holds %s",
				     path, key);
	key = key && *key ? key : "cabundle.crt";
	json_t *map = cluster_find(c, kinds->config_map, namespace_, configmap);
	const char *pem = json_string_value(json_object_get(json_object_get(map, "data"), key));
	out->ca_pem = pem ? keep(arena, pem) : NULL;
	json_decref(map);
	return out->ca_pem ? 0 : err_set(err, ERR_NOT_FOUND, "configmap \"%s\" with key %s not found", configmap, key);
}

/* Fills `out` from a secret that has S3 keys or S3 annotations; otherwise leaves it. */
static int take_secret(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_,
		       const json_t *secret, struct arena *arena, struct storage_credentials *out, struct err *err)
{
	const char *id =
	    either(secret_value(secret, "AWS_ACCESS_KEY_ID", arena), secret_value(secret, "awsAccessKeyID", arena));
	const char *key = either(secret_value(secret, "AWS_SECRET_ACCESS_KEY", arena),
				 secret_value(secret, "awsSecretAccessKey", arena));
	const char *endpoint = annotation(secret, "s3-endpoint"),
		   *anonymous = annotation(secret, "s3-useanoncredential");
	if (!id && !endpoint && !anonymous)
		return 0;
	const char *token = secret_value(secret, "AWS_SESSION_TOKEN", arena);
	*out = (struct storage_credentials){
	    .found = true,
	    .secret = keep(arena, json_str_at(secret, "metadata.name")),
	    .s3 =
		{
		    .endpoint = keep(arena, endpoint),
		    .region = keep(arena, annotation(secret, "s3-region")),
		    .access_key = id ? id : "",
		    .secret_key = key ? key : "",
		    .session_token = token ? token : "",
		    .https = !is_false(annotation(secret, "s3-usehttps")),
		    .verify = !is_false(annotation(secret, "s3-verifyssl")),
		    .anonymous = is_true(anonymous),
		    .virtual_host = is_true(annotation(secret, "s3-usevirtualbucket")),
		    .ca_file = "",
		},
	};
	return ca_bundle(c, kinds, namespace_, annotation(secret, "s3-cabundle-configmap"),
			 annotation(secret, "s3-cabundle"), arena, out, err);
}

int storage_credentials_of(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_,
			   const char *service_account, struct arena *arena, struct storage_credentials *out,
			   struct err *err)
{
	bool given = service_account && *service_account;
	const char *name = given ? service_account : "default", *missing = NULL;
	struct storage_credentials found = {.secret = ""};
	json_t *account = cluster_find(c, kinds->service_account, namespace_, name);
	const json_t *item;
	size_t i;
	int rc = 0;
	if (!account && given && strcmp(name, "default") != 0)
		return err_set(err, ERR_NOT_FOUND, "serviceaccount \"%s\" not found in namespace \"%s\"", name,
			       namespace_);
	json_array_foreach(json_object_get(account, "secrets"), i, item)
	{
		const char *secret_name = json_str_at(item, "name");
		json_t *secret = secret_name ? cluster_find(c, kinds->secret, namespace_, secret_name) : NULL;
		if (!secret) {
			missing = missing ? missing : keep(arena, secret_name ? secret_name : "");
			continue;
		}
		rc = take_secret(c, kinds, namespace_, secret, arena, &found, err);
		json_decref(secret);
		if (rc < 0 || found.found)
			break;
	}
	json_decref(account);
	if (rc == 0 && !found.found && missing)
		rc = err_set(err, ERR_NOT_FOUND, "secret \"%s\" of serviceaccount \"%s\" not found in namespace \"%s\"",
			     missing, name, namespace_);
	if (rc == 0)
		*out = found;
	return rc;
}

/* The entry of storage-config as JSON, new reference. */
static int config_entry(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_, const char *key,
			struct arena *arena, json_t **out, struct err *err)
{
	json_t *secret = cluster_find(c, kinds->secret, namespace_, STORAGE_SECRET);
	if (!secret)
		return err_set(err, ERR_NOT_FOUND, "secret \"" STORAGE_SECRET "\" not found in namespace \"%s\"",
			       namespace_);
	const char *text = secret_value(secret, key, arena);
	json_decref(secret);
	if (!text)
		return err_set(err, ERR_NOT_FOUND, "secret \"" STORAGE_SECRET "\" has no key \"%s\"", key);
	if (json_decode(slice_str(text), 0, out, err) < 0)
		return err_wrap(err, "secret \"" STORAGE_SECRET "\", key \"%s\"", key);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	return err_set(err, ERR_INVALID, "secret \"" STORAGE_SECRET "\", key \"%s\": a JSON object is wanted", key);
}

int storage_config_of(struct cluster *c, const struct storage_kinds *kinds, const char *namespace_,
		      const json_t *storage, struct arena *arena, const char **uri, struct storage_credentials *out,
		      struct err *err)
{
	const json_t *parameters = json_object_get(storage, "parameters");
	const char *key = json_str_at(storage, "key"), *path = json_str_at(storage, "path");
	const char *type = json_str_at(parameters, "type");
	char fallback[64];
	json_t *entry = NULL;
	if (!key) {
		snprintf(fallback, sizeof fallback, type ? "default_%.40s" : "default", type);
		key = fallback;
	}
	if (config_entry(c, kinds, namespace_, key, arena, &entry, err) < 0)
		return -1;
	json_object_update(entry, (json_t *)parameters);
	type = json_str_at(entry, "type");
	const char *bucket = either(json_str_at(entry, "bucket"), json_str_at(entry, "default_bucket"));
	int rc = 0;
	if (!type || strcmp(type, "s3") != 0) {
		rc = err_set(err, ERR_UNSUPPORTED, "storage \"%s\": type \"%s\" is not supported; s3 is", key,
			     type ? type : "");
	} else if (!bucket || !*bucket) {
		rc = err_set(err, ERR_INVALID, "storage \"%s\" names no bucket", key);
	} else {
		while (path && *path == '/')
			path++;
		*uri = arena_printf(arena, "s3://%s%s%s", bucket, path && *path ? "/" : "", path ? path : "");
		const char *endpoint = json_str_at(entry, "endpoint_url");
		*out = (struct storage_credentials){
		    .found = true,
		    .secret = STORAGE_SECRET,
		    .s3 =
			{
			    .endpoint = keep(arena, endpoint),
			    .region = keep(arena, json_str_at(entry, "region")),
			    .access_key = keep(arena, json_str_at(entry, "access_key_id")),
			    .secret_key = keep(arena, json_str_at(entry, "secret_access_key")),
			    .session_token = "",
			    .https = true,
			    .verify = !is_false(json_str_at(entry, "verify_ssl")),
			    .anonymous = is_true(json_str_at(entry, "anonymous")),
			    .ca_file = "",
			},
		};
		rc = ca_bundle(c, kinds, namespace_, json_str_at(entry, "cabundle_configmap"), NULL, arena, out,
			       err);
	}
	json_decref(entry);
	return rc;
}
