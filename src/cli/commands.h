/* The subcommands: one function a file, all rows of the table in commands.c. Each returns an exit code. */
#ifndef CORACLE_CLI_COMMANDS_H
#define CORACLE_CLI_COMMANDS_H

#include "cli/options.h"

int command_apply(const struct options *o);
int command_backup(const struct options *o);
int command_completion(const struct options *o);
int command_delete(const struct options *o);
int command_describe(const struct options *o);
int command_down(const struct options *o);
int command_env(const struct options *o);
int command_fsck(const struct options *o);
int command_gc(const struct options *o);
int command_get(const struct options *o);
int command_image(const struct options *o);
int command_inspect(const struct options *o);
int command_limits(const struct options *o);
int command_logs(const struct options *o);
int command_predict(const struct options *o);
int command_restore(const struct options *o);
int command_routes(const struct options *o);
int command_serve(const struct options *o);
int command_status(const struct options *o);
int command_up(const struct options *o);
int command_version(const struct options *o);
int command_wait(const struct options *o);

#endif
