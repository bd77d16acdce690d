/*
 * The grammar, after the prefix /api/v1 or /apis/GROUP/VERSION:
 *
 *   namespaces/NS                     the namespace itself
 *   namespaces/NS/(status|finalize)   its subresources
 *   namespaces/NS/RESOURCE[/NAME[/SUBRESOURCE[/REST…]]]
 *   RESOURCE[/NAME[/SUBRESOURCE[/REST…]]]
 *
 * Each segment is decoded once, after the path was split: an encoded slash stays inside its segment, and a segment
 * that decodes to ".", ".." or holds a NUL or a slash is no name of anything.
 */
#include "api/kubernetes/path.h"

#include "codec/url.h"

static const char *decode(struct slice s, struct arena *arena, struct err *err)
{
	struct slice plain;
	if (!url_decode(s, arena, &plain) || (plain.len && memchr(plain.ptr, 0, plain.len)) ||
	    slice_find(plain, '/') >= 0) {
		err_set(err, ERR_INVALID, "path has a broken percent-encoding, or a segment with a slash or NUL in it");
		return NULL;
	}
	if (plain.len == 0 || slice_is(plain, ".") || slice_is(plain, "..")) {
		err_set(err, ERR_NOT_FOUND, "404 page not found");
		return NULL;
	}
	const char *out = arena_cstr(arena, plain);
	if (!out)
		err_set(err, ERR_NO_MEMORY, "request is too large");
	return out;
}

/* The next segment of *rest, which begins with '/' or is empty; NULL at the end (err untouched) or on error. */
static const char *next(struct slice *rest, struct arena *arena, struct err *err)
{
	if (rest->len <= 1)
		return NULL;
	struct slice s = slice_from(*rest, 1);
	ptrdiff_t slash = slice_find(s, '/');
	size_t n = slash < 0 ? s.len : (size_t)slash;
	const char *out = decode(slice_sub(s, 0, n), arena, err);
	if (out)
		*rest = slice_from(s, n);
	return out;
}

static bool is_namespace_subresource(const char *s)
{
	return !strcmp(s, "status") || !strcmp(s, "finalize");
}

static int parse_resource(struct slice rest, struct arena *arena, struct kube_path *p, struct err *err)
{
	struct err e = {0};
	const char *first = next(&rest, arena, &e), *second, *third;
	if (!first)
		goto end;
	p->plural = first;
	second = next(&rest, arena, &e);
	if (!second)
		goto end;
	if (!strcmp(first, "namespaces") && !strcmp(p->group, "")) {
		third = next(&rest, arena, &e);
		if (!third) {
			p->name = second;
			goto end;
		}
		if (is_namespace_subresource(third)) {
			p->name = second;
			p->subresource = third;
			goto end;
		}
		p->namespace_ = second;
		p->plural = third;
		p->name = next(&rest, arena, &e);
	} else if (!strcmp(first, "namespaces")) {
		p->namespace_ = second;
		p->plural = next(&rest, arena, &e);
		if (p->plural)
			p->name = next(&rest, arena, &e);
		else if (!e.code)
			err_set(&e, ERR_NOT_FOUND, "404 page not found");
	} else {
		p->name = second;
	}
	if (p->name && !e.code)
		p->subresource = next(&rest, arena, &e);
	p->rest = rest;
end:
	if (!e.code)
		return 0;
	*err = e;
	return -1;
}

int kube_path_parse(struct slice path, struct arena *arena, struct kube_path *out, struct err *err)
{
	struct kube_path p = {.group = "", .namespace_ = ""};
	struct slice rest;
	struct err e = {0};
	if (slice_starts(path, "/api/")) {
		rest = slice_from(path, 4);
		p.version = next(&rest, arena, &e);
	} else if (slice_starts(path, "/apis/")) {
		rest = slice_from(path, 5);
		p.group = next(&rest, arena, &e);
		p.version = p.group ? next(&rest, arena, &e) : NULL;
	} else {
		return err_set(err, ERR_NOT_FOUND, "404 page not found");
	}
	if (!p.version) {
		if (!e.code)
			err_set(&e, ERR_NOT_FOUND, "404 page not found");
		*err = e;
		return -1;
	}
	if (parse_resource(rest, arena, &p, err) < 0)
		return -1;
	*out = p;
	return 0;
}
