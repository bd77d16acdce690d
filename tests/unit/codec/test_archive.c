/* Archives that Python's libraries wrote, and what must not be unpacked (tests/fixtures/make_archives.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/fs.h"
#include "codec/archive.h"

#define ARCHIVES TEST_DATA_DIR "/fixtures/archives/"

struct memory {
	const char *text;
	size_t len;
};

static ssize_t read_memory(void *ctx, void *to, size_t n, uint64_t offset)
{
	const struct memory *m = ctx;
	assert_true(offset <= m->len);
	n = MIN(n, m->len - (size_t)offset);
	memcpy(to, m->text + offset, n);
	return (ssize_t)n;
}

static const struct archive_caps caps = { .entries_max = 100, .bytes_max = 1 << 20, .grace_bytes = 1 << 20, .ratio = 100 };

/* Reads everything. The names found go to `names`, comma-separated, with sizes. */
static int read_all(const char *text, size_t len, char *names, size_t room, struct err *err)
{
	struct memory m = { text, len };
	struct archive *a;
	struct archive_entry e;
	bool more;
	size_t at = 0;
	if (archive_open((struct archive_input){ read_memory, &m, len }, &caps, &a, err) < 0)
		return -1;
	int rc;
	while ((rc = archive_next(a, &e, &more, err)) == 0 && more) {
		char piece[77];
		size_t got = 0;
		uint64_t n = 0;
		while ((rc = archive_read(a, piece, sizeof piece, &got, err)) == 0 && got > 0)
			n += got;
		if (rc < 0)
			break;
		assert_int_equal(n, e.bytes);
		if (names)
			at += (size_t)snprintf(names + at, room - at, "%.*s%s:%llu,", SLICE_ARG(e.name),
					       e.kind == ARCHIVE_FOLDER ? "/" : "", (unsigned long long)n);
	}
	archive_free(a);
	return rc;
}

static void slurp(const char *name, char **text, size_t *n)
{
	char path[512];
	struct err err = { 0 };
	(void)snprintf(path, sizeof path, ARCHIVES "%s", name);
	if (fs_slurp(path, 1 << 20, text, n, &err) < 0)
		fail_msg("%s", err.message);
}

static void good_archives_give_their_entries(void **state)
{
	(void)state;
	static const char *const files[] = { "good.tar",     "good-gnu.tar", "good.tar.gz",	"good.tar.bz2", "good.tar.xz",
					     "good.tar.lz4", "good.zip",     "good-stored.zip", "good-64.zip" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *text, names[2048], want[2048];
		size_t n;
		struct err err = { 0 };
		slurp(files[i], &text, &n);
		if (read_all(text, n, names, sizeof names, &err) < 0)
			fail_msg("%s: %s", files[i], err.message);
		size_t at = (size_t)snprintf(want, sizeof want, "model/:0,model/model.joblib:2030,model/MLmodel:5,empty:0,model/");
		for (int k = 0; k < 50; k++)
			at += (size_t)snprintf(want + at, sizeof want - at, "long");
		(void)snprintf(want + at, sizeof want - at, "/f\u00e9:3,");
		assert_string_equal(names, want);
		free(text);
	}
}

static void bad_archives_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *part, *says;
		enum err_code code;
	} rules[] = {
		{ "absolute", "absolute", ERR_FORBIDDEN },	{ "up-only", "leads out", ERR_FORBIDDEN },
		{ "up", "leads out", ERR_FORBIDDEN },		{ "backslash", "character", ERR_FORBIDDEN },
		{ "twice", "there twice", ERR_FORBIDDEN },	{ "below-file", "below a file", ERR_FORBIDDEN },
		{ "file-over-folder", "twice", ERR_FORBIDDEN }, { "control", "character", ERR_FORBIDDEN },
		{ "long", "too long", ERR_FORBIDDEN },		{ "link", "is a link", ERR_FORBIDDEN },
		{ "hard-link", "is a link", ERR_FORBIDDEN },	{ "device", "is a device", ERR_FORBIDDEN },
		{ "pipe", "is a device", ERR_FORBIDDEN },	{ "cut", "", ERR_CORRUPT },
		{ "no-end", "cut off", ERR_CORRUPT },		{ "after-end", "more data", ERR_CORRUPT },
		{ "checksum", "", ERR_UNSUPPORTED },		{ "size", "", ERR_TOO_LARGE },
		{ "crc", "CRC", ERR_CORRUPT },			{ "local-name", "headers differ", ERR_CORRUPT },
		{ "encrypted", "encrypted", ERR_UNSUPPORTED },	{ "prefix", "", ERR_UNSUPPORTED },
		{ "comment", "end record", ERR_CORRUPT },	{ "overlap", "overlap", ERR_CORRUPT },
		{ "bomb", "", ERR_TOO_LARGE },
	};
	DIR *d = opendir(ARCHIVES);
	size_t seen = 0;
	for (struct dirent *e; (e = readdir(d));) {
		if (strncmp(e->d_name, "bad-", 4) != 0 || !(strstr(e->d_name, ".tar") || strstr(e->d_name, ".zip")))
			continue;
		char *text;
		size_t n, dot = (size_t)(strchr(e->d_name, '.') - e->d_name);
		struct err err = { 0 };
		slurp(e->d_name, &text, &n);
		int rc = read_all(text, n, NULL, 0, &err);
		free(text);
		bool known = false;
		for (size_t i = 0; i < COUNT_OF(rules); i++) {
			if (!slice_eq(slice_of(e->d_name + 4, dot - 4), slice_str(rules[i].part)))
				continue;
			known = true;
			if (rc == 0 || err.code != rules[i].code || !strstr(err.message, rules[i].says))
				fail_msg("%s: %s %s", e->d_name, err_info(err.code)->name, err.message);
		}
		if (!known)
			fail_msg("%s has no rule", e->d_name);
		seen++;
	}
	closedir(d);
	assert_true(seen > 30);
}

static void archives_cut_anywhere_are_errors(void **state)
{
	(void)state;
	static const char *const files[] = { "good.tar", "good.tar.gz", "good.tar.xz", "good.zip", "good-64.zip" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *text;
		size_t n;
		slurp(files[i], &text, &n);
		for (size_t k = 0; k < n; k++) {
			struct err err = { 0 };
			char *cut = malloc(k ? k : 1);
			memcpy(cut, text, k);
			int rc = read_all(cut, k, NULL, 0, &err);
			free(cut);
			/* One block of zeros is enough of an end. */
			if (rc == 0 && !(strcmp(files[i], "good.tar") == 0 && k >= n - 512))
				fail_msg("%s cut at %zu passes as whole", files[i], k);
			assert_true(rc == 0 || err.message[0]);
		}
		free(text);
	}
}

static void a_file_is_read_without_being_mapped(void **state)
{
	(void)state;
	struct archive *a;
	struct archive_entry e;
	struct err err = { 0 };
	bool more = true;
	int n = 0, fd = open(ARCHIVES "good.tar.gz", O_RDONLY);
	assert_int_equal(archive_open_fd(fd, &a, &err), 0);
	/* Entries that are not read are skipped. */
	while (more) {
		assert_int_equal(archive_next(a, &e, &more, &err), 0);
		n += more;
	}
	assert_int_equal(n, 5);
	archive_free(a);
	close(fd);
	assert_int_equal(archive_open_fd(open("/dev/zero", O_RDONLY), &a, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
}

static void too_many_entries_are_refused(void **state)
{
	(void)state;
	static const struct archive_caps few = { .entries_max = 3, .bytes_max = 1 << 20, .grace_bytes = 1 << 20, .ratio = 100 };
	static const char *const files[] = { "good.tar", "good.zip" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *text;
		size_t n;
		struct archive *a = NULL;
		struct archive_entry e;
		struct err err = { 0 };
		bool more = true;
		slurp(files[i], &text, &n);
		struct memory m = { text, n };
		int rc = archive_open((struct archive_input){ read_memory, &m, n }, &few, &a, &err);
		while (rc == 0 && more)
			rc = archive_next(a, &e, &more, &err);
		assert_int_equal(rc, -1);
		assert_int_equal(err.code, ERR_TOO_LARGE);
		archive_free(a);
		free(text);
	}
}

/* A regular file without bytes, as a tar header. */
static void tar_entry(const char *name, char block[512])
{
	unsigned sum = 0;
	memset(block, 0, 512);
	(void)snprintf(block, 100, "%s", name);
	memcpy(block + 124, "00000000000", 11);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	(void)snprintf(block + 148, 8, "%06o", sum);
}

/* Three names that bring more than a hundred folders along. */
static void folders_that_names_imply_count_as_entries(void **state)
{
	(void)state;
	char text[5 * 512] = { 0 }, names[1000];
	struct err err = { 0 };
	for (size_t i = 0; i < 3; i++) {
		char name[100];
		size_t n = 0;
		name[n++] = (char)('a' + i);
		for (; n < 80; n += 2)
			memcpy(name + n, "/x", 2);
		name[n] = '\0';
		tar_entry(name, text + i * 512);
		int rc = read_all(text, sizeof text, names, sizeof names, &err);
		assert_int_equal(rc, i < 2 ? 0 : -1);
	}
	assert_int_equal(err.code, ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_archives_give_their_entries), cmocka_unit_test(bad_archives_are_refused),
		cmocka_unit_test(archives_cut_anywhere_are_errors), cmocka_unit_test(a_file_is_read_without_being_mapped),
		cmocka_unit_test(too_many_entries_are_refused), cmocka_unit_test(folders_that_names_imply_count_as_entries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
