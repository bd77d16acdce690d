/*
 * The InferenceService controller's own header: what a spec asks for (isvc_plan.c), the objects that stand for it
 * (isvc_knative.c, isvc_workload.c, isvc_pod.c), its models (isvc_model.c), its status (isvc_status.c), and the pass
 * that joins them (isvc.c).
 *
 * One pass over an InferenceService:
 *   plan      what each component wants: image, URI, pod template; or why it cannot be
 *   revision  a template that differs from the newest revision's makes the next one: …-00002
 *   load      fetch, open; each component's newest revision beside the one that serves
 *   publish   the newest of each component that loaded; a pair that does not fit is not published
 *   tell      pods, deployments, Knative objects, status, Events
 * A pass that finds nothing to do writes nothing.
 */
#ifndef CORACLE_CONTROL_ISVC_H
#define CORACLE_CONTROL_ISVC_H

#include "control/context.h"

enum component_id { COMPONENT_PREDICTOR, COMPONENT_TRANSFORMER, COMPONENTS };

/* Names of a component in objects and conditions. */
struct component_info {
	const char *key;            /* "predictor": in spec and status, and the label's value */
	const char *title;          /* "Predictor": in conditions */
	const char *service_suffix; /* "-predictor-default" */
};
extern const struct component_info component_infos[COMPONENTS];

/* Why something is not ready. */
struct isvc_failure {
	const char *reason; /* static, CamelCase; NULL: nothing failed */
	char message[1024];
};

enum component_phase {
	PHASE_PENDING, /* its files are being fetched */
	PHASE_LOADING, /* its model is being opened */
	PHASE_READY,
	PHASE_FETCH_FAILED,
	PHASE_IMAGE_FAILED, /* nothing here is that image */
	PHASE_LOAD_FAILED,
	PHASE_RETIRED, /* an older revision: no pods */
};

struct component {
	enum component_id id;
	bool wanted;
	char service[128];           /* "<isvc>-predictor-default" */
	const char *service_account; /* "" default */
	const char *uri;             /* "" none */
	const json_t *storage;       /* {key, path, parameters}, or NULL */
	const char *image;           /* as the pod has it */
	enum image_kind image_kind;
	enum model_method method;
	const char *alias_method; /* when the image's alias says so, "" else */
	const char *runtime; /* its name, "" none */
	bool cluster_runtime;
	json_t *pod_spec;    /* of the revision; owned */
	json_t *annotations; /* of the revision; owned */
	char hash[17];       /* of both and of the URI */
	/* the newest revision */
	char revision[160];
	int64_t generation;
	bool fresh_revision;     /* made in this pass */
	json_t *revision_object; /* owned */
	/* how it is */
	enum component_phase phase;
	struct isvc_failure failure;
	int restarts;
};

struct isvc_plan {
	struct arena arena;
	json_t *isvc; /* owned reference */
	const char *namespace_, *name, *uid;
	struct component components[COMPONENTS];
	struct isvc_failure invalid; /* nothing can be made of this spec */
	struct isvc_failure limited; /* served, but not all of the spec: never Ready */
	bool hold;                   /* a canary: the newest revision must not take traffic */
	bool stopped;                /* annotation serving.kserve.io/stop */
};

/* Never fails: what is wrong with the spec is in `invalid`, `limited`. isvc_plan_release. */
void isvc_plan_make(struct control *c, const json_t *isvc, struct isvc_plan *out);
void isvc_plan_release(struct isvc_plan *p);
/* The container of a {containers: […]} spec that serves: kserve-container, else the first; borrowed. */
const json_t *isvc_main_container(const json_t *containers);

/* ---- runtimes (isvc_runtime.c) ---- */

struct runtime_choice {
	const char *name;
	bool cluster;
	json_t *spec; /* new reference */
};
/* -1 with *failure filled: none supports it, not recognized, disabled. */
int isvc_runtime_choose(struct control *c, const char *namespace_, const char *runtime, const char *format,
			const char *version, const char *protocol, struct arena *arena, struct runtime_choice *out,
			struct isvc_failure *failure);

/* ---- objects (isvc_knative.c, isvc_workload.c, isvc_pod.c) ---- */

/* Finds or makes the newest revision of a component, with its Knative service and configuration. */
int isvc_revision_ensure(struct control *c, struct isvc_plan *p, struct component *m, struct err *err);
/* Deployment, ReplicaSet, Pod and Services of the newest revision, by its phase. */
int isvc_workload_ensure(struct control *c, struct isvc_plan *p, struct component *m, struct err *err);
/* Status of service, configuration, route and revision. `ready`: the revision that takes the traffic, "" none. */
int isvc_knative_status(struct control *c, struct isvc_plan *p, struct component *m, const char *ready,
			struct err *err);
/* Older revisions than the newest, `ready` and the one before it go; those that stay have no pods. */
int isvc_revisions_prune(struct control *c, struct isvc_plan *p, struct component *m, const char *ready,
			 struct err *err);
/* Objects of a component that the spec no longer has. */
int isvc_component_remove(struct control *c, struct isvc_plan *p, struct component *m, struct err *err);
/* The Service of the InferenceService itself. */
int isvc_top_service_ensure(struct control *c, struct isvc_plan *p, struct err *err);

/* Labels of everything that belongs to a revision; new reference. */
json_t *isvc_labels(const struct isvc_plan *p, const struct component *m);
json_t *isvc_pod_status(struct control *c, const struct component *m, const json_t *pod);
int isvc_pod_ensure(struct control *c, struct isvc_plan *p, struct component *m, const json_t *replica_set,
		    json_t **out, struct err *err);
/* The pod of the newest revision, or NULL; new reference. */
json_t *isvc_pod_find(struct control *c, const struct isvc_plan *p, const struct component *m);

/* ---- models (isvc_model.c) ---- */

struct isvc_table;
struct isvc_state;

int isvc_table_new(struct isvc_table **out, struct err *err);
void isvc_table_free(struct isvc_table *t);
/* Made at first use; only its key's own pass may look into it. */
struct isvc_state *isvc_state_get(struct control *c, const char *key);
/* Its endpoints, models and fetched files are gone afterwards. */
void isvc_state_drop(struct control *c, const char *key);

/* An endpoint for every stored InferenceService, answering 503 until its models are loaded. */
int isvc_restore_all(struct control *c, struct err *err);
/* The revisions that served before the program stopped, from the files fetched then. */
void isvc_restore(struct control *c, struct isvc_plan *p, struct isvc_state *s);
/* Brings the newest revision's model in: phase and failure say how it went. `seen` is called before a step that takes
 * time, so that the pod can show it. */
void isvc_load(struct control *c, struct isvc_plan *p, struct component *m, struct isvc_state *s,
	       void (*seen)(struct control *c, struct isvc_plan *p, struct component *m));
/* Publishes the newest that loaded; false with *failure when the parts do not fit. */
bool isvc_publish(struct control *c, struct isvc_plan *p, struct isvc_state *s, struct isvc_failure *failure);
/* Without anything that serves: an endpoint that answers 503. */
void isvc_announce(struct control *c, struct isvc_plan *p, const struct isvc_state *s);
void isvc_unpublish(struct control *c, struct isvc_plan *p, struct isvc_state *s, const char *reason);
/* The revision of a component that serves, "" none. */
const char *isvc_serving_revision(const struct isvc_state *s, enum component_id id);
/* When a failed load is to be tried again, ms; 0: nothing failed. */
int64_t isvc_retry_ms(struct control *c, struct isvc_state *s);
/* From any thread: the next pass tries at once. */
void isvc_retry_now(struct control *c, const json_t *isvc);
/* Fetched files of revisions other than these are removed. */
void isvc_files_prune(struct control *c, const struct isvc_plan *p, const struct isvc_state *s);

/* ---- status (isvc_status.c) ---- */

bool isvc_is_ready(const json_t *isvc);
/* Writes status; *ready says whether it is Ready, *was_ready what it was before. */
int isvc_status_write(struct control *c, struct isvc_plan *p, const struct isvc_state *s, bool *ready, bool *was_ready,
		      struct err *err);

#endif
