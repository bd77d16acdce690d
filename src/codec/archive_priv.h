/* What the two formats share: see archive.h. Not for others. */
#ifndef CORACLE_CODEC_ARCHIVE_PRIV_H
#define CORACLE_CODEC_ARCHIVE_PRIV_H

#include "base/map.h"
#include "codec/archive.h"

enum { ARCHIVE_NAME_MAX = 1024, ARCHIVE_COMPONENT_MAX = 255 };

struct archive_format {
	/* *more false: no further entry. name is checked by the caller. */
	int (*next)(struct archive *a, struct archive_entry *out, bool *more, struct err *err);
	int (*read)(struct archive *a, void *to, size_t n, size_t *got, struct err *err);
	void (*free)(struct archive *a);
};

struct archive {
	const struct archive_format *format;
	void *state; /* of the format */
	struct archive_input input;
	struct archive_caps caps;
	struct map names; /* "folder/" or "file": seen */
	uint64_t entries, bytes; /* handed out so far, announced and read */
	char name[ARCHIVE_NAME_MAX + 1];
};

/* The whole range or ERR_CORRUPT. */
int archive_read_at(struct archive *a, void *to, size_t n, uint64_t offset, struct err *err);

int archive_tar_open(struct archive *a, struct err *err);
int archive_zip_open(struct archive *a, struct err *err);

#endif
