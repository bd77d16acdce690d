/* What `coracle fsck` checks of stored resources: every row can be read again as the object that it says it is. */
#include <stdarg.h>
#include <stdio.h>

#include "cluster/resource.h"
#include "codec/json.h"
#include "store/db.h"

struct fsck {
	void (*fault)(void *arg, const char *text);
	void *arg;
};

static void report(const struct fsck *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void report(const struct fsck *k, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	k->fault(k->arg, text);
}

static bool is(const json_t *object, const char *path, struct slice wanted)
{
	const char *text = json_str_at(object, path);
	return slice_is(wanted, text ? text : "");
}

static void check_row(const struct fsck *k, struct db_stmt *st)
{
	struct slice resource = db_text(st, 0), ns = db_text(st, 1), name = db_text(st, 2);
	struct err err = { 0 };
	json_t *object;
	if (json_decode(db_text(st, 4), 0, &object, &err) < 0) {
		report(k, "cluster.db: %.*s %.*s/%.*s: %s", SLICE_ARG(resource), SLICE_ARG(ns), SLICE_ARG(name), err.message);
		return;
	}
	if (!is(object, "metadata.name", name) || !is(object, "metadata.namespace", ns))
		report(k, "cluster.db: %.*s %.*s/%.*s holds an object of another name", SLICE_ARG(resource), SLICE_ARG(ns),
		       SLICE_ARG(name));
	if (db_int(st, 3) <= 0)
		report(k, "cluster.db: %.*s %.*s/%.*s has no version", SLICE_ARG(resource), SLICE_ARG(ns), SLICE_ARG(name));
	json_decref(object);
}

static int check_rows(const struct fsck *k, struct db_conn *c, int64_t *objects, struct err *err)
{
	struct db_stmt *st;
	int64_t n = 0;
	int rc = db_query(c, "SELECT resource, namespace, name, version, body FROM object", &st, err);
	if (rc < 0)
		return -1;
	for (; (rc = db_step(st, err)) == 1; n++)
		check_row(k, st);
	db_done(st);
	*objects = n;
	return rc;
}

/* A version is given out once. */
static int check_versions(const struct fsck *k, struct db_conn *c, struct err *err)
{
	struct db_stmt *st;
	int rc = db_query(c, "SELECT version, count(*) FROM object GROUP BY version HAVING count(*) > 1", &st, err);
	if (rc < 0)
		return -1;
	while ((rc = db_step(st, err)) == 1)
		report(k, "cluster.db: %lld objects have version %lld", (long long)db_int(st, 1), (long long)db_int(st, 0));
	db_done(st);
	return rc;
}

int cluster_db_fsck(struct db *db, void (*fault)(void *arg, const char *text), void *arg, int64_t *objects,
		    struct err *err)
{
	struct fsck k = { fault, arg };
	struct db_conn *c;
	struct err why = { 0 };
	int64_t n = 0;
	if (db_verify(db, &why) < 0) {
		if (why.code != ERR_CORRUPT) {
			*err = why;
			return -1;
		}
		report(&k, "cluster.db: %s", why.message);
	}
	if (db_read_begin(db, DB_READ_SNAPSHOT, &c, err) < 0)
		return -1;
	int rc = check_rows(&k, c, &n, err);
	if (rc == 0)
		rc = check_versions(&k, c, err);
	db_read_end(c);
	if (rc == 0)
		*objects = n;
	return rc;
}
