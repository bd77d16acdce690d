/*
 * The parts of a running server, for app.c and the part files alone. A part is a row of the table in app.c: what it
 * makes when the server starts, and how that is taken down again, in the reverse order.
 */
#ifndef CORACLE_CLI_APP_PARTS_H
#define CORACLE_CLI_APP_PARTS_H

#include <pthread.h>
#include <stdbool.h>

#include "cli/app.h"
#include "cli/credentials.h"
#include "crypto/pki.h"
#include "crypto/tls.h"
#include "net/server.h"

struct app {
	const struct config *config;
	const struct datadir *data;

	pthread_t keys_thread;
	bool keys_reading; /* the thread is to be joined */
	int keys_rc;
	struct err keys_err;
	struct credentials keys;
	struct pki pki;
	struct tls_context *tls;
	struct server *server;
	struct object_store *objects;
	struct s3_api *s3;
	struct db *cluster_db;
	struct cluster *cluster;
	struct identity *identity;
	struct recorder *recorder;
	struct kubernetes_api *kubernetes;
	struct serving *serving;
	struct inference_api *inference;
	struct control *control;
	struct admin *admin;
	struct listener listeners[LISTENERS]; /* as they were bound; routes_n 0: off */
};

struct part {
	const char *name;
	int (*start)(struct app *a, struct err *err);
	void (*drain)(struct app *a); /* ends what would keep the server from draining; may be NULL */
	void (*stop)(struct app *a);  /* may be NULL; also called when start failed or never ran */
};

/* Binds a listener that a part has filled; address and TLS are set here. Nothing when the configuration turns it off.
 */
int part_listen(struct app *a, enum listener_id id, struct listener *l, struct err *err);

int keys_start(struct app *a, struct err *err);
int keys_wait(struct app *a, struct err *err);
void keys_stop(struct app *a);
int objects_start(struct app *a, struct err *err);
void objects_stop(struct app *a);
int cluster_part_start(struct app *a, struct err *err);
void cluster_part_stop(struct app *a);
int kubernetes_part_start(struct app *a, struct err *err);
void kubernetes_part_drain(struct app *a);
void kubernetes_part_stop(struct app *a);
int control_part_start(struct app *a, struct err *err);
void control_part_stop(struct app *a);
int node_part_start(struct app *a, struct err *err);
struct kubernetes_proxy_target;
/* kubernetes_options.proxy: the target's Service or Pod as an endpoint. */
int app_proxy(void *arg, struct http_exchange *x, const struct kubernetes_proxy_target *target, struct err *err);
int serving_part_start(struct app *a, struct err *err);
void serving_part_stop(struct app *a);
int inference_part_start(struct app *a, struct err *err);
void inference_part_stop(struct app *a);
int admin_part_start(struct app *a, struct err *err);
void admin_part_stop(struct app *a);

#endif
