/*
 * How commands ask a running server for what only it can do while it runs: back up, check, collect.
 *
 * A Unix socket, DIR/run/admin.sock. The client sends one JSON object in one line, {"op": NAME, …}; the server answers
 * JSON objects, one a line, and closes: any number of what the operation reports as it goes, then {"done": …} or
 * {"error": TEXT}. Who may connect: the directory is 0700, and only the server's own user or root is listened to.
 * Requests are worked on one after the other by one thread.
 */
#ifndef CORACLE_CLI_ADMIN_H
#define CORACLE_CLI_ADMIN_H

#include <jansson.h>

#include "cli/datadir.h"

/* ---- the server's side ---- */

struct admin;
struct admin_call;

struct admin_op {
	const char *name;
	/* *done (a new reference) is sent when 0 is returned. */
	int (*run)(struct admin_call *call, void *arg, const json_t *request, json_t **done, struct err *err);
};

/* Sends one line in between; takes `line`. */
void admin_report(struct admin_call *call, json_t *line);

int admin_start(const struct datadir *d, const struct admin_op *ops, size_t ops_n, void *arg, struct admin **out,
		struct err *err);
/* The operation that runs is finished first. NULL is nothing. */
void admin_stop(struct admin *a);

/* ---- the commands' side ---- */

/* Calls `report` (may be NULL) for each line in between; *done is a new reference. ERR_UNAVAILABLE when nobody runs. */
int admin_ask(const struct datadir *d, json_t *request, void (*report)(void *arg, const json_t *line), void *arg,
	      json_t **done, struct err *err);

#endif
