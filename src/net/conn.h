/*
 * A connection and what hangs on it; net's own face between its files. Shared by loop.c (threads), conn.c (phases on
 * the loop), body.c, reply.c, exchange.c, stream.c.
 *
 * Who owns a connection. `owner` says which side may touch it; everything else in it is plain memory:
 *   OWNER_LOOP    the loop thread
 *   OWNER_WORKER  a worker runs its handler; the socket stays in epoll. When the worker is done and nothing is left
 *                 to send or read it sets OWNER_LOOP itself: no wake-up, the next request finds it idle.
 *   OWNER_CALL    a worker has it, and must post it back to the loop: set by the loop when the socket woke it
 *                 meanwhile (polling is then stopped), or from the start when the worker reads the socket itself.
 *                 Or nobody has it: it waits in the loop's inbox for its next turn.
 * Only the loop thread adds, removes, polls and closes connections.
 *
 * Memory. An idle connection is this struct. While a request is there it has a `struct http_slot` with fixed buffers
 * and an arena; slots are reused through a list of the loop, so a request on a keep-alive connection allocates nothing.
 */
#ifndef CORACLE_NET_CONN_H
#define CORACLE_NET_CONN_H

#include <stdatomic.h>
#include <uv.h>

#include "base/buf.h"
#include "crypto/tls.h"
#include "net/account.h"
#include "net/http1_chunk.h"
#include "net/http1_head.h"
#include "net/inflate.h"
#include "net/pool.h"
#include "net/server.h"

enum {
	SLOT_IN_BYTES = 16 << 10,  /* a head, and the body when both fit */
	SLOT_OUT_BYTES = 8 << 10,  /* an answer's head, and the body when both fit */
	SLOT_FIELDS_BYTES = 1 << 10, /* header fields of an answer, before more are asked of the arena */
	SLOT_KEEP_BYTES = 256 << 10, /* buffers up to this size stay with a slot that waits for its next use */
	SLOTS_KEEP = 256,	   /* slots a loop keeps */
	IN_ROOM_BYTES = 4 << 10,   /* least room behind a head, for framing */
	GZIP_LEAST_BYTES = 128 << 10,
	STREAM_FLUSH_BYTES = 64 << 10,
	STREAM_PENDING_BYTES = 1 << 20, /* what a worker leaves to the loop to send */
};

enum conn_owner { OWNER_LOOP, OWNER_WORKER, OWNER_CALL };

enum conn_phase { PHASE_SNIFF, PHASE_HANDSHAKE, PHASE_HEAD, PHASE_BODY, PHASE_SEND, PHASE_STREAM, PHASE_LINGER,
		  PHASE_CLOSED };

/* How far an answer is. */
enum reply_state { REPLY_NONE, REPLY_WHOLE, REPLY_OPEN, REPLY_ENDED, REPLY_ABORTED, REPLY_DETACHED };

struct server;
struct net_loop;
struct net_listener;

struct http_slot {
	struct http_slot *next;
	struct http_exchange x;
	struct http1_head head;
	struct http_field *fields; /* limits.http_headers of them */
	struct arena arena;
	char request_id[HTTP_REQUEST_ID_CHARS + 1];

	/* Input: in[in_at..in_len) is not yet taken. */
	char *in;
	size_t in_cap, in_at, in_len;
	size_t in_scanned; /* of a head that is not yet whole */
	size_t body_at;	   /* where the head ended, in `in` */

	/* Body: what was gathered here first (gathered[gathered_at..)), then the input, then the socket. */
	struct buf gathered;
	size_t gathered_at;
	int64_t body_left; /* of a Content-Length, not yet taken from input or socket */
	struct http1_chunk chunk;
	bool body_whole;    /* all of it was taken from the socket */
	bool body_coded;    /* Content-Encoding is to be undone */
	bool must_continue; /* 100 Continue is owed: an answer that comes in its place ends the connection */
	int64_t body_read;  /* decoded bytes given out or gathered */
	struct body_coded *coded; /* body.c's own */

	/* Output. `pieces` is what is left to send. */
	enum reply_state state;
	int status;
	bool keep; /* the connection goes on after this answer */
	bool no_body, chunked_out;
	bool on_worker;
	void (*offload)(struct http_exchange *);
	char *extra; /* header fields of the handler */
	size_t extra_len, extra_cap;
	bool extra_failed; /* a field did not fit the arena */
	bool has_type, has_encoding;
	struct slice pieces[2];
	int64_t announced, written; /* of a streamed answer; announced -1: not known */
	struct buf stream;	    /* its bytes, framed */
	size_t stream_at;	    /* sent of them */
	struct buf chunk_out;	    /* bytes that are not yet a chunk */
	struct buf zipped;
	int64_t bytes_sent;

	char extra_block[SLOT_FIELDS_BYTES];
	char out_block[SLOT_OUT_BYTES];
	char in_block[SLOT_IN_BYTES];
};

struct http_conn {
	uv_poll_t poll;
	struct task task;
	struct net_loop *loop;
	struct net_listener *listener;
	struct http_conn *prev, *next;
	struct http_slot *slot;
	struct tls *tls;
	struct http_stream *stream;
	int fd;
	_Atomic int owner;
	enum conn_phase phase;
	int polled;    /* events asked of the loop */
	bool readable; /* a read may find something */
	bool eof;
	int64_t since_ns; /* when the phase, or for PHASE_HEAD the idling or the head, began */
	/* least rate: bytes since window_ns; a worker counts waiting time in window_waited_ns instead */
	int64_t window_ns, window_bytes, window_waited_ns;
	int64_t lingered; /* bytes that were read and thrown away */
	size_t peer_len;
	char peer[56];
};

struct net_listener {
	struct listener l;
	struct net_listener *next;
	struct server *server;
	struct pool *pool;
	struct account *account;
	_Atomic int64_t connections;
	int fd;
	uv_poll_t poll;
	char address[64];
};

struct net_loop {
	uv_loop_t uv;
	uv_async_t wake;
	uv_timer_t tick;
	pthread_t thread;
	bool batch; /* see struct listener */
	bool started, ticking;
	struct server *server;
	pthread_mutex_t lock;
	struct task *inbox, **inbox_last;
	struct http_conn *conns;
	_Atomic int64_t conns_n;   /* given to this loop and not yet closed */
	_Atomic int64_t lingering; /* of them, those that are answered and wait for the peer's end */
	struct http_slot *slots;
	size_t slots_n;
	uint64_t ids;
	struct task drain_task, cut_task, stop_task; /* one each: a task is in a queue once */
	atomic_bool drained; /* drain_task has run: nothing more is accepted */
	int64_t drain_since_ns;
};

struct server {
	const struct clock *clock;
	bool access_log;
	_Atomic bool draining;
	bool started;
	unsigned loops_n;
	struct net_loop *loops; /* the first accepts for all; the last may be the one of batch listeners */
	struct net_listener *listeners;
	struct pool *compute;
	pthread_mutex_t background_lock;
	struct pool *background; /* NULL once the server goes away; timers may still be due then */
	struct delayed *delayed;
	uv_timer_t accept_pause;
	_Atomic int64_t cut_off;
};

static inline int64_t server_now(const struct server *s)
{
	return clock_mono_ns(s->clock);
}

/* loop.c */
int loop_init(struct net_loop *l, struct server *s, struct err *err);
int loop_start(struct net_loop *l, unsigned index, struct err *err);
void loop_stop(struct net_loop *l); /* closes what is open; joins the thread */
void loop_post(struct net_loop *l, struct task *t);
struct http_slot *loop_slot_take(struct net_loop *l);
void loop_slot_give(struct net_loop *l, struct http_slot *slot);
uint64_t loop_next_id(struct net_loop *l);
void loop_tick_start(struct net_loop *l, unsigned every_ms);

/* slot.c: between two requests; `keep_input` for what is pipelined. */
struct http_slot *slot_new(void);
void slot_free(struct http_slot *s);
void slot_reset(struct http_slot *s);

/* conn.c */
void conn_open(struct net_loop *loop, struct net_listener *nl, int fd); /* takes fd */
void conn_check(struct http_conn *c, int64_t now_ns);			/* deadlines */
void conn_close(struct http_conn *c);
void conn_resume(struct http_conn *c); /* on the loop, after a worker or for a stream */
void conn_drain(struct http_conn *c, int64_t now_ns);

/* transport.c: bytes, 0 at the peer's end (recv), -1 would block (*events: what to wait for), -2 broken */
ssize_t conn_recv(struct http_conn *c, void *p, size_t n, int *events);
ssize_t conn_send(struct http_conn *c, const struct slice pieces[2], bool more, int *events);
/* Blocks a worker until the socket is ready, within the least rate. */
int conn_wait(struct http_conn *c, int events, struct err *err);
/* Notes progress for the least rate. */
void conn_progress(struct http_conn *c, size_t n);
/* Is a window over that carried too little? Starts the next one. */
bool conn_too_slow(struct http_conn *c, int64_t now_ns);

/* body.c */
enum body_plan { BODY_PLAN_NONE, BODY_PLAN_GATHER, BODY_PLAN_STREAM };
int body_plan(struct http_conn *c, enum body_plan *plan, struct err *err);
/*
 * Sends the 100 Continue that is owed, unless the client already goes on; -1: it is gone. An empty body gets one too,
 * though RFC 9110 section 10.1.1 does not ask for it: botocore takes what comes first for the answer to its Expect,
 * and would read the next answer on a kept connection wrongly.
 */
int body_continue(struct http_conn *c);
/* Takes what came without blocking: 1 complete (x->body set) or, for workers, enough; 0 more is needed (*events);
 * -1 refused (err) */
int body_gather(struct http_conn *c, int *events, struct err *err);
/* Undoes Content-Encoding of a complete body. */
int body_decode_whole(struct http_slot *s, struct err *err);
int64_t body_cap(const struct http_slot *s);

/* reply.c */
void reply_fail(struct http_exchange *x, const struct err *err);
/* Sends what is pending without blocking: 1 all sent, 0 more (*events), -1 broken. */
int reply_flush(struct http_conn *c, int *events);
void reply_compose(struct http_exchange *x, int status, const char *type, int64_t length, struct buf *to);
int reply_finish_open(struct http_exchange *x); /* a handler returned without http_reply_end */

/* exchange.c */
void exchange_begin(struct http_conn *c);
void exchange_run(struct http_exchange *x); /* authenticate, handle */

/* stream.c */
int stream_flush(struct http_stream *s, struct http_conn *c, int *events); /* 1 nothing pending; 2 ended and sent */
void stream_closed(struct http_stream *s);
void stream_finish(struct http_stream *s); /* drain: ends it as its maker would */

#define CONN_OF(x) ((x)->conn)
#define SLOT_OF(x) ((struct http_slot *)((char *)(x) - offsetof(struct http_slot, x)))

#endif
