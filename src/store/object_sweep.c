/*
 * Unlinks files that became garbage, on a thread of its own: see object.h.
 *
 * A file name never comes back, so a file in the table of garbage is nobody's for good: the sweep unlinks first and
 * forgets the row afterwards; a crash between the two finds the row again. Open multipart objects hold a pin.
 *
 * A crash between a file and its row leaves a file that no table knows. The file "clean" stands in the directory between
 * an orderly close and the next open; where it is missing, the sweep first looks through all files.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/vec.h"
#include "store/object_store.h"

enum { SWEEP_STACK_BYTES = 256 << 10 };

void sweeper_pin(struct object_store *s, struct sweep_pin *pin)
{
	pthread_mutex_lock(&s->lock);
	*pin = (struct sweep_pin){ .horizon = 0, .next = s->pins, .prev = &s->pins };
	if (pin->next)
		pin->next->prev = &pin->next;
	s->pins = pin;
	pthread_mutex_unlock(&s->lock);
}

int sweep_horizon(struct object_store *s, struct db_conn *c, struct sweep_pin *pin, struct err *err)
{
	struct db_stmt *st = NULL;
	if (db_query(c, "SELECT coalesce(max(id), 0) FROM garbage", &st, err) < 0)
		return -1;
	int rc = db_step(st, err);
	int64_t horizon = rc == 1 ? db_int(st, 0) : 0;
	db_done(st);
	pthread_mutex_lock(&s->lock);
	pin->horizon = horizon;
	pthread_mutex_unlock(&s->lock);
	return rc < 0 ? -1 : 0;
}

void sweeper_unpin(struct object_store *s, struct sweep_pin *pin)
{
	pthread_mutex_lock(&s->lock);
	*pin->prev = pin->next;
	if (pin->next)
		pin->next->prev = pin->prev;
	s->sweep = true; /* what this pin held back */
	pthread_cond_signal(&s->sweep_wanted);
	pthread_mutex_unlock(&s->lock);
}

void sweeper_wake(struct object_store *s)
{
	if (!atomic_load_explicit(&s->garbage_made, memory_order_relaxed) ||
	    !atomic_exchange(&s->garbage_made, false))
		return;
	pthread_mutex_lock(&s->lock);
	s->sweep = true;
	pthread_cond_signal(&s->sweep_wanted);
	pthread_mutex_unlock(&s->lock);
}

static int64_t horizon_now(struct object_store *s)
{
	int64_t horizon = INT64_MAX;
	pthread_mutex_lock(&s->lock);
	for (const struct sweep_pin *p = s->pins; p; p = p->next)
		if (p->horizon < horizon)
			horizon = p->horizon;
	pthread_mutex_unlock(&s->lock);
	return horizon;
}

struct forget {
	int64_t first, last;
};

static int forget_run(struct db_conn *c, void *arg, struct err *err)
{
	const struct forget *f = arg;
	return db_exec(c, "DELETE FROM garbage WHERE id BETWEEN ?1 AND ?2", err, DB_I(f->first), DB_I(f->last));
}

/* One batch. *n is how many files it unlinked. */
static int sweep_batch(struct object_store *s, int64_t *n, struct err *err)
{
	enum { BATCH = 256 };
	struct db_conn *c = NULL;
	struct db_stmt *st = NULL;
	struct forget f = { 0 };
	VEC(char *) files = { 0 };
	if (db_read_begin(s->db, DB_READ_ONE, &c, err) < 0)
		return -1;
	int rc = db_query(c, "SELECT id, file FROM garbage WHERE id <= ?1 ORDER BY id LIMIT ?2", &st, err,
			  DB_I(horizon_now(s)), DB_I(BATCH));
	while (rc == 0 && (rc = db_step(st, err)) == 1) {
		struct slice file = db_text(st, 1);
		f.last = db_int(st, 0);
		if (!f.first)
			f.first = f.last;
		*vec_push(&files) = strndup(file.ptr, file.len);
		rc = 0;
	}
	db_done(st);
	db_read_end(c);
	for (size_t i = 0; i < files.len; i++) {
		if (rc == 0)
			rc = blob_unlink(&s->blobs, files.ptr[i], err);
		free(files.ptr[i]);
	}
	*n = (int64_t)files.len;
	vec_release(&files);
	return rc < 0 || !*n ? rc : db_write(s->db, forget_run, NULL, &f, err);
}

static const char clean_mark[] = "clean";

static void recover(struct object_store *s)
{
	struct err err = { 0 };
	int64_t files = 0, bytes = 0;
	if (object_store_gc(s, &files, &bytes, &err) < 0)
		LOG_WARN("store", "looking for files without a row failed; coracle gc tries again",
			 LOG_S("reason", err.message));
	else if (files)
		LOG_INFO("store", "files that were being written when the process ended are gone",
			 LOG_I("files", files), LOG_I("bytes", bytes));
}

static void *sweeper_main(void *arg)
{
	struct object_store *s = arg;
	if (s->recovering)
		recover(s);
	pthread_mutex_lock(&s->lock);
	s->recovering = false;
	pthread_cond_broadcast(&s->recovered);
	while (!s->stopping) {
		if (!s->sweep) {
			pthread_cond_wait(&s->sweep_wanted, &s->lock);
			continue;
		}
		s->sweep = false;
		pthread_mutex_unlock(&s->lock);
		struct err err = { 0 };
		int64_t n = 0;
		int rc = sweep_batch(s, &n, &err);
		if (rc < 0)
			LOG_WARN("store", "unlinking unused files failed; the next sweep tries again",
				 LOG_S("reason", err.message));
		pthread_mutex_lock(&s->lock);
		if (rc == 0 && n)
			s->sweep = true;
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int sweeper_start(struct object_store *s, struct err *err)
{
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, SWEEP_STACK_BYTES);
	s->sweep = true; /* what a crash left */
	s->recovering = s->fs->unlink_at(s->fs, s->blobs.root, clean_mark, 0) < 0;
	int e = pthread_create(&s->sweeper, &attr, sweeper_main, s);
	pthread_attr_destroy(&attr);
	return e ? err_errno(err, e, "starting the sweep of the object store") : 0;
}

void sweeper_stop(struct object_store *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_signal(&s->sweep_wanted);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->sweeper, NULL);
	/* A lost mark costs a look through the files, one that is wrongly there nothing but the space of such a file. */
	int fd = s->fs->open_at(s->fs, s->blobs.root, clean_mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		s->fs->close(s->fs, fd);
}

void sweeper_wait_recovered(struct object_store *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->recovering)
		pthread_cond_wait(&s->recovered, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
