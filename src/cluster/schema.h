/*
 * What an object's fields are: one tree of types serves decoding checks (wrong type, unknown field), strategic merge
 * keys, ownership by server-side apply, and kubectl explain / OpenAPI. Built-in kinds write it as tables (control/kinds);
 * a CustomResourceDefinition's openAPIV3Schema is turned into the same structs (schema_from_openapi).
 *
 * A table knows every field name of its type, so that a typing mistake is noticed; `doc` is there for the fields that
 * Coracle itself reads.
 */
#ifndef CORACLE_CLUSTER_SCHEMA_H
#define CORACLE_CLUSTER_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum field_type {
	FIELD_ANY = 0,	     /* any JSON, kept as it is */
	FIELD_STRING,
	FIELD_INTEGER,	     /* int64 */
	FIELD_INTEGER32,
	FIELD_NUMBER,
	FIELD_BOOLEAN,
	FIELD_INT_OR_STRING, /* a port or a percentage */
	FIELD_QUANTITY,	     /* "500m", "2Gi", 3: string or number, kept as written but for numbers, which become strings */
	FIELD_TIME,	     /* RFC 3339 to the second */
	FIELD_MICROTIME,
	FIELD_BYTES,	     /* base64 text */
	FIELD_OBJECT,	     /* `of` */
	FIELD_MAP,	     /* string keys to `item` (or item_type and of) */
	FIELD_LIST,	     /* of `item` (or item_type and of) */
};

enum list_kind {
	LIST_ATOMIC = 0, /* replaced and owned as a whole */
	LIST_SET,	 /* scalars, each owned */
	LIST_MAP,	 /* objects told apart by `keys` */
};

struct schema_type;

struct schema_field {
	const char *name;
	enum field_type type;
	enum field_type item_type;	/* of LIST and MAP, when `item` is NULL */
	const struct schema_type *of;	/* of OBJECT, or of the items when item_type is OBJECT */
	const struct schema_field *item;
	enum list_kind list;
	const char *keys;	/* LIST_MAP: "containerPort,protocol" */
	const char *merge_key;	/* strategic merge patch: items are merged by this field; NULL: the list is replaced.
				 * "" with LIST_SET: values are merged */
	bool required;
	bool atomic;		/* MAP and OBJECT: owned as a whole by server-side apply */
	const char *key_default; /* of a field that is a key of a LIST_MAP: the value it has when it is not written */
	const char *doc;	/* one sentence of our own, or NULL */
	/* of built-in types, for protobuf and for the form that Go's encoder gives: control/kinds/types.h */
	unsigned short number;	/* protobuf field number; 0: none */
	unsigned short inside;	/* number of the message it lies in, which JSON does not show; 0: none */
	bool keep;		/* a zero that was written stays; otherwise "", 0, false, [] and {} are dropped */
	bool show;		/* always written: "", 0, {} or null when there is nothing; with `keep` (a pointer) null */
	const json_t *rules;	/* of a CRD: the OpenAPI node with enum, pattern, default…; NULL for tables */
};

struct schema_type {
	const char *name; /* as OpenAPI names it: "io.k8s.api.core.v1.PodSpec"; NULL for anonymous ones of a CRD */
	const char *doc;
	const struct schema_field *fields;
	size_t fields_n;
	bool atomic;		/* owned as a whole wherever it stands */
	bool open;		/* unknown fields are kept and nothing is said (x-kubernetes-preserve-unknown-fields) */
	const char *const *strategy_retain; /* NULL, or names of union fields (strategic merge retainKeys); NULL-terminated */
};

/* The field called `name`, or NULL. */
const struct schema_field *schema_field(const struct schema_type *t, const char *name);
/* The items of a LIST or MAP field as a field without name. `scratch` is used when the table has the short form. */
const struct schema_field *schema_item(const struct schema_field *f, struct schema_field *scratch);
/* "string", "integer", "boolean", "number", "object", "array": the OpenAPI type; NULL for ANY and INT_OR_STRING. */
const char *schema_type_name(enum field_type t);

/* A CRD version's openAPIV3Schema as a type; strings and structs from `arena`, `schema` is borrowed and must outlive it. */
const struct schema_type *schema_from_openapi(struct arena *arena, const json_t *schema, struct err *err);

#endif
