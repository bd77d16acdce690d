/* Opening a model file as commands do: in the loader process unless told otherwise. */
#ifndef CORACLE_CLI_MODEL_FILE_H
#define CORACLE_CLI_MODEL_FILE_H

#include "cli/options.h"
#include "infer/model.h"

/* Before any thread. Forks the loader process unless --no-sandbox is given; when that fails, loads run in process, and
 * a line on the log says so. */
void model_file_prepare(const struct options *o);
/* Ends the loader process. */
void model_file_finish(void);
int model_file_open(const char *path, const struct options *o, struct model **out, struct err *err);
/* Of --method; MODEL_DEFAULT when it is not given. ERR_INVALID for an unknown one. */
int model_file_method(const struct options *o, enum model_method *out, struct err *err);

#endif
