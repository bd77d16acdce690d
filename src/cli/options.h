/*
 * Command line options, from tables: one row an option, which gives parsing, --help and shell completion.
 *
 * GNU style: --name VALUE, --name=VALUE, -x VALUE, "--" ends options, options and operands in any order.
 */
#ifndef CORACLE_CLI_OPTIONS_H
#define CORACLE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_RUNNING = 3 };

struct option {
	const char *name; /* without dashes; a row without name ends the table */
	char letter;	  /* 0: none */
	const char *value; /* what --help calls the value ("DIR"); NULL: a switch */
	const char *help;
};

enum { OPTIONS_GIVEN_MAX = 64, OPERANDS_MAX = 256 };

struct options {
	struct {
		const struct option *option;
		const char *value; /* "" for a switch */
	} given[OPTIONS_GIVEN_MAX];
	size_t given_n;
	const char *operands[OPERANDS_MAX];
	size_t operands_n;
};

struct command {
	const char *name;
	const char *operands; /* "PATH", "KIND[/NAME]..." or "" */
	const char *help;     /* one line */
	const char *text;     /* what --help says below the options: examples; NULL: nothing */
	const struct option *options;
	size_t operands_least, operands_most;
	int (*run)(const struct options *o); /* an exit code */
};

extern const struct command commands[];
extern const size_t commands_n;

/* ERR_INVALID with a message that names the option. --help is not handled here. */
int options_parse(const struct command *c, int argc, char **argv, struct options *out, struct err *err);
/* Last value given, or `otherwise`. */
const char *options_get(const struct options *o, const char *name, const char *otherwise);
bool options_has(const struct options *o, const char *name);
void options_help(const struct command *c, FILE *to);

/* Prints "coracle NAME: message" on stderr and returns the exit code. */
int fail(const char *command, const struct err *err);
int usage(const char *command, const char *message);

#define OPTION_DATA { "data", 'd', "DIR", "data directory [$CORACLE_DATA, else ~/.local/share/coracle]" }
#define OPTION_OUTPUT { "output", 'o', "FORMAT", "table, json or yaml [table]" }
#define OPTION_END { NULL, 0, NULL, NULL }

#endif
