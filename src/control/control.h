/*
 * The controllers: one a kind, each comparing what is wanted with what there is. The only place that joins the resource
 * store with models, objects and the network.
 *
 *   control_new(&options, &control, err); control_start(control, err); … control_stop(control); control_free(control);
 *
 * After cluster_start; before the listeners answer. When control_start returns, every stored InferenceService has an
 * endpoint: it answers 503 until its model is loaded, which begins at once on the controllers' threads and needs no
 * network when the files are in DIR/models.
 */
#ifndef CORACLE_CONTROL_CONTROL_H
#define CORACLE_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "control/image.h"

struct cluster;
struct serving;
struct object_store;
struct recorder;
struct control;

/* Everything but data_dir's files is borrowed and outlives the control. Strings are copied. */
struct control_options {
	struct cluster *cluster;
	struct serving *serving;
	struct object_store *objects;  /* of the own S3 listener; NULL: none */
	struct recorder *recorder;     /* Events; NULL: none */
	const struct clock *clock;     /* NULL: clock_os */
	const struct random *random;   /* NULL: random_os */
	const char *data_dir;          /* models/, volumes/, logs/pods/ are made below it */
	const char *domain;            /* NULL: "example.com" */
	const char *inference_address; /* "127.0.0.1:8080": address of the pods of built-in servers; NULL: none */
	const char *s3_address;        /* "127.0.0.1:9000" of our own S3 listener; NULL: none */
	const char *s3_access_key, *s3_secret_key; /* the keys it accepts */
	const char *const *file_roots;             /* folders that file:// may read */
	size_t file_roots_n;
	const struct image_alias *images; /* of the configuration; beside those that `coracle image alias` stored */
	size_t images_n;
	const char *ca_pem;  /* of the Kubernetes listener: ConfigMap kube-root-ca.crt; NULL: none */
	bool sandbox;        /* load models in the loader process (infer/load/sandbox.h) */
	bool refuse_private; /* the fetcher refuses loopback and private addresses too */
};

int control_new(const struct control_options *options, struct control **out, struct err *err);
int control_start(struct control *c, struct err *err);
/* No controller runs when it returned; a fetch under way is given up and begun again at the next start. */
void control_stop(struct control *c);
/* NULL is nothing. */
void control_free(struct control *c);

/* Waits until every event so far was worked on (retries that wait for their time do not count): for tests. */
void control_settle(struct control *c);

#endif
