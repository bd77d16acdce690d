/* Put, delete and copy: see object.h. Each is one write; references and rows change together. */
#include "store/object_store.h"

struct put_write {
	struct object_store *store;
	const struct object_put *put;
	struct content *content;
	struct object_row row;
};

static int put_run(struct db_conn *c, void *arg, struct err *err)
{
	struct put_write *w = arg;
	int64_t bucket = 0;
	if (bucket_id(c, w->put->bucket, &bucket, err) < 0 || content_adopt(c, w->content, &w->row.content, err) < 0)
		return -1;
	return object_row_put(w->store, c, bucket, w->put->key, &w->put->condition, &w->row, err);
}

int object_put(struct object_store *s, const struct object_put *put, struct content *content, struct arena *arena,
	       struct object_info *out, struct err *err)
{
	struct err why = { 0 };
	struct put_write w = { .store = s, .put = put, .content = content };
	w.row.info = (struct object_info){
		.key = put->key,
		.size = content->size,
		.modified_ms = store_now_ms(s),
		.checksum = content->checksum,
		.headers = put->headers,
	};
	etag_format(content->md5, 0, w.row.info.etag);
	int rc = object_key_check(put->key, &why);
	if (rc == 0)
		rc = db_write(s->db, put_run, NULL, &w, &why);
	content_settle(content, rc, &why);
	if (rc < 0) {
		if (err)
			*err = why;
		return -1;
	}
	sweeper_wake(s);
	if (out) {
		*out = w.row.info;
		out->key = arena_dup(arena, put->key);
		out->headers = arena_dup(arena, put->headers);
	}
	return 0;
}

struct delete_write {
	struct object_store *store;
	struct slice bucket;
	const struct slice *keys;
	size_t n;
	const struct object_condition *condition; /* with one key */
	bool existed;
};

static int delete_run(struct db_conn *c, void *arg, struct err *err)
{
	struct delete_write *w = arg;
	int64_t bucket = 0;
	if (bucket_id(c, w->bucket, &bucket, err) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++) {
		struct object_row row = { 0 };
		bool found = false;
		if (object_row_find(c, bucket, w->keys[i], &found, &row, err) < 0)
			return -1;
		if (w->condition && object_condition_check(w->condition, found, row.info.etag, err) < 0)
			return -1;
		if (found && object_row_drop(w->store, c, bucket, w->keys[i], &row, err) < 0)
			return -1;
		w->existed = found;
	}
	return 0;
}

int object_delete(struct object_store *s, struct slice bucket, struct slice key,
		  const struct object_condition *condition, bool *existed, struct err *err)
{
	struct delete_write w = { .store = s, .bucket = bucket, .keys = &key, .n = 1, .condition = condition };
	if (db_write(s->db, delete_run, NULL, &w, err) < 0)
		return -1;
	sweeper_wake(s);
	if (existed)
		*existed = w.existed;
	return 0;
}

int object_delete_many(struct object_store *s, struct slice bucket, const struct slice *keys, size_t n,
		       struct err *err)
{
	struct delete_write w = { .store = s, .bucket = bucket, .keys = keys, .n = n };
	if (db_write(s->db, delete_run, NULL, &w, err) < 0)
		return -1;
	sweeper_wake(s);
	return 0;
}

struct copy_write {
	struct object_store *store;
	const struct object_copy *copy;
	struct arena *arena;
	int64_t now_ms;
	struct object_row row;
};

/* A second owner for the same parts. */
static int parts_copy(struct db_conn *c, int64_t from, int64_t to, struct err *err)
{
	if (db_exec(c,
		    "UPDATE content SET refs = refs + n FROM"
		    " (SELECT content AS id, count(*) AS n FROM part WHERE owner = ?1 GROUP BY content) AS p"
		    " WHERE content.id = p.id",
		    err, DB_I(from)) < 0)
		return -1;
	return db_exec(c,
		       "INSERT INTO part (owner, number, size, modified, md5, checksum, content)"
		       " SELECT ?2, number, size, modified, md5, checksum, content FROM part WHERE owner = ?1",
		       err, DB_I(from), DB_I(to));
}

static int copy_source(struct db_conn *c, struct copy_write *w, struct err *err)
{
	int64_t bucket = 0;
	struct db_stmt *st = NULL;
	if (bucket_id(c, w->copy->from_bucket, &bucket, err) < 0 ||
	    db_query(c, "SELECT " OBJECT_COLUMNS " FROM object o WHERE o.bucket = ?1 AND o.key = ?2", &st, err,
		     DB_I(bucket), DB_B(w->copy->from_key)) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		object_row_read(st, 0, w->arena, &w->row);
	db_done(st);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_key(err);
	struct object_condition same = { .etag = w->copy->from_etag };
	return object_condition_check(&same, true, w->row.info.etag, err);
}

static int copy_run(struct db_conn *c, void *arg, struct err *err)
{
	struct copy_write *w = arg;
	int64_t bucket = 0, owner = 0;
	if (copy_source(c, w, err) < 0 || bucket_id(c, w->copy->bucket, &bucket, err) < 0)
		return -1;
	if (w->row.content) {
		if (content_ref(c, w->row.content, err) < 0)
			return -1;
	} else {
		if (next_owner(c, &owner, err) < 0 || parts_copy(c, w->row.owner, owner, err) < 0)
			return -1;
		w->row.owner = owner;
	}
	w->row.info.modified_ms = w->now_ms;
	w->row.info.key = w->copy->key;
	if (w->copy->replace_headers)
		w->row.info.headers = w->copy->headers;
	return object_row_put(w->store, c, bucket, w->copy->key, &w->copy->condition, &w->row, err);
}

int object_copy(struct object_store *s, const struct object_copy *copy, struct arena *arena, struct object_info *out,
		struct err *err)
{
	if (object_key_check(copy->key, err) < 0)
		return -1;
	struct copy_write w = { .store = s, .copy = copy, .arena = arena, .now_ms = store_now_ms(s) };
	if (db_write(s->db, copy_run, NULL, &w, err) < 0)
		return -1;
	sweeper_wake(s);
	*out = w.row.info;
	out->key = arena_dup(arena, copy->key);
	out->headers = arena_dup(arena, w.row.info.headers);
	return 0;
}
