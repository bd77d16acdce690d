/*
 * `coracle env`: prints what real clients read, for `eval "$(coracle env)"`. A variable appears when its listener
 * runs. The kubeconfig it names is DIR/run/kubeconfig, written by `up`.
 */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cli/datadir.h"

struct variable {
	const char *name;
	const char *listener; /* "" for always */
	const char *format;   /* %s is the listener's address, $KEY a credential, $DIR the directory */
};

static const struct variable variables[] = {
	{ "CORACLE_DATA", "", "$DIR" },
	{ "CORACLE_INFERENCE_URL", "inference", "http://%s" },
	{ "CORACLE_METRICS_URL", "metrics", "http://%s" },
	{ "AWS_ENDPOINT_URL", "s3", "http://%s" },
	{ "AWS_ACCESS_KEY_ID", "s3", "$access_key" },
	{ "AWS_SECRET_ACCESS_KEY", "s3", "$secret_key" },
	{ "AWS_DEFAULT_REGION", "s3", "us-east-1" },
	{ "MLFLOW_S3_ENDPOINT_URL", "s3", "http://%s" },
	{ "KUBECONFIG", "kubernetes", "$DIR/run/kubeconfig" },
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

int command_env(const struct options *o)
{
	struct datadir d;
	struct err err = { 0 };
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
