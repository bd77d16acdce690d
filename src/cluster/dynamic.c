/* Kinds of a CustomResourceDefinition: dynamic.h. Everything but the block itself lies in its arena or in the definition. */
#include "cluster/dynamic.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "codec/json.h"

struct kind_dynamic {
	atomic_int refs;
	struct arena arena;
	json_t *crd;
	struct kind *versions; /* all, in the order of the definition */
	const struct kind **served;
	size_t served_n;
};

/* Schemas of several megabytes are real: KServe's. */
static const size_t ARENA_BYTES_MAX = (size_t)256 << 20;

void dynamic_ref(struct kind_dynamic *d)
{
	atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
}

void dynamic_unref(struct kind_dynamic *d)
{
	int was = atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel);
	assert(was > 0);
	if (was != 1)
		return;
	arena_release(&d->arena);
	json_decref(d->crd);
	free(d);
}

/* ---- order of versions: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name ---- */

static unsigned number(const char **p)
{
	unsigned n = 0;
	while (**p >= '0' && **p <= '9' && n < 100000)
		n = n * 10 + (unsigned)(*(*p)++ - '0');
	return n;
}

/* False when it is no version of that form. rank: 2 released, 1 beta, 0 alpha. */
static bool parse_version(const char *v, unsigned out[3])
{
	if (*v++ != 'v' || *v < '1' || *v > '9')
		return false;
	out[1] = number(&v);
	out[2] = 0;
	out[0] = 2;
	if (!*v)
		return true;
	if (!strncmp(v, "alpha", 5))
		out[0] = 0, v += 5;
	else if (!strncmp(v, "beta", 4))
		out[0] = 1, v += 4;
	else
		return false;
	if (*v < '1' || *v > '9')
		return false;
	out[2] = number(&v);
	return !*v;
}

static int version_order(const void *a, const void *b)
{
	const struct kind *x = *(const struct kind *const *)a, *y = *(const struct kind *const *)b;
	unsigned p[3], q[3];
	bool px = parse_version(x->version, p), py = parse_version(y->version, q);
	if (px != py)
		return px ? -1 : 1;
	for (int i = 0; px && i < 3; i++)
		if (p[i] != q[i])
			return p[i] > q[i] ? -1 : 1;
	return strcmp(x->version, y->version);
}

/* ---- tables ---- */

static const char *const *strings(struct kind_dynamic *d, const json_t *list)
{
	size_t n = json_array_size(list), at = 0, i;
	const json_t *v;
	const char **out = n ? arena_array(&d->arena, n + 1, sizeof *out) : NULL;
	if (!out)
		return NULL;
	json_array_foreach(list, i, v)
		if (json_is_string(v))
			out[at++] = json_string_value(v);
	out[at] = NULL;
	return out;
}

/* JSONPaths of spec.versions[].selectableFields, without the leading dot. */
static const char *const *selectable(struct kind_dynamic *d, const json_t *list)
{
	size_t n = json_array_size(list), at = 0, i;
	const json_t *v;
	const char **out = n ? arena_array(&d->arena, n + 1, sizeof *out) : NULL;
	if (!out)
		return NULL;
	json_array_foreach(list, i, v)
	{
		const char *path = json_string_value(json_object_get(v, "jsonPath"));
		if (path && *path)
			out[at++] = path + (*path == '.');
	}
	out[at] = NULL;
	return out;
}

static const char *text_of(const json_t *o, const char *field, const char *otherwise)
{
	const char *s = json_string_value(json_object_get(o, field));
	return s && *s ? s : otherwise;
}

static int set_columns(struct kind_dynamic *d, const json_t *version, struct kind *k, struct err *err)
{
	static const struct kind_column name = { .name = "Name", .type = "string", .format = "name", .path = ".metadata.name" },
					age = { .name = "Age",
						.type = "date",
						.format = "",
						.path = ".metadata.creationTimestamp" };
	const json_t *list = json_object_get(version, "additionalPrinterColumns"), *v;
	size_t n = json_array_size(list), i;
	struct kind_column *columns = arena_array(&d->arena, n + 2, sizeof *columns);
	if (!columns)
		return err_set(err, ERR_TOO_LARGE, "the CustomResourceDefinition is too large");
	columns[0] = name;
	columns[1] = age;
	json_array_foreach(list, i, v)
	{
		const char *path = text_of(v, "jsonPath", ""), *doc = text_of(v, "description", NULL);
		if (!doc)
			doc = arena_printf(&d->arena, "Custom resource definition column (in JSONPath format): %s", path);
		columns[i + 1] = (struct kind_column){
			.name = text_of(v, "name", ""),
			.type = text_of(v, "type", "string"),
			.format = text_of(v, "format", ""),
			.priority = (int)json_integer_value(json_object_get(v, "priority")),
			.doc = doc,
			.path = path,
		};
	}
	columns[0].doc = "Name must be unique within a namespace.";
	if (n == 0)
		columns[1].doc = "Time since the object was created.";
	k->columns = columns;
	k->columns_n = n ? n + 1 : 2;
	return 0;
}

static int set_subresources(struct kind_dynamic *d, const json_t *version, struct kind *k, struct err *err)
{
	const json_t *subresources = json_object_get(version, "subresources"), *scale = json_object_get(subresources, "scale");
	if (json_object_get(subresources, "status"))
		k->flags |= KIND_STATUS;
	if (!scale)
		return 0;
	struct kind_scale *s = arena_zalloc(&d->arena, sizeof *s);
	if (!s)
		return err_set(err, ERR_TOO_LARGE, "the CustomResourceDefinition is too large");
	s->spec_replicas = text_of(scale, "specReplicasPath", ".spec.replicas");
	s->status_replicas = text_of(scale, "statusReplicasPath", ".status.replicas");
	s->selector = text_of(scale, "labelSelectorPath", NULL);
	k->scale = s;
	return 0;
}

static int set_version(struct kind_dynamic *d, const json_t *version, struct kind *k, struct err *err)
{
	const json_t *spec = json_object_get(d->crd, "spec"), *names = json_object_get(spec, "names"),
		     *schema = json_at(version, "schema.openAPIV3Schema");
	const char *kind = text_of(names, "kind", ""), *scope = text_of(spec, "scope", "Namespaced");
	char lower[128];
	size_t i = 0;
	for (; kind[i] && i < sizeof lower - 1; i++)
		lower[i] = kind[i] >= 'A' && kind[i] <= 'Z' ? (char)(kind[i] - 'A' + 'a') : kind[i];
	lower[i] = 0;
	*k = (struct kind){
		.group = text_of(spec, "group", ""),
		.version = text_of(version, "name", ""),
		.kind = kind,
		.plural = text_of(names, "plural", ""),
		.singular = text_of(names, "singular", NULL),
		.list_kind = text_of(names, "listKind", NULL),
		.short_names = strings(d, json_object_get(names, "shortNames")),
		.categories = strings(d, json_object_get(names, "categories")),
		.flags = KIND_CUSTOM | KIND_GENERATION | (!strcmp(scope, "Namespaced") ? KIND_NAMESPACED : 0),
		.selectable = selectable(d, json_object_get(version, "selectableFields")),
		.dynamic = d,
	};
	if (!k->singular)
		k->singular = arena_cstr(&d->arena, slice_str(lower));
	if (!*k->group || !*k->version || !*k->kind || !*k->plural)
		return err_set(err, ERR_INVALID, "a CustomResourceDefinition needs group, names and versions");
	if (schema && !json_is_true(json_object_get(spec, "preserveUnknownFields"))) {
		k->type = schema_from_openapi(&d->arena, schema, err);
		if (!k->type)
			return -1;
	}
	if (set_columns(d, version, k, err) < 0)
		return -1;
	return set_subresources(d, version, k, err);
}

int dynamic_new(const json_t *crd, struct kind_dynamic **out, struct err *err)
{
	const json_t *list = json_at(crd, "spec.versions"), *version;
	const struct kind *storage = NULL;
	size_t n = json_array_size(list), i;
	struct kind_dynamic *d = calloc(1, sizeof *d);
	if (!d)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	atomic_init(&d->refs, 1);
	arena_init(&d->arena, 0, ARENA_BYTES_MAX);
	d->crd = json_incref((json_t *)crd);
	d->versions = arena_array(&d->arena, n + 1, sizeof *d->versions);
	d->served = arena_array(&d->arena, n + 1, sizeof *d->served);
	if (!d->versions || !d->served) {
		err_set(err, ERR_TOO_LARGE, "the CustomResourceDefinition is too large");
		goto failed;
	}
	json_array_foreach(list, i, version)
	{
		if (set_version(d, version, &d->versions[i], err) < 0)
			goto failed;
		if (json_is_true(json_object_get(version, "storage")))
			storage = &d->versions[i];
		if (json_is_true(json_object_get(version, "served")))
			d->served[d->served_n++] = &d->versions[i];
	}
	if (!storage) {
		err_set(err, ERR_INVALID, "a CustomResourceDefinition needs one version that is stored");
		goto failed;
	}
	for (i = 0; i < n; i++)
		if (&d->versions[i] != storage)
			d->versions[i].storage = storage;
	qsort(d->served, d->served_n, sizeof *d->served, version_order);
	*out = d;
	return 0;
failed:
	dynamic_unref(d);
	return -1;
}

const struct kind *const *dynamic_kinds(const struct kind_dynamic *d, size_t *n)
{
	*n = d->served_n;
	return d->served;
}

bool dynamic_is_of(const struct kind_dynamic *d, const json_t *crd)
{
	return json_equal(json_object_get(d->crd, "spec"), json_object_get(crd, "spec")) &&
	       json_equal(json_at(d->crd, "metadata.uid"), json_at(crd, "metadata.uid"));
}
