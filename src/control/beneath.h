/*
 * Files below a folder that others may write to: every step of a path is opened without following links, so nothing a
 * name or a link says leads out of the folder. (openat2's RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, step by step, so that
 * it also works where a sandbox forbids openat2.)
 */
#ifndef CORACLE_CONTROL_BENEATH_H
#define CORACLE_CONTROL_BENEATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

/* May `path` name something below a folder: no empty, "." or ".." step, no NUL, no leading slash, bounded lengths? */
bool beneath_ok(struct slice path);

/* Opens dir/path with `flags` (O_NOFOLLOW and O_CLOEXEC are added). "" is the folder itself. Returns a descriptor, or
 * -1: ERR_NOT_FOUND, ERR_FORBIDDEN for a link or a step out, or an error of the system. */
int beneath_open(int dir, struct slice path, int flags, mode_t mode, struct err *err);
/* The same for a new file: missing folders on the way are made (0700) and an existing file is ERR_EXISTS. */
int beneath_create(int dir, struct slice path, mode_t mode, struct err *err);

#endif
