/* aws-chunked bodies: see aws_chunked.h. */
#include "crypto/aws_chunked.h"

#include "base/check.h"
#include "base/limits.h"

enum { READ_BYTES = 64 << 10 };

void aws_chunked_init(struct aws_chunked *d)
{
	buf_init(&d->in, READ_BYTES + AWS_LINE_BYTES_MAX);
	buf_init(&d->chunk, (size_t)limits.s3_chunk_bytes);
	d->in_at = d->chunk_at = d->trailers_n = 0;
	d->left = 0;
	d->source_ended = d->inside = d->ended = false;
}

void aws_chunked_release(struct aws_chunked *d)
{
	buf_release(&d->in);
	buf_release(&d->chunk);
}

static struct slice pending(const struct aws_chunked *d)
{
	return slice_from(buf_view(&d->in), d->in_at);
}

/* More of the source behind what is pending. */
static int fill(struct aws_chunked *d, struct err *err)
{
	size_t got;
	buf_consume(&d->in, d->in_at);
	d->in_at = 0;
	char *room = d->source_ended ? NULL : buf_reserve(&d->in, READ_BYTES - MIN(d->in.len, (size_t)READ_BYTES) / 2);
	if (!room)
		return err_set(err, ERR_MALFORMED, "the aws-chunked body ended early or has an endless line");
	if (d->read(d->arg, room, d->in.cap - d->in.len - 1, &got, err) < 0)
		return -1;
	d->source_ended = got == 0;
	d->in.len += got;
	return got ? 0 : err_set(err, ERR_MALFORMED, "You did not provide the number of bytes specified by the Content-Length "
						     "HTTP header; the aws-chunked body ended early");
}

/* One line without its CR LF. Borrowed until the next fill. */
static int line(struct aws_chunked *d, struct slice *out, struct err *err)
{
	for (;;) {
		struct slice s = pending(d);
		char *end = s.len ? memchr(s.ptr, '\n', MIN(s.len, (size_t)AWS_LINE_BYTES_MAX)) : NULL;
		if (end) {
			size_t n = (size_t)(end - s.ptr);
			if (n == 0 || s.ptr[n - 1] != '\r')
				return err_set(err, ERR_MALFORMED, "a line of the aws-chunked body does not end with CR LF");
			d->in_at += n + 1;
			*out = slice_of(s.ptr, n - 1);
			return 0;
		}
		if (s.len >= AWS_LINE_BYTES_MAX)
			return err_set(err, ERR_MALFORMED, "a line of the aws-chunked body is longer than %d bytes",
				       AWS_LINE_BYTES_MAX);
		if (fill(d, err) < 0)
			return -1;
	}
}

static bool parse_size(struct slice text, uint64_t *out)
{
	uint64_t v = 0;
	if (text.len == 0 || text.len > 15)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*out = v;
	return true;
}

static int head(struct aws_chunked *d, uint64_t *size, char signature[SIGV4_HEX_CHARS], struct err *err)
{
	struct slice text;
	if (line(d, &text, err) < 0)
		return -1;
	struct slice rest = text, digits = slice_cut(&rest, ';'), extension = slice_trim(rest);
	bool has = slice_starts(extension, "chunk-signature=") && extension.len == 16 + SIGV4_HEX_CHARS;
	if (!parse_size(digits, size) || (d->is_signed && !has))
		return err_set(err, ERR_MALFORMED, "a chunk head of the aws-chunked body is broken");
	if (has)
		memcpy(signature, extension.ptr + 16, SIGV4_HEX_CHARS);
	return 0;
}

static int line_end(struct aws_chunked *d, struct err *err)
{
	struct slice text;
	if (line(d, &text, err) < 0)
		return -1;
	return text.len ? err_set(err, ERR_MALFORMED, "a chunk of the aws-chunked body is longer than its size") : 0;
}

static int wrong_signature(struct err *err)
{
	err_set(err, ERR_FORBIDDEN, "The request signature we calculated does not match the signature you provided. Check your "
				    "key and signing method.");
	return err_sub(err, SIGV4_MISMATCH);
}

/* All of a signed chunk, then its signature. */
static int signed_chunk(struct aws_chunked *d, uint64_t size, const char *signature, struct err *err)
{
	uint8_t digest[32];
	if (size > (uint64_t)limits.s3_chunk_bytes)
		return err_set(err, ERR_TOO_LARGE, "a signed chunk has at most %lld bytes", (long long)limits.s3_chunk_bytes);
	buf_reset(&d->chunk);
	d->chunk_at = 0;
	while (d->chunk.len < size) {
		struct slice s = pending(d);
		size_t take = MIN(s.len, (size_t)size - d->chunk.len);
		buf_append(&d->chunk, s.ptr, take);
		d->in_at += take;
		if (d->chunk.len < size && fill(d, err) < 0)
			return -1;
	}
	hash_once(HASH_SHA256, buf_view(&d->chunk), digest);
	if (!sigv4_chain_chunk(&d->chain, digest, slice_of(signature, SIGV4_HEX_CHARS)))
		return wrong_signature(err);
	return size ? line_end(d, err) : 0;
}

static int keep_trailer(struct aws_chunked *d, struct slice name, struct slice value, struct err *err)
{
	if (d->trailers_n == AWS_TRAILERS_MAX || name.len >= sizeof d->trailer_names[0] ||
	    value.len >= AWS_TRAILER_BYTES_MAX)
		return err_set(err, ERR_MALFORMED, "the trailer has more than %d fields or a long one", AWS_TRAILERS_MAX);
	char *n = d->trailer_names[d->trailers_n], *v = d->trailer_values[d->trailers_n++];
	for (size_t i = 0; i < name.len; i++)
		n[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
	n[name.len] = '\0';
	memcpy(v, value.ptr, value.len);
	v[value.len] = '\0';
	return 0;
}

/* Fields until an empty line; in the signed form the last is the signature over the others. */
static int trailer(struct aws_chunked *d, struct err *err)
{
	struct hash hash;
	uint8_t digest[32];
	bool verified = !d->is_signed || !d->has_trailer;
	hash_init(&hash, HASH_SHA256);
	for (;;) {
		struct slice text;
		if (line(d, &text, err) < 0)
			break;
		if (text.len == 0) {
			hash_drop(&hash);
			return verified ? 0 : wrong_signature(err);
		}
		struct slice value = text, name = slice_trim(slice_cut(&value, ':'));
		value = slice_trim(value);
		if (!d->has_trailer || !value.ptr || (d->is_signed && verified)) {
			err_set(err, ERR_MALFORMED, "the aws-chunked body has an unexpected trailer");
			break;
		}
		if (d->is_signed && slice_is_nocase(name, "x-amz-trailer-signature")) {
			hash_final(&hash, digest);
			if (!sigv4_chain_trailer(&d->chain, digest, value)) {
				wrong_signature(err);
				break;
			}
			verified = true;
			continue;
		}
		if (keep_trailer(d, name, value, err) < 0)
			break;
		hash_update(&hash, d->trailer_names[d->trailers_n - 1], name.len);
		hash_update(&hash, ":", 1);
		hash_update(&hash, value.ptr, value.len);
		hash_update(&hash, "\n", 1);
	}
	hash_drop(&hash);
	return -1;
}

/* The next chunk's head, and for a signed one its bytes. */
static int chunk(struct aws_chunked *d, struct err *err)
{
	uint64_t size = 0;
	char signature[SIGV4_HEX_CHARS];
	if (head(d, &size, signature, err) < 0)
		return -1;
	if (d->is_signed) {
		if (signed_chunk(d, size, signature, err) < 0)
			return -1;
	} else {
		d->left = size;
		d->inside = size > 0;
	}
	if (size)
		return 0;
	if (trailer(d, err) < 0)
		return -1;
	if (pending(d).len)
		return err_set(err, ERR_MALFORMED, "bytes follow the end of the aws-chunked body");
	d->ended = true;
	return 0;
}

int aws_chunked_read(struct aws_chunked *d, void *out, size_t n, size_t *got, struct err *err)
{
	for (;;) {
		if (d->chunk_at < d->chunk.len) {
			*got = MIN(n, d->chunk.len - d->chunk_at);
			memcpy(out, d->chunk.ptr + d->chunk_at, *got);
			d->chunk_at += *got;
			return 0;
		}
		if (d->inside && d->left) {
			struct slice s = pending(d);
			if (s.len == 0 && fill(d, err) < 0)
				return -1;
			s = pending(d);
			*got = MIN(MIN(n, s.len), (size_t)MIN(d->left, (uint64_t)SIZE_MAX));
			memcpy(out, s.ptr, *got);
			d->in_at += *got;
			d->left -= *got;
			return 0;
		}
		if (d->inside) {
			d->inside = false;
			if (line_end(d, err) < 0)
				return -1;
		}
		if (d->ended) {
			*got = 0;
			return 0;
		}
		if (chunk(d, err) < 0)
			return -1;
	}
}

struct slice aws_chunked_trailer(const struct aws_chunked *d, const char *name)
{
	for (size_t i = 0; i < d->trailers_n; i++)
		if (strcmp(d->trailer_names[i], name) == 0)
			return slice_str(d->trailer_values[i]);
	return slice_str(NULL);
}
