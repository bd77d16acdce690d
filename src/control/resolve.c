/* See resolve.h. */
#include "control/resolve.h"

#include "codec/json.h"

/* "[::1]:80" and "host:80" in two; port NULL when there is none. */
static void split_port(struct slice all, struct slice *host, struct slice *port)
{
	*host = all;
	*port = slice_of(NULL, 0);
	for (size_t i = all.len; i-- > 0 && all.ptr[i] != ']';) {
		if (all.ptr[i] == ':') {
			*host = slice_sub(all, 0, i);
			*port = slice_from(all, i + 1);
			break;
		}
	}
	if (host->len > 1 && host->ptr[0] == '[' && host->ptr[host->len - 1] == ']')
		*host = slice_sub(*host, 1, host->len - 2);
}

static bool is_loopback(struct slice host)
{
	return slice_starts(host, "127.") || slice_is_nocase(host, "localhost") || slice_is(host, "::1");
}

static bool is_own_s3(const struct resolver *r, struct slice host, struct slice port)
{
	struct slice own_host, own_port;
	if (!r->s3_address)
		return false;
	split_port(slice_str(r->s3_address), &own_host, &own_port);
	if (!slice_eq(port, own_port))
		return false;
	bool any = slice_is(own_host, "0.0.0.0") || slice_is(own_host, "::");
	return slice_eq_nocase(host, own_host) || (is_loopback(host) && (any || is_loopback(own_host)));
}

/* Is it a name of the cluster? Fills service and namespace (empty: that of the pod). */
static bool cluster_name(struct slice host, struct slice *service, struct slice *namespace_)
{
	struct slice rest = host;
	*service = slice_cut(&rest, '.');
	*namespace_ = rest.ptr ? slice_cut(&rest, '.') : slice_of("", 0);
	if (!service->len || (service->ptr[0] >= '0' && service->ptr[0] <= '9'))
		return false;
	if (!rest.ptr)
		return true;
	return slice_is(rest, "svc") || slice_is(rest, "svc.cluster.local");
}

/* The port number behind port `number` of the Service, in this subset. */
static int64_t subset_port(const json_t *service, const json_t *subset, uint64_t number)
{
	const json_t *ports = json_at(service, "spec.ports"), *p, *q;
	size_t i, j;
	json_array_foreach(ports, i, p)
	{
		if ((uint64_t)json_int_at(p, "port", 0) != number)
			continue;
		const char *name = json_str_at(p, "name");
		json_array_foreach(json_object_get(subset, "ports"), j, q)
		{
			const char *other = json_str_at(q, "name");
			if (!strcmp(name ? name : "", other ? other : ""))
				return json_int_at(q, "port", 0);
		}
	}
	return 0;
}

/* First ready address of SERVICE:port. */
static bool ready_endpoint(const struct resolver *r, const char *namespace_, const char *name, uint64_t number,
			   char *out, size_t n)
{
	json_t *service = cluster_find(r->cluster, r->service, namespace_, name);
	json_t *endpoints = service ? cluster_find(r->cluster, r->endpoints, namespace_, name) : NULL;
	const json_t *subset;
	size_t i;
	bool found = false;
	json_array_foreach(json_object_get(endpoints, "subsets"), i, subset)
	{
		const char *ip = json_str_at(json_array_get(json_object_get(subset, "addresses"), 0), "ip");
		int64_t port = subset_port(service, subset, number);
		if (!ip || port <= 0)
			continue;
		snprintf(out, n, strchr(ip, ':') ? "[%s]:%lld" : "%s:%lld", ip, (long long)port);
		found = true;
		break;
	}
	json_decref(service);
	json_decref(endpoints);
	return found;
}

void resolver_route(const struct resolver *r, const char *namespace_, const char *host_port, struct fetch_route *out)
{
	struct slice host, port, service, ns;
	uint64_t number;
	*out = (struct fetch_route){.kind = FETCH_DIRECT};
	split_port(slice_str(host_port), &host, &port);
	if (is_own_s3(r, host, port)) {
		out->kind = FETCH_OWN_S3;
		return;
	}
	if (!slice_u64(port, &number) || !cluster_name(host, &service, &ns))
		return;
	char name[256], where[256];
	snprintf(name, sizeof name, "%.*s", service.len > 253 ? 253 : (int)service.len, service.ptr);
	snprintf(where, sizeof where, "%.*s", ns.len > 253 ? 253 : (int)ns.len, ns.ptr);
	if (!where[0])
		snprintf(where, sizeof where, "%s", namespace_);
	if (ready_endpoint(r, where, name, number, out->connect_to, sizeof out->connect_to)) {
		struct slice to_host, to_port;
		split_port(slice_str(out->connect_to), &to_host, &to_port);
		out->kind = is_own_s3(r, to_host, to_port) ? FETCH_OWN_S3 : FETCH_CONNECT;
		snprintf(out->why, sizeof out->why, "%.120s leads to %.60s, an endpoint of Service %.40s/%.40s",
			 host_port, out->connect_to, where, name);
		return;
	}
	if (r->s3_address && slice_starts(service, "minio")) {
		out->kind = FETCH_OWN_S3;
		snprintf(out->connect_to, sizeof out->connect_to, "%s", r->s3_address);
		snprintf(out->why, sizeof out->why,
			 "%.120s leads to the embedded object store at %.60s (no Service of that name has ready "
			 "endpoints; alias minio*)",
			 host_port, r->s3_address);
	}
}
