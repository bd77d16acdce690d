/* Checks of a pod spec: see podspec.h. Texts are those of Kubernetes' core validation. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "cluster/quantity.h"
#include "codec/json.h"
#include "cluster/names.h"
#include "control/kinds/podspec.h"

enum { PATH_BYTES = 512 };

struct place {
	char at[PATH_BYTES];
};

static struct place below(const char *path, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct place below(const char *path, const char *fmt, ...)
{
	struct place p;
	int n = snprintf(p.at, sizeof p.at, "%s", path);
	va_list ap;
	va_start(ap, fmt);
	if (n >= 0 && (size_t)n < sizeof p.at)
		(void)vsnprintf(p.at + n, sizeof p.at - (size_t)n, fmt, ap);
	va_end(ap);
	return p;
}

static void one_of(const json_t *o, const char *key, const char *path, const char *const *values, struct fault_list *l)
{
	const char *is = json_string_value(json_object_get(o, key));
	char supported[256] = "";
	size_t at = 0;
	if (!is || !*is)
		return;
	for (size_t i = 0; values[i]; i++) {
		if (strcmp(values[i], is) == 0)
			return;
		int n = snprintf(supported + at, sizeof supported - at, "%s\"%s\"", i ? ", " : "", values[i]);
		at += n > 0 && (size_t)n < sizeof supported - at ? (size_t)n : 0;
	}
	fault_add_str(l, below(path, ".%s", key).at, FAULT_UNSUPPORTED, is, "supported values: %s", supported);
}

static void check_ports(const json_t *ports, const char *path, struct fault_list *l)
{
	static const char *const protocols[] = { "SCTP", "TCP", "UDP", NULL };
	size_t i;
	const json_t *p;
	json_array_foreach(ports, i, p)
	{
		struct place at = below(path, ".ports[%zu]", i);
		const json_t *number = json_object_get(p, "containerPort");
		json_int_t v = json_integer_value(number);
		if (v == 0)
			fault_add(l, below(at.at, ".containerPort").at, FAULT_REQUIRED, NULL, "%s", "");
		else if (v < 1 || v > 65535)
			fault_add(l, below(at.at, ".containerPort").at, FAULT_INVALID, number,
				  "must be between 1 and 65535, inclusive");
		one_of(p, "protocol", at.at, protocols, l);
	}
}

static void check_env(const json_t *env, const char *path, struct fault_list *l)
{
	size_t i;
	const json_t *e;
	json_array_foreach(env, i, e)
	{
		const char *name = json_string_value(json_object_get(e, "name"));
		struct place at = below(path, ".env[%zu]", i);
		if (!name || !*name)
			fault_add(l, below(at.at, ".name").at, FAULT_REQUIRED, NULL, "%s", "");
		else if (strchr(name, '='))
			fault_add_str(l, below(at.at, ".name").at, FAULT_INVALID, name,
				      "a valid environment variable name must consist only of printable ASCII characters "
				      "other than '='");
		if (json_str_at(e, "value") && *json_str_at(e, "value") && json_object_get(e, "valueFrom"))
			fault_add_str(l, below(at.at, ".valueFrom").at, FAULT_INVALID, "",
				      "may not be specified when `value` is not empty");
	}
}

static void check_resources(const json_t *resources, const char *path, struct fault_list *l)
{
	const json_t *limits = json_object_get(resources, "limits"), *requests = json_object_get(resources, "requests");
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)requests, key, v)
	{
		const json_t *limit = json_object_get(limits, key);
		if (json_is_string(v) && json_is_string(limit) &&
		    quantity_cmp(json_string_value(v), json_string_value(limit)) > 0)
			fault_add(l, below(path, ".resources.requests").at, FAULT_INVALID, v,
				  "must be less than or equal to %s limit of %s", key, json_string_value(limit));
	}
}

static bool has_volume(const json_t *volumes, const char *name)
{
	size_t i;
	const json_t *v;
	json_array_foreach(volumes, i, v)
	{
		const char *is = json_string_value(json_object_get(v, "name"));
		if (is && strcmp(is, name) == 0)
			return true;
	}
	return false;
}

static void check_mounts(const json_t *mounts, const json_t *volumes, const char *path, struct fault_list *l)
{
	size_t i;
	const json_t *m;
	json_array_foreach(mounts, i, m)
	{
		const char *name = json_string_value(json_object_get(m, "name")), *to = json_str_at(m, "mountPath");
		struct place at = below(path, ".volumeMounts[%zu]", i);
		if (!name || !*name)
			fault_add(l, below(at.at, ".name").at, FAULT_REQUIRED, NULL, "%s", "");
		else if (!has_volume(volumes, name))
			fault_add_str(l, below(at.at, ".name").at, FAULT_NOT_FOUND, name, "%s", "");
		if (!to || !*to)
			fault_add(l, below(at.at, ".mountPath").at, FAULT_REQUIRED, NULL, "%s", "");
	}
}

static void check_container(const json_t *c, const json_t *volumes, const json_t *seen, const char *path,
			    struct fault_list *l)
{
	static const char *const pulls[] = { "Always", "IfNotPresent", "Never", NULL };
	static const char *const messages[] = { "FallbackToLogsOnError", "File", NULL };
	const char *name = json_string_value(json_object_get(c, "name")), *image = json_str_at(c, "image");
	if (!name || !*name)
		fault_add(l, below(path, ".name").at, FAULT_REQUIRED, NULL, "%s", "");
	else if (name_error(NAMES_LABEL, name))
		fault_add_str(l, below(path, ".name").at, FAULT_INVALID, name, "%s", name_error(NAMES_LABEL, name));
	else if (json_object_get(seen, name))
		fault_add_str(l, below(path, ".name").at, FAULT_DUPLICATE, name, "%s", "");
	if (!image || !*image)
		fault_add(l, below(path, ".image").at, FAULT_REQUIRED, NULL, "%s", "");
	else if (strspn(image, " ") || image[strlen(image) - 1] == ' ')
		fault_add_str(l, below(path, ".image").at, FAULT_INVALID, image,
			      "must not have leading or trailing whitespace");
	one_of(c, "imagePullPolicy", path, pulls, l);
	one_of(c, "terminationMessagePolicy", path, messages, l);
	check_ports(json_object_get(c, "ports"), path, l);
	check_env(json_object_get(c, "env"), path, l);
	check_mounts(json_object_get(c, "volumeMounts"), volumes, path, l);
	check_resources(json_object_get(c, "resources"), path, l);
}

static void check_volumes(const json_t *volumes, const char *path, struct fault_list *l)
{
	json_t *seen = json_object();
	size_t i;
	const json_t *v;
	json_array_foreach(volumes, i, v)
	{
		const char *name = json_string_value(json_object_get(v, "name"));
		struct place at = below(path, ".volumes[%zu].name", i);
		if (!name || !*name)
			fault_add(l, at.at, FAULT_REQUIRED, NULL, "%s", "");
		else if (name_error(NAMES_LABEL, name))
			fault_add_str(l, at.at, FAULT_INVALID, name, "%s", name_error(NAMES_LABEL, name));
		else if (json_object_get(seen, name))
			fault_add_str(l, at.at, FAULT_DUPLICATE, name, "%s", "");
		else
			json_object_set_new(seen, name, json_true());
	}
	json_decref(seen);
}

void podspec_validate(const json_t *spec, const char *path, struct fault_list *faults)
{
	static const char *const lists[] = { "containers", "initContainers" };
	static const char *const restarts[] = { "Always", "OnFailure", "Never", NULL };
	static const char *const dns[] = { "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", NULL };
	const json_t *volumes = json_object_get(spec, "volumes"), *c;
	json_t *seen = json_object();
	size_t i;
	check_volumes(volumes, path, faults);
	if (json_array_size(json_object_get(spec, "containers")) == 0)
		fault_add(faults, below(path, ".containers").at, FAULT_REQUIRED, NULL, "%s", "");
	for (size_t n = 0; n < COUNT_OF(lists); n++)
		json_array_foreach(json_object_get(spec, lists[n]), i, c)
		{
			const char *name = json_string_value(json_object_get(c, "name"));
			check_container(c, volumes, seen, below(path, ".%s[%zu]", lists[n], i).at, faults);
			if (name && *name)
				json_object_set_new(seen, name, json_true());
		}
	one_of(spec, "restartPolicy", path, restarts, faults);
	one_of(spec, "dnsPolicy", path, dns, faults);
	json_decref(seen);
}

void podtemplate_validate(const json_t *template, const json_t *selector, const char *path, struct fault_list *faults)
{
	const json_t *wanted = json_object_get(selector, "matchLabels"), *labels = json_at(template, "metadata.labels"), *v;
	const char *key;
	bool fits = true;
	json_object_foreach((json_t *)wanted, key, v)
		fits = fits && json_equal(json_object_get(labels, key), v);
	if (!fits) {
		json_t *none = labels ? NULL : json_object();
		fault_add(faults, below(path, ".metadata.labels").at, FAULT_INVALID, labels ? labels : none,
			  "`selector` does not match template `labels`");
		json_decref(none);
	}
	/* the API server's path leaves "metadata" out */
	labels_validate(json_object_get(template, "metadata"), "labels", below(path, ".labels").at, faults);
	podspec_validate(json_object_get(template, "spec"), below(path, ".spec").at, faults);
}

const char *podspec_qos(const json_t *spec)
{
	static const char *const lists[] = { "containers", "initContainers" };
	static const char *const names[] = { "cpu", "memory" };
	bool any = false, all = true;
	size_t i;
	const json_t *c;
	for (size_t n = 0; n < COUNT_OF(lists); n++)
		json_array_foreach(json_object_get(spec, lists[n]), i, c)
			for (size_t j = 0; j < COUNT_OF(names); j++) {
				const json_t *limit = json_object_get(json_at(c, "resources.limits"), names[j]);
				const json_t *request = json_object_get(json_at(c, "resources.requests"), names[j]);
				any |= limit || request;
				all &= limit && (!request || json_equal(limit, request));
			}
	return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}
