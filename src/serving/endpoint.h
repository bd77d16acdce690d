/*
 * Names to models. An endpoint is a name in a namespace, the hosts it answers to, and the revision that serves it: a
 * model, or a transformer fused with a predictor.
 *
 * - Publishing swaps one pointer: requests that run keep the revision they began with, and it is freed when the last of
 *   them leaves.
 * - Looking up and holding a revision takes no lock and no allocation: it is the hot path.
 * - A revision that failed never replaces one that serves; without one, the endpoint answers 503 with the reason.
 *
 * How: hosts and names are found in an immutable index behind one pointer, an endpoint's revision behind another, both
 * read inside a grace section (grace.h); a revision is reference counted, so a request holds it as long as it runs.
 * Writers take a lock, and rebuild the index only when a name or a host changes.
 */
#ifndef CORACLE_SERVING_ENDPOINT_H
#define CORACLE_SERVING_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/metric.h"
#include "base/slice.h"
#include "infer/model.h"

struct serving;

struct serving_options {
	const char *domain; /* "example.com": for messages; hosts come with each endpoint */
};

int serving_new(const struct serving_options *options, struct serving **out, struct err *err);
/* Nothing may be held any more. */
void serving_free(struct serving *s);

/* What one endpoint is to be. Everything is copied; models are referenced. */
struct endpoint_spec {
	const char *namespace_; /* "" for `coracle serve` */
	const char *name;       /* the model's name in V1 paths, and of the endpoint */
	const char *component;  /* NULL or "": the whole; "predictor": what stands behind a transformer, which only its
				 * own hosts reach, never a path without a host */
	const char *const *hosts; /* "textclustering.kserve-textclustering.example.com" and every other form, lower
				   * case, no port; matched without case and port. See host.h. */
	size_t hosts_n;
	const char *revision;     /* "textclustering-predictor-default-00001": for logs and metrics */
	struct model *model;      /* fused or alone */
	enum model_method method; /* of the predictor */
	bool element_rows; /* a transformer is in front: each element of `instances` is transformed alone and flattened
			    * to one row, as seed 004's transformer does */
	/* With element_rows: the parts of `model`, for elements of more than one row (run apart, so that the predictor
	 * refuses or takes the longer row itself). NULL: such elements are handed to `model` as they are. */
	struct model *transformer, *predictor;
};

/* Adds the endpoint or swaps its revision in. Hosts replace the earlier ones. ERR_EXISTS when another endpoint has one
 * of the hosts, ERR_UNSUPPORTED when the model does not have the method. */
int serving_publish(struct serving *s, const struct endpoint_spec *spec, struct err *err);
/* The endpoint exists but has nothing that could serve: requests get 503 with `reason` ("" or NULL: none is known).
 * Keeps a revision that serves. The spec's model is ignored. */
int serving_unready(struct serving *s, const struct endpoint_spec *spec, const char *reason, struct err *err);
/* Every component of that name. Requests in flight finish. Nothing when there is none. */
void serving_remove(struct serving *s, const char *namespace_, const char *name);

/* --- the request path --- */

/* A held revision. Release it when the answer's bytes no longer point into it. */
struct revision;

/* Whom a request is for. Empty slices: not told. */
struct serving_address {
	struct slice host; /* as sent, with port and in any case */
	struct slice namespace_;
	struct slice name;
	struct slice version; /* when told, the revision's name must be this */
};

/* err.sub of ERR_NOT_FOUND */
enum { SERVING_NO_HOST = 1, SERVING_NO_MODEL };

/*
 * With a host: the endpoint that has it; its name must be `name` when that is told. Without: the endpoint of that name,
 * the only one; of several the one in "default", else ERR_INVALID naming them.
 * ERR_NOT_FOUND "Model with name x does not exist." or an unknown host; ERR_UNAVAILABLE "Model with name x is not
 * ready." and the reason.
 */
int serving_hold(struct serving *s, const struct serving_address *who, struct revision **out, struct err *err);
void revision_release(struct revision *r);
const struct model *revision_model(const struct revision *r);
const struct endpoint_spec *revision_spec(const struct revision *r);

/* KServe's histograms of this model's name, seconds. */
enum serving_phase { SERVING_PREPROCESS, SERVING_PREDICT, SERVING_POSTPROCESS, SERVING_EXPLAIN, SERVING_PHASES };
struct metric_series *revision_seconds(const struct revision *r, enum serving_phase phase);

/* An endpoint in a listing. */
struct serving_item {
	const char *namespace_, *name, *revision;
	const char *reason; /* why it does not serve, "" when none is known yet; NULL: it serves */
};

/* For listings (`/v1/models`): calls fn for every endpoint that `who` may mean (NULL: any): of its host, else of its
 * namespace and name where they are told, without components; by name. Returns how many. fn must not call serving_*. */
size_t serving_each(struct serving *s, const struct serving_address *who,
		    void (*fn)(void *ctx, const struct serving_item *item), void *ctx);

#endif
