/* What the files of the object store share; for them alone. The face is store/object.h, the schema object_store.c. */
#ifndef CORACLE_STORE_OBJECT_STORE_H
#define CORACLE_STORE_OBJECT_STORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "crypto/hash.h"
#include "store/blob.h"
#include "store/db.h"
#include "store/lane.h"
#include "store/object.h"

struct object_store {
	struct db *db;
	struct blob_dir blobs;
	const struct clock *clock;
	const struct fs *fs;
	const struct random *random;
	void (*on_poison)(void *arg, const struct err *why);
	void *arg;
	char *dir;

	pthread_mutex_t lock; /* of what follows */
	struct content *in_flight; /* contents whose file has its name but no row yet */
	struct sweep_pin *pins;
	pthread_t sweeper;
	pthread_cond_t sweep_wanted;
	bool sweep, stopping;
	bool recovering; /* after a stop that was not clean: files without a row are being looked for */
	pthread_cond_t recovered;
	atomic_uint lanes;
	atomic_bool garbage_made; /* by a write since the sweeper was last woken */
};

int64_t store_now_ms(const struct object_store *s);
/* A sync of a file failed: nothing can be known about the disk any more. Returns -1. */
int store_poison(struct object_store *s, const struct err *why);

/* --- content.c: rows of the table content, and their references --- */

struct content {
	struct object_store *store;
	unsigned flags;
	int64_t size;
	struct buf small; /* everything, until it is too large for a row */
	bool in_file, ended;
	bool adopted; /* a row names our file: not ours any more */
	struct blob_writer writer;
	char file[BLOB_NAME_CHARS + 1];
	struct content *next, **prev; /* in store->in_flight, under its lock */
	bool in_flight;		      /* the owner's own note of that */

	struct hash md5_state, sha256_state;
	struct lane *md5_lane; /* then it has the MD5's state */
	bool lane_refused;
	bool has_sha256;
	struct hash checksum_state; /* SHA-1; SHA-256 is shared */
	uint64_t crc;
	uint8_t md5[16], sha256[32];
	struct checksum checksum;
};

/* In a write: a row for `content` with one reference; *id is its key. */
int content_adopt(struct db_conn *c, struct content *content, int64_t *id, struct err *err);
/* Ends a content after the write that took it. What was not committed is not adopted; when nobody knows (ERR_IO: the
 * process is about to stop), the file stays for the sweep of a later start. */
void content_settle(struct content *content, int rc, const struct err *err);
int content_ref(struct db_conn *c, int64_t id, struct err *err);
/* Drops one reference; the last one drops the row and makes its file garbage. */
int content_unref(struct object_store *s, struct db_conn *c, int64_t id, struct err *err);

/* --- object_sweep.c --- */

int sweeper_start(struct object_store *s, struct err *err);
void sweeper_stop(struct object_store *s);
/* Blocks until what a crash left behind was looked through. */
void sweeper_wait_recovered(struct object_store *s);
/* After a write: there may be garbage. Cheap when there is none. */
void sweeper_wake(struct object_store *s);

/* Who will open files later keeps them: while a pin stands, only what was garbage up to `horizon` is unlinked.
 * 0, as sweeper_pin leaves it, keeps everything; then read the rows, and sweep_horizon in the same snapshot. */
struct sweep_pin {
	int64_t horizon;
	struct sweep_pin *next, **prev;
};
void sweeper_pin(struct object_store *s, struct sweep_pin *pin);
int sweep_horizon(struct object_store *s, struct db_conn *c, struct sweep_pin *pin, struct err *err);
void sweeper_unpin(struct object_store *s, struct sweep_pin *pin);

/* --- object_row.c: the row of an object and what its columns mean --- */

struct object_row {
	struct object_info info; /* slices as the statement or the caller has them */
	int64_t content;	 /* 0: multipart, its parts are owner's */
	int64_t owner;
};

#define OBJECT_COLUMNS "o.key, o.size, o.modified, o.etag, o.parts, o.checksum, o.headers, o.content, o.owner"
enum { OBJECT_COLUMNS_N = 9 };

/* Reads OBJECT_COLUMNS from `column` on; slices go into the arena when there is one. */
void object_row_read(struct db_stmt *st, int column, struct arena *arena, struct object_row *out);
/* In a write: looks a bucket up. ERR_NOT_FOUND, OBJECT_NO_BUCKET. */
int bucket_id(struct db_conn *c, struct slice name, int64_t *id, struct err *err);
/* In a write: *found false when there is no such key. Slices are not kept: headers and key are empty. */
int object_row_find(struct db_conn *c, int64_t bucket, struct slice key, bool *found, struct object_row *out,
		    struct err *err);
/* In a write: checks the condition, drops what stood there, inserts. */
int object_row_put(struct object_store *s, struct db_conn *c, int64_t bucket, struct slice key,
		   const struct object_condition *condition, const struct object_row *row, struct err *err);
/* In a write: drops the references of a row and the row. */
int object_row_drop(struct object_store *s, struct db_conn *c, int64_t bucket, struct slice key,
		    const struct object_row *row, struct err *err);
int object_condition_check(const struct object_condition *condition, bool found, const char *etag, struct err *err);
int object_key_check(struct slice key, struct err *err);
/* In a write: drops every part of an owner. */
int parts_drop(struct object_store *s, struct db_conn *c, int64_t owner, struct err *err);
int next_owner(struct db_conn *c, int64_t *out, struct err *err);

enum { CHECKSUM_COLUMN_BYTES = 2 + CHECKSUM_BYTES_MAX };
/* A checksum as a column: kind, composite, bytes; {NULL, 0} for none. */
struct slice checksum_pack(const struct checksum *checksum, uint8_t out[CHECKSUM_COLUMN_BYTES]);
void checksum_unpack(struct slice column, struct checksum *out);
void etag_format(const uint8_t md5[16], uint32_t parts, char out[48]);

int no_bucket(struct slice name, struct err *err);
int no_key(struct err *err);

#endif
