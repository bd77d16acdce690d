/* Objects that a controller makes for another: made, changed and their status written only where they differ. */
#ifndef CORACLE_CONTROL_CHILD_H
#define CORACLE_CONTROL_CHILD_H

#include "control/context.h"

/* Makes `object` so (cluster_ensure), and its "status" if it has one: a status that says the same but for the times of
 * its conditions is left alone, and an observedGeneration in it becomes the object's. Takes `object`. *out (may be
 * NULL) is the object as it is then. */
int child_ensure(struct control *c, const struct kind *k, const char *manager, json_t *object, json_t **out,
		 struct err *err);
/* Writes status.* of the object that is there, from a whole status; takes `status`. Not there any more: 0. */
int child_status(struct control *c, const struct kind *k, const char *manager, const char *namespace_, const char *name,
		 json_t *status, struct err *err);
/* Not there is success. */
int child_delete(struct control *c, const struct kind *k, const char *namespace_, const char *name, struct err *err);

/* metadata of a child: name, namespace, owner (NULL: none), labels and annotations (taken, may be NULL). */
json_t *child_metadata(const char *namespace_, const char *name, const json_t *owner, json_t *labels,
		       json_t *annotations);

#endif
