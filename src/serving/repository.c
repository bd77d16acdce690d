/* Models in the file system: see repository.h. */
#include "serving/repository.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/slice.h"

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static char *join(const char *folder, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* "iris" of "x/iris.joblib.gz"; of a folder its own name, of "." too. */
static char *name_of(const char *path, bool folder)
{
	static const char *const codecs[] = {".gz", ".z", ".bz2", ".xz", ".lzma", ".lz4"};
	char real[PATH_MAX];
	const char *from = folder && realpath(path, real) ? real : path;
	const char *slash = strrchr(from, '/');
	char *name = must(strdup(slash && slash[1] ? slash + 1 : from));
	if (folder)
		return name;
	for (size_t i = 0; i < COUNT_OF(codecs); i++) {
		size_t n = strlen(name), k = strlen(codecs[i]);
		if (n > k && strcmp(name + n - k, codecs[i]) == 0)
			name[n - k] = 0;
	}
	char *dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = 0;
	return name;
}

static void add(struct repository *r, char *name, char *path, const char *version)
{
	*vec_push(&r->models) = (struct repository_model){name, path, must(strdup(version))};
}

/* What stands in a folder. */
struct contents {
	bool marked; /* as one model, by a file that says so */
	size_t files;
	VEC(char *) folders;
};

static void contents_release(struct contents *c)
{
	for (size_t i = 0; i < c->folders.len; i++)
		free(c->folders.ptr[i]);
	vec_release(&c->folders);
}

static int look_into(const char *path, struct contents *out, struct err *err)
{
	DIR *dir = opendir(path);
	if (!dir)
		return err_errno(err, errno, "%s", path);
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		char *inside = join(path, e->d_name);
		if (is_folder(inside)) {
			*vec_push(&out->folders) = must(strdup(e->d_name));
		} else {
			out->files++;
			out->marked |= strcmp(e->d_name, "MLmodel") == 0 || strcmp(e->d_name, "saved_model.pb") == 0 ||
				       strcmp(e->d_name, "config.pbtxt") == 0 || strncmp(e->d_name, "model.", 6) == 0;
		}
		free(inside);
	}
	closedir(dir);
	return 0;
}

/* The highest all-digit sub-folder, or NULL. */
static const char *newest_version(const struct contents *c)
{
	const char *best = NULL;
	uint64_t best_number = 0;
	for (size_t i = 0; i < c->folders.len; i++) {
		uint64_t number;
		if (slice_u64(slice_str(c->folders.ptr[i]), &number) && (!best || number > best_number)) {
			best = c->folders.ptr[i];
			best_number = number;
		}
	}
	return best;
}

/* A sub-folder of a repository. One with neither versions nor files is no model. */
static int add_folder(struct repository *r, const char *path, const char *name, struct err *err)
{
	struct contents c = {0};
	char *folder = join(path, name);
	int rc = look_into(folder, &c, err);
	const char *version = rc == 0 ? newest_version(&c) : NULL;
	if (version && !c.marked)
		add(r, must(strdup(name)), join(folder, version), version);
	else if (rc == 0 && c.files)
		add(r, must(strdup(name)), must(strdup(folder)), "");
	contents_release(&c);
	free(folder);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct repository_model *)a)->name, ((const struct repository_model *)b)->name);
}

static int scan_folder(const char *path, struct repository *r, struct err *err)
{
	struct contents c = {0};
	int rc = look_into(path, &c, err);
	const char *version = rc == 0 ? newest_version(&c) : NULL;
	if (rc == 0 && (c.marked || !c.folders.len)) {
		if (c.files)
			add(r, name_of(path, true), must(strdup(path)), "");
	} else if (version) { /* PATH is itself the folder of a model with versions */
		add(r, name_of(path, true), join(path, version), version);
	} else {
		for (size_t i = 0; rc == 0 && i < c.folders.len; i++)
			rc = add_folder(r, path, c.folders.ptr[i], err);
		if (r->models.len)
			qsort(r->models.ptr, r->models.len, sizeof *r->models.ptr, by_name);
	}
	contents_release(&c);
	return rc;
}

int repository_scan(const char *path, const char *name, struct repository *out, struct err *err)
{
	struct repository r = {0};
	struct stat st;
	int rc = 0;
	if (stat(path, &st) < 0)
		return err_errno(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		rc = scan_folder(path, &r, err);
	else
		add(&r, name_of(path, false), must(strdup(path)), "");
	if (rc == 0 && !r.models.len)
		rc = err_set(err, ERR_NOT_FOUND, "%s: no model in this folder", path);
	if (rc == 0 && name && r.models.len > 1)
		rc = err_set(err, ERR_INVALID, "%s holds %zu models: a name is for one", path, r.models.len);
	if (rc < 0) {
		repository_release(&r);
		return -1;
	}
	if (name) {
		free(r.models.ptr[0].name);
		r.models.ptr[0].name = must(strdup(name));
	}
	*out = r;
	return 0;
}

void repository_release(struct repository *r)
{
	for (size_t i = 0; i < r->models.len; i++) {
		free(r->models.ptr[i].name);
		free(r->models.ptr[i].path);
		free(r->models.ptr[i].version);
	}
	vec_release(&r->models);
}
