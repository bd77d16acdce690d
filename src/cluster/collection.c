/*
 * The objects of one resource: a sorted array of entries, and a ring of the newest events.
 *
 * An array, because lists are what is asked for most and are read in order; a place is found by bisection, and inserting
 * moves pointers only. The ring grows up to limits.api_watch_window and is cut by age as well (WINDOW_AGE_NS), so that a
 * busy resource does not hold thousands of old documents for ever; `floor` says from which version on it is complete.
 */
#include "cluster/state.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"

/* etcd's compaction, which clients are written for, forgets after five minutes too. */
static const int64_t WINDOW_AGE_NS = (int64_t)300 * 1000000000;
enum { RING_START = 16 };

static char *key_of(const char *group, const char *plural)
{
	char *key = NULL;
	if (asprintf(&key, "%s%s%s", plural, *group ? "." : "", group) < 0)
		abort();
	return key;
}

struct collection *collection_of_key(struct cluster *c, const char *key)
{
	return map_get(&c->collections, slice_str(key));
}

struct collection *collection_get(struct cluster *c, const char *group, const char *plural)
{
	char *key = key_of(group, plural);
	struct collection *in = collection_of_key(c, key);
	if (in) {
		free(key);
		return in;
	}
	in = calloc(1, sizeof *in);
	if (!in || !(in->group = strdup(group)) || !(in->plural = strdup(plural)))
		abort();
	in->key = key;
	map_put(&c->collections, slice_str(key), in);
	*vec_push(&c->collections_in_order) = in;
	return in;
}

struct collection *cluster_collection(struct cluster *c, const struct kind *k)
{
	const struct kind *s = kind_storage(k);
	char *key = key_of(s->group, s->plural);
	pthread_rwlock_rdlock(&c->lock);
	struct collection *in = collection_of_key(c, key);
	pthread_rwlock_unlock(&c->lock);
	free(key);
	if (in)
		return in;
	pthread_rwlock_wrlock(&c->lock);
	in = collection_get(c, s->group, s->plural);
	pthread_rwlock_unlock(&c->lock);
	return in;
}

size_t collection_seek(const struct collection *in, const char *namespace_, const char *name)
{
	size_t low = 0, high = in->entries.len;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct entry *e = in->entries.ptr[mid];
		int order = strcmp(e->namespace_, namespace_);
		if (order == 0)
			order = strcmp(e->name, name);
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct entry *collection_find(const struct collection *in, const char *namespace_, const char *name)
{
	size_t i = collection_seek(in, namespace_, name);
	if (i == in->entries.len)
		return NULL;
	struct entry *e = in->entries.ptr[i];
	return !strcmp(e->namespace_, namespace_) && !strcmp(e->name, name) ? e : NULL;
}

static void event_release(struct event *e)
{
	json_decref(e->before);
	json_decref(e->after);
	*e = (struct event){ 0 };
}

static void drop_oldest(struct collection *in)
{
	struct event *e = &in->events[in->events_first % in->events_cap];
	in->floor = e->version;
	event_release(e);
	in->events_first++;
}

void collection_trim(struct collection *in, int64_t now_ns)
{
	while (in->events_first < in->events_end &&
	       now_ns - in->events[in->events_first % in->events_cap].at_ns > WINDOW_AGE_NS)
		drop_oldest(in);
}

void collection_event(struct collection *in, const struct event *e)
{
	collection_trim(in, e->at_ns);
	size_t kept = (size_t)(in->events_end - in->events_first);
	if (kept == in->events_cap && in->events_cap < (size_t)limits.api_watch_window) {
		size_t cap = in->events_cap ? in->events_cap * 2 : RING_START;
		struct event *more = calloc(cap, sizeof *more);
		if (!more)
			abort();
		for (uint64_t s = in->events_first; s < in->events_end; s++)
			more[s % cap] = in->events[s % in->events_cap];
		free(in->events);
		in->events = more;
		in->events_cap = cap;
	} else if (kept == in->events_cap) {
		drop_oldest(in);
	}
	in->events[in->events_end++ % in->events_cap] = *e;
	in->newest = e->version;
}

static struct entry *entry_new(struct collection *in, const char *namespace_, const char *name, json_t *object,
			       int64_t version)
{
	size_t a = strlen(namespace_) + 1, b = strlen(name) + 1;
	struct entry *e = calloc(1, sizeof *e);
	char *text = malloc(a + b);
	if (!e || !text)
		abort();
	memcpy(text, namespace_, a);
	memcpy(text + a, name, b);
	*e = (struct entry){ .in = in, .namespace_ = text, .name = text + a, .object = object, .version = version };
	return e;
}

static void entry_free(struct entry *e)
{
	json_decref(e->object);
	free(e->namespace_);
	free(e);
}

/* ---- who owns whom ---- */

static struct slice uid_of(const json_t *object)
{
	return slice_str(json_string_value(json_object_get(json_object_get(object, "metadata"), "uid")));
}

static void owner_add(struct cluster *c, struct entry *e)
{
	const json_t *refs = json_object_get(json_object_get(e->object, "metadata"), "ownerReferences"), *ref;
	size_t i;
	json_array_foreach(refs, i, ref)
	{
		struct slice uid = slice_str(json_string_value(json_object_get(ref, "uid")));
		if (uid.len == 0)
			continue;
		struct dependents *d = map_get(&c->owners, uid);
		if (!d) {
			d = calloc(1, sizeof *d);
			if (!d)
				abort();
			map_put(&c->owners, uid, d);
		}
		*vec_push(&d->entries) = e;
	}
}

static void owner_remove(struct cluster *c, struct entry *e)
{
	const json_t *refs = json_object_get(json_object_get(e->object, "metadata"), "ownerReferences"), *ref;
	size_t i;
	json_array_foreach(refs, i, ref)
	{
		struct slice uid = slice_str(json_string_value(json_object_get(ref, "uid")));
		struct dependents *d = uid.len ? map_get(&c->owners, uid) : NULL;
		for (size_t k = 0; d && k < d->entries.len; k++) {
			if (d->entries.ptr[k] != e)
				continue;
			d->entries.ptr[k] = d->entries.ptr[--d->entries.len];
			break;
		}
		if (d && d->entries.len == 0) {
			map_remove(&c->owners, uid);
			vec_release(&d->entries);
			free(d);
		}
	}
}

static void index_add(struct cluster *c, struct entry *e)
{
	struct slice uid = uid_of(e->object);
	if (uid.len)
		map_put(&c->uids, uid, e);
	owner_add(c, e);
}

static void index_remove(struct cluster *c, struct entry *e)
{
	struct slice uid = uid_of(e->object);
	if (uid.len && map_get(&c->uids, uid) == e)
		map_remove(&c->uids, uid);
	owner_remove(c, e);
}

struct entry *collection_load(struct cluster *c, struct collection *in, const char *namespace_, const char *name,
			      json_t *object, int64_t version)
{
	struct entry *e = entry_new(in, namespace_, name, object, version);
	*vec_push(&in->entries) = e;
	index_add(c, e);
	if (version > in->newest)
		in->newest = in->floor = version;
	return e;
}

static struct entry *insert(struct collection *in, const char *namespace_, const char *name, json_t *object,
			    int64_t version)
{
	size_t at = collection_seek(in, namespace_, name);
	struct entry *e = entry_new(in, namespace_, name, object, version);
	(void)vec_push(&in->entries);
	memmove(in->entries.ptr + at + 1, in->entries.ptr + at, (in->entries.len - 1 - at) * sizeof *in->entries.ptr);
	in->entries.ptr[at] = e;
	return e;
}

struct entry *collection_put(struct cluster *c, struct collection *in, const char *namespace_, const char *name,
			     json_t *object, int64_t version)
{
	struct entry *e = collection_find(in, namespace_, name);
	if (e) {
		index_remove(c, e);
		json_decref(e->object);
		e->object = object;
		e->version = version;
	} else {
		e = insert(in, namespace_, name, object, version);
	}
	index_add(c, e);
	return e;
}

void collection_remove(struct cluster *c, struct collection *in, const char *namespace_, const char *name)
{
	size_t at = collection_seek(in, namespace_, name);
	assert(at < in->entries.len);
	struct entry *e = in->entries.ptr[at];
	index_remove(c, e);
	memmove(in->entries.ptr + at, in->entries.ptr + at + 1, (in->entries.len - 1 - at) * sizeof *in->entries.ptr);
	in->entries.len--;
	entry_free(e);
}

void collection_free(struct collection *in)
{
	assert(in->watches.len == 0 && "a watch is still open");
	for (size_t i = 0; i < in->entries.len; i++)
		entry_free(in->entries.ptr[i]);
	while (in->events_first < in->events_end)
		drop_oldest(in);
	vec_release(&in->entries);
	vec_release(&in->watches);
	vec_release(&in->hooks);
	free(in->events);
	free(in->key);
	free(in->group);
	free(in->plural);
	free(in);
}
