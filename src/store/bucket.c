/* Buckets: see object.h. */
#include "base/vec.h"
#include "store/object_store.h"

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* Four numbers with dots between: not a bucket, it would be taken for an address. */
static bool looks_like_ipv4(struct slice name)
{
	int dots = 0;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '.')
			dots++;
		else if (name.ptr[i] < '0' || name.ptr[i] > '9')
			return false;
	}
	return dots == 3;
}

int bucket_name_check(struct slice name, struct err *err)
{
	bool ok = name.len >= 3 && name.len <= 63 && !looks_like_ipv4(name);
	for (size_t i = 0; ok && i < name.len; i++) {
		char c = name.ptr[i];
		ok = name_char(c) && (c != '.' || i == 0 || name.ptr[i - 1] != '.');
		if (i == 0 || i == name.len - 1)
			ok = ok && c != '.' && c != '-';
	}
	if (ok)
		return 0;
	err_set(err, ERR_INVALID,
		"a bucket name has 3 to 63 of a-z, 0-9, '.' and '-', begins and ends with a letter or digit, has no '..'"
		" and is not an IPv4 address");
	return err_sub(err, OBJECT_BUCKET_NAME);
}

struct bucket_write {
	struct object_store *store;
	struct slice name;
	int64_t now_ms;
};

static int create_run(struct db_conn *c, void *arg, struct err *err)
{
	struct bucket_write *w = arg;
	return db_exec(c, "INSERT INTO bucket (name, created) VALUES (?1, ?2)", err, DB_T(w->name), DB_I(w->now_ms));
}

int bucket_create(struct object_store *s, struct slice name, struct err *err)
{
	if (bucket_name_check(name, err) < 0)
		return -1;
	struct bucket_write w = { .store = s, .name = name, .now_ms = store_now_ms(s) };
	struct err why = { 0 };
	if (db_write(s->db, create_run, NULL, &w, &why) == 0)
		return 0;
	if (err)
		*err = why;
	if (why.code != ERR_EXISTS)
		return -1;
	err_set(err, ERR_EXISTS, "the bucket %.*s exists and is yours", SLICE_ARG(name));
	return err_sub(err, OBJECT_BUCKET_EXISTS);
}

/* Uploads in progress go with their bucket; objects keep it. */
static int delete_run(struct db_conn *c, void *arg, struct err *err)
{
	struct bucket_write *w = arg;
	int64_t id = 0;
	struct db_stmt *st = NULL;
	if (bucket_id(c, w->name, &id, err) < 0 ||
	    db_query(c, "SELECT 1 FROM object WHERE bucket = ?1 LIMIT 1", &st, err, DB_I(id)) < 0)
		return -1;
	int rc = db_step(st, err);
	db_done(st);
	if (rc < 0)
		return -1;
	if (rc == 1) {
		err_set(err, ERR_CONFLICT, "the bucket %.*s is not empty", SLICE_ARG(w->name));
		return err_sub(err, OBJECT_BUCKET_NOT_EMPTY);
	}
	for (;;) {
		st = NULL;
		if (db_query(c, "SELECT id FROM upload WHERE bucket = ?1 LIMIT 1", &st, err, DB_I(id)) < 0)
			return -1;
		rc = db_step(st, err);
		int64_t upload = rc == 1 ? db_int(st, 0) : 0;
		db_done(st);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return db_exec(c, "DELETE FROM bucket WHERE id = ?1", err, DB_I(id));
		if (parts_drop(w->store, c, upload, err) < 0 ||
		    db_exec(c, "DELETE FROM upload WHERE id = ?1", err, DB_I(upload)) < 0)
			return -1;
	}
}

int bucket_delete(struct object_store *s, struct slice name, struct err *err)
{
	struct bucket_write w = { .store = s, .name = name };
	int rc = db_write(s->db, delete_run, NULL, &w, err);
	if (rc == 0)
		sweeper_wake(s);
	return rc;
}

int bucket_stat(struct object_store *s, struct slice name, struct bucket_info *out, struct err *err)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	if (db_read_begin(s->db, DB_READ_ONE, &c, err) < 0)
		return -1;
	int rc = db_query(c, "SELECT created FROM bucket WHERE name = ?1", &st, err, DB_T(name));
	if (rc == 0)
		rc = db_step(st, err);
	if (rc == 1)
		*out = (struct bucket_info){ .name = name, .created_ms = db_int(st, 0) };
	db_done(st);
	db_read_end(c);
	return rc == 1 ? 0 : rc == 0 ? no_bucket(name, err) : -1;
}

int bucket_list(struct object_store *s, struct arena *arena, struct bucket_info **out, size_t *n, struct err *err)
{
	VEC(struct bucket_info) all = { 0 };
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	if (db_read_begin(s->db, DB_READ_ONE, &c, err) < 0)
		return -1;
	int rc = db_query(c, "SELECT name, created FROM bucket ORDER BY name", &st, err);
	if (rc == 0)
		while ((rc = db_step(st, err)) == 1)
			*vec_push(&all) = (struct bucket_info){ .name = arena_dup(arena, db_text(st, 0)),
								.created_ms = db_int(st, 1) };
	db_done(st);
	db_read_end(c);
	if (rc == 0) {
		*out = arena_array(arena, all.len, sizeof **out);
		if (all.len && *out)
			memcpy(*out, all.ptr, all.len * sizeof **out);
		*n = all.len;
		if (arena->overflow)
			rc = err_set(err, ERR_NO_MEMORY, "too many buckets for one answer");
	}
	vec_release(&all);
	return rc;
}
