/* Tables of hosts and names: see index.h. At most half full, so a probe ends soon. */
#include "serving/index.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/map.h"

static uint64_t hash_of(struct slice key)
{
	return hash_bytes(key.ptr, key.len, 0x5e41);
}

static size_t cap_for(size_t n)
{
	size_t cap = 4;
	while (cap < n * 2)
		cap *= 2;
	return cap;
}

static void put(struct index_slot *slots, size_t mask, struct slice key, struct endpoint *e)
{
	uint64_t hash = hash_of(key);
	size_t i = hash & mask;
	while (slots[i].endpoint)
		i = (i + 1) & mask;
	slots[i] = (struct index_slot){hash, key, e};
}

struct index *index_new(struct endpoint *list)
{
	size_t hosts = 0, names = 0;
	for (struct endpoint *e = list; e; e = e->next) {
		hosts += e->hosts_n;
		names++;
	}
	size_t host_cap = cap_for(hosts), name_cap = cap_for(names);
	struct index *ix = calloc(1, sizeof *ix + (host_cap + name_cap) * sizeof *ix->slots);
	if (!ix)
		return NULL;
	ix->host_mask = host_cap - 1;
	ix->name_mask = name_cap - 1;
	ix->hosts = ix->slots;
	ix->names = ix->slots + host_cap;
	for (struct endpoint *e = list; e; e = e->next) {
		for (size_t i = 0; i < e->hosts_n; i++)
			put(ix->hosts, ix->host_mask, slice_str(e->hosts[i]), e);
		if (!*e->component)
			put(ix->names, ix->name_mask, slice_str(e->name), e);
	}
	return ix;
}

struct endpoint *index_by_host(const struct index *ix, struct slice host)
{
	uint64_t hash = hash_of(host);
	for (size_t i = hash & ix->host_mask; ix->hosts[i].endpoint; i = (i + 1) & ix->host_mask)
		if (ix->hosts[i].hash == hash && slice_eq(ix->hosts[i].key, host))
			return ix->hosts[i].endpoint;
	return NULL;
}

/* Names the namespaces that have it, as far as there is room. */
static void ambiguous(const struct index *ix, uint64_t hash, struct slice name, struct err *err)
{
	char list[256] = "";
	size_t len = 0;
	for (size_t i = hash & ix->name_mask; ix->names[i].endpoint; i = (i + 1) & ix->name_mask) {
		if (ix->names[i].hash != hash || !slice_eq(ix->names[i].key, name))
			continue;
		int n =
		    snprintf(list + len, sizeof list - len, "%s%s", len ? ", " : "", ix->names[i].endpoint->namespace_);
		if (n < 0 || (size_t)n >= sizeof list - len)
			break;
		len += (size_t)n;
	}
	err_set(err, ERR_INVALID, "Model with name %.*s exists in several namespaces (%s): say which by host or path.",
		SLICE_ARG(slice_sub(name, 0, 256)), list);
}

struct endpoint *index_by_name(const struct index *ix, struct slice namespace_, struct slice name, struct err *err)
{
	uint64_t hash = hash_of(name);
	struct endpoint *only = NULL, *in_default = NULL;
	size_t n = 0;
	for (size_t i = hash & ix->name_mask; ix->names[i].endpoint; i = (i + 1) & ix->name_mask) {
		struct endpoint *e = ix->names[i].endpoint;
		if (ix->names[i].hash != hash || !slice_eq(ix->names[i].key, name))
			continue;
		if (namespace_.len) {
			if (slice_is(namespace_, e->namespace_))
				return e;
			continue;
		}
		n++;
		only = e;
		if (strcmp(e->namespace_, "default") == 0)
			in_default = e;
	}
	if (n == 1)
		return only;
	if (in_default)
		return in_default;
	if (n) {
		ambiguous(ix, hash, name, err);
		return NULL;
	}
	err_set(err, ERR_NOT_FOUND, "Model with name %.*s does not exist.", SLICE_ARG(slice_sub(name, 0, 256)));
	err_sub(err, SERVING_NO_MODEL);
	return NULL;
}
