/* The program's entry: finds the subcommand in the table, parses its options, runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

static void print_help(FILE *to)
{
	fprintf(to, "Coracle: object store, Kubernetes API and model server in one program.\n\n"
		    "usage: coracle COMMAND [OPTION]...\n\n");
	for (size_t i = 0; i < commands_n; i++)
		fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].help);
	fprintf(to, "\n`coracle COMMAND --help` explains one. Begin with `coracle up`.\n");
}

static bool is_help(const char *arg)
{
	return strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0 || strcmp(arg, "help") == 0;
}

static const struct command *find(const char *name)
{
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < commands_n; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static int run(const struct command *c, int argc, char **argv)
{
	struct options o;
	struct err err = { 0 };
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			options_help(c, stdout);
			return EXIT_OK;
		}
	}
	if (options_parse(c, argc, argv, &o, &err) < 0)
		return usage(c->name, err.message);
	return c->run(&o);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	bool help = is_help(argv[1]);
	if (help && argc == 2) {
		print_help(stdout);
		return EXIT_OK;
	}
	const char *name = argv[help ? 2 : 1];
	const struct command *c = find(name);
	if (!c) {
		fprintf(stderr, "coracle: there is no command \"%s\"; `coracle --help` lists them\n", name);
		return EXIT_USAGE;
	}
	if (!help)
		return run(c, argc - 1, argv + 1);
	options_help(c, stdout);
	return EXIT_OK;
}
