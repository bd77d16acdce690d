/* http:// and https://: one file, named by the last step of the path. */
#include "codec/url.h"
#include "control/beneath.h"
#include "control/fetch_parts.h"
#include "net/client.h"

enum { REDIRECTS_MAX = 5, ARENA_BYTES = 4 << 20 };

/* HOST:PORT of an http(s) URL, the default port filled in; its path is what comes after. */
static int split_url(const char *url, char *host_port, size_t n, struct slice *path, struct err *err)
{
	bool tls = !strncmp(url, "https://", 8);
	struct slice rest = slice_str(url + (tls ? 8 : 7));
	size_t end = 0;
	while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#')
		end++;
	struct slice authority = slice_sub(rest, 0, end);
	if (!authority.len || slice_find(authority, '@') >= 0)
		return err_set(err, ERR_INVALID, "storageUri \"%.300s\": a host, without user and password, is wanted",
			       url);
	bool has_port = false;
	for (size_t i = authority.len; i-- > 0 && authority.ptr[i] != ']';)
		has_port = has_port || authority.ptr[i] == ':';
	snprintf(host_port, n, "%.*s%s", SLICE_ARG(authority), has_port ? "" : tls ? ":443" : ":80");
	*path = slice_from(rest, end);
	for (size_t i = 0; i < path->len; i++)
		if (path->ptr[i] == '?' || path->ptr[i] == '#')
			path->len = i;
	return 0;
}

static int file_name(const char *uri, struct slice path, struct arena *arena, struct slice *name, struct err *err)
{
	size_t at = path.len;
	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	struct slice encoded = slice_from(path, at);
	if (!encoded.len || !url_decode(encoded, arena, name) || slice_find(*name, '/') >= 0 || !beneath_ok(*name))
		return err_set(err, ERR_INVALID, "storageUri \"%.300s\" names no file", uri);
	return 0;
}

int fetch_from_http(struct fetch_sink *s, const struct fetch_request *r, struct err *err)
{
	struct arena arena;
	arena_init(&arena, 0, ARENA_BYTES);
	char host_port[280];
	struct slice path = {0}, name = {0};
	struct fetch_route route;
	struct fetch_file f = {.fd = -1};
	int rc = -1;
	if (split_url(r->uri, host_port, sizeof host_port, &path, err) < 0 ||
	    file_name(r->uri, path, &arena, &name, err) < 0 || fetch_file_begin(s, name, &f, err) < 0)
		goto done;
	fetch_route_of(s->o, host_port, &route);
	struct client_request q = {
	    .url = r->uri,
	    .headers = r->headers,
	    .headers_n = r->headers_n,
	    .addresses = fetch_addresses(s->o),
	    .connect_to = route.connect_to[0] ? route.connect_to : NULL,
	    .redirects_max = route.connect_to[0] ? 0 : REDIRECTS_MAX,
	    .ca_file = r->s3 && r->s3->ca_file && *r->s3->ca_file ? r->s3->ca_file : NULL,
	    .write = fetch_file_receive,
	    .write_arg = &f,
	    .check = s->o->check,
	    .check_arg = s->o->check_arg,
	    .arena = &arena,
	};
	struct client_response answer;
	rc = client_fetch(&q, &answer, err);
	if (rc < 0 && f.err.code)
		*err = f.err;
	if (rc == 0 && answer.status != 200)
		rc = err_set(err,
			     answer.status == 404 || answer.status == 410   ? ERR_NOT_FOUND
			     : answer.status == 401 || answer.status == 403 ? ERR_FORBIDDEN
									    : ERR_UNAVAILABLE,
			     "%.300s answered %d", r->uri, answer.status);
	if (fetch_file_end(&f, rc == 0, err) < 0)
		rc = -1;
	if (rc == 0)
		fetch_log(s->o, "Downloaded %s to /mnt/models/%.*s", r->uri, SLICE_ARG(name));
	if (rc == 0 && fetch_is_archive(name))
		rc = fetch_unpack(s, name, err);
done:
	arena_release(&arena);
	return rc;
}
