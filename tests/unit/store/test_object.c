/* Tests of the object store: content in and out, references, lists, uploads, conditions, care. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/object.h"

struct fixture {
	char dir[64];
	struct object_store *s;
	struct arena arena;
	struct fs fs; /* fs_os, but for what a test breaks */
	int poisoned;
};

static void on_poison(void *arg, const struct err *why)
{
	(void)why;
	((struct fixture *)arg)->poisoned++;
}

static void reopen(struct fixture *f)
{
	struct err err = { 0 };
	object_store_close(f->s);
	f->s = NULL;
	struct object_store_options o = { .dir = f->dir, .fs = &f->fs, .on_poison = on_poison, .arg = f };
	if (object_store_open(&o, &f->s, &err) < 0)
		fail_msg("%s %s", err.message, err.detail);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	snprintf(f->dir, sizeof f->dir, "/tmp/test-object-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->fs = fs_os;
	arena_init(&f->arena, 0, 0);
	reopen(f);
	bucket_create(f->s, SLICE_LIT("bucket"), NULL);
	*state = f;
	return 0;
}

static void print_fault(void *arg, const char *text)
{
	(void)arg;
	print_message("fsck: %s\n", text);
}

static int64_t faults(struct fixture *f)
{
	struct object_fsck out = { 0 };
	struct err err = { 0 };
	if (object_store_fsck(f->s, print_fault, NULL, &out, &err) < 0)
		fail_msg("%s %s", err.message, err.detail);
	return out.faults;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int64_t bad = f->poisoned ? 0 : faults(f);
	object_store_close(f->s);
	arena_release(&f->arena);
	fs_remove_tree(f->dir, NULL);
	free(f);
	return bad ? -1 : 0;
}

#define B SLICE_LIT("bucket")

static char *pattern(size_t n, unsigned seed)
{
	char *p = malloc(n + 1);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245 + 12345;
		p[i] = (char)(seed >> 16);
	}
	return p;
}

static struct content *content_of(struct fixture *f, const char *p, size_t n, enum checksum_kind kind)
{
	struct content *c = NULL;
	struct err err = { 0 };
	assert_int_equal(content_begin(f->s, 0, kind, &c, &err), 0);
	for (size_t at = 0; at < n; at += 50000)
		if (content_write(c, p + at, n - at < 50000 ? n - at : 50000, &err) < 0)
			fail_msg("%s", err.message);
	if (content_end(c, &err) < 0)
		fail_msg("%s", err.message);
	return c;
}

static int put(struct fixture *f, const char *key, const char *p, size_t n, struct object_condition condition,
	       struct err *err)
{
	struct object_info info;
	struct object_put put = { .bucket = B, .key = slice_str(key), .headers = SLICE_LIT("content-type: x/y\n"),
				  .condition = condition };
	err_clear(err);
	return object_put(f->s, &put, content_of(f, p, n, CHECKSUM_CRC32), &f->arena, &info, err);
}

static void put_ok(struct fixture *f, const char *key, const char *p, size_t n)
{
	struct err err = { 0 };
	if (put(f, key, p, n, (struct object_condition){ 0 }, &err) < 0)
		fail_msg("%s %s", err.message, err.detail);
}

/* Reads from `offset` to the end and compares. */
static void assert_content(struct fixture *f, const char *key, const char *p, size_t n, int64_t offset)
{
	struct object *o = NULL;
	struct err err = { 0 };
	if (object_open(f->s, B, slice_str(key), &f->arena, &o, &err) < 0)
		fail_msg("%s: %s %s", key, err.message, err.detail);
	assert_int_equal(object_info(o)->size, n);
	while (offset < (int64_t)n) {
		struct slice s;
		if (object_view(o, offset, &s, &err) < 0)
			fail_msg("%s", err.message);
		assert_true(s.len > 0 && s.len <= n - (size_t)offset);
		assert_memory_equal(s.ptr, p + offset, s.len);
		offset += (int64_t)s.len;
	}
	object_close(o);
}

/* Files that rows name. */
static int files_n(struct fixture *f)
{
	struct object_fsck out = { 0 };
	object_store_fsck(f->s, print_fault, NULL, &out, NULL);
	return (int)out.files;
}

static void sizes_around_each_border_come_back(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = { 0, 1, 4096, 131071, 131072, 131073, 262143, 262144, 262145, 524288, 1000000 };
	char *p = pattern(1000000, 1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char key[32];
		snprintf(key, sizeof key, "k%zu", sizes[i]);
		put_ok(f, key, p, sizes[i]);
		assert_content(f, key, p, sizes[i], 0);
		assert_content(f, key, p, sizes[i], (int64_t)sizes[i] / 2);
	}
	reopen(f);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char key[32];
		snprintf(key, sizeof key, "k%zu", sizes[i]);
		assert_content(f, key, p, sizes[i], (int64_t)sizes[i] / 3);
	}
	free(p);
}

static void digests_and_headers_are_kept(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	put_ok(f, "abc", "123456789", 9);
	struct object_info info;
	assert_int_equal(object_stat(f->s, B, SLICE_LIT("abc"), &f->arena, &info, &err), 0);
	assert_string_equal(info.etag, "25f9e794323b453885f5181f1b624d0b");
	assert_true(slice_is(info.headers, "content-type: x/y\n"));
	assert_int_equal(info.checksum.kind, CHECKSUM_CRC32);
	assert_memory_equal(info.checksum.bytes, "\xcb\xf4\x39\x26", 4);
	assert_int_equal(object_stat(f->s, B, SLICE_LIT("abd"), &f->arena, &info, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_KEY);
	assert_int_equal(object_stat(f->s, SLICE_LIT("other"), SLICE_LIT("abc"), &f->arena, &info, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_BUCKET);
}

static void equal_content_shares_a_file(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(300000, 2);
	put_ok(f, "a", p, 300000);
	put_ok(f, "b", p, 300000);
	put_ok(f, "a", p, 300000);
	assert_int_equal(files_n(f), 1);
	struct object_copy copy = { .from_bucket = B, .from_key = SLICE_LIT("a"), .bucket = B, .key = SLICE_LIT("c") };
	struct object_info info;
	assert_int_equal(object_copy(f->s, &copy, &f->arena, &info, &err), 0);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("a"), NULL, NULL, &err), 0);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("b"), NULL, NULL, &err), 0);
	assert_content(f, "c", p, 300000, 0);
	bool existed = false;
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("c"), NULL, &existed, &err), 0);
	assert_true(existed);
	assert_int_equal(files_n(f), 0);
	assert_int_equal(faults(f), 0);
	free(p);
}

static void copying_onto_itself_keeps_the_content(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct object_info info;
	put_ok(f, "a", "hello", 5);
	struct object_copy copy = { .from_bucket = B, .from_key = SLICE_LIT("a"), .bucket = B, .key = SLICE_LIT("a"),
				    .replace_headers = true, .headers = SLICE_LIT("x-amz-meta-n: 1\n") };
	assert_int_equal(object_copy(f->s, &copy, &f->arena, &info, &err), 0);
	assert_content(f, "a", "hello", 5, 0);
	assert_int_equal(object_stat(f->s, B, SLICE_LIT("a"), &f->arena, &info, &err), 0);
	assert_true(slice_is(info.headers, "x-amz-meta-n: 1\n"));
}

static void an_open_object_outlives_its_key(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(700000, 3);
	put_ok(f, "a", p, 700000);
	struct object *o = NULL;
	assert_int_equal(object_open(f->s, B, SLICE_LIT("a"), &f->arena, &o, &err), 0);
	put_ok(f, "a", "new", 3);
	struct slice s;
	assert_int_equal(object_view(o, 600000, &s, &err), 0);
	assert_memory_equal(s.ptr, p + 600000, s.len);
	object_close(o);
	assert_content(f, "a", "new", 3, 0);
	free(p);
}

static void conditions_hold(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct object_condition absent = { .absent = true }, wrong = { .etag = SLICE_LIT("beef") },
				right = { .etag = SLICE_LIT("25f9e794323b453885f5181f1b624d0b") };
	assert_int_equal(put(f, "k", "x", 1, wrong, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_KEY);
	assert_int_equal(put(f, "k", "123456789", 9, absent, &err), 0);
	assert_int_equal(put(f, "k", "x", 1, absent, &err), -1);
	assert_int_equal(err.code, ERR_PRECONDITION);
	assert_int_equal(put(f, "k", "x", 1, wrong, &err), -1);
	assert_int_equal(err.code, ERR_PRECONDITION);
	assert_content(f, "k", "123456789", 9, 0);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("k"), &wrong, NULL, &err), -1);
	assert_int_equal(put(f, "k", "y", 1, right, &err), 0);
	assert_content(f, "k", "y", 1, 0);
}

static void expect_page(struct fixture *f, const char *prefix, const char *delimiter, const char *after, size_t max,
			const char *want)
{
	struct object_query q = { .bucket = B, .prefix = slice_str(prefix), .delimiter = slice_str(delimiter),
				  .after = slice_str(after), .max = max };
	struct object_page page;
	struct err err = { 0 };
	assert_int_equal(object_list(f->s, &q, &f->arena, &page, &err), 0);
	struct buf got;
	buf_init(&got, 1 << 20);
	buf_str(&got, "");
	for (size_t i = 0; i < page.n; i++) {
		buf_slice(&got, page.items[i].info.key);
		buf_str(&got, page.items[i].common_prefix ? "> " : " ");
	}
	buf_str(&got, page.truncated ? "+" : ".");
	assert_string_equal(got.ptr, want);
	buf_release(&got);
}

static void lists_are_in_byte_order_with_prefixes(void **state)
{
	struct fixture *f = *state;
	static const char *const keys[] = { "a", "a/1", "a/2", "a/b/3", "a0", "b/1", "c", "\xc3\xa9", "\xff\xff" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put_ok(f, keys[i], "x", 1);
	expect_page(f, "", "", "", 100, "a a/1 a/2 a/b/3 a0 b/1 c \xc3\xa9 \xff\xff .");
	expect_page(f, "", "/", "", 100, "a a/> a0 b/> c \xc3\xa9 \xff\xff .");
	expect_page(f, "a/", "/", "", 100, "a/1 a/2 a/b/> .");
	expect_page(f, "", "/", "", 2, "a a/> +");
	expect_page(f, "", "/", "a/", 2, "a0 b/> +");
	expect_page(f, "", "/", "b/", 3, "c \xc3\xa9 \xff\xff .");
	expect_page(f, "", "", "a/2", 2, "a/b/3 a0 +");
	expect_page(f, "zz", "", "", 5, ".");
	expect_page(f, "a", "", "b", 5, ".");
	expect_page(f, "\xff", "\xff", "", 5, "\xff\xff> .");
	expect_page(f, "", "", "", 0, ".");
}

static struct part_info part(struct fixture *f, struct slice key, struct slice id, uint32_t number, const char *p,
			     size_t n, enum checksum_kind kind)
{
	struct part_info info = { 0 };
	struct err err = { 0 };
	if (upload_part(f->s, B, key, id, number, content_of(f, p, n, kind), &info, &err) < 0)
		fail_msg("%s %s", err.message, err.detail);
	return info;
}

static struct slice hex(struct fixture *f, const uint8_t md5[16])
{
	char out[33];
	for (int i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", md5[i]);
	return arena_dup(&f->arena, slice_of(out, 32));
}

static void uploads_complete_without_copying(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	const size_t big = 5 << 20;
	char *p = pattern(2 * big + 1000, 5);
	struct slice key = SLICE_LIT("big"), id;
	struct upload_begin begin = { .bucket = B, .key = key, .checksum = CHECKSUM_CRC32 };
	assert_int_equal(upload_begin(f->s, &begin, &f->arena, &id, &err), 0);
	struct part_info c = part(f, key, id, 7, p + 2 * big, 1000, CHECKSUM_CRC32);
	struct part_info b = part(f, key, id, 2, p, 1, CHECKSUM_CRC32);
	b = part(f, key, id, 2, p + big, big, CHECKSUM_CRC32);
	struct part_info a = part(f, key, id, 1, p, big, CHECKSUM_CRC32);
	part(f, key, id, 9, p, 200000, CHECKSUM_CRC32);
	struct upload_pick picks[] = { { 1, hex(f, a.md5), a.checksum }, { 2, hex(f, b.md5), b.checksum },
				       { 7, hex(f, c.md5), c.checksum } };
	struct upload_complete u = { .bucket = B, .key = key, .id = id, .picks = picks, .picks_n = 3, .size = -1 };
	struct object_info info;
	picks[1].etag = SLICE_LIT("00");
	assert_int_equal(upload_complete(f->s, &u, &f->arena, &info, &err), -1);
	assert_int_equal(err.sub, OBJECT_PART_UNKNOWN);
	picks[1].etag = hex(f, b.md5);
	assert_int_equal(upload_complete(f->s, &u, &f->arena, &info, &err), 0);
	assert_int_equal(info.size, 2 * big + 1000);
	assert_int_equal(strlen(info.etag), 34);
	assert_int_equal(info.checksum.kind, CHECKSUM_CRC32);
	struct content *whole = content_of(f, p, 2 * big + 1000, CHECKSUM_CRC32);
	assert_memory_equal(content_checksum(whole)->bytes, info.checksum.bytes, 4);
	content_drop(whole);
	assert_content(f, "big", p, 2 * big + 1000, 0);
	assert_content(f, "big", p, 2 * big + 1000, (int64_t)(2 * big - 3));
	assert_int_equal(upload_complete(f->s, &u, &f->arena, &info, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_UPLOAD);

	struct object_copy copy = { .from_bucket = B, .from_key = key, .bucket = B, .key = SLICE_LIT("big2") };
	assert_int_equal(object_copy(f->s, &copy, &f->arena, &info, &err), 0);
	struct object *o = NULL;
	assert_int_equal(object_open(f->s, B, key, &f->arena, &o, &err), 0);
	assert_int_equal(object_delete(f->s, B, key, NULL, NULL, &err), 0);
	assert_content(f, "big2", p, 2 * big + 1000, 77);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("big2"), NULL, NULL, &err), 0);
	struct slice s; /* both gone, but one is open: its files stay until it is closed */
	assert_int_equal(object_view(o, (int64_t)big + 5, &s, &err), 0);
	assert_memory_equal(s.ptr, p + big + 5, s.len);
	object_close(o);
	free(p);
}

static void uploads_refuse_what_does_not_fit(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct slice key = SLICE_LIT("k"), id;
	struct upload_begin begin = { .bucket = B, .key = key };
	assert_int_equal(upload_begin(f->s, &begin, &f->arena, &id, &err), 0);
	struct part_info a = part(f, key, id, 1, "a", 1, 0), b = part(f, key, id, 2, "b", 1, 0);
	struct upload_pick picks[] = { { 2, hex(f, b.md5), { 0 } }, { 1, hex(f, a.md5), { 0 } } };
	struct upload_complete u = { .bucket = B, .key = key, .id = id, .picks = picks, .picks_n = 2, .size = -1 };
	struct object_info info;
	assert_int_equal(upload_complete(f->s, &u, &f->arena, &info, &err), -1);
	assert_int_equal(err.sub, OBJECT_PART_ORDER);
	struct upload_pick ordered[] = { picks[1], picks[0] };
	u.picks = ordered;
	assert_int_equal(upload_complete(f->s, &u, &f->arena, &info, &err), -1);
	assert_int_equal(err.sub, OBJECT_PART_TOO_SMALL);
	u.picks_n = 1;
	assert_int_equal(upload_complete(f->s, &u, &f->arena, &info, &err), 0);
	assert_content(f, "k", "a", 1, 0);

	assert_int_equal(upload_begin(f->s, &begin, &f->arena, &id, &err), 0);
	part(f, key, id, 1, "a", 1, 0);
	assert_int_equal(upload_abort(f->s, B, key, id, &err), 0);
	assert_int_equal(upload_abort(f->s, B, key, id, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_UPLOAD);
	assert_int_equal(upload_part(f->s, B, key, id, 1, content_of(f, "z", 1, 0), &a, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_UPLOAD);
}

static void buckets_follow_the_rules(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	static const char *const bad[] = { "ab", "Abc", "a..b", "-ab", "ab-", "1.2.3.4", "a_b", "a/b", "" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(bucket_create(f->s, slice_str(bad[i]), &err), -1);
		assert_int_equal(err.sub, OBJECT_BUCKET_NAME);
	}
	assert_int_equal(bucket_create(f->s, B, &err), -1);
	assert_int_equal(err.sub, OBJECT_BUCKET_EXISTS);
	assert_int_equal(bucket_create(f->s, SLICE_LIT("a.b-c1"), &err), 0);
	struct bucket_info *all;
	size_t n;
	assert_int_equal(bucket_list(f->s, &f->arena, &all, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_true(slice_is(all[0].name, "a.b-c1") && slice_is(all[1].name, "bucket"));
	put_ok(f, "k", "x", 1);
	assert_int_equal(bucket_delete(f->s, B, &err), -1);
	assert_int_equal(err.sub, OBJECT_BUCKET_NOT_EMPTY);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("k"), NULL, NULL, &err), 0);
	struct slice id;
	struct upload_begin begin = { .bucket = B, .key = SLICE_LIT("u") };
	assert_int_equal(upload_begin(f->s, &begin, &f->arena, &id, &err), 0);
	part(f, SLICE_LIT("u"), id, 1, "a", 1, 0);
	assert_int_equal(bucket_delete(f->s, B, &err), 0);
	assert_int_equal(bucket_delete(f->s, B, &err), -1);
	assert_int_equal(err.sub, OBJECT_NO_BUCKET);
}

static int sync_errno;
static int failing_sync(const struct fs *fs, int fd)
{
	(void)fs;
	(void)fd;
	errno = sync_errno;
	return -1;
}

static void a_failed_sync_stores_nothing_and_poisons(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(300000, 9);
	struct content *c = NULL;
	f->fs.sync = failing_sync;
	sync_errno = ENOSPC;
	content_begin(f->s, 0, 0, &c, &err);
	assert_int_equal(content_write(c, p, 300000, &err), 0);
	assert_int_equal(content_end(c, &err), -1);
	assert_int_equal(err.code, ERR_NO_SPACE);
	assert_int_equal(f->poisoned, 0);
	content_drop(c);
	sync_errno = EIO;
	content_begin(f->s, 0, 0, &c, &err);
	assert_int_equal(content_write(c, p, 300000, &err), 0);
	assert_int_equal(content_end(c, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_int_equal(f->poisoned, 1);
	content_drop(c);
	f->fs.sync = fs_os.sync;
	f->poisoned = 0;
	put_ok(f, "later", p, 300000);
	free(p);
}

/* Folders that were made below blobs/ since it was last synced, and whether syncing it fails. */
static struct {
	const char *dir;
	int unsynced;
	bool fails;
} folders;

static int counting_mkdir(const struct fs *fs, int dir, const char *path, mode_t mode)
{
	int rc = fs_os.mkdir_at(fs, dir, path, mode);
	folders.unsynced += rc == 0 && strlen(path) == 2;
	return rc;
}

static int counting_sync(const struct fs *fs, int fd)
{
	char path[96];
	struct stat is, blobs;
	snprintf(path, sizeof path, "%s/blobs", folders.dir);
	if (fstat(fd, &is) == 0 && stat(path, &blobs) == 0 && is.st_ino == blobs.st_ino) {
		errno = EIO;
		if (folders.fails)
			return -1;
		folders.unsynced = 0;
	}
	return fs_os.sync(fs, fd);
}

/* A folder that is there need not be on the disk: who made it may have ended before it was. */
static void no_file_is_acknowledged_in_a_folder_that_may_be_lost(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(300000, 21);
	struct content *c = NULL;
	folders.dir = f->dir;
	folders.unsynced = 0;
	folders.fails = true;
	f->fs.mkdir_at = counting_mkdir;
	f->fs.sync = counting_sync;
	content_begin(f->s, 0, 0, &c, &err);
	assert_int_equal(content_write(c, p, 300000, &err), 0);
	(void)content_end(c, &err);
	content_drop(c);
	folders.fails = false;
	reopen(f);
	f->poisoned = 0;
	put_ok(f, "k", p, 300000);
	assert_int_equal(folders.unsynced, 0);
	f->fs = fs_os;
	free(p);
}

static void damage_is_found(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(600000, 11);
	put_ok(f, "k", p, 600000);
	/* Flip one byte of the second block of the only file, through its descriptor. */
	struct object *o = NULL;
	assert_int_equal(object_open(f->s, B, SLICE_LIT("k"), &f->arena, &o, &err), 0);
	for (int fd = 3; fd < 64; fd++) {
		char link[64], name[256] = "";
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		ssize_t len = readlink(link, name, sizeof name - 1);
		if (len < 0 || !strstr(name, "/blobs/") || !strchr(strstr(name, "/blobs/") + 7, '-'))
			continue;
		int w = open(name, O_WRONLY | O_CLOEXEC);
		assert_int_equal(pwrite(w, "!", 1, 300000), 1);
		close(w);
	}
	struct slice s;
	assert_int_equal(object_view(o, 0, &s, &err), 0);
	assert_int_equal(object_view(o, 262144, &s, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	object_close(o);
	assert_int_equal(faults(f), 1);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("k"), NULL, NULL, &err), 0);
	free(p);
}

static void a_backup_is_a_store(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(300000, 13), to[96];
	put_ok(f, "big", p, 300000);
	put_ok(f, "small", p, 10);
	snprintf(to, sizeof to, "%s/copy", f->dir);
	if (object_store_backup(f->s, to, &err) < 0)
		fail_msg("%s %s", err.message, err.detail);
	assert_int_equal(object_delete(f->s, B, SLICE_LIT("big"), NULL, NULL, &err), 0);
	struct object_store *first = f->s, *second = NULL;
	struct object_store_options o = { .dir = to };
	assert_int_equal(object_store_open(&o, &second, &err), 0);
	f->s = second;
	assert_content(f, "big", p, 300000, 0);
	assert_content(f, "small", p, 10, 0);
	assert_int_equal(faults(f), 0);
	object_store_close(second);
	f->s = first;
	free(p);
}

static void files_without_a_row_are_collected(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	char *p = pattern(300000, 17);
	struct content *in_flight = content_of(f, p, 300000, 0);
	put_ok(f, "k", p, 200000);
	int64_t files = -1, bytes = -1;
	assert_int_equal(object_store_gc(f->s, &files, &bytes, &err), 0);
	assert_int_equal(files, 0);
	/* What a crash between rename and commit leaves. */
	char path[160];
	snprintf(path, sizeof path, "%s/blobs/ab", f->dir);
	assert_int_equal(fs_mkdirs(path, 0700, &err), 0);
	snprintf(path, sizeof path, "%s/blobs/ab/%062d-%016d", f->dir, 1, 2);
	assert_int_equal(fs_replace(path, SLICE_LIT("left"), 0600, &err), 0);
	assert_int_equal(faults(f), 1);
	assert_int_equal(object_store_gc(f->s, &files, &bytes, &err), 0);
	assert_int_equal(files, 1);
	content_drop(in_flight);
	assert_content(f, "k", p, 200000, 0);
	free(p);
}

enum { THREADS = 8, ROUNDS = 40 };

static void *put_and_delete(void *arg)
{
	struct fixture *f = arg;
	char *p = pattern(150000, 23);
	struct arena arena;
	arena_init(&arena, 0, 0);
	void *failed = NULL;
	for (int i = 0; i < ROUNDS && !failed; i++) {
		struct err err = { 0 };
		struct content *c = NULL;
		struct object_put put = { .bucket = B, .key = i % 2 ? SLICE_LIT("same") : SLICE_LIT("other") };
		struct object_info info;
		content_begin(f->s, 0, 0, &c, &err);
		if (content_write(c, p, 150000, &err) < 0 || content_end(c, &err) < 0 ||
		    object_put(f->s, &put, c, &arena, &info, &err) < 0)
			failed = f;
		struct object *o = NULL;
		if (!failed && object_open(f->s, B, put.key, &arena, &o, &err) == 0) {
			struct slice s;
			if (object_view(o, 140000, &s, &err) < 0 || memcmp(s.ptr, p + 140000, s.len) != 0)
				failed = f;
			object_close(o);
		} else if (err.code != ERR_NOT_FOUND) {
			failed = f;
		}
		if (!failed && object_delete(f->s, B, put.key, NULL, NULL, &err) < 0)
			failed = f;
		if (failed)
			print_message("%s %s\n", err.message, err.detail);
		arena_reset(&arena);
	}
	arena_release(&arena);
	free(p);
	return failed;
}

static void puts_of_the_same_content_race_the_sweep(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, put_and_delete, f);
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(faults(f), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sizes_around_each_border_come_back),
		T(digests_and_headers_are_kept),
		T(equal_content_shares_a_file),
		T(copying_onto_itself_keeps_the_content),
		T(an_open_object_outlives_its_key),
		T(conditions_hold),
		T(lists_are_in_byte_order_with_prefixes),
		T(uploads_complete_without_copying),
		T(uploads_refuse_what_does_not_fit),
		T(buckets_follow_the_rules),
		T(a_failed_sync_stores_nothing_and_poisons),
		T(no_file_is_acknowledged_in_a_folder_that_may_be_lost),
		T(damage_is_found),
		T(a_backup_is_a_store),
		T(files_without_a_row_are_collected),
		T(puts_of_the_same_content_race_the_sweep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
