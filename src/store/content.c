/*
 * Content on its way in, and its row: see object.h.
 *
 * Bytes are hashed as they come. Until limits.object_inline_bytes they gather in memory; past that they go to a file.
 * A content with a file is in store->in_flight from before the file gets its name until a row names it or it is
 * dropped, so that a sweep over files knows it is not nobody's.
 */
#include <assert.h>
#include <sys/statvfs.h>

#include "base/check.h"
#include "base/limits.h"
#include "crypto/crc.h"
#include "store/object_store.h"

size_t checksum_bytes(enum checksum_kind kind)
{
	static const uint8_t bytes[CHECKSUM_KINDS] = { 0, 4, 4, 8, 20, 32 };
	return kind < CHECKSUM_KINDS ? bytes[kind] : 0;
}

enum { SPACE_CHECK_BYTES = 1 << 20, LANE_FROM_BYTES = 1 << 20 };

/* A disk that is full to the last byte could not even record a delete. */
static int check_space(const struct object_store *s, struct err *err)
{
	struct statvfs v;
	int64_t left;
	if (fstatvfs(s->blobs.root, &v) < 0 || ckd_mul(&left, v.f_bavail, v.f_frsize) ||
	    left >= limits.object_reserve_bytes)
		return 0;
	return err_set(err, ERR_NO_SPACE, "no space left: %lld bytes of the disk are kept for deletes",
		       (long long)limits.object_reserve_bytes);
}

int content_begin(struct object_store *s, unsigned flags, enum checksum_kind checksum, struct content **out,
		  struct err *err)
{
	if (check_space(s, err) < 0)
		return -1;
	struct content *c = calloc(1, sizeof *c);
	if (!c)
		abort();
	c->store = s;
	c->flags = flags;
	c->checksum.kind = checksum;
	c->has_sha256 = (flags & CONTENT_SHA256) || checksum == CHECKSUM_SHA256;
	buf_init(&c->small, (size_t)limits.object_inline_bytes);
	hash_init(&c->md5_state, HASH_MD5);
	if (c->has_sha256)
		hash_init(&c->sha256_state, HASH_SHA256);
	if (checksum == CHECKSUM_SHA1)
		hash_init(&c->checksum_state, HASH_SHA1);
	*out = c;
	return 0;
}

/* The bytes no longer fit a row: a file takes over what has gathered. */
static int spill(struct content *c, struct err *err)
{
	if (blob_writer_begin(&c->writer, &c->store->blobs, err) < 0)
		return -1;
	c->in_file = true;
	if (!c->has_sha256) {
		hash_init(&c->sha256_state, HASH_SHA256);
		hash_update(&c->sha256_state, c->small.ptr, c->small.len);
		c->has_sha256 = true;
	}
	int rc = c->small.len ? blob_writer_write(&c->writer, c->small.ptr, c->small.len, err) : 0;
	buf_release(&c->small);
	return rc;
}

static void checksum_update(struct content *c, const void *p, size_t n)
{
	switch (c->checksum.kind) {
	case CHECKSUM_CRC32:
		c->crc = crc_ieee((uint32_t)c->crc, p, n);
		break;
	case CHECKSUM_CRC32C:
		c->crc = crc_castagnoli((uint32_t)c->crc, p, n);
		break;
	case CHECKSUM_CRC64NVME:
		c->crc = crc_nvme(c->crc, p, n);
		break;
	case CHECKSUM_SHA1:
		hash_update(&c->checksum_state, p, n);
		break;
	default:
		break;
	}
}

int content_write(struct content *c, const void *p, size_t n, struct err *err)
{
	assert(!c->ended);
	if (n == 0)
		return 0;
	if ((int64_t)n > limits.s3_put_bytes - c->size) {
		err_set(err, ERR_TOO_LARGE, "more than %lld bytes in one piece; use a multipart upload",
			(long long)limits.s3_put_bytes);
		return err_sub(err, OBJECT_TOO_LARGE);
	}
	if (!c->in_file && (int64_t)n > limits.object_inline_bytes - c->size && spill(c, err) < 0)
		return -1;
	if (c->size / SPACE_CHECK_BYTES != (c->size + (int64_t)n) / SPACE_CHECK_BYTES && check_space(c->store, err) < 0)
		return -1;
	c->size += (int64_t)n;
	if (!c->md5_lane && c->size > LANE_FROM_BYTES && !c->lane_refused) {
		c->md5_lane = lane_start(&c->md5_state, &c->store->lanes);
		c->lane_refused = !c->md5_lane;
	}
	if (c->md5_lane)
		lane_write(c->md5_lane, p, n);
	else
		hash_update(&c->md5_state, p, n);
	if (c->has_sha256)
		hash_update(&c->sha256_state, p, n);
	checksum_update(c, p, n);
	if (c->in_file)
		return blob_writer_write(&c->writer, p, n, err);
	buf_append(&c->small, p, n);
	return 0;
}

static void checksum_end(struct content *c)
{
	size_t n = checksum_bytes(c->checksum.kind);
	switch (c->checksum.kind) {
	case CHECKSUM_CRC32:
	case CHECKSUM_CRC32C:
	case CHECKSUM_CRC64NVME:
		for (size_t i = 0; i < n; i++)
			c->checksum.bytes[i] = (uint8_t)(c->crc >> (8 * (n - 1 - i)));
		break;
	case CHECKSUM_SHA1:
		hash_final(&c->checksum_state, c->checksum.bytes);
		break;
	case CHECKSUM_SHA256:
		memcpy(c->checksum.bytes, c->sha256, 32);
		break;
	default:
		break;
	}
}

static void in_flight_add(struct content *c)
{
	struct object_store *s = c->store;
	pthread_mutex_lock(&s->lock);
	c->next = s->in_flight;
	c->prev = &s->in_flight;
	if (c->next)
		c->next->prev = &c->next;
	s->in_flight = c;
	pthread_mutex_unlock(&s->lock);
	c->in_flight = true;
}

static void in_flight_remove(struct content *c)
{
	struct object_store *s = c->store;
	pthread_mutex_lock(&s->lock);
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	pthread_mutex_unlock(&s->lock);
	c->in_flight = false;
}

int content_end(struct content *c, struct err *err)
{
	assert(!c->ended);
	c->ended = true;
	if (c->md5_lane)
		lane_end(c->md5_lane, c->md5);
	else
		hash_final(&c->md5_state, c->md5);
	c->md5_lane = NULL;
	if (c->has_sha256)
		hash_final(&c->sha256_state, c->sha256);
	checksum_end(c);
	if (!c->in_file)
		return 0;
	blob_writer_name(&c->writer, c->sha256, c->file);
	in_flight_add(c);
	if (blob_writer_end(&c->writer, c->file, err) == 0)
		return 0;
	if (err && err->code == ERR_IO)
		store_poison(c->store, err);
	return -1;
}

void content_drop(struct content *c)
{
	if (!c)
		return;
	if (c->md5_lane)
		lane_end(c->md5_lane, NULL);
	hash_drop(&c->md5_state);
	hash_drop(&c->sha256_state);
	hash_drop(&c->checksum_state);
	blob_writer_drop(&c->writer);
	if (c->file[0] && !c->adopted)
		blob_unlink(&c->store->blobs, c->file, NULL);
	if (c->in_flight)
		in_flight_remove(c);
	buf_release(&c->small);
	free(c);
}

void content_settle(struct content *content, int rc, const struct err *err)
{
	if (rc < 0 && err->code != ERR_IO)
		content->adopted = false;
	content_drop(content);
}

int64_t content_size(const struct content *c)
{
	return c->size;
}

const uint8_t *content_md5(const struct content *c)
{
	return c->md5;
}

const uint8_t *content_sha256(const struct content *c)
{
	return c->has_sha256 ? c->sha256 : NULL;
}

const struct checksum *content_checksum(const struct content *c)
{
	return &c->checksum;
}

/* --- rows --- */

static int adopt_file(struct db_conn *c, struct content *content, int64_t *id, struct err *err)
{
	struct slice sha = slice_of(content->sha256, 32);
	struct db_stmt *st = NULL;
	if (db_query(c, "UPDATE content SET refs = refs + 1 WHERE sha = ?1 RETURNING id", &st, err, DB_B(sha)) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		*id = db_int(st, 0); /* the same bytes are there already: our file is dropped with us */
	db_done(st);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (db_exec(c, "INSERT INTO content (refs, size, sha, file) VALUES (1, ?1, ?2, ?3)", err, DB_I(content->size),
		    DB_B(sha), DB_S(content->file)) < 0)
		return -1;
	*id = db_last_id(c);
	content->adopted = true;
	return 0;
}

int content_adopt(struct db_conn *c, struct content *content, int64_t *id, struct err *err)
{
	assert(content->ended);
	content->adopted = false;
	if (content->in_file)
		return adopt_file(c, content, id, err);
	struct slice data = content->small.len ? buf_view(&content->small) : SLICE_LIT("");
	if (db_exec(c, "INSERT INTO content (refs, size, crc, data) VALUES (1, ?1, ?2, ?3)", err, DB_I(content->size),
		    DB_I(crc_castagnoli(0, data.ptr, data.len)), DB_B(data)) < 0)
		return -1;
	*id = db_last_id(c);
	return 0;
}

int content_ref(struct db_conn *c, int64_t id, struct err *err)
{
	if (db_exec(c, "UPDATE content SET refs = refs + 1 WHERE id = ?1", err, DB_I(id)) < 0)
		return -1;
	return db_changes(c) == 1 ? 0 : err_set(err, ERR_CORRUPT, "content %lld has no row", (long long)id);
}

int content_unref(struct object_store *s, struct db_conn *c, int64_t id, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "SELECT refs, file FROM content WHERE id = ?1", &st, err, DB_I(id)) < 0)
		return -1;
	int rc = db_step(st, err);
	int64_t refs = rc == 1 ? db_int(st, 0) : 0;
	char file[BLOB_NAME_CHARS + 1] = "";
	struct slice name = rc == 1 ? db_text(st, 1) : slice_of(NULL, 0);
	memcpy(file, name.ptr ? name.ptr : "", MIN(name.len, (size_t)BLOB_NAME_CHARS));
	db_done(st);
	if (rc < 0)
		return -1;
	if (refs < 1)
		return err_set(err, ERR_CORRUPT, "content %lld has no reference to drop", (long long)id);
	if (refs > 1)
		return db_exec(c, "UPDATE content SET refs = refs - 1 WHERE id = ?1", err, DB_I(id));
	if (file[0]) {
		if (db_exec(c, "INSERT INTO garbage (file) VALUES (?1)", err, DB_S(file)) < 0)
			return -1;
		atomic_store(&s->garbage_made, true);
	}
	return db_exec(c, "DELETE FROM content WHERE id = ?1", err, DB_I(id));
}
