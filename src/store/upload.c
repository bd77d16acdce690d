/*
 * Multipart uploads: see object.h. Parts are rows with content like any other; completing picks some of them, drops
 * the rest, and makes the upload's id the owner of an object's parts. No byte is copied.
 */
#include "base/limits.h"
#include "base/vec.h"
#include "crypto/crc.h"
#include "store/object_store.h"

static int no_upload(struct err *err)
{
	err_set(err, ERR_NOT_FOUND, "the upload does not exist; it may have been aborted or completed");
	return err_sub(err, OBJECT_NO_UPLOAD);
}

struct upload_row {
	int64_t id, bucket;
	enum checksum_kind checksum;
	bool composite;
	int64_t created_ms;
	struct slice headers; /* in the arena */
};

/* The bucket must be there first: its absence is another error than the upload's. */
static int upload_find(struct db_conn *c, struct slice bucket, struct slice key, struct slice token,
		       struct arena *arena, struct upload_row *out, struct err *err)
{
	struct upload_row row = { 0 };
	struct db_stmt *st = NULL;
	if (bucket_id(c, bucket, &row.bucket, err) < 0 ||
	    db_query(c,
		     "SELECT id, checksum, composite, created, headers FROM upload"
		     " WHERE token = ?1 AND bucket = ?2 AND key = ?3",
		     &st, err, DB_T(token), DB_I(row.bucket), DB_B(key)) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1) {
		row.id = db_int(st, 0);
		row.checksum = (enum checksum_kind)db_int(st, 1);
		row.composite = db_int(st, 2) != 0;
		row.created_ms = db_int(st, 3);
		if (arena)
			row.headers = arena_dup(arena, db_blob(st, 4));
		*out = row;
	}
	db_done(st);
	return rc == 1 ? 0 : rc == 0 ? no_upload(err) : -1;
}

struct begin_write {
	const struct upload_begin *begin;
	char token[UPLOAD_ID_CHARS + 1];
	int64_t now_ms;
};

static int begin_run(struct db_conn *c, void *arg, struct err *err)
{
	struct begin_write *w = arg;
	int64_t bucket = 0, owner = 0;
	if (bucket_id(c, w->begin->bucket, &bucket, err) < 0 || next_owner(c, &owner, err) < 0)
		return -1;
	return db_exec(c,
		       "INSERT INTO upload (id, token, bucket, key, created, checksum, composite, headers)"
		       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		       err, DB_I(owner), DB_S(w->token), DB_I(bucket), DB_B(w->begin->key), DB_I(w->now_ms),
		       DB_I(w->begin->checksum), DB_I(w->begin->composite), DB_B(w->begin->headers));
}

int upload_begin(struct object_store *s, const struct upload_begin *begin, struct arena *arena, struct slice *id,
		 struct err *err)
{
	struct begin_write w = { .begin = begin, .now_ms = store_now_ms(s) };
	if (object_key_check(begin->key, err) < 0)
		return -1;
	random_string(s->random, "0123456789abcdefghijklmnopqrstuv", w.token, UPLOAD_ID_CHARS);
	if (db_write(s->db, begin_run, NULL, &w, err) < 0)
		return -1;
	*id = arena_dup(arena, slice_str(w.token));
	return 0;
}

int upload_stat(struct object_store *s, struct slice bucket, struct slice key, struct slice id, struct arena *arena,
		struct upload_info *out, struct err *err)
{
	struct db_conn *c = NULL;
	struct upload_row row;
	if (db_read_begin(s->db, DB_READ_ONE, &c, err) < 0)
		return -1;
	int rc = upload_find(c, bucket, key, id, NULL, &row, err);
	db_read_end(c);
	if (rc == 0)
		*out = (struct upload_info){ .id = arena_dup(arena, id),
					     .key = arena_dup(arena, key),
					     .created_ms = row.created_ms,
					     .checksum = row.checksum,
					     .composite = row.composite };
	return rc;
}

/* --- parts --- */

struct part_write {
	struct object_store *store;
	struct slice bucket, key, id;
	struct content *content;
	struct part_info info;
};

static int part_run(struct db_conn *c, void *arg, struct err *err)
{
	struct part_write *w = arg;
	struct upload_row upload;
	struct db_stmt *st = NULL;
	int64_t content = 0, old = 0;
	uint8_t packed[CHECKSUM_COLUMN_BYTES];
	if (upload_find(c, w->bucket, w->key, w->id, NULL, &upload, err) < 0 ||
	    content_adopt(c, w->content, &content, err) < 0 ||
	    db_query(c, "SELECT content FROM part WHERE owner = ?1 AND number = ?2", &st, err, DB_I(upload.id),
		     DB_I(w->info.number)) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		old = db_int(st, 0);
	db_done(st);
	if (rc < 0 || (old && content_unref(w->store, c, old, err) < 0))
		return -1;
	return db_exec(c,
		       "INSERT OR REPLACE INTO part (owner, number, size, modified, md5, checksum, content)"
		       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		       err, DB_I(upload.id), DB_I(w->info.number), DB_I(w->info.size), DB_I(w->info.modified_ms),
		       DB_B(slice_of(w->info.md5, 16)), DB_B(checksum_pack(&w->info.checksum, packed)), DB_I(content));
}

int upload_part(struct object_store *s, struct slice bucket, struct slice key, struct slice id, uint32_t number,
		struct content *content, struct part_info *out, struct err *err)
{
	struct err why = { 0 };
	struct part_write w = { .store = s, .bucket = bucket, .key = key, .id = id, .content = content };
	w.info = (struct part_info){ .number = number,
				     .size = content->size,
				     .modified_ms = store_now_ms(s),
				     .checksum = content->checksum };
	memcpy(w.info.md5, content->md5, 16);
	int rc = number < 1 || number > limits.s3_parts
			 ? err_set(&why, ERR_INVALID, "part numbers go from 1 to %lld", (long long)limits.s3_parts)
			 : db_write(s->db, part_run, NULL, &w, &why);
	content_settle(content, rc, &why);
	if (rc < 0) {
		if (err)
			*err = why;
		return -1;
	}
	sweeper_wake(s);
	*out = w.info;
	return 0;
}

static void part_read(struct db_stmt *st, struct part_info *out)
{
	*out = (struct part_info){ .number = (uint32_t)db_int(st, 0),
				   .size = db_int(st, 1),
				   .modified_ms = db_int(st, 2) };
	struct slice md5 = db_blob(st, 3);
	if (md5.len == 16)
		memcpy(out->md5, md5.ptr, 16);
	checksum_unpack(db_blob(st, 4), &out->checksum);
}

#define PART_COLUMNS "number, size, modified, md5, checksum"

int upload_parts(struct object_store *s, struct slice bucket, struct slice key, struct slice id, uint32_t after,
		 size_t max, struct arena *arena, struct part_info **out, size_t *n, bool *truncated,
		 struct err *err)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	struct upload_row upload;
	struct part_info *items = arena_array(arena, max + 1, sizeof *items);
	size_t len = 0;
	if (!items)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this page");
	if (db_read_begin(s->db, DB_READ_SNAPSHOT, &c, err) < 0)
		return -1;
	int rc = upload_find(c, bucket, key, id, NULL, &upload, err);
	if (rc == 0)
		rc = db_query(c,
			      "SELECT " PART_COLUMNS " FROM part WHERE owner = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
			      &st, err, DB_I(upload.id), DB_I(after), DB_I(max + 1));
	while (rc == 0 && (rc = db_step(st, err)) == 1) {
		part_read(st, &items[len++]);
		rc = 0;
	}
	db_done(st);
	db_read_end(c);
	if (rc < 0)
		return -1;
	*truncated = len > max;
	*n = len > max ? max : len;
	*out = items;
	return 0;
}

/* --- complete, abort --- */

struct part_vec {
	struct part_info *ptr;
	size_t len, cap;
};

struct complete_write {
	struct object_store *store;
	const struct upload_complete *complete;
	struct arena *arena;
	int64_t now_ms;
	struct object_row row;
};

static int part_fault(struct err *err, int sub, uint32_t number, const char *text)
{
	err_set(err, ERR_INVALID, "part %u: %s", number, text);
	return err_sub(err, sub);
}

/* Reads the picked parts in order; every other part of the owner is dropped. */
static int parts_pick(struct complete_write *w, struct db_conn *c, int64_t owner, struct part_vec *picked, struct err *err)
{
	const struct upload_complete *u = w->complete;
	VEC(int64_t) dropped = { 0 }; /* number, content, number, content… */
	struct db_stmt *st = NULL;
	if (db_query(c, "SELECT " PART_COLUMNS ", content FROM part WHERE owner = ?1 ORDER BY number", &st, err,
		     DB_I(owner)) < 0)
		return -1;
	int rc;
	size_t at = 0;
	while ((rc = db_step(st, err)) == 1) {
		struct part_info part;
		part_read(st, &part);
		if (at < u->picks_n && u->picks[at].number == part.number) {
			*vec_push(picked) = part;
			at++;
		} else {
			*vec_push(&dropped) = part.number;
			*vec_push(&dropped) = db_int(st, 5);
		}
	}
	db_done(st);
	if (rc == 0 && at < u->picks_n)
		rc = part_fault(err, OBJECT_PART_UNKNOWN, u->picks[at].number, "was never uploaded");
	for (size_t i = 0; rc == 0 && i < dropped.len; i += 2) {
		rc = content_unref(w->store, c, dropped.ptr[i + 1], err);
		if (rc == 0)
			rc = db_exec(c, "DELETE FROM part WHERE owner = ?1 AND number = ?2", err, DB_I(owner),
				     DB_I(dropped.ptr[i]));
	}
	vec_release(&dropped);
	return rc;
}

static int picks_check(const struct upload_complete *u, const struct part_vec *picked, struct err *err)
{
	for (size_t i = 0; i < picked->len; i++) {
		const struct part_info *part = &picked->ptr[i];
		const struct upload_pick *pick = &u->picks[i];
		char etag[48];
		etag_format(part->md5, 0, etag);
		if (!slice_is(pick->etag, etag))
			return part_fault(err, OBJECT_PART_UNKNOWN, part->number, "has another ETag");
		if (pick->checksum.kind && pick->checksum.kind == part->checksum.kind &&
		    memcmp(pick->checksum.bytes, part->checksum.bytes, checksum_bytes(part->checksum.kind)) != 0)
			return part_fault(err, OBJECT_PART_UNKNOWN, part->number, "has another checksum");
		if (part->size < UPLOAD_PART_BYTES_MIN && i + 1 < picked->len)
			return part_fault(err, OBJECT_PART_TOO_SMALL, part->number,
					  "is smaller than 5 MiB and not the last");
	}
	return 0;
}

static uint64_t crc_of(const struct checksum *c)
{
	uint64_t v = 0;
	for (size_t i = 0; i < checksum_bytes(c->kind); i++)
		v = v << 8 | c->bytes[i];
	return v;
}

static uint64_t crc_join(enum checksum_kind kind, uint64_t a, uint64_t b, int64_t b_bytes)
{
	switch (kind) {
	case CHECKSUM_CRC32:
		return crc_ieee_join((uint32_t)a, (uint32_t)b, (uint64_t)b_bytes);
	case CHECKSUM_CRC32C:
		return crc_castagnoli_join((uint32_t)a, (uint32_t)b, (uint64_t)b_bytes);
	default:
		return crc_nvme_join(a, b, (uint64_t)b_bytes);
	}
}

static void checksum_of_bytes(enum checksum_kind kind, struct slice bytes, struct checksum *out)
{
	uint64_t crc = 0;
	size_t n = checksum_bytes(kind);
	if (kind == CHECKSUM_SHA1) {
		hash_once(HASH_SHA1, bytes, out->bytes);
		return;
	}
	if (kind == CHECKSUM_SHA256) {
		hash_once(HASH_SHA256, bytes, out->bytes);
		return;
	}
	if (kind == CHECKSUM_CRC32)
		crc = crc_ieee(0, bytes.ptr, bytes.len);
	else if (kind == CHECKSUM_CRC32C)
		crc = crc_castagnoli(0, bytes.ptr, bytes.len);
	else
		crc = crc_nvme(0, bytes.ptr, bytes.len);
	for (size_t i = 0; i < n; i++)
		out->bytes[i] = (uint8_t)(crc >> (8 * (n - 1 - i)));
}

/* Size, ETag and checksum of the whole from those of its parts. */
static void whole_of(const struct part_vec *parts, const struct upload_row *upload, struct object_info *out)
{
	struct buf md5s, sums;
	buf_init(&md5s, parts->len * 16 + 1);
	buf_init(&sums, parts->len * CHECKSUM_BYTES_MAX + 1);
	bool all = upload->checksum != CHECKSUM_NONE;
	uint64_t crc = 0;
	for (size_t i = 0; i < parts->len; i++) {
		const struct part_info *p = &parts->ptr[i];
		out->size += p->size;
		buf_append(&md5s, p->md5, 16);
		buf_append(&sums, p->checksum.bytes, checksum_bytes(p->checksum.kind));
		all = all && p->checksum.kind == upload->checksum;
		if (all && !upload->composite)
			crc = i ? crc_join(upload->checksum, crc, crc_of(&p->checksum), p->size) : crc_of(&p->checksum);
	}
	uint8_t md5[16];
	hash_once(HASH_MD5, buf_view(&md5s), md5);
	etag_format(md5, (uint32_t)parts->len, out->etag);
	out->parts_n = (uint32_t)parts->len;
	out->checksum = (struct checksum){ 0 };
	if (all) {
		size_t n = checksum_bytes(upload->checksum);
		out->checksum.kind = upload->checksum;
		out->checksum.composite = upload->composite;
		if (upload->composite)
			checksum_of_bytes(upload->checksum, buf_view(&sums), &out->checksum);
		else
			for (size_t i = 0; i < n; i++)
				out->checksum.bytes[i] = (uint8_t)(crc >> (8 * (n - 1 - i)));
	}
	buf_release(&md5s);
	buf_release(&sums);
}

static int whole_check(const struct upload_complete *u, const struct object_info *info, struct err *err)
{
	if (info->size > limits.s3_object_bytes) {
		err_set(err, ERR_TOO_LARGE, "the object would have more than %lld bytes",
			(long long)limits.s3_object_bytes);
		return err_sub(err, OBJECT_TOO_LARGE);
	}
	if (u->size >= 0 && u->size != info->size)
		return err_set(err, ERR_INVALID, "the parts have %lld bytes, not the %lld announced",
			       (long long)info->size, (long long)u->size);
	if (u->whole.kind && u->whole.kind == info->checksum.kind &&
	    memcmp(u->whole.bytes, info->checksum.bytes, checksum_bytes(u->whole.kind)) != 0) {
		err_set(err, ERR_INVALID, "the checksum of the whole object differs from the one announced");
		return err_sub(err, OBJECT_PART_CHECKSUM);
	}
	return 0;
}

static int complete_run(struct db_conn *c, void *arg, struct err *err)
{
	struct complete_write *w = arg;
	const struct upload_complete *u = w->complete;
	struct upload_row upload;
	struct part_vec picked = { 0 };
	int rc = upload_find(c, u->bucket, u->key, u->id, w->arena, &upload, err);
	if (rc == 0)
		rc = parts_pick(w, c, upload.id, &picked, err);
	if (rc == 0)
		rc = picks_check(u, &picked, err);
	if (rc == 0) {
		w->row.info = (struct object_info){ .key = u->key, .modified_ms = w->now_ms, .headers = upload.headers };
		w->row.owner = upload.id;
		whole_of(&picked, &upload, &w->row.info);
		rc = whole_check(u, &w->row.info, err);
	}
	vec_release(&picked);
	if (rc < 0 || object_row_put(w->store, c, upload.bucket, u->key, &u->condition, &w->row, err) < 0)
		return -1;
	return db_exec(c, "DELETE FROM upload WHERE id = ?1", err, DB_I(upload.id));
}

int upload_complete(struct object_store *s, const struct upload_complete *u, struct arena *arena,
		    struct object_info *out, struct err *err)
{
	if (u->picks_n == 0)
		return err_set(err, ERR_MALFORMED, "an upload is completed with at least one part");
	for (size_t i = 1; i < u->picks_n; i++)
		if (u->picks[i].number <= u->picks[i - 1].number)
			return part_fault(err, OBJECT_PART_ORDER, u->picks[i].number, "the list of parts must ascend");
	struct complete_write w = { .store = s, .complete = u, .arena = arena, .now_ms = store_now_ms(s) };
	if (db_write(s->db, complete_run, NULL, &w, err) < 0)
		return -1;
	sweeper_wake(s);
	*out = w.row.info;
	out->key = arena_dup(arena, u->key);
	return 0;
}

static int abort_run(struct db_conn *c, void *arg, struct err *err)
{
	struct part_write *w = arg;
	struct upload_row upload;
	if (upload_find(c, w->bucket, w->key, w->id, NULL, &upload, err) < 0 ||
	    parts_drop(w->store, c, upload.id, err) < 0)
		return -1;
	return db_exec(c, "DELETE FROM upload WHERE id = ?1", err, DB_I(upload.id));
}

int upload_abort(struct object_store *s, struct slice bucket, struct slice key, struct slice id, struct err *err)
{
	struct part_write w = { .store = s, .bucket = bucket, .key = key, .id = id };
	if (db_write(s->db, abort_run, NULL, &w, err) < 0)
		return -1;
	sweeper_wake(s);
	return 0;
}
