/*
 * Keys in order, straight off the index: see object.h. A common prefix costs one seek, however many keys it covers:
 * the scan goes on at the first key that does not begin with it.
 */
#include "store/object_store.h"

/* The smallest key greater than every key that begins with `prefix`: false when there is none (all bytes 255). */
static bool successor(struct buf *out, struct slice prefix)
{
	while (prefix.len && (unsigned char)prefix.ptr[prefix.len - 1] == 0xff)
		prefix.len--;
	buf_reset(out);
	if (!prefix.len)
		return false;
	buf_slice(out, prefix);
	out->ptr[out->len - 1]++;
	return true;
}

/* The part of `key` up to and with the first delimiter after the prefix; empty when there is none. */
static struct slice common_prefix(struct slice key, struct slice prefix, struct slice delimiter)
{
	if (!delimiter.len)
		return slice_of(NULL, 0);
	struct slice rest = slice_from(key, prefix.len);
	const char *at = rest.len ? memmem(rest.ptr, rest.len, delimiter.ptr, delimiter.len) : NULL;
	return at ? slice_of(key.ptr, (size_t)(at - key.ptr) + delimiter.len) : slice_of(NULL, 0);
}

static bool begins(struct slice key, struct slice prefix)
{
	return key.len >= prefix.len && slice_eq(slice_sub(key, 0, prefix.len), prefix);
}

struct scan {
	const struct object_query *query;
	struct arena *arena;
	struct buf seek; /* first key wanted */
	struct object_item *items;
	size_t n;
	bool more;
};

/* One row. 1: go on with the next, 2: seek to scan->seek, 0: the end. */
static int take(struct scan *scan, struct db_stmt *st)
{
	const struct object_query *q = scan->query;
	struct slice key = db_blob(st, 0);
	if (!begins(key, q->prefix))
		return 0;
	if (scan->n == q->max) {
		scan->more = true;
		return 0;
	}
	struct object_item *item = &scan->items[scan->n++];
	struct slice common = common_prefix(key, q->prefix, q->delimiter);
	if (!common.len) {
		struct object_row row;
		object_row_read(st, 0, scan->arena, &row);
		*item = (struct object_item){ .info = row.info };
		return 1;
	}
	*item = (struct object_item){ .common_prefix = true, .info.key = arena_dup(scan->arena, common) };
	return successor(&scan->seek, common) ? 2 : 0;
}

static int scan_bucket(struct scan *scan, struct db_conn *c, int64_t bucket, struct err *err)
{
	for (;;) {
		struct db_stmt *st = NULL;
		if (db_query(c,
			     "SELECT key, size, modified, etag, parts, checksum, NULL, NULL, NULL FROM object"
			     " WHERE bucket = ?1 AND key >= ?2 ORDER BY key",
			     &st, err, DB_I(bucket),
			     DB_B(scan->seek.len ? buf_view(&scan->seek) : SLICE_LIT(""))) < 0)
			return -1;
		int rc, next = 0;
		while ((rc = db_step(st, err)) == 1 && (next = take(scan, st)) == 1)
			;
		db_done(st);
		if (rc < 0)
			return -1;
		if (rc == 0 || next != 2)
			return 0;
	}
}

/* Where to begin. False: nothing can follow. */
static bool first_seek(struct scan *scan)
{
	const struct object_query *q = scan->query;
	if (slice_cmp(q->after, q->prefix) < 0) {
		buf_slice(&scan->seek, q->prefix);
		return true;
	}
	struct slice common = slice_of(NULL, 0);
	if (begins(q->after, q->prefix))
		common = common_prefix(q->after, q->prefix, q->delimiter);
	if (common.len)
		return successor(&scan->seek, common);
	buf_slice(&scan->seek, q->after);
	if (q->after.len)
		buf_char(&scan->seek, 0);
	return true;
}

int object_list(struct object_store *s, const struct object_query *query, struct arena *arena,
		struct object_page *out, struct err *err)
{
	struct scan scan = { .query = query, .arena = arena };
	struct db_conn *c = NULL;
	int64_t bucket = 0;
	int rc = -1;
	buf_init(&scan.seek, 64 << 10);
	if (db_read_begin(s->db, DB_READ_SNAPSHOT, &c, err) < 0)
		return -1;
	if (bucket_id(c, query->bucket, &bucket, err) < 0)
		goto done;
	scan.items = arena_array(arena, query->max + 1, sizeof *scan.items);
	rc = 0;
	if (scan.items && query->max && first_seek(&scan))
		rc = scan_bucket(&scan, c, bucket, err);
	if (rc == 0 && (arena->overflow || scan.seek.failed))
		rc = err_set(err, ERR_NO_MEMORY, "not enough memory for this page");
done:
	db_read_end(c);
	buf_release(&scan.seek);
	if (rc == 0)
		*out = (struct object_page){ .items = scan.items, .n = scan.n, .truncated = scan.more };
	return rc;
}

/* Uploads in progress: few, so common prefixes are found by reading each. */
int upload_list(struct object_store *s, const struct upload_query *q, struct arena *arena, struct upload_info **out,
		size_t *n, bool *truncated, struct err *err)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	int64_t bucket = 0;
	struct slice last = q->after_key, after_common = slice_of(NULL, 0);
	if (begins(q->after_key, q->prefix))
		after_common = common_prefix(q->after_key, q->prefix, q->delimiter);
	struct upload_info *items = arena_array(arena, q->max + 1, sizeof *items);
	size_t len = 0;
	bool more = false;
	if (!items)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this page");
	if (db_read_begin(s->db, DB_READ_SNAPSHOT, &c, err) < 0)
		return -1;
	int rc = bucket_id(c, q->bucket, &bucket, err);
	if (rc == 0)
		rc = db_query(c,
			      "SELECT key, token, created, checksum, composite FROM upload WHERE bucket = ?1 AND key >= ?2"
			      " AND (key > ?3 OR (?4 <> '' AND key = ?3 AND"
			      "  id > coalesce((SELECT id FROM upload WHERE token = ?4), 0))) ORDER BY key, id",
			      &st, err, DB_I(bucket), DB_B(q->prefix.len ? q->prefix : SLICE_LIT("")),
			      DB_B(last.len ? last : SLICE_LIT("")), DB_T(q->after_id.len ? q->after_id : SLICE_LIT("")));
	while (rc == 0 && (rc = db_step(st, err)) == 1) {
		struct slice key = db_blob(st, 0), common = common_prefix(key, q->prefix, q->delimiter);
		rc = 0;
		if (!begins(key, q->prefix))
			break;
		if (common.len && (slice_eq(common, after_common) ||
				   (len && items[len - 1].common_prefix && slice_eq(items[len - 1].key, common))))
			continue;
		if (len == q->max) {
			more = true;
			break;
		}
		items[len++] = (struct upload_info){
			.common_prefix = common.len > 0,
			.key = arena_dup(arena, common.len ? common : key),
			.id = common.len ? slice_of(NULL, 0) : arena_dup(arena, db_text(st, 1)),
			.created_ms = db_int(st, 2),
			.checksum = (enum checksum_kind)db_int(st, 3),
			.composite = db_int(st, 4) != 0,
		};
	}
	db_done(st);
	db_read_end(c);
	if (rc == 0 && arena->overflow)
		rc = err_set(err, ERR_NO_MEMORY, "not enough memory for this page");
	if (rc < 0)
		return -1;
	*out = items;
	*n = len;
	*truncated = more;
	return 0;
}
