/*
 * Watches for controllers: one thread holds a watch on every kind that somebody asked for and hands each change to who
 * asked. A watch that fell behind is begun anew, with an ADDED for everything; so a handler may see an object again,
 * and a deletion may be missed: work must compare, not count.
 */
#ifndef CORACLE_CONTROL_INFORMER_H
#define CORACLE_CONTROL_INFORMER_H

#include "cluster/resource.h"

struct informer;

/* On the informer's thread: quick, only adds keys to queues. `object` is borrowed. */
typedef void informer_fn(void *arg, enum watch_event_type type, const json_t *object);

int informer_new(struct cluster *c, struct informer **out, struct err *err);
/* Before informer_start. */
void informer_add(struct informer *i, const struct kind *k, informer_fn *fn, void *arg);
/* Everything that exists was handed over when it returns. */
int informer_start(struct informer *i, struct err *err);
void informer_stop(struct informer *i);
/* Waits until every change made before the call was handed over. */
void informer_settle(struct informer *i);
void informer_free(struct informer *i);

#endif
