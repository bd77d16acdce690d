/*
 * Watches: cluster/resource.h's events as one JSON document a line, each in the form that was negotiated.
 *
 * A Table watch sends column definitions with its first event only. A resourceVersion that is too old is not an HTTP
 * error but an ERROR event, which is what makes clients list again. Bookmarks go to those who asked, once a minute
 * while nothing else happens.
 */
#include <stdlib.h>

#include "api/kubernetes/call.h"
#include "api/kubernetes/status.h"
#include "api/kubernetes/stream.h"
#include "base/random.h"
#include "codec/json.h"

enum { BOOKMARK_MS = 60000, LIFE_MIN_MS = 1800000, EVENT_BYTES_MAX = 64 << 20 };

struct kube_watcher {
	struct watch *watch;
	const struct kind *kind;
	struct kube_media media;
	const struct clock *clock;
	char *include;
	bool bookmarks, columns_sent;
	int64_t last_mono_ns;
};

static const char *event_name(enum watch_event_type t)
{
	static const char *const names[] = {
	    [WATCH_ADDED] = "ADDED",
	    [WATCH_MODIFIED] = "MODIFIED",
	    [WATCH_DELETED] = "DELETED",
	    [WATCH_BOOKMARK] = "BOOKMARK",
	};
	return names[t];
}

static void encode_event(const char *type, const json_t *object, struct buf *out)
{
	buf_printf(out, "{\"type\":\"%s\",\"object\":", type);
	json_encode(object, JSON_ENCODE_COMPACT, out);
	buf_str(out, "}\n");
}

static json_t *bookmark_table(struct kube_watcher *w, json_t *object)
{
	json_t *meta = json_object_get(object, "metadata");
	return json_pack("{s:s,s:s,s:O,s:o,s:[]}", "kind", "Table", "apiVersion", "meta.k8s.io/v1", "metadata", meta,
			 "columnDefinitions", w->columns_sent ? json_null() : kind_table_columns(w->kind), "rows");
}

static int send_event(struct kube_watcher *w, struct http_stream *to, struct watch_event *e)
{
	struct buf line;
	json_t *out;
	if (e->type == WATCH_BOOKMARK)
		out = w->media.as == KUBE_AS_TABLE ? bookmark_table(w, e->object) : json_incref(e->object);
	else
		out = kube_transform(w->kind, &w->media, e->object, !w->columns_sent, w->include,
				     clock_wall_ns(w->clock));
	w->columns_sent = true;
	buf_init(&line, EVENT_BYTES_MAX);
	encode_event(event_name(e->type), out, &line);
	int rc = line.failed ? -1 : http_stream_write(to, line.ptr, line.len);
	buf_release(&line);
	json_decref(out);
	json_decref(e->object);
	w->last_mono_ns = clock_mono_ns(w->clock);
	return rc;
}

static void error_line(const struct err *err, struct buf *out)
{
	int http;
	json_t *status = kube_status(err, NULL, &http);
	encode_event("ERROR", status, out);
	json_decref(status);
}

static bool pump(void *arg, struct http_stream *to, bool tick)
{
	struct kube_watcher *w = arg;
	struct watch_event e;
	struct err err = {0};
	int rc;
	while ((rc = watch_next(w->watch, &e, &err)) > 0)
		if (send_event(w, to, &e) < 0)
			return false;
	if (rc < 0) {
		struct buf line;
		buf_init(&line, 1 << 16);
		error_line(&err, &line);
		http_stream_write(to, line.ptr, line.len);
		buf_release(&line);
		return false;
	}
	if (tick && w->bookmarks && clock_mono_ns(w->clock) - w->last_mono_ns >= (int64_t)BOOKMARK_MS * 1000000) {
		watch_bookmark(w->watch, &e);
		return send_event(w, to, &e) == 0;
	}
	return true;
}

static void close_watcher(void *arg)
{
	struct kube_watcher *w = arg;
	if (w->watch)
		watch_close(w->watch);
	kind_unref(w->kind);
	free(w->include);
	free(w);
}

static const struct kube_stream_ops watcher_ops = {pump, close_watcher};

static int options_of(struct kube_call *call, struct watch_options *o, int64_t *timeout_s, bool *bookmarks,
		      struct err *err)
{
	const char *match = kube_query(call->x, "resourceVersionMatch");
	bool initial = false;
	*o = (struct watch_options){
	    .label_selector = kube_query(call->x, "labelSelector"),
	    .field_selector = kube_query(call->x, "fieldSelector"),
	    .resource_version = kube_query(call->x, "resourceVersion"),
	};
	if (kube_query_bool(call->x, "sendInitialEvents", &initial, err) < 0 ||
	    kube_query_bool(call->x, "allowWatchBookmarks", bookmarks, err) < 0 ||
	    kube_query_int(call->x, "timeoutSeconds", timeout_s, err) < 0)
		return -1;
	o->send_initial_events = initial;
	if (initial && (!match || strcmp(match, "NotOlderThan") != 0))
		return err_set(err, ERR_UNPROCESSABLE,
			       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
			       "sendInitialEvents requires "
			       "setting resourceVersionMatch to NotOlderThan");
	if (!initial && match && *match && http_query(call->x, "sendInitialEvents").ptr == NULL)
		return err_set(
		    err, ERR_UNPROCESSABLE,
		    "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is "
		    "forbidden for watch unless sendInitialEvents is provided");
	return 0;
}

/* Clients that name no timeout are let go after half an hour to an hour, not all at once. */
static int64_t life_ms(struct kube_call *call, int64_t timeout_s)
{
	uint32_t r;
	if (timeout_s > 0)
		return timeout_s > 86400 * 365 ? 0 : timeout_s * 1000;
	random_fill(call->api->o.random, &r, sizeof r);
	return LIFE_MIN_MS + r % LIFE_MIN_MS;
}

static int reply_gone(struct kube_call *call, const struct err *gone)
{
	struct buf line;
	buf_init(&line, 1 << 16);
	error_line(gone, &line);
	http_header_str(call->x, "Cache-Control", "no-cache, private");
	http_reply_copy(call->x, 200, "application/json", buf_view(&line));
	buf_release(&line);
	return 0;
}

int kube_watch(struct kube_call *call, struct err *err)
{
	struct kubernetes_api *api = call->api;
	struct watch_options options;
	struct kube_stream *stream;
	int64_t timeout_s = 0;
	bool bookmarks = false;
	if (call->kind->flags & KIND_NO_WATCH)
		return err_set(err, ERR_METHOD, "the server does not allow this method on the requested resource");
	if (options_of(call, &options, &timeout_s, &bookmarks, err) < 0)
		return -1;
	struct kube_watcher *w = calloc(1, sizeof *w);
	if (!w)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	const char *include = kube_query(call->x, "includeObject");
	*w = (struct kube_watcher){
	    .kind = kind_ref(call->kind),
	    .media = call->media,
	    .clock = api->o.clock,
	    .include = include ? strdup(include) : NULL,
	    .bookmarks = bookmarks,
	    .last_mono_ns = clock_mono_ns(api->o.clock),
	};
	if (kube_stream_new(api->streams, &watcher_ops, w, life_ms(call, timeout_s), &stream, err) < 0) {
		close_watcher(w);
		return -1;
	}
	options.wake = kube_stream_wake;
	options.arg = stream;
	struct err e = {0};
	if (cluster_watch(api->o.cluster, &call->r, &options, &w->watch, &e) < 0) {
		kube_stream_drop(stream);
		if (e.code == ERR_GONE)
			return reply_gone(call, &e);
		*err = e;
		return -1;
	}
	http_header_str(call->x, "Cache-Control", "no-cache, private");
	kube_stream_start(stream, call->x, 200, "application/json");
	return 0;
}
