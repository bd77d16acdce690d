/*
 * A connection's bytes through the HTTP/1 parser: heads and bodies one after the other, as a pipelining client sends
 * them. Two readers see the same stream, one with all bytes at once, one byte by byte: they must agree.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "net/http1_chunk.h"
#include "net/http1_head.h"

enum { FIELDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_slice(struct slice s, const char *text, size_t n)
{
	if (s.len)
		assert(s.ptr >= text && s.ptr + s.len <= text + n);
}

static void check_head(const struct http1_head *h, const struct http_field *fields, const char *text, size_t n)
{
	assert(h->fields_n <= FIELDS_MAX);
	assert(!(h->chunked && h->content_length >= 0));
	assert(http1_is_token(h->method_name));
	check_slice(h->target, text, n);
	if (!slice_is(h->path, "/")) /* which may be the parser's own, for "http://host" */
		check_slice(h->path, text, n);
	check_slice(h->query, text, n);
	check_slice(h->host, text, n);
	for (size_t i = 0; i < h->fields_n; i++) {
		assert(http1_is_token(fields[i].name));
		assert(http1_is_value(fields[i].value));
		check_slice(fields[i].value, text, n);
	}
}

/* Decodes a chunked body in pieces of `step` bytes. Returns as http1_chunk_next; *used counts its bytes. */
static int chunks(const char *p, size_t n, size_t step, size_t *used, struct buf *out)
{
	struct http1_chunk c = { 0 };
	*used = 0;
	while (*used < n) {
		size_t piece = n - *used < step ? n - *used : step, took = 0;
		struct slice found;
		int rc = http1_chunk_next(&c, p + *used, piece, &took, &found);
		assert(took <= piece);
		assert(rc != 0 || took > 0);
		if (rc < 0)
			return -1;
		check_slice(found, p + *used, piece);
		buf_slice(out, found);
		*used += took;
		if (rc == 1)
			return 1;
	}
	return 0;
}

static int body(const char *p, size_t n, size_t *used)
{
	struct buf at_once, bytewise;
	size_t used_bytewise;
	buf_init(&at_once, n + 1);
	buf_init(&bytewise, n + 1);
	int rc = chunks(p, n, n, used, &at_once), rc_bytewise = chunks(p, n, 1, &used_bytewise, &bytewise);
	assert(rc == rc_bytewise);
	if (rc >= 0) {
		assert(*used == used_bytewise && slice_eq(buf_view(&at_once), buf_view(&bytewise)));
	}
	buf_release(&at_once);
	buf_release(&bytewise);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exact size, so that a read past the end is seen. */
	char *text = malloc(size ? size : 1);
	size_t at = 0;
	if (!text)
		abort();
	for (size_t i = 0; i < size; i++)
		text[i] = (char)data[i];
	while (at < size) {
		struct http_field fields[FIELDS_MAX];
		struct http1_head head = { .content_length = -1 };
		struct err err = { 0 };
		size_t scanned = 0, end = 0, scanned_bytewise = 0, end_bytewise = 0, used;
		int rc = http1_head_end(text + at, size - at, &scanned, &end), rc_bytewise = 0;
		for (size_t n = 1; n <= size - at && rc_bytewise == 0; n++)
			rc_bytewise = http1_head_end(text + at, n, &scanned_bytewise, &end_bytewise);
		assert(rc == rc_bytewise);
		if (rc <= 0)
			break;
		assert(end == end_bytewise && end <= size - at);
		if (http1_head_parse(slice_of(text + at, end), fields, FIELDS_MAX, &head, &err) < 0) {
			assert(err.code != ERR_OK && err.message[0]);
			break;
		}
		check_head(&head, fields, text + at, end);
		(void)http1_list_has(head.accept_encoding, "gzip");
		(void)http1_accepts(head.accept_encoding, "gzip");
		at += end;
		if (head.chunked) {
			if (body(text + at, size - at, &used) != 1)
				break;
			at += used;
		} else if (head.content_length > 0) {
			if ((uint64_t)head.content_length > size - at)
				break;
			at += (size_t)head.content_length;
		}
	}
	free(text);
	return 0;
}
