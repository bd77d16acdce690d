/* `coracle status`: what runs on a data directory. */
#include "cli/commands.h"

#include "cli/status.h"

#include "cli/output.h"

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
	struct err err = {0};
	json_t *running;
	int code = output_check("status", o);
	if (code != EXIT_OK)
		return code;
	if (datadir_find(o, &d, &err) < 0)
		return fail("status", &err);
	if (datadir_running(&d, &running, &err) < 0) {
		running = json_pack("{s:b,s:b}", "running", 0, "ready", 0);
		(void)output_value(o, running);
		(void)fail("status", &err);
		code = EXIT_NOT_RUNNING;
	} else {
		json_object_set_new(running, "running", json_true());
		if (!output_value(o, running))
			status_print(&d, running);
	}
	json_decref(running);
	return code;
}
