/* The catalog of kinds and its documents: catalog.h. */
#include "api/kubernetes/catalog.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "codec/json.h"

enum { DOCUMENT_BYTES_MAX = 64 << 20 };

struct stored {
	struct kube_document document;
	struct buf text;
};

/* The public struct comes first, so that a pointer to one is a pointer to the other. */
struct catalog {
	struct kube_catalog face;
	atomic_int refs;
	VEC(const struct kind *) kinds;
	pthread_mutex_t lock; /* documents */
	struct map documents;
};

struct kube_documents {
	pthread_mutex_t lock;
	struct catalog *current;
};

struct kube_documents *kube_documents_new(void)
{
	struct kube_documents *d = calloc(1, sizeof *d);
	if (d)
		pthread_mutex_init(&d->lock, NULL);
	return d;
}

void kube_documents_free(struct kube_documents *d)
{
	if (!d)
		return;
	if (d->current)
		kube_catalog_unref(&d->current->face);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static void collect(void *ctx, const struct kind *k)
{
	struct catalog *c = ctx;
	if (!(k->flags & KIND_INTERNAL))
		*vec_push(&c->kinds) = kind_ref(k);
}

static int core_first(const void *a, const void *b)
{
	const struct kind *x = *(const struct kind *const *)a, *y = *(const struct kind *const *)b;
	int rank_x = x->group[0] == 0            ? 0
		     : !strcmp(x->group, "apps") ? 1
						 : 2,
	    rank_y = y->group[0] == 0            ? 0
		     : !strcmp(y->group, "apps") ? 1
						 : 2;
	return rank_x - rank_y;
}

/* Insertion sort by rank: stable, and the list is nearly in order. */
static void put_core_first(struct catalog *c)
{
	for (size_t i = 1; i < c->kinds.len; i++)
		for (size_t j = i; j > 0 && core_first(&c->kinds.ptr[j - 1], &c->kinds.ptr[j]) > 0; j--) {
			const struct kind *k = c->kinds.ptr[j];
			c->kinds.ptr[j] = c->kinds.ptr[j - 1];
			c->kinds.ptr[j - 1] = k;
		}
}

static struct catalog *make(struct kubernetes_api *api, uint64_t generation)
{
	struct catalog *c = calloc(1, sizeof *c);
	c->refs = 1;
	pthread_mutex_init(&c->lock, NULL);
	map_init(&c->documents);
	cluster_kinds_each(api->o.cluster, collect, c);
	kube_virtual_kinds_each(collect, c);
	put_core_first(c);
	c->face.kinds = c->kinds.ptr;
	c->face.kinds_n = c->kinds.len;
	c->face.generation = generation;
	return c;
}

struct kube_catalog *kube_catalog_get(struct kubernetes_api *api)
{
	struct kube_documents *d = api->documents;
	uint64_t generation = cluster_kinds_generation(api->o.cluster);
	pthread_mutex_lock(&d->lock);
	if (!d->current || d->current->face.generation != generation) {
		if (d->current)
			kube_catalog_unref(&d->current->face);
		d->current = make(api, generation);
	}
	struct catalog *c = d->current;
	atomic_fetch_add(&c->refs, 1);
	pthread_mutex_unlock(&d->lock);
	return &c->face;
}

void kube_catalog_unref(struct kube_catalog *face)
{
	struct catalog *c = (struct catalog *)face;
	struct slice key;
	void *value;
	size_t i = 0;
	if (atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	while (map_next(&c->documents, &i, &key, &value)) {
		struct stored *s = value;
		buf_release(&s->text);
		free(s);
	}
	map_release(&c->documents);
	for (i = 0; i < c->kinds.len; i++)
		kind_unref(c->kinds.ptr[i]);
	vec_release(&c->kinds);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

const struct kube_document *kube_catalog_document(struct kube_catalog *face, const char *key,
						  kube_document_build *build, const void *arg, struct err *err)
{
	struct catalog *c = (struct catalog *)face;
	pthread_mutex_lock(&c->lock);
	struct stored *s = map_get(&c->documents, slice_str(key));
	pthread_mutex_unlock(&c->lock);
	if (s)
		return &s->document;
	s = calloc(1, sizeof *s);
	buf_init(&s->text, DOCUMENT_BYTES_MAX);
	if (build(face, arg, &s->text, err) < 0 || s->text.failed) {
		if (s->text.failed)
			err_set(err, ERR_INTERNAL, "the document is too large");
		buf_release(&s->text);
		free(s);
		return NULL;
	}
	s->document.text = buf_view(&s->text);
	snprintf(s->document.etag, sizeof s->document.etag, "\"%016llX%016llX\"",
		 (unsigned long long)hash_bytes(s->text.ptr, s->text.len, 1),
		 (unsigned long long)hash_bytes(s->text.ptr, s->text.len, 2));
	pthread_mutex_lock(&c->lock);
	struct stored *other = map_get(&c->documents, slice_str(key));
	if (!other)
		map_put(&c->documents, slice_str(key), s);
	pthread_mutex_unlock(&c->lock);
	if (other) { /* somebody else was quicker */
		buf_release(&s->text);
		free(s);
		s = other;
	}
	return &s->document;
}

bool kube_catalog_has_group(const struct kube_catalog *c, const char *group)
{
	for (size_t i = 0; i < c->kinds_n; i++)
		if (!strcmp(c->kinds[i]->group, group))
			return true;
	return false;
}

bool kube_catalog_has_version(const struct kube_catalog *c, const char *group, const char *version)
{
	for (size_t i = 0; i < c->kinds_n; i++)
		if (!strcmp(c->kinds[i]->group, group) && !strcmp(c->kinds[i]->version, version))
			return true;
	return false;
}

bool kube_catalog_first_of_group(const struct kube_catalog *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(c->kinds[j]->group, c->kinds[i]->group))
			return false;
	return true;
}

bool kube_catalog_first_of_version(const struct kube_catalog *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(c->kinds[j]->group, c->kinds[i]->group) &&
		    !strcmp(c->kinds[j]->version, c->kinds[i]->version))
			return false;
	return true;
}

json_t *kube_kind_verbs(const struct kind *k)
{
	static const char *const sorted[] = {"create", "delete", "deletecollection", "get",
					     "list",   "patch",  "update",           "watch"};
	static const char *const custom[] = {"delete", "deletecollection", "get",    "list",
					     "patch",  "create",           "update", "watch"};
	if (kube_virtual_kind(k->group, k->version, k->plural))
		return json_pack("[s]", "create");
	json_t *verbs = json_array();
	for (size_t i = 0; i < 8; i++) {
		const char *v = k->flags & KIND_CUSTOM ? custom[i] : sorted[i];
		if (!((k->flags & KIND_NO_WATCH) && !strcmp(v, "watch")) &&
		    !((k->flags & KIND_NO_DELETECOLLECTION) && !strcmp(v, "deletecollection")))
			json_array_append_new(verbs, json_string(v));
	}
	return verbs;
}

#define READ_WRITE                                                                                                     \
	{                                                                                                              \
		"get", "patch", "update"                                                                               \
	}
#define PROXY_VERBS                                                                                                    \
	{                                                                                                              \
		"create", "delete", "get", "patch", "update"                                                           \
	}

/* Subresources that have a form of their own; others are the owner's object with get, patch, update. */
static const struct kube_subresource own[] = {
    {"attach", "", "", "PodAttachOptions", {"create", "get"}},
    {"binding", "", "", "Binding", {"create"}},
    {"eviction", "policy", "v1", "Eviction", {"create"}},
    {"exec", "", "", "PodExecOptions", {"create", "get"}},
    {"finalize", "", "", NULL, {"update"}},
    {"log", "", "", NULL, {"get"}},
    {"portforward", "", "", "PodPortForwardOptions", {"create", "get"}},
    {"proxy", "", "", "ProxyOptions", PROXY_VERBS},
    {"scale", "autoscaling", "v1", "Scale", READ_WRITE},
    {"token", "authentication.k8s.io", "v1", "TokenRequest", {"create"}},
};

static const struct kube_subresource plain = {"", "", "", NULL, READ_WRITE};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kube_subresource *)a)->name, ((const struct kube_subresource *)b)->name);
}

static const char *proxy_kind(const struct kind *k)
{
	return !strcmp(k->plural, "pods")    ? "PodProxyOptions"
	       : !strcmp(k->plural, "nodes") ? "NodeProxyOptions"
					     : "ServiceProxyOptions";
}

static void add(const struct kind *k, const char *name, struct kube_subresource *out, size_t *n, size_t max)
{
	for (size_t i = 0; i < *n; i++)
		if (!strcmp(out[i].name, name))
			return;
	if (*n == max)
		return;
	struct kube_subresource s = plain;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (!strcmp(own[i].name, name))
			s = own[i];
	s.name = name;
	if (!strcmp(name, "proxy"))
		s.kind = proxy_kind(k);
	if (!s.kind)
		s.kind = k->kind;
	out[(*n)++] = s;
}

size_t kube_kind_subresources(const struct kind *k, struct kube_subresource *out, size_t max)
{
	size_t n = 0;
	if (k->flags & KIND_STATUS)
		add(k, "status", out, &n, max);
	if (k->scale)
		add(k, "scale", out, &n, max);
	for (const char *const *s = k->subresources; s && *s; s++)
		add(k, *s, out, &n, max);
	qsort(out, n, sizeof *out, by_name);
	return n;
}
