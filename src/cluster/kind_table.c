/*
 * Tables of `kubectl get` (meta.k8s.io/v1): column definitions and the cells of one object. Built-in kinds compute cells
 * by functions, which show <none>; paths show null where there is nothing, as the API server does for custom resources.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/jsonpath.h"
#include "cluster/kind.h"
#include "codec/json.h"
#include "codec/time.h"

enum { CELL_BYTES_MAX = 64 << 10 };

/* Kinds without columns of their own. */
static const struct kind_column plain_columns[] = {
	{ .name = "Name",
	  .type = "string",
	  .format = "name",
	  .doc = "Name must be unique within a namespace.",
	  .path = ".metadata.name" },
	{ .name = "Age",
	  .type = "date",
	  .format = "",
	  .doc = "Time since the object was created.",
	  .path = ".metadata.creationTimestamp" },
};

static const struct kind_column *columns_of(const struct kind *k, size_t *n)
{
	*n = k->columns_n ? k->columns_n : sizeof plain_columns / sizeof *plain_columns;
	return k->columns_n ? k->columns : plain_columns;
}

json_t *kind_table_columns(const struct kind *k)
{
	size_t n;
	const struct kind_column *c = columns_of(k, &n);
	json_t *out = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, json_pack("{s:s,s:s,s:s,s:s,s:i}", "name", c[i].name, "type", c[i].type, "format",
						     c[i].format ? c[i].format : "", "description", c[i].doc ? c[i].doc : "",
						     "priority", c[i].priority));
	return out;
}

void kind_age_text(int64_t from_ns, int64_t now_ns, char *out, size_t n)
{
	int64_t s = (now_ns - from_ns) / 1000000000, minutes = s / 60, hours = s / 3600, days = hours / 24;
	if (s < -1)
		snprintf(out, n, "<invalid>");
	else if (s <= 0)
		snprintf(out, n, "0s");
	else if (s < 120)
		snprintf(out, n, "%llds", (long long)s);
	else if (minutes < 10)
		s % 60 ? snprintf(out, n, "%lldm%llds", (long long)minutes, (long long)(s % 60))
		       : snprintf(out, n, "%lldm", (long long)minutes);
	else if (minutes < 180)
		snprintf(out, n, "%lldm", (long long)minutes);
	else if (hours < 8)
		minutes % 60 ? snprintf(out, n, "%lldh%lldm", (long long)hours, (long long)(minutes % 60))
			     : snprintf(out, n, "%lldh", (long long)hours);
	else if (hours < 48)
		snprintf(out, n, "%lldh", (long long)hours);
	else if (hours < 192)
		hours % 24 ? snprintf(out, n, "%lldd%lldh", (long long)days, (long long)(hours % 24))
			   : snprintf(out, n, "%lldd", (long long)days);
	else if (hours < 24 * 365 * 2)
		snprintf(out, n, "%lldd", (long long)days);
	else if (hours < 24 * 365 * 8)
		days % 365 ? snprintf(out, n, "%lldy%lldd", (long long)(days / 365), (long long)(days % 365))
			   : snprintf(out, n, "%lldy", (long long)(days / 365));
	else
		snprintf(out, n, "%lldy", (long long)(days / 365));
}

static json_t *date_cell(const json_t *v, int64_t now_ns)
{
	int64_t at;
	char text[64];
	if (!json_is_string(v) || !time_parse_rfc3339(slice_str(json_string_value(v)), &at))
		return json_is_string(v) ? json_string("<invalid>") : json_null();
	kind_age_text(at, now_ns, text, sizeof text);
	return json_string(text);
}

static json_t *string_cell(const json_t *v)
{
	struct buf b;
	if (json_is_string(v))
		return json_incref((json_t *)v);
	buf_init(&b, CELL_BYTES_MAX);
	int rc = json_encode(v, JSON_ENCODE_SORTED, &b);
	json_t *out = rc == 0 ? json_stringn(b.ptr, b.len) : json_null();
	buf_release(&b);
	return out;
}

static json_t *path_cell(const struct kind_column *c, const json_t *object, int64_t now_ns)
{
	const json_t *v = jsonpath_first(object, c->path);
	if (!v || json_is_null(v))
		return json_null();
	if (!strcmp(c->type, "date"))
		return date_cell(v, now_ns);
	if (!strcmp(c->type, "integer")) {
		double real = json_number_value(v);
		if (json_is_integer(v))
			return json_incref((json_t *)v);
		return json_is_real(v) && fabs(real) < 9e15 ? json_integer((json_int_t)real) : json_null();
	}
	if (!strcmp(c->type, "number"))
		return json_is_number(v) ? json_incref((json_t *)v) : json_null();
	if (!strcmp(c->type, "boolean"))
		return json_is_boolean(v) ? json_incref((json_t *)v) : json_null();
	return string_cell(v);
}

json_t *kind_table_cells(const struct kind *k, const json_t *object, int64_t now_ns)
{
	size_t n;
	const struct kind_column *c = columns_of(k, &n);
	json_t *out = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *cell = c[i].cell ? c[i].cell(object, now_ns) : c[i].path ? path_cell(&c[i], object, now_ns) : NULL;
		json_array_append_new(out, cell ? cell : json_string("<none>"));
	}
	return out;
}
