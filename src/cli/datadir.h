/*
 * The data directory: where it is, what lies in it, and who runs on it.
 *
 *   cluster.db objects.db blobs/ volumes/ models/ images/ logs/ pki/ run/
 *
 * run/lock is locked (flock) by the process that serves the directory, for as long as it lives: whoever can take the
 * lock knows that nobody runs. run/endpoints.json is written by that process once everything answers.
 */
#ifndef CORACLE_CLI_DATADIR_H
#define CORACLE_CLI_DATADIR_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "cli/options.h"

struct datadir {
	char path[PATH_MAX / 2];
	int lock_fd; /* -1: not ours */
};

/* --data, else $CORACLE_DATA, else $XDG_DATA_HOME/coracle, else ~/.local/share/coracle. Makes nothing. */
int datadir_find(const struct options *o, struct datadir *out, struct err *err);
/* Makes what is missing (0700). */
int datadir_make(struct datadir *d, struct err *err);
/* ERR_EXISTS, naming the pid, when another process serves it. */
int datadir_lock(struct datadir *d, struct err *err);
/* With the lock held: brings a directory of an older program up to this one's format, step by step, and refuses one
 * of a newer program with ERR_VERSION. The format's number is in DIR/version; the databases have their own besides. */
int datadir_migrate(const struct datadir *d, struct err *err);
void datadir_unlock(struct datadir *d);

/* The running server's endpoints.json, a new reference; ERR_UNAVAILABLE when nobody runs. */
int datadir_running(const struct datadir *d, json_t **out, struct err *err);

/* path below the directory, in one of four static per-thread buffers. */
const char *datadir_path(const struct datadir *d, const char *below);

#endif
