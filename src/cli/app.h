/*
 * The whole server, put together: stores, cluster, serving, listeners. The only place that knows every module.
 * Parts start in the order of a table in app.c and stop in the reverse order.
 */
#ifndef CORACLE_CLI_APP_H
#define CORACLE_CLI_APP_H

#include "base/buf.h"
#include "cli/config.h"
#include "cli/datadir.h"

struct app;

/* Starts everything; listeners answer when it returns. `config` and `data` outlive the app. */
int app_start(const struct config *config, const struct datadir *data, struct app **out, struct err *err);
/* Real address of a listener, or NULL when it is off. */
const char *app_address(const struct app *a, enum listener_id listener);
/* The kubeconfig of kubernetes-admin for whoever reaches the server as "HOST:PORT". */
void app_kubeconfig(const struct app *a, const char *server, struct buf *out);
/* Runs fn(arg) once on a background worker, by way of the first event loop: shows that both still move. */
void app_run(struct app *a, void (*fn)(void *), void *arg);
/* Finishes the requests in flight, then stops. Returns how many were cut off. NULL is nothing. */
int app_stop(struct app *a);

#endif
