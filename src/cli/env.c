/*
 * `coracle env`: prints what real clients read, for `eval "$(coracle env)"`. A variable appears when its listener
 * runs. The kubeconfig it names is DIR/run/kubeconfig, written by `up`.
 */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/kubeconfig.h"
#include "base/fs.h"
#include "cli/datadir.h"

struct variable {
	const char *name;
	const char *listener; /* "" for always */
	const char *format;   /* %s is the listener's address, $KEY a credential, $DIR the directory */
};

static const struct variable variables[] = {
    {"CORACLE_DATA", "", "$DIR"},
    {"CORACLE_INFERENCE_URL", "inference", "http://%s"},
    {"CORACLE_METRICS_URL", "metrics", "http://%s"},
    {"AWS_ENDPOINT_URL", "s3", "http://%s"},
    {"AWS_ACCESS_KEY_ID", "s3", "$access_key"},
    {"AWS_SECRET_ACCESS_KEY", "s3", "$secret_key"},
    {"AWS_DEFAULT_REGION", "s3", "us-east-1"},
    {"MLFLOW_S3_ENDPOINT_URL", "s3", "http://%s"},
    {"KUBECONFIG", "kubernetes", "$DIR/run/kubeconfig"},
};

static char *expand(const struct variable *v, const struct datadir *d, const char *address, const json_t *keys)
{
	char *out = NULL;
	const char *p = v->format;
	if (strncmp(p, "$DIR", 4) == 0) {
		if (asprintf(&out, "%s%s", d->path, p + 4) < 0)
			abort();
	} else if (p[0] == '$') {
		const char *value = json_string_value(json_object_get(keys, p + 1));
		out = strdup(value ? value : "");
	} else {
		const char *at = strstr(p, "%s");
		if (asprintf(&out, "%.*s%s%s", (int)(at ? (size_t)(at - p) : strlen(p)), p, at ? address : "",
			     at ? at + 2 : "") < 0)
			abort();
	}
	return out;
}

/* In single quotes; a quote inside is '\''. */
static void print_shell(const char *name, const char *value)
{
	printf("export %s='", name);
	for (const char *c = value; *c; c++) {
		if (*c == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*c);
	}
	printf("'\n");
}

static int slurp_key(const struct datadir *d, const char *name, char **out, struct err *err)
{
	size_t n;
	return fs_slurp(datadir_path(d, name), 64 << 10, out, &n, err);
}

/* "NAME" with the listener's port, unless it has one of its own. */
static void print_kubeconfig(const char *host, const char *address, char *const keys[4])
{
	char server[512];
	struct buf text;
	const char *port = strrchr(address, ':');
	bool bare_ipv6 = host[0] != '[' && strchr(host, ':') && strchr(host, ':') != strrchr(host, ':');
	bool has_port = host[0] == '[' ? strstr(host, "]:") != NULL : !bare_ipv6 && strchr(host, ':');
	(void)snprintf(server, sizeof server, "https://%s%s%s%s", bare_ipv6 ? "[" : "", host, bare_ipv6 ? "]" : "",
		       has_port ? "" : port);
	const struct kubeconfig k = {
	    .server = server,
	    .ca_pem = slice_str(keys[0]),
	    .client_cert_pem = slice_str(keys[1]),
	    .client_key_pem = slice_str(keys[2]),
	    .token = keys[3],
	};
	buf_init(&text, 1 << 20);
	kubeconfig_print(&k, &text);
	printf("%.*s", (int)text.len, text.ptr);
	buf_release(&text);
}

static int env_of_host(const struct datadir *d, const char *host, const json_t *listeners)
{
	static const char *const names[] = {"pki/ca.crt", "pki/admin.crt", "pki/admin.key", "pki/admin.token"};
	char *keys[4] = {NULL};
	struct err err = {0};
	const char *address = json_string_value(json_object_get(listeners, "kubernetes"));
	int rc = address ? 0 : err_set(&err, ERR_UNAVAILABLE, "the kubernetes listener is off");
	for (size_t i = 0; rc == 0 && i < 4; i++)
		rc = slurp_key(d, names[i], &keys[i], &err);
	if (rc == 0) {
		keys[3][strcspn(keys[3], "\n")] = 0;
		print_kubeconfig(host, address, keys);
		if (strncmp(address, "127.", 4) == 0)
			fprintf(stderr,
				"coracle env: only this machine reaches %s; start the server with --listen "
				"kubernetes=0.0.0.0:6443 --tls-san %s\n",
				address, host);
	}
	for (size_t i = 0; i < 4; i++)
		free(keys[i]);
	return rc == 0 ? EXIT_OK : fail("env", &err);
}

int command_env(const struct options *o)
{
	struct datadir d;
	struct err err = {0};
	json_t *running;
	const char *shell = options_get(o, "shell", "sh");
	if (strcmp(shell, "sh") != 0 && strcmp(shell, "json") != 0)
		return usage("env", "--shell is sh or json");
	if (datadir_find(o, &d, &err) < 0)
		return fail("env", &err);
	if (datadir_running(&d, &running, &err) < 0) {
		fail("env", &err);
		return EXIT_NOT_RUNNING;
	}
	if (options_has(o, "host")) {
		int code = env_of_host(&d, options_get(o, "host", ""), json_object_get(running, "listeners"));
		json_decref(running);
		return code;
	}
	json_t *keys = json_load_file(datadir_path(&d, "pki/credentials.json"), 0, NULL);
	json_t *listeners = json_object_get(running, "listeners"), *all = json_object();
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const struct variable *v = &variables[i];
		const char *address = json_string_value(json_object_get(listeners, v->listener));
		if (*v->listener && !address)
			continue;
		char *value = expand(v, &d, address ? address : "", keys);
		json_object_set_new(all, v->name, json_string(value));
		free(value);
	}
	const char *name;
	json_t *value;
	if (strcmp(shell, "json") == 0) {
		json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		printf("\n");
	} else {
		json_object_foreach(all, name, value) print_shell(name, json_string_value(value));
	}
	json_decref(all);
	json_decref(keys);
	json_decref(running);
	return EXIT_OK;
}
