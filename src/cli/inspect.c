/* `coracle inspect PATH`: what a model file holds. Fails, with the reason, when it could not be served. */
#include "cli/commands.h"

#include "cli/model_file.h"

int command_inspect(const struct options *o)
{
	struct model *m;
	struct err err = {0};
	model_file_prepare(o);
	int rc = model_file_open(o->operands[0], o, &m, &err);
	if (rc == 0) {
		model_describe(m, stdout);
		model_unref(m);
	}
	model_file_finish();
	return rc < 0 ? fail("inspect", &err) : EXIT_OK;
}
