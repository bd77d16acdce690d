/* Defaults of a pod spec: see podspec.h. Values are those of Kubernetes' core/v1 defaulting. */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/podspec.h"

static void text(json_t *o, const char *key, const char *value)
{
	const char *is = json_string_value(json_object_get(o, key));
	if (!is || !*is)
		json_object_set_new(o, key, json_string(value));
}

static void number(json_t *o, const char *key, json_int_t value)
{
	if (json_int_at(o, key, 0) == 0)
		json_object_set_new(o, key, json_integer(value));
}

/* "x", "x:latest" and "host:5000/x" have no fixed tag. */
static bool moves(const char *image)
{
	const char *name = strrchr(image, '/'), *tag;
	if (strchr(image, '@'))
		return false;
	tag = strchr(name ? name : image, ':');
	return !tag || strcmp(tag, ":latest") == 0;
}

static void http_get(json_t *o)
{
	if (!json_is_object(o))
		return;
	text(o, "path", "/");
	text(o, "scheme", "HTTP");
}

static void probe(json_t *o)
{
	json_t *grpc = json_object_get(o, "grpc");
	if (!json_is_object(o))
		return;
	http_get(json_object_get(o, "httpGet"));
	if (json_is_object(grpc) && !json_object_get(grpc, "service"))
		json_object_set_new(grpc, "service", json_string(""));
	number(o, "timeoutSeconds", 1);
	number(o, "periodSeconds", 10);
	number(o, "successThreshold", 1);
	number(o, "failureThreshold", 3);
}

static void field_ref(json_t *o)
{
	if (json_is_object(o))
		text(o, "apiVersion", "v1");
}

void podspec_container_defaults(json_t *c)
{
	const char *image = json_string_value(json_object_get(c, "image"));
	json_t *v, *lifecycle = json_object_get(c, "lifecycle");
	size_t i;
	json_array_foreach(json_object_get(c, "ports"), i, v)
		text(v, "protocol", "TCP");
	json_array_foreach(json_object_get(c, "env"), i, v)
		field_ref(json_at(v, "valueFrom.fieldRef"));
	probe(json_object_get(c, "livenessProbe"));
	probe(json_object_get(c, "readinessProbe"));
	probe(json_object_get(c, "startupProbe"));
	http_get(json_at(lifecycle, "postStart.httpGet"));
	http_get(json_at(lifecycle, "preStop.httpGet"));
	if (!json_object_get(c, "resources"))
		json_object_set_new(c, "resources", json_object());
	text(c, "terminationMessagePath", "/dev/termination-log");
	text(c, "terminationMessagePolicy", "File");
	text(c, "imagePullPolicy", image && moves(image) ? "Always" : "IfNotPresent");
}

static void downward(json_t *o)
{
	json_t *item;
	size_t i;
	json_array_foreach(json_object_get(o, "items"), i, item)
		field_ref(json_object_get(item, "fieldRef"));
}

static void mode(json_t *o)
{
	if (json_is_object(o) && !json_object_get(o, "defaultMode"))
		json_object_set_new(o, "defaultMode", json_integer(0644));
}

static void projected(json_t *o)
{
	json_t *source;
	size_t i;
	mode(o);
	json_array_foreach(json_object_get(o, "sources"), i, source)
	{
		json_t *token = json_object_get(source, "serviceAccountToken");
		downward(json_object_get(source, "downwardAPI"));
		if (json_is_object(token))
			number(token, "expirationSeconds", 3600);
	}
}

static void volume(json_t *v)
{
	json_t *host = json_object_get(v, "hostPath"), *claim = json_at(v, "ephemeral.volumeClaimTemplate.spec");
	if (json_object_size(v) == 1 && json_object_get(v, "name"))
		json_object_set_new(v, "emptyDir", json_object());
	mode(json_object_get(v, "secret"));
	mode(json_object_get(v, "configMap"));
	mode(json_object_get(v, "downwardAPI"));
	downward(json_object_get(v, "downwardAPI"));
	projected(json_object_get(v, "projected"));
	if (json_is_object(host) && !json_object_get(host, "type"))
		json_object_set_new(host, "type", json_string(""));
	if (json_is_object(claim))
		text(claim, "volumeMode", "Filesystem");
}

void podspec_defaults(json_t *spec)
{
	static const char *const lists[] = { "initContainers", "containers", "ephemeralContainers" };
	json_t *v;
	size_t i;
	if (!json_is_object(spec))
		return;
	json_array_foreach(json_object_get(spec, "volumes"), i, v)
		if (json_is_object(v))
			volume(v);
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		json_array_foreach(json_object_get(spec, lists[l]), i, v)
			if (json_is_object(v))
				podspec_container_defaults(v);
	text(spec, "restartPolicy", "Always");
	if (!json_object_get(spec, "terminationGracePeriodSeconds"))
		json_object_set_new(spec, "terminationGracePeriodSeconds", json_integer(30));
	text(spec, "dnsPolicy", "ClusterFirst");
	if (!json_object_get(spec, "securityContext"))
		json_object_set_new(spec, "securityContext", json_object());
	text(spec, "schedulerName", "default-scheduler");
}
