/* Checksums as text, and what a request announces of its body: see checksum.h. */
#include "api/s3/checksum.h"

#include "api/s3/fault.h"
#include "codec/base64.h"
#include "codec/xml.h"
#include "crypto/crc.h"
#include "crypto/hash.h"

const struct checksum_name checksum_names[CHECKSUM_KINDS] = {
    [CHECKSUM_CRC32] = {"CRC32", "x-amz-checksum-crc32", "ChecksumCRC32"},
    [CHECKSUM_CRC32C] = {"CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C"},
    [CHECKSUM_CRC64NVME] = {"CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME"},
    [CHECKSUM_SHA1] = {"SHA1", "x-amz-checksum-sha1", "ChecksumSHA1"},
    [CHECKSUM_SHA256] = {"SHA256", "x-amz-checksum-sha256", "ChecksumSHA256"},
};

enum checksum_kind checksum_of_algorithm(struct slice text)
{
	for (int i = CHECKSUM_NONE + 1; i < CHECKSUM_KINDS; i++)
		if (slice_is_nocase(text, checksum_names[i].algorithm))
			return (enum checksum_kind)i;
	return CHECKSUM_NONE;
}

enum checksum_kind checksum_of_header(struct slice name)
{
	for (int i = CHECKSUM_NONE + 1; i < CHECKSUM_KINDS; i++)
		if (slice_is_nocase(name, checksum_names[i].header))
			return (enum checksum_kind)i;
	return CHECKSUM_NONE;
}

bool checksum_parse(enum checksum_kind kind, struct slice text, struct arena *a, struct checksum *out)
{
	struct slice bytes, rest = slice_trim(text), value = slice_cut(&rest, '-');
	uint64_t parts;
	if (rest.ptr && !slice_u64(rest, &parts))
		return false;
	if (!base64_decode(value, BASE64_STANDARD, a, &bytes) || bytes.len != checksum_bytes(kind))
		return false;
	*out = (struct checksum){.kind = kind, .composite = rest.ptr != NULL};
	memcpy(out->bytes, bytes.ptr, bytes.len);
	return true;
}

struct slice checksum_text(const struct checksum *checksum, uint32_t parts, struct arena *a)
{
	size_t n = checksum_bytes(checksum->kind);
	if (!n)
		return slice_of(NULL, 0);
	struct buf b;
	buf_init(&b, 128);
	base64_encode(slice_of(checksum->bytes, n), BASE64_STANDARD, &b);
	if (checksum->composite && parts)
		buf_printf(&b, "-%u", parts);
	struct slice text = arena_dup(a, buf_view(&b));
	buf_release(&b);
	return text;
}

const char *checksum_type(const struct checksum *checksum)
{
	return checksum->composite ? "COMPOSITE" : "FULL_OBJECT";
}

void checksum_xml(struct buf *b, const struct checksum *checksum, uint32_t parts, bool type, struct arena *a)
{
	if (!checksum->kind)
		return;
	xml_text(b, checksum_names[checksum->kind].element, checksum_text(checksum, parts, a));
	if (type)
		xml_str(b, "ChecksumType", checksum_type(checksum));
}

void checksum_compute(enum checksum_kind kind, struct slice bytes, struct checksum *out)
{
	*out = (struct checksum){.kind = kind};
	uint64_t crc = 0;
	switch (kind) {
	case CHECKSUM_SHA1:
		hash_once(HASH_SHA1, bytes, out->bytes);
		return;
	case CHECKSUM_SHA256:
		hash_once(HASH_SHA256, bytes, out->bytes);
		return;
	case CHECKSUM_CRC32:
		crc = crc_ieee(0, bytes.ptr, bytes.len);
		break;
	case CHECKSUM_CRC32C:
		crc = crc_castagnoli(0, bytes.ptr, bytes.len);
		break;
	case CHECKSUM_CRC64NVME:
		crc = crc_nvme(0, bytes.ptr, bytes.len);
		break;
	default:
		return;
	}
	size_t n = checksum_bytes(kind);
	for (size_t i = 0; i < n; i++)
		out->bytes[i] = (uint8_t)(crc >> (8 * (n - 1 - i)));
}

/* One header with a value at most, or one trailer that announces it. */
static int read_headers(const struct s3_call *c, struct s3_announced *out, struct err *err)
{
	const struct http_exchange *x = c->x;
	for (size_t i = 0; i < x->fields_n; i++) {
		enum checksum_kind kind = checksum_of_header(x->fields[i].name);
		if (!kind)
			continue;
		if (out->has_checksum)
			return s3_fault(err, S3_CHECKSUMS_MANY);
		if (!checksum_parse(kind, x->fields[i].value, x->arena, &out->checksum))
			return s3_fault(err, S3_CHECKSUM_INVALID);
		out->checksum.composite = false;
		out->has_checksum = true;
	}
	struct slice names = http_field(x, "x-amz-trailer"), name;
	while ((name = slice_cut(&names, ',')).ptr) {
		enum checksum_kind kind = checksum_of_header(slice_trim(name));
		if (!kind)
			continue;
		if (out->has_checksum || out->trailer)
			return s3_fault(err, S3_CHECKSUMS_MANY);
		out->checksum.kind = kind;
		out->trailer = checksum_names[kind].header;
	}
	if (!out->checksum.kind)
		out->checksum.kind = checksum_of_algorithm(http_field(x, "x-amz-sdk-checksum-algorithm"));
	return 0;
}

int s3_announced_read(const struct s3_call *c, struct s3_announced *out, struct err *err)
{
	const struct http_exchange *x = c->x;
	struct s3_announced a = {.size = x->content_length};
	struct slice md5 = http_field(x, "content-md5"), decoded = http_field(x, "x-amz-decoded-content-length"), bytes;
	if (md5.ptr) {
		if (!base64_decode(md5, BASE64_STANDARD, x->arena, &bytes) || bytes.len != sizeof a.md5)
			return s3_fault(err, S3_INVALID_DIGEST);
		memcpy(a.md5, bytes.ptr, sizeof a.md5);
		a.has_md5 = true;
	}
	if (c->body >= S3_BODY_CHUNKED) {
		if (!decoded.ptr)
			return s3_fault(err, S3_LENGTH_MISSING);
		if (!slice_i64(decoded, &a.size) || a.size < 0)
			return err_set(err, ERR_INVALID, "x-amz-decoded-content-length must be a number");
	}
	if (read_headers(c, &a, err) < 0)
		return -1;
	*out = a;
	return 0;
}
