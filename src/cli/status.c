/* `coracle status`: what runs on a data directory. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cli/status.h"

void status_print(const struct datadir *d, const json_t *running)
{
	const char *name;
	json_t *address;
	printf("coracle %s, process %lld, data %s\n", json_string_value(json_object_get(running, "version")),
	       (long long)json_integer_value(json_object_get(running, "pid")), d->path);
	json_object_foreach(json_object_get(running, "listeners"), name, address)
		printf("  %-12s %s\n", name, json_string_value(address));
}

int command_status(const struct options *o)
{
	struct datadir d;
	struct err err = { 0 };
	json_t *running;
	const char *output = options_get(o, "output", "table");
	if (strcmp(output, "table") != 0 && strcmp(output, "json") != 0)
		return usage("status", "--output is table or json");
	if (datadir_find(o, &d, &err) < 0)
		return fail("status", &err);
	if (datadir_running(&d, &running, &err) < 0) {
		if (strcmp(output, "json") == 0)
			printf("{\"running\": false, \"ready\": false}\n");
		fail("status", &err);
		return EXIT_NOT_RUNNING;
	}
	if (strcmp(output, "json") == 0) {
		json_object_set_new(running, "running", json_true());
		json_dumpf(running, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		printf("\n");
	} else {
		status_print(&d, running);
	}
	json_decref(running);
	return EXIT_OK;
}
