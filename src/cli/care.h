/*
 * Checking, collecting and copying a data directory: the same work inside a running server (asked by cli/admin.h) and,
 * when nobody runs, in the command itself.
 */
#ifndef CORACLE_CLI_CARE_H
#define CORACLE_CLI_CARE_H

#include <jansson.h>

#include "cli/datadir.h"

struct object_store;
struct db;

struct care {
	const struct datadir *data;
	struct object_store *objects;
	struct db *cluster; /* cluster.db */
};

/* Calls fault(arg, text) for each finding; *done is {"faults", "objects", "bytes", …}. */
int care_fsck(const struct care *c, void (*fault)(void *arg, const char *text), void *arg, json_t **done,
	      struct err *err);
/* *done is {"files", "bytes"} of what was unlinked. */
int care_gc(const struct care *c, json_t **done, struct err *err);
/* Writes the file `path` (absolute, must not exist); each database is copied as of one moment. *done is
 * {"path", "files", "bytes"}. */
int care_backup(const struct care *c, const char *path, json_t **done, struct err *err);
/* Unpacks a backup as the data directory d->path, which must be missing or empty, and checks it first. */
int care_restore(const struct datadir *d, const char *path, void (*fault)(void *arg, const char *text), void *arg,
		 json_t **done, struct err *err);

/* For a directory that nobody serves: locks it and opens its stores; ERR_NOT_FOUND when there is no data. */
int care_open(struct datadir *d, struct care *out, struct err *err);
void care_close(struct datadir *d, struct care *c);

#endif
