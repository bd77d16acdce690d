/*
 * The server, put together from the parts in the table below.
 *
 * Order is the rule here: what a part uses stands above it. Listeners bind while their part starts, so that a port
 * that is taken is found before anything is answered; they accept once every part has started. At the end streams are
 * closed first (drain), then requests in flight are finished, then parts stop from the last to the first.
 */
#include "cli/app.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/log.h"
#include "cli/app_parts.h"
#include "cluster/resource.h"
#include "monitor/monitor.h"
#include "store/db.h"

static int database_start(struct app *a, struct err *err)
{
	return cluster_db_open(datadir_path(a->data, "cluster.db"), &a->cluster_db, err);
}

static void database_stop(struct app *a)
{
	db_close(a->cluster_db);
}

static int server_make(struct app *a, struct err *err)
{
	const struct server_options options = {.clock = &clock_os, .access_log = a->config->access_log};
	return server_new(&options, &a->server, err);
}

static int accepting_start(struct app *a, struct err *err)
{
	return server_start(a->server, err);
}

/* The server goes before the parts that its handlers call. */
static void accepting_stop(struct app *a)
{
	server_free(a->server);
	a->server = NULL;
}

/* Metrics are shown to whoever reaches the listener: Prometheus asks without a key. */
static int metrics_start(struct app *a, struct err *err)
{
	struct listener l = {0};
	monitor_listener(&l);
	return part_listen(a, LISTENER_METRICS, &l, err);
}

static const struct part parts[] = {
    {"keys", keys_start, NULL, keys_stop},
    {"server", server_make, NULL, NULL},
    {"database", database_start, NULL, database_stop},
    {"cluster", cluster_part_start, NULL, cluster_part_stop},
    {"keys ready", keys_wait, NULL, NULL},
    {"objects", objects_start, NULL, objects_stop},
    {"serving", serving_part_start, NULL, serving_part_stop},
    {"inference", inference_part_start, NULL, inference_part_stop},
    {"controllers", control_part_start, NULL, control_part_stop},
    {"kubernetes", kubernetes_part_start, kubernetes_part_drain, kubernetes_part_stop},
    {"metrics", metrics_start, NULL, NULL},
    {"accepting", accepting_start, NULL, accepting_stop},
    {"node", node_part_start, NULL, NULL},
    {"admin", admin_part_start, NULL, admin_part_stop},
};

int part_listen(struct app *a, enum listener_id id, struct listener *l, struct err *err)
{
	if (!a->config->listen[id])
		return 0;
	l->name = listener_names[id];
	l->address = a->config->listen[id];
	l->tls = a->tls;
	if (server_listen(a->server, l, err) < 0)
		return -1;
	a->listeners[id] = *l;
	return 0;
}

/* Also after a start that failed: a part that is not there, or half made, stops all the same. */
static void stop(struct app *a)
{
	for (size_t i = COUNT_OF(parts); i-- > 0;)
		if (parts[i].stop)
			parts[i].stop(a);
	free(a);
}

int app_start(const struct config *config, const struct datadir *data, struct app **out, struct err *err)
{
	struct app *a = calloc(1, sizeof *a);
	if (!a)
		abort();
	a->config = config;
	a->data = data;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (parts[i].start(a, err) < 0) {
			stop(a);
			return -1;
		}
	}
	*out = a;
	return 0;
}

const char *app_address(const struct app *a, enum listener_id listener)
{
	return server_address(a->server, listener_names[listener]);
}

void app_run(struct app *a, void (*fn)(void *), void *arg)
{
	(void)server_run_after(a->server, 0, fn, arg);
}

int app_stop(struct app *a)
{
	if (!a)
		return 0;
	for (size_t i = COUNT_OF(parts); i-- > 0;)
		if (parts[i].drain)
			parts[i].drain(a);
	int cut_off = server_drain(a->server);
	if (cut_off)
		LOG_WARN("server", "requests were cut off", LOG_I("requests", cut_off));
	stop(a);
	return cut_off;
}
