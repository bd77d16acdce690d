/* `coracle get` and `coracle describe`: the server's own tables, or the objects themselves. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/apiclient.h"
#include "codec/json.h"
#include "codec/yaml.h"

static const char accept_table[] = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

enum { COLUMNS_MAX = 64, CELL_BYTES_MAX = 512 };

static const char *cell_text(const json_t *cell, char *room)
{
	if (json_is_string(cell))
		return *json_string_value(cell) ? json_string_value(cell) : "";
	if (json_is_integer(cell))
		(void)snprintf(room, CELL_BYTES_MAX, "%lld", (long long)json_integer_value(cell));
	else if (json_is_boolean(cell))
		return json_is_true(cell) ? "true" : "false";
	else
		return "";
	return room;
}

static size_t cell_width(const char *text)
{
	size_t n = 0; /* of characters, not bytes */
	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static const json_t *row_namespace(const json_t *row)
{
	return json_object_get(json_object_get(json_object_get(row, "object"), "metadata"), "namespace");
}

static void print_row(const char *const *cells, const size_t *widths, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t pad = i + 1 < n ? widths[i] - cell_width(cells[i]) + 3 : 0;
		printf("%s%*s", cells[i], (int)pad, "");
	}
	printf("\n");
}

/* One pass to measure, one to print. */
static void print_table(const json_t *table, bool wide, bool with_namespace)
{
	const json_t *columns = json_object_get(table, "columnDefinitions"), *rows = json_object_get(table, "rows");
	const char *cells[COLUMNS_MAX];
	char room[COLUMNS_MAX][CELL_BYTES_MAX], heads[COLUMNS_MAX][CELL_BYTES_MAX];
	size_t widths[COLUMNS_MAX] = {0}, n = 0, which[COLUMNS_MAX], i;
	json_t *column, *row;
	if (with_namespace) {
		which[n] = SIZE_MAX;
		(void)snprintf(heads[n++], CELL_BYTES_MAX, "NAMESPACE");
	}
	json_array_foreach(columns, i, column)
	{
		const char *name = json_string_value(json_object_get(column, "name"));
		if ((json_integer_value(json_object_get(column, "priority")) > 0 && !wide) || n == COLUMNS_MAX || !name)
			continue;
		which[n] = i;
		(void)snprintf(heads[n], CELL_BYTES_MAX, "%s", name);
		for (char *p = heads[n]; *p; p++)
			*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
		n++;
	}
	for (int pass = 0; pass < 2; pass++) {
		for (size_t k = 0; k < n; k++) {
			cells[k] = heads[k];
			widths[k] = cell_width(heads[k]) > widths[k] ? cell_width(heads[k]) : widths[k];
		}
		if (pass == 1)
			print_row(cells, widths, n);
		json_array_foreach(rows, i, row)
		{
			for (size_t k = 0; k < n; k++) {
				const json_t *all = json_object_get(row, "cells");
				const json_t *cell =
				    which[k] == SIZE_MAX ? row_namespace(row) : json_array_get(all, which[k]);
				cells[k] = cell_text(cell, room[k]);
				widths[k] = cell_width(cells[k]) > widths[k] ? cell_width(cells[k]) : widths[k];
			}
			if (pass == 1)
				print_row(cells, widths, n);
		}
	}
}

static int print_document(const json_t *object, const char *output)
{
	struct buf b;
	buf_init(&b, ANSWER_BYTES_MAX);
	int rc = 0;
	if (strcmp(output, "json") == 0)
		rc = json_encode(object, JSON_ENCODE_INDENT, &b);
	else
		yaml_encode(object, &b);
	if (rc == 0)
		printf("%.*s%s", (int)b.len, (const char *)b.ptr, b.len && b.ptr[b.len - 1] == '\n' ? "" : "\n");
	buf_release(&b);
	return rc;
}

static void print_names(struct apiclient *c, const json_t *answer, const struct api_kind *k)
{
	const json_t *items = json_object_get(answer, "items");
	size_t n = items ? json_array_size(items) : 1;
	for (size_t i = 0; i < n; i++) {
		const json_t *object = items ? json_array_get(items, i) : answer;
		printf("%s/%s\n", apiclient_label(c, k),
		       json_string_value(json_object_get(json_object_get(object, "metadata"), "name")));
	}
}

static int get(struct apiclient *c, const struct options *o, struct err *err)
{
	struct api_kind kind;
	const char *name, *output = options_get(o, "output", "table");
	bool table = strcmp(output, "table") == 0 || strcmp(output, "wide") == 0;
	json_t *answer;
	if (apiclient_target(c, o, &kind, &name, err) < 0)
		return -1;
	const char *ns = options_has(o, "all-namespaces") ? NULL : options_get(o, "namespace", "default");
	const char *path = apiclient_path(c, &kind, ns, name), *selector = options_get(o, "selector", NULL);
	if (selector)
		path = arena_printf(&c->arena, "%s?labelSelector=%s", path, apiclient_encoded(c, selector));
	if (apiclient_json(c, &(struct api_request){.path = path, .accept = table ? accept_table : NULL}, &answer,
			   err) < 0)
		return -1;
	int rc = 0;
	if (strcmp(output, "name") == 0)
		print_names(c, answer, &kind);
	else if (!table)
		rc = print_document(answer, output);
	else if (json_array_size(json_object_get(answer, "rows")) == 0)
		fprintf(stderr, "No resources found%s%s%s.\n", kind.namespaced && ns ? " in " : "",
			kind.namespaced && ns ? ns : "", kind.namespaced && ns ? " namespace" : "");
	else
		print_table(answer, strcmp(output, "wide") == 0, kind.namespaced && !ns);
	json_decref(answer);
	return rc;
}

int command_get(const struct options *o)
{
	static const char *const outputs[] = {"table", "wide", "json", "yaml", "name"};
	struct apiclient c;
	struct err err = {0};
	const char *output = options_get(o, "output", "table");
	bool known = false;
	for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
		known |= strcmp(output, outputs[i]) == 0;
	if (!known)
		return usage("get", "--output is table, wide, json, yaml or name");
	int code = apiclient_open(&c, "get", o);
	if (code != EXIT_OK)
		return code;
	if (get(&c, o, &err) < 0)
		code = fail("get", &err);
	apiclient_close(&c);
	return code;
}

/* The object without managedFields, then its Events. */
static int describe(struct apiclient *c, const struct options *o, struct err *err)
{
	struct api_kind kind, events;
	const char *name, *ns = options_get(o, "namespace", "default");
	json_t *object, *table;
	if (apiclient_target(c, o, &kind, &name, err) < 0)
		return -1;
	if (!name)
		return err_set(err, ERR_INVALID, "name what to describe: coracle describe KIND NAME");
	if (apiclient_json(c, &(struct api_request){.path = apiclient_path(c, &kind, ns, name)}, &object, err) < 0)
		return -1;
	json_object_del(json_object_get(object, "metadata"), "managedFields");
	int rc = print_document(object, "yaml");
	const char *uid = json_string_value(json_object_get(json_object_get(object, "metadata"), "uid"));
	if (rc == 0)
		rc = apiclient_kind(c, "events", &events, err);
	if (rc == 0) {
		const char *path =
		    arena_printf(&c->arena, "%s?fieldSelector=involvedObject.uid%%3D%s",
				 apiclient_path(c, &events, kind.namespaced ? ns : "default", NULL), uid ? uid : "");
		rc = apiclient_json(c, &(struct api_request){.path = path, .accept = accept_table}, &table, err);
	}
	if (rc == 0) {
		printf("events:%s\n", json_array_size(json_object_get(table, "rows")) ? "" : " []");
		if (json_array_size(json_object_get(table, "rows")))
			print_table(table, false, false);
		json_decref(table);
	}
	json_decref(object);
	return rc;
}

int command_describe(const struct options *o)
{
	struct apiclient c;
	struct err err = {0};
	int code = apiclient_open(&c, "describe", o);
	if (code != EXIT_OK)
		return code;
	if (describe(&c, o, &err) < 0)
		code = fail("describe", &err);
	apiclient_close(&c);
	return code;
}
