/* Model files for commands: see model_file.h. */
#include "cli/model_file.h"

#include "base/log.h"
#include "infer/load/sandbox.h"

void model_file_prepare(const struct options *o)
{
	struct err err = {0};
	if (!options_has(o, "no-sandbox") && sandbox_start(&err) < 0)
		LOG_WARN("load", "no loader process: model files are read in this one", LOG_S("error", err.message));
}

void model_file_finish(void)
{
	sandbox_stop();
}

int model_file_open(const char *path, const struct options *o, struct model **out, struct err *err)
{
	const struct model_options options = {.sandbox = !options_has(o, "no-sandbox")};
	return model_open(path, &options, out, err);
}

int model_file_method(const struct options *o, enum model_method *out, struct err *err)
{
	const char *name = options_get(o, "method", NULL);
	enum model_method method = name ? model_method_parse(slice_str(name)) : MODEL_DEFAULT;
	if (method == MODEL_METHODS)
		return err_set(err, ERR_INVALID, "there is no method \"%s\"", name);
	*out = method;
	return 0;
}
