/* `coracle fsck`, `gc`, `backup` and `restore`: of a running server, or of a directory that nobody serves. */
#include "cli/commands.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/admin.h"
#include "cli/care.h"
#include "cli/output.h"

enum { TRY_EVERY_MS = 50, TRIES = 200 };

static void print_fault(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "fault: %s\n", text);
}

static void print_reported(void *arg, const json_t *line)
{
	const char *text = json_string_value(json_object_get(line, "fault"));
	if (text)
		print_fault(arg, text);
}

/* "3 objects, 4096 bytes": the keys that `names` lists. */
static void print_counts(const json_t *done, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		printf("%s%lld %s", i ? ", " : "", (long long)json_integer_value(json_object_get(done, names[i])),
		       names[i]);
	printf("\n");
}

typedef int offline_fn(const struct care *c, const json_t *request, json_t **done, struct err *err);

/* Once: by itself when nobody serves the directory, else by asking. ERR_UNAVAILABLE: a server that starts or ends. */
static int care_once(struct datadir *d, json_t *request, offline_fn *offline, json_t **done, struct err *err)
{
	struct care c;
	if (care_open(d, &c, err) == 0) {
		int rc = offline(&c, request, done, err);
		care_close(d, &c);
		return rc;
	}
	if (err->code != ERR_EXISTS)
		return -1;
	err_clear(err);
	return admin_ask(d, json_incref(request), print_reported, NULL, done, err);
}

static int care(const char *command, const struct options *o, json_t *request, offline_fn *offline, json_t **done)
{
	struct datadir d;
	struct err err = {0};
	int rc = datadir_find(o, &d, &err);
	for (int i = 0; rc == 0; i++) {
		err_clear(&err);
		rc = care_once(&d, request, offline, done, &err);
		if (rc == 0 || err.code != ERR_UNAVAILABLE || i == TRIES)
			break;
		nanosleep(&(struct timespec){.tv_nsec = TRY_EVERY_MS * 1000000L}, NULL);
		rc = 0;
	}
	json_decref(request);
	return rc == 0 ? EXIT_OK : fail(command, &err);
}

static int fsck_offline(const struct care *c, const json_t *request, json_t **done, struct err *err)
{
	(void)request;
	return care_fsck(c, print_fault, NULL, done, err);
}

int command_fsck(const struct options *o)
{
	static const char *const names[] = {"resources", "buckets", "objects", "uploads",
					    "files",     "bytes",   "faults",  NULL};
	json_t *done;
	int code = output_check("fsck", o);
	if (code == EXIT_OK)
		code = care("fsck", o, json_pack("{s:s}", "op", "fsck"), fsck_offline, &done);
	if (code != EXIT_OK)
		return code;
	if (!output_value(o, done))
		print_counts(done, names);
	if (json_integer_value(json_object_get(done, "faults")) > 0)
		code = EXIT_FAILED;
	json_decref(done);
	return code;
}

static int gc_offline(const struct care *c, const json_t *request, json_t **done, struct err *err)
{
	(void)request;
	return care_gc(c, done, err);
}

int command_gc(const struct options *o)
{
	static const char *const names[] = {"files", "bytes", NULL};
	json_t *done;
	int code = output_check("gc", o);
	if (code == EXIT_OK)
		code = care("gc", o, json_pack("{s:s}", "op", "gc"), gc_offline, &done);
	if (code != EXIT_OK)
		return code;
	if (!output_value(o, done))
		print_counts(done, names);
	json_decref(done);
	return code;
}

static int absolute(const char *path, char *out, size_t bytes, struct err *err)
{
	char cwd[PATH_MAX];
	if (path[0] != '/' && !getcwd(cwd, sizeof cwd))
		return err_errno(err, errno, "working directory");
	int n = path[0] == '/' ? snprintf(out, bytes, "%s", path) : snprintf(out, bytes, "%s/%s", cwd, path);
	return n > 0 && (size_t)n < bytes ? 0 : err_set(err, ERR_INVALID, "the path is too long");
}

static int backup_offline(const struct care *c, const json_t *request, json_t **done, struct err *err)
{
	return care_backup(c, json_string_value(json_object_get(request, "path")), done, err);
}

int command_backup(const struct options *o)
{
	static const char *const names[] = {"files", "bytes", NULL};
	char path[PATH_MAX];
	struct err err = {0};
	json_t *done;
	int code = output_check("backup", o);
	if (code != EXIT_OK)
		return code;
	if (absolute(o->operands[0], path, sizeof path, &err) < 0)
		return fail("backup", &err);
	code = care("backup", o, json_pack("{s:s,s:s}", "op", "backup", "path", path), backup_offline, &done);
	if (code != EXIT_OK)
		return code;
	if (!output_value(o, done)) {
		printf("%s: ", path);
		print_counts(done, names);
	}
	json_decref(done);
	return code;
}

int command_restore(const struct options *o)
{
	static const char *const names[] = {"resources", "buckets", "objects", "bytes", NULL};
	struct datadir d;
	struct err err = {0};
	json_t *done;
	int code = output_check("restore", o);
	if (code != EXIT_OK)
		return code;
	if (datadir_find(o, &d, &err) < 0 || care_restore(&d, o->operands[0], print_fault, NULL, &done, &err) < 0)
		return fail("restore", &err);
	if (!output_value(o, done)) {
		printf("%s: ", d.path);
		print_counts(done, names);
	}
	json_decref(done);
	return EXIT_OK;
}
