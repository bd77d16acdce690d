/* The work of fsck, gc, backup and restore: see care.h. */
#include "cli/care.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fs.h"
#include "cli/tar.h"
#include "cluster/resource.h"
#include "store/db.h"
#include "store/object.h"

/* ---- checking ---- */

struct findings {
	void (*fault)(void *arg, const char *text);
	void *arg;
	int64_t n;
};

static void found(void *arg, const char *text)
{
	struct findings *f = arg;
	f->n++;
	f->fault(f->arg, text);
}

int care_fsck(const struct care *c, void (*fault)(void *arg, const char *text), void *arg, json_t **done,
	      struct err *err)
{
	struct findings findings = { fault, arg, 0 };
	struct object_fsck o;
	int64_t resources;
	if (cluster_db_fsck(c->cluster, found, &findings, &resources, err) < 0)
		return err_wrap(err, "cluster.db");
	if (object_store_fsck(c->objects, found, &findings, &o, err) < 0)
		return -1;
	*done = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "faults", (json_int_t)findings.n, "resources",
			  (json_int_t)resources, "buckets", (json_int_t)o.buckets, "objects", (json_int_t)o.objects,
			  "uploads", (json_int_t)o.uploads, "contents", (json_int_t)o.contents,
			  "files", (json_int_t)o.files, "bytes", (json_int_t)o.bytes);
	return 0;
}

int care_gc(const struct care *c, json_t **done, struct err *err)
{
	int64_t files, bytes;
	if (object_store_gc(c->objects, &files, &bytes, err) < 0)
		return -1;
	*done = json_pack("{s:I,s:I}", "files", (json_int_t)files, "bytes", (json_int_t)bytes);
	return 0;
}

/* ---- backup ---- */

/* What of the directory itself goes into a backup as it lies there; databases and blobs are copied first. Left out:
 * models/ (fetched anew), logs/, run/. */
static const char *const as_they_are[] = { "version", "pki", "volumes", "images" };
static const char *const copied[] = { "cluster.db", "objects.db", "blobs" };

static int add_all(const struct care *c, const char *copy, struct tar *out, struct err *err)
{
	int dir = open(c->data->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int copy_dir = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = dir < 0 || copy_dir < 0 ? err_errno(err, errno, "opening %s", dir < 0 ? c->data->path : copy) : 0;
	for (size_t i = 0; rc == 0 && i < COUNT_OF(as_they_are); i++)
		if (faccessat(dir, as_they_are[i], F_OK, 0) == 0)
			rc = tar_add(out, dir, as_they_are[i], as_they_are[i], err);
	for (size_t i = 0; rc == 0 && i < COUNT_OF(copied); i++)
		rc = tar_add(out, copy_dir, copied[i], copied[i], err);
	if (rc == 0)
		rc = tar_end(out, err);
	if (dir >= 0)
		close(dir);
	if (copy_dir >= 0)
		close(copy_dir);
	return rc;
}

static int write_archive(const struct care *c, const char *copy, const char *path, struct tar_count *count,
			 struct err *err)
{
	char partial[PATH_MAX];
	struct tar t;
	if ((size_t)snprintf(partial, sizeof partial, "%s.partial", path) >= sizeof partial)
		return err_set(err, ERR_INVALID, "the file's name is too long");
	int out = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out < 0)
		return err_errno(err, errno, "creating %s", partial);
	tar_begin(&t, out);
	int rc = add_all(c, copy, &t, err);
	tar_close(&t);
	*count = t.count;
	if (rc == 0 && fsync(out) < 0)
		rc = err_errno(err, errno, "syncing %s", partial);
	close(out);
	if (rc == 0 && link(partial, path) < 0) /* unlike rename, it never replaces */
		rc = err_errno(err, errno, "%s", path);
	(void)unlink(partial);
	return rc == 0 ? fs_sync_parent(path, err) : -1;
}

int care_backup(const struct care *c, const char *path, json_t **done, struct err *err)
{
	struct tar_count count = { 0 };
	struct err ignored = { 0 };
	char copy[PATH_MAX], db[PATH_MAX];
	if (path[0] != '/')
		return err_set(err, ERR_INVALID, "the backup's path is not absolute: %s", path);
	if (access(path, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s is there already", path);
	(void)snprintf(copy, sizeof copy, "%s", datadir_path(c->data, "run/backup"));
	if ((size_t)snprintf(db, sizeof db, "%s/cluster.db", copy) >= sizeof db)
		return err_set(err, ERR_INVALID, "the data directory's name is too long");
	int rc = fs_remove_tree(copy, err); /* of a backup that was cut off */
	if (rc == 0)
		rc = object_store_backup(c->objects, copy, err);
	if (rc == 0)
		rc = db_backup(c->cluster, db, err);
	if (rc == 0)
		rc = write_archive(c, copy, path, &count, err);
	(void)fs_remove_tree(copy, &ignored);
	if (rc == 0)
		*done = json_pack("{s:s,s:I,s:I}", "path", path, "files", (json_int_t)count.files, "bytes",
				  (json_int_t)count.bytes);
	return rc;
}

/* ---- a directory that nobody serves ---- */

int care_open(struct datadir *d, struct care *out, struct err *err)
{
	const struct object_store_options options = {
		.dir = d->path, .clock = &clock_os, .random = &random_os, .fs = &fs_os
	};
	struct care c = { .data = d };
	if (access(datadir_path(d, "objects.db"), F_OK) < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no data in %s", d->path);
	if (datadir_make(d, err) < 0 || datadir_lock(d, err) < 0)
		return -1;
	int rc = datadir_migrate(d, err);
	if (rc == 0)
		rc = object_store_open(&options, &c.objects, err);
	if (rc == 0)
		rc = cluster_db_open(datadir_path(d, "cluster.db"), &c.cluster, err);
	if (rc < 0) {
		care_close(d, &c);
		return -1;
	}
	*out = c;
	return 0;
}

void care_close(struct datadir *d, struct care *c)
{
	db_close(c->cluster);
	object_store_close(c->objects);
	datadir_unlock(d);
}

/* ---- restore ---- */

static int unpack(const char *path, const char *to, struct tar_count *count, struct err *err)
{
	int in = open(path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return err_errno(err, errno, "opening %s", path);
	struct tar t;
	tar_begin(&t, in);
	int rc = mkdir(to, 0700) < 0 ? err_errno(err, errno, "making directory %s", to) : 0;
	int dir = rc < 0 ? -1 : open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rc == 0)
		rc = dir < 0 ? err_errno(err, errno, "opening %s", to) : tar_extract(&t, dir, err);
	if (dir >= 0)
		close(dir);
	*count = t.count;
	tar_close(&t);
	close(in);
	return rc;
}

static int check(struct datadir *d, void (*fault)(void *arg, const char *text), void *arg, json_t **done, struct err *err)
{
	struct care c;
	if (care_open(d, &c, err) < 0)
		return -1;
	int rc = care_fsck(&c, fault, arg, done, err);
	care_close(d, &c);
	if (rc == 0 && json_integer_value(json_object_get(*done, "faults")) > 0) {
		json_decref(*done);
		return err_set(err, ERR_CORRUPT, "the backup is damaged; nothing was restored");
	}
	return rc;
}

int care_restore(const struct datadir *d, const char *path, void (*fault)(void *arg, const char *text), void *arg,
		 json_t **done, struct err *err)
{
	struct datadir beside = { .lock_fd = -1 };
	struct tar_count count = { 0 };
	struct err ignored = { 0 };
	json_t *found_there;
	if ((size_t)snprintf(beside.path, sizeof beside.path, "%s.restoring", d->path) >= sizeof beside.path)
		return err_set(err, ERR_INVALID, "the data directory's name is too long");
	if (rmdir(d->path) < 0 && errno != ENOENT)
		return errno == ENOTEMPTY || errno == EEXIST ?
			       err_set(err, ERR_EXISTS, "%s is not empty: restore into a new directory", d->path) :
			       err_errno(err, errno, "%s", d->path);
	int rc = fs_remove_tree(beside.path, err);
	if (rc == 0)
		rc = unpack(path, beside.path, &count, err);
	if (rc == 0)
		rc = check(&beside, fault, arg, &found_there, err);
	if (rc == 0 && rename(beside.path, d->path) < 0) {
		rc = err_errno(err, errno, "renaming %s to %s", beside.path, d->path);
		json_decref(found_there);
	}
	if (rc == 0)
		rc = fs_sync_parent(d->path, err);
	if (rc < 0) {
		(void)fs_remove_tree(beside.path, &ignored);
		return -1;
	}
	json_object_set_new(found_there, "path", json_string(d->path));
	json_object_set_new(found_there, "archived", json_integer(count.files));
	*done = found_there;
	return 0;
}
