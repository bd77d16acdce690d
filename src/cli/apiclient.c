/* The API seen from the command line: see apiclient.h. */
#include "cli/apiclient.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/fs.h"
#include "codec/json.h"
#include "codec/url.h"
#include "codec/yaml.h"
#include "net/client.h"

static const char accept_discovery[] =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

int apiclient_open(struct apiclient *c, const char *command, const struct options *o)
{
	struct err err = {0};
	json_t *running;
	memset(c, 0, sizeof *c);
	if (datadir_find(o, &c->data, &err) < 0)
		return fail(command, &err);
	if (datadir_running(&c->data, &running, &err) < 0) {
		fail(command, &err);
		return EXIT_NOT_RUNNING;
	}
	const char *address = json_string_value(json_object_get(json_object_get(running, "listeners"), "kubernetes"));
	(void)snprintf(c->server, sizeof c->server, "https://%s", address ? address : "");
	json_decref(running);
	if (!c->server[8]) {
		err_set(&err, ERR_UNAVAILABLE, "the kubernetes listener is off");
		return fail(command, &err);
	}
	char *token;
	size_t n;
	if (fs_slurp(datadir_path(&c->data, "pki/admin.token"), sizeof c->token - 1, &token, &n, &err) < 0)
		return fail(command, &err);
	while (n > 0 && (token[n - 1] == '\n' || token[n - 1] == ' '))
		n--;
	memcpy(c->token, token, n);
	free(token);
	arena_init(&c->arena, 64 << 10, ANSWER_BYTES_MAX + (64 << 20));
	return EXIT_OK;
}

void apiclient_close(struct apiclient *c)
{
	json_decref(c->kinds);
	arena_release(&c->arena);
}

static int fetch(struct apiclient *c, const struct api_request *r, struct client_response *response, struct err *err)
{
	const char *headers[3];
	size_t n = 0;
	headers[n++] = arena_printf(&c->arena, "Authorization: Bearer %s", c->token);
	headers[n++] = arena_printf(&c->arena, "Accept: %s", r->accept ? r->accept : "application/json");
	if (r->content_type)
		headers[n++] = arena_printf(&c->arena, "Content-Type: %s", r->content_type);
	struct client_request request = {
	    .method = r->method,
	    .url = arena_printf(&c->arena, "%s%s", c->server, r->path),
	    .headers = headers,
	    .headers_n = n,
	    .body = r->body,
	    .body_bytes = (int64_t)r->body.len,
	    .addresses = CLIENT_ALLOW_LOOPBACK | CLIENT_ALLOW_PRIVATE,
	    .ca_file = datadir_path(&c->data, "pki/ca.crt"),
	    .write = r->write,
	    .write_arg = r->arg,
	    .bytes_max = r->write ? 0 : ANSWER_BYTES_MAX,
	    .arena = &c->arena,
	};
	return client_fetch(&request, response, err);
}

/* The first code of the table that is answered with this status. */
static enum err_code code_of(int status)
{
	for (int code = ERR_OK + 1; code < ERR_COUNT; code++)
		if (err_info((enum err_code)code)->http == status)
			return (enum err_code)code;
	return ERR_INVALID;
}

/* The message of a Status, or what came instead of one. */
static int refuse(const struct client_response *response, struct err *err)
{
	json_t *status = NULL;
	struct err ignored = {0};
	const char *message = NULL;
	if (json_decode(response->body, 0, &status, &ignored) == 0)
		message = json_string_value(json_object_get(status, "message"));
	if (message)
		err_set(err, code_of(response->status), "%s", message);
	else
		err_set(err, code_of(response->status), "the server answered %d", response->status);
	json_decref(status);
	return -1;
}

int apiclient_json(struct apiclient *c, const struct api_request *r, json_t **out, struct err *err)
{
	struct client_response response = {0};
	if (fetch(c, r, &response, err) < 0)
		return -1;
	if (response.status >= 400)
		return refuse(&response, err);
	return json_decode(response.body, 0, out, err);
}

int apiclient_stream(struct apiclient *c, const struct api_request *r, struct err *err)
{
	struct client_response response = {0};
	if (fetch(c, r, &response, err) < 0)
		return -1;
	return response.status >= 400 ? refuse(&response, err) : 0;
}

/* Flattens an APIGroupDiscoveryList into [{group, version, plural, kind, singular, short[], namespaced}]. */
static void flatten(json_t *list, json_t *out)
{
	size_t i, j, k;
	json_t *group, *version, *resource;
	json_array_foreach(json_object_get(list, "items"), i, group)
	    json_array_foreach(json_object_get(group, "versions"), j, version)
		json_array_foreach(json_object_get(version, "resources"), k, resource)
	{
		json_t *row = json_object(), *kind = json_object_get(resource, "responseKind");
		const char *name = json_string_value(json_object_get(json_object_get(group, "metadata"), "name"));
		json_object_set_new(row, "group", json_string(name ? name : ""));
		json_object_set(row, "version", json_object_get(version, "version"));
		json_object_set(row, "plural", json_object_get(resource, "resource"));
		json_object_set(row, "singular", json_object_get(resource, "singularResource"));
		json_object_set(row, "kind", json_object_get(kind, "kind"));
		json_object_set(row, "short", json_object_get(resource, "shortNames"));
		const char *scope = json_string_value(json_object_get(resource, "scope"));
		json_object_set_new(row, "namespaced", json_boolean(scope && strcmp(scope, "Namespaced") == 0));
		json_array_append_new(out, row);
	}
}

static int discover(struct apiclient *c, struct err *err)
{
	static const char *const roots[] = {"/api", "/apis"};
	if (c->kinds)
		return 0;
	json_t *kinds = json_array();
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		json_t *list;
		if (apiclient_json(c, &(struct api_request){.path = roots[i], .accept = accept_discovery}, &list, err) <
		    0) {
			json_decref(kinds);
			return -1;
		}
		flatten(list, kinds);
		json_decref(list);
	}
	c->kinds = kinds;
	return 0;
}

static const char *text(const json_t *row, const char *key)
{
	const char *value = json_string_value(json_object_get(row, key));
	return value ? value : "";
}

static void fill(const json_t *row, struct api_kind *out)
{
	*out = (struct api_kind){text(row, "group"), text(row, "version"), text(row, "plural"), text(row, "kind"),
				 json_is_true(json_object_get(row, "namespaced"))};
}

static bool row_is(const json_t *row, const char *name)
{
	static const char *const keys[] = {"plural", "singular", "kind"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (text(row, keys[i])[0] && strcasecmp(text(row, keys[i]), name) == 0)
			return true;
	size_t i, n = strlen(text(row, "plural"));
	json_t *shorter;
	json_array_foreach(json_object_get(row, "short"), i,
			   shorter) if (strcasecmp(json_string_value(shorter), name) == 0) return true;
	return strncasecmp(text(row, "plural"), name, n) == 0 && name[n] == '.' &&
	       strcasecmp(name + n + 1, text(row, "group")) == 0;
}

int apiclient_kind(struct apiclient *c, const char *name, struct api_kind *out, struct err *err)
{
	size_t i;
	json_t *row;
	if (discover(c, err) < 0)
		return -1;
	json_array_foreach(c->kinds, i, row)
	{
		if (row_is(row, name)) {
			fill(row, out);
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "the server doesn't have a resource type \"%s\"", name);
}

int apiclient_kind_of(struct apiclient *c, const json_t *object, struct api_kind *out, struct err *err)
{
	const char *api_version = text(object, "apiVersion"), *kind = text(object, "kind");
	size_t i;
	json_t *row;
	if (!*api_version || !*kind)
		return err_set(err, ERR_INVALID, "a manifest needs apiVersion and kind");
	if (discover(c, err) < 0)
		return -1;
	json_array_foreach(c->kinds, i, row)
	{
		char both[512];
		const char *group = text(row, "group");
		(void)snprintf(both, sizeof both, "%s%s%s", group, *group ? "/" : "", text(row, "version"));
		if (strcmp(both, api_version) == 0 && strcmp(text(row, "kind"), kind) == 0) {
			fill(row, out);
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "no matches for kind \"%s\" in version \"%s\"", kind, api_version);
}

const char *apiclient_encoded(struct apiclient *c, const char *text_)
{
	struct buf b;
	buf_init(&b, ANSWER_BYTES_MAX);
	url_encode(slice_str(text_), URL_ENCODE_ALL, &b);
	const char *out = arena_printf(&c->arena, "%.*s", (int)b.len, b.ptr ? b.ptr : "");
	buf_release(&b);
	return out;
}

const char *apiclient_path(struct apiclient *c, const struct api_kind *k, const char *ns, const char *name)
{
	const char *root = *k->group ? arena_printf(&c->arena, "/apis/%s/%s", k->group, k->version)
				     : arena_printf(&c->arena, "/api/%s", k->version);
	const char *scope =
	    k->namespaced && ns && *ns ? arena_printf(&c->arena, "/namespaces/%s", apiclient_encoded(c, ns)) : "";
	return arena_printf(&c->arena, "%s%s/%s%s%s", root, scope, k->plural, name ? "/" : "",
			    name ? apiclient_encoded(c, name) : "");
}

const char *apiclient_label(struct apiclient *c, const struct api_kind *k)
{
	char *label = arena_printf(&c->arena, "%s%s%s", k->kind, *k->group ? "." : "", k->group);
	for (char *p = label; p && *p && *p != '.'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	return label ? label : k->kind;
}

int apiclient_target(struct apiclient *c, const struct options *o, struct api_kind *kind, const char **name,
		     struct err *err)
{
	const char *slash = o->operands_n ? strchr(o->operands[0], '/') : NULL;
	const char *type = !o->operands_n ? ""
			   : slash ? arena_printf(&c->arena, "%.*s", (int)(slash - o->operands[0]), o->operands[0])
				   : o->operands[0];
	if (!*type)
		return err_set(err, ERR_INVALID, "name a resource type");
	*name = slash ? slash + 1 : o->operands_n > 1 ? o->operands[1] : NULL;
	if (*name && !**name)
		return err_set(err, ERR_INVALID, "\"%s\" names nothing after the slash", o->operands[0]);
	return apiclient_kind(c, type, kind, err);
}

static int read_all(const char *path, char **out, size_t *n, struct err *err)
{
	return fs_slurp(strcmp(path, "-") == 0 ? "/dev/stdin" : path, MANIFEST_BYTES_MAX, out, n, err);
}

static void unfold(json_t *document, json_t *out)
{
	size_t i;
	json_t *item;
	if (json_is_null(document))
		return;
	if (strcmp(text(document, "kind"), "List") != 0) {
		json_array_append(out, document);
		return;
	}
	json_array_foreach(json_object_get(document, "items"), i, item) unfold(item, out);
}

int manifests_read(const struct options *o, json_t **out, struct err *err)
{
	json_t *all = json_array();
	for (size_t i = 0; i < o->given_n; i++) {
		char *bytes;
		size_t n, j;
		json_t *documents, *document;
		if (strcmp(o->given[i].option->name, "filename") != 0)
			continue;
		int rc = read_all(o->given[i].value, &bytes, &n, err);
		if (rc == 0) {
			rc = yaml_decode(slice_of(bytes, n), YAML_GOYAML, &documents, err);
			free(bytes);
		}
		if (rc < 0) {
			json_decref(all);
			return err_wrap(err, "%s", o->given[i].value);
		}
		json_array_foreach(documents, j, document) unfold(document, all);
		json_decref(documents);
	}
	if (json_array_size(all) == 0) {
		json_decref(all);
		return err_set(err, ERR_INVALID, "nothing to do: give -f FILE with at least one document");
	}
	*out = all;
	return 0;
}
