/* What a running server does when a command asks it by the admin socket. */
#include "cli/app_parts.h"

#include "base/check.h"
#include "cli/admin.h"
#include "cli/care.h"

static struct care care_of(const struct app *a)
{
	return (struct care){.data = a->data, .objects = a->objects, .cluster = a->cluster_db};
}

static void report_fault(void *arg, const char *text)
{
	admin_report(arg, json_pack("{s:s}", "fault", text));
}

static int run_fsck(struct admin_call *call, void *arg, const json_t *request, json_t **done, struct err *err)
{
	struct care c = care_of(arg);
	(void)request;
	return care_fsck(&c, report_fault, call, done, err);
}

static int run_gc(struct admin_call *call, void *arg, const json_t *request, json_t **done, struct err *err)
{
	struct care c = care_of(arg);
	(void)call;
	(void)request;
	return care_gc(&c, done, err);
}

static int run_backup(struct admin_call *call, void *arg, const json_t *request, json_t **done, struct err *err)
{
	struct care c = care_of(arg);
	const char *path = json_string_value(json_object_get(request, "path"));
	(void)call;
	return care_backup(&c, path ? path : "", done, err);
}

static const struct admin_op ops[] = {
    {"backup", run_backup},
    {"fsck", run_fsck},
    {"gc", run_gc},
};

int admin_part_start(struct app *a, struct err *err)
{
	return admin_start(a->data, ops, COUNT_OF(ops), a, &a->admin, err);
}

void admin_part_stop(struct app *a)
{
	admin_stop(a->admin);
	a->admin = NULL;
}
