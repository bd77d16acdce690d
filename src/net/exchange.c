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

/* Eight hex digits, the lowest first, each a byte: nibbles are spread, then lifted to '0' or 'a'. */
static uint64_t hex_digits(uint32_t v)
{
	const uint64_t each = 0x0101010101010101u;
	uint64_t x = v;
	x = (x | x << 16) & 0x0000ffff0000ffffu;
	x = (x | x << 8) & 0x00ff00ff00ff00ffu;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fu;
	return x + each * '0' + ((x + each * 6) >> 4 & each) * ('a' - '0' - 10);
}

void exchange_begin(struct http_conn *c)
{
	struct http_slot *s = c->slot;
	struct http_exchange *x = &s->x;
	uint64_t id = loop_next_id(c->loop), digits[2] = {hex_digits((uint32_t)id), hex_digits((uint32_t)(id >> 32))};
	static_assert(sizeof digits == HTTP_REQUEST_ID_CHARS, "one digit a nibble");
	memcpy(s->request_id, digits, sizeof digits);
	s->head = (struct http1_head){.content_length = -1};
	s->announced = -1;
	/* All but params, of which params_n are valid. */
	memset(x, 0, offsetof(struct http_exchange, params));
	memset(&x->params_n, 0, sizeof *x - offsetof(struct http_exchange, params_n));
	x->tls = c->tls != NULL;
	x->peer = slice_of(c->peer, c->peer_len);
	if (c->tls)
		x->peer_certificate = tls_peer_certificate(c->tls);
	x->request_id = s->request_id;
	x->started_mono_ns = server_now(c->loop->server);
	x->principal = &nobody;
	x->app = c->listener->l.app;
	x->arena = &s->arena;
	x->conn = c;
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
	} else if ((l->authenticate && l->authenticate(x, x->route->access, &err) < 0) ||
		   (s->body_coded && x->body_complete && body_decode_whole(s, &err) < 0)) {
		reply_fail(x, &err);
	} else {
		x->route->handle(x);
	}
	while (s->offload && s->on_worker && s->state == REPLY_NONE) { /* an inline handler whose body was compressed */
		void (*fn)(struct http_exchange *) = s->offload;
		s->offload = NULL;
		fn(x);
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
