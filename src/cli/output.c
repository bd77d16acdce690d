/* Output formats: see output.h. */
#include "cli/output.h"

#include <string.h>

#include "base/buf.h"
#include "codec/json.h"
#include "codec/yaml.h"

enum { OUTPUT_BYTES_MAX = 256 << 20 };

int output_check(const char *command, const struct options *o)
{
	const char *format = options_get(o, "output", "table");
	if (strcmp(format, "table") == 0 || strcmp(format, "json") == 0 || strcmp(format, "yaml") == 0)
		return EXIT_OK;
	return usage(command, "--output is table, json or yaml");
}

bool output_value(const struct options *o, const json_t *value)
{
	const char *format = options_get(o, "output", "table");
	struct buf text;
	if (strcmp(format, "table") == 0)
		return false;
	buf_init(&text, OUTPUT_BYTES_MAX);
	int rc = strcmp(format, "json") == 0 ? json_encode(value, JSON_ENCODE_INDENT, &text) : yaml_encode(value, &text);
	if (rc == 0)
		printf("%.*s%s", SLICE_ARG(buf_view(&text)), slice_ends(buf_view(&text), "\n") ? "" : "\n");
	buf_release(&text);
	return true;
}
