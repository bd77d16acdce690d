/* A SQLite connection with its prepared statements: what db.c's writer and readers are made of. */
#ifndef CORACLE_STORE_DB_CONN_H
#define CORACLE_STORE_DB_CONN_H

#include <sqlite3.h>

#include "base/map.h"
#include "store/db.h"

struct db_conn {
	struct db *db;
	sqlite3 *sqlite;
	struct map statements; /* SQL text -> struct db_stmt list */
	struct db_conn *next;  /* of the idle readers */
	bool snapshot;
};

/* Opens the file with the settings every connection shares. */
int db_conn_open(const char *path, bool writer, struct db_conn **out, struct err *err);
void db_conn_close(struct db_conn *c);
/* Turns SQLite's result code into `err`; returns -1. */
int db_conn_fail(struct db_conn *c, int rc, const char *what, struct err *err);
/* Constant SQL without parameters or rows: BEGIN, SAVEPOINT, PRAGMA…. Returns SQLite's code. */
int db_conn_run(struct db_conn *c, const char *sql);

#endif
