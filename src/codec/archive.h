/*
 * Reading tar (ustar, pax, GNU long names; bare or in gzip, bzip2, xz, Zstandard, LZ4) and zip (stored and deflated,
 * ZIP64) archives that come from anywhere: one entry after the other, its name already safe, its bytes pulled.
 *
 * What is refused, so that unpacking an archive below a folder cannot touch anything else: absolute names, "..", links of
 * either kind, devices, names given twice or once as file and once as folder, names that are not UTF-8 or have control
 * characters or backslashes, encrypted entries, zip entries whose two headers differ or whose data overlap, entries and
 * bytes over the caps, CRCs that are wrong. Whoever writes the files still opens them relative to a folder, without
 * following links.
 *
 * Formats: POSIX.1-2001 pax interchange format, GNU tar's manual, PKWARE's APPNOTE 6.3.
 */
#ifndef CORACLE_CODEC_ARCHIVE_H
#define CORACLE_CODEC_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

enum archive_kind { ARCHIVE_FILE, ARCHIVE_FOLDER };

struct archive_entry {
	struct slice name; /* "folder/file", NUL-terminated, valid until the next entry */
	enum archive_kind kind;
	uint64_t bytes;
};

/* The archive itself. */
struct archive_input {
	/* n bytes at offset, as pread: fewer only at the end, -1 and errno. */
	ssize_t (*read_at)(void *ctx, void *to, size_t n, uint64_t offset);
	void *ctx;
	uint64_t bytes; /* of the whole */
};

struct archive_caps {
	uint64_t entries_max;
	uint64_t bytes_max;   /* of all entries */
	uint64_t grace_bytes; /* below this any ratio is fine */
	uint64_t ratio;	      /* unpacked over packed */
};

struct archive;

/* ERR_UNSUPPORTED when it is neither tar nor zip. The format is told by the content. */
int archive_open(struct archive_input input, const struct archive_caps *caps, struct archive **out, struct err *err);
/* A regular file, which stays the caller's; caps of the limits table. */
int archive_open_fd(int fd, struct archive **out, struct err *err);
void archive_free(struct archive *a);

/* *more false after the last. What was left unread of the entry before is skipped, and checked as if it had been read.
 * ERR_FORBIDDEN for what an archive may not hold, ERR_CORRUPT broken, ERR_TOO_LARGE, ERR_UNSUPPORTED. */
int archive_next(struct archive *a, struct archive_entry *out, bool *more, struct err *err);
/* Bytes of the entry; *got 0 at its end. */
int archive_read(struct archive *a, void *to, size_t n, size_t *got, struct err *err);

#endif
