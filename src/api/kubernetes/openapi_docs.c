/*
 * What `kubectl explain` says: one sentence of our own about the kinds and fields that Coracle reads. A field of a type
 * that is not listed has its name and type only.
 */
#include "api/kubernetes/openapi.h"

struct kind_doc {
	const char *group, *kind, *doc;
};

static const struct kind_doc kind_docs[] = {
    {"", "ConfigMap", "Text settings that pods read as files or environment variables."},
};

const char *openapi_kind_doc(const struct kind *k)
{
	for (size_t i = 0; i < sizeof kind_docs / sizeof kind_docs[0]; i++)
		if (!strcmp(kind_docs[i].group, k->group) && !strcmp(kind_docs[i].kind, k->kind))
			return kind_docs[i].doc;
	return k->type ? k->type->doc : NULL;
}

const char *openapi_field_doc(const struct schema_type *type, const struct schema_field *f)
{
	(void)type;
	(void)f;
	return NULL;
}
