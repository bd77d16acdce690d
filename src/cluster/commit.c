/*
 * One change from the caller's hands to everybody's eyes.
 *
 *   commit       caller's thread   db_write, waits
 *   run          writer thread     compares the version that was read with the row's, hands out the next version, writes
 *   publish      writer thread     after the sync, in commit order: entries, indexes, event ring, wakes, collector
 *
 * The row, not the memory, is what a write is compared with, because several writes of one group are in the database
 * before the first is visible. A stored document carries resourceVersion "" (the column `version` has it), because the
 * number is known on the writer thread only and the text was made before.
 *
 * A store without a database does the same under `write_lock`, against the memory.
 */
#include "cluster/write.h"

#include <stdlib.h>

#include "store/db.h"

static const char *const migrations[] = {
	"CREATE TABLE object (resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,"
	" version INTEGER NOT NULL, ending INTEGER NOT NULL, expires INTEGER NOT NULL, body TEXT NOT NULL);"
	"CREATE UNIQUE INDEX object_key ON object (resource, namespace, name);"
	"CREATE TABLE removal (resource TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
};

int cluster_db_open(const char *path, struct db **out, struct err *err)
{
	struct db_options options = {
		.path = path,
		.migrations = migrations,
		.migrations_n = sizeof migrations / sizeof *migrations,
	};
	return db_open(&options, out, err);
}

static void set_version(json_t *object, int64_t version)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)version);
	json_object_set_new(json_object_get(object, "metadata"), "resourceVersion", json_string(text));
}

/* The last state of what is deleted, with the version of the deletion. */
static json_t *tombstone(json_t *last, int64_t version)
{
	json_t *copy = json_copy(last), *meta = json_copy(json_object_get(last, "metadata"));
	json_object_set_new(copy, "metadata", meta);
	set_version(copy, version);
	return copy;
}

static int refuse(enum commit_refusal why, struct err *err)
{
	err_set(err, why == COMMIT_NO_NAMESPACE ? ERR_NOT_FOUND : ERR_CONFLICT, "the store refused the change");
	return err_sub(err, (int)why);
}

static void publish(void *arg)
{
	struct change *ch = arg;
	struct cluster *c = ch->cluster;
	struct collection *in = ch->in;
	pthread_rwlock_wrlock(&c->lock);
	struct entry *e = collection_find(in, ch->namespace_, ch->name);
	struct event event = {
		.version = ch->version,
		.at_ns = clock_wall_ns(c->clock),
		.before = e ? json_incref(e->object) : NULL,
		.deleted = ch->verb == CHANGE_DELETE,
	};
	if (event.deleted) {
		event.after = tombstone(event.before, ch->version);
		collection_remove(c, in, ch->namespace_, ch->name);
	} else {
		set_version(ch->object, ch->version);
		event.after = json_incref(ch->object);
		e = collection_put(c, in, ch->namespace_, ch->name, json_incref(ch->object), ch->version);
		e->expires_ns = ch->expires_ns;
	}
	c->version = ch->version;
	collection_event(in, &event);
	collector_notice(c, in, event.before, event.deleted ? NULL : event.after);
	watches_wake(in, ch->namespace_, ch->name);
	pthread_rwlock_unlock(&c->lock);
}

/* ---- with a database ---- */

/* The namespace that a new object is to lie in, as the transaction sees it. */
static int check_namespace(struct db_conn *c, const struct change *ch, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "SELECT ending FROM object WHERE resource = 'namespaces' AND namespace = '' AND name = ?1", &st, err,
		     DB_S(ch->namespace_)) < 0)
		return -1;
	int rc = db_step(st, err);
	bool ending = rc == 1 && db_int(st, 0);
	db_done(st);
	if (rc < 0)
		return -1;
	return rc == 0 ? refuse(COMMIT_NO_NAMESPACE, err) : ending ? refuse(COMMIT_ENDING, err) : 0;
}

static int write_row(struct db_conn *c, struct change *ch, struct err *err)
{
	const char *key = ch->in->key;
	int64_t version = ch->cluster->assigned + 1;
	switch (ch->verb) {
	case CHANGE_CREATE:
		if (ch->in_namespace && check_namespace(c, ch, err) < 0)
			return -1;
		if (db_exec(c,
			    "INSERT INTO object (resource, namespace, name, version, ending, expires, body)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			    err, DB_S(key), DB_S(ch->namespace_), DB_S(ch->name), DB_I(version), DB_I(ch->ending),
			    DB_I(ch->expires_ns), DB_T(ch->text)) < 0)
			return -1;
		break;
	case CHANGE_REPLACE:
		if (db_exec(c,
			    "UPDATE object SET version = ?4, ending = ?5, expires = ?6, body = ?7"
			    " WHERE resource = ?1 AND namespace = ?2 AND name = ?3 AND version = ?8",
			    err, DB_S(key), DB_S(ch->namespace_), DB_S(ch->name), DB_I(version), DB_I(ch->ending),
			    DB_I(ch->expires_ns), DB_T(ch->text), DB_I(ch->expected)) < 0)
			return -1;
		if (db_changes(c) == 0)
			return refuse(COMMIT_STALE, err);
		break;
	case CHANGE_DELETE:
		if (db_exec(c, "DELETE FROM object WHERE resource = ?1 AND namespace = ?2 AND name = ?3 AND version = ?4",
			    err, DB_S(key), DB_S(ch->namespace_), DB_S(ch->name), DB_I(ch->expected)) < 0)
			return -1;
		if (db_changes(c) == 0)
			return refuse(COMMIT_STALE, err);
		if (db_exec(c,
			    "INSERT INTO removal (resource, version) VALUES (?1, ?2)"
			    " ON CONFLICT (resource) DO UPDATE SET version = excluded.version",
			    err, DB_S(key), DB_I(version)) < 0)
			return -1;
		break;
	}
	ch->version = ch->cluster->assigned = version;
	return 0;
}

static int run(struct db_conn *c, void *arg, struct err *err)
{
	return write_row(c, arg, err);
}

/* ---- without ---- */

static int check_memory(struct change *ch, struct err *err)
{
	struct cluster *c = ch->cluster;
	int rc = 0;
	pthread_rwlock_rdlock(&c->lock);
	const struct entry *e = collection_find(ch->in, ch->namespace_, ch->name);
	if (ch->verb == CHANGE_CREATE) {
		const struct entry *ns = ch->in_namespace ? collection_find(c->namespaces, "", ch->namespace_) : NULL;
		if (ch->in_namespace && !ns)
			rc = refuse(COMMIT_NO_NAMESPACE, err);
		else if (ns && json_object_get(json_object_get(ns->object, "metadata"), "deletionTimestamp"))
			rc = refuse(COMMIT_ENDING, err);
		else if (e)
			rc = err_set(err, ERR_EXISTS, "the object exists");
	} else if (!e || e->version != ch->expected) {
		rc = refuse(COMMIT_STALE, err);
	}
	pthread_rwlock_unlock(&c->lock);
	return rc;
}

static int commit_to_memory(struct change *ch, struct err *err)
{
	struct cluster *c = ch->cluster;
	pthread_mutex_lock(&c->write_lock);
	int rc = check_memory(ch, err);
	if (rc == 0) {
		ch->version = ++c->assigned;
		publish(ch);
	}
	pthread_mutex_unlock(&c->write_lock);
	return rc;
}

int commit(struct change *ch, struct err *err)
{
	return ch->cluster->db ? db_write(ch->cluster->db, run, publish, ch, err) : commit_to_memory(ch, err);
}

/* ---- several at once ---- */

struct batch {
	struct change *list;
	size_t n;
};

/* A refusal comes from a statement that did nothing, or from the unique index, which undoes its statement alone. */
static bool is_refusal(const struct err *why)
{
	return why->code == ERR_EXISTS || why->sub != 0;
}

static int run_all(struct db_conn *c, void *arg, struct err *err)
{
	struct batch *b = arg;
	for (size_t i = 0; i < b->n; i++) {
		struct err why = { 0 };
		b->list[i].refused = write_row(c, &b->list[i], &why) < 0;
		if (b->list[i].refused && !is_refusal(&why)) {
			*err = why;
			return -1;
		}
	}
	return 0;
}

static void publish_all(void *arg)
{
	struct batch *b = arg;
	for (size_t i = 0; i < b->n; i++)
		if (!b->list[i].refused)
			publish(&b->list[i]);
}

int commit_all(struct change *list, size_t n, struct err *err)
{
	struct batch b = { list, n };
	struct err why = { 0 };
	if (n == 0)
		return 0;
	if (list[0].cluster->db) {
		if (db_write(list[0].cluster->db, run_all, publish_all, &b, &why) == 0)
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		err_clear(&why);
		list[i].refused = commit_to_memory(&list[i], &why) < 0;
	}
	return 0;
}

/* ---- loading ---- */

/* "deployments.apps" is plural and group; a plural has no dot. */
static struct collection *collection_named(struct cluster *c, const char *key)
{
	const char *dot = strchr(key, '.');
	char *plural = dot ? strndup(key, (size_t)(dot - key)) : strdup(key);
	if (!plural)
		abort();
	struct collection *in = collection_get(c, dot ? dot + 1 : "", plural);
	free(plural);
	return in;
}

static int load_row(struct cluster *c, struct db_stmt *st, struct err *err)
{
	struct slice key = db_text(st, 0), namespace_ = db_text(st, 1), name = db_text(st, 2);
	int64_t version = db_int(st, 3);
	char *k = strndup(key.ptr, key.len), *ns = strndup(namespace_.ptr, namespace_.len),
	     *n = strndup(name.ptr, name.len);
	if (!k || !ns || !n)
		abort();
	/* Not json_decode: managedFields may nest deeper than what clients may send. */
	struct slice body = db_text(st, 5);
	json_t *object = json_loadb(body.ptr, body.len, 0, NULL);
	int rc = 0;
	if (!json_is_object(json_object_get(object, "metadata"))) {
		json_decref(object);
		rc = err_set(err, ERR_CORRUPT, "cluster.db: the row of %s %s/%s is no object with metadata", k, ns, n);
	} else {
		struct collection *in = collection_named(c, k);
		if (in->entries.len)
			document_share(object, in->entries.ptr[in->entries.len - 1]->object);
		set_version(object, version);
		struct entry *e = collection_load(c, in, ns, n, object, version);
		e->expires_ns = db_int(st, 4);
		if (version > c->version)
			c->version = version;
	}
	free(k);
	free(ns);
	free(n);
	return rc;
}

/* Deletions leave no object, but watches must know how far back the memory is complete. */
static void load_removal(struct cluster *c, struct db_stmt *st)
{
	struct slice key = db_text(st, 0);
	int64_t version = db_int(st, 1);
	char *k = strndup(key.ptr, key.len);
	if (!k)
		abort();
	struct collection *in = collection_named(c, k);
	free(k);
	if (version > in->newest)
		in->newest = in->floor = version;
	if (version > c->version)
		c->version = version;
}

int commit_load(struct cluster *c, struct err *err)
{
	struct db_conn *conn = NULL;
	struct db_stmt *st = NULL;
	if (db_read_begin(c->db, DB_READ_SNAPSHOT, &conn, err) < 0)
		return -1;
	int rc = db_query(conn,
			  "SELECT resource, namespace, name, version, expires, body FROM object"
			  " ORDER BY resource, namespace, name",
			  &st, err);
	while (rc == 0 && (rc = db_step(st, err)) == 1)
		rc = load_row(c, st, err);
	db_done(st);
	st = NULL;
	if (rc == 0)
		rc = db_query(conn, "SELECT resource, version FROM removal", &st, err);
	while (rc == 0 && (rc = db_step(st, err)) == 1) {
		load_removal(c, st);
		rc = 0;
	}
	db_done(st);
	db_read_end(conn);
	c->assigned = c->version;
	return rc;
}
