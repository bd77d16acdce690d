/* What handlers ask of a request (http.h), and how a handler is run. */
#include <assert.h>

#include "net/conn.h"

static const struct principal nobody = { .name = { "system:anonymous", 16 }, .anonymous = true };

struct slice http_field(const struct http_exchange *x, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < x->fields_n; i++)
		if (x->fields[i].name.len == len && slice_eq_nocase(x->fields[i].name, slice_of(name, len)))
			return x->fields[i].value;
	return (struct slice){ 0 };
}

bool http_has_field(const struct http_exchange *x, const char *name)
{
	return http_field(x, name).ptr;
}

struct slice http_param(const struct http_exchange *x, const char *name)
{
	for (size_t i = 0; i < x->params_n; i++)
		if (slice_is(x->params[i].name, name))
			return x->params[i].value;
	return (struct slice){ 0 };
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A '%' without two hex digits stands for itself. */
static struct slice query_decode(struct arena *arena, struct slice s)
{
	char *out = arena_alloc(arena, s.len + 1);
	if (!out)
		return (struct slice){ 0 };
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i] == '+' ? ' ' : s.ptr[i];
		int high, low;
		if (c == '%' && i + 2 < s.len && (high = hex_of(s.ptr[i + 1])) >= 0 && (low = hex_of(s.ptr[i + 2])) >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		out[n++] = c;
	}
	out[n] = 0;
	return slice_of(out, n);
}

struct slice http_query(struct http_exchange *x, const char *name)
{
	struct slice rest = x->query, item;
	while ((item = slice_cut(&rest, '&')).ptr) {
		struct slice value = item, key = slice_cut(&value, '=');
		if (memchr(key.ptr, '%', key.len) || memchr(key.ptr, '+', key.len))
			key = query_decode(x->arena, key);
		if (slice_is(key, name))
			return query_decode(x->arena, value);
	}
	return (struct slice){ 0 };
}

void exchange_begin(struct http_conn *c)
{
	struct http_slot *s = c->slot;
	struct http_exchange *x = &s->x;
	static const char digits[] = "0123456789abcdef";
	uint64_t id = loop_next_id(c->loop);
	for (size_t i = 0; i < HTTP_REQUEST_ID_CHARS; i++, id >>= 4)
		s->request_id[i] = digits[id & 15];
	s->head = (struct http1_head){ .content_length = -1 };
	s->announced = -1;
	*x = (struct http_exchange){
		.content_length = 0,
		.tls = c->tls != NULL,
		.peer = { c->peer, c->peer_len },
		.peer_certificate = c->tls ? tls_peer_certificate(c->tls) : (struct slice){ 0 },
		.request_id = s->request_id,
		.started_mono_ns = server_now(c->loop->server),
		.principal = &nobody,
		.app = c->listener->l.app,
		.arena = &s->arena,
		.conn = c,
	};
}

void exchange_run(struct http_exchange *x)
{
	struct http_slot *s = SLOT_OF(x);
	const struct listener *l = &x->conn->listener->l;
	struct err err;
	err_clear(&err);
	if (s->offload) {
		void (*fn)(struct http_exchange *) = s->offload;
		s->offload = NULL;
		fn(x);
	} else if ((s->body_coded && x->body_complete && body_decode_whole(s, &err) < 0) ||
		   (l->authenticate && l->authenticate(x, x->route->access, &err) < 0)) {
		reply_fail(x, &err);
	} else {
		x->route->handle(x);
	}
	if (s->state == REPLY_OPEN)
		(void)reply_finish_open(x);
	if (s->state == REPLY_NONE && (!s->offload || s->on_worker)) {
		s->offload = NULL;
		err_clear(&err);
		err_set(&err, ERR_INTERNAL, "no answer was made");
		err_detail(&err, "the handler of %s returned without one", x->route->pattern);
		reply_fail(x, &err);
	}
}

void http_offload(struct http_exchange *x, void (*fn)(struct http_exchange *))
{
	assert(SLOT_OF(x)->state == REPLY_NONE);
	SLOT_OF(x)->offload = fn;
}
