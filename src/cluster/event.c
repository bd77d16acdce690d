/*
 * The event recorder: event.h. Callers only append to a list; one thread writes, so that Events of one caller keep their
 * order and a slow disk is nobody's problem.
 *
 * Memory is bounded: the list drops what is over PENDING_MAX, and what is remembered of earlier Events (to count up, and
 * for the token buckets) is forgotten as a whole when there is too much of it, as a cache may.
 */
#include "cluster/event.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/vec.h"
#include "codec/json.h"
#include "codec/time.h"

enum {
	PENDING_MAX = 4096,
	REMEMBERED_MAX = 4096,
	MESSAGE_BYTES_MAX = 1024, /* what the API takes */
	BURST = 25,		  /* client-go: 25 at once, then one in five minutes, of one source about one object */
	REFILL_S = 300,
};

struct note {
	json_t *about; /* involvedObject */
	char *component, *type, *reason, *message;
	int64_t at_ns;
	struct note *next;
};

/* An Event that was written, by what makes it the same. */
struct remembered {
	char *namespace_, *name;
};

struct bucket {
	double tokens;
	int64_t at_ns;
};

struct recorder {
	struct cluster *cluster;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, settled;
	struct note *first, *last;
	unsigned pending; /* in the list or being written */
	bool stopping;
	/* of the thread */
	struct map remembered, buckets;
	unsigned long serial;
};

static char *copy(const char *s)
{
	char *out = strdup(s ? s : "");
	if (!out)
		abort();
	return out;
}

static void note_free(struct note *n)
{
	json_decref(n->about);
	free(n->component);
	free(n->type);
	free(n->reason);
	free(n->message);
	free(n);
}

/* ---- the thread ---- */

static void forget(struct map *m, bool events)
{
	size_t i = 0;
	struct slice key;
	void *v;
	while (map_next(m, &i, &key, &v)) {
		if (events) {
			free(((struct remembered *)v)->namespace_);
			free(((struct remembered *)v)->name);
		}
		free(v);
	}
	map_release(m);
	map_init(m);
}

static const char *about(const struct note *n, const char *field)
{
	const char *s = json_string_value(json_object_get(n->about, field));
	return s ? s : "";
}

static bool may_write(struct recorder *r, const struct note *n)
{
	char key[1024];
	int len = snprintf(key, sizeof key, "%s\n%s\n%s\n%s\n%s", n->component, about(n, "kind"), about(n, "namespace"),
			   about(n, "name"), about(n, "uid"));
	struct slice s = slice_of(key, (size_t)len < sizeof key ? (size_t)len : sizeof key - 1);
	if (r->buckets.len >= REMEMBERED_MAX)
		forget(&r->buckets, false);
	struct bucket *b = map_get(&r->buckets, s);
	if (!b) {
		b = calloc(1, sizeof *b);
		if (!b)
			abort();
		*b = (struct bucket){ BURST, n->at_ns };
		map_put(&r->buckets, s, b);
	}
	b->tokens += (double)(n->at_ns - b->at_ns) / 1e9 / REFILL_S;
	b->at_ns = n->at_ns;
	if (b->tokens > BURST)
		b->tokens = BURST;
	if (b->tokens < 1)
		return false;
	b->tokens -= 1;
	return true;
}

static int count_up(json_t *event, void *ctx, struct err *err)
{
	const struct note *n = ctx;
	char now[TIME_TEXT_BYTES];
	(void)err;
	time_format_rfc3339(n->at_ns, now, sizeof now);
	json_object_set_new(event, "count", json_integer(json_int_at(event, "count", 1) + 1));
	json_object_set_new(event, "lastTimestamp", json_string(now));
	json_object_set(event, "involvedObject", n->about);
	return 1;
}

/* Cluster-scoped objects have theirs in "default". */
static const char *namespace_of(const struct note *n)
{
	const char *ns = about(n, "namespace");
	return *ns ? ns : "default";
}

static json_t *new_event(struct recorder *r, const struct note *n)
{
	char now[TIME_TEXT_BYTES], name[300];
	time_format_rfc3339(n->at_ns, now, sizeof now);
	snprintf(name, sizeof name, "%.230s.%016llx", about(n, "name"),
		 (unsigned long long)n->at_ns + (unsigned long long)r->serial++);
	return json_pack("{s:s,s:s,s:{s:s,s:s},s:O,s:s,s:s,s:{s:s},s:s,s:s,s:i,s:s,s:s,s:s}", "kind", "Event", "apiVersion",
			 "v1", "metadata", "name", name, "namespace", namespace_of(n), "involvedObject", n->about, "reason",
			 n->reason, "message", n->message, "source", "component", n->component, "firstTimestamp", now,
			 "lastTimestamp", now, "count", 1, "type", n->type, "reportingComponent", n->component,
			 "reportingInstance", "");
}

static struct slice same_key(const struct note *n, struct buf *b)
{
	buf_init(b, 8192);
	buf_printf(b, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s", n->component, about(n, "kind"), about(n, "namespace"),
		   about(n, "name"), about(n, "uid"), about(n, "fieldPath"), n->type, n->reason, n->message);
	return buf_view(b);
}

static void remember(struct recorder *r, struct slice key, const json_t *event)
{
	if (r->remembered.len >= REMEMBERED_MAX)
		forget(&r->remembered, true);
	struct remembered *e = calloc(1, sizeof *e);
	if (!e)
		abort();
	e->namespace_ = copy(json_str_at(event, "metadata.namespace"));
	e->name = copy(json_str_at(event, "metadata.name"));
	struct remembered *old = map_put(&r->remembered, key, e);
	if (old) {
		free(old->namespace_);
		free(old->name);
		free(old);
	}
}

static int write_new(struct recorder *r, const struct kind *k, const struct note *n, struct slice key, struct err *err)
{
	json_t *event = new_event(r, n);
	struct resource_call call = { .kind = k, .namespace = namespace_of(n), .manager = n->component };
	int rc = cluster_create(r->cluster, &call, event, NULL, err);
	if (rc == 0)
		remember(r, key, event);
	resource_call_release(&call);
	json_decref(event);
	return rc;
}

static void write_note(struct recorder *r, const struct note *n)
{
	const struct kind *k = cluster_kind(r->cluster, "", "v1", "events");
	struct err err = { 0 };
	struct buf b;
	if (!k || !may_write(r, n)) {
		kind_unref(k);
		return;
	}
	struct slice key = same_key(n, &b);
	const struct remembered *e = map_get(&r->remembered, key);
	int rc = -1;
	if (e) {
		struct resource_call call = { .kind = k, .namespace = e->namespace_, .name = e->name, .manager = n->component };
		rc = cluster_modify(r->cluster, &call, count_up, (void *)n, NULL, &err);
		resource_call_release(&call);
	}
	if (!e || (rc < 0 && err.code == ERR_NOT_FOUND)) {
		err_clear(&err);
		rc = write_new(r, k, n, key, &err);
	}
	if (rc < 0)
		LOG_DEBUG("events", "an event was dropped", LOG_S("object", about(n, "name")), LOG_S("event", n->reason),
			  LOG_S("reason", err.message));
	buf_release(&b);
	kind_unref(k);
}

static void *thread_main(void *arg)
{
	struct recorder *r = arg;
	pthread_mutex_lock(&r->lock);
	for (;;) {
		while (!r->first && !r->stopping)
			pthread_cond_wait(&r->work, &r->lock);
		struct note *n = r->first;
		if (!n)
			break;
		r->first = n->next;
		if (!r->first)
			r->last = NULL;
		pthread_mutex_unlock(&r->lock);
		write_note(r, n);
		note_free(n);
		pthread_mutex_lock(&r->lock);
		if (--r->pending == 0)
			pthread_cond_broadcast(&r->settled);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* ---- the face ---- */

int recorder_new(struct cluster *c, struct recorder **out, struct err *err)
{
	struct recorder *r = calloc(1, sizeof *r);
	if (!r)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	r->cluster = c;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->work, NULL);
	pthread_cond_init(&r->settled, NULL);
	map_init(&r->remembered);
	map_init(&r->buckets);
	int e = pthread_create(&r->thread, NULL, thread_main, r);
	if (e) {
		pthread_mutex_destroy(&r->lock);
		pthread_cond_destroy(&r->work);
		pthread_cond_destroy(&r->settled);
		free(r);
		return err_errno(err, e, "starting the event recorder");
	}
	*out = r;
	return 0;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	forget(&r->remembered, true);
	forget(&r->buckets, false);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->work);
	pthread_cond_destroy(&r->settled);
	free(r);
}

void recorder_settle(struct recorder *r)
{
	pthread_mutex_lock(&r->lock);
	while (r->pending > 0)
		pthread_cond_wait(&r->settled, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

static json_t *reference_to(const json_t *object, const char *field_path)
{
	static const char *const names[] = { "namespace", "name", "uid" };
	const json_t *meta = json_object_get(object, "metadata");
	json_t *ref = json_object();
	if (json_object_get(object, "kind"))
		json_object_set(ref, "kind", json_object_get(object, "kind"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (json_object_get(meta, names[i]))
			json_object_set(ref, names[i], json_object_get(meta, names[i]));
	if (json_object_get(object, "apiVersion"))
		json_object_set(ref, "apiVersion", json_object_get(object, "apiVersion"));
	if (json_object_get(meta, "resourceVersion"))
		json_object_set(ref, "resourceVersion", json_object_get(meta, "resourceVersion"));
	if (field_path && *field_path)
		json_object_set_new(ref, "fieldPath", json_string(field_path));
	return ref;
}

static void record(struct recorder *r, const json_t *object, const char *field_path, const char *component,
		   const char *type, const char *reason, const char *fmt, va_list ap)
{
	struct buf text;
	struct note *n = calloc(1, sizeof *n);
	if (!n)
		abort();
	buf_init(&text, 64 << 10);
	buf_vprintf(&text, fmt, ap);
	size_t len = text.ptr ? text.len : 0;
	if (len > MESSAGE_BYTES_MAX) { /* at a character's start */
		len = MESSAGE_BYTES_MAX;
		while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
			len--;
	}
	n->message = strndup(text.ptr ? text.ptr : "", len);
	buf_release(&text);
	n->about = reference_to(object, field_path);
	n->component = copy(component);
	n->type = copy(type);
	n->reason = copy(reason);
	n->at_ns = clock_wall_ns(cluster_clock(r->cluster));
	pthread_mutex_lock(&r->lock);
	if (r->stopping || r->pending >= PENDING_MAX) {
		pthread_mutex_unlock(&r->lock);
		note_free(n);
		return;
	}
	if (r->last)
		r->last->next = n;
	else
		r->first = n;
	r->last = n;
	r->pending++;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
}

void recorder_event(struct recorder *r, const json_t *object, const char *component, const char *type, const char *reason,
		    const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	record(r, object, NULL, component, type, reason, fmt, ap);
	va_end(ap);
}

void recorder_event_at(struct recorder *r, const json_t *object, const char *field_path, const char *component,
		       const char *type, const char *reason, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	record(r, object, field_path, component, type, reason, fmt, ap);
	va_end(ap);
}
