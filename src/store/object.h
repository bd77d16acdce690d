/*
 * The object store: buckets of objects, each a list of parts, in objects.db and blobs/. Blocking, thread-safe.
 *
 *   struct content *c;                                 bytes on their way in, hashed as they come
 *   content_begin(store, CONTENT_SHA256, checksum, &c, err); content_write(c, p, n, err)…; content_end(c, err);
 *   (compare c's digests with what the client announced)
 *   object_put(store, &put, c, arena, &info, err);     visible and durable when it returns; takes c either way
 *
 *   object_open(store, bucket, key, arena, &o, err);   bytes on their way out
 *   while (at < object_info(o)->size) { object_view(o, at, &bytes, err); …; at += bytes.len; } object_close(o);
 *
 * - Content up to limits.object_inline_bytes lies in its row: many small puts share one sync. Larger content is a file
 *   below blobs/ named by its SHA-256 and a number that is never used twice; equal content shares a file.
 * - Order on disk: file written, synced, renamed, directory synced, then the row. A row never names a missing file.
 * - References are counted in the transaction that adds or drops a row. What loses its last reference is moved to
 *   the table of garbage in that transaction and unlinked afterwards: since no file name comes back, the sweep cannot
 *   race a put of the same content.
 * - Each 256 KiB block of a file carries a CRC32C, as does each inline content; a mismatch is ERR_CORRUPT.
 * - Copy and complete write rows only. A key's order is the order of its bytes.
 * - An open object goes on reading what it was when opened, whatever happens to its key.
 *
 * Errors use err.sub (enum object_error) beside the code.
 */
#ifndef CORACLE_STORE_OBJECT_H
#define CORACLE_STORE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/random.h"
#include "base/slice.h"

struct object_store;
struct content;
struct object;

enum object_error {
	OBJECT_OTHER = 0,
	OBJECT_NO_BUCKET,	   /* ERR_NOT_FOUND */
	OBJECT_NO_KEY,		   /* ERR_NOT_FOUND */
	OBJECT_NO_UPLOAD,	   /* ERR_NOT_FOUND */
	OBJECT_BUCKET_NAME,	   /* ERR_INVALID: not a valid bucket name */
	OBJECT_BUCKET_NOT_EMPTY,   /* ERR_CONFLICT */
	OBJECT_BUCKET_EXISTS,	   /* ERR_EXISTS */
	OBJECT_KEY_TOO_LONG,	   /* ERR_URI_TOO_LONG */
	OBJECT_PART_UNKNOWN,	   /* ERR_INVALID: a part that was never uploaded, or has another ETag */
	OBJECT_PART_ORDER,	   /* ERR_INVALID: part numbers do not ascend */
	OBJECT_PART_TOO_SMALL,	   /* ERR_INVALID: below 5 MiB and not the last */
	OBJECT_PART_CHECKSUM,	   /* ERR_INVALID: a checksum of the list or of the whole differs */
	OBJECT_PRECONDITION,	   /* ERR_PRECONDITION */
	OBJECT_TOO_LARGE,	   /* ERR_TOO_LARGE */
};

struct object_store_options {
	const char *dir; /* the data directory: objects.db and blobs/ are made below */
	const struct clock *clock;
	const struct random *random;
	const struct fs *fs;
	void (*on_poison)(void *arg, const struct err *why); /* see store/db.h */
	void *arg;
};

int object_store_open(const struct object_store_options *options, struct object_store **out, struct err *err);
void object_store_close(struct object_store *s);

/* --- buckets --- */

struct bucket_info {
	struct slice name;
	int64_t created_ms; /* since 1970 UTC */
};

/* 3 to 63 of a-z 0-9 . -, beginning and ending with a letter or digit, no "..", not an IPv4 address. */
int bucket_name_check(struct slice name, struct err *err);
int bucket_create(struct object_store *s, struct slice name, struct err *err);
int bucket_delete(struct object_store *s, struct slice name, struct err *err);
int bucket_stat(struct object_store *s, struct slice name, struct bucket_info *out, struct err *err);
/* All, by name; the array lies in the arena. */
int bucket_list(struct object_store *s, struct arena *arena, struct bucket_info **out, size_t *n, struct err *err);

/* --- checksums that a client may ask for beside the MD5 --- */

enum checksum_kind {
	CHECKSUM_NONE,
	CHECKSUM_CRC32,
	CHECKSUM_CRC32C,
	CHECKSUM_CRC64NVME,
	CHECKSUM_SHA1,
	CHECKSUM_SHA256,
	CHECKSUM_KINDS
};
enum { CHECKSUM_BYTES_MAX = 32 };

struct checksum {
	enum checksum_kind kind;
	bool composite; /* of the parts' checksums, not of the bytes */
	uint8_t bytes[CHECKSUM_BYTES_MAX];
};

/* 4, 8, 20 or 32; 0 for none. */
size_t checksum_bytes(enum checksum_kind kind);

/* --- what an object is --- */

/*
 * Headers and user metadata as lines "name: value\n", names in lower case, as a client set them: content-type,
 * cache-control, content-disposition, content-encoding, content-language, expires, x-amz-meta-…
 * Values hold no control characters. The store does not look into them.
 */
struct object_info {
	struct slice key;
	int64_t size;
	int64_t modified_ms;
	char etag[48];	  /* without quotes: hex MD5, or hex MD5 "-" parts */
	uint32_t parts_n; /* of a multipart upload; 0: put in one piece */
	struct checksum checksum;
	struct slice headers;
};

/* What the stored object must be like for a write to happen. Empty: no condition. */
struct object_condition {
	bool absent;	   /* If-None-Match: * */
	struct slice etag; /* If-Match, without quotes; "*" for any that exists */
};

/* --- in --- */

enum content_flags { CONTENT_SHA256 = 1 }; /* digest wanted even where the store needs none */

int content_begin(struct object_store *s, unsigned flags, enum checksum_kind checksum, struct content **out,
		  struct err *err);
/* ERR_TOO_LARGE over limits.s3_put_bytes; ERR_NO_SPACE, as content_begin, with limits.object_reserve_bytes left. */
int content_write(struct content *c, const void *p, size_t n, struct err *err);
/* No more bytes: digests are known, the bytes are on disk (but not yet anybody's). */
int content_end(struct content *c, struct err *err);
void content_drop(struct content *c);

/* After content_end. */
int64_t content_size(const struct content *c);
const uint8_t *content_md5(const struct content *c);	/* 16 */
const uint8_t *content_sha256(const struct content *c); /* 32, NULL when not asked for and not needed */
const struct checksum *content_checksum(const struct content *c);

struct object_put {
	struct slice bucket, key;
	struct slice headers;
	struct object_condition condition;
};

/* Takes `content` (ended), also when it fails. */
int object_put(struct object_store *s, const struct object_put *put, struct content *content, struct arena *arena,
	       struct object_info *out, struct err *err);

/* --- out --- */

int object_stat(struct object_store *s, struct slice bucket, struct slice key, struct arena *arena,
		struct object_info *out, struct err *err);
/* The object and what belongs to it lie in the arena, but call object_close. */
int object_open(struct object_store *s, struct slice bucket, struct slice key, struct arena *arena,
		struct object **out, struct err *err);
const struct object_info *object_info(const struct object *o);
/* Verified bytes from `offset` on: at least one, at most to the end of a block; valid until the next call.
 * `offset` is below size. */
int object_view(struct object *o, int64_t offset, struct slice *out, struct err *err);
/* Where part `number` (1…) lies; an object in one piece is its own part 1. ERR_RANGE when there is none. */
int object_part(const struct object *o, uint32_t number, int64_t *offset, int64_t *size, struct err *err);
void object_close(struct object *o);

/* --- delete, copy --- */

/* 0 also when there was nothing, unless the condition wants it. *existed may be NULL. */
int object_delete(struct object_store *s, struct slice bucket, struct slice key,
		  const struct object_condition *condition, bool *existed, struct err *err);
/* Many keys in one transaction; missing ones are no error. */
int object_delete_many(struct object_store *s, struct slice bucket, const struct slice *keys, size_t n,
		       struct err *err);

struct object_copy {
	struct slice from_bucket, from_key;
	struct slice from_etag; /* the source must still have it; {NULL, 0}: any. From object_stat, for its conditions */
	struct slice bucket, key;
	bool replace_headers;
	struct slice headers; /* with replace_headers */
	struct object_condition condition;
};

int object_copy(struct object_store *s, const struct object_copy *copy, struct arena *arena, struct object_info *out,
		struct err *err);

/* --- list --- */

struct object_query {
	struct slice bucket;
	struct slice prefix, delimiter; /* empty: none */
	struct slice after;		/* items that come after this key or common prefix */
	size_t max;			/* items of one page */
};

struct object_item {
	bool common_prefix;	 /* then only info.key, the prefix, is set */
	struct object_info info; /* without headers */
};

struct object_page {
	struct object_item *items; /* in the arena */
	size_t n;
	bool truncated; /* go on with after = items[n - 1].info.key */
};

int object_list(struct object_store *s, const struct object_query *query, struct arena *arena,
		struct object_page *out, struct err *err);

/* --- multipart uploads --- */

enum { UPLOAD_ID_CHARS = 32, UPLOAD_PART_BYTES_MIN = 5 << 20 };

struct upload_info {
	struct slice id;
	struct slice key;
	int64_t created_ms;
	enum checksum_kind checksum;
	bool composite;
	bool common_prefix; /* of upload_list: only key is set */
};

struct upload_begin {
	struct slice bucket, key, headers;
	enum checksum_kind checksum;
	bool composite; /* else the checksum is of the whole object (CRCs only) */
};

struct part_info {
	uint32_t number;
	int64_t size;
	int64_t modified_ms;
	uint8_t md5[16];
	struct checksum checksum;
};

int upload_begin(struct object_store *s, const struct upload_begin *begin, struct arena *arena, struct slice *id,
		 struct err *err);
int upload_stat(struct object_store *s, struct slice bucket, struct slice key, struct slice id, struct arena *arena,
		struct upload_info *out, struct err *err);
/* Puts or replaces a part, 1 to limits.s3_parts. Takes `content` (ended), also when it fails. */
int upload_part(struct object_store *s, struct slice bucket, struct slice key, struct slice id, uint32_t number,
		struct content *content, struct part_info *out, struct err *err);

/* One line of the list that completes an upload. */
struct upload_pick {
	uint32_t number;
	struct slice etag; /* without quotes */
	struct checksum checksum;
};

struct upload_complete {
	struct slice bucket, key, id;
	const struct upload_pick *picks;
	size_t picks_n;
	struct checksum whole; /* what the client says of the whole object; kind NONE: nothing */
	int64_t size;	       /* the same of its size; -1: nothing */
	struct object_condition condition;
};

int upload_complete(struct object_store *s, const struct upload_complete *complete, struct arena *arena,
		    struct object_info *out, struct err *err);
int upload_abort(struct object_store *s, struct slice bucket, struct slice key, struct slice id, struct err *err);

struct upload_query {
	struct slice bucket, prefix, delimiter;
	struct slice after_key, after_id; /* after_id empty: after all uploads of that key */
	size_t max;
};

int upload_list(struct object_store *s, const struct upload_query *query, struct arena *arena,
		struct upload_info **out, size_t *n, bool *truncated, struct err *err);
/* Parts with a number above `after`, at most max. */
int upload_parts(struct object_store *s, struct slice bucket, struct slice key, struct slice id, uint32_t after,
		 size_t max, struct arena *arena, struct part_info **out, size_t *n, bool *truncated,
		 struct err *err);

/* --- care --- */

struct object_fsck {
	int64_t buckets, objects, uploads, contents, files, bytes;
	int64_t faults;
};

/* Checks the database, every reference count, every file's length and blocks, and that no file is nobody's.
 * `fault(arg, text)` is called for each finding. -1 only when the check itself could not be made. */
int object_store_fsck(struct object_store *s, void (*fault)(void *arg, const char *text), void *arg,
		      struct object_fsck *out, struct err *err);
/* Unlinks what nobody refers to any more; *files and *bytes say how much. Runs by itself after writes, too. */
int object_store_gc(struct object_store *s, int64_t *files, int64_t *bytes, struct err *err);
/* Online copy of everything into the directory `to`, which must not exist: objects.db and blobs/. */
int object_store_backup(struct object_store *s, const char *to, struct err *err);

#endif
