/*
 * Connections and statements: see db.h.
 *
 * Each connection keeps the statements it has prepared, found by their text; a statement that is in use twice at once
 * (a loop inside a loop) is prepared twice. SQL texts are constants of the program, so the set is small and bounded.
 */
#include "store/db_conn.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>

struct db_stmt {
	struct db_conn *conn;
	sqlite3_stmt *sqlite;
	struct db_stmt *next; /* same text */
	bool busy;
};

int db_conn_fail(struct db_conn *c, int rc, const char *what, struct err *err)
{
	int extended = c && c->sqlite ? sqlite3_extended_errcode(c->sqlite) : rc;
	const char *text = c && c->sqlite ? sqlite3_errmsg(c->sqlite) : sqlite3_errstr(rc);
	enum err_code code = ERR_INTERNAL;
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return err_set(err, ERR_NO_SPACE, "no space left on the device that holds the data directory");
	case SQLITE_CONSTRAINT:
		if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
		    extended == SQLITE_CONSTRAINT_ROWID)
			code = ERR_EXISTS;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		code = ERR_CORRUPT;
		break;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		/* What a failed sync left on the disk is not known, whatever it failed for. */
		if (extended != SQLITE_IOERR_FSYNC && c && c->sqlite && sqlite3_system_errno(c->sqlite) == ENOSPC)
			return err_set(err, ERR_NO_SPACE, "no space left on the device that holds the data directory");
		code = ERR_IO;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = ERR_UNAVAILABLE;
		break;
	case SQLITE_NOMEM:
		code = ERR_NO_MEMORY;
		break;
	case SQLITE_TOOBIG:
		code = ERR_TOO_LARGE;
		break;
	default:
		break;
	}
	err_set(err, code, "database: %s", sqlite3_errstr(rc));
	return err_detail(err, "%s: %s (%d)", what, text, extended);
}

int db_conn_run(struct db_conn *c, const char *sql)
{
	return sqlite3_exec(c->sqlite, sql, NULL, NULL, NULL);
}

/* SQLite's own count of its memory is a lock that all connections share, taken for each allocation. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int db_conn_open(const char *path, bool writer, struct db_conn **out, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, configure);
	struct db_conn *c = calloc(1, sizeof *c);
	if (!c)
		abort();
	map_init(&c->statements);
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    (writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE);
	int rc = sqlite3_open_v2(path, &c->sqlite, flags, "unix-excl");
	if (rc != SQLITE_OK)
		goto failed;
	sqlite3_extended_result_codes(c->sqlite, 1);
	sqlite3_busy_timeout(c->sqlite, 10000);
	sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	rc = db_conn_run(c, writer ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
				     "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
				   : "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY");
	if (rc != SQLITE_OK)
		goto failed;
	*out = c;
	return 0;
failed:
	db_conn_fail(c, rc, path, err);
	err_wrap(err, "%s", path);
	db_conn_close(c);
	return -1;
}

void db_conn_close(struct db_conn *c)
{
	if (!c)
		return;
	struct slice key;
	void *value;
	size_t i = 0;
	while (map_next(&c->statements, &i, &key, &value)) {
		struct db_stmt *st = value;
		while (st) {
			struct db_stmt *next = st->next;
			sqlite3_finalize(st->sqlite);
			free(st);
			st = next;
		}
	}
	map_release(&c->statements);
	sqlite3_close(c->sqlite);
	free(c);
}

static int statement_take(struct db_conn *c, const char *sql, struct db_stmt **out, struct err *err)
{
	struct slice key = slice_str(sql);
	struct db_stmt *first = map_get(&c->statements, key), *st = first;
	while (st && st->busy)
		st = st->next;
	if (!st) {
		sqlite3_stmt *prepared = NULL;
		const char *tail = NULL;
		int rc = sqlite3_prepare_v3(c->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
		if (rc != SQLITE_OK)
			return db_conn_fail(c, rc, sql, err);
		assert(prepared && "an empty statement");
		assert(tail[strspn(tail, "; \n\t")] == 0 && "one statement at a time");
		st = calloc(1, sizeof *st);
		if (!st)
			abort();
		st->conn = c;
		st->sqlite = prepared;
		st->next = first;
		map_put(&c->statements, key, st);
	}
	st->busy = true;
	*out = st;
	return 0;
}

static int bind(struct db_stmt *st, int i, const struct db_value *v)
{
	static const char empty[1];
	const char *p = v->bytes.ptr ? v->bytes.ptr : NULL;
	if (p && v->bytes.len == 0)
		p = empty;
	switch (v->kind) {
	case DB_INT:
		return sqlite3_bind_int64(st->sqlite, i, v->num);
	case DB_REAL:
		return sqlite3_bind_double(st->sqlite, i, v->real);
	case DB_TEXT:
		return sqlite3_bind_text64(st->sqlite, i, p, v->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
	case DB_BLOB:
		return sqlite3_bind_blob64(st->sqlite, i, p, v->bytes.len, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(st->sqlite, i);
	}
}

int db_query_values(struct db_conn *c, const char *sql, const struct db_value *values, size_t n, struct db_stmt **out,
		    struct err *err)
{
	struct db_stmt *st = NULL;
	if (statement_take(c, sql, &st, err) < 0)
		return -1;
	assert(sqlite3_bind_parameter_count(st->sqlite) == (int)n && "a value for each parameter");
	for (size_t i = 0; i < n; i++) {
		int rc = bind(st, (int)i + 1, &values[i]);
		if (rc != SQLITE_OK) {
			db_conn_fail(c, rc, sql, err);
			db_done(st);
			return -1;
		}
	}
	*out = st;
	return 0;
}

int db_exec_values(struct db_conn *c, const char *sql, const struct db_value *values, size_t n, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query_values(c, sql, values, n, &st, err) < 0)
		return -1;
	int rc;
	do
		rc = db_step(st, err);
	while (rc == 1);
	db_done(st);
	return rc;
}

int db_step(struct db_stmt *st, struct err *err)
{
	int rc = sqlite3_step(st->sqlite);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return db_conn_fail(st->conn, rc, sqlite3_sql(st->sqlite), err);
}

void db_done(struct db_stmt *st)
{
	if (!st)
		return;
	sqlite3_reset(st->sqlite);
	sqlite3_clear_bindings(st->sqlite);
	st->busy = false;
}

int64_t db_int(struct db_stmt *st, int column)
{
	return sqlite3_column_int64(st->sqlite, column);
}

static struct slice column_bytes(struct db_stmt *st, int column, const void *p)
{
	if (sqlite3_column_type(st->sqlite, column) == SQLITE_NULL)
		return slice_of(NULL, 0);
	return slice_of(p ? p : "", (size_t)sqlite3_column_bytes(st->sqlite, column));
}

struct slice db_text(struct db_stmt *st, int column)
{
	return column_bytes(st, column, sqlite3_column_text(st->sqlite, column));
}

struct slice db_blob(struct db_stmt *st, int column)
{
	return column_bytes(st, column, sqlite3_column_blob(st->sqlite, column));
}

bool db_is_null(struct db_stmt *st, int column)
{
	return sqlite3_column_type(st->sqlite, column) == SQLITE_NULL;
}

int64_t db_changes(const struct db_conn *c)
{
	return sqlite3_changes64(c->sqlite);
}

int64_t db_last_id(const struct db_conn *c)
{
	return sqlite3_last_insert_rowid(c->sqlite);
}
