/* Names and references of kinds: kind.h. */
#include "cluster/kind.h"

#include <stdio.h>

#include "cluster/dynamic.h"

const struct kind *kind_ref(const struct kind *k)
{
	if (k->dynamic)
		dynamic_ref(k->dynamic);
	return k;
}

void kind_unref(const struct kind *k)
{
	if (k && k->dynamic)
		dynamic_unref(k->dynamic);
}

const char *kind_api_version(const struct kind *k, char *out)
{
	snprintf(out, KIND_API_VERSION_BYTES, "%s%s%s", k->group, *k->group ? "/" : "", k->version);
	return out;
}

const char *kind_resource_name(const struct kind *k, char *out)
{
	snprintf(out, KIND_API_VERSION_BYTES, "%s%s%s", k->plural, *k->group ? "." : "", k->group);
	return out;
}
