/* The row of an object: what its columns mean, and how it is replaced and dropped with its references. */
#include <stdio.h>

#include "base/check.h"
#include "base/limits.h"
#include "store/object_store.h"

int no_bucket(struct slice name, struct err *err)
{
	err_set(err, ERR_NOT_FOUND, "there is no bucket %.*s", SLICE_ARG(name));
	return err_sub(err, OBJECT_NO_BUCKET);
}

int no_key(struct err *err)
{
	err_set(err, ERR_NOT_FOUND, "the key does not exist");
	return err_sub(err, OBJECT_NO_KEY);
}

void etag_format(const uint8_t md5[16], uint32_t parts, char out[48])
{
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", md5[i]);
	if (parts)
		snprintf(out + 32, 16, "-%u", parts);
}

struct slice checksum_pack(const struct checksum *checksum, uint8_t out[CHECKSUM_COLUMN_BYTES])
{
	size_t n = checksum_bytes(checksum->kind);
	if (!n)
		return slice_of(NULL, 0);
	out[0] = (uint8_t)checksum->kind;
	out[1] = checksum->composite;
	memcpy(out + 2, checksum->bytes, n);
	return slice_of(out, 2 + n);
}

void checksum_unpack(struct slice column, struct checksum *out)
{
	*out = (struct checksum){ 0 };
	const uint8_t *p = (const uint8_t *)column.ptr;
	if (column.len < 2 || column.len - 2 != checksum_bytes(p[0]))
		return;
	out->kind = p[0];
	out->composite = p[1];
	memcpy(out->bytes, p + 2, column.len - 2);
}

void object_row_read(struct db_stmt *st, int column, struct arena *arena, struct object_row *out)
{
	*out = (struct object_row){
		.info = { .key = db_blob(st, column),
			  .size = db_int(st, column + 1),
			  .modified_ms = db_int(st, column + 2),
			  .parts_n = (uint32_t)db_int(st, column + 4),
			  .headers = db_blob(st, column + 6) },
		.content = db_int(st, column + 7),
		.owner = db_int(st, column + 8),
	};
	struct slice etag = db_text(st, column + 3);
	memcpy(out->info.etag, etag.ptr ? etag.ptr : "", MIN(etag.len, sizeof out->info.etag - 1));
	checksum_unpack(db_blob(st, column + 5), &out->info.checksum);
	if (arena) {
		out->info.key = arena_dup(arena, out->info.key);
		out->info.headers = arena_dup(arena, out->info.headers);
	}
}

int bucket_id(struct db_conn *c, struct slice name, int64_t *id, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "SELECT id FROM bucket WHERE name = ?1", &st, err, DB_T(name)) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		*id = db_int(st, 0);
	db_done(st);
	return rc == 1 ? 0 : rc == 0 ? no_bucket(name, err) : -1;
}

int object_row_find(struct db_conn *c, int64_t bucket, struct slice key, bool *found, struct object_row *out,
		    struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "SELECT " OBJECT_COLUMNS " FROM object o WHERE o.bucket = ?1 AND o.key = ?2", &st, err,
		     DB_I(bucket), DB_B(key)) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		object_row_read(st, 0, NULL, out);
	db_done(st);
	out->info.key = out->info.headers = slice_of(NULL, 0);
	*found = rc == 1;
	return rc < 0 ? -1 : 0;
}

int object_condition_check(const struct object_condition *condition, bool found, const char *etag, struct err *err)
{
	if (condition->absent && found) {
		err_set(err, ERR_PRECONDITION, "the key exists already");
		return err_sub(err, OBJECT_PRECONDITION);
	}
	if (!condition->etag.len)
		return 0;
	if (!found)
		return no_key(err);
	if (slice_is(condition->etag, "*") || slice_is(condition->etag, etag))
		return 0;
	err_set(err, ERR_PRECONDITION, "the object has another ETag");
	return err_sub(err, OBJECT_PRECONDITION);
}

int object_key_check(struct slice key, struct err *err)
{
	if (key.len == 0)
		return err_set(err, ERR_INVALID, "an object key has at least one byte");
	if ((int64_t)key.len > limits.s3_key_bytes) {
		err_set(err, ERR_URI_TOO_LONG, "the key is longer than %lld bytes", (long long)limits.s3_key_bytes);
		return err_sub(err, OBJECT_KEY_TOO_LONG);
	}
	return 0;
}

/* The contents of an owner's parts, a batch at a time: a statement must not be open on rows that are being deleted. */
int parts_drop(struct object_store *s, struct db_conn *c, int64_t owner, struct err *err)
{
	enum { BATCH = 256 };
	int64_t contents[BATCH];
	int64_t number = -1;
	for (;;) {
		struct db_stmt *st = NULL;
		if (db_query(c, "SELECT number, content FROM part WHERE owner = ?1 AND number > ?2 ORDER BY number LIMIT 256",
			     &st, err, DB_I(owner), DB_I(number)) < 0)
			return -1;
		int n = 0, rc;
		while ((rc = db_step(st, err)) == 1 && n < BATCH) {
			number = db_int(st, 0);
			contents[n++] = db_int(st, 1);
		}
		db_done(st);
		if (rc < 0)
			return -1;
		for (int i = 0; i < n; i++)
			if (content_unref(s, c, contents[i], err) < 0)
				return -1;
		if (n < BATCH)
			return db_exec(c, "DELETE FROM part WHERE owner = ?1", err, DB_I(owner));
	}
}

static int drop_references(struct object_store *s, struct db_conn *c, const struct object_row *row, struct err *err)
{
	return row->content ? content_unref(s, c, row->content, err) : parts_drop(s, c, row->owner, err);
}

int object_row_drop(struct object_store *s, struct db_conn *c, int64_t bucket, struct slice key,
		    const struct object_row *row, struct err *err)
{
	if (drop_references(s, c, row, err) < 0)
		return -1;
	return db_exec(c, "DELETE FROM object WHERE bucket = ?1 AND key = ?2", err, DB_I(bucket), DB_B(key));
}

int object_row_put(struct object_store *s, struct db_conn *c, int64_t bucket, struct slice key,
		   const struct object_condition *condition, const struct object_row *row, struct err *err)
{
	struct object_row old = { 0 };
	bool found = false;
	if (object_row_find(c, bucket, key, &found, &old, err) < 0 ||
	    object_condition_check(condition, found, old.info.etag, err) < 0)
		return -1;
	/* The new row already holds its references, so that overwriting an object with its own content keeps it. */
	if (found && drop_references(s, c, &old, err) < 0)
		return -1;
	uint8_t packed[CHECKSUM_COLUMN_BYTES];
	return db_exec(c,
		       "INSERT INTO object (bucket, key, size, modified, etag, parts, checksum, headers, content, owner)"
		       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (bucket, key) DO UPDATE SET"
		       " size = excluded.size, modified = excluded.modified, etag = excluded.etag, parts = excluded.parts,"
		       " checksum = excluded.checksum, headers = excluded.headers, content = excluded.content,"
		       " owner = excluded.owner",
		       err, DB_I(bucket), DB_B(key), DB_I(row->info.size), DB_I(row->info.modified_ms),
		       DB_S(row->info.etag), DB_I(row->info.parts_n), DB_B(checksum_pack(&row->info.checksum, packed)),
		       DB_B(row->info.headers), row->content ? DB_I(row->content) : DB_N(),
		       row->content ? DB_N() : DB_I(row->owner));
}

int next_owner(struct db_conn *c, int64_t *out, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "UPDATE counter SET value = value + 1 WHERE name = 'owner' RETURNING value", &st, err) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		*out = db_int(st, 0);
	db_done(st);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_set(err, ERR_CORRUPT, "the table counter has no row");
}
