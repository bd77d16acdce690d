/* What is remembered of an InferenceService between passes: its models. Only for isvc_state.c, isvc_load.c and
 * isvc_publish.c. */
#ifndef CORACLE_CONTROL_ISVC_STATE_H
#define CORACLE_CONTROL_ISVC_STATE_H

#include "control/isvc.h"

enum { REVISION_BYTES = 160, UID_BYTES = 64 };

/* A component's revision with its model. Empty revision: none. */
struct isvc_loaded {
	char revision[REVISION_BYTES];
	char uid[UID_BYTES]; /* of the Revision object */
	enum model_method method;
	struct model *model; /* a reference */
};

/* The last failed attempt at a component's newest revision. */
struct isvc_attempt {
	char revision[REVISION_BYTES], uid[UID_BYTES];
	int failures;
	int64_t next_ns; /* monotonic */
	enum component_phase phase;
	struct isvc_failure failure;
};

struct isvc_state {
	struct isvc_loaded fresh[COMPONENTS];   /* the newest that loaded */
	struct isvc_loaded serving[COMPONENTS]; /* what is published */
	struct isvc_attempt failed[COMPONENTS];
	int64_t attempt_ns;       /* when the attempt under way began, monotonic */
	bool restored;            /* the first pass after start is done */
	bool published;           /* the whole answers */
	bool component_published; /* the predictor's own endpoint is there */
	atomic_bool retry;        /* set by anybody */
	bool retrying;            /* this pass does not wait for failed attempts' time */
};

void isvc_loaded_set(struct isvc_loaded *at, const struct isvc_loaded *from);
void isvc_loaded_clear(struct isvc_loaded *at);

/* DIR/models/NS/NAME[/REVISION][SUFFIX]. */
bool isvc_files_path(struct control *c, const struct isvc_plan *p, const char *revision, const char *suffix, char *out,
		     size_t n);

#endif
