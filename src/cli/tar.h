/*
 * The one file of a backup: a POSIX tar (ustar, with pax records where a name or size needs them), as any tar reads it.
 * Regular files, directories and symbolic links; owners and times are left out, modes kept to their permission bits.
 *
 * Reading is for files that tar_add wrote, and hostile to others: what would leave the target, a link to write
 * through, a device, a sparse or hard-linked file, a name given twice, or anything that does not add up is ERR_CORRUPT.
 */
#ifndef CORACLE_CLI_TAR_H
#define CORACLE_CLI_TAR_H

#include <stdint.h>

#include "base/err.h"

struct tar_count {
	int64_t files, bytes;
};

/* Appends `path` of directory `dir_fd` and all below it as `name`. */
int tar_add(int out_fd, int dir_fd, const char *path, const char *name, struct tar_count *count, struct err *err);
/* The two empty blocks that end an archive. */
int tar_end(int out_fd, struct err *err);
/* Unpacks all of it into the empty directory `dir_fd`. */
int tar_extract(int in_fd, int dir_fd, struct tar_count *count, struct err *err);

#endif
