/*
 * Rows at rest: one SQLite file, one writer thread, many readers.
 *
 *   struct db *db; db_open(&options, &db, err);
 *   db_write(db, run, after_commit, arg, err);      blocks until durable
 *   db_read_begin(db, DB_READ_ONE, &c, err); db_query(c, SQL, &st, err, DB_I(7)); while (db_step(st, err) == 1) …
 *   db_done(st); db_read_end(c);
 *
 * - Group commit: writes that wait together are run one after the other, each in a savepoint of its own, and made
 *   durable by one commit and one sync. A write that fails is undone alone. A caller hears of success only after
 *   the sync.
 * - `after_commit` runs on the writer thread, after the sync, in commit order, before its caller goes on: what it
 *   publishes was never taken back, and nobody sees it earlier.
 * - A commit or sync that fails for any other reason than a full disk poisons the file: nothing can be known about
 *   what reached the disk, so options.on_poison is called once (default: log and _exit), callers blocked in the batch
 *   get ERR_IO, and every later write is refused. A full disk is ERR_NO_SPACE for the writes of the batch, without
 *   damage; reading goes on.
 * - Parameters are always bound; SQL text is constant. Statements are prepared once a connection.
 * - Migrations are numbered 1, 2, 3…, each in a transaction; an older file is migrated at open, a newer one refused.
 */
#ifndef CORACLE_STORE_DB_H
#define CORACLE_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct db;
struct db_conn; /* of a running write, or borrowed for reading: one thread at a time */
struct db_stmt; /* a statement in use, until db_done */

struct db_options {
	const char *path;
	const char *const *migrations; /* SQL of migration i + 1; constant, may hold several statements */
	size_t migrations_n;
	unsigned readers_max; /* 0: 8. Reader connections are opened when first needed */
	void (*on_poison)(void *arg, const struct err *why);
	void *arg;
};

/* ERR_CORRUPT when it is not a database, ERR_VERSION when a newer program wrote it. */
int db_open(const struct db_options *options, struct db **out, struct err *err);
/* Runs what is queued, checkpoints, closes. No caller may be inside. NULL is nothing. */
void db_close(struct db *db);

/* Runs `run(c, arg, err)` on the writer thread in the next group and waits until it is durable. Its failure undoes
 * what it wrote and is returned. `run` must not block on anything that waits for a write; `after_commit` may be NULL.
 * Both see `arg` only while the caller waits. Not from within a write. */
int db_write(struct db *db, int (*run)(struct db_conn *c, void *arg, struct err *err),
	     void (*after_commit)(void *arg), void *arg, struct err *err);

/* DB_READ_ONE: each statement sees the newest commit. DB_READ_SNAPSHOT: all statements see one commit. */
enum db_read { DB_READ_ONE, DB_READ_SNAPSHOT };

/* Blocks while all readers are taken. Never hold two at once. */
int db_read_begin(struct db *db, enum db_read mode, struct db_conn **out, struct err *err);
void db_read_end(struct db_conn *c);

/* A bound parameter. Borrowed until db_done (for db_exec: until it returns). */
struct db_value {
	enum { DB_NULL, DB_INT, DB_REAL, DB_TEXT, DB_BLOB } kind;
	int64_t num;
	double real;
	struct slice bytes;
};

#define DB_I(v) ((struct db_value){ .kind = DB_INT, .num = (int64_t)(v) })
#define DB_R(v) ((struct db_value){ .kind = DB_REAL, .real = (v) })
#define DB_T(s) ((struct db_value){ .kind = DB_TEXT, .bytes = (s) })		 /* a slice; ptr NULL is NULL */
#define DB_S(s) ((struct db_value){ .kind = DB_TEXT, .bytes = slice_str(s) }) /* a string; NULL is NULL */
#define DB_B(s) ((struct db_value){ .kind = DB_BLOB, .bytes = (s) })		 /* a slice; ptr NULL is NULL */
#define DB_N() ((struct db_value){ .kind = DB_NULL })

#define DB_VALUES(...) (const struct db_value[]){ __VA_OPT__(__VA_ARGS__, ) { .kind = DB_NULL } }
#define DB_VALUES_N(...) (sizeof(DB_VALUES(__VA_ARGS__)) / sizeof(struct db_value) - 1)

/* One statement with its parameters ?1, ?2… in order: db_query(c, sql, &st, err, DB_I(1), DB_T(name)). */
#define db_query(c, sql, out, err, ...) \
	db_query_values((c), (sql), DB_VALUES(__VA_ARGS__), DB_VALUES_N(__VA_ARGS__), (out), (err))
/* The same to its end, rows ignored. ERR_EXISTS when a unique index or primary key refuses. */
#define db_exec(c, sql, err, ...) \
	db_exec_values((c), (sql), DB_VALUES(__VA_ARGS__), DB_VALUES_N(__VA_ARGS__), (err))

int db_query_values(struct db_conn *c, const char *sql, const struct db_value *values, size_t n, struct db_stmt **out,
		    struct err *err);
int db_exec_values(struct db_conn *c, const char *sql, const struct db_value *values, size_t n, struct err *err);

/* 1: a row, 0: no more, -1: failed. */
int db_step(struct db_stmt *st, struct err *err);
/* Puts the statement back for its next use. NULL is nothing. */
void db_done(struct db_stmt *st);

/* Columns from 0. Slices live until the next db_step or db_done; SQL NULL is {NULL, 0}, empty has a pointer. */
int64_t db_int(struct db_stmt *st, int column);
struct slice db_text(struct db_stmt *st, int column);
struct slice db_blob(struct db_stmt *st, int column);
bool db_is_null(struct db_stmt *st, int column);

/* Of the last db_exec on this connection. */
int64_t db_changes(const struct db_conn *c);
int64_t db_last_id(const struct db_conn *c);

/* An online copy of the committed state into a new file, with its data synced. ERR_EXISTS when `path` is there. */
int db_backup(struct db *db, const char *path, struct err *err);
/* SQLite's own check of every page and index; ERR_CORRUPT with the first finding. */
int db_verify(struct db *db, struct err *err);

#endif
