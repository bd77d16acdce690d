/*
 * `coracle routes`: what each listener answers, and who may ask. The tables are those that the server serves by; they
 * are read from this program, no server needs to run. S3 is told apart by more than its routes: there, the operations
 * are listed.
 */
#include "cli/commands.h"

#include <jansson.h>
#include <stdio.h>

#include "api/inference/inference.h"
#include "api/kubernetes/kubernetes.h"
#include "api/s3/s3.h"
#include "base/check.h"
#include "cli/config.h"
#include "cli/output.h"
#include "monitor/monitor.h"
#include "net/route.h"

static const struct {
	const char *name, *who;
} accesses[] = {
    [ACCESS_PUBLIC] = {"public", "anybody"},
    [ACCESS_TOKEN] = {"token", "token, when one is set"},
    [ACCESS_AUTHENTICATED] = {"authenticated", "user of the cluster"},
    [ACCESS_SIGNED] = {"signed", "keys of S3"},
};

static void add(json_t *all, enum listener_id listener, const struct route *r, unsigned methods, const char *path,
		const char *query, const char *operation)
{
	char methods_text[96] = "any", body[32] = "any";
	if (methods != HTTP_ANY)
		route_methods_text(methods, methods_text, sizeof methods_text);
	if (r->body_max >= 0)
		(void)snprintf(body, sizeof body, "%lld", (long long)r->body_max);
	json_array_append_new(all, json_pack("{s:s, s:s, s:s++, s:s, s:s, s:s, s:s, s:s}", "listener",
					     listener_names[listener], "methods", methods_text, "path", path,
					     query ? "?" : "", query ? query : "", "access", accesses[r->access].name,
					     "who", accesses[r->access].who, "mode",
					     r->mode == ROUTE_INLINE ? "inline" : "worker", "body", body, "operation",
					     operation));
}

/* The operations that a route of S3 leads to. */
static void add_operations(json_t *all, const struct route *r)
{
	struct s3_operation_doc o;
	for (size_t i = 0; s3_operation_at(i, &o); i++)
		if (o.methods & (r->methods & HTTP_GET ? r->methods | HTTP_HEAD : r->methods))
			add(all, LISTENER_S3, r, o.methods, o.path, o.query, o.name);
}

static void add_listener(json_t *all, enum listener_id id, const struct listener *l)
{
	for (size_t i = 0; i < l->routes_n; i++) {
		const struct route *r = &l->routes[i];
		if (r->access == ACCESS_SIGNED)
			add_operations(all, r);
		else
			add(all, id, r, r->methods, r->pattern, r->query, "");
	}
}

static int list(json_t *all, struct err *err)
{
	struct inference_api *inference = NULL;
	struct s3_api *s3 = NULL;
	struct kubernetes_api *kubernetes = NULL;
	struct listener l[LISTENERS] = {0};
	int rc = -1;
	if (inference_api_new(&(struct inference_options){0}, &inference, err) < 0 ||
	    s3_api_new(&(struct s3_options){.access_key = "-", .secret_key = "-"}, &s3, err) < 0 ||
	    kubernetes_api_new(&(struct kubernetes_options){0}, &kubernetes, err) < 0)
		goto done;
	inference_api_listener(inference, &l[LISTENER_INFERENCE]);
	s3_api_listener(s3, &l[LISTENER_S3]);
	kubernetes_api_listener(kubernetes, &l[LISTENER_KUBERNETES]);
	monitor_listener(&l[LISTENER_METRICS]);
	for (int i = 0; i < LISTENERS; i++)
		add_listener(all, (enum listener_id)i, &l[i]);
	rc = 0;
done:
	kubernetes_api_free(kubernetes);
	s3_api_free(s3);
	inference_api_free(inference);
	return rc;
}

static const char *text(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

int command_routes(const struct options *o)
{
	struct err err = {0};
	json_t *all = json_array(), *row;
	size_t i;
	int code = output_check("routes", o);
	if (code == EXIT_OK && list(all, &err) < 0)
		code = fail("routes", &err);
	if (code == EXIT_OK && !output_value(o, all)) {
		static const char row_format[] = "%-11s %-23s %-8s %-60s %s\n";
		printf(row_format, "LISTENER", "WHO", "METHODS", "PATH", "OPERATION");
		json_array_foreach(all, i, row) printf(row_format, text(row, "listener"), text(row, "who"),
						       text(row, "methods"), text(row, "path"), text(row, "operation"));
	}
	json_decref(all);
	return code;
}
