/*
 * The checks of one OpenAPI node: enum, pattern, bounds, anyOf… with the API server's texts (go-openapi's validators).
 * Patterns run in PCRE2 with a match limit, so that no pattern costs much; RE2, which the API server uses, has the same
 * meaning for what both accept. x-kubernetes-validations (CEL) are not evaluated: the CRD is warned about when it is made.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <string.h>

#include "cluster/decode_internal.h"
#include "codec/json.h"
#include "codec/time.h"

enum { MATCH_STEPS_MAX = 200000, MATCH_DEPTH_MAX = 2000, COMBINE_DEPTH_MAX = 16 };

/* A pattern that does not compile or costs too much holds for everything: the schema, not the object, is wrong. */
static bool matches(const char *pattern, const json_t *text)
{
	int code, rc;
	PCRE2_SIZE where;
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &code,
				       &where, NULL);
	if (!re)
		return true;
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(re, NULL);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(context, MATCH_STEPS_MAX);
	pcre2_set_depth_limit(context, MATCH_DEPTH_MAX);
	rc = pcre2_match(re, (PCRE2_SPTR)json_string_value(text), json_string_length(text), 0, 0, data, context);
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	pcre2_code_free(re);
	return rc != PCRE2_ERROR_NOMATCH;
}

static size_t characters(const json_t *text)
{
	const char *s = json_string_value(text);
	size_t n = 0;
	for (size_t i = 0; i < json_string_length(text); i++)
		n += ((unsigned char)s[i] & 0xC0) != 0x80;
	return n;
}

static bool listed(const json_t *list, const json_t *value)
{
	size_t i;
	const json_t *v;
	json_array_foreach(list, i, v)
		if (json_equal(v, value) || (json_is_number(v) && json_is_number(value) &&
					     fabs(json_number_value(v) - json_number_value(value)) <= 0))
			return true;
	return false;
}

static void check_enum(struct decoder *d, const json_t *list, const json_t *value)
{
	struct buf text;
	size_t i;
	const json_t *v;
	if (!json_is_array(list) || listed(list, value))
		return;
	buf_init(&text, 1 << 14);
	json_array_foreach(list, i, v)
	{
		if (i)
			buf_str(&text, ", ");
		(void)json_encode(v, JSON_ENCODE_COMPACT, &text);
	}
	fault_add(d->faults, d->path.ptr, FAULT_UNSUPPORTED, value, "supported values: %s", text.ptr ? text.ptr : "");
	buf_release(&text);
}

static void check_string(struct decoder *d, const json_t *rules, const json_t *value)
{
	const char *path = d->path.ptr, *pattern = json_string_value(json_object_get(rules, "pattern"));
	const char *format = json_string_value(json_object_get(rules, "format"));
	const json_t *least = json_object_get(rules, "minLength"), *most = json_object_get(rules, "maxLength");
	int64_t ns;
	if (json_is_integer(most) && (json_int_t)characters(value) > json_integer_value(most))
		fault_add(d->faults, path, FAULT_TOO_LONG, NULL, "may not be more than %lld bytes",
			  (long long)json_integer_value(most));
	if (json_is_integer(least) && (json_int_t)characters(value) < json_integer_value(least))
		fault_add(d->faults, path, FAULT_INVALID, value, "%s in body should be at least %lld chars long", path,
			  (long long)json_integer_value(least));
	if (pattern && !matches(pattern, value))
		fault_add(d->faults, path, FAULT_INVALID, value, "%s in body should match '%s'", path, pattern);
	if (format && strcmp(format, "date-time") == 0 &&
	    !time_parse_rfc3339(slice_of(json_string_value(value), json_string_length(value)), &ns))
		fault_add(d->faults, path, FAULT_INVALID, value, "%s in body must be of type %s: \"%s\"", path, format,
			  json_string_value(value));
}

static void check_bound(struct decoder *d, const json_t *rules, const json_t *value, bool upper)
{
	const json_t *bound = json_object_get(rules, upper ? "maximum" : "minimum");
	bool exclusive = json_is_true(json_object_get(rules, upper ? "exclusiveMaximum" : "exclusiveMinimum"));
	double v = json_number_value(value), b = json_number_value(bound);
	struct buf shown;
	if (!json_is_number(bound) || (upper ? (exclusive ? v < b : v <= b) : (exclusive ? v > b : v >= b)))
		return;
	buf_init(&shown, 64);
	(void)json_encode(bound, JSON_ENCODE_COMPACT, &shown);
	fault_add(d->faults, d->path.ptr, FAULT_INVALID, value, "%s in body should be %s than%s %s", d->path.ptr,
		  upper ? "less" : "greater", exclusive ? "" : " or equal to", shown.ptr);
	buf_release(&shown);
}

static void check_number(struct decoder *d, const json_t *rules, const json_t *value)
{
	const json_t *multiple = json_object_get(rules, "multipleOf");
	check_bound(d, rules, value, true);
	check_bound(d, rules, value, false);
	if (json_is_number(multiple) && json_number_value(multiple) > 0) {
		double q = json_number_value(value) / json_number_value(multiple);
		if (fabs(q - round(q)) > 1e-9)
			fault_add(d->faults, d->path.ptr, FAULT_INVALID, value, "%s in body should be a multiple of %g",
				  d->path.ptr, json_number_value(multiple));
	}
}

static void check_count(struct decoder *d, const json_t *rules, const json_t *value, const char *least_name,
			const char *most_name, const char *what)
{
	const json_t *least = json_object_get(rules, least_name), *most = json_object_get(rules, most_name);
	json_int_t n = (json_int_t)(json_is_array(value) ? json_array_size(value) : json_object_size(value));
	json_t *shown = json_integer(n);
	if (json_is_integer(most) && n > json_integer_value(most))
		fault_add(d->faults, d->path.ptr, FAULT_TOO_MANY, shown, "must have at most %lld %s",
			  (long long)json_integer_value(most), what);
	if (json_is_integer(least) && n < json_integer_value(least))
		fault_add(d->faults, d->path.ptr, FAULT_INVALID, shown, "%s in body should have at least %lld %s",
			  d->path.ptr, (long long)json_integer_value(least), what);
	json_decref(shown);
}

/* ---- schemas inside anyOf, oneOf, allOf and not: they hold or they don't ---- */

static bool of_type(const char *type, const json_t *v)
{
	if (strcmp(type, "string") == 0)
		return json_is_string(v);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(v);
	if (strcmp(type, "number") == 0)
		return json_is_number(v);
	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(v);
	if (strcmp(type, "array") == 0)
		return json_is_array(v);
	return json_is_object(v);
}

static void check(struct decoder *d, const json_t *rules, const json_t *value, int depth);

static size_t holding(struct decoder *d, const json_t *nodes, const json_t *value, int depth);

static bool holds(struct decoder *d, const json_t *node, const json_t *value, int depth)
{
	const json_t *properties = json_object_get(node, "properties"), *required = json_object_get(node, "required"), *v;
	const json_t *items = json_object_get(node, "items");
	const char *type = json_string_value(json_object_get(node, "type")), *key;
	struct fault_list own = { 0 }, *outer = d->faults;
	size_t i;
	bool ok;
	if (depth > COMBINE_DEPTH_MAX)
		return true;
	if (type && !of_type(type, value))
		return false;
	d->faults = &own;
	check(d, node, value, depth + 1);
	d->faults = outer;
	ok = fault_count(&own) == 0;
	fault_release(&own);
	json_array_foreach(required, i, v)
		ok = ok && (!json_is_object(value) || json_object_get(value, json_string_value(v)));
	if (json_is_object(value))
		json_object_foreach((json_t *)properties, key, v)
		{
			const json_t *member = json_object_get(value, key);
			ok = ok && (!member || holds(d, v, member, depth + 1));
		}
	if (json_is_object(items))
		json_array_foreach(value, i, v)
			ok = ok && holds(d, items, v, depth + 1);
	return ok;
}

static size_t holding(struct decoder *d, const json_t *nodes, const json_t *value, int depth)
{
	size_t n = 0, i;
	const json_t *node;
	json_array_foreach(nodes, i, node)
		n += holds(d, node, value, depth);
	return n;
}

static void check_combined(struct decoder *d, const json_t *rules, const json_t *value, int depth)
{
	const json_t *any = json_object_get(rules, "anyOf"), *one = json_object_get(rules, "oneOf"),
		     *all = json_object_get(rules, "allOf"), *not = json_object_get(rules, "not");
	const char *path = d->path.ptr;
	size_t n;
	if (json_array_size(any) && holding(d, any, value, depth) == 0)
		fault_add(d->faults, path, FAULT_INVALID, NULL, "\"%s\" must validate at least one schema (anyOf)", path);
	if (json_array_size(one) && (n = holding(d, one, value, depth)) != 1)
		fault_add(d->faults, path, FAULT_INVALID, NULL,
			  "\"%s\" must validate one and only one schema (oneOf). Found %s", path,
			  n ? "more than one valid" : "none valid");
	if (json_array_size(all) && holding(d, all, value, depth) != json_array_size(all))
		fault_add(d->faults, path, FAULT_INVALID, NULL, "\"%s\" must validate all the schemas (allOf)", path);
	if (json_is_object(not) && holds(d, not, value, depth))
		fault_add(d->faults, path, FAULT_INVALID, NULL, "\"%s\" must not validate the schema (not)", path);
}

static void check(struct decoder *d, const json_t *rules, const json_t *value, int depth)
{
	check_enum(d, json_object_get(rules, "enum"), value);
	if (json_is_string(value))
		check_string(d, rules, value);
	else if (json_is_number(value))
		check_number(d, rules, value);
	else if (json_is_array(value))
		check_count(d, rules, value, "minItems", "maxItems", "items");
	else if (json_is_object(value))
		check_count(d, rules, value, "minProperties", "maxProperties", "properties");
	check_combined(d, rules, value, depth);
}

void decode_rules_check(struct decoder *d, const json_t *rules, const json_t *value)
{
	check(d, rules, value, 0);
}
