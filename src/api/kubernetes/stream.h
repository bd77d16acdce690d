/*
 * Answers that stay open (watches, followed logs), all served by one thread: it sleeps until a stream is woken or a
 * tick is due, and never blocks on a client, because writing to a struct http_stream does not.
 */
#ifndef CORACLE_API_KUBERNETES_STREAM_H
#define CORACLE_API_KUBERNETES_STREAM_H

#include "base/clock.h"
#include "net/http.h"

struct kube_streams;
struct kube_stream;

struct kube_stream_ops {
	/* Sends what there is to send, on the streams' thread. `tick`: time passed, nobody woke it. False: it is over.
	 */
	bool (*pump)(void *arg, struct http_stream *to, bool tick);
	/* Last call: frees arg. No wake may come after it returned. */
	void (*close)(void *arg);
};

int kube_streams_new(const struct clock *clock, struct kube_streams **out, struct err *err);
/* Ends every stream and takes no new ones; for a drain. */
void kube_streams_stop(struct kube_streams *all);
/* After the server is gone. */
void kube_streams_free(struct kube_streams *all);

/* Not yet open. ERR_TOO_MANY over limits.api_watches. `life_ms` 0: no end. */
int kube_stream_new(struct kube_streams *all, const struct kube_stream_ops *ops, void *arg, int64_t life_ms,
		    struct kube_stream **out, struct err *err);
/* Detaches the exchange and begins to pump. */
void kube_stream_start(struct kube_stream *s, struct http_exchange *x, int status, const char *type);
/* Instead of start: calls close. */
void kube_stream_drop(struct kube_stream *s);
/* Any thread; takes no lock of others. `s` is a struct kube_stream. */
void kube_stream_wake(void *s);

#endif
