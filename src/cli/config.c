/* Configuration: see config.h. Keys of the file are rows of a table. */
#include "cli/config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/limits.h"
#include "codec/yaml.h"
#include "net/address.h"

const char *const listener_names[LISTENERS] = {"inference", "s3", "kubernetes", "metrics"};
static const char *const listener_defaults[LISTENERS] = {"127.0.0.1:8080", "127.0.0.1:9000", "127.0.0.1:6443",
							 "127.0.0.1:9090"};

static void set(char **where, const char *value)
{
	free(*where);
	*where = value ? strdup(value) : NULL;
}

static int listener_find(const char *name, size_t n, struct err *err)
{
	for (int i = 0; i < LISTENERS; i++)
		if (strlen(listener_names[i]) == n && memcmp(listener_names[i], name, n) == 0)
			return i;
	return err_set(err, ERR_INVALID,
		       "there is no listener named \"%.*s\"; there are inference, s3, kubernetes, metrics", (int)n,
		       name);
}

static int set_listen(struct config *c, const char *name, size_t n, const char *address, struct err *err)
{
	int i = listener_find(name, n, err);
	if (i < 0)
		return -1;
	if (strcmp(address, "off") != 0 && !strrchr(address, ':'))
		return err_set(err, ERR_INVALID, "address of listener %s is HOST:PORT or off, not \"%s\"",
			       listener_names[i], address);
	set(&c->listen[i], strcmp(address, "off") == 0 ? NULL : address);
	return 0;
}

static int set_log(struct config *c, const char *key, const char *value, struct err *err)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	if (strcmp(key, "format") == 0) {
		if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
			return err_set(err, ERR_INVALID, "the log format is text or json, not \"%s\"", value);
		c->log_format = strcmp(value, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(levels); i++) {
		if (strcmp(value, levels[i]) == 0) {
			c->log_level = (enum log_level)i;
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "the log level is debug, info, warn or error, not \"%s\"", value);
}

/* One key of the file: a path, and what to do with its value. A map's entries come one by one, `entry` their key. */
struct key {
	const char *path;
	enum { KEY_STRING, KEY_BOOL, KEY_LIST, KEY_MAP } kind;
	int (*set)(struct config *c, const char *entry, const json_t *value, struct err *err);
};

static const char *text_of(const json_t *v)
{
	return json_string_value(v) ? json_string_value(v) : "";
}

static int key_listen(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	/* YAML reads a bare off as false. */
	return set_listen(c, entry, strlen(entry), json_is_false(v) ? "off" : text_of(v), err);
}

static int key_limit(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)c;
	if (!json_is_integer(v))
		return err_set(err, ERR_INVALID, "limits.%s is not a whole number", entry);
	return limits_set(slice_str(entry), json_integer_value(v), err);
}

static int key_image(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)err;
	*vec_push(&c->images) = (struct config_alias){strdup(entry), strdup(text_of(v))};
	return 0;
}

static int key_domain(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)entry;
	(void)err;
	set(&c->domain, text_of(v));
	return 0;
}

static int key_token(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)entry;
	(void)err;
	set(&c->token, text_of(v));
	return 0;
}

static int key_log(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	if (strcmp(entry, "format") != 0 && strcmp(entry, "level") != 0)
		return err_set(err, ERR_INVALID, "unknown key log.%s; there are log.format and log.level", entry);
	return set_log(c, entry, text_of(v), err);
}

static int key_access_log(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)entry;
	(void)err;
	c->access_log = json_is_true(v);
	return 0;
}

static int key_san(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)entry;
	(void)err;
	*vec_push(&c->tls_sans) = strdup(text_of(v));
	return 0;
}

static int key_file_root(struct config *c, const char *entry, const json_t *v, struct err *err)
{
	(void)entry;
	if (text_of(v)[0] != '/')
		return err_set(err, ERR_INVALID, "storage.file_roots: \"%s\" is not an absolute path", text_of(v));
	*vec_push(&c->file_roots) = strdup(text_of(v));
	return 0;
}

static const struct key keys[] = {
    {"access_log", KEY_BOOL, key_access_log},
    {"domain", KEY_STRING, key_domain},
    {"images", KEY_MAP, key_image},
    {"limits", KEY_MAP, key_limit},
    {"listen", KEY_MAP, key_listen},
    {"log", KEY_MAP, key_log},
    {"storage.file_roots", KEY_LIST, key_file_root},
    {"tls.sans", KEY_LIST, key_san},
    {"token", KEY_STRING, key_token},
};

/* The reader keeps no places: the first line that begins with the key is the one to look at. 0: none does. */
static int line_of(struct slice file, const char *key)
{
	int line = 0;
	while (file.len) {
		struct slice text = slice_trim(slice_cut(&file, '\n'));
		line++;
		if (slice_starts(text, key) && text.len > strlen(key) && text.ptr[strlen(key)] == ':')
			return line;
	}
	return 0;
}

static int at_line(struct slice file, const char *key, struct err *err)
{
	int line = line_of(file, key);
	return line ? err_wrap(err, "line %d", line) : -1;
}

static int apply_key(struct config *c, const struct key *k, struct slice file, const char *path, json_t *v,
		     struct err *err)
{
	const char *entry;
	json_t *item;
	size_t i;
	switch (k->kind) {
	case KEY_STRING:
		if (!json_is_string(v))
			return err_set(err, ERR_INVALID, "%s is not a string", path);
		return k->set(c, "", v, err);
	case KEY_BOOL:
		if (!json_is_boolean(v))
			return err_set(err, ERR_INVALID, "%s is not true or false", path);
		return k->set(c, "", v, err);
	case KEY_LIST:
		if (!json_is_array(v))
			return err_set(err, ERR_INVALID, "%s is not a list", path);
		json_array_foreach(v, i, item) if (k->set(c, "", item, err) < 0) return -1;
		return 0;
	case KEY_MAP:
		if (!json_is_object(v)) {
			err_set(err, ERR_INVALID, "%s is not a mapping", path);
			return at_line(file, path, err);
		}
		json_object_foreach(v, entry, item) if (k->set(c, entry, item, err) < 0)
			return at_line(file, line_of(file, entry) ? entry : path, err);
		return 0;
	}
	return 0;
}

static int apply_file(struct config *c, struct slice file, json_t *doc, const char *prefix, struct err *err)
{
	const char *name;
	json_t *v;
	if (!json_is_object(doc))
		return err_set(err, ERR_INVALID, "%s is not a mapping", *prefix ? prefix : "the document");
	json_object_foreach(doc, name, v)
	{
		char path[128];
		(void)snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", name);
		const struct key *found = NULL;
		bool above = false;
		for (size_t i = 0; i < COUNT_OF(keys); i++) {
			size_t n = strlen(path);
			if (strcmp(keys[i].path, path) == 0)
				found = &keys[i];
			above |= strncmp(keys[i].path, path, n) == 0 && keys[i].path[n] == '.';
		}
		if (found ? apply_key(c, found, file, path, v, err) < 0
			  : above && apply_file(c, file, v, path, err) < 0)
			return found && found->kind != KEY_MAP ? at_line(file, name, err) : -1;
		if (!found && !above) {
			err_set(err, ERR_INVALID, "unknown key \"%s\"", path);
			return at_line(file, name, err);
		}
	}
	return 0;
}

static int read_file(struct config *c, const char *path, struct err *err)
{
	char *text;
	size_t n;
	json_t *documents = NULL;
	if (fs_slurp(path, 1 << 20, &text, &n, err) < 0)
		return -1;
	int rc = yaml_decode(slice_of(text, n), YAML_PYYAML, &documents, err);
	if (rc == 0 && json_array_size(documents) > 1)
		rc = err_set(err, ERR_INVALID, "a configuration file is one document, not %zu",
			     json_array_size(documents));
	json_t *doc = json_array_get(documents, 0);
	if (rc == 0 && doc && !json_is_null(doc))
		rc = apply_file(c, slice_of(text, n), doc, "", err);
	json_decref(documents);
	free(text);
	return rc < 0 ? err_wrap(err, "%s", path) : 0;
}

static void read_environment(struct config *c)
{
	const char *user = getenv("MINIO_ROOT_USER"), *password = getenv("MINIO_ROOT_PASSWORD");
	if (user && password && *user && *password) {
		set(&c->access_key, user);
		set(&c->secret_key, password);
	}
	if (getenv("CORACLE_DOMAIN"))
		set(&c->domain, getenv("CORACLE_DOMAIN"));
	if (getenv("CORACLE_TOKEN"))
		set(&c->token, getenv("CORACLE_TOKEN"));
}

static int read_flag(struct config *c, const char *name, const char *value, struct err *err)
{
	const char *eq = strchr(value, '=');
	if (strcmp(name, "listen") == 0) {
		if (!eq)
			return err_set(err, ERR_INVALID, "--listen takes NAME=HOST:PORT, not \"%s\"", value);
		return set_listen(c, value, (size_t)(eq - value), eq + 1, err);
	}
	if (strcmp(name, "limit") == 0) {
		int64_t number;
		if (!eq || !slice_i64(slice_str(eq + 1), &number))
			return err_set(err, ERR_INVALID, "--limit takes NAME=NUMBER, not \"%s\"", value);
		return limits_set(slice_of(value, (size_t)(eq - value)), number, err);
	}
	if (strcmp(name, "free-ports") == 0)
		for (int i = 0; i < LISTENERS; i++)
			if (c->listen[i])
				set(&c->listen[i], "127.0.0.1:0");
	if (strcmp(name, "log-format") == 0)
		return set_log(c, "format", value, err);
	if (strcmp(name, "log-level") == 0)
		return set_log(c, "level", value, err);
	if (strcmp(name, "tls-san") == 0)
		*vec_push(&c->tls_sans) = strdup(value);
	if (strcmp(name, "token") == 0)
		set(&c->token, value);
	if (strcmp(name, "domain") == 0)
		set(&c->domain, value);
	c->detach |= strcmp(name, "detach") == 0;
	c->access_log |= strcmp(name, "access-log") == 0;
	c->insecure_listen |= strcmp(name, "insecure-listen") == 0;
	return 0;
}

/* s3 and kubernetes always authenticate; the other two only with a token, and metrics never. */
static int check_exposure(const struct config *c, struct err *err)
{
	for (int i = 0; i < LISTENERS; i++) {
		bool authenticated =
		    i == LISTENER_S3 || i == LISTENER_KUBERNETES || (i == LISTENER_INFERENCE && c->token);
		if (c->listen[i] && !address_is_loopback(c->listen[i]) && !authenticated && !c->insecure_listen)
			return err_set(err, ERR_INVALID,
				       "listener %s on %s would answer anybody; %sallow it with --insecure-listen",
				       listener_names[i], c->listen[i],
				       i == LISTENER_INFERENCE ? "set --token, or " : "");
	}
	return 0;
}

int config_read(const struct options *o, struct config *out, struct err *err)
{
	struct config c = {.log_level = LOG_LEVEL_INFO};
	set(&c.domain, "example.com");
	for (int i = 0; i < LISTENERS; i++)
		set(&c.listen[i], listener_defaults[i]);
	const char *file = options_get(o, "config", getenv("CORACLE_CONFIG"));
	int rc = file && *file ? read_file(&c, file, err) : 0;
	if (rc == 0)
		read_environment(&c);
	/* Ports first, so that --listen can still name one among --free-ports. */
	for (size_t i = 0; rc == 0 && i < o->given_n; i++)
		if (strcmp(o->given[i].option->name, "free-ports") == 0)
			rc = read_flag(&c, "free-ports", "", err);
	for (size_t i = 0; rc == 0 && i < o->given_n; i++)
		if (strcmp(o->given[i].option->name, "free-ports") != 0)
			rc = read_flag(&c, o->given[i].option->name, o->given[i].value, err);
	if (rc == 0)
		rc = check_exposure(&c, err);
	if (rc < 0) {
		config_release(&c);
		return -1;
	}
	*out = c;
	return 0;
}

void config_release(struct config *c)
{
	for (int i = 0; i < LISTENERS; i++)
		free(c->listen[i]);
	for (size_t i = 0; i < c->tls_sans.len; i++)
		free(c->tls_sans.ptr[i]);
	for (size_t i = 0; i < c->file_roots.len; i++)
		free(c->file_roots.ptr[i]);
	for (size_t i = 0; i < c->images.len; i++) {
		free(c->images.ptr[i].image);
		free(c->images.ptr[i].target);
	}
	vec_release(&c->tls_sans);
	vec_release(&c->file_roots);
	vec_release(&c->images);
	free(c->domain);
	free(c->token);
	free(c->access_key);
	free(c->secret_key);
	memset(c, 0, sizeof *c);
}
