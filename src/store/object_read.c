/*
 * Objects on their way out: see object.h.
 *
 * An object in one piece has its bytes (inline) or its open file from object_open on. One of many parts opens each
 * part's file when it is read; a pin keeps the sweep from those files meanwhile.
 */
#include <assert.h>

#include "base/check.h"
#include "base/vec.h"
#include "crypto/crc.h"
#include "store/object_store.h"

struct piece {
	uint32_t number;
	int64_t offset, size;
	const char *file; /* NULL: data */
	struct slice data;
};

struct object {
	struct object_store *store;
	struct object_info info;
	struct piece *pieces;
	size_t pieces_n;
	struct sweep_pin pin;
	bool pinned;

	int fd; /* of piece fd_piece, or -1 */
	size_t fd_piece;
	char *block; /* block_index of the open file */
	int64_t block_index;
	size_t block_len;
};

/* ?1 bucket, ?2 key: no row without the bucket, o.size NULL without the key. */
static const char select_object[] = "SELECT " OBJECT_COLUMNS ", k.crc, k.file, k.data FROM bucket b"
				    " LEFT JOIN object o ON o.bucket = b.id AND o.key = ?2"
				    " LEFT JOIN content k ON k.id = o.content WHERE b.name = ?1";
static const char select_row[] = "SELECT " OBJECT_COLUMNS " FROM bucket b"
				 " LEFT JOIN object o ON o.bucket = b.id AND o.key = ?2 WHERE b.name = ?1";
static const char select_parts[] = "SELECT p.number, p.size, k.crc, k.file, k.data FROM part p"
				   " LEFT JOIN content k ON k.id = p.content WHERE p.owner = ?1 ORDER BY p.number";

/* Steps to the row of select_object or select_row. */
static int find(struct db_stmt *st, struct slice bucket, struct arena *arena, struct object_row *out, struct err *err)
{
	int rc = db_step(st, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_bucket(bucket, err);
	if (db_is_null(st, 1))
		return no_key(err);
	object_row_read(st, 0, arena, out);
	if (arena->overflow)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	return 0;
}

int object_stat(struct object_store *s, struct slice bucket, struct slice key, struct arena *arena,
		struct object_info *out, struct err *err)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	struct object_row row;
	if (object_key_check(key, err) < 0 || db_read_begin(s->db, DB_READ_ONE, &c, err) < 0)
		return -1;
	int rc = db_query(c, select_row, &st, err, DB_T(bucket), DB_B(key));
	if (rc == 0)
		rc = find(st, bucket, arena, &row, err);
	db_done(st);
	db_read_end(c);
	if (rc == 0)
		*out = row.info;
	return rc;
}

/* Columns crc, file, data of a content. */
static int read_piece(struct db_stmt *st, int column, struct arena *arena, struct piece *p, struct err *err)
{
	struct slice file = db_text(st, column + 1), data = db_blob(st, column + 2);
	if (file.ptr) {
		p->file = arena_cstr(arena, file);
	} else if (!data.ptr || (int64_t)data.len != p->size ||
		   crc_castagnoli(0, data.ptr, data.len) != (uint32_t)db_int(st, column)) {
		return err_set(err, ERR_CORRUPT, "the object's content in the database has a wrong checksum");
	} else {
		p->data = arena_dup(arena, data);
	}
	if (arena->overflow)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	return 0;
}

static int read_parts(struct object *o, struct db_conn *c, int64_t owner, struct arena *arena, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, select_parts, &st, err, DB_I(owner)) < 0)
		return -1;
	int64_t offset = 0;
	int rc;
	o->pieces = arena_array(arena, o->info.parts_n, sizeof *o->pieces);
	while ((rc = db_step(st, err)) == 1) {
		if (!o->pieces || o->pieces_n == o->info.parts_n) {
			rc = err_set(err, ERR_CORRUPT, "the object has more parts than its row says");
			break;
		}
		struct piece *p = &o->pieces[o->pieces_n++];
		*p = (struct piece){ .number = (uint32_t)db_int(st, 0), .offset = offset, .size = db_int(st, 1) };
		offset += p->size;
		if ((rc = read_piece(st, 2, arena, p, err)) < 0)
			break;
	}
	db_done(st);
	if (rc == 0 && (o->pieces_n != o->info.parts_n || offset != o->info.size))
		rc = err_set(err, ERR_CORRUPT, "the object's parts are not those its row says");
	return rc;
}

/* *again: it is multipart, and there was no pin. */
static int read_object(struct object *o, struct db_conn *c, struct slice bucket, struct slice key,
		       struct arena *arena, bool *again, struct err *err)
{
	struct db_stmt *st = NULL;
	struct object_row row;
	if (db_query(c, select_object, &st, err, DB_T(bucket), DB_B(key)) < 0)
		return -1;
	int rc = find(st, bucket, arena, &row, err);
	if (rc == 0) {
		o->info = row.info;
		o->pieces_n = 0;
		*again = !row.content && !o->pinned;
		if (row.content) {
			o->pieces = arena_zalloc(arena, sizeof *o->pieces);
			o->pieces_n = 1;
			if (!o->pieces)
				rc = err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
			else {
				*o->pieces = (struct piece){ .number = 1, .size = row.info.size };
				rc = read_piece(st, OBJECT_COLUMNS_N, arena, o->pieces, err);
			}
		} else if (o->pinned) {
			/* The open statement holds its snapshot: the parts and the horizon come from the same. */
			rc = read_parts(o, c, row.owner, arena, err);
			if (rc == 0)
				rc = sweep_horizon(o->store, c, &o->pin, err);
		}
	}
	db_done(st);
	return rc;
}

static int open_piece(struct object *o, size_t i, struct err *err)
{
	if (o->fd >= 0 && o->fd_piece == i)
		return 0;
	struct object_store *s = o->store;
	if (o->fd >= 0)
		s->fs->close(s->fs, o->fd);
	o->fd = -1;
	o->block_index = -1;
	int fd = -1;
	if (blob_open(&s->blobs, o->pieces[i].file, o->pieces[i].size, &fd, err) < 0)
		return -1;
	o->fd = fd;
	o->fd_piece = i;
	return 0;
}

int object_open(struct object_store *s, struct slice bucket, struct slice key, struct arena *arena,
		struct object **out, struct err *err)
{
	enum { TRIES = 5 };
	if (object_key_check(key, err) < 0)
		return -1;
	struct object *o = arena_zalloc(arena, sizeof *o);
	if (!o)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	o->store = s;
	o->fd = -1;
	o->block_index = -1;
	int rc = -1;
	for (int i = 0; i < TRIES; i++) {
		struct db_conn *c = NULL;
		bool again = false;
		if ((rc = db_read_begin(s->db, DB_READ_ONE, &c, err)) < 0)
			break;
		rc = read_object(o, c, bucket, key, arena, &again, err);
		db_read_end(c);
		if (rc < 0)
			break;
		if (again) {
			sweeper_pin(s, &o->pin);
			o->pinned = true;
			continue;
		}
		if (o->pinned && o->info.parts_n)
			break;
		if (!o->pieces[0].file || (rc = open_piece(o, 0, err)) == 0)
			break;
		/* Swept between the row and the file: the key has changed, look again. */
		if (err && err->code != ERR_NOT_FOUND)
			break;
		if (i == TRIES - 1)
			rc = err_set(err, ERR_CORRUPT, "the object's file is missing");
	}
	if (rc < 0)
		object_close(o);
	else
		*out = o;
	return rc;
}

const struct object_info *object_info(const struct object *o)
{
	return &o->info;
}

static size_t piece_at(const struct object *o, int64_t offset)
{
	size_t low = 0, high = o->pieces_n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (o->pieces[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int object_view(struct object *o, int64_t offset, struct slice *out, struct err *err)
{
	assert(offset >= 0 && offset < o->info.size);
	size_t i = piece_at(o, offset);
	const struct piece *p = &o->pieces[i];
	int64_t within = offset - p->offset;
	if (!p->file) {
		*out = slice_from(p->data, (size_t)within);
		return 0;
	}
	if (open_piece(o, i, err) < 0)
		return -1;
	int64_t index = within / BLOB_BLOCK_BYTES;
	if (!o->block && !(o->block = malloc(BLOB_BLOCK_BYTES)))
		abort();
	if (o->block_index != index) {
		o->block_index = -1;
		if (blob_read_block(&o->store->blobs, o->fd, p->size, index, o->block, &o->block_len, err) < 0)
			return -1;
		o->block_index = index;
	}
	*out = slice_from(slice_of(o->block, o->block_len), (size_t)(within % BLOB_BLOCK_BYTES));
	return 0;
}

int object_part(const struct object *o, uint32_t number, int64_t *offset, int64_t *size, struct err *err)
{
	for (size_t i = 0; i < o->pieces_n; i++)
		if (o->pieces[i].number == number) {
			*offset = o->pieces[i].offset;
			*size = o->pieces[i].size;
			return 0;
		}
	return err_set(err, ERR_RANGE, "the object has no part %u", number);
}

void object_close(struct object *o)
{
	if (!o)
		return;
	if (o->fd >= 0)
		o->store->fs->close(o->store->fs, o->fd);
	o->fd = -1;
	free(o->block);
	o->block = NULL;
	if (o->pinned)
		sweeper_unpin(o->store, &o->pin);
	o->pinned = false;
}
