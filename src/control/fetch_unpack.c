/*
 * A fetched archive becomes its content. What an archive may hold is codec/archive.h's business; here every file is
 * opened below the folder without following links, and counted like any other fetched file.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "codec/archive.h"
#include "control/beneath.h"
#include "control/fetch_parts.h"

enum { PIECE_BYTES = 256 << 10 };

bool fetch_is_archive(struct slice name)
{
	static const char *const ends[] = {".tar", ".tar.gz", ".tgz", ".zip"};
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (slice_ends(name, ends[i]) && name.len > strlen(ends[i]))
			return true;
	return false;
}

static int unpack_entry(struct fetch_sink *s, struct archive *a, const struct archive_entry *entry, char *piece,
			struct err *err)
{
	struct fetch_file f;
	size_t got = 1;
	if (fetch_file_begin(s, entry->name, &f, err) < 0)
		return -1;
	int rc = 0;
	while (rc == 0 && got) {
		rc = archive_read(a, piece, PIECE_BYTES, &got, err);
		if (rc == 0 && got)
			rc = fetch_file_write(&f, piece, got, err);
	}
	if (fetch_file_end(&f, rc == 0, err) < 0)
		rc = -1;
	return rc;
}

int fetch_unpack(struct fetch_sink *s, struct slice name, struct err *err)
{
	struct archive *a = NULL;
	struct archive_entry entry;
	char text[256], *piece = NULL;
	bool more = true;
	int fd = beneath_open(s->dir, name, O_RDONLY, 0, err), rc;
	if (fd < 0)
		return -1;
	snprintf(text, sizeof text, "%.*s", (int)MIN(name.len, sizeof text - 1), name.ptr);
	rc = archive_open_fd(fd, &a, err);
	if (rc == 0 && unlinkat(s->dir, text, 0) < 0) /* its name may be one of its entries' */
		rc = err_set(err, ERR_IO, "cannot remove %s", text);
	s->files--;
	piece = malloc(PIECE_BYTES);
	if (!piece)
		abort();
	while (rc == 0 && (rc = archive_next(a, &entry, &more, err)) == 0 && more)
		if (entry.kind == ARCHIVE_FILE)
			rc = unpack_entry(s, a, &entry, piece, err);
	if (rc < 0)
		err_wrap(err, "%s", text);
	else
		fetch_log(s->o, "Unpacked %s", text);
	free(piece);
	archive_free(a);
	close(fd);
	return rc;
}
