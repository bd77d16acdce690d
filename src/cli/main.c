/* The program's entry: finds the subcommand in a table and runs it. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"

struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
};

static int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("coracle %s\n", CORACLE_VERSION);
	return 0;
}

static int cmd_limits(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < limit_table_n; i++)
		printf("%-28s %20lld %-12s %s\n", limit_table[i].name, (long long)*limit_table[i].where,
		       limit_table[i].unit, limit_table[i].text);
	return 0;
}

static const struct command commands[] = {
	{ "limits", "every limit of the program", cmd_limits },
	{ "version", "print the version", cmd_version },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "usage: coracle COMMAND [OPTION]...\n");
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(stderr, "  %-10s %s\n", commands[i].name, commands[i].help);
	return 2;
}
