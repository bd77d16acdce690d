/* batch/v1: Job and CronJob. They are stored and shown; nothing runs them yet, and a warning says so. */
#include <stdio.h>
#include <string.h>

#include "cluster/age.h"
#include "codec/json.h"
#include "codec/time.h"
#include "control/kinds/cells.h"
#include "control/kinds/podspec.h"
#include "control/kinds/tables.h"

enum { WORKLOAD = KIND_NAMESPACED | KIND_STATUS | KIND_GENERATION | KIND_UNCONDITIONAL };


static void number(json_t *o, const char *key, json_int_t value)
{
	if (!json_object_get(o, key))
		json_object_set_new(o, key, json_integer(value));
}

static void text(json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	if (!is || !*is)
		json_object_set_new(o, key, json_string(value));
}

static bool has_condition(const json_t *o, const char *type)
{
	size_t i;
	const json_t *c;
	json_array_foreach(json_at(o, "status.conditions"), i, c)
	{
		const char *t = json_str_at(c, "type"), *s = json_str_at(c, "status");
		if (t && s && strcmp(t, type) == 0 && strcmp(s, "True") == 0)
			return true;
	}
	return false;
}

/* ---- Job ---- */

static json_t *job_status(const json_t *o, int64_t now_ns)
{
	static const struct {
		const char *condition, *shown;
	} states[] = { { "Complete", "Complete" }, { "Failed", "Failed" }, { "Suspended", "Suspended" },
		       { "FailureTarget", "FailureTarget" }, { "SuccessCriteriaMet", "SuccessCriteriaMet" } };
	(void)now_ns;
	for (size_t i = 0; i < COUNT_OF(states); i++)
		if (has_condition(o, states[i].condition))
			return json_string(i == 2 && json_str_at(o, "metadata.deletionTimestamp") ? "Terminating" :
												   states[i].shown);
	return json_string(json_str_at(o, "metadata.deletionTimestamp") ? "Terminating" : "Running");
}

static json_t *job_completions(const json_t *o, int64_t now_ns)
{
	const json_t *wanted = json_at(o, "spec.completions");
	json_int_t done = json_int_at(o, "status.succeeded", 0), parallel = json_int_at(o, "spec.parallelism", 0);
	(void)now_ns;
	if (wanted)
		return json_sprintf("%lld/%lld", (long long)done, (long long)json_integer_value(wanted));
	return parallel > 1 ? json_sprintf("%lld/1 of %lld", (long long)done, (long long)parallel) :
			      json_sprintf("%lld/1", (long long)done);
}

static json_t *job_duration(const json_t *o, int64_t now_ns)
{
	const char *start = json_str_at(o, "status.startTime"), *end = json_str_at(o, "status.completionTime");
	int64_t to = now_ns;
	if (!start)
		return json_string("");
	if (end && !time_parse_rfc3339(slice_str(end), &to))
		to = now_ns;
	return cell_since(start, to);
}

static const struct kind_column columns_job[] = {
	COLUMN_NAME,
	COLUMN("Status", "string", 0, job_status, "Running, Complete, Failed or Suspended."),
	COLUMN("Completions", "string", 0, job_completions, "Pods that succeeded, of those wanted."),
	COLUMN("Duration", "string", 0, job_duration, "Time it took, or has taken so far."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cell_template_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cell_template_images, "Their images."),
	COLUMN("Selector", "string", 1, cell_spec_selector, "Labels of the Pods that count."),
};

static void job_spec_defaults(json_t *spec)
{
	if (!json_is_object(spec))
		return;
	if (!json_object_get(spec, "completions") && !json_object_get(spec, "parallelism"))
		number(spec, "completions", 1);
	number(spec, "parallelism", 1);
	if (!json_object_get(spec, "backoffLimit"))
		number(spec, "backoffLimit", json_object_get(spec, "backoffLimitPerIndex") ? INT32_MAX : 6);
	text(spec, "completionMode", "NonIndexed");
	if (!json_object_get(spec, "suspend"))
		json_object_set_new(spec, "suspend", json_false());
	text(spec, "podReplacementPolicy", json_object_get(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
	podspec_defaults(json_at(spec, "template.spec"));
}

static int job_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *labels = json_at(spec, "template.metadata.labels"), *own;
	(void)ctx;
	(void)err;
	job_spec_defaults(spec);
	own = json_at(a->object, "metadata.labels");
	if (!own && json_object_size(labels))
		json_object_set_new(json_object_get(a->object, "metadata"), "labels", json_copy(labels));
	return 0;
}

static json_t *object_in(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	if (json_is_object(v))
		return v;
	v = json_object();
	json_object_set_new(o, key, v);
	return v;
}

/* A selector of its own, by its uid, unless the job brings one. */
static int job_prepare(struct admission *a, void *ctx, struct err *err)
{
	static const char uid_label[] = "batch.kubernetes.io/controller-uid", name_label[] = "batch.kubernetes.io/job-name";
	json_t *spec = json_object_get(a->object, "spec");
	const char *uid = json_str_at(a->object, "metadata.uid"), *name = json_str_at(a->object, "metadata.name");
	(void)ctx;
	(void)err;
	if (a->verb != ADMIT_CREATE || !json_is_object(spec) || json_is_true(json_object_get(spec, "manualSelector")) || !uid ||
	    !name)
		return 0;
	json_t *labels = object_in(object_in(object_in(spec, "template"), "metadata"), "labels");
	json_object_set_new(labels, uid_label, json_string(uid));
	json_object_set_new(labels, name_label, json_string(name));
	json_object_set_new(labels, "controller-uid", json_string(uid));
	json_object_set_new(labels, "job-name", json_string(name));
	json_object_set_new(object_in(object_in(spec, "selector"), "matchLabels"), uid_label, json_string(uid));
	return 0;
}

static void job_spec_validate(const json_t *spec, const char *path, struct fault_list *l)
{
	const char *restart = json_str_at(spec, "template.spec.restartPolicy");
	char at[160];
	(void)snprintf(at, sizeof at, "%s.template.spec", path);
	podspec_validate(json_at(spec, "template.spec"), at, l);
	(void)snprintf(at, sizeof at, "%s.template.spec.restartPolicy", path);
	if (!restart || strcmp(restart, "Always") == 0)
		fault_add(l, at, FAULT_REQUIRED, NULL, "valid values: \"OnFailure\", \"Never\"");
}

static int job_validate(struct admission *a, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	job_spec_validate(json_object_get(a->object, "spec"), "spec", a->faults);
	return 0;
}

static const struct kind jobs = {
	.group = "batch", .version = "v1", .kind = "Job", .plural = "jobs", .singular = "job", .categories = NAMES("all"),
	.without_effect = "nothing is started by it",
	.flags = WORKLOAD, .selectable = NAMES("status.successful"),
	.immutable = NAMES("spec.selector", "spec.template", "spec.completionMode"), COLUMNS(job), .type = &type_batch_Job,
	.hooks = { .defaults = job_defaults, .prepare = job_prepare, .validate = job_validate },
};

/* ---- CronJob ---- */

static json_t *cron_schedule(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "spec.schedule");
}

static json_t *cron_zone(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_at(o, "spec.timeZone");
}

static json_t *cron_suspend(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_string(json_is_true(json_at(o, "spec.suspend")) ? "True" : "False");
}

static json_t *cron_active(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return json_integer((json_int_t)json_array_size(json_at(o, "status.active")));
}

static json_t *cron_last(const json_t *o, int64_t now_ns)
{
	const char *last = json_str_at(o, "status.lastScheduleTime");
	return last ? cell_since(last, now_ns) : json_string("<none>");
}

static json_t *cron_containers(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_joined(json_at(o, "spec.jobTemplate.spec.template.spec.containers"), "name");
}

static json_t *cron_images(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_joined(json_at(o, "spec.jobTemplate.spec.template.spec.containers"), "image");
}

static json_t *cron_selector(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return cell_selector(json_at(o, "spec.jobTemplate.spec.selector"));
}

static const struct kind_column columns_cronjob[] = {
	COLUMN_NAME,
	COLUMN("Schedule", "string", 0, cron_schedule, "When it runs, as cron writes it."),
	COLUMN("Timezone", "string", 0, cron_zone, "The time zone of the schedule."),
	COLUMN("Suspend", "boolean", 0, cron_suspend, "Whether it rests."),
	COLUMN("Active", "integer", 0, cron_active, "Jobs that are running."),
	COLUMN("Last Schedule", "string", 0, cron_last, "Time since it ran last."),
	COLUMN_AGE,
	COLUMN("Containers", "string", 1, cron_containers, "Containers of the template."),
	COLUMN("Images", "string", 1, cron_images, "Their images."),
	COLUMN("Selector", "string", 1, cron_selector, "Labels of the Pods that count."),
};

static int cron_defaults(struct admission *a, void *ctx, struct err *err)
{
	json_t *spec = json_object_get(a->object, "spec"), *job = json_at(spec, "jobTemplate.spec");
	(void)ctx;
	(void)err;
	if (!json_is_object(spec))
		return 0;
	text(spec, "concurrencyPolicy", "Allow");
	if (!json_object_get(spec, "suspend"))
		json_object_set_new(spec, "suspend", json_false());
	number(spec, "successfulJobsHistoryLimit", 3);
	number(spec, "failedJobsHistoryLimit", 1);
	podspec_defaults(json_at(job, "template.spec"));
	return 0;
}

static int cron_validate(struct admission *a, void *ctx, struct err *err)
{
	const char *schedule = json_str_at(a->object, "spec.schedule");
	(void)ctx;
	(void)err;
	if (!schedule || !*schedule)
		fault_add(a->faults, "spec.schedule", FAULT_REQUIRED, NULL, "%s", "");
	job_spec_validate(json_at(a->object, "spec.jobTemplate.spec"), "spec.jobTemplate.spec", a->faults);
	return 0;
}

static const struct kind cronjobs = {
	.group = "batch", .version = "v1", .kind = "CronJob", .plural = "cronjobs", .singular = "cronjob",
	.without_effect = "nothing is started by it",
	.short_names = NAMES("cj"), .categories = NAMES("all"), .flags = WORKLOAD, COLUMNS(cronjob),
	.type = &type_batch_CronJob, .hooks = { .defaults = cron_defaults, .validate = cron_validate },
};

KIND_TABLE(batch, &cronjobs, &jobs)
