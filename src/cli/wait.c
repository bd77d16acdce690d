/* `coracle wait` and `coracle logs`. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/apiclient.h"

enum { POLL_MS = 100 };

static bool condition_is(const json_t *object, const char *type, const char *wanted)
{
	size_t i;
	json_t *condition;
	json_array_foreach(json_object_get(json_object_get(object, "status"), "conditions"), i, condition)
	{
		const char *t = json_string_value(json_object_get(condition, "type"));
		const char *s = json_string_value(json_object_get(condition, "status"));
		if (t && s && strcasecmp(t, type) == 0)
			return strcasecmp(s, wanted) == 0;
	}
	return false;
}

/* "condition=Ready", "condition=Ready=False", "delete". */
static int parse_for(const char *given, bool *deleted, char *type, char *wanted, size_t bytes, struct err *err)
{
	*deleted = strcmp(given, "delete") == 0;
	if (*deleted)
		return 0;
	if (strncmp(given, "condition=", 10) != 0 || !given[10])
		return err_set(err, ERR_INVALID, "--for is condition=TYPE[=STATUS] or delete, not \"%s\"", given);
	const char *eq = strchr(given + 10, '=');
	(void)snprintf(type, bytes, "%.*s", (int)(eq ? eq - given - 10 : (long)strlen(given + 10)), given + 10);
	(void)snprintf(wanted, bytes, "%s", eq ? eq + 1 : "True");
	return 0;
}

static int wait_for(struct apiclient *c, const struct options *o, struct err *err)
{
	struct api_kind kind;
	const char *name;
	bool deleted;
	char type[128], wanted[128], *end;
	double seconds = strtod(options_get(o, "timeout", "30s"), &end);
	if (seconds < 0 || (*end && strcmp(end, "s") != 0))
		return err_set(err, ERR_INVALID, "--timeout is a number of seconds, such as 60s");
	if (parse_for(options_get(o, "for", "condition=Ready"), &deleted, type, wanted, sizeof type, err) < 0 ||
	    apiclient_target(c, o, &kind, &name, err) < 0)
		return -1;
	if (!name)
		return err_set(err, ERR_INVALID, "name what to wait for: coracle wait KIND NAME");
	const char *path = apiclient_path(c, &kind, options_get(o, "namespace", "default"), name);
	int64_t until = clock_mono_ns(&clock_os) + (int64_t)(seconds * 1e9);
	for (;;) {
		json_t *object;
		struct err seen = {0};
		arena_reset(&c->arena);
		path = apiclient_path(c, &kind, options_get(o, "namespace", "default"), name);
		int rc = apiclient_json(c, &(struct api_request){.path = path}, &object, &seen);
		bool met =
		    rc < 0 ? deleted && seen.code == ERR_NOT_FOUND : !deleted && condition_is(object, type, wanted);
		if (rc == 0)
			json_decref(object);
		if (met) {
			printf("%s/%s %s\n", apiclient_label(c, &kind), name, deleted ? "deleted" : "condition met");
			return 0;
		}
		if (rc < 0) {
			*err = seen;
			return -1;
		}
		if (clock_mono_ns(&clock_os) >= until)
			return err_set(err, ERR_DEADLINE, "timed out waiting for the condition on %s/%s",
				       apiclient_label(c, &kind), name);
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
	}
}

int command_wait(const struct options *o)
{
	struct apiclient c;
	struct err err = {0};
	int code = apiclient_open(&c, "wait", o);
	if (code != EXIT_OK)
		return code;
	if (wait_for(&c, o, &err) < 0)
		code = fail("wait", &err);
	apiclient_close(&c);
	return code;
}

static int print_piece(void *arg, const void *p, size_t n)
{
	(void)arg;
	return fwrite(p, 1, n, stdout) == n && fflush(stdout) == 0 ? 0 : -1;
}

/* kubectl's: what the annotation names, else the first. Said on standard error when there are others. */
static int default_container(struct apiclient *c, const char *path, const char **out, struct err *err)
{
	json_t *pod, *containers, *item;
	size_t i;
	if (apiclient_json(c, &(struct api_request){.path = path}, &pod, err) < 0)
		return -1;
	const json_t *notes = json_object_get(json_object_get(pod, "metadata"), "annotations");
	const char *name = json_string_value(json_object_get(notes, "kubectl.kubernetes.io/default-container"));
	containers = json_object_get(json_object_get(pod, "spec"), "containers");
	if (!name)
		name = json_string_value(json_object_get(json_array_get(containers, 0), "name"));
	*out = name ? arena_printf(&c->arena, "%s", name) : NULL;
	if (*out && json_array_size(containers) > 1) {
		fprintf(stderr, "Defaulted container \"%s\" out of:", *out);
		json_array_foreach (containers, i, item)
			fprintf(stderr, "%s %s", i ? "," : "", json_string_value(json_object_get(item, "name")));
		fputc('\n', stderr);
	}
	json_decref(pod);
	return 0;
}

int command_logs(const struct options *o)
{
	struct apiclient c;
	struct err err = {0};
	const struct api_kind pods = {
	    .group = "", .version = "v1", .plural = "pods", .kind = "Pod", .namespaced = true};
	int code = apiclient_open(&c, "logs", o);
	if (code != EXIT_OK)
		return code;
	const char *pod = o->operands[0], *container = options_get(o, "container", NULL),
		   *tail = options_get(o, "tail", NULL);
	if (strncmp(pod, "pod/", 4) == 0)
		pod += 4;
	const char *base = apiclient_path(&c, &pods, options_get(o, "namespace", "default"), pod);
	if (!container && default_container(&c, base, &container, &err) < 0) {
		code = fail("logs", &err);
		apiclient_close(&c);
		return code;
	}
	const char *path = arena_printf(&c.arena, "%s/log?follow=%s%s%s%s%s", base,
					options_has(o, "follow") ? "true" : "false", container ? "&container=" : "",
					container ? apiclient_encoded(&c, container) : "", tail ? "&tailLines=" : "",
					tail ? apiclient_encoded(&c, tail) : "");
	if (apiclient_stream(&c, &(struct api_request){.path = path, .accept = "*/*", .write = print_piece}, &err) < 0)
		code = fail("logs", &err);
	apiclient_close(&c);
	return code;
}
