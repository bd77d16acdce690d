/*
 * Model images: see image.h.
 *
 * The writer's memory is one mapping that doubles with mremap, so a growing image is never copied by hand and fresh
 * pages are zero. It is written to the memfd at the end: the pages of a memfd are small, and a fault for each of them
 * costs more than copying them out of large ones. The region ends with IMAGE_ALIGN spare bytes, so that a vector load at
 * the very end stays inside.
 */
#include "infer/image.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/pages.h"

enum { IMAGE_VERSION = 1, FIRST_CAP = 1 << 20, WRITE_BYTES = 4 << 20 };

static size_t align_up(size_t n)
{
	return (n + IMAGE_ALIGN - 1) & ~(size_t)(IMAGE_ALIGN - 1);
}

int image_writer_init(struct image_writer *w, int fd, size_t bytes_max, struct err *err)
{
	size_t cap = MIN((size_t)FIRST_CAP, align_up(bytes_max));
	if (cap < sizeof(struct image_header) + 2 * IMAGE_ALIGN)
		return err_set(err, ERR_INVALID, "an image of at most %zu bytes holds nothing", bytes_max);
	void *p = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return err_errno(err, errno, "mapping a model image");
	*w = (struct image_writer){.fd = fd, .base = p, .cap = cap, .max = bytes_max};
	w->len = align_up(sizeof(struct image_header));
	return 0;
}

void image_writer_release(struct image_writer *w)
{
	if (w->base)
		(void)munmap(w->base, w->cap);
	w->base = NULL;
	w->len = w->cap = 0;
}

static bool grow(struct image_writer *w, size_t want)
{
	size_t cap = (MIN(MAX(w->cap * 2, want), MAX(want, w->max)) + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
	void *p = mremap(w->base, w->cap, cap, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		return false;
	pages_large(p, cap);
	w->base = p;
	w->cap = cap;
	return true;
}

uint64_t image_reserve(struct image_writer *w, size_t n)
{
	size_t want;
	if (w->failed)
		return 0;
	if (ckd_add(&want, w->len, n) || ckd_add(&want, want, (size_t)2 * IMAGE_ALIGN) || want > w->max ||
	    (want > w->cap && !grow(w, want))) {
		w->failed = true;
		return 0;
	}
	uint64_t at = w->len;
	w->len = align_up(w->len + n);
	return at;
}

uint64_t image_put(struct image_writer *w, const void *p, size_t n)
{
	uint64_t at = image_reserve(w, n);
	if (at && n)
		memcpy(w->base + at, p, n);
	return at;
}

void *image_writer_at(struct image_writer *w, uint64_t offset)
{
	assert(offset <= w->len);
	return w->base + offset;
}

/* A piece at a time, whose memory goes back as soon as it is written: the image is never there twice. */
static int write_out(const struct image_writer *w, size_t bytes, struct err *err)
{
	for (size_t at = 0; at < bytes;) {
		ssize_t n = write(w->fd, w->base + at, MIN(bytes - at, (size_t)WRITE_BYTES));
		if (n < 0)
			return err_errno(err, errno, "writing a model image of %zu bytes", bytes);
		if (n == WRITE_BYTES)
			(void)madvise(w->base + at, WRITE_BYTES, MADV_DONTNEED);
		at += (size_t)n;
	}
	return 0;
}

int image_finish(struct image_writer *w, uint64_t root, struct err *err)
{
	if (w->failed)
		return err_set(err, ERR_TOO_LARGE, "the model needs more than the %zu bytes that its image may have",
			       w->max);
	assert(root && root < w->len);
	size_t bytes = w->len + IMAGE_ALIGN;
	struct image_header h = {.magic = IMAGE_MAGIC, .version = IMAGE_VERSION, .bytes = bytes, .root = root};
	memcpy(w->base, &h, sizeof h);
	void *p = mremap(w->base, w->cap, bytes, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		return err_errno(err, errno, "finishing a model image");
	w->base = p;
	w->cap = bytes;
	return w->fd >= 0 ? write_out(w, bytes, err) : 0;
}

static int check_header(const uint8_t *base, size_t len, struct err *err)
{
	struct image_header h;
	if (len < sizeof h)
		return err_set(err, ERR_CORRUPT, "a model image of %zu bytes has no header", len);
	memcpy(&h, base, sizeof h);
	if (h.magic != IMAGE_MAGIC || h.version != IMAGE_VERSION)
		return err_set(err, ERR_CORRUPT, "not a model image of version %d", IMAGE_VERSION);
	if (h.bytes != len || h.root < sizeof h || h.root >= len || h.root % IMAGE_ALIGN)
		return err_set(err, ERR_CORRUPT, "the header of a model image disagrees with its size");
	return 0;
}

int image_take(struct image_writer *w, struct image *out, struct err *err)
{
	if (check_header(w->base, w->cap, err) < 0)
		return -1;
	if (mprotect(w->base, w->cap, PROT_READ) < 0)
		return err_errno(err, errno, "making a model image read-only");
	*out = (struct image){.base = w->base, .len = w->cap, .mapped = true};
	w->base = NULL;
	w->len = w->cap = 0;
	return 0;
}

int image_map(int fd, size_t bytes_max, struct image *out, struct err *err)
{
	/* Without the seals another holder of the descriptor could change or cut the region under our feet. */
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	struct stat st;
	int have = fcntl(fd, F_GET_SEALS);
	if (have < 0 || (have & seals) != seals)
		return err_set(err, ERR_CORRUPT, "the model image is not sealed");
	if (fstat(fd, &st) < 0)
		return err_errno(err, errno, "model image");
	if (st.st_size <= 0 || (uint64_t)st.st_size > bytes_max)
		return err_set(err, ERR_TOO_LARGE, "a model image of %lld bytes, of at most %zu", (long long)st.st_size,
			       bytes_max);
	size_t len = (size_t)st.st_size;
	void *p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(err, errno, "mapping a model image");
	if (check_header(p, len, err) < 0) {
		(void)munmap(p, len);
		return -1;
	}
	*out = (struct image){.base = p, .len = len, .mapped = true};
	return 0;
}

void image_release(struct image *im)
{
	if (im->base && im->mapped)
		(void)munmap((void *)(uintptr_t)im->base, im->len);
	else
		free((void *)(uintptr_t)im->base);
	*im = (struct image){0};
}
