/*
 * Care of the object store: fsck, gc of files without a row, backup. See object.h.
 *
 * All three look at one snapshot and hold a pin, so that what the snapshot names is there while they look.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "crypto/crc.h"
#include "store/db_conn.h"
#include "store/object_store.h"

struct check {
	struct object_store *store;
	struct db_conn *c;
	void (*fault)(void *arg, const char *text);
	void *arg;
	struct object_fsck *out;
};

static void fault(struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct check *k, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	k->out->faults++;
	k->fault(k->arg, text);
}

/* Queries that find nothing in a sound store: a number and what it means. */
static const struct {
	const char *sql, *text;
} rules[] = {
	{ "SELECT k.id FROM content k LEFT JOIN (SELECT content, count(*) AS n FROM"
	  " (SELECT content FROM object WHERE content IS NOT NULL UNION ALL SELECT content FROM part) GROUP BY content) u"
	  " ON u.content = k.id WHERE k.refs <> coalesce(u.n, 0)",
	  "content %lld has a wrong reference count" },
	{ "SELECT coalesce(o.content, 0) FROM object o LEFT JOIN content k ON k.id = o.content"
	  " WHERE o.content IS NOT NULL AND (k.id IS NULL OR k.size <> o.size)",
	  "an object's content %lld is missing or has another size" },
	{ "SELECT p.owner FROM part p LEFT JOIN content k ON k.id = p.content WHERE k.id IS NULL OR k.size <> p.size",
	  "a part of owner %lld has no content, or of another size" },
	{ "SELECT o.owner FROM object o LEFT JOIN (SELECT owner, sum(size) AS size, count(*) AS n FROM part GROUP BY owner)"
	  " p ON p.owner = o.owner WHERE o.content IS NULL AND (p.owner IS NULL OR p.size <> o.size OR p.n <> o.parts)",
	  "the multipart object of owner %lld is not the sum of its parts" },
	{ "SELECT p.owner FROM part p WHERE NOT EXISTS (SELECT 1 FROM upload u WHERE u.id = p.owner)"
	  " AND p.owner NOT IN (SELECT owner FROM object WHERE owner IS NOT NULL)",
	  "owner %lld of a part is neither an upload nor an object" },
	{ "SELECT bucket FROM object WHERE bucket NOT IN (SELECT id FROM bucket) UNION"
	  " SELECT bucket FROM upload WHERE bucket NOT IN (SELECT id FROM bucket)",
	  "bucket %lld has objects or uploads but no row" },
};

static int check_rules(struct check *k, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		struct db_stmt *st = NULL;
		if (db_query(k->c, rules[i].sql, &st, err) < 0)
			return -1;
		int rc;
		while ((rc = db_step(st, err)) == 1) {
			char text[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			(void)snprintf(text, sizeof text, rules[i].text, (long long)db_int(st, 0));
#pragma GCC diagnostic pop
			fault(k, "%s", text);
		}
		db_done(st);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int count_rows(struct check *k, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(k->c,
		     "SELECT (SELECT count(*) FROM bucket), (SELECT count(*) FROM object), (SELECT count(*) FROM upload)",
		     &st, err) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1) {
		k->out->buckets = db_int(st, 0);
		k->out->objects = db_int(st, 1);
		k->out->uploads = db_int(st, 2);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static int check_contents(struct check *k, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(k->c, "SELECT id, size, crc, file, data FROM content", &st, err) < 0)
		return -1;
	int rc;
	while ((rc = db_step(st, err)) == 1) {
		long long id = db_int(st, 0);
		int64_t size = db_int(st, 1);
		struct slice file = db_text(st, 3), data = db_blob(st, 4);
		k->out->contents++;
		k->out->bytes += size;
		if (!file.ptr) {
			if (!data.ptr || (int64_t)data.len != size ||
			    crc_castagnoli(0, data.ptr, data.len) != (uint32_t)db_int(st, 2))
				fault(k, "content %lld in the database has a wrong checksum", id);
			continue;
		}
		char name[BLOB_NAME_CHARS + 1] = "";
		memcpy(name, file.ptr, MIN(file.len, (size_t)BLOB_NAME_CHARS));
		struct err why = { 0 };
		k->out->files++;
		if (blob_verify(&k->store->blobs, name, size, &why) < 0)
			fault(k, "content %lld: %s", id, why.message);
	}
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static bool is_in_flight(struct object_store *s, const char *name)
{
	bool found = false;
	pthread_mutex_lock(&s->lock);
	for (const struct content *c = s->in_flight; c && !found; c = c->next)
		found = strcmp(c->file, name) == 0;
	pthread_mutex_unlock(&s->lock);
	return found;
}

/* Does a row name this file? Asked after the in-flight list: a content leaves that only after its commit. */
static int is_nobodys(struct object_store *s, const char *name, bool *out, struct err *err)
{
	*out = false;
	if (is_in_flight(s, name))
		return 0;
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	if (db_read_begin(s->db, DB_READ_ONE, &c, err) < 0)
		return -1;
	uint8_t sha[32];
	for (int i = 0; i < 32; i++) {
		char two[3] = { name[2 * i + (i > 0)], name[2 * i + 1 + (i > 0)], 0 };
		sha[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	int rc = db_query(c,
			  "SELECT EXISTS (SELECT 1 FROM content WHERE sha = ?1 AND file = ?2) OR"
			  " EXISTS (SELECT 1 FROM garbage WHERE file = ?2)",
			  &st, err, DB_B(slice_of(sha, 32)), DB_S(name));
	if (rc == 0 && (rc = db_step(st, err)) == 1)
		*out = db_int(st, 0) == 0;
	db_done(st);
	db_read_end(c);
	return rc < 0 ? -1 : 0;
}

static int check_file(void *arg, const char *name, struct err *err)
{
	struct check *k = arg;
	bool nobodys = false;
	if (is_nobodys(k->store, name, &nobodys, err) < 0)
		return -1;
	if (nobodys)
		fault(k, "file %s belongs to no content (gc removes it)", name);
	return 0;
}

int object_store_fsck(struct object_store *s, void (*fault_fn)(void *arg, const char *text), void *arg,
		      struct object_fsck *out, struct err *err)
{
	struct object_fsck result = { 0 };
	struct check k = { .store = s, .fault = fault_fn, .arg = arg, .out = &result };
	struct err why = { 0 };
	struct sweep_pin pin;
	sweeper_wait_recovered(s);
	if (db_verify(s->db, &why) < 0) {
		if (why.code != ERR_CORRUPT) {
			if (err)
				*err = why;
			return -1;
		}
		fault(&k, "%s", why.message);
	}
	sweeper_pin(s, &pin);
	int rc = db_read_begin(s->db, DB_READ_SNAPSHOT, &k.c, err);
	if (rc == 0) {
		rc = count_rows(&k, err);
		if (rc == 0)
			rc = check_rules(&k, err);
		if (rc == 0)
			rc = check_contents(&k, err);
		db_read_end(k.c);
	}
	if (rc == 0)
		rc = blob_each(&s->blobs, check_file, &k, err);
	sweeper_unpin(s, &pin);
	if (rc == 0)
		*out = result;
	return rc;
}

struct gc {
	struct object_store *store;
	int64_t files, bytes;
};

static int gc_file(void *arg, const char *name, struct err *err)
{
	struct gc *gc = arg;
	bool nobodys = false;
	if (is_nobodys(gc->store, name, &nobodys, err) < 0 || !nobodys)
		return err && err->code != ERR_OK ? -1 : 0;
	struct stat st;
	if (fstatat(gc->store->blobs.root, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		gc->bytes += st.st_size;
	gc->files++;
	return blob_unlink(&gc->store->blobs, name, err);
}

int object_store_gc(struct object_store *s, int64_t *files, int64_t *bytes, struct err *err)
{
	struct gc gc = { .store = s };
	struct err why = { 0 };
	if (blob_each(&s->blobs, gc_file, &gc, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	pthread_mutex_lock(&s->lock);
	s->sweep = true;
	pthread_cond_signal(&s->sweep_wanted);
	pthread_mutex_unlock(&s->lock);
	*files = gc.files;
	*bytes = gc.bytes;
	return 0;
}

/* --- backup --- */

static int copy_file(int from, int to, struct err *err)
{
	char *block = malloc(BLOB_BLOCK_BYTES);
	if (!block)
		abort();
	int rc = 0;
	for (;;) {
		ssize_t n = read(from, block, BLOB_BLOCK_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_errno(err, errno, "reading an object's file");
		if (n <= 0 || (rc = fs_write_all(&fs_os, to, block, (size_t)n, err)) < 0)
			break;
	}
	free(block);
	if (rc == 0 && fsync(to) < 0)
		rc = err_errno(err, errno, "syncing a copy");
	return rc;
}

/* Files never change, so a hard link is a copy; another file system needs the bytes. */
static int backup_file(struct object_store *s, int to, const char *name, struct err *err)
{
	char sub[3] = { name[0], name[1], 0 };
	if (mkdirat(to, sub, 0700) < 0 && errno != EEXIST)
		return err_errno(err, errno, "making a directory of the copy");
	if (linkat(s->blobs.root, name, to, name, 0) == 0)
		return 0;
	if (errno != EXDEV && errno != EPERM && errno != EMLINK)
		return err_errno(err, errno, "linking %s", name);
	int from = openat(s->blobs.root, name, O_RDONLY | O_CLOEXEC);
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc = from < 0 || out < 0 ? err_errno(err, errno, "copying %s", name) : copy_file(from, out, err);
	if (from >= 0)
		close(from);
	if (out >= 0)
		close(out);
	return rc;
}

/* The copy of the database says which files belong to it. */
static int backup_files(struct object_store *s, const char *db_path, const char *blobs_path, struct err *err)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	if (db_conn_open(db_path, false, &c, err) < 0)
		return -1;
	int to = open(blobs_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = to < 0 ? err_errno(err, errno, "opening %s", blobs_path)
			: db_query(c, "SELECT file FROM content WHERE file IS NOT NULL", &st, err);
	while (rc == 0 && (rc = db_step(st, err)) == 1) {
		char name[BLOB_NAME_CHARS + 1] = "";
		struct slice file = db_text(st, 0);
		memcpy(name, file.ptr, MIN(file.len, (size_t)BLOB_NAME_CHARS));
		rc = backup_file(s, to, name, err);
	}
	db_done(st);
	db_conn_close(c);
	if (to >= 0)
		close(to);
	return rc;
}

int object_store_backup(struct object_store *s, const char *to, struct err *err)
{
	char *db_path = NULL, *blobs_path = NULL;
	if (asprintf(&db_path, "%s/objects.db", to) < 0 || asprintf(&blobs_path, "%s/blobs", to) < 0)
		abort();
	struct sweep_pin pin;
	sweeper_pin(s, &pin); /* no file of the copied rows goes while they are linked */
	int rc = fs_mkdirs(blobs_path, 0700, err);
	if (rc == 0)
		rc = db_backup(s->db, db_path, err);
	if (rc == 0)
		rc = backup_files(s, db_path, blobs_path, err);
	sweeper_unpin(s, &pin);
	free(db_path);
	free(blobs_path);
	return rc;
}
