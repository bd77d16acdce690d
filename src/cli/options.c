/* Options: see options.h. */
#include "cli/options.h"

#include <string.h>

static const struct option *find_long(const struct command *c, const char *name, size_t n)
{
	for (const struct option *o = c->options; o && o->name; o++)
		if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static const struct option *find_letter(const struct command *c, char letter)
{
	for (const struct option *o = c->options; o && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int add(struct options *out, const struct option *o, const char *value, struct err *err)
{
	if (out->given_n == OPTIONS_GIVEN_MAX)
		return err_set(err, ERR_INVALID, "more than %d options", OPTIONS_GIVEN_MAX);
	out->given[out->given_n].option = o;
	out->given[out->given_n++].value = value;
	return 0;
}

static int parse_one(const struct command *c, int argc, char **argv, int *i, struct options *out, struct err *err)
{
	const char *arg = argv[*i], *value = NULL;
	const struct option *o;
	if (arg[1] == '-') {
		const char *eq = strchr(arg, '=');
		o = find_long(c, arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
		value = eq ? eq + 1 : NULL;
	} else {
		o = find_letter(c, arg[1]);
		if (o && arg[2])
			value = arg + 2;
	}
	if (!o)
		return err_set(err, ERR_INVALID, "unknown option %s", arg);
	if (!o->value)
		return value ? err_set(err, ERR_INVALID, "option --%s takes no value", o->name) : add(out, o, "", err);
	if (!value) {
		if (*i + 1 >= argc)
			return err_set(err, ERR_INVALID, "option --%s needs a value: %s", o->name, o->value);
		value = argv[++*i];
	}
	return add(out, o, value, err);
}

int options_parse(const struct command *c, int argc, char **argv, struct options *out, struct err *err)
{
	bool ended = false;
	memset(out, 0, sizeof *out);
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (!ended && strcmp(arg, "--") == 0) {
			ended = true;
		} else if (!ended && arg[0] == '-' && arg[1]) {
			if (parse_one(c, argc, argv, &i, out, err) < 0)
				return -1;
		} else {
			if (out->operands_n == OPERANDS_MAX)
				return err_set(err, ERR_INVALID, "more than %d operands", OPERANDS_MAX);
			out->operands[out->operands_n++] = arg;
		}
	}
	if (out->operands_n < c->operands_least)
		return err_set(err, ERR_INVALID, "missing operand: %s", c->operands);
	if (out->operands_n > c->operands_most)
		return err_set(err, ERR_INVALID, "unexpected operand \"%s\"", out->operands[c->operands_most]);
	return 0;
}

const char *options_get(const struct options *o, const char *name, const char *otherwise)
{
	for (size_t i = o->given_n; i-- > 0;)
		if (strcmp(o->given[i].option->name, name) == 0)
			return o->given[i].value;
	return otherwise;
}

bool options_has(const struct options *o, const char *name)
{
	return options_get(o, name, NULL) != NULL;
}

void options_help(const struct command *c, FILE *to)
{
	fprintf(to, "usage: coracle %s%s%s%s\n\n%s\n", c->name, c->options && c->options->name ? " [OPTION]..." : "",
		*c->operands ? " " : "", c->operands, c->help);
	for (const struct option *o = c->options; o && o->name; o++) {
		char left[64];
		snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
			 o->letter ? ", " : "  ", o->name, o->value ? " " : "", o->value ? o->value : "");
		if (o == c->options)
			fprintf(to, "\n");
		fprintf(to, "  %-28s %s\n", left, o->help);
	}
	if (c->text)
		fprintf(to, "\n%s", c->text);
}

int fail(const char *command, const struct err *err)
{
	fprintf(stderr, "coracle %s: %s\n", command, err->message);
	return EXIT_FAILED;
}

int usage(const char *command, const char *message)
{
	fprintf(stderr, "coracle %s: %s\nTry `coracle %s --help`.\n", command, message, command);
	return EXIT_USAGE;
}
