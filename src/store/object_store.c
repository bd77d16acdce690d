/*
 * Opening and closing the object store, and its schema: see object.h.
 *
 *   bucket   id, name, created
 *   object   one row a key, in key order; either `content` (one piece) or `owner`, whose rows in `part` it is
 *   part     pieces of an upload in progress or of a finished object, by owner and number
 *   upload   uploads in progress; their id is the owner of their parts and becomes the object's when completed
 *   content  bytes: `data` in the row, or a `file` found again by `sha`; `refs` counts rows of object and part
 *   garbage  files that nobody refers to, in the order in which they became that (ids never come back)
 *   counter  the last owner given out
 */
#include <stdio.h>
#include <unistd.h>

#include "store/object_store.h"

static const char *const migrations[] = {
	"CREATE TABLE bucket (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL);"
	"CREATE TABLE object (bucket INTEGER NOT NULL, key BLOB NOT NULL, size INTEGER NOT NULL,"
	"  modified INTEGER NOT NULL, etag TEXT NOT NULL, parts INTEGER NOT NULL, checksum BLOB, headers BLOB,"
	"  content INTEGER, owner INTEGER, PRIMARY KEY (bucket, key)) WITHOUT ROWID;"
	"CREATE TABLE part (owner INTEGER NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,"
	"  modified INTEGER NOT NULL, md5 BLOB NOT NULL, checksum BLOB, content INTEGER NOT NULL,"
	"  PRIMARY KEY (owner, number)) WITHOUT ROWID;"
	"CREATE TABLE upload (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, bucket INTEGER NOT NULL,"
	"  key BLOB NOT NULL, created INTEGER NOT NULL, checksum INTEGER NOT NULL, composite INTEGER NOT NULL,"
	"  headers BLOB);"
	"CREATE INDEX upload_key ON upload (bucket, key, id);"
	"CREATE TABLE content (id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER,"
	"  sha BLOB, file TEXT, data BLOB);"
	"CREATE UNIQUE INDEX content_sha ON content (sha) WHERE sha IS NOT NULL;"
	"CREATE TABLE garbage (id INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL);"
	"CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO counter VALUES ('owner', 0);",
};

int64_t store_now_ms(const struct object_store *s)
{
	return clock_wall_ns(s->clock) / 1000000;
}

int store_poison(struct object_store *s, const struct err *why)
{
	if (s->on_poison)
		s->on_poison(s->arg, why);
	else
		_exit(1);
	return -1;
}

int object_store_open(const struct object_store_options *o, struct object_store **out, struct err *err)
{
	struct object_store *s = calloc(1, sizeof *s);
	char *db_path = NULL, *blob_path = NULL;
	if (!s || asprintf(&db_path, "%s/objects.db", o->dir) < 0 || asprintf(&blob_path, "%s/blobs", o->dir) < 0 ||
	    !(s->dir = strdup(o->dir)))
		abort();
	s->clock = o->clock ? o->clock : &clock_os;
	s->random = o->random ? o->random : &random_os;
	s->fs = o->fs ? o->fs : &fs_os;
	s->on_poison = o->on_poison;
	s->arg = o->arg;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->sweep_wanted, NULL);
	pthread_cond_init(&s->recovered, NULL);
	struct db_options options = {
		.path = db_path,
		.migrations = migrations,
		.migrations_n = sizeof migrations / sizeof *migrations,
		.on_poison = o->on_poison,
		.arg = o->arg,
	};
	int rc = -1;
	if (fs_mkdirs(o->dir, 0700, err) < 0 || blob_dir_open(&s->blobs, blob_path, s->fs, s->random, err) < 0)
		goto done;
	if (db_open(&options, &s->db, err) < 0 || sweeper_start(s, err) < 0) {
		db_close(s->db);
		blob_dir_close(&s->blobs);
		goto done;
	}
	*out = s;
	rc = 0;
done:
	free(db_path);
	free(blob_path);
	if (rc < 0) {
		free(s->dir);
		free(s);
	}
	return rc;
}

void object_store_close(struct object_store *s)
{
	if (!s)
		return;
	sweeper_stop(s);
	db_close(s->db);
	blob_dir_close(&s->blobs);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->sweep_wanted);
	pthread_cond_destroy(&s->recovered);
	free(s->dir);
	free(s);
}
