/* What the controllers share. Their own; others see control.h. */
#ifndef CORACLE_CONTROL_CONTEXT_H
#define CORACLE_CONTROL_CONTEXT_H

#include <stdatomic.h>

#include "cluster/event.h"
#include "cluster/podlog.h"
#include "cluster/queue.h"
#include "cluster/resource.h"
#include "control/control.h"
#include "control/fetch.h"
#include "control/informer.h"
#include "control/resolve.h"
#include "control/storage_secret.h"
#include "serving/endpoint.h"

struct isvc_table;

/* The kinds that controllers know by name. Filled from a table in control.c. */
struct control_kinds {
	const struct kind *namespace_, *config_map, *secret, *service_account, *service, *endpoints, *endpoint_slice, *pod, *node,
	    *claim, *volume, *deployment, *replica_set;
	const struct kind *isvc, *runtime, *cluster_runtime;
	const struct kind *knative_service, *configuration, *revision, *route;
};

enum controller_id {
	CONTROLLER_NAMESPACE,
	CONTROLLER_CLAIM,
	CONTROLLER_ENDPOINTS,
	CONTROLLER_WORKLOAD,
	CONTROLLER_ISVC,
	CONTROLLERS
};

struct control;

/* A controller's row with the control it works for: the context of its queue. */
struct controller_run {
	struct control *control;
	const struct controller *row;
};

struct control {
	struct control_options o; /* its strings point into `strings` */
	struct arena strings;
	struct control_kinds kinds;
	struct storage_kinds storage_kinds;
	struct resolver resolver;
	struct podlog podlog;
	struct informer *informer;
	struct queue *queues[CONTROLLERS];
	struct controller_run runs[CONTROLLERS];
	struct isvc_table *isvcs;
	atomic_bool stopping;
	atomic_bool started;
};

/* One controller: a row of the table in control.c. `work` as in cluster/queue.h, with the control as ctx. */
struct controller {
	const char *name;
	unsigned threads, threads_max; /* as in cluster/queue.h */
	int64_t backoff_ms, backoff_ms_max;
	int64_t (*work)(void *control, const char *key, struct err *err);
};

/* Adds "namespace/name" (or "name") of the object to a controller's queue. */
void control_enqueue(struct control *c, enum controller_id id, const json_t *object);
/* "namespace/name" in two; namespace "" for a key without slash. False when it does not fit. */
enum { CONTROL_NAME_BYTES = 256 };
bool control_key_split(const char *key, char namespace_[CONTROL_NAME_BYTES], char name[CONTROL_NAME_BYTES]);
int64_t control_now_ns(const struct control *c);
/* Path below the data directory; false when it is too long. */
bool control_path(const struct control *c, char *out, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The controllers, one file each. */
int64_t namespace_work(void *control, const char *key, struct err *err);
int64_t claim_work(void *control, const char *key, struct err *err);
int64_t endpoints_work(void *control, const char *key, struct err *err);
int64_t workload_work(void *control, const char *key, struct err *err);
int64_t isvc_work(void *control, const char *key, struct err *err);

/* What stands in a fresh cluster: the built-in runtime (before anything else), the controllers as Deployments. */
int system_seed(struct control *c, struct err *err);
int system_show(struct control *c, struct err *err);
/* Files of objects that are not there any more. */
void sweep(struct control *c);

/* Folder of a claim's volume, in `out`; false when the claim is not there. */
bool claim_folder(struct control *c, const char *namespace_, const char *claim, char *out, size_t n);

#endif
