/* What a running server does when a command asks it by the admin socket. */
#include "cli/app_parts.h"

#include <stdio.h>

#include "base/check.h"
#include "cli/admin.h"
#include "cli/care.h"
#include "net/route.h"

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

static json_t *describe_route(const char *listener, const struct route *r)
{
	static const char *const access_names[] = {"unset", "public", "token", "authenticated", "signed"};
	char methods[96], path[256], body[32];
	route_methods_text(r->methods, methods, sizeof methods);
	(void)snprintf(path, sizeof path, "%s%s%s", r->pattern, r->query ? "?" : "", r->query ? r->query : "");
	if (r->body_max < 0)
		(void)snprintf(body, sizeof body, "any");
	else
		(void)snprintf(body, sizeof body, "%lld", (long long)r->body_max);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "listener", listener, "methods", methods, "path", path, "access",
			 access_names[r->access], "mode", r->mode == ROUTE_INLINE ? "inline" : "worker", "body", body);
}

static int run_routes(struct admin_call *call, void *arg, const json_t *request, json_t **done, struct err *err)
{
	const struct app *a = arg;
	json_t *all = json_array();
	(void)call;
	(void)request;
	(void)err;
	for (int i = 0; i < LISTENERS; i++)
		for (size_t k = 0; k < a->listeners[i].routes_n; k++)
			json_array_append_new(all, describe_route(listener_names[i], &a->listeners[i].routes[k]));
	*done = all;
	return 0;
}

static const struct admin_op ops[] = {
    {"backup", run_backup},
    {"fsck", run_fsck},
    {"gc", run_gc},
    {"routes", run_routes},
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
