/* The table of subcommands: what `coracle --help`, every `--help` and the shell completion are made of. */
#include "cli/commands.h"

#include "base/check.h"

static const struct option none[] = { OPTION_END };

static const struct option up_options[] = {
	OPTION_DATA,
	{ "config", 'c', "FILE", "configuration, YAML [$CORACLE_CONFIG]" },
	{ "listen", 'l', "NAME=HOST:PORT", "address of a listener: inference, s3, kubernetes or metrics; off for none" },
	{ "free-ports", 0, NULL, "let the kernel choose every port; see `coracle status`" },
	{ "detach", 0, NULL, "return when every listener answers; the server goes on in the background" },
	{ "tls-san", 0, "NAME", "further name or address of the server's certificate" },
	{ "token", 0, "TOKEN", "bearer token that the inference listener demands [$CORACLE_TOKEN]" },
	{ "domain", 0, "DOMAIN", "of the hosts that models answer to [$CORACLE_DOMAIN, else example.com]" },
	{ "insecure-listen", 0, NULL, "allow addresses that other machines reach where nobody is asked for a key" },
	{ "access-log", 0, NULL, "one log line a request" },
	{ "log-format", 0, "FORMAT", "text or json [text]" },
	{ "log-level", 0, "LEVEL", "debug, info, warn or error [info]" },
	{ "limit", 0, "NAME=NUMBER", "change a limit; `coracle limits` lists them" },
	OPTION_END,
};

static const char up_text[] =
	"Keys, tokens and certificates are made at the first start, below DIR/pki. What is stored in DIR is kept from one\n"
	"`up` to the next. Without --listen, only this machine reaches it.\n\n"
	"Examples:\n"
	"  coracle up --detach && eval \"$(coracle env)\"\n"
	"  MINIO_ROOT_USER=minio MINIO_ROOT_PASSWORD=minio123 coracle up --listen s3=0.0.0.0:9000\n";

static const struct option down_options[] = {
	OPTION_DATA,
	{ "timeout", 't', "SECONDS", "how long to wait for requests in flight [60]" },
	OPTION_END,
};

static const struct option status_options[] = { OPTION_DATA, OPTION_OUTPUT, OPTION_END };

#define OPTION_NAMESPACE { "namespace", 'n', "NS", "namespace [default]" }
#define OPTION_FILES { "filename", 'f', "FILE", "manifest, YAML or JSON, - for standard input; may be given several times" }

static const struct option apply_options[] = { OPTION_DATA, OPTION_NAMESPACE, OPTION_FILES, OPTION_END };
static const struct option delete_options[] = {
	OPTION_DATA, OPTION_NAMESPACE, OPTION_FILES,
	{ "ignore-not-found", 0, NULL, "what is not there is no error" },
	OPTION_END,
};
static const struct option describe_options[] = { OPTION_DATA, OPTION_NAMESPACE, OPTION_END };
static const struct option get_options[] = {
	OPTION_DATA, OPTION_NAMESPACE,
	{ "all-namespaces", 'A', NULL, "of every namespace" },
	{ "selector", 'l', "SELECTOR", "label selector, app=web" },
	{ "output", 'o', "FORMAT", "table, wide, json, yaml or name [table]" },
	OPTION_END,
};
static const struct option logs_options[] = {
	OPTION_DATA, OPTION_NAMESPACE,
	{ "container", 'c', "NAME", "container of the pod" },
	{ "follow", 'f', NULL, "go on as lines come" },
	{ "tail", 0, "LINES", "only the last lines" },
	OPTION_END,
};
static const struct option wait_options[] = {
	OPTION_DATA, OPTION_NAMESPACE,
	{ "for", 0, "WHAT", "condition=TYPE[=STATUS] or delete [condition=Ready]" },
	{ "timeout", 't', "SECONDS", "[30s]" },
	OPTION_END,
};

static const struct option serve_options[] = {
	{ "name", 0, "NAME", "of the model, when PATH holds one [the file's or folder's name]" },
	{ "http", 0, "HOST:PORT", "where to listen [127.0.0.1:8080]" },
	{ "grpc", 0, "HOST:PORT", "not built yet" },
	{ "method", 'm', "METHOD", "predict, predict_proba, decision_function, transform, ... [predict]" },
	{ "token", 0, "TOKEN", "bearer token that requests must carry [$CORACLE_TOKEN]" },
	{ "insecure-listen", 0, NULL, "allow an address that other machines reach without a token" },
	{ "no-sandbox", 0, NULL, "read model files in this process, not in a child that can do nothing else" },
	{ "access-log", 0, NULL, "one log line a request" },
	{ "log-format", 0, "FORMAT", "text or json [text]" },
	{ "limit", 0, "NAME=NUMBER", "change a limit; `coracle limits` lists them" },
	OPTION_END,
};

static const char serve_text[] =
	"PATH is a model file, a folder of one model (MLmodel, model.*), or a folder of such folders, each perhaps with\n"
	"numbered versions inside, of which the highest serves.\n\n"
	"Example:\n"
	"  coracle serve iris.joblib &\n"
	"  curl localhost:8080/v1/models/iris:predict -d '{\"instances\": [[5.1, 3.5, 1.4, 0.2]]}'\n";

static const struct option inspect_options[] = {
	{ "no-sandbox", 0, NULL, "read the file in this process, not in a child that can do nothing else" },
	OPTION_END,
};

static const struct option predict_options[] = {
	{ "input", 'i', "FILE", "request body as for V1, {\"instances\": [...]}; - for standard input [-]" },
	{ "method", 'm', "METHOD", "predict, predict_proba, decision_function, transform, ... [predict]" },
	{ "no-sandbox", 0, NULL, "read the file in this process, not in a child that can do nothing else" },
	OPTION_END,
};

static const struct option output_options[] = { OPTION_OUTPUT, OPTION_END };

static const struct option env_options[] = {
	OPTION_DATA,
	{ "shell", 0, "SHELL", "sh or json [sh]" },
	{ "host", 0, "NAME[:PORT]", "instead, print a kubeconfig for another machine that reaches this one by NAME" },
	OPTION_END,
};

static const struct option image_options[] = {
	OPTION_DATA, OPTION_OUTPUT,
	{ "model", 0, "URI", "of an alias: the model where a manifest names none; a path is one of storage.file_roots" },
	{ "method", 'm', "METHOD", "of an alias: predict, predict_proba, decision_function, transform, ... [predict]" },
	OPTION_END,
};

const struct command commands[] = {
	{ "up", "", "start the server", up_text, up_options, 0, 0, command_up },
	{ "down", "", "stop it: finish the requests in flight, then exit", NULL, down_options, 0, 0, command_down },
	{ "status", "", "what runs: process, version, listeners", NULL, status_options, 0, 0, command_status },
	{ "env", "", "print the variables that real clients read",
	  "Examples:\n  eval \"$(coracle env)\"; aws s3 ls; kubectl get inferenceservices -A\n"
	  "  coracle env --host models.example.com > kubeconfig\n", env_options, 0, 0,
	  command_env },
	{ "serve", "PATH", "serve models from files over HTTP, without a data directory", serve_text, serve_options, 1, 1,
	  command_serve },
	{ "inspect", "PATH", "what a model file holds, without running it; an exit code that says whether it can be served",
	  NULL, inspect_options, 1, 1, command_inspect },
	{ "predict", "PATH", "one prediction offline",
	  "Example:\n  echo '{\"instances\": [[5.1, 3.5, 1.4, 0.2]]}' | coracle predict iris.joblib\n", predict_options, 1, 1,
	  command_predict },
	{ "apply", "", "make the objects of manifests so (server-side apply)",
	  "Example:\n  coracle apply -n models -f inference-service.yaml\n", apply_options, 0, 0, command_apply },
	{ "get", "KIND[/NAME] [NAME]", "list objects, or show one", "Example:\n  coracle get inferenceservices -A\n",
	  get_options, 1, 2, command_get },
	{ "describe", "KIND[/NAME] [NAME]", "an object and its Events", NULL, describe_options, 1, 2, command_describe },
	{ "delete", "[KIND[/NAME]] [NAME]", "delete an object, or those of manifests", NULL, delete_options, 0, 2,
	  command_delete },
	{ "logs", "POD", "log of a pod's container", NULL, logs_options, 1, 1, command_logs },
	{ "wait", "KIND[/NAME] [NAME]", "wait for a condition",
	  "Example:\n  coracle wait inferenceservice/iris --for=condition=Ready --timeout=60s\n", wait_options, 1, 2,
	  command_wait },
	{ "image", "alias NAME TARGET | ls | rm NAME", "what the images of manifests stand for",
	  "Nothing is pulled: an image is a server that is built in, or an alias of one.\n\n"
	  "Examples:\n  coracle image alias example/transformer:latest coracle/sklearn-transformer\n"
	  "  coracle image alias team/iris:2 coracle/sklearn --model s3://models/iris --method predict_proba\n",
	  image_options, 1, 3, command_image },
	{ "backup", "FILE", "copy the whole data directory into one file, while it is served or not",
	  "The file is a tar and must not exist yet. Databases are copied as of one moment; model files fetched from\n"
	  "elsewhere, logs and addresses are left out. It holds keys: keep it as you keep the directory.\n\n"
	  "Example:\n  coracle backup /backup/coracle-$(date +%F).tar\n", status_options, 1, 1, command_backup },
	{ "restore", "FILE", "make a data directory from a backup, after checking it",
	  "DIR must be missing or empty.\n\nExample:\n  coracle restore --data /srv/coracle /backup/coracle.tar\n",
	  status_options, 1, 1, command_restore },
	{ "fsck", "", "check databases, reference counts and every stored byte", NULL, status_options, 0, 0, command_fsck },
	{ "gc", "", "remove files that no object refers to (runs by itself, too)", NULL, status_options, 0, 0, command_gc },
	{ "routes", "", "what each listener answers, and who may ask; no server needs to run", NULL, output_options, 0, 0,
	  command_routes },
	{ "limits", "", "every limit of the program", NULL, output_options, 0, 0, command_limits },
	{ "completion", "SHELL", "print the completion script for bash or zsh",
	  "Example:\n  source <(coracle completion bash)\n", none, 1, 1, command_completion },
	{ "version", "", "print the version", NULL, output_options, 0, 0, command_version },
};

const size_t commands_n = COUNT_OF(commands);
