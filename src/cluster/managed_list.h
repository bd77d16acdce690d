/* metadata.managedFields as a list that can be worked with: entries with their field sets (cluster/fieldset.h). */
#ifndef CORACLE_CLUSTER_MANAGED_LIST_H
#define CORACLE_CLUSTER_MANAGED_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct manager {
	const char *name;	 /* borrowed from what the list was read from, or from the caller */
	const char *api_version;
	const char *subresource; /* "" for none */
	bool apply;
	char time[40]; /* "" unknown */
	json_t *set;   /* owned */
};

struct manager_list {
	struct manager *rows;
	size_t n, cap;
};

/* Reads an array of entries, which must outlive the list; what is no entry is left out. */
void manager_list_decode(struct manager_list *l, const json_t *entries);
/* The entry of that manager, made with an empty set when there is none. An applier is the same in every version. */
struct manager *manager_list_get(struct manager_list *l, const char *name, const char *api_version,
				 const char *subresource, bool apply);
struct manager *manager_list_find(struct manager_list *l, const char *name, const char *api_version,
				  const char *subresource, bool apply);
/* Entries in the API server's order; empty sets are left out. NULL when none is left. New reference. */
json_t *manager_list_encode(struct manager_list *l);
void manager_list_release(struct manager_list *l);

#endif
