/* `coracle completion bash|zsh`, `coracle limits`, `coracle version`: what can be said from tables alone. */
#include "cli/commands.h"

#include <jansson.h>
#include <string.h>

#include "base/limits.h"
#include "cli/output.h"

int command_version(const struct options *o)
{
	int code = output_check("version", o);
	json_t *doc = json_pack("{s:s}", "version", CORACLE_VERSION);
	if (code == EXIT_OK && !output_value(o, doc))
		printf("coracle %s\n", CORACLE_VERSION);
	json_decref(doc);
	return code;
}

static json_t *all_limits(void)
{
	json_t *all = json_array();
	for (size_t i = 0; i < limit_table_n; i++) {
		const struct limit_info *l = &limit_table[i];
		json_array_append_new(all, json_pack("{s:s,s:I,s:I,s:I,s:s,s:s}", "name", l->name, "value",
						     (json_int_t)*l->where, "least", (json_int_t)l->least, "most",
						     (json_int_t)l->most, "unit", l->unit, "text", l->text));
	}
	return all;
}

int command_limits(const struct options *o)
{
	int code = output_check("limits", o);
	json_t *all = all_limits();
	if (code == EXIT_OK && !output_value(o, all)) {
		printf("%-28s %14s %-12s %s\n", "NAME", "VALUE", "UNIT", "BOUNDS");
		for (size_t i = 0; i < limit_table_n; i++)
			printf("%-28s %14lld %-12s %s\n", limit_table[i].name, (long long)*limit_table[i].where,
			       limit_table[i].unit, limit_table[i].text);
	}
	json_decref(all);
	return code;
}

static void print_bash(void)
{
	printf("_coracle() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words\n  case ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < commands_n; i++) {
		printf("  %s) words=\"--help", commands[i].name);
		for (const struct option *p = commands[i].options; p && p->name; p++)
			printf(" --%s", p->name);
		printf("\" ;;\n");
	}
	printf("  esac\n  [ \"$COMP_CWORD\" = 1 ] && words=\"");
	for (size_t i = 0; i < commands_n; i++)
		printf("%s%s", i ? " " : "", commands[i].name);
	printf("\"\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
	       "complete -o default -F _coracle coracle\n");
}

int command_completion(const struct options *o)
{
	const char *shell = o->operands[0];
	if (strcmp(shell, "bash") != 0 && strcmp(shell, "zsh") != 0)
		return usage("completion", "the shell is bash or zsh");
	if (strcmp(shell, "zsh") == 0)
		printf("autoload -U +X bashcompinit && bashcompinit\n");
	print_bash();
	return EXIT_OK;
}
