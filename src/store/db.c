/*
 * The writer thread, the readers and the life of a database file: see db.h.
 *
 * A write is a `struct ticket` on its caller's stack. The writer takes all that wait, up to BATCH_MAX:
 *
 *   BEGIN IMMEDIATE; for each: SAVEPOINT, run, RELEASE (or ROLLBACK TO and RELEASE); COMMIT (the one sync);
 *   for each, in order: after_commit, wake its caller
 *
 * SQLite itself may end the transaction inside a write (disk full, I/O error): then the whole batch fails with that
 * error and nothing of it is kept. Checkpoints are made by the writer between batches, when the log has grown to
 * CHECKPOINT_PAGES, so that callers never wait for one that is not theirs to wait for.
 */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/waiting.h"
#include "base/fs.h"
#include "base/log.h"
#include "store/db_conn.h"

enum { BATCH_MAX = 256, READERS_DEFAULT = 8, CHECKPOINT_PAGES = 2048, WRITER_STACK_BYTES = 512 << 10 };

struct ticket {
	int (*run)(struct db_conn *c, void *arg, struct err *err);
	void (*after_commit)(void *arg);
	void *arg;
	struct err *err;
	int rc;
	sem_t done;
	struct ticket *next;
};

struct db {
	char *path;
	struct db_conn *writer;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work; /* a ticket waits, or stopping */
	struct ticket *first, *last;
	bool stopping, poisoned;
	int log_pages; /* of the write-ahead log, as the last commit left it; writer thread only */

	pthread_mutex_t readers_lock;
	pthread_cond_t reader_free;
	struct db_conn *idle;
	unsigned readers, readers_max;

	void (*on_poison)(void *arg, const struct err *why);
	void *arg;
};

static void poison(struct db *db, const struct err *why)
{
	pthread_mutex_lock(&db->lock);
	bool first = !db->poisoned;
	db->poisoned = true;
	pthread_mutex_unlock(&db->lock);
	if (!first)
		return;
	LOG_ERROR("store", "a commit failed; nothing more is written to this database", LOG_S("database", db->path),
		  LOG_S("reason", why->message), LOG_S("detail", why->detail));
	if (db->on_poison)
		db->on_poison(db->arg, why);
	else
		_exit(1);
}

static int on_log_grown(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
	(void)sqlite;
	(void)name;
	((struct db *)arg)->log_pages = pages;
	return SQLITE_OK;
}

static void checkpoint(struct db *db)
{
	int rc = sqlite3_wal_checkpoint_v2(db->writer->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	db->log_pages = 0; /* the next commit says how long the log is now */
	if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY)
		return;
	struct err why;
	err_clear(&why);
	db_conn_fail(db->writer, rc, "checkpoint", &why);
	if (why.code == ERR_NO_SPACE)
		LOG_WARN("store", "no space for a checkpoint; the log keeps growing", LOG_S("database", db->path));
	else
		poison(db, &why);
}

/* Runs one write inside the open transaction. False when SQLite has ended the whole transaction. */
static bool run_ticket(struct db *db, struct ticket *t)
{
	struct db_conn *c = db->writer;
	int rc = db_conn_run(c, "SAVEPOINT w");
	if (rc != SQLITE_OK) {
		t->rc = db_conn_fail(c, rc, "savepoint", t->err);
		return !sqlite3_get_autocommit(c->sqlite);
	}
	t->rc = t->run(c, t->arg, t->err);
	if (sqlite3_get_autocommit(c->sqlite)) {
		if (t->rc == 0)
			t->rc = err_set(t->err, ERR_IO, "the database ended the transaction");
		return false;
	}
	if (t->rc < 0)
		db_conn_run(c, "ROLLBACK TO w");
	rc = db_conn_run(c, "RELEASE w");
	if (rc != SQLITE_OK && t->rc == 0)
		t->rc = db_conn_fail(c, rc, "release", t->err);
	return true;
}

/* Every write of the batch that was not refused for its own reasons fails with `why`. */
static void fail_batch(struct ticket *batch, const struct err *why)
{
	for (struct ticket *t = batch; t; t = t->next) {
		if (t->rc < 0)
			continue;
		t->rc = -1;
		if (t->err)
			*t->err = *why;
	}
}

static void run_batch(struct db *db, struct ticket *batch)
{
	struct err why;
	err_clear(&why);
	struct db_conn *c = db->writer;
	bool wrote = false;
	int rc = db_conn_run(c, "BEGIN IMMEDIATE");
	if (rc != SQLITE_OK) {
		db_conn_fail(c, rc, "begin", &why);
		goto failed;
	}
	for (struct ticket *t = batch; t; t = t->next) {
		if (!run_ticket(db, t)) {
			if (t->err && t->err->code != ERR_OK)
				why = *t->err;
			else
				err_set(&why, ERR_IO, "the database ended the transaction");
			goto failed;
		}
		wrote |= t->rc == 0;
	}
	rc = db_conn_run(c, wrote ? "COMMIT" : "ROLLBACK");
	if (rc == SQLITE_OK) {
		for (struct ticket *t = batch; t; t = t->next)
			if (t->rc == 0 && t->after_commit)
				t->after_commit(t->arg);
		return;
	}
	db_conn_fail(c, rc, "commit", &why);
failed:
	if (!sqlite3_get_autocommit(c->sqlite))
		db_conn_run(c, "ROLLBACK");
	if (why.code == ERR_IO || why.code == ERR_CORRUPT)
		poison(db, &why);
	fail_batch(batch, &why);
}

static struct ticket *take_batch(struct db *db)
{
	struct ticket *batch = db->first, *end = batch;
	for (int n = 1; n < BATCH_MAX && end->next; n++)
		end = end->next;
	db->first = end->next;
	if (!db->first)
		db->last = NULL;
	end->next = NULL;
	return batch;
}

static void *writer_main(void *arg)
{
	struct db *db = arg;
	pthread_mutex_lock(&db->lock);
	for (;;) {
		while (!db->first && !db->stopping)
			pthread_cond_wait(&db->work, &db->lock);
		if (!db->first)
			break;
		struct ticket *batch = take_batch(db);
		bool refused = db->poisoned;
		pthread_mutex_unlock(&db->lock);
		if (refused) {
			struct err why;
			err_clear(&why);
			err_set(&why, ERR_IO, "an earlier write failed; the database takes no more until it is reopened");
			fail_batch(batch, &why);
		} else {
			run_batch(db, batch);
		}
		while (batch) {
			struct ticket *next = batch->next; /* the ticket is gone once its caller wakes */
			sem_post(&batch->done);
			batch = next;
		}
		if (!refused && db->log_pages >= CHECKPOINT_PAGES)
			checkpoint(db);
		pthread_mutex_lock(&db->lock);
	}
	pthread_mutex_unlock(&db->lock);
	return NULL;
}

int db_write(struct db *db, int (*run)(struct db_conn *c, void *arg, struct err *err),
	     void (*after_commit)(void *arg), void *arg, struct err *err)
{
	assert(!pthread_equal(pthread_self(), db->thread) && "a write from within a write");
	struct ticket t = { .run = run, .after_commit = after_commit, .arg = arg, .err = err };
	sem_init(&t.done, 0, 0);
	pthread_mutex_lock(&db->lock);
	if (db->last)
		db->last->next = &t;
	else
		db->first = &t;
	db->last = &t;
	pthread_cond_signal(&db->work);
	pthread_mutex_unlock(&db->lock);
	waiting_begin();
	while (sem_wait(&t.done) < 0 && errno == EINTR)
		;
	waiting_end();
	sem_destroy(&t.done);
	return t.rc;
}

int db_read_begin(struct db *db, enum db_read mode, struct db_conn **out, struct err *err)
{
	pthread_mutex_lock(&db->readers_lock);
	while (!db->idle && db->readers == db->readers_max) {
		waiting_begin();
		pthread_cond_wait(&db->reader_free, &db->readers_lock);
		waiting_end();
	}
	struct db_conn *c = db->idle;
	if (c)
		db->idle = c->next;
	else
		db->readers++;
	pthread_mutex_unlock(&db->readers_lock);
	if (!c) {
		if (db_conn_open(db->path, false, &c, err) < 0) {
			pthread_mutex_lock(&db->readers_lock);
			db->readers--;
			pthread_cond_signal(&db->reader_free);
			pthread_mutex_unlock(&db->readers_lock);
			return -1;
		}
		c->db = db;
	}
	c->snapshot = mode == DB_READ_SNAPSHOT;
	int rc = c->snapshot ? db_conn_run(c, "BEGIN") : SQLITE_OK;
	if (rc != SQLITE_OK) {
		db_conn_fail(c, rc, "begin", err);
		c->snapshot = false;
		db_read_end(c);
		return -1;
	}
	*out = c;
	return 0;
}

void db_read_end(struct db_conn *c)
{
	struct db *db = c->db;
	if (c->snapshot)
		db_conn_run(c, "ROLLBACK");
	pthread_mutex_lock(&db->readers_lock);
	c->next = db->idle;
	db->idle = c;
	pthread_cond_signal(&db->reader_free);
	pthread_mutex_unlock(&db->readers_lock);
}

static int user_version(struct db_conn *c, int64_t *out, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "PRAGMA user_version", &st, err) < 0)
		return -1;
	int rc = db_step(st, err);
	if (rc == 1)
		*out = db_int(st, 0);
	db_done(st);
	return rc < 0 ? -1 : 0;
}

static int migrate(struct db *db, const struct db_options *o, struct err *err)
{
	struct db_conn *c = db->writer;
	int64_t have = 0;
	if (user_version(c, &have, err) < 0)
		return err_wrap(err, "%s", db->path);
	if (have > (int64_t)o->migrations_n)
		return err_set(err, ERR_VERSION,
			       "%s was written by a newer version (schema %lld, this program knows %zu); use that version",
			       db->path, (long long)have, o->migrations_n);
	for (size_t i = (size_t)have; i < o->migrations_n; i++) {
		char set_version[48];
		snprintf(set_version, sizeof set_version, "PRAGMA user_version=%zu", i + 1);
		int rc = db_conn_run(c, "BEGIN IMMEDIATE");
		if (rc == SQLITE_OK)
			rc = db_conn_run(c, o->migrations[i]);
		if (rc == SQLITE_OK)
			rc = db_conn_run(c, set_version);
		if (rc == SQLITE_OK)
			rc = db_conn_run(c, "COMMIT");
		if (rc != SQLITE_OK) {
			db_conn_fail(c, rc, o->migrations[i], err);
			db_conn_run(c, "ROLLBACK");
			return err_wrap(err, "%s: migration %zu", db->path, i + 1);
		}
	}
	return 0;
}

/* Held for a few instructions by threads that come by the thousands: spinning a little is cheaper than sleeping. */
static void short_lock_init(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

int db_open(const struct db_options *o, struct db **out, struct err *err)
{
	struct db *db = calloc(1, sizeof *db);
	if (!db || !(db->path = strdup(o->path)))
		abort();
	db->readers_max = o->readers_max ? o->readers_max : READERS_DEFAULT;
	db->on_poison = o->on_poison;
	db->arg = o->arg;
	pthread_mutex_init(&db->lock, NULL);
	pthread_cond_init(&db->work, NULL);
	short_lock_init(&db->readers_lock);
	pthread_cond_init(&db->reader_free, NULL);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WRITER_STACK_BYTES);

	/* Rows hold secrets and user data: the file is for its owner only; SQLite gives log and index its mode. */
	int fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), rc = -1;
	if (fd < 0) {
		err_errno(err, errno, "opening %s", o->path);
		goto done;
	}
	/* Nothing is written before the name is on disk, so a file with content needs no sync of its directory. */
	struct stat st = { 0 };
	bool empty = fstat(fd, &st) < 0 || st.st_size == 0;
	close(fd);
	if (empty && fs_sync_parent(o->path, err) < 0)
		goto done;
	if (db_conn_open(o->path, true, &db->writer, err) < 0)
		goto done;
	db->writer->db = db;
	sqlite3_wal_hook(db->writer->sqlite, on_log_grown, db);
	if (migrate(db, o, err) < 0)
		goto done;
	int e = pthread_create(&db->thread, &attr, writer_main, db);
	if (e) {
		err_errno(err, e, "starting the writer of %s", o->path);
		goto done;
	}
	*out = db;
	rc = 0;
done:
	pthread_attr_destroy(&attr);
	if (rc < 0) {
		db_conn_close(db->writer);
		free(db->path);
		free(db);
	}
	return rc;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	pthread_mutex_lock(&db->lock);
	db->stopping = true;
	pthread_cond_signal(&db->work);
	pthread_mutex_unlock(&db->lock);
	pthread_join(db->thread, NULL);
	while (db->idle) {
		struct db_conn *c = db->idle;
		db->idle = c->next;
		db->readers--;
		db_conn_close(c);
	}
	assert(db->readers == 0 && "a reader is still in use");
	db_conn_close(db->writer);
	pthread_mutex_destroy(&db->lock);
	pthread_cond_destroy(&db->work);
	pthread_mutex_destroy(&db->readers_lock);
	pthread_cond_destroy(&db->reader_free);
	free(db->path);
	free(db);
}

int db_backup(struct db *db, const char *path, struct err *err)
{
	if (access(path, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s is already there", path);
	struct db_conn *c = NULL;
	if (db_read_begin(db, DB_READ_ONE, &c, err) < 0)
		return -1;
	/* VACUUM INTO needs a connection that may write, though it writes another file only. */
	db_conn_run(c, "PRAGMA query_only=OFF");
	int rc = db_exec(c, "VACUUM INTO ?1", err, DB_S(path));
	db_conn_run(c, "PRAGMA query_only=ON");
	db_read_end(c);
	if (rc < 0)
		return err_wrap(err, "copying %s to %s", db->path, path);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0600) < 0 || fsync(fd) < 0)
		rc = err_errno(err, errno, "syncing %s", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

int db_verify(struct db *db, struct err *err)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	if (db_read_begin(db, DB_READ_SNAPSHOT, &c, err) < 0)
		return -1;
	int rc = db_query(c, "PRAGMA integrity_check(1)", &st, err);
	if (rc == 0 && (rc = db_step(st, err)) == 1) {
		struct slice s = db_text(st, 0);
		rc = slice_is(s, "ok") ? 0 : err_set(err, ERR_CORRUPT, "%s: %.*s", db->path, SLICE_ARG(s));
	}
	db_done(st);
	db_read_end(c);
	return rc;
}
