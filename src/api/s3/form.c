/* Browser forms: see form.h. */
#include "api/s3/form.h"

#include "api/s3/fault.h"
#include "base/check.h"

enum { READ_BYTES = 64 << 10 };

static struct slice pending(const struct form *f)
{
	return slice_of(f->in.ptr + f->at, f->in.len - f->at);
}

/* More of the body behind what is pending; *more false at its end. */
static int fill(struct form *f, bool *more, struct err *err)
{
	size_t n = 0;
	*more = false;
	buf_consume(&f->in, f->at);
	f->at = 0;
	if (f->source_ended)
		return 0;
	char *room = buf_reserve(&f->in, READ_BYTES);
	if (!room)
		return s3_fault(err, S3_MALFORMED_POST);
	if (f->read(f->arg, room, READ_BYTES, &n, err) < 0)
		return -1;
	f->in.len += n;
	f->source_ended = n == 0;
	*more = n > 0;
	return 0;
}

/* Bytes up to a mark, which is passed over; borrowed until the next fill. */
static int until(struct form *f, const char *mark, size_t mark_len, struct slice *out, struct err *err)
{
	for (;;) {
		struct slice p = pending(f);
		const char *at = p.len ? memmem(p.ptr, p.len, mark, mark_len) : NULL;
		bool more;
		if (at) {
			*out = slice_of(p.ptr, (size_t)(at - p.ptr));
			f->at += out->len + mark_len;
			return 0;
		}
		if (p.len > FORM_FIELD_BYTES_MAX)
			return s3_fault(err, S3_MALFORMED_POST);
		if (fill(f, &more, err) < 0)
			return -1;
		if (!more)
			return s3_fault(err, S3_MALFORMED_POST);
	}
}

/* boundary=… of the Content-Type. */
static int read_border(struct form *f, struct err *err)
{
	struct slice rest = f->content_type, item;
	while ((item = slice_cut(&rest, ';')).ptr) {
		item = slice_trim(item);
		if (item.len <= 9 || !slice_is_nocase(slice_sub(item, 0, 9), "boundary="))
			continue;
		item = slice_from(item, 9);
		if (item.len > 2 && item.ptr[0] == '"' && item.ptr[item.len - 1] == '"')
			item = slice_sub(item, 1, item.len - 2);
		if (item.len > 70)
			break;
		memcpy(f->border, "\r\n--", 4);
		memcpy(f->border + 4, item.ptr, item.len);
		f->border_len = 4 + item.len;
		return 0;
	}
	return s3_fault(err, S3_MALFORMED_POST);
}

/* name="…" among the parameters of a Content-Disposition. */
static struct slice parameter(struct slice line, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i + n + 2 < line.len; i++) {
		bool starts = i == 0 || line.ptr[i - 1] == ';' || line.ptr[i - 1] == ' ';
		if (!starts || !slice_is_nocase(slice_sub(line, i, n), name) || memcmp(line.ptr + i + n, "=\"", 2) != 0)
			continue;
		struct slice value = slice_from(line, i + n + 2);
		ptrdiff_t end = slice_find(value, '"');
		return end < 0 ? slice_of(NULL, 0) : slice_sub(value, 0, (size_t)end);
	}
	return slice_of(NULL, 0);
}

/* The head of one part: its name, and for a file the file's. */
static int part_head(struct form *f, struct slice *name, struct err *err)
{
	*name = slice_of(NULL, 0);
	for (;;) {
		struct slice line, rest;
		if (until(f, "\r\n", 2, &line, err) < 0)
			return -1;
		if (!line.len)
			return name->len ? 0 : s3_fault(err, S3_MALFORMED_POST);
		rest = line;
		if (!slice_is_nocase(slice_trim(slice_cut(&rest, ':')), "content-disposition") || !rest.ptr)
			continue;
		*name = arena_dup(f->arena, parameter(rest, "name"));
		struct slice file = parameter(rest, "filename");
		if (file.ptr)
			f->file_name = arena_dup(f->arena, file);
	}
}

int form_begin(struct form *f, struct err *err)
{
	struct slice text, name;
	f->fields_n = f->border_len = f->at = 0;
	f->file_name = slice_of(NULL, 0);
	f->source_ended = f->file_ended = false;
	buf_init(&f->in, READ_BYTES * 2 + FORM_FIELD_BYTES_MAX);
	/* The first border has no line end before it; with one put there, all are alike. */
	buf_str(&f->in, "\r\n");
	if (read_border(f, err) < 0)
		return -1;
	if (until(f, f->border, f->border_len, &text, err) < 0 || until(f, "\r\n", 2, &text, err) < 0)
		return -1;
	for (;;) {
		if (part_head(f, &name, err) < 0)
			return -1;
		if (slice_is_nocase(name, "file"))
			return 0;
		if (f->fields_n == FORM_FIELDS_MAX || until(f, f->border, f->border_len, &text, err) < 0)
			return s3_fault(err, S3_MALFORMED_POST);
		f->fields[f->fields_n++] = (struct http_field){name, arena_dup(f->arena, text)};
		if (until(f, "\r\n", 2, &text, err) < 0 || text.len) /* "--": the form ended without a file */
			return s3_fault(err, S3_MALFORMED_POST);
	}
}

int form_read(struct form *f, struct slice *out, struct err *err)
{
	*out = slice_of(NULL, 0);
	while (!f->file_ended) {
		struct slice p = pending(f);
		const char *at = p.len ? memmem(p.ptr, p.len, f->border, f->border_len) : NULL;
		bool more;
		/* What might be the beginning of a border waits for more. */
		size_t safe = at ? (size_t)(at - p.ptr) : p.len - MIN(p.len, f->border_len - 1);
		f->file_ended = at != NULL;
		if (safe || at) {
			*out = slice_of(p.ptr, safe);
			f->at += safe;
			return 0;
		}
		if (fill(f, &more, err) < 0)
			return -1;
		if (!more)
			return s3_fault(err, S3_INCOMPLETE_BODY);
	}
	return 0;
}

void form_release(struct form *f)
{
	buf_release(&f->in);
}

struct slice form_field_value(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->fields_n; i++)
		if (slice_is_nocase(f->fields[i].name, name))
			return f->fields[i].value;
	return slice_of(NULL, 0);
}
