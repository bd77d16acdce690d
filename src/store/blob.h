/*
 * Large content as files below one directory, written once, never changed.
 *
 *   <root>/<2 hex>/<62 hex>-<16 hex>     hex SHA-256 of the content, and a number that is never used twice
 *   <root>/tmp/<16 hex>                  being written; emptied at open
 *
 * The 256 folders are made and synced at the first open, before tmp: a file is never acknowledged in a folder that a loss
 * of power could take along.
 *
 * A file is the content, then the CRC32C of each BLOB_BLOCK_BYTES block (little-endian u32), then a footer:
 * "CRCLBLB1", content size (u64), CRC32C of the checksums and these 16 bytes (u32). Whoever knows the size needs no
 * footer to read; fsck reads it.
 *
 * A name that blob_writer_end gave out is on disk with its directory entry synced. A sync that fails for another
 * reason than a full disk is ERR_IO: the caller poisons the store and does not try again.
 */
#ifndef CORACLE_STORE_BLOB_H
#define CORACLE_STORE_BLOB_H

#include "base/err.h"
#include "base/fs.h"
#include "base/random.h"
#include "base/slice.h"
#include "base/vec.h"

enum { BLOB_BLOCK_BYTES = 256 << 10, BLOB_NAME_CHARS = 2 + 1 + 62 + 1 + 16, BLOB_FOOTER_BYTES = 8 + 8 + 4 };

struct blob_dir {
	const struct fs *fs;
	const struct random *random;
	char *path;
	int root, tmp; /* descriptors */
};

/* Makes what is missing and empties tmp/. One process at a time. */
int blob_dir_open(struct blob_dir *d, const char *path, const struct fs *fs, const struct random *random,
		  struct err *err);
void blob_dir_close(struct blob_dir *d);

struct blob_writer {
	struct blob_dir *dir;
	int fd;
	char tmp_name[17];
	int64_t size;
	int64_t begun; /* bytes whose way to the disk was begun */
	uint32_t crc;	  /* of the block being filled */
	uint32_t in_block; /* bytes of it */
	VEC(uint32_t) crcs;
};

int blob_writer_begin(struct blob_writer *w, struct blob_dir *dir, struct err *err);
int blob_writer_write(struct blob_writer *w, const void *p, size_t n, struct err *err);
/* Chooses the file's name (BLOB_NAME_CHARS and NUL). Does nothing on disk: it is for the caller to note first. */
void blob_writer_name(const struct blob_writer *w, const uint8_t sha256[32], char *name);
/* Syncs, renames, syncs the directory. The writer is closed either way. */
int blob_writer_end(struct blob_writer *w, const char *name, struct err *err);
/* Closes and removes the unfinished file; a closed or zeroed writer is left alone. */
void blob_writer_drop(struct blob_writer *w);

/* ERR_NOT_FOUND when there is no such file, ERR_CORRUPT when its length does not fit `size`. */
int blob_open(struct blob_dir *d, const char *name, int64_t size, int *fd, struct err *err);
/* Reads block `index` of a file of `size` bytes into `out` (BLOB_BLOCK_BYTES) and checks it; *n is its length. */
int blob_read_block(struct blob_dir *d, int fd, int64_t size, int64_t index, void *out, size_t *n, struct err *err);
/* Reads and checks the whole file: blocks, footer and the hash of its name. */
int blob_verify(struct blob_dir *d, const char *name, int64_t size, struct err *err);
/* Missing is success. */
int blob_unlink(struct blob_dir *d, const char *name, struct err *err);
/* Every file's name, in no order; stops and returns what `each` returns when that is not 0. */
int blob_each(struct blob_dir *d, int (*each)(void *arg, const char *name, struct err *err), void *arg,
	      struct err *err);

#endif
