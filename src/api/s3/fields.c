/* Object headers: see fields.h. */
#include "api/s3/fields.h"

#include "api/s3/fault.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"

static const struct {
	const char *stored, *sent, *override;
} kept[] = {
    {"content-type", "Content-Type", "response-content-type"},
    {"cache-control", "Cache-Control", "response-cache-control"},
    {"content-disposition", "Content-Disposition", "response-content-disposition"},
    {"content-encoding", "Content-Encoding", "response-content-encoding"},
    {"content-language", "Content-Language", "response-content-language"},
    {"expires", "Expires", "response-expires"},
};

enum { META_PREFIX_CHARS = 11 }; /* of x-amz-meta- */

static bool is_meta(struct slice name)
{
	return name.len > META_PREFIX_CHARS && slice_is_nocase(slice_sub(name, 0, META_PREFIX_CHARS), "x-amz-meta-");
}

static void put_value(struct buf *b, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		buf_char(b, (unsigned char)value.ptr[i] < 0x20 ? ' ' : value.ptr[i]);
}

/* The transfer's own coding is not the object's. */
static void put_encoding(struct buf *b, struct slice value)
{
	struct slice item;
	size_t before = b->len;
	while ((item = slice_cut(&value, ',')).ptr) {
		item = slice_trim(item);
		if (!item.len || slice_is_nocase(item, "aws-chunked"))
			continue;
		buf_str(b, b->len == before ? "content-encoding: " : ", ");
		put_value(b, item);
	}
	if (b->len > before)
		buf_char(b, '\n');
}

static void put_kept(struct buf *b, const struct http_exchange *x)
{
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		struct slice value = http_field(x, kept[i].stored);
		if (!value.len)
			continue;
		if (slice_is(slice_str(kept[i].stored), "content-encoding")) {
			put_encoding(b, value);
			continue;
		}
		buf_str(b, kept[i].stored);
		buf_str(b, ": ");
		put_value(b, value);
		buf_char(b, '\n');
	}
}

static bool seen_before(const struct http_exchange *x, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (slice_eq_nocase(x->fields[i].name, x->fields[at].name))
			return true;
	return false;
}

/* Repeated names are joined, as their signature was. Returns the bytes that count against the limit. */
static size_t put_meta(struct buf *b, const struct http_exchange *x)
{
	size_t bytes = 0;
	for (size_t i = 0; i < x->fields_n; i++) {
		struct slice name = x->fields[i].name;
		if (!is_meta(name) || seen_before(x, i))
			continue;
		for (size_t k = 0; k < name.len; k++)
			buf_char(b, (char)(name.ptr[k] >= 'A' && name.ptr[k] <= 'Z' ? name.ptr[k] + 32 : name.ptr[k]));
		buf_char(b, ':');
		bytes += name.len - META_PREFIX_CHARS;
		for (size_t k = i; k < x->fields_n; k++) {
			if (!slice_eq_nocase(x->fields[k].name, name))
				continue;
			buf_char(b, k == i ? ' ' : ',');
			put_value(b, x->fields[k].value);
			bytes += x->fields[k].value.len;
		}
		buf_char(b, '\n');
	}
	return bytes;
}

int s3_fields_take(const struct s3_call *c, struct slice *lines, struct err *err)
{
	struct buf b;
	buf_init(&b, (size_t)limits.http_head_bytes * 2);
	put_kept(&b, c->x);
	size_t bytes = put_meta(&b, c->x);
	bool failed = b.failed;
	*lines = arena_dup(c->x->arena, buf_view(&b));
	buf_release(&b);
	if (failed || bytes > (size_t)limits.s3_metadata_bytes)
		return s3_fault(err, S3_METADATA_TOO_LARGE);
	return lines->ptr ? 0 : err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
}

static bool next_line(struct slice *lines, struct slice *name, struct slice *value)
{
	struct slice line = slice_cut(lines, '\n');
	if (line.len == 0)
		return false;
	*name = slice_cut(&line, ':');
	*value = slice_from(line, 1);
	return true;
}

struct slice s3_fields_find(struct slice lines, const char *wanted)
{
	struct slice name, value;
	while (next_line(&lines, &name, &value))
		if (slice_is(name, wanted))
			return value;
	return slice_of(NULL, 0);
}

void s3_fields_give(const struct s3_call *c, struct slice lines)
{
	struct http_exchange *x = c->x;
	struct slice name, value;
	bool given[COUNT_OF(kept)] = {false};
	for (size_t i = 0; x->has_query && i < COUNT_OF(kept); i++) {
		value = http_query(x, kept[i].override);
		if (!value.ptr)
			continue;
		http_header(x, kept[i].sent, value);
		given[i] = true;
	}
	while (next_line(&lines, &name, &value)) {
		size_t i = 0;
		while (i < COUNT_OF(kept) && !slice_is(name, kept[i].stored))
			i++;
		if (i < COUNT_OF(kept)) {
			if (!given[i])
				http_header(x, kept[i].sent, value);
			given[i] = true;
			continue;
		}
		char *text = arena_cstr(x->arena, name);
		if (text)
			http_header(x, text, value);
	}
	if (!given[0])
		http_header_str(x, kept[0].sent, "binary/octet-stream");
}

/* Headers that would change what a write means. `allowed` are values that ask for what is so anyway. */
static const struct {
	const char *name;
	const char *allowed; /* separated by spaces */
	int fault;           /* 0: NotImplemented */
} refused[] = {
    {"x-amz-acl", "private bucket-owner-full-control", S3_ACL_UNSUPPORTED},
    {"x-amz-grant-full-control", "", S3_ACL_UNSUPPORTED},
    {"x-amz-grant-read", "", S3_ACL_UNSUPPORTED},
    {"x-amz-grant-read-acp", "", S3_ACL_UNSUPPORTED},
    {"x-amz-grant-write", "", S3_ACL_UNSUPPORTED},
    {"x-amz-grant-write-acp", "", S3_ACL_UNSUPPORTED},
    {"x-amz-storage-class", "STANDARD", S3_STORAGE_CLASS},
    {"x-amz-tagging", "", 0},
    {"x-amz-tagging-directive", "COPY", 0},
    {"x-amz-website-redirect-location", "", 0},
    {"x-amz-server-side-encryption", "", 0},
    {"x-amz-server-side-encryption-customer-algorithm", "", 0},
    {"x-amz-copy-source-server-side-encryption-customer-algorithm", "", 0},
    {"x-amz-object-lock-mode", "", 0},
    {"x-amz-object-lock-retain-until-date", "", 0},
    {"x-amz-object-lock-legal-hold", "OFF", 0},
    {"x-amz-bucket-object-lock-enabled", "false False", 0},
    {"x-amz-write-offset-bytes", "", 0},
};

static bool in_words(const char *words, struct slice value)
{
	struct slice rest = slice_str(words), word;
	while ((word = slice_cut(&rest, ' ')).ptr)
		if (word.len && slice_eq(word, value))
			return true;
	return false;
}

int s3_fields_refuse(const struct s3_call *c, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct slice value = http_field(c->x, refused[i].name);
		if (!value.len || in_words(refused[i].allowed, value))
			continue;
		if (refused[i].fault)
			return s3_fault(err, (enum s3_error)refused[i].fault);
		return err_set(err, ERR_UNSUPPORTED,
			       "A header you provided implies functionality that is not implemented: %s",
			       refused[i].name);
	}
	return 0;
}
