/*
 * A kind of resource as a table: names, scope, subresources, columns of `kubectl get`, fields, and hooks for defaulting
 * and validation. The store knows kinds only through this struct. Built-in tables stand in control/kinds; kinds of a
 * CustomResourceDefinition are made at run time and are reference-counted (kind_ref/kind_unref do nothing on tables).
 */
#ifndef CORACLE_CLUSTER_KIND_H
#define CORACLE_CLUSTER_KIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/fault.h"
#include "cluster/schema.h"

struct cluster;
struct kind;
struct user;

/* One column of a Table. The first is always Name. A cell comes from `cell`, else from `path`. */
struct kind_column {
	const char *name;   /* "Ready" */
	const char *type;   /* "string", "integer", "number", "boolean", "date" */
	const char *format; /* "name" for the first column, else "" */
	int priority;	    /* 0 always shown, 1 with -o wide */
	const char *doc;
	const char *path;   /* JSONPath without braces: ".status.conditions[?(@.type=='Ready')].status" */
	/* New reference; NULL is shown as <none> (a path that finds nothing as null). now_ns: wall clock, for ages. */
	json_t *(*cell)(const json_t *object, int64_t now_ns);
};

enum admission_verb { ADMIT_CREATE, ADMIT_UPDATE, ADMIT_DELETE };

/* One write on its way in, as hooks see it. */
struct admission {
	struct cluster *cluster;
	const struct kind *kind;
	enum admission_verb verb;
	const char *subresource; /* NULL or "status", "scale" */
	const json_t *old;	 /* NULL on create */
	json_t *object;		 /* the writer's own copy: `defaults` and `prepare` may change it, `validate` may not */
	struct fault_list *faults;
	json_t *warnings;	 /* array of strings: become Warning headers */
	const struct user *user; /* NULL: the program itself */
	bool dry_run;
};

/* 0; or -1 with err, whose message is then the whole answer ("admission webhook … denied the request: …").
 * What is wrong with single fields goes to fault_add(a->faults, …) and returns 0: all of them become one 422. */
typedef int kind_hook(struct admission *a, void *ctx, struct err *err);

struct kind_hooks {
	kind_hook *defaults; /* fills in; runs on every write, before validate; must be idempotent */
	kind_hook *prepare;  /* fills in what belongs to nobody (an address): after the writer's fields are known */
	kind_hook *validate; /* looks only */
	void *ctx;
	kind_hook *remove; /* may refuse a deletion (verb ADMIT_DELETE; `object` is `old`); the others are not asked then */
};

enum kind_flags {
	KIND_NAMESPACED = 1 << 0,
	KIND_STATUS = 1 << 1,	  /* has /status: a write to the main resource keeps the old status, and the other way round */
	KIND_GENERATION = 1 << 2, /* metadata.generation counts changes outside metadata and status */
	KIND_CUSTOM = 1 << 3,	  /* behaves as a custom resource: no strategic merge patch (415), merge patch by kubectl */
	KIND_DELETE_RETURNS_OBJECT = 1 << 4, /* DELETE answers the object, not a Status */
	KIND_NO_WATCH = 1 << 5,
	KIND_INTERNAL = 1 << 6,	  /* not served by the API (no discovery) */
	KIND_OPEN = 1 << 7,	  /* unknown fields are kept (a table that lists only what we read) */
	KIND_UNCONDITIONAL = 1 << 8, /* a PUT without resourceVersion overwrites (built-in kinds; custom ones require it) */
	KIND_TTL = 1 << 9,	  /* objects expire (`ttl_s`): Events */
	KIND_NO_DELETECOLLECTION = 1 << 10, /* Namespace, Service */
	KIND_GRACE = 1 << 11, /* once it has a spec.nodeName, deletion waits for spec.terminationGracePeriodSeconds, or until
				 whoever runs it deletes it again with grace 0 */
	KIND_ANNOTATIONS_COUNT = 1 << 12, /* generation counts changes of annotations too (Deployment) */
	KIND_SERIAL = 1 << 13, /* creates, updates and patches of the kind go one after the other, each from its hooks to its
				  commit: a hook may hand out what no two objects may have. Hooks must not write to it */
};

/* How names are checked. */
enum kind_names {
	NAMES_SUBDOMAIN = 0, /* DNS-1123 subdomain, 253 */
	NAMES_LABEL,	     /* DNS-1123 label, 63 (Namespace, CRD-made Knative services) */
	NAMES_LABEL_1035,    /* starts with a letter (Service) */
	NAMES_PATH,	     /* anything but "/", "%", ".", ".." (RBAC) */
};

struct kind_scale {
	const char *spec_replicas;   /* "spec.replicas" */
	const char *status_replicas; /* "status.replicas" */
	const char *selector;	     /* path of a LabelSelector or selector text, or NULL */
};

struct kind {
	const char *group;    /* "" for core */
	const char *version;  /* "v1" */
	const char *kind;     /* "Pod" */
	const char *plural;   /* "pods": also the resource's name in paths */
	const char *singular; /* "pod" */
	const char *list_kind;	/* NULL: kind + "List" */
	const char *const *short_names; /* NULL-terminated, or NULL */
	const char *const *categories;	/* NULL-terminated, or NULL: "all" */
	unsigned flags;
	enum kind_names names;
	int64_t ttl_s;
	const struct kind_scale *scale;		    /* NULL: no /scale */
	const char *const *subresources;	    /* more for discovery: "log", "token", "proxy"; NULL-terminated */
	const char *const *selectable;		    /* field selectors besides metadata.name and .namespace; NULL-terminated */
	const char *const *immutable;		    /* dotted paths that an update may not change; NULL-terminated */
	const char *without_effect; /* "nothing is scaled by it": said in a Warning to whoever creates one; NULL: it has effect */
	const struct kind_column *columns;
	size_t columns_n;
	const struct schema_type *type; /* fields of the whole object; NULL: unknown, everything is kept */
	struct kind_hooks hooks;	/* the table's own; control adds more with cluster_hooks_set */
	/* Stored form: NULL means itself. The two versions of Event, and versions of a CRD, share one store.
	 * `decode` makes the stored form of an object in this version, `encode` the other way; both return a new
	 * reference; NULL: only apiVersion and kind differ. */
	const struct kind *storage;
	json_t *(*decode)(const json_t *object);
	json_t *(*encode)(const json_t *stored);

	struct kind_dynamic *dynamic; /* of a CRD; NULL for tables */
};

const struct kind *kind_ref(const struct kind *k);
void kind_unref(const struct kind *k);

/* "v1" or "apps/v1"; out has room for KIND_API_VERSION_BYTES. */
enum { KIND_API_VERSION_BYTES = 320 };
const char *kind_api_version(const struct kind *k, char *out);
/* "pods" or "deployments.apps", as error texts name a resource. */
const char *kind_resource_name(const struct kind *k, char *out);
/* The kind under which objects are stored. */
static inline const struct kind *kind_storage(const struct kind *k)
{
	return k->storage ? k->storage : k;
}

/* Columns and cells of a Table (meta.k8s.io/v1). New references. */
json_t *kind_table_columns(const struct kind *k);
json_t *kind_table_cells(const struct kind *k, const json_t *object, int64_t now_ns);
/* "18s", "3m20s", "5h", "12d": an age as kubectl writes it. */
void kind_age_text(int64_t from_ns, int64_t now_ns, char *out, size_t n);

#endif
