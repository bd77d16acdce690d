/* Bodies: see payload.h. */
#include "api/s3/payload.h"

#include <stdlib.h>

#include "api/s3/fault.h"
#include "base/check.h"
#include "base/limits.h"
#include "crypto/aws_chunked.h"
#include "crypto/hash.h"

enum { READ_BYTES = 256 << 10 };

struct payload {
	const struct s3_call *call;
	struct s3_announced announced;
	bool chunked;
	struct aws_chunked decoder;
};

static int read_raw(void *arg, void *p, size_t n, size_t *got, struct err *err)
{
	struct payload *d = arg;
	return http_body_read(d->call->x, p, n, got, err);
}

static void payload_begin(struct payload *d, const struct s3_call *c, const struct s3_announced *announced)
{
	*d = (struct payload){.call = c, .announced = *announced, .chunked = c->body >= S3_BODY_CHUNKED};
	if (!d->chunked)
		return;
	aws_chunked_init(&d->decoder);
	d->decoder.read = read_raw;
	d->decoder.arg = d;
	d->decoder.is_signed = c->body == S3_BODY_CHUNKED || c->body == S3_BODY_CHUNKED_TRAILER;
	d->decoder.has_trailer = c->body != S3_BODY_CHUNKED;
	if (d->decoder.is_signed)
		sigv4_chain_start(&d->decoder.chain, &c->claim, c->api->secret_key);
}

static void payload_end(struct payload *d)
{
	if (d->chunked)
		aws_chunked_release(&d->decoder);
}

/* Broken framing and a body that ends early are one thing to S3. */
static int payload_read(struct payload *d, void *p, size_t n, size_t *got, struct err *err)
{
	int rc = d->chunked ? aws_chunked_read(&d->decoder, p, n, got, err) : read_raw(d, p, n, got, err);
	if (rc < 0 && err->code == ERR_MALFORMED)
		err_sub(err, S3_INCOMPLETE_BODY);
	return rc;
}

/* All the bytes are there: what was announced of them in a trailer, and how many. */
static int payload_finish(struct payload *d, int64_t size, struct err *err)
{
	struct s3_announced *a = &d->announced;
	if (a->size >= 0 && size != a->size)
		return s3_fault(err, S3_INCOMPLETE_BODY);
	if (!a->trailer)
		return 0;
	struct slice value = d->chunked ? aws_chunked_trailer(&d->decoder, a->trailer) : slice_of(NULL, 0);
	if (!value.ptr)
		return s3_fault(err, S3_TRAILER);
	if (!checksum_parse(a->checksum.kind, value, d->call->x->arena, &a->checksum))
		return s3_fault(err, S3_CHECKSUM_INVALID);
	a->has_checksum = true;
	return 0;
}

static int check_digests(const struct payload *d, const uint8_t *sha256, const uint8_t *md5,
			 const struct checksum *checksum, struct err *err)
{
	const struct s3_announced *a = &d->announced;
	if (d->call->body == S3_BODY_HASHED && memcmp(sha256, d->call->body_sha256, 32) != 0)
		return s3_fault(err, S3_SHA256_MISMATCH);
	if (a->has_md5 && memcmp(md5, a->md5, 16) != 0)
		return s3_fault(err, S3_BAD_DIGEST);
	if (a->has_checksum && memcmp(checksum->bytes, a->checksum.bytes, checksum_bytes(a->checksum.kind)) != 0)
		return s3_fault(err, S3_BAD_DIGEST);
	return 0;
}

static int pump(struct payload *d, struct content *content, struct err *err)
{
	const struct http_exchange *x = d->call->x;
	if (!d->chunked && x->body_complete)
		return content_write(content, x->body.ptr, x->body.len, err);
	char *block = malloc(READ_BYTES);
	size_t n = 0;
	if (!block)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	int rc;
	while ((rc = payload_read(d, block, READ_BYTES, &n, err)) == 0 && n)
		if ((rc = content_write(content, block, n, err)) < 0)
			break;
	free(block);
	return rc;
}

int s3_payload_store(const struct s3_call *c, const struct s3_announced *announced, enum checksum_kind otherwise,
		     struct content **out, struct err *err)
{
	struct payload d;
	struct content *content = NULL;
	enum checksum_kind kind = announced->checksum.kind ? announced->checksum.kind : otherwise;
	if (announced->size > limits.s3_put_bytes)
		return err_set(err, ERR_TOO_LARGE,
			       "Your proposed upload exceeds the maximum allowed size of %lld bytes.",
			       (long long)limits.s3_put_bytes);
	if (content_begin(c->api->store, c->body == S3_BODY_HASHED ? CONTENT_SHA256 : 0, kind, &content, err) < 0)
		return -1;
	payload_begin(&d, c, announced);
	int rc = pump(&d, content, err);
	if (rc == 0)
		rc = payload_finish(&d, content_size(content), err);
	if (rc == 0)
		rc = content_end(content, err);
	if (rc == 0)
		rc = check_digests(&d, content_sha256(content), content_md5(content), content_checksum(content), err);
	payload_end(&d);
	if (rc < 0)
		content_drop(content);
	else
		*out = content;
	return rc;
}

static void release(void *b)
{
	buf_release(b);
}

static int gather(struct payload *d, struct buf *b, struct err *err)
{
	size_t n = 0;
	for (;;) {
		char *room = buf_reserve(b, (size_t)16 << 10);
		if (!room)
			return err_set(err, ERR_TOO_LARGE, "the document is larger than %lld bytes",
				       (long long)limits.s3_document_bytes);
		if (payload_read(d, room, (size_t)16 << 10, &n, err) < 0)
			return -1;
		if (!n)
			return 0;
		b->len += n;
	}
}

int s3_payload_document(const struct s3_call *c, bool checksums, struct slice *out, struct err *err)
{
	struct payload d;
	struct s3_announced announced;
	struct buf *b = arena_alloc(c->x->arena, sizeof *b);
	if (!b)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	buf_init(b, (size_t)limits.s3_document_bytes);
	if (!arena_defer(c->x->arena, release, b))
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	if (s3_announced_read(c, &announced, err) < 0)
		return -1;
	if (!checksums)
		announced.has_checksum = false;
	payload_begin(&d, c, &announced);
	int rc = gather(&d, b, err);
	if (rc == 0)
		rc = payload_finish(&d, (int64_t)b->len, err);
	payload_end(&d);
	if (rc < 0)
		return -1;
	uint8_t sha256[32], md5[16];
	struct checksum checksum;
	hash_once(HASH_SHA256, buf_view(b), sha256);
	hash_once(HASH_MD5, buf_view(b), md5);
	checksum_compute(d.announced.checksum.kind, buf_view(b), &checksum);
	if (check_digests(&d, sha256, md5, &checksum, err) < 0)
		return -1;
	*out = b->ptr ? buf_view(b) : SLICE_LIT("");
	return 0;
}
