/*
 * Routing: see route.h. Tables are short (tens of rows) and a row is mostly refused by its first literal, so rows are
 * tried in order; a compiled tree would be more code for less than the cost of one system call.
 */
#include "net/route.h"

#include <stdio.h>

#include "base/check.h"

struct match {
	struct http_param params[HTTP_PARAMS_MAX];
	size_t n;
};

/* Matches pattern[0..] against the path. A {name} takes the shortest run that lets the rest match. The depth is the
 * number of parameters; runs end at '/', so the work is bounded by one segment's length per parameter. */
static bool match_from(const char *pattern, struct slice path, struct match *m)
{
	/* Byte by byte: literals are short, and most patterns differ early. */
	for (; *pattern && *pattern != '{'; pattern++, path.ptr++, path.len--)
		if (!path.len || *path.ptr != *pattern)
			return false;
	if (!*pattern)
		return path.len == 0;
	const char *open = pattern, *close = open + 1;
	while (*close != '}')
		close++;
	struct slice name = slice_of(open + 1, (size_t)(close - open - 1));
	struct http_param *param = &m->params[m->n++];
	if (name.len > 3 && memcmp(close - 3, "...", 3) == 0) {
		*param = (struct http_param){ slice_of(name.ptr, name.len - 3), path };
		return true;
	}
	const char *run_end = memchr(path.ptr, '/', path.len);
	size_t most = run_end ? (size_t)(run_end - path.ptr) : path.len;
	char follows = close[1];
	size_t least = follows == 0 || follows == '/' ? most : 1;
	size_t n = m->n;
	for (size_t len = least; len && len <= most; len++) {
		if (len < path.len && follows && path.ptr[len] != follows)
			continue;
		if (match_from(close + 1, slice_from(path, len), m)) {
			*param = (struct http_param){ name, slice_sub(path, 0, len) };
			return true;
		}
		m->n = n;
	}
	return false;
}

static bool has_parameter(struct slice query, const char *name)
{
	struct slice item;
	while ((item = slice_cut(&query, '&')).ptr) {
		struct slice rest = item;
		if (slice_is(slice_cut(&rest, '='), name))
			return true;
	}
	return false;
}

int route_find(const struct listener *l, struct http_exchange *x, unsigned *allowed, struct err *err)
{
	unsigned others = 0;
	for (size_t i = 0; i < l->routes_n; i++) {
		const struct route *r = &l->routes[i];
		struct match m;
		m.n = 0;
		if (!match_from(r->pattern, x->path, &m) || (r->query && !has_parameter(x->query, r->query)))
			continue;
		unsigned methods = r->methods | (r->methods & HTTP_GET ? HTTP_HEAD : 0);
		if (!(methods & (unsigned)x->method)) {
			others |= methods;
			continue;
		}
		x->route = r;
		x->params_n = m.n;
		for (size_t p = 0; p < m.n; p++)
			x->params[p] = m.params[p];
		return 0;
	}
	*allowed = others;
	if (others)
		return err_set(err, ERR_METHOD, "%.*s is not a method of %.*s", SLICE_ARG(slice_sub(x->method_name, 0, 32)),
			       SLICE_ARG(slice_sub(x->path, 0, 512)));
	return err_set(err, ERR_NOT_FOUND, "nothing is served at %.*s", SLICE_ARG(slice_sub(x->path, 0, 512)));
}

static const char *pattern_fault(const char *p)
{
	size_t params = 0;
	if (*p != '/' && *p != '*' && *p != '{')
		return "does not begin with '/'";
	while ((p = strchr(p, '{'))) {
		const char *close = strchr(p, '}');
		if (!close || close == p + 1 || ++params > HTTP_PARAMS_MAX)
			return "has an unclosed, nameless or superfluous {parameter}";
		if (close - p > 4 && memcmp(close - 3, "...", 3) == 0 && close[1])
			return "goes on after a {rest...}";
		if (close[1] == '{')
			return "has two parameters with nothing between them";
		p = close;
	}
	return NULL;
}

int route_check(const struct listener *l, struct err *err)
{
	for (size_t i = 0; i < l->routes_n; i++) {
		const struct route *r = &l->routes[i];
		const char *fault = pattern_fault(r->pattern);
		if (!fault && r->access == ACCESS_UNSET)
			fault = "has no access rule";
		if (!fault && r->access > ACCESS_PUBLIC && !l->authenticate)
			fault = "asks for an identity, but the listener has no authenticate function";
		if (!fault && (!r->methods || !r->handle))
			fault = "has no methods or no handler";
		if (fault)
			return err_set(err, ERR_INVALID, "listener %s: route %s %s", l->name, r->pattern, fault);
	}
	return 0;
}

void route_methods_text(unsigned methods, char *out, size_t out_bytes)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS" };
	size_t len = 0;
	out[0] = 0;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (methods & (1u << i))
			len += (size_t)snprintf(out + len, out_bytes - len, "%s%s", len ? ", " : "", names[i]);
}
