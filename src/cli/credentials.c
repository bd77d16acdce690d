/* S3 keys of a data directory: see credentials.h. */
#include "cli/credentials.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/random.h"

enum { ACCESS_KEY_CHARS = 20, SECRET_KEY_CHARS = 40 };

static bool take(char *out, const char *value)
{
	if (!value || !*value || strlen(value) >= CREDENTIAL_BYTES_MAX)
		return false;
	memcpy(out, value, strlen(value) + 1);
	return true;
}

static int save(const char *path, const struct credentials *c, struct err *err)
{
	json_t *doc = json_pack("{s:s,s:s}", "access_key", c->access_key, "secret_key", c->secret_key);
	char *text = doc ? json_dumps(doc, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
	json_decref(doc);
	if (!text)
		return err_set(err, ERR_INVALID, "the access key or secret key is not UTF-8");
	int rc = fs_replace(path, slice_str(text), 0600, err);
	free(text);
	return rc;
}

int credentials_open(const struct datadir *d, const struct config *config, struct credentials *out, struct err *err)
{
	const char *path = datadir_path(d, "pki/credentials.json");
	struct credentials c = { 0 };
	json_t *doc = json_load_file(path, 0, NULL);
	bool known = take(c.access_key, json_string_value(json_object_get(doc, "access_key"))) &&
		     take(c.secret_key, json_string_value(json_object_get(doc, "secret_key")));
	json_decref(doc);
	bool given = config->access_key && config->secret_key;
	bool same = known && given && strcmp(c.access_key, config->access_key) == 0 &&
		    strcmp(c.secret_key, config->secret_key) == 0;
	if (given && !same) {
		if (strlen(config->access_key) < 3 || strlen(config->secret_key) < 8)
			return err_set(err, ERR_INVALID, "MINIO_ROOT_USER needs 3 characters and MINIO_ROOT_PASSWORD 8");
		if (!take(c.access_key, config->access_key) || !take(c.secret_key, config->secret_key))
			return err_set(err, ERR_INVALID, "the access key and the secret key have at most %d characters",
				       CREDENTIAL_BYTES_MAX - 1);
	} else if (!known) {
		static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
		random_string(&random_os, digits, c.access_key, ACCESS_KEY_CHARS);
		random_string(&random_os, digits, c.secret_key, SECRET_KEY_CHARS);
	}
	if ((!known || (given && !same)) && save(path, &c, err) < 0)
		return -1;
	*out = c;
	return 0;
}
