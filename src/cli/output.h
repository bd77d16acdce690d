/* --output table|json|yaml: the same for every command that lists. The table is the command's own. */
#ifndef CORACLE_CLI_OUTPUT_H
#define CORACLE_CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/options.h"

/* EXIT_OK, or EXIT_USAGE after saying which formats there are. */
int output_check(const char *command, const struct options *o);
/* Prints `value` when a format other than the table was asked for; false: print the table. */
bool output_value(const struct options *o, const json_t *value);

#endif
