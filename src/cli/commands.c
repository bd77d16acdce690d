/* The table of subcommands: what `coracle --help`, every `--help` and the shell completion are made of. */
#include "cli/commands.h"

#include "base/check.h"

static const struct option none[] = { OPTION_END };

static const struct option up_options[] = {
	OPTION_DATA,
	{ "config", 'c', "FILE", "configuration file (YAML)" },
	{ "listen", 'l', "NAME=HOST:PORT", "address of a listener; NAME=off leaves it out; may be given several times" },
	{ "free-ports", 0, NULL, "let the kernel choose every port" },
	{ "detach", 0, NULL, "return when everything is ready" },
	{ "tls-san", 0, "NAME", "another name or address for the certificate; may be given several times" },
	{ "token", 0, "TOKEN", "bearer token that the inference listener asks for" },
	{ "domain", 0, "DOMAIN", "domain of InferenceService hosts [example.com]" },
	{ "limit", 0, "NAME=VALUE", "set a limit; `coracle limits` lists them" },
	{ "log-format", 0, "FORMAT", "text or json [text]" },
	{ "log-level", 0, "LEVEL", "debug, info, warn or error [info]" },
	{ "access-log", 0, NULL, "one line a request" },
	{ "insecure-listen", 0, NULL, "allow addresses other than loopback without authentication" },
	OPTION_END,
};

static const struct option down_options[] = {
	OPTION_DATA,
	{ "timeout", 't', "SECONDS", "how long to wait for requests in flight [60]" },
	OPTION_END,
};

static const struct option status_options[] = { OPTION_DATA, OPTION_OUTPUT, OPTION_END };
static const struct option output_options[] = { OPTION_OUTPUT, OPTION_END };

static const struct option env_options[] = {
	OPTION_DATA,
	{ "shell", 0, "SHELL", "sh or json [sh]" },
	OPTION_END,
};

const struct command commands[] = {
	{ "up", "", "start every listener on a data directory",
	  "Examples:\n"
	  "  coracle up --detach && eval \"$(coracle env)\"\n"
	  "  coracle up --data /srv/coracle --listen inference=127.0.0.1:30300\n"
	  "  MINIO_ROOT_USER=minio MINIO_ROOT_PASSWORD=minio123 coracle up\n",
	  up_options, 0, 0, command_up },
	{ "down", "", "stop it: finish the requests in flight, then exit", NULL, down_options, 0, 0, command_down },
	{ "status", "", "what runs: process, version, listeners", NULL, status_options, 0, 0, command_status },
	{ "env", "", "print the variables that real clients read",
	  "Example:\n  eval \"$(coracle env)\"; aws s3 ls; kubectl get inferenceservices -A\n", env_options, 0, 0,
	  command_env },
	{ "limits", "", "every limit of the program", NULL, output_options, 0, 0, command_limits },
	{ "completion", "SHELL", "print the completion script for bash or zsh",
	  "Example:\n  source <(coracle completion bash)\n", none, 1, 1, command_completion },
	{ "version", "", "print the version", NULL, output_options, 0, 0, command_version },
};

const size_t commands_n = COUNT_OF(commands);
