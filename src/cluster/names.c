/* Names and metadata: names.h. */
#include "cluster/names.h"

#include <string.h>

#include "base/slice.h"

#define SUBDOMAIN_TEXT \
	"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " \
	"end with an alphanumeric character (e.g. 'example.com', regex used for validation is " \
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define NAME_PART_RULE \
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. " \
	"'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

enum { LABEL_MAX = 63, SUBDOMAIN_MAX = 253, ANNOTATIONS_BYTES_MAX = 256 << 10 };

static bool lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool alnum(char c)
{
	return lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

static bool is_label(struct slice s)
{
	if (s.len == 0 || !lower_alnum(s.ptr[0]) || !lower_alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!lower_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return true;
}

static bool is_subdomain(struct slice s)
{
	struct slice part;
	if (s.len == 0)
		return false;
	while ((part = slice_cut(&s, '.')).ptr)
		if (!is_label(part))
			return false;
	return true;
}

static const char *subdomain_error(struct slice s)
{
	if (s.len > SUBDOMAIN_MAX)
		return "must be no more than 253 bytes";
	return is_subdomain(s) ? NULL : SUBDOMAIN_TEXT;
}

static const char *label_error(struct slice s)
{
	if (s.len > LABEL_MAX)
		return "must be no more than 63 bytes";
	return is_label(s) ? NULL
			   : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
			     "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
			     "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
}

static const char *label_1035_error(struct slice s)
{
	if (s.len > LABEL_MAX)
		return "must be no more than 63 bytes";
	return is_label(s) && (s.ptr[0] < '0' || s.ptr[0] > '9')
		       ? NULL
		       : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
			 "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex "
			 "used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
}

static const char *path_error(struct slice s)
{
	if (slice_is(s, "."))
		return "may not be '.'";
	if (slice_is(s, ".."))
		return "may not be '..'";
	if (slice_find(s, '/') >= 0)
		return "may not contain '/'";
	return slice_find(s, '%') >= 0 ? "may not contain '%'" : NULL;
}

const char *name_error(enum kind_names rule, const char *name)
{
	struct slice s = slice_str(name);
	switch (rule) {
	case NAMES_LABEL:
		return label_error(s);
	case NAMES_LABEL_1035:
		return label_1035_error(s);
	case NAMES_PATH:
		/* The store's own keys end at this length. */
		return s.len > SUBDOMAIN_MAX ? "must be no more than 253 bytes" : path_error(s);
	case NAMES_SUBDOMAIN:
		break;
	}
	return subdomain_error(s);
}

/* [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])? */
static bool is_name_part(struct slice s)
{
	if (s.len == 0 || !alnum(s.ptr[0]) || !alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!alnum(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '_' && s.ptr[i] != '.')
			return false;
	return true;
}

const char *name_qualified_error(const char *key)
{
	struct slice name = slice_str(key);
	ptrdiff_t slash = slice_find(name, '/');
	if (slash >= 0) {
		struct slice prefix = slice_sub(name, 0, (size_t)slash);
		name = slice_from(name, (size_t)slash + 1);
		if (slice_find(name, '/') >= 0)
			return "a qualified name " NAME_PART_RULE
			       " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
		if (prefix.len == 0)
			return "prefix part must be non-empty";
		if (prefix.len > SUBDOMAIN_MAX)
			return "prefix part must be no more than 253 bytes";
		if (!is_subdomain(prefix))
			return "prefix part " SUBDOMAIN_TEXT;
	}
	if (name.len == 0)
		return "name part must be non-empty";
	if (name.len > LABEL_MAX)
		return "name part must be no more than 63 bytes";
	return is_name_part(name) ? NULL : "name part " NAME_PART_RULE;
}

const char *name_label_value_error(const char *value)
{
	struct slice s = slice_str(value);
	if (s.len > LABEL_MAX)
		return "must be no more than 63 bytes";
	return s.len == 0 || is_name_part(s)
		       ? NULL
		       : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
			 "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
			 "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

/* ---- metadata ---- */

/* An object of strings, or a fault and NULL. */
static json_t *strings_of(const json_t *meta, const char *field, const char *path, struct fault_list *faults)
{
	json_t *o = json_object_get(meta, field), *v;
	const char *key;
	if (!o || json_is_null(o))
		return NULL;
	if (!json_is_object(o)) {
		fault_add(faults, path, FAULT_INVALID, o, "must be a map of strings");
		return NULL;
	}
	json_object_foreach(o, key, v)
	{
		if (json_is_string(v))
			continue;
		fault_add(faults, path, FAULT_INVALID, v, "must be a string");
		return NULL;
	}
	return o;
}

void labels_validate(const json_t *object, const char *field, const char *path, struct fault_list *faults)
{
	json_t *labels = strings_of(object, field, path, faults), *v;
	const char *key, *why;
	json_object_foreach(labels, key, v)
	{
		if ((why = name_qualified_error(key)))
			fault_add_str(faults, path, FAULT_INVALID, key, "%s", why);
		if ((why = name_label_value_error(json_string_value(v))))
			fault_add_str(faults, path, FAULT_INVALID, json_string_value(v), "%s", why);
	}
}

static void validate_annotations(const json_t *meta, struct fault_list *faults)
{
	json_t *annotations = strings_of(meta, "annotations", "metadata.annotations", faults), *v;
	const char *key, *why;
	size_t bytes = 0;
	json_object_foreach(annotations, key, v)
	{
		bytes += strlen(key) + json_string_length(v);
		/* The prefix may have capitals here; the API server compares in lower case. */
		char lower[400];
		size_t i = 0;
		for (; key[i] && i < sizeof lower - 1; i++)
			lower[i] = key[i] >= 'A' && key[i] <= 'Z' ? (char)(key[i] - 'A' + 'a') : key[i];
		lower[i] = 0;
		if ((why = name_qualified_error(key[i] ? key : lower)))
			fault_add_str(faults, "metadata.annotations", FAULT_INVALID, key, "%s", why);
	}
	if (bytes > ANNOTATIONS_BYTES_MAX)
		fault_add(faults, "metadata.annotations", FAULT_TOO_LONG, NULL, "may not be more than %d bytes",
			  ANNOTATIONS_BYTES_MAX);
}

static void validate_finalizers(const json_t *meta, struct fault_list *faults)
{
	const json_t *finalizers = json_object_get(meta, "finalizers"), *v;
	size_t i;
	bool orphan = false, foreground = false;
	if (finalizers && !json_is_array(finalizers) && !json_is_null(finalizers))
		fault_add(faults, "metadata.finalizers", FAULT_INVALID, finalizers, "must be a list of strings");
	json_array_foreach(finalizers, i, v)
	{
		const char *name = json_string_value(v), *why = name ? name_qualified_error(name) : "must be a string";
		if (why)
			fault_add(faults, "metadata.finalizers", FAULT_INVALID, v, "%s", why);
		orphan |= name && !strcmp(name, "orphan");
		foreground |= name && !strcmp(name, "foregroundDeletion");
	}
	if (orphan && foreground)
		fault_add(faults, "metadata.finalizers", FAULT_INVALID, finalizers,
			  "finalizer orphan and foregroundDeletion cannot be both set");
}

static void validate_owners(const json_t *meta, struct fault_list *faults)
{
	static const char *const fields[] = { "apiVersion", "kind", "name", "uid" };
	const json_t *refs = json_object_get(meta, "ownerReferences"), *ref;
	const char *controller = NULL;
	size_t i;
	if (refs && !json_is_array(refs) && !json_is_null(refs))
		fault_add(faults, "metadata.ownerReferences", FAULT_INVALID, refs, "must be a list");
	json_array_foreach(refs, i, ref)
	{
		for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
			char path[64];
			const char *v = json_string_value(json_object_get(ref, fields[f]));
			snprintf(path, sizeof path, "metadata.ownerReferences.%s", fields[f]);
			if (!v || !*v)
				fault_add_str(faults, path, FAULT_INVALID, "", "%s",
					      f == 0 ? "version must not be empty" : "must not be empty");
		}
		if (!json_is_true(json_object_get(ref, "controller")))
			continue;
		const char *name = json_string_value(json_object_get(ref, "name"));
		if (controller)
			fault_add(faults, "metadata.ownerReferences", FAULT_INVALID, refs,
				  "Only one reference can have Controller set to true. Found \"true\" in references for %.200s "
				  "and %.200s",
				  controller, name ? name : "");
		controller = name ? name : "";
	}
}

void metadata_validate(const json_t *object, struct fault_list *faults)
{
	const json_t *meta = json_object_get(object, "metadata");
	labels_validate(meta, "labels", "metadata.labels", faults);
	validate_annotations(meta, faults);
	validate_finalizers(meta, faults);
	validate_owners(meta, faults);
}
