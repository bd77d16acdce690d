/* The table of subcommands: what `coracle --help`, every `--help` and the shell completion are made of. */
#include "cli/commands.h"

#include "base/check.h"

static const struct option none[] = { OPTION_END };

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
