/*
 * Watches: a position in a collection's event ring, and the objects that were there at the start.
 *
 * A watch holds no queue of its own: watch_next reads the ring from where it stands, so a slow reader costs nothing and
 * learns with ERR_GONE that it fell behind. What a selector makes of an event is decided when it is read:
 *
 *   before matches, after matches   MODIFIED
 *   only after matches              ADDED
 *   only before matches             DELETED, with the last state that matched and the version of the change
 *
 * A watch belongs to one thread; the ring is read under `lock`.
 */
#include "cluster/state.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cluster/decode.h"
#include "cluster/selector.h"

struct watch {
	struct cluster *cluster;
	struct collection *in;
	const struct kind *kind;
	char *namespace_, *name; /* NULL: all */
	struct selector *labels, *fields;
	void (*wake)(void *arg);
	void *arg;
	bool armed; /* the last answer was 0: call wake. Under `lock` */

	VEC(json_t *) initial; /* stored forms, references */
	size_t initial_next;
	bool end_mark; /* a BOOKMARK follows the initial objects */
	int64_t initial_version;

	uint64_t at;  /* number of the next event */
	int64_t seen; /* every event up to this version was looked at */
	bool gone;
};

void watches_wake(struct collection *in, const char *namespace_, const char *name)
{
	for (size_t i = 0; i < in->watches.len; i++) {
		struct watch *w = in->watches.ptr[i];
		if (!w->armed || (w->namespace_ && strcmp(w->namespace_, namespace_) != 0) ||
		    (w->name && strcmp(w->name, name) != 0))
			continue;
		w->armed = false;
		if (w->wake)
			w->wake(w->arg);
	}
}

static bool selected(const struct watch *w, json_t *object)
{
	const json_t *meta = json_object_get(object, "metadata");
	const char *namespace_ = json_string_value(json_object_get(meta, "namespace")),
		   *name = json_string_value(json_object_get(meta, "name"));
	if (!object || (w->namespace_ && strcmp(w->namespace_, namespace_ ? namespace_ : "") != 0) ||
	    (w->name && strcmp(w->name, name ? name : "") != 0))
		return false;
	return view_matches(w->kind, w->labels, w->fields, object);
}

static int too_old(int64_t asked, int64_t floor, struct err *err)
{
	return err_set(err, ERR_GONE, "too old resource version: %lld (%lld)", (long long)asked, (long long)floor);
}

/* "" and "0" are 0: from now, after the initial objects. */
static int parse_version(const char *text, int64_t *out, struct err *err)
{
	if (!text || !*text) {
		*out = 0;
		return 0;
	}
	if (!slice_i64(slice_str(text), out))
		return err_set(err, ERR_INVALID,
			       "resourceVersion: Invalid value: \"%.64s\": strconv.ParseUint: parsing \"%.64s\": invalid syntax",
			       text, text);
	return 0;
}

/* `lock` is held. */
static void take_initial(struct watch *w)
{
	struct collection *in = w->in;
	size_t i = collection_seek(in, w->namespace_ ? w->namespace_ : "", "");
	for (; i < in->entries.len; i++) {
		const struct entry *e = in->entries.ptr[i];
		if (w->namespace_ && strcmp(e->namespace_, w->namespace_) != 0)
			break;
		if (selected(w, e->object))
			*vec_push(&w->initial) = json_incref(e->object);
	}
}

/* The first event after `version`. */
static uint64_t first_after(const struct collection *in, int64_t version)
{
	uint64_t low = in->events_first, high = in->events_end;
	while (low < high) {
		uint64_t mid = low + (high - low) / 2;
		if (in->events[mid % in->events_cap].version <= version)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int attach(struct watch *w, struct resource_call *call, int64_t version, bool initial, struct err *err)
{
	struct cluster *c = w->cluster;
	struct collection *in = w->in;
	int rc = 0;
	pthread_rwlock_wrlock(&c->lock);
	if (initial) {
		take_initial(w);
		w->at = in->events_end;
		w->seen = w->initial_version = c->version;
	} else if (version < in->floor) {
		rc = too_old(version, in->floor, err);
	} else if (version > c->version) { /* of another store: its events will never come */
		rc = version_too_large(call, version, c->version, err);
	} else {
		w->at = first_after(in, version);
		w->seen = version;
	}
	if (rc == 0)
		*vec_push(&in->watches) = w;
	pthread_rwlock_unlock(&c->lock);
	return rc;
}

static void watch_free(struct watch *w)
{
	while (w->initial_next < w->initial.len)
		json_decref(w->initial.ptr[w->initial_next++]);
	vec_release(&w->initial);
	selector_free(w->labels);
	selector_free(w->fields);
	free(w->namespace_);
	free(w->name);
	kind_unref(w->kind);
	free(w);
}

static char *copy_unless_empty(const char *s)
{
	if (!s || !*s)
		return NULL;
	char *copy = strdup(s);
	if (!copy)
		abort();
	return copy;
}

int cluster_watch(struct cluster *c, struct resource_call *call, const struct watch_options *o, struct watch **out,
		  struct err *err)
{
	int64_t version;
	if (parse_version(o->resource_version, &version, err) < 0)
		return -1;
	struct watch *w = calloc(1, sizeof *w);
	if (!w)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	w->cluster = c;
	w->kind = kind_ref(call->kind);
	w->in = cluster_collection(c, call->kind);
	w->namespace_ = copy_unless_empty(call->namespace);
	w->name = copy_unless_empty(call->name);
	w->wake = o->wake;
	w->arg = o->arg;
	w->end_mark = o->send_initial_events;
	if (selector_parse_labels(o->label_selector, &w->labels, err) < 0 ||
	    selector_parse_fields(o->field_selector, call->kind, &w->fields, err) < 0 ||
	    attach(w, call, version, version == 0 || o->send_initial_events, err) < 0) {
		watch_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

static json_t *bookmark(const struct watch *w, int64_t version, bool end_of_initial)
{
	char api_version[KIND_API_VERSION_BYTES], text[24];
	snprintf(text, sizeof text, "%lld", (long long)version);
	json_t *object = json_pack("{s:s,s:s,s:{s:s}}", "kind", w->kind->kind, "apiVersion",
				   kind_api_version(w->kind, api_version), "metadata", "resourceVersion", text);
	if (end_of_initial)
		json_object_set_new(json_object_get(object, "metadata"), "annotations",
				    json_pack("{s:s}", "k8s.io/initial-events-end", "true"));
	/* A built-in kind's empty object has its "spec": {} and the like. */
	if (w->kind->type && !(w->kind->flags & KIND_CUSTOM)) {
		struct fault_list faults = { 0 };
		json_t *full = NULL, *warnings = NULL;
		if (decode_object(w->kind, object, FIELDS_IGNORE, &full, &warnings, &faults, NULL) == 0) {
			json_decref(object);
			object = full;
		}
		json_decref(warnings);
		fault_release(&faults);
	}
	return object;
}

void watch_bookmark(struct watch *w, struct watch_event *event)
{
	*event = (struct watch_event){ WATCH_BOOKMARK, bookmark(w, w->seen, false), w->seen };
}

static json_t *with_version(json_t *object, int64_t version)
{
	char text[24];
	json_t *copy = json_copy(object), *meta = json_copy(json_object_get(object, "metadata"));
	snprintf(text, sizeof text, "%lld", (long long)version);
	json_object_set_new(meta, "resourceVersion", json_string(text));
	json_object_set_new(copy, "metadata", meta);
	return copy;
}

/* What `e` means for this watch: a new reference to the stored form to be told, or NULL. */
static json_t *meaning(const struct watch *w, const struct event *e, enum watch_event_type *type)
{
	bool before = selected(w, e->before), after = !e->deleted && selected(w, e->after);
	if (!before && !after)
		return NULL;
	*type = before && after ? WATCH_MODIFIED : after ? WATCH_ADDED : WATCH_DELETED;
	if (after || e->deleted)
		return json_incref(e->after);
	return with_version(e->before, e->version);
}

/* `lock` is held for reading. 1, 0, or -1 for gone. */
static int next_event(struct watch *w, struct watch_event *out)
{
	struct collection *in = w->in;
	if (w->at < in->events_first) {
		w->gone = true;
		return -1;
	}
	while (w->at < in->events_end) {
		const struct event *e = &in->events[w->at++ % in->events_cap];
		w->seen = e->version;
		json_t *stored = meaning(w, e, &out->type);
		if (stored) {
			out->object = stored;
			out->resource_version = e->version;
			return 1;
		}
	}
	if (w->cluster->version > w->seen)
		w->seen = w->cluster->version;
	w->armed = true;
	return 0;
}

int watch_next(struct watch *w, struct watch_event *event, struct err *err)
{
	struct watch_event found = { 0 };
	if (w->initial_next < w->initial.len) {
		json_t *stored = w->initial.ptr[w->initial_next++];
		*event = (struct watch_event){ WATCH_ADDED, view_of(w->kind, stored), w->initial_version };
		json_decref(stored);
		return 1;
	}
	if (w->end_mark) {
		w->end_mark = false;
		*event = (struct watch_event){ WATCH_BOOKMARK, bookmark(w, w->initial_version, true), w->initial_version };
		return 1;
	}
	pthread_rwlock_rdlock(&w->cluster->lock);
	int rc = w->gone ? -1 : next_event(w, &found);
	int64_t floor = w->in->floor;
	pthread_rwlock_unlock(&w->cluster->lock);
	if (rc < 0)
		return too_old(w->seen, floor, err);
	if (rc == 1) {
		*event = (struct watch_event){ found.type, view_of(w->kind, found.object), found.resource_version };
		json_decref(found.object);
	}
	return rc;
}

void watch_close(struct watch *w)
{
	struct collection *in = w->in;
	pthread_rwlock_wrlock(&w->cluster->lock);
	for (size_t i = 0; i < in->watches.len; i++) {
		if (in->watches.ptr[i] != w)
			continue;
		in->watches.ptr[i] = in->watches.ptr[--in->watches.len];
		break;
	}
	pthread_rwlock_unlock(&w->cluster->lock);
	watch_free(w);
}
