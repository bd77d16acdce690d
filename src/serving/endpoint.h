/*
 * Names to models. An endpoint is a name in a namespace, the hosts it answers to, and the revision that serves it: a
 * model, or a transformer fused with a predictor.
 *
 * - Publishing swaps one pointer: requests that run keep the revision they began with, and it is freed when the last of
 *   them leaves.
 * - Looking up and holding a revision takes no lock and no allocation: it is the hot path.
 * - A revision that failed never replaces one that serves; without one, the endpoint answers 503 with the reason.
 */
#ifndef CORACLE_SERVING_ENDPOINT_H
#define CORACLE_SERVING_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "infer/model.h"

struct serving;
struct endpoint;

struct serving_options {
	const struct clock *clock; /* NULL: clock_os */
	const char *domain;	   /* "example.com": for messages; hosts come with each endpoint */
};

int serving_new(const struct serving_options *options, struct serving **out, struct err *err);
void serving_free(struct serving *s);

/* What one endpoint is to be. Everything is copied; models are referenced. */
struct endpoint_spec {
	const char *namespace_;	 /* "" for `coracle serve` */
	const char *name;	 /* the model's name in V1 paths, and of the endpoint */
	const char *const *hosts; /* "textclustering.kserve-textclustering.example.com" and every other form, lower case, no
				   * port; matched without case and port */
	size_t hosts_n;
	const char *revision;	 /* "textclustering-predictor-default-00001": for logs and metrics */
	struct model *model;	 /* fused or alone */
	enum model_method method; /* of the predictor */
	bool element_rows;	 /* a transformer is in front: each element of `instances` is transformed alone and flattened
				  * to one row, as seed 004's transformer does */
};

/* Adds the endpoint or swaps its revision in. Hosts replace the earlier ones. ERR_EXISTS when another endpoint has one
 * of the hosts. */
int serving_publish(struct serving *s, const struct endpoint_spec *spec, struct err *err);
/* The endpoint exists but has nothing that could serve: requests get 503 with `reason`. Keeps a revision that serves. */
int serving_unready(struct serving *s, const struct endpoint_spec *spec, const char *reason, struct err *err);
/* Requests in flight finish. Nothing when there is none. */
void serving_remove(struct serving *s, const char *namespace_, const char *name);

/* --- the request path --- */

/* A held revision. Release it when the answer's bytes no longer point into it. */
struct revision;

/* ERR_NOT_FOUND for an unknown host. `host` as sent. */
int serving_by_host(struct serving *s, struct slice host, struct endpoint **out, struct err *err);
/* By endpoint name: the only one of that name; of several the one in "default", else ERR_INVALID naming them.
 * namespace_ empty: any. ERR_NOT_FOUND "Model with name x does not exist.". */
int serving_by_name(struct serving *s, struct slice namespace_, struct slice name, struct endpoint **out,
		    struct err *err);
/* ERR_UNAVAILABLE with the reason when nothing serves. */
int endpoint_hold(struct endpoint *e, struct revision **out, struct err *err);
void revision_release(struct revision *r);
const struct model *revision_model(const struct revision *r);
const struct endpoint_spec *revision_spec(const struct revision *r);

/* For listings (`/v1/models`): calls fn for every endpoint. */
void serving_each(struct serving *s, void (*fn)(void *ctx, const char *namespace_, const char *name, bool ready),
		  void *ctx);

#endif
