/*
 * From hosts and names to endpoints: an immutable pair of open-addressing tables, rebuilt as a whole when a name or a
 * host changes. The serving module's own.
 */
#ifndef CORACLE_SERVING_INDEX_H
#define CORACLE_SERVING_INDEX_H

#include <stdatomic.h>

#include "serving/endpoint.h"

struct revision;

/* Its strings and hosts belong to it; changed only by the writer, before or after it is visible in an index. */
struct endpoint {
	struct endpoint *next;
	char *namespace_, *name, *component;
	char **hosts; /* normal form */
	size_t hosts_n;
	_Atomic(struct revision *) current; /* never NULL once visible */
};

struct index_slot {
	uint64_t hash;
	struct slice key;
	struct endpoint *endpoint; /* NULL: free */
};

struct index {
	size_t host_mask, name_mask;
	struct index_slot *hosts, *names;
	struct index_slot slots[];
};

/* Of a list of endpoints. Component endpoints are found by their hosts only. NULL when memory is short. */
struct index *index_new(struct endpoint *list);

/* `host` in normal form. NULL: unknown. */
struct endpoint *index_by_host(const struct index *ix, struct slice host);
/* NULL with err set: ERR_NOT_FOUND or ERR_INVALID. */
struct endpoint *index_by_name(const struct index *ix, struct slice namespace_, struct slice name, struct err *err);

#endif
