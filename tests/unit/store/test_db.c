/* Tests of store/db.c: group commit, isolation of failures, commit order, migrations, a full disk, poisoning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/db.h"

static const char *const schema[] = {
	"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)",
	"ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 7",
};

struct fixture {
	char dir[64], path[128];
	struct db *db;
	int poisoned;
};

static void on_poison(void *arg, const struct err *why)
{
	(void)why;
	((struct fixture *)arg)->poisoned++;
}

static int reopen(struct fixture *f, size_t migrations, struct err *err)
{
	db_close(f->db);
	f->db = NULL;
	struct db_options o = {
		.path = f->path, .migrations = schema, .migrations_n = migrations, .on_poison = on_poison, .arg = f
	};
	return db_open(&o, &f->db, err);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	snprintf(f->dir, sizeof f->dir, "/tmp/test-db-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof f->path, "%s/t.db", f->dir);
	*state = f;
	return reopen(f, 2, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	db_close(f->db);
	fs_remove_tree(f->dir, NULL);
	free(f);
	return 0;
}

static int64_t count(struct db *db, const char *sql)
{
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	struct err err = { 0 };
	assert_int_equal(db_read_begin(db, DB_READ_ONE, &c, &err), 0);
	assert_int_equal(db_query(c, sql, &st, &err), 0);
	assert_int_equal(db_step(st, &err), 1);
	int64_t n = db_int(st, 0);
	db_done(st);
	db_read_end(c);
	return n;
}

struct insert {
	struct fixture *f;
	int64_t id, seen_by_reader;
	const char *name;
	struct slice data;
	bool fail;
};

static int insert(struct db_conn *c, void *arg, struct err *err)
{
	struct insert *in = arg;
	if (db_exec(c, "INSERT INTO t (id, name, data) VALUES (?1, ?2, ?3)", err, DB_I(in->id), DB_S(in->name),
		    DB_B(in->data)) < 0)
		return -1;
	return in->fail ? err_set(err, ERR_PRECONDITION, "not now") : 0;
}

static void values_come_back(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct insert in = { .id = 1, .name = "one", .data = SLICE_LIT("a\0b") };
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), 0);
	in = (struct insert){ .id = 2, .data = SLICE_LIT("") };
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), 0);
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	assert_int_equal(db_read_begin(f->db, DB_READ_SNAPSHOT, &c, &err), 0);
	assert_int_equal(db_query(c, "SELECT name, data, more FROM t ORDER BY id", &st, &err), 0);
	assert_int_equal(db_step(st, &err), 1);
	assert_true(slice_is(db_text(st, 0), "one"));
	assert_true(slice_eq(db_blob(st, 1), SLICE_LIT("a\0b")));
	assert_int_equal(db_int(st, 2), 7);
	assert_int_equal(db_step(st, &err), 1);
	assert_true(db_is_null(st, 0) && db_text(st, 0).ptr == NULL);
	assert_true(db_blob(st, 1).ptr && db_blob(st, 1).len == 0);
	assert_int_equal(db_step(st, &err), 0);
	db_done(st);
	db_read_end(c);
}

static void a_failed_write_is_undone_alone(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct insert a = { .id = 1, .name = "x" }, b = { .id = 2, .name = "y", .fail = true }, d = { .id = 3, .name = "x" };
	assert_int_equal(db_write(f->db, insert, NULL, &a, &err), 0);
	assert_int_equal(db_write(f->db, insert, NULL, &b, &err), -1);
	assert_int_equal(err.code, ERR_PRECONDITION);
	assert_int_equal(db_write(f->db, insert, NULL, &d, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(count(f->db, "SELECT count(*) FROM t"), 1);
}

enum { THREADS = 16, EACH = 25 };
static int64_t order[THREADS * EACH];
static size_t order_n;

static void publish(void *arg)
{
	struct insert *in = arg;
	order[order_n++] = in->id;
	in->seen_by_reader = count(in->f->db, "SELECT max(id) FROM t") > 0;
}

static void *many(void *arg)
{
	struct insert *base = arg;
	for (int i = 0; i < EACH; i++) {
		struct insert in = *base;
		in.id += i;
		in.fail = i % 5 == 4;
		struct err err = { 0 };
		int rc = db_write(in.f->db, insert, publish, &in, &err);
		if (rc != (in.fail ? -1 : 0) || (rc == 0 && !in.seen_by_reader))
			return arg;
	}
	return NULL;
}

static void writers_share_commits(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	struct insert base[THREADS];
	order_n = 0;
	for (int i = 0; i < THREADS; i++) {
		base[i] = (struct insert){ .f = f, .id = 1 + i * EACH };
		assert_int_equal(pthread_create(&threads[i], NULL, many, &base[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(order_n, THREADS * EACH * 4 / 5);
	assert_int_equal(count(f->db, "SELECT count(*) FROM t"), order_n);
	assert_int_equal(db_verify(f->db, NULL), 0);
}

static void files_are_migrated_forward_only(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	fs_remove_tree(f->dir, NULL);
	assert_int_equal(fs_mkdirs(f->dir, 0700, &err), 0);
	assert_int_equal(reopen(f, 1, &err), 0);
	assert_int_equal(count(f->db, "SELECT count(*) FROM pragma_table_info('t')"), 3);
	assert_int_equal(reopen(f, 2, &err), 0);
	assert_int_equal(count(f->db, "SELECT count(*) FROM pragma_table_info('t')"), 4);
	assert_int_equal(reopen(f, 1, &err), -1);
	assert_int_equal(err.code, ERR_VERSION);
}

static void a_backup_opens(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct insert in = { .id = 1, .name = "kept" };
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), 0);
	char copy[96];
	snprintf(copy, sizeof copy, "%s/copy.db", f->dir);
	assert_int_equal(db_backup(f->db, copy, &err), 0);
	assert_int_equal(db_backup(f->db, copy, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	snprintf(f->path, sizeof f->path, "%s", copy);
	assert_int_equal(reopen(f, 2, &err), 0);
	assert_int_equal(count(f->db, "SELECT count(*) FROM t WHERE name = 'kept'"), 1);
}

static void what_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char other[96];
	snprintf(other, sizeof other, "%s/other.db", f->dir);
	char junk[5000];
	memset(junk, 'x', sizeof junk);
	assert_int_equal(fs_replace(other, slice_of(junk, sizeof junk), 0600, &err), 0);
	snprintf(f->path, sizeof f->path, "%s", other);
	assert_int_equal(reopen(f, 2, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
}

/* The system call under SQLite, replaced: fails with `write_errno` when that is set. */
static int write_errno;
static ssize_t failing_pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (write_errno) {
		errno = write_errno;
		return -1;
	}
	return pwrite(fd, p, n, at);
}

static void with_writes_failing(int errnum)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	write_errno = errnum;
	vfs->xSetSystemCall(vfs, "pwrite", errnum ? (sqlite3_syscall_ptr)failing_pwrite : NULL);
	vfs->xSetSystemCall(vfs, "pwrite64", errnum ? (sqlite3_syscall_ptr)failing_pwrite : NULL);
}

/* In the place of the C library's, also for SQLite: fails with `sync_errno` when that is set. */
static int sync_errno;
__attribute__((visibility("default"))) int fdatasync(int fd);
int fdatasync(int fd)
{
	if (sync_errno) {
		errno = sync_errno;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

/* What a sync that failed left on the disk is not known, whatever it failed for: the commit may be there after all. */
static void a_sync_without_space_poisons(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct insert in = { .id = 1, .name = "a" };
	sync_errno = ENOSPC;
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), -1);
	sync_errno = 0;
	assert_int_equal(err.code, ERR_IO);
	assert_int_equal(f->poisoned, 1);
}

static void a_full_disk_refuses_writes_and_goes_on_reading(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct insert in = { .id = 1, .name = "before" }, full = { .id = 2, .name = "full" };
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), 0);
	with_writes_failing(ENOSPC);
	assert_int_equal(db_write(f->db, insert, NULL, &full, &err), -1);
	assert_int_equal(err.code, ERR_NO_SPACE);
	assert_int_equal(count(f->db, "SELECT count(*) FROM t"), 1);
	with_writes_failing(0);
	assert_int_equal(db_write(f->db, insert, NULL, &full, &err), 0);
	assert_int_equal(count(f->db, "SELECT count(*) FROM t"), 2);
	assert_int_equal(f->poisoned, 0);
}

static void a_failed_commit_poisons(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct insert in = { .id = 1, .name = "a" };
	with_writes_failing(EIO);
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	with_writes_failing(0);
	assert_int_equal(f->poisoned, 1);
	assert_int_equal(db_write(f->db, insert, NULL, &in, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_int_equal(f->poisoned, 1);
	assert_int_equal(count(f->db, "SELECT count(*) FROM t"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_write_is_undone_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(writers_share_commits, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_migrated_forward_only, setup, teardown),
		cmocka_unit_test_setup_teardown(a_backup_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_database_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_refuses_writes_and_goes_on_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_commit_poisons, setup, teardown),
		cmocka_unit_test_setup_teardown(a_sync_without_space_poisons, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
