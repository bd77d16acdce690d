/*
 * The one file of a backup: a POSIX tar (ustar, with pax records where a name or size needs them), as any tar reads it.
 * Regular files, directories and symbolic links; owners and times are left out, modes kept to their permission bits.
 * The last entry, SHA256, holds the digest of every byte before it, in hex: no damage passes unseen.
 *
 * Reading is for files that tar_add wrote, and hostile to others: what would leave the target, a link to write
 * through, a device, a sparse or hard-linked file, a name given twice, or anything that does not add up is ERR_CORRUPT.
 */
#ifndef CORACLE_CLI_TAR_H
#define CORACLE_CLI_TAR_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/hash.h"

struct tar_count {
	int64_t files, bytes;
};

/* An archive being written or read: zeroed but for `fd`, which stays the caller's. */
struct tar {
	int fd;
	struct tar_count count;
	struct hash sum; /* of what went through */
};

void tar_begin(struct tar *t, int fd);
/* Appends `path` of directory `dir_fd` and all below it as `name`. */
int tar_add(struct tar *t, int dir_fd, const char *path, const char *name, struct err *err);
/* The digest, and the two empty blocks that end an archive. */
int tar_end(struct tar *t, struct err *err);
/* Unpacks all of it into the empty directory `dir_fd`. ERR_CORRUPT may come last, when all of it lies there. */
int tar_extract(struct tar *t, int dir_fd, struct err *err);
/* Frees; may be called at any time after tar_begin. */
void tar_close(struct tar *t);

#endif
