/*
 * Lists: all objects of a kind, or page after page of one snapshot.
 *
 * A page of an older version is the present with the newer events taken back: the event ring says what an object was
 * before. So a snapshot costs nothing until somebody asks for it, and lasts as long as the ring reaches back.
 *
 * A continue token is the API server's: base64url of {"v","rv","start"}, `start` being the last object that was given. One
 * with rv -1 goes on with the present: a client whose snapshot is gone gets it with the refusal, and may use it.
 */
#include "cluster/state.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "cluster/selector.h"
#include "cluster/write.h"
#include "codec/base64.h"

enum { TOKEN_BYTES_MAX = 4096 };

/* What an object was at the version asked for; NULL: it was not there. */
struct past {
	const char *namespace_, *name;
	json_t *object;
};

struct listing {
	const struct kind *kind;
	const char *namespace_, *name; /* NULL: all */
	struct selector *labels, *fields;
	int64_t limit;	 /* 0: none */
	int64_t version; /* of the snapshot */
	char *after_namespace, *after_name; /* NULL: from the start */
	VEC(struct past) past;
	VEC(json_t *) found; /* stored forms, references */
	bool more;
	int64_t remaining;
};

static void listing_release(struct listing *l)
{
	for (size_t i = 0; i < l->found.len; i++)
		json_decref(l->found.ptr[i]);
	vec_release(&l->found);
	vec_release(&l->past);
	selector_free(l->labels);
	selector_free(l->fields);
	free(l->after_namespace);
	free(l->after_name);
}

/* ---- continue tokens ---- */

static int bad_token(struct err *err, const char *why)
{
	return err_set(err, ERR_INVALID, "invalid continue token: continue key is not valid: %s", why);
}

static int token_fields(struct listing *l, const json_t *token, struct err *err)
{
	const char *v = json_string_value(json_object_get(token, "v")),
		   *start = json_string_value(json_object_get(token, "start"));
	int64_t version = json_integer_value(json_object_get(token, "rv"));
	const char *slash = start ? strchr(start, '/') : NULL;
	if (!v || strcmp(v, "meta.k8s.io/v1") != 0)
		return err_set(err, ERR_INVALID,
			       "invalid continue token: continue key is not valid: server does not recognize this encoded "
			       "version \"%.32s\"",
			       v ? v : "");
	if (version == 0)
		return bad_token(err, "incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
	if (!slash || !slash[1])
		return bad_token(err, "encoded start key not properly encoded");
	l->version = version;
	l->after_namespace = strndup(start, (size_t)(slash - start));
	l->after_name = strdup(slash + 1);
	if (!l->after_namespace || !l->after_name)
		abort();
	return 0;
}

/* As Go's decoder: bits left over in the last digit are ignored. */
static bool decode_leniently(const char *text, struct arena *arena, struct slice *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t n = strlen(text), left = n % 4;
	char *copy = arena_cstr(arena, slice_of(text, n));
	const char *last = n > 0 ? strchr(digits, text[n - 1]) : NULL;
	if (!copy || (n > 0 && !last))
		return false;
	if (left >= 2)
		copy[n - 1] = digits[(last - digits) & (left == 2 ? 0x30 : 0x3c)];
	return base64_decode(slice_of(copy, n), BASE64_URL, arena, out);
}

static int token_parse(struct listing *l, const char *text, struct err *err)
{
	struct arena arena;
	struct slice plain;
	char why[80];
	int rc;
	arena_init(&arena, 0, 64 << 10);
	if (strlen(text) > TOKEN_BYTES_MAX || !decode_leniently(text, &arena, &plain)) {
		rc = bad_token(err, "illegal base64 data at input byte 0");
	} else {
		json_t *token = json_loadb(plain.ptr, plain.len, 0, NULL);
		if (token) {
			rc = token_fields(l, token, err);
		} else {
			/* As Go's decoder says it. */
			char c = plain.len ? plain.ptr[0] : 0;
			if (c >= 0x20 && c < 0x7f && c != '{')
				snprintf(why, sizeof why, "invalid character '%c' looking for beginning of value", c);
			else
				snprintf(why, sizeof why, "unexpected end of JSON input");
			rc = bad_token(err, why);
		}
		json_decref(token);
	}
	arena_release(&arena);
	return rc;
}

static char *token_make(int64_t version, const char *namespace_, const char *name)
{
	char start[640], *token = NULL;
	snprintf(start, sizeof start, "%s/%s", namespace_, name);
	json_t *plain = json_pack("{s:s,s:I,s:s}", "v", "meta.k8s.io/v1", "rv", (json_int_t)version, "start", start);
	char *text = json_dumps(plain, JSON_COMPACT);
	struct buf b;
	buf_init(&b, TOKEN_BYTES_MAX);
	if (!text)
		abort();
	base64_encode(slice_str(text), BASE64_URL, &b);
	token = b.ptr && !b.failed ? strdup(b.ptr) : NULL;
	buf_release(&b);
	free(text);
	json_decref(plain);
	return token;
}

/* ---- snapshots ---- */

static int past_order(const void *a, const void *b)
{
	const struct past *x = a, *y = b;
	int order = strcmp(x->namespace_, y->namespace_);
	return order ? order : strcmp(x->name, y->name);
}

static struct past key_of(const struct event *e)
{
	const json_t *meta = json_object_get(e->before ? e->before : e->after, "metadata");
	const char *namespace_ = json_string_value(json_object_get(meta, "namespace")),
		   *name = json_string_value(json_object_get(meta, "name"));
	return (struct past){ namespace_ ? namespace_ : "", name ? name : "", e->before };
}

/* Of several changes of one object, the first after the snapshot says what it was. `lock` is held. */
static void take_past(struct listing *l, const struct collection *in)
{
	struct map seen;
	map_init(&seen);
	for (uint64_t s = in->events_first; s < in->events_end; s++) {
		const struct event *e = &in->events[s % in->events_cap];
		if (e->version <= l->version)
			continue;
		struct past p = key_of(e);
		char key[640];
		int n = snprintf(key, sizeof key, "%s/%s", p.namespace_, p.name);
		if (map_put(&seen, slice_of(key, (size_t)MIN(n, (int)sizeof key - 1)), l))
			continue;
		*vec_push(&l->past) = p;
	}
	map_release(&seen);
	if (l->past.len)
		qsort(l->past.ptr, l->past.len, sizeof *l->past.ptr, past_order);
}

static bool selected(const struct listing *l, json_t *object)
{
	if (l->name) {
		const char *name = json_string_value(json_object_get(json_object_get(object, "metadata"), "name"));
		if (!name || strcmp(name, l->name) != 0)
			return false;
	}
	return view_matches(l->kind, l->labels, l->fields, object);
}

static void visit(struct listing *l, json_t *object)
{
	if (!selected(l, object))
		return;
	if (l->limit > 0 && (int64_t)l->found.len >= l->limit) {
		l->more = true;
		l->remaining++;
	} else {
		*vec_push(&l->found) = json_incref(object);
	}
}

/* An object asked for by name is looked up; otherwise present and past are merged in order. `lock` is held. */
static void collect(struct listing *l, const struct collection *in)
{
	const char *exact = selector_exact(l->fields, "metadata.name");
	bool one = exact && l->namespace_ && l->past.len == 0;
	size_t i, p = 0;
	if (l->after_name) {
		i = collection_seek(in, l->after_namespace, l->after_name);
		const struct entry *e = i < in->entries.len ? in->entries.ptr[i] : NULL;
		if (e && !strcmp(e->namespace_, l->after_namespace) && !strcmp(e->name, l->after_name))
			i++;
		while (p < l->past.len && past_order(&l->past.ptr[p], &(struct past){ l->after_namespace, l->after_name,
										      NULL }) <= 0)
			p++;
	} else {
		i = collection_seek(in, l->namespace_ ? l->namespace_ : "", one ? exact : "");
	}
	while (i < in->entries.len || p < l->past.len) {
		const struct entry *e = i < in->entries.len ? in->entries.ptr[i] : NULL;
		struct past *was = p < l->past.len ? &l->past.ptr[p] : NULL;
		int order = !e ? 1 : !was ? -1 : past_order(&(struct past){ e->namespace_, e->name, NULL }, was);
		const char *namespace_ = order <= 0 ? e->namespace_ : was->namespace_;
		int side = l->namespace_ ? strcmp(namespace_, l->namespace_) : 0;
		if (side > 0 || (side == 0 && one && l->found.len > 0))
			break;
		json_t *object = order < 0 ? e->object : was->object;
		if (side == 0 && object)
			visit(l, object);
		i += order <= 0;
		p += order >= 0;
		if (one || (l->more && (l->labels || l->fields || l->name)))
			break;
	}
}

int version_too_large(struct resource_call *call, int64_t asked, int64_t current, struct err *err)
{
	json_decref(call->causes);
	call->causes = json_pack("[{s:s,s:s}]", "reason", "ResourceVersionTooLarge", "message",
				 "Too large resource version");
	return err_set(err, ERR_DEADLINE, "Timeout: Too large resource version: %lld, current: %lld", (long long)asked,
		       (long long)current);
}

static int snapshot_gone(const struct listing *l, struct resource_call *call, struct err *err)
{
	free(call->continue_token);
	call->continue_token = token_make(-1, l->after_namespace, l->after_name);
	return err_set(err, ERR_GONE,
		       "The provided continue parameter is too old to display a consistent list result. You can start a new "
		       "list without the continue parameter, or use the continue token in this response to retrieve the "
		       "remainder of the results. Continuing with the provided token results in an inconsistent list - "
		       "objects that were created, modified, or deleted between the time the first chunk was returned and "
		       "now may show up in the list.");
}

/* A version that does not exist yet is refused at once. The API server waits for it first, because its cache may lag
 * behind what a client was told; here nothing is told before it is visible. */
static int settle_version(struct listing *l, struct resource_call *call, const struct list_options *o,
			  const struct cluster *c, const struct collection *in, struct err *err)
{
	int64_t asked = 0;
	if (l->after_name) { /* of the token */
		if (l->version < 0)
			l->version = c->version;
		if (l->version < in->floor)
			return snapshot_gone(l, call, err);
		if (l->version > c->version)
			return bad_token(err, "its version is in the future");
		return 0;
	}
	if (o->resource_version && *o->resource_version && !slice_i64(slice_str(o->resource_version), &asked))
		return err_set(err, ERR_INVALID, "Invalid value: \"%.64s\": strconv.ParseUint: parsing \"%.64s\": invalid syntax",
			       o->resource_version, o->resource_version);
	if (asked > c->version)
		return version_too_large(call, asked, c->version, err);
	if (o->exact && asked == 0)
		return err_set(err, ERR_INVALID,
			       "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion "
			       "\"0\"");
	if (o->exact && asked < in->floor)
		return err_set(err, ERR_GONE, "The resourceVersion for the provided list is too old.");
	l->version = o->exact ? asked : c->version;
	return 0;
}

static int prepare(struct listing *l, const struct resource_call *call, const struct list_options *o, struct err *err)
{
	l->kind = call->kind;
	l->namespace_ = call->namespace && *call->namespace ? call->namespace : NULL;
	l->name = call->name && *call->name ? call->name : NULL;
	l->limit = MIN(o->limit, limits.api_list_items);
	if (selector_parse_labels(o->label_selector, &l->labels, err) < 0 ||
	    selector_parse_fields(o->field_selector, call->kind, &l->fields, err) < 0)
		return -1;
	if (!o->continue_token || !*o->continue_token)
		return 0;
	if (o->resource_version && *o->resource_version && strcmp(o->resource_version, "0") != 0)
		return err_set(err, ERR_INVALID, "specifying resource version is not allowed when using continue");
	return token_parse(l, o->continue_token, err);
}

int cluster_list(struct cluster *c, struct resource_call *call, const struct list_options *o, struct resource_list *out,
		 struct err *err)
{
	static const struct list_options none;
	struct collection *in = cluster_collection(c, call->kind);
	struct listing l = { 0 };
	int rc = prepare(&l, call, o ? o : &none, err);
	if (rc == 0) {
		pthread_rwlock_rdlock(&c->lock);
		rc = settle_version(&l, call, o ? o : &none, c, in, err);
		if (rc == 0) {
			if (l.version < in->newest)
				take_past(&l, in);
			collect(&l, in);
		}
		pthread_rwlock_unlock(&c->lock);
	}
	if (rc == 0) {
		*out = (struct resource_list){ .items = json_array(), .resource_version = l.version, .remaining = -1 };
		for (size_t i = 0; i < l.found.len; i++)
			json_array_append_new(out->items, view_of(call->kind, l.found.ptr[i]));
		if (l.more) {
			const json_t *last = l.found.ptr[l.found.len - 1];
			out->continue_token = token_make(l.version, document_str(last, "namespace"), document_str(last, "name"));
			if (!l.labels && !l.fields)
				out->remaining = l.remaining;
		}
	}
	listing_release(&l);
	return rc;
}

void resource_list_release(struct resource_list *l)
{
	json_decref(l->items);
	free(l->continue_token);
	*l = (struct resource_list){ .remaining = -1 };
}
