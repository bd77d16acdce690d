/*
 * What the API serves, at one moment: the kinds in order, and the documents that describe them (discovery, OpenAPI),
 * each made when it is first asked for. Thrown away as a whole when a kind comes or goes.
 */
#ifndef CORACLE_API_KUBERNETES_CATALOG_H
#define CORACLE_API_KUBERNETES_CATALOG_H

#include "api/kubernetes/call.h"
#include "base/buf.h"

struct kube_catalog {
	const struct kind **kinds; /* references held; core first, then as they were added */
	size_t kinds_n;
	uint64_t generation;
};

enum { KUBE_ETAG_BYTES = 40 };

struct kube_document {
	struct slice text;
	char etag[KUBE_ETAG_BYTES]; /* with its quotes */
};

/* Fills `out`; arg is the caller's. Returns 0, or -1 with err. */
typedef int kube_document_build(const struct kube_catalog *c, const void *arg, struct buf *out, struct err *err);

/* One reference; the caller unrefs. */
struct kube_catalog *kube_catalog_get(struct kubernetes_api *api);
void kube_catalog_unref(struct kube_catalog *c);
/* The document called `key`, built at its first use. Lives as long as the catalog. */
const struct kube_document *kube_catalog_document(struct kube_catalog *c, const char *key, kube_document_build *build,
						  const void *arg, struct err *err);

struct kube_documents; /* holds the current catalog */
struct kube_documents *kube_documents_new(void);
void kube_documents_free(struct kube_documents *d);

/* Groups and versions in order: calls for each pair once; core is "". `plural` kinds of one pair follow each other. */
bool kube_catalog_has_group(const struct kube_catalog *c, const char *group);
bool kube_catalog_has_version(const struct kube_catalog *c, const char *group, const char *version);
/* Is kinds[i] the first of its group (or of its group and version)? */
bool kube_catalog_first_of_group(const struct kube_catalog *c, size_t i);
bool kube_catalog_first_of_version(const struct kube_catalog *c, size_t i);

/* Sorted verbs of a kind. New JSON array. */
json_t *kube_kind_verbs(const struct kind *k);

struct kube_subresource {
	const char *name;
	const char *group, *version, *kind; /* of its body; "" and the owner's kind when not its own */
	const char *verbs[8];               /* NULL-terminated */
};

/* Subresources of a kind, sorted by name; at most `max`. */
size_t kube_kind_subresources(const struct kind *k, struct kube_subresource *out, size_t max);
enum { KUBE_SUBRESOURCES_MAX = 24 };

/* Routes of the documents: /api, /apis, /openapi… (discovery.c, openapi.c) */
void kube_handle_discovery(struct http_exchange *x);
void kube_handle_openapi(struct http_exchange *x);
/* Sends a document with its ETag, or 304. */
void kube_reply_document(struct http_exchange *x, const struct kube_document *d, const char *type, const char *cache,
			 bool etag);

#endif
