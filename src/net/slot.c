/* Slots: the buffers of a request, made once and used again; see conn.h. */
#include <stdlib.h>

#include "base/limits.h"
#include "net/conn.h"

struct http_slot *slot_new(void)
{
	struct http_slot *s = malloc(sizeof *s);
	if (!s)
		abort();
	/* The blocks at the end need no zeroes, and touching them would cost their pages. */
	memset(s, 0, offsetof(struct http_slot, extra_block));
	s->fields = malloc((size_t)limits.http_headers * sizeof *s->fields);
	if (!s->fields)
		abort();
	s->in = s->in_block;
	s->in_cap = sizeof s->in_block;
	s->extra = s->extra_block;
	s->extra_cap = sizeof s->extra_block;
	arena_init(&s->arena, 0, (size_t)limits.request_arena_bytes);
	buf_init(&s->gathered, SIZE_MAX / 2);
	buf_init(&s->stream, SIZE_MAX / 2);
	buf_init(&s->chunk_out, SIZE_MAX / 2);
	buf_init(&s->zipped, SIZE_MAX / 2);
	return s;
}

static void buf_shrink(struct buf *b)
{
	if (b->cap > SLOT_KEEP_BYTES)
		buf_release(b);
	else
		b->len = 0;
}

void slot_reset(struct http_slot *s)
{
	arena_reset(&s->arena);
	buf_shrink(&s->gathered);
	buf_shrink(&s->stream);
	buf_shrink(&s->chunk_out);
	buf_shrink(&s->zipped);
	if (s->in_at == s->in_len) {
		s->in_at = s->in_len = 0;
		if (s->in != s->in_block) {
			free(s->in);
			s->in = s->in_block;
			s->in_cap = sizeof s->in_block;
		}
	}
	s->extra = s->extra_block;
	s->extra_cap = sizeof s->extra_block;
	s->in_scanned = s->body_at = s->gathered_at = s->stream_at = s->extra_len = 0;
	s->body_left = s->body_read = s->written = s->bytes_sent = 0;
	s->chunk = (struct http1_chunk){ 0 };
	s->body_whole = s->body_coded = s->must_continue = false;
	s->keep = s->no_body = s->chunked_out = s->on_worker = s->extra_failed = s->has_type = s->has_encoding = false;
	s->coded = NULL;
	s->offload = NULL;
	s->state = REPLY_NONE;
	s->status = 0;
	s->announced = -1;
	s->pieces[0] = s->pieces[1] = (struct slice){ 0 };
}

void slot_free(struct http_slot *s)
{
	if (!s)
		return;
	slot_reset(s);
	arena_release(&s->arena);
	buf_release(&s->gathered);
	buf_release(&s->stream);
	buf_release(&s->chunk_out);
	buf_release(&s->zipped);
	if (s->in != s->in_block)
		free(s->in);
	free(s->fields);
	free(s);
}
